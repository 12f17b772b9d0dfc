/* The promise: series are made of what was observed and of nothing else: a ratio a block, by the
 * middle of each arm's turns; a block that lacks a value is left out, a metric that one side lacks
 * stops the comparison. */
#include "pair/pair_blocks.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define BLOCKS 4

struct fixture {
    struct pair_blocks measured;
    struct pair_cell cells[2];
    struct pair_block blocks[2][BLOCKS];
};

/* Two cells of four blocks, the last one fresh, there and back once; all values 100, those of the
 * contender 110 in the first cell and 120 in the second, of the relinked base 101. */
static int set_up(void **state)
{
    static struct fixture f;

    memset(&f, 0, sizeof f);
    f.measured = (struct pair_blocks){.cells = f.cells, .count = 2};
    for (size_t c = 0; c < 2; c++) {
        f.cells[c] = (struct pair_cell){.blocks = f.blocks[c], .count = BLOCKS};
        strcpy(f.cells[c].name, c == 0 ? "one" : "two");
        for (size_t b = 0; b < BLOCKS; b++) {
            f.blocks[c][b].turns_count = PAIR_TURNS;
            f.blocks[c][b].fresh = b == BLOCKS - 1;
            for (size_t i = 0; i < PAIR_TURNS; i++) {
                struct pair_turn *t = &f.blocks[c][b].turns[i];

                t->arm = (enum pair_arm)(i % PAIR_ARMS);
                for (size_t k = 0; k < PAIR_METRICS; k++)
                    t->values[k] = t->arm == PAIR_CONTENDER  ? 110 + 10 * (double)c
                                   : t->arm == PAIR_RELINKED ? 101
                                                             : 100;
            }
        }
    }
    *state = &f;
    return 0;
}

static void collect(const struct fixture *f, struct pair_collection *out)
{
    struct err err = {""};

    assert_int_equal(pair_collect(&f->measured, out, &err), 0);
    assert_string_equal(err.text, "");
}

/* Forget a value of an arm in a block, in all turns. */
static void forget(struct fixture *f, size_t cell, size_t block, enum pair_arm arm, size_t kind)
{
    for (size_t i = 0; i < PAIR_TURNS; i++)
        if (f->blocks[cell][block].turns[i].arm == arm)
            f->blocks[cell][block].turns[i].values[kind] = NAN;
}

static void test_series(void **state)
{
    struct fixture *f = *state;
    struct pair_collection c;

    collect(f, &c);
    assert_int_equal(c.count, 2 * PAIR_METRICS);
    for (size_t i = 0; i < c.count; i++) {
        const struct pair_comparison *m = &c.comparisons[i];

        assert_int_equal(c.comparisons[i].cell, i / PAIR_METRICS);
        assert_int_equal(c.comparisons[i].metric, i % PAIR_METRICS);
        assert_int_equal(m->screen.count, BLOCKS - 1);
        assert_int_equal(m->fresh.count, 1);
        for (size_t b = 0; b < m->screen.count; b++) {
            assert_true(fabs(m->screen.contender[b] - log(c.comparisons[i].cell == 0 ? 1.1 : 1.2)) <
                        1e-12);
            assert_true(fabs(m->screen.relinked[b] - log(1.01)) < 1e-12);
        }
        assert_true(fabs(m->fresh.contender[0] - log(c.comparisons[i].cell == 0 ? 1.1 : 1.2)) <
                    1e-12);
    }
    pair_collection_deinit(&c);
}

/* A ratio above 1 is called a regression, whatever the metric is. */
static void test_all_metrics_are_better_when_lower(void **state)
{
    (void)state;
    for (size_t i = 0; i < PAIR_METRICS; i++) {
        assert_string_equal(pair_metric(i)->name, pair_metrics[i].name);
        assert_false(pair_metric(i)->more_is_better);
    }
}

/* With several turns the middle decides: one in which the machine was away does not. */
static void test_middle(void **state)
{
    static const double values[] = {100, 900, 104, 102, 101, 103};
    struct pair_block block = {.turns_count = 6};

    (void)state;
    for (size_t i = 0; i < 6; i++)
        block.turns[i] = (struct pair_turn){.arm = PAIR_BASE, .values = {values[i]}};
    assert_true(fabs(pair_block_log(&block, PAIR_BASE, 0) - (log(102) + log(103)) / 2) < 1e-12);
    assert_true(isnan(pair_block_log(&block, PAIR_CONTENDER, 0)));
}

static void test_a_missing_value_costs_its_block(void **state)
{
    struct fixture *f = *state;
    struct pair_collection c;

    forget(f, 0, 1, PAIR_CONTENDER, 3);
    collect(f, &c);
    assert_int_equal(c.count, 2 * PAIR_METRICS);
    assert_int_equal(c.comparisons[3].screen.count, BLOCKS - 2);
    assert_int_equal(c.comparisons[2].screen.count, BLOCKS - 1);
    pair_collection_deinit(&c);
}

static void test_a_metric_that_both_lack_at_times_is_left_out(void **state)
{
    struct fixture *f = *state;
    struct pair_collection c;

    forget(f, 1, 1, PAIR_CONTENDER, 3);
    forget(f, 1, 2, PAIR_BASE, 3);
    collect(f, &c);
    assert_int_equal(c.count, 2 * PAIR_METRICS - 1);
    for (size_t i = 0; i < c.count; i++)
        assert_false(c.comparisons[i].cell == 1 && c.comparisons[i].metric == 3);
    pair_collection_deinit(&c);
}

/* What the screen had is judged, or else a suspect could get away. */
static void test_a_metric_that_is_lacking_later_stays(void **state)
{
    struct fixture *f = *state;
    struct pair_collection c;

    f->cells[1].blocks[BLOCKS - 1].fresh = true;
    forget(f, 1, BLOCKS - 1, PAIR_CONTENDER, 3);
    forget(f, 1, BLOCKS - 1, PAIR_BASE, 3);
    collect(f, &c);
    assert_int_equal(c.count, 2 * PAIR_METRICS);
    assert_int_equal(c.comparisons[PAIR_METRICS + 3].screen.count, BLOCKS - 1);
    assert_int_equal(c.comparisons[PAIR_METRICS + 3].fresh.count, 0);
    pair_collection_deinit(&c);
}

static void test_a_metric_that_one_side_lacks(void **state)
{
    struct fixture *f = *state;
    struct pair_collection c;
    struct err err = {""};

    for (size_t b = 0; b < BLOCKS; b++)
        forget(f, 1, b, PAIR_CONTENDER, 0);
    assert_int_equal(pair_collect(&f->measured, &c, &err), -EINVAL);
    assert_string_equal(err.text, "the contender has no makespan of two, and the base has it");
    f->cells[1].blocks++; /* two of the screen: it may be chance */
    f->cells[1].count--;
    assert_int_equal(pair_collect(&f->measured, &c, &err), 0);
    pair_collection_deinit(&c);
}

/* A cell is asked for the most that any of its metrics wants. */
static void test_ask(void **state)
{
    struct fixture *f = *state;
    struct pair_collection c;

    collect(f, &c);
    c.comparisons[0].fresh_wanted = 12;
    c.comparisons[2].fresh_wanted = 17;
    c.comparisons[2].suspect = true;
    assert_int_equal(pair_collection_ask(&c, &f->measured), 17);
    assert_int_equal(f->cells[0].fresh_wanted, 17);
    assert_true(f->cells[0].suspect);
    assert_int_equal(f->cells[1].fresh_wanted, 0);
    assert_false(f->cells[1].suspect);
    pair_collection_deinit(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_metrics_are_better_when_lower),
        cmocka_unit_test_setup(test_series, set_up),
        cmocka_unit_test(test_middle),
        cmocka_unit_test_setup(test_a_missing_value_costs_its_block, set_up),
        cmocka_unit_test_setup(test_a_metric_that_both_lack_at_times_is_left_out, set_up),
        cmocka_unit_test_setup(test_a_metric_that_is_lacking_later_stays, set_up),
        cmocka_unit_test_setup(test_a_metric_that_one_side_lacks, set_up),
        cmocka_unit_test_setup(test_ask, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
