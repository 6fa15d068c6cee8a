"""kazoo gets one answer, however long that takes, and says so. Arguments: host:port; by TLS, also a
file with the certificate of the CA; and one with ours and its key, if we have one.
"""

import sys

from kazoo.client import KazooClient

host, *tls = sys.argv[1:]
options = dict(use_ssl=True, ca=tls[0]) if tls else {}
if len(tls) > 1:
    options.update(certfile=tls[1], keyfile=tls[1])
zk = KazooClient(hosts=host, timeout=10, **options)
zk.start(timeout=60)
print("children", zk.get_children("/"))
zk.stop()
