/* Far ends for tests on real sockets: one bounded helper thread that serves several kinds of peer
 * on 127.0.0.1, and callers that connect after a delay. Nothing here uses the code under test. */
#ifndef TVA_TESTS_PEERS_H
#define TVA_TESTS_PEERS_H

#include <netinet/in.h>
#include <stdint.h>

#define PEERS_LATE_NS 30000000ULL

enum peer_kind {
    PEER_ECHO,       /* sends back what it gets, however much is under way */
    PEER_LATE,       /* the same, PEERS_LATE_NS after it got it */
    PEER_CLOSING,    /* sends back what it gets first, then closes */
    PEER_SILENT,     /* accepts, never reads, never answers */
    PEER_SERVED,     /* how many of the above there are */
    PEER_REFUSED,    /* nobody listens there */
    PEER_UNANSWERED, /* connects to it get no answer */
};

struct peers;

/* Start the thread; it ends by itself after a minute. NULL when anything fails. */
struct peers *peers_start(void);

/* The address of one kind of peer; port 0 when it cannot be had. */
struct sockaddr_in peers_address(struct peers *p, enum peer_kind kind);

/* A listening descriptor, the caller's; -1 when it fails. */
int peers_listen(struct sockaddr_in *address);

/* Let a caller connect to `address` after delay_ns, and echo until the end of the stream; one at a
 * time. 0 or -1. */
int peers_call(struct peers *p, const struct sockaddr_in *address, uint64_t delay_ns);

/* Close all connections, join the threads, free p. NULL is allowed. */
void peers_stop(struct peers *p);

#endif
