#include "gate/gate_rows.h"

#include <errno.h>
#include <stdlib.h>

int gate_rows_add(struct gate *gate, const struct gate_row *row)
{
    if (gate->count == gate->capacity) {
        size_t capacity = gate->capacity > 0 ? 2 * gate->capacity : 64;
        struct gate_row *rows = realloc(gate->rows, capacity * sizeof *rows);

        if (rows == NULL)
            return -ENOMEM;
        gate->rows = rows;
        gate->capacity = capacity;
    }
    gate->rows[gate->count++] = *row;
    return 0;
}
