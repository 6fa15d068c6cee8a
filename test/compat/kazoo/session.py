"""kazoo against one server: everything a program would do with it. Arguments: host:port;
by TLS, also files with the certificate of the CA, and with our certificate and key.

Each step prints its name when it has held; the first that does not ends the program.
"""

import sys
import threading

from kazoo.client import KazooClient
from kazoo.exceptions import (
    BadVersionError,
    NoAuthError,
    NodeExistsError,
    NoNodeError,
    NotEmptyError,
)
from kazoo.protocol.states import EventType, KazooState
from kazoo.security import make_acl, make_digest_acl

HOSTS = sys.argv[1]
TLS = (
    dict(use_ssl=True, ca=sys.argv[2], certfile=sys.argv[3], keyfile=sys.argv[3])
    if len(sys.argv) > 2
    else {}
)
WAIT = 20


def client(**options):
    zk = KazooClient(hosts=HOSTS, timeout=10, **TLS, **options)
    zk.start(timeout=WAIT)
    return zk


def done(zk):
    zk.stop()
    zk.close()


def raises(error, call, *args, **options):
    try:
        call(*args, **options)
    except error:
        return
    raise AssertionError("%s expected of %r" % (error.__name__, args))


def nodes():
    zk = client()
    assert zk.create("/n", b"one") == "/n"
    raises(NodeExistsError, zk.create, "/n", b"")
    raises(NoNodeError, zk.create, "/none/x", b"")
    data, stat = zk.get("/n")
    assert (data, stat.version, stat.numChildren) == (b"one", 0, 0)
    assert zk.set("/n", b"two").version == 1
    raises(BadVersionError, zk.set, "/n", b"", version=7)
    zk.create("/n/a/b/c", b"deep", makepath=True)
    raises(NotEmptyError, zk.delete, "/n/a")
    path, stat = zk.create("/n/s-", b"", sequence=True, include_data=True)
    assert path == "/n/s-0000000001" and stat.dataLength == 0
    assert zk.create("/n/e-", ephemeral=True, sequence=True) == "/n/e-0000000002"
    assert sorted(zk.get_children("/n")) == ["a", "e-0000000002", "s-0000000001"]
    children, stat = zk.get_children("/n", include_data=True)
    assert len(children) == stat.numChildren == 3 and stat.cversion == 3
    assert zk.exists("/none") is None and zk.exists("/n").version == 1
    assert zk.sync("/n") == "/n"
    big = b"x" * 1000000
    zk.set("/n", big)
    assert zk.get("/n")[0] == big
    zk.create("/n/ünïcode", "häßlich".encode())
    assert zk.get("/n/ünïcode")[0].decode() == "häßlich"
    zk.delete("/n", recursive=True)
    assert zk.exists("/n") is None
    done(zk)


def watches():
    zk, other = client(), client()
    seen, told = [], threading.Event()

    def watch(event):
        seen.append((event.type, event.path))
        told.set()

    def expect(*event):
        assert told.wait(WAIT), "no event"
        assert seen == [event], seen
        seen.clear()
        told.clear()

    zk.exists("/w", watch=watch)
    other.create("/w", b"")
    expect(EventType.CREATED, "/w")
    zk.get("/w", watch=watch)
    other.set("/w", b"x")
    expect(EventType.CHANGED, "/w")
    zk.get_children("/w", watch=watch)
    other.create("/w/c")
    expect(EventType.CHILD, "/w")
    other.delete("/w/c")
    zk.get("/w", watch=watch)
    other.delete("/w")
    expect(EventType.DELETED, "/w")

    values, full = [], threading.Event()
    zk.create("/w", b"0")

    @zk.DataWatch("/w")
    def on_data(data, _stat):
        values.append(data)
        if data == b"9":
            full.set()

    for i in range(1, 10):
        other.set("/w", b"%d" % i)
    assert full.wait(WAIT), values
    lists, empty = [], threading.Event()

    @zk.ChildrenWatch("/w")
    def on_children(children):
        lists.append(sorted(children))
        if children == ["last"]:
            empty.set()

    other.create("/w/first")
    other.create("/w/last")
    other.delete("/w/first")
    assert empty.wait(WAIT), lists
    zk.delete("/w", recursive=True)
    done(zk)
    done(other)


def transactions():
    zk = client()
    zk.create("/t", b"")
    good = zk.transaction()
    good.check("/t", 0)
    good.create("/t/a", b"1")
    good.create("/t/s-", b"", sequence=True)
    good.set_data("/t", b"v")
    good.delete("/t/a")
    results = good.commit()
    assert results[1:3] == ["/t/a", "/t/s-0000000001"], results
    assert results[3].version == 1 and results[4] is True
    bad = zk.transaction()
    bad.create("/t/b")
    bad.delete("/t/none")
    bad.create("/t/c")
    results = bad.commit()
    names = [type(result).__name__ for result in results]
    assert names == ["RolledBackError", "NoNodeError", "RuntimeInconsistency"], names
    assert zk.exists("/t/b") is None
    zk.delete("/t", recursive=True)
    done(zk)


def access():
    owner = client(auth_data=[("digest", "owner:secret")])
    stranger = client()
    owner.create("/acl", b"x", acl=[make_digest_acl("owner", "secret", all=True)])
    raises(NoAuthError, stranger.get, "/acl")
    raises(NoAuthError, stranger.set, "/acl", b"")
    raises(NoAuthError, stranger.create, "/acl/x")
    stranger.add_auth("digest", "owner:secret")
    assert stranger.get("/acl")[0] == b"x"
    acls, stat = stranger.get_acls("/acl")
    assert acls[0].id.id.startswith("owner:") and stat.aversion == 0
    stranger.set_acls("/acl", [make_acl("world", "anyone", read=True)])
    raises(NoAuthError, owner.set, "/acl", b"")
    owner.delete("/acl")
    done(owner)
    done(stranger)


def recipes():
    first, second = client(), client()
    order, held, release = [], threading.Event(), threading.Event()

    def hold():
        with first.Lock("/lock", "first"):
            order.append("first")
            held.set()
            release.wait(WAIT)
            order.append("first done")

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(WAIT)
    lock = second.Lock("/lock", "second")
    assert lock.acquire(blocking=False) is False
    assert lock.contenders() == ["first"]
    release.set()
    with lock:
        order.append("second")
    thread.join(WAIT)
    assert order == ["first", "first done", "second"], order

    counter = first.Counter("/counter")
    both = [threading.Thread(target=add, args=(zk,)) for zk in (first, second)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(WAIT)
    assert counter.value == 20, counter.value

    led, elected = [], threading.Event()
    election = first.Election("/election", "first")
    election.run(lambda: (led.append("first"), elected.set()))
    second.Election("/election", "second").run(lambda: led.append("second"))
    assert elected.is_set() and led == ["first", "second"], led

    barrier = first.Barrier("/barrier")
    barrier.create()
    passed = []
    waiting = threading.Thread(target=lambda: passed.append(second.Barrier("/barrier").wait(WAIT)))
    waiting.start()
    barrier.remove()
    waiting.join(WAIT)
    assert passed == [True], passed

    double = [threading.Thread(target=meet, args=(zk, passed)) for zk in (first, second)]
    for thread in double:
        thread.start()
    for thread in double:
        thread.join(WAIT)
    assert passed == [True, "in", "in"], passed

    queue = first.LockingQueue("/queue")
    queue.put_all([b"a", b"b"])
    other = second.LockingQueue("/queue")
    assert other.get(WAIT) == b"a" and other.consume()
    assert other.get(WAIT) == b"b" and other.consume()
    semaphore = first.Semaphore("/semaphore", max_leases=2)
    with semaphore:
        assert len(semaphore.lease_holders()) == 1
    partner = first.SetPartitioner("/parts", set=("a", "b", "c"), time_boundary=1)
    partner.wait_for_acquire(WAIT)
    assert partner.acquired and sorted(partner) == ["a", "b", "c"]
    partner.finish()
    done(first)
    done(second)


def add(zk):
    counter = zk.Counter("/counter")
    for _ in range(10):
        counter += 1


def meet(zk, passed):
    barrier = zk.DoubleBarrier("/double", 2)
    barrier.enter()
    passed.append("in")
    barrier.leave()


def reattaches():
    zk = client()
    states, back = [], threading.Event()

    def listen(state):
        states.append(state)
        if state == KazooState.CONNECTED:
            back.set()

    zk.create("/own", ephemeral=True)
    changed = threading.Event()
    zk.get("/own", watch=lambda _: changed.set())
    session = zk.client_id
    zk.add_listener(listen)
    # As a network does it: the socket goes, nobody says good-bye.
    zk._connection._socket.shutdown(2)
    assert back.wait(WAIT), states
    assert zk.client_id[0] == session[0]
    zk.retry(zk.set, "/own", b"still mine")
    assert zk.get("/own")[0] == b"still mine"
    taken = client(client_id=session)
    assert taken.client_id[0] == session[0] and taken.get("/own")[0] == b"still mine"
    taken.stop()
    taken.close()
    zk.stop()
    zk.close()
    after = client()
    assert after.exists("/own") is None
    done(after)


for step in (nodes, watches, transactions, access, recipes, reattaches):
    step()
    print(step.__name__, flush=True)
