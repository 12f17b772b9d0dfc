/* A line of text as an argument vector: words between blanks. What stands between two ' or two " is
 * taken as it is, as a shell does; there are no other escapes. */
#ifndef TVA_BENCH_ARGS_H
#define TVA_BENCH_ARGS_H

#define ARGS_MAX  64
#define ARGS_TEXT 1024

struct args {
    int argc;
    char *argv[ARGS_MAX + 1]; /* NULL at the end; points into text or at the caller's strings */
    char text[ARGS_TEXT];
};

/* Make it hold argv[0] alone. The string stays the caller's. */
void args_init(struct args *a, const char *name);

/* Append one word; it stays the caller's. 0, or -E2BIG when full. */
int args_push(struct args *a, const char *word);

/* Append the words of `line`, copied. Call at most once for each object. 0; -E2BIG, or -EINVAL when
 * a quotation does not end. */
int args_split(struct args *a, const char *line);

#endif
