"""Starts the program in a folder of its own, and looks at what it leaves."""
import collections
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import time

from sites import SHARED_SIZE, read_shared

LIMIT_S = 60  # for one attempt; the ordinary one takes less than a second

# library: the one of others that crashed, for want of what it had asked for itself; None: none did.
Outcome = collections.namedtuple("Outcome", "status out err hung seen library")
SILENT = subprocess.DEVNULL
SAYS_WHO = r"(?m)^tva( [a-z]+)?: |/tva: error while loading" # a sentence on standard error


class Bench:
    """One attempt at a time; each worker has its own."""

    def __init__(self, program, library, folder):
        self.program, self.library, self.folder = program, library, folder
        os.mkdir(folder)
        self.shared = os.path.join(folder, "shared")
        self.reports = os.path.join(folder, "report")
        self.work = os.path.join(folder, "work")
        self.look_for_leaks = True
        self.mark = b"TVA_TORTURE_MARK=" + folder.encode()

    def path(self, name):
        return os.path.join(self.work, name)

    def fresh(self, files=()):
        """The folder of the attempt, with these files (name, bytes) and no others."""
        shutil.rmtree(self.work, ignore_errors=True)
        os.mkdir(self.work)
        for report in glob.glob(self.reports + ".*"):
            os.unlink(report)
        self.put(files)

    def put(self, files):
        for name, data in dict(files).items():
            os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
            with open(self.path(name), "wb") as file:
                file.write(data)

    def files(self):
        found = {}
        for folder, _, names in os.walk(self.work):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, "rb") as file:
                    found[os.path.relpath(path, self.work)] = file.read()
        return found

    def load(self, name):
        try:
            with open(self.path(name)) as file:
                return json.load(file)
        except (OSError, ValueError):
            return None

    def environment(self, fault):
        """fault: what fault.c reads, without FAULT_ and in small letters."""
        with open(self.shared, "wb") as shared:
            shared.truncate(SHARED_SIZE)
        sanitizer = f"verify_asan_link_order=0:log_path={self.reports}:detect_stack_use_after_return=1:" \
                    f"detect_leaks={int(self.look_for_leaks)}"
        return dict(os.environ, LC_ALL="C.UTF-8", COLUMNS="400", NO_COLOR="1", LD_PRELOAD=self.library,
                    ASAN_OPTIONS=sanitizer, LSAN_OPTIONS="print_suppressions=0",
                    UBSAN_OPTIONS=f"log_path={self.reports}:print_stacktrace=1",
                    TVA_TORTURE_MARK=self.folder, FAULT_FILE=self.shared,
                    **{"FAULT_" + name.upper(): str(value) for name, value in fault.items()})

    def start(self, words, fault=None, before=(), stdin=SILENT, stdout=None, stderr=None):
        """before: words that start the program, as those of prlimit."""
        out, err = (open(os.path.join(self.folder, name), "wb") for name in ("out", "err"))
        with out, err:
            return subprocess.Popen([*before, self.program, *words], cwd=self.work, start_new_session=True,
                                    stdin=stdin, stdout=out if stdout is None else stdout,
                                    stderr=err if stderr is None else stderr,
                                    env=self.environment(fault or {"command": "none"}))

    def finish(self, process, all_sites=False):
        hung = False
        try:
            process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            hung = True
            process.kill()
            process.wait()
        said = []
        for name in ("out", "err"):
            with open(os.path.join(self.folder, name), errors="replace") as file:
                said.append(file.read())
        seen = read_shared(self.shared, all_sites)
        return Outcome(process.returncode, *said, hung, seen, "libuv" if seen.uv_aborts else None)

    def run(self, words, fault=None, **how):
        return self.finish(self.start(words, fault, **how))

    def sites(self, words, command):
        """All sites that this command of the program reaches, with the outcome."""
        return self.finish(self.start(words, {"command": command}), all_sites=True)

    def left_behind(self):
        """Processes that carry the mark; they may take a moment to end, a long one on a busy machine."""
        until, pause = time.monotonic() + 30, 0.002
        while True:
            left = [pid for pid in os.listdir("/proc") if pid.isdigit() and self.is_marked(pid)]
            if not left:
                return []
            if time.monotonic() > until:
                break
            time.sleep(pause)
            pause = min(2 * pause, 0.1)
        for pid in left:
            os.kill(int(pid), signal.SIGKILL)
        return left

    def is_marked(self, pid):
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                if self.mark not in file.read().split(b"\0"):
                    return False
            with open(f"/proc/{pid}/stat") as file:
                return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
        except OSError:
            return False

    def crash_reports(self):
        for report in glob.glob(self.reports + ".*"):
            with open(report, errors="replace") as file:
                said = file.read()
            if re.search("AddressSanitizer: (SEGV|FPE|BUS)", said):
                yield said

    def has_crashed(self, outcome):
        return outcome.status < 0 or "was killed by signal" in outcome.err or any(self.crash_reports())

    def crashed_library(self):
        """The library of others in whose code a process crashed, if one did."""
        for said in self.crash_reports():
            modules = re.findall(r"(?m)^ +#\d+ .*\(([^()\s]+)\+0x", said)
            modules = [os.path.basename(module) for module in modules if not re.search(r"/lib(asan|c)\.so", module)]
            if modules and not re.match("tva|libtva", modules[0]):
                return modules[0].split(".")[0]
        return None

    def sanitizer_reports(self):
        said = []
        for report in glob.glob(self.reports + ".*"):
            with open(report, errors="replace") as file:
                lines = [line for line in file if re.search("ERROR|SUMMARY|runtime error", line)]
            said.append("sanitizer: " + " ".join(line.strip() for line in lines[:3]))
        return said

    def faults_of(self, outcome, killed=0):
        """What is bad whatever was run. killed: the attempt itself sent this signal, which may end a process."""
        foreign = outcome.library is not None
        bad = [] if foreign else self.sanitizer_reports()
        if outcome.hung:
            bad.append(f"hang: not done after {LIMIT_S} s")
        if outcome.seen.aborts > outcome.seen.uv_aborts:
            bad.append("crash: abort()")
        if outcome.status < 0 and not outcome.hung and outcome.status != -killed and \
                not (outcome.status == -signal.SIGABRT and foreign):
            bad.append(f"crash: ended by signal {-outcome.status}")
        died = re.search(r"was killed by signal (\d+)", outcome.out + outcome.err)
        if died and not killed and not foreign:
            bad.append(f"crash: a process {died[0]}")
        told = re.search("invalid|verdict", outcome.out)
        if outcome.status > 0 and not outcome.err and not told:
            bad.append(f"status {outcome.status} without a word")
        elif outcome.status > 0 and not killed and not foreign and not told and not re.search(SAYS_WHO, outcome.err):
            bad.append(f"status {outcome.status}, but no sentence says of which command")
        left = self.left_behind()
        if left:
            bad.append(f"{len(left)} processes left behind")
        if not killed:
            bad += [f"temporary file left: {name}" for name in os.listdir(self.work) if name.endswith(".tmp")]
        return bad
