/* Reads one HTTP/1 answer to a GET, piece by piece: http_parser underneath. One thread at a time.
 */
#ifndef TVA_IO_HTTP_ANSWER_H
#define TVA_IO_HTTP_ANSWER_H

#include "base/hash.h"
#include "io/io.h"

#include <http_parser.h>

struct http_answer {
    http_parser parser;
    struct io_http_response response; /* all but `reused`, when it is complete */
    struct hash_stream body;
    const char *header; /* asked for, "" when none is */
    size_t header_len, name_len, value_len;
    bool in_value;   /* the parser is within a header's value */
    bool name_fits;  /* the name so far is the beginning of the one asked for */
    bool begun;      /* something has come */
    bool head_whole; /* the head has come */
    bool complete;
    bool keep; /* the connection may be used for another request; when complete */
};

/* Begin. The header asked for, NULL for none, must stay until the answer is complete. */
void http_answer_init(struct http_answer *a, const char *header);

/* Take what has come; `len` 0 is the end of the stream. 1 when the answer is complete with it, 0
 * when there is more to come, or:
 *   -EPROTO      it is not HTTP/1
 *   -ECONNRESET  the stream has ended before the head had come
 *   -EBADMSG     the stream has ended within the body */
int http_answer_take(struct http_answer *a, const char *data, size_t len);

#endif
