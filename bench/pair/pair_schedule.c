#include "pair/pair_schedule.h"

#include "base/hash.h"

const char *const pair_arm_names[] = {
    [PAIR_BASE] = "base",
    [PAIR_RELINKED] = "relinked",
    [PAIR_CONTENDER] = "contender",
};

static uint64_t state_of(uint64_t seed, size_t cell, uint64_t number, uint64_t use)
{
    return hash_mix(seed ^ hash_mix(cell ^ hash_mix(number ^ hash_mix(use))));
}

static void there_and_back(uint64_t state, enum pair_arm turns[PAIR_TURNS])
{
    for (size_t i = 0; i < PAIR_ARMS; i++)
        turns[i] = (enum pair_arm)i;
    for (size_t i = PAIR_ARMS; i > 1; i--) {
        enum pair_arm last = turns[i - 1];

        state = hash_mix(state);
        turns[i - 1] = turns[state % i];
        turns[state % i] = last;
    }
    for (size_t i = 0; i < PAIR_ARMS; i++)
        turns[PAIR_TURNS - 1 - i] = turns[i];
}

void pair_schedule_turns(uint64_t seed, size_t cell, unsigned block, size_t repeats,
                         enum pair_arm turns[PAIR_TURNS_MAX])
{
    for (size_t i = 0; i < repeats; i++)
        there_and_back(state_of(seed, cell, block, PAIR_ARMS + i), &turns[i * PAIR_TURNS]);
}

/* Which layout ends in place `block % layouts` of a Fisher-Yates shuffle? Following the shuffle
 * backwards needs no array. */
static size_t drawn_of(uint64_t seed, size_t cell, unsigned block, enum pair_arm arm,
                       size_t layouts)
{
    uint64_t state = state_of(seed, cell, block / layouts, arm);
    size_t at = block % layouts;

    for (size_t i = 2; i <= layouts; i++) {
        size_t j;

        state = hash_mix(state);
        j = (size_t)(state % i);
        at = at == i - 1 ? j : at == j ? i - 1 : at;
    }
    return at;
}

size_t pair_schedule_layout(uint64_t seed, size_t cell, unsigned block, enum pair_arm arm,
                            bool fresh, size_t layouts)
{
    size_t screens = layouts / 3;

    if (screens == 0)
        return drawn_of(seed, cell, block, arm, layouts);
    return fresh ? screens + drawn_of(seed, cell, block, arm, layouts - screens)
                 : drawn_of(seed, cell, block, arm, screens);
}
