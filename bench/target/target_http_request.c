#include "target/target_http_request.h"

#include "base/list.h"
#include "base/param.h"
#include "job/wire.h"
#include "math/distribution.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static struct target_http_request *of(http_parser *parser)
{
    return container_of(parser, struct target_http_request, parser);
}

/* Keep the first fault that is found. */
static void refuse(struct target_http_request *p, int status)
{
    if (p->status == 0)
        p->status = status;
}

static int take_url(http_parser *parser, const char *data, size_t len)
{
    struct target_http_request *p = of(parser);

    if (p->url_len + len > TARGET_HTTP_URL_MAX) {
        refuse(p, 414);
        return 1;
    }
    memcpy(p->url + p->url_len, data, len);
    p->url_len += len;
    p->url[p->url_len] = '\0';
    return 0;
}

static int take_name(http_parser *parser, const char *data, size_t len)
{
    struct target_http_request *p = of(parser);

    if (p->in_value)
        p->name_len = 0;
    p->in_value = false;
    for (size_t i = 0; i < len; i++, p->name_len++)
        if (p->name_len < sizeof p->name)
            p->name[p->name_len] = data[i];
    return 0;
}

static int take_value(http_parser *parser, const char *data, size_t len)
{
    static const char host[] = "host";
    struct target_http_request *p = of(parser);

    (void)data;
    (void)len;
    if (!p->in_value && p->name_len == strlen(host) &&
        strncasecmp(p->name, host, strlen(host)) == 0)
        p->hosts++;
    p->in_value = true;
    return 0;
}

/* No request that is served has a body; the rest of one is not read. */
static int end_headers(http_parser *parser)
{
    struct target_http_request *p = of(parser);
    bool body = (parser->flags & F_CHUNKED) ||
                (parser->content_length != UINT64_MAX && parser->content_length > 0);

    p->head = parser->method == HTTP_HEAD;
    p->keep = http_should_keep_alive(parser) && !body;
    p->http_1_0 = parser->http_minor == 0;
    if (parser->http_major != 1)
        refuse(p, 505);
    else if (!p->http_1_0 ? p->hosts != 1 : p->hosts > 1)
        refuse(p, 400);
    else if (parser->method != HTTP_GET && parser->method != HTTP_HEAD)
        refuse(p, 405);
    else if (body)
        refuse(p, 413);
    if (p->status != 405)
        p->keep = p->keep && p->status == 0;
    if (body)
        http_parser_pause(parser, 1);
    return 0;
}

static int end_message(http_parser *parser)
{
    http_parser_pause(parser, 1);
    refuse(of(parser), 200);
    return 0;
}

void target_http_request_init(struct target_http_request *p)
{
    http_parser_init(&p->parser, HTTP_REQUEST);
    p->status = 0;
    p->head = p->keep = p->http_1_0 = p->in_value = false;
    p->bytes = p->url_len = p->name_len = 0;
    p->hosts = 0;
    p->url[0] = '\0';
}

size_t target_http_request_take(struct target_http_request *p, const char *data, size_t len)
{
    static const http_parser_settings settings = {
        .on_url = take_url,
        .on_header_field = take_name,
        .on_header_value = take_value,
        .on_headers_complete = end_headers,
        .on_message_complete = end_message,
    };
    size_t taken = http_parser_execute(&p->parser, &settings, data, len);
    enum http_errno fault = HTTP_PARSER_ERRNO(&p->parser);

    p->bytes += taken;
    if (fault == HPE_HEADER_OVERFLOW || p->bytes > TARGET_HTTP_HEAD_MAX) {
        p->status = 431;
        p->keep = false;
    } else if (fault != HPE_OK && fault != HPE_PAUSED) {
        refuse(p, 400);
        p->keep = false;
    }
    return taken;
}

enum { SIZE, DELAY, DIST, SEED, STATUS, COUNT };

static const struct param query[COUNT] = {
    [SIZE] = {"size", PARAM_SIZE, HTTP_WIRE_SIZE, 0, HTTP_WIRE_SIZE_MAX, NULL, "of the body"},
    [DELAY] = {"delay", PARAM_DURATION, 0, 0, WIRE_DELAY_MAX, NULL, "before the answer"},
    [DIST] = {"dist", PARAM_CHOICE, DISTRIBUTION_FIXED, 0, 0, distribution_words, "of the delay"},
    [SEED] = {"seed", PARAM_COUNT, 0, 0, UINT64_MAX, NULL, "of a delay that is drawn"},
    [STATUS] = {"status", PARAM_COUNT, 200, 200, 599, NULL, "of the answer"},
};

int target_http_request_read_query(const char *url, struct target_http_query *out, struct err *err)
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
    r = param_parse(query, COUNT, "query", list, values, NULL, err);
    if (r < 0)
        return r;
    out->size = values[SIZE];
    out->delay_ns =
        distribution_draw_ns((enum distribution)values[DIST], values[DELAY], values[SEED], 0);
    if (out->delay_ns > WIRE_DELAY_MAX)
        out->delay_ns = WIRE_DELAY_MAX;
    out->status = (int)values[STATUS];
    return 0;
}
