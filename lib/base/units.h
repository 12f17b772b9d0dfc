/* Durations, sizes and counts as people write them. Any thread. */
#ifndef TVA_BASE_UNITS_H
#define TVA_BASE_UNITS_H

#include <stddef.h>
#include <stdint.h>

/* Parse "10ms", "1.5s", "250us", "7ns" into ns; only 0 needs no unit. 0, or -EINVAL (not a
 * duration, or finer than 1 ns), or -ERANGE (does not fit). *out is written on success only. */
int units_parse_duration(const char *text, uint64_t *out_ns);

/* Parse "4096", "4k", "16M", "2G" (powers of 1024, an optional trailing B or iB) into bytes.
 * Errors as above. */
int units_parse_size(const char *text, uint64_t *out_bytes);

/* Parse a whole number >= 0, with optional k, M, G for powers of 1000. Errors as above. */
int units_parse_count(const char *text, uint64_t *out);

/* Parse a number at the beginning of the text: "12" or "12.5", and no other form of strtod().
 * Returns the rest of the text, NULL when there is no number. */
const char *units_parse_decimal(const char *text, double *out);

/* Parse a share, "38%", "0.5%" or "0.38", into 0 to 1. -EINVAL (no share), -ERANGE (above 1). */
int units_parse_share(const char *text, double *out);

/* Write a duration with three significant digits and its unit ("10.4 ms", "1.02 s", "870 ns"), a
 * size ("4.12 KiB") or a count ("12,345") into buf; returns buf. 32 bytes are always enough. */
char *units_format_duration(double ns, char *buf, size_t size);
char *units_format_size(double bytes, char *buf, size_t size);
char *units_format_count(uint64_t n, char *buf, size_t size);

/* Text that the parse function reads back as exactly the same value: a whole number of the largest
 * unit that allows one ("10ms", "1500us", "4k", "0"). For names of cells; returns buf. */
char *units_exact_duration(uint64_t ns, char *buf, size_t size);
char *units_exact_size(uint64_t bytes, char *buf, size_t size);
char *units_exact_count(uint64_t n, char *buf, size_t size);

#endif
