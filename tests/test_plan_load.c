/* The promise: options about loads stand for every combination of their values, go together or are
 * refused, replace those of a suite's line where it has a use for them, and come out of a cell as
 * options that make the same cell again. */
#include "plan/plan_options.h"

#include "base/clock.h"
#include "cli/args.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Parse a line of options as a suite's line is. The words of the last one are kept. */
static int parse(const char *text, struct plan_line *line, struct err *err)
{
    const struct options_part parts[] = {{plan_options_cells, line}, {0}};
    static struct args args;

    plan_line_init(line);
    args_init(&args, "test");
    assert_int_equal(args_split(&args, text), 0);
    return options_parse_line(parts, args.argc, args.argv, err);
}

static void make(const char *text, struct plan *plan)
{
    struct plan_line line;
    struct err err = {""};

    *plan = (struct plan){0};
    if (parse(text, &line, &err) != 0 || plan_add(plan, &line, false, &err) != 0)
        fail_msg("%s: %s", text, err.text);
}

static void check_refused(const char *text, const char *part)
{
    struct plan_line line;
    struct err err = {""};
    struct plan plan = {0};

    if (parse(text, &line, &err) == 0 && plan_add(&plan, &line, false, &err) == 0)
        fail_msg("\"%s\" is taken", text);
    if (strstr(err.text, part) == NULL)
        fail_msg("\"%s\": \"%s\" does not say \"%s\"", text, err.text, part);
    plan_deinit(&plan);
}

static void test_every_combination_is_a_cell(void **state)
{
    struct plan plan = {0};

    (void)state;
    make("--model tasks --rate 100,200/s --rate 1k/s --poison 0,2%", &plan);
    assert_int_equal(plan.count, 6);
    assert_true(plan.cells[0].cell.load.rate_per_s == 100);
    assert_true(plan.cells[1].cell.load.poison == 0.02);
    assert_true(plan.cells[5].cell.load.rate_per_s == 1000);
    plan_deinit(&plan);
    make("--model tasks --rate 100,200/s --rate 10..50/s --duration 2s", &plan);
    assert_int_equal(plan.count, 3);
    assert_true(plan.cells[1].cell.load.rate_per_s == 200);
    assert_int_equal(plan.cells[1].cell.load.rates.count, 0);
    assert_true(plan.cells[2].cell.load.rate_per_s == 30);
    assert_int_equal(plan.cells[2].cell.load.duration_ns, 2 * NS_PER_S);
    assert_int_equal(cell_in_flight(&plan.cells[2].cell), 1); /* 50/s x 10 ms */
    plan_deinit(&plan);
    make("--model tasks,pool --threads 2,4 --clients 1,8 --jobs 100", &plan);
    assert_int_equal(plan.count, 6);
    assert_int_equal(plan.cells[3].cell.load.clients, 8);
    assert_int_equal(plan.cells[3].cell.load.kind, LOAD_CLOSED);
    assert_int_equal(plan.cells[3].cell.jobs, 100);
    plan_deinit(&plan);
    make("--model tasks --poison 5%", &plan);
    assert_int_equal(plan.count, 1);
    assert_int_equal(plan.cells[0].cell.load.kind, LOAD_BATCH);
    assert_int_equal(plan.cells[0].cell.jobs, 100);
    plan_deinit(&plan);
}

static void test_defaults(void **state)
{
    struct plan plan = {0};
    const struct cell *c;

    (void)state;
    make("--model tasks --rate 50/s", &plan);
    c = &plan.cells[0].cell;
    assert_int_equal(c->jobs, 0);
    assert_int_equal(c->load.arrivals, LOAD_POISSON);
    assert_int_equal(c->load.duration_ns, 10 * NS_PER_S);
    assert_int_equal(c->load.warmup_ns, NS_PER_S);
    assert_int_equal(c->load.drain_ns, 10 * NS_PER_S);
    assert_int_equal(cell_warmup_jobs(c), 0);
    plan_deinit(&plan);
    make("--model tasks --rate 50/s --jobs 100", &plan);
    c = &plan.cells[0].cell;
    assert_int_equal(c->load.duration_ns, 0);
    assert_int_equal(c->load.warmup_ns, 0);
    assert_int_equal(c->load.drain_ns, 2 * NS_PER_S);
    assert_int_equal(cell_warmup_jobs(c), 10);
    plan_deinit(&plan);
    make("--model tasks --clients 5 --warmup 7", &plan);
    c = &plan.cells[0].cell;
    assert_int_equal(c->load.warmup_ns, 0);
    assert_int_equal(cell_warmup_jobs(c), 7);
    plan_deinit(&plan);
}

static void test_cells_come_back_from_their_options(void **state)
{
    static const char *const lines[] = {
        "--model tasks --rate 500/s",
        "--model pool --threads 3 --rate 333.25/s --arrivals constant --duration 1500ms --limit 7",
        "--model tasks --rate 100..2000/s --duration 3s",
        "--model tasks --rate 200/s@10s,0.1..0.3/s@1500ms --arrivals constant --warmup 0",
        "--model blocking --rate 2k --jobs 100 --drain 0 --warmup 0",
        "--model tasks --rate 2k --duration 1s --warmup 50",
        "--model sequential --clients 16 --poison 0.7% --warmup 20ms",
        "--model tasks --clients 1 --jobs 10 --warmup 3",
        "--model tasks --jobs 50 --poison 33%",
        "--model tasks --job 'sleep:ms=1 + cpu' --jobs 5",
        "--model tasks   --job 'null' --jobs 5 ",
    };

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char args[PLAN_ARGS_SIZE], again[PLAN_ARGS_SIZE];
        struct plan plan, copy;

        make(lines[i], &plan);
        make(plan_cell_args(&plan.cells[0].cell, args, sizeof args), &copy);
        assert_int_equal(copy.count, 1);
        assert_string_equal(plan_cell_args(&copy.cells[0].cell, again, sizeof again), args);
        assert_memory_equal(&copy.cells[0].cell.load, &plan.cells[0].cell.load,
                            sizeof(struct load));
        assert_int_equal(copy.cells[0].cell.jobs, plan.cells[0].cell.jobs);
        assert_int_equal(cell_warmup_jobs(&copy.cells[0].cell),
                         cell_warmup_jobs(&plan.cells[0].cell));
        plan_deinit(&plan);
        plan_deinit(&copy);
    }
}

static void test_what_does_not_go_together_is_refused(void **state)
{
    (void)state;
    check_refused("--rate 5/s --clients 5", "--rate and --clients exclude each other");
    check_refused("--arrivals constant", "--arrivals needs --rate");
    check_refused("--clients 5 --arrivals poisson", "--arrivals needs --rate");
    check_refused("--limit 5", "--limit needs --rate");
    check_refused("--clients 5 --limit 5", "--limit needs --rate");
    check_refused("--drain 1s", "--drain needs --rate");
    check_refused("--duration 1s", "--duration needs --rate or --clients");
    check_refused("--warmup 1s", "--warmup by time needs --rate or --clients");
    check_refused("--rate 1..5/s --jobs 5", "--jobs and a rate that changes exclude each other");
    check_refused("--rate 1..5/s@2s --duration 1s", "--duration is for a rate without times");
    check_refused("--rate 1..5/s --warmup 5", "a rate that changes warms up for a time");
    check_refused("--rate 1..5/s --rate 5..1/s", "is a second rate that changes");
    check_refused("--rate 1..5/s,7/s", "has a piece without a time");
    check_refused("--rate 5/s,", "is not a rate above 0");
    check_refused("--rate 5/s --duration 1s --jobs 5", "--duration and --jobs exclude each other");
    check_refused("--rate 0", "--rate \"0\" is not a rate above 0");
    check_refused("--rate -5/s", "--rate \"-5/s\" is not a rate");
    check_refused("--rate 5,,6", "--rate \"\" is not a rate");
    check_refused("--rate 5/s --arrivals bursty", "--arrivals \"bursty\" is neither");
    check_refused("--clients 0", "--clients \"0\" is not a whole number from 1");
    check_refused("--clients 2.5", "--clients \"2.5\" is not a whole number");
    check_refused("--rate 5/s --duration 0s", "--duration \"0s\" is not a duration above 0");
    check_refused("--rate 5/s --duration 5", "--duration \"5\" is not a duration");
    check_refused("--rate 5/s --drain x", "--drain \"x\" is not a duration");
    check_refused("--rate 5/s --limit 0", "--limit \"0\" is not a whole number from 1");
    check_refused("--poison 101%", "--poison \"101%\" is not a share from 0% to 100%");
    check_refused("--poison -1", "--poison \"-1\" is not a share");
    check_refused("--warmup 5x", "--warmup \"5x\" is neither a number of jobs");
    check_refused("--rate 10M/s", "a run holds at most 10000000");
    check_refused("--rate 0.01/s --duration 1s", "less than one job");
}

static void override(const char *line, const char *over, struct plan_line *out)
{
    struct plan_line b;
    struct err err = {""};

    assert_int_equal(parse(line, out, &err), 0);
    assert_int_equal(parse(over, &b, &err), 0);
    plan_line_override(out, &b);
}

static void test_options_replace_what_a_line_says(void **state)
{
    struct plan_line line;
    struct plan plan = {0};

    (void)state;
    override("--clients 5 --jobs 100", "--rate 9/s --duration 2s", &line);
    assert_int_equal(line.load.clients_count, 0);
    assert_true(line.load.rates[0] == 9);
    assert_int_equal(line.counts_count, 0);
    assert_int_equal(line.load.duration_ns, 2 * NS_PER_S);
    override("--rate 9/s --duration 2s --limit 5 --warmup 1s", "--clients 3 --jobs 7", &line);
    assert_int_equal(line.load.rates_count, 0);
    assert_int_equal(line.load.limit, 0);
    assert_int_equal(line.load.duration_ns, 0);
    assert_int_equal(line.counts[0], 7);
    override("--jobs 5 --warmup 2", "--duration 1s --limit 3 --arrivals constant --warmup 1s",
             &line); /* a batch has no use for any of it */
    assert_int_equal(plan_add(&plan, &line, false, NULL), 0);
    assert_int_equal(line.warmup, 2);
    assert_int_equal(line.counts[0], 5);
    override("--rate 5/s", "--rate 6/s --clients 6", &line);
    assert_int_equal(plan_add(&plan, &line, false, NULL), -EINVAL);
    plan_deinit(&plan);
}

/* What no cell has a use for is a mistake, not to be passed over. */
static void test_options_must_be_of_use_somewhere(void **state)
{
    struct plan_line line;
    struct err err = {""};
    struct plan plan = {0};

    (void)state;
    make("--model tasks --clients 5", &plan);
    assert_int_equal(parse("--duration 1s", &line, &err), 0);
    assert_int_equal(plan_check_used(&plan, &line, &err), 0);
    assert_int_equal(parse("--limit 5", &line, &err), 0);
    assert_int_equal(plan_check_used(&plan, &line, &err), -EINVAL);
    assert_non_null(strstr(err.text, "--limit is for open loops, and there is none"));
    plan_deinit(&plan);
    make("--model tasks --jobs 5", &plan);
    assert_int_equal(parse("--duration 1s", &line, &err), 0);
    assert_int_equal(plan_check_used(&plan, &line, &err), -EINVAL);
    assert_non_null(strstr(err.text, "--duration is for loops, and there is none"));
    plan_deinit(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_combination_is_a_cell),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_cells_come_back_from_their_options),
        cmocka_unit_test(test_what_does_not_go_together_is_refused),
        cmocka_unit_test(test_options_replace_what_a_line_says),
        cmocka_unit_test(test_options_must_be_of_use_somewhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
