"""Every signal in every phase: it comes while a call of that phase is under way, which fault.c holds for a while."""
import collections
import os
import re
import signal
import time

from attempt import Attempt
from commands import BATCH, Run, Sweep, baseline, pair, plot
from faults import list_sites
from sites import read_shared

HELD_MS = 300

# What a signal that ends a process may lose. Before anything is measured it ends the program at once. From then on the program
# remembers it, ends what runs, and keeps what is complete; and once the result is written nothing is left to lose.
NOTHING_YET, ENDS_RUNS, KEEPS_ALL, IS_KEPT = range(4)

# callers: one of these functions is among the callers of the call that is held, which the process makes for the nth time;
# 0: a random one, -1: the last.
Phase = collections.namedtuple("Phase", "name process callers nth then")
PHASES = {
    "run": [
        Phase("reads its options", "run", "read_options|suite_plan", 0, NOTHING_YET),
        Phase("tries -o", "run", "output_settle", 0, NOTHING_YET),
        Phase("prepares", "run", "harness_create", 0, NOTHING_YET),
        Phase("measures the machine", "run", "harness_timer_error|primitives_measure", 0, ENDS_RUNS),
        Phase("starts the target", "run", "start_target", 1, ENDS_RUNS),
        Phase("warms up", "cell", "sample_run_job", 1, ENDS_RUNS),
        Phase("is in its first run", "cell", "execution_main|run_execute", 1, ENDS_RUNS),
        Phase("waits for a run", "run", "run_proc_wait", 0, ENDS_RUNS),
        Phase("is between runs", "run", "run_proc_record|run_proc_args", 0, ENDS_RUNS),
        Phase("is in its last run", "cell", "sample_run_job", -1, ENDS_RUNS),
        Phase("is served", "serve", "target_serve|serve", 0, ENDS_RUNS),
        Phase("summarises", "run", "summarise", 0, KEEPS_ALL),
        Phase("writes the result", "run", "result_write", 0, KEEPS_ALL),
        Phase("writes what is beside it", "run", "export_all", 0, KEEPS_ALL),
        Phase("shows the report", "run", "report_write|report_write_answer|output_conclude", 0, IS_KEPT),
    ],
    "sweep": [
        Phase("opens its state", "sweep", "open_state", 0, NOTHING_YET),
        Phase("measures", "sweep", "sweep_measure", 0, ENDS_RUNS),
        Phase("is in a run", "cell", "run_execute", 0, ENDS_RUNS),
        Phase("writes the result", "sweep", "result_write|export_all", 0, KEEPS_ALL),
        Phase("shows the report", "sweep", "sweep_report_write|output_conclude", 0, IS_KEPT),
    ],
    "plot": [
        Phase("writes data", "plot", "chart_write", 0, NOTHING_YET),
        Phase("starts gnuplot", "plot", "proc_start", 0, NOTHING_YET),
        Phase("waits for gnuplot", "plot", "await", 0, NOTHING_YET),
        Phase("puts a picture in place", "plot", "put_in_place", 0, NOTHING_YET),
    ],
    "baseline": [
        Phase("reads", "baseline", "result_read", 0, NOTHING_YET),
        Phase("writes", "baseline", "result_write", 0, NOTHING_YET),
    ],
    "pair": [
        Phase("reads its options", "pair", "read_options|plan_cells", 0, NOTHING_YET),
        Phase("measures", "pair", "measure", 0, ENDS_RUNS),
        Phase("concludes", "pair", "conclude|result_write", 0, KEEPS_ALL),
    ],
}

# group: to the whole process group, as a terminal sends it; twice: by an impatient user.
Sent = collections.namedtuple("Sent", "name numbers group")
ENDING = [
    Sent("SIGINT", [signal.SIGINT], False),
    Sent("Ctrl-C", [signal.SIGINT], True),
    Sent("Ctrl-C twice", [signal.SIGINT, signal.SIGINT], True),
    Sent("SIGTERM", [signal.SIGTERM], False),
    Sent("SIGHUP", [signal.SIGHUP], True),
]
KILLING = [
    Sent("SIGQUIT", [signal.SIGQUIT], True),
    Sent("SIGUSR1", [signal.SIGUSR1], False),
]
HARMLESS = [
    Sent("SIGPIPE", [signal.SIGPIPE], False),
    Sent("SIGCHLD", [signal.SIGCHLD], False),
    Sent("SIGWINCH", [signal.SIGWINCH], True),
    Sent("stopped, continued", [signal.SIGSTOP, signal.SIGCONT], True),
    Sent("SIGHUP under nohup", [signal.SIGHUP], True),
]


def send(process, sent):
    for number in sent.numbers:
        try:
            (os.killpg if sent.group else os.kill)(process.pid, number)
        except ProcessLookupError:
            return
        time.sleep(0.02)


def signalled(bench, command, fault, sent):
    """Start the command, wait until the call is held, and send the signal."""
    before = ["nohup"] if "nohup" in sent.name else []
    process = bench.start(command.words, fault, before=before)
    until = time.monotonic() + 20
    while process.poll() is None and read_shared(bench.shared).fired == 0 and time.monotonic() < until:
        time.sleep(0.01)
    reached = process.poll() is None and read_shared(bench.shared).fired > 0
    if reached:
        send(process, sent)
    outcome = bench.finish(process)
    return outcome if reached else outcome._replace(seen=outcome.seen._replace(fired=0))


def faults_of_end(bench, command, then, sent, outcome):
    """What is bad about how the program ended after a signal that ends it."""
    number = sent.numbers[0]
    if outcome.status not in (-number, 128 + number) and not (then == IS_KEPT and outcome.status in (0, 1)):
        return [f"status {outcome.status}"]
    remembered = "interrupted" in outcome.err # and only a second one may have ended it, with all done
    if outcome.status == -number and then in (ENDS_RUNS, KEEPS_ALL) and not (len(sent.numbers) > 1 and remembered):
        return ["it was ended by the signal instead of remembering it"]
    if then in (KEEPS_ALL, IS_KEPT) and not command.is_new(bench):
        return ["finished runs lost"]
    return []


def faults_of_harmless(outcome):
    if outcome.status == 0 or (outcome.status == 1 and "invalid" in outcome.err + outcome.out) or outcome.status == 4:
        return []
    return [f"status {outcome.status}"]


def signalling(command, phase, sent, site, nth):
    def execute(bench):
        command.prepare(bench)
        fault = {"command": phase.process, "site": format(site.hash, "x"), "action": HELD_MS, "nth": nth}
        outcome = signalled(bench, command, fault, sent)
        killed = sent.numbers[0] if sent not in HARMLESS else 0
        ended = outcome.status == -killed
        judged = outcome._replace(err=outcome.err + "ended by a signal") if ended else outcome
        bad = command.judge(bench, judged, killed=killed)
        if outcome.seen.fired and sent in ENDING:
            bad += [f"temporary file left: {name}" for name in bench.files() if name.endswith(".tmp")]
            bad += faults_of_end(bench, command, phase.then, sent, outcome)
        if outcome.seen.fired and sent in HARMLESS:
            bad += faults_of_harmless(outcome)
        return outcome, bad

    return Attempt(f"{command.name} {phase.name}", f"{sent.name}, call {nth} of {phase.process}", site, execute)


def attempts_of(torture, command, sites):
    """sites: of each process of the command."""
    for found in sites.values():
        torture.symbols.learn(found)
    for phase in PHASES[command.name]:
        wanted = re.compile(rf"^({phase.callers}) ")
        of = [site for site in sites[phase.process] if any(map(wanted.match, torture.symbols.callers(site)))]
        if not of:
            raise SystemExit(f"torture: no call is made while {command.name} {phase.name}")
        for sent in [*ENDING, *KILLING, *HARMLESS]:
            site = torture.random.choice(of)
            nth = {0: torture.random.randint(1, site.count), 1: 1, -1: site.count}[phase.nth]
            yield signalling(command, phase, sent, site, nth)


def signals(torture):
    run = Run("run", ["--job=tcp", "--job=sleep:duration=1ms", "--model=tasks", *BATCH, "--rounds=2"])
    sites = collections.defaultdict(dict)
    for command, name, found in list_sites(torture, [run, Sweep(), plot(), baseline(), pair(torture.program)]):
        sites[command][name] = found
    torture.carry_out([attempt for command in sites for attempt in attempts_of(torture, command, sites[command])])
