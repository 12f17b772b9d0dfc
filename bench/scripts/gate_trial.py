"""What bench/scripts/gate_trial.sh calculates: what a trial came to, and the table of all.

gate_trial.py note KIND TRIAL STATUS SECONDS pair PAIR.json [MODEL=PERCENT...]   a line for a session of tier 1
gate_trial.py note KIND TRIAL STATUS SECONDS check RIGHT                         and for one of tier 0; RIGHT: 1, 0, -
gate_trial.py table TRIALS.jsonl                                                 the table
"""

import json
import math
import os
import sys

# Metrics in which a slowdown has to show.
SLOWER = ("makespan_s", "cpu_per_job_s")

# Up to which spread of a block which slowdown has to be found.
LIMITS = {"10": 0.05, "5": 0.03}

# What is tried, and what it is tried for.
KINDS = {
    "same": ("tier 1, the same programs", "false failures"),
    "relinked": ("tier 1, linked again", "false failures"),
    "stressed": ("tier 1, linked again, CPU stress", "false failures"),
    "planted": ("tier 1, slowdowns planted", "found, right metric named"),
    "equal": ("tier 0, elsewhere", "false failures"),
    "syscall": ("tier 0, one more system call", "found, right metric named"),
    "alloc": ("tier 0, one more allocation", "found, right metric named"),
    "poll": ("tier 0, one more poll", "found, right metric named"),
    "stack": ("tier 0, three more pages of stack", "found, right metric named"),
    "spin": ("tier 0, 400 more steps in a pool", "found, right metric named"),
}


def tail(n, k, p):
    """P(X >= k) of a binomial (n, p)."""
    if k <= 0:
        return 1.0
    if p <= 0:
        return 0.0
    if p >= 1:
        return 1.0
    logs = math.log(p), math.log1p(-p)
    return math.fsum(
        math.exp(math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) + i * logs[0] + (n - i) * logs[1])
        for i in range(k, n + 1)
    )


def solve(rises, target):
    """Where a function that rises from 0 to 1 on [0, 1] is the target."""
    low, high = 0.0, 1.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if rises(middle) < target else (low, middle)
    return (low + high) / 2


def clopper_pearson(k, n, confidence=0.95):
    """The exact interval of a share, k of n (Clopper and Pearson, Biometrika 26, 1934)."""
    if n == 0:
        return 0.0, 1.0
    rest = (1 - confidence) / 2
    low = 0.0 if k == 0 else solve(lambda p: tail(n, k, p), rest)
    high = 1.0 if k == n else solve(lambda p: tail(n, k + 1, p), 1 - rest)
    return low, high


def model_of(metric):
    return metric["cell"].split(" ")[0].split("(")[0]


def note_pair(path, planted):
    """What a session measured, as far as the table or who doubts it wants to know."""
    with open(path) as f:
        document = json.load(f)
    metrics, context = document["metrics"], document["context"]
    spread = lambda m: (m["screened"] or {}).get("spread")
    return {
        "machine": f"{context['cpu']}, {context['cores']} cores, {context['kernel']}",
        "budget_s": document["budget_s"],
        "metrics": len(metrics),
        "null_rejected": document["null"]["rejected"],
        "unclear": [m["name"] for m in metrics if m["verdict"] == "inconclusive"],
        "planted": [
            {
                "percent": planted[model_of(m)], "cell": m["cell"], "metric": m["key"], "spread": spread(m),
                "ratio": m["ratio"], "verdict": m["verdict"],
            }
            for m in metrics if model_of(m) in planted and m["key"] in SLOWER
        ],
        "others": sum(model_of(m) not in planted for m in metrics),
        "flagged": [m["name"] for m in metrics if model_of(m) not in planted and m["verdict"] == "regression"],
    }


def note(kind, trial, status, seconds, source, *rest):
    line = {"kind": kind, "trial": int(trial), "status": int(status), "seconds": int(seconds)}
    if source == "check":
        line["right"] = None if rest[0] == "-" else rest[0] == "1"
    elif os.path.exists(rest[0]):
        line |= note_pair(rest[0], dict(word.split("=") for word in rest[1:]))
    print(json.dumps(line))


def read(path):
    trials = []
    with open(path) as f:
        for number, text in enumerate(f, 1):
            try:
                line = json.loads(text)
                KINDS[line["kind"]], line["status"], line["seconds"]
            except (ValueError, TypeError, KeyError):
                sys.exit(f"{path}:{number}: not a trial: {text.rstrip()}")
            trials.append(line)
    return trials


def is_red(trial, planted):
    """Did the gate say regression, and name what was planted?"""
    return trial["status"] == 3 and planted["verdict"] == "regression"


def is_found(trial):
    return bool(trial.get("right")) or any(is_red(trial, p) for p in trial.get("planted", ()))


def planted_rows(trials):
    for percent, limit in LIMITS.items():
        metrics = [
            (number, p["cell"], is_red(t, p)) for number, t in enumerate(trials) for p in t.get("planted", ())
            if p["percent"] == percent and p["spread"] is not None and p["spread"] <= limit
        ]
        cells = {(trial, cell): False for trial, cell, _ in metrics}
        for trial, cell, red in metrics:
            cells[trial, cell] |= red
        spread = f"+{percent} % where blocks spread by at most {100 * limit:.0f} %"
        yield f"{spread}: cells found", sum(cells.values()), len(cells)
        yield f"{spread}: metrics found", sum(red for _, _, red in metrics), len(metrics)
    yield "metrics of other models flagged", sum(len(t.get("flagged", ())) for t in trials), \
        sum(t.get("others", 0) for t in trials)


def rows(kind, trials):
    """(what, k, n) of one kind of trial. What could not be compared is red, and nothing that was found."""
    what = KINDS[kind][1]
    false_failures = what == "false failures"
    yield what, sum(t["status"] not in (0, 4) if false_failures else is_found(t) for t in trials), len(trials)
    yield "inconclusive", sum(t["status"] == 4 for t in trials), len(trials)
    broken = sum(t["status"] not in (0, 3, 4) for t in trials)
    if broken:
        yield "could not be compared", broken, len(trials)
    unclear, metrics = (sum(x) for x in zip(*((len(t.get("unclear", ())), t.get("metrics", 0)) for t in trials)))
    if metrics and false_failures:
        yield "metrics without a verdict", unclear, metrics
    if kind == "planted":
        yield from planted_rows(trials)


def share(k, n):
    low, high = clopper_pearson(k, n)
    percent = f"{100 * k / n:.1f} %" if n else "-"
    return f"{k} of {n} | {percent} | {100 * low:.1f} to {100 * high:.1f} %"


def table(path):
    trials = read(path)
    print("| trial | what | count | share | 95 % bounds |\n|---|---|---:|---:|---:|")
    for kind, (title, _) in KINDS.items():
        of_kind = [t for t in trials if t["kind"] == kind]
        for what, k, n in rows(kind, of_kind) if of_kind else ():
            print(f"| {title} | {what} | {share(k, n)} |")
    seconds = sum(t["seconds"] for t in trials)
    machines = sorted({t["machine"] for t in trials if "machine" in t})
    budgets = sorted({t["budget_s"] for t in trials if "budget_s" in t})
    print(f"\n{len(trials)} trials, {seconds / 60:.0f} minutes; bounds: Clopper and Pearson.", end="")
    if budgets:
        seconds = " or ".join(f"{b:.0f}" for b in budgets)
        print(f" Sessions of tier 1 within {seconds} s each, on {'; '.join(machines)}.", end="")
    print()


if __name__ == "__main__":
    if sys.argv[1:2] == ["note"] and len(sys.argv) >= 8:
        note(*sys.argv[2:])
    elif sys.argv[1:2] == ["table"] and len(sys.argv) == 3:
        table(sys.argv[2])
    else:
        sys.exit(__doc__)
