/* Loads as people write them: rates, shares, and the text of a group. Any thread. */
#ifndef TVA_LOAD_LOAD_TEXT_H
#define TVA_LOAD_LOAD_TEXT_H

#include "load/load.h"

#include <stddef.h>

/* What follows the job in a group's text: " x 100", " @ 500/s poisson 10s", ", 16 clients x 1000",
 * with limit, poison, and drain unless that is the default; returns buf. LOAD_TEXT_SIZE bytes are
 * enough. */
#define LOAD_TEXT_SIZE 256
char *load_format(const struct load *load, uint64_t jobs, char *buf, size_t size);

const char *load_kind_name(enum load_kind kind);
const char *load_arrivals_name(enum load_arrivals arrivals);

/* 0 or -EINVAL; *out is written on success only. */
int load_parse_arrivals(const char *text, enum load_arrivals *out);

/* A rate a second above 0: "500/s", "2k/s", "0.5/s", "500". 0 or -EINVAL. */
int load_parse_rate(const char *text, double *out_per_s);

/* A share from 0 to 1: "2%", "0.02". 0 or -EINVAL. */
int load_parse_share(const char *text, double *out);

/* Text that the parse function reads back as exactly the same value ("500/s", "2%"); returns buf.
 * 64 bytes are enough. */
char *load_format_rate(double per_s, char *buf, size_t size);
char *load_format_share(double share, char *buf, size_t size);

#endif
