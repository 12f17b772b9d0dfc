#include "profile/profile.h"

#include "base/atomic_file.h"
#include "base/clock.h"
#include "base/text.h"
#include "export/export.h"
#include "result/result.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#define TIMEOUT_NS    (120 * NS_PER_S)
#define SAMPLES_LEAST 100 /* of perf; fewer say too little */
#define GUESS_NS      (3 * NS_PER_S)

/* The profiling of a plan while it goes on. */
struct profiler {
    const struct plan *plan;
    const json_t *result;
    const char *json_path;
    uint64_t timeout_ns;
    struct interrupt *interrupt;
    struct progress *progress;
    struct target_proc target;
    struct err target_fault;
    char path[PATH_MAX]; /* of the last that was written */
    size_t written;
};

/* By perf, or where that is missing or finds too little, by callgrind; says what is counted. */
static int find_frames(const struct run_proc *run, struct profile_frame *root,
                       struct profile_texts *texts, struct err *err)
{
    struct profile_frame counted = {0};
    struct err no_perf = {""}, no_callgrind = {""};
    int r = profile_by_perf(run, root, &no_perf);

    texts->unit = "samples";
    texts->how = "of CPU time, by perf";
    if ((r == 0 && root->total >= SAMPLES_LEAST) || r == -EINTR)
        return r;
    r = profile_by_callgrind(run, &counted, &no_callgrind);
    if (r == 0) {
        profile_tree_clear(root);
        *root = counted;
        texts->unit = "instructions";
        texts->how = run->cell->jobs > 0 ? "of the jobs, outside of the kernel, by callgrind"
                                         : "outside of the kernel, by callgrind";
        return 0;
    }
    profile_tree_clear(&counted);
    if (r == -EINTR || root->total > 0)
        return r == -EINTR ? r : 0;
    return err_set(err, r, "%s%s%s", no_perf.text, *no_perf.text != '\0' ? "; " : "",
                   no_callgrind.text);
}

static int write_picture(struct profiler *p, size_t i, const struct profile_frame *root,
                         const struct profile_texts *texts, struct err *err)
{
    struct atomic_file *file;
    int r = export_cell_path(p->result, i, p->json_path, "flame", ".svg", p->path, err);

    if (r < 0)
        return r;
    file = atomic_file_create(p->path, err);
    if (file == NULL)
        return -EIO;
    profile_svg_write(root, texts, atomic_file_stream(file));
    r = atomic_file_commit(file, err);
    p->written += r == 0;
    return r;
}

/* -EINTR, or 0 with *why set where the cell cannot be profiled. */
static int profile_cell(struct profiler *p, size_t i, struct err *why)
{
    const struct cell *cell = &p->plan->cells[i].cell;
    bool needs_target = job_needs_target(&cell->job);
    struct run_proc run = {.cell = cell,
                           .timeout_ns = p->timeout_ns ? p->timeout_ns : TIMEOUT_NS,
                           .interrupt = p->interrupt,
                           .target = needs_target ? &p->target : NULL};
    struct profile_frame root = {0};
    struct profile_texts texts;
    char name[CELL_NAME_SIZE];
    int r;

    texts.title = cell_name(cell, name, sizeof name);
    if (needs_target && p->target.proc.pid == 0) {
        *why = p->target_fault;
        return 0;
    }
    run_proc_prepare(&run);
    r = find_frames(&run, &root, &texts, why);
    if (r == -ECONNRESET && p->target.proc.pid != 0)
        target_proc_ended(&p->target, &p->target_fault);
    if (r == 0)
        r = write_picture(p, i, &root, &texts, why);
    profile_tree_clear(&root);
    return r == -EINTR ? r : 0;
}

static void start_target(struct profiler *p)
{
    for (size_t i = 0; i < p->plan->count; i++)
        if (job_needs_target(&p->plan->cells[i].cell.job)) {
            /* When it fails, the cells that need it say why. */
            (void)target_proc_start(&p->target, NULL, NULL, &p->target_fault);
            return;
        }
}

int profile_cells(const struct plan *plan, const json_t *result, const char *json_path,
                  uint64_t timeout_ns, struct interrupt *interrupt, struct progress *progress)
{
    struct profiler p = {.plan = plan,
                         .result = result,
                         .json_path = json_path,
                         .timeout_ns = timeout_ns,
                         .interrupt = interrupt,
                         .progress = progress,
                         .target = TARGET_PROC_NONE};
    int r = 0;

    start_target(&p);
    for (size_t i = 0; i < plan->count && r == 0; i++) {
        struct err why = {""};
        char name[CELL_NAME_SIZE];

        cell_name(&plan->cells[i].cell, name, sizeof name);
        progress_run(progress, i, plan->count, name, (plan->count - i) * GUESS_NS, "");
        r = interrupt_check(interrupt) != 0 ? -EINTR : profile_cell(&p, i, &why);
        if (why.text[0] != '\0')
            progress_note(progress, "tva run: %s cannot be profiled: %s", name, why.text);
    }
    progress_end(progress);
    target_proc_stop(&p.target);
    if (p.written > 0)
        fprintf(stderr, "tva run: %zu of %zu flame graph%s %s in %.*s\n", p.written, plan->count,
                TEXT_S(plan->count), p.written == 1 ? "is" : "are",
                (int)(strrchr(p.path, '/') - p.path), p.path);
    return r;
}
