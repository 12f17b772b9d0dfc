#include "sweep/sweep_state.h"

#include "base/atomic_file.h"
#include "run/run_wire.h"
#include "sweep/sweep_state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where a run lies in the file. */
struct entry {
    char *key;
    off_t at; /* of the record behind the key */
};

struct sweep_state {
    char *path;
    int fd;
    off_t end; /* of what is complete */
    bool cut;
    struct entry *entries;
    size_t count, capacity;
};

static int create(const char *path, const char *identity, uint64_t seed, struct err *err)
{
    struct state_header header = state_header_of(identity, seed);
    struct atomic_file *file = atomic_file_create(path, err);

    if (file == NULL)
        return -EIO;
    fwrite(&header, sizeof header, 1, atomic_file_stream(file));
    fwrite(identity, 1, header.identity_len, atomic_file_stream(file));
    return atomic_file_commit(file, err);
}

/* Takes key. 0 or -ENOMEM. */
static int add_entry(struct sweep_state *s, char *key, off_t at)
{
    if (key == NULL)
        return -ENOMEM;
    if (s->count == s->capacity) {
        size_t capacity = s->capacity ? 2 * s->capacity : 64;
        struct entry *entries = realloc(s->entries, capacity * sizeof *entries);

        if (entries == NULL) {
            free(key);
            return -ENOMEM;
        }
        s->entries = entries;
        s->capacity = capacity;
    }
    s->entries[s->count++] = (struct entry){key, at};
    return 0;
}

static int damaged(const struct sweep_state *s, const char *what, struct err *err)
{
    return err_set(err, -EINVAL,
                   "%s is damaged: %s at byte %lld, after %zu whole runs; delete it to begin anew, "
                   "or name another file with -o",
                   s->path, what, (long long)s->end, s->count);
}

/* Index the records behind the header. */
static int read_records(struct sweep_state *s, struct err *err)
{
    struct stat st;
    int r = 0;

    if (fstat(s->fd, &st) < 0)
        return err_set(err, -errno, "cannot read %s: %s", s->path, strerror(errno));
    while (r == 0 && s->end < st.st_size) {
        struct state_record record;
        char *key = NULL;

        switch (state_read_record(s->fd, s->end, st.st_size, &record, &key)) {
        case STATE_WHOLE:
            r = add_entry(s, key, s->end + (off_t)(sizeof record + record.key_len));
            s->end += (off_t)(sizeof record + record.key_len + record.payload_len);
            break;
        case STATE_CUT:
            s->cut = true;
            if (ftruncate(s->fd, s->end) < 0)
                return err_set(err, -errno, "cannot cut %s: %s", s->path, strerror(errno));
            return 0;
        case STATE_DAMAGED:
            return damaged(s, "a run that is not what was written", err);
        case STATE_UNREADABLE:
            r = -errno;
            break;
        }
    }
    return r == 0 ? 0 : err_set(err, r, "cannot read %s: %s", s->path, strerror(-r));
}

static int take(struct sweep_state *s, const char *identity, uint64_t *seed, bool seed_given,
                struct err *err)
{
    uint64_t theirs = 0;
    int r;

    if (flock(s->fd, LOCK_EX | LOCK_NB) < 0)
        return err_set(err, -EBUSY,
                       "another tva sweep is at work on %s; wait for it, or name "
                       "another file with -o",
                       s->path);
    r = state_check_header(s->fd, s->path, identity, &theirs, &s->end, err);
    if (r == 0 && seed_given && theirs != *seed)
        r = err_set(err, -EINVAL,
                    "%s is of a sweep with --seed %llu, this one has %llu; delete it to begin "
                    "anew, or name another file with -o",
                    s->path, (unsigned long long)theirs, (unsigned long long)*seed);
    if (r < 0)
        return r;
    *seed = theirs;
    return read_records(s, err);
}

int sweep_state_open(const char *path, const char *identity, uint64_t *seed, bool seed_given,
                     struct sweep_state **out, struct err *err)
{
    struct sweep_state *s = calloc(1, sizeof *s);
    int r = 0;

    if (s != NULL)
        s->fd = -1;
    if (s == NULL || (s->path = strdup(path)) == NULL) {
        r = err_set(err, -ENOMEM, "out of memory");
        goto err1;
    }
    s->fd = open(path, O_RDWR | O_CLOEXEC);
    if (s->fd < 0 && errno == ENOENT) {
        r = create(path, identity, *seed, err);
        if (r < 0)
            goto err1;
        s->fd = open(path, O_RDWR | O_CLOEXEC);
    }
    if (s->fd < 0) {
        r = err_set(err, -errno, "cannot open %s: %s", path, strerror(errno));
        goto err1;
    }
    r = take(s, identity, seed, seed_given, err);
    if (r < 0)
        goto err1;
    *out = s;
    return 0;

err1:
    sweep_state_close(s, false);
    return r;
}

bool sweep_state_was_cut(const struct sweep_state *s)
{
    return s->cut;
}

size_t sweep_state_count(const struct sweep_state *s)
{
    return s->count;
}

const char *sweep_state_key(const struct sweep_state *s, size_t index)
{
    return s->entries[index].key;
}

int sweep_state_read(struct sweep_state *s, size_t index, struct run_record *out, struct err *err)
{
    int r = lseek(s->fd, s->entries[index].at, SEEK_SET) < 0 ? -errno : 0;

    *out = (struct run_record){0};
    if (r == 0)
        r = run_wire_read(s->fd, out);
    if (r < 0)
        err_set(err, r, "cannot read run %zu back from %s: %s", index + 1, s->path, strerror(-r));
    return r;
}

/* The record in memory, to know its length and checksum before the file sees it. A descriptor or a
 * negative errno. */
static int to_memory(const struct run_record *record)
{
    int fd = memfd_create("tva-sweep-run", MFD_CLOEXEC), r;

    if (fd < 0)
        return -errno;
    r = run_wire_send(fd, record);
    if (r == 0)
        return fd;
    close(fd);
    return r;
}

int sweep_state_append(struct sweep_state *s, const char *key, const struct run_record *record,
                       struct err *err)
{
    int memory = to_memory(record), r = memory;
    off_t at = s->end, end = s->end;

    if (r >= 0) {
        r = state_write_record(s->fd, &end, key, memory);
        close(memory);
    }
    if (r == 0)
        r = add_entry(s, strdup(key), at + (off_t)(sizeof(struct state_record) + strlen(key)));
    if (r == 0) {
        s->end = end;
        return 0;
    }
    if (ftruncate(s->fd, s->end) < 0) /* what is left then is a cut record, which opening removes */
        s->cut = true;
    return err_set(err, r,
                   "cannot keep a run in %s: %s; what was finished before is kept: make room, and "
                   "give the same command again",
                   s->path, strerror(-r));
}

void sweep_state_close(struct sweep_state *s, bool done)
{
    if (s == NULL)
        return;
    if (done)
        unlink(s->path);
    if (s->fd >= 0)
        close(s->fd);
    for (size_t i = 0; i < s->count; i++)
        free(s->entries[i].key);
    free(s->entries);
    free(s->path);
    free(s);
}
