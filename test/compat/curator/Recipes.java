// Curator against one server: locks, leaders, caches, transactions. Argument: host:port.
// Each step prints its name when it has held; the first that does not ends the program.

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.transaction.CuratorOp;
import org.apache.curator.framework.api.transaction.CuratorTransactionResult;
import org.apache.curator.framework.recipes.atomic.DistributedAtomicLong;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.recipes.locks.InterProcessReadWriteLock;
import org.apache.curator.framework.recipes.nodes.PersistentNode;
import org.apache.curator.framework.recipes.watch.PersistentWatcher;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;

public final class Recipes {
  private static final long WAIT_S = 20;
  private static String servers;

  private static CuratorFramework client() throws Exception {
    CuratorFramework client =
        CuratorFrameworkFactory.newClient(servers, 10_000, 10_000, new RetryOneTime(100));
    client.start();
    hold(client.blockUntilConnected((int) WAIT_S, TimeUnit.SECONDS), "no connection");
    return client;
  }

  private static void hold(boolean condition, String otherwise) {
    if (!condition) throw new AssertionError(otherwise);
  }

  private static void nodes() throws Exception {
    try (CuratorFramework client = client()) {
      client.create().creatingParentContainersIfNeeded().forPath("/a/b/c", "x".getBytes());
      hold(client.checkExists().forPath("/a/b").getCversion() == 1, "cversion");
      client.create().withMode(CreateMode.EPHEMERAL_SEQUENTIAL).forPath("/a/b/e-");
      hold(client.getChildren().forPath("/a/b").size() == 2, "children");
      hold(client.setData().withVersion(0).forPath("/a/b/c", "y".getBytes()).getVersion() == 1, "");
      String safe = client.create().withProtection().forPath("/a/b/p");
      hold(safe.startsWith("/a/b/_c_"), safe);
      client.create().withTtl(60_000).withMode(CreateMode.PERSISTENT_WITH_TTL).forPath("/a/ttl");
      client.delete().deletingChildrenIfNeeded().forPath("/a");
    }
  }

  private static void mutex() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger turns = new AtomicInteger();
    List<Future<?>> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      all.add(
          pool.submit(
              () -> {
                try (CuratorFramework client = client()) {
                  InterProcessMutex mutex = new InterProcessMutex(client, "/mutex");
                  for (int turn = 0; turn < 10; turn++) {
                    hold(mutex.acquire(WAIT_S, TimeUnit.SECONDS), "not acquired");
                    hold(inside.incrementAndGet() == 1, "two inside");
                    turns.incrementAndGet();
                    inside.decrementAndGet();
                    mutex.release();
                  }
                }
                return null;
              }));
    }
    for (Future<?> one : all) one.get();
    pool.shutdown();
    hold(turns.get() == 40, "turns");
    try (CuratorFramework client = client()) {
      InterProcessReadWriteLock lock = new InterProcessReadWriteLock(client, "/rw");
      lock.readLock().acquire();
      lock.readLock().release();
      lock.writeLock().acquire();
      lock.writeLock().release();
      DistributedAtomicLong number =
          new DistributedAtomicLong(client, "/number", new RetryOneTime(10));
      for (int i = 0; i < 5; i++) hold(number.increment().succeeded(), "increment");
      hold(number.get().postValue() == 5, "number");
    }
  }

  private static void latch() throws Exception {
    try (CuratorFramework one = client();
        CuratorFramework two = client()) {
      LeaderLatch first = new LeaderLatch(one, "/latch", "first");
      LeaderLatch second = new LeaderLatch(two, "/latch", "second");
      first.start();
      hold(first.await(WAIT_S, TimeUnit.SECONDS), "first does not lead");
      second.start();
      hold(!second.await(200, TimeUnit.MILLISECONDS), "both lead");
      first.close();
      hold(second.await(WAIT_S, TimeUnit.SECONDS), "second does not lead");
      hold(second.getLeader().getId().equals("second"), "leader");
      second.close();
    }
  }

  private static void persistentWatcher() throws Exception {
    try (CuratorFramework one = client();
        CuratorFramework two = client();
        PersistentWatcher watcher = new PersistentWatcher(one, "/watched", true)) {
      LinkedBlockingQueue<String> events = new LinkedBlockingQueue<>();
      CountDownLatch set = new CountDownLatch(1);
      watcher.getResetListenable().addListener(set::countDown);
      watcher.getListenable().addListener(e -> events.add(e.getType() + " " + e.getPath()));
      watcher.start();
      hold(set.await(WAIT_S, TimeUnit.SECONDS), "no watch");
      two.create().forPath("/watched");
      two.create().forPath("/watched/x");
      two.setData().forPath("/watched/x", "1".getBytes());
      two.delete().forPath("/watched/x");
      String[] wanted = {
        "NodeCreated /watched",
        "NodeCreated /watched/x",
        "NodeDataChanged /watched/x",
        "NodeDeleted /watched/x"
      };
      for (String event : wanted) {
        String got = events.poll(WAIT_S, TimeUnit.SECONDS);
        hold(event.equals(got), "wanted " + event + ", got " + got);
      }
    }
  }

  private static void cache() throws Exception {
    try (CuratorFramework one = client();
        CuratorFramework two = client()) {
      for (int i = 0; i < 20; i++) {
        two.create().creatingParentsIfNeeded().forPath("/cache/" + i, "old".getBytes());
      }
      CuratorCache cache = CuratorCache.build(one, "/cache");
      CountDownLatch changed = new CountDownLatch(20);
      CountDownLatch deleted = new CountDownLatch(20);
      List<String> wrong = Collections.synchronizedList(new ArrayList<>());
      cache
          .listenable()
          .addListener(
              (type, before, after) -> {
                if (type == org.apache.curator.framework.recipes.cache.CuratorCacheListener.Type
                    .NODE_DELETED) deleted.countDown();
                else if (after != null && new String(after.getData()).equals("new"))
                  changed.countDown();
              });
      cache.start();
      for (int i = 0; i < 20; i++) two.setData().forPath("/cache/" + i, "new".getBytes());
      hold(changed.await(WAIT_S, TimeUnit.SECONDS), "changes missing: " + changed.getCount());
      for (int i = 0; i < 20; i++) two.delete().forPath("/cache/" + i);
      hold(deleted.await(WAIT_S, TimeUnit.SECONDS), "deletions missing: " + deleted.getCount());
      hold(wrong.isEmpty(), wrong.toString());
      cache.close();
    }
  }

  private static void transactions() throws Exception {
    try (CuratorFramework client = client()) {
      client.create().forPath("/tx");
      CuratorOp create = client.transactionOp().create().forPath("/tx/a", "1".getBytes());
      CuratorOp set = client.transactionOp().setData().forPath("/tx", "2".getBytes());
      CuratorOp check = client.transactionOp().check().withVersion(1).forPath("/tx");
      CuratorOp delete = client.transactionOp().delete().forPath("/tx/a");
      List<CuratorTransactionResult> results =
          client.transaction().forOperations(create, set, check, delete);
      hold(results.size() == 4 && results.get(1).getResultStat().getVersion() == 1, "results");
      try {
        client.transaction().forOperations(create, check, delete, delete);
        hold(false, "a wrong transaction went through");
      } catch (KeeperException.NoNodeException expected) {
        hold(client.checkExists().forPath("/tx/a") == null, "half a transaction");
      }
    }
  }

  private static void persistentNode() throws Exception {
    try (CuratorFramework client = client();
        CuratorFramework other = client();
        PersistentNode node =
            new PersistentNode(client, CreateMode.EPHEMERAL, false, "/pn", "x".getBytes())) {
      node.start();
      hold(node.waitForInitialCreate(WAIT_S, TimeUnit.SECONDS), "not created");
      CountDownLatch again = new CountDownLatch(1);
      node.getListenable().addListener(path -> again.countDown());
      other.delete().forPath("/pn");
      hold(again.await(WAIT_S, TimeUnit.SECONDS), "not created again");
      hold(other.checkExists().forPath("/pn").getEphemeralOwner() != 0, "owner");
    }
  }

  private interface Step {
    void run() throws Exception;
  }

  private static void step(String name, Step step) throws Exception {
    step.run();
    System.out.println(name);
  }

  public static void main(String[] args) throws Exception {
    servers = args[0];
    step("nodes", Recipes::nodes);
    step("mutex", Recipes::mutex);
    step("latch", Recipes::latch);
    step("persistentWatcher", Recipes::persistentWatcher);
    step("cache", Recipes::cache);
    step("transactions", Recipes::transactions);
    step("persistentNode", Recipes::persistentNode);
    System.exit(0);
  }
}
