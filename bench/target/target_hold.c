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

int target_hold(struct target_hold *hold, struct io *io, int fd, uint64_t arrived_ns,
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
