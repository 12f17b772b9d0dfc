/* The two clients of the module: one blocks, a request performing a libcurl handle that no other
 * request uses; of the other, tasks queue their requests, and the loop hands these to libcurl. */
#ifndef TVA_IO_CURL_HTTP_CLIENTS_H
#define TVA_IO_CURL_HTTP_CLIENTS_H

#include "io/http_client.h"

/* create_blocking and create_async of struct http_client_module. */
struct http_client *http_blocking_create(void);
struct http_client *http_async_create(uv_loop_t *uv, const struct http_client_waits *waits);

#endif
