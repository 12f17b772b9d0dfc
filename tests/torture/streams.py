"""Standard streams that are closed, full, or whose other end has gone."""
import os

from attempt import Attempt
from commands import BATCH, COUNTED, Files, Run, Sweep, plot, readers

NAMES = ["standard input", "standard output", "standard error"]


def closed(number):
    return {"before": ["sh", "-c", f'exec "$@" {number}{"<" if number == 0 else ">"}&-', "sh"]}


def full(number):
    with open("/dev/full", "wb", buffering=0) as device:
        return {("stdin", "stdout", "stderr")[number]: os.dup(device.fileno())}


def broken(number):
    reader, writer = os.pipe()
    kept, gone = (reader, writer) if number == 0 else (writer, reader)
    os.close(gone)
    return {("stdin", "stdout", "stderr")[number]: kept}


STATES = {"closed": closed, "full": full, "a broken pipe": broken}


def lost(command, number, outcome, bad):
    """What was printed is lost with its stream: then the status says so, and standard error why."""
    if number == 1:
        bad = [sentence for sentence in bad if not sentence.startswith("wrong result: status 0 w")]
        if outcome.status == 0 and command.prints:
            bad.append("status 0 though its output was lost")
        if outcome.status != 0 and "tva" not in outcome.err:
            bad.append("not a word of the output that was lost")
    if number == 2:
        bad = [sentence for sentence in bad if not sentence.endswith("without a word")]
    late = "CONTRADICTS" in outcome.out # a demo on a loaded machine
    if number != 1 and outcome.status not in command.statuses and not late:
        bad.append(f"status {outcome.status}")
    return bad


def without(command, number, state):
    def execute(bench):
        command.prepare(bench)
        how = STATES[state](number)
        try:
            outcome = bench.run(command.words, **how)
        finally:
            for of in how.values():
                if isinstance(of, int):
                    os.close(of)
        return outcome, lost(command, number, outcome, command.judge(bench, outcome))

    return Attempt(f"{NAMES[number]} is {state}", command.name, None, execute)


def commands():
    run = Run("run", ["--job=tcp", "--job=null", "--model=tasks", *BATCH, "--rounds=1"])
    listed = [Files("list", ["list", "jobs"], same=True), Files("help", ["run", "--help"], same=True),
              Files("export to standard output", ["export", "--format=csv", "r.json"], [COUNTED], same=True)]
    return [run, Sweep(), plot(), *readers(), *listed]


def streams(torture):
    for_all = commands()
    torture.each(lambda bench, command: command.begin(bench), for_all)
    torture.carry_out([without(command, number, state) for command in for_all for number in range(3) for state in STATES
                       if (number, state) != (0, "full")])
