/* The promise: a number depends on seed, stream and index alone; the numbers are those of the
 * published generator; and they are uniform, without ends, and unrelated where they should be. */
#include "base/random.h"

#include "base/hash.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define N 100000

/* SplitMix64 from the state 1234567: the values that Rosetta Code gives for "Pseudo-random
 * numbers/Splitmix64", checked there against Vigna's reference. */
static void the_mixing_is_splitmix64(void **state)
{
    static const uint64_t published[] = {6457827717110365317ULL, 3203168211198807973ULL,
                                         9817491932198370423ULL, 4593380528125082431ULL,
                                         16408922859458223821ULL};

    (void)state;
    for (uint64_t i = 0; i < 5; i++)
        assert_true(hash_mix(1234567 + i * 0x9e3779b97f4a7c15ULL) == published[i]);
}

/* Of an implementation apart from this one, in arbitrary precision: recorded runs must repeat. */
static void the_numbers_do_not_change(void **state)
{
    (void)state;
    assert_true(random_bits(0, 0, 0) == 2558736989570252433ULL);
    assert_true(random_bits(1, RANDOM_DURATIONS, 0) == 6301985355436268297ULL);
    assert_true(random_bits(42, RANDOM_ARRIVALS, 7) == 336550223049400622ULL);
    assert_true(random_bits(UINT64_MAX, RANDOM_POISON, UINT64_MAX) == 6509341832653352652ULL);
}

static void a_stream_is_the_generator_begun_at_its_key(void **state)
{
    uint64_t key = hash_mix(hash_mix(9) ^ 2);

    (void)state;
    for (uint64_t i = 0; i < 100; i++, key += 0x9e3779b97f4a7c15ULL)
        assert_true(random_bits(9, 2, i) == hash_mix(key));
}

/* Chi-square over 100 cells, 99 degrees of freedom: between the 0.01 % and 99.99 % points, 55.0 and
 * 160.1; moments within 5 standard errors. Numbers are fixed by the seed, so this does not vary. */
static void numbers_are_uniform(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 5; seed++) {
        unsigned cells[100] = {0};
        double sum = 0, squares = 0, chi2 = 0;

        for (uint64_t i = 0; i < N; i++) {
            double u = random_uniform(seed, RANDOM_DURATIONS, i);

            assert_true(u > 0 && u < 1);
            cells[(size_t)(u * 100)]++;
            sum += u;
            squares += u * u;
        }
        for (size_t c = 0; c < 100; c++)
            chi2 += (cells[c] - N / 100.0) * (cells[c] - N / 100.0) / (N / 100.0);
        assert_true(chi2 > 55.0 && chi2 < 160.1);
        assert_true(fabs(sum / N - 0.5) < 5 * sqrt(1 / 12.0 / N));
        assert_true(fabs(squares / N - 1 / 3.0) < 5 * sqrt(4 / 45.0 / N));
    }
}

static double correlation(uint64_t seed_a, uint64_t stream_a, uint64_t seed_b, uint64_t stream_b,
                          uint64_t shift)
{
    double sum = 0;

    for (uint64_t i = 0; i < N; i++)
        sum += (random_uniform(seed_a, stream_a, i) - 0.5) *
               (random_uniform(seed_b, stream_b, i + shift) - 0.5);
    return sum / N * 12;
}

static void neighbours_streams_and_seeds_are_unrelated(void **state)
{
    const double limit = 5 / sqrt(N);

    (void)state;
    for (uint64_t shift = 1; shift <= 5; shift++)
        assert_true(fabs(correlation(7, 1, 7, 1, shift)) < limit);
    assert_true(fabs(correlation(7, 1, 7, 2, 0)) < limit);
    assert_true(fabs(correlation(7, 1, 7, 3, 0)) < limit);
    assert_true(fabs(correlation(7, 1, 8, 1, 0)) < limit);
    assert_true(fabs(correlation(1, 2, 2, 1, 0)) < limit);
    assert_true(correlation(7, 1, 7, 1, 0) > 0.99); /* this would find one */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mixing_is_splitmix64),
        cmocka_unit_test(the_numbers_do_not_change),
        cmocka_unit_test(a_stream_is_the_generator_begun_at_its_key),
        cmocka_unit_test(numbers_are_uniform),
        cmocka_unit_test(neighbours_streams_and_seeds_are_unrelated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
