#!/usr/bin/env bats
# The promise: tva export --format trace writes each job, waiting and running, and each beat of the loop with the
# document's figures, in a form whose rules a strict reader holds it to: export_readers.py. Of many jobs it has the
# first, the last and the slowest.

bats_require_minimum_version 1.5.0
load helper

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return
  bounded "$TVA" run --model sequential,tasks,pool,blocking,threads,loops --threads 2 --job sleep:duration=3ms --jobs 5 \
    --rounds 1 -o batch.json >/dev/null 2>&1 || [ "$?" -eq 1 ]
  bounded "$TVA" run --model tasks,pool --threads 2 --job null --jobs 1234 --rounds 1 -o large.json >/dev/null 2>&1 ||
    [ "$?" -eq 1 ]
  bounded "$TVA" run --model tasks,pool --threads 2 --job sleep:duration=1ms --clients 4 --jobs 150 --rounds 1 \
    -o loop.json >/dev/null 2>&1 || [ "$?" -eq 1 ]
}

# Export the result, made valid, as trace.out after an edit in Python of the document r; then check the expressions in
# Python over it and over the reader's list of processes, x.
check() {
  python - "$BATS_FILE_TMPDIR/$1" "$2" <<'PYTHON'
import json, sys
r = json.load(open(sys.argv[1]))
for cell in r["cells"]:
    cell.update(valid=True, reasons=[])
exec(sys.argv[2])
json.dump(r, open("run.json", "w"))
PYTHON
  run --separate-stderr bounded "$TVA" export run.json --format trace -o trace.out
  echo "stderr: $stderr"
  [ "$status" -eq 0 ]
  [ -z "$stderr" ]
  python - "${@:3}" <<'PYTHON'
import json, sys
import export_readers
r, x = json.load(open("run.json")), export_readers.read("trace", "trace.out")
assert [p["name"] for p in x] == [cell["name"] for cell in r["cells"]], [p["name"] for p in x]
for p, cell in zip(x, r["cells"]):
    jobs = {}
    for lane, slices in p["lanes"].items():
        for name, begin, end, args in slices:
            if "job" in args:
                jobs.setdefault(args["job"], []).append((name.split(" ", 2)[2], begin, end, args["submitted_us"]))
    assert len(jobs) == len(cell["timeline"]["jobs"])
    for row in cell["timeline"]["jobs"]:
        intended, submitted, started, finished, _, index, result = row
        (wait, *wait_at), (ran, *ran_at) = sorted(jobs[index], key=lambda s: s[1:3])
        assert wait == "waited" and wait_at == [intended, started, submitted / 1000], (row, jobs[index])
        assert ran_at == [started, finished, submitted / 1000], (row, jobs[index])
        assert (ran == "ran") == (result == 0), (row, ran)
    beats = p["lanes"].get("heartbeat", [])
    assert [[b, e] for _, b, e, _ in beats] == [[due, max(due, woke)] for due, woke in cell["timeline"]["beats"]]
    late = [e for _, b, e, _ in beats if e - b > 2e6]
    assert [at for _, at in p["marks"]] == late and sum(name == "late beat" for name, *_ in beats) == len(late)
lanes = {cell["model"]: list(p["lanes"]) for p, cell in zip(x, r["cells"])}
for expression in sys.argv[1:]:
    assert eval(expression), (expression, lanes, x[0]["labels"])
PYTHON
}

@test "lanes are threads, loops or tasks, and hold what the document says" {
  check batch.json "" 'all(p["labels"] is None for p in x)' \
    'set(lanes["tasks"]) == {"heartbeat", "task 1", "task 2", "task 3", "task 4", "task 5"}' \
    '{"thread 1", "thread 2", "waiting 1"} <= set(lanes["pool"])' '"thread 3" not in lanes["pool"]' \
    '"loop" in lanes["blocking"] and "waiting 5" in lanes["sequential"]' \
    'all(name == "heartbeat" or name.startswith("thread ") for name in lanes["threads"])' \
    'sum(name.startswith(("loop 1, task ", "loop 2, task ")) for name in lanes["loops"]) == 5'
}

@test "a beat that the jobs hold up is marked" {
  check batch.json 'r["cells"] = [c for c in r["cells"] if c["model"] == "blocking"]' 'len(x[0]["marks"]) >= 1' \
    'x[0]["marks"][0][0].startswith("beat late by ")'
}

@test "a large batch and a loop keep the first, the last, the slowest and some between" {
  for file in large loop; do
    check "$file.json" "" 'all(len(c["timeline"]["jobs"]) <= 100 for c in r["cells"])' \
      'all({*range(25), *range(n - 25, n)} <= {row[5] for row in c["timeline"]["jobs"]} for c in r["cells"] for n in [c["jobs"]])' \
      'all(len({row[5] * 10 // c["jobs"] for row in c["timeline"]["jobs"]}) == 10 for c in r["cells"])' \
      'all("of %d jobs" % c["jobs"] in p["labels"] for p, c in zip(x, r["cells"]))' \
      'all(max(row[3] - row[0] for row in c["timeline"]["jobs"]) == c["summary"]["latency_ns"]["max"] for c in r["cells"])'
  done
}

@test "slices of a lane nest after 1,000 s, too, where a number of the document has no more digits" {
  python 'r = load(sys.argv[1])
for cell in r["cells"]:
    cell.update(valid=True, reasons=[])
    for row in cell["timeline"]["jobs"]:
        row[:4] = [at + 2 * 10**12 for at in row[:4]]
json.dump(r, open("run.json", "w"))' "$BATS_FILE_TMPDIR/batch.json"
  bounded "$TVA" export run.json --format trace -o trace.out
  python 'import export_readers
for process in export_readers.read("trace", "trace.out"):
    for lane, slices in process["lanes"].items():
        assert lane == "heartbeat" or len(slices) >= 1 and min(begin for _, begin, _, _ in slices) >= 2 * 10**12'
}

@test "names are escaped, and jobs that failed say how" {
  check batch.json 'r["cells"] = r["cells"][:1]
r["cells"][0]["name"] = "a \"b\" \\ \n\x1b[1m </script> é"
rows = r["cells"][0]["timeline"]["jobs"]
rows[0][6], rows[1][6], rows[2][6] = -104, -100001, -100002' \
    '[s[0] for s in x[0]["lanes"]["loop"]] == ["job 0 failed", "job 1 was refused", "job 2 was not served", "job 3 ran", "job 4 ran"]' \
    'x[0]["lanes"]["loop"][0][3]["error"] == "ECONNRESET"'
}

@test "results of earlier versions have all jobs, or no timeline" {
  python - "$BATS_FILE_TMPDIR/batch.json" <<'PYTHON'
import json, sys
r = json.load(open(sys.argv[1]))
for cell in r["cells"]:
    cell.update(valid=True, reasons=[])
    cell["timeline"]["jobs"] = [row[:5] for row in cell["timeline"]["jobs"]]
r["cells"][0]["timeline"] = None
json.dump(r, open("run.json", "w"))
PYTHON
  run --separate-stderr bounded "$TVA" export run.json --format trace -o trace.out
  echo "stderr: $stderr"
  [ "$status" -eq 0 ]
  [[ $stderr == "tva export: 1 of 6 cells are left out of trace; "*": it has no timeline" ]]
  python 'import export_readers
x = export_readers.read("trace", "trace.out")
assert len(x) == 5
assert {s[0] for s in x[0]["lanes"]["task 5"]} == {"job 4 waited", "job 4 ran"}, x[0]["lanes"]'
}
