"""Prints each path and link in the Markdown pages of a tree that leads nowhere.

pages.py [TREE]

A path is a word in backquotes that begins with a folder of the tree; * stands for any text. The exit status is 1 when
something was printed.
"""

import pathlib
import re
import sys

PATH = re.compile(r"`((?:lib|bench|demos|tests|docs|plots|results|cmake|\.ci|\.github)/[\w./*-]+)`")
LINK = re.compile(r"\]\(([^)#:]*)(?:#([^)]*))?\)")
MADE = ("results/latest",)  # by the program
EXAMPLE = re.compile(r"[A-Z]{3}")  # cmd_NAME.c


def anchors(page):
    """The headings of a page, as GitHub names them in links."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def faults(tree, page):
    text = page.read_text(encoding="utf-8")
    for path in PATH.findall(text):
        example = EXAMPLE.search(path) and not (tree / path).exists()
        if not example and not path.startswith(MADE) and not any(tree.glob(path)):
            yield f"there is no {path}"
    for path, anchor in LINK.findall(text):
        target = page.parent / path if path else page
        if not target.exists():
            yield f"there is no {path}"
        elif anchor and anchor not in anchors(target):
            yield f"{path or 'this page'} has no heading #{anchor}"


def main():
    tree = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    found = [
        f"{page.relative_to(tree)}: {fault}"
        for page in sorted(tree.rglob("*.md"))
        if page.relative_to(tree).parts[0] != "build" and not str(page.relative_to(tree)).startswith(MADE)
        for fault in faults(tree, page)
    ]
    print("\n".join(found), end="\n" if found else "")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
