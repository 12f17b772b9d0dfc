#include "result/result.h"

#include "base/atomic_file.h"
#include "base/input.h"
#include "base/text.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define WHOLE_MAX     9007199254740992.0 /* 2^53: up to here a double holds every whole number */
#define REAL_DIGITS   12                 /* a makespan of 1,000 s to the ns */
#define INDENT_SPACES 2

json_t *result_new_number(double v)
{
    char digits[32];

    if (!isfinite(v))
        return json_null();
    if (v == trunc(v) && fabs(v) <= WHOLE_MAX)
        return json_integer((json_int_t)v);
    snprintf(digits, sizeof digits, "%.*g", REAL_DIGITS, v);
    return json_real(strtod(digits, NULL));
}

json_t *result_new_count(uint64_t v)
{
    return json_integer(v > INT64_MAX ? INT64_MAX : (json_int_t)v);
}

json_t *result_built(json_t *value, int rc)
{
    if (rc == 0)
        return value;
    json_decref(value);
    return NULL;
}

static int write_value(const json_t *value, FILE *out, int depth);

/* Begin a line behind what ends the one before. */
static void begin_line(const char *before, FILE *out, int depth)
{
    fprintf(out, "%s\n%*s", before, depth * INDENT_SPACES, "");
}

static int write_flat(const json_t *value, FILE *out)
{
    return json_dumpf(value, out,
                      JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(REAL_DIGITS));
}

static int write_object(json_t *object, FILE *out, int depth)
{
    const char *key, *before = "{";
    json_t *member;
    int rc = 0;

    json_object_foreach(object, key, member)
    {
        json_t *text = json_string(key);

        begin_line(before, out, depth + 1);
        rc |= write_flat(text, out);
        fputs(": ", out);
        rc |= write_value(member, out, depth + 1);
        json_decref(text);
        before = ",";
    }
    begin_line("", out, depth);
    fputc('}', out);
    return rc;
}

static int write_list(const json_t *list, FILE *out, int depth)
{
    size_t i;
    json_t *item;
    int rc = 0;

    json_array_foreach(list, i, item)
    {
        begin_line(i == 0 ? "[" : ",", out, depth + 1);
        rc |= write_value(item, out, depth + 1);
    }
    begin_line("", out, depth);
    fputc(']', out);
    return rc;
}

/* Lists of anything but plain numbers are spread over lines. 0, or -1: what the stream could not
 * write is kept by the stream. */
static int write_value(const json_t *value, FILE *out, int depth)
{
    if (json_is_object(value) && json_object_size(value) > 0)
        return write_object((json_t *)value, out, depth);
    if (json_array_size(value) > 0 && !json_is_number(json_array_get(value, 0)))
        return write_list(value, out, depth);
    return write_flat(value, out);
}

int result_dump(const json_t *value, FILE *out)
{
    int rc = write_value(value, out, 0);

    fputc('\n', out);
    return ferror(out) ? -EIO : rc != 0 ? -ENOMEM : 0;
}

int result_write_as(const json_t *value, const char *path,
                    int (*write)(const json_t *value, FILE *out), struct err *err)
{
    struct atomic_file *file = atomic_file_create(path, err);
    FILE *stream;
    int rc;

    if (file == NULL)
        return -EIO;
    stream = atomic_file_stream(file);
    rc = write(value, stream);
    if (rc != 0 && !ferror(stream)) {
        atomic_file_abort(file);
        return err_set(err, rc, "cannot write %s: %s", path,
                       rc == -ENOMEM ? "out of memory" : strerror(-rc));
    }
    return atomic_file_commit(file, err); /* finds and reports what the stream could not write */
}

const char *result_primitive_apart(const json_t *a, const json_t *b)
{
    static const char *const paths[] = {"primitives.page_ns", "primitives.thread_ns",
                                        "primitives.wake_ns", "primitives.syscall_ns",
                                        "primitives.clock_ns"};

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        double one = result_number(a, paths[i]), other = result_number(b, paths[i]);

        if (fmax(one, other) > RESULT_PRIMITIVES_FACTOR * fmin(one, other))
            return paths[i];
    }
    return NULL;
}

int result_write(const json_t *result, const char *path, struct err *err)
{
    return result_write_as(result, path, result_dump, err);
}

json_t *result_load(const char *path, struct err *err)
{
    char command[512] = "tva run -o ";
    struct err why;
    FILE *in = input_open(path, &why);
    json_error_t syntax;
    json_t *result;
    int unread;

    if (in == NULL) {
        text_add_word(command, sizeof command, path);
        err_set(err, -errno, "cannot read %s: %s%s%s", path, why.text,
                errno == ENOENT ? "; measure first with " : "", errno == ENOENT ? command : "");
        return NULL;
    }
    result = json_loadf(in, JSON_REJECT_DUPLICATES, &syntax);
    unread = result == NULL && ferror(in) ? errno : 0;
    fclose(in);
    if (unread != 0) {
        err_set(err, -unread, "cannot read %s: %s", path, strerror(unread));
        return NULL;
    }
    if (result == NULL)
        err_set(err, -EINVAL, "%s is no result: line %d is no JSON: %s; measure again with tva run",
                path, syntax.line, syntax.text);
    return result;
}

json_t *result_read(const char *path, struct err *err)
{
    json_t *result = result_load(path, err);

    return result != NULL ? result_built(result, result_check(result, path, err)) : NULL;
}

const json_t *result_get(const json_t *object, const char *path)
{
    while (object != NULL && *path != '\0') {
        size_t len = strcspn(path, ".");

        object = json_object_getn(object, path, len);
        path += len + (path[len] == '.');
    }
    return object;
}

double result_number(const json_t *object, const char *path)
{
    const json_t *value = result_get(object, path);

    return json_is_number(value) ? json_number_value(value) : NAN;
}

const char *result_string(const json_t *object, const char *path)
{
    const char *text = json_string_value(result_get(object, path));

    return text != NULL ? text : "";
}

/* Of a text that is no UTF-8: "?" for each byte that is no ASCII. NULL when out of memory. */
__attribute__((format(printf, 1, 0))) static json_t *as_ascii(const char *format, va_list args)
{
    json_t *value;
    char *text;

    if (vasprintf(&text, format, args) < 0)
        return NULL;
    for (char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    value = json_string(text);
    free(text);
    return value;
}

int result_add_sentence(json_t *list, const char *format, ...)
{
    va_list args;
    json_t *text;

    va_start(args, format);
    text = json_vsprintf(format, args);
    va_end(args);
    if (text == NULL) {
        va_start(args, format);
        text = as_ascii(format, args);
        va_end(args);
    }
    return json_array_append_new(list, text) == 0 ? 0 : -ENOMEM;
}

char *result_label(const json_t *cell, char *buf, size_t size)
{
    double threads = result_number(cell, "threads");

    const char *model = result_string(cell, "model");

    snprintf(buf, size, isnan(threads) ? "%.*s" : "%.*s(%.0f)", TEXT_FIT(model, 48), threads);
    return buf;
}
