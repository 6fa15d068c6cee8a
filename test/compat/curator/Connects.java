// Curator gets one answer, however long that takes, and says so. Arguments: host:port.

import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryForever;

public final class Connects {
  public static void main(String[] args) throws Exception {
    CuratorFramework client =
        CuratorFrameworkFactory.newClient(args[0], 10_000, 10_000, new RetryForever(200));
    client.start();
    if (!client.blockUntilConnected(60, TimeUnit.SECONDS)) throw new AssertionError("no connection");
    System.out.println("children " + client.getChildren().forPath("/"));
    client.close();
  }
}
