// For each certificate in the files named: the subject as ZooKeeper's x509 scheme has it, and the
// alternative names that are texts, a line each.

import java.io.FileInputStream;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;

public class Subjects {
    public static void main(String[] files) throws Exception {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        for (String file : files) {
            try (FileInputStream in = new FileInputStream(file)) {
                X509Certificate certificate = (X509Certificate) factory.generateCertificate(in);
                System.out.println(certificate.getSubjectX500Principal().getName());
                Collection<List<?>> names = certificate.getSubjectAlternativeNames();
                if (names == null) continue;
                for (List<?> name : names) {
                    if (name.get(1) instanceof String) System.out.println(name.get(0) + " " + name.get(1));
                }
            }
        }
    }
}
