#include "json_mutator.h"

#include "base/hash.h"

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>

struct draw {
    uint64_t state;
};

/* 0 to count - 1. */
static size_t draw_below(struct draw *d, size_t count)
{
    d->state = hash_mix(d->state);
    return (size_t)(d->state % count);
}

static size_t count_members(const json_t *value)
{
    size_t count = 0, i;
    const char *key;
    json_t *member;

    json_object_foreach((json_t *)value, key, member)
    {
        count += 1 + count_members(member);
    }
    json_array_foreach(value, i, member)
    {
        count += 1 + count_members(member);
    }
    return count;
}

/* A member of an object or a list: where it is, so that it can be replaced. */
struct place {
    json_t *parent;
    const char *key; /* NULL: in a list */
    size_t index;
    json_t *value;
};

/* Member number *left in order, counted down to 0. */
static bool find_member(json_t *value, size_t *left, struct place *out)
{
    const char *key;
    json_t *member;
    size_t i;

    json_object_foreach(value, key, member)
    {
        if ((*left)-- == 0) {
            *out = (struct place){value, key, 0, member};
            return true;
        }
        if (find_member(member, left, out))
            return true;
    }
    json_array_foreach(value, i, member)
    {
        if ((*left)-- == 0) {
            *out = (struct place){value, NULL, i, member};
            return true;
        }
        if (find_member(member, left, out))
            return true;
    }
    return false;
}

static json_t *odd_value(struct draw *d)
{
    static const double numbers[] = {-1,   0,    0.5,   1,      7,      1e9,
                                     1e15, 1e19, 1e308, -1e308, 5e-324, 1e-9};
    static const char *const texts[] = {
        "",
        "x",
        "%s%n",
        "a\nb",
        "\x1b[31m",
        "../../x",
        "\xc3\xa9",
        "tasks",
        "exact",
        "makespan_s",
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"};

    switch (draw_below(d, 8)) {
    case 0:
        return json_null();
    case 1:
        return json_boolean(draw_below(d, 2));
    case 2:
        return json_integer(draw_below(d, 2) != 0 ? LLONG_MAX : LLONG_MIN);
    case 3:
        return json_array();
    case 4:
        return json_object();
    case 5:
        return json_string(texts[draw_below(d, sizeof texts / sizeof *texts)]);
    case 6:
        return json_integer((json_int_t)draw_below(d, 100) - 10);
    default:
        return json_real(numbers[draw_below(d, sizeof numbers / sizeof *numbers)]);
    }
}

static void put(const struct place *at, json_t *value)
{
    if (at->key != NULL)
        json_object_set_new(at->parent, at->key, value);
    else
        json_array_set_new(at->parent, at->index, value);
}

static void mutate(json_t *root, struct draw *d)
{
    size_t count = count_members(root), left;
    struct place at, other;

    if (count == 0)
        return;
    left = draw_below(d, count);
    find_member(root, &left, &at);
    left = draw_below(d, count);
    find_member(root, &left, &other);
    switch (draw_below(d, 5)) {
    case 0:
        if (at.key != NULL)
            json_object_del(at.parent, at.key);
        else
            json_array_remove(at.parent, at.index);
        break;
    case 1:
        put(&at, json_deep_copy(other.value));
        break;
    case 2:
        if (at.key == NULL)
            json_array_append_new(at.parent, json_deep_copy(at.value));
        else if (json_is_number(at.value))
            put(&at, json_real(json_number_value(at.value) * (draw_below(d, 2) ? -1 : 1.5)));
        break;
    default:
        put(&at, odd_value(d));
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    struct draw d = {seed};
    json_t *root = NULL;
    size_t length;

    if (draw_below(&d, 8) != 0)
        root = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
    if (root == NULL)
        return LLVMFuzzerMutate(data, size, max_size);
    for (size_t n = 1 + draw_below(&d, 3); n > 0; n--)
        mutate(root, &d);
    length = json_dumpb(root, (char *)data, max_size, JSON_COMPACT);
    json_decref(root);
    return length > 0 && length <= max_size ? length : LLVMFuzzerMutate(data, size, max_size);
}
