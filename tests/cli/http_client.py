"""A peer of the target's HTTP side, for http.bats: http_client.py PORT SCENE [ARGUMENT...]; fails by an assertion.

On bare sockets, so that what a good client would never send can be sent too.
"""
import resource
import socket
import sys
import time

TIMEOUT_S = 30


def connect(port):
    s = socket.create_connection(("127.0.0.1", port), TIMEOUT_S)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def get(target="/", version="1.1", headers=""):
    host = "Host: a\r\n" if version == "1.1" else ""
    return f"GET {target} HTTP/{version}\r\n{host}{headers}\r\n".encode()


class Answers:
    """What comes on a connection, answer by answer."""

    def __init__(self, s):
        self.s, self.data = s, b""

    def more(self):
        part = self.s.recv(1 << 16)
        assert part, f"closed after {self.data!r}"
        self.data += part

    def next(self, bodiless=False):
        while b"\r\n\r\n" not in self.data:
            self.more()
        head, self.data = self.data.split(b"\r\n\r\n", 1)
        line, *rest = head.decode().split("\r\n")
        headers = {k.lower(): v for k, v in (h.split(": ", 1) for h in rest)}
        size = 0 if bodiless else int(headers.get("content-length", 0))
        while len(self.data) < size:
            self.more()
        body, self.data = self.data[:size], self.data[size:]
        return int(line.split()[1]), headers, body

    def closed(self):
        if self.data:
            return False
        try:
            return self.s.recv(1) == b""
        except ConnectionResetError:
            return True


def status_of(port, request):
    """The status that a request gets, and whether the connection goes on after it."""
    s = connect(port)
    s.sendall(request)
    answers = Answers(s)
    status, headers, _ = answers.next()
    if headers.get("connection") == "close":
        assert answers.closed()
        return status, False
    s.sendall(get())
    assert answers.next()[0] == 200
    return status, True


def bad(port):
    assert status_of(port, get()) == (200, True)
    assert status_of(port, b"GET / HTTP/1.1\r\n\r\n") == (400, False), "no Host"
    assert status_of(port, b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n") == (400, False)
    assert status_of(port, b"NONSENSE\r\n\r\n") == (400, False)
    assert status_of(port, b"GET / HTTP/1.1\r\nHost : a\r\n\r\n") == (400, False)
    assert status_of(port, get("/?size=x")) == (400, True)
    assert status_of(port, b"GET / HTTP/2.0\r\nHost: a\r\n\r\n") == (505, False)
    assert status_of(port, b"DELETE / HTTP/1.1\r\nHost: a\r\n\r\n") == (405, True)
    assert status_of(port, get(headers="Content-Length: 3\r\n") + b"abc") == (413, False)
    assert status_of(port, get(headers="Transfer-Encoding: chunked\r\n") + b"0\r\n\r\n") == (413, False)
    assert status_of(port, get("/" + "a" * 2000)) == (414, False)
    assert status_of(port, get(headers="X: " + "a" * 7000 + "\r\n")) == (200, True)


def large_head(port, kib):
    """The answer must arrive though more is under way than is read."""
    s = connect(port)
    try:
        s.sendall(get(headers="X: " + "a" * 1024 * int(kib) + "\r\n"))
    except (BrokenPipeError, ConnectionResetError):
        pass
    answers = Answers(s)
    assert answers.next()[0] == 431
    assert answers.closed()


def pipelined(port):
    s = connect(port)
    s.sendall(get("/?size=3") + get("/?size=5000&delay=20ms") + b"HEAD /?size=7 HTTP/1.1\r\nHost: a\r\n\r\n"
              + get("/?status=404") + get("/?size=1", headers="Connection: close\r\n") + get())
    answers = Answers(s)
    assert [len(answers.next()[2]) for _ in range(2)] == [3, 5000]
    status, headers, _ = answers.next(bodiless=True)
    assert status == 200 and headers["content-length"] == "7"
    assert answers.next()[0] == 404
    assert len(answers.next()[2]) == 1
    assert answers.closed(), "went on after Connection: close"


def in_pieces(port):
    s = connect(port)
    for byte in get("/?size=10") + get("/?size=11"):
        s.sendall(bytes([byte]))
    answers = Answers(s)
    assert [len(answers.next()[2]) for _ in range(2)] == [10, 11]


def version_1_0(port):
    s = connect(port)
    s.sendall(get(version="1.0", headers="Connection: keep-alive\r\n") + get(version="1.0"))
    answers = Answers(s)
    assert answers.next()[1]["connection"] == "keep-alive"
    assert answers.next()[1]["connection"] == "close"
    assert answers.closed()


def slow(port):
    """A request that never ends gets a 408, an idle connection is closed, and neither holds up another."""
    began = time.monotonic()
    half, idle, trickle, mute = connect(port), connect(port), connect(port), connect(port)
    half.sendall(b"GET / HT")
    idle.sendall(get())
    answers = Answers(idle)
    assert answers.next()[0] == 200
    trickle.sendall(b"G")
    for byte in get(headers="X: " + "a" * 1000)[1:]:
        time.sleep(0.02)
        try:
            trickle.sendall(bytes([byte]))
        except (BrokenPipeError, ConnectionResetError):
            break
    else:
        raise AssertionError("a request of one byte at a time was waited for")
    assert Answers(half).next()[0] == 408
    assert answers.closed()
    assert Answers(mute).closed()
    assert time.monotonic() - began < TIMEOUT_S


def never_reads(port):
    """A client that takes nothing is given up, though its answer is not over."""
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.settimeout(TIMEOUT_S)
    s.connect(("127.0.0.1", port))
    s.sendall(get("/?size=64M"))
    time.sleep(3)
    size = 0
    try:
        while part := s.recv(1 << 20):
            size += len(part)
    except ConnectionResetError:
        pass
    assert size < 64 << 20, "it waited for a client that took nothing"


def many(port, n):
    n = int(n)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    sockets = [connect(port) for _ in range(n)]
    for _ in range(2):
        for s in sockets:
            s.sendall(get("/?size=1&delay=1ms"))
        for s in sockets:
            status, _, body = Answers(s).next()
            assert status == 200 and len(body) == 1


def both(port):
    """One port, two protocols: the wire format of the tcp job still gets through."""
    s = connect(port)
    s.sendall(b"tva1" + (24).to_bytes(4, "big") * 2 + bytes(12))
    assert s.recv(24)[:4] == b"tva1"
    assert status_of(port, b"\r\n" + get()) == (200, True)


if __name__ == "__main__":
    globals()[sys.argv[2]](int(sys.argv[1]), *sys.argv[3:])
