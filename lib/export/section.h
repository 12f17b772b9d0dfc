/* A group of cells for people, of which reports and run.md are made: its tables, what makes cells
 * invalid, what to know of them, and the finding. */
#ifndef TVA_EXPORT_SECTION_H
#define TVA_EXPORT_SECTION_H

#include "export/ranking.h"

#include <stdbool.h>
#include <stdio.h>

/* Write it, as wide as the stream's lines may be, or as Markdown. 0 or -ENOMEM. */
int section_write(const struct ranking *r, bool markdown, FILE *out);

#endif
