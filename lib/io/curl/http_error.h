/* libcurl's results as errno. Any thread. */
#ifndef TVA_IO_CURL_HTTP_ERROR_H
#define TVA_IO_CURL_HTTP_ERROR_H

#include <curl/curl.h>

/* The negative errno of a transfer that failed with `code`; os_error is CURLINFO_OS_ERRNO, which
 * tells more where the system had refused something. The kinds are those of io_http_get(). */
int http_error(CURLcode code, int os_error);

#endif
