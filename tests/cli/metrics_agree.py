"""Hold every form of a result to the document: tables, CSV, Markdown, comparison, exports and the data of charts must show the same
value of each metric that they have. Usage: metrics_agree.py PROGRAM RUN.json; prints how many values each form was held to."""

import csv
import io
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile

UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "B": 1.0, "KiB": 1024.0, "MiB": 1024.0**2, "GiB": 1024.0**3, "/s": 1.0,
         "k/s": 1e3, "M/s": 1e6, "%": 0.01, "": 1.0}
TOKEN = r"~?-?[\d,.]*\d(?: ?(?:ns|us|ms|s|B|KiB|MiB|GiB|[kM]?/s|%))?(?= |$)|-(?= |$)"
program, path = sys.argv[1:]
document = json.load(open(path))
checked = {}


def median(values):
    return statistics.median(values)


def quantity(cell, name):
    found = (cell["summary"] or {}).get(name)
    return found["median"] if found else None


def percentile(cell, name, pooled, member="latency_ns"):
    over_runs = quantity(cell, name)
    whole = (cell["summary"] or {}).get(member) or {}
    return over_runs if name in (cell["summary"] or {}) else whole[pooled] * 1e-9 if pooled in whole else None


def sums(cell):
    return [u + s for u, s in zip(cell["summary"]["cpu_user_s"]["values"], cell["summary"]["cpu_sys_s"]["values"])]


def lag(cell):
    value = quantity(cell, "heartbeat_lag_max_ns")
    return value * 1e-9 if value is not None else None


def share(cell, *names):
    arrivals = cell.get("arrivals")
    return sum(arrivals[n] for n in names) / arrivals["offered"] if arrivals else None


def cpu(cell):
    """The median over runs of (user + system) / jobs; None where a run does not have all three."""
    if cell["summary"]["cpu_user_s"] is None:
        return None
    times = sums(cell)
    jobs = (cell["summary"].get("jobs") or {}).get("values") or [cell["jobs"]] * len(times)
    return median([t / n for t, n in zip(times, jobs)]) if len(jobs) == len(times) else None


def truth_of(cell):
    """Every metric in s, 1/s, bytes, counts or shares, from the document alone."""
    loop = cell.get("load", {}).get("kind", "batch") != "batch"
    truth = {
        "throughput": quantity(cell, "throughput_per_s"),
        "offered": quantity(cell, "offered_per_s"),
        "mean": percentile(cell, "latency_mean_s", "mean"),
        "p50": percentile(cell, "latency_p50_s", "p50"),
        "p90": percentile(cell, "latency_p90_s", "p90"),
        "p99": percentile(cell, "latency_p99_s", "p99"),
        "uncorrected": percentile(cell, "latency_uncorrected_p99_s", "p99", "latency_uncorrected_ns"),
        "lag": lag(cell),
        "cpu": cpu(cell),
        "cpu_user": quantity(cell, "cpu_user_s"),
        "cpu_sys": quantity(cell, "cpu_sys_s"),
        "memory": quantity(cell, "memory_per_job_bytes"),
        "ideal": cell["summary"]["ideal_makespan_s"],
        "efficiency": cell["summary"]["efficiency"],
        "makespan": quantity(cell, "makespan_s"),
        "refused": share(cell, "refused"),
        "unserved": share(cell, "unserved"),
        "lost": share(cell, "refused", "unserved"),
        "in_flight": ((cell["summary"].get("in_flight") or {}).get("mean") or {}).get("median"),
    }
    truth["headline"] = truth["mean" if loop else "makespan"]
    for name, count in cell.get("counts", {}).items():
        truth[name] = count["value"]
    return truth


def run(*args):
    return subprocess.run([program, *args], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=120,
                          env={**os.environ, "COLUMNS": "400"}).stdout.decode()


def hold(form, cell, metric, shown, within=1e-6, least=0.0):
    """What was shown is the document's value, as far as it was shown."""
    expected = truths[cell["name"]][metric]
    checked[form] = checked.get(form, 0) + 1
    if expected is None or shown is None:
        assert expected is None and shown is None, f"{form}: {metric} of {cell['name']} is {expected}, shown is {shown}"
        return
    assert abs(shown - expected) <= max(within * abs(expected), least), \
        f"{form}: {metric} of {cell['name']} is {expected}, shown is {shown}"


def number(text):
    """'10.3 ms' in s, with the size of its last digit; None for '-'."""
    if text in ("-", "–", ""):
        return None, 0
    digits, unit = re.fullmatch(r"~?(-?[\d,.]+) ?(.*)", text).groups()
    digits = digits.replace(",", "")
    last = 10.0 ** -len(digits.partition(".")[2])
    return float(digits) * UNITS[unit], 0.51 * last * UNITS[unit]


def hold_text(form, cell, metric, text):
    value, least = number(text.strip())
    if value is None and truths[cell["name"]][metric] is not None:
        raise AssertionError(f"{form}: {metric} of {cell['name']} is not shown")
    hold(form, cell, metric, value, 1e-9, least)


def label_of(cell):
    return cell["model"] if cell["threads"] is None else f"{cell['model']}({cell['threads']})"


def find(group, label):
    return next(c for c in document["cells"] if c["group"] == group and label_of(c) == label)


COLUMNS = {
    "makespan": "makespan", "interval": None, "p99 interval": None, "relative": None, "first": None, "ideal": "ideal", "eff.": "efficiency", "offered": "offered", "jobs/s": "throughput",
    "in flight": "in_flight", "mean": "mean", "p50": "p50", "p99": "p99", "unc. p99": "uncorrected", "refused": "refused",
    "unserved": "unserved", "util.": None, "excess": None, "lag max": "lag", "CPU/job": "cpu", "mem/job": "memory",
    "syscalls": "syscalls_per_job", "allocs": "allocations_per_job", "bytes": "allocated_bytes_per_job",
    "instructions": "instructions_per_job", "pages": "pages_per_job", "waits, wakes": "wakeups_per_job", "memory calls": "memory_calls_per_job",
    "switches": "context_switches_per_job",
}
TITLES = "|".join(re.escape(t) for t in sorted(COLUMNS, key=len, reverse=True))


def check_report():
    group, columns = None, []
    for line in run("report", path).splitlines():
        if line in {c["group"] for c in document["cells"]}:
            group = line
        elif re.match(r" *(model|per job) ", line):
            columns = re.findall(rf"(?<= )(?:{TITLES})(?= |$)", line)
        elif group and columns and line.split() and line.split()[0] in {label_of(c) for c in document["cells"] if c["group"] == group}:
            cell, rest = find(group, line.split()[0]), line.strip()[len(line.split()[0]):]
            figures = re.findall(rf"(?<= )(?:[\d.]+-[\d.]+(?= )|{TOKEN})", rest)
            assert len(figures) == len(columns), f"{columns} against {line}"
            for column, text in zip(columns, figures):
                if COLUMNS[column] is not None and COLUMNS[column] in truths[cell["name"]]:
                    hold_text("report", cell, COLUMNS[column], text)
        elif line.startswith("  =>") or not line:
            columns = []


def check_csv():
    names = {"makespan_s": ("makespan", 1), "throughput_per_s": ("throughput", 1), "ideal_makespan_s": ("ideal", 1),
             "latency_p50_ns": ("p50", 1e-9), "latency_p90_ns": ("p90", 1e-9), "latency_p99_ns": ("p99", 1e-9),
             "latency_mean_ns": ("mean", 1e-9), "latency_mean_s": ("mean", 1), "heartbeat_lag_max_ns": ("lag", 1e-9),
             "cpu_user_s": ("cpu_user", 1), "cpu_sys_s": ("cpu_sys", 1), "cpu_per_job_s": ("cpu", 1),
             "memory_per_job_bytes": ("memory", 1), "offered_per_s": ("offered", 1), "lost_share": ("lost", 1),
             "latency_uncorrected_p99_ns": ("uncorrected", 1e-9), "in_flight_mean": ("in_flight", 1)}
    intervals = {"makespan_ci_low_s": ("makespan_s", "ci_low"), "makespan_ci_high_s": ("makespan_s", "ci_high"),
                 "confidence": ("makespan_s", "confidence"),
                 "latency_mean_ci_low_s": ("latency_mean_s", "ci_low"), "latency_mean_ci_high_s": ("latency_mean_s", "ci_high")}
    for row, cell in zip(csv.DictReader(io.StringIO(run("export", path, "--format", "csv"))), document["cells"]):
        for column, (metric, scale) in names.items():
            hold("csv", cell, metric, float(row[column]) * scale if row[column] else None)
        for column, (name, member) in intervals.items():
            found = cell["summary"].get(name)
            assert (float(row[column]) if row[column] else None) == (found[member] if found else None), f"csv: {column}"
        for count in cell.get("counts", {}):
            hold("csv", cell, count, float(row[count]))


def check_markdown():
    group = columns = None
    for line in run("export", path, "--format", "markdown").splitlines():
        fields = [re.sub(r"^`|`$|\*\*| \\\*$", "", f.strip()) for f in re.split(r"(?<!\\)\|", line)[1:-1]]
        if line.startswith("## "):
            group, columns = line[3:], None
        elif line.startswith("| model") or line.startswith("| per job"):
            columns = [COLUMNS[t] for t in fields[1:]]
        elif columns and line.startswith("| ") and "(invalid)" not in fields[0]:
            cell = find(group, fields[0])
            for name, text in zip(columns, fields[1:]):
                if name in truths[cell["name"]]:
                    hold_text("markdown", cell, name, text)


def check_compare():
    titles = {"makespan": "makespan", "throughput": "throughput", "latency p50": "p50", "latency p99": "p99", "CPU a job": "cpu",
              "memory a job": "memory", "longest loop lag": "lag", "system calls a job": "syscalls_per_job",
              "instructions a job": "instructions_per_job", "wake-ups a job": "wakeups_per_job"}
    by_name = {c["name"]: c for c in document["cells"]}
    for line in run("compare", path, path, "--all", "--markdown").splitlines():
        fields = [f.strip() for f in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(fields) > 4 and fields[1] in titles:
            hold_text("compare", by_name[fields[0].strip("`").replace("\\|", "|")], titles[fields[1]], fields[2])


def check_google():
    entries = json.loads(run("export", path, "--format", "google-benchmark"))["benchmarks"]
    for cell in valid:
        mine = [e for e in entries if e["name"] == cell["name"]]
        if truths[cell["name"]]["cpu"] is None:  # each entry has to have a CPU time
            assert not mine, f"google-benchmark: {cell['name']} has no CPU time, and {len(mine)} entries"
            continue
        in_iteration = cell["jobs"] if mine[0]["iterations"] == 1 else 1
        hold("google-benchmark", cell, "headline", median(e["real_time"] for e in mine) * 1e-9)
        hold("google-benchmark", cell, "throughput", median(e["items_per_second"] for e in mine))
        hold("google-benchmark", cell, "cpu", median(e["cpu_time"] for e in mine) * 1e-9 / in_iteration)
        for count in cell.get("counts", {}):
            hold("google-benchmark", cell, count, mine[0][count])


def check_benchstat():
    units = {"sec/op": "headline", "jobs/sec": "throughput", "lag-sec": "lag", "user-sec": "cpu_user", "sys-sec": "cpu_sys",
             "B/job": "memory", "syscalls/job": "syscalls_per_job"}
    found = {}
    for line in run("export", path, "--format", "benchstat").splitlines():
        if line.startswith("Benchmark"):
            words = line.split()
            for value, unit in zip(words[2::2], words[3::2]):
                found.setdefault((words[0], unit), []).append(float(value))
    for cell in document["cells"]:
        name = "BenchmarkTva/work=%s/model=%s" % (re.sub(r"[/ ]", "_", cell["group"]), label_of(cell))
        for unit, metric in units.items():
            if (name, unit) in found:
                hold("benchstat", cell, metric, median(found[name, unit]))


def check_bencher():
    measures = {"latency": ("headline", 1e-9), "throughput": ("throughput", 1), "heartbeat-lag-max-ns": ("lag", 1e-9),
                "cpu-user-s": ("cpu_user", 1), "cpu-sys-s": ("cpu_sys", 1), "memory-per-job-bytes": ("memory", 1),
                "latency-p99-s": ("p99", 1), "syscalls-per-job": ("syscalls_per_job", 1)}
    exported = json.loads(run("export", path, "--format", "bencher"))
    for cell in valid:
        for measure, value in exported[cell["name"]].items():
            if measure in measures:
                hold("bencher", cell, measures[measure][0], value["value"] * measures[measure][1])


def check_pyperf():
    for entry in json.loads(run("export", path, "--format", "pyperf"))["benchmarks"]:
        name, _, count = entry["metadata"]["name"].partition(" - ")
        cell = next(c for c in document["cells"] if c["name"] == name)
        values = [r["values"][0] for r in entry["runs"]]
        if not count:
            hold("pyperf", cell, "headline", median(values))
        elif cell["counts"][count]["kind"] == "exact":
            hold("pyperf", cell, count, median(values))


def check_hyperfine():
    for entry, cell in zip(json.loads(run("export", path, "--format", "hyperfine"))["results"], valid):
        assert entry["command"] == cell["name"]
        hold("hyperfine", cell, "headline", entry["median"])


def check_keyed():
    """Formats that have metrics under the document's keys."""
    keys = {"makespan_s": ("makespan", 1), "latency_mean_s": ("mean", 1), "latency_p99_s": ("p99", 1), "cpu_user_s": ("cpu_user", 1),
            "throughput_per_s": ("throughput", 1), "heartbeat_lag_max_ns": ("lag", 1e-9), "cpu_sys_s": ("cpu_sys", 1),
            "memory_per_job_bytes": ("memory", 1), "syscalls_per_job": ("syscalls_per_job", 1)}
    by_name = {c["name"]: c for c in document["cells"]}
    cell = None
    for line in run("export", path, "--format", "junit").splitlines():
        named = re.search(r'<testcase name="(.*?)"', line)
        cell = by_name[named[1]] if named else cell
        for key, value in re.findall(r"([a-z_0-9]+) ([-+\d.e]+)$", line.replace("<system-out>", "")):
            if cell and key in keys:
                hold("junit", cell, keys[key][0], float(value) * keys[key][1], 1e-9)
    for form in ("github-benchmark-smaller", "github-benchmark-bigger"):
        for entry in json.loads(run("export", path, "--format", form)):
            name, _, key = entry["name"].rpartition(" - ")
            if key in keys:
                hold(form, by_name[name], keys[key][0], entry["value"] * keys[key][1])
    for line in run("export", path, "--format", "summary").splitlines():
        fields = [f.strip() for f in re.split(r"(?<!\\)\|", line)[1:-1]]
        if line.startswith("| `") and "**invalid**" not in line:
            cell = by_name[fields[0].strip("`")]
            hold_text("summary", cell, "headline", fields[1].replace(" a job", ""))
            for count, text in re.findall(r"([a-z_]+_per_job) (~?[\d.,]*\d)", fields[3]):
                hold_text("summary", cell, count, text)


def check_charts():
    """Rows of the charts whose panels are groups; the ends of lines of a sweep's."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, "plot", path, "-o", folder, "-f", "svg"], check=False, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, timeout=120)
        for chart, metrics in (("makespan", ["makespan"]), ("cost", ["cpu", "memory"]), ("lag", ["lag"])):
            if not os.path.exists(f"{folder}/data/{chart}-rows.dat"):
                continue
            titles = dict(re.findall(r"^panel_title_(\d+) = '(.*)'", open(f"{folder}/data/{chart}.gp").read(), re.M))
            for row in csv.DictReader(open(f"{folder}/data/{chart}-rows.dat"), delimiter="\t"):
                at = int(row["panel"])
                title = re.sub("^(CPU|Memory) a job: ", "", titles[str(at)])
                jobs = re.fullmatch(r"(.*) × ([\d,]+)", title)
                group = f"{jobs[1]} x {jobs[2].replace(',', '')}" if jobs else title
                cells = [c for c in document["cells"] if c["group"] == group and label_of(c) == row["label"]]
                metric = metrics[(at - 1) % len(metrics)]
                shown = float(row["median"])
                if cells and not (shown != shown and not truths[cells[0]["name"]][metric]):
                    hold(f"chart {chart}", cells[0], metric, shown)
        if os.path.exists(f"{folder}/data/rate-curves.dat"):
            points = {(float(r.split("\t")[0]), float(r.split("\t")[1]))
                      for r in open(f"{folder}/data/rate-curves.dat") if r[:1].isdigit()}
            for cell in (c for c in document["cells"] if c["valid"] and c.get("series")):
                for metric in ("p50", "p99"):
                    value = truths[cell["name"]][metric]
                    at = [y for x, y in points if x == cell["load"]["rate_per_s"]]
                    if value and at:
                        hold("chart rate", cell, metric, min(at, key=lambda y: abs(y - value)))


valid = [c for c in document["cells"] if c["valid"]]
truths = {c["name"]: truth_of(c) for c in document["cells"]}
for check in (check_report, check_csv, check_markdown, check_compare, check_google, check_benchstat, check_bencher, check_pyperf,
              check_hyperfine, check_keyed, check_charts):
    check()
for form, values in checked.items():
    print(form, values)
