/* A share of numbered things that several processes deal out among them in turn: number i is of
 * process i mod count. Any thread. */
#ifndef TVA_BASE_SHARE_H
#define TVA_BASE_SHARE_H

#include <stdint.h>

struct share {
    unsigned number; /* of the process, from 0 */
    unsigned count;  /* of processes; 0 or 1: all things are of this one */
    unsigned here;   /* of processes, those that may use this one's CPUs; 0 or 1: this one alone */
};

/* How many of the numbers 0 .. n - 1 belong to the share. */
static inline uint64_t share_of(struct share s, uint64_t n)
{
    return s.count > 1 ? n / s.count + (s.number < n % s.count) : n;
}

/* The number of the share's thing k, counted from 0. */
static inline uint64_t share_number(struct share s, uint64_t k)
{
    return s.count > 1 ? k * s.count + s.number : k;
}

#endif
