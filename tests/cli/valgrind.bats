#!/usr/bin/env bats
# The promise: the runtime reads nothing it has not written, and leaks nothing on any path that its
# unit tests take: errors, cancellations, loops that end with work left.

setup() {
  command -v valgrind >/dev/null || skip "valgrind is not installed"
  [ -z "$TVA_SANITIZE" ] || skip "sanitizers and valgrind do not go together"
  [ -x "$TVA_BUILD/tests/test_task" ] || skip "the unit tests were not built"
}

# Run a unit test under memcheck; what it says is shown when it fails.
clean() {
  timeout --kill-after=5 120 valgrind -q --error-exitcode=99 --leak-check=full \
    --errors-for-leak-kinds=definite,possible "$TVA_BUILD/tests/test_$1" 2>&1
}

all_clean() {
  local test

  for test in "$@"; do
    echo "# $test"
    clean "$test"
  done
}

@test "memcheck itself finds what is lost" {
  cat >"$BATS_TEST_TMPDIR/leak.c" <<'C'
#include <stdlib.h>

int main(void)
{
    void *volatile lost = malloc(100);

    lost = NULL;
    return lost != NULL;
}
C
  "${CC:-cc}" -o "$BATS_TEST_TMPDIR/test_leak" "$BATS_TEST_TMPDIR/leak.c"
  mkdir "$BATS_TEST_TMPDIR/tests"
  mv "$BATS_TEST_TMPDIR/test_leak" "$BATS_TEST_TMPDIR/tests/"
  TVA_BUILD=$BATS_TEST_TMPDIR run clean leak
  [ "$status" -eq 99 ]
}

@test "coroutines, futures and tasks" {
  all_clean coro future task done_callback warnings async_memory
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
