/* The cells of a result by the names that a comparison matches them by. Reads the document alone.
 * One thread at a time. */
#ifndef TVA_BENCH_COMPARE_CELLS_H
#define TVA_BENCH_COMPARE_CELLS_H

#include <jansson.h>

/* A new object that holds all cells of the result, in its order, by their names. Where a name is
 * there again it is numbered as exports number it: "tasks null x 100", then "tasks null x 100 #2",
 * so that the k-th is matched with the k-th. To be dropped; NULL when out of memory. */
json_t *compare_cells_by_name(const json_t *result);

#endif
