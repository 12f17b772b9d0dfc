/* The client of a loop: tasks queue their requests, and the loop hands these to libcurl. */
#ifndef TVA_IO_CURL_HTTP_ASYNC_H
#define TVA_IO_CURL_HTTP_ASYNC_H

#include "io/http_client.h"

/* struct http_client_module.create_async */
struct http_client *http_async_create(uv_loop_t *uv, const struct http_client_waits *waits);

#endif
