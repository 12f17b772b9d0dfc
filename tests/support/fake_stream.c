#include "support/fake_stream.h"

#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct chunk {
    struct list link;
    uint64_t arrival_ns;
    size_t len, taken; /* taken < len */
    char data[];
};

void fake_stream_init(struct fake_stream *s)
{
    *s = (struct fake_stream){0};
    list_init(&s->chunks);
}

void fake_stream_deinit(struct fake_stream *s)
{
    struct list *link;

    while ((link = list_take_first(&s->chunks)) != NULL)
        free(container_of(link, struct chunk, link));
}

int fake_stream_send(struct fake_stream *s, uint64_t arrival_ns, const void *data, size_t len)
{
    struct chunk *c;

    if (s->ended)
        return -EPIPE;
    if (arrival_ns < s->last_ns)
        arrival_ns = s->last_ns;
    s->last_ns = arrival_ns;
    if (len == 0) {
        s->ended = true;
        s->end_ns = arrival_ns;
        return 0;
    }
    c = malloc(sizeof *c + len);
    if (c == NULL)
        return -ENOMEM;
    c->arrival_ns = arrival_ns;
    c->len = len;
    c->taken = 0;
    memcpy(c->data, data, len);
    list_append(&s->chunks, &c->link);
    return 0;
}

uint64_t fake_stream_next_ns(const struct fake_stream *s)
{
    if (!list_empty(&s->chunks))
        return container_of(s->chunks.next, struct chunk, link)->arrival_ns;
    return s->ended ? s->end_ns : NO_DEADLINE;
}

size_t fake_stream_take(struct fake_stream *s, uint64_t now_ns, void *buf, size_t len)
{
    size_t done = 0;

    while (done < len && !list_empty(&s->chunks)) {
        struct chunk *c = container_of(s->chunks.next, struct chunk, link);
        size_t n = c->len - c->taken;

        if (c->arrival_ns > now_ns)
            break;
        if (n > len - done)
            n = len - done;
        memcpy((char *)buf + done, c->data + c->taken, n);
        done += n;
        c->taken += n;
        if (c->taken == c->len) {
            list_remove(&c->link);
            free(c);
        }
    }
    return done;
}
