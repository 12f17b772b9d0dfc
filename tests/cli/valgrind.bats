#!/usr/bin/env bats
# The promise: the runtime reads nothing it has not written, and leaks nothing on any path that its
# unit tests take: errors, cancellations, loops that end with work left.

setup() {
  command -v valgrind >/dev/null || skip "valgrind is not installed"
  [ -x "$TVA_BUILD/tests/memcheck" ] || skip "the unit tests were not built"
}

# Run a program under memcheck; what it says is shown when it fails.
clean() {
  timeout --kill-after=5 300 valgrind -q --error-exitcode=99 --leak-check=full \
    --errors-for-leak-kinds=definite,possible "$@" 2>&1
}

# Run these unit tests in one process.
all_clean() {
  clean "$TVA_BUILD/tests/memcheck" "$@"
}

@test "memcheck itself finds what is lost" {
  run all_clean leak
  [ "$status" -eq 99 ]
}

@test "coroutines, futures and tasks" {
  all_clean coro future task done_callback warnings
  clean "$TVA_BUILD/tests/test_async_memory"
}

@test "the loop, timers and cancellation" {
  all_clean loop timer wait cancel cancel_chain
}

@test "gather, wait, wait_for and shield" {
  all_clean gather gather_cancel gather_or_error task_wait wait_for wait_ring shield
}

@test "groups, events, semaphores and queues" {
  all_clean event semaphore queue queue_pipeline task_group task_group_cancel
}

@test "executors and pools of threads" {
  all_clean executor thread_pool
}
