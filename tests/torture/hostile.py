"""Hostile clients against the target, of both protocols: slow, garbage, pipelined, half-closed, huge, reset, silent, never
reading, and too many at once.

  hostile.py TVA [--connections N] [--seed S]

Prints a line for each kind: its name, how many attempts, how many bad outcomes, with tabs between; what was bad goes to
standard error, and the status is 1 then. A bad outcome is a wrong answer, one that is missing, or none and no end for half a
minute. Afterwards the target must answer good clients, hold no more descriptors and memory than before, and end well at
SIGTERM, without a word of a sanitizer.
"""
import argparse
import asyncio
import collections
import os
import random
import resource
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../cli"))
from http_client import get # noqa: E402
from target_client import MAGIC, REPLY, REQUEST, request, sockets_of # noqa: E402

PATIENCE_S = 30
TIMEOUT_S = 1      # of the target, for idle and slow clients
LATE_S = 0.5       # a client that took longer may have been given up for slow
AT_ONCE = 60       # clients at the same time
DESCRIPTORS = 128  # of the target
GROWTH = 8 << 20   # bytes of memory that the second half of the attempts may cost
REFUSALS = {400, 405, 408, 413, 414, 431, 505}
LINE = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+\n"


class Ended(Exception):
    """The target has closed the connection, or given the request up."""


class Client:
    """A connection to the target."""

    def __init__(self, port, seed):
        self.port, self.random, self.data = port, random.Random(seed), b""
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.loop = asyncio.get_running_loop()

    async def connect(self):
        await self.loop.sock_connect(self.socket, ("127.0.0.1", self.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    async def send(self, data):
        try:
            await self.loop.sock_sendall(self.socket, data)
        except (BrokenPipeError, ConnectionResetError):
            raise Ended("while it sent") from None

    async def more(self):
        try:
            part = await self.loop.sock_recv(self.socket, 1 << 16)
        except ConnectionResetError:
            raise Ended("by a reset") from None
        if not part:
            raise Ended(f"after {self.data[:100]!r}")
        self.data += part

    async def take(self, size):
        while len(self.data) < size:
            await self.more()
        part, self.data = self.data[:size], self.data[size:]
        return part

    async def end(self):
        """Wait for the end of the connection, whatever comes before it: what came."""
        try:
            while True:
                await self.more()
        except Ended:
            return self.data

    def end_sending(self):
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    async def http_answer(self):
        """Status and body."""
        while b"\r\n\r\n" not in self.data:
            await self.more()
        head, self.data = self.data.split(b"\r\n\r\n", 1)
        status, length = int(head.split()[1]), head.lower().split(b"content-length: ")
        if status == 408:
            raise Ended("with 408")
        return status, await self.take(int(length[1].split()[0]))

    def good_request(self, slowest_ms=5):
        """A request of either protocol, and what takes its answer."""
        delay_ns = self.random.randint(0, slowest_ms) * 10**6
        if self.random.random() < 0.5:
            size = self.random.choice([0, 1, 64, 5000, 200_000])
            return get(f"/?size={size}&delay={delay_ns}ns"), lambda: self.expect_body(size)
        payload = self.random.randbytes(self.random.choice([0, 1, 40, 5000]))
        return request(payload, REPLY.size + len(payload), delay_ns), lambda: self.expect_reply(payload)

    async def expect_body(self, size):
        status, body = await self.http_answer()
        assert status == 200, status
        assert body == (LINE * (size // len(LINE) + 1))[:size], "another body"

    async def expect_reply(self, payload):
        magic, size, _, _ = REPLY.unpack(await self.take(REPLY.size))
        assert magic == MAGIC and size == REPLY.size + len(payload), (magic, size)
        assert await self.take(len(payload)) == payload, "another payload"


# The kinds. Each is one attempt on a connection that is open.

async def slow(c):
    """A byte at a time, of a whole request or of a part."""
    data, answer = c.good_request()
    whole = len(data) < 200 and c.random.random() < 0.8
    for byte in data if whole else data[: c.random.randrange(1, 60)]:
        await c.send(bytes([byte]))
        if c.random.random() < 0.1:
            await asyncio.sleep(0.002)
    if whole:
        await answer()
    else:
        await c.end()


async def garbage(c):
    """Anything, also after a good request and after a beginning that is good."""
    data, answer = c.good_request()
    begin = c.random.choice([b"", b"", b"GET ", b"GET / HTTP/1.1\r\n", b"\r\n", data[:10], data[:30], data])
    await c.send(begin)
    if begin == data:
        await answer()
    await c.send(c.random.randbytes(c.random.choice([1, 30, 3000, 30_000])))
    c.end_sending()
    answered = await c.end()
    assert not answered.startswith(b"HTTP/1.1 200"), answered[:100]


async def pipelined(c):
    """Requests ahead of their answers, which come in order."""
    sizes = [c.random.choice([0, 1, 64, 5000]) for _ in range(c.random.randint(2, 30))]
    await c.send(b"".join(get(f"/?size={size}&delay={c.random.randint(0, 2)}ms") for size in sizes))
    for size in sizes:
        await c.expect_body(size)


async def half_closed(c):
    """Ends its side, after a request or within it."""
    data, answer = c.good_request()
    if c.random.random() < 0.5:
        await c.send(data)
        c.end_sending()
        await answer()
        assert await c.end() == b"", "more than the answer"
    else:
        await c.send(data[: c.random.randrange(1, min(len(data), 100))])
        c.end_sending()
        answered = await c.end()
        assert b" 200 " not in answered, answered[:100]


def of_huge_values(c):
    size = c.random.choice([9000, 70_000, 1_000_000])
    digits = "9" * c.random.choice([12, 19, 20, 21, 300, 900])
    return c.random.choice([
        get(headers="X: " + "a" * size + "\r\n"),
        get(headers="X" * size + ": a\r\n"),
        get(headers="X: a\r\n" * (size // 6)),
        get("/" + "a" * size),
        get("/?size=" + digits), get(f"/?size={digits}G"), get(f"/?delay={digits}s"), get(f"/?delay=1e{digits}s"),
        get(f"/?status={digits}"), get(f"/?seed=-{digits}"), get("/?" + "size=1&" * 100 + f"size={digits}"),
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + digits.encode() + b"\r\n\r\n" + b"a" * size,
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + b"fffffffffffffffff\r\n" + b"a" * size,
        REQUEST.pack(MAGIC, 0xFFFFFFFF, 24, 0, 0) + b"a" * size,
        REQUEST.pack(MAGIC, 24, 0xFFFFFFFF, 0, 0),
        REQUEST.pack(MAGIC, 24, 24, 0, 0xFFFFFFFFFFFFFFFF),
        REQUEST.pack(MAGIC, 24, (1 << 20) + 1, 0, 60 * 10**9 + 1),
    ])


async def huge(c):
    """Refused, with a status where it is HTTP and the client has listened in time."""
    data = of_huge_values(c)
    try:
        await c.send(data)
    except Ended:
        pass
    if c.random.random() < 0.5:
        c.end_sending()
    answered = await c.end()
    if data.startswith(b"tva1"):
        assert answered == b"", answered[:100]
    elif answered or len(data) < 200_000:
        assert answered.startswith(b"HTTP/1.1 ") and int(answered.split()[1]) in REFUSALS, answered[:100]


async def reset(c):
    """Gone before the answer, within it, or after it."""
    data = c.random.choice([b"", get("/?size=64M"), get("/?size=1M&delay=20ms"), request(b"x", 1 << 20), get()[:20],
                            request(b"x" * 100, 1 << 20, 20 * 10**6)[:60]])
    await c.send(data)
    if data and c.random.random() < 0.5:
        await asyncio.sleep(c.random.random() * 0.03)
    c.reset()


async def silent(c):
    """Says nothing, or nothing more; the target ends it."""
    if c.random.random() < 0.5:
        data, answer = c.good_request()
        await c.send(data)
        await answer()
    assert await c.end() == b"", "something to say"


async def never_reads(c):
    """The connection stays open on this side, to the end: the target's side must not."""
    await c.send(c.random.choice([get("/?size=64M"), get("/?size=64M") * 20, request(b"x", 1 << 20) * 20]))
    HELD.append(c.socket.dup())


async def too_many(c):
    """One of a crowd: more than the target has descriptors for."""
    data, answer = c.good_request(slowest_ms=50)
    await c.send(data)
    await answer()


HELD = []
KINDS = {"slow": (slow, 3), "garbage": (garbage, 3), "pipelined": (pipelined, 2), "half-closed": (half_closed, 2),
         "huge": (huge, 2), "reset": (reset, 3), "silent": (silent, 1), "never reads": (never_reads, 0.5)}
CROWD = "too many at once"


class Target:
    def __init__(self, program, folder):
        environment = dict(os.environ)
        environment["ASAN_OPTIONS"] = environment.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"
        self.err = open(f"{folder}/err", "w+")
        self.process = subprocess.Popen(
            [program, "serve", "--connections-max=10000", f"--idle-timeout={TIMEOUT_S}s", f"--read-timeout={TIMEOUT_S}s"],
            stdout=subprocess.PIPE, stderr=self.err, text=True, env=environment, cwd=folder,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS)))
        self.port = int(self.process.stdout.readline().rsplit(":", 1)[1])
        self.before = sockets_of(self.process.pid)

    def memory(self):
        with open(f"/proc/{self.process.pid}/statm") as f:
            return int(f.read().split()[1]) * resource.getpagesize()

    def is_empty(self):
        """Are all connections closed, those to clients included that hold theirs open?"""
        until = time.monotonic() + PATIENCE_S
        while sockets_of(self.process.pid) > self.before and time.monotonic() < until:
            time.sleep(0.01)
        return sockets_of(self.process.pid) <= self.before

    def ends_well(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            out, _ = self.process.communicate(timeout=PATIENCE_S)
        finally:
            self.process.kill()
        return self.process.returncode == 0 and out.startswith("served ")

    def said(self):
        """Anything but that its descriptors were short."""
        self.err.seek(0)
        return "".join(line for line in self.err if ": Too many open files" not in line)


class Attempts:
    def __init__(self, target, seed):
        self.target, self.seed, self.serial = target, seed, 0
        self.counts = collections.defaultdict(lambda: [0, 0])

    def count(self, kind, bad):
        self.counts[kind][0] += 1
        if bad:
            self.counts[kind][1] += 1
            print(f"hostile: {kind}: {bad}", file=sys.stderr, flush=True)

    async def attempt(self, name, kind):
        self.serial += 1
        which = f"{self.seed} {self.serial}"
        c = Client(self.target.port, which)
        began, bad = time.monotonic(), None
        try:
            await asyncio.wait_for(self.run(c, kind), PATIENCE_S)
        except Ended as e:
            bad = f"the target ended it {e}" if time.monotonic() - began < LATE_S else None
        except asyncio.TimeoutError:
            bad = "no answer and no end"
        except AssertionError as e:
            bad = str(e)
        finally:
            c.socket.close()
        self.count(name, bad and f"{bad} (seed and attempt {which})")

    @staticmethod
    async def run(c, kind):
        await c.connect()
        await kind(c)

    async def some(self, n):
        """So many attempts of all kinds, mixed, and a crowd."""
        names = [name for name, (_, weight) in KINDS.items() for _ in range(int(2 * weight))]
        plan = [names[i % len(names)] for i in range(n)]
        random.Random(self.seed).shuffle(plan)
        room = asyncio.Semaphore(AT_ONCE)

        async def one(name):
            async with room:
                await self.attempt(name, KINDS[name][0])

        await asyncio.gather(*(one(name) for name in plan))
        await asyncio.gather(*(self.attempt(CROWD, too_many) for _ in range(DESCRIPTORS + n // 20)))

    def check(self, what, good):
        self.count("the target afterwards", None if good else what)

    def run_all(self, n):
        memory = []
        for _ in range(2):
            asyncio.run(self.some(n // 2))
            self.check("descriptors left", self.target.is_empty())
            for _ in range(10):
                asyncio.run(self.attempt("good ones afterwards", too_many))
            memory.append(self.target.memory())
        self.check(f"memory grew from {memory[0]} to {memory[1]} bytes", memory[1] - memory[0] < GROWTH)
        well = self.target.ends_well()
        self.check(f"status {self.target.process.returncode}", well)
        said = self.target.said()
        self.check(f"it said {said}", not said)


def hostile(program, connections, seed):
    """Rows of kind, attempts and bad outcomes."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory(prefix="tva-hostile-") as folder:
        target = Target(program, folder)
        attempts = Attempts(target, seed)
        try:
            attempts.run_all(connections)
        finally:
            target.process.kill()
            target.process.wait()
    return [(kind, *count) for kind, count in attempts.counts.items()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=16000, help="about so many; default 16000")
    parser.add_argument("--seed", type=int, default=12)
    parser.add_argument("program")
    options = parser.parse_args()
    rows = hostile(os.path.realpath(options.program), options.connections, options.seed)
    for row in rows:
        print(*row, sep="\t")
    return 1 if any(bad for _, _, bad in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
