/* The promise: whatever stands in a jobs file, it is refused with a sentence that names a line, or
 * each of its jobs is what its text says, which makes the same job again; nothing crashes, hangs or
 * leaks. */
#include "fuzz_target.h"
#include "plan/jobs_file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

static const char *const words[] = {
    " + ",      "\n[",     "]\n",       ":",     ",",     "=",
    "#",        "a",       "b",         "sleep", "file",  "tcp",
    "http",     "cpu",     "mixed",     "null",  "delay", "dist=exp",
    "time",     "rounds=", "1ms",       "4k",    "38%",   "path=/",
    "requests", "url",     "block=",    "\n",    "size=", "total",
    "bytes",    "op=rw",   "keep=off,", "us=1",  "1e9",   "http://[::1]:1/"};

/* What can stand at the end of a line. */
static const char *const ends[] = {" + null",
                                   "\n[a]\nnull",
                                   "\n[b]\ncpu:time=1us",
                                   "\nsleep:us=1,dist=pareto",
                                   " + cpu",
                                   "\n[c]\na + b",
                                   "\na",
                                   " # + null",
                                   " + tcp",
                                   "\nb + b + a",
                                   " + file:block=8",
                                   " + http:path=/+,dist=uniform",
                                   ",dist=exp",
                                   "\n\tmixed",
                                   " + mixed:cpu=1%",
                                   ",requests=3",
                                   ",size=64k",
                                   "\r\n",
                                   " + http:url=http://127.0.0.1/",
                                   ",timeout=1s",
                                   ",rounds=777",
                                   ",time=1ms",
                                   " +\tsleep:us=5 ",
                                   "\n[d]\nc + c"};

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* A word somewhere, a part or a line behind a line, or bytes. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    bool behind = seed % 8 < 5;
    const char *word = behind ? ends[seed / 8 % COUNT(ends)] : words[seed / 8 % COUNT(words)];
    size_t len = strlen(word), at = seed / 512 * 7919U % (size + 1);

    if (seed % 8 == 7 || size + len > max_size)
        return LLVMFuzzerMutate(data, size, max_size);
    while (behind && at < size && data[at] != '\n')
        at++;
    memmove(data + at + len, data + at, size - at);
    memcpy(data + at, word, len);
    return size + len;
}

/* Read back, the text gives a job of the same text; and what follows from it can be asked for. */
static void use(const struct job *job)
{
    char text[JOB_TEXT_SIZE], again[JOB_TEXT_SIZE];
    struct job_spread spread = job_spread(job, 0);
    struct job_traits traits = job_traits(job);
    struct job copy;

    job_format(job, text, sizeof text);
    if (job_parse(text, &copy, NULL) != 0 || copy.count != job->count ||
        strcmp(job_format(&copy, again, sizeof again), text) != 0)
        abort();
    if (!(spread.scv >= 0 && spread.mean_wait_ns >= 0 && spread.mean_cpu_ns >= 0) ||
        (traits.only_computes && job_wait_ns(job, 3) > 0))
        abort();
}

bool fuzz_one(const uint8_t *data, size_t size)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    struct jobs_file *file = NULL;
    struct err err = {""};
    char path[64];
    int r;

    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    r = jobs_file_create(path, &file, &err);
    close(fd);
    if (r < 0 && strncmp(err.text, path, strlen(path)) != 0)
        abort();
    for (size_t i = 0; r == 0 && i < jobs_file_names(file)->count; i++)
        use(&jobs_file_names(file)->of[i].job);
    jobs_file_destroy(file);
    return r == 0;
}
