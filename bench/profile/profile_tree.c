#include "base/array.h"
#include "base/text.h"
#include "profile/profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The frame of that name that this one called; NULL when out of memory. */
static struct profile_frame *called_by(struct profile_frame *frame, const char *name)
{
    char *copy = strdup(name);

    if (copy != NULL)
        text_make_printable(copy);
    for (size_t i = 0; copy != NULL && i < frame->count; i++)
        if (strcmp(frame->called[i].name, copy) == 0) {
            free(copy);
            return &frame->called[i];
        }
    if (copy == NULL ||
        array_grow(&frame->called, frame->count, &frame->capacity, sizeof *frame->called) < 0) {
        free(copy);
        return NULL;
    }
    frame->called[frame->count] = (struct profile_frame){.name = copy};
    return &frame->called[frame->count++];
}

int profile_tree_add(struct profile_frame *root, const char *const names[], size_t n,
                     int64_t weight)
{
    struct profile_frame *frame = root;

    frame->total += weight;
    for (size_t i = 0; i < n; i++) {
        frame = called_by(frame, names[i]);
        if (frame == NULL)
            return -ENOMEM;
        frame->total += weight;
    }
    return 0;
}

void profile_tree_settle(struct profile_frame *frame)
{
    int64_t own = frame->total, called = 0;

    for (size_t i = 0; i < frame->count; i++) {
        own -= frame->called[i].total;
        profile_tree_settle(&frame->called[i]);
        called += frame->called[i].total;
    }
    frame->total = (own > 0 ? own : 0) + called;
}

void profile_tree_clear(struct profile_frame *root)
{
    for (size_t i = 0; i < root->count; i++) {
        free(root->called[i].name);
        profile_tree_clear(&root->called[i]);
    }
    free(root->called);
    *root = (struct profile_frame){0};
}
