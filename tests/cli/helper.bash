# shellcheck shell=bash disable=SC2034 # the tests read what is set here
# Loaded by the scripts here that run the program itself.

# Every command is bounded: a program that hangs fails its test instead of holding up all others.
bounded() {
  timeout --kill-after=5 "${LIMIT:-60}" "$@"
}

# Work in an empty folder of the test's own, and mark all processes started from here on, so that those
# left behind can be told from others.
# Texts are wide, so that what tests look for stands in one line; widths.bats is about the widths.
begin() {
  export COLUMNS=400
  program=$(realpath "${TVA:?names the program to test}") || return 1
  export TVA_TEST_MARK=$BATS_TEST_TMPDIR
  mkdir "$BATS_TEST_TMPDIR/work" && cd "$BATS_TEST_TMPDIR/work" || return 1
}

# What a file of tests begins and ends each with, unless it has its own.
setup() {
  begin
}

teardown() {
  end_processes
}

# Prints the processes of the program that this test has started and that still run. One `find` looks at all processes: bats
# traces each command of a loop here, which would take ten times as long.
still_running() {
  local process

  find -L /proc/[0-9]*/exe -maxdepth 0 -samefile "$program" -printf '%h\n' 2>/dev/null | while read -r process; do
    if grep -qzxF "TVA_TEST_MARK=$TVA_TEST_MARK" "$process/environ" 2>/dev/null; then
      echo "${process#/proc/}"
    fi
  done
}

# Wait until a command succeeds, for at most a minute: an idle machine takes a moment, a loaded one may take long.
eventually() {
  local until=$((SECONDS + 60))

  while ((SECONDS < until)); do
    if "$@"; then
      return 0
    fi
    sleep 0.05
  done
  echo "never came true: $*" >&2
  return 1
}

none_running() {
  [[ -z $(still_running) ]]
}

# Sets `alone` to the words that start a command in a network of its own, none where that cannot be made: the kernel counts dropped
# connections for a whole network, and others may drop some.
set_alone() {
  alone=()
  if unshare --net sh -c 'ip link set lo up' 2>/dev/null; then
    alone=(unshare --net sh -c 'ip link set lo up && exec "$@"' sh)
  fi
}

# The process of the program's command $2 (cell, serve) that process $1 has started; fails when there is none.
child_of() {
  local child words

  # shellcheck disable=SC2013 # they are words
  for child in $(cat "/proc/$1"/task/*/children 2>/dev/null); do
    mapfile -td '' words <"/proc/$child/cmdline"
    if [[ ${words[0]-} == tva && ${words[1]-} == "$2" ]]; then
      echo "$child"
      return 0
    fi
  done 2>/dev/null
  return 1
}

# The program, so called, refuses with one sentence that matches the pattern. Without `run`, which costs more than the program does.
refused() {
  local pattern=$1

  shift
  status=0
  stderr=$(bounded "$TVA" "$@" 2>&1 >"$BATS_TEST_TMPDIR/refused") || status=$?
  [ "$status" -eq 2 ]
  [ ! -s "$BATS_TEST_TMPDIR/refused" ]
  # shellcheck disable=SC2053 # it is a pattern
  [[ $stderr == $pattern && $stderr != *$'\n'* ]]
}

# Prints the models that run where none is named: all but loops-uring and those that cannot run here.
models_here() {
  bounded "$TVA" list models | awk '/ cannot run here/ { gone[$1] } / +io_[a-z]+ / { all[++n] = $1 }
    END { for (i = 1; i <= n; i++) if (!(all[i] in gone) && all[i] != "loops-uring") print all[i] }'
}

# Run statements in Python in the folder where the test is, with the other words in sys.argv[1:], as python3 -c does, but in one
# process for all tests of a file (reader.py says what it has besides). The statements "-" are read from stdin. In a subshell that
# bats does not trace, which would take longer than the statements do.
python() (
  trap - DEBUG
  folder=$BATS_FILE_TMPDIR/reader
  statements=$1
  shift
  if [[ $statements == - ]]; then
    IFS= read -rd '' statements || true # to the end of what comes in
  fi
  if [[ ! -p $folder/answer ]]; then
    mkdir "$folder" && mkfifo "$folder/ask" "$folder/answer" || exit 1
    (timeout 1800 python3 -B "$TVA_SOURCE/tests/cli/reader.py" "$folder" </dev/null &>"$folder/errors" 3>&- 4>&- &)
  fi
  {
    printf '%s\0' "$((2 + $#))" "$PWD" "$statements" "$@" >&5
    if ! IFS= read -rd '' -t "${LIMIT:-60}" status <&6; then
      cat "$folder/errors" >&2
      exit 1
    fi
    IFS= read -rd '' out <&6
    IFS= read -rd '' err <&6
  } 5<>"$folder/ask" 6<>"$folder/answer"
  printf '%s' "$out"
  printf '%s' "$err" >&2
  exit "$status"
)

# An expression in Python over the result document `r`, printed.
of_result() {
  python '
r = load(sys.argv[1])
cell = {c["name"]: c for c in r.get("cells", [])}
print(eval(sys.argv[2]))' "$@"
}

# Is it a valid result by the schema?
valid_result() {
  python 'validate(load(sys.argv[1]), sys.argv[2])' "$1" "$TVA_SOURCE/results/schema.json"
}

valid_baseline() {
  python 'validate(load(sys.argv[1]), sys.argv[2])' "$1" "$TVA_SOURCE/results/baseline.schema.json"
}

# Is it a valid comparison by the schema, and its context by that of results?
valid_pair() {
  python '
pair = load(sys.argv[1])
validate(pair, sys.argv[2])
validate(pair["context"], sys.argv[3], "context")' "$1" "$TVA_SOURCE/results/pair.schema.json" "$TVA_SOURCE/results/schema.json"
}

# A generator may be late on a loaded machine, which makes a cell invalid and the status 1: anything else must
# not be.
ran() {
  run --separate-stderr bounded "$TVA" run "$@" -o run.json
  [ "$status" -le 1 ]
  valid_result run.json
  [ "$(of_result run.json '[x for c in r["cells"] for x in c["reasons"] if "did not keep its schedule" not in x]')" = "[]" ]
}

# End what a failed test has left behind.
end_processes() {
  local pid

  for pid in $(still_running); do
    kill -KILL "$pid" 2>/dev/null || true
  done
  wait 2>/dev/null || true # and let the shell not report it
}

# Start the target with these options; $target is its process, $port its port, $url where it answers.
start_target() {
  "$TVA" serve "$@" >serve.out 2>serve.err 3>&- &
  target=$!
  eventually grep -q '^listening on 127.0.0.1:[0-9]*$' serve.out
  port=$(sed -n '1s/.*://p' serve.out)
  url=http://127.0.0.1:$port
}

# Start a server that goes wrong as its paths say; $server is its process, $url where it answers.
start_faults() {
  timeout 170 python3 -S "$TVA_SOURCE/tests/cli/http_faults.py" >port 2>/dev/null 3>&- & server=$!
  eventually test -s port
  url=http://127.0.0.1:$(cat port)
}

end_server() {
  if [[ -n ${server-} ]]; then
    kill "$server" 2>/dev/null || true
  fi
}
