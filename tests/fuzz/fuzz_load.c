/* The promise: whatever stands in a rate that changes, or in how a target is to misbehave, it is
 * refused with a sentence, or it is what its text says: the text of a rate makes the same rate
 * again, its arrivals ascend and end with it, and a stall has an end. */
#include "fuzz_target.h"
#include "job/pathology.h"
#include "load/load.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

static const char *const words[] = {"100",
                                    "/s",
                                    "..",
                                    "@",
                                    ",",
                                    "+",
                                    "1s",
                                    "500ms",
                                    "0.5",
                                    "2k",
                                    "1e9",
                                    "1ns",
                                    "86400s",
                                    "stall=",
                                    "slow=",
                                    "limit=",
                                    "/5s",
                                    "@2s..4s",
                                    "0",
                                    "stall=1s/3s+",
                                    "300..20/s@7us,",
                                    "limit=10,"};

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* A word somewhere, or bytes. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    const char *word = words[seed / 4 % COUNT(words)];
    size_t len = strlen(word), at = seed / 128 % (size + 1);

    if (seed % 4 == 3 || size + len > max_size)
        return LLVMFuzzerMutate(data, size, max_size);
    memmove(data + at + len, data + at, size - at);
    memcpy(data + at, word, len);
    return size + len;
}

static void use_rates(const struct load_rates *r)
{
    char text[LOAD_RATES_TEXT_SIZE], second[LOAD_RATES_TEXT_SIZE];
    struct load_rates again;
    double ns = (double)load_rates_duration_ns(r), jobs, last = 0;

    load_rates_format(r, text, sizeof text);
    if (load_rates_parse(text, &again, NULL) != 0 || again.count != r->count ||
        strcmp(load_rates_format(&again, second, sizeof second), text) != 0)
        abort();
    if (ns == 0)
        return;
    jobs = load_rates_mean_per_s(r) * ns / 1e9;
    for (int i = 0; i <= 64; i++) {
        double at = load_rates_when_ns(r, jobs * i / 64);

        if (!(at >= last * (1 - 1e-9)) || !(at <= ns * (1 + 1e-6)))
            abort();
        last = at;
    }
    if (!(last >= ns * (1 - 1e-6)))
        abort();
}

static void use_pathology(const struct pathology *p)
{
    uint64_t at_ns = 0;

    for (int i = 0; i < 64; i++, at_ns = at_ns * 2 + 12345678) {
        uint64_t leave_ns = pathology_leave_ns(p, at_ns);

        if (leave_ns < at_ns || pathology_leave_ns(p, leave_ns) != leave_ns)
            abort();
        pathology_added_ns(p, at_ns);
        if (at_ns > UINT64_MAX / 8)
            return;
    }
}

bool fuzz_one(const uint8_t *data, size_t size)
{
    char *text = calloc(1, size + 1);
    struct err err = {""}, why = {""};
    struct load_rates rates;
    struct pathology pathology;
    int of_rates, of_pathology;

    if (text == NULL)
        abort();
    memcpy(text, data, size);
    of_rates = load_rates_parse(text, &rates, &err);
    of_pathology = pathology_parse(text, &pathology, &why);
    if ((of_rates < 0 && *err.text == '\0') || (of_pathology < 0 && *why.text == '\0'))
        abort();
    if (of_rates == 0)
        use_rates(&rates);
    if (of_pathology == 0)
        use_pathology(&pathology);
    free(text);
    return of_rates == 0 || of_pathology == 0;
}
