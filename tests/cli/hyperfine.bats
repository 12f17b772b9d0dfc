#!/usr/bin/env bats
# The promise: bench/scripts/hyperfine.sh times exactly the cells that the suite marks for it, as whole
# processes, against a target of its own; what it writes is whole or not there, and no process stays.

setup() {
  cd "$TVA_SOURCE" || return
  out=$BATS_TEST_TMPDIR/out
  suite=$BATS_TEST_TMPDIR/suite.conf
  cat >"$suite" <<'SUITE'
[quick]
--model tasks,pool --threads 2 --job sleep:duration=1ms --jobs 4 --hyperfine
--model tasks,pool --threads 2 --job tcp:bytes=128,delay=1ms --jobs 4 --hyperfine
--model sequential --job sleep:duration=1ms --jobs 4
SUITE
}

# What hyperfine.json says, as lines of: cell, number of timings, all exit codes zero.
timings() {
  python3 - "$1" <<'PYTHON'
import json, sys
for r in json.load(open(sys.argv[1]))["results"]:
    p = r["parameters"]
    threads = " --threads " + p["threads"] if p["model"] == "pool" else ""
    cell = f"--model {p['model']} --job {p['job']} --jobs {p['jobs']}{threads}"
    print(cell, len(r["times"]), set(r["exit_codes"]) == {0})
PYTHON
}

@test "the marked cells are timed, three runs each, also those that need a target" {
  mkdir "$BATS_TEST_TMPDIR/a blank"
  ln -s "$TVA" "$BATS_TEST_TMPDIR/a blank/tva"
  TVA=$BATS_TEST_TMPDIR/a\ blank/tva run bench/scripts/hyperfine.sh --suite "$suite" --out "$out"
  [ "$status" -eq 0 ]
  expected=$("$TVA" list cells --suite "$suite" --profile quick --hyperfine | sed 's/$/ 3 True/')
  [ "$(wc -l <<<"$expected")" -eq 4 ]
  [ "$(timings "$out/hyperfine.json" | sort)" = "$(sort <<<"$expected")" ]
  [[ $(cat "$out/hyperfine.md") == *"pool tcp:bytes=128,delay=1ms x 4"* ]]
  [ "$(ls -A "$out")" = $'hyperfine.json\nhyperfine.md' ]
}

@test "cells that are no full grid are refused, before anything is timed" {
  sed -i '3s/tasks,pool/tasks/' "$suite"
  run bench/scripts/hyperfine.sh --suite "$suite" --out "$out"
  [ "$status" -eq 2 ]
  [[ $output == *"not every model with every job"* ]]
  [ ! -e "$out" ]
}

@test "a cell that fails leaves the earlier timings as they were" {
  mkdir "$out"
  echo earlier | tee "$out/hyperfine.json" >"$out/hyperfine.md"
  # A target that says where it listens and then is gone: nobody answers the connections.
  cat >"$BATS_TEST_TMPDIR/tva" <<SCRIPT
#!/usr/bin/env bash
[[ \$1 == serve ]] && echo "listening on 127.0.0.1:9" && exit
exec "$TVA" "\$@"
SCRIPT
  chmod +x "$BATS_TEST_TMPDIR/tva"
  TVA=$BATS_TEST_TMPDIR/tva run bench/scripts/hyperfine.sh --suite "$suite" --out "$out"
  [ "$status" -eq 1 ]
  [[ $output == *"hyperfine failed"* ]]
  [ "$(cat "$out/hyperfine.json" "$out/hyperfine.md")" = $'earlier\nearlier' ]
  [ "$(ls -A "$out")" = $'hyperfine.json\nhyperfine.md' ]
}

@test "a program that is not there, and a suite that marks nothing, are told apart" {
  TVA=/nonexistent/tva run bench/scripts/hyperfine.sh --suite "$suite" --out "$out"
  [ "$status" -eq 1 ]
  [[ $output == *"no program /nonexistent/tva"* ]]

  sed -i 's/ --hyperfine//' "$suite"
  run bench/scripts/hyperfine.sh --suite "$suite" --out "$out"
  [ "$status" -eq 2 ]
  [[ $output == *"marks no cell"* ]]
}

@test "a profile that the suite does not have is the program's usage error" {
  run bench/scripts/hyperfine.sh --suite "$suite" --profile quikc --out "$out"
  [ "$status" -eq 2 ]
  [[ $output == *quick* ]]
}

@test "--help explains, an unknown option is a usage error" {
  run bench/scripts/hyperfine.sh --help
  [ "$status" -eq 0 ]
  [[ $output == *"Usage: bench/scripts/hyperfine.sh"* ]]
  run bench/scripts/hyperfine.sh --frobnicate
  [ "$status" -eq 2 ]
}
