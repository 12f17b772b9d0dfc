#include "support/io_fake_internal.h"

#include "base/hash.h"
#include "io/http_url.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct http_port {
    struct list link;
    uint16_t number;
    size_t idle; /* connections that are kept */
    io_fake_http_server *server;
    void *arg;
};

int io_fake_http_listen(struct io *io, uint16_t port, io_fake_http_server *server, void *arg)
{
    struct http_port *p = malloc(sizeof *p);

    if (p == NULL)
        return -ENOMEM;
    *p = (struct http_port){.number = port, .server = server, .arg = arg};
    list_append(&io_fake_of(io)->http_ports, &p->link);
    return 0;
}

static struct http_port *find_port(struct io_fake *f, uint16_t number)
{
    for (struct list *l = f->http_ports.next; l != &f->http_ports; l = l->next) {
        struct http_port *p = container_of(l, struct http_port, link);

        if (p->number == number)
            return p;
    }
    return NULL;
}

/* Port and path of a URL; 0 or what http_url_parse() says. */
static int split_url(const char *url, uint16_t *port, char **path)
{
    const char *host = strstr(url, "://");
    const char *rest = host != NULL ? strpbrk(host + 3, "/?") : NULL;
    struct http_url parts;
    int r = http_url_parse(url, false, &parts, NULL);

    if (r < 0)
        return r;
    *port = parts.port;
    return asprintf(path, "%s%s", rest != NULL && *rest == '/' ? "" : "/", rest ? rest : "") < 0
               ? -ENOMEM
               : 0;
}

static int answer(struct io_fake *f, struct http_port *p, const char *path,
                  const struct io_http_request *request, struct io_http_response *response,
                  uint64_t deadline_ns)
{
    struct io_fake_http_answer a = {.status = 200};
    bool reused = p->idle > 0 && !request->close;
    struct hash_stream body;
    int r;

    p->server(path, &a, p->arg);
    p->idle -= reused;
    r = io_fake_wait_until(
        f, a.delay_ns < NO_DEADLINE ? clock_add_ns(f->now_ns, a.delay_ns) : NO_DEADLINE,
        deadline_ns);
    if (r < 0 || a.error < 0)
        return r < 0 ? r : a.error;
    p->idle += !request->close && !a.close;
    hash_stream_init(&body, 0);
    hash_stream_add(&body, a.body, a.body_len);
    *response = (struct io_http_response){.status = a.status,
                                          .body_bytes = a.body_len,
                                          .checksum = hash_stream_sum(&body),
                                          .reused = reused};
    if (request->header != NULL && a.header != NULL)
        snprintf(response->header, sizeof response->header, "%s", a.header);
    return 0;
}

int io_fake_http_get(struct io *io, const struct io_http_request *request,
                     struct io_http_response *response, uint64_t deadline_ns)
{
    struct io_fake *f = io_fake_of(io);
    int r = io_fake_begin(f, IO_OP_HTTP, deadline_ns);
    struct http_port *p;
    char *path = NULL;
    uint16_t port = 0;

    if (r == 0)
        r = split_url(request->url, &port, &path);
    if (r < 0)
        return r;
    p = find_port(f, port);
    r = p != NULL ? answer(f, p, path, request, response, deadline_ns) : -ECONNREFUSED;
    free(path);
    return r;
}

void io_fake_free_http_ports(struct io_fake *f)
{
    struct list *link;

    while ((link = list_take_first(&f->http_ports)) != NULL)
        free(container_of(link, struct http_port, link));
}
