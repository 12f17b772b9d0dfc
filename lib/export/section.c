#include "export/section.h"

#include "base/markdown.h"
#include "base/table.h"
#include "base/text.h"
#include "base/wrap.h"
#include "export/finding.h"
#include "export/metric_table.h"
#include "export/note.h"
#include "result/result.h"

#include <errno.h>
#include <string.h>

static bool says(const json_t *cell, const char *key, const char *sentence)
{
    const json_t *text;
    size_t i;

    json_array_foreach(json_object_get(cell, key), i,
                       text) if (strcmp(json_string_value(text), sentence) == 0) return true;
    return false;
}

/* A sentence once for all cells that have it, unless one before row `first` has written it. */
static void write_sentence(const struct ranking *r, size_t first, const char *key,
                           const char *sentence, bool markdown, FILE *out)
{
    char text[2 * FINDING_MAX] = "";

    for (size_t i = 0; i < r->count; i++) {
        if (!says(r->rows[i]->cell, key, sentence))
            continue;
        if (i < first)
            return;
        text_add(text, FINDING_MAX, "%s%s", i > first ? ", " : "", r->rows[i]->label);
    }
    text_add(text, sizeof text, ": %s", sentence);
    markdown_item(markdown, strcmp(key, "reasons") == 0 ? "  invalid: " : "  note: ", text, out);
}

static void write_sentences(const struct ranking *r, const char *key, bool markdown, FILE *out)
{
    for (size_t i = 0; i < r->count; i++) {
        const json_t *text;
        size_t k;

        json_array_foreach(json_object_get(r->rows[i]->cell, key), k, text)
            write_sentence(r, i, key, json_string_value(text), markdown, out);
    }
}

static int write_notes(const struct ranking *r, bool markdown, FILE *out)
{
    json_t *notes = note_of(r), *text;
    int rc = notes != NULL ? 0 : -ENOMEM;
    size_t i;

    json_array_foreach(notes, i, text)
        markdown_item(markdown, "  note: ", json_string_value(text), out);
    json_decref(notes);
    return rc;
}

int section_write(const struct ranking *r, bool markdown, FILE *out)
{
    unsigned load = metric_cells_of(r->rows[0]->cell) & METRIC_ALL;
    char finding[FINDING_MAX];
    int rc = 0;

    finding_of(r, finding, sizeof finding);
    if (markdown) {
        fputs("\n## ", out);
        markdown_text(r->group, out);
        fputs("\n\n", out);
    } else {
        wrap_print(out, "", "%s", r->group);
    }
    if (r->measured && markdown) {
        markdown_text(finding, out);
        fputs(".\n\n", out);
    }
    if (r->measured)
        rc = table_show(metric_table(r, load, markdown), markdown, 2, out);
    if (r->measured && r->counted && markdown)
        fputc('\n', out);
    if (rc == 0 && r->counted)
        rc = table_show(metric_table(r, METRIC_COUNTED, markdown), markdown, 2, out);
    if (markdown)
        fputc('\n', out);
    write_sentences(r, "reasons", markdown, out);
    write_sentences(r, "warnings", markdown, out);
    if (rc == 0)
        rc = write_notes(r, markdown, out);
    if (r->measured && !markdown)
        wrap_print(out, "  => ", "%s", finding);
    if (!markdown)
        fputc('\n', out);
    return rc;
}
