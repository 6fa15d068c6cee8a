"""kazoo authenticates by SASL. Arguments: host:port, user, password, and
with-a-stranger, who has no user, or alone: kazoo 2.8 ends at the error that keeps strangers out.

Each step prints its name when it has held.
"""

import sys

from kazoo.client import KazooClient
from kazoo.exceptions import NoAuthError
from kazoo.security import make_acl

hosts, user, password, who = sys.argv[1:]
options = {"mechanism": "DIGEST-MD5", "username": user, "password": password}
zk = KazooClient(hosts=hosts, timeout=10, sasl_options=options)
zk.start(timeout=20)
zk.create("/" + user, b"1", acl=[make_acl("sasl", user, all=True)])
assert zk.get("/" + user)[0] == b"1"
print("own")

if who == "with-a-stranger":
    stranger = KazooClient(hosts=hosts, timeout=10)
    stranger.start(timeout=20)
    try:
        stranger.get("/" + user)
        raise AssertionError("a stranger has read it")
    except NoAuthError:
        print("kept-out")
    stranger.stop()
zk.stop()
