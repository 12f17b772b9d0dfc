#include "base/param.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

static bool is_plain(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text <= ' ' || *text == 0x7f || *text == ',')
            return false;
    return true;
}

int param_set_text(const struct param *p, const char *owner, const char *text, uint64_t *value,
                   struct param_texts *texts, struct err *err)
{
    size_t len = strlen(text);

    if (len == 0)
        return err_set(err, -EINVAL, "%s: %s is empty", owner, p->name);
    if (!is_plain(text))
        return err_set(err, -EINVAL, "%s: %s=%s: has a blank, a comma or a control character in it",
                       owner, p->name, text);
    if (len > p->max || texts->used + len + 1 > sizeof texts->buf)
        return err_set(err, -EINVAL,
                       "%s: %s=%.32s... is too long; valid: at most %" PRIu64 " bytes", owner,
                       p->name, text, p->max);
    memcpy(texts->buf + texts->used, text, len + 1);
    *value = 1 + texts->used;
    texts->used += len + 1;
    return 0;
}

const char *param_text(const struct param *p, uint64_t value, const struct param_texts *texts)
{
    return value == 0 || texts == NULL ? p->choices[0] : texts->buf + value - 1;
}
