"""Limits of the system, each from nothing up to where the program works."""
import contextlib
import ctypes
import os
import re
import shutil

from attempt import Attempt
from bench import Bench
from commands import BATCH, Advise, Run, Sweep, own_work, plot

NOBODY = 54321 # the kernel counts the processes of a user, and root's are free


def limited(kind, command, what, before):
    def execute(bench):
        command.prepare(bench)
        outcome = bench.run(command.words, before=before)
        return outcome, command.judge(bench, outcome)

    return Attempt(kind, f"{command.name}, {what}", None, execute)


def table(torture, kind, command, option, values):
    """The command under each value of a limit of prlimit's."""
    torture.each(lambda bench, _: command.begin(bench), [None])
    torture.carry_out([limited(kind, command, f"{option}{value}", ["prlimit", f"{option}{value}"]) for value in values])


# Descriptors.

def descriptors(torture):
    commands = [Run("run", ["--job=tcp", "--job=http", "--model=tasks,threads", *BATCH, "--rounds=1"]), own_work(torture),
                Sweep(), plot(), Advise()]
    for command in commands:
        table(torture, f"descriptors, {command.name}", command, "--nofile=", range(3, 52))


# Files that may not grow, and disks that are full.

def file_size(torture):
    command = Run("run", ["--job=tcp", "--model=tasks,threads", *BATCH, "--rounds=1"])
    torture.each(lambda bench, _: command.begin(bench), [None])
    size = max(map(len, command.earlier.values()))
    # Below 2,000 bytes its messages have no room either, since they go to a file.
    table(torture, "size of files, run", command, "--fsize=", range(2000, size, size // 30))
    table(torture, "size of files, plot", plot(), "--fsize=", range(2000, 40000, 2000))


MS_REMOUNT, MNT_DETACH = 32, 2 # of <sys/mount.h>
libc = ctypes.CDLL(None, use_errno=True)


def checked(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


# Not by mount(8), which first reads the table of mounts, while others change it.
def mount(flags, kilobytes, folder):
    kilobytes = max(kilobytes, 4) # 0 would be no limit
    checked(libc.mount(b"none", os.fsencode(folder), b"tmpfs", flags, b"size=%dk" % kilobytes))


@contextlib.contextmanager
def small_disk(bench, kilobytes):
    mount(0, kilobytes, bench.work)
    try:
        yield
    finally:
        checked(libc.umount2(os.fsencode(bench.work), MNT_DETACH))


def on_small_disk(kind, command, files, kilobytes):
    """A disk with the earlier files, and so much room for new ones."""
    def execute(bench):
        bench.fresh()
        room = sum(-(-len(data) // 4096) * 4 for data in files.values()) + 4 * len(files)
        with small_disk(bench, room + kilobytes):
            bench.put(files)
            outcome = bench.run(command.words)
            mount(MS_REMOUNT, 16 << 10, bench.work) # a sweep then goes on
            return outcome, command.judge(bench, outcome)

    return Attempt(kind, f"{command.name}, {kilobytes} KiB", None, execute)


def disk(torture):
    if os.geteuid() != 0:
        torture.skip("full disks: a small file system takes root to mount")
        return
    for command in (Run("run", ["--job=tcp", "--model=tasks,threads", *BATCH, "--rounds=1"]), Sweep(), plot()):
        torture.each(lambda bench, _: command.begin(bench), [None])
        files = getattr(command, "earlier", None) or {}
        torture.carry_out([on_small_disk(f"full disk, {command.name}", command, files, room) for room in range(0, 128, 4)])


# Processes and threads.

class OfNobody:
    """The program where another user can reach it."""

    def __init__(self, torture, folder):
        self.folder = folder
        os.makedirs(folder)
        os.chmod(torture.folder, 0o755)
        for name in os.listdir(os.path.dirname(torture.program)):
            if name == "tva" or re.match(r"libtva_.*\.so", name):
                shutil.copy(os.path.join(os.path.dirname(torture.program), name), folder)
        self.program = os.path.join(folder, "tva")
        shutil.copy(torture.library, folder)
        self.bench = Bench(self.program, os.path.join(folder, os.path.basename(torture.library)), os.path.join(folder, "bench"))
        self.bench.look_for_leaks = False # which takes a process
        os.chown(self.bench.folder, NOBODY, NOBODY)


def processes(torture):
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        torture.skip("processes: root's are not limited, and setpriv, which makes another user, is not installed")
        return
    other = OfNobody(torture, os.path.join(torture.folder, "nobody"))
    user = ["setpriv", f"--reuid={NOBODY}", "--clear-groups"] if os.geteuid() == 0 else []
    command = Run("run", ["--job=tcp", "--job=sleep:duration=1ms", "--model=pool,threads", *BATCH, "--rounds=1"])
    command.begin(other.bench)

    def attempt(value):
        def execute(_):
            command.prepare(other.bench)
            for folder, _, names in os.walk(other.bench.folder):
                for name in [folder, *(os.path.join(folder, name) for name in names)]:
                    os.chown(name, NOBODY, NOBODY)
            outcome = other.bench.run(command.words, before=[*user, "prlimit", f"--nproc={value}"])
            return outcome, command.judge(other.bench, outcome)

        return Attempt("processes, run", f"--nproc={value}", None, execute)

    torture.one_by_one([attempt(value) for value in range(1, 25)])


# Memory, of the plain program: a sanitizer needs more address space than a limit leaves.

def memory(torture):
    plain = torture.options.plain
    if plain is None:
        torture.skip("address space and stack: --plain names no program without sanitizers")
        return
    plain = os.path.realpath(plain)
    commands = [Run("run", ["--job=null", "--job=http", "--model=tasks,threads", *BATCH, "--rounds=1"]), own_work(torture), Advise()]

    def attempt(kind, command, option, value):
        def execute(bench):
            sanitized, bench.program = bench.program, plain
            try:
                command.prepare(bench)
                outcome = bench.run(command.words, before=["prlimit", f"{option}{value}"])
                return outcome, command.judge(bench, outcome)
            finally:
                bench.program = sanitized

        return Attempt(f"{kind}, {command.name}", f"{option}{value}", None, execute)

    torture.each(lambda bench, command: command.begin(bench), commands)
    mebibytes = [*range(4, 64, 4), *range(64, 512, 32)]
    torture.carry_out([attempt("address space", command, "--as=", value << 20) for command in commands for value in mebibytes])
    stacks = [32, 64, 96, 128, 256, 512, 1024, 8192, 65536, 1 << 20] # with 16 the loader has no room
    torture.carry_out([attempt("stack", command, "--stack=", f"{value << 10}") for command in commands for value in stacks])
    torture.carry_out([attempt("locked memory", command, "--memlock=", value) for command in commands for value in (0, 4096)])


def limits(torture):
    for part in (descriptors, file_size, disk, processes, memory):
        part(torture)
