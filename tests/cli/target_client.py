"""A peer of the target, for serve.bats: target_client.py PORT SCENE [ARGUMENT...]; fails by an assertion.

The wire format is written down here a second time on purpose, from lib/job/wire.h.
"""
import os
import resource
import socket
import struct
import sys
import time

MAGIC = 0x74766131
REQUEST = struct.Struct("!IIIIQ")
REPLY = struct.Struct("!IIQQ")
TIMEOUT_S = 30


def connect(port):
    s = socket.create_connection(("127.0.0.1", port), TIMEOUT_S)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def request(payload, reply_bytes, delay_ns=0, magic=MAGIC, size=None):
    size = REQUEST.size + len(payload) if size is None else size
    return REQUEST.pack(magic, size, reply_bytes, 0, delay_ns) + payload


def read_reply(s, reply_bytes):
    data = b""
    while len(data) < reply_bytes:
        part = s.recv(reply_bytes - len(data))
        assert part, f"closed after {len(data)} of {reply_bytes} bytes"
        data += part
    magic, size, held_ns, _ = REPLY.unpack(data[: REPLY.size])
    assert magic == MAGIC and size == reply_bytes, (magic, size)
    return data[REPLY.size :], held_ns


def exchange(s, payload, reply_bytes, delay_ns=0):
    s.sendall(request(payload, reply_bytes, delay_ns))
    return read_reply(s, reply_bytes)


def is_closed(s):
    try:
        return s.recv(1) == b""
    except ConnectionResetError:
        return True


def echo(port):
    """Sizes up and down on one connection, so that buffers grow, shrink and are reused."""
    s = connect(port)
    for have in (0, 1, 40, 5000, 100_000, 7, (1 << 20) - 24, 0, 40):
        payload = os.urandom(have)
        for want in (0, 1, have, 3 * have + 1, 200_000):
            if want + REPLY.size > 1 << 20:
                continue
            got, _ = exchange(s, payload, want + REPLY.size)
            assert got == (payload * (want // max(have, 1) + 1))[:want] if have else got == bytes(want)
    # A request that comes in small pieces.
    whole = request(b"0123456789", REPLY.size + 10)
    for i in range(len(whole)):
        s.sendall(whole[i : i + 1])
        time.sleep(0.001)
    assert read_reply(s, REPLY.size + 10)[0] == b"0123456789"


def delay(port):
    s = connect(port)
    for delay_ns in (0, 1_000_000, 50_000_000):
        begin = time.monotonic_ns()
        _, held_ns = exchange(s, b"x", 32, delay_ns)
        took = time.monotonic_ns() - begin
        assert delay_ns <= held_ns <= took, (delay_ns, held_ns, took)


def broken(port):
    good = connect(port)
    exchange(good, b"x", 32)
    for data in (
        b"\0" * 100,
        request(b"", 24, magic=MAGIC + 1),
        request(b"", 24, size=23),
        request(b"", 24, size=(1 << 20) + 1),
        request(b"", 23),
        request(b"", 0xFFFFFFFF),
        request(b"", 24, delay_ns=60 * 10**9 + 1),
    ):
        bad = connect(port)
        bad.sendall(data)
        assert is_closed(bad), data
    half = connect(port)
    half.sendall(request(b"x" * 100, 24)[:60])
    half.shutdown(socket.SHUT_WR)
    assert is_closed(half)
    gone = connect(port)  # gone before its reply is due
    gone.sendall(request(b"", 1 << 20, 20_000_000))
    gone.close()
    time.sleep(0.05)
    exchange(good, b"x", 32)
    exchange(connect(port), b"x", 32)


def many(port, count):
    count = int(count)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    peers = [connect(port) for _ in range(count)]
    for _ in range(2):
        for s in peers:
            s.sendall(request(b"0123456789", 34))
        for s in peers:
            assert read_reply(s, 34)[0] == b"0123456789"


def cpu_s(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def crowd(port, count, pid):
    """More peers than it can take: some are served; the rest wait, cheaply, until others have left."""
    peers = [connect(port) for _ in range(int(count))]
    for s in peers:
        s.sendall(request(b"x", 25))
    time.sleep(0.3)
    before = cpu_s(pid)
    time.sleep(1)
    assert cpu_s(pid) - before < 0.3, "it spins"
    served, waiting = [], []
    for s in peers:
        s.setblocking(False)
        try:
            (served if s.recv(25) else waiting).append(s)
        except BlockingIOError:
            waiting.append(s)
    assert served and waiting, (len(served), len(waiting))
    while waiting:
        served.pop(0).close()
        s = waiting.pop(0)
        s.settimeout(TIMEOUT_S)
        read_reply(s, 25)
        served.append(s)


def hold(port):
    """One request answered; then one whose reply never comes, since the target ends first."""
    s = connect(port)
    exchange(s, b"x", 32)
    s.sendall(request(b"x", 32, 60 * 10**9))
    print("holding", flush=True)
    assert is_closed(s)


def sockets_of(pid):
    links = (f"/proc/{pid}/fd/{fd}" for fd in os.listdir(f"/proc/{pid}/fd"))
    return sum(os.path.islink(link) and os.readlink(link).startswith("socket:") for link in links)


def wait_for_sockets(pid, count):
    end = time.monotonic() + TIMEOUT_S
    while sockets_of(pid) != count:
        assert time.monotonic() < end, (sockets_of(pid), count)
        time.sleep(0.01)


def leave(port, pid):
    """Gone long before the reply is due: nothing is kept for it."""
    before = sockets_of(pid)
    s = connect(port)
    s.sendall(request(b"x", 32, 60 * 10**9))
    wait_for_sockets(pid, before + 1)
    s.close()
    wait_for_sockets(pid, before)


def idle(port):
    """After a first request, and in the middle of one."""
    for rest in (b"", request(b"x" * 100, 32)[:60]):
        s = connect(port)
        exchange(s, b"x", 32)
        s.sendall(rest)
        assert is_closed(s)


def without_stacks(port, pid):
    """Connections whose tasks get no stack are closed, and have no place any more."""
    before = sockets_of(pid)
    with open(f"/proc/{pid}/statm") as f:
        size = int(f.read().split()[0]) * resource.getpagesize()
    resource.prlimit(int(pid), resource.RLIMIT_AS, (size + (8 << 20), resource.RLIM_INFINITY))
    peers = [connect(port) for _ in range(500)]
    closed = 0
    for s in peers:
        s.settimeout(0.01)
        try:
            closed += is_closed(s)
        except TimeoutError:
            pass
        s.close()
    assert closed > 0
    wait_for_sockets(pid, before)
    exchange(connect(port), b"x", 32)


if __name__ == "__main__":
    globals()[sys.argv[2]](int(sys.argv[1]), *sys.argv[3:])
