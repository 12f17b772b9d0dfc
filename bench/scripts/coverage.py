"""Prints what gcovr summed up (--json-summary) as a table by folder.

coverage.py SUMMARY.json
"""

import collections
import json
import pathlib
import sys


def share(covered, total):
    return f"{100 * covered / total:5.1f} %" if total else "      -"


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        files = json.load(f)["files"]
    folders = collections.defaultdict(collections.Counter)
    for file in files:
        counts = {key: file[key] for key in ("line_covered", "line_total", "branch_covered", "branch_total")}
        folders[str(pathlib.PurePath(file["filename"]).parent)].update(counts)
        folders["all"].update(counts)
    print(f"{'folder':16} {'lines':>7} {'reached':>8} {'branches':>9} {'reached':>8}")
    for folder in sorted(folders, key=lambda name: (name == "all", name)):
        n = folders[folder]
        print(
            f"{folder:16} {n['line_total']:7} {share(n['line_covered'], n['line_total']):>8} "
            f"{n['branch_total']:9} {share(n['branch_covered'], n['branch_total']):>8}"
        )


if __name__ == "__main__":
    main()
