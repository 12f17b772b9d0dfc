/* What a demo is written in: its Python, whole enough to run, and its C. */
#ifndef TVA_DEMOS_DEMO_SOURCE_H
#define TVA_DEMOS_DEMO_SOURCE_H

#include "demo.h"

#include <stdio.h>

/* Write both from the demo's file in this folder: the Python stands in its comment and in those of
 * the headers beside it that it includes. 0 or a negative errno with *err set. */
int demo_source_write(const struct demo *demo, const char *folder, FILE *out, struct err *err);

#endif
