#include "base/random.h"

#include "base/hash.h"

#define GOLDEN_GAMMA 0x9e3779b97f4a7c15ULL /* by which the state of SplitMix64 advances */

/* hash_mix() adds the constant once itself, so index 0 is the first output. */
uint64_t random_bits(uint64_t seed, uint64_t stream, uint64_t index)
{
    uint64_t state = hash_mix(hash_mix(seed) ^ stream);

    return hash_mix(state + index * GOLDEN_GAMMA);
}

/* 52 bits and a half: 53 significant digits, which a double holds exactly, and neither end. */
double random_uniform(uint64_t seed, uint64_t stream, uint64_t index)
{
    return ((double)(random_bits(seed, stream, index) >> 12) + 0.5) * 0x1p-52;
}
