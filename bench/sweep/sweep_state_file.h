/* The bytes of a sweep's state file: for sweep_state.c alone, which says what it is. The same
 * program writes and reads it, so numbers are in the machine's own order. */
#ifndef TVA_BENCH_SWEEP_STATE_FILE_H
#define TVA_BENCH_SWEEP_STATE_FILE_H

#include "base/err.h"

#include <stdint.h>
#include <sys/types.h>

struct state_header {
    uint64_t magic, version;
    uint64_t identity_len; /* bytes of text that follow */
    uint64_t seed;
    uint64_t check; /* of the four above and the text */
};

struct state_record {
    uint64_t magic;
    uint64_t key_len, payload_len; /* bytes that follow, in this order */
    uint64_t data_check;           /* of those */
    uint64_t check;                /* of the four above */
};

struct state_header state_header_of(const char *identity, uint64_t seed);

/* Is it the header of this sweep's state? *end: where the records begin. 0, or a negative errno
 * with *err saying what else it is. */
int state_check_header(int fd, const char *path, const char *identity, uint64_t *seed, off_t *end,
                       struct err *err);

/* What there is at an offset below `size`, the length of the file. */
enum state_found {
    STATE_WHOLE,
    STATE_CUT,        /* the beginning of a record, as a crash leaves it at the end */
    STATE_DAMAGED,    /* neither */
    STATE_UNREADABLE, /* errno says why */
};

/* With STATE_WHOLE, *key is to be freed, and may be NULL when there was no memory for it. */
enum state_found state_read_record(int fd, off_t at, off_t size, struct state_record *out,
                                   char **key);

/* Write one at *end and sync; the payload is what is in `memory`. *end is moved behind it. 0 or a
 * negative errno. */
int state_write_record(int fd, off_t *end, const char *key, int memory);

#endif
