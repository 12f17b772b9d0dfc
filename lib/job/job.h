/* Jobs: the units of work that every model runs.
 *
 * A job type is one file: a parameter table and a function in direct style that waits only through
 * struct io. lib/job/job.c has the registry table. To add one, write the file and add its line
 * there. */
#ifndef TVA_JOB_JOB_H
#define TVA_JOB_JOB_H

#include "base/err.h"
#include "base/param.h"
#include "io/io.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct job;

/* What one job did: sums of these over a batch must be equal under every model. */
struct job_ledger {
    uint64_t operations; /* reads, writes, requests, hash rounds: the type's own unit */
    uint64_t bytes_in, bytes_out;
    uint64_t checksum; /* of the data moved; added up over jobs, so that order does not matter */
};

/* How the durations of a type's jobs are spread: waits, or CPU time where it is cpu_bound. */
struct job_spread {
    double mean_wait_ns; /* of what wait_ns() says; 0 when it is not known */
    double scv;          /* squared coefficient of variation: variance / mean^2; 0: all alike */
    uint64_t draws;      /* random numbers that wait_ns() or cpu_share() look up for one job */
};

struct job_type {
    const char *name, *summary;
    const struct param *params;
    size_t n_params;
    bool needs_target;     /* talks to the target (tva serve): see job_needs_target() */
    bool cpu_bound;        /* its time alone is CPU time: theory uses what it takes by itself */
    unsigned fds;          /* descriptors that one job in progress holds */
    unsigned fds_blocking; /* and how many more of them where io is blocking */
    size_t stack_blocking; /* bytes of a task's stack that it takes where io is blocking; 0: few */

    /* Refuse parameters that do not go together; may be NULL. 0, or -EINVAL with *err set. */
    int (*check)(const struct job *job, struct err *err);
    /* Get ready for a batch: files, tables; may be NULL. May wait through io. */
    int (*prepare)(struct job *job, struct io *io, struct err *err);
    /* Do job number `index`. Waits only through io; called at the same time by several tasks or
     * threads. 0 or a negative errno. */
    int (*run)(struct io *io, struct job *job, uint64_t index, struct job_ledger *ledger);
    /* Undo prepare, close what the jobs kept open; may be NULL. */
    void (*finish)(struct job *job, struct io *io);
    /* How long job number `index` has to wait at least by its parameters and the seed, in ns; NULL
     * when nothing is known. */
    uint64_t (*wait_ns)(const struct job *job, uint64_t index);
    /* How long one job computes by its parameters, in ns, besides waiting; NULL: not at all, or as
     * cpu_bound says. */
    uint64_t (*cpu_ns)(const struct job *job);
    /* CPU time of job number `index`, 1 being that of the mean one; NULL when it is the same for
     * all. */
    double (*cpu_share)(const struct job *job, uint64_t index);
    /* What theory is told of how much jobs differ; NULL when they do not by their parameters. */
    struct job_spread (*spread)(const struct job *job);
    /* Do its parameters name another server than the target? NULL: never. */
    bool (*goes_elsewhere)(const struct job *job);
    /* What an error of its run means, in a few words; NULL, or returning NULL: as strerror says. */
    const char *(*explain)(int error);
};

/* A job type with its parameters. */
struct job {
    const struct job_type *type;
    uint64_t params[PARAM_MAX]; /* parallel to type->params */
    struct param_texts texts;   /* of those that are texts */
    uint64_t seed;              /* what differs between jobs comes from this and their index */
    struct sockaddr_in target;  /* where the target listens; for types that need it */
    void *state;                /* the type's own, between prepare and finish */
};

/* The registry: all types, in the order in which they are shown. */
extern const struct job_type *const job_types[];
extern const size_t job_types_count;

/* Parse "tcp:bytes=64,delay=10ms" into *out (seed and target left 0). Any thread. 0, or -EINVAL
 * with *err naming what is valid. */
int job_parse(const char *text, struct job *out, struct err *err);

/* The same job as text: its first parameter, and those that differ from their defaults; returns
 * buf. */
#define JOB_TEXT_SIZE 512
char *job_format(const struct job *job, char *buf, size_t size);

/* Give its text parameter `name` a value. 0; -ENOENT when its type has none of that name, or
 * -EINVAL with *err set. */
int job_set_text(struct job *job, const char *name, const char *text, struct err *err);

/* The value of text parameter number `index`. Owned by the job. */
const char *job_text(const struct job *job, size_t index);

/* Does it need the target to run, as it is? */
bool job_needs_target(const struct job *job);

/* What a negative errno of job_run() means for this type of job: "connection reset by peer". */
const char *job_error_text(const struct job *job, int error);

/* How its durations are spread: its type's word, or else all alike. */
struct job_spread job_spread(const struct job *job);

/* prepare, run and finish, where the type has them. As documented above. */
int job_prepare(struct job *job, struct io *io, struct err *err);
int job_run(struct job *job, struct io *io, uint64_t index, struct job_ledger *ledger);
void job_finish(struct job *job, struct io *io);

#endif
