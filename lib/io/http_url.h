/* Which URLs are asked for: http, on this machine's loopback, nothing that would have to be looked
 * up elsewhere. Any thread. */
#ifndef TVA_IO_HTTP_URL_H
#define TVA_IO_HTTP_URL_H

#include "base/err.h"

#include <curl/curl.h>

/* 0 for an http:// URL whose host is in 127.0.0.0/8, is [::1] or localhost, without user or
 * password; else -EINVAL, -EPROTONOSUPPORT or -EHOSTUNREACH with *err (may be NULL) saying what is
 * allowed; or -ENOMEM. */
int http_url_check(const char *url, struct err *err);

/* The same, with its parts for libcurl in *out on success: free them with curl_url_cleanup(). */
int http_url_parse(const char *url, CURLU **out, struct err *err);

#endif
