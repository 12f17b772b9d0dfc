#include "cli/args.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define BLANKS " \t\r\n"

void args_init(struct args *a, const char *name)
{
    a->argc = 1;
    a->argv[0] = (char *)name;
    a->argv[1] = NULL;
}

int args_push(struct args *a, const char *word)
{
    if (a->argc >= ARGS_MAX)
        return -E2BIG;
    a->argv[a->argc++] = (char *)word;
    a->argv[a->argc] = NULL;
    return 0;
}

/* Take the quotes off the word that begins at *from, in place; *from is behind it then. NULL when a
 * quotation does not end. */
static char *cut_word(char **from)
{
    char *word = *from, *to = word, *c = word, quote = '\0';

    for (; *c != '\0' && (quote != '\0' || !strchr(BLANKS, *c)); c++) {
        if (quote == '\0' && (*c == '\'' || *c == '"'))
            quote = *c;
        else if (*c == quote)
            quote = '\0';
        else
            *to++ = *c;
    }
    *from = *c != '\0' ? c + 1 : c;
    *to = '\0';
    return quote == '\0' ? word : NULL;
}

int args_split(struct args *a, const char *line)
{
    size_t len = strlen(line);
    char *rest = a->text;
    int err = 0;

    if (len >= sizeof a->text)
        return -E2BIG;
    memcpy(a->text, line, len + 1);
    for (rest += strspn(rest, BLANKS); *rest != '\0' && err == 0; rest += strspn(rest, BLANKS)) {
        const char *word = cut_word(&rest);

        err = word != NULL ? args_push(a, word) : -EINVAL;
    }
    return err;
}
