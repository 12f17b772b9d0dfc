/* perf record, then perf script, whose text is a line a sample and a line a frame, innermost first:
 *
 *     tva
 *             55d4c1b2f3a0 job_run (/usr/bin/tva)
 *             55d4c1b2f3d0 task_step (/usr/bin/tva)
 *
 * and a blank line after each sample. */
#include "base/program.h"
#include "base/units.h"
#include "profile/profile.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SAMPLES     12000.0 /* that a run should have, were a CPU at work all the time */
#define HZ_LEAST    99.0
#define HZ_MOST     3999.0
#define STACK_DUMP  "--call-graph=dwarf,8192" /* the program has no frame pointers */
#define FRAMES_MOST 128

/* The stack of one sample. */
struct stack {
    char *names[FRAMES_MOST]; /* innermost first */
    size_t count;
};

static int add_sample(struct stack *s, struct profile_frame *root)
{
    const char *outermost_first[FRAMES_MOST];
    int r = 0;

    for (size_t i = 0; i < s->count; i++)
        outermost_first[i] = s->names[s->count - 1 - i];
    if (s->count > 0)
        r = profile_tree_add(root, outermost_first, s->count, 1);
    for (size_t i = 0; i < s->count; i++)
        free(s->names[i]);
    s->count = 0;
    return r;
}

/* "  7f2a [unknown] (/usr/lib/libcurl.so.4)" is "[libcurl.so.4]", what the file is called where
 * nobody knows the function. */
static char *name_of(char *line)
{
    char *name = line + strspn(line, " \t"), *file, *slash, *named;

    name += strcspn(name, " ");
    name += strspn(name, " ");
    file = strrchr(name, '(');
    if (file == NULL || file == name)
        return strdup(name);
    *file++ = '\0';
    file[strcspn(file, ")")] = '\0';
    while (*name != '\0' && name[strlen(name) - 1] == ' ')
        name[strlen(name) - 1] = '\0';
    if (strcmp(name, "[unknown]") != 0)
        return strdup(name);
    if (file[0] == '[')
        return strdup(file);
    slash = strrchr(file, '/');
    return asprintf(&named, "[%s]", slash != NULL ? slash + 1 : file) >= 0 ? named : NULL;
}

static int read_line(struct stack *s, char *line, struct profile_frame *root)
{
    line[strcspn(line, "\n")] = '\0';
    if (line[0] == '\0')
        return add_sample(s, root);
    if (!isspace((unsigned char)line[0]) || s->count == FRAMES_MOST)
        return 0;
    s->names[s->count] = name_of(line);
    if (s->names[s->count] == NULL)
        return -ENOMEM;
    s->count++;
    return 0;
}

static int read_script(int fd, struct profile_frame *root)
{
    struct stack s = {.count = 0};
    struct profile_frame ignored = {0};
    FILE *in = fdopen(fd, "r");
    char *line = NULL;
    size_t size = 0;
    int r = 0;

    if (in == NULL) {
        close(fd);
        return -errno;
    }
    rewind(in);
    while (r == 0 && getline(&line, &size, in) >= 0)
        r = read_line(&s, line, root);
    if (r == 0 && !feof(in))
        r = -errno;
    (void)add_sample(&s, r == 0 ? root : &ignored);
    profile_tree_clear(&ignored);
    free(line);
    fclose(in);
    return r;
}

/* Start perf, wait for its end, and reap it. 0, or as run_proc_execute(); -ENOTSUP when it failed.
 */
static int run_perf(const struct run_proc *run, const struct args *args, struct proc_fds fds,
                    struct err *err)
{
    struct disturbance ignored = {0};
    struct proc p = {.fd = -1};
    char how[64];
    int r = proc_start("perf", (const char *const *)args->argv, fds, &p, err), status = 0;

    if (r == 0)
        r = run_proc_wait(run, &p, &ignored, err);
    if (r == 0)
        status = proc_reap(&p);
    else if (p.pid != 0)
        kill(-p.pid, SIGKILL); /* its group: the profiled process too */
    proc_kill(&p);
    if (r == 0 && status != 0)
        r = err_set(err, -ENOTSUP, "perf %s, as where it is not permitted",
                    proc_describe(status, how, sizeof how));
    return r;
}

static int record(const struct run_proc *run, const char *path, int quiet_fd, struct err *err)
{
    double wanted = SAMPLES / ((double)cell_expected_ns(run->cell) / NS_PER_S);
    double hz = wanted < HZ_LEAST ? HZ_LEAST : wanted > HZ_MOST ? HZ_MOST : wanted;
    char program[PATH_MAX], frequency[32];
    int report_fd = memfd_create("tva-report", MFD_CLOEXEC), r;
    struct run_proc_args own;
    struct args args;

    if (report_fd < 0)
        return err_set(err, -errno, "cannot make room for a report: %s", strerror(errno));
    r = run_proc_args(run, report_fd, &own, err);
    if (r < 0)
        goto out;
    snprintf(frequency, sizeof frequency, "--freq=%.0f", hz);
    args_init(&args, "perf");
    r |= args_push(&args, "record") | args_push(&args, "--quiet");
    r |= args_push(&args, "--no-buildid-cache") | args_push(&args, STACK_DUMP);
    r |= args_push(&args, frequency) | args_push(&args, "--output");
    r |= args_push(&args, path) | args_push(&args, "--");
    r |= args_push(&args, program_path(program, sizeof program));
    for (int i = 1; i < own.args.argc; i++)
        r |= args_push(&args, own.args.argv[i]);
    if (args_push(&args, "--no-heartbeat") < 0 || r != 0)
        r = err_set(err, -E2BIG, "the cell's options are too long");
    else
        r = run_perf(run, &args, (struct proc_fds){quiet_fd, quiet_fd, report_fd}, err);
out:
    close(report_fd);
    return r;
}

static int script(const struct run_proc *run, const char *path, int quiet_fd,
                  struct profile_frame *root, struct err *err)
{
    int out_fd = memfd_create("tva-samples", MFD_CLOEXEC), r = 0;
    struct args args;

    if (out_fd < 0)
        return err_set(err, -errno, "cannot make room for samples: %s", strerror(errno));
    args_init(&args, "perf");
    r |= args_push(&args, "script") | args_push(&args, "--no-inline");
    r |= args_push(&args, "--fields=comm,ip,sym,dso") | args_push(&args, "--input");
    r |= args_push(&args, path);
    if (r == 0)
        r = run_perf(run, &args, (struct proc_fds){out_fd, quiet_fd, -1}, err);
    if (r < 0) {
        close(out_fd);
        return r;
    }
    r = read_script(out_fd, root);
    return r < 0 ? err_set(err, r, "cannot read perf's samples: %s", strerror(-r)) : 0;
}

int profile_by_perf(const struct run_proc *run, struct profile_frame *root, struct err *err)
{
    const char *folder = getenv("TMPDIR"), *dirs = getenv("PATH");
    int quiet_fd, fd, r;
    char path[PATH_MAX];

    if (program_find(dirs != NULL ? dirs : "", "perf", X_OK, path, sizeof path) == NULL)
        return err_set(err, -ENOTSUP, "perf is missing");
    if (snprintf(path, sizeof path, "%s/tva-perf-XXXXXX", folder != NULL ? folder : "/tmp") >=
        (int)sizeof path)
        return err_set(err, -ENAMETOOLONG, "TMPDIR is too long");
    fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return err_set(err, -errno, "cannot make a file for perf: %s", strerror(errno));
    close(fd);
    quiet_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    r = record(run, path, quiet_fd, err);
    if (r == 0)
        r = script(run, path, quiet_fd, root, err);
    if (quiet_fd >= 0)
        close(quiet_fd);
    unlink(path);
    return r;
}
