/* The client that blocks: a request performs a libcurl handle that no other request uses. */
#ifndef TVA_IO_CURL_HTTP_BLOCKING_H
#define TVA_IO_CURL_HTTP_BLOCKING_H

#include "io/http_client.h"

/* struct http_client_module.create_blocking */
struct http_client *http_blocking_create(void);

#endif
