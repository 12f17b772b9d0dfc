#!/usr/bin/env bats
# The promise: a browser shows the page without an error and without a request that leaves the file; its tables
# sort, its switches hide models and change the axis in all charts, marks say the document's figures, and nothing but
# tables and charts is wider than a telephone.
# PICTURES names a folder for what it looks like.

bats_require_minimum_version 1.5.0
load ../cli/helper

setup() {
  begin
  browser=$(command -v chromium) || skip "there is no chromium; on Debian: apt-get install chromium"
  cp "$TVA_SOURCE/results/sample/"*.{json,svg} .
  touch run.json
  touch -d '+1 second' ./*.svg
}

# Open a page, with further options; what the browser has to say of it goes to `said`.
browse() {
  local page=$1

  shift
  LIMIT=110 bounded "$browser" --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir="$PWD/profile" \
    --disable-background-networking --disable-component-update --no-first-run --host-resolver-rules="MAP * ~NOTFOUND" \
    --enable-logging=stderr --virtual-time-budget=4000 \
    "$@" "file://$PWD/$page" 2>said
  ! grep CONSOLE said
}

# The page with more script at its end, whose expressions are to be true.
ask() {
  {
    sed '/<\/body>/,$d' report.html
    printf '<p id="told"></p><script>\nconst told = [];\nconst holds = (name, value) => value || told.push(name);\n'
    cat
    printf 'document.getElementById("told").textContent = told.length ? "wrong: " + told.join() : "all holds";</script></body></html>\n'
  } >asked.html
  browse asked.html "$@" --dump-dom >dom
  grep -o '<p id="told">[^<]*' dom
  grep -q '<p id="told">all holds<' dom
}

@test "a session's page: no error, no request, tables sort, switches work" {
  "$TVA" report --html run.json 2>/dev/null
  ask --log-net-log="$PWD/net.json" <<'SCRIPT'
const shown = (selector) => [...document.querySelectorAll(selector)].filter((e) => e.getClientRects().length > 0);
const table = document.querySelector("#work-1 table"), column = 1;
const values = () => [...table.tBodies[0].rows].map((row) => row.cells[column].textContent);
const button = table.tHead.rows[0].cells[column].querySelector("button");
const before = values();
button.click();
const up = values();
holds("ascending", table.tHead.rows[0].cells[column].getAttribute("aria-sort") === "ascending");
button.click();
holds("turned", values().join() === up.reverse().join());
holds("the same rows", [...before].sort().join() === [...up].sort().join());
holds("logarithmic", shown(".log .median").length > 50 && shown(".linear .median").length === 0);
document.getElementById("scale-linear").click();
holds("linear", shown(".log .median").length === 0 && shown(".linear .median").length > 50);
const marks = shown(".dots .m0").length;
document.getElementById("show-m0").click();
holds("hidden", marks > 0 && shown(".dots .m0").length === 0 && shown(".dots .m1").length > 0);
holds("charts", document.querySelectorAll("figure.drawn").length >= 4);
SCRIPT
  # The browser asks its maker for things of its own; a page's requests name the page as their origin.
  python '
starts = [e["params"] for e in load("net.json")["events"] if "initiator" in (e.get("params") or {})]
asked = {p["url"] for p in starts if p["initiator"].startswith(("file", "null"))}
assert all(url.startswith(("file:", "data:")) for url in asked), asked'
}

@test "marks of gnuplot's charts say the document's figures, and the switches change these charts too" {
  rm ./*.svg
  "$TVA" report --html run.json 2>/dev/null
  [ "$(wc -c <report.html)" -lt $((3 << 20)) ]
  python 'def label(c): return c["model"] + ("(%d)" % c["threads"] if c["threads"] else "")
print("const cells =", json.dumps([[label(c), c["summary"]["makespan_s"]["median"]] for c in load("run.json")["cells"]
                                   if (c["summary"] or {}).get("makespan_s")]))' >script
  cat >>script <<'SCRIPT'
const shown = (selector) => [...document.querySelectorAll(selector)].filter((e) => e.getClientRects().length > 0);
const marks = (kind) => [...document.querySelectorAll(`#chart-makespan .${kind} g:has(> title)`)];
const text = (mark) => mark.querySelector("title").textContent;
const units = { ns: 1e-9, us: 1e-6, ms: 1e-3, s: 1 };
function valueOf(mark) {
  const [, label, number, unit] = /^(.+): makespan ([\d.]+) (\w+) \(/.exec(text(mark)) ?? [];
  return [label, number * units[unit]];
}
const says = (mark) => cells.some(([label, median]) => label === valueOf(mark)[0] && Math.abs(median / valueOf(mark)[1] - 1) < 0.006);
holds("marks", marks("log").length > 30);
holds("figures: " + marks("log").filter((mark) => !says(mark)).map(text).join(), marks("log").every(says));
holds("alike", marks("log").map(text).join() === marks("linear").map(text).join());
const place = (mark) => Number(/translate\(([\d.]+)/.exec(mark.querySelector("use").getAttribute("transform"))[1]);
const plot = (mark) => mark.closest("g[id*=plot]");
const panel = marks("linear").filter((mark) => plot(mark) === plot(marks("linear")[0])).map((mark) => [valueOf(mark)[1], place(mark)]);
panel.sort((a, b) => a[0] - b[0]);
const [least, most] = [panel[0], panel.at(-1)], slope = (most[1] - least[1]) / (most[0] - least[0]);
holds("places", panel.length > 4 && panel.every(([v, x]) => Math.abs(least[1] + slope * (v - least[0]) - x) < 3));
holds("logarithmic", shown("#chart-makespan .log use").length > 30 && shown(".drawn .linear use").length === 0);
document.getElementById("scale-linear").click();
holds("linear", shown(".drawn .log use").length === 0 && shown("#chart-makespan .linear use").length > 30);
holds("all that have both", document.querySelectorAll(".drawn .linear").length >= 4);
holds("model", shown("#chart-latency .m0").length > 0);
document.getElementById("show-m0").click();
holds("hidden", shown(".drawn .m0").length === 0 && shown("#chart-latency .m1").length > 0);
holds("marks of the others", new Set(shown("#chart-makespan title + use").map((e) => text(e.parentNode).split(":")[0])).size === new Set(cells.map(([label]) => label)).size - 1);
SCRIPT
  ask <script
}

@test "on a telephone nothing but tables and charts is wider than the screen" {
  "$TVA" report --html run.json 2>/dev/null
  ask --window-size=500,900 <<'SCRIPT'
holds("narrow", document.documentElement.scrollWidth <= innerWidth);
SCRIPT
  sed -i 's/max-width: 40rem/min-width: 1px/; s/<body>/<body style="width: 390px; margin: 0">/' report.html
  ask --window-size=500,900 <<'SCRIPT'
const right = (e) => e.getBoundingClientRect().right;
const wide = [...document.querySelectorAll("body *")].filter((e) => !e.closest(".scroll, svg") && right(e) > 391 && e.getClientRects().length);
holds("wide: " + wide.map((e) => e.tagName + "." + e.className).join(), wide.length === 0);
SCRIPT
}

@test "pages of a sweep, of theory and of a stranger's texts have no error either" {
  for page in sweep/rate.json theory.json; do
    "$TVA" report --html "$TVA_SOURCE/results/sample/$page" -o report.html 2>/dev/null
    ask <<<'holds("charts", document.querySelectorAll("figure.drawn").length > 0);'
  done
  python 'r = load("run.json")
for cell in r["cells"]:
    cell["warnings"] = ["</script><script>told.push(1)</script><img src=x onerror=told.push(2)>"]
json.dump(r, open("evil.json", "w"))'
  "$TVA" report --html evil.json -o report.html 2>/dev/null
  ask <<<'holds("text", document.body.textContent.includes("onerror=told.push(2)"));'
}

@test "what it looks like" {
  [ -n "${PICTURES-}" ] || skip "PICTURES names no folder"
  "$TVA" report --html run.json 2>/dev/null
  browse report.html --window-size=1200,3000 --screenshot="$PICTURES/light.png"
  browse report.html --window-size=1200,3000 --blink-settings=preferredColorScheme=0 --screenshot="$PICTURES/dark.png"
  browse report.html --window-size=500,3000 --screenshot="$PICTURES/narrow.png"
  browse report.html --print-to-pdf="$PICTURES/print.pdf"
}
