"""Each call site fails once."""
from attempt import Attempt
from commands import Advise, Cell, Run, Sweep, baseline, cells, pair, plot, readers
from sites import is_deep, is_foreign

# Calls that wait can be cut short as well.
INTERRUPTED = {"open", "read", "write", "accept4", "connect", "flock", "recv", "send", "poll", "ppoll", "readv",
               "writev", "preadv2"}
EINTR = 4
# Those that fail in no other way, and so not for ever.
ONLY_CUT_SHORT = {"poll", "ppoll", "epoll_wait", "epoll_pwait", "waitpid", "wait4"}


def sites_of(torture, bench, command, name):
    """What the command reaches in its process `name`, undisturbed."""
    command.prepare(bench)
    outcome = bench.sites(command.words, name)
    bad = command.judge(bench, outcome)
    if bad:
        raise SystemExit(f"torture: {command.name} has undisturbed: {bad}: {outcome.err}")
    return [site for site in outcome.seen.sites if not is_foreign(site)]


def list_sites(torture, commands):
    """[(command, name, sites)] of all processes of all commands, which begin here."""
    def of(bench, command):
        command.begin(bench)
        return [(command, name, sites_of(torture, bench, command, name)) for name in command.commands]

    return [entry for entries in torture.each(of, commands) for entry in entries]


def striking(torture, kind, command, name, site, **fault):
    """The attempt that strikes at the site."""
    def execute(bench):
        command.prepare(bench)
        outcome = bench.run(command.words, {"command": name, "site": format(site.hash, "x"), **fault})
        library = bench.crashed_library()
        if library and library in site.frames[0][0]:
            outcome = outcome._replace(library=library)
        elif bench.has_crashed(outcome) and any("nss_" in name for name in torture.symbols.callers(site)[:4]):
            outcome = outcome._replace(library="glibc") # it does not look whether getaddrinfo() has got memory
        bad = command.judge(bench, outcome)
        if site.function == "unlink": # what else could have removed it?
            bad = [sentence for sentence in bad if not sentence.startswith("temporary file left")]
        return outcome, bad

    return Attempt(kind, f"{command.name}, {name} {fault or ''}", site, execute)


def in_processes(torture):
    """Every stack of run, cell, serve and sweep, once; and, while time remains, halfway through its calls, cut short where it
    waits, and what libraries call deep within themselves."""
    once, later, deep, done = [], [], [], set()
    commands = [Run(name, [*options, "--rounds=1"]) for name, options in cells(torture)]
    for command, name, sites in list_sites(torture, [*commands, Sweep()]):
        for site in sites:
            if site.hash in done:
                continue
            done.add(site.hash)
            attempt = striking(torture, f"in {name}", command, name, site)
            (deep if is_deep(site) else once).append(attempt)
            if site.function in INTERRUPTED:
                later.append(striking(torture, f"cut short in {name}", command, name, site, errno=EINTR))
            if site.count > 2 and name != "run":
                later.append(striking(torture, f"in {name}", command, name, site, nth=site.count // 2 + 1))
    torture.carry_out(once)
    torture.postpone(later)
    torture.postpone(deep)


def in_cells(torture):
    """Every stack of every job under every model that its run does not share with the command's start and end."""
    attempts, starts = [], set()
    commands = [Cell(name, options, torture.target) for name, options in cells(torture)]
    listed = list_sites(torture, commands)
    of_all = set.intersection(*[{site.hash for site in sites} for _, _, sites in listed])
    for command, name, sites in listed:
        for site in sites:
            if is_deep(site) or (site.hash in of_all and site.hash in starts):
                continue
            starts.add(site.hash)
            attempts.append(striking(torture, "in cell, of each job and model", command, name, site))
    torture.carry_out(attempts)


def in_readers(torture):
    """Every stack of the other commands."""
    attempts = []
    for command, name, sites in list_sites(torture, [plot(), baseline(), pair(torture.program), Advise(), *readers()]):
        attempts += [striking(torture, f"in {name}", command, name, site) for site in sites if not is_deep(site)]
    torture.carry_out(attempts)


def sticky(torture):
    """From one call on, all calls of the same function fail: the first reached of each function, and some more."""
    attempts = []
    commands = [Run(name, [*options, "--rounds=1"]) for name, options in cells(torture) if name.endswith(("tasks", "threads"))]
    for command, name, sites in list_sites(torture, torture.random.sample(commands, 4)):
        functions = {}
        for site in sites:
            functions.setdefault(site.function, []).append(site)
        for of in (of for function, of in functions.items() if function not in ONLY_CUT_SHORT):
            attempts += [striking(torture, f"and go on failing in {name}", command, name, site, sticky=1)
                         for site in torture.random.sample(of, min(2, len(of)))]
    torture.carry_out(attempts)


def sample(torture, number):
    """A few faults of one cell, for make test."""
    name, options = next(cell for cell in cells(torture) if cell[0] == "tcp, tasks")
    for command, process, sites in list_sites(torture, [Run(name, [*options, "--rounds=1"])]):
        few = torture.random.sample([site for site in sites if not is_deep(site)], number // 3)
        torture.carry_out([striking(torture, f"in {process}", command, process, site) for site in few])
