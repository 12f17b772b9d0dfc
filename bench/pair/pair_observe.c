#include "pair/pair_observe.h"

#include "base/clock.h"
#include "base/hash.h"
#include "cli/args.h"
#include "cli/options.h"
#include "harness/proc.h"
#include "result/result.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIMEOUT_NS   (120 * NS_PER_S) /* `tva run` stops its own run long before */
#define EXIT_NO_EXEC 127
#define PATH_SIZE    (PAIR_FOLDER_SIZE + 16)
#define LINE_SIZE    300
#define MEMORY_ROOT  "/dev/shm"

/* A file system in memory where there is one: every run syncs its results, some milliseconds a
 * time on a disk. */
static const char *root_of(void)
{
    const char *root = getenv("TMPDIR");

    if (root != NULL && *root != '\0')
        return root;
    return access(MEMORY_ROOT, W_OK | X_OK) == 0 ? MEMORY_ROOT : "/tmp";
}

int pair_observer_init(struct pair_observer *o, struct interrupt *interrupt, struct err *err)
{
    const char *root = root_of();

    *o = (struct pair_observer){.interrupt = interrupt};
    if (snprintf(o->folder, sizeof o->folder, "%s/tva-pair-XXXXXX", root) >= (int)sizeof o->folder)
        return err_set(err, -ENAMETOOLONG, "the name of the folder for results, %s, is too long",
                       root);
    if (mkdtemp(o->folder) == NULL)
        return err_set(err, -errno, "cannot make a folder in %s: %s", root, strerror(errno));
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

/* A run that was killed may still be about to write: once more then. */
void pair_observer_deinit(struct pair_observer *o)
{
    if (nftw(o->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
        (void)nftw(o->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* In the child. */
__attribute__((noreturn)) static void become(const char *program, char *const argv[],
                                             const char *messages)
{
    int out = open("/dev/null", O_WRONLY | O_CLOEXEC);
    int err = open(messages, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (out >= 0 && err >= 0 && dup2(out, STDOUT_FILENO) >= 0 && dup2(err, STDERR_FILENO) >= 0)
        execv(program, argv);
    _exit(EXIT_NO_EXEC);
}

static int start(const struct pair_request *q, const char *result, const char *messages,
                 struct proc *p, struct err *err)
{
    char seed[24];
    struct args args;
    int r;

    args_init(&args, "tva");
    args_push(&args, "run");
    if (args_split(&args, q->args) < 0)
        return err_set(err, -E2BIG, "the cell's options are too long");
    snprintf(seed, sizeof seed, "%" PRIu64, q->seed);
    const char *const more[] = {"--rounds", "1", "--seed", seed, "-q", "-o", result};
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        if (args_push(&args, more[i]) < 0)
            return err_set(err, -E2BIG, "the cell's options are too many");
    if (q->inject != NULL && (args_push(&args, "--inject") < 0 || args_push(&args, q->inject) < 0))
        return err_set(err, -E2BIG, "the cell's options are too many");
    r = proc_fork(p, err);
    if (r > 0)
        become(q->program, args.argv, messages);
    return r;
}

static int wait_for_end(const struct pair_observer *o, const struct proc *p)
{
    struct pollfd watched[] = {
        {.fd = o->interrupt->fd, .events = POLLIN},
        {.fd = p->fd, .events = POLLIN},
    };
    uint64_t deadline_ns = clock_now_ns() + TIMEOUT_NS;

    for (;;) {
        uint64_t now_ns = clock_now_ns();
        struct timespec left;

        if (now_ns >= deadline_ns)
            return -ETIMEDOUT;
        left = clock_timespec(deadline_ns - now_ns);
        if (ppoll(watched, 2, &left, NULL) <= 0)
            continue;
        if (interrupt_check(o->interrupt) != 0)
            return -EINTR;
        if (watched[1].revents != 0)
            return 0;
    }
}

/* The first line that the program said, without its end; "" when it said nothing. */
static void first_line(const char *path, char line[LINE_SIZE])
{
    FILE *in = fopen(path, "re");

    if (in == NULL || fgets(line, LINE_SIZE, in) == NULL)
        line[0] = '\0';
    line[strcspn(line, "\r\n")] = '\0';
    if (in != NULL)
        fclose(in);
}

/* How a run ended that left nothing to read. */
static int failed(const struct pair_request *q, int status, const char *messages, struct err *err)
{
    char line[LINE_SIZE], how[64];

    first_line(messages, line);
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NO_EXEC && line[0] == '\0')
        return err_set(err, -EINVAL, "%s cannot be started", q->program);
    return err_set(err, WIFEXITED(status) && WEXITSTATUS(status) == EXIT_USAGE ? -EINVAL : -EIO,
                   "%s %s at \"%s\"%s%s", q->program, proc_describe(status, how, sizeof how),
                   q->args, line[0] != '\0' ? ": " : "", line);
}

/* The checksum of a ledger as text; members are in sorted order. */
static uint64_t work_of(const json_t *cell)
{
    char *text = json_dumps(json_object_get(cell, "ledger"), JSON_SORT_KEYS | JSON_COMPACT);
    uint64_t sum = text != NULL ? hash_bytes(0, text, strlen(text)) : 0;

    free(text);
    return sum;
}

static int take(const struct pair_request *q, const char *path, struct pair_observed *out,
                struct err *err)
{
    struct err reason = {""};
    json_t *document = result_read(path, &reason);
    const json_t *cell = json_array_get(json_object_get(document, "cells"), 0);
    int r = 0;

    if (document == NULL || cell == NULL)
        r = err_set(err, -EINVAL, "the result of %s cannot be read: %s", q->program,
                    reason.text[0] != '\0' ? reason.text : "it has no cell");
    else if (!json_is_true(json_object_get(cell, "valid")))
        r = err_set(err, -EIO, "%s: \"%s\" is invalid: %s", q->program, q->args,
                    json_string_value(json_array_get(json_object_get(cell, "reasons"), 0))
                        ? json_string_value(json_array_get(json_object_get(cell, "reasons"), 0))
                        : "it does not say why");
    if (r == 0) {
        pair_metric_values(cell, out->values);
        out->work = work_of(cell);
    }
    json_decref(document);
    return r;
}

int pair_observe(const struct pair_observer *o, const struct pair_request *request,
                 struct pair_observed *out, struct err *err)
{
    char result[PATH_SIZE], messages[PATH_SIZE];
    struct proc p = {.fd = -1};
    int r, status;

    snprintf(result, sizeof result, "%s/run.json", o->folder);
    snprintf(messages, sizeof messages, "%s/messages", o->folder);
    unlink(result);
    r = start(request, result, messages, &p, err);
    if (r < 0)
        return r;
    r = wait_for_end(o, &p);
    if (r < 0) {
        proc_kill(&p);
        return r == -EINTR ? r
                           : err_set(err, -EIO, "%s took longer than 2 minutes at \"%s\"",
                                     request->program, request->args);
    }
    status = proc_reap(&p);
    /* With an invalid cell the status is 1, and the document says why. */
    if (access(result, R_OK) != 0 || (WIFEXITED(status) && WEXITSTATUS(status) > EXIT_FAILED))
        return failed(request, status, messages, err);
    return take(request, result, out, err);
}
