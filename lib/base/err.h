/* One sentence about an error.
 *
 * Functions return 0 (or a result >= 0) or a negative errno. A function whose failure a person has
 * to act on also takes a struct err and fills it with one sentence: what is wrong, where, what to
 * do. */
#ifndef TVA_BASE_ERR_H
#define TVA_BASE_ERR_H

struct err {
    char text[512]; /* "" without an error; no newline, no "error:" in front */
};

/* Write the sentence (printf style, cut between characters at the size of text) and return `code`,
 * so that a failing function can end with `return err_set(err, -EINVAL, "...", ...)`. err may be
 * NULL. */
int err_set(struct err *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
