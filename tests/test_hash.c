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

/* Cut in two, and in pieces of every size, at every place. */
static void test_a_stream_has_one_sum_however_it_is_cut(void **state)
{
    unsigned char data[61];
    struct hash_stream whole, cut;

    (void)state;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * 37);
    hash_stream_init(&whole, 5);
    hash_stream_add(&whole, data, sizeof data);
    for (size_t piece = 1; piece <= sizeof data; piece++) {
        hash_stream_init(&cut, 5);
        for (size_t at = 0; at < sizeof data; at += piece) {
            size_t left = sizeof data - at;

            hash_stream_add(&cut, data + at, left < piece ? left : piece);
            hash_stream_add(&cut, data, 0);
        }
        assert_true(hash_stream_sum(&cut) == hash_stream_sum(&whole));
    }
}

/* Zeros behind the end, as a stream's last word is padded, must not pass for the stream itself. */
static void test_a_streams_bytes_length_and_seed_count(void **state)
{
    unsigned char zeros[40] = {0};
    uint64_t seen[40];
    struct hash_stream s, other;

    (void)state;
    hash_stream_init(&s, 7);
    for (size_t len = 0; len < 40; len++) {
        seen[len] = hash_stream_sum(&s);
        for (size_t i = 0; i < len; i++)
            assert_true(seen[i] != seen[len]);
        hash_stream_init(&other, 8);
        hash_stream_add(&other, zeros, len);
        assert_true(hash_stream_sum(&other) != seen[len]);
        for (size_t i = 0; i < len; i++) {
            unsigned char changed[40] = {0};

            changed[i] = 1;
            hash_stream_init(&other, 7);
            hash_stream_add(&other, changed, len);
            assert_true(hash_stream_sum(&other) != seen[len]);
        }
        hash_stream_add(&s, zeros, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mix_gives_the_published_numbers),
        cmocka_unit_test(test_every_byte_counts),
        cmocka_unit_test(test_length_and_seed_count),
        cmocka_unit_test(test_place_in_memory_does_not_count),
        cmocka_unit_test(test_a_stream_has_one_sum_however_it_is_cut),
        cmocka_unit_test(test_a_streams_bytes_length_and_seed_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
