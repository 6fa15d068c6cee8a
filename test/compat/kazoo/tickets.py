"""kazoo authenticates by Kerberos. Arguments: host:port, and the identity that the server should see. The tickets are the environment's.
"""

import sys

from kazoo.client import KazooClient
from kazoo.security import make_acl

hosts, identity = sys.argv[1:]
options = {"mechanism": "GSSAPI", "service": "zookeeper"}
zk = KazooClient(hosts=hosts, timeout=10, sasl_options=options)
zk.start(timeout=20)
zk.create("/kazoo", b"1", acl=[make_acl("sasl", identity, all=True)])
assert zk.get("/kazoo")[0] == b"1"
print("own")
zk.stop()
