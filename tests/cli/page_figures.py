"""Prints each figure of README.md and docs/ that is not that of the stored results.

page_figures.py TVA [TREE] [--write]

Held are the table of makespans, cell by cell, a winner alone in its group being bold; the answer; the lessons; the
sentences about single figures; and what stands between <!-- figures: NAME --> and <!-- end -->. The exit status is 1
when something was printed; --write writes the right ones instead.
"""

import difflib
import json
import os
import pathlib
import re
import subprocess
import sys

ROW = re.compile(r"^\| ([\d,]+) × `([^`]+)` \|(.*)\|$", re.MULTILINE)
SENTENCES = (  # what a page says, then group, model and column of the figure, or a pattern in the group's finding
    (r"sleeps of 10 ms take ([\d.]+ \w+) as tasks", "sleep:duration=10ms x 100", "tasks", "makespan"),
    (r"as tasks, (\d+) times less\s+than in turn", "sleep:duration=10ms x 100", None, r"(\d+)[\d.]*x faster than sequential"),
    (r"in the loop blocked it for ([\d.]+ \w+)", "sleep:duration=10ms x 100", "blocking", "lag max"),
    (r"Each of these 100 tasks costs ([\d.]+ \w+) of memory", "sleep:duration=10ms x 100", "tasks", "mem/job"),
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


def with_rows(text, groups):
    head = re.findall(r"`([^`]+)`", "".join(re.findall(r"^\| batch \|(.*)\|$", text, re.MULTILINE)))

    def row(match):
        count, job = match.group(1), match.group(2)
        rows = groups[f"{job} x {count.replace(',', '')}"][0]
        winners = [name for name in rows if name.endswith(" *")]
        cells = []
        for model in head:
            name = f"{model} *" if f"{model} *" in rows else model
            makespan = rows.get(name, {}).get("makespan", "")
            cells.append(f"**{makespan}**" if winners == [name] else makespan)
        return f"| {count} × `{job}` | " + " | ".join(cells) + " |"

    return ROW.sub(row, text)


def with_sentences(text, groups):
    for pattern, group, model, what in SENTENCES:
        rows, block = groups[group]
        found = re.search(what, block).group(1) if model is None else (rows.get(f"{model} *") or rows[model])[what]
        said = re.search(pattern, text)
        if said is None:
            continue
        text = text[: said.start(1)] + found + text[said.end(1) :]
    return text


def with_answer(text, tva, run):
    begin = text.find(ANSWER)
    if begin < 0:
        return text
    return text[:begin] + ANSWER + shown(tva, run, 100).partition(ANSWER)[2] + text[text.index("```", begin) :]


def duration(s):
    for unit, factor in (("s", 1), ("ms", 1e3), ("us", 1e6)):
        if s * factor >= 1:
            break
    digits = max(0, 2 - len(str(int(s * factor))) + 1)
    return f"{s * factor:.{digits}f} {unit}"


def theory(tree, tva):
    command = [tva, "theory", "--markdown", tree / "results/sample/theory.json"]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout


def p99(cell, which):
    return cell["summary"][which]["median"]


def sweeps(tree, _tva):
    """What each sweep answers in its own words, and two things that only its cells say."""
    of = {name: json.loads((tree / f"results/sample/sweep/{name}.json").read_text()) for name in ("rate", "poison", "clients", "cpu")}
    for name, document in of.items():
        found = document["sweep"]
        for answer in found["knees"] + found["crossovers"] + found["scalability"]:
            yield f"* `{name}`: {answer['sentence']}."
    hidden = [c for c in of["rate"]["cells"] if c["valid"] and c["model"] == "blocking"]
    hidden = max(hidden, key=lambda c: p99(c, "latency_p99_s") / p99(c, "latency_uncorrected_p99_s"))
    yield (
        f"* `rate`: at {hidden['load']['rate_per_s']:g}/s, p99 under `blocking` seems to be "
        f"{duration(p99(hidden, 'latency_uncorrected_p99_s'))} when jobs are timed from their start, and is "
        f"{duration(p99(hidden, 'latency_p99_s'))} from when they were wanted ([chart](../results/sample/sweep/corrected.svg))."
    )
    poisoned = {(c["model"], c["point"]["poison"]): c for c in of["poison"]["cells"] if c["valid"]}
    most = max(share for _, share in poisoned)
    for model in ("tasks", "pool"):
        times = [duration(poisoned[model, share]["median"] / 1e9) for share in (0, most)]
        yield (
            f"* `poison`: {most:.0%} of jobs that block take {of['poison']['sweep']['metric']} under `{model}` from {times[0]} to "
            f"{times[1]} ([chart](../results/sample/sweep/poison.svg))."
        )


MICRO = (  # what is in the table: benchmarks, tva's contender, the limit's, and how their figures are written
    ("create, run and join an empty task", ("create",), "tva", "fcontext", "{value:.0f} ns"),
    ("a yield between 2 tasks, 10,000 tasks", ("yield-2", "yield-10000"), "tva", "fcontext", "{value:.3g} ns"),
    ("10,000 sleeps of 100 ms, cold and warm: time over 100 ms", ("sleeps-10000", "sleeps-warm-10000"), "tva", None, "{value:.2g} ms"),
    ("100,000 sleeps, cold and warm", ("sleeps-100000", "sleeps-warm-100000"), "tva", None, "{value:.0f} ms"),
    ("1,000,000 sleeps, cold and warm", ("sleeps-1000000", "sleeps-warm-1000000"), "tva", None, "{value:,.0f} ms"),
    ("memory of each of 100,000 tasks that sleep", ("sleeps-100000",), "tva", None, "{bytes:,.0f} B"),
    ("a beat of 1 ms: how late it comes, median", ("beat",), "tva", "clock_nanosleep", "{value:.1f} us"),
    ("reads of 4 KiB of a cached file, 64 in flight", ("cached",), "tva", "preadv2, 1 thread", "{value:,.0f}/s"),
    ("the same by io_uring", ("ring-cached",), "uring", "io_uring", "{value:,.0f}/s"),
    ("a call in an executor's thread, 10,000 at once: CPU", ("offload-10000",), "tva", None, "{value:,.0f} ns"),
    ("echo of 64 bytes on 100 connections: CPU of the client", ("echo-100",), "tva", "epoll", "{cpu:.2f} us"),
    ("echo on 1,000 connections", ("echo-1000",), "tva", "epoll", "{cpu:.2f} us"),
    ("9,000 connections, each reply held for 100 ms", ("held-9000",), "tasks", "epoll", "{value:,.0f}/s"),
)


def micro(tree, _tva):
    """In the last column: what does the same without tasks, in system calls or in switches of Boost.Context."""
    document = json.loads((tree / "results/sample/micro.json").read_text())
    by_name = {b["name"]: {c["name"]: c for c in b["contenders"]} for b in document["benchmarks"]}

    def figures(names, contender, form):
        if any(contender not in by_name[name] for name in names):
            return ""
        found = (by_name[name][contender] for name in names)
        return ", ".join(
            form.format(
                value=c["value"]["median"],
                bytes=c.get("bytes_a_task", {}).get("median", 0),
                cpu=c.get("cpu_ns_a_request", {}).get("median", 0) / 1e3,
            )
            for c in found
        )

    yield "| | tva | plain libuv | system calls or switches alone |"
    yield "|---|---|---|---|"
    for what, names, ours, limit, form in MICRO:
        if any(name not in by_name for name in names):
            continue  # is not recorded yet
        yield f"| {what} | " + " | ".join(figures(names, contender, form) for contender in (ours, "libuv", limit)) + " |"


def trials(tree, _tva):
    script = pathlib.Path(__file__).parents[2] / "bench/scripts/gate_trial.sh"
    command = [script, "--table", "--out", tree.resolve() / "results/gate-trial"]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout


LESSON = re.compile(r"^(\| \[`([\w-]+)`\]\(\.\./demos/.*\| )([^|]*)( \|)$", re.MULTILINE)


def with_lessons(text, tree):
    """The last column of the table of lessons: what each measured; of a lesson that is not recorded yet, what stands there."""
    said = (tree / "results/sample/lessons.txt").read_text(encoding="utf-8")
    measured = {}
    for block in re.split(r"\n(?=[a-z-]+: )", said):
        found = re.search(r"^  measured +(.*(?:\n {12}.*)*)", block, re.MULTILINE)
        if found:
            measured[block.partition(":")[0].strip()] = re.sub(r"\s+", " ", found.group(1))
    return LESSON.sub(lambda row: row.group(1) + measured.get(row.group(2), row.group(3)) + row.group(4), text)


BLOCK = re.compile(r"(<!-- figures: (\w+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
BLOCKS = {"theory": theory, "sweeps": sweeps, "micro": micro, "trials": trials}


def with_blocks(text, tree, tva):
    def block(match):
        lines = BLOCKS[match.group(2)](tree, tva)
        return match.group(1) + (lines if isinstance(lines, str) else "\n".join(lines) + "\n") + match.group(4)

    return BLOCK.sub(block, text)


def differences(page, text, right):
    for line in difflib.unified_diff(text.splitlines(), right.splitlines(), lineterm="", n=0):
        if not line.startswith(("---", "+++", "@@")):
            yield f"{page}: {'it has' if line[0] == '-' else 'the stored results give'}: {line[1:]}"


def main():
    words = [word for word in sys.argv[1:] if word != "--write"]
    tva, tree = words[0], pathlib.Path(words[1] if len(words) > 1 else ".")
    run = tree / "results/sample/run.json"
    groups = groups_of(shown(tva, run, 1000))
    found = []
    for page in [tree / "README.md", *sorted((tree / "docs").glob("*.md"))]:
        text = page.read_text(encoding="utf-8")
        right = with_answer(with_sentences(with_rows(text, groups), groups), tva, run)
        right = with_blocks(with_lessons(right, tree), tree, tva)
        if right != text and "--write" in sys.argv:
            page.write_text(right, encoding="utf-8")
        elif right != text:
            found += differences(page.relative_to(tree), text, right)
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
