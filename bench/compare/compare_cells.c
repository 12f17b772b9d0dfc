#include "compare/compare_cells.h"

#include "result/result.h"

#include <stdio.h>
#include <stdlib.h>

/* The first of "name", "name #2", ... that is not taken. NULL when out of memory. */
static char *free_name(const json_t *cells, const char *name)
{
    size_t number = 1;
    char *text;

    for (;;) {
        if ((number == 1 ? asprintf(&text, "%s", name) : asprintf(&text, "%s #%zu", name, number)) <
            0)
            return NULL;
        if (json_object_get(cells, text) == NULL)
            return text;
        free(text);
        number++;
    }
}

json_t *compare_cells_by_name(const json_t *result)
{
    json_t *cells = json_object(), *cell;
    size_t i;

    json_array_foreach(json_object_get(result, "cells"), i, cell)
    {
        char *name = cells != NULL ? free_name(cells, result_string(cell, "name")) : NULL;
        int rc = name != NULL ? json_object_set(cells, name, cell) : -1;

        free(name);
        if (rc < 0) {
            json_decref(cells);
            return NULL;
        }
    }
    return cells;
}
