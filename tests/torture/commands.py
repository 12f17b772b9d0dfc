"""Commands of the program, and what each must leave whatever fails.

A command has a name, its words, the commands of the program that run in it, begin(), which runs it undisturbed, prepare(), which
makes the folder of an attempt, and judge(), which lists what is bad afterwards. An object serves all workers: the bench is
an argument.
"""
import json
import os
import re
import subprocess
import sys

MODELS = ["sequential", "tasks", "pool", "blocking", "threads", "offload", "uring", "loops", "loops-uring"]
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
    "steps": ["--job=file:size=64k + tcp:delay=1ms + cpu:time=10us"],
    "dns": ["--job=dns"],
    "a target that misbehaves": ["--job=tcp:pathology=stall=5ms/20ms+limit=1"],
}
BATCH = ["--jobs=3", "--warmup=1", "--threads=2"]
LOOPS = {
    "open loop": ["--job=sleep:duration=1ms", "--rate=500/s", "--jobs=4", "--drain=10s", "--warmup=1", "--threads=2"],
    "closed loop": ["--job=sleep:duration=1ms", "--clients=2", "--jobs=4", "--warmup=1", "--threads=2"],
    "ramp": ["--job=sleep:duration=1ms", "--rate=100..2000/s", "--duration=20ms", "--drain=10s", "--threads=2"],
}
SOURCE = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))


def models(program):
    """Those that can run here."""
    listed = subprocess.run([program, "list", "models"], capture_output=True, text=True).stdout
    return [model for model in MODELS if f"{model} cannot run here" not in listed]


def make_plugin(program, folder):
    """The one that tva new begins, built."""
    for words in ([program, "new", "job", "mine"], ["make", "-s", "-C", "mine"]):
        subprocess.run(words, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return os.path.join(folder, "mine", "mine.so")


def cells(torture):
    """Each job and load under each model: (name, options)."""
    jobs = {**JOBS, "plugin": [f"--job={torture.plugin}:delay=1ms"]}
    for name, options in [*((name, options + BATCH) for name, options in jobs.items()), *LOOPS.items()]:
        for model in models(torture.program):
            yield f"{name}, {model}", [*options, f"--model={model}"]


def needs_target(options):
    return any(re.match("--job=(.* )?(tcp|http)", option) for option in options)


def shape(value):
    """A document without its values: a result that lacks a part has another shape."""
    if isinstance(value, dict):
        return {key: shape(part) for key, part in value.items() if key not in ("errors", "warnings", "reasons")}
    return isinstance(value, list)


def undisturbed(bench, words, statuses=(0,)):
    outcome = bench.run(words)
    if outcome.status not in statuses:
        sys.exit(f"torture: tva {' '.join(words)} fails undisturbed, with status {outcome.status}: {outcome.err}")
    return outcome


class Run:
    """Writes a result beside an earlier one."""

    files = ["r.json", "r.csv", "r.md"]
    statuses, prints = (0,), True

    def __init__(self, name, options):
        self.name = name
        self.commands = ["run", "cell"] + ["serve"] * needs_target(options)
        self.words = ["run", *options, "--timeout=30s", "--seed=7", "-q", "-o", "r.json", "--exports"]
        self.good = self.earlier = None

    def begin(self, bench):
        """The undisturbed result is also the earlier one of each attempt."""
        bench.fresh()
        undisturbed(bench, self.words, (0, 1))
        self.good, self.earlier = bench.load("r.json"), bench.files()

    def prepare(self, bench):
        bench.fresh(self.earlier)

    def is_new(self, bench):
        return bench.load("r.json") not in (None, self.good)

    def judge(self, bench, outcome, killed=0):
        bad = bench.faults_of(outcome, killed)
        new = bench.load("r.json")
        if new is None:
            return bad + ["torn or lost file: r.json"]
        files = bench.files()
        for name in self.files[1:]:
            data = files.get(name, b"")
            lines, needed = data.count(b"\n"), self.earlier[name].count(b"\n") // 2
            if not data.endswith(b"\n") or (outcome.status == 0 and lines < needed):
                bad.append(f"torn or lost file: {name}")
        if new == self.good:
            return bad + ["status 0 without a result"] * (outcome.status == 0)
        bad += self.faults_of_cells(new)
        return bad + (self.faults_of_success(new, outcome.out) if outcome.status == 0 else [])

    def faults_of_cells(self, new):
        ledgers = {cell["name"]: cell["ledger"] for cell in self.good["cells"]}
        return [f"wrong result: valid, but its ledger is {cell['ledger']}" for cell in new["cells"]
                if cell["valid"] and cell["ledger"] != ledgers[cell["name"]]]

    def faults_of_success(self, new, out):
        bad = ["status 0 with an invalid cell" for cell in new["cells"] if not cell["valid"]]
        if [cell["runs"] for cell in new["cells"]] != [cell["runs"] for cell in self.good["cells"]]:
            bad.append("wrong result: status 0 with runs missing")
        if shape(new["cells"]) != shape(self.good["cells"]):
            bad.append("wrong result: status 0 with parts missing")
        rows = re.findall(r"(?m)^ +([a-z-]+)[ (].*\d", out)
        if "=>" not in out or any(cell["model"] not in rows for cell in new["cells"]):
            bad.append("wrong result: status 0 without the table")
        return bad


class Cell:
    """One run in one process, which prints a line: the cheapest way to a job's calls."""

    def __init__(self, name, options, target):
        self.name, self.commands = name, ["cell"]
        self.words = ["cell", *options, "--seed=7"] + [f"--target={target}"] * needs_target(options)

    def begin(self, bench):
        bench.fresh()
        undisturbed(bench, self.words)

    def prepare(self, bench):
        bench.fresh()

    def judge(self, bench, outcome, killed=0):
        bad = bench.faults_of(outcome, killed)
        if outcome.status == 0 and not re.search(r": [\d.]+ \w+, .*CPU .*\n$", outcome.out):
            bad.append("wrong result: status 0 without its line")
        if bench.files():
            bad.append(f"files left: {', '.join(bench.files())}")
        return bad


class Sweep:
    """A sweep that is ended goes on from its state by the same command."""

    statuses, prints = (0,), True

    def __init__(self):
        self.name, self.commands = "sweep", ["sweep", "cell", "serve"]
        self.words = ["sweep", "--over=jobs=1,2", "--model=tasks,blocking", "--job=tcp", "--rounds=2", "--warmup=1",
                      "--search-time=0", "--seed=7", "-o", "r.json"]
        self.good = None

    def begin(self, bench):
        bench.fresh()
        undisturbed(bench, self.words)
        self.good = bench.load("r.json")

    def prepare(self, bench):
        bench.fresh()

    def is_new(self, bench):
        return bench.load("r.json") is not None

    def judge(self, bench, outcome, killed=0):
        bad = bench.faults_of(outcome, killed)
        state, kept = bench.path("r.json.state"), 0
        if os.path.exists(state):
            with open(state, "rb") as file:
                kept = file.read().count(b"ocer-avt")
        if os.path.exists(bench.path("r.json")):
            return bad + self.faults_of_result(bench, outcome)
        if outcome.status == 0:
            bad.append("status 0 without a result")
        again = bench.run(self.words)
        bad += bench.faults_of(again, killed)
        said = re.search(r"going on with (\d+) finished run", again.err)
        taken = int(said[1]) if said else 0
        if again.status != 0:
            return bad + [f"does not go on: {again.err.strip()[-200:]}"]
        if taken < kept - 1 or taken > kept:
            bad.append(f"of {kept} finished runs in the state {taken} were taken")
        return bad + self.faults_of_result(bench, again)

    def faults_of_result(self, bench, outcome):
        """A cell whose process or target was killed may be invalid, with status 1."""
        new = bench.load("r.json")
        if new is None:
            return ["torn file: r.json"]
        if outcome.status == 0 and shape(new["cells"]) != shape(self.good["cells"]):
            return ["wrong result: parts missing"]
        pairs = list(zip(new["cells"], self.good["cells"]))
        if outcome.status != 0:
            pairs = [pair for pair in pairs if pair[0]["valid"]]
        bad = [f"wrong result: the ledger of {c['name']}" for c, g in pairs if c["ledger"] != g["ledger"]]
        return bad + [f"wrong result: {c['runs']} runs of {c['name']}" for c, g in pairs if c["runs"] != g["runs"]]


class Files:
    """Reads files and perhaps writes some: each is afterwards the earlier one or a whole one, and what was read is as it was.

    before: the commands that make what it reads. statuses: those of the undisturbed command. same: what it prints is the
    same each time, up to numbers that lines() takes out."""

    def __init__(self, name, words, before=(), whole=None, statuses=(0,), same=False):
        self.name, self.words, self.commands = name, words, [words[0]]
        self.before, self.whole, self.statuses, self.same = before, whole, statuses, same
        self.earlier = self.input = self.out = self.prints = None

    def begin(self, bench):
        bench.fresh()
        for words in self.before:
            if isinstance(words, tuple):
                with open(os.path.join(SOURCE, words[0]), "rb") as file, open(bench.path(words[1]), "wb") as copy:
                    copy.write(file.read())
            else:
                undisturbed(bench, words)
        self.input = bench.files()
        self.out = undisturbed(bench, self.words, self.statuses).out
        self.earlier, self.prints = bench.files(), self.out != ""

    def prepare(self, bench):
        bench.fresh(self.earlier)

    def is_new(self, bench):
        now = bench.files()
        return any(now.get(name) != data for name, data in self.earlier.items() if name not in self.input)

    def judge(self, bench, outcome, killed=0):
        bad = bench.faults_of(outcome, killed)
        now = bench.files()
        for name, data in self.earlier.items():
            if name not in now:
                bad.append(f"lost file: {name}")
            elif name in self.input and now[name] != data:
                bad.append(f"the input {name} was changed")
            elif now[name] != data and not self.whole(name, now[name]):
                bad.append(f"torn file: {name}")
        if outcome.status == 0 and 0 not in self.statuses:
            bad.append("wrong result: status 0")
        if outcome.status in self.statuses and self.same and lines(outcome.out) != lines(self.out):
            bad.append(f"wrong result: status {outcome.status} with other output")
        return bad


def lines(out):
    """What is printed without its numbers, which differ where something is measured."""
    return sorted(re.sub(r"\d+(\.\d+)?( ?[nuμm]?s\b)?", "#", out).split("\n"))


def picture_is_whole(name, data):
    return {".svg": data.rstrip().endswith(b"</svg>"), ".png": data.endswith(b"IEND\xae\x42\x60\x82")}.get(
        os.path.splitext(name)[1], len(data) > 0)


def json_is_whole(_, data):
    try:
        return bool(json.loads(data))
    except ValueError:
        return False


COUNTED = ["run", "--job=null", "--jobs=4", "--model=tasks,pool", "--threads=2", "--rounds=2", "--counts", "--seed=7", "-q",
           "-o", "r.json"]


def plot():
    return Files("plot", ["plot", "--only=makespan,timeline", "-o", "pics", "r.json"], [COUNTED], picture_is_whole)


def own_work(torture):
    """A run of what users bring."""
    jobs = [f"--job={torture.plugin} + cpu:time=10us + null", "--job=dns"]
    return Run("run of a plugin and dns", [*jobs, "--model=tasks,threads", *BATCH, "--rounds=1"])


def changing():
    """A run in which load and target change."""
    return Run("run of a ramp", ["--job=tcp:pathology=stall=20ms/50ms", "--rate=100..2000/s", "--duration=100ms", "--drain=10s",
                                 "--model=tasks,threads", "--threads=2", "--rounds=1"])


class Advise(Files):
    """Measures, and prints a document."""

    def __init__(self):
        super().__init__("advise", ["advise", "--job=sleep:duration=1ms", "--rate=100/s", "--model=tasks,pool",
                                    "--threads=2", "--time-limit=3s", "--seed=7", "-q", "--json"])
        self.commands = ["advise", "cell"]

    def judge(self, bench, outcome, killed=0):
        bad = super().judge(bench, outcome, killed)
        if outcome.status == 0 and keys_of(outcome.out) != keys_of(self.out):
            bad.append("wrong result: status 0 with parts missing")
        return bad


def keys_of(text):
    try:
        return set(json.loads(text))
    except ValueError:
        return None


def baseline():
    return Files("baseline", ["baseline", "--baseline=b.json", "save", "r.json"], [COUNTED], json_is_whole)


def pair(program):
    words = ["pair", f"--base={program}", f"--contender={program}", "--model=tasks", "--job=null", "--jobs=5",
             "--budget=1ms", "--seed=5", "-q", "-o", "p.json"]
    return Files("pair", words, [], json_is_whole, statuses=(4,))


def readers():
    """Commands that read and print."""
    saved = ["baseline", "--baseline=b.json", "save", "r.json"]
    return [
        Files("report", ["report", "r.json"], [COUNTED], same=True),
        Files("check", ["check", "--baseline=b.json", "r.json"], [COUNTED, saved], same=True),
        Files("compare", ["compare", "r.json", "r.json"], [COUNTED], same=True),
        Files("export", ["export", "--format=csv", "-o", "e.csv", "r.json"], [COUNTED], lambda _, data: data.count(b"\n") == 3),
        Files("theory", ["theory", "t.json"], [("results/sample/theory.json", "t.json")], same=True),
        Files("demo", ["demo", "create-task", "--scale=0.01", "--no-chart"], same=True),
    ]
