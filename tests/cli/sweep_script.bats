#!/usr/bin/env bats
# The promise: `make sweep` measures each of its sweeps and draws what came of it, goes on after one that found
# something invalid, stops at once when interrupted, and has no options that tva would refuse.
bats_require_minimum_version 1.5.0
load helper

# A program in place of tva, which writes down its calls, and ends as the test says.
fake_tva() {
  cat >"$BATS_TEST_TMPDIR/tva" <<'SCRIPT'
#!/usr/bin/env bash
[[ $1 != list ]] || exit 0
echo "$*" >>"$LOG"
[[ $1 == sweep ]] || exit 0
while [[ $1 != -o ]]; do shift; done
[[ $2 != *"/$NOT_WRITTEN.json" ]] || exit 2
echo '{}' >"$2"
exit "${SWEEP_STATUS:-0}"
SCRIPT
  chmod +x "$BATS_TEST_TMPDIR/tva"
  export TVA=$BATS_TEST_TMPDIR/tva LOG=$BATS_TEST_TMPDIR/log NOT_WRITTEN=none
  out=$BATS_TEST_TMPDIR/out
}

calls() { sed -E 's/^(sweep|plot|report) .*\/([a-z]+)\.json.*/\1 \2/' "$LOG" | tr '\n' ' '; }

@test "each sweep is measured, then drawn" {
  fake_tva
  run "$TVA_SOURCE/bench/scripts/sweep.sh" --out "$out"
  [ "$status" -eq 0 ]
  [ "$(calls)" = "sweep rate plot rate report rate sweep poison plot poison report poison sweep clients plot clients report clients sweep cpu plot cpu report cpu " ]
  grep -q -- "--seed 1 -o $out/rate.json" "$LOG"
}

@test "those that were named, with the seed that was given" {
  fake_tva
  SEED=7 run "$TVA_SOURCE/bench/scripts/sweep.sh" cpu poison --out "$out"
  [ "$status" -eq 0 ]
  [ "$(calls)" = "sweep cpu plot cpu report cpu sweep poison plot poison report poison " ]
  grep -q -- "--seed 7" "$LOG"
}

@test "an invalid result is drawn too, and fails in the end; one that was not written is not drawn" {
  fake_tva
  SWEEP_STATUS=1 run "$TVA_SOURCE/bench/scripts/sweep.sh" --out "$out" cpu
  [ "$status" -eq 1 ]
  [ "$(calls)" = "sweep cpu plot cpu report cpu " ]
  rm "$LOG"
  NOT_WRITTEN=rate run "$TVA_SOURCE/bench/scripts/sweep.sh" --out "$out" rate cpu
  [ "$status" -eq 1 ]
  [ "$(calls)" = "sweep rate sweep cpu plot cpu report cpu " ]
}

@test "an interrupted sweep ends all of them" {
  fake_tva
  SWEEP_STATUS=130 run "$TVA_SOURCE/bench/scripts/sweep.sh" --out "$out"
  [ "$status" -eq 130 ]
  [[ $output == *"goes on where it was"* ]]
  [ "$(calls)" = "sweep rate " ]
}

@test "a name that is none is a usage error" {
  fake_tva
  run "$TVA_SOURCE/bench/scripts/sweep.sh" rates
  [ "$status" -eq 2 ]
  [[ $output == Usage:* ]]
  [ ! -e "$LOG" ]
}

@test "tva understands the options of all of them" {
  cat >"$BATS_TEST_TMPDIR/understands" <<SCRIPT
#!/usr/bin/env bash
[[ \$1 == sweep ]] || exit 0
echo >>'$BATS_TEST_TMPDIR/asked'
exec timeout 20 '$TVA' "\$@" --no-such-option
SCRIPT
  chmod +x "$BATS_TEST_TMPDIR/understands"
  TVA=$BATS_TEST_TMPDIR/understands run "$TVA_SOURCE/bench/scripts/sweep.sh" --out "$BATS_TEST_TMPDIR/out"
  [ "$(wc -l <"$BATS_TEST_TMPDIR/asked")" -eq 4 ]
  [ "$(grep -c "no-such-option" <<<"$output")" -eq 4 ]
}
