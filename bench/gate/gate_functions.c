#include "base/text.h"
#include "gate/gate.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define NAMED 3 /* functions */

/* A function whose instructions a job rose, in the cell where they rose most. */
struct growth {
    const char *function, *cell;
    double before, now;
    bool less; /* the baseline's cell does not name it: it made less than `before` */
};

static double rise(const struct growth *g)
{
    return g->function != NULL ? g->now - (g->less ? 0 : g->before) : 0;
}

/* Put it among the largest, a function once. */
static void rank(struct growth most[NAMED], struct growth g)
{
    size_t i = 0;

    while (i < NAMED && (most[i].function == NULL || strcmp(most[i].function, g.function) != 0))
        i++;
    if (i == NAMED)
        i--;
    if (rise(&g) <= rise(&most[i]))
        return;
    for (; i > 0 && rise(&most[i - 1]) < rise(&g); i--)
        most[i] = most[i - 1];
    most[i] = g;
}

static void rank_cell(struct growth most[NAMED], const char *cell, const json_t *before,
                      const json_t *now)
{
    const char *name;
    json_t *value;
    double least = INFINITY; /* of those that are named */

    json_object_foreach((json_t *)before, name, value)
    {
        least = fmin(least, json_number_value(value));
    }
    json_object_foreach((json_t *)now, name, value)
    {
        const json_t *was = json_object_get(before, name);

        rank(most, (struct growth){name, cell, was != NULL ? json_number_value(was) : least,
                                   json_number_value(value), was == NULL});
    }
}

int gate_functions_add_note(const json_t *baseline, struct gate *gate)
{
    struct growth most[NAMED] = {{0}};
    bool rose = false, known = false;
    char text[1024] = "";

    for (size_t i = 0; i < gate->count; i++) {
        const struct gate_row *row = &gate->rows[i];
        const json_t *before, *now;

        if (row->outcome != GATE_WORSE || strcmp(row->metric, "instructions_per_job") != 0)
            continue;
        before = json_object_get(
            gate_shape_at(json_object_get(baseline, "counts"), row->cell, row->metric),
            "functions");
        now = json_object_get(
            gate_shape_at(json_object_get(gate->extract, "counts"), row->cell, row->metric),
            "functions");
        rose = true;
        known = known || (json_object_size(before) > 0 && now != NULL);
        if (json_object_size(before) > 0)
            rank_cell(most, row->cell, before, now);
    }
    for (size_t i = 0; i < NAMED && most[i].function != NULL && rise(&most[i]) > 0; i++) {
        text_add(text, sizeof text, "%s%s from %s%.5g to %.5g (%s)", i > 0 ? "; " : "",
                 most[i].function, most[i].less ? "less than " : "", most[i].before, most[i].now,
                 most[i].cell);
    }
    if (!rose || (known && text[0] == '\0'))
        return 0;
    return known ? result_add_sentence(gate->notes,
                                       "of the functions, these make more instructions a job: %s",
                                       text)
                 : result_add_sentence(gate->notes,
                                       "which functions make more instructions is not known, since "
                                       "the baseline or the run does not have them by function; "
                                       "this tva saves them");
}
