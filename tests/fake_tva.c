/* A program for `tva pair` to compare, whose runs are made up: `fake_tva cell --jobs N --report-fd
 * F
 * ...` measures nothing and leaves a record at once, so that no load of this machine is in a
 * verdict.
 *
 * What it is to say stands in the file PROGRAM.says beside it, words of the form NAME=X:
 *   makespan=, latency=, cpu=, memory=  that many times as much as usual (0: none)
 *   spread=                             each of them strays by that, the standard deviation of its
 * logarithm (0.005) checksum=                           of its ledger (1) fails= so many of its
 * jobs fail (0) wire=1                              its record has another form Another command
 * than `cell` ends it with status 2. */
#include "base/clock.h"
#include "base/program.h"
#include "base/random.h"
#include "math/stats_laws.h"
#include "run/run.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define JOBS_MAX 1000

static char says[1024];

/* The number behind "name=" among the words; `otherwise` where there is none. */
static double said(const char *name, double otherwise)
{
    size_t len = strlen(name);

    for (const char *word = says; word != NULL; word = strchr(word, ' '))
        if (strncmp(word += *word == ' ', name, len) == 0 && word[len] == '=')
            return strtod(word + len + 1, NULL);
    return otherwise;
}

static uint64_t value(const char *name, double usual)
{
    static uint64_t drawn;
    double u = random_uniform(clock_now_ns() ^ (uint64_t)getpid(), RANDOM_DURATIONS, drawn++);

    return (uint64_t)(usual * said(name, 1) *
                      exp(said("spread", 0.005) * stats_normal_quantile(u)));
}

static void read_says(void)
{
    char path[PATH_MAX];
    FILE *in;

    program_path(path, sizeof path - strlen(".says"));
    in = fopen(strcat(path, ".says"), "r");
    if (in != NULL) {
        says[fread(says, 1, sizeof says - 1, in)] = '\0';
        fclose(in);
    }
}

/* All jobs at the same time, for half of the makespan. */
static struct run_record record_of(size_t jobs, struct sample *samples)
{
    uint64_t latency_ns = value("latency", 500e3);
    struct run_record r = {
        .seed = 1,
        .begin_ns = NS_PER_S,
        .makespan_ns = value("makespan", 1e6),
        .ledger = {.operations = jobs, .checksum = (uint64_t)said("checksum", 1)},
        .samples = samples,
        .samples_count = jobs,
        .in_flight_max = jobs,
    };

    if (latency_ns > r.makespan_ns) /* no job ends after the last */
        latency_ns = r.makespan_ns;
    r.usage.cpu_user_ns = value("cpu", 2e6);
    r.usage.rss_peak_bytes = value("memory", 8e6);
    for (size_t i = 0; i < jobs; i++) {
        samples[i] = (struct sample){.intended_ns = r.begin_ns,
                                     .submitted_ns = r.begin_ns,
                                     .started_ns = r.begin_ns,
                                     .finished_ns = r.begin_ns + latency_ns,
                                     .result = (double)i < said("fails", 0) ? -EIO : 0};
        r.area.driver_ns = r.area.stamped_ns += latency_ns;
    }
    return r;
}

int main(int argc, char **argv)
{
    static struct sample samples[JOBS_MAX];
    struct run_record record;
    long jobs = 0, fd = -1;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--jobs") == 0 && i + 1 < argc)
            jobs = strtol(argv[i + 1], NULL, 10);
        if (strncmp(argv[i], "--report-fd=", strlen("--report-fd=")) == 0)
            fd = strtol(strchr(argv[i], '=') + 1, NULL, 10);
    }
    if (argc < 2 || strcmp(argv[1], "cell") != 0 || fd < 0 || jobs < 1 || jobs > JOBS_MAX) {
        fprintf(stderr, "fake_tva: it only knows a cell of %d jobs at most\n", JOBS_MAX);
        return 2;
    }
    read_says();
    record = record_of((size_t)jobs, samples);
    if (said("wire", 0) != 0) /* as long as a record, and none */
        return write((int)fd, &record, sizeof record) == sizeof record ? 0 : 1;
    return run_wire_send((int)fd, &record) == 0 ? 0 : 1;
}
