/* Runs a table of cases over every io backend: blocking, async and ring (each case inside a task),
 * and fake. Where the kernel refuses io_uring, the cases of ring are skipped.
 *
 * A case is written against struct io alone. It must not use cmocka's own assertions: they would
 * jump out of a fiber. EXPECT records what failed and returns from the case. */
#ifndef TVA_TESTS_CONTRACT_H
#define TVA_TESTS_CONTRACT_H

#include "io/io.h"
#include "support/http_peers.h"
#include "support/peers.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

struct contract_backend;

/* What a case gets. */
struct contract {
    struct io *io;
    const struct contract_backend *backend;
    struct peers *peers;           /* NULL for fake */
    struct http_peers *http_peers; /* the same; NULL until contract_url() is called */
    char directory[64];            /* an empty one, of this case */
    char *bulk[2];                 /* room for CONTRACT_BULK bytes each; a task's stack is small */
    char failure[512];             /* "" while all is well */
    bool http_direct;              /* GETs go by http_direct instead of libcurl */
    struct sockaddr_in call_address;
    uint64_t call_delay_ns;
};

#define CONTRACT_BULK ((size_t)8 << 20)

struct contract_case {
    const char *name;
    void (*run)(struct contract *t);
    bool real_only; /* needs what only a kernel has: pipes, signals, buffers that fill up */
};

/* Run all cases over all backends; what main() returns. */
int contract_run(const char *group, const struct contract_case *cases, size_t n);

/* The same over the real backends, with the GETs of t->io made by hand: support/contract_direct.h.
 */
int contract_run_direct(const char *group, const struct contract_case *cases, size_t n);

/* The address of a peer of that kind, for this backend. */
struct sockaddr_in contract_address(struct contract *t, enum peer_kind kind);

/* A descriptor connected to it, through t->io; or a negative errno. */
int contract_connect(struct contract *t, enum peer_kind kind);

/* A listening descriptor on which one connection (its peer an echo) arrives delay_ns after
 * contract_call(); a fake one counts from here. */
int contract_listen(struct contract *t, uint64_t delay_ns);
void contract_call(struct contract *t);

/* The path of a file in the case's directory; returns buf. */
char *contract_path(struct contract *t, const char *name, char *buf, size_t size);

/* The URL of a path of an HTTP server that does what http_peers.h says; returns buf. Started at the
 * first call. */
char *contract_url(struct contract *t, const char *path, char *buf, size_t size);

/* Until when a wait that must succeed may take: far away, so that a hang becomes a failure. */
uint64_t contract_patience(struct contract *t);

void contract_fail(struct contract *t, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#define EXPECT(t, condition)                                                                       \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            contract_fail((t), __FILE__, __LINE__, "%s", #condition);                              \
            return;                                                                                \
        }                                                                                          \
    } while (0)

#define EXPECT_EQ(t, expression, wanted)                                                           \
    do {                                                                                           \
        long long got_ = (long long)(expression), wanted_ = (long long)(wanted);                   \
                                                                                                   \
        if (got_ != wanted_) {                                                                     \
            contract_fail((t), __FILE__, __LINE__, "%s is %lld, not %lld", #expression, got_,      \
                          wanted_);                                                                \
            return;                                                                                \
        }                                                                                          \
    } while (0)

#endif
