#include "summary/load_json.h"

#include "load/load.h"
#include "math/stats.h"
#include "result/result.h"

#include <math.h>
#include <stdlib.h>

static json_t *seconds_or_null(uint64_t ns, bool applies)
{
    return applies ? result_new_number(clock_seconds(ns)) : json_null();
}

json_t *load_json(const struct load *load)
{
    bool open = load->kind == LOAD_OPEN, loop = load->kind != LOAD_BATCH;

    return json_pack(
        "{ss so so so so so so so so}", "kind", load_kind_name(load->kind), "rate_per_s",
        open ? result_new_number(load->rate_per_s) : json_null(), "arrivals",
        open ? json_string(load_arrivals_name(load->arrivals)) : json_null(), "clients",
        load->kind == LOAD_CLOSED ? result_new_count(load->clients) : json_null(), "duration_s",
        seconds_or_null(load->duration_ns, load->duration_ns > 0), "warmup_s",
        seconds_or_null(load->warmup_ns, loop && load->warmup_ns > 0), "limit",
        load->limit > 0 ? result_new_count(load->limit) : json_null(), "drain_s",
        seconds_or_null(load->drain_ns, open), "poison", result_new_number(load->poison));
}

json_t *load_json_arrivals(const struct summary_input *in)
{
    uint64_t offered = 0, refused = 0, unserved = 0;

    if (in->cell->load.kind == LOAD_BATCH || in->count == 0)
        return json_null();
    for (size_t i = 0; i < in->count; i++) {
        offered += summary_counted(in->runs[i]);
        refused += in->runs[i]->refused;
        unserved += in->runs[i]->unserved;
    }
    return json_pack("{so so so so}", "offered", result_new_count(offered), "admitted",
                     result_new_count(offered - (refused < offered ? refused : offered)), "refused",
                     result_new_count(refused), "unserved", result_new_count(unserved));
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

uint64_t load_json_jobs(const struct summary_input *in)
{
    uint64_t *counted, middle;

    if (in->cell->jobs > 0 || in->count == 0)
        return in->cell->jobs;
    counted = malloc(in->count * sizeof *counted);
    if (counted == NULL)
        return summary_counted(in->runs[0]);
    for (size_t i = 0; i < in->count; i++)
        counted[i] = summary_counted(in->runs[i]);
    qsort(counted, in->count, sizeof *counted, compare);
    middle = counted[in->count / 2];
    free(counted);
    return middle;
}
