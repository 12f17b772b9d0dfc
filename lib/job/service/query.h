/* Texts with blanks and commas as parameters, which can have neither: encoded as in a URL's query,
 * "select+1%2C+2". */
#ifndef TVA_JOB_SERVICE_QUERY_H
#define TVA_JOB_SERVICE_QUERY_H

#include <stddef.h>

/* Decode '+' as a blank and %XX as a byte that is not 0, in place of `size` bytes. The length, or
 * -EINVAL where a % has no such byte. */
int query_decode(const char *text, char *out, size_t size);

#endif
