#!/usr/bin/env bats
# The promise: memory a job is what the system says from outside: for threads that sleep, what /proc/PID/smaps_rollup has
# of the process and /proc/meminfo of the kernel; for tasks, the former.

bats_require_minimum_version 1.5.0
load helper

@test "memory a job of sleeping threads and tasks is what the system says from outside" {
  [ -z "${TVA_SANITIZE-}" ] || skip "a sanitizer's memory is not a job's"
  LIMIT=120 run bounded python3 -S "$TVA_SOURCE/tests/cli/memory_outside.py" "$TVA" 2
  echo "$output"
  [ "$status" -eq 0 ]
}
