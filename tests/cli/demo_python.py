"""Runs the Python that `tva demo NAME --source` prints, as printed, and checks what it shows.

demo_python.py TVA URL

Time passes at once, so that waits cost none, but for the demos that make a request, which go to URL. The exit status is 1 when a
listing does not show what its demo says.
"""

import asyncio
import contextlib
import io
import re
import selectors
import subprocess
import sys
import time

# Of each demo: lines that its Python prints, in this order, and the seconds that it takes; None: as long as the request.
SHOWN = {
    "sequential-await": (["results: [1, 2, 3, 4, 5]"], 5),
    "lazy-coroutines": (["Number of tasks: 1", "results: [1, 2, 3, 4, 5]"], 3),
    "create-task": (["Number of tasks: 6", "results: [1, 2, 3, 4, 5]"], 2),
    "blocked-loop": (["status 200", "beat 0 "], None),
    "offloaded": (["beat 0 ", "status 200"], None),
    "async-http": (["beat 0 ", "status 200"], None),
    "call-vs-await": (["greet runs", "cannot reuse already awaited coroutine"], 1),
    "await-blocks-caller": (["tick 1", "tick 4", "request 1"], 1),
    "sleep-zero": (["turns without sleep(0): 0", "turns with sleep(0): 5"], 0),
    "own-awaitable": (["42", "[42, 42]"], 1.2),
    "future": (["done: False", "done: True 42", "callback: 42", "waiter got 42"], 1),
    "task-is-future": (["is a future: True", "done: False", "callback: 42", "awaited: 42", "done: True 42", "awaited again: 42"], 1),
    "await-may-not-yield": (["awaited 1", "other starts", "called", "awaited 2"], 0.5),
    "preemption": (["0 updates lost", "10000 updates lost"], 0),
    "cancel-and-timeout": (["canceled", "timed out", "goes on: True"], 3),
    "producer-consumers": (["ExceptionGroup 1", "Number of tasks: 3", "ValueError 1"], 1.5),
}


class Leap(selectors.DefaultSelector):
    """What waits for a time leaps to it."""

    now = 0.0

    def select(self, timeout=None):
        events = super().select(0)
        if not events and timeout is not None and timeout > 0:
            Leap.now += timeout
        return events


class Loop(asyncio.SelectorEventLoop):
    def __init__(self):
        super().__init__(Leap())

    def time(self):
        return Leap.now


def tick():
    """perf_counter() for what computes for a time."""
    tick.now += 0.01
    return tick.now


tick.now = 0.0


def perform(listing, leaps):
    """What it printed, and how long it took."""
    out, Leap.now, begin = io.StringIO(), 0.0, time.monotonic()
    real = asyncio.run, time.perf_counter

    def run(main):
        with asyncio.Runner(loop_factory=Loop if leaps else None) as runner:
            runner.run(main)

    asyncio.run = run
    if leaps:
        time.perf_counter = tick
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            exec(compile(listing, "listing", "exec"), {"__name__": "__main__"})
    finally:
        asyncio.run, time.perf_counter = real
    return out.getvalue(), Leap.now if leaps else time.monotonic() - begin


def fault(demo, source):
    parts = re.match(rf"{demo} in Python:\n\n(.*)\n\n{demo} in C, demos/\w+\.c:\n\n#include", source, re.DOTALL)
    if not parts:
        return "the source is not as expected"
    lines, seconds = SHOWN[demo]
    listing = re.sub(r"^    ", "", parts[1], flags=re.MULTILINE)
    printed, took = perform(listing, seconds is not None)
    at = 0
    for line in lines:
        found = printed.find(line, at)
        if found < 0:
            return f"{line!r} is missing, or too early, in:\n{printed}"
        at = found + len(line)
    if seconds is not None and abs(took - seconds) > 0.001:
        return f"it took {took} s, not {seconds} s"
    return None


def main():
    tva, sys.argv[1] = sys.argv[1:3]
    listed = subprocess.run([tva, "demo", "--list"], capture_output=True, text=True, check=True).stdout
    names = re.findall(r"^([a-z-]+) ", listed, re.MULTILINE)
    faults = [] if set(names) == set(SHOWN) else [f"demos without a check: {set(names) ^ set(SHOWN)}"]
    for name in names:
        source = subprocess.run([tva, "demo", name, "--source"], capture_output=True, text=True, check=True).stdout
        wrong = fault(name, source)
        if wrong:
            faults.append(f"{name}: {wrong}")
    print("\n".join(faults))
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
