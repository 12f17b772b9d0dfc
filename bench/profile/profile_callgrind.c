#include "count/count_proc.h"
#include "profile/profile.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define THREADS_MOST 400 /* valgrind takes 500 */

struct sum {
    struct profile_frame *root;
    int64_t sign;
};

static int add_calls(void *arg, const char *const names[], size_t n, uint64_t own)
{
    const struct sum *sum = arg;
    const char *outermost_first[COUNT_CALLERS_MAX + 1];

    for (size_t i = 0; i < n; i++)
        outermost_first[i] = names[n - 1 - i];
    return profile_tree_add(sum->root, outermost_first, n, sum->sign * (int64_t)own);
}

/* Valgrind lets no other thread run while one waits in io_uring. */
static int check(const struct cell *cell, struct err *err)
{
    if (cell->model->io == MODEL_IO_RING && cell->model->has_loops)
        return err_set(err, -ENOTSUP, "valgrind cannot run several loops that wait in io_uring");
    if (model_os_threads(cell->model, cell->jobs, cell->threads) > THREADS_MOST)
        return err_set(err, -ENOTSUP, "valgrind cannot run so many threads");
    return count_tool_check(COUNT_BY_VALGRIND, err) < 0 ? -ENOTSUP : 0;
}

/* Add the instructions of one process of this cell, or take them away. */
static int add_process(const struct run_proc *run, const struct cell *cell, struct sum sum,
                       struct err *err)
{
    struct count_proc count = {
        .run = *run, .tool = COUNT_BY_VALGRIND, .callers = COUNT_CALLERS_MAX};
    struct count_sums sums;
    int r;

    count.run.cell = cell;
    count.profile_fd = memfd_create("tva-profile", MFD_CLOEXEC);
    if (count.profile_fd < 0)
        return err_set(err, -errno, "cannot make room for a profile: %s", strerror(errno));
    r = count_proc_execute(&count, &sums, err);
    if (r == 0) {
        r = count_callgrind_read(count.profile_fd, add_calls, &sum);
        if (r < 0)
            err_set(err, r, "cannot read callgrind's profile: %s", strerror(-r));
    }
    close(count.profile_fd);
    return r;
}

int profile_by_callgrind(const struct run_proc *run, struct profile_frame *root, struct err *err)
{
    struct cell less = *run->cell, more;
    int r;

    if (less.jobs > PROFILE_JOBS)
        less.jobs = PROFILE_JOBS;
    more = less;
    more.jobs *= 2;
    r = check(&more, err);
    if (r == 0)
        r = add_process(run, &more, (struct sum){root, 1}, err);
    if (r == 0 && less.jobs > 0)
        r = add_process(run, &less, (struct sum){root, -1}, err);
    if (r == 0)
        profile_tree_settle(root);
    return r;
}
