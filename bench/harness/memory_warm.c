#include "memory_warm.h"

#include "measure/sample.h"
#include "proc.h"

#include <sys/mman.h>
#include <unistd.h>

/* What a waiting job has on its stack and around it: two pages, as a rule. */
#define WAITING_JOB_BYTES 8192

uint64_t memory_warm_estimate(const struct cell *c)
{
    uint64_t waiting = model_lanes(c->model, cell_in_flight(c), c->threads);
    double jobs = load_expected_jobs(&c->load, c->jobs, cell_warmup_jobs(c));

    return waiting * WAITING_JOB_BYTES + (uint64_t)jobs * sizeof(struct sample);
}

void memory_warm(uint64_t bytes)
{
    uint64_t half = (uint64_t)sysconf(_SC_AVPHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE) / 2;
    struct proc p;

    switch (proc_fork(&p, NULL)) {
    case 0:
        proc_reap(&p);
        break;
    case 1:
        (void)mmap(NULL, bytes < half ? bytes : half, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
        _exit(0);
    default:
        break;
    }
}
