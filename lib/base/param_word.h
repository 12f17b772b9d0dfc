/* The words of a choice. One may have other spellings behind it, "exp|exponential": each is read,
 * the first is shown. Any thread. */
#ifndef TVA_BASE_PARAM_WORD_H
#define TVA_BASE_PARAM_WORD_H

#include <stddef.h>
#include <stdint.h>

#define PARAM_WORDS_MAX 16 /* in one choice; their first spellings together: 256 bytes */

/* Of a PARAM_SWITCH: off and on, and what else is read as that. */
extern const char *const param_word_switch[];

/* The first spellings of all words. */
struct param_words {
    const char *names[PARAM_WORDS_MAX]; /* into buf */
    size_t n;
    char buf[256];
};

/* words: NULL at the end. names[] are good as long as *out stays where it is. */
void param_word_names(const char *const *words, struct param_words *out);

/* The index of the word with that spelling into *index: 0, or -EINVAL. */
int param_word_find(const char *const *words, const char *text, uint64_t *index);

/* The first spelling of a word; returns buf. */
char *param_word_format(const char *word, char *buf, size_t size);

/* names[n] in one line, cut where buf ends; returns buf. */
char *param_word_join(const char *const *names, size_t n, const char *separator, char *buf,
                      size_t size);

#endif
