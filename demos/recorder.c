#include "recorder.h"

#include "base/array.h"
#include "base/clock.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define NO_SPAN SIZE_MAX

struct row {
    char name[SPAN_LABEL_MAX];
    size_t open; /* index of the span that has not ended, or NO_SPAN */
};

/* An array that grows; its elements' size is given with each call. */
struct array {
    void *items;
    size_t count, capacity;
};

struct recorder {
    struct array rows, spans, marks, beats;
    bool lost; /* something could not be kept */
};

/* Room for one more at the end, or NULL. */
static void *append(struct recorder *r, struct array *a, size_t size)
{
    if (array_grow(&a->items, a->count, &a->capacity, size) < 0) {
        r->lost = true;
        return NULL;
    }
    return (char *)a->items + size * a->count++;
}

struct recorder *recorder_create(void)
{
    return calloc(1, sizeof(struct recorder));
}

void recorder_destroy(struct recorder *r)
{
    if (r == NULL)
        return;
    free(r->rows.items);
    free(r->spans.items);
    free(r->marks.items);
    free(r->beats.items);
    free(r);
}

unsigned recorder_row(struct recorder *r, const char *name)
{
    struct row *row = append(r, &r->rows, sizeof *row);

    if (row == NULL)
        return UINT32_MAX; /* no row: what is recorded of it is dropped */
    row->open = NO_SPAN;
    snprintf(row->name, sizeof row->name, "%s", name);
    return (unsigned)(r->rows.count - 1);
}

static struct row *find(const struct recorder *r, unsigned row)
{
    return row < r->rows.count ? (struct row *)r->rows.items + row : NULL;
}

static void end_open(struct recorder *r, struct row *row, uint64_t now_ns)
{
    if (row->open != NO_SPAN)
        ((struct span *)r->spans.items)[row->open].end_ns = now_ns;
    row->open = NO_SPAN;
}

void recorder_enter(struct recorder *r, unsigned row, enum span_kind kind, const char *label, ...)
{
    struct row *found = find(r, row);
    uint64_t now_ns = clock_now_ns();
    struct span *span;
    va_list args;

    if (found == NULL)
        return;
    end_open(r, found, now_ns);
    span = append(r, &r->spans, sizeof *span);
    if (span == NULL)
        return;
    *span = (struct span){.row = row, .kind = kind, .begin_ns = now_ns};
    va_start(args, label);
    vsnprintf(span->label, sizeof span->label, label, args);
    va_end(args);
    found->open = r->spans.count - 1;
}

void recorder_leave(struct recorder *r, unsigned row)
{
    struct row *found = find(r, row);

    if (found != NULL)
        end_open(r, found, clock_now_ns());
}

void recorder_add(struct recorder *r, unsigned row, enum span_kind kind, uint64_t begin_ns,
                  uint64_t end_ns, const char *label)
{
    struct span *span = find(r, row) ? append(r, &r->spans, sizeof *span) : NULL;

    if (span == NULL)
        return;
    *span = (struct span){.row = row, .kind = kind, .begin_ns = begin_ns, .end_ns = end_ns};
    snprintf(span->label, sizeof span->label, "%s", label);
}

void recorder_mark(struct recorder *r, unsigned row, const char *label, ...)
{
    struct mark *mark = find(r, row) ? append(r, &r->marks, sizeof *mark) : NULL;
    va_list args;

    if (mark == NULL)
        return;
    *mark = (struct mark){.row = row, .at_ns = clock_now_ns()};
    va_start(args, label);
    vsnprintf(mark->label, sizeof mark->label, label, args);
    va_end(args);
}

void recorder_beat(struct recorder *r, uint64_t due_ns, uint64_t woke_ns)
{
    struct recorder_beat *beat = append(r, &r->beats, sizeof *beat);

    if (beat != NULL)
        *beat = (struct recorder_beat){due_ns < woke_ns ? due_ns : woke_ns, woke_ns};
}

int recorder_finish(struct recorder *r)
{
    uint64_t now_ns = clock_now_ns();

    for (size_t i = 0; i < r->rows.count; i++)
        end_open(r, (struct row *)r->rows.items + i, now_ns);
    return r->lost ? -ENOMEM : 0;
}

size_t recorder_rows(const struct recorder *r)
{
    return r->rows.count;
}

const char *recorder_row_name(const struct recorder *r, unsigned row)
{
    return find(r, row)->name;
}

const struct span *recorder_spans(const struct recorder *r, size_t *count)
{
    *count = r->spans.count;
    return r->spans.items;
}

const struct mark *recorder_marks(const struct recorder *r, size_t *count)
{
    *count = r->marks.count;
    return r->marks.items;
}

const struct recorder_beat *recorder_beats(const struct recorder *r, size_t *count)
{
    *count = r->beats.count;
    return r->beats.items;
}
