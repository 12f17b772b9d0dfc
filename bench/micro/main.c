/* tva-micro: what the runtime costs, beside plain libuv and plain system calls, in one interleaved
 * session. */
#include "base/std_streams.h"
#include "cli/options.h"
#include "cmd/cmd.h"
#include "micro/micro.h"

#include <errno.h>
#include <string.h>

#define MIB (1ULL << 20)

static const struct micro_bench benches[] = {
    {"create", "create, run and join an empty task, 1,000 at a time", "ns CPU a task", 1000,
     .operations = 1000000,
     .contenders = {{"tva", create_tva},
                    {"own stack", create_own},
                    {"libuv", create_uv},
                    {"records", create_record},
                    {"fcontext", create_fcontext}}},
    {"yield-2", "a yield between 2 tasks", "ns CPU a step", 2, .operations = 4000000,
     .contenders = {{"tva", yield_tva},
                    {"own stack", yield_own},
                    {"libuv", yield_uv},
                    {"records", yield_record},
                    {"fcontext", yield_fcontext}}},
    {"yield-10000", "a yield between 10,000 tasks", "ns CPU a step", 10000, .operations = 4000000,
     .touch_bytes = 100 * MIB,
     .contenders = {{"tva", yield_tva},
                    {"own stack", yield_own},
                    {"libuv", yield_uv},
                    {"records", yield_record},
                    {"fcontext", yield_fcontext}}},
    {"sleeps-10000", "10,000 sleeps of 100 ms at once", "ms over 100 ms", 10000,
     .shows_memory = true, .touch_bytes = 100 * MIB,
     .contenders = {{"tva", sleeps_tva},
                    {"own stack", sleeps_own},
                    {"records", sleeps_record},
                    {"libuv", sleeps_uv}}},
    {"sleeps-warm-10000", "10,000 sleeps of 100 ms, the process's second batch", "ms over 100 ms",
     10000, .shows_memory = true, .touch_bytes = 100 * MIB,
     .contenders = {{"tva", sleeps_warm_tva},
                    {"records", sleeps_warm_record},
                    {"libuv", sleeps_warm_uv}}},
    {"sleeps-100000", "100,000 sleeps of 100 ms at once", "ms over 100 ms", 100000,
     .shows_memory = true, .touch_bytes = 1000 * MIB, .rounds_max = 7,
     .contenders = {{"tva", sleeps_tva},
                    {"own stack", sleeps_own},
                    {"records", sleeps_record},
                    {"libuv", sleeps_uv}}},
    {"sleeps-warm-100000", "100,000 sleeps of 100 ms, the process's second batch", "ms over 100 ms",
     100000, .shows_memory = true, .touch_bytes = 1000 * MIB, .rounds_max = 7,
     .contenders = {{"tva", sleeps_warm_tva},
                    {"records", sleeps_warm_record},
                    {"libuv", sleeps_warm_uv}}},
    {"sleeps-1000000", "1,000,000 sleeps of 100 ms at once", "ms over 100 ms", 1000000,
     .shows_memory = true, .touch_bytes = 1000 * MIB, .rounds_max = 5,
     .contenders = {{"tva", sleeps_tva}, {"records", sleeps_record}, {"libuv", sleeps_uv}}},
    {"sleeps-warm-1000000", "1,000,000 sleeps of 100 ms, the process's second batch",
     "ms over 100 ms", 1000000, .shows_memory = true, .touch_bytes = 1000 * MIB, .rounds_max = 3,
     .contenders = {{"tva", sleeps_warm_tva},
                    {"records", sleeps_warm_record},
                    {"libuv", sleeps_warm_uv}}},
    {"timers-10000", "10,000 timers of 100 ms, started and fired", "ns CPU a timer", 10000,
     .contenders = {{"tva", timers_equal_tva}, {"libuv", timers_equal_uv}}},
    {"timers-1000000", "1,000,000 timers of 100 ms, started and fired", "ns CPU a timer", 1000000,
     .rounds_max = 7, .contenders = {{"tva", timers_equal_tva}, {"libuv", timers_equal_uv}}},
    {"timers-random-10000", "10,000 timers of up to 100 ms, started and fired", "ns CPU a timer",
     10000, .contenders = {{"tva", timers_random_tva}, {"libuv", timers_random_uv}}},
    {"timers-random-1000000", "1,000,000 timers of up to 100 ms, started and fired",
     "ns CPU a timer", 1000000, .rounds_max = 7,
     .contenders = {{"tva", timers_random_tva}, {"libuv", timers_random_uv}}},
    {"beat", "a beat of 1 ms: how late it comes, 500 times", "us, median", 1, .operations = 500,
     .shows_p99 = true,
     .contenders = {{"tva", beat_tva}, {"libuv", beat_uv}, {"clock_nanosleep", beat_nanosleep}}},
    {"cached", "reads of 4 KiB of a cached file, 64 in flight", "reads/s", 64, .operations = 200000,
     .more_is_better = true,
     .contenders = {{"tva", cached_tva},
                    {"libuv", cached_uv},
                    {"preadv2, 1 thread", cached_nowait},
                    {"pread, 1 thread", cached_pread},
                    {"pread, yielding", cached_yielding}}},
    {"ring-cached", "reads of 4 KiB of a cached file, 64 in flight, by io_uring", "reads/s", 64,
     .operations = 200000, .more_is_better = true,
     .contenders = {{"uring", cached_uring, &model_uring},
                    {"pread, 1 thread", cached_pread},
                    {"io_uring, registered file", cached_ring_kept, &model_uring},
                    {"io_uring", cached_ring, &model_uring}}},
    {"offload-10000", "10,000 calls of nothing in 4 threads, at once", "ns CPU a call", 10000,
     .contenders = {{"tva", offload_tva}, {"libuv", offload_uv}}},
    {"echo-1", "echo of 64 bytes on 1 connection, client and target on one CPU", "requests/s", 1,
     .operations = 60000, .more_is_better = true, .needs_target = true, .rounds_max = 7,
     .contenders =
         {{"tva", echo_tva}, {"tcp job", echo_job}, {"libuv", echo_uv}, {"epoll", echo_epoll}}},
    {"echo-100", "echo of 64 bytes on 100 connections, a CPU each for client and target",
     "requests/s", 100, .operations = 60000, .more_is_better = true, .needs_target = true,
     .rounds_max = 7,
     .contenders =
         {{"tva", echo_tva}, {"tcp job", echo_job}, {"libuv", echo_uv}, {"epoll", echo_epoll}}},
    {"echo-1000", "echo of 64 bytes on 1,000 connections, a CPU each for client and target",
     "requests/s", 1000, .operations = 60000, .more_is_better = true, .needs_target = true,
     .rounds_max = 7,
     .contenders =
         {{"tva", echo_tva}, {"tcp job", echo_job}, {"libuv", echo_uv}, {"epoll", echo_epoll}}},
    {"held-5000", "5,000 connections, each reply held for 100 ms", "requests/s", 5000,
     .operations = 30000, .more_is_better = true, .needs_target = true, .rounds_max = 5,
     .contenders = {{"tasks", held_cell},
                    {"loops", held_cell, &model_loops},
                    {"epoll", held_epoll}}},
    {"held-9000", "9,000 connections, each reply held for 100 ms", "requests/s", 9000,
     .operations = 54000, .more_is_better = true, .needs_target = true, .rounds_max = 5,
     .contenders = {{"tasks", held_cell},
                    {"loops", held_cell, &model_loops},
                    {"epoll", held_epoll}}},
    {"held-ring-5000", "5,000 connections, each reply held for 100 ms, by io_uring", "requests/s",
     5000, .operations = 30000, .more_is_better = true, .needs_target = true, .rounds_max = 5,
     .contenders = {{"uring", held_cell, &model_uring}, {"epoll", held_epoll}}},
    {"held-ring-9000", "9,000 connections, each reply held for 100 ms, by io_uring", "requests/s",
     9000, .operations = 54000, .more_is_better = true, .needs_target = true, .rounds_max = 5,
     .contenders = {{"uring", held_cell, &model_uring}, {"epoll", held_epoll}}},
    {"ring-echo-100", "echo of 64 bytes on 100 connections, by io_uring", "requests/s", 100,
     .operations = 60000, .more_is_better = true, .needs_target = true, .rounds_max = 7,
     .contenders = {{"uring", echo_tva, &model_uring},
                    {"epoll", echo_epoll},
                    {"io_uring", echo_ring, &model_uring}}},
    {"ring-echo-1000", "echo of 64 bytes on 1,000 connections, by io_uring", "requests/s", 1000,
     .operations = 60000, .more_is_better = true, .needs_target = true, .rounds_max = 7,
     .contenders = {{"uring", echo_tva, &model_uring},
                    {"epoll", echo_epoll},
                    {"io_uring", echo_ring, &model_uring}}},
};

static int take_name(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    for (size_t i = 0; i < sizeof benches / sizeof *benches; i++)
        if (strncmp(benches[i].name, text, strlen(text)) == 0) {
            *(const char **)to = text;
            return 0;
        }
    return err_set(err, -EINVAL,
                   "--%s: no benchmark is named %s; try create, yield, sleeps, timers, beat, "
                   "cached, offload, echo, held or ring",
                   e->name, text);
}

#define AT(member) OPTIONS_AT(struct micro_options, member)

static const struct options_entry entries[] = {
    {"output", "FILE", "Write the values to FILE as JSON; default no file", options_text,
     AT(output), .letter = 'o'},
    {"rounds", "R", "Measure each contender R times; default 15", options_count, AT(rounds),
     .letter = 'r', .min = 1, .max = 1000},
    {"only", "NAME", "Only the benchmarks whose name begins with NAME; default all", take_name,
     AT(only), .letter = 'b'},
    {"quick", NULL, "Only show that each row runs, with a hundredth of its tasks and operations",
     options_flag, AT(quick), .letter = 'q'},
    {0},
};

int main(int argc, char **argv)
{
    static const struct options_help help = {
        .text = "What tva's runtime costs, beside plain libuv callbacks or system calls doing the "
                "same.",
    };
    struct micro_options o = {.rounds = 15};
    const struct options_part parts[] = {{entries, &o}, {0}};
    struct err err = {""};

    std_streams_begin("tva-micro");
    if (argc > 1 && strcmp(argv[1], "serve") == 0) /* as the target of its own echo benchmarks */
        return cmd_serve(argc - 1, argv + 1, &err);
    argv[0] = "tva-micro";
    if (options_parse(&help, parts, argc, argv, &err) != 0) {
        fprintf(stderr, "tva-micro: %s\n", err.text);
        return EXIT_USAGE;
    }
    return micro_rounds(benches, sizeof benches / sizeof *benches, &o);
}
