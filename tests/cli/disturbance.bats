#!/usr/bin/env bats
# The promise: what the machine, a signal or the network did to a run is not taken for the model's doing: the
# cell names it, and is invalid where it decides.

bats_require_minimum_version 1.5.0
load helper

# A run is under way, in the process $cell, and its job sleeps.
cell_sleeps() {
  cell=$(child_of "$harness" cell) && grep -qz "^sleep" "/proc/$cell/cmdline"
}

is_stopped() {
  grep -q '^State:[[:space:]]*T' "/proc/$cell/status"
}

@test "a cell whose process was stopped says so, for how long, and is invalid" {
  "$TVA" run --model tasks --job sleep:duration=4s --jobs 2 --warmup 0 --rounds 1 -o run.json >table 2>said 3>&- & harness=$!
  eventually cell_sleeps
  kill -STOP "$cell"
  eventually is_stopped
  sleep 1.2
  kill -CONT "$cell"
  status=0
  wait "$harness" || status=$?
  [ "$status" -eq 1 ]
  valid_result run.json
  reasons=$(of_result run.json 'r["cells"][0]["reasons"]')
  echo "$reasons"
  [[ $reasons =~ "its process was stopped once, for "([0-9.]+)" s in all: a signal (SIGSTOP)" ]]
  python "sys.exit(not 1.2 <= float('${BASH_REMATCH[1]}') < 30)"
}

@test "a session that was paused with its control group says so" {
  group=/sys/fs/cgroup/freezer/tva-test-$$
  mkdir "$group" 2>/dev/null || skip "no control group can be frozen here"
  bash -c 'echo $$ >"$0/cgroup.procs" && exec "$TVA" "$@"' "$group" run --model tasks --job sleep:duration=4s --jobs 2 \
    --warmup 0 --rounds 1 -o run.json >table 2>said 3>&- & harness=$!
  eventually cell_sleeps
  echo FROZEN >"$group/freezer.state"
  sleep 2
  echo THAWED >"$group/freezer.state"
  wait "$harness" || true
  eventually rmdir "$group"
  [[ $(of_result run.json 'r["cells"][0]["reasons"]') =~ "its process was stopped once, for "[12].[0-9]+" s in all: " ]]
}

@test "a session that a signal stopped, and not its run, has no stop" {
  "$TVA" run --model tasks --job sleep:duration=3s --jobs 2 --warmup 0 --rounds 1 -o run.json >table 2>said 3>&- & harness=$!
  eventually cell_sleeps
  kill -STOP "$harness"
  sleep 1.6
  kill -CONT "$harness"
  wait "$harness"
  [ "$(of_result run.json 'r["cells"][0]["reasons"]')" = "[]" ]
}

# A server of HTTP whose listen queue is full after two connections; half a second later it has room for all, and accepts
# them. $port is where, and $beside are the words that start a command in its network: other tests must not count what it drops.
start_short_queue() {
  cat >server.py <<'PYTHON'
import select, socket, threading, time
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen(1)
print(s.getsockname()[1], flush=True)
select.select([s], [], [])
time.sleep(0.5)
s.listen(100)
def answer(c):
    while c.recv(65536):
        c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
while True:
    threading.Thread(target=answer, args=(s.accept()[0],), daemon=True).start()
PYTHON
  set_alone
  "${alone[@]}" timeout 100 python3 server.py >port 2>/dev/null 3>&- & server=$!
  eventually test -s port
  port=$(cat port)
  beside=()
  if ((${#alone[@]} > 0)); then
    beside=(nsenter "--net=/proc/$server/ns/net")
  fi
}

@test "a server whose listen queue overflows decides the times, and is named" {
  start_short_queue
  run --separate-stderr bounded "${beside[@]}" "$TVA" run --model tasks --url "http://127.0.0.1:$port/" --jobs 20 --warmup 0 --rounds 1 -o run.json
  kill "$server"
  echo "$output"
  [ "$status" -eq 1 ]
  reasons=$(of_result run.json 'r["cells"][0]["reasons"]')
  [[ $reasons == *"the server's listen queue overflowed, and "*" connections were dropped"*"give the server a longer queue"* ]]
}

@test "a CPU quota is in the context, warned of or decisive, and another machine to compare" {
  read -r version group < <(quota_group) || skip "no control group with a CPU quota can be made here"
  options=(--job cpu:rounds=200k --jobs 20 --rounds 6 --model tasks,pool --quiet)
  run bounded "$TVA" run "${options[@]}" -o free.json
  bounded bash -c 'echo $$ >"$0/cgroup.procs" && exec "$TVA" "$@"' "$group" run "${options[@]}" -o quota.json || true
  eventually rmdir "$group"
  valid_result quota.json
  [ "$(of_result quota.json 'r["context"]["cpu_quota"]')" = 0.2 ]
  said=$(of_result quota.json '[x for c in r["cells"] for x in c["reasons"] + c["warnings"]]')
  echo "$version $said"
  [[ $said == *"a CPU quota stopped its control group "*" times, for "* ]]
  [ "$(of_result quota.json 'all(any("a CPU quota" in x for x in c["reasons"] + c["warnings"]) for c in r["cells"])')" = True ]
  run bounded "$TVA" compare free.json quota.json # whether or not a cell is left to compare
  [[ $output =~ "Measured on different machines ("|"their machines differ, too: " ]]
  [[ $output == *"CPU quota none against 0.2"* ]]
}

# Make a group of 0.2 CPUs: prints the version of control groups and its folder.
quota_group() {
  local group

  group=/sys/fs/cgroup/cpu/tva-test-$$
  if mkdir "$group" 2>/dev/null; then
    echo 20000 >"$group/cpu.cfs_quota_us" && echo "1 $group"
    return
  fi
  group=/sys/fs/cgroup/tva-test-$$
  mkdir "$group" 2>/dev/null || return 1
  if ! echo "20000 100000" 2>/dev/null >"$group/cpu.max"; then
    rmdir "$group"
    return 1
  fi
  echo "2 $group"
}
