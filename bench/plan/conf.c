#include "plan/conf.h"

#include "base/array.h"
#include "base/input.h"
#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS          " \t\r"
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* Without comment and blanks around it; returns where it begins. */
static char *strip(char *text)
{
    char *end = text;

    while (*end != '\0' && *end != '\n' &&
           !(*end == '#' && (end == text || strchr(BLANKS, end[-1]))))
        end++;
    while (end > text && strchr(BLANKS, end[-1]))
        end--;
    *end = '\0';
    return text + strspn(text, BLANKS);
}

/* Append the line, if there is anything in it. */
static int add_line(struct conf *conf, char *text, size_t number, struct err *err)
{
    char *stripped = strip(text), *end = stripped + strlen(stripped) - 1, *copy;
    bool is_section = *stripped == '[';

    if (*stripped == '\0')
        return 0;
    if (is_section && (strchr(stripped, ']') != end || end == stripped + 1))
        return err_set(err, -EINVAL, "%s:%zu: \"%.*s\" is not a section, as in [name]", conf->path,
                       number, TEXT_FIT(stripped, 300));
    if (is_section)
        *end = '\0';
    copy = strdup(stripped + is_section);
    if (copy == NULL ||
        array_grow(&conf->lines, conf->count, &conf->capacity, sizeof *conf->lines) < 0) {
        free(copy);
        return err_set(err, -ENOMEM, "out of memory for %s", conf->path);
    }
    conf->lines[conf->count++] = (struct conf_line){number, copy, is_section};
    return 0;
}

int conf_read(const char *path, const char *what, struct conf *out, struct err *err)
{
    size_t size = 0, number = 0;
    char *text = NULL;
    ssize_t len;
    struct err why;
    FILE *in = input_open(path, &why);
    int r = 0;

    *out = (struct conf){.path = path};
    if (in == NULL)
        return err_set(err, -errno, "cannot read the %s %s: %s", what, path, why.text);
    errno = 0;
    while (r == 0 && (len = getline(&text, &size, in)) >= 0) {
        size_t mark = number++ == 0 && strncmp(text, BYTE_ORDER_MARK, 3) == 0 ? 3 : 0;

        if (strlen(text) != (size_t)len)
            r = err_set(err, -EINVAL, "%s:%zu: the line has a zero byte in it", path, number);
        else
            r = add_line(out, text + mark, number, err);
    }
    if (r == 0 && !feof(in))
        r = err_set(err, -EIO, "cannot read the %s %s: %s", what, path, strerror(errno));
    fclose(in);
    free(text);
    return r;
}

void conf_deinit(struct conf *conf)
{
    for (size_t i = 0; i < conf->count; i++)
        free(conf->lines[i].text);
    free(conf->lines);
}

int conf_fault(const struct conf *conf, const struct conf_line *line, const struct err *why,
               int code, struct err *err)
{
    return err_set(err, code, "%s:%zu: %.*s", conf->path, line->number, TEXT_FIT(why->text, 400));
}
