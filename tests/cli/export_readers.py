"""Readers of exports, each as strict as what the tool's documentation says of its format, for tools
that cannot be installed here: read(format, file). Anything wrong is an exception."""
import json
import math
import re


def strict_json(path):
    def pairs(items):
        keys = [key for key, _ in items]
        assert len(keys) == len(set(keys)), f"a key twice in {keys}"
        return dict(items)

    def constant(name):
        raise ValueError(f"{name} is not JSON")

    with open(path, encoding="utf-8") as file:
        return json.load(file, object_pairs_hook=pairs, parse_constant=constant)


def number(value):
    assert type(value) in (int, float) and math.isfinite(value), value
    return value


def benchstat(path):
    """Go's design document 14313: key: value lines, Unit lines, and results of name, iterations and pairs of
    value and unit; all else is skipped."""
    units, results = {}, {}
    for line in open(path, encoding="utf-8"):
        fields = line.split()
        if line.startswith("Unit "):
            for pair in fields[2:]:
                key, value = pair.split("=")
                assert units.setdefault(fields[1], {}).setdefault(key, value) == value, line
        elif line.startswith("Benchmark"):
            name, iterations, rest = fields[0], int(fields[1]), fields[2:]
            assert re.fullmatch(r"Benchmark[^a-z]\S*", name) and iterations > 0, line
            assert rest and len(rest) % 2 == 0, line
            assert not re.search(r"-\d+$", name), f"{name} would set GOMAXPROCS"
            for value, unit in zip(rest[::2], rest[1::2]):
                assert unit in units, f"no Unit line for {unit}"
                results.setdefault(name, {}).setdefault(unit, []).append(number(float(value)))
    return {"units": units, "results": results}


def pyperf(path):
    """The checks that its BenchmarkSuite, Benchmark and Run make when they load a file of version 1.0."""

    def metadata(items):
        known = {"loops": (int,), "unit": (str,)}
        for key, value in items.items():
            assert isinstance(value, known.get(key, (int, float, str))), (key, value)
            if isinstance(value, str):
                assert value.strip() and "\n" not in value and "\r" not in value, (key, value)
        assert items.get("unit", "second") in ("second", "byte", "integer"), items
        assert items.get("loops", 1) >= 1
        return items

    document = strict_json(path)
    assert document["version"] == "1.0"
    common = metadata(document.get("metadata", {}))
    suite = {}
    assert document["benchmarks"], "a suite is never empty"
    for benchmark in document["benchmarks"]:
        own = dict(common, **metadata(benchmark.get("metadata", {})))
        values = []
        assert benchmark["runs"]
        for run in benchmark["runs"]:
            assert set(run) <= {"values", "warmups", "metadata"} and run["values"]
            assert all(number(value) > 0 for value in run["values"])
            values += run["values"]
        assert own["name"] not in suite, f"{own['name']} is there already"
        suite[own["name"]] = {"unit": own.get("unit", "second"), "values": values}
    return suite


def bencher(path):
    """The JSON Schema of its reference, and the lengths that it allows."""
    document = strict_json(path)
    assert document
    for benchmark, measures in document.items():
        assert 0 < len(benchmark) <= 1024 and measures
        for measure, metric in measures.items():
            assert re.fullmatch(r"[a-z0-9-]{1,64}", measure), measure
            assert "value" in metric and set(metric) <= {"value", "lower_value", "upper_value"}, metric
            value = number(metric["value"])
            assert number(metric.get("lower_value", value)) <= value <= number(metric.get("upper_value", value))
    return document


def github_benchmark(path):
    """github-action-benchmark's README: name, unit, value; range and extra are texts."""
    document = strict_json(path)
    assert document
    names = [entry["name"] for entry in document]
    assert len(names) == len(set(names))
    for entry in document:
        assert set(entry) <= {"name", "unit", "value", "range", "extra"}
        assert all(isinstance(entry[key], str) for key in entry if key != "value"), entry
        number(entry["value"])
    return {entry["name"]: entry["value"] for entry in document}


def github_annotations(path):
    """Workflow commands as GitHub's runner reads them."""

    def plain(text):
        return text.replace("%3A", ":").replace("%2C", ",").replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")

    commands = []
    for line in open(path, encoding="utf-8", newline="\n"):
        match = re.fullmatch(r"::(error|warning|notice) title=([^:,\r\n]*)::([^\r\n]*)\n", line)
        assert match, line
        assert not re.search(r"%(?!25|0D|0A|3A|2C)", line), line
        commands.append([match[1], plain(match[2]), plain(match[3])])
    return commands


def trace(path):
    """The Trace Event Format: what it says of the events that are used here, and that the slices of one lane nest.
    A list of processes: name, labels, marks, and by the name of each lane its slices: name, begin and end in ns, args."""
    metadata = {"process_name": ("name", str), "process_labels": ("labels", str), "process_sort_index": ("sort_index", int),
                "thread_name": ("name", str), "thread_sort_index": ("sort_index", int)}

    def ns(value):
        assert number(value) >= 0 and abs(value * 1000 - round(value * 1000)) < 1e-3, value
        return round(value * 1000)

    document = strict_json(path)
    assert document["displayTimeUnit"] in ("ms", "ns")
    processes, slices = {}, {}
    for event in document["traceEvents"]:
        assert isinstance(event["name"], str) and type(event["pid"]) is int and type(event["tid"]) is int, event
        process = processes.setdefault(event["pid"], {"marks": [], "threads": {}})
        if event["ph"] == "M":
            key, kind = metadata[event["name"]]
            assert list(event["args"]) == [key] and isinstance(event["args"][key], kind), event
            owner = process["threads"].setdefault(event["tid"], {}) if event["name"].startswith("thread") else process
            assert owner.setdefault(event["name"], event["args"][key]) == event["args"][key], event
        elif event["ph"] == "X":
            begin = ns(event["ts"])
            slices.setdefault((event["pid"], event["tid"]), []).append(
                (event["name"], begin, begin + ns(event["dur"]), event["args"]))
        else:
            assert event["ph"] == "i" and event["s"] in ("g", "p", "t"), event
            process["marks"].append((event["name"], ns(event["ts"])))
    for (pid, tid), lane in slices.items():
        lane.sort(key=lambda s: (s[1], -s[2]))
        open_ends = []
        for name, begin, end, _ in lane:
            while open_ends and open_ends[-1] <= begin:
                open_ends.pop()
            assert not open_ends or end <= open_ends[-1], f"{name} sticks out of the slice that it begins in"
            open_ends.append(end)
        processes[pid]["threads"][tid]["slices"] = lane
    result = []
    for pid in sorted(processes, key=lambda pid: processes[pid]["process_sort_index"]):
        process = processes[pid]
        lanes = {lane["thread_name"]: lane["slices"] for lane in process["threads"].values()}
        assert len(lanes) == len(process["threads"]), "two lanes of one name"
        assert len({lane["thread_sort_index"] for lane in process["threads"].values()}) == len(lanes)
        result.append({"name": process["process_name"], "labels": process.get("process_labels"),
                       "marks": process["marks"], "lanes": lanes})
    return result


READERS = {
    "benchstat": benchstat,
    "pyperf": pyperf,
    "bencher": bencher,
    "github-benchmark-smaller": github_benchmark,
    "github-benchmark-bigger": github_benchmark,
    "github-annotations": github_annotations,
    "trace": trace,
}


def read(name, path):
    return READERS[name](path)
