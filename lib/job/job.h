/* Jobs: the units of work that every model runs. A job does its parts in turn; most have one.
 *
 * A type of part is one file: a parameter table and a function in direct style that waits only
 * through struct io. The registry table is in job.c; to add a type, write its file, name it at the
 * end of this one, and add its line to the table. What a job is, asks for and takes follows from
 * its parts, by the functions below. */
#ifndef TVA_JOB_JOB_H
#define TVA_JOB_JOB_H

#include "base/err.h"
#include "base/param.h"
#include "io/io.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct job_part;

/* What one job did: sums of these over a batch must be equal under every model. */
struct job_ledger {
    uint64_t operations; /* reads, writes, requests, hash rounds: the type's own unit */
    uint64_t bytes_in, bytes_out;
    uint64_t checksum; /* of the data moved; a sum over jobs, whatever their order */

    /* Of replies that the target held, where it runs on this machine; not compared. */
    uint64_t timer_ns;   /* how much longer than asked for it held them */
    uint64_t wake_up_ns; /* from when a message was written to when the other side had read it */
};

/* How durations are spread: of what jobs wait, and of what they compute. */
struct job_spread {
    double mean_wait_ns; /* mean of wait_ns(); 0 when it is not known */
    double mean_cpu_ns;  /* mean of cpu_ns(); 0 when only a measurement can tell */
    double scv;          /* squared coefficient of variation, variance / mean^2; 0: all alike */
    bool whole;          /* the means are all of its time by design; false: some is not known */
    uint64_t draws;      /* random numbers that are looked up for one job */
};

struct job_type {
    const char *name, *summary;
    const struct param *params;
    size_t n_params;
    bool needs_target; /* talks to the target (tva serve): see job_needs_target() */
    bool keeps_open;   /* prepare's state holds connections, which belong to the io: one for each */
    bool cpu_bound;    /* all its time is CPU time: cpu_ns(), or as long as it takes alone */
    bool takes_no_time; /* neither waits nor computes */
    unsigned sources;   /* addresses that its connections come from, each with all ports; 0: none */
    unsigned fds;       /* descriptors that one job in progress holds */
    unsigned fds_blocking; /* and how many more when io blocks */
    size_t stack_blocking; /* bytes of stack that it needs when io blocks; 0: a task's is enough */

    /* Refuse parameters that do not go together; may be NULL. 0, or -EINVAL with *err set. By the
     * parameters alone: it also reads documents that come from other machines. */
    int (*check)(const struct job_part *part, struct err *err);
    /* Refuse what this machine lacks, or who runs the job has not allowed: by files and the
     * environment. May be NULL; errors as check(). For jobs that are to be run: job_check_here().
     */
    int (*check_here)(const struct job_part *part, struct err *err);
    /* Get ready for a batch: files, tables; may be NULL. May wait through io. */
    int (*prepare)(struct job_part *part, struct io *io, struct err *err);
    /* Do the part of job number `index`, waiting only through io, and add what it did to the
     * ledger. Several tasks or threads call it at the same time. 0 or a negative errno. */
    int (*run)(struct io *io, struct job_part *part, uint64_t index, struct job_ledger *ledger);
    /* Undo prepare, close what the jobs kept open; may be NULL. */
    void (*finish)(struct job_part *part, struct io *io);
    /* How long it waits at least in job number `index`, in ns, by its parameters and the seed; NULL
     * when that is not known: then no count of it is called exact. */
    uint64_t (*wait_ns)(const struct job_part *part, uint64_t index);
    /* How long it computes in job number `index`, in ns, by its parameters and the seed; NULL or 0:
     * not at all, or as cpu_bound says. */
    uint64_t (*cpu_ns)(const struct job_part *part, uint64_t index);
    /* CPU time in job number `index` relative to the mean, when it is cpu_bound without cpu_ns;
     * NULL when it is the same for all. */
    double (*cpu_share)(const struct job_part *part, uint64_t index);
    /* How much jobs differ, for theory; NULL when they are alike. */
    struct job_spread (*spread)(const struct job_part *part);
    /* True when its parameters name another server than the target; NULL: they cannot. */
    bool (*goes_elsewhere)(const struct job_part *part);

    /* Why runs of it may do other work than each other, where that is nobody's fault here, and what
     * to do: the end of a sentence. NULL, or returns NULL: nothing is known. */
    const char *(*why_unlike)(const struct job_part *part);
    /* True when its waits through such an io lend memory on the task's stack: to the kernel, a
     * thread or a library. The task then has a stack of its own (lib/DESIGN.md). NULL: never. */
    bool (*pinned)(const struct job_part *part, const struct io *io);
    /* What an error of run() means, in a few words; NULL, or returning NULL: strerror()'s words. */
    const char *(*explain)(int error);
    /* What the other side said of the first job that failed, in its own words: one line, "" when it
     * said nothing; may be NULL. Between the last run() and finish(). */
    const char *(*said)(const struct job_part *part);
};

/* A part: a type with its parameters. */
struct job_part {
    const struct job_type *type;
    uint64_t params[PARAM_MAX]; /* parallel to type->params */
    struct param_texts texts;   /* of those that are texts */
    uint64_t seed;              /* with a job's index it decides what differs between jobs */
    struct sockaddr_in target;  /* where the target listens; for types that need it */
    void *state;                /* the type's own, between prepare and finish */
};

#define JOB_PARTS_MAX 8

/* A job. A copy has parts of its own, which share the state of those that it was copied from. */
struct job {
    struct job_part parts[JOB_PARTS_MAX]; /* done in this order */
    size_t count;                         /* of parts */
};

/* A job that has a name, which stands for its parts in the text of another job. */
struct job_named {
    const char *name;
    struct job job; /* count 0: not defined yet, so that its name is refused */
};

/* Names that a text may use beside those of the types. */
#define JOB_NAMES_MAX 64
struct job_names {
    struct job_named of[JOB_NAMES_MAX];
    size_t count;
    size_t used; /* how often texts have used one */
};

/* The registry: all types, in the order in which they are shown. */
extern const struct job_type *const job_types[];
extern const size_t job_types_count;

/* Parse "tcp:bytes=64,delay=10ms", or parts with a + between blanks or newlines between them,
 * "sleep + cpu", into *out (seed and target left 0). For texts of any origin: plugins are known by
 * their names, as job_format() writes them, and none is loaded by a path. Any thread. 0, or -EINVAL
 * with *err naming the part and what is valid, or -ENOMEM; *out is unchanged then. */
int job_parse(const char *text, struct job *out, struct err *err);

/* Append the parts of `text`, in which names may stand (NULL: none), and paths of plugins, which
 * are loaded (job/plugin.h). Errors as job_parse(), which count the parts as `text` has them; *job
 * is not to be used then. */
int job_add(struct job *job, const char *text, struct job_names *names, struct err *err);

/* A job as text that job_parse() reads back. Each part shows its first parameter, unless one that
 * excludes it is given, and those that differ from their defaults; returns buf. */
#define JOB_TEXT_SIZE 512 /* enough for every job */
char *job_format(const struct job *job, char *buf, size_t size);

/* The names of its parts' types, "tcp + cpu"; returns buf. */
char *job_format_types(const struct job *job, char *buf, size_t size);

/* What job number 0, 1, ... draws depends on the seed. Each part draws from a seed of its own; the
 * first one's is the job's. */
void job_set_seed(struct job *job, uint64_t seed);

static inline uint64_t job_seed(const struct job *job)
{
    return job->parts[0].seed;
}

/* Tell its parts where the target listens. */
void job_set_target(struct job *job, const struct sockaddr_in *target);

/* Give the parameter `name` the value of this text in each part that has it. 0; -ENOENT when none
 * has, or -EINVAL with *err set. job_check() tells whether the whole makes sense. */
int job_set_text(struct job *job, const char *name, const char *text, struct err *err);

/* Find a parameter by its name, "delay", or in a sum by the number of the part and its name,
 * "2.delay"; the number may be left out when only one part has such a parameter. *value points into
 * the job. 0; -ENOENT when no part has it, or -EINVAL when several have it, or when the part is
 * given another that excludes it, with *err naming what is valid. */
int job_find_param(struct job *job, const char *name, const struct param **param, uint64_t **value,
                   struct err *err);

/* May these parts stand together, and each part's parameters? 0, or -EINVAL with *err set. For
 * values that were set through job_find_param(); job_parse() has checked its own. */
int job_check(const struct job *job, struct err *err);

/* May jobs with these parts be run on this machine, as far as check_here() of the types can tell?
 * 0, or -EINVAL with *err set. */
int job_check_here(const struct job *job, struct err *err);

/* The value of text parameter number `index`. Owned by the part. */
const char *job_text(const struct job_part *part, size_t index);

/* True when a part, with its parameters, talks to the target; and when one does that no target was
 * set for. */
bool job_takes_target(const struct job *job);
bool job_needs_target(const struct job *job);

/* How the job wants its target to misbehave (job/pathology.h): what its parts give, with a +
 * between; returns buf, "" when they give nothing. JOB_TEXT_SIZE bytes are enough. */
char *job_pathology(const struct job *job, char *buf, size_t size);
bool job_misbehaves(const struct job *job);

/* Is a part of the type with this name? */
bool job_has(const struct job *job, const char *type);

/* What the types of its parts come to. */
struct job_traits {
    bool computes;         /* a part computes by design */
    bool only_computes;    /* and no part waits */
    bool is_measured;      /* only a measurement tells how long it computes: see job_measured() */
    unsigned connections;  /* that one job in progress has at most; 0: it talks to no server */
    unsigned sources;      /* the fewest addresses that connections of a part come from */
    unsigned fds;          /* descriptors of one job in progress */
    unsigned fds_blocking; /* and how many more when io blocks */
    size_t stack_blocking; /* bytes of stack that it needs when io blocks */
};
struct job_traits job_traits(const struct job *job);

/* What an error of job_run() means for this job, e.g. "connection reset by peer". */
const char *job_error_text(const struct job *job, int error);

/* What the other side of the first part that has anything said of the first job that failed, cut to
 * fit, into buf; "" when nothing was said. After the last job_run(), before job_finish(). */
#define JOB_SAID_SIZE 200
char *job_said(const struct job *job, char *buf, size_t size);

/* Why runs may do other work than each other, and what to do: the end of a sentence. NULL: nothing
 * is known. */
const char *job_why_unlike(const struct job *job);

/* Does it need a stack that stays where it is, by the types of its parts? */
bool job_pinned(const struct job *job, const struct io *io);

/* How long job number `index` waits at least, in ns; what is not known counts as 0. */
uint64_t job_wait_ns(const struct job *job, uint64_t index);

/* How much of that comes before it first computes; or, if `last`, after it last did. All of it
 * where it does not compute. */
uint64_t job_edge_ns(const struct job *job, uint64_t index, bool last);

/* How long job number `index` computes, in ns. measured_ns: what job_measured() takes alone, the
 * mean one where jobs differ. */
uint64_t job_cpu_ns(const struct job *job, uint64_t index, uint64_t measured_ns);

/* How its durations are spread. The variances of parts add up, since they draw independently.
 * measured_ns as for job_cpu_ns(); 0: not known, so that such parts count as nothing. */
struct job_spread job_spread(const struct job *job, uint64_t measured_ns);

/* The parts of which only a measurement tells how long they compute, as a job, which shares their
 * state; without parts when there are none. */
struct job job_measured(const struct job *job);

/* CPU time of job number `index` of job_measured() relative to the mean. */
double job_cpu_share(const struct job *job, uint64_t index);

/* Prepare each part, or undo that, as the types document it. When job_prepare() fails, nothing is
 * left to be undone. */
int job_prepare(struct job *job, struct io *io, struct err *err);
void job_finish(struct job *job, struct io *io);

/* The same for the parts whose state belongs to an io (keeps_open): for a copy of a prepared job
 * that is used with another io. */
int job_prepare_kept(struct job *job, struct io *io, struct err *err);
void job_finish_kept(struct job *job, struct io *io);

/* Do the parts of job number `index`, up to the first that fails. 0 or its negative errno. */
int job_run(struct job *job, struct io *io, uint64_t index, struct job_ledger *ledger);

/* One a file, for the table in job.c. */
extern const struct job_type job_sleep, job_file, job_tcp, job_http, job_dns, job_cpu, job_mixed,
    job_null;

#endif
