#include "sweep/sweep_state.h"

#include "base/array.h"
#include "base/atomic_file.h"
#include "base/hash.h"
#include "run/run_wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEADER_MAGIC 0x7476612d73776565ULL /* "tva-swee" */
#define RECORD_MAGIC 0x7476612d7265636fULL /* "tva-reco" */
#define VERSION      1
#define CHUNK        65536
#define KEY_MAX      4096
#define IDENTITY_MAX (1 << 20)
#define QUOTE_MAX    120

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

static uint64_t header_check(const struct sweep_state_header *header, const char *identity)
{
    struct hash_stream stream;

    hash_stream_init(&stream, HEADER_MAGIC);
    hash_stream_add(&stream, header, offsetof(struct sweep_state_header, check));
    hash_stream_add(&stream, identity, header->identity_len);
    return hash_stream_sum(&stream);
}

struct sweep_state_header sweep_state_header_of(const char *identity, uint64_t seed)
{
    struct sweep_state_header header = {HEADER_MAGIC, VERSION, strlen(identity), seed, 0};

    header.check = header_check(&header, identity);
    return header;
}

/* 1 when all was read, 0 when the file ends before, or a negative errno. */
static int read_at(int fd, off_t at, void *data, size_t len)
{
    char *p = data;

    while (len > 0) {
        ssize_t n = pread(fd, p, len, at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : 0;
        p += n;
        at += n;
        len -= (size_t)n;
    }
    return 1;
}

static int write_at(int fd, off_t at, const void *data, size_t len)
{
    const char *p = data;

    while (len > 0) {
        ssize_t n = pwrite(fd, p, len, at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        p += n;
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

/* Where a quotation of the line begins, so that it shows the difference: at the line's beginning
 * when the difference is near, else at the last equal word before it. */
static size_t quote_from(const char *theirs, const char *ours)
{
    size_t same = 0, from;

    while (theirs[same] != '\n' && theirs[same] != '\0' && theirs[same] == ours[same])
        same++;
    if (same < QUOTE_MAX / 2)
        return 0;
    for (from = same; from > 0 && strncmp(theirs + from, " --", 3) != 0; from--)
        ;
    return from > 0 ? from + 1 : same;
}

static int quoted(size_t len)
{
    return (int)(len < QUOTE_MAX ? len : QUOTE_MAX);
}

/* Name the first fact in which the two differ. */
static int refuse_other(const char *path, const char *theirs, const char *ours, struct err *err)
{
    size_t a, b, from;

    for (;;) {
        a = strcspn(theirs, "\n");
        b = strcspn(ours, "\n");
        if (a != b || memcmp(theirs, ours, a) != 0 || theirs[a] == '\0' || ours[b] == '\0')
            break;
        theirs += a + 1;
        ours += b + 1;
    }
    if (a == 0 || b == 0) /* one has all facts of the other, and more */
        return err_set(err, -EINVAL,
                       "%s is of another sweep: it has %s \"%.*s\"; delete it to begin again, or "
                       "name another file with -o",
                       path, b == 0 ? "also" : "no", quoted(a + b), b == 0 ? theirs : ours);
    from = quote_from(theirs, ours);
    a -= from;
    b -= from;
    return err_set(err, -EINVAL,
                   "%s is of another sweep: it has \"%.*s\", this one \"%.*s\"; delete it to begin "
                   "again, or name another file with -o",
                   path, quoted(a), theirs + from, quoted(b), ours + from);
}

static int no_state(const char *path, struct err *err)
{
    return err_set(err, -EINVAL,
                   "%s is not the state of a sweep, or its beginning is damaged; delete it to "
                   "begin again, or name another file with -o",
                   path);
}

/* Is it the header of this sweep's state? *end: where the records begin. 0, or a negative errno
 * with *err saying what else it is. */
static int check_header(int fd, const char *path, const char *identity, uint64_t *seed, off_t *end,
                        struct err *err)
{
    struct sweep_state_header header;
    char *theirs;
    int r = read_at(fd, 0, &header, sizeof header);

    if (r < 0)
        return err_set(err, r, "cannot read %s: %s", path, strerror(-r));
    if (r == 0 || header.magic != HEADER_MAGIC || header.identity_len > IDENTITY_MAX)
        return no_state(path, err);
    if (header.version != VERSION)
        return err_set(err, -EINVAL,
                       "%s is of another version of tva sweep; delete it to begin again, or name "
                       "another file with -o",
                       path);
    theirs = calloc(1, header.identity_len + 1);
    if (theirs == NULL)
        return err_set(err, -ENOMEM, "out of memory");
    r = read_at(fd, sizeof header, theirs, header.identity_len);
    if (r <= 0 || header_check(&header, theirs) != header.check)
        r = no_state(path, err);
    else if (strlen(theirs) != header.identity_len || strcmp(theirs, identity) != 0)
        r = refuse_other(path, theirs, identity, err);
    else
        r = 0;
    free(theirs);
    *seed = header.seed;
    *end = (off_t)(sizeof header + header.identity_len);
    return r;
}

static uint64_t record_check(const struct sweep_state_record *record)
{
    return hash_bytes(RECORD_MAGIC, record, offsetof(struct sweep_state_record, check));
}

/* Checksum of len bytes of a file. 0 or a negative errno. */
static int check_bytes(int fd, off_t at, uint64_t len, struct hash_stream *stream)
{
    char *chunk = malloc(CHUNK);
    int r = chunk != NULL ? 1 : -ENOMEM;

    while (r > 0 && len > 0) {
        size_t n = len < CHUNK ? (size_t)len : CHUNK;

        r = read_at(fd, at, chunk, n);
        if (r > 0)
            hash_stream_add(stream, chunk, n);
        at += (off_t)n;
        len -= n;
    }
    free(chunk);
    return r > 0 ? 0 : r == 0 ? -ENODATA : r;
}

/* After a crash a file system may know the new length of a file but none of its new bytes. */
static bool only_zeros(int fd, off_t at, off_t size)
{
    char byte;

    for (; at < size; at++)
        if (read_at(fd, at, &byte, 1) <= 0 || byte != 0)
            return false;
    return true;
}

/* What there is at an offset below the length of the file. */
enum found {
    WHOLE,
    CUT,        /* the beginning of a record, as a crash leaves it at the end */
    DAMAGED,    /* neither */
    UNREADABLE, /* errno says why */
};

static enum found unreadable(int error)
{
    errno = -error;
    return UNREADABLE;
}

/* With WHOLE, *key is to be freed, and may be NULL when there was no memory for it. */
static enum found read_record(int fd, off_t at, off_t size, struct sweep_state_record *out,
                              char **key)
{
    uint64_t left = (uint64_t)(size - at);
    struct hash_stream stream;
    int r;

    *key = NULL;
    if (left < sizeof *out)
        return CUT;
    r = read_at(fd, at, out, sizeof *out);
    if (r <= 0)
        return unreadable(r < 0 ? r : -EIO);
    if (out->magic != RECORD_MAGIC || record_check(out) != out->check || out->key_len > KEY_MAX)
        return only_zeros(fd, at, size) ? CUT : DAMAGED;
    left -= sizeof *out;
    if (out->key_len > left || out->payload_len > left - out->key_len)
        return CUT;
    hash_stream_init(&stream, RECORD_MAGIC);
    at += (off_t)sizeof *out;
    r = check_bytes(fd, at, out->key_len + out->payload_len, &stream);
    if (r < 0)
        return unreadable(r);
    if (hash_stream_sum(&stream) != out->data_check) {
        /* Only the last record may have been on its way to the disk. */
        return at + (off_t)(out->key_len + out->payload_len) == size ? CUT : DAMAGED;
    }
    *key = calloc(1, out->key_len + 1);
    if (*key != NULL && read_at(fd, at, *key, out->key_len) < 0) {
        free(*key);
        *key = NULL;
    }
    return WHOLE;
}

static int copy_bytes(int from, uint64_t len, int to, off_t at)
{
    char *chunk = malloc(CHUNK);
    off_t done = 0;
    int r = chunk != NULL ? 0 : -ENOMEM;

    while (r == 0 && (uint64_t)done < len) {
        size_t n = len - (uint64_t)done < CHUNK ? (size_t)(len - (uint64_t)done) : CHUNK;

        r = read_at(from, done, chunk, n);
        r = r > 0 ? write_at(to, at + done, chunk, n) : r < 0 ? r : -EIO;
        done += (off_t)n;
    }
    free(chunk);
    return r;
}

/* Write a record at *end and sync; the payload is the contents of `memory`. *end moves behind it. 0
 * or a negative errno. */
static int write_record(int fd, off_t *end, const char *key, int memory)
{
    struct sweep_state_record record = {.magic = RECORD_MAGIC, .key_len = strlen(key)};
    struct hash_stream stream;
    struct stat st;
    off_t at = *end;
    int r;

    if (fstat(memory, &st) < 0)
        return -errno;
    record.payload_len = (uint64_t)st.st_size;
    hash_stream_init(&stream, RECORD_MAGIC);
    hash_stream_add(&stream, key, record.key_len);
    r = check_bytes(memory, 0, record.payload_len, &stream);
    record.data_check = hash_stream_sum(&stream);
    record.check = record_check(&record);
    if (r == 0)
        r = write_at(fd, at, &record, sizeof record);
    if (r == 0)
        r = write_at(fd, at + (off_t)sizeof record, key, record.key_len);
    at += (off_t)(sizeof record + record.key_len);
    if (r == 0)
        r = copy_bytes(memory, record.payload_len, fd, at);
    if (r == 0 && fdatasync(fd) < 0)
        r = -errno;
    if (r == 0)
        *end = at + (off_t)record.payload_len;
    return r;
}

static int create(const char *path, const char *identity, uint64_t seed, struct err *err)
{
    struct sweep_state_header header = sweep_state_header_of(identity, seed);
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
    struct entry *entries = array_grow(s->entries, s->count, &s->capacity, sizeof *entries);

    if (entries != NULL)
        s->entries = entries;
    if (key == NULL || entries == NULL) {
        free(key);
        return -ENOMEM;
    }
    s->entries[s->count++] = (struct entry){key, at};
    return 0;
}

static int damaged(const struct sweep_state *s, const char *what, struct err *err)
{
    return err_set(
        err, -EINVAL,
        "%s is damaged: %s at byte %lld, after %zu whole runs; delete it to begin again, "
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
        struct sweep_state_record record;
        char *key = NULL;

        switch (read_record(s->fd, s->end, st.st_size, &record, &key)) {
        case WHOLE:
            r = add_entry(s, key, s->end + (off_t)(sizeof record + record.key_len));
            s->end += (off_t)(sizeof record + record.key_len + record.payload_len);
            break;
        case CUT:
            s->cut = true;
            if (ftruncate(s->fd, s->end) < 0)
                return err_set(err, -errno, "cannot cut %s: %s", s->path, strerror(errno));
            return 0;
        case DAMAGED:
            return damaged(s, "a run that is not what was written", err);
        case UNREADABLE:
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
    r = check_header(s->fd, s->path, identity, &theirs, &s->end, err);
    if (r == 0 && seed_given && theirs != *seed)
        r = err_set(err, -EINVAL,
                    "%s is of a sweep with --seed %llu, this one has %llu; delete it to begin "
                    "again, or name another file with -o",
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

/* Write the record to memory, to know its length and checksum before the file gets it. A descriptor
 * or a negative errno. */
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
        r = write_record(s->fd, &end, key, memory);
        close(memory);
    }
    if (r == 0)
        r = add_entry(s, strdup(key),
                      at + (off_t)(sizeof(struct sweep_state_record) + strlen(key)));
    if (r == 0) {
        s->end = end;
        return 0;
    }
    if (ftruncate(s->fd, s->end) < 0) /* a cut record is left, which the next opening removes */
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
