#include "base/hash.h"

#include <string.h>

uint64_t hash_bytes(uint64_t seed, const void *data, size_t len)
{
    const unsigned char *p = data;
    /* The length goes in first: otherwise a tail and the same tail with zeros behind it, which is
     * how it is padded below, would have one checksum. */
    uint64_t h = hash_mix(seed ^ hash_mix(len));
    uint64_t word;

    for (; len >= sizeof word; p += sizeof word, len -= sizeof word) {
        memcpy(&word, p, sizeof word);
        h = hash_mix(h ^ word);
    }
    if (len > 0) {
        word = 0;
        memcpy(&word, p, len);
        h = hash_mix(h ^ word);
    }
    return h;
}

void hash_stream_init(struct hash_stream *s, uint64_t seed)
{
    *s = (struct hash_stream){.state = hash_mix(seed)};
}

void hash_stream_add(struct hash_stream *s, const void *data, size_t len)
{
    const unsigned char *p = data;
    size_t held = s->len % sizeof s->word;

    s->len += len;
    if (held > 0) {
        size_t n = len < sizeof s->word - held ? len : sizeof s->word - held;

        memcpy((unsigned char *)&s->word + held, p, n);
        if (held + n < sizeof s->word)
            return;
        s->state = hash_mix(s->state ^ s->word);
        p += n;
        len -= n;
    }
    for (; len >= sizeof s->word; p += sizeof s->word, len -= sizeof s->word) {
        memcpy(&s->word, p, sizeof s->word);
        s->state = hash_mix(s->state ^ s->word);
    }
    s->word = 0;
    if (len > 0)
        memcpy(&s->word, p, len);
}

/* The length goes in last, for the reason that hash_bytes() has it first. */
uint64_t hash_stream_sum(const struct hash_stream *s)
{
    uint64_t sum = s->len % sizeof s->word > 0 ? hash_mix(s->state ^ s->word) : s->state;

    return hash_mix(sum ^ hash_mix(s->len));
}
