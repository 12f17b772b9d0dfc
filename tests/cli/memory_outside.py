"""Holds `memory a job` of tva against the system's own figures: memory_outside.py TVA [FACTOR]

Jobs sleep while this looks: at the process's private memory, and for threads at what all of the kernel uses for stacks,
page tables and other objects. The difference of two such looks at few and at many jobs, divided by the difference in jobs, has nothing in it of what a process needs anyway. Other processes use the kernel's memory, too, so
the median of several tries counts. The exit status is 1 when a figure is further off than its bound, which is 10 % for
threads and 5 % for tasks, times FACTOR where much else runs.
"""

import json
import pathlib
import statistics
import subprocess
import sys
import time

TRIES = 3
FIELDS = ("KernelStack", "PageTables", "SUnreclaim")


def kib(path, fields):
    values = {}
    for line in pathlib.Path(path).read_text().splitlines():
        name, _, rest = line.partition(":")
        if name in fields:
            values[name] = values.get(name, 0) + int(rest.split()[0])
    return sum(values.values())


def cell_of(parent):
    """The process that carries out the run: a child of tva named so, with `cell` in its command line."""
    for pid in pathlib.Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
        if b"\0cell\0" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes():
            return pid
    return None


def look(tva, model, jobs):
    """Bytes outside and inside: (of the process, of the kernel), and what tva says a job takes, and the kernel's part."""
    before = kib("/proc/meminfo", FIELDS)
    options = ["--model", model, "--job", "sleep:duration=1500ms", "--jobs", str(jobs), "--warmup", "0", "--rounds", "1"]
    run = subprocess.Popen([tva, "run", *options, "-q", "-o", "memory.json"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    most = (0, 0)
    while run.poll() is None:
        try:
            pid = cell_of(run.pid)
            if pid is not None:
                private = kib(f"/proc/{pid}/smaps_rollup", ("Private_Clean", "Private_Dirty"))
                most = max(most, (private, kib("/proc/meminfo", FIELDS) - before))
        except (FileNotFoundError, ProcessLookupError):
            pass
        time.sleep(0.1)
    summary = json.loads(pathlib.Path("memory.json").read_text())["cells"][0]["summary"]
    return [1024 * v for v in most], summary["memory_per_job_bytes"]["median"]


def main():
    tva, factor, faults = sys.argv[1], float(sys.argv[2] if len(sys.argv) > 2 else 1), 0
    for model, few, many, bound, with_kernel in (("threads", 500, 2500, 0.10, True), ("tasks", 5000, 25000, 0.05, False)):
        outside, inside = [], []
        for _ in range(TRIES):
            small, _ = look(tva, model, few)
            large, said = look(tva, model, many)
            difference = [b - a for a, b in zip(small, large)]
            outside.append((difference[0] + difference[1] * with_kernel) / (many - few))
            inside.append(said)
        outside, inside = statistics.median(outside), statistics.median(inside)
        print(f"{model}: {inside:.0f} B a job by tva, {outside:.0f} by the system")
        faults += abs(inside / outside - 1) > bound * factor
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
