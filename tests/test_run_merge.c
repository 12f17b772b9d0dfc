/* The promise: the records of ranks, merged, are the record of one process that did it all: each
 * sample in the place of its job, whatever the ranks' clocks show; and a rank that is lost takes
 * its own share with it and nothing else. */
#include "base/hash.h"
#include "base/transfer.h"
#include "run/run.h"
#include "support/records.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#include <cmocka.h>

#define RANKS_MAX 8

/* Ranks of one cell, each with its record in a file, on a clock of its own. */
struct ranks {
    struct cell cell;
    size_t count;
    int fds[RANKS_MAX];
    struct run_part parts[RANKS_MAX];
};

static int read_file(void *arg, void *data, size_t len)
{
    return transfer_read(*(int *)arg, TRANSFER_ON, data, len);
}

/* The samples of `whole` that rank q of n has, on a clock that is `ahead_ns` ahead. */
static struct run_record share_out(const struct run_record *whole, struct share share,
                                   uint64_t ahead_ns)
{
    struct run_record r = *whole;

    r.begin_ns += ahead_ns;
    r.warmup_samples = share_of(share, whole->warmup_samples);
    r.samples_count = r.warmup_samples + share_of(share, run_counted(whole));
    r.samples = calloc(r.samples_count + 1, sizeof *r.samples);
    assert_non_null(r.samples);
    for (size_t i = 0; i < r.samples_count; i++) {
        struct sample *s = &r.samples[i];

        *s =
            i < r.warmup_samples
                ? whole->samples[share_number(share, i)]
                : whole->samples[whole->warmup_samples + share_number(share, i - r.warmup_samples)];
        s->intended_ns += ahead_ns;
        s->submitted_ns += ahead_ns;
        s->started_ns += ahead_ns;
        s->finished_ns += ahead_ns;
    }
    return r;
}

static void add_rank(struct ranks *ranks, struct run_record *r)
{
    size_t q = ranks->count++;

    ranks->fds[q] = memfd_create("rank", MFD_CLOEXEC);
    assert_true(ranks->fds[q] >= 0);
    assert_int_equal(run_wire_send(ranks->fds[q], r), 0);
    assert_int_equal(lseek(ranks->fds[q], 0, SEEK_SET), 0);
    ranks->parts[q] = (struct run_part){
        .read = read_file, .arg = &ranks->fds[q], .rank = {.host = "host", .cores = 2}};
    free(r->samples);
}

static void close_ranks(struct ranks *ranks)
{
    for (size_t q = 0; q < ranks->count; q++)
        close(ranks->fds[q]);
}

/* A run of an open loop whose samples all differ. */
static struct run_record make_whole(const struct cell *cell, size_t warmup, size_t jobs)
{
    struct run_record r = records_loop_run(cell, warmup, jobs, 0, 5 * NS_PER_MS);

    for (size_t i = 0; i < warmup + jobs; i++)
        r.samples[i].finished_ns += hash_mix(i) % NS_PER_S;
    return r;
}

static void deal_out(struct ranks *ranks, const struct run_record *whole, unsigned n)
{
    for (unsigned q = 0; q < n; q++) {
        struct run_record r =
            share_out(whole, (struct share){.number = q, .count = n}, q * 12345678901ULL);

        add_rank(ranks, &r);
    }
}

static void test_ranks_come_to_the_samples_of_one_process(void **state)
{
    static const size_t sizes[][2] = {{7, 100}, {0, 9}, {3, 8}, {1000, 9001}};
    struct cell cell = records_loop_cell("tasks", "sleep", LOAD_OPEN);

    (void)state;
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
        for (unsigned n = 1; n <= RANKS_MAX; n++) {
            struct ranks ranks = {.count = 0};
            struct run_record whole = make_whole(&cell, sizes[k][0], sizes[k][1]), merged;

            deal_out(&ranks, &whole, n);
            assert_int_equal(run_merge(&cell, ranks.parts, n, &merged), 0);
            assert_int_equal(merged.samples_count, whole.samples_count);
            assert_int_equal(merged.warmup_samples, whole.warmup_samples);
            assert_true(merged.begin_ns == whole.begin_ns);
            for (size_t i = 0; i < whole.samples_count; i++) {
                size_t at = i < whole.warmup_samples ? i : i - whole.warmup_samples;

                assert_true(merged.samples[i].intended_ns == whole.samples[i].intended_ns);
                assert_true(merged.samples[i].submitted_ns == whole.samples[i].submitted_ns);
                assert_true(merged.samples[i].finished_ns == whole.samples[i].finished_ns);
                assert_int_equal(merged.samples[i].lane / cell_rank_lanes(&cell), at % n);
            }
            assert_int_equal(merged.ranks_count, n);
            assert_false(run_lacks_rank(&merged));
            run_record_deinit(&merged);
            run_record_deinit(&whole);
            close_ranks(&ranks);
        }
}

static void test_what_adds_up_is_added_and_what_all_see_is_not(void **state)
{
    struct cell cell = records_cell("tasks", "sleep", 30);
    struct run_record whole = records_run(&cell, 30 * NS_PER_MS), merged;
    struct ranks ranks = {.count = 0};

    (void)state;
    for (unsigned q = 0; q < 3; q++) {
        struct run_record r = share_out(&whole, (struct share){.number = q, .count = 3}, q);

        r.ledger = (struct job_ledger){.operations = 10, .checksum = q};
        r.usage = (struct usage){.cpu_user_ns = 100 + q, .steal_ns = 50 + q};
        r.makespan_ns = (30 + q) * NS_PER_MS;
        r.area = (struct service_area){1000, 900};
        r.refused = q;
        r.tcp_retransmits = 4;
        add_rank(&ranks, &r);
        ranks.parts[q].rank.disturbance = (struct disturbance){.stops = 1, .listen_drops = 7};
    }
    strcpy(ranks.parts[2].rank.host, "other");
    ranks.parts[2].rank.network = 2;
    assert_int_equal(run_merge(&cell, ranks.parts, 3, &merged), 0);
    assert_int_equal(merged.ledger.operations, 30);
    assert_int_equal(merged.ledger.checksum, 3);
    assert_int_equal(merged.usage.cpu_user_ns, 303);
    assert_int_equal(merged.usage.steal_ns, 51 + 52); /* the most of a host, for each host */
    assert_int_equal(merged.makespan_ns, 32 * NS_PER_MS);
    assert_int_equal(merged.area.driver_ns, 3000);
    assert_int_equal(merged.refused, 3);
    assert_int_equal(merged.tcp_retransmits, 12); /* of one network too */
    assert_int_equal(merged.disturbance.stops, 3);
    assert_int_equal(merged.disturbance.listen_drops, 14);
    assert_int_equal(merged.ranks[1].cpu_ns, 101);
    run_record_deinit(&merged);
    run_record_deinit(&whole);
    close_ranks(&ranks);
}

/* Closed loops by time: nobody knows beforehand how many jobs a rank will make. */
static void test_ranks_with_unequal_numbers_of_jobs_leave_no_gap(void **state)
{
    static const size_t jobs[] = {5, 0, 12, 5};
    struct cell cell = records_loop_cell("tasks", "sleep", LOAD_CLOSED);
    struct ranks ranks = {.count = 0};
    struct run_record merged;
    size_t seen[4] = {0};

    (void)state;
    for (size_t q = 0; q < 4; q++) {
        struct run_record r = make_whole(&cell, q, 12);

        r.samples_count = q + jobs[q];
        free(r.beats);
        r.beats = NULL;
        r.beats_count = 0;
        add_rank(&ranks, &r);
    }
    assert_int_equal(run_merge(&cell, ranks.parts, 4, &merged), 0);
    assert_int_equal(merged.warmup_samples, 0 + 1 + 2 + 3);
    assert_int_equal(run_counted(&merged), 22);
    for (size_t i = 0; i < merged.samples_count; i++) {
        assert_true(merged.samples[i].intended_ns > 0);
        seen[merged.samples[i].lane / cell_rank_lanes(&cell)]++;
    }
    for (size_t q = 0; q < 4; q++)
        assert_int_equal(seen[q], q + jobs[q]);
    run_record_deinit(&merged);
    close_ranks(&ranks);
}

static void test_a_lost_rank_takes_its_own_share_alone(void **state)
{
    struct cell cell = records_loop_cell("tasks", "sleep", LOAD_OPEN);
    struct run_record whole = make_whole(&cell, 8, 40000);

    (void)state;
    for (int way = 0; way < 3; way++) {
        struct ranks ranks = {.count = 0};
        struct run_record merged;

        deal_out(&ranks, &whole, 4);
        if (way == 0) /* it was lost before */
            strcpy(ranks.parts[2].rank.failure.text, "it does not answer");
        else /* its record breaks off in the samples, or before the end */
            assert_int_equal(ftruncate(ranks.fds[2], way == 1 ? 200000 : 404000), 0);
        assert_int_equal(run_merge(&cell, ranks.parts, 4, &merged), 0);
        assert_true(run_lacks_rank(&merged));
        assert_string_not_equal(merged.ranks[2].failure.text, "");
        assert_string_equal(merged.ranks[3].failure.text, "");
        assert_int_equal(merged.warmup_samples, 6);
        assert_int_equal(run_counted(&merged), 30000);
        for (size_t i = merged.warmup_samples, k = 0; i < merged.samples_count; i++, k++) {
            k += k % 4 == 2;
            assert_true(merged.samples[i].finished_ns == whole.samples[8 + k].finished_ns);
        }
        assert_int_equal(merged.ledger.operations, 3 * whole.ledger.operations);
        run_record_deinit(&merged);
        close_ranks(&ranks);
    }
    run_record_deinit(&whole);
}

static void test_without_any_rank_there_is_no_run(void **state)
{
    struct cell cell = records_loop_cell("tasks", "sleep", LOAD_OPEN);
    struct run_part parts[2] = {{.rank = {.host = "a", .failure.text = "it died"}},
                                {.rank = {.host = "b", .failure.text = "it died, too"}}};
    struct run_record merged;

    (void)state;
    assert_int_equal(run_merge(&cell, parts, 2, &merged), -ENODATA);
    assert_string_equal(merged.failure.text, "rank 0 (host a): it died");
    run_record_deinit(&merged);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranks_come_to_the_samples_of_one_process),
        cmocka_unit_test(test_what_adds_up_is_added_and_what_all_see_is_not),
        cmocka_unit_test(test_ranks_with_unequal_numbers_of_jobs_leave_no_gap),
        cmocka_unit_test(test_a_lost_rank_takes_its_own_share_alone),
        cmocka_unit_test(test_without_any_rank_there_is_no_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
