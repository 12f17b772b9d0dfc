/* The module "ranks": messages by MPI. Waiting means testing again and again, because MPI has no
 * wait with a deadline: at first without a pause, so that round trips for clocks are quick, then
 * with sleeps, so that an idle rank takes no CPU from who measures. */
#include "base/clock.h"
#include "base/module.h"
#include "ranks/ranks_transport.h"

#include <errno.h>
#include <mpi.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#define TAG          16
#define EAGER_NS     (500 * NS_PER_US)
#define SLEEP_MAX_NS NS_PER_MS

struct waiting {
    uint64_t begin_ns, deadline_ns, sleep_ns;
};

static struct waiting wait_until(uint64_t deadline_ns)
{
    return (struct waiting){clock_now_ns(), deadline_ns, 20 * NS_PER_US};
}

/* Pause before the next look. False when the deadline has passed. */
static bool pause_or_give_up(struct waiting *w)
{
    uint64_t now_ns = clock_now_ns();
    struct timespec pause = clock_timespec(w->sleep_ns);

    if (now_ns >= w->deadline_ns)
        return false;
    if (now_ns < w->begin_ns + EAGER_NS) {
        sched_yield();
        return true;
    }
    nanosleep(&pause, NULL);
    w->sleep_ns = 2 * w->sleep_ns < SLEEP_MAX_NS ? 2 * w->sleep_ns : SLEEP_MAX_NS;
    return true;
}

/* Wait for a request. After -ETIMEDOUT, MPI goes on with it, and uses its memory. */
static int complete(MPI_Request *request, uint64_t deadline_ns)
{
    struct waiting w = wait_until(deadline_ns);
    int done = 0;

    do {
        if (MPI_Test(request, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS)
            return -EIO;
        if (done)
            return 0;
    } while (pause_or_give_up(&w));
    MPI_Request_free(request);
    return -ETIMEDOUT;
}

static int begin(void *self, unsigned *number, unsigned *count, struct err *err)
{
    int rank, size, level;

    (void)self;
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &level) != MPI_SUCCESS ||
        MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN) != MPI_SUCCESS ||
        MPI_Comm_rank(MPI_COMM_WORLD, &rank) != MPI_SUCCESS ||
        MPI_Comm_size(MPI_COMM_WORLD, &size) != MPI_SUCCESS)
        return err_set(err, -EIO, "MPI cannot begin: start tva by mpirun or srun");
    *number = (unsigned)rank;
    *count = (unsigned)size;
    return 0;
}

/* What MPI may still read. */
static void *unsent;

/* A copy of the message belongs to MPI until it was sent. Where that does not come about, it stays.
 */
static int send_message(void *self, unsigned to, const void *data, size_t len, uint64_t deadline_ns)
{
    void *copy = malloc(len);
    MPI_Request request;
    int r = -EIO;

    (void)self;
    if (copy == NULL)
        return -ENOMEM;
    memcpy(copy, data, len);
    if (MPI_Isend(copy, (int)len, MPI_BYTE, (int)to, TAG, MPI_COMM_WORLD, &request) == MPI_SUCCESS)
        r = complete(&request, deadline_ns);
    if (r == -ETIMEDOUT)
        unsent = copy;
    else
        free(copy);
    return r;
}

static int receive(void *self, unsigned from, void *data, uint64_t deadline_ns)
{
    struct waiting w = wait_until(deadline_ns);
    MPI_Status status;
    int there = 0, len = 0;
    MPI_Request request;

    (void)self;
    for (;;) {
        if (MPI_Iprobe((int)from, TAG, MPI_COMM_WORLD, &there, &status) != MPI_SUCCESS)
            return -EIO;
        if (there)
            break;
        if (!pause_or_give_up(&w))
            return -ETIMEDOUT;
    }
    if (MPI_Get_count(&status, MPI_BYTE, &len) != MPI_SUCCESS || len > RANKS_MESSAGE_MAX ||
        MPI_Irecv(data, len, MPI_BYTE, (int)from, TAG, MPI_COMM_WORLD, &request) != MPI_SUCCESS)
        return -EIO;
    /* The rest of a message that has begun to come: its sender may have died meanwhile. */
    if (complete(&request, clock_now_ns() + 5 * NS_PER_S) < 0)
        return -EIO;
    return len;
}

/* MPI_Finalize() waits for all ranks. Without it, mpirun ends those that are left. */
static void end(void *self, bool all)
{
    (void)self;
    if (all)
        MPI_Finalize();
}

static const struct ranks_transport transport = {NULL, begin, send_message, receive, end};

const struct module tva_module
    __attribute__((visibility("default"))) = {MODULE_ABI, "ranks", &transport};
