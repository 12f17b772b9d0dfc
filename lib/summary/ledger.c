#include "summary/ledger.h"

#include "result/result.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ERRNO_END 4096 /* of what the kernel can return */

json_t *ledger_of_run(const struct run_record *run)
{
    struct job_ledger sum = run->ledger;
    uint64_t jobs = 0;
    char checksum[17];

    for (size_t i = run->warmup_samples; i < run->samples_count; i++)
        jobs += run->samples[i].result == 0;
    snprintf(checksum, sizeof checksum, "%016" PRIx64, sum.checksum);
    return json_pack("{so so so so ss}", "jobs", result_new_count(jobs), "operations",
                     result_new_count(sum.operations), "bytes_in", result_new_count(sum.bytes_in),
                     "bytes_out", result_new_count(sum.bytes_out), "checksum", checksum);
}

int ledger_add_errors(json_t *errors, const struct run_record *run)
{
    for (size_t i = run->warmup_samples; i < run->samples_count; i++) {
        int code = sample_ran(&run->samples[i]) ? abs(run->samples[i].result) : 0;
        const char *name;
        char number[32];
        json_int_t before;

        if (code == 0)
            continue;
        name = strerrorname_np(code);
        if (name == NULL) {
            snprintf(number, sizeof number, "errno %d", code);
            name = number;
        }
        before = json_integer_value(json_object_get(errors, name));
        if (json_object_set_new(errors, name, json_integer(before + 1)) != 0)
            return -ENOMEM;
    }
    return 0;
}

int ledger_error_code(const char *name)
{
    int code;

    if (sscanf(name, "errno %d", &code) == 1)
        return code;
    for (code = 1; code < ERRNO_END; code++) {
        const char *known = strerrorname_np(code);

        if (known != NULL && strcmp(known, name) == 0)
            return code;
    }
    return 0;
}

uint64_t ledger_errors_count(const json_t *errors)
{
    uint64_t sum = 0;
    const char *name;
    json_t *count;

    json_object_foreach((json_t *)errors, name, count) sum += (uint64_t)json_integer_value(count);
    return sum;
}

static json_int_t ledger_count(const json_t *ledger, const char *name)
{
    return json_integer_value(json_object_get(ledger, name));
}

static bool differs_in_jobs(const json_t *a, const json_t *b, char *buf, size_t size)
{
    const char *checksum_a = json_string_value(json_object_get(a, "checksum"));
    const char *checksum_b = json_string_value(json_object_get(b, "checksum"));
    json_int_t x = ledger_count(a, "jobs"), y = ledger_count(b, "jobs");

    if (x != y) {
        snprintf(buf, size, "jobs %" JSON_INTEGER_FORMAT " against %" JSON_INTEGER_FORMAT, x, y);
        return true;
    }
    if (checksum_a == NULL || checksum_b == NULL || strcmp(checksum_a, checksum_b) == 0)
        return false;
    snprintf(buf, size, "checksum %s against %s", checksum_a, checksum_b);
    return true;
}

/* Of a work, so many in so many jobs. */
static bool differs_per_job(const char *name, const json_t *a, const json_t *b, char *buf,
                            size_t size)
{
    double jobs_a = (double)ledger_count(a, "jobs"), jobs_b = (double)ledger_count(b, "jobs");
    double x = (double)ledger_count(a, name), y = (double)ledger_count(b, name);

    if (x * jobs_b == y * jobs_a)
        return false;
    snprintf(buf, size, "%s %.0f in %.0f jobs against %.0f in %.0f", name, x, jobs_a, y, jobs_b);
    return true;
}

bool ledger_differs(const json_t *a, const json_t *b, bool per_job, char *buf, size_t size)
{
    static const char *const sums[] = {"operations", "bytes_in", "bytes_out"};
    size_t n = sizeof sums / sizeof sums[0];

    for (size_t i = 0; i < n && per_job; i++)
        if (differs_per_job(sums[i], a, b, buf, size))
            return true;
    for (size_t i = 0; i < n && !per_job; i++) {
        json_int_t x = ledger_count(a, sums[i]), y = ledger_count(b, sums[i]);

        if (x != y && ledger_count(a, "jobs") == ledger_count(b, "jobs")) {
            snprintf(buf, size, "%s %" JSON_INTEGER_FORMAT " against %" JSON_INTEGER_FORMAT,
                     sums[i], x, y);
            return true;
        }
    }
    return !per_job && differs_in_jobs(a, b, buf, size);
}
