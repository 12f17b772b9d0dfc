#include "sweep/sweep_state_file.h"

#include "base/hash.h"
#include "sweep/sweep_state.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEADER_MAGIC 0x7476612d73776565ULL /* "tva-swee" */
#define RECORD_MAGIC 0x7476612d7265636fULL /* "tva-reco" */
#define VERSION      1
#define CHUNK        65536
#define KEY_MAX      4096
#define QUOTE_MAX    120

static uint64_t header_check(const struct state_header *header, const char *identity)
{
    struct hash_stream stream;

    hash_stream_init(&stream, HEADER_MAGIC);
    hash_stream_add(&stream, header, offsetof(struct state_header, check));
    hash_stream_add(&stream, identity, header->identity_len);
    return hash_stream_sum(&stream);
}

struct state_header state_header_of(const char *identity, uint64_t seed)
{
    struct state_header header = {HEADER_MAGIC, VERSION, strlen(identity), seed, 0};

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

/* Where to quote a line from so that what differs is in the quotation: its beginning when the
 * difference is near, else that of the last word before it that begins alike. */
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
    if (a == 0 || b == 0) /* one has all that the other has, and more */
        return err_set(err, -EINVAL,
                       "%s is of another sweep: it has %s \"%.*s\"; delete it to begin anew, or "
                       "name another file with -o",
                       path, b == 0 ? "also" : "no", quoted(a + b), b == 0 ? theirs : ours);
    from = quote_from(theirs, ours);
    a -= from;
    b -= from;
    return err_set(err, -EINVAL,
                   "%s is of another sweep: it has \"%.*s\", this one \"%.*s\"; delete it to begin "
                   "anew, or name another file with -o",
                   path, quoted(a), theirs + from, quoted(b), ours + from);
}

static int no_state(const char *path, struct err *err)
{
    return err_set(
        err, -EINVAL,
        "%s is not the state of a sweep, or its beginning is damaged; delete it to begin "
        "anew, or name another file with -o",
        path);
}

int state_check_header(int fd, const char *path, const char *identity, uint64_t *seed, off_t *end,
                       struct err *err)
{
    struct state_header header;
    char *theirs;
    int r = read_at(fd, 0, &header, sizeof header);

    if (r < 0)
        return err_set(err, r, "cannot read %s: %s", path, strerror(-r));
    if (r == 0 || header.magic != HEADER_MAGIC || header.identity_len > SWEEP_STATE_IDENTITY_MAX)
        return no_state(path, err);
    if (header.version != VERSION)
        return err_set(err, -EINVAL,
                       "%s is of another version of tva sweep; delete it to begin anew, or name "
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

static uint64_t record_check(const struct state_record *record)
{
    return hash_bytes(RECORD_MAGIC, record, offsetof(struct state_record, check));
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

/* A file system may, after a crash, know the new length of a file and none of its new bytes. */
static bool only_zeros(int fd, off_t at, off_t size)
{
    char byte;

    for (; at < size; at++)
        if (read_at(fd, at, &byte, 1) <= 0 || byte != 0)
            return false;
    return true;
}

static enum state_found unreadable(int error)
{
    errno = -error;
    return STATE_UNREADABLE;
}

enum state_found state_read_record(int fd, off_t at, off_t size, struct state_record *out,
                                   char **key)
{
    uint64_t left = (uint64_t)(size - at);
    struct hash_stream stream;
    int r;

    *key = NULL;
    if (left < sizeof *out)
        return STATE_CUT;
    r = read_at(fd, at, out, sizeof *out);
    if (r <= 0)
        return unreadable(r < 0 ? r : -EIO);
    if (out->magic != RECORD_MAGIC || record_check(out) != out->check || out->key_len > KEY_MAX)
        return only_zeros(fd, at, size) ? STATE_CUT : STATE_DAMAGED;
    left -= sizeof *out;
    if (out->key_len > left || out->payload_len > left - out->key_len)
        return STATE_CUT;
    hash_stream_init(&stream, RECORD_MAGIC);
    at += (off_t)sizeof *out;
    r = check_bytes(fd, at, out->key_len + out->payload_len, &stream);
    if (r < 0)
        return unreadable(r);
    if (hash_stream_sum(&stream) != out->data_check) {
        /* The last one may have been on its way to the disk; no other can have been. */
        return at + (off_t)(out->key_len + out->payload_len) == size ? STATE_CUT : STATE_DAMAGED;
    }
    *key = calloc(1, out->key_len + 1);
    if (*key != NULL && read_at(fd, at, *key, out->key_len) < 0) {
        free(*key);
        *key = NULL;
    }
    return STATE_WHOLE;
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

int state_write_record(int fd, off_t *end, const char *key, int memory)
{
    struct state_record record = {.magic = RECORD_MAGIC, .key_len = strlen(key)};
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
