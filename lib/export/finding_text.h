/* What sentences of finding are made of, for lib/result/finding*.c alone. */
#ifndef TVA_EXPORT_FINDING_TEXT_H
#define TVA_EXPORT_FINDING_TEXT_H

#include "export/ranking.h"

#include <stddef.h>

/* A sentence that grows in the caller's buffer; what does not fit is cut. */
struct finding_text {
    char *buf;
    size_t size, len;
};

void finding_add(struct finding_text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void finding_add_duration(struct finding_text *t, double s);
void finding_add_ratio(struct finding_text *t, double ratio);

/* What stands before item i of n in "a, b and c". */
const char *finding_separator(size_t i, size_t n);

/* "a, b and c" */
void finding_add_labels(struct finding_text *t, const struct ranked *cells, size_t n);

/* The invalid ones with their first reason; and that a ranking rests on few runs. */
void finding_add_invalid(struct finding_text *t, const struct ranking *r);
void finding_add_few_runs(struct finding_text *t, const struct ranking *r);

/* The sentence on cells of an open or a closed loop. */
void finding_loop(struct finding_text *t, const struct ranking *r);

#endif
