#!/usr/bin/env python3
"""Faults in turn: each call site of the program fails once, and the program is killed at many points.

The library beside this file (fault.c) lists which calls a command makes and by which stack of callers, then lets one
of them fail, or kills the process there. Nothing may crash, hang, leak, leave a torn file, a process or a temporary
file behind, lose an earlier result, or end with status 0 and a wrong result.

torture.py [--minutes M] [--sample N] [--seed S] [--only KIND] [--markdown FILE] TVA FAULT_LIBRARY

prints a table: kind, how many attempts, how many bad outcomes. The status is 1 if there is any.
"""
import argparse
import collections
import glob
import json
import os
import random
import re
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

LIMIT_S = 60  # for one attempt; the ordinary one takes less than a second
MODELS = ["sequential", "tasks", "pool", "blocking", "threads", "offload", "uring", "loops"]
JOBS = {
    "null": ["--job=null"],
    "sleep": ["--job=sleep:duration=1ms"],
    "file read": ["--job=file:size=64k,blocks=2"],
    "file write": ["--job=file:op=write,size=64k,fsync=on"],
    "tcp": ["--job=tcp:requests=2"],
    "tcp, a connection a job": ["--job=tcp:keep=off,timeout=30s"],
    "http by libcurl": ["--job=http:requests=2"],
    "http by hand": ["--job=http:client=direct,requests=2"],
    "cpu": ["--job=cpu:rounds=1000"],
    "mixed": ["--job=mixed:total=1ms"],
}
BATCH = ["--jobs=3", "--warmup=1", "--threads=2"]
LOOPS = {
    "open loop": ["--job=sleep:duration=1ms", "--rate=500/s", "--jobs=4", "--drain=10s", "--warmup=1", "--threads=2"],
    "closed loop": ["--job=sleep:duration=1ms", "--clients=2", "--jobs=4", "--warmup=1", "--threads=2"],
}
# Calls that wait can be cut short as well.
INTERRUPTED = {"open", "read", "write", "accept4", "connect", "flock", "recv", "send", "poll", "ppoll", "readv",
               "writev", "preadv2"}
EINTR = 4


# What the library has seen: struct fault_shared in fault.c.

MODULES, MODULE_NAME, SITES, FRAMES, NAME = 32, 120, 8192, 20, 24
MODULE = struct.Struct(f"<Q{MODULE_NAME}s")
SITE = struct.Struct(f"<QII{NAME}s{2 * FRAMES}I")
HEAD = struct.Struct("<IIII")
SHARED_SIZE = HEAD.size + MODULES * MODULE.size + SITES * SITE.size

Site = collections.namedtuple("Site", "hash function count frames")
Seen = collections.namedtuple("Seen", "fired aborts uv_aborts sites")


def text(raw):
    return raw.split(b"\0")[0].decode()


def read_shared(path, all_sites=False):
    data = open(path, "rb").read(-1 if all_sites else HEAD.size)
    fired, aborts, uv_aborts, _ = HEAD.unpack_from(data, 0)
    if not all_sites:
        return Seen(fired, aborts, uv_aborts, [])
    names = [text(MODULE.unpack_from(data, HEAD.size + i * MODULE.size)[1]) for i in range(MODULES)]
    sites = []
    for i in range(SITES):
        at = HEAD.size + MODULES * MODULE.size + i * SITE.size
        key, count, depth, function, *frames = SITE.unpack_from(data, at)
        if key:
            pairs = list(zip(frames[0::2], frames[1::2]))[:depth]
            sites.append(Site(key, text(function), count, [(names[module], offset) for module, offset in pairs]))
    return Seen(fired, aborts, uv_aborts, sorted(sites))


class Symbols:
    """The names of a site's callers."""

    def __init__(self, program):
        self.program, self.known = program, {}

    def name(self, module, offset):
        path = module or self.program
        if (path, offset) not in self.known:
            out = subprocess.run(["addr2line", "-f", "-s", "-e", path, hex(offset)], capture_output=True, text=True)
            function, place = (out.stdout.split("\n") + ["??", "??"])[:2]
            if place.startswith("??"): # without debugging information, the name is that of any function before it
                self.known[path, offset] = os.path.basename(path)
            else:
                self.known[path, offset] = f"{function} ({place.split(' ')[0]})"
        return self.known[path, offset]

    def of(self, site, most=9):
        return site.function + " < " + " < ".join(self.name(*frame) for frame in site.frames[:most])


# One attempt.

Outcome = collections.namedtuple("Outcome", "status out err hung seen")


class Bench:
    """Starts the program in a folder of its own, and looks at what it leaves."""

    def __init__(self, program, library, folder):
        self.program, self.library, self.folder = program, library, folder
        self.shared = os.path.join(folder, "shared")
        self.reports = os.path.join(folder, "report")
        self.work = os.path.join(folder, "work")
        self.mark = "TVA_TORTURE_MARK=" + folder
        self.symbols = Symbols(program)

    def fresh(self):
        shutil.rmtree(self.work, ignore_errors=True)
        os.mkdir(self.work)
        for report in glob.glob(self.reports + ".*"):
            os.unlink(report)

    def environment(self, **fault):
        sanitizer = f"verify_asan_link_order=0:log_path={self.reports}:detect_stack_use_after_return=1"
        with open(self.shared, "wb") as shared:
            shared.truncate(SHARED_SIZE)
        return dict(os.environ, LC_ALL="C.UTF-8", COLUMNS="400", NO_COLOR="1", LD_PRELOAD=self.library,
                    ASAN_OPTIONS=sanitizer, UBSAN_OPTIONS=f"log_path={self.reports}:print_stacktrace=1",
                    TVA_TORTURE_MARK=self.folder, FAULT_FILE=self.shared,
                    **{"FAULT_" + name.upper(): str(value) for name, value in fault.items()})

    def start(self, words, limits=(), environment=None):
        def limit():
            for what, value in limits:
                resource.setrlimit(what, (value, value))

        return subprocess.Popen([self.program, *words], cwd=self.work, stdin=subprocess.DEVNULL,
                                stdout=open(os.path.join(self.folder, "out"), "wb"),
                                stderr=open(os.path.join(self.folder, "err"), "wb"),
                                env=environment, preexec_fn=limit, start_new_session=True)

    def finish(self, process, all_sites=False):
        hung = False
        try:
            process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            hung = True
            process.kill()
            process.wait()
        out, err = (open(os.path.join(self.folder, name), errors="replace").read() for name in ("out", "err"))
        return Outcome(process.returncode, out, err, hung, read_shared(self.shared, all_sites))

    def run(self, words, limits=(), **fault):
        """Without a site to strike at, the outcome has all sites that were seen."""
        return self.finish(self.start(words, limits, self.environment(**fault)), "site" not in fault)

    def left_behind(self):
        """Processes that carry the mark; they may take a moment to end."""
        for _ in range(40):
            left = [pid for pid in os.listdir("/proc") if pid.isdigit() and self.is_marked(pid)]
            if not left:
                return []
            time.sleep(0.05)
        for pid in left:
            os.kill(int(pid), signal.SIGKILL)
        return left

    def is_marked(self, pid):
        try:
            if open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0] in "ZX":
                return False
            return self.mark.encode() in open(f"/proc/{pid}/environ", "rb").read().split(b"\0")
        except OSError:
            return False

    def path(self, name):
        return os.path.join(self.work, name)

    def load(self, name):
        try:
            return json.load(open(self.path(name)))
        except (OSError, ValueError):
            return None

    def faults_of(self, outcome, killed=False):
        """What is bad whatever was run."""
        bad = []
        if outcome.hung:
            bad.append(f"hang: not done after {LIMIT_S} s")
        for report in glob.glob(self.reports + ".*"):
            lines = [line for line in open(report, errors="replace") if "ERROR" in line or "SUMMARY" in line or
                     "runtime error" in line]
            bad.append("sanitizer: " + " ".join(line.strip() for line in lines[:3]))
        if outcome.seen.aborts > outcome.seen.uv_aborts:
            bad.append("crash: abort()")
        if outcome.status < 0 and not outcome.hung and not (killed and outcome.status == -signal.SIGKILL) and \
                not (outcome.status == -signal.SIGABRT and outcome.seen.uv_aborts):
            bad.append(f"crash: ended by signal {-outcome.status}")
        died = re.search(r"was killed by signal (\d+)", outcome.out + outcome.err)
        if died and not killed and not (died[1] == "6" and outcome.seen.uv_aborts):
            bad.append(f"crash: a process {died[0]}")
        if outcome.status > 0 and not outcome.err and "invalid" not in outcome.out:
            bad.append(f"status {outcome.status} without a word")
        left = self.left_behind()
        if left:
            bad.append(f"{len(left)} processes left behind")
        if not killed:
            bad += [f"temporary file left: {name}" for name in os.listdir(self.work) if name.endswith(".tmp")]
        return bad


def shape(value):
    """A document without its values: a result that lacks a part has another shape."""
    if isinstance(value, dict):
        return {key: shape(part) for key, part in value.items() if key not in ("errors", "warnings", "reasons")}
    return isinstance(value, list)


class Run:
    """A command that writes a result of one cell beside an earlier one."""

    files = ["r.json", "r.csv", "r.md"]

    def __init__(self, bench, name, options):
        self.bench, self.name = bench, name
        self.commands = ["run", "cell"] + ["serve"] * any(re.match("--job=(tcp|http)", option) for option in options)
        self.words = ["run", *options, "--seed=7", "-q", "-o", "r.json"]
        self.good = self.earlier = None

    def begin(self):
        """The undisturbed result, which is also the earlier one of each attempt."""
        self.bench.fresh()
        outcome = self.bench.run(self.words, command="none")
        self.good = self.bench.load("r.json")
        if outcome.status not in (0, 1) or self.good is None:
            sys.exit(f"torture: {' '.join(self.words)} fails undisturbed: {outcome.err}")
        self.earlier = {name: open(self.bench.path(name), "rb").read() for name in self.files}

    def prepare(self):
        self.bench.fresh()
        for name, data in self.earlier.items():
            with open(self.bench.path(name), "wb") as file:
                file.write(data)

    def judge(self, outcome, killed=False):
        bad = self.bench.faults_of(outcome, killed)
        new = self.bench.load("r.json")
        if new is None:
            return bad + ["torn or lost file: r.json"]
        for name in self.files[1:]:
            try:
                data = open(self.bench.path(name), "rb").read()
            except OSError:
                data = b""
            lines, needed = data.count(b"\n"), self.earlier[name].count(b"\n") // 2
            if not data.endswith(b"\n") or (outcome.status == 0 and lines < needed):
                bad.append(f"torn or lost file: {name}")
        if new == self.good:
            return bad + ["status 0 without a result"] if outcome.status == 0 else bad
        ledgers = {cell["name"]: cell["ledger"] for cell in self.good["cells"]}
        for cell in new["cells"]:
            if cell["valid"] and cell["ledger"] != ledgers[cell["name"]]:
                bad.append(f"wrong result: valid, but its ledger is {cell['ledger']}")
            if outcome.status == 0 and not cell["valid"]:
                bad.append("status 0 with an invalid cell")
        if outcome.status == 0:
            if [cell["runs"] for cell in new["cells"]] != [cell["runs"] for cell in self.good["cells"]]:
                bad.append("wrong result: status 0 with runs missing")
            if shape(new["cells"]) != shape(self.good["cells"]):
                bad.append("wrong result: status 0 with parts missing")
            rows = re.findall(r"(?m)^ +([a-z]+)[ (].*\d", outcome.out)
            if "=>" not in outcome.out or any(cell["model"] not in rows for cell in new["cells"]):
                bad.append("wrong result: status 0 without the table")
        return bad


class Files:
    """A command that reads a result and writes files: each is afterwards the earlier one or a whole one."""

    def __init__(self, bench, name, words, whole):
        self.bench, self.name, self.words, self.whole = bench, name, words, whole
        self.commands = [name]
        self.earlier = self.input = None

    def begin(self):
        self.bench.fresh()
        outcome = self.bench.run(["run", "--job=null", "--jobs=4", "--model=tasks,pool", "--threads=2", "--rounds=2",
                                  "--counts", "--seed=7", "-q", "-o", "r.json"], command="none")
        if outcome.status != 0:
            sys.exit(f"torture: a run with counts fails undisturbed: {outcome.err}")
        self.input = self.snapshot()
        outcome = self.bench.run(self.words, command="none")
        if outcome.status != 0:
            sys.exit(f"torture: {' '.join(self.words)} fails undisturbed: {outcome.err}")
        self.earlier = self.snapshot()

    def snapshot(self):
        files = {}
        for folder, _, names in os.walk(self.bench.work):
            for name in names:
                path = os.path.join(folder, name)
                files[os.path.relpath(path, self.bench.work)] = open(path, "rb").read()
        return files

    def prepare(self):
        self.bench.fresh()
        for name, data in self.earlier.items():
            os.makedirs(os.path.dirname(self.bench.path(name)), exist_ok=True)
            with open(self.bench.path(name), "wb") as file:
                file.write(data)

    def judge(self, outcome, killed=False):
        bad = self.bench.faults_of(outcome, killed)
        now = self.snapshot()
        for name, data in self.earlier.items():
            if name not in now:
                bad.append(f"lost file: {name}")
            elif name in self.input and now[name] != data:
                bad.append(f"the input {name} was changed")
            elif now[name] != data and not self.whole(name, now[name]):
                bad.append(f"torn file: {name}")
        return bad


def picture_is_whole(name, data):
    return {".svg": data.rstrip().endswith(b"</svg>"), ".png": data.endswith(b"IEND\xae\x42\x60\x82")}.get(
        os.path.splitext(name)[1], len(data) > 0)


def json_is_whole(_, data):
    try:
        return bool(json.loads(data))
    except ValueError:
        return False


class Sweep:
    """A sweep that is killed goes on from its state by the same command."""

    def __init__(self, bench):
        self.bench, self.name, self.commands = bench, "sweep", ["sweep", "cell", "serve"]
        self.words = ["sweep", "--over=jobs=1,2", "--model=tasks,blocking", "--job=tcp", "--rounds=2", "--warmup=1",
                      "--search-time=0", "--seed=7", "-o", "r.json"]
        self.good = None

    def begin(self):
        self.bench.fresh()
        outcome = self.bench.run(self.words, command="none")
        self.good = self.bench.load("r.json")
        if outcome.status != 0:
            sys.exit(f"torture: a sweep fails undisturbed: {outcome.err}")

    def prepare(self):
        self.bench.fresh()

    def judge(self, outcome, killed=False):
        bad = self.bench.faults_of(outcome, killed)
        state, kept = self.bench.path("r.json.state"), 0
        if os.path.exists(state):
            kept = open(state, "rb").read().count(b"ocer-avt")
        if os.path.exists(self.bench.path("r.json")):
            return bad + self.faults_of_result(outcome)
        if outcome.status == 0:
            bad.append("status 0 without a result")
        again = self.bench.run(self.words, command="none")
        bad += self.bench.faults_of(again, killed)
        said = re.search(r"going on with (\d+) finished run", again.err)
        taken = int(said[1]) if said else 0
        if again.status != 0:
            return bad + [f"does not go on: {again.err.strip()[-200:]}"]
        if taken < kept - 1 or taken > kept:
            bad.append(f"of {kept} finished runs in the state {taken} were taken")
        return bad + self.faults_of_result(again)

    def faults_of_result(self, outcome):
        """A cell whose process or target was killed may be invalid, with status 1."""
        new = self.bench.load("r.json")
        if new is None:
            return ["torn file: r.json"]
        if outcome.status == 0 and shape(new["cells"]) != shape(self.good["cells"]):
            return ["wrong result: parts missing"]
        pairs = list(zip(new["cells"], self.good["cells"]))
        if outcome.status != 0:
            pairs = [pair for pair in pairs if pair[0]["valid"]]
        bad = [f"wrong result: the ledger of {c['name']}" for c, g in pairs if c["ledger"] != g["ledger"]]
        return bad + [f"wrong result: {c['runs']} runs of {c['name']}" for c, g in pairs if c["runs"] != g["runs"]]


# The kinds of attempts.

Attempt = collections.namedtuple("Attempt", "kind job command site fault")


class Torture:
    def __init__(self, bench, options):
        self.bench, self.options = bench, options
        self.random = random.Random(options.seed)
        self.counts = collections.OrderedDict() # kind: [attempts, not reached, bad]
        self.found, self.uv = [], collections.Counter()
        self.end, self.left = 0, "no site left"

    def time_is_up(self):
        return time.monotonic() > self.end

    def begin(self, kind, share):
        """A kind may take this share of the time, and what those before it have left."""
        self.end = max(self.end, self.begun) + share * 60 * self.options.minutes
        if kind:
            self.counts.setdefault(kind, [0, 0, 0])

    def sites_of(self, job, command):
        job.prepare()
        outcome = self.bench.run(job.words, command=command)
        bad = job.judge(outcome)
        if bad:
            sys.exit(f"torture: {job.name} has undisturbed: {bad}")
        return [site for site in outcome.seen.sites if not self.is_foreign(site)]

    @staticmethod
    def is_foreign(site):
        """What OpenSSL allocates when it starts is a thousand sites, and none of ours."""
        return any(re.search(r"libcrypto|libssl", module) for module, _ in site.frames[:4])

    @staticmethod
    def is_deep(site):
        return all(module and "libtva_" not in module for module, _ in site.frames[:6])

    def note(self, attempt, bad, outcome=None):
        where = f"at {self.bench.symbols.of(attempt.site)}" if attempt.site else ""
        said = outcome.err.strip()[-300:] if outcome else ""
        for sentence in bad:
            line = f"{attempt.kind}: {attempt.job.name}, {attempt.command} {attempt.fault or ''} {where}: {sentence}"
            self.found.append(line)
            print(f"{line}; it said: {said}", file=sys.stderr, flush=True)

    def judge(self, attempt, outcome, killed=False, more=()):
        count = self.counts.setdefault(attempt.kind, [0, 0, 0])
        bad = attempt.job.judge(outcome, killed) + list(more)
        if attempt.site and attempt.site.function == "unlink" and not killed:
            bad = [sentence for sentence in bad if not sentence.startswith("temporary file left")]
        count[0] += 1
        count[1] += outcome.seen.fired == 0
        count[2] += bool(bad)
        if outcome.seen.uv_aborts:
            self.uv[self.by_whom(attempt.site)] += 1
        self.note(attempt, bad, outcome)

    def by_whom(self, site):
        """The call of libuv that fails, and the function of the program that it is part of."""
        own = [frame for frame in site.frames if not frame[0] or "libtva_" in frame[0]]
        return f"{site.function} of libuv, in {self.bench.symbols.name(*own[0])}"

    def attempt(self, attempt, killed=False):
        attempt.job.prepare()
        outcome = self.bench.run(attempt.job.words, command=attempt.command, site=format(attempt.site.hash, "x"),
                                 **attempt.fault)
        self.judge(attempt, outcome, killed)

    # Each call site fails once.

    def plan_faults(self):
        """First every stack once, then calls that wait, cut short; then what libcurl calls deep within itself; and then
        the stacks that several cells share, in each of them."""
        done, first, second, deep, third = set(), [], [], [], []
        for job in self.jobs():
            job.begin()
            for command in job.commands:
                for site in self.sites_of(job, command):
                    new = site.hash not in done
                    done.add(site.hash)
                    attempt = Attempt(f"call fails in {command}", job, command, site, {})
                    if new:
                        (deep if self.is_deep(site) else first).append(attempt)
                    elif command != "run":
                        third.append(attempt)
                    if new and site.function in INTERRUPTED:
                        second.append(attempt._replace(kind=f"call cut short in {command}", fault={"errno": EINTR}))
                    if new and site.count > 2 and command != "run":
                        second.append(attempt._replace(fault={"nth": site.count // 2 + 1}))
            if self.options.minutes > 1:
                print(f"torture: {job.name}: {len(done)} stacks so far", file=sys.stderr, flush=True)
        for attempts in (first, second, deep, third): # want of time then leaves out some of each command
            self.random.shuffle(attempts)
        return first, second + deep, third

    def jobs(self):
        listed = subprocess.run([self.bench.program, "list", "models"], capture_output=True, text=True).stdout
        models = [model for model in MODELS if f"{model} cannot run here" not in listed]
        cells = [(f"{name}, {model}", options + BATCH, model) for name, options in JOBS.items() for model in models]
        cells += [(f"{name}, {model}", options, model) for name, options in LOOPS.items() for model in models]
        if self.options.sample:
            cells = [cell for cell in cells if cell[0] == "tcp, tasks"]
        for name, options, model in cells:
            yield Run(self.bench, name, [*options, f"--model={model}", "--rounds=1"])
        if not self.options.sample:
            yield from self.others()

    def others(self):
        yield Sweep(self.bench)
        yield Files(self.bench, "plot", ["plot", "--only=makespan,timeline", "-o", "pics", "r.json"], picture_is_whole)
        yield Files(self.bench, "baseline", ["baseline", "--baseline=b.json", "save", "r.json"], json_is_whole)

    def faults(self):
        self.begin(None, 0.75)
        for command in ("run", "cell", "serve"):
            self.begin(f"call fails in {command}", 0)
        first, second, third = self.plan_faults()
        if self.options.sample:
            of = [[attempt for attempt in first if attempt.command == command] for command in ("run", "cell", "serve")]
            first = [attempt for group in of for attempt in self.random.sample(group, self.options.sample // 3)]
            second, third = [], []
        planned = len(first) + len(second)
        for i, attempt in enumerate(first + second + third):
            if self.time_is_up() and not self.options.sample:
                self.left = f"{max(0, planned - i)} of {planned} sites left for want of time"
                print(f"torture: {self.left}", file=sys.stderr)
                return
            self.attempt(attempt)

    # The process is killed.

    def kills(self):
        run = Run(self.bench, "run", ["--job=tcp", "--job=file:size=64k", "--model=tasks", *BATCH, "--rounds=2"])
        jobs = [run] if self.options.sample else [run, *self.others()]
        total = self.options.sample // 2 if self.options.sample else 240
        self.begin(None, 0.15)
        for job in jobs:
            job.begin()
            sites = [(command, site) for command in job.commands for site in self.sites_of(job, command)]
            for _ in range(total // len(jobs)):
                command, site = self.random.choice(sites)
                fault = {"action": "kill", "nth": self.random.randint(1, site.count)}
                kind = f"kill -9 in {job.name}" if command == job.name else f"kill -9 in {command} of {job.name}"
                self.attempt(Attempt(kind, job, command, site, fault), killed=True)
                if self.time_is_up():
                    break

    # A signal comes while a call is under way.

    def signals(self):
        job = Run(self.bench, "run", ["--job=tcp", "--job=sleep:duration=1ms", "--model=tasks", *BATCH, "--rounds=1"])
        job.begin()
        sites = self.sites_of(job, "run")
        self.begin(None, 0.06)
        for i in range(3 * (self.options.sample // 6 if self.options.sample else 30)):
            number = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)[i % 3]
            site = self.random.choice(sites)
            fault = {"action": 300, "nth": self.random.randint(1, site.count)}
            attempt = Attempt(f"{number.name} in a call of run", job, "run", site, fault)
            job.prepare()
            process = self.bench.start(job.words, (), self.bench.environment(command="run", site=format(site.hash, "x"),
                                                                             **fault))
            until = time.monotonic() + 20
            while process.poll() is None and read_shared(self.bench.shared).fired == 0 and time.monotonic() < until:
                time.sleep(0.02)
            process.send_signal(number)
            outcome = self.bench.finish(process)
            self.judge(attempt, self.by_signal(outcome, number), killed=outcome.status == -number,
                       more=self.lost_by_signal(job, site, outcome))
            if self.time_is_up():
                break

    @staticmethod
    def by_signal(outcome, number):
        """The signal may end a process that has nothing to lose yet: this is as kill -9."""
        if outcome.status != -number:
            return outcome
        return outcome._replace(status=128 + number, err=outcome.err + "ended by the signal")

    def lost_by_signal(self, job, site, outcome):
        names = " ".join(self.bench.symbols.name(*frame) for frame in site.frames)
        if re.search(r"\b(document_|output_write|export_|summary_of)", names) and self.bench.load("r.json") == job.good:
            return [f"finished runs lost, status {outcome.status}"]
        return []

    # Limits of the system.

    def limits(self):
        job = Run(self.bench, "run", ["--job=tcp", "--job=http", "--model=tasks,threads", *BATCH, "--rounds=1"])
        self.begin(None, 0.04)
        job.begin()
        size = max(len(data) for data in job.earlier.values())
        tables = [("few descriptors", resource.RLIMIT_NOFILE, range(3, 48)),
                  ("files may not grow", resource.RLIMIT_FSIZE, range(size // 40, size, size // 40))]
        for kind, what, values in tables:
            for value in values:
                if self.time_is_up():
                    break
                attempt = Attempt(kind, job, "run", None, {"limit": value})
                job.prepare()
                outcome = self.bench.run(job.words, [(what, value)], command="none")
                outcome = outcome._replace(seen=outcome.seen._replace(fired=1))
                self.judge(attempt, outcome)

    def run(self):
        self.begun = time.monotonic()
        kinds = {"faults": self.faults, "kills": self.kills, "signals": self.signals, "limits": self.limits}
        for name, kind in kinds.items():
            if self.options.only in (None, name) and not (self.options.sample and name == "limits"):
                kind()

    def table(self):
        rows = [("kind", "attempts", "not reached", "bad outcomes")]
        rows += [(kind, *map(str, count)) for kind, count in self.counts.items()]
        rows.append(("all", *(str(sum(count[i] for count in self.counts.values())) for i in range(3))))
        return rows


def markdown(torture, minutes):
    machine = os.uname()
    cpu = re.search(r"model name\s*: (.*)", open("/proc/cpuinfo").read())
    lines = [f"{cpu[1] if cpu else machine.machine}, {os.cpu_count()} cores, {machine.sysname} {machine.release}, "
             f"{time.strftime('%Y-%m-%d')}; {minutes:.0f} minutes, seed {torture.options.seed}; {torture.left}.", ""]
    for i, row in enumerate(torture.table()):
        lines.append("| " + " | ".join(row) + " |")
        if i == 0:
            lines.append("|---|---:|---:|---:|")
    lines += ["", "Calls whose failure libuv answers with abort(), with their callers:", ""]
    lines += [f"* {name}: {n}" for name, n in sorted(torture.uv.items())] or ["* none"]
    return "\n".join(lines) + "\n"


def write_between_marks(path, text):
    """Replace what stands between the two marks of the page."""
    page = open(path).read()
    before, rest = page.split("<!-- make torture -->\n", 1)
    after = rest.split("<!-- end -->", 1)[1]
    with open(path, "w") as file:
        file.write(f"{before}<!-- make torture -->\n{text}<!-- end -->{after}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=28, help="end after about this time; default 28")
    parser.add_argument("--sample", type=int, default=0, help="only so many faults, of one cell")
    parser.add_argument("--seed", type=int, default=12)
    parser.add_argument("--only", choices=["faults", "kills", "signals", "limits"])
    parser.add_argument("--markdown", help="write the table into this page, between its marks")
    parser.add_argument("program")
    parser.add_argument("library")
    options = parser.parse_args()
    begun = time.monotonic()
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None # syncing files would take most of the time
    with tempfile.TemporaryDirectory(prefix="tva-torture-", dir=memory) as folder:
        bench = Bench(os.path.realpath(options.program), os.path.realpath(options.library), folder)
        torture = Torture(bench, options)
        try:
            torture.run()
        finally:
            for row in torture.table():
                print(f"{row[0]:32} {row[1]:>9} {row[2]:>12} {row[3]:>13}")
            for name, n in sorted(torture.uv.items()):
                print(f"libuv itself aborts ({n}): {name}")
        if options.markdown:
            write_between_marks(options.markdown, markdown(torture, (time.monotonic() - begun) / 60))
    return 1 if torture.found else 0


if __name__ == "__main__":
    sys.exit(main())
