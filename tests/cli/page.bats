#!/usr/bin/env bats
# The promise: tva report --html writes one page that holds the figures of its document, loads nothing, is whole
# whatever texts the document has, and says what it lacks. What a browser makes of it: tests/page/.

bats_require_minimum_version 1.5.0
load helper

# Without gnuplot, which takes longer than all else, a page has the charts that lie beside it.
setup() {
  begin
  no_gnuplot=$BATS_TEST_TMPDIR/bin
  mkdir "$no_gnuplot"
  sample=$TVA_SOURCE/results/sample
}

write_page() {
  run --separate-stderr env PATH="$no_gnuplot" "$program" report --html "$@"
}

# Statements about the page, with what page.py has.
of_page() {
  python 'exec(open(sys.argv[1]).read())
page = load_page(sys.argv[2])
page.check()
'"$1" "$TVA_SOURCE/tests/cli/page.py" "${@:2}"
}

@test "the page of a session is whole, loads nothing, and has the figures of its document" {
  cp "$sample/run.json" "$sample/hyperfine.json" .
  write_page run.json
  [ "$status" -eq 0 ]
  [ -z "$output" ]
  [ "$stderr" = "tva report: the page is in report.html" ]
  of_page '
result = load("run.json")
assert check_figures(page, result) > 40
said = page.text()
for cell in result["cells"]:
    for sentence in cell["warnings"] + cell["reasons"]:
        assert sentence in said, sentence
for value in (result["context"]["cpu"], result["context"]["commit"], "tva run --profile quick --seed %d" % result["seed"]):
    assert value in said, value
assert "No earlier session is kept" in said
assert "gnuplot is not installed; on Debian: apt-get install gnuplot-nox" in said
assert page.tables["processes"]' report.html
  run bounded "$TVA" report run.json
  for sentence in "${lines[@]}"; do
    [[ $sentence != "  => "* ]] || echo "${sentence#  => }" >>findings
  done
  [ "$(wc -l <findings)" -gt 10 ]
  of_page '
said = page.text()
for finding in open("findings"):
    assert " ".join(finding.split()) in said, finding' report.html
}

@test "charts that lie beside the page and are of its document are in it, others are not" {
  cp "$sample/run.json" "$sample/"{makespan,latency,lag}.svg .
  touch run.json
  touch -d '+1 second' makespan.svg latency.svg
  touch -d '-1 minute' lag.svg
  sed -i 's/ UTC</ BC</' latency.svg
  write_page run.json -o sub.html
  [ "$status" -eq 0 ]
  of_page '
assert [e[1]["id"] for e in page.of("figure", class_="drawn")] == ["chart-makespan"]
said = page.text()
assert "no linear chart makespan: gnuplot is not installed" in said
for name in ("latency", "lag"):
    assert "no chart %s: gnuplot is not installed" % name in said, name
assert "The event loop wins for" in page.of("figure", id="chart-makespan")[0][2]' sub.html
}

@test "a picture that could run or load something is not taken" {
  cp "$sample/run.json" .
  for what in '<script>alert(1)</script>' '<a href="x">y</a>' '<g onclick="alert(1)"></g>' \
    '<use xlink:href="other.svg#x"/>' '<rect fill="url(//example.org)"/>' '<![CDATA[<img src=x>]]>' '<g>' '</svg>' \
    '</svg><title>' '<desc><g></desc></g>' '<title><g/></title>' '<g><title></g></title>' '<rect STYLE="x: y"/>' \
    '<use HREF="other.svg#x"/>' '<rect fill="URL(//example.org)"/>' '<rect fill="u\&#114;l(//example.org)"/>'; do
    sed "s|<g id=\"gnuplot_canvas\">|&$what|" "$sample/makespan.svg" >makespan.svg
    touch -d '+1 second' makespan.svg
    write_page run.json
    [ "$status" -eq 0 ]
    of_page '
assert page.of("figure", class_="drawn") == []
assert "no chart makespan: it " in page.text()' report.html || { echo "$what"; false; }
  done
}

@test "a stranger's texts stay text in every field" {
  cp "$sample/run.json" run.json
  python - <<'SCRIPT'
EVIL = "</script></style></title><script>alert(1)</script><img src=x onerror=alert(1)>\"'><!--&lt;\x1b]0;x\x07\x1b[31m\u009b\u202e\n`"


def of_texts(value, keys):
    for key in keys:
        value[key] = value[key] + EVIL


run = load("run.json")
kept = {cell["load"]["kind"] for cell in run["cells"]}
evil = spoil(run, EVIL)
evil["suite"] = None
for cell in evil["cells"]:
    cell["load"]["kind"] = cell["load"]["kind"].removesuffix(EVIL)
    cell["warnings"] = [EVIL]
for cell in evil["cells"][::3]:
    cell.update(valid=False, reasons=[EVIL])
evil["sweep"] = {"axes": [{"name": EVIL, "range": EVIL}], "slo": {"metric": EVIL, "bound_s": 1}, "crossovers": [{"sentence": EVIL}],
                 "knees": [{"sentence": EVIL}, 7], "scalability": EVIL}
json.dump(evil, open("sweep.json", "w"))
del evil["sweep"]
json.dump(evil, open("evil.json", "w"))
timings = [{"command": EVIL, "mean": 1, "median": 1, "parameters": {"model": c["model"], "job": c["spec"], "jobs": str(c["jobs"])}}
           for c in evil["cells"][:3]]
json.dump({"results": timings}, open("timings.json", "w"))
json.dump({"kind": "tva-advise", "job": EVIL, "text": EVIL, "context": spoil(run["context"], EVIL), "slo": {"metric": EVIL, "bound_s": 1, "given": True},
           "candidates": [{"label": EVIL, "verdict": EVIL, "failure": EVIL, "advised": True}, EVIL, None]}, open("advice.json", "w"))
SCRIPT
  for words in "evil.json --hyperfine timings.json --before evil.json" sweep.json advice.json; do
    # shellcheck disable=SC2086
    write_page $words
    [ "$status" -eq 0 ]
    of_page '
assert "onerror=alert(1)" in page.text()
assert not page.of("img")' report.html
  done
}

@test "what changed is what tva compare says" {
  cp "$sample/run.json" run.json
  python 'r = load("run.json")
for cell in r["cells"]:
    if cell["model"] == "tasks" and cell["summary"]:
        makespan = cell["summary"]["makespan_s"]
        makespan["values"] = [3 * v for v in makespan["values"]]
        for key in ("median", "ci_low", "ci_high"):
            makespan[key] *= 3
json.dump(r, open("before.json", "w"))'
  write_page run.json
  [ "$status" -eq 0 ]
  bounded "$TVA" compare before.json run.json >compared
  [ "$(grep -c '^  better ' compared)" -gt 3 ]
  of_page '
said = page.text()
for line in open("compared"):
    if line.startswith(("  better ", "  worse ")):
        assert " ".join(line.split()) in said, line
assert len(page.tables["changed"][0]) > 4' report.html
}

@test "an earlier session that cannot be read costs the page the comparison alone" {
  cp "$sample/run.json" run.json
  printf 'half a <b>file' >damaged.json
  printf '{"schema_version": 99}' >newer.json
  for before in damaged newer; do
    cp "$before.json" before.json
    write_page run.json
    [ "$status" -eq 0 ]
    of_page '
said = page.text()
assert "no comparison: before.json is no" in said or "no comparison: before.json has schema_version 99" in said, said' report.html
    write_page run.json --before "$before.json"
    [ "$status" -eq 1 ]
    [[ $stderr == "tva report: $before.json "* ]]
  done
}

@test "a sweep's page answers with its sentences, and theory's table is in the page of its result" {
  write_page "$sample/sweep/rate.json" -o rate.html
  [ "$status" -eq 0 ]
  of_page '
said = page.text()
sweep = load(sys.argv[3])["sweep"]
for answer in sweep["knees"] + sweep["crossovers"]:
    assert answer["sentence"] in page.of("section", id="answer")[0][2]
assert "tva sweep --job sleep:duration=2ms,dist=exp --over rate=200,350" in said.replace(chr(39), "")
assert "--slo p99=20ms" in said' rate.html "$sample/sweep/rate.json"
  write_page "$sample/theory.json" -o theory.html
  [ "$status" -eq 0 ]
  run --separate-stderr bounded "$TVA" theory --markdown "$sample/theory.json"
  printf '%s\n' "$output" >table
  of_page '
shown = [row for row in page.tables["theory"][0][1:]]
rows = [[cell.strip() for cell in line.replace("\\", "").strip("|\n").split("|")] for line in open("table")][2:]
assert len(rows) > 5 and [row[0] for row in rows] == [row[0] for row in shown]
assert all(cell in rows[i] for i, row in enumerate(shown) for cell in row), rows' theory.html
}

@test "flame graphs that were drawn after the document are in its page, and no folder is made for them" {
  run bounded "$TVA" run --model tasks,blocking --job null --jobs 3 --rounds 1 -o run.json
  write_page run.json
  [ "$status" -eq 0 ]
  [ ! -e flame ]
  mkdir flame
  for cell in tasks blocking; do
    printf '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" font-size="11"><title>t</title><style>g { x: url(x) }</style>%s</svg>' \
      '<g><title>main: 3 samples</title><rect width="3"/></g>' >"flame/$cell-null-x-3.svg"
  done
  touch -d '-1 hour' flame/blocking-null-x-3.svg
  write_page run.json
  of_page '
assert [e[2] for e in page.of("summary")] == ["tasks null x 3"]
assert "main: 3 samples" in page.of("section", id="time")[0][2]' report.html
}

@test "the commands of a page make the cells of its document" {
  for document in run sweep/clients; do
    python 'r = load(sys.argv[1])
r["suite"] = None
r.pop("sweep", None)
json.dump(r, open("run.json", "w"))' "$sample/$document.json"
    write_page run.json
    [ "$status" -eq 0 ]
    of_page 'print("\n".join(e[2].replace("tva run", "list cells", 1) for e in page.of("code") if e[2].startswith("tva run ")))' report.html |
      sed 's/ --rounds [0-9]* --seed [0-9]*$//' >commands
    while read -r words; do
      eval "bounded \"\$TVA\" $words"
    done <commands >cells
    [ "$(wc -l <cells)" = "$(of_result run.json 'len(r["cells"])')" ]
    [ "$(sort -u cells | wc -l)" = "$(wc -l <cells)" ]
  done
}

@test "a page is not made of what has none, and of nothing by half" {
  echo '{"kind": "tva-baseline", "schema_version": 1}' >other.json
  write_page other.json
  [ "$status" -eq 1 ]
  [ ! -e report.html ]
  cp "$sample/run.json" .
  write_page run.json --before other.json
  [ "$status" -eq 1 ]
  write_page run.json -o -
  [ "$status" -eq 0 ] && [ ! -e - ]
  [[ $output == "<!DOCTYPE html>"*"</html>" ]]
  write_page run.json -o missing/report.html
  [ "$status" -eq 1 ]
  [[ $stderr == *missing* ]]
  refused "*--before and --output are of the page: give --html as well" report run.json -o x
  TVA_SHARE=/nowhere write_page run.json
  [ "$status" -eq 0 ]
  rm report.html
  mkdir -p share/bench/page/page.css
  TVA_SHARE=$PWD/share write_page run.json
  [ "$status" -eq 1 ]
  [[ $stderr == *"cannot read $PWD/share/bench/page/page.css: Is a directory" ]]
  [ ! -e report.html ]
}
