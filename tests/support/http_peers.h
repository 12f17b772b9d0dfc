/* An HTTP server for tests, good and bad: what it does is in the path. On 127.0.0.1, a bounded
 * thread a connection; nothing here uses the code under test.
 *
 *   /ok/N      200 with N bytes of body, the same bytes for the same N; header X-Test: N
 *   /late/N    the same, HTTP_PEERS_LATE_NS after the request
 *   /pieces/N  the same body in chunks of odd sizes
 *   /close/N   the same as /ok, and closes the connection after it
 *   /status/S  status S with no body; 302 with a Location that must not be followed
 *   /reset     100 of 1000 bytes, then a reset
 *   /short     100 of 1000 bytes, then an orderly end
 *   /cut       a chunked body that ends in the middle of a chunk
 *   /nothing   closes without an answer
 *   /half      closes within the head
 *   /garbage   an answer that is not HTTP
 *   /silent    no answer */
#ifndef TVA_TESTS_HTTP_PEERS_H
#define TVA_TESTS_HTTP_PEERS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_PEERS_LATE_NS 30000000ULL
#define HTTP_PEERS_BODY    100000u /* bytes of the largest body */

struct http_peers;

/* Start it. NULL when anything fails. */
struct http_peers *http_peers_start(void);

uint16_t http_peers_port(const struct http_peers *p);

/* Connections accepted so far, and requests read. */
unsigned http_peers_connections(const struct http_peers *p);
unsigned http_peers_requests(const struct http_peers *p);

/* The body that N stands for. */
const char *http_peers_body(void);

/* Close all connections, join the threads, free it. NULL is allowed. */
void http_peers_stop(struct http_peers *p);

#endif
