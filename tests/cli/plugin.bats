#!/usr/bin/env bats
# The promise: a job that is built outside of tva's sources is measured as any other, in every command; a plugin that cannot be
# used gets one sentence and status 2; one that crashes makes its own cells invalid and no others; and no result loads code.

bats_require_minimum_version 1.5.0
load helper

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return
  cat >good.c <<'C'
#include "io/io_semaphore.h"
#include "job/plugin.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { WAIT, CRASH };

static const struct param params[] = {
    [WAIT] = {"wait", PARAM_DURATION, NS_PER_MS, 0, NS_PER_S, NULL, "how long"},
    [CRASH] = {"crash", PARAM_SWITCH, 0, 0, 1, NULL, "abort"},
};

struct pool {
    struct io_semaphore *semaphore;
    int ends[2];
};

static int prepare(struct job_part *part, struct io *io, struct err *err)
{
    struct pool *pool = malloc(sizeof *pool);

    (void)io;
    part->state = pool;
    pool->semaphore = io_semaphore_create(4);
    return pipe(pool->ends) == 0 && write(pool->ends[1], "x", 1) == 1 ? 0 : err_set(err, -EIO, "no pipe");
}

static void finish(struct job_part *part, struct io *io)
{
    struct pool *pool = part->state;

    io_semaphore_destroy(pool->semaphore);
    io_close(io, pool->ends[0]);
    io_close(io, pool->ends[1]);
    free(pool);
}

static int run(struct io *io, struct job_part *part, uint64_t index, struct job_ledger *ledger)
{
    struct pool *pool = part->state;
    int r = io_semaphore_acquire(pool->semaphore, io, NO_DEADLINE);

    (void)index;
    if (part->params[CRASH])
        abort();
    ledger->operations++;
    if (r == 0)
        r = io_wait_fd(io, pool->ends[1], POLLOUT, NO_DEADLINE) == POLLOUT ? 0 : -EIO;
    if (r == 0)
        r = io_sleep(io, part->params[WAIT] * FACTOR);
    io_semaphore_release(pool->semaphore);
    return r;
}

static uint64_t wait_ns(const struct job_part *part, uint64_t index)
{
    (void)index;
    return part->params[WAIT];
}

static const struct job_type type = {.summary = "wait in line",
                                     .params = params,
                                     .n_params = sizeof params / sizeof *params,
                                     .prepare = prepare,
                                     .run = run,
                                     .finish = finish,
                                     .wait_ns = wait_ns};

static int do_nothing(struct io *io, struct job_part *part, uint64_t index, struct job_ledger *ledger)
{
    (void)io, (void)part, (void)index;
    ledger->operations++;
    return 0;
}

static int refuse_all(const struct job_part *part, struct err *err)
{
    (void)part, (void)err;
    return -EINVAL;
}

static uint64_t cpu_ns(const struct job_part *part, uint64_t index)
{
    (void)part, (void)index;
    return 1000;
}

#ifndef HARM
#define HARM
#endif

static int do_harm(const struct job_part *part, struct err *err)
{
    (void)part, (void)err;
    HARM;
    return 0;
}

static uint64_t harmful_ns(const struct job_part *part, uint64_t index)
{
    (void)index;
    return (uint64_t)do_harm(part, NULL);
}

#ifdef EARLY
__attribute__((EARLY)) static void early(void)
{
    do_harm(NULL, NULL);
}
#endif

/* What tells little of itself. */
static const struct job_type bare = {.summary = "s", .run = do_nothing, .sources = 1},
                             computes = {.summary = "s", .run = do_nothing, .cpu_ns = cpu_ns},
                             refuses = {.summary = "s", .run = do_nothing, .check = refuse_all},
             harmful = {.summary = "s", .run = do_nothing, .check = do_harm},
             waits = {.summary = "s", .run = do_nothing, .wait_ns = harmful_ns};

#ifndef TYPE
#define TYPE type
#endif
const struct job_type *const types[] = {&type, &bare, &computes, &refuses, &harmful, &waits};

#ifndef ABI
TVA_PLUGIN(TYPE);
#elif ABI > 0
const unsigned tva_job_abi = ABI;
const struct job_type *const tva_job_type = &type;
#else
const struct job_type *const not_a_plugin = &type;
#endif
C
  mkdir -p slow 'two words'
  compile mine.so -DFACTOR=1
  compile slow/mine.so -DFACTOR=5
  compile abi.so -DFACTOR=1 -DABI=999
  compile none.so -DFACTOR=1 -DABI=0
  cp mine.so 'two words/other.so'
  cp mine.so tcp.so
  compile stripped.so -DFACTOR=1 -Wl,--build-id=none
  for type in bare computes refuses; do
    compile $type.so -DFACTOR=1 -DTYPE=$type
  done
  compile crashes.so -DFACTOR=1 -DTYPE=harmful '-DHARM=raise(SIGSEGV)'
  compile exits.so -DFACTOR=1 -DTYPE=harmful '-DHARM=exit(0)'
  compile hangs.so -DFACTOR=1 -DTYPE=harmful '-DHARM=for(signal(SIGALRM,SIG_IGN);;)pause()'
  compile waits.so -DFACTOR=1 -DTYPE=waits '-DHARM=abort()'
  compile loads.so -DFACTOR=1 -DEARLY=constructor '-DHARM=abort()'
  compile ends.so -DFACTOR=1 -DEARLY=destructor '-DHARM=abort()'
}

compile() {
  "${CC:-cc}" -std=gnu11 -Wall -Wextra -Werror -O2 -fPIC -shared -I"$TVA_SOURCE/lib" -o "$1" good.c "${@:2}"
}

setup() {
  begin
  plugins=$BATS_FILE_TMPDIR
}

@test "every model does the same work for a plugin's job, alone and in a sum, and a file may name it" {
  printf '[both]\n%s/mine.so:wait=2ms + null\n' "$plugins" >jobs.conf
  run --separate-stderr bounded "$TVA" run --jobs-file jobs.conf --job both --job "$plugins/two words/other.so" --model sequential,tasks,pool,offload,loops --threads 2 --jobs 12 --rounds 1 -q -o run.json
  [ "$status" -eq 0 ]
  valid_result run.json
  [ "$(of_result run.json 'sorted({(c["spec"], c["ledger"]["operations"], c["valid"]) for c in r["cells"]})')" = \
    "[('mine:wait=2ms + null', 24, True), ('other:wait=1ms', 12, True)]" ]
}

@test "an axis, counts, a baseline, check and compare know it by its name" {
  cp "$plugins/mine.so" .
  run --separate-stderr bounded "$TVA" sweep --over job.wait=1ms,2ms --job mine.so --model tasks --jobs 4 --rounds 1 --search-time 0 -q -o sweep.json
  [ "$status" -eq 0 ]
  [ "$(of_result sweep.json 'sorted(c["spec"] for c in r["cells"])')" = "['mine:wait=1ms', 'mine:wait=2ms']" ]
  [ -z "$TVA_SANITIZE" ] || skip "sanitizers change counts"
  bounded "$TVA" run --counts --job mine.so --model tasks --jobs 20 --rounds 1 -q -o run.json
  bounded "$TVA" baseline --baseline base.json save run.json
  [ "$(of_result base.json 'r["sessions"][0]["plugins"] == r["context"]["plugins"] and list(r["context"]["plugins"])')" = "['mine']" ]
  bounded "$TVA" check --baseline base.json run.json
  TVA_PLUGINS=$plugins/slow/mine.so bounded "$TVA" run --counts --job mine --model tasks --jobs 20 --rounds 1 -q -o slow.json
  bounded "$TVA" compare run.json slow.json
}

@test "documents tell builds of a plugin apart, and compare does not take them for one program" {
  cp "$plugins/mine.so" .
  run --separate-stderr bounded "$TVA" run --job mine.so --job ./mine.so --job "$PWD/../${PWD##*/}/mine.so" --job "$plugins/stripped.so" --model tasks --jobs 4 --rounds 1 -q -o run.json
  [ "$status" -eq 0 ]
  valid_result run.json
  [ "$(of_result run.json '(len(r["cells"]), [(k, v["file"], v["build"].split()[0]) for k, v in r["context"]["plugins"].items() if k == "stripped"])')" = \
    "(2, [('stripped', 'stripped.so', 'hash')])" ]
  [[ "$(of_result run.json 'r["context"]["plugins"]["mine"]["build"]')" =~ ^(build-id|hash)\ [0-9a-f]{16,}$ ]]
  cp run.json again.json
  bounded "$TVA" run --job "$plugins/slow/mine.so" --model tasks --jobs 4 --rounds 1 -q -o slow.json
  run --separate-stderr bounded "$TVA" compare run.json slow.json
  [[ $(tr -s ' \n' ' ' <<<"$output") == *"mine is not the same program in both: its plugin mine.so has "*" in A, and "*" in B."* ]]
  run --separate-stderr bounded "$TVA" compare run.json again.json
  [[ $output != *"not the same program"* ]]
  bounded "$TVA" run --job null --model tasks --jobs 4 --rounds 1 -q -o none.json
  [ "$(of_result none.json '"plugins" in r["context"]')" = False ]
}

@test "pair measures two builds of a plugin side by side" {
  run --separate-stderr bounded "$TVA" pair --base "$plugins/mine.so" --contender "$plugins/slow/mine.so" --job mine:wait=1ms --model tasks --jobs 8 --budget 2s -q -o pair.json
  [ "$status" -eq 3 ] || [ "$status" -eq 4 ]
  [[ "$output" == *"mine:wait=1ms"* ]]
  [ "$(of_result pair.json 'r["builds"]["base"] == r["builds"]["relinked"] != r["builds"]["contender"]')" = True ]
  TVA_PLUGINS=$plugins/bare.so run --separate-stderr bounded "$TVA" pair --base "$plugins/mine.so" --contender "$plugins/slow/mine.so" --job 'mine + bare' --model tasks --jobs 8 --budget 1s -q -o pair.json
  [ "$status" -eq 3 ] || [ "$status" -eq 4 ]
  refused "tva pair: $plugins/mine.so and $plugins/two words/other.so: all are programs, or all are plugins of the same name, *" pair --base "$plugins/mine.so" --contender "$plugins/two words/other.so" --job mine
  refused "tva pair: $plugins/mine.so and $TVA: all are programs, *" pair --base "$plugins/mine.so" --contender "$TVA" --job mine
  refused "tva pair: plugin $plugins/abi.so is built for interface 999, *" pair --base "$plugins/abi.so" --contender "$plugins/mine.so" --job mine
}

@test "a crash is named with its signal and its plugin, and other cells go on" {
  run --separate-stderr bounded "$TVA" run --job "$plugins/mine.so:crash=on" --job null --model tasks,pool --jobs 4 --rounds 1 -q -o run.json
  [ "$status" -eq 1 ]
  [ "$(of_result run.json 'sorted((c["job"], c["valid"]) for c in r["cells"])')" = "[('mine', False), ('mine', False), ('null', True), ('null', True)]" ]
  [ "$(of_result run.json '{x for c in r["cells"] for x in c["reasons"]}')" = \
    "{'its only run failed: the process of the run was killed by signal 6 (Aborted) before it had reported; its job is that of plugin $plugins/mine.so'}" ]
}

@test "a plugin that crashes, exits or hangs before a run gets one sentence, and the program goes on" {
  bounded "$TVA" list cells --job "$plugins/hangs.so" 2>hangs & waits=$!
  refused "tva list: plugin $plugins/crashes.so: check() crashed (Segmentation fault)" list cells --job "$plugins/crashes.so"
  refused "tva list: plugin $plugins/exits.so: check() ended the process with status 0" list cells --job "$plugins/exits.so"
  refused "tva advise: plugin $plugins/waits.so: wait_ns() crashed (Aborted)" advise --job "$plugins/waits.so"
  refused "tva cell: part 2: plugin $plugins/loads.so: a constructor crashed (Aborted)" cell --job "null + $plugins/loads.so"
  refused "tva run: plugin $plugins/ends.so: a destructor crashed (Aborted)" run --job "$plugins/ends.so"
  TVA_PLUGINS=$plugins/crashes.so refused "tva sweep: plugin $plugins/crashes.so: check() crashed (Segmentation fault)" sweep --job crashes --over jobs=1,2
  # Also where the starter ignores the ends of children.
  run --separate-stderr bounded env --ignore-signal=CHLD "$TVA" list cells --job "$plugins/crashes.so"
  [ "$status" -eq 2 ]
  [ "$stderr" = "tva list: plugin $plugins/crashes.so: check() crashed (Segmentation fault)" ]
  status=0
  wait "$waits" || status=$?
  [ "$status" -eq 2 ]
  [ "$(<hangs)" = "tva list: plugin $plugins/hangs.so: check() did not return within 5 s" ]
}

@test "a plugin is tried in one child for its loading and one for its parameters, and runs are not" {
  command -v strace >/dev/null || skip "strace is missing"
  [ -z "$TVA_SANITIZE" ] || skip "there is no search for leaks under strace"
  bounded strace -f -qq -e trace=process -o calls "$TVA" run --job "$plugins/mine.so" --model sequential,tasks --jobs 4 --rounds 1 -q -o run.json >/dev/null
  [ "$(grep -c ' execve(.*"cell"' calls)" -eq 2 ]
  [ "$(grep -cE ' (v?fork\(|clone3?\(.*SIGCHLD)' calls)" -eq 4 ]
}

@test "a plugin that does not tell what it waits for is measured, and its counts are not called exact" {
  run --separate-stderr bounded "$TVA" run --counts --job "$plugins/bare.so" --job "$plugins/computes.so + null" --model sequential --jobs 4 --rounds 1 -q -o run.json
  [ "$status" -eq 0 ]
  [ "$(of_result run.json '{m["kind"] for c in r["cells"] for m in (c["counts"] or {}).values() if isinstance(m, dict)} - {"scheduled"}')" = "set()" ]
}

@test "a plugin that cannot be used gets one sentence" {
  refused "tva list: job refuses refuses its parameters, and does not say why" list cells --job "$plugins/refuses.so"
  refused "tva list: plugin ./absent.so: No such file or directory" list cells --job ./absent.so
  refused "tva list: plugin $plugins is not a file: it must be a shared object" list cells --job "$plugins"
  refused "tva list: cannot load plugin $plugins/good.c: *" list cells --job "$plugins/good.c"
  refused "tva list: $plugins/none.so is no plugin: it has no tva_job_abi; its source ends with TVA_PLUGIN() (job/plugin.h)" list cells --job "$plugins/none.so"
  refused "tva list: plugin $plugins/abi.so is built for interface 999, and this tva has interface *: build it against this tva's headers" list cells --job "$plugins/abi.so"
  refused "tva list: plugin $plugins/tcp.so: tva has a job tcp of its own; call the file otherwise" list cells --job "$plugins/tcp.so"
  refused "tva list: two plugins are called mine: $plugins/mine.so and $plugins/slow/mine.so" list cells --job "$plugins/mine.so" --job "$plugins/slow/mine.so"
  refused 'tva list: job mine: unknown parameter "waif"; did you mean "wait"? *' list cells --job "$plugins/mine.so:waif=1ms"
  refused 'tva list: part 2: cannot load plugin*' list cells --job "null + $plugins/good.c"
}

@test "tva new job writes a plugin that builds and passes its test, and overwrites nothing" {
  mkdir 'a folder' && cd 'a folder'
  run --separate-stderr bounded "$TVA" new job my-job
  [ "$status" -eq 0 ]
  [ "$(cd my-job && echo *)" = "Makefile my-job.c test.sh" ]
  bounded make -C my-job test CFLAGS='-O2 -Wall -Wextra -Werror'
  echo mine >my-job/my-job.c
  run --separate-stderr bounded "$TVA" new job my-job
  [ "$status" -eq 1 ]
  [ "$stderr" = "tva new: cannot make a folder my-job: File exists" ]
  [ "$(cat my-job/my-job.c)" = mine ]
  refused "tva new: plugin tcp: tva has a job tcp of its own; call the file otherwise" new job tcp
  refused "tva new: plugin pg: tva has a job pg of its own; call the file otherwise" new job pg
  printf '[redis]\nsleep\n' >jobs.conf
  refused "tva list: *redis is the name of a job that tva has already" list cells --jobs-file jobs.conf --job redis
  refused "tva new: a/b is a path: tva new job makes a folder here" new job a/b
  refused "tva new: say what is new, and its name: tva new job NAME" new
  refused "tva new: say what is new, and its name: tva new job NAME" new model mine
}

@test "a result that names a file loads nothing" {
  bounded "$TVA" run --job null --model tasks --jobs 4 --rounds 1 -q -o run.json
  sed -i "s|\"spec\": *\"null\"|\"spec\": \"$plugins/mine.so\"|" run.json
  grep -q "mine.so" run.json
  run --separate-stderr bounded strace -f -e trace=openat "$TVA" report run.json
  [ "$status" -ne 127 ] || skip "strace is missing"
  [[ "$stderr" != *"mine.so"* ]]
}
