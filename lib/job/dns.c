/* Names that are looked up by getaddrinfo(), which only blocks: a task hands it to a thread. */
#include "async/loop.h"
#include "base/address.h"
#include "base/hash.h"
#include "job/job.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { NAME, REQUESTS, REMOTE, LEDGER };
enum { LEDGER_ADDRESSES, LEDGER_STATUS };

#define NAME_BYTES_MAX 120

static const char *const name_default[] = {"localhost", NULL};
static const char *const ledgers[] = {
    [LEDGER_ADDRESSES] = "addresses", [LEDGER_STATUS] = "status", NULL};

static const struct param params[] = {
    [NAME] = {"name", PARAM_TEXT, 0, 0, NAME_BYTES_MAX, name_default, "what is looked up"},
    [REQUESTS] = {"requests", PARAM_COUNT, 1, 1, 1000000, NULL,
                  "lookups a job, one after the other"},
    [REMOTE] = {"remote", PARAM_SWITCH, 0, 0, 1, NULL, "the resolver may be another machine"},
    [LEDGER] = {"ledger", PARAM_CHOICE, LEDGER_ADDRESSES, 0, 0, ledgers,
                "what all models have to get alike: the addresses, or that there are some"},
};

struct lookup {
    const char *name;
    uint64_t addresses, checksum;
};

/* Which resolver the system asks. A file that cannot be read is libc's concern: it then asks
 * 127.0.0.1. */
static int check_here(const struct job_part *part, struct err *err)
{
    char line[256], resolver[64];
    FILE *f;
    int r = 0;

    if (part->params[REMOTE] || strcasecmp(job_text(part, NAME), "localhost") == 0)
        return 0;
    f = fopen("/etc/resolv.conf", "re");
    while (f != NULL && r == 0 && fgets(line, sizeof line, f) != NULL)
        if (sscanf(line, "nameserver %63s", resolver) == 1 && !address_names_loopback(resolver))
            r = err_set(err, -EINVAL, "job dns: /etc/resolv.conf: resolver " ADDRESS_NOT_HERE,
                        resolver);
    if (f != NULL)
        fclose(f);
    return r;
}

static uint64_t hash_address(const struct addrinfo *a)
{
    struct hash_stream h;

    hash_stream_init(&h, (uint64_t)a->ai_family);
    if (a->ai_family == AF_INET)
        hash_stream_add(&h, &((struct sockaddr_in *)(void *)a->ai_addr)->sin_addr, 4);
    else
        hash_stream_add(&h, &((struct sockaddr_in6 *)(void *)a->ai_addr)->sin6_addr, 16);
    return hash_stream_sum(&h);
}

static int look_up(void *arg)
{
    static const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct lookup *l = arg;
    struct addrinfo *found;
    int r = getaddrinfo(l->name, NULL, &hints, &found);

    switch (r) {
    case 0:
        break;
    case EAI_SYSTEM:
        return errno > 0 ? -errno : -EIO;
    case EAI_MEMORY:
        return -ENOMEM;
    case EAI_AGAIN:
        return -ETIMEDOUT;
    default:
        return -EHOSTUNREACH;
    }
    for (const struct addrinfo *a = found; a != NULL; a = a->ai_next) {
        l->addresses++;
        l->checksum += hash_mix(hash_address(a)); /* a sum: they come in any order */
    }
    freeaddrinfo(found);
    return 0;
}

static int run(struct io *io, struct job_part *part, uint64_t index, struct job_ledger *ledger)
{
    int r = 0;

    (void)index;
    for (uint64_t i = 0; i < part->params[REQUESTS] && r == 0; i++) {
        struct lookup lookup = {.name = job_text(part, NAME)};

        r = io->ops->suspends ? loop_run_in_executor(loop_running(), NULL, look_up, &lookup)
                              : look_up(&lookup);
        if (r < 0)
            return r;
        ledger->operations++;
        if (part->params[LEDGER] == LEDGER_ADDRESSES)
            ledger->checksum += lookup.checksum + lookup.addresses;
    }
    return 0;
}

/* The thread writes to the task's stack. */
static bool pinned(const struct job_part *part, const struct io *io)
{
    (void)part;
    return io->ops->suspends;
}

static const char *explain(int error)
{
    switch (error) {
    case -EHOSTUNREACH:
        return "nobody knows the name";
    case -ETIMEDOUT:
        return "resolver does not answer, or refuses";
    default:
        return NULL;
    }
}

static const char *why_unlike(const struct job_part *part)
{
    return part->params[LEDGER] == LEDGER_ADDRESSES
               ? "the resolver gives other addresses from request to request; ledger=status "
                 "compares that there are some"
               : NULL;
}

const struct job_type job_dns = {
    .name = "dns",
    .summary = "look a name up by getaddrinfo(), in tasks by a thread of the executor",
    .params = params,
    .n_params = sizeof params / sizeof *params,
    .fds = 1,
    .stack_blocking = 256 << 10,
    .check_here = check_here,
    .run = run,
    .pinned = pinned,
    .why_unlike = why_unlike,
    .explain = explain,
};
