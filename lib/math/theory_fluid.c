#include "math/theory_fluid.h"

#include <math.h>

/* A stretch in which the rate less the capacity does not change its sign. */
static void flow(struct theory_fluid *f, double *now_s, double from, double to, double duration_s)
{
    *now_s += duration_s;
    f->left = fmax(0, f->left + (from + to) / 2 * duration_s);
    if (f->left > f->backlog) {
        f->backlog = f->left;
        f->backlog_s = *now_s;
    }
}

struct theory_fluid theory_fluid_solve(const struct theory_fluid_piece *pieces, size_t n,
                                       double capacity_per_s)
{
    struct theory_fluid f = {.backlog = 0};
    double now_s = 0;

    for (size_t i = 0; i < n && isfinite(capacity_per_s); i++) {
        const struct theory_fluid_piece *p = &pieces[i];
        double from = p->from_per_s - capacity_per_s, to = p->to_per_s - capacity_per_s;
        double cross_s = from * to < 0 ? from / (from - to) * p->duration_s : 0;

        flow(&f, &now_s, from, from * to < 0 ? 0 : from, cross_s);
        flow(&f, &now_s, from * to < 0 ? 0 : from, to, p->duration_s - cross_s);
    }
    f.wait_s = f.backlog > 0 ? f.backlog / capacity_per_s : 0;
    return f;
}
