/* The promise: whatever a file has for the state of a sweep, it is refused with a sentence, or what
 * it holds is read; nothing crashes, hangs or leaks. Mutations mend checksums, so that they get
 * beyond those, and begin with a state that this program has written, since its form is that of the
 * program's own structs. The sweep is FUZZ_IDENTITY; a file of another one is refused. */
#include "base/hash.h"
#include "fuzz_target.h"
#include "sweep/sweep_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FUZZ_IDENTITY "version 1\nsweep fuzz"
#define RUNS_READ_MAX 16

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

/* The record at data[0..left): lengths that fit, and checksums that agree. Returns its length. */
static size_t mend_record(uint8_t *data, size_t left)
{
    struct sweep_state_record record;
    struct hash_stream stream;

    if (left < sizeof record)
        return left;
    memcpy(&record, data, sizeof record);
    left -= sizeof record;
    if (record.key_len > left)
        record.key_len = left < 64 ? left : 64;
    if (record.payload_len > left - record.key_len)
        record.payload_len = left - record.key_len;
    hash_stream_init(&stream, record.magic);
    hash_stream_add(&stream, data + sizeof record, record.key_len);
    hash_stream_add(&stream, data + sizeof record + record.key_len, record.payload_len);
    record.data_check = hash_stream_sum(&stream);
    record.check = hash_bytes(record.magic, &record, offsetof(struct sweep_state_record, check));
    memcpy(data, &record, sizeof record);
    return sizeof record + record.key_len + record.payload_len;
}

static void mend(uint8_t *data, size_t size)
{
    struct sweep_state_header header = sweep_state_header_of(FUZZ_IDENTITY, 7);
    size_t at = sizeof header + header.identity_len;

    if (size < at)
        return;
    memcpy(data, &header, sizeof header);
    memcpy(data + sizeof header, FUZZ_IDENTITY, header.identity_len);
    while (at < size)
        at += mend_record(data + at, size - at);
}

/* A file in memory with these bytes, and its name. */
static int make_file(const void *data, size_t size, char *path, size_t path_size)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);

    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    snprintf(path, path_size, "/proc/self/fd/%d", fd);
    return fd;
}

/* A state of 3 runs, as far as there is room for it. Returns its length. */
static size_t write_state(uint8_t *data, size_t max_size)
{
    struct sweep_state_header header = sweep_state_header_of(FUZZ_IDENTITY, 7);
    struct sample samples[4] = {{0}};
    struct beat beats[3] = {{0}};
    struct run_record record = {.samples = samples, .beats = beats};
    uint64_t seed = 7;
    struct sweep_state *s;
    struct err err;
    char path[64];
    int fd = make_file(&header, sizeof header, path, sizeof path);
    ssize_t length;

    if (write(fd, FUZZ_IDENTITY, header.identity_len) != (ssize_t)header.identity_len ||
        sweep_state_open(path, FUZZ_IDENTITY, &seed, false, &s, &err) != 0)
        abort();
    for (size_t i = 0; i < 3; i++) {
        record.samples_count = i + 2;
        record.beats_count = 3 - i;
        if (sweep_state_append(s, "--model tasks --jobs 4", &record, &err) != 0)
            abort();
    }
    sweep_state_close(s, false);
    length = pread(fd, data, max_size, 0);
    close(fd);
    return length > 0 ? (size_t)length : 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    uint64_t drawn = hash_mix(seed);

    if (size < sizeof(struct sweep_state_header))
        return write_state(data, max_size);
    size = LLVMFuzzerMutate(data, size, max_size);
    if (drawn % 8 != 0)
        mend(data, size);
    return size;
}

static void read_runs(struct sweep_state *s)
{
    for (size_t i = 0; i < sweep_state_count(s) && i < RUNS_READ_MAX; i++) {
        struct run_record record;
        struct err err = {""};

        if (strlen(sweep_state_key(s, i)) > 1 << 20)
            abort();
        if (sweep_state_read(s, i, &record, &err) != 0 && err.text[0] == '\0')
            abort(); /* refused, and nobody knows why */
        run_record_deinit(&record);
    }
}

bool fuzz_one(const uint8_t *data, size_t size)
{
    struct sweep_state *s;
    struct err err = {""};
    uint64_t seed = 7;
    char path[64];
    int fd = make_file(data, size, path, sizeof path);
    bool is_state = sweep_state_open(path, FUZZ_IDENTITY, &seed, false, &s, &err) == 0;

    if (is_state) {
        read_runs(s);
        sweep_state_close(s, false);
    } else if (err.text[0] == '\0') {
        abort(); /* refused, and nobody knows why */
    }
    close(fd);
    return is_state;
}
