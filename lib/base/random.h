/* Random numbers by index: number `index` of a stream is a function of (seed, stream, index) alone.
 * So a job draws the same under every model, in any order and on any thread, and there is no state
 * to share. Pure functions, any thread.
 *
 * A stream is SplitMix64, beginning at a state hashed from seed and stream. The state advances by a
 * constant, so output n is computed without those before it. Within a stream no output comes twice.
 * Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
 * OOPSLA 2014, which passes BigCrush; it is not for secrets. */
#ifndef TVA_BASE_RANDOM_H
#define TVA_BASE_RANDOM_H

#include <stdint.h>

/* One stream for each use, so that no two are correlated. A run can be repeated only while these
 * numbers stay as they are. */
enum random_stream {
    RANDOM_DURATIONS = 1, /* of jobs: index job * requests of a job + request */
    RANDOM_ARRIVALS = 2,  /* gaps between arrivals: index of the arrival */
    RANDOM_POISON = 3,    /* which jobs block the loop: index of the job */
    RANDOM_SHUFFLES = 17, /* of a permutation test: index shuffle * values + position */
};

/* 64 random bits. */
uint64_t random_bits(uint64_t seed, uint64_t stream, uint64_t index);

/* Uniform in the open interval (0, 1), a multiple of 2^-53 between 2^-53 and 1 - 2^-53, so that
 * logarithms of it and of its complement are finite. u and 1 - u are equally likely. */
double random_uniform(uint64_t seed, uint64_t stream, uint64_t index);

#endif
