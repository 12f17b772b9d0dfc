#include "target/target_hold.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>

/* How often a client is looked for whose answer is held back. */
#define LOOK_NS NS_PER_S

/* When the group goes that an answer joins which is due now. */
static uint64_t join_group(struct target_hold *hold, uint64_t now_ns, uint64_t latest_ns)
{
    if (now_ns >= hold->group_ns + TARGET_HOLD_GROUP_NS) {
        hold->group_ns = now_ns;
        hold->answers = 0;
    } else if (hold->answers >= TARGET_HOLD_FEW &&
               hold->group_ns + TARGET_HOLD_GROUP_NS <= latest_ns) {
        hold->group_ns += TARGET_HOLD_GROUP_NS;
        hold->answers = 0;
    }
    hold->answers++;
    return hold->group_ns;
}

static bool has_left(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLRDHUP};

    return poll(&p, 1, 0) > 0 && p.revents != 0;
}

void target_hold_misbehave(struct target_hold *hold, const struct pathology *pathology,
                           _Atomic uint64_t *first_ns)
{
    if (pathology->count == 0 && pathology->limit == 0)
        return;
    hold->pathology = pathology;
    hold->first_ns = first_ns;
    semaphore_init(&hold->line, (unsigned)pathology->limit);
}

/* Wait for the request's own delay. */
static int hold_back(struct target_hold *hold, struct io *io, int fd, uint64_t arrived_ns,
                     uint64_t delay_ns)
{
    uint64_t due_ns = clock_add_ns(arrived_ns, delay_ns);
    uint64_t latest_ns = clock_add_ns(due_ns, delay_ns / TARGET_HOLD_SHARE), now_ns, group_ns;
    int r;

    if (delay_ns == 0)
        return 0;
    while (due_ns > clock_add_ns(io_now(io), LOOK_NS)) {
        r = io_sleep(io, LOOK_NS);
        if (r == 0 && has_left(fd))
            r = -ECONNRESET;
        if (r < 0)
            return r;
    }
    r = io_sleep_until(io, due_ns);
    if (r < 0)
        return r;
    now_ns = io_now(io);
    group_ns = join_group(hold, now_ns, latest_ns);
    if (group_ns > latest_ns)
        group_ns = latest_ns;
    return group_ns > now_ns ? io_sleep_until(io, group_ns) : 0;
}

/* When the first request of all came. */
static uint64_t first_ns(const struct target_hold *hold, uint64_t now_ns)
{
    uint64_t none = 0;

    return atomic_compare_exchange_strong(hold->first_ns, &none, now_ns) ? now_ns : none;
}

/* Another loop's first request may be later than now. */
static uint64_t since_ns(uint64_t begin_ns, uint64_t now_ns)
{
    return now_ns > begin_ns ? now_ns - begin_ns : 0;
}

/* With what the pathology adds now, and beyond the stall in which the answer would go. */
static int hold_badly(struct target_hold *hold, struct io *io, int fd, uint64_t begin_ns,
                      uint64_t arrived_ns, uint64_t delay_ns)
{
    uint64_t added_ns = pathology_added_ns(hold->pathology, since_ns(begin_ns, io_now(io)));
    uint64_t leave_ns;
    int r = hold_back(hold, io, fd, arrived_ns, delay_ns + added_ns);

    if (r < 0)
        return r;
    leave_ns = begin_ns + pathology_leave_ns(hold->pathology, since_ns(begin_ns, io_now(io)));
    return leave_ns > io_now(io) ? io_sleep_until(io, leave_ns) : 0;
}

int target_hold(struct target_hold *hold, struct io *io, int fd, uint64_t arrived_ns,
                uint64_t delay_ns)
{
    bool in_line = hold->pathology != NULL && hold->pathology->limit > 0;
    uint64_t begin_ns;
    int r = 0;

    if (hold->pathology == NULL)
        return hold_back(hold, io, fd, arrived_ns, delay_ns);
    begin_ns = first_ns(hold, arrived_ns);
    if (in_line)
        r = semaphore_acquire(&hold->line, NO_DEADLINE);
    if (r < 0)
        return r;
    r = hold_badly(hold, io, fd, begin_ns, in_line ? io_now(io) : arrived_ns, delay_ns);
    if (in_line)
        semaphore_release(&hold->line);
    return r;
}
