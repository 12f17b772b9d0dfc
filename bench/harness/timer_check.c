#include "timer_check.h"

#include "load/generator.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool has_open_loop(const struct plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        if (plan->cells[i].cell.load.kind == LOAD_OPEN)
            return true;
    return false;
}

int timer_check(const struct plan *plan, struct stats_distribution *out, struct err *err)
{
    uint64_t *errors_ns;
    int r = -ENOMEM;

    *out = (struct stats_distribution){0};
    if (!has_open_loop(plan))
        return 0;
    errors_ns = malloc(TIMER_CHECK_SLEEPS * sizeof *errors_ns);
    if (errors_ns != NULL)
        r = generator_timer_errors(errors_ns, TIMER_CHECK_SLEEPS, TIMER_CHECK_SLEEP_NS);
    if (r == 0)
        stats_distribution_of(errors_ns, TIMER_CHECK_SLEEPS, out);
    free(errors_ns);
    return r < 0 ? err_set(err, r, "cannot measure the timers: %s", strerror(-r)) : 0;
}
