/* Demos: the lessons of asyncio in C, each a short program that shows one of them and checks it.
 *
 * One file a demo; the registry table is in demos.c. Each is written in direct style, as close to
 * its Python as C allows, since it is there to be read; what it prints, records and checks goes
 * through demo_run.h. */
#ifndef TVA_DEMOS_DEMO_H
#define TVA_DEMOS_DEMO_H

#include "async/coro.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct demo {
    const char *name, *summary; /* what it does, in a line */
    const char *lesson;         /* what is to be learnt from it, in a sentence */
    const char *article;        /* what the article printed, in Python; "" when it has no figure */
    const char *model;          /* which model it is like: the colour of its chart */
    bool needs_server;          /* makes an HTTP request */
    coro_fn *main;              /* Python's `async def main()`; its arg is the struct demo_run */
};

/* The registry, in the order in which they tell the story. */
extern const struct demo *const demos[];
extern const size_t demos_count;

/* The demo of that name. NULL with *err naming the nearest one. */
const struct demo *demo_find(const char *name, struct err *err);

#endif
