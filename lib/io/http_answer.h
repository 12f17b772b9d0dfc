/* Reads one HTTP/1 answer to a GET, piece by piece: http_parser underneath. One thread at a time.
 */
#ifndef TVA_IO_HTTP_ANSWER_H
#define TVA_IO_HTTP_ANSWER_H

#include "base/hash.h"
#include "io/io.h"

#include <http_parser.h>

struct http_answer {
    http_parser parser;
    struct io_http_response response; /* when complete; without `reused` */
    struct hash_stream body;
    const char *header; /* the one to return; "": none */
    size_t header_len, name_len, value_len;
    bool in_value;   /* the parser is within a header's value */
    bool name_fits;  /* so far the header's name is that of the one to return */
    bool begun;      /* a byte has come */
    bool head_whole; /* the whole head has come */
    bool complete;
    bool keep; /* when complete: the connection may be used for another request */
};

/* Begin. `header` is the response header to return, NULL for none; it must stay until the answer is
 * complete. */
void http_answer_init(struct http_answer *a, const char *header);

/* Take bytes that have come; `len` 0 is the end of the stream. 1 when they complete the answer, 0
 * when more must come, or -EPROTO, it is not HTTP/1; -EMSGSIZE, its head has more than 80 KiB;
 * -ECONNRESET, the stream has ended before the head had come; -EBADMSG, it has ended within the
 * body. */
int http_answer_take(struct http_answer *a, const char *data, size_t len);

#endif
