#include "harness/progress.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/wrap.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BAR_WIDTH   20
#define COLUMNS_MAX 200

void progress_init(struct progress *p, bool quiet)
{
    *p = (struct progress){.quiet = quiet, .redraws = wrap_colours(stderr)};
}

/* "about 40 s left", "about 3 min left" */
static const char *estimate(uint64_t left_ns, char *buf, size_t size)
{
    uint64_t s = (left_ns + NS_PER_S / 2) / NS_PER_S;

    if (s < 1)
        return "under a second left";
    if (s < 100)
        snprintf(buf, size, "about %llu s left", (unsigned long long)s);
    else
        snprintf(buf, size, "about %llu min left", (unsigned long long)((s + 30) / 60));
    return buf;
}

bool progress_shows_runs(const struct progress *p)
{
    return p->redraws && !p->quiet;
}

void progress_run(struct progress *p, size_t done, size_t total, const char *name, uint64_t left_ns,
                  const char *so_far)
{
    char bar[BAR_WIDTH + 1], line[COLUMNS_MAX + 1], left[48];
    size_t filled = total ? done * BAR_WIDTH / total : 0, columns = wrap_columns(stderr);
    size_t room = columns < sizeof line ? columns : sizeof line; /* a full line would wrap */

    if (!progress_shows_runs(p))
        return;
    memset(bar, '.', BAR_WIDTH);
    memset(bar, '#', filled);
    bar[BAR_WIDTH] = '\0';
    snprintf(line, room, "[%s] %zu/%zu run%s, %s, %s", bar, done, total, TEXT_S(total),
             estimate(left_ns, left, sizeof left), name);
    fprintf(stderr, "\r\033[J%s", line);
    if (so_far[0] != '\0') {
        snprintf(line, room, "so far: %s", so_far);
        fprintf(stderr, "\n%s\033[A\r", line); /* the cursor goes back to the first line */
    }
    p->drawn = true;
}

void progress_round(struct progress *p, unsigned round, unsigned rounds, size_t done, size_t total,
                    uint64_t left_ns)
{
    char left[48];

    if (p->quiet || p->redraws)
        return;
    fprintf(stderr, "round %u of %u done, %zu of %zu run%s%s%s\n", round, rounds, done, total,
            TEXT_S(total), done < total ? ", " : "",
            done < total ? estimate(left_ns, left, sizeof left) : "");
}

void progress_note(struct progress *p, const char *format, ...)
{
    va_list args;

    progress_end(p);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

void progress_end(struct progress *p)
{
    if (p->drawn)
        fputs("\r\033[J", stderr);
    p->drawn = false;
}
