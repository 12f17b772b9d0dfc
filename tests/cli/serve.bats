#!/usr/bin/env bats
# The promise: the target says when it is ready, echoes as the wire format says and holds replies as long as
# asked; bad or too many peers cost it neither its life nor its CPU; it ends when asked, or with its parent.

bats_require_minimum_version 1.5.0
load helper

client() {
  bounded python3 -S "$TVA_SOURCE/tests/cli/target_client.py" "$port" "$@"
}

@test "the first line says where it listens, and TERM ends it well" {
  start_target
  kill -TERM "$target"
  wait "$target"
  [[ $(sed -n 1p serve.out) == "listening on 127.0.0.1:$port" ]]
  [[ $(sed -n 2p serve.out) == "served 0 requests on 0 connections" ]]
}

@test "Ctrl-C ends it well, with connections open and replies held" {
  start_target
  client hold >holder.out 3>&- & holder=$!
  eventually grep -qx holding holder.out
  kill -INT "$target"
  wait "$target"
  wait "$holder"
  [[ $(sed -n 2p serve.out) == "served 1 request on 1 connection" ]]
}

# How often each loop has gone to sleep; they all sleep, else it fails.
sleeps_of_loops() {
  local task
  for task in "/proc/$target/task"/*; do
    [[ $task == */$target ]] || awk '/^State/ && $2 != "S" { exit 1 } /^voluntary/ { print $2 }' "$task/status" || return
  done
}

@test "its loops share the connections" {
  start_target --loops 3
  eventually sleeps_of_loops
  mapfile -t before < <(sleeps_of_loops)
  [ "${#before[@]}" -eq 3 ]
  client many 300
  eventually sleeps_of_loops
  mapfile -t after < <(sleeps_of_loops)
  for loop in 0 1 2; do
    [ "${after[loop]}" -gt "${before[loop]}" ] # a connection has woken it
  done
  kill -TERM "$target"
  wait "$target"
  [[ $(sed -n 2p serve.out) == "served 600 requests on 300 connections" ]]
}

# The program that starts it counts its threads and keeps all of them off a CPU.
@test "all its loops are there when it says that it is ready" {
  mkfifo ready
  "$TVA" serve --loops 90 >ready 3>&- & target=$!
  exec 4<ready
  read -r -u 4 line
  tasks=("/proc/$target/task"/*)
  exec 4<&-
  [[ $line == "listening on "* ]]
  [ "${#tasks[@]}" -eq 91 ]
}

@test "it echoes the payload, cut or repeated to the length asked" {
  start_target
  client echo
  kill -0 "$target"
}

@test "it holds a reply as long as asked, and says how long that was" {
  start_target
  client delay
}

@test "a peer that breaks the protocol loses its connection, the others do not" {
  start_target
  client broken
  kill -0 "$target"
}

@test "it holds 10,000 connections at the same time" {
  [[ ${TVA_SANITIZE-} != *thread* ]] || skip "ThreadSanitizer takes a task for a thread, and at most 8,128"
  [ "$(ulimit -Hn)" = unlimited ] || [ "$(ulimit -Hn)" -ge 10100 ] ||
    skip "the hard limit on open files is $(ulimit -Hn)"
  start_target
  client many 10000
  kill -TERM "$target"
  wait "$target"
  [[ $(sed -n 2p serve.out) == "served 20000 requests on 10000 connections" ]]
}

@test "out of descriptors it waits without burning CPU, and goes on once some are free" {
  (ulimit -n 64 && exec "$TVA" serve --connections-max 1000 >serve.out 2>serve.err 3>&-) & target=$!
  eventually grep -q '^listening on' serve.out
  port=$(sed -n '1s/.*://p' serve.out)
  client crowd 100 "$target"
  [ "$(wc -l <serve.err)" -eq 1 ]
  [[ $(cat serve.err) == "tva serve: no more than "*" connections at a time: Too many open files" ]]
  kill -0 "$target"
}

@test "more connections than allowed wait their turn" {
  start_target --connections-max 3
  client crowd 10 "$target"
  [ ! -s serve.err ]
}

@test "a connection whose task gets no stack is closed, and keeps no place" {
  [ -z "${TVA_SANITIZE-}" ] || skip "a sanitizer needs more address space than a limit leaves"
  start_target
  client without_stacks "$target"
}

@test "a client that leaves while its reply is held leaves nothing behind" {
  start_target
  client leave "$target"
}

@test "a connection that is idle for too long is closed, also in the middle of a request" {
  start_target --idle-timeout 300ms
  client idle
}

@test "hundreds of hostile clients get what they deserve, and leave nothing behind" {
  run --separate-stderr bounded python3 "$TVA_SOURCE/tests/torture/hostile.py" --connections 300 "$TVA"
  echo "$output$stderr"
  [ "$status" -eq 0 ]
  [ "$(awk -F '\t' '$2 > 0 && $3 == 0' <<<"$output" | wc -l)" -eq 11 ]
}

@test "it ends with its parent when asked to" {
  bash -c '"$TVA" serve --exit-with-parent >serve.out 3>&- & echo $! >pid; wait' & parent=$!
  eventually grep -q '^listening on' serve.out
  eventually test -s pid
  target=$(cat pid)
  kill -0 "$target"
  kill -KILL "$parent"
  wait "$parent" || true
  eventually none_running
}

@test "a port that is taken is a clear failure" {
  start_target
  run --separate-stderr bounded "$TVA" serve --port "$port"
  [ "$status" -eq 1 ]
  [ -z "$output" ]
  [[ $stderr == "tva serve: cannot listen on 127.0.0.1:$port: "* ]]
}

@test "values out of range are usage errors" {
  for option in --port=65536 --port=x --connections-max=0; do
    run --separate-stderr bounded "$TVA" serve "$option"
    [ "$status" -eq 2 ]
    [[ $stderr == *"is not a whole number from "* ]]
  done
}
