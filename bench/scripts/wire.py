"""Hands the frames of two network interfaces on to each other, late and with losses, where the kernel has no netem.

wire.py NEAR FAR SHAPE

SHAPE has words of "delay=5ms jitter=1ms loss=1% rate=20mbit only=to", each optional; to is from NEAR to FAR. Each direction has
a delay, which the jitter lengthens or shortens by up to itself and never out of order, a share of frames that are lost, and a rate
with a queue of 50 ms in front, which drops what does not fit. The losses of a shape are the same in each run of equal frames.
Prints "ready", and runs until it is killed.
"""

import ctypes
import heapq
import random
import select
import socket
import sys
import time

ALL_FRAMES = 3
SOL_PACKET, PACKET_IGNORE_OUTGOING = 263, 23
SO_RCVBUFFORCE = 33
PR_SET_TIMERSLACK = 29
QUEUE_S = 0.05
BURST = 64  # frames that are read before those that are due are sent

UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1, "%": 1e-2, "kbit": 1e3, "mbit": 1e6, "gbit": 1e9}


def number(text):
    """A time in s, a share, or a rate in bits a second."""
    unit = text.lstrip("0123456789.")
    return float(text[: len(text) - len(unit)]) * UNITS[unit]


def open_interface(name):
    frames = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL_FRAMES))
    frames.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    frames.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
    frames.bind((name, ALL_FRAMES))
    frames.setblocking(False)
    return frames


class Direction:
    """What a frame meets on its way to `out`."""

    def __init__(self, out, shape, seed):
        self.out = out
        self.delay, self.jitter, self.loss, self.rate = (number(shape.get(n, "0s")) for n in ("delay", "jitter", "loss", "rate"))
        self.random = random.Random(seed)
        self.free = self.last = 0.0  # when the wire has sent what is in its queue, and when the last frame arrives

    def due(self, frame, now):
        """When it arrives; None: never."""
        if self.loss and self.random.random() < self.loss:
            return None
        sent = now
        if self.rate:
            if self.free - now > QUEUE_S:
                return None
            sent = self.free = max(now, self.free) + 8 * len(frame) / self.rate
        late = self.delay + (self.random.uniform(-self.jitter, self.jitter) if self.jitter else 0)
        self.last = max(self.last, sent + max(late, 0))
        return self.last


def send(out, frame):
    try:
        out.send(frame)
    except OSError:  # as a wire loses it: the interface is down or full
        pass


def relay(ways):
    """ways: the socket that frames come from, and the direction that they take."""
    held, count = [], 0
    while True:
        now = time.monotonic()
        while held and held[0][0] <= now:
            _, _, out, frame = heapq.heappop(held)
            send(out, frame)
        readable, _, _ = select.select(list(ways), [], [], max(held[0][0] - time.monotonic(), 0) if held else None)
        for source in readable:
            for _ in range(BURST):
                try:
                    frame = source.recv(65536)
                except OSError:
                    break
                due = ways[source].due(frame, time.monotonic())
                if due is not None:
                    count += 1
                    heapq.heappush(held, (due, count, ways[source].out, frame))


def main():
    near, far = (open_interface(name) for name in sys.argv[1:3])
    shape = dict(word.split("=", 1) for word in sys.argv[3].split())
    only = shape.get("only")
    ctypes.CDLL(None).prctl(PR_SET_TIMERSLACK, 1)
    to = Direction(far, shape if only != "from" else {}, 1)
    back = Direction(near, shape if only != "to" else {}, 2)
    print("ready", flush=True)
    relay({near: to, far: back})


if __name__ == "__main__":
    main()
