#include "support/export_fixture.h"

#include "support/records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SLEEP "sleep:duration=20ms"

json_t *export_fixture_document(void)
{
    static const double makespans_ms[] = {20, 22, 21}, spoilt_ms[] = {777.25, 777.25, 777.25};
    json_t *document = records_document(), *counts;

    records_add(document, "tasks", SLEEP, 100, makespans_ms, 3, false);
    records_add(document, "pool", SLEEP, 100, spoilt_ms, 3, false);
    counts = json_pack("{s:{s:i, s:s, s:[ii], s:[[ii],[ii]]}, s:{s:i, s:s, s:[ii], s:[[ii]]},"
                       " s:{s:i, s:s, s:[ii], s:[[ii],[ii]]}, s:{s:i, s:s, s:[ii], s:[]}}",
                       "syscalls_per_job", "value", 3, "kind", "exact", "jobs", 10, 20, "totals",
                       50, 80, 60, 90, "allocations_per_job", "value", 0, "kind", "exact", "jobs",
                       10, 20, "totals", 7, 7, "context_switches_per_job", "value", 4, "kind",
                       "scheduled", "jobs", 10, 20, "totals", 0, 30, 0, 50, "instructions_per_job",
                       "value", 1000, "kind", "instructions", "jobs", 10, 20, "totals");
    assert_non_null(counts);
    json_object_set(records_cell_of(document, 0), "counts", counts);
    json_object_set_new(records_cell_of(document, 1), "counts", counts);
    export_fixture_spoil(records_cell_of(document, 1), EXPORT_FIXTURE_REASON);
    return document;
}

void export_fixture_spoil(json_t *cell, const char *reason)
{
    json_object_set_new(cell, "valid", json_false());
    json_array_append_new(json_object_get(cell, "reasons"), json_string(reason));
}

char *export_fixture_text(const char *format, const json_t *document)
{
    struct err err = {""};
    const struct exporter *e = export_find(format, &err);
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (e == NULL)
        fail_msg("%s", err.text);
    assert_non_null(out);
    if (export_stream(e, document, out, &err) != 0)
        fail_msg("%s", err.text);
    fclose(out);
    return text;
}

json_t *export_fixture_json(const char *format, const json_t *document)
{
    char *text = export_fixture_text(format, document);
    json_error_t error;
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &error);

    if (json == NULL)
        fail_msg("%s: %s", format, error.text);
    free(text);
    return json;
}

size_t export_fixture_times(const char *text, const char *part)
{
    size_t n = 0;

    for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part))
        n++;
    return n;
}
