/* "Did you mean": the nearest of a set of names. Any thread. */
#ifndef TVA_BASE_SUGGEST_H
#define TVA_BASE_SUGGEST_H

#include "base/err.h"

#include <stddef.h>

/* The name nearest to `word`, the first of equally near ones, or NULL when none is near enough: at
 * most a third of the letters of the longer one may differ, at least one is allowed, never all. The
 * distance counts letters inserted, removed, replaced, and neighbours swapped (Damerau, "A
 * technique for computer detection and correction of spelling errors", CACM 1964); case does not
 * count. names[n] are not kept. */
const char *suggest_nearest(const char *word, const char *const *names, size_t n);

/* Set *err to a sentence about a word that is no valid name, with the nearest name and all of them:
 * unknown model "task"; did you mean "tasks"? valid: sequential, tasks. The first function takes
 * the sentence up to the semicolon; the second makes it of what the word should name ("model").
 * Returns -EINVAL. */
int suggest_valid(const char *sentence, const char *word, const char *const *names, size_t n,
                  struct err *err);
int suggest_unknown(const char *what, const char *word, const char *const *names, size_t n,
                    struct err *err);

/* The entry of that name in a registry: entries[n] are pointers to structs that begin with their
 * name, a const char *. NULL with *err as of suggest_unknown(). */
const void *suggest_find(const char *what, const char *name, const void *entries, size_t n,
                         struct err *err);

#endif
