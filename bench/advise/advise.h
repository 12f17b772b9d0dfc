/* Advice on a job: which model to run it under, with how many threads, and how sure that is.
 *
 * advise_measure.c makes runs under several models (candidates), all open loops but the first, and
 * keeps of each run whether it kept the bound. advise_judge.c makes the verdict of these runs,
 * advise_text.c the text, advise_document.c the document: functions of the measurements alone.
 *
 * What the verdict rests on:
 *   - trust_judge() (summary/trust.h) says whether a run kept the bound, broke it, or is void; void
 *     runs do not count;
 *   - a model that keeps the bound at one rate is taken to keep it at all lower ones. So a run that
 *     kept it at the asked rate or above speaks for the model, one that broke it at the asked rate
 *     or below against it, and the sign test tells what so many runs of each kind are worth;
 *   - models that may bear the most run at the same rates in the same rounds, so that what
 *     disturbs the machine disturbs all of them;
 *   - a model likely bears the rate at which a line between the metric at both ends of the bracket
 *     of its highest rate meets the bound. The best is the one with the greatest such rate. Others
 *     tie with it where the brackets overlap, or where ADVISE_WIDTH times their likely rate exceeds
 *     the rate that the best kept.
 *     CPU time decides only between likely rates that are nearer than ADVISE_EQUAL.
 *
 * One thread. */
#ifndef TVA_BENCH_ADVISE_H
#define TVA_BENCH_ADVISE_H

#include "harness/harness.h"
#include "plan/plan.h"
#include "result/metric.h"
#include "summary/trust.h"

#include <jansson.h>
#include <stdio.h>

#define ADVISE_CANDIDATES_MAX 32
#define ADVISE_THREADS_MAX    8 /* sizes of pools that are asked for */
#define ADVISE_RUNS_MAX       40
#define ADVISE_LABEL_SIZE     32
#define ADVISE_TEXT_SIZE      4096
#define ADVISE_STEPS_MAX      8

#define ADVISE_POISON 0.02 /* one call in fifty */

/* The verdict is sure when chance alone would give runs this one-sided at most so often. */
#define ADVISE_CHANCE_MAX 0.25

/* Without a bound: p99 of so many times what a job takes alone, and at least so much. */
#define ADVISE_BOUND_FACTOR 5
#define ADVISE_BOUND_MIN_S  0.010

/* A model ties with the best when its likely rate is below the best's kept rate by less than this
 * factor. The search stops when no other model may bear as much, and the best one's bracket is as
 * narrow. */
#define ADVISE_WIDTH 1.1

/* When their likely rates differ by less, the one that costs less CPU is advised. */
#define ADVISE_EQUAL 1.05

/* Arithmetic rules a model out when it could bear less than the asked rate by this factor. */
#define ADVISE_CEILING_SLACK 1.25

/* Under load a job may take so many times less than it does alone, where calls serve several jobs;
 * but no less than its parameters say. */
#define ADVISE_LOAD_GAIN 10

/* Beyond this many times the asked rate nothing is looked for, unless runs would be long. */
#define ADVISE_RATE_FACTOR 20

struct advise_settings {
    struct plan_line line;    /* has one job; models and threads where they were given; no load but
                                 its arrivals */
    double rate_per_s;        /* that has to be borne; 0: not given */
    const struct metric *slo; /* NULL: not given */
    double slo_bound_s;
    uint64_t limit_ns; /* for all of it */
    uint64_t seed;
    bool quiet;
};

struct advise_run {
    double rate_per_s, poison;
    enum trust_outcome outcome;
    double value_s;      /* of the metric; NAN: the run has none */
    double cpu_s;        /* a job; NAN: not known */
    double memory_bytes; /* the process's most */
    double target_cores; /* that the server of tcp and http jobs used; NAN without one */
    bool failed;         /* some of its jobs did */
    bool cut;            /* too short to keep the bound: it shows costs */
};

enum advise_verdict { ADVISE_KEEPS, ADVISE_BREAKS, ADVISE_UNTOLD };
extern const char *const advise_verdict_words[];

/* The highest rate that is kept lies between these two: a place where the fewest runs contradict
 * it; both ends of the stretch of such places. */
struct advise_bracket {
    double kept_per_s;   /* 0: no run kept it */
    double broken_per_s; /* INFINITY: no run broke it */
    double likely_per_s; /* where the metric meets the bound, on a line from one end to the other;
                            kept_per_s without the other */
    bool by_machine;     /* there the generator did not keep its schedule */
};

struct advise_candidate {
    const struct model *model;
    unsigned threads; /* 0 where the model has no number of them */
    char label[ADVISE_LABEL_SIZE];
    double ceiling_per_s; /* by arithmetic; INFINITY: none */
    double limit_per_s;   /* that no run can beat, by the job's parameters; INFINITY: none */
    bool left_out;        /* its limit is too far below the asked rate: no runs */
    struct advise_run runs[ADVISE_RUNS_MAX];
    size_t runs_count, failures; /* failures: further runs that were not carried out */
    struct err failure;          /* the last of these; "" without one */

    /* What advise_judge() makes of the runs. */
    struct advise_bracket bracket; /* of the rates that it bears */
    size_t kept_runs, broken_runs; /* for and against it at the asked rate; without one, those that
                                      were kept, or broken where none was kept */
    enum advise_verdict verdict;   /* at the asked rate; without one: of any rate */
    bool tied;                     /* nothing tells it from the best */
};

struct advice {
    const struct metric *metric;
    double bound_s;
    bool bound_given;
    char job[JOB_TEXT_SIZE];
    unsigned cores;
    double rate_per_s; /* asked for; 0: not given */
    double work_per_s; /* at which costs and poison are measured: the asked rate, or half of what
                          the best bears; 0: nothing bears any */
    double service_s, cpu_s; /* of a job alone; cpu_s NAN: not known */
    double little, goetz;    /* threads by Little's law at the asked rate and by Goetz's rule; NAN:
                                no such number */
    struct advise_candidate candidates[ADVISE_CANDIDATES_MAX];
    size_t candidates_count;
    const char *left_out[ADVISE_STEPS_MAX]; /* steps for which there was no time: sentences */
    size_t left_out_count;
    double limit_s, elapsed_s;
    uint64_t seed;

    /* What advise_judge() makes of it. */
    enum advise_verdict verdict; /* KEEPS: some model does; BREAKS: none does, surely */
    size_t best;                 /* SIZE_MAX unless some model keeps it */
    size_t poisoned;             /* whose poisoned runs are shown; SIZE_MAX: none has any */
};

/* ---- advise_judge.c ---- */

/* Are `for_it` runs against `against` more than chance? The one-sided sign test's probability of
 * so many or more. */
double advise_chance(size_t for_it, size_t against);

/* The bracket of the candidate's runs without poison, under the advice's bound. */
struct advise_bracket advise_bracket_of(const struct advice *a, const struct advise_candidate *c);

/* Fill in what the verdict has of every candidate and of all. */
void advise_judge(struct advice *a);

/* The member at this offset of struct advise_run, in the candidate's runs at this rate and poison
 * that have it, into values[ADVISE_RUNS_MAX]; returns how many. And their median; NAN without one.
 */
size_t advise_values(const struct advise_candidate *c, double rate_per_s, double poison,
                     size_t member, double *values);
double advise_median(const struct advise_candidate *c, double rate_per_s, double poison,
                     size_t member);
#define ADVISE_MEDIAN(c, rate, poison, member)                                                     \
    advise_median(c, rate, poison, offsetof(struct advise_run, member))

/* Runs without poison at this rate. */
size_t advise_runs_at(const struct advise_candidate *c, double rate_per_s);

/* The candidate that likely bears most, whatever the asked rate; NULL: no run kept the bound. */
const struct advise_candidate *advise_most(const struct advice *a);

/* The rate to try next of a candidate; 0: its runs say enough. It is the same for all that may bear
 * the most. */
double advise_next_rate(const struct advice *a, const struct advise_candidate *c);

/* Does it need less CPU a job than d at the working rate, by all runs of both? */
bool advise_is_cheaper(const struct advice *a, const struct advise_candidate *c,
                       const struct advise_candidate *d);

/* ---- advise_candidates.c ---- */

/* The candidate as a cell of all ranks, for its lanes. */
struct cell advise_cell(const struct advise_candidate *c);

/* Set what follows from service and CPU time: Little's and Goetz's numbers, and the candidates with
 * their ceilings. 0, or -EINVAL with *err set. */
int advise_candidates(struct advice *a, const struct advise_settings *settings, struct err *err);

/* ---- advise_measure.c ---- */

/* Measure within the limit. 0; -EINTR when a signal came; or another negative errno with *err set,
 * such as -EIO when the job failed alone. advise_judge() has been called. */
int advise_measure(const struct advise_settings *settings, struct interrupt *interrupt,
                   struct progress *progress, struct advice *out, struct err *err);

/* ---- advise_text.c ---- */

/* The advice in one paragraph, the same for the screen and the document; returns buf. */
char *advise_text(const struct advice *a, char *buf, size_t size);

/* Write it, and a table of the candidates. 0 or -ENOMEM. */
int advise_write(const struct advice *a, FILE *out);

/* ---- advise_document.c ---- */

/* All of it as results/advise.schema.json has it. NULL when out of memory. */
json_t *advise_document(const struct advice *a);

#endif
