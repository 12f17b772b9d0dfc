/* The promise: any number of ranks does the same work at the same times as one process, and a rank
 * that dies makes its share missing, not the others wait. Ranks are processes, joined by sockets
 * instead of MPI; each starts this very program as `tva cell`. */
#include "ranks/ranks.h"

#include "async/thread_pool.h"
#include "cmd/cmd.h"
#include "harness/run_proc.h"
#include "math/stats.h"
#include "model/model.h"
#include "ranks/ranks_internal.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define RANKS_MAX 4

/* A report is the longest message of a rank but for pieces of records, which come after it. */
#define REPORT_LEAST 580

/* ---- The transport ---- */

struct net {
    int fds[RANKS_MAX];  /* at rank 0 the others', at others only the first is used */
    bool dies_reporting; /* instead of sending its report, */
    bool mute, reported; /* or is silent from its report on until it is lost, and dies then */
    bool times_out;      /* sending does, as MPI when rank 0 is stopped; the message comes */
};

static int send_to(void *self, unsigned to, const void *data, size_t len, uint64_t deadline_ns)
{
    struct net *net = self;
    uint32_t size = (uint32_t)len;

    (void)deadline_ns;
    if (net->dies_reporting && len >= REPORT_LEAST)
        _exit(1);
    if (net->mute && net->reported) {
        sleep((RANKS_SILENT_NS + NS_PER_S) / NS_PER_S);
        _exit(1);
    }
    net->reported = net->reported || len >= REPORT_LEAST;
    return send(net->fds[to], &size, sizeof size, MSG_NOSIGNAL) == sizeof size &&
                   send(net->fds[to], data, len, MSG_NOSIGNAL) == (ssize_t)len
               ? net->times_out ? -ETIMEDOUT : 0
               : -EIO;
}

static int receive_from(void *self, unsigned from, void *data, uint64_t deadline_ns)
{
    const struct net *net = self;
    struct pollfd ready = {.fd = net->fds[from], .events = POLLIN};
    uint64_t now_ns = clock_now_ns(), left_ns = deadline_ns > now_ns ? deadline_ns - now_ns : 0;
    uint32_t size;

    if (poll(&ready, 1, (int)((left_ns + NS_PER_MS - 1) / NS_PER_MS)) == 0)
        return -ETIMEDOUT;
    if (recv(ready.fd, &size, sizeof size, MSG_WAITALL) != sizeof size ||
        recv(ready.fd, data, size, MSG_WAITALL) != (ssize_t)size)
        return -EIO;
    return (int)size;
}

static void end(void *self, bool all)
{
    (void)self;
    (void)all;
}

static struct ranks_transport transport_of(struct net *net)
{
    return (struct ranks_transport){net, NULL, send_to, receive_from, end};
}

/* ---- Sessions ---- */

struct session {
    struct net net;
    pid_t pids[RANKS_MAX];
    struct ranks *ranks;
    unsigned count;
    struct interrupt interrupt;
};

/* Let this process use one of its CPUs alone. */
static void bind_to_one(unsigned number)
{
    cpu_set_t all, one;
    int cpu = -1;

    sched_getaffinity(0, sizeof all, &all);
    for (unsigned left = number % (unsigned)CPU_COUNT(&all) + 1; left > 0;
         left -= CPU_ISSET(cpu, &all))
        cpu++;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    sched_setaffinity(0, sizeof one, &one);
}

static void serve(struct net *net, unsigned number, unsigned count)
{
    struct ranks_transport transport = transport_of(net);
    struct err err = {""};
    struct ranks *ranks;
    int status;

    if (getenv("TEST_RANKS_BIND") != NULL)
        bind_to_one(number);
    ranks = ranks_create(&transport, number, count, &err);
    status = ranks_serve(ranks, &err);
    ranks_close(ranks);
    _exit(status);
}

/* Rank 1 does what its transport says. */
static void begin_with(struct session *s, unsigned count, struct net rank_1)
{
    struct ranks_transport transport = transport_of(&s->net);
    struct err err = {""};

    *s = (struct session){.count = count};
    for (unsigned q = 1; q < count; q++) {
        int fds[2];

        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
        s->pids[q] = fork();
        assert_true(s->pids[q] >= 0);
        if (s->pids[q] == 0) {
            struct net net = q == 1 ? rank_1 : (struct net){.mute = false};

            net.fds[0] = fds[1];
            for (unsigned k = 1; k < q; k++)
                close(s->net.fds[k]);
            close(fds[0]);
            serve(&net, q, count);
        }
        close(fds[1]);
        s->net.fds[q] = fds[0];
    }
    s->ranks = ranks_create(&transport, 0, count, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(interrupt_init(&s->interrupt, &err), 0);
}

static void begin(struct session *s, unsigned count)
{
    begin_with(s, count, (struct net){.mute = false});
}

/* All ranks must end by themselves, those that died with 1. */
static void finish(struct session *s, unsigned died)
{
    interrupt_deinit(&s->interrupt);
    ranks_close(s->ranks);
    for (unsigned q = 1; q < s->count; q++) {
        int status;

        assert_int_equal(waitpid(s->pids[q], &status, 0), s->pids[q]);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), q == died);
        close(s->net.fds[q]);
    }
}

static int execute(struct session *s, const struct cell *cell, struct run_record *out,
                   struct err *err)
{
    const struct harness_ranks *ranks = ranks_harness(s->ranks);
    struct run_proc run = {.cell = cell, .timeout_ns = 60 * NS_PER_S, .interrupt = &s->interrupt};

    return ranks != NULL ? ranks->execute(ranks->arg, &run, out, err)
                         : run_proc_execute(&run, out, err);
}

static struct cell make_cell(const char *model, const char *job, enum load_kind kind)
{
    struct cell cell = cell_default();

    cell.model = model_find(model, NULL);
    assert_int_equal(job_parse(job, &cell.job, NULL), 0);
    job_set_seed(&cell.job, 11);
    cell.load.kind = kind;
    cell.jobs = 90;
    if (kind == LOAD_OPEN) {
        cell.load.rate_per_s = 1000;
        cell.load.duration_ns = 200 * NS_PER_MS;
        cell.load.warmup_ns = 20 * NS_PER_MS;
        cell.load.drain_ns = 60 * NS_PER_S;
        cell.jobs = 0;
    }
    if (kind == LOAD_CLOSED)
        cell.load.clients = 9;
    return cell;
}

/* When the jobs of the run were wanted, in order, since it began. */
static uint64_t *intended_of(const struct run_record *r)
{
    uint64_t *times_ns = calloc(run_counted(r) + 1, sizeof *times_ns);

    assert_non_null(times_ns);
    for (size_t i = 0; i < run_counted(r); i++)
        times_ns[i] = r->samples[r->warmup_samples + i].intended_ns - r->begin_ns;
    stats_sort_u64(times_ns, run_counted(r));
    return times_ns;
}

static void test_ranks_do_the_work_of_one_process(void **state)
{
    static const struct {
        const char *model, *job;
        enum load_kind kind;
    } ways[] = {{"tasks", "sleep:duration=1ms,dist=exp", LOAD_OPEN},
                {"pool", "cpu:time=20us", LOAD_BATCH},
                {"tasks", "file:size=4k", LOAD_CLOSED}};
    static const unsigned counts[] = {1, 2, 4};

    (void)state;
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
        struct cell cell = make_cell(ways[w].model, ways[w].job, ways[w].kind);
        struct run_record first = {0};
        uint64_t *times_ns = NULL;

        for (size_t n = 0; n < 3; n++) {
            struct session s;
            struct run_record r;
            struct err err = {""};
            struct ledger a, b;
            uint64_t *these_ns;
            char difference[128];

            begin(&s, counts[n]);
            execute(&s, &cell, &r, &err);
            assert_string_equal(err.text, "");
            assert_string_equal(r.failure.text, "");
            assert_int_equal(r.ranks_count, counts[n] > 1 ? counts[n] : 0);
            finish(&s, 0);
            if (n == 0) {
                first = r;
                times_ns = intended_of(&r);
                continue;
            }
            a = run_ledger(&first);
            b = run_ledger(&r);
            assert_false(ledger_differs(&a, &b, false, difference, sizeof difference));
            assert_int_equal(run_counted(&r), run_counted(&first));
            these_ns = intended_of(&r);
            if (cell.load.kind != LOAD_CLOSED)
                assert_memory_equal(times_ns, these_ns, run_counted(&r) * sizeof *these_ns);
            free(these_ns);
            run_record_deinit(&r);
        }
        free(times_ns);
        run_record_deinit(&first);
    }
}

/* Ranks that may use the same CPUs, as these do, are not so many times as many. */
static void test_cpus_of_one_machine_count_once(void **state)
{
    unsigned cores[2];

    (void)state;
    for (unsigned n = 0; n < 2; n++) {
        struct session s;

        begin(&s, 2 + n);
        cores[n] = ranks_harness(s.ranks)->cores;
        finish(&s, 0);
    }
    assert_true(cores[0] > 0);
    assert_int_equal(cores[0], cores[1]);
}

static void test_clocks_of_one_machine_agree(void **state)
{
    struct document_session described = {.ranks_count = 0};
    struct session s;

    (void)state;
    begin(&s, 3);
    ranks_describe(s.ranks, &described);
    assert_int_equal(described.ranks_count, 3);
    for (size_t q = 0; q < 3; q++) {
        const struct document_rank *r = &described.ranks[q];

        assert_true((uint64_t)llabs(r->start.offset_ns) <= r->start.error_ns);
        assert_true((uint64_t)llabs(r->end.offset_ns) <= r->end.error_ns);
        assert_true(q == 0 || r->end.at_ns > r->start.at_ns);
    }
    finish(&s, 0);
}

static void assert_lacks_rank_1(const struct run_record *r)
{
    assert_string_equal(r->failure.text, "");
    assert_int_equal(r->ranks_count, 3);
    assert_string_equal(r->ranks[0].failure.text, "");
    assert_string_not_equal(r->ranks[1].failure.text, "");
    assert_string_equal(r->ranks[2].failure.text, "");
    assert_int_equal(run_counted(r), 60);
}

/* The child of rank 1 is killed when its run is over: main() does that. */
static void test_a_lost_child_takes_its_own_share_alone(void **state)
{
    struct cell cell = make_cell("tasks", "sleep:duration=1ms", LOAD_BATCH);
    struct session s;
    struct run_record r;
    struct err err = {""};

    (void)state;
    setenv("TEST_RANKS_KILLS", "--share=1/3/3", 1);
    begin(&s, 3);
    assert_int_equal(execute(&s, &cell, &r, &err), 0);
    assert_lacks_rank_1(&r);
    assert_string_equal(r.ranks[1].failure.text, "its process was killed by signal 9 (Killed)");
    run_record_deinit(&r);
    assert_int_equal(interrupt_check(&s.interrupt), 0); /* the session goes on */
    finish(&s, 0);
    unsetenv("TEST_RANKS_KILLS");
}

/* Rank 0 may use all CPUs, rank 1 one of them and rank 2 another. */
static void test_a_rank_knows_how_many_use_its_cpus(void **state)
{
    struct cell cell = make_cell("tasks", "sleep:duration=1ms", LOAD_BATCH);
    struct session s;
    struct run_record r;
    struct err err = {""};

    (void)state;
    if (thread_pool_cores() < 2)
        skip();
    setenv("TEST_RANKS_KILLS", "--share=1/3/2", 1);
    setenv("TEST_RANKS_BIND", "", 1);
    begin(&s, 3);
    assert_int_equal(execute(&s, &cell, &r, &err), 0);
    assert_lacks_rank_1(&r);
    run_record_deinit(&r);
    finish(&s, 0);
    unsetenv("TEST_RANKS_BIND");
    unsetenv("TEST_RANKS_KILLS");
}

static void test_a_lost_rank_ends_the_session_and_leaves_the_others_samples(void **state)
{
    struct cell cell = make_cell("tasks", "sleep:duration=1ms", LOAD_BATCH);
    struct session s;
    struct run_record r;
    struct err err = {""};

    (void)state;
    begin_with(&s, 3, (struct net){.dies_reporting = true});
    assert_int_equal(execute(&s, &cell, &r, &err), 0);
    assert_lacks_rank_1(&r);
    run_record_deinit(&r);
    assert_int_equal(interrupt_check(&s.interrupt), SIGTERM);
    finish(&s, 1);
}

static void test_a_rank_whose_messages_are_taken_late_is_not_lost(void **state)
{
    struct cell cell = make_cell("tasks", "sleep:duration=1ms", LOAD_BATCH);
    struct session s;
    struct run_record r;
    struct err err = {""};

    (void)state;
    begin_with(&s, 2, (struct net){.times_out = true});
    assert_int_equal(execute(&s, &cell, &r, &err), 0);
    assert_string_equal(r.ranks[1].failure.text, "");
    assert_int_equal(run_counted(&r), 90);
    run_record_deinit(&r);
    finish(&s, 0);
}

/* An address of the own host is not that of a rank 0 on another one. */
static void test_a_rank_watches_rank_0_and_nobody_else(void **state)
{
    struct ranks_me zero, me;
    int offered, watched;

    (void)state;
    ranks_describe_me(&me);
    ranks_describe_me(&zero);
    offered = ranks_watch_offer(&zero, 1);
    watched = ranks_watch_begin(&zero, &me);
    assert_true(offered >= 0 && watched >= 0);
    assert_false(ranks_watch_is_over(watched));
    me.place[0] = '\0';
    assert_int_equal(ranks_watch_begin(&zero, &me), -1);
    memcpy(me.place, zero.place, sizeof me.place);
    me.build[0] ^= 1;
    assert_int_equal(ranks_watch_begin(&zero, &me), -1);
    close(offered);
    while (!ranks_watch_is_over(watched))
        sched_yield();
    close(watched);
}

static void test_a_rank_that_is_lost_in_the_merge_ends_the_session_for_all(void **state)
{
    struct cell cell = make_cell("tasks", "sleep:duration=1ms", LOAD_BATCH);
    struct document_session described = {.ranks_count = 0};
    struct session s;
    struct run_record r;
    struct err err = {""};

    (void)state;
    begin_with(&s, 3, (struct net){.mute = true});
    assert_int_equal(execute(&s, &cell, &r, &err), 0);
    assert_lacks_rank_1(&r);
    run_record_deinit(&r);
    assert_int_equal(interrupt_check(&s.interrupt), SIGTERM);
    /* Rank 2 answers also after a run that did not begin there. */
    assert_true(execute(&s, &cell, &r, &err) < 0);
    ranks_describe(s.ranks, &described);
    assert_true(described.ranks[2].end.at_ns > described.ranks[2].start.at_ns);
    finish(&s, 1);
}

/* Silence is all that MPI shows of a rank that is gone; mpirun's SIGTERM asks for a roll call. */
static void test_a_roll_call_finds_the_silent_rank_and_no_other(void **state)
{
    struct cell cell = make_cell("tasks", "sleep:duration=1ms", LOAD_BATCH);
    struct session s;
    struct run_record r;
    struct err err = {""};

    (void)state;
    begin(&s, 4);
    kill(s.pids[2], SIGSTOP);
    kill(getpid(), SIGTERM);
    assert_true(execute(&s, &cell, &r, &err) < 0);
    assert_non_null(strstr(err.text, "rank 2 (host "));
    kill(s.pids[2], SIGKILL);
    assert_int_equal(waitpid(s.pids[2], NULL, 0), s.pids[2]);
    s.pids[2] = s.pids[3];
    close(s.net.fds[2]);
    s.net.fds[2] = s.net.fds[3];
    s.count = 3;
    finish(&s, 0);
}

static void test_a_rank_that_cannot_begin_says_why(void **state)
{
    struct cell cell = make_cell("tasks", "file:size=4k", LOAD_BATCH);
    struct session s;
    struct run_record r;
    struct err err = {""};

    (void)state;
    setenv("TMPDIR", "/nowhere/at/all", 1);
    begin(&s, 2);
    assert_int_equal(execute(&s, &cell, &r, &err), -ECHILD);
    assert_non_null(strstr(err.text, "rank "));
    assert_non_null(strstr(err.text, "/nowhere/at/all"));
    finish(&s, 0);
    unsetenv("TMPDIR");
    begin(&s, 2);
    cell.jobs = 1; /* for two ranks */
    err.text[0] = '\0';
    assert_int_equal(execute(&s, &cell, &r, &err), -ECHILD);
    cell = make_cell("tasks", "sleep:duration=1ms", LOAD_BATCH);
    assert_int_equal(execute(&s, &cell, &r, &err), 0); /* and the session goes on */
    run_record_deinit(&r);
    finish(&s, 0);
}

/* This program as tva. */
static int cell_main(int argc, char **argv)
{
    const char *kills = getenv("TEST_RANKS_KILLS");
    struct err err = {""};
    int status = cmd_cell(argc - 1, argv + 1, &err);

    for (int i = 1; i < argc && kills != NULL; i++)
        if (strcmp(argv[i], kills) == 0)
            raise(SIGKILL);
    return status;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranks_do_the_work_of_one_process),
        cmocka_unit_test(test_cpus_of_one_machine_count_once),
        cmocka_unit_test(test_clocks_of_one_machine_agree),
        cmocka_unit_test(test_a_lost_child_takes_its_own_share_alone),
        cmocka_unit_test(test_a_rank_knows_how_many_use_its_cpus),
        cmocka_unit_test(test_a_lost_rank_ends_the_session_and_leaves_the_others_samples),
        cmocka_unit_test(test_a_rank_whose_messages_are_taken_late_is_not_lost),
        cmocka_unit_test(test_a_rank_watches_rank_0_and_nobody_else),
        cmocka_unit_test(test_a_rank_that_is_lost_in_the_merge_ends_the_session_for_all),
        cmocka_unit_test(test_a_roll_call_finds_the_silent_rank_and_no_other),
        cmocka_unit_test(test_a_rank_that_cannot_begin_says_why),
    };

    if (argc > 1 && strcmp(argv[1], "cell") == 0)
        return cell_main(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
