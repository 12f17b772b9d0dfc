/* What the program exits with. */
#ifndef TVA_BENCH_EXIT_STATUS_H
#define TVA_BENCH_EXIT_STATUS_H

enum exit_status {
    EXIT_GOOD = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2, /* also: what is to be compared cannot be */
    EXIT_REGRESSION = 3,
    EXIT_INCONCLUSIVE = 4,
    EXIT_SIGNAL = 128
};

#endif
