#include "summary/summary.h"

#include <errno.h>
#include <stdlib.h>

/* One run, cut into windows of equal length. */
struct windows {
    const struct run_record *run;
    struct summary_over_time *out;
    size_t first[SUMMARY_WINDOWS_MAX + 2]; /* in latencies: where each window's begin */
    uint64_t *latencies;                   /* by window */
};

/* 1, 2 or 5 times a power of ten: the shortest that is at least this. */
static uint64_t round_width(double ns)
{
    uint64_t width = 1;

    while ((double)width * 10 <= ns)
        width *= 10;
    for (int i = 0; (double)width < ns; i++)
        width = i % 3 == 1 ? width / 2 * 5 : width * 2;
    return width;
}

static size_t window_of(const struct windows *w, uint64_t ns)
{
    uint64_t since_ns = ns > w->run->begin_ns ? ns - w->run->begin_ns : 0;
    uint64_t index = since_ns / w->out->width_ns;

    return index < w->out->count ? (size_t)index : w->out->count - 1;
}

static void cut(const struct windows *w)
{
    const struct run_record *run = w->run;
    uint64_t last_ns = run->begin_ns;
    size_t wanted = run_counted(run) / SUMMARY_WINDOW_JOBS;

    for (size_t i = run->warmup_samples; i < run->samples_count; i++)
        if (run->samples[i].intended_ns > last_ns)
            last_ns = run->samples[i].intended_ns;
    wanted = wanted < 1 ? 1 : wanted > SUMMARY_WINDOWS_MAX ? SUMMARY_WINDOWS_MAX : wanted;
    w->out->width_ns = round_width((double)(last_ns - run->begin_ns + 1) / (double)wanted);
    w->out->count = (size_t)((last_ns - run->begin_ns) / w->out->width_ns) + 1;
}

/* By counting: the samples need not be in order. */
static int sort_latencies(struct windows *w)
{
    const struct run_record *run = w->run;
    size_t next[SUMMARY_WINDOWS_MAX];

    w->latencies = malloc((run_counted(run) + 1) * sizeof *w->latencies);
    if (w->latencies == NULL)
        return -ENOMEM;
    for (size_t i = run->warmup_samples; i < run->samples_count; i++)
        if (sample_has_latency(&run->samples[i]))
            w->first[window_of(w, run->samples[i].intended_ns) + 1]++;
    for (size_t k = 0; k < w->out->count; k++) {
        w->first[k + 1] += w->first[k];
        next[k] = w->first[k];
    }
    for (size_t i = run->warmup_samples; i < run->samples_count; i++)
        if (sample_has_latency(&run->samples[i])) {
            size_t k = window_of(w, run->samples[i].intended_ns);

            w->latencies[next[k]++] = sample_latency_ns(&run->samples[i]);
        }
    return 0;
}

static void find_lags(struct windows *w)
{
    const struct run_record *run = w->run;

    for (size_t i = 0; i < run->beats_count; i++) {
        const struct beat *b = &run->beats[i];
        size_t last = window_of(w, b->woke_ns);

        if (!run_beat_counts(run, b) || b->woke_ns <= b->due_ns)
            continue;
        for (size_t k = window_of(w, b->due_ns); k <= last; k++) {
            uint64_t begin_ns = run->begin_ns + k * w->out->width_ns;
            uint64_t lag_ns = b->woke_ns - (b->due_ns > begin_ns ? b->due_ns : begin_ns);

            if (b->woke_ns > begin_ns && lag_ns > w->out->windows[k].lag_ns)
                w->out->windows[k].lag_ns = lag_ns;
        }
    }
}

/* Count n arrivals and departures side by side, each in order of time; warm-up's jobs were there,
 * too. A window begins with what the last left. */
static void walk(struct windows *w, const uint64_t *in_ns, const uint64_t *out_ns, size_t n)
{
    size_t inside = 0, k = 0;

    for (size_t a = 0, d = 0; a < n;) {
        bool leaves = d < a && out_ns[d] <= in_ns[a]; /* not before it came, both at once */

        while (k < window_of(w, leaves ? out_ns[d] : in_ns[a]))
            w->out->windows[++k].in_flight = inside;
        if (leaves) {
            inside--;
            d++;
        } else {
            inside++;
            a++;
        }
        if (inside > w->out->windows[k].in_flight)
            w->out->windows[k].in_flight = inside;
    }
}

static int find_in_flight(struct windows *w)
{
    const struct run_record *run = w->run;
    uint64_t *in_ns = malloc((run->samples_count + 1) * sizeof *in_ns);
    uint64_t *out_ns = malloc((run->samples_count + 1) * sizeof *out_ns);
    bool room = in_ns != NULL && out_ns != NULL;
    size_t n = 0;

    for (size_t i = 0; i < run->samples_count && room; i++)
        if (sample_has_latency(&run->samples[i])) {
            in_ns[n] = run->samples[i].intended_ns;
            out_ns[n++] = run->samples[i].finished_ns;
        }
    if (room) {
        stats_sort_u64(in_ns, n);
        stats_sort_u64(out_ns, n);
        walk(w, in_ns, out_ns, n);
    }
    free(in_ns);
    free(out_ns);
    return room ? 0 : -ENOMEM;
}

int summary_over_time_of(const struct run_record *run, struct summary_over_time *out)
{
    struct windows w = {.run = run, .out = out};
    int r;

    *out = (struct summary_over_time){.count = 0};
    cut(&w);
    find_lags(&w);
    r = find_in_flight(&w);
    if (r == 0)
        r = sort_latencies(&w);
    for (size_t k = 0; r == 0 && k < out->count; k++)
        stats_distribution_of(w.latencies + w.first[k], w.first[k + 1] - w.first[k],
                              &out->windows[k].latency);
    free(w.latencies);
    return r;
}
