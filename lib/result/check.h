/* Is a document that was read a result? Exporters, charts and comparisons rely on what is checked
 * here. */
#ifndef TVA_RESULT_CHECK_H
#define TVA_RESULT_CHECK_H

#include "base/err.h"

#include <jansson.h>

/* Check version and shape: every key that the schema requires is there and of its type, lists
 * included; integers, which are counts and sizes, are not negative. `name` says in messages what
 * was read. 0, or -EINVAL with *err naming the first fault.
 */
int check_document(const json_t *document, const char *name, struct err *err);

#endif
