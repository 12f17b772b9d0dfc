#include "summary/summary.h"

#include "math/theory_fluid.h"

#include <math.h>

/* Jobs a second: its lanes over the mean service that was measured, and no more than its CPUs can
 * compute. INFINITY: neither limits it. */
static double capacity_of(const struct cell_runs *in, double service_ns)
{
    const struct cell *cell = in->cell;
    struct job_spread spread = job_spread(&cell->job, cell_runs_solo_ns(in));
    uint64_t lanes = model_lanes(cell->model, THEORY_QUEUE_UNLIMITED, cell->threads);
    double cpu_lanes = (double)model_cpu_lanes(cell->model, cell->threads, in->cores);
    double by_cpu = spread.mean_cpu_ns > 0 ? cpu_lanes * NS_PER_S / spread.mean_cpu_ns : INFINITY;

    return lanes == THEORY_QUEUE_UNLIMITED ? by_cpu
                                           : fmin(by_cpu, (double)lanes * NS_PER_S / service_ns);
}

struct summary_fluid summary_fluid_of(const struct cell_runs *in,
                                      const struct stats_distribution *service)
{
    const struct load *load = &in->cell->load;
    const struct load_piece *first = &load->rates.pieces[0];
    struct theory_fluid_piece pieces[LOAD_PIECES_MAX + 1];
    struct summary_fluid out = {.known = false};

    if (load->rates.count == 0 || job_misbehaves(&in->cell->job) || load->limit > 0 ||
        load->poison > 0 || service->count == 0)
        return out;
    out.known = true;
    out.capacity_per_s = capacity_of(in, service->mean);
    pieces[0] = (struct theory_fluid_piece){first->from_per_s, first->from_per_s,
                                            (double)load->warmup_ns / NS_PER_S};
    for (size_t i = 0; i < load->rates.count; i++)
        pieces[i + 1] = (struct theory_fluid_piece){first[i].from_per_s, first[i].to_per_s,
                                                    (double)first[i].duration_ns / NS_PER_S};
    out.solved = theory_fluid_solve(pieces, load->rates.count + 1, out.capacity_per_s);
    out.solved.backlog_s -= out.solved.backlog > 0 ? pieces[0].duration_s : 0;
    return out;
}
