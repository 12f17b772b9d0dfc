/* One performance of a demo: what its main() prints, records and checks, and how it is run. */
#ifndef TVA_DEMOS_DEMO_RUN_H
#define TVA_DEMOS_DEMO_RUN_H

#include "async/loop.h"
#include "base/clock.h"
#include "demo.h"
#include "recorder.h"

#include <stdint.h>
#include <stdio.h>

#define DEMO_TEXT_MAX   160
#define DEMO_CLAIMS_MAX 12

/* The row of the main task in the recorder. */
#define DEMO_MAIN 0

/* A demo whose time says nothing. */
#define DEMO_NO_TIME 0

struct demo_claim {
    bool holds;
    char text[DEMO_TEXT_MAX];
};

struct demo_run {
    const struct demo *demo;
    double scale;       /* all durations are multiplied by it */
    const char *server; /* "http://127.0.0.1:4000"; NULL when the demo needs none */
    bool server_is_own; /* the page of somebody's own server, which takes as long as it takes */
    FILE *out;          /* where it tells its story */
    struct loop *loop;  /* while it runs */
    struct recorder *recorder;
    uint64_t start_ns, end_ns;
    uint64_t expected_ns; /* DEMO_NO_TIME: not said */
    char why[DEMO_TEXT_MAX];
    char measured[DEMO_TEXT_MAX], expected[DEMO_TEXT_MAX]; /* beside the time; "" for nothing */
    struct demo_claim claims[DEMO_CLAIMS_MAX];
    size_t claims_count;
};

/* ---- For the demos, in their tasks ---- */

/* A duration at this run's scale, at least 1 ns. */
uint64_t demo_scaled(const struct demo_run *d, uint64_t ns);

/* The same as text, "2s" or "200ms", in buf (32 bytes do); returns buf. */
char *demo_span(const struct demo_run *d, uint64_t ns, char *buf, size_t size);

/* A text whose durations stand in braces, "sleeps {2s}", at this scale: "sleeps 0.2 s"; in buf;
 * returns buf. */
char *demo_text(double scale, const char *text, char *buf, size_t size);

/* Say, now, that `who` does or sees something: a line with the time in front. printf style. */
void demo_say(struct demo_run *d, const char *who, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Claim a part of the lesson, and whether it held: one that did not fails the demo. At most
 * DEMO_CLAIMS_MAX. printf style. Returns holds. */
bool demo_check(struct demo_run *d, bool holds, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* How long it should take, at full scale (or DEMO_NO_TIME), and why, as the end of "expected 2 s:
 * ...", with durations as for demo_text(). Taking less, or very much more, fails the demo. */
void demo_expect(struct demo_run *d, uint64_t expected_ns, const char *why);

/* Cancel the tasks, those that have ended excepted, wait for the end of all, since they work with
 * what the caller owns, and release them. One that is NULL was not made. */
void demo_end_tasks(struct task *const *tasks, int n);

/* What else was measured than the time, in a few words, and what was expected of it. printf style.
 */
#define demo_measured(d, ...) snprintf((d)->measured, sizeof(d)->measured, __VA_ARGS__)
#define demo_expected(d, ...) snprintf((d)->expected, sizeof(d)->expected, __VA_ARGS__)

/* What the program writes to stderr meanwhile: for warnings that are a part of the story. */
struct demo_capture {
    FILE *before;
    char *text;
    size_t len;
};

/* Begin: stderr is a stream in memory. 0 or a negative errno, and nothing changed. */
int demo_capture_begin(struct demo_capture *c);

/* End: stderr is what it was. What was written, without the last newline and cut at size, goes to
 * buf; returns buf. */
char *demo_capture_end(struct demo_capture *c, char *buf, size_t size);

/* ---- For the command that runs them ---- */

/* Set up a run with everything empty, and its recorder. 0 or -ENOMEM. */
int demo_run_init(struct demo_run *d, const struct demo *demo, double scale, const char *server,
                  FILE *out);

/* Free what it holds. */
void demo_run_deinit(struct demo_run *d);

/* Run the demo's main() on a loop of its own, and tell the story and the verdict. Returns true when
 * all that it claims held, false when not; a negative errno with *err set when it could not be
 * carried out. */
int demo_perform(struct demo_run *d, struct err *err);

/* Did every claim hold? */
bool demo_held(const struct demo_run *d);

/* The measured and the expected outcome in a few words, "2.002 s, number of tasks: 6"; buf. */
char *demo_measured_text(const struct demo_run *d, char *buf, size_t size);
char *demo_expected_text(const struct demo_run *d, char *buf, size_t size);

#endif
