// ZooKeeper's audit events, one a line, into the file that the property audit.file names.

import java.io.FileWriter;
import java.io.IOException;
import org.apache.zookeeper.audit.AuditEvent;
import org.apache.zookeeper.audit.AuditLogger;

public class AuditToFile implements AuditLogger {
    @Override
    public void logAuditEvent(AuditEvent event) {
        try (FileWriter file = new FileWriter(System.getProperty("audit.file"), true)) {
            file.write(event + "\n");
        } catch (IOException e) {
            throw new RuntimeException(e);
        }
    }
}
