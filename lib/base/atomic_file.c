#include "base/atomic_file.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct atomic_file {
    char *path;      /* where it goes; resolved when it existed */
    char *temporary; /* in the same directory, so that rename(2) never has to copy */
    FILE *stream;
    int fd;
    int error;     /* the first that a write met, a negative errno: stdio keeps only a flag */
    sigset_t held; /* signals that this file has blocked */
};

/* Signals that end the process wait until no temporary file is left. */
static void hold_signals(struct atomic_file *f)
{
    static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
    sigset_t before;

    pthread_sigmask(SIG_BLOCK, NULL, &before);
    sigemptyset(&f->held);
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
        if (!sigismember(&before, ending[i]))
            sigaddset(&f->held, ending[i]);
    pthread_sigmask(SIG_BLOCK, &f->held, NULL);
}

/* Writes all of it or fails: stdio takes a short write for an error that has no name. */
static ssize_t stream_write(void *cookie, const char *data, size_t len)
{
    struct atomic_file *f = cookie;

    if (f->error == 0)
        f->error = transfer_write(f->fd, TRANSFER_ON, data, len);
    return f->error == 0 ? (ssize_t)len : 0;
}

/* The length of the directory part of path, its last slash included; 0 when there is none. */
static size_t directory_length(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? 0 : (size_t)(slash - path) + 1;
}

/* The path to replace: behind symbolic links, so that a link stays one, also where what it leads to
 * is not there yet. NULL with *code set. */
static char *resolve(const char *path, int *code)
{
    char *resolved = realpath(path, NULL), *next = NULL, target[PATH_MAX];
    ssize_t length;

    *code = resolved == NULL ? -errno : 0;
    if (*code != -ENOENT)
        return resolved;
    length = readlink(path, target, sizeof target - 1);
    if (length < 0) {
        next = strdup(path);
        *code = next == NULL ? -ENOMEM : 0;
        return next;
    }
    target[length] = '\0';
    if (asprintf(&next, "%.*s%s", target[0] == '/' ? 0 : (int)directory_length(path), path,
                 target) < 0) {
        *code = -ENOMEM;
        return NULL;
    }
    resolved = resolve(next, code); /* a ring of links is ELOOP, which realpath() tells */
    free(next);
    return resolved;
}

/* Open a new file beside f->path. mkstemp(3) would give it mode 0600, and the umask cannot be read
 * without changing it for the whole process; open(2) applies it. A descriptor or a negative errno.
 */
static int open_temporary(struct atomic_file *f)
{
    uint64_t unique = hash_mix(clock_now_ns() ^ hash_mix((uint64_t)getpid()));
    int fd;

    if (asprintf(&f->temporary, "%.*s.tva-%016" PRIx64 ".tmp", (int)directory_length(f->path),
                 f->path, unique) < 0) {
        f->temporary = NULL;
        return -ENOMEM;
    }
    fd = open(f->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd >= 0)
        return fd;
    fd = -errno;
    free(f->temporary); /* no file of ours has the name */
    f->temporary = NULL;
    return fd;
}

/* Frees f and what it holds; the temporary file too if it still is there. */
static void discard(struct atomic_file *f)
{
    sigset_t held = f->held;

    if (f->stream != NULL)
        fclose(f->stream);
    if (f->fd >= 0)
        close(f->fd);
    if (f->temporary != NULL)
        unlink(f->temporary);
    free(f->temporary);
    free(f->path);
    free(f);
    pthread_sigmask(SIG_UNBLOCK, &held, NULL);
}

/* 0 when a regular file or nothing is there: a rename would replace a device or a pipe by a file.
 */
static int check_target(const char *path)
{
    struct stat st;

    if (*path == '\0')
        return -ENOENT;
    if (stat(path, &st) != 0 || S_ISREG(st.st_mode))
        return 0;
    return S_ISDIR(st.st_mode) ? -EISDIR : -ENOTSUP;
}

struct atomic_file *atomic_file_create(const char *path, struct err *err)
{
    cookie_io_functions_t functions = {.write = stream_write};
    struct atomic_file *f = calloc(1, sizeof *f);
    int r = -ENOMEM;

    if (f == NULL)
        goto err0;
    f->fd = -1;
    hold_signals(f);
    f->path = resolve(path, &r);
    if (f->path == NULL)
        goto err1;
    r = check_target(f->path);
    if (r < 0)
        goto err1;
    r = open_temporary(f);
    if (r < 0)
        goto err1;
    f->fd = r;
    f->stream = fopencookie(f, "w", functions);
    if (f->stream == NULL) {
        r = -ENOMEM;
        goto err1;
    }
    return f;
err1:
    discard(f);
err0:
    err_set(err, r, "cannot write %s: %s; name a plain file in a directory that is writable", path,
            r == -ENOTSUP ? "it is not a plain file" : strerror(-r));
    return NULL;
}

FILE *atomic_file_stream(struct atomic_file *f)
{
    return f->stream;
}

/* Make the rename itself last. Its result changes nothing any more: the new file is complete and in
 * place, and some file systems cannot sync a directory. */
static void sync_directory(const char *path)
{
    size_t len = directory_length(path);
    char *directory = len > 0 ? strndup(path, len) : strdup(".");
    int fd;

    if (directory == NULL)
        return;
    fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(directory);
}

/* Bring everything written onto the disk and close the file. 0 or a negative errno. */
static int flush(struct atomic_file *f)
{
    bool failed = fflush(f->stream) != 0 || ferror(f->stream) != 0;
    int fd = f->fd;

    if (f->error != 0)
        return f->error;
    if (failed)
        return -EIO;
    if (fsync(fd) != 0)
        return -errno;
    f->fd = -1;
    return close(fd) != 0 && errno != EINTR ? -errno : 0;
}

/* `place` is rename(2) or link(2). After a rename, no file has the temporary name. */
static int finish(struct atomic_file *f, int (*place)(const char *from, const char *to),
                  const char *verb, const char *rest, struct err *err)
{
    int r = flush(f);

    if (r == 0 && place(f->temporary, f->path) != 0)
        r = -errno;
    if (r == 0)
        sync_directory(f->path);
    else
        err_set(err, r, "cannot %s %s: %s%s", verb, f->path, strerror(-r), rest);
    discard(f);
    return r;
}

/* Not every file system has links. */
static int place_new(const char *from, const char *to)
{
    if (link(from, to) == 0)
        return 0;
    if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
        return -1;
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}

int atomic_file_commit_new(struct atomic_file *f, struct err *err)
{
    return finish(f, place_new, "make", "", err);
}

int atomic_file_commit(struct atomic_file *f, struct err *err)
{
    return finish(f, rename, "write", "; what was there before is unchanged", err);
}

void atomic_file_abort(struct atomic_file *f)
{
    if (f != NULL)
        discard(f);
}
