#include "io/http_answer.h"

#include "base/list.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

static struct http_answer *of(http_parser *parser)
{
    return container_of(parser, struct http_answer, parser);
}

static int take_name(http_parser *parser, const char *data, size_t len)
{
    struct http_answer *a = of(parser);

    if (a->in_value) {
        a->in_value = false;
        a->name_fits = true;
        a->name_len = 0;
    }
    a->name_fits = a->name_fits && len <= a->header_len - a->name_len &&
                   strncasecmp(a->header + a->name_len, data, len) == 0;
    if (a->name_fits)
        a->name_len += len;
    return 0;
}

static int take_value(http_parser *parser, const char *data, size_t len)
{
    struct http_answer *a = of(parser);
    size_t room;

    if (a->name_fits && a->name_len == a->header_len) {
        if (!a->in_value)
            a->value_len = 0;
        room = sizeof a->response.header - 1 - a->value_len;
        if (len > room)
            len = room;
        memcpy(a->response.header + a->value_len, data, len);
        a->value_len += len;
    }
    a->in_value = true;
    return 0;
}

/* Returns what http_parser wants to know: 1 says that there is no body, whatever the head says of
 * its length. */
static int end_head(http_parser *parser)
{
    struct http_answer *a = of(parser);
    unsigned status = parser->status_code;

    while (a->value_len > 0 && strchr(" \t", a->response.header[a->value_len - 1]) != NULL)
        a->value_len--;
    a->response.header[a->value_len] = '\0';
    a->head_whole = true;
    if (parser->http_major != 1)
        return -1;
    return status == 204 || status == 304;
}

static int take_body(http_parser *parser, const char *data, size_t len)
{
    hash_stream_add(&of(parser)->body, data, len);
    return 0;
}

static int end_answer(http_parser *parser)
{
    struct http_answer *a = of(parser);
    bool switches = parser->status_code == 101;

    if (parser->status_code / 100 == 1 && !switches) { /* the answer proper is still to come */
        a->head_whole = false;
        a->value_len = 0;
        return 0;
    }
    a->complete = true;
    a->keep = http_should_keep_alive(parser) && !switches;
    a->response.status = parser->status_code;
    a->response.body_bytes = a->body.len;
    a->response.checksum = hash_stream_sum(&a->body);
    http_parser_pause(parser, 1);
    return 0;
}

void http_answer_init(struct http_answer *a, const char *header)
{
    http_parser_init(&a->parser, HTTP_RESPONSE);
    hash_stream_init(&a->body, 0);
    a->response = (struct io_http_response){0};
    a->header = header != NULL ? header : "";
    a->header_len = strlen(a->header);
    a->name_len = a->value_len = 0;
    a->in_value = true; /* that of no header: a name begins next */
    a->name_fits = a->begun = a->head_whole = a->complete = a->keep = false;
}

int http_answer_take(struct http_answer *a, const char *data, size_t len)
{
    static const http_parser_settings with_header = {.on_header_field = take_name,
                                                     .on_header_value = take_value,
                                                     .on_headers_complete = end_head,
                                                     .on_body = take_body,
                                                     .on_message_complete = end_answer},
                                      without = {.on_headers_complete = end_head,
                                                 .on_body = take_body,
                                                 .on_message_complete = end_answer};
    size_t taken =
        http_parser_execute(&a->parser, a->header_len > 0 ? &with_header : &without, data, len);

    a->begun = a->begun || len > 0;
    if (a->complete) {
        a->keep = a->keep && taken == len; /* bytes after it belong to no answer */
        return 1;
    }
    if (len == 0)
        return a->head_whole ? -EBADMSG : -ECONNRESET;
    if (HTTP_PARSER_ERRNO(&a->parser) == HPE_HEADER_OVERFLOW)
        return -EMSGSIZE;
    return HTTP_PARSER_ERRNO(&a->parser) == HPE_OK ? 0 : -EPROTO;
}
