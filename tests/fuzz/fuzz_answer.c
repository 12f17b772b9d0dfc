/* The promise: whatever a server answers to the client that is written by hand, in whatever pieces,
 * is an answer or an error; nothing crashes, hangs or leaks. The first byte is the size of the
 * pieces. */
#include "fuzz_target.h"
#include "io/http_answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    (void)seed;
    return LLVMFuzzerMutate(data, size, max_size);
}

bool fuzz_one(const uint8_t *data, size_t size)
{
    size_t piece = size > 0 ? 1 + data[0] : 1;
    struct http_answer a;
    int r = 0;

    http_answer_init(&a, "X-Held-Ns");
    for (size_t at = size > 0; at < size && r == 0; at += piece)
        r = http_answer_take(&a, (const char *)data + at, size - at < piece ? size - at : piece);
    if (r == 0)
        r = http_answer_take(&a, NULL, 0);
    if (r == 1 && strnlen(a.response.header, sizeof a.response.header) == sizeof a.response.header)
        abort();
    if (r == 0 || (r < 0 && r != -EPROTO && r != -EMSGSIZE && r != -ECONNRESET && r != -EBADMSG))
        abort();
    return r == 1;
}
