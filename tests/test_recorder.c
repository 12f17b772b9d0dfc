/* The promise: a timeline keeps what happened in the order it happened. A row is in one state at a
 * time, a state ends when the next one begins, nothing stays open at the end, and what is recorded
 * of a row that is not there is dropped instead of being drawn in another one. */
#include "demos/recorder.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int setup(void **state)
{
    *state = recorder_create();
    return *state ? 0 : -1;
}

static int teardown(void **state)
{
    recorder_destroy(*state);
    return 0;
}

static void rows_are_numbered_in_order(void **state)
{
    struct recorder *r = *state;

    assert_int_equal(recorder_rows(r), 0);
    assert_int_equal(recorder_row(r, "main"), 0);
    assert_int_equal(recorder_row(r, "job"), 1);
    assert_int_equal(recorder_rows(r), 2);
    assert_string_equal(recorder_row_name(r, 0), "main");
    assert_string_equal(recorder_row_name(r, 1), "job");
}

static void a_state_ends_when_the_next_one_begins(void **state)
{
    struct recorder *r = *state;
    unsigned row = recorder_row(r, "main"), other = recorder_row(r, "job");
    uint64_t before_ns = clock_now_ns();
    const struct span *spans;
    size_t count;

    recorder_enter(r, row, SPAN_CREATED, "made");
    recorder_enter(r, other, SPAN_ACTIVE, "%s", "");
    recorder_enter(r, row, SPAN_WAITING, "await %d", 3);
    recorder_leave(r, row);
    spans = recorder_spans(r, &count);
    assert_int_equal(count, 3);
    assert_int_equal(spans[0].row, row);
    assert_int_equal(spans[0].kind, SPAN_CREATED);
    assert_true(spans[0].begin_ns >= before_ns && spans[0].begin_ns <= spans[0].end_ns);
    assert_int_equal(spans[0].end_ns, spans[2].begin_ns);
    assert_int_equal(spans[1].end_ns, 0); /* the other row goes on */
    assert_string_equal(spans[2].label, "await 3");
    assert_true(spans[2].end_ns >= spans[2].begin_ns && spans[2].end_ns <= clock_now_ns());
}

static void leaving_twice_changes_nothing(void **state)
{
    struct recorder *r = *state;
    unsigned row = recorder_row(r, "main");
    uint64_t end_ns;
    size_t count;

    recorder_leave(r, row); /* without a state */
    recorder_enter(r, row, SPAN_ACTIVE, "work");
    recorder_leave(r, row);
    end_ns = recorder_spans(r, &count)->end_ns;
    while (clock_now_ns() == end_ns)
        ;
    recorder_leave(r, row);
    assert_int_equal(recorder_spans(r, &count)->end_ns, end_ns);
    assert_int_equal(count, 1);
}

static void what_is_open_ends_at_the_end(void **state)
{
    struct recorder *r = *state;
    const struct span *spans;
    size_t count;

    for (unsigned i = 0; i < 3; i++)
        recorder_enter(r, recorder_row(r, "row"), SPAN_ACTIVE, "%u", i);
    assert_int_equal(recorder_finish(r), 0);
    spans = recorder_spans(r, &count);
    assert_int_equal(count, 3);
    for (size_t i = 0; i < count; i++)
        assert_true(spans[i].end_ns >= spans[i].begin_ns && spans[i].begin_ns > 0);
    assert_int_equal(spans[0].end_ns, spans[2].end_ns);
}

static void spans_of_other_threads_are_added_whole(void **state)
{
    struct recorder *r = *state;
    unsigned row = recorder_row(r, "thread");
    const struct span *span;
    size_t count;

    recorder_add(r, row, SPAN_HOLDING, 10, 20, "outside");
    span = recorder_spans(r, &count);
    assert_int_equal(count, 1);
    assert_int_equal(span->begin_ns, 10);
    assert_int_equal(span->end_ns, 20);
    assert_int_equal(span->kind, SPAN_HOLDING);
    assert_string_equal(span->label, "outside");
}

static void a_beat_is_never_late_by_less_than_nothing(void **state)
{
    struct recorder *r = *state;
    const struct recorder_beat *beats;
    size_t count;

    recorder_beat(r, 100, 103);
    recorder_beat(r, 200, 199);
    beats = recorder_beats(r, &count);
    assert_int_equal(count, 2);
    assert_int_equal(beats[0].due_ns, 100);
    assert_int_equal(beats[0].woke_ns, 103);
    assert_int_equal(beats[1].due_ns, 199);
    assert_int_equal(beats[1].woke_ns, 199);
}

static void long_labels_are_cut(void **state)
{
    struct recorder *r = *state;
    char text[4 * SPAN_LABEL_MAX];
    unsigned row;
    size_t count;

    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    row = recorder_row(r, text);
    recorder_enter(r, row, SPAN_ACTIVE, "%s", text);
    recorder_mark(r, row, "%s", text);
    assert_int_equal(strlen(recorder_row_name(r, row)), SPAN_LABEL_MAX - 1);
    assert_int_equal(strlen(recorder_spans(r, &count)->label), SPAN_LABEL_MAX - 1);
    assert_int_equal(strlen(recorder_marks(r, &count)->label), SPAN_LABEL_MAX - 1);
}

static void what_belongs_to_no_row_is_dropped(void **state)
{
    struct recorder *r = *state;
    size_t count;

    recorder_row(r, "main");
    recorder_enter(r, 1, SPAN_ACTIVE, "nowhere");
    recorder_add(r, 1, SPAN_ACTIVE, 1, 2, "nowhere");
    recorder_mark(r, 1, "nowhere");
    recorder_leave(r, 1);
    recorder_spans(r, &count);
    assert_int_equal(count, 0);
    recorder_marks(r, &count);
    assert_int_equal(count, 0);
}

static void thousands_are_kept_in_order(void **state)
{
    struct recorder *r = *state;
    unsigned row = recorder_row(r, "main");
    const struct span *spans;
    const struct recorder_beat *beats;
    char label[16];
    size_t count;

    for (unsigned i = 0; i < 5000; i++) {
        recorder_enter(r, row, SPAN_ACTIVE, "%u", i);
        recorder_beat(r, i, i + 1);
    }
    assert_int_equal(recorder_finish(r), 0);
    spans = recorder_spans(r, &count);
    assert_int_equal(count, 5000);
    for (unsigned i = 0; i < 5000; i++) {
        snprintf(label, sizeof label, "%u", i);
        assert_string_equal(spans[i].label, label);
        assert_true(i == 0 || spans[i - 1].end_ns == spans[i].begin_ns);
    }
    beats = recorder_beats(r, &count);
    assert_int_equal(count, 5000);
    assert_int_equal(beats[4999].due_ns, 4999);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_are_numbered_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(a_state_ends_when_the_next_one_begins, setup, teardown),
        cmocka_unit_test_setup_teardown(leaving_twice_changes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_open_ends_at_the_end, setup, teardown),
        cmocka_unit_test_setup_teardown(spans_of_other_threads_are_added_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(a_beat_is_never_late_by_less_than_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(long_labels_are_cut, setup, teardown),
        cmocka_unit_test_setup_teardown(what_belongs_to_no_row_is_dropped, setup, teardown),
        cmocka_unit_test_setup_teardown(thousands_are_kept_in_order, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
