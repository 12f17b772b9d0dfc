#include "sweep/sweep_state.h"

#include "base/array.h"
#include "base/atomic_file.h"
#include "base/hash.h"
#include "base/transfer.h"
#include "run/run.h"

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
#define KEY_MAX      4096
#define IDENTITY_MAX (1 << 20)
#define QUOTE_MAX    120
#define REMEDY       "; delete it to begin again, or name another file with -o"

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

/* The checksum of two pieces. */
static uint64_t sum_of(uint64_t magic, const void *head, size_t head_len, const void *rest,
                       size_t rest_len)
{
    struct hash_stream stream;

    hash_stream_init(&stream, magic);
    hash_stream_add(&stream, head, head_len);
    hash_stream_add(&stream, rest, rest_len);
    return hash_stream_sum(&stream);
}

static uint64_t header_check(const struct sweep_state_header *header, const char *identity)
{
    return sum_of(HEADER_MAGIC, header, offsetof(struct sweep_state_header, check), identity,
                  header->identity_len);
}

struct sweep_state_header sweep_state_header_of(const char *identity, uint64_t seed)
{
    struct sweep_state_header header = {HEADER_MAGIC, VERSION, strlen(identity), seed, 0};

    header.check = header_check(&header, identity);
    return header;
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
        return err_set(err, -EINVAL, "%s is of another sweep: it has %s \"%.*s\"" REMEDY, path,
                       b == 0 ? "also" : "no", quoted(a + b), b == 0 ? theirs : ours);
    from = quote_from(theirs, ours);
    a -= from;
    b -= from;
    return err_set(err, -EINVAL,
                   "%s is of another sweep: it has \"%.*s\", this one \"%.*s\"" REMEDY, path,
                   quoted(a), theirs + from, quoted(b), ours + from);
}

static int no_state(const char *path, struct err *err)
{
    return err_set(err, -EINVAL,
                   "%s is not the state of a sweep, or its beginning is damaged" REMEDY, path);
}

/* Is it the header of this sweep's state? *end: where the records begin. 0, or a negative errno
 * with *err saying what else it is. */
static int check_header(int fd, const char *path, const char *identity, uint64_t *seed, off_t *end,
                        struct err *err)
{
    struct sweep_state_header header;
    char *theirs;
    int r = transfer_read(fd, 0, &header, sizeof header);

    if (r < 0 && r != -ENODATA)
        return err_set(err, r, "cannot read %s: %s", path, strerror(-r));
    if (r < 0 || header.magic != HEADER_MAGIC || header.identity_len > IDENTITY_MAX)
        return no_state(path, err);
    if (header.version != VERSION)
        return err_set(err, -EINVAL, "%s is of another version of tva sweep" REMEDY, path);
    theirs = calloc(1, header.identity_len + 1);
    if (theirs == NULL)
        return err_set(err, -ENOMEM, "out of memory");
    r = transfer_read(fd, sizeof header, theirs, header.identity_len);
    if (r < 0 || header_check(&header, theirs) != header.check)
        r = no_state(path, err);
    else if (strlen(theirs) != header.identity_len || strcmp(theirs, identity) != 0)
        r = refuse_other(path, theirs, identity, err);
    free(theirs);
    *seed = header.seed;
    *end = (off_t)(sizeof header + header.identity_len);
    return r;
}

static uint64_t record_check(const struct sweep_state_record *record)
{
    return hash_bytes(RECORD_MAGIC, record, offsetof(struct sweep_state_record, check));
}

/* After a crash a file system may know the new length of a file but none of its new bytes. */
static bool only_zeros(int fd, off_t at, off_t size)
{
    char byte;

    for (; at < size; at++)
        if (transfer_read(fd, at, &byte, 1) < 0 || byte != 0)
            return false;
    return true;
}

/* What there is at an offset below the length of the file. */
enum found {
    WHOLE,
    CUT,     /* the beginning of a record, as a crash leaves it at the end */
    DAMAGED, /* neither */
};

/* One of enum found, or a negative errno. With WHOLE, *key is to be freed, and may be NULL when
 * there was no memory for it. */
static int read_record(int fd, off_t at, off_t size, struct sweep_state_record *out, char **key)
{
    uint64_t left = (uint64_t)(size - at), len;
    char *data;
    int r;

    if (left < sizeof *out)
        return CUT;
    r = transfer_read(fd, at, out, sizeof *out);
    if (r < 0)
        return r;
    if (out->magic != RECORD_MAGIC || record_check(out) != out->check || out->key_len > KEY_MAX)
        return only_zeros(fd, at, size) ? CUT : DAMAGED;
    left -= sizeof *out;
    if (out->key_len > left || out->payload_len > left - out->key_len)
        return CUT;
    len = out->key_len + out->payload_len;
    data = malloc(len + 1);
    r = data != NULL ? transfer_read(fd, at + (off_t)sizeof *out, data, len) : -ENOMEM;
    if (r == 0 && sum_of(RECORD_MAGIC, data, out->key_len, data + out->key_len, out->payload_len) !=
                      out->data_check)
        r = len == left ? CUT : DAMAGED; /* only the last may have been on its way to the disk */
    else if (r == 0)
        *key = strndup(data, out->key_len);
    free(data);
    return r;
}

/* Write the record at *end and sync; *end moves behind it. It goes to memory before, since its
 * length and checksum come first in the file. 0 or a negative errno. */
static int write_record(int fd, off_t *end, const char *key, const struct run_record *run)
{
    struct sweep_state_record record = {.magic = RECORD_MAGIC, .key_len = strlen(key)};
    int memory = memfd_create("tva-sweep-run", MFD_CLOEXEC);
    int r = memory < 0 ? -errno : run_wire_send(memory, run);
    off_t len = r == 0 ? lseek(memory, 0, SEEK_CUR) : 0, at;
    void *payload = MAP_FAILED;

    if (r == 0) {
        payload = mmap(NULL, (size_t)len, PROT_READ, MAP_PRIVATE, memory, 0);
        r = payload != MAP_FAILED ? 0 : -errno;
    }
    if (memory >= 0)
        close(memory);
    if (r < 0)
        return r;
    record.payload_len = (uint64_t)len;
    record.data_check = sum_of(RECORD_MAGIC, key, record.key_len, payload, (size_t)len);
    record.check = record_check(&record);
    at = *end + (off_t)(sizeof record + record.key_len);
    r = transfer_write(fd, *end, &record, sizeof record);
    if (r == 0)
        r = transfer_write(fd, *end + (off_t)sizeof record, key, record.key_len);
    if (r == 0)
        r = transfer_write(fd, at, payload, (size_t)len);
    if (r == 0 && fdatasync(fd) < 0)
        r = -errno;
    if (r == 0)
        *end = at + len;
    munmap(payload, (size_t)len);
    return r;
}

static int create(const char *path, const char *identity, uint64_t seed, struct err *err)
{
    struct sweep_state_header header = sweep_state_header_of(identity, seed);
    struct atomic_file *file = atomic_file_create(path, err);
    int r;

    if (file == NULL)
        return -EIO;
    fwrite(&header, sizeof header, 1, atomic_file_stream(file));
    fwrite(identity, 1, header.identity_len, atomic_file_stream(file));
    r = atomic_file_commit_new(file, err);
    if (r != -EEXIST)
        return r;
    *err = (struct err){""}; /* another sweep has begun just now, and has it */
    return 0;
}

/* Takes key. 0 or -ENOMEM. */
static int add_entry(struct sweep_state *s, char *key, off_t at)
{
    if (key == NULL || array_grow(&s->entries, s->count, &s->capacity, sizeof *s->entries) < 0) {
        free(key);
        return -ENOMEM;
    }
    s->entries[s->count++] = (struct entry){key, at};
    return 0;
}

/* Index the records behind the header. */
static int read_records(struct sweep_state *s, struct err *err)
{
    struct stat st;
    int r = fstat(s->fd, &st) < 0 ? -errno : 0;

    while (r == 0 && s->end < st.st_size) {
        struct sweep_state_record record;
        char *key = NULL;

        r = read_record(s->fd, s->end, st.st_size, &record, &key);
        if (r == WHOLE) {
            r = add_entry(s, key, s->end + (off_t)(sizeof record + record.key_len));
            s->end += (off_t)(sizeof record + record.key_len + record.payload_len);
        } else if (r == CUT) {
            s->cut = true;
            return ftruncate(s->fd, s->end) == 0
                       ? 0
                       : err_set(err, -errno, "cannot cut %s: %s", s->path, strerror(errno));
        } else if (r == DAMAGED) {
            return err_set(err, -EINVAL,
                           "%s is damaged: a run that is not what was written at byte %lld, after "
                           "%zu whole runs" REMEDY,
                           s->path, (long long)s->end, s->count);
        }
    }
    return r == 0 ? 0 : err_set(err, r, "cannot read %s: %s", s->path, strerror(-r));
}

static int take(struct sweep_state *s, const char *identity, uint64_t *seed, bool seed_given,
                struct err *err)
{
    struct stat locked, there;
    uint64_t theirs = 0;
    int r;

    /* What is locked may have been removed meanwhile, by a sweep that came to its end. */
    if (flock(s->fd, LOCK_EX | LOCK_NB) < 0 || fstat(s->fd, &locked) < 0 ||
        stat(s->path, &there) < 0 || locked.st_ino != there.st_ino)
        return err_set(err, -EBUSY,
                       "another tva sweep is at work on %s; wait for it, or name "
                       "another file with -o",
                       s->path);
    r = check_header(s->fd, s->path, identity, &theirs, &s->end, err);
    if (r == 0 && seed_given && theirs != *seed)
        r = err_set(err, -EINVAL, "%s is of a sweep with --seed %llu, this one has %llu" REMEDY,
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

int sweep_state_append(struct sweep_state *s, const char *key, const struct run_record *record,
                       struct err *err)
{
    off_t at = s->end, end = s->end;
    int r = write_record(s->fd, &end, key, record);

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
