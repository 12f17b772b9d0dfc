/* The promise: what the gate reports has the verdict as its last line, and nothing that comes from
 * files reaches a terminal or a page as anything but text. */
#include "gate/gate_report.h"

#include "support/gate_fixture.h"
#include "support/gate_judged.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_report(void **state)
{
    struct gate_report_options o = {.markdown = true, .run = "r|`\033.json", .baseline = "b.json"};
    json_t *run = gate_fixture_run(GATE_JUDGED_DATE, 2);
    struct gate_judged j;
    char *text = NULL, *verdict;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    gate_fixture_set(gate_fixture_count(run, 0, "syscalls_per_job"), "value", 2);
    j = gate_judged_by(gate_fixture_baseline(1), run);
    gate_report_write(&j.gate, &o, out);
    fclose(out);
    assert_non_null(strstr(text, "tva baseline save r\\|  .json --baseline b.json"));
    assert_non_null(
        strstr(text, "| better | 3 | 2 | -33.33 % | syscalls_per_job | `tasks null x 10` |"));
    assert_null(strchr(text, '\033'));
    verdict = strstr(text, "\n**pass**: none of 4 counts rose\n");
    assert_non_null(verdict);
    assert_null(strchr(strchr(verdict + 1, '\n') + 1, '\n'));
    free(text);
    gate_judged_end(&j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
