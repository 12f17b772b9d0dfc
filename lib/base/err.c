#include "base/err.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

int err_set(struct err *err, int code, const char *format, ...)
{
    va_list args;

    if (err == NULL)
        return code;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    err->text[text_fit(err->text, sizeof err->text - 1)] = '\0';
    return code;
}
