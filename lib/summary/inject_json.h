/* What the document says of faults that were planted in a cell's jobs: key `injected`. */
#ifndef TVA_SUMMARY_INJECT_JSON_H
#define TVA_SUMMARY_INJECT_JSON_H

#include "measure/inject.h"

#include <jansson.h>

/* Add the key to the cell, where there are any: all others are what they seem. 0 or -1. */
int inject_json_add(json_t *cell, const struct inject_fault *faults);

#endif
