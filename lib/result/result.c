#include "result/result.h"

#include "base/atomic_file.h"
#include "result/check.h"
#include "result/value.h"

#include <errno.h>
#include <math.h>
#include <string.h>

int result_write(const json_t *result, const char *path, struct err *err)
{
    struct atomic_file *file = atomic_file_create(path, err);
    FILE *stream;
    int rc;

    if (file == NULL)
        return -EIO;
    stream = atomic_file_stream(file);
    rc = value_write(result, stream);
    if (rc != 0 && !ferror(stream)) {
        atomic_file_abort(file);
        return err_set(err, -ENOMEM, "cannot write %s: out of memory", path);
    }
    return atomic_file_commit(file, err); /* finds and reports what the stream could not write */
}

json_t *result_read(const char *path, struct err *err)
{
    FILE *in = fopen(path, "re");
    json_error_t syntax;
    json_t *result;

    if (in == NULL) {
        err_set(err, -errno, "cannot read %s: %s; measure first with tva run -o %s", path,
                strerror(errno), path);
        return NULL;
    }
    result = json_loadf(in, JSON_REJECT_DUPLICATES, &syntax);
    fclose(in);
    if (result == NULL) {
        err_set(err, -EINVAL, "%s is no result: line %d is no JSON: %s; measure again with tva run",
                path, syntax.line, syntax.text);
        return NULL;
    }
    if (check_document(result, path, err) == 0)
        return result;
    json_decref(result);
    return NULL;
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
