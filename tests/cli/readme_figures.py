"""Prints each figure of README.md that is not what `tva report` shows of results/sample.

readme_figures.py TVA [TREE]

The table of makespans is held cell by cell, a winner alone in its group being bold; the answer, and the sentences about
single figures. The exit status is 1 when something was printed.
"""

import os
import pathlib
import re
import subprocess
import sys

ROW = re.compile(r"^\| ([\d,]+) × `([^`]+)` \|(.*)\|$", re.MULTILINE)
SENTENCES = (  # what README says, then group, model and column of the figure, or a pattern in the group's finding
    (r"sleeps of 10 ms take ([\d.]+ \w+) as tasks", "sleep:duration=10ms x 100", "tasks", "makespan"),
    (r"as tasks, (\d+) times less\s+than in turn", "sleep:duration=10ms x 100", None, r"(\d+)[\d.]*x faster than sequential"),
    (r"in the loop blocked it for ([\d.]+ \w+)", "sleep:duration=10ms x 100", "blocking", "lag max"),
    (r"A task that waits costs ([\d.]+ \w+) of memory", "sleep:duration=10ms x 100", "tasks", "mem/job"),
)


ANSWER = "Threads or an event loop, on this machine:\n"


def shown(tva, run, columns):
    env = dict(os.environ, COLUMNS=str(columns))
    return subprocess.run([tva, "report", run], env=env, stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout


def groups_of(text):
    """Of each group: its rows, {model: {column: text}}, and all its text."""
    groups = {}
    for block in text.split("\n\n"):
        lines = block.splitlines()
        if len(lines) < 3 or not lines[1].startswith("  model"):
            continue
        columns = re.split(r"  +", lines[1].strip())
        rows = {}
        for line in lines[2:]:
            cells = re.split(r"  +", line.strip())
            if len(cells) != len(columns):
                break
            rows[cells[0]] = dict(zip(columns, cells))
        groups[lines[0]] = rows, block
    return groups


def row_faults(groups, head, count, job, cells):
    group = f"{job} x {count.replace(',', '')}"
    if group not in groups:
        yield f"results/sample has no {group}"
        return
    rows = groups[group][0]
    winners = [name for name in rows if name.endswith(" *")]
    for model, cell in zip(head, (c.strip() for c in cells.split("|"))):
        name = f"{model} *" if f"{model} *" in rows else model
        expected = rows.get(name, {}).get("makespan", "")
        if winners == [name]:
            expected = f"**{expected}**"
        if cell != expected:
            yield f"{model} {group}: README has {cell!r}, the sample {expected!r}"


def answer_faults(tva, run, text):
    answer = shown(tva, run, 100).partition(ANSWER)[2]
    if ANSWER + answer not in text:
        yield f"README should have the answer of the sample:\n{ANSWER}{answer}"


def sentence_faults(groups, text):
    for pattern, group, model, what in SENTENCES:
        said = re.search(pattern, text)
        rows, block = groups[group]
        if model is None:
            found = re.search(what, block).group(1)
        else:
            found = (rows.get(f"{model} *") or rows[model])[what]
        if not said or said.group(1) != found:
            yield f"README should say {found} where it says: {said.group(0) if said else pattern}"


def main():
    tree = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else ".")
    text = (tree / "README.md").read_text(encoding="utf-8")
    run = tree / "results/sample/run.json"
    groups = groups_of(shown(sys.argv[1], run, 1000))
    head = re.findall(r"`([^`]+)`", re.search(r"^\| batch \|(.*)\|$", text, re.MULTILINE).group(1))
    rows = ROW.findall(text)
    found = [fault for row in rows for fault in row_faults(groups, head, *row)]
    found += sentence_faults(groups, text)
    found += answer_faults(sys.argv[1], run, text)
    if not rows:
        found.append("README has no table of makespans")
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
