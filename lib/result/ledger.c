#include "result/ledger.h"

#include "base/text.h"
#include "result/result.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* The sums that are compared before the number of jobs. */
static const struct {
    const char *name;
    size_t offset;
} sums[] = {{"operations", offsetof(struct ledger, operations)},
            {"bytes_in", offsetof(struct ledger, bytes_in)},
            {"bytes_out", offsetof(struct ledger, bytes_out)}};

static uint64_t sum_of(const struct ledger *ledger, size_t which)
{
    return *(const uint64_t *)(const void *)((const char *)ledger + sums[which].offset);
}

json_t *ledger_write(const struct ledger *ledger, json_t *errors)
{
    char checksum[17];

    snprintf(checksum, sizeof checksum, "%016" PRIx64, ledger->checksum);
    return json_pack("{so so so so ss so}", "jobs", result_new_count(ledger->jobs), "operations",
                     result_new_count(ledger->operations), "bytes_in",
                     result_new_count(ledger->bytes_in), "bytes_out",
                     result_new_count(ledger->bytes_out), "checksum", checksum, "errors", errors);
}

static uint64_t count_at(const json_t *value, const char *name)
{
    return (uint64_t)json_integer_value(json_object_get(value, name));
}

bool ledger_read(const json_t *value, struct ledger *out)
{
    *out = (struct ledger){
        .jobs = count_at(value, "jobs"),
        .operations = count_at(value, "operations"),
        .bytes_in = count_at(value, "bytes_in"),
        .bytes_out = count_at(value, "bytes_out"),
        .checksum = strtoull(result_string(value, "checksum"), NULL, 16),
    };
    return json_is_object(value);
}

/* Of a work, so many in so many jobs. */
static bool differs_per_job(const struct ledger *a, const struct ledger *b, size_t which, char *buf,
                            size_t size)
{
    double x = (double)sum_of(a, which), y = (double)sum_of(b, which);

    if (x * (double)b->jobs == y * (double)a->jobs)
        return false;
    snprintf(buf, size, "%s %.0f in %.0f job%s against %.0f in %.0f", sums[which].name, x,
             (double)a->jobs, TEXT_S(a->jobs), y, (double)b->jobs);
    return true;
}

static bool differs(const char *name, uint64_t x, uint64_t y, char *buf, size_t size)
{
    if (x != y)
        snprintf(buf, size, "%s %" PRIu64 " against %" PRIu64, name, x, y);
    return x != y;
}

bool ledger_differs(const struct ledger *a, const struct ledger *b, bool per_job, char *buf,
                    size_t size)
{
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++)
        if (per_job ? differs_per_job(a, b, i, buf, size)
                    : a->jobs == b->jobs &&
                          differs(sums[i].name, sum_of(a, i), sum_of(b, i), buf, size))
            return true;
    if (per_job)
        return false;
    if (differs("jobs", a->jobs, b->jobs, buf, size))
        return true;
    if (a->checksum != b->checksum)
        snprintf(buf, size, "checksum %016" PRIx64 " against %016" PRIx64, a->checksum,
                 b->checksum);
    return a->checksum != b->checksum;
}
