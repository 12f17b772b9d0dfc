/* Queueing theory of Poisson arrivals that wait for one of c servers, first come first served:
 * M/M/1, M/M/c, M/M/inf, M/D/1, M/G/1 exactly, M/G/c approximately. Pure functions, any thread.
 * Times in seconds, rates in 1/s.
 *
 * Sources. Erlang B by its recursion and Erlang C from it: Cooper, Introduction to Queueing Theory,
 * 2nd ed. 1981, chapter 3; M/M/c, its waiting time and M/M/inf: Gross and Harris,
 * Fundamentals of Queueing Theory, chapter 2; M/G/1 and M/D/1: Pollaczek-Khinchine, as in
 * Kleinrock, Queueing Systems I, 1975, chapter 5. M/G/c: Kimura, "A two-moment approximation for
 * the mean waiting time in the GI/G/s queue", Management Science 32 (1986), between M/M/c and
 * M/D/c, with M/D/c by Cosmetatos, "Approximate explicit formulae for the average queueing time in
 * the processes (M/D/r) and (D/M/r)", INFOR 13 (1975), but never above M/M/c. For 1 server and for
 * exponential service that is exact; for fixed service within 1.3 % at up to 16 servers and rho >=
 * 0.5, where Lee and Longton's (1 + scv) / 2 times M/M/c is up to 30 % too low. Two moments are not
 * enough for every distribution: at rho = 0.7 with 4 and 16 servers, simulated waits were some 5 %
 * shorter for lognormal service of scv 1.72 and some 15 to 20 % shorter for the Pareto of
 * distribution.h; for uniform service they agreed within the noise. */
#ifndef TVA_MATH_THEORY_QUEUE_H
#define TVA_MATH_THEORY_QUEUE_H

#include "math/distribution.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define THEORY_QUEUE_UNLIMITED UINT64_MAX /* servers: one for every job */
#define THEORY_QUEUE_SERVERS   1000000u   /* the most otherwise, because work grows with them */

struct theory_queue {
    double arrivals_per_s; /* lambda > 0 */
    double service_s;      /* mean time of a job at a server, > 0 */
    double service_scv;    /* its variance / mean^2, >= 0: 1 exponential, 0 fixed */
    uint64_t servers;      /* c >= 1 */
};

struct theory_queue_result {
    char name[32];           /* "M/M/4", "M/D/1", "M/G/inf" */
    bool exact;              /* mean_wait_s and wait_probability; false for M/G/c */
    double utilisation;      /* rho = lambda * service / c; 0 when servers are unlimited */
    double wait_probability; /* share of the jobs that wait at all */
    double mean_wait_s;      /* over all jobs; jobs that do not wait count as 0 */
    double mean_latency_s;   /* wait and service */
    double mean_waiting;     /* jobs that wait, on average over time */
    double mean_in_system;   /* jobs that wait or are in service: Little's law */
};

/* Solve it. 0; -EINVAL when a value is out of range (*out is all 0); -EDOM when the system is
 * unstable, rho >= 1, so that waits grow as long as jobs come: then utilisation is rho,
 * wait_probability is 1 and all means are INFINITY. */
int theory_queue_solve(const struct theory_queue *q, struct theory_queue_result *out);

/* P(wait <= t) of a solved queue; 0 for t < 0, and for an unstable queue. It jumps at 0 to 1 -
 * wait_probability. Jobs that wait do so exponentially: exact for M/M/c. Elsewhere it is the
 * exponential with the right mean and jump, as in heavy traffic (Kingman, "On queues in heavy
 * traffic", 1962), whose tail is too long for service that varies less: the 99th percentile of
 * M/D/1 is 17 % too large at rho = 0.5, 9 % at 0.7 and 3 % at 0.9; theory_fixed.h is exact. */
double theory_queue_wait_cdf(const struct theory_queue_result *r, double t);

/* The time that a share p of the waits does not exceed, 0 <= p < 1: 0 if so many jobs do not wait;
 * INFINITY for an unstable queue. */
double theory_queue_wait_percentile(const struct theory_queue_result *r, double p);

/* P(latency <= t), latency being wait and service together, of a solved queue whose service has
 * this distribution with mean q->service_s; 0 for an unstable queue. Wait and service of a job are
 * independent in a FIFO queue, so this is the convolution of theory_queue_wait_cdf() with the
 * service: in closed form for exponential and fixed service, by the midpoint rule otherwise (error
 * below 1e-5). Exact for M/M/c. Elsewhere it inherits the error of the wait's distribution: at rho
 * = 0.7, simulated probabilities differed by at most 0.035 with 4 servers (fixed service: 0.09;
 * theory_fixed.h is exact), and 0.07 with 1. Source: Gross and Harris, Fundamentals of Queueing
 * Theory, chapter 2, on M/M/c. */
double theory_queue_latency_cdf(const struct theory_queue *q, const struct theory_queue_result *r,
                                enum distribution service, double t);

/* The time that a share p of the latencies does not exceed, 0 < p < 1, by bisection to 1 part in
 * 10^9; INFINITY for an unstable queue. */
double theory_queue_latency_percentile(const struct theory_queue *q,
                                       const struct theory_queue_result *r,
                                       enum distribution service, double p);

/* Erlang B: the share of arrivals that find all servers busy and are lost. load = lambda * service
 * >= 0, in erlang. Erlang C: the share that waits where none is lost; 1 for load >= servers. */
double theory_erlang_b(uint64_t servers, double load);
double theory_erlang_c(uint64_t servers, double load);

/* The queue itself instead of a formula: how long each job waits when these arrivals with these
 * service times meet c servers, first come first served, and nothing else takes time.
 *
 * With the draws of one run this gives the ideal waits of that very run. Measured minus this is
 * what the implementation adds, without the luck of the draw; this minus the formula is that luck,
 * a control variate (Lavenberg and Welch, "A perspective on the use of control variables to
 * increase the efficiency of Monte Carlo simulations", Management Science 27, 1981).
 *
 * waits_ns[i] gets the time from arrival i until a server takes it. arrivals_ns[n] ascend;
 * service_ns[n] belong to them; servers >= 1. The arrays may not overlap, but waits_ns may be
 * service_ns. Sums stop at UINT64_MAX. One server: the recursion of Lindley, "The theory of queues
 * with a single server", 1952. More: a heap of the times at which servers become free, the workload
 * vector of Kiefer and Wolfowitz, "On the theory of queues with many servers", 1955; n log c steps.
 * 0; -EINVAL when arrivals fall or servers is 0, or -ENOMEM: then waits_ns are not to be used. */
int theory_fifo_waits(const uint64_t *arrivals_ns, const uint64_t *service_ns, size_t n,
                      uint64_t servers, uint64_t *waits_ns);

#endif
