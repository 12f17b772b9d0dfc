#!/usr/bin/env bats
# The promise: whatever stands in the place of a file that a command reads or writes (a FIFO that nobody uses, a folder, a device
# without an end, a socket) is one sentence at once.

bats_require_minimum_version 1.5.0
load helper

# Four of the kinds; a result and a baseline that are well.
setup() {
  begin
  mkdir folder
  mkfifo fifo
  ln -s /dev/zero device
  python 'import socket
socket.socket(socket.AF_UNIX).bind("socket")'
  ln -s "$program" tva
  cp "$TVA_SOURCE/tests/fixtures/run.json" run.json
  sed 's/"date": "[^"]*"/"date": "2026-01-02T00:00:00Z"/' run.json >other.json
  cp "$TVA_SOURCE/results/baseline/baseline.json" base.json
  printf '[p]\n--model tasks --job null --jobs 2 --rounds 1\n' >suite
}

# Each line is a command, with PLACE where it names the file. One sentence that names the file, no signal, no waiting.
each_refuses() {
  local line place words said

  while IFS= read -r line; do
    for place in "$@"; do
      read -ra words <<<"${line//PLACE/$place}"
      status=0
      said=$(timeout 5 "$TVA" "${words[@]}" 2>&1 >out </dev/null) || status=$?
      if ((status == 0 || status > 2)) || [[ $said != "tva ${words[0]}: "*$place* || $said == *$'\n'* ]]; then
        echo "tva ${words[*]}: status $status: $said"
        return 1
      fi
    done
  done
}

@test "what a command reads" {
  each_refuses fifo folder device socket <<'COMMANDS'
report PLACE
report run.json --hyperfine PLACE
report --html PLACE
report --html run.json --before PLACE
plot PLACE
export PLACE --format csv
theory PLACE
compare PLACE run.json
compare run.json PLACE
compare --history makespan run.json PLACE
check PLACE --baseline base.json
check run.json --baseline PLACE
baseline save PLACE --baseline base.json
baseline save run.json --baseline PLACE
baseline show --baseline PLACE
list cells --suite PLACE --profile p
list jobs --jobs-file PLACE
run --suite PLACE --profile p
run --jobs-file PLACE --job a
run --job ./PLACE
run --url https://127.0.0.1:1/ --ca PLACE
pair --base PLACE --contender PLACE
COMMANDS
}

@test "what a command writes" {
  each_refuses fifo folder device socket <<'COMMANDS'
run --model tasks --job null --jobs 2 --rounds 1 -o PLACE
sweep --model tasks --job null --over jobs=1,2 --rounds 1 -o PLACE
pair --base ./tva --contender ./tva -o PLACE
report --html run.json -o PLACE
export run.json --format csv -o PLACE
COMMANDS
  each_refuses fifo device socket run.json <<'COMMANDS'
plot run.json -o PLACE
compare run.json other.json --charts PLACE
demo future --scale 0.01 -o PLACE
COMMANDS
}

@test "a FIFO with a writer is read as a file is" {
  (printf '[a]\nnull\n' >fifo) 3>&- &
  run bounded "$TVA" list cells --model tasks --jobs-file fifo --job a
  [ "$status" -eq 0 ]
  [ "$output" = "--model tasks --job null --jobs 100" ]
  (sleep 0.2; cat run.json) 2>&1 3>&- | bounded "$TVA" export /dev/stdin --format csv >slow.csv
  bounded "$TVA" export run.json --format csv | cmp - slow.csv
}

@test "a FIFO beside the page is no chart and no session" {
  mkfifo makespan.svg before.json
  run --separate-stderr bounded env PATH=/nowhere "$program" report --html run.json
  [ "$stderr" = "tva report: the page is in report.html" ]
  grep -q 'no comparison: .*cannot read before.json: it is a pipe that nothing writes to' report.html
}
