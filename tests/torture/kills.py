"""kill -9 at random points."""
import signal

from attempt import Attempt
from commands import BATCH, Advise, Run, Sweep, baseline, changing, own_work, plot
from faults import list_sites

EACH = 60 # of each command


def killing(command, name, site, nth):
    def execute(bench):
        command.prepare(bench)
        outcome = bench.run(command.words, {"command": name, "site": format(site.hash, "x"), "action": "kill", "nth": nth})
        return outcome, command.judge(bench, outcome, killed=signal.SIGKILL)

    kind = f"{command.name} itself" if command.name == name else f"{name} of {command.name}"
    return Attempt(kind, f"{command.name}, {name}, call {nth}", site, execute)


def kills(torture, each=EACH):
    run = Run("run", ["--job=tcp", "--job=file:size=64k", "--model=tasks", *BATCH, "--rounds=2"])
    sites = {}
    more = [Sweep(), plot(), baseline(), own_work(torture), changing(), Advise()] if each == EACH else []
    for command, name, found in list_sites(torture, [run, *more]):
        sites.setdefault(command, []).extend((name, site) for site in found)
    attempts = []
    for command, found in sites.items():
        for _ in range(each):
            name, site = torture.random.choice(found)
            attempts.append(killing(command, name, site, torture.random.randint(1, site.count)))
    torture.carry_out(attempts)
