#include "cli/args.h"

#include <errno.h>
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
    char *rest = NULL;
    int err = 0;

    if (len >= sizeof a->text)
        return -E2BIG;
    memcpy(a->text, line, len + 1);
    for (char *word = strtok_r(a->text, BLANKS, &rest); word != NULL && err == 0;
         word = strtok_r(NULL, BLANKS, &rest))
        err = args_push(a, word);
    return err;
}
