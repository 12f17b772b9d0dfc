/* Numbers into JSON, which has neither NaN nor 64-bit unsigned integers; and JSON as text. */
#ifndef TVA_RESULT_VALUE_H
#define TVA_RESULT_VALUE_H

#include "base/clock.h"

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

/* A number, rounded to the 12 digits that are written, so that a document reads back as it was;
 * null when it is not finite, an integer when it is whole. NULL when out of memory. */
json_t *value_number(double v);

/* A count; INT64_MAX when larger. NULL when out of memory. */
json_t *value_count(uint64_t v);

/* A time as JSON has it. */
static inline double value_seconds(uint64_t ns)
{
    return (double)ns / (double)NS_PER_S;
}

/* Write a document as text for people and for diff: an object's members and a list's objects on
 * lines of their own, lists of numbers on one line. 0, or -EIO or -ENOMEM. */
int value_write(const json_t *value, FILE *out);

#endif
