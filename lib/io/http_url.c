#include "io/http_url.h"

#include "base/address.h"

#include <errno.h>
#include <http_parser.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The parser takes what a proxy is asked for, too, and knows no schemes. */
static int check_scheme(const char *url, bool *tls, struct err *err)
{
    const char *colon = strstr(url, "://");

    if (colon == NULL || colon == url)
        return err_set(err, -EINVAL, "\"%s\" is not a URL; write http://HOST:PORT/PATH", url);
    *tls = colon - url == 5;
    if ((colon - url != 4 && !*tls) || strncasecmp(url, "https", (size_t)(colon - url)) != 0)
        return err_set(err, -EPROTONOSUPPORT, "\"%s\" is not an http:// or https:// URL", url);
    return 0;
}

int http_url_parse(const char *url, bool remote, struct http_url *out, struct err *err)
{
    struct http_parser_url parts;
    struct http_url u = {0};
    int r = check_scheme(url, &u.tls, err);

    if (r < 0)
        return r;
    http_parser_url_init(&parts);
    if (http_parser_parse_url(url, strlen(url), 0, &parts) != 0)
        return err_set(err, -EINVAL, "\"%s\" is not a URL; write http://HOST:PORT/PATH", url);
    if (parts.field_set & 1 << UF_USERINFO)
        return err_set(err, -EINVAL, "\"%s\" has a user name in it, which is not sent", url);
    if (parts.field_data[UF_HOST].len >= sizeof u.host)
        return err_set(err, -EINVAL, "\"%s\": the host's name is too long", url);
    snprintf(u.host, sizeof u.host, "%.*s", (int)parts.field_data[UF_HOST].len,
             url + parts.field_data[UF_HOST].off);
    if (!remote && !address_names_loopback(u.host))
        return err_set(err, -EHOSTUNREACH,
                       "\"%s\": host %s is not on this machine; only 127.0.0.0/8, [::1] and "
                       "localhost are asked, unless --remote is given",
                       url, u.host);
    u.port = parts.field_set & 1 << UF_PORT ? parts.port : u.tls ? 443 : 80;
    u.authority = strstr(url, "://") + 3;
    u.authority_len = strcspn(u.authority, "/?#");
    if (out != NULL)
        *out = u;
    return 0;
}
