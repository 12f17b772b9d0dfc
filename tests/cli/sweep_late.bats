#!/usr/bin/env bats
# The promise: a sweep answers on a machine whose generator is late. A late run has kept a bound that it kept all the same; one
# that may owe the broken bound to its generator is void, and the sentence counts it.

bats_require_minimum_version 1.5.0
load helper

setup() {
  [ -z "${TVA_SANITIZE-}" ] || skip "a sanitizer's library comes before all others"
  command -v "${CC:-cc}" >/dev/null || skip "no C compiler is installed"
  begin
  # Generators sleep 40 ms longer than they want, in the processes that the program starts for runs; only when they want less than
  # TVA_TEST_LATE_BELOW ms, where that is set. The program measures its timers itself, without the delay.
  cat >late.c <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <semaphore.h>
#include <stdlib.h>
#include <time.h>

static int is_late;

__attribute__((constructor)) static void begin(void)
{
    is_late = getenv("TVA_TEST_LATE") != NULL;
    setenv("TVA_TEST_LATE", "1", 1);
}

int sem_clockwait(sem_t *sem, clockid_t clock, const struct timespec *until)
{
    int (*next)(sem_t *, clockid_t, const struct timespec *) = dlsym(RTLD_NEXT, "sem_clockwait");
    const char *below = getenv("TVA_TEST_LATE_BELOW");
    struct timespec late = *until, now;
    double ms;

    clock_gettime(clock, &now);
    ms = 1e3 * (double)(until->tv_sec - now.tv_sec) + (double)(until->tv_nsec - now.tv_nsec) / 1e6;
    if (is_late && (below == NULL || ms < atof(below))) {
        late.tv_nsec += 40000000;
        late.tv_sec += late.tv_nsec / 1000000000;
        late.tv_nsec %= 1000000000;
    }
    return next(sem, clock, &late);
}
C
  "${CC:-cc}" -shared -fPIC -o late.so late.c -ldl
}

# late_sweep RATES OPTION...: one run of 2 s at each.
late_sweep() {
  run --separate-stderr bounded env "LD_PRELOAD=$PWD/late.so" "$TVA" sweep --over "rate=$1" --job sleep:duration=1ms --model tasks --arrivals constant \
    --duration 2s --rounds 1 -q -o sweep.json "${@:2}"
  [ "$status" -eq 1 ] # cells are invalid: their load was not the one that was asked for
  valid_result sweep.json
  [[ $(of_result sweep.json 'r["cells"][1]["reasons"][0]') == *"the generator did not keep its schedule"* ]]
}

@test "late runs that kept the bound all the same have kept it" {
  late_sweep 60,120 --slo p50=200ms --search-time 0
  [ "$(of_result sweep.json '[(k["model"], k["rate_per_s"]) for k in r["sweep"]["knees"]]')" = "[('tasks', 120)]" ]
  [ "$(of_result sweep.json '[c["runs"] for c in r["cells"]]')" = "[1, 1]" ]
  [[ $output == *"=> tasks keep latency p50 under 200 ms up to at least 120/s"* ]]
  [[ $output != *" void"* ]]
}

@test "late runs that broke the bound by less than they were late are void, and counted" {
  late_sweep 60,120 --slo p50=15ms --search-time 0
  [ "$(of_result sweep.json '[(k["model"], k["rate_per_s"]) for k in r["sweep"]["knees"]]')" = "[('tasks', None)]" ]
  [ "$(of_result sweep.json '[c["runs"] for c in r["cells"]]')" = "[1, 1]" ] # there is no time to make them again
  [[ $output == *"=> tasks keep latency p50 under 15.0 ms at no rate for sure, down to 60/s "*"(2 of 2 runs are void: a late generator "* ]]
}

@test "void runs are made again once in the search's time" {
  TVA_TEST_LATE_BELOW=20 late_sweep 30,60 --slo p50=15ms --width 100%
  [ "$(of_result sweep.json '[(k["model"], k["rate_per_s"]) for k in r["sweep"]["knees"]]')" = "[('tasks', 30)]" ]
  [ "$(of_result sweep.json '[c["runs"] for c in r["cells"]]')" = "[1, 2]" ]
  [[ $output == *"Median latency p50 of 1 to 2 runs"* ]]
  [[ $output == *"=> tasks keep latency p50 under 15.0 ms up to at least 30/s; at 60/s, tried next, too many runs are void; "*"(2 of 3 runs are void: "* ]]
}
