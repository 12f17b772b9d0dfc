/* What happened when, for a timeline: rows (main, a task, a thread), each in one state at a time;
 * marks; and the beats of the event loop.
 *
 * Times are ns on the one clock. One thread at a time. The first lack of memory is kept and
 * reported by recorder_finish(), so that what records needs no checks. */
#ifndef TVA_DEMOS_RECORDER_H
#define TVA_DEMOS_RECORDER_H

#include <stddef.h>
#include <stdint.h>

enum span_kind {
    SPAN_CREATED, /* it exists, and has not started */
    SPAN_WAITING, /* suspended until something else is done, asleep also; the loop is free */
    SPAN_ACTIVE,  /* at work, but the loop is free: in a thread, or in steps between awaits */
    SPAN_HOLDING, /* on the CPU or in a blocking call, and the loop with it */
};

#define SPAN_LABEL_MAX 48

/* Invariant: begin_ns <= end_ns; of one row only the newest span may still be open. */
struct span {
    unsigned row;
    enum span_kind kind;
    uint64_t begin_ns, end_ns; /* end_ns is 0 while it is open */
    char label[SPAN_LABEL_MAX];
};

struct mark {
    unsigned row;
    uint64_t at_ns;
    char label[SPAN_LABEL_MAX];
};

struct recorder_beat {
    uint64_t due_ns, woke_ns;
};

struct recorder;

/* Make an empty one; NULL when out of memory. Free it; NULL is allowed. */
struct recorder *recorder_create(void);
void recorder_destroy(struct recorder *r);

/* Add a row under the others; its number, counted from 0. The name is copied. */
unsigned recorder_row(struct recorder *r, const char *name);

/* From now on the row is in this state, which ends the one that it was in. The label (printf style,
 * cut at SPAN_LABEL_MAX) may be empty. */
void recorder_enter(struct recorder *r, unsigned row, enum span_kind kind, const char *label, ...)
    __attribute__((format(printf, 4, 5)));

/* The row's state ends now; without one, nothing happens. */
void recorder_leave(struct recorder *r, unsigned row);

/* A span that is over already: for what other threads did. */
void recorder_add(struct recorder *r, unsigned row, enum span_kind kind, uint64_t begin_ns,
                  uint64_t end_ns, const char *label);

/* Something that happened now, in no time. */
void recorder_mark(struct recorder *r, unsigned row, const char *label, ...)
    __attribute__((format(printf, 3, 4)));

/* A beat of the loop: when it was due and when it came. One that came early was not late. */
void recorder_beat(struct recorder *r, uint64_t due_ns, uint64_t woke_ns);

/* End every state that is still open, now. 0, or -ENOMEM when anything was lost. */
int recorder_finish(struct recorder *r);

/* What was recorded, in the order it began; valid until the next call that adds to it. */
size_t recorder_rows(const struct recorder *r);
const char *recorder_row_name(const struct recorder *r, unsigned row);
const struct span *recorder_spans(const struct recorder *r, size_t *count);
const struct mark *recorder_marks(const struct recorder *r, size_t *count);
const struct recorder_beat *recorder_beats(const struct recorder *r, size_t *count);

#endif
