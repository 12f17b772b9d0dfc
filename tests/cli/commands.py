"""Runs every command line that the pages and each --help show, and prints those that do not work.

commands.py TVA SOURCE URL [PAGE...]

The folder that it runs in has the files that they name (commands.bats makes them); a server answers at URL. Each does what it says
with less of it: fewer jobs and rounds, shorter times, one model, no counts and no charts beside others. A run at a rate, which first
measures timers for a second, only lists its cells. Of make and of scripts, that there is such a target and such an option. The exit status is 1 when something was printed.
"""

import glob
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

TVA, SOURCE, URL = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
PAGES = [SOURCE / page for page in sys.argv[4:]]
FIRST = re.compile(r"(?:build/release/)?tva |make |cmake |ctest |bench/scripts/|tests/fuzz/|curl |mpirun |srun |sbatch ")
# What a command is given in any case, where it has no such option yet (True: also then), so that it takes no time.
LESS = {
    "run": {"--model": "tasks", "--rounds": "1", "-q": None},
    "sweep": {"--model": "tasks", "--rounds": "1", "--search-time": "0", "-q": None},
    "advise": {"--model": "tasks", "--time-limit": "1s", "-q": None},
    "pair": {"--budget": "1ms", "--model": "tasks", "--jobs": "10", "-q": None},
    "demo": {"--scale": "0.01", "--no-chart": None},
    "plot": {"--only": "latency", "--format": "svg"},
}
# What may stand in place of a value.
VALUES = {
    "--rounds": "1",
    "--duration": "20ms",
    "--jobs": "2",
    "--clients": "2",
    "--time-limit": "1s",
    "--search-time": "0",
    "--budget": "1ms",
    "--scale": "0.01",
    "--port": "0",
    "--warmup": "1",
}
STATUSES = {"run": {0, 1, 3, 4}, "sweep": {0, 1}, "advise": {0, 3, 4}, "check": {0, 3, 4}, "pair": {0, 3, 4}, "theory": {0, 1}}
LACKS = re.compile(r"lib\w+ is not|cannot run here|not installed|needs lib|no plugin|service")


def commands_of(page):
    """Its lines of commands, and commands in backquotes, with whether they are whole."""
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.split("\n"):
        line = re.sub(r"^ +|^\$ ", "", line)
        if FIRST.match(line):
            yield re.sub(r"\s+# .*", "", line), True
    for code in re.findall(r"`([^`\n]+)`", text):
        if FIRST.match(code):
            yield code, False


def examples():
    listed = subprocess.run([TVA, "--help"], capture_output=True, text=True, check=True).stdout
    names = re.findall(r"^  ([a-z]+) ", listed.split("Commands:")[1].split("\n\n")[0], re.MULTILINE)
    for name in ["", *names]:
        text = subprocess.run([TVA, *name.split(), "--help"], capture_output=True, text=True, check=True).stdout
        shown = re.findall(r"^  (tva .*)", text.partition("\nExamples:\n")[2], re.MULTILINE)
        if not shown and name != "help":
            print(f"tva {name} --help: has no examples")
        yield from shown


def cheap(words):
    """The words of a command of tva with less to do."""
    less, out = dict(LESS.get(words[1], {})), []
    at = 0
    while at < len(words):
        word, value = words[at], words[at + 1] if at + 1 < len(words) else ""
        less.pop(word, None)
        out.append(word)
        if word in VALUES:
            out.append(VALUES[word])
            at += 1
        elif word == "--rate":
            out.append(re.sub(r"@[\d.]+m?s", "@20ms", value))
            at += 1
        elif word in ("--url", "--target", "--listen"):
            at += 1
            page = URL + "?size=1&delay=60ms" if words[1] == "demo" else URL
            out.append({"--url": page, "--target": URL[len("http://") : -1], "--listen": "127.0.0.1"}[word])
        elif word == "-o" and value.endswith((".json", ".html")):
            out.append("made" + value[-5:])  # what others read stays
            at += 1
        elif word == "--over":
            out.append(re.sub(r"([^=.,]+)\.\.[^:]+:", r"\1..\1:", value))  # one point
            at += 1
        elif word in ("--ca", "--charts"):
            out.pop()
            at += 1
        elif word.startswith("--counts"):
            out.pop()
        at += 1
    loops = {"--rate", "--clients"} & set(words)
    line = " ".join(words)
    if words[1] == "sweep":
        loops = loops or {"--slo", "rate=", "clients="} & set(re.findall(r"--slo|rate=|clients=", line))
    if words[1] in ("run", "sweep") and "--profile" not in words and "@" not in line and "jobs=" not in line:
        less["--duration" if loops else "--jobs"] = "20ms" if loops else "2"
    if "--profile" in words:
        out += ["--suite", "suite.conf"]
        less.pop("--model", None)
    if words[1] == "pair" and any(word.endswith(".so") for word in words):
        less.pop("--jobs", None)
    for option, value in less.items():
        if option not in out:
            out += [option] if value is None else [option, value]
    return out


def listed(words):
    """A run as a list of its cells: without the options that only a run has."""
    out, at = [words[0], "list", "cells"], 2
    while at < len(words):
        has_value = at + 1 < len(words) and not words[at + 1].startswith("-")
        if subprocess.run([TVA, "list", "--has-option", words[at].lstrip("-")], check=False).returncode == 0:
            out += words[at : at + 1 + has_value]
        at += 1 + has_value
    return out


def run_tva(words):
    """What is wrong with it; None: nothing."""
    words = cheap([path for word in words for path in (sorted(glob.glob(word)) or [word])])
    if words[1] == "run" and "--rate" in words:
        wrong = knows(words)
        if wrong:
            return wrong
        words = listed(words)
    command = words[1]
    if command == "serve":
        with subprocess.Popen([TVA, *words[1:]], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
            first = server.stdout.readline()
            server.terminate()
            _, err = server.communicate()
        return None if first.startswith("listening on ") else err
    with tempfile.TemporaryDirectory() as empty:
        place = empty if command == "new" else "."
        done = subprocess.run([TVA, *words[1:]], capture_output=True, text=True, timeout=60, check=False, cwd=place)
    if done.returncode in STATUSES.get(command, {0}) or LACKS.search(done.stderr):
        return None
    return f"exit status {done.returncode} of {shlex.join(words)}: {done.stderr or done.stdout[-300:]}"


def knows(words):
    """The same of a command that is not whole: does it have these options?"""
    if words[1].startswith("-"):
        return None
    for word in words[2:]:
        option = re.match(r"--([a-z-]+)", word)
        if option and subprocess.run([TVA, words[1], "--has-option", option[1]], check=False).returncode != 0:
            return f"tva {words[1]} has no {word}"
    done = subprocess.run([TVA, "help", words[1]], capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else done.stderr


def make(words):
    targets = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    if "-C" in words:
        return None  # in a folder that the reader has
    done = subprocess.run(["make", "-n", "-C", SOURCE, *targets], capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else done.stderr


def preset(words):
    names = (SOURCE / "CMakePresets.json").read_text(encoding="utf-8")
    wanted = words[words.index("--preset") + 1] if "--preset" in words else None
    return None if wanted is None or f'"{wanted}"' in names else f"there is no preset {wanted}"


def script(words):
    path = SOURCE / words[0]
    if not path.exists():
        return f"there is no {words[0]}"
    text = subprocess.run([path, "--help"], capture_output=True, text=True, check=False).stdout
    lacks = [word for word in words[1:] if word.startswith("--") and word not in text]
    return f"{words[0]} has no {lacks[0]}" if lacks else None


def parts_of(line):
    """The commands of a line, as a shell takes them apart; what follows a pipe reads them."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="&|;<>")
    lexer.whitespace_split = True
    lexer.commenters = "#"
    part = []
    for word in [*lexer, ";"]:
        if re.fullmatch(r"[&|;<>]+", word):
            if part:
                yield part
            part = ["skip"] if "|" == word or ">" in word or "<" in word else []
        else:
            part.append(word)


def started(words):
    """Of what mpirun or srun starts by itself, or sbatch by a line: does tva have such options?"""
    words = [part for word in words for part in (shlex.split(word) if "tva " in word else [word])]
    return knows(words[words.index("tva") :]) if "tva" in words else None


def fault(line, whole):
    for words in parts_of(line):
        name = words[0].rpartition("/")[2]
        wrong = None
        if name == "tva" and len(words) > 1:
            wrong = run_tva(words) if whole else knows(words)
        elif name in ("mpirun", "srun", "sbatch"):
            wrong = started(words)
        elif name == "make":
            wrong = make(words)
        elif name in ("cmake", "ctest"):
            wrong = preset(words)
        elif name.endswith(".sh"):
            wrong = script(words)
        if wrong:
            return wrong
    return None


def main():
    lines = {line: ("--help", True) for line in examples()} if not PAGES else {}
    for page in PAGES:
        for line, whole in commands_of(page):
            lines.setdefault(line, (page.name, whole))
    wrong = False
    for line, (where, whole) in lines.items():
        found = fault(line, whole)
        if found:
            wrong = True
            print(f"{where}: {line}\n    {found.strip()}")
    print(f"{len(lines)} commands", file=sys.stderr)
    sys.exit(wrong or not lines)


if __name__ == "__main__":
    main()
