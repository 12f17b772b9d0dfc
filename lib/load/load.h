/* A load: when jobs are wanted. load_run.h carries it out.
 *
 * Batch: all at once. Closed loop: C clients, each wants its next job when its last has ended. Open
 * loop: at times that a schedule fixes beforehand and that wait for nothing, so that a stall counts
 * in full for every job that it delays (Schroeder, Wierman and Harchol-Balter, "Open Versus Closed:
 * A Cautionary Tale", NSDI 2006). Any thread. */
#ifndef TVA_LOAD_LOAD_H
#define TVA_LOAD_LOAD_H

#include "base/err.h"
#include "load/rates.h"

#include <stddef.h>
#include <stdint.h>

enum load_kind { LOAD_BATCH, LOAD_CLOSED, LOAD_OPEN };

enum load_arrivals { LOAD_POISSON, LOAD_CONSTANT };

struct load {
    enum load_kind kind;
    enum load_arrivals arrivals; /* open */
    double rate_per_s;           /* open: arrivals, their mean where it changes; else 0 */
    struct load_rates rates;     /* open: how it changes, over duration_ns; its warm-up has the
                                    first rate */
    uint64_t clients;            /* closed; else 0 */
    uint64_t duration_ns;        /* open, closed: how long jobs are wanted; 0: by their number */
    uint64_t warmup_ns;          /* open, closed: run before that, not counted; 0: by number */
    uint64_t limit;              /* open: jobs in the system at most, others are refused; 0: none */
    uint64_t drain_ns;           /* open: how long after the last arrival jobs may still begin;
                                    NO_DEADLINE: as long as it takes */
    double poison;               /* share of the jobs, 0 to 1, that block the loop */
};

#define LOAD_JOBS_MAX            10000000ULL /* in one run, warm-up included */
#define LOAD_CLIENTS_MAX         1000000ULL
#define LOAD_DURATION_MAX_NS     (24 * 3600 * 1000000000ULL)
#define LOAD_DURATION_DEFAULT_NS (10 * 1000000000ULL)

/* ---- What a load comes to ----
 *
 * `jobs` and `warmup_jobs` are the cell's: how many are wanted, and how many before them as
 * warm-up, where the load itself does not give a time. */

/* Default warm-up of a load by time: a tenth of the duration, at most 1 s. */
uint64_t load_warmup_default_ns(const struct load *load);

/* Default drain of an open loop: as long as jobs were wanted, at most 10 s. */
uint64_t load_drain_default_ns(const struct load *load, uint64_t jobs);

/* How many jobs are wanted in all, warm-up included; of random arrivals the mean. 0 for a closed
 * loop by time, whose number is not known beforehand. */
double load_expected_jobs(const struct load *load, uint64_t jobs, uint64_t warmup_jobs);

/* The most arrivals a second that an open loop comes to, without the luck of the draw. */
double load_most_per_s(const struct load *load);

/* How long it is from the first job wanted to the last, without drain. 0 where that is not known: a
 * batch, or a closed loop by number. */
uint64_t load_span_ns(const struct load *load, uint64_t jobs, uint64_t warmup_jobs);

/* Check that it makes sense: at least one job, no more than memory holds, no longer than a day. 0,
 * or -EINVAL with *err naming the value that does not. */
int load_check(const struct load *load, uint64_t jobs, uint64_t warmup_jobs, struct err *err);

/* ---- Loads as people write them ---- */

const char *load_kind_name(enum load_kind kind);
const char *load_arrivals_name(enum load_arrivals arrivals);

/* 0 or -EINVAL; *out is written on success only. */
int load_parse_arrivals(const char *text, enum load_arrivals *out);

/* A rate a second above 0: "500/s", "2k/s", "0.5/s", "500". 0 or -EINVAL. */
int load_parse_rate(const char *text, double *out_per_s);

/* Text that load_parse_rate() or units_parse_share() reads back as exactly the same value ("500/s",
 * "2%"); returns buf. 64 bytes are enough. */
char *load_format_rate(double per_s, char *buf, size_t size);
char *load_format_share(double share, char *buf, size_t size);

/* What follows the job in a group's text: " x 100", " @ 500/s poisson 10s", " @ 100..900/s@10s
 * poisson", ", 16 clients x 1000", with limit, poison, and drain unless that is the default;
 * returns buf. LOAD_TEXT_SIZE bytes are enough. */
#define LOAD_TEXT_SIZE 384
char *load_format(const struct load *load, uint64_t jobs, char *buf, size_t size);

#endif
