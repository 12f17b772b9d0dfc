#include "base/param.h"
#include "base/param_word.h"
#include "base/units.h"

#include <stdio.h>

char *param_format(const struct param *p, uint64_t value, char *buf, size_t size)
{
    return param_format_texts(p, value, NULL, buf, size);
}

char *param_format_texts(const struct param *p, uint64_t value, const struct param_texts *texts,
                         char *buf, size_t size)
{
    switch (p->kind) {
    case PARAM_COUNT:
        return units_exact_count(value, buf, size);
    case PARAM_SIZE:
        return units_exact_size(value, buf, size);
    case PARAM_DURATION:
        return units_exact_duration(value, buf, size);
    case PARAM_SHARE:
        snprintf(buf, size, "%.7g%%", (double)value * 100 / PARAM_SHARE_ONE);
        break;
    case PARAM_SWITCH:
        return param_word_format(param_word_switch[value != 0], buf, size);
    case PARAM_CHOICE:
        return param_word_format(p->choices[value], buf, size);
    case PARAM_TEXT:
        snprintf(buf, size, "%s", param_text(p, value, texts));
        break;
    }
    return buf;
}

const char *param_unit(const struct param *p, char *buf, size_t size)
{
    struct param_words words;

    switch (p->kind) {
    case PARAM_COUNT:
        return "count";
    case PARAM_SIZE:
        return "bytes";
    case PARAM_DURATION:
        return "duration";
    case PARAM_SHARE:
        return "share";
    case PARAM_SWITCH:
        return "on|off";
    case PARAM_TEXT:
        return "text";
    case PARAM_CHOICE:
        break;
    }
    param_word_names(p->choices, &words);
    return param_word_join(words.names, words.n, "|", buf, size);
}
