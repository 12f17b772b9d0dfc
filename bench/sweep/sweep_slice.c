#include "sweep/sweep_slice.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

bool sweep_slice_choose(const struct sweep *s, size_t axis, size_t a, size_t b, size_t slice,
                        double *where, bool *more)
{
    bool fresh = true;

    for (size_t i = 0; i < SWEEP_AXES_MAX; i++)
        where[i] = NAN;
    for (size_t i = 0; i < s->settings->axes_count; i++) {
        const struct sweep_axis *other = &s->settings->axes[i];

        if (i == axis || other->count == 0)
            continue;
        if (s->series[a].applies[i] || s->series[b].applies[i])
            where[i] = other->values[slice % other->count];
        else
            fresh = fresh && slice % other->count == 0;
        slice /= other->count;
    }
    *more = slice == 0;
    return fresh && *more;
}

void sweep_slice_say(const struct sweep *s, size_t axis, const double *where, char *buf,
                     size_t size)
{
    for (size_t i = 0; i < s->settings->axes_count; i++) {
        char text[64];

        if (i != axis && !isnan(where[i]))
            text_add(buf, size, ", at %s",
                     sweep_axis_phrase(&s->settings->axes[i], where[i], text, sizeof text));
    }
}

bool sweep_slice_axis(const struct sweep *s, const char *name, size_t *axis)
{
    for (*axis = 0; *axis < s->settings->axes_count; (*axis)++)
        if (strcmp(s->settings->axes[*axis].name, name) == 0)
            return true;
    return false;
}
