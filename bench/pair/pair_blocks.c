#include "pair/pair_blocks.h"

#include "base/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SCREEN_SHARE 0.4 /* of the budget, so that most is left to confirm */
#define TOLD_ROUNDS  8   /* lines of progress in a phase without a terminal, about */
#define MARGIN       1.3 /* of the mean time of blocks: the next one may take this much longer */
#define TRIES        2   /* of a failing run: the machine may have been busy with something else */

int pair_blocks_init(struct pair_blocks *s, const struct pair_settings *settings,
                     const struct plan *plan, struct err *err)
{
    *s = (struct pair_blocks){.settings = settings, .begin_ns = clock_now_ns(), .repeats = 1};
    s->end_ns = clock_add_ns(s->begin_ns, settings->budget_ns);
    s->cells = calloc(plan->count + 1, sizeof *s->cells);
    if (s->cells == NULL)
        return err_set(err, -ENOMEM, "out of memory");
    for (; s->count < plan->count; s->count++) {
        struct pair_cell *c = &s->cells[s->count];
        const struct cell *cell = &plan->cells[s->count].cell;

        c->cell = *cell;
        c->faults = plan_line_faults(&settings->line, cell->model);
        cell_name(cell, c->name, sizeof c->name);
        plan_cell_args(cell, c->args, sizeof c->args);
        inject_fault_format(&c->faults, c->inject, sizeof c->inject);
    }
    return 0;
}

void pair_blocks_deinit(struct pair_blocks *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->cells[i].blocks);
    free(s->cells);
}

static int observe(struct pair_blocks *s, const struct pair_cell *c, enum pair_arm arm,
                   size_t layout, uint64_t seed, struct pair_observed *out, struct err *err)
{
    char *const *paths = s->settings->programs.arms[arm].paths;
    struct cell cell = c->cell;
    struct pair_request request = {
        .program = paths[layout], .arm = arm, .server = paths[0], .cell = &cell};
    int r = -EIO;

    job_set_seed(&cell.job, seed);
    if (arm == PAIR_CONTENDER)
        cell.inject = c->faults;

    for (unsigned i = 0; i < TRIES && r == -EIO; i++) {
        r = pair_observe(s->observer, &request, out, err);
        s->retried[arm] += i == 0 && r == -EIO;
    }
    if (r == 0)
        err->text[0] = '\0';
    return r;
}

/* Measure all turns of a block. They have one seed, so their work must be the same. */
static int measure_block(struct pair_blocks *s, const struct pair_cell *c, struct pair_block *block,
                         struct err *err)
{
    struct ledger first = {0};
    char difference[128];

    for (size_t i = 0; i < block->turns_count; i++) {
        struct pair_turn *turn = &block->turns[i];
        struct pair_observed seen = {0};
        int r = observe(s, c, turn->arm, block->layouts[turn->arm],
                        s->settings->seed + block->number, &seen, err);

        if (r < 0)
            return r;
        if (i == 0)
            first = seen.ledger;
        if (ledger_differs(&seen.ledger, &first, cell_jobs_vary(&c->cell), difference,
                           sizeof difference))
            return err_set(err, -EINVAL,
                           "base and contender do not do the same work in %s: one did %s in a run",
                           c->name, difference);
        memcpy(turn->values, seen.values, sizeof seen.values);
    }
    return 0;
}

/* Each cell once by each side. */
static int observe_all_once(struct pair_blocks *s, struct err *err)
{
    struct pair_observed seen = {0};
    int r = 0;

    for (size_t i = 0; i < s->count * PAIR_ARMS && r == 0; i++)
        r = observe(s, &s->cells[i / PAIR_ARMS], (enum pair_arm)(i % PAIR_ARMS), 0,
                    s->settings->seed, &seen, err);
    return r;
}

int pair_blocks_pilot(struct pair_blocks *s, struct err *err)
{
    uint64_t begin_ns = clock_now_ns();
    double once_ns, repeats;
    int r = observe_all_once(s, err);

    if (r == -EPROTO) { /* one of them is of a revision whose records have another form */
        progress_note(
            s->progress,
            "tva pair: a program's runs leave records of another form than this program reads; "
            "each observation is made by 'tva run', which takes a process more");
        s->observer->by_run = true;
        begin_ns = clock_now_ns();
        r = observe_all_once(s, err);
    }
    if (r < 0)
        return r;
    once_ns = (double)(clock_now_ns() - begin_ns) * (PAIR_TURNS / PAIR_ARMS);
    repeats = SCREEN_SHARE * (double)s->settings->budget_ns / (once_ns * PAIR_SCREEN_BLOCKS);
    s->repeats = repeats < 1 ? 1 : repeats > PAIR_REPEATS_MAX ? PAIR_REPEATS_MAX : (size_t)repeats;
    for (size_t i = 0; i < s->count; i++)
        s->cells[i].cost_ns = once_ns * (double)s->repeats / (double)s->count;
    return 0;
}

static struct pair_block *next_block(const struct pair_blocks *s, struct pair_cell *c, bool fresh)
{
    enum pair_arm turns[PAIR_TURNS_MAX];
    size_t cell = (size_t)(c - s->cells);
    struct pair_block *block;

    if (array_grow(&c->blocks, c->count, &c->capacity, sizeof *block) < 0)
        return NULL;
    block = &c->blocks[c->count];
    *block = (struct pair_block){
        .number = (unsigned)c->count, .fresh = fresh, .turns_count = s->repeats * PAIR_TURNS};
    pair_schedule_turns(s->settings->seed, cell, block->number, s->repeats, turns);
    for (size_t i = 0; i < block->turns_count; i++)
        block->turns[i].arm = turns[i];
    for (enum pair_arm arm = 0; arm < PAIR_ARMS; arm++)
        block->layouts[arm] = pair_schedule_layout(s->settings->seed, cell, block->number, arm,
                                                   fresh, s->settings->programs.arms[arm].count);
    return block;
}

/* How long the rest will take: as planned, or the budget if that is less. */
static uint64_t left_ns(const struct pair_blocks *s)
{
    uint64_t now_ns = clock_now_ns(), budget_ns = s->end_ns > now_ns ? s->end_ns - now_ns : 0;
    double rest = s->done > 0 ? (double)(now_ns - s->begin_ns) / (double)s->done *
                                    (double)(s->planned - s->done)
                              : (double)budget_ns;

    return rest < (double)budget_ns ? (uint64_t)rest : budget_ns;
}

/* Measure one block of a cell, unless it would take longer than is left. 0 or as in the header. */
static int add_block(struct pair_blocks *s, struct pair_cell *c, bool fresh, struct err *err)
{
    uint64_t begin_ns = clock_now_ns();
    size_t turns = s->repeats * PAIR_TURNS;
    struct pair_block *block;
    int r;

    if ((double)begin_ns + MARGIN * c->cost_ns > (double)s->end_ns) {
        s->cut = true;
        return 0;
    }
    progress_run(s->progress, s->done * turns, s->planned * turns, c->name, left_ns(s), "");
    block = next_block(s, c, fresh);
    if (block == NULL)
        return err_set(err, -ENOMEM, "out of memory");
    r = measure_block(s, c, block, err);
    if (r < 0)
        return r;
    c->count++;
    s->done++;
    c->cost_ns += ((double)(clock_now_ns() - begin_ns) - c->cost_ns) / (double)c->count;
    return 0;
}

/* Without a terminal, print about TOLD_ROUNDS lines in a phase. */
static void tell_round(const struct pair_blocks *s, unsigned round, unsigned rounds)
{
    size_t turns = s->repeats * PAIR_TURNS;

    if (round % (rounds / TOLD_ROUNDS + 1) == 0 || round == rounds)
        progress_round(s->progress, round, rounds, s->done * turns, s->planned * turns, left_ns(s));
}

/* How long the blocks take that are still wanted, as they are now. */
static double rest_ns(const struct pair_blocks *s)
{
    double sum_ns = 0;

    for (size_t i = 0; i < s->count; i++) {
        size_t wanted = PAIR_SCREEN_BLOCKS + s->cells[i].fresh_wanted;

        if (wanted > s->cells[i].count)
            sum_ns += (double)(wanted - s->cells[i].count) * s->cells[i].cost_ns;
    }
    return sum_ns;
}

/* Shorten the blocks when the rest would take longer than there is time: the machine may have
 * become slower, or many metrics are suspected. Many small blocks show more than few large ones. */
static void keep_pace(struct pair_blocks *s)
{
    uint64_t now_ns = clock_now_ns();
    double time_ns = now_ns < s->end_ns ? (double)(s->end_ns - now_ns) : 0;
    double needed_ns = MARGIN * rest_ns(s);
    size_t repeats;

    if (needed_ns <= time_ns)
        return;
    repeats = (size_t)((double)s->repeats * time_ns / needed_ns);
    repeats = repeats < 1 ? 1 : repeats;
    for (size_t i = 0; i < s->count; i++)
        s->cells[i].cost_ns *= (double)repeats / (double)s->repeats;
    s->repeats = repeats;
}

int pair_blocks_screen(struct pair_blocks *s, struct err *err)
{
    int r = 0;

    s->planned = s->count * PAIR_SCREEN_BLOCKS;
    for (unsigned round = 0; round < PAIR_SCREEN_BLOCKS && r == 0; round++) {
        keep_pace(s);
        /* Another cell begins each round, so that a lack of time does not always hit the same one.
         */
        for (size_t i = 0; i < s->count && r == 0; i++)
            r = add_block(s, &s->cells[(i + round) % s->count], false, err);
        if (r == 0 && !s->cut)
            tell_round(s, round + 1, PAIR_SCREEN_BLOCKS);
    }
    return r;
}

static int confirm_those(struct pair_blocks *s, bool suspects, struct err *err)
{
    unsigned most = 0;
    int r = 0;

    for (size_t i = 0; i < s->count; i++)
        if (s->cells[i].suspect == suspects && s->cells[i].fresh_wanted > most)
            most = s->cells[i].fresh_wanted;
    for (unsigned round = 0; round < most && r == 0; round++) {
        keep_pace(s);
        for (size_t i = 0; i < s->count && r == 0; i++) {
            struct pair_cell *c = &s->cells[i];

            if (c->suspect == suspects && c->fresh_wanted > round)
                r = add_block(s, c, true, err);
        }
        if (r == 0 && !s->cut)
            tell_round(s, round + 1, most);
    }
    return r;
}

int pair_blocks_confirm(struct pair_blocks *s, struct err *err)
{
    int r;

    s->planned = s->done;
    for (size_t i = 0; i < s->count; i++)
        s->planned += s->cells[i].fresh_wanted;
    r = confirm_those(s, true, err);
    return r == 0 ? confirm_those(s, false, err) : r;
}

bool pair_blocks_contender_fails(const struct pair_blocks *s)
{
    return s->retried[PAIR_CONTENDER] > s->retried[PAIR_BASE] + s->retried[PAIR_RELINKED] + 1;
}
