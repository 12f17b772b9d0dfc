/* The promise: hash_mix() is SplitMix64, number for number, and hash_bytes() tells apart what
 * differs in any byte, in length, or in seed, wherever the buffer lies in memory. */
#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define GOLDEN 0x9e3779b97f4a7c15ULL

/* The first outputs for seed 1234567 of the authors' reference program; each step of its state adds
 * the golden ratio, which hash_mix() does itself. */
static void test_mix_gives_the_published_numbers(void **state)
{
    const uint64_t published[] = {6457827717110365317ULL, 3203168211198807973ULL,
                                  9817491932198370423ULL, 4593380528125082431ULL,
                                  16408922859458223821ULL};

    (void)state;
    for (size_t i = 0; i < sizeof published / sizeof *published; i++)
        assert_true(hash_mix(1234567 + i * GOLDEN) == published[i]);
}

static void test_every_byte_counts(void **state)
{
    unsigned char data[37] = {0};
    uint64_t plain = hash_bytes(1, data, sizeof data);

    (void)state;
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = 1;
        assert_true(hash_bytes(1, data, sizeof data) != plain);
        data[i] = 0;
    }
    assert_true(hash_bytes(1, data, sizeof data) == plain);
}

static void test_length_and_seed_count(void **state)
{
    const unsigned char zeros[40] = {0};
    uint64_t seen[41];

    (void)state;
    for (size_t len = 0; len <= sizeof zeros; len++) {
        seen[len] = hash_bytes(7, zeros, len);
        assert_true(seen[len] != hash_bytes(8, zeros, len));
        for (size_t i = 0; i < len; i++)
            assert_true(seen[i] != seen[len]);
    }
}

static void test_place_in_memory_does_not_count(void **state)
{
    char buf[64];
    uint64_t first;

    (void)state;
    memcpy(buf, "the same nineteen b", 19);
    first = hash_bytes(3, buf, 19);
    for (size_t shift = 1; shift < 16; shift++) {
        memcpy(buf + shift, "the same nineteen b", 19);
        assert_true(hash_bytes(3, buf + shift, 19) == first);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mix_gives_the_published_numbers),
        cmocka_unit_test(test_every_byte_counts),
        cmocka_unit_test(test_length_and_seed_count),
        cmocka_unit_test(test_place_in_memory_does_not_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
