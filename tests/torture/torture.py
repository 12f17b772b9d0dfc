#!/usr/bin/env python3
"""The program is tortured: each call fails in turn, it is killed at many points, signals come, limits are low.

fault.c lists which calls a command makes and by which stack of callers, then lets one of them fail, come late, or kills the
process there. Nothing may crash, hang, leak, leave a torn file, a process or a temporary file behind, lose an earlier result, or
end with status 0 and a wrong result.

torture.py [--minutes M] [--sample N] [--seed S] [--only KINDS] [--markdown FILE] TVA FAULT_LIBRARY

prints tables: kind, how many attempts, how many did not reach their point, how many bad outcomes. The status is 1 after any bad
outcome.
"""
import argparse
import collections
import concurrent.futures
import os
import queue
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time

import faults
import kills
import limits
import services
import signals
import storms
import streams
from bench import Bench
from commands import make_plugin
from sites import Symbols

# What is short comes first.
GROUPS = {
    "hostile": ("Hostile clients", storms.hostile),
    "kills": ("kill -9", kills.kills),
    "signals": ("Signals", signals.signals),
    "limits": ("Limits", limits.limits),
    "streams": ("Standard streams", streams.streams),
    "services": ("Services that fail", services.services),
    "storms": ("Storms", storms.storms),
    "readers": ("A call fails", faults.in_readers),
    "sticky": ("A call fails", faults.sticky),
    "faults": ("A call fails", faults.in_processes),
    "cells": ("A call fails", faults.in_cells),
}


class Torture:
    """Carries attempts out side by side, and counts them."""

    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.program, self.library = os.path.realpath(options.program), os.path.join(folder, "fault.so")
        os.symlink(os.path.realpath(options.library), self.library) # LD_PRELOAD takes no path with a blank
        self.random = random.Random(options.seed)
        self.plugin = make_plugin(self.program, folder)
        self.symbols = Symbols(self.program)
        self.benches = queue.Queue()
        for i in range(options.workers):
            self.benches.put(Bench(self.program, self.library, os.path.join(folder, f"worker{i}")))
        self.pool = concurrent.futures.ThreadPoolExecutor(options.workers)
        self.lock = threading.Lock()
        self.group = None
        self.counts = {} # group: {kind: [attempts, not reached, bad]}
        self.found, self.notes, self.libraries = [], [], collections.Counter()
        self.end = time.monotonic() + 60 * options.minutes
        self.target = None
        self.later = []  # (group, attempts): done while time remains
        self.beside = [] # (process, group, what to do with its status)

    def each(self, function, things):
        """[function(bench, thing)], in order."""
        def of(thing):
            bench = self.benches.get()
            try:
                return function(bench, thing)
            finally:
                self.benches.put(bench)

        return list(self.pool.map(of, things))

    def carry_out(self, attempts):
        """In random order, so that want of time leaves out some of each kind."""
        attempts = list(attempts)
        self.random.shuffle(attempts)
        begun, left = time.monotonic(), collections.Counter()

        def one(bench, attempt):
            if time.monotonic() > self.end:
                with self.lock:
                    left[attempt.kind] += 1
                return
            begun = time.monotonic()
            outcome, bad = attempt.execute(bench)
            self.count(attempt, outcome, bad)
            if time.monotonic() - begun > self.options.slow:
                self.say(f"took {time.monotonic() - begun:.1f} s: {self.describe(attempt)}: {outcome.err.strip()[-200:]}")

        self.each(one, attempts)
        self.notes += [f"{n} of \"{self.group[1]}: {kind}\" left out for want of time." for kind, n in left.items()]
        if not self.options.sample:
            self.say(f"{self.group[0]}: {len(attempts)} attempts in {time.monotonic() - begun:.0f} s")

    def postpone(self, attempts):
        self.later.append((self.group, attempts))

    def one_by_one(self, attempts):
        """Those that bring a bench of their own."""
        for attempt in attempts:
            self.count(attempt, *attempt.execute(None))

    def add_row(self, kind, attempts, bad, said):
        """What another program has counted."""
        with self.lock:
            self.add(kind, attempts, 0, int(bad))
        if bad:
            self.found.append(kind)
            self.say(f"BAD: {self.group[1]}: {kind}: {said}")

    def skip(self, sentence):
        self.notes.append(f"Not tried: {sentence}.")

    def describe(self, attempt):
        where = f" at {self.symbols.of(attempt.site)}" if attempt.site else ""
        return f"{self.group[1]}: {attempt.kind}: {attempt.what}{where}"

    @staticmethod
    def say(line):
        print(f"torture: {line}", file=sys.stderr, flush=True)

    def count(self, attempt, outcome, bad):
        by_whom = f"{outcome.library}: {self.symbols.by_whom(attempt.site)}" if outcome.library and attempt.site else None
        with self.lock:
            self.add(attempt.kind, 1, attempt.site is not None and outcome.seen.fired == 0, bool(bad))
            if by_whom:
                self.libraries[by_whom] += 1
        for sentence in bad:
            line = f"{self.describe(attempt)}: {sentence}"
            self.found.append(line)
            self.say(f"BAD: {line}; it said: {outcome.err.strip()[-300:]}")

    def add(self, kind, attempts, not_reached, bad):
        count = self.counts.setdefault(self.group[1], {}).setdefault(kind, [0, 0, 0])
        for i, n in enumerate((attempts, not_reached, bad)):
            count[i] += n

    def start_target(self):
        """The server for cells that have no harness."""
        server = subprocess.Popen([self.program, "serve"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.target = server.stdout.readline().split()[-1]
        return server

    def run(self):
        server = self.start_target()
        try:
            for name, (title, kind) in GROUPS.items():
                if self.options.only is not None and name not in self.options.only.split(","):
                    continue
                if time.monotonic() > self.end:
                    self.notes.append(f"All of \"{title}\" ({name}) left out for want of time.")
                    continue
                self.group = name, title
                kind(self)
            for self.group, attempts in self.later:
                self.carry_out(attempts)
            for process, self.group, collect in self.beside:
                collect(self, process.wait())
        finally:
            for process in [server, *(beside[0] for beside in self.beside)]:
                process.terminate()
                process.wait()

    def run_sample(self):
        self.group = "sample", "sample"
        faults.sample(self, self.options.sample)
        kills.kills(self, self.options.sample // 3)

    def tables(self):
        """[(title, rows)]"""
        tables = []
        for title in sorted(self.counts):
            counts = self.counts[title]
            rows = [("kind", "attempts", "not reached", "bad outcomes")]
            rows += [(kind, *map(str, count)) for kind, count in sorted(counts.items())]
            if len(counts) > 1:
                rows.append(("all", *(str(sum(count[i] for count in counts.values())) for i in range(3))))
            tables.append((title, rows))
        return tables


def markdown(torture, minutes):
    machine = os.uname()
    with open("/proc/cpuinfo") as file:
        cpu = re.search(r"model name\s*: (.*)", file.read())
    lines = [f"{cpu[1] if cpu else machine.machine}, {os.cpu_count()} cores, {machine.sysname} {machine.release}, "
             f"{time.strftime('%Y-%m-%d')}; {minutes:.0f} minutes, seed {torture.options.seed}.", ""]
    lines += [f"* {note}" for note in torture.notes] + [""] * bool(torture.notes)
    for title, rows in torture.tables():
        lines += [f"### {title}", ""]
        for i, row in enumerate(rows):
            lines.append("| " + " | ".join(row) + " |")
            if i == 0:
                lines.append("|---|---:|---:|---:|")
        lines.append("")
    lines += ["Calls of libraries whose failure these answer with a crash or abort():", ""]
    lines += [f"* {name}: {n}" for name, n in sorted(torture.libraries.items())] or ["* none"]
    return "\n".join(lines) + "\n"


def write_between_marks(path, text):
    """Replace what stands between the two marks of the page."""
    with open(path) as file:
        page = file.read()
    before, rest = page.split("<!-- make torture -->\n", 1)
    after = rest.split("<!-- end -->", 1)[1]
    with open(path, "w") as file:
        file.write(f"{before}<!-- make torture -->\n{text}<!-- end -->{after}")


def options_of():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=28, help="begin nothing more after this time; default 28")
    parser.add_argument("--sample", type=int, default=0, help="only so many faults, of one cell")
    parser.add_argument("--seed", type=int, default=12)
    parser.add_argument("--workers", type=int, default=os.cpu_count() + 1,
                        help="attempts side by side; default as many as cores and one more")
    parser.add_argument("--only", help=f"these, between commas: {', '.join(GROUPS)}")
    parser.add_argument("--slow", type=float, default=20, help="tell of attempts that take longer, in seconds; default 20")
    parser.add_argument("--plain", help="the program without sanitizers, for limits that those cannot live with")
    parser.add_argument("--markdown", help="write the tables into this page, between its marks")
    parser.add_argument("program")
    parser.add_argument("library")
    options = parser.parse_args()
    unknown = set((options.only or "").split(",")) - set(GROUPS) - {""}
    if unknown:
        parser.error(f"--only knows {', '.join(GROUPS)}, not {', '.join(sorted(unknown))}")
    return options


def main():
    options = options_of()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # nohup and a shell's & let what they start ignore these.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    begun = time.monotonic()
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None # syncing files would take most of the time
    with tempfile.TemporaryDirectory(prefix="tva-torture-", dir=memory) as folder:
        torture = Torture(options, folder)
        try:
            (torture.run_sample if options.sample else torture.run)()
        finally:
            for title, rows in torture.tables():
                print(title)
                for row in rows:
                    print(f"  {row[0]:50} {row[1]:>9} {row[2]:>12} {row[3]:>13}")
            for line in [*torture.notes, *(f"a library gives up ({n}): {name}" for name, n in sorted(torture.libraries.items()))]:
                print(line)
        if options.markdown:
            write_between_marks(options.markdown, markdown(torture, (time.monotonic() - begun) / 60))
    return 1 if torture.found else 0


if __name__ == "__main__":
    sys.exit(main())
