#include "ranks/ranks_options.h"

#include "plan/plan_options.h"
#include "ranks/ranks.h"

#include <errno.h>

static int take_ranks(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    (void)text;
    (void)to;
    return ranks_get() != NULL ? 0 : err_set(err, -EINVAL, "write --%s in full", e->name);
}

const struct options_entry ranks_options[] = {
    {.help = PLAN_OPTIONS_MEASURING},
    {"ranks", NULL,
     "Carry out each run by all processes that mpirun or srun has started, each a share of its "
     "jobs, "
     "clients or arrivals, and merge their samples; default: one process",
     take_ranks, .at = 0},
    {0},
};
