"""Storms of random cancellations (tests/test_storm_*.c), and clients that wish the target no good (hostile.py)."""
import glob
import os
import re
import subprocess
import sys
import time

from commands import SOURCE

BUILDS = {"ASan and UBSan": "asan", "TSan": "tsan"}
ROUNDS = 20         # before the clock is looked at
SHARE_S = 24        # of each storm in each build
LIMIT_S = 300       # of these rounds
CONNECTIONS = 16000 # of hostile clients


def storm(torture, name, build, program):
    """Rounds with ever new seeds until the storm's share of the time is used."""
    until, seed = time.monotonic() + SHARE_S, torture.options.seed
    where = os.path.dirname(os.path.dirname(program))
    while time.monotonic() < until:
        environment = dict(os.environ, LC_ALL="C.UTF-8", NO_COLOR="1", TVA_SOURCE=SOURCE, TVA_BUILD=where,
                           TVA=os.path.join(where, "tva"), TVA_STORM_SEED=str(seed), TVA_STORM_ROUNDS=str(ROUNDS))
        try:
            done = subprocess.run([program], env=environment, capture_output=True, text=True, errors="replace", timeout=LIMIT_S)
            status, said = done.returncode, done.stdout + done.stderr
        except subprocess.TimeoutExpired as late:
            status, said = "hang", (late.stdout or b"").decode(errors="replace")
        tests = len(re.findall(r"\[ +RUN +\]", said)) or 1
        torture.add_row(f"cancellations over {name}, under {build}", tests * ROUNDS, status != 0,
                        f"seed {seed}, status {status}: {said[-2000:]}")
        seed += ROUNDS


def storms(torture):
    found = []
    for build, folder in BUILDS.items():
        programs = sorted(glob.glob(os.path.join(SOURCE, "build", folder, "tests", "test_storm_*")))
        programs = [program for program in programs if os.access(program, os.X_OK)]
        if not programs:
            torture.skip(f"storms under {build}: build/{folder} has none")
        found += [(os.path.basename(program).removeprefix("test_storm_"), build, program) for program in programs]
    torture.each(lambda _, which: storm(torture, *which), found)


def hostile(torture):
    """They mostly wait: the others go on beside them."""
    words = [sys.executable, "-B", os.path.join(os.path.dirname(__file__), "hostile.py"), torture.program,
             "--connections", str(CONNECTIONS), "--seed", str(torture.options.seed)]
    with open(os.path.join(torture.folder, "hostile"), "w+") as out, open(os.path.join(torture.folder, "hostile.err"), "w+") as err:
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True)
    torture.beside.append((process, torture.group, collect))


def collect(torture, status):
    said = []
    for name in ("hostile", "hostile.err"):
        with open(os.path.join(torture.folder, name), errors="replace") as file:
            said.append(file.read())
    rows = re.findall(r"(?m)^([^\t\n]+)\t(\d+)\t(\d+)$", said[0])
    for kind, attempts, bad in rows:
        torture.add_row(kind, int(attempts), int(bad), f"{bad} of {attempts}: {said[1].strip()[-2000:]}")
    if not rows or (status != 0 and not any(int(bad) for _, _, bad in rows)):
        torture.add_row("all of them", 1, 1, f"status {status}: {said[1].strip()[-2000:]}")
