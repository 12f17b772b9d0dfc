/* What a comparison says, in words. Functions with a buffer return it. One thread at a time. */
#ifndef TVA_BENCH_COMPARE_TEXT_H
#define TVA_BENCH_COMPARE_TEXT_H

#include "compare/compare.h"

/* "12% longer", "2.4 times A's", "no difference larger than 2%", "cannot tell", with a reason where
 * there is one. */
char *compare_text_words(const struct compare *c, const struct compare_row *row, char *buf,
                         size_t size);

/* "9..15%" or "2.1..2.9 times", as the words have it; "" without an interval. */
char *compare_text_interval(const struct compare_row *row, char *buf, size_t size);

/* The name of the row's cell; of a cell against its base "tasks against sequential, sleep x 100".
 */
char *compare_text_cell(const struct compare_row *row, char *buf, size_t size);

/* "tasks sleep:duration=10ms x 100: makespan 12% longer (95% interval 9..15%)" */
char *compare_text_sentence(const struct compare *c, const struct compare_row *row, char *buf,
                            size_t size);

/* The row's values, "10.3 ms" or "0.0103 of sequential's". */
char *compare_text_value(const struct compare_row *row, double value, char *buf, size_t size);

/* The whole in a sentence: "of 427 figures of 61 cells 3 are worse, 2 better; ..." */
char *compare_text_summary(const struct compare *c, char *buf, size_t size);

/* What has to be known to read it: sessions measured apart, machine and software, chance. A list of
 * sentences that the caller drops; NULL when out of memory. */
json_t *compare_text_notes(const struct compare *c);

#endif
