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
    s.sendall(request(b"x", 32, 3600 * 10**9))
    print("holding", flush=True)
    assert is_closed(s)


if __name__ == "__main__":
    globals()[sys.argv[2]](int(sys.argv[1]), *sys.argv[3:])
