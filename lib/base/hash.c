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
