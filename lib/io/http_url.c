#include "io/http_url.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

static bool is_loopback(const char *host)
{
    struct in_addr v4;

    if (strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0)
        return true;
    return inet_pton(AF_INET, host, &v4) == 1 &&
           ntohl(v4.s_addr) >> IN_CLASSA_NSHIFT == IN_LOOPBACKNET;
}

static int check_host(CURLU *parts, const char *url, struct err *err)
{
    char *host = NULL;
    int r = 0;

    if (curl_url_get(parts, CURLUPART_HOST, &host, 0) != CURLUE_OK)
        return err_set(err, -EINVAL, "\"%s\" names no host", url);
    if (!is_loopback(host))
        r = err_set(err, -EHOSTUNREACH,
                    "\"%s\": host %s is not on this machine; only 127.0.0.0/8, [::1] and localhost "
                    "are asked",
                    url, host);
    curl_free(host);
    return r;
}

static int check_parts(CURLU *parts, const char *url, struct err *err)
{
    char *text = NULL;
    bool http, user;

    if (curl_url_get(parts, CURLUPART_SCHEME, &text, 0) != CURLUE_OK)
        return err_set(err, -EINVAL, "\"%s\" is not a URL; write http://HOST:PORT/PATH", url);
    http = strcmp(text, "http") == 0;
    curl_free(text);
    if (!http)
        return err_set(err, -EPROTONOSUPPORT, "\"%s\" is not an http:// URL", url);
    user = curl_url_get(parts, CURLUPART_USER, &text, 0) == CURLUE_OK;
    if (user)
        curl_free(text);
    if (user)
        return err_set(err, -EINVAL, "\"%s\" has a user name in it, which is not sent", url);
    return check_host(parts, url, err);
}

int http_url_parse(const char *url, CURLU **out, struct err *err)
{
    CURLU *parts = curl_url();
    CURLUcode code;
    int r;

    if (parts == NULL)
        return err_set(err, -ENOMEM, "out of memory");
    code = curl_url_set(parts, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME);
    if (code == CURLUE_OUT_OF_MEMORY)
        r = err_set(err, -ENOMEM, "out of memory");
    else if (code != CURLUE_OK)
        r = err_set(err, -EINVAL, "\"%s\" is not a URL (%s); write http://HOST:PORT/PATH", url,
                    curl_url_strerror(code));
    else
        r = check_parts(parts, url, err);
    if (r == 0)
        *out = parts;
    else
        curl_url_cleanup(parts);
    return r;
}

int http_url_check(const char *url, struct err *err)
{
    CURLU *parts = NULL;
    int r = http_url_parse(url, &parts, err);

    curl_url_cleanup(parts);
    return r;
}
