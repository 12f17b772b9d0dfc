/* Non-cryptographic mixing, for checksums, offsets and shuffles that repeat.
 * Source: SplitMix64, Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
 * OOPSLA 2014 (constants by Stafford's Mix13). Any thread. */
#ifndef TVA_BASE_HASH_H
#define TVA_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* One round: a bijection of 64 bits in which each input bit changes about half of the output. */
static inline uint64_t hash_mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15ULL;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

/* Checksum of a buffer, beginning with `seed`; the same on all machines of one byte order. */
uint64_t hash_bytes(uint64_t seed, const void *data, size_t len);

/* Checksum of bytes that come in pieces, whatever the pieces are. It differs from hash_bytes(),
 * which knows the length beforehand. */
struct hash_stream {
    uint64_t state;
    uint64_t len;  /* bytes so far */
    uint64_t word; /* the last bytes, which do not fill a word yet */
};

void hash_stream_init(struct hash_stream *s, uint64_t seed);
void hash_stream_add(struct hash_stream *s, const void *data, size_t len);

/* The checksum so far; more bytes may be added later. */
uint64_t hash_stream_sum(const struct hash_stream *s);

#endif
