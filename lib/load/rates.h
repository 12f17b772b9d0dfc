/* A rate of arrivals that changes: pieces of a time, in each of which it is constant or goes in a
 * straight line from one rate to another. Pure functions, any thread. */
#ifndef TVA_LOAD_RATES_H
#define TVA_LOAD_RATES_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOAD_PIECES_MAX      12
#define LOAD_RATES_TEXT_SIZE 192 /* enough for every text that load_rates_parse() takes */

struct load_piece {
    double from_per_s, to_per_s; /* above 0; equal: constant */
    uint64_t duration_ns;        /* 0: not given, in a text of one ramp */
};

struct load_rates {
    size_t count; /* 0: the rate does not change */
    struct load_piece pieces[LOAD_PIECES_MAX];
};

/* Is this the text of a rate that changes, rather than of rates between commas? */
bool load_rates_are_in(const char *text);

/* "100..2000/s", a ramp without a time; or pieces with their times: "200/s@10s,100..500/s@5s". 0,
 * or -EINVAL with *err set to what follows the text in a sentence. *out is written on success only.
 */
int load_rates_parse(const char *text, struct load_rates *out, struct err *err);

/* The text that load_rates_parse() reads back as exactly the same; returns buf. */
char *load_rates_format(const struct load_rates *r, char *buf, size_t size);

uint64_t load_rates_duration_ns(const struct load_rates *r);
double load_rates_most_per_s(const struct load_rates *r);
double load_rates_mean_per_s(const struct load_rates *r); /* over its duration, which is above 0 */

/* When so many jobs are wanted, in ns from the first piece on: the inverse of the cumulative rate,
 * whose pieces are parabolas. The last rate goes on behind the last piece.
 *
 * It makes arrivals at a rate that changes out of arrivals at rate 1: evenly spaced ones have one
 * job each between them under the curve of the rate, and a Poisson process becomes the Poisson
 * process of that rate (Cinlar, "Introduction to Stochastic Processes", 1975, section 4.7; as a way
 * to draw it: Lewis and Shedler, "Simulation of nonhomogeneous Poisson processes by thinning",
 * Naval Research Logistics Quarterly 26, 1979, section 1). */
double load_rates_when_ns(const struct load_rates *r, double jobs);

#endif
