/* What paired blocks show: is the contender slower than the base, is it not, or is that not
 * known? Observations in, verdict out. Pure functions, any thread.
 *
 * A block measures base, contender, and the relinked base (the base's code, linked again) side by
 * side. All values here are natural logarithms of ratios to the base of the same block: 0.1 means
 * slower, or more, by a factor of exp(0.1).
 *
 *   screen   every metric: the exact one-sided signed-rank test of whether the contender lies above
 *            a minimal effect. This is 2 %, or more when the relinked base itself differs by more:
 *            the 95th percentile of the distance from 0 of its estimate from so many blocks, by the
 *            spread of the blocks.
 *   confirm  the metrics that the screen suspects, and those of which it could not have seen
 *            enough, on fresh blocks alone: as many as give 90 % power at the spread of the screen.
 *            The same test, Holm-corrected at 1 % over all metrics that are confirmed. The blocks
 *            that led to the suspicion are not used again, so this holds for the suite. A
 * regression has to lie above the relinked base as well, at 5 %.
 *
 *   null     the relinked base against the base: by the screen in both directions, in more metrics
 *            than chance explains; or above it by the test that confirms. When this rejects, the
 *            machine and not the code makes the difference.
 *
 * A metric is inconclusive, and never passes, when an effect of less than `worth` could not have
 * been seen. The spread of the fresh blocks decides that when it is larger than the planned one. */
#ifndef TVA_BENCH_PAIR_DECIDE_H
#define TVA_BENCH_PAIR_DECIDE_H

#include <stdbool.h>
#include <stddef.h>

#define PAIR_SCREEN_BLOCKS 8
#define PAIR_FRESH_MAX     40   /* blocks in which a metric is confirmed, at most */
#define PAIR_EFFECT_LEAST  0.02 /* a smaller share is never a regression */

enum pair_verdict { PAIR_PASS, PAIR_REGRESSION, PAIR_INCONCLUSIVE, PAIR_VERDICTS };

extern const char *const pair_verdict_words[PAIR_VERDICTS];

/* One value for each block in which all arms have one. Owned by the caller. */
struct pair_series {
    const double *contender, *relinked;
    size_t count;
};

struct pair_test {
    double spread;   /* standard deviation of a block, from the bulk of them; NAN: too few blocks */
    double minimal;  /* what a regression has to exceed */
    double smallest; /* effect that the test sees with 90 %; INFINITY when none */
    double p;        /* contender above `minimal`; 1 without blocks */
    double null_p;   /* two-sided: relinked further than `minimal` from 0 */
    double null_above_p; /* relinked above `minimal` */
    double again_p;      /* contender above the relinked base by `minimal` */
};

/* One metric of one cell. */
struct pair_comparison {
    /* What was measured. */
    size_t cell, metric; /* of struct pair_blocks, and of pair_metrics */
    struct pair_series screen, fresh;
    double worth; /* an effect that a pass has to rule out */

    /* The results of pair_screen() and pair_conclude(). */
    struct pair_test screened, confirmed;
    bool suspect;                     /* the screen suspects a regression */
    size_t fresh_wanted;              /* blocks for the confirmation; 0: none needed */
    double p_holm, null_p_holm;       /* of the confirmation, corrected; 1 when there was none */
    double estimate, ci_low, ci_high; /* Hodges and Lehmann's, from the fresh blocks where there are
                                         any, and its 95 % interval; NAN: no blocks */
    double null_estimate;
    enum pair_verdict verdict;
    const char *reason; /* why it is inconclusive; static storage, NULL elsewhere */
};

struct pair_conclusion {
    enum pair_verdict verdict;
    size_t counts[PAIR_VERDICTS]; /* metrics of each verdict */
    bool null_rejected;           /* then verdict is inconclusive */
    size_t null_strayed;          /* metrics whose relinked base the screen would have suspected */
};

/* Screen all metrics, and decide which are measured again and in how many blocks. 0; -EINVAL for a
 * value that is not finite; -ENOMEM. */
int pair_screen(struct pair_comparison *metrics, size_t count);

/* Judge all metrics, after those with fresh_wanted were measured again as far as time allowed.
 * Errors as above. */
int pair_conclude(struct pair_comparison *metrics, size_t count, struct pair_conclusion *out);

/* The smallest effect of this metric that the session could have seen, after pair_conclude(): for a
 * suspect by the fresh blocks, since the screen has not cleared it; for a metric that needed none
 * by the screen. */
double pair_smallest(const struct pair_comparison *m);

/* ---- How much ratios vary from block to block, and what so many blocks can show. `spread` is the
 * standard deviation of a block ---- */

#define PAIR_POWER_BLOCKS_MIN 4 /* fewer can suspect nothing at 10 %: 2^-3 is more than that */

/* The standard deviation that the bulk of the deviations would have if they were normal: those of
 * the contender from its own center, and of the relinked base from 0, without the largest quarter.
 * So one block in which the machine did something else does not widen all. NAN with fewer than
 * PAIR_POWER_BLOCKS_MIN blocks; at least 1 part in 10^6, so that it can be divided by. 0; -EINVAL
 * for a value that is not finite; -ENOMEM. */
int pair_power_spread(const double *contender, const double *relinked, size_t n, double *out);

/* What a regression has to exceed: 2 %, or what 95 % of estimates from n blocks of equal code stay
 * below. */
double pair_power_minimal(double spread, size_t n);

/* The smallest effect that n blocks show with 90 % by a test at that alpha, in *out; INFINITY where
 * they can show nothing. 0 or errors as of stats_power_effect(). */
int pair_power_smallest(double spread, size_t n, double alpha, double *out);

/* Does the test of n blocks, PAIR_FRESH_MAX at most, still reach alpha when one block contradicts
 * all others with the largest difference? P(W <= n): its rank is n, and W's distribution is
 * symmetrical. 0 or -ENOMEM. */
int pair_power_bears_one(size_t n, double alpha, bool *out);

#endif
