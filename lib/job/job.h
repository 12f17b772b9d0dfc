/* Jobs: the units of work that every model runs.
 *
 * A job type is one file: a parameter table and a function in direct style that waits only through
 * struct io. The registry table is in job.c; to add a type, write its file, name it at the end of
 * this one, and add its line to the table. */
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
    uint64_t checksum; /* of the data moved; a sum over jobs, whatever their order */

    /* Of replies that the target held, where it runs on this machine; not compared. */
    uint64_t timer_ns;   /* how much longer than asked for it held them */
    uint64_t wake_up_ns; /* from when a message was written to when the other side had read it */
};

/* How the durations of a type's jobs are spread: waits, or CPU time where it is cpu_bound. */
struct job_spread {
    double mean_wait_ns; /* mean of wait_ns(); 0 when it is not known */
    double scv;          /* squared coefficient of variation, variance / mean^2; 0: all alike */
    uint64_t draws;      /* random numbers that wait_ns() or cpu_share() looks up for one job */
};

struct job_type {
    const char *name, *summary;
    const struct param *params;
    size_t n_params;
    bool needs_target; /* talks to the target (tva serve): see job_needs_target() */
    bool keeps_open;   /* prepare's state holds connections, which belong to the io: one for each */
    bool cpu_bound;    /* all its time is CPU time; theory uses the time of a job measured alone */
    unsigned sources;  /* addresses that its connections come from, each with all ports; 0: none */
    unsigned fds;      /* descriptors that one job in progress holds */
    unsigned fds_blocking; /* and how many more when io blocks */
    size_t stack_blocking; /* bytes of stack that it needs when io blocks; 0: a task's is enough */

    /* Refuse parameters that do not go together; may be NULL. 0, or -EINVAL with *err set. */
    int (*check)(const struct job *job, struct err *err);
    /* Get ready for a batch: files, tables; may be NULL. May wait through io. */
    int (*prepare)(struct job *job, struct io *io, struct err *err);
    /* Do job number `index`, waiting only through io. Several tasks or threads call it at the same
     * time. 0 or a negative errno. */
    int (*run)(struct io *io, struct job *job, uint64_t index, struct job_ledger *ledger);
    /* Undo prepare, close what the jobs kept open; may be NULL. */
    void (*finish)(struct job *job, struct io *io);
    /* How long job number `index` waits at least, in ns, by its parameters and the seed; NULL when
     * that is not known. */
    uint64_t (*wait_ns)(const struct job *job, uint64_t index);
    /* How long one job computes besides waiting, in ns, by its parameters; NULL: not at all, or as
     * cpu_bound says. */
    uint64_t (*cpu_ns)(const struct job *job);
    /* CPU time of job number `index` relative to the mean; NULL when it is the same for all. */
    double (*cpu_share)(const struct job *job, uint64_t index);
    /* How much jobs differ, for theory; NULL when they are alike. */
    struct job_spread (*spread)(const struct job *job);
    /* True when its parameters name another server than the target; NULL: they cannot. */
    bool (*goes_elsewhere)(const struct job *job);
    /* True when its waits through such an io lend memory on the task's stack: to the kernel, a
     * thread or a library. The task then has a stack of its own (lib/DESIGN.md). NULL: never. */
    bool (*pinned)(const struct job *job, const struct io *io);
    /* What an error of run() means, in a few words; NULL, or returning NULL: strerror()'s words. */
    const char *(*explain)(int error);
};

/* A job type with its parameters. */
struct job {
    const struct job_type *type;
    uint64_t params[PARAM_MAX]; /* parallel to type->params */
    struct param_texts texts;   /* of those that are texts */
    uint64_t seed;              /* with a job's index it decides what differs between jobs */
    struct sockaddr_in target;  /* where the target listens; for types that need it */
    void *state;                /* the type's own, between prepare and finish */
};

/* The registry: all types, in the order in which they are shown. */
extern const struct job_type *const job_types[];
extern const size_t job_types_count;

/* Parse "tcp:bytes=64,delay=10ms" into *out (seed and target left 0). Any thread. 0, or -EINVAL
 * with *err naming what is valid. */
int job_parse(const char *text, struct job *out, struct err *err);

/* A job as text: its first parameter, and those that differ from their defaults; returns buf. */
#define JOB_TEXT_SIZE 512
char *job_format(const struct job *job, char *buf, size_t size);

/* Give its text parameter `name` a value. 0; -ENOENT when its type has none of that name, or
 * -EINVAL with *err set. */
int job_set_text(struct job *job, const char *name, const char *text, struct err *err);

/* The value of text parameter number `index`. Owned by the job. */
const char *job_text(const struct job *job, size_t index);

/* True when the job, with its parameters, needs the target. */
bool job_needs_target(const struct job *job);

/* What a negative errno of job_run() means for this job, e.g. "connection reset by peer". */
const char *job_error_text(const struct job *job, int error);

/* Does it need a stack that stays where it is, by its type? */
bool job_pinned(const struct job *job, const struct io *io);

/* How its durations are spread: as its type says; all alike when it does not. */
struct job_spread job_spread(const struct job *job);

/* The type's prepare, run and finish, as documented above; nothing where it has none. */
int job_prepare(struct job *job, struct io *io, struct err *err);
int job_run(struct job *job, struct io *io, uint64_t index, struct job_ledger *ledger);
void job_finish(struct job *job, struct io *io);

/* One a file, for the table in job.c. */
extern const struct job_type job_sleep, job_file, job_tcp, job_http, job_cpu, job_mixed, job_null;

#endif
