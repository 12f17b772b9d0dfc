/* Results that are just enough to be compared. The caller owns what it gets. */
#ifndef TVA_TESTS_SUPPORT_COMPARE_DOCS_H
#define TVA_TESTS_SUPPORT_COMPARE_DOCS_H

#include <jansson.h>
#include <stddef.h>

#define COMPARE_DOCS_RUNS 6

/* Makespans within 1 % of 0.1 s, and within 30 %. */
extern const double compare_docs_steady[COMPARE_DOCS_RUNS];
extern const double compare_docs_noisy[COMPARE_DOCS_RUNS];

/* A valid cell of `sleep x 100` under that model: its makespans are the values times the factor. */
json_t *compare_docs_cell(const char *model, const double *values, size_t count, double factor);

/* A result without cells, of a machine with so many cores. */
json_t *compare_docs_result(int cores, const char *date);

/* Give the result that cell. */
void compare_docs_add(json_t *result, json_t *cell);

#endif
