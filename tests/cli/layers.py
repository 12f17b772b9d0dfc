"""Prints each include of lib, bench and demos that the layers in lib/DESIGN.md do not allow.

layers.py [TREE]

A folder may include itself and folders on lower lines of the picture. Every folder stands in the picture
exactly once. bench/ itself holds main.c alone. The exit status is 1 when a fault was printed.
"""

import collections
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def floors(design):
    """The lines of the picture, from the top: the indented lines under the heading "Layers"."""
    section = re.search(r"^## Layers$(.*?)^## ", design, re.MULTILINE | re.DOTALL)
    lines = section[1].splitlines() if section else []
    return [line.split() for line in lines if line.startswith("    ") and line.strip()]


def folder_of(path):
    """The name of a file in the picture: its folder, or for a file flat in bench/ the file itself."""
    parts = path.parts if path.parts[0] == "demos" else path.parts[1:]
    return parts[0]


def included(tree, source, name):
    """The file that an include names, relative to the tree; None when there is none."""
    for place in (source.parent, pathlib.Path("lib"), pathlib.Path("bench"), pathlib.Path(".")):
        if (tree / place / name).is_file():
            return (tree / place / name).resolve().relative_to(tree)
    return None


def faults(tree):
    picture = floors((tree / "lib/DESIGN.md").read_text(encoding="utf-8"))
    if not picture:
        yield "lib/DESIGN.md: no picture under the heading Layers"
        return
    floor = {folder: number for number, folders in enumerate(picture) for folder in folders}
    sources = sorted(
        path.relative_to(tree) for top in ("lib", "bench", "demos") for path in (tree / top).rglob("*.[ch]")
    )
    drawn = collections.Counter(folder for folders in picture for folder in folders)
    for folder, times in drawn.items():
        if times > 1:
            yield f"lib/DESIGN.md: {folder} stands in the picture {times} times"
    folders = {folder_of(source): source for source in sources}
    for folder in sorted(drawn.keys() - folders.keys()):
        yield f"lib/DESIGN.md: there is no {folder}"
    for folder in sorted(folders.keys() - drawn.keys()):
        yield f"{folders[folder]}: {folder} is missing in the picture"
    for name in sorted(folders.keys() & drawn.keys()):
        homes = {source.parts[0] for source in sources if folder_of(source) == name}
        if len(homes) > 1:
            yield f"{name} is a folder of {' and of '.join(sorted(homes))}"
    for source in sources:
        if source.parent == pathlib.Path("bench") and source.name != "main.c":
            yield f"{source}: bench/ itself holds main.c alone"
        for name in INCLUDE.findall((tree / source).read_text(encoding="utf-8")):
            target = included(tree, source, name)
            if target is None:
                yield f"{source}: there is no {name}"
                continue
            here, there = folder_of(source), folder_of(target)
            if here != there and floor.get(there, -1) <= floor.get(here, len(picture)):
                yield f"{source}: {here} may not include {target}"


def main():
    tree = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    found = list(faults(tree))
    print("\n".join(found), end="\n" if found else "")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
