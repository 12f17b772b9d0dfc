#include "job/pathology.h"

#include "base/units.h"

#include <errno.h>
#include <string.h>

#define LONGEST_NS (3600 * 1000000000ULL)
#define LIMIT_MAX  1000000

/* A duration above 0, which ends where the text does. */
static bool read_ns(const char *text, uint64_t *out_ns)
{
    return units_parse_duration(text, out_ns) == 0 && *out_ns > 0 && *out_ns <= LONGEST_NS;
}

/* "500ms@2s" or "500ms/5s", in place. */
static bool read_stall(char *text, struct pathology_item *out)
{
    char *time = strpbrk(text, "@/");
    bool again = time != NULL && *time == '/';

    if (time == NULL)
        return false;
    *time++ = '\0';
    if (!read_ns(text, &out->ns) || !read_ns(time, &out->from_ns) ||
        (again && out->ns >= out->from_ns))
        return false;
    out->every_ns = again ? out->from_ns : 0;
    out->until_ns = out->from_ns + out->ns;
    return true;
}

/* "20ms@2s..4s", in place; it may begin at 0. */
static bool read_slow(char *text, struct pathology_item *out)
{
    char *from = strchr(text, '@'), *until = from != NULL ? strstr(from, "..") : NULL;

    if (until == NULL)
        return false;
    *from = *until = '\0';
    out->slow = true;
    return read_ns(text, &out->ns) && read_ns(until + 2, &out->until_ns) &&
           units_parse_duration(from + 1, &out->from_ns) == 0 && out->from_ns < out->until_ns;
}

/* One stall that comes again is enough: it leaves a gap that ends any other. */
static bool comes_again(const struct pathology *p)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->items[i].every_ns > 0)
            return true;
    return false;
}

static bool read_item(char *text, struct pathology *p)
{
    struct pathology_item item = {.slow = false};

    if (strncmp(text, "limit=", 6) == 0)
        return p->limit == 0 && units_parse_count(text + 6, &p->limit) == 0 && p->limit > 0 &&
               p->limit <= LIMIT_MAX;
    if (p->count == PATHOLOGY_ITEMS_MAX ||
        !((strncmp(text, "stall=", 6) == 0 && read_stall(text + 6, &item)) ||
          (strncmp(text, "slow=", 5) == 0 && read_slow(text + 5, &item))) ||
        (item.every_ns > 0 && comes_again(p)))
        return false;
    p->items[p->count++] = item;
    return true;
}

int pathology_parse(const char *text, struct pathology *out, struct err *err)
{
    char copy[PATHOLOGY_TEXT_MAX + 1], *rest = copy, *item;
    struct pathology p = {.count = 0};

    if (strlen(text) > PATHOLOGY_TEXT_MAX)
        return err_set(err, -EINVAL, "a pathology has at most %d characters", PATHOLOGY_TEXT_MAX);
    memcpy(copy, text, strlen(text) + 1);
    while ((item = strsep(&rest, ",+")) != NULL)
        if (!read_item(item, &p))
            return err_set(
                err, -EINVAL,
                "pathology \"%s\" is not made of stall=500ms@2s, slow=20ms@2s..4s, and once "
                "each stall=500ms/5s and limit=10, with + between",
                text);
    *out = p;
    return 0;
}

uint64_t pathology_added_ns(const struct pathology *p, uint64_t at_ns)
{
    uint64_t added_ns = 0;

    for (size_t i = 0; i < p->count; i++)
        if (p->items[i].slow && at_ns >= p->items[i].from_ns && at_ns < p->items[i].until_ns)
            added_ns += p->items[i].ns;
    return added_ns;
}

int pathology_check(const struct job_part *part, size_t index, struct err *err)
{
    struct pathology p;
    struct err why;

    if (*job_text(part, index) == '\0' || pathology_parse(job_text(part, index), &p, &why) == 0)
        return 0;
    return err_set(err, -EINVAL, "job %s: %s", part->type->name, why.text);
}

/* The end of the stall that holds a reply at that time; at_ns without one. */
static uint64_t stall_end_ns(const struct pathology_item *s, uint64_t at_ns)
{
    uint64_t begin_ns = s->from_ns;

    if (s->slow || at_ns < s->from_ns)
        return at_ns;
    if (s->every_ns > 0)
        begin_ns = at_ns - at_ns % s->every_ns;
    return at_ns < begin_ns + s->ns ? begin_ns + s->ns : at_ns;
}

uint64_t pathology_leave_ns(const struct pathology *p, uint64_t at_ns)
{
    for (size_t i = 0; i < p->count; i++) {
        uint64_t end_ns = stall_end_ns(&p->items[i], at_ns);

        if (end_ns > at_ns)
            return pathology_leave_ns(p, end_ns); /* another may have begun by then */
    }
    return at_ns;
}
