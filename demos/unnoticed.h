/* What the demos claim whose request leaves the loop free. */
#ifndef TVA_DEMOS_UNNOTICED_H
#define TVA_DEMOS_UNNOTICED_H

#include "counter.h"
#include "http_request.h"

/* Claim that the counter went on as if there were no request: `beats` of it had come when the
 * answer came. */
void unnoticed_judge(struct demo_run *d, const struct counter *c, int beats,
                     const struct http_request *r, int status);

#endif
