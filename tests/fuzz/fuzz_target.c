#include "fuzz_target.h"

#include "json_arena.h"
#include "result/result.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX (1 << 20)

static struct {
    FILE *out;
    size_t len;
    char text[TEXT_MAX + 1];
} output;

/* How many inputs there were, and how many of them were read, for run.sh. */
static struct {
    unsigned long long all, read;
} inputs;

static void print_inputs(void)
{
    fprintf(stderr, "fuzz::read_units: %llu of %llu\n", inputs.read, inputs.all);
}

/* The counters of clang's -fsanitize-coverage=inline-8bit-counters, which libFuzzer looks at after
 * each input; of the linker's making, and NULL where there are none. */
extern uint8_t __start___sancov_cntrs[] __attribute__((weak));
extern uint8_t __stop___sancov_cntrs[] __attribute__((weak));

static ssize_t keep(void *cookie, const char *bytes, size_t size)
{
    size_t room = TEXT_MAX - output.len, len = size < room ? size : room;

    (void)cookie;
    memcpy(output.text + output.len, bytes, len);
    output.len += len;
    return (ssize_t)size;
}

FILE *fuzz_out(void)
{
    if (output.out == NULL &&
        ((output.out = fopencookie(NULL, "w", (cookie_io_functions_t){.write = keep})) == NULL ||
         setvbuf(output.out, NULL, _IOFBF, 1 << 16) != 0))
        abort();
    return output.out;
}

const char *fuzz_text(size_t *len)
{
    fflush(fuzz_out());
    *len = output.len;
    output.text[output.len] = '\0';
    output.len = 0;
    return output.text;
}

json_t *fuzz_parse(const uint8_t *data, size_t size)
{
    return json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
}

bool fuzz_is_run(const json_t *run)
{
    struct err err = {""};
    int rc = result_check(run, "run.json", &err);

    if (rc != 0 && err.text[0] == '\0')
        abort(); /* refused, and nobody knows why */
    return rc == 0;
}

void fuzz_forget(void)
{
    if (__start___sancov_cntrs != NULL)
        memset(__start___sancov_cntrs, 0, (size_t)(__stop___sancov_cntrs - __start___sancov_cntrs));
}

bool fuzz_input(const uint8_t *data, size_t size)
{
    static bool installed;
    size_t len;
    bool read;

    if (!installed) {
        json_arena_install();
        atexit(print_inputs);
    }
    installed = true;
    read = fuzz_one(data, size);
    json_arena_reset();
    fuzz_text(&len);
    inputs.all++;
    inputs.read += read;
    return read;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input(data, size);
    return 0;
}
