#include "demo_run.h"

#include "base/text.h"
#include "base/units.h"
#include "base/wrap.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define PULSE_PERIOD_NS NS_PER_MS

/* The pulse of the event loop: a beat each millisecond, recorded with when it was due. Unlike the
 * heartbeat of measured runs it is no task, so that the number of tasks and of switches that a demo
 * counts is its own; and it is a timerfd, since libuv's own timers count whole milliseconds. */
struct pulse {
    uv_poll_t poll;
    struct recorder *recorder;
    int fd;          /* fires at due_ns */
    uint64_t due_ns; /* of the next beat */
};

/* Setting the timer again also clears its expiry. */
static void plan_next(struct pulse *p)
{
    struct itimerspec spec = {0};

    p->due_ns = clock_now_ns() + PULSE_PERIOD_NS;
    spec.it_value = clock_timespec(p->due_ns);
    timerfd_settime(p->fd, TFD_TIMER_ABSTIME, &spec, NULL);
}

static void beat(uv_poll_t *poll, int status, int events)
{
    struct pulse *p = poll->data;

    (void)status;
    (void)events;
    recorder_beat(p->recorder, p->due_ns, clock_now_ns());
    plan_next(p);
}

/* Beat from now on, on the loop, into the recorder; p must stay until the loop is destroyed. 0 or a
 * negative errno, and nothing to stop. */
static int pulse_start(struct pulse *p, struct loop *loop, struct recorder *recorder)
{
    int err;

    p->recorder = recorder;
    p->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (p->fd < 0)
        return -errno;
    err = uv_poll_init(loop_uv(loop), &p->poll, p->fd);
    if (err < 0)
        goto err0;
    p->poll.data = p;
    err = uv_poll_start(&p->poll, UV_READABLE, beat);
    if (err < 0)
        goto err1;
    plan_next(p);
    return 0;

err1:
    uv_close((uv_handle_t *)&p->poll, NULL);
err0:
    close(p->fd);
    return err;
}

/* Record the beat that is overdue, if one is, and beat no more. */
static void pulse_stop(struct pulse *p)
{
    uint64_t now_ns = clock_now_ns();

    if (p->due_ns <= now_ns)
        recorder_beat(p->recorder, p->due_ns, now_ns);
    uv_close((uv_handle_t *)&p->poll, NULL);
    close(p->fd);
}

/* A run on a loaded machine may take this much more than expected, and half as much again. */
#define PATIENCE_NS (5 * NS_PER_S)

uint64_t demo_scaled(const struct demo_run *d, uint64_t ns)
{
    double scaled = (double)ns * d->scale;

    return scaled < 1 ? 1 : (uint64_t)scaled;
}

char *demo_span(const struct demo_run *d, uint64_t ns, char *buf, size_t size)
{
    return units_exact_duration(demo_scaled(d, ns), buf, size);
}

/* "200ms" as "200 ms" */
static void add_span(char *buf, size_t size, uint64_t ns)
{
    char span[32];
    size_t digits;

    units_exact_duration(ns, span, sizeof span);
    digits = strspn(span, "0123456789.");
    text_add(buf, size, "%.*s %s", (int)digits, span, span + digits);
}

char *demo_text(double scale, const char *text, char *buf, size_t size)
{
    buf[0] = '\0';
    while (*text != '\0') {
        size_t plain = strcspn(text, "{"), inside = strcspn(text + plain, "}");
        char span[32];
        uint64_t ns = 0;

        text_add(buf, size, "%.*s", (int)plain, text);
        text += plain;
        if (*text == '\0')
            break;
        snprintf(span, sizeof span, "%.*s", (int)inside - 1, text + 1);
        units_parse_duration(span, &ns);
        add_span(buf, size, (uint64_t)((double)ns * scale));
        text += inside + 1;
    }
    return buf;
}

void demo_say(struct demo_run *d, const char *who, const char *format, ...)
{
    double at_s = (double)(clock_now_ns() - d->start_ns) / NS_PER_S;
    char lead[64], text[2 * DEMO_TEXT_MAX];
    va_list args;

    snprintf(lead, sizeof lead, "%8.3f s  %-10s ", at_s, who);
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    wrap_write(d->out, wrap_columns(d->out), lead, text);
    fflush(d->out); /* as it happens, also into a pipe */
}

bool demo_check(struct demo_run *d, bool holds, const char *format, ...)
{
    struct demo_claim *claim = &d->claims[d->claims_count];
    va_list args;

    if (d->claims_count == DEMO_CLAIMS_MAX)
        return holds;
    d->claims_count++;
    claim->holds = holds;
    va_start(args, format);
    vsnprintf(claim->text, sizeof claim->text, format, args);
    va_end(args);
    return holds;
}

void demo_expect(struct demo_run *d, uint64_t expected_ns, const char *why)
{
    d->expected_ns = expected_ns == DEMO_NO_TIME ? DEMO_NO_TIME : demo_scaled(d, expected_ns);
    demo_text(d->scale, why, d->why, sizeof d->why);
}

/* glibc lets a program assign the standard streams. */
int demo_capture_begin(struct demo_capture *c)
{
    FILE *text = open_memstream(&c->text, &c->len);

    if (text == NULL)
        return -errno;
    c->before = stderr;
    stderr = text;
    return 0;
}

char *demo_capture_end(struct demo_capture *c, char *buf, size_t size)
{
    fclose(stderr);
    stderr = c->before;
    if (c->len > 0 && c->text[c->len - 1] == '\n')
        c->text[c->len - 1] = '\0';
    snprintf(buf, size, "%s", c->text);
    free(c->text);
    return buf;
}

int demo_run_init(struct demo_run *d, const struct demo *demo, double scale, const char *server,
                  FILE *out)
{
    *d = (struct demo_run){.demo = demo, .scale = scale, .server = server, .out = out};
    d->recorder = recorder_create();
    return d->recorder ? 0 : -ENOMEM;
}

void demo_run_deinit(struct demo_run *d)
{
    recorder_destroy(d->recorder);
    d->recorder = NULL;
}

bool demo_held(const struct demo_run *d)
{
    for (size_t i = 0; i < d->claims_count; i++)
        if (!d->claims[i].holds)
            return false;
    return d->claims_count > 0;
}

static char *outcome(uint64_t ns, bool timed, const char *beside, char *buf, size_t size)
{
    buf[0] = '\0';
    if (timed)
        text_add(buf, size, "%.3f s%s", (double)ns / NS_PER_S, beside[0] ? ", " : "");
    text_add(buf, size, "%s", beside);
    return buf;
}

char *demo_measured_text(const struct demo_run *d, char *buf, size_t size)
{
    return outcome(d->end_ns - d->start_ns, d->expected_ns != DEMO_NO_TIME, d->measured, buf, size);
}

char *demo_expected_text(const struct demo_run *d, char *buf, size_t size)
{
    return outcome(d->expected_ns, d->expected_ns != DEMO_NO_TIME, d->expected, buf, size);
}

/* Sleeps never end early, so the sum of those that follow each other is a bound that holds on any
 * machine; the other bound tells minutes from seconds. */
static void check_time(struct demo_run *d)
{
    uint64_t took_ns = d->end_ns - d->start_ns;

    if (d->expected_ns == DEMO_NO_TIME)
        return;
    demo_check(d, took_ns >= d->expected_ns, "it took no less than expected");
    if (took_ns > d->expected_ns + d->expected_ns / 2 + PATIENCE_NS)
        demo_check(d, false, "it took about as long as expected");
}

static void tell_verdict(struct demo_run *d)
{
    char text[2 * DEMO_TEXT_MAX];

    wrap_print(d->out, "  measured  ", "%s", demo_measured_text(d, text, sizeof text));
    wrap_print(d->out, "  expected  ", "%s: %s", demo_expected_text(d, text, sizeof text), d->why);
    if (d->demo->article != NULL)
        wrap_print(d->out, "  article   ", "%s (Python%s)", d->demo->article,
                   d->scale != 1 ? ", at scale 1" : "");
    for (size_t i = 0; i < d->claims_count; i++)
        wrap_print(d->out, d->claims[i].holds ? "  holds     " : "  FAILS     ", "%s",
                   d->claims[i].text);
    wrap_print(d->out, "  lesson    ", "%s", d->demo->lesson);
    wrap_print(d->out, "  verdict   ", "%s",
               demo_held(d) ? "as expected" : "CONTRADICTS the lesson");
    fflush(d->out);
}

void demo_end_tasks(struct task *const *tasks, int n)
{
    for (int i = 0; i < n; i++)
        if (tasks[i] != NULL)
            task_cancel(tasks[i]);
    for (int i = 0; i < n; i++) {
        while (tasks[i] != NULL && !task_done(tasks[i]))
            task_await(tasks[i]);
        task_release(tasks[i]);
    }
}

int demo_perform(struct demo_run *d, struct err *err)
{
    struct pulse pulse;
    char summary[2 * DEMO_TEXT_MAX];
    int result = loop_create(NULL, &d->loop);

    if (result < 0)
        return err_set(err, result, "cannot make an event loop: %s", strerror(-result));
    wrap_print(d->out, "", "%s: %s", d->demo->name,
               demo_text(d->scale, d->demo->summary, summary, sizeof summary));
    if (d->scale != 1)
        fprintf(d->out, "  scale     %g: of every duration\n", d->scale);
    fflush(d->out);
    recorder_row(d->recorder, "main");
    result = pulse_start(&pulse, d->loop, d->recorder);
    if (result == 0) {
        d->start_ns = clock_now_ns();
        result = loop_run(d->loop, coro_create_named(d->demo->main, d, "main"));
        d->end_ns = clock_now_ns();
        pulse_stop(&pulse);
    }
    loop_destroy(d->loop);
    d->loop = NULL;
    if (result >= 0)
        result = recorder_finish(d->recorder);
    if (result < 0)
        return err_set(err, result, "%s could not be carried out: %s", d->demo->name,
                       strerror(-result));
    check_time(d);
    tell_verdict(d);
    return demo_held(d);
}
