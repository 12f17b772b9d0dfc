#include "target/target_http_query.h"

#include "base/param.h"
#include "job/http_wire.h"
#include "math/distribution.h"
#include "target/target_http_parser.h"

#include <stdio.h>
#include <string.h>

enum { SIZE, DELAY, DIST, SEED, STATUS, COUNT };

static const struct param query[COUNT] = {
    [SIZE] = {"size", PARAM_SIZE, HTTP_WIRE_SIZE, 0, HTTP_WIRE_SIZE_MAX, NULL, "of the body"},
    [DELAY] = {"delay", PARAM_DURATION, 0, 0, HTTP_WIRE_DELAY_MAX, NULL, "before the answer"},
    [DIST] = {"dist", PARAM_CHOICE, DISTRIBUTION_FIXED, 0, 0, distribution_words, "of the delay"},
    [SEED] = {"seed", PARAM_COUNT, 0, 0, UINT64_MAX, NULL, "of a delay that is drawn"},
    [STATUS] = {"status", PARAM_COUNT, 200, 200, 599, NULL, "of the answer"},
};

int target_http_query_read(const char *url, struct target_http_query *out, struct err *err)
{
    const char *question = strchr(url, '?');
    char list[TARGET_HTTP_URL_MAX + 1] = "";
    uint64_t values[COUNT];
    int r;

    if (question != NULL)
        snprintf(list, sizeof list, "%s", question + 1);
    for (char *c = list; *c != '\0'; c++)
        if (*c == '&')
            *c = ',';
    r = param_parse(query, COUNT, "query", list, values, err);
    if (r < 0)
        return r;
    out->size = values[SIZE];
    out->delay_ns =
        distribution_draw_ns((enum distribution)values[DIST], values[DELAY], values[SEED], 0);
    if (out->delay_ns > HTTP_WIRE_DELAY_MAX)
        out->delay_ns = HTTP_WIRE_DELAY_MAX;
    out->status = (int)values[STATUS];
    return 0;
}
