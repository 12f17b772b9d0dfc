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

int args_split(struct args *a, const char *line)
{
    size_t len = strlen(line);
    char *word = a->text, *end;
    int err = 0;

    if (len >= sizeof a->text)
        return -E2BIG;
    memcpy(a->text, line, len + 1);
    for (word += strspn(word, BLANKS); *word != '\0' && err == 0;
         word = end + strspn(end, BLANKS)) {
        bool quoted = *word == '\'';

        word += quoted;
        end = word + strcspn(word, quoted ? "'" : BLANKS);
        if (quoted && *end == '\0')
            return -EINVAL;
        if (*end != '\0')
            *end++ = '\0';
        err = args_push(a, word);
    }
    return err;
}
