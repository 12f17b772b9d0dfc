/* The programs that are compared: a revision's layouts, for each arm. One thread. */
#ifndef TVA_BENCH_PAIR_PROGRAMS_H
#define TVA_BENCH_PAIR_PROGRAMS_H

#include "base/err.h"
#include "pair/pair_schedule.h"

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
