"""Does tva advise agree with a full sweep? Sessions of advice on a job, held against the sweep's knees.

advise_trial.py [--sessions N] [--rounds R] [--sweep OPTIONS] [--knees FILE] OPTION...

The options are those of tva advise, with --job and a --slo on a latency among them; TVA names the program (build/release/tva). First
tva sweep finds the knee of each model that advice would try, with R runs a rate (6), and with OPTIONS of its own, such as
"--duration 3s --drain 1s --over rate=100..1000:x1.3", which takes 3 to 7 min a model instead of 13. FILE keeps the knees: where it
exists, they are read and not looked for. Then N sessions of tva advise (10) follow.

A knee reaches from the highest rate that surely kept the bound to the lowest that surely broke it. One without an interval reaches
from the rate that is named to infinity.

A session agrees when the knee of the advised model is not surely below the best one's. By a wider rule it agrees as well when the
advice names the best one among those that tie, and the advised one's knee is within ADVISE_WIDTH (bench/advise/advise.h) of it.
Prints a line a knee and a session, and how many agreed by each rule. The exit status is 1 when fewer than 9 of 10 did by the first.
"""

import argparse
import json
import math
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

HEADER = pathlib.Path(__file__).parent.parent / "advise/advise.h"
WIDTH = float(re.search(r"define ADVISE_WIDTH (\S+)", HEADER.read_text(encoding="utf-8"))[1])
TVA = os.environ.get("TVA", "build/release/tva")


def advice(options):
    return json.loads(subprocess.run([TVA, "advise", "-q", "--json", *options], check=True, stdout=subprocess.PIPE).stdout)


def name_among(knees, candidate):
    """The candidate's name among the knees: of pools, whose sizes differ a little from session to session, that of the nearest size."""
    if candidate["model"] != "pool":
        return candidate["model"]
    sizes = [int(name.split()[1]) for name in knees if name.startswith("pool ")]
    return f"pool {min(sizes, key=lambda size: abs(math.log(size / candidate['threads'])))}"


def knee(candidate, document, asked, folder):
    """The interval of the highest rate that keeps the bound, by a full sweep."""
    slo = f"{document['slo']['metric']}={round(document['slo']['bound_s'] * 1e9)}ns"
    threads = ["--threads", str(candidate["threads"])] if candidate["threads"] else []
    path = pathlib.Path(folder) / "sweep.json"
    words = [TVA, "sweep", "-q", "--job", document["job"], "--model", candidate["model"], *threads, "--slo", slo]
    words += ["--rounds", str(asked.rounds), *shlex.split(asked.sweep), "-o", path]
    subprocess.run(words, check=False, stdout=subprocess.DEVNULL)
    found = json.loads(path.read_text(encoding="utf-8"))["sweep"]["knees"][0]
    return found["ci_low"] or found["rate_per_s"] or 0, found["ci_high"] or float("inf")


def find_knees(document, asked):
    with tempfile.TemporaryDirectory() as folder:
        knees = {
            f"pool {c['threads']}" if c["model"] == "pool" else c["model"]: knee(c, document, asked, folder)
            for c in document["candidates"]
        }
    if asked.knees is not None:
        asked.knees.write_text(json.dumps(knees), encoding="utf-8")
    return knees


def agrees(document, knees):
    """By the plain rule, and by the wider one: is what it advises near enough to the sweep's best model?"""
    high = max((knees[name_among(knees, c)][1] for c in document["candidates"] if c["advised"]), default=0)
    tied = [name_among(knees, c) for c in document["candidates"] if c["tied"]]
    best = max(knees, key=lambda name: knees[name][0])
    return high >= knees[best][0], high >= knees[best][0] or (best in tied and WIDTH * high >= knees[best][0])


def main():
    parser = argparse.ArgumentParser(usage=__doc__, allow_abbrev=False)
    parser.add_argument("--sessions", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--sweep", default="")
    parser.add_argument("--knees", type=pathlib.Path)
    asked, options = parser.parse_known_args()
    if asked.rounds < 4:
        parser.error("fewer than 4 rounds give a knee no interval")
    first = advice(options)
    if asked.knees is not None and asked.knees.exists():
        knees = json.loads(asked.knees.read_text(encoding="utf-8"))
    else:
        knees = find_knees(first, asked)
    for name, (low, high) in knees.items():
        print(f"{name}: knee at {low:g}/s to {high:g}/s")
    agreed = agreed_widely = 0
    for session in range(asked.sessions):
        document = advice(options) if session > 0 else first
        label = (document["advised"] or {}).get("label")
        ties = ", ".join(c["label"] for c in document["candidates"] if c["tied"])
        plainly, widely = agrees(document, knees)
        agreed += plainly
        agreed_widely += widely
        words = f"{label or document['verdict']}" + (f", tied with {ties}" if ties else "")
        print(f"session {session + 1}: {words}: {'agrees' if plainly else 'agrees widely' if widely else 'differs'}", flush=True)
    print(f"{agreed} of {asked.sessions} agree, {agreed_widely} by the wider rule")
    sys.exit(agreed * 10 < asked.sessions * 9)


if __name__ == "__main__":
    main()
