#include "io/curl/http_error.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

static const struct {
    CURLcode code;
    int error;
    bool system_knows; /* the system's own errno, where there is one, comes first */
} kinds[] = {
    {CURLE_URL_MALFORMAT, -EINVAL, false},
    {CURLE_UNSUPPORTED_PROTOCOL, -EPROTO, false}, /* of the answer: URLs were checked before */
    {CURLE_WEIRD_SERVER_REPLY, -EPROTO, false},
    {CURLE_BAD_CONTENT_ENCODING, -EPROTO, false},
    {CURLE_COULDNT_RESOLVE_HOST, -EHOSTUNREACH, false},
    {CURLE_COULDNT_CONNECT, -ECONNREFUSED, true},
    {CURLE_GOT_NOTHING, -ECONNRESET, false},
    {CURLE_SEND_ERROR, -ECONNRESET, true},
    {CURLE_RECV_ERROR, -EPROTO, true}, /* without an errno: chunks that are none */
    {CURLE_PARTIAL_FILE, -EBADMSG, false},
    {CURLE_OPERATION_TIMEDOUT, -ETIMEDOUT, false},
    {CURLE_OUT_OF_MEMORY, -ENOMEM, false},
};

int http_error(CURLcode code, int os_error)
{
    if (code == CURLE_OK)
        return 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].code == code)
            return kinds[i].system_knows && os_error > 0 ? -os_error : kinds[i].error;
    return -EIO;
}
