#!/usr/bin/env bats
# The promise: the program has the habits of its system. Help comes by -h, --help and tva help; an option that a command lacks is
# found at the command that has it, and no name is short for another; -o - is JSON and nothing else; -o FILE leaves that file
# alone; tables are whole in a pipe and fit a terminal, which shows what is being measured and the medians so far.

bats_require_minimum_version 1.5.0
load helper

@test "help comes by -h, -?, --help and tva help" {
  bounded "$TVA" run --help >help
  for words in 'run -h' 'run -?' 'help run'; do
    # shellcheck disable=SC2086 # they are words
    bounded "$TVA" $words | cmp - help
  done
  bounded "$TVA" --help >help
  for words in -h help; do
    # shellcheck disable=SC2086
    bounded "$TVA" $words | cmp - help
  done
  refused 'tva help: unknown command "rnu"*"run"*' help rnu
  refused 'tva help: help is for one command: "sweep" is too much' help run sweep
}

# An option and the commands that have it, a line each, by what their helps say.
options() {
  for command in $(bounded "$TVA" --help | sed -n '/^Commands:$/,/^$/s/^  \([a-z]\+\) .*/\1/p'); do
    bounded "$TVA" "$command" --help | sed -nE "s/^ {2,6}(-[a-z?], )?--([a-z-]+).*/\2 tva $command/p" | sort -u
  done | awk '{ has[$1] = has[$1] (has[$1] == "" ? "" : ", ") $2 " " $3 } END { for (o in has) print o " " has[o] }'
}

@test "every option is found at the commands that have it, from one that lacks it" {
  options >options
  [ "$(wc -l <options)" -gt 60 ]
  while read -r option commands; do
    [[ "$commands, " != *"tva theory, "* ]] || continue
    message=$(bounded "$TVA" theory "--$option" x 2>&1) && exit 1
    [ "$message" = "tva theory: --$option is an option of $commands; 'tva theory --help' lists those here" ]
  done <options
  refused 'tva run: --slo belongs to tva sweep, *' run --slo p99=1s # there is more to say
  refused 'tva run: --over is an option of tva sweep;*' run -q --over=cpu=1
}

@test "a name is not short for another" {
  refused 'tva advise: --jobs are as many as the metric needs*' advise --job null --jobs 5
  refused 'tva run: unknown option "--round"; did you mean "--rounds"*' run --round 3
  refused 'tva run: unknown option "--round"; did you mean "--rounds"*' run --round=3
  refused 'tva run: "--quiet=1" has a value, which --quiet does not take' run --quiet=1
}

@test "-o - is JSON on standard output, and nothing else; the report goes to standard error" {
  run --separate-stderr bounded "$TVA" run --model tasks,sequential --job null --jobs 3 --rounds 1 -o -
  [ "$status" -eq 0 ]
  printf '%s' "$output" >run.json
  valid_result run.json
  [[ $stderr == *"=> "* ]]
  run --separate-stderr bounded "$TVA" sweep --model tasks --job null --over jobs=1,2 --rounds 1 --search-time 0 -q -o -
  printf '%s' "$output" >sweep.json
  valid_result sweep.json
  [ "$(ls)" = "run.json
sweep.json" ]
  run --separate-stderr bounded "$TVA" pair -q --base "$TVA" --contender "$TVA" --model tasks --job null --jobs 50 --budget 1ms -o -
  printf '%s' "$output" >pair.json
  valid_pair pair.json
  refused 'tva run: --exports go beside a file*' run --job null --exports -o -
  refused 'tva run: --exports go beside a file*' run --job null --exports
}

@test "beside -o FILE nothing is written, unless exports are asked for" {
  bounded "$TVA" run --model tasks --job null --jobs 3 --rounds 1 -q -o x.json
  bounded "$TVA" sweep --model tasks --job null --over jobs=1,2 --rounds 1 --search-time 0 -q -o y.json
  [ "$(ls)" = "x.json
y.json" ]
  bounded "$TVA" run --model tasks --job null --jobs 3 --rounds 1 -q -o x.json --exports
  [ -s x.csv ] && [ -s x.md ] && [ -d x.hgrm ]
}

# Run a command on a terminal of so many columns; what it showed.
on_terminal() { # COLUMNS WORD...
  unset COLUMNS NO_COLOR
  TERM=xterm python3 -S - "$@" <<'PYTHON'
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
    os.execvp(sys.argv[2], sys.argv[2:])
while True:
    try:
        data = os.read(fd, 65536)
    except OSError:
        break
    if not data:
        break
    sys.stdout.buffer.write(data)
os.waitpid(pid, 0)
PYTHON
}

@test "tables fit the terminal, and are whole in a pipe" {
  result=$TVA_SOURCE/results/sample/run.json
  for columns in 60 100; do
    on_terminal "$columns" "$TVA" report "$result" | sed 's/\x1b\[[0-9;]*m//g; s/\r//' >shown
    [ "$(wc -L <shown)" -le "$columns" ]
    [ "$(wc -L <shown)" -gt $((columns - 20)) ]
  done
  unset COLUMNS
  bounded "$TVA" report "$result" | grep -E '^  (model|tasks) ' >whole
  [ "$(wc -L <whole)" -gt 100 ]
  # As many columns in each row as titles, one table a group
  COLUMNS=100 bounded "$TVA" report "$result" | grep -E '^  (model|tasks) ' >folded
  [ "$(wc -l <folded)" -gt "$(wc -l <whole)" ]
}

@test "progress on a terminal shows the cell and the medians so far" {
  # By turns takes 20 times as long, so that the order is sure on a busy machine too.
  on_terminal 120 "$TVA" run --model sequential,tasks --job sleep:duration=10ms --jobs 20 --rounds 3 >shown
  grep -Eq '\] [0-9]/6 runs, .*, tasks sleep:duration=10ms x 20' shown
  grep -Eq 'so far: tasks [0-9.]+ m?s, sequential [0-9.]+ m?s' shown
  # All of it is erased in the end, and nothing of it is in a pipe.
  bounded "$TVA" run --model tasks --job null --jobs 2 --rounds 2 2>&1 | grep -c 'so far' | grep -qx 0
}

@test "the first place is marked where there is one, and what the mark means is said" {
  bounded "$TVA" report "$TVA_SOURCE/results/sample/run.json" >shown
  marked=$(grep -c '^  [a-z0-9()-]* \* ' shown)
  [ "$marked" -gt 0 ]
  [ "$(grep -c '^  \* first place' shown)" -gt 0 ]
  # Of equals nobody is first.
  python - <<PYTHON
import json
r = json.load(open("$TVA_SOURCE/results/sample/run.json"))
first = r["cells"][0]
r["cells"] = [{**first, "name": name, "model": name} for name in ("tasks", "sequential")]
json.dump(r, open("equal.json", "w"))
PYTHON
  bounded "$TVA" report equal.json >shown
  run grep -E ' \* |first place' shown
  [ -z "$output" ]
}
