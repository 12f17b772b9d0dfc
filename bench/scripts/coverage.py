"""Prints what gcovr summed up (--json-summary) as a table by folder, and which files are below the bar.

coverage.py [--judge] [--markdown PAGE] SUMMARY.json REASONS

REASONS has a line for each file that may be below: its path, a colon, and why. With --judge the exit status is 1 when lib or
bench as a whole are below the bar, or a file without a reason is. --markdown writes the same into the page, between its
marks.
"""

import argparse
import collections
import json
import pathlib
import re
import sys

LINES, BRANCHES = ("line_covered", "line_total"), ("branch_covered", "branch_total")
BARS = {"lib": {LINES: 97, BRANCHES: 90}, "bench": {LINES: 90}}  # in percent


def percent(counts, of):
    covered, total = (counts[key] for key in of)
    return 100 * covered / total if total else 100


def is_below(name, counts):
    return any(percent(counts, of) < bar for of, bar in BARS.get(name.split("/")[0], {}).items())


def table(folders):
    yield "folder", "lines", "reached", "branches", "reached"
    for name, counts in sorted(folders.items()):
        yield name, *(
            text for of in (LINES, BRANCHES) for text in (str(counts[of[1]]), f"{percent(counts, of):.1f} %")
        )


def read_reasons(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split(": ", 1) for line in lines if line and not line.startswith("#"))


def write_markdown(page, rows, below, reasons):
    head, *rest = ["| " + " | ".join(row) + " |" for row in rows]
    text = "\n".join([head, "|---|---:|---:|---:|---:|", *rest]) + "\n"
    if below:
        text += "\nFiles below it, in percent of lines and of branches, and why:\n\n"
    for name, counts in below.items():
        text += f"* `{name}`: {percent(counts, LINES):.0f} and {percent(counts, BRANCHES):.0f}. {reasons.get(name, 'No reason is given')}.\n"
    old = page.read_text(encoding="utf-8")
    marks = re.compile(r"(<!-- make coverage -->\n).*?(<!-- end -->)", re.DOTALL)
    page.write_text(marks.sub(lambda found: found[1] + text + found[2], old), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--judge", action="store_true")
    parser.add_argument("--markdown", type=pathlib.Path)
    parser.add_argument("summary", type=pathlib.Path)
    parser.add_argument("reasons", type=pathlib.Path)
    options = parser.parse_args()
    folders, below = collections.defaultdict(collections.Counter), {}
    reasons = read_reasons(options.reasons)
    for file in json.loads(options.summary.read_text(encoding="utf-8"))["files"]:
        path = pathlib.PurePath(file["filename"])
        counts = {key: file[key] for key in LINES + BRANCHES}
        for folder in {str(path.parent), path.parts[0]}:
            folders[folder].update(counts)
        if is_below(path.parts[0], counts):
            below[str(path)] = counts
    rows = list(table(folders))
    for row in rows:
        print(f"{row[0]:16} {row[1]:>7} {row[2]:>8} {row[3]:>9} {row[4]:>8}")
    for name, counts in below.items():
        figures = f"{percent(counts, LINES):.0f} % of lines, {percent(counts, BRANCHES):.0f} % of branches"
        print(f"below: {name}: {figures}: {reasons.get(name, 'NO REASON IS GIVEN')}")
    for name in sorted(reasons.keys() - below.keys()):
        print(f"not below, so that it needs no reason: {name}")
    if options.markdown:
        write_markdown(options.markdown, rows, below, reasons)
    bad = [name for name in BARS if is_below(name, folders[name])] + sorted(below.keys() - reasons.keys())
    if bad:
        print(f"below the bar: {', '.join(bad)}")
    return 1 if bad and options.judge else 0


if __name__ == "__main__":
    sys.exit(main())
