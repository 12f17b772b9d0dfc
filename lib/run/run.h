/* A run: one execution of a cell, in a process of its own. */
#ifndef TVA_RUN_RUN_H
#define TVA_RUN_RUN_H

#include "measure/disturbance.h"
#include "measure/primitives.h"
#include "measure/sample.h"
#include "measure/usage.h"
#include "result/ledger.h"
#include "run/cell.h"

#include <sys/types.h>

#define RUN_LIBCURL_SIZE 24
#define RUN_HOST_SIZE    64
#define RUN_RANKS_MAX    65536

/* One of the ranks that carried out a run together: what the record, which is their sum, and its
 * samples do not tell of it. */
struct run_rank {
    char host[RUN_HOST_SIZE];
    unsigned cores;          /* that it could use, and no rank of its host before it */
    uint32_t network;        /* its network namespace, which has counts of its own: a number */
    struct err failure;      /* "" unless nothing is known of its share: the samples lack it */
    uint64_t cpu_ns;         /* without the heartbeats' */
    uint64_t lag_ns;         /* the longest of its loops; 0: no beat */
    uint64_t begin_late_ns;  /* after the moment at which all were to begin, on its clock */
    int64_t clock_offset_ns; /* its clock - that of rank 0, just before the run, */
    uint64_t clock_error_ns; /* give or take so much: half of the quickest round trip */
    struct disturbance disturbance;
};

/* The outcome of one run. */
struct run_record {
    uint64_t seed;        /* of its jobs and arrivals; runs with another seed do other work */
    uint64_t begin_ns;    /* when the batch was wanted, on the clock of the stamps */
    uint64_t makespan_ns; /* from then until the driver learned of the last end */
    uint64_t first_ns;    /* of a batch: from when the model was opened until the process's first
                             batch of so many jobs had ended; 0: the warm-up was another */
    uint64_t warmup_ns;   /* how long warm-up took */
    uint64_t warmup_jobs; /* how many jobs that was */
    uint64_t solo_ns;     /* CPU time of job_measured(), of the mean one, alone; 0 without it */
    uint64_t timer_slack_ns;
    uint64_t target_cpu_ns;     /* CPU time of the target meanwhile; 0 without one */
    uint64_t target_busiest_ns; /* of its thread that had most; 0 where that is not known */
    uint64_t target_loops;      /* its threads that serve; 0 without one */
    uint64_t tcp_retransmits;   /* segments sent again on the connections of the jobs: of those that
                                   were open when the measured part began, and of later ones */
    struct usage usage;         /* of the measured part; its CPU time without the heartbeat's: see
  run_cpu_is_known() */
    uint64_t heartbeat_cpu_ns;  /* what was taken out of it */
    struct usage opened; /* when the model was opened: accumulated values and memory by then */
    struct disturbance disturbance; /* while the process ran; its parent adds it */
    uint64_t first_faults;          /* minor page faults from then to the end of the first batch */
    char stack_guard[16];
    char libcurl[RUN_LIBCURL_SIZE]; /* the version that the jobs used; "" when they used none */
    char said[JOB_SAID_SIZE];       /* job_said() */
    struct err failure;             /* "" when the run was carried out, even if jobs of it failed */
    struct job_ledger ledger;       /* of the measured jobs that ended without error */
    uint64_t refused;               /* arrivals that found load.limit jobs in the system */
    uint64_t unserved;      /* jobs that had not begun load.drain_ns after the last arrival */
    uint64_t in_flight_max; /* most jobs in the system at once */
    uint64_t threads_max;   /* of a model that makes a thread for each job: most at once; else 0 */
    struct service_area area; /* jobs in the system x time, as the load's driver counted it */
    uint64_t begin_late_ns;   /* of a rank: see struct run_rank */
    size_t warmup_samples;    /* so many samples come first and do not count */
    size_t samples_count, beats_count, loops_count;
    struct sample *samples;
    struct beat *beats; /* of several loops, those of the one with the longest lag */
    uint64_t *lags_ns;  /* the longest of each loop while the jobs ran; 0: it had no beat then */
    struct run_rank *ranks; /* of a run of several; their stamps are moved to where all begin as
                               rank 0 does, and their lanes are numbered one after the other */
    size_t ranks_count;
};

/* The runs of one cell that were carried out. */
struct cell_runs {
    const struct cell *cell;
    const struct run_record *const *runs;
    size_t count;
    unsigned cores; /* that a run could use */
    struct kernel_memory kernel;
    unsigned target_cores; /* that its target could use */
};

/* Carry out one run in this process, or a rank's share of it. A rank writes one byte to
 * cell->meet_fd when it is ready, and reads the moment at which all begin (uint64_t, ns).
 * target_pid is the target's process, 0 without one. Fills *out in every case; free it with
 * run_record_deinit(). 0, or a negative errno with out->failure set. One thread at a time: it pins
 * the process, sets its timer slack and runs a loop. */
int run_execute(const struct cell *cell, pid_t target_pid, struct run_record *out);

/* How many jobs count: those after warm-up, whose samples are the first. */
static inline size_t run_counted(const struct run_record *r)
{
    return r->samples_count - r->warmup_samples;
}

/* Was the run carried out? Its jobs may have failed all the same. */
static inline bool run_carried_out(const struct run_record *r)
{
    return r->failure.text[0] == '\0';
}

/* Can the CPU time be separated from the heartbeat's? Where beats take more than three quarters
 * of a process's, they change what the rest costs: a CPU that they keep awake wakes a job for less.
 */
static inline bool run_cpu_is_known(const struct run_record *r)
{
    return r->heartbeat_cpu_ns <= 3 * (r->usage.cpu_user_ns + r->usage.cpu_sys_ns);
}

/* Did the heartbeat await this beat while the jobs ran? Only such beats measure them. */
static inline bool run_beat_counts(const struct run_record *r, const struct beat *beat)
{
    return beat->woke_ns >= r->begin_ns && beat->due_ns <= r->begin_ns + r->makespan_ns;
}

/* What the run did: its work ledger, as documents have it. */
struct ledger run_ledger(const struct run_record *r);

/* Is the share of a rank missing? */
static inline bool run_lacks_rank(const struct run_record *r)
{
    for (size_t i = 0; i < r->ranks_count; i++)
        if (r->ranks[i].failure.text[0] != '\0')
            return true;
    return false;
}

/* Free samples, beats, lags and ranks. */
void run_record_deinit(struct run_record *r);

/* ---- run_wire.c: records through a pipe or file, from the process of a run to the harness. The
 * structs travel as they are. The same program is at both ends, or with `tva pair` another revision
 * of it: a header with magic and sizes refuses records of another form. A change that gives a field
 * another meaning and leaves all sizes alone has to raise MAGIC ---- */

/* Write the record to fd. 0 or a negative errno. */
int run_wire_send(int fd, const struct run_record *r);

/* The same, and free the record as run_record_deinit() does. Samples are freed as they are written,
 * so that two copies never exist at once. */
int run_wire_hand_over(int fd, struct run_record *r);

/* Read one record, once: a file gives up the space of the samples that were read. Free the record
 * with run_record_deinit(); after an error it is empty. 0; -ENODATA when the stream ended before
 * the record did (the process died), which for a file is found before memory is allocated; -EPROTO
 * when it is no record; or another negative errno. */
int run_wire_receive(int fd, struct run_record *out);

/* The same; a file stays as it is. */
int run_wire_read(int fd, struct run_record *out);

/* Read the head of a record alone, from read(arg, data, len), which returns 0 or a negative errno;
 * the arrays follow in the order samples, beats, lags_ns. Errors as above. */
int run_wire_head(int (*read)(void *arg, void *data, size_t len), void *arg,
                  struct run_record *out);

/* ---- run_merge.c: the records of ranks become one ---- */

/* What a rank's process sent through run_wire_send(), as it arrives, and what is known of the rank.
 * A rank with a `failure` is lost, and nothing is read of it. */
struct run_part {
    int (*read)(void *arg, void *data, size_t len); /* 0 or a negative errno */
    void *arg;
    struct run_rank rank;
};

/* Merge parts[count], one rank each in order: *out gets each sample at the place of its job among
 * the jobs of all ranks, with stamps moved so that all ranks begin when rank 0 does; sums of what
 * adds up, and the longest makespan. What all ranks of a machine see (steal, dropped connections)
 * is added once for each host or network. Reads one part after the other, so that each sample is in
 * memory once: 40 bytes, and 8 more at the end of an open loop. The share of a rank that is lost
 * meanwhile is left out, with a sentence in its `failure`. 0 when one rank is there at least; else
 * a negative errno with out->failure set. Free *out with run_record_deinit() in both cases. */
int run_merge(const struct cell *cell, struct run_part *parts, size_t count,
              struct run_record *out);

#endif
