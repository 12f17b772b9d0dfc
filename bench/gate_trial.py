"""What bench/gate_trial.sh calculates: what a trial came to, and the table of all.

gate_trial.py note PAIR.json MODEL LIMIT   a paired session's fields, separated by tabs (see FIELDS)
gate_trial.py table TRIALS.tsv             the table
"""

import json
import math
import statistics
import sys

# A line of TRIALS.tsv. Of sessions with a planted slowdown: how many metrics that it has to show in have a spread within
# the limit, how many of these were called a regression, whether any of them all was, how many metrics of other models
# there were and were called one, and the median ratio of the model's makespans. "-": does not apply.
FIELDS = "kind trial status seconds eligible found right others flagged ratio".split()

# Kinds of metrics in which a slowdown has to show.
SLOWER = ("makespan", "CPU time a job")

# What is tried, what it has to come to, and which share of which count shows that.
KINDS = {
    "same": ("tier 1, the same programs", "false failures", "status3"),
    "relinked": ("tier 1, linked again", "false failures", "status3"),
    "stressed": ("tier 1, linked again, CPU stress", "false failures", "status3"),
    "plus5": ("tier 1, 5 % planted", "found, right metric named", "right"),
    "plus10": ("tier 1, 10 % planted", "found, right metric named", "right"),
    "equal": ("tier 0, elsewhere", "false failures", "status3"),
    "syscall": ("tier 0, one more system call", "found, right metric named", "right"),
    "alloc": ("tier 0, one more allocation", "found, right metric named", "right"),
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


def note(path, model, limit):
    with open(path) as f:
        metrics = json.load(f)["metrics"]
    planted = [m for m in metrics if m["cell"].split(" ")[0].split("(")[0] == model]
    others = [m for m in metrics if m not in planted]
    slower = [m for m in planted if m["kind"] in SLOWER]
    eligible = [m for m in slower if m["screened"] and (m["screened"]["spread"] or math.inf) <= limit]
    called = lambda list_: sum(m["verdict"] == "regression" for m in list_)
    ratios = [m["ratio"] for m in planted if m["kind"] == "makespan" and m["ratio"] is not None]
    print(
        len(eligible), called(eligible), int(called(slower) > 0), len(others), called(others),
        f"{statistics.median(ratios):.4f}" if ratios else "-", sep="\t",
    )


def read(path):
    trials = []
    with open(path) as f:
        for number, line in enumerate(f, 1):
            words = line.rstrip("\n").split("\t")
            if len(words) != len(FIELDS) or words[0] not in KINDS:
                sys.exit(f"{path}:{number}: not a trial: {line.rstrip()}")
            trials.append(dict(zip(FIELDS, words)))
    return trials


def total(trials, field):
    return sum(int(t[field]) for t in trials if t[field] != "-")


def share(k, n):
    low, high = clopper_pearson(k, n)
    percent = f"{100 * k / n:.1f} %" if n else "-"
    return f"{k} of {n} | {percent} | {100 * low:.1f} to {100 * high:.1f} %"


def rows(kind, trials):
    """(what, k, n) of one kind of trial. What could not be compared counts as neither passed nor found."""
    n = len(trials)
    _, what, field = KINDS[kind]
    yield what, sum(t["status"] == "3" if field == "status3" else t["right"] == "1" for t in trials), n
    yield "inconclusive", sum(t["status"] == "4" for t in trials), n
    broken = sum(t["status"] not in "034" for t in trials)
    if broken:
        yield "could not be compared", broken, n
    if kind.startswith("plus"):
        yield "metrics found, of those with little spread", total(trials, "found"), total(trials, "eligible")
        yield "metrics of other models flagged", total(trials, "flagged"), total(trials, "others")


def table(path):
    trials = read(path)
    print("| trial | what | count | share | 95 % bounds |\n|---|---|---:|---:|---:|")
    for kind, (title, _, _) in KINDS.items():
        of_kind = [t for t in trials if t["kind"] == kind]
        if not of_kind:
            continue
        for what, k, n in rows(kind, of_kind):
            print(f"| {title} | {what} | {share(k, n)} |")
        ratios = [float(t["ratio"]) for t in of_kind if t["ratio"] != "-"]
        if ratios:
            print(f"| {title} | the planted makespans' ratio, median | {statistics.median(ratios):.3f} | | |")
    seconds = sum(float(t["seconds"]) for t in trials)
    print(f"\n{len(trials)} trials, {seconds / 60:.0f} minutes. Bounds: Clopper and Pearson.")


if __name__ == "__main__":
    if sys.argv[1:2] == ["note"] and len(sys.argv) == 5:
        note(sys.argv[2], sys.argv[3], float(sys.argv[4]))
    elif sys.argv[1:2] == ["table"] and len(sys.argv) == 3:
        table(sys.argv[2])
    else:
        sys.exit(__doc__)
