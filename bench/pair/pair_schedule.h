/* The arms of a block: in which order it measures them, and with which layout of each. Pure
 * functions, any thread.
 *
 * A block takes the arms in a random order and then in the reverse order, as ABBA and BAAB do with
 * two. So the mean time of all arms is the same, and a drift that is linear over the block cancels
 * out. Layouts are drawn without repetition until all were used, so that none counts more. The
 * screen uses a third of them, the confirmation the others: code that is slow because of its place
 * in some layouts is not so in the others. */
#ifndef TVA_BENCH_PAIR_SCHEDULE_H
#define TVA_BENCH_PAIR_SCHEDULE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pair_arm { PAIR_BASE, PAIR_RELINKED, PAIR_CONTENDER, PAIR_ARMS };

extern const char *const pair_arm_names[PAIR_ARMS];

#define PAIR_REPEATS_MAX 6
#define PAIR_TURNS       (2 * PAIR_ARMS)                 /* there and back */
#define PAIR_TURNS_MAX   (PAIR_TURNS * PAIR_REPEATS_MAX) /* of a block */

/* The order of arms in a block of a cell, there and back `repeats` times: the same for the same
 * numbers. */
void pair_schedule_turns(uint64_t seed, size_t cell, unsigned block, size_t repeats,
                         enum pair_arm turns[PAIR_TURNS_MAX]);

/* Which of an arm's layouts (1 or more) that block takes. fresh: it confirms. */
size_t pair_schedule_layout(uint64_t seed, size_t cell, unsigned block, enum pair_arm arm,
                            bool fresh, size_t layouts);

/* ---- The programs that are compared: a revision's layouts, for each arm. One thread ---- */

#define PAIR_LAYOUTS_MAX 99

struct pair_layouts {
    char *paths[PAIR_LAYOUTS_MAX];
    size_t count;
};

struct pair_programs {
    struct pair_layouts arms[PAIR_ARMS];
};

/* Add the programs of a list between commas: each is a program, or a folder, of which all
 * executable files are taken in the order of their names. 0, or -EINVAL or -ENOMEM with *err naming
 * what is wrong. */
int pair_layouts_add(struct pair_layouts *l, const char *list, struct err *err);
void pair_programs_deinit(struct pair_programs *p);

#endif
