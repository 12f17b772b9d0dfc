/* JUnit XML in the common form (testmoapp/junitxml): a suite a group, a test case a cell, which
 * fails when the cell is invalid. Figures and warnings are its output, which every reader shows,
 * while properties of a test case are not understood by all. */
#include "export/export.h"
#include "export/ranking.h"
#include "result/result.h"

#include <math.h>
#include <string.h>

/* Characters that mean something in XML, and those that may not be in it (control characters;
 * U+FFFE and U+FFFF, which are EF BF BE and EF BF BF). */
static void put_text(const char *text, FILE *out)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if (c == '&')
            fputs("&amp;", out);
        else if (c == '<')
            fputs("&lt;", out);
        else if (c == '>')
            fputs("&gt;", out);
        else if (c == '"')
            fputs("&quot;", out);
        else if (c == '\t' || c == '\n' || c == '\r')
            fprintf(out, "&#%d;", c);
        else if (c < ' ' || c == 0x7f)
            fputc('?', out);
        else if (c == 0xef && (unsigned char)text[1] == 0xbf && (unsigned char)text[2] >= 0xbe)
            fputs("?", out), text += 2;
        else
            fputc(c, out);
    }
}

static void put_attribute(const char *name, const char *text, FILE *out)
{
    fprintf(out, " %s=\"", name);
    put_text(text, out);
    fputc('"', out);
}

/* 0 for an invalid cell, whose time means nothing. */
static double seconds_of(const json_t *cell)
{
    double s = metric_of(metric_named("makespan"), cell).median;

    return json_is_true(json_object_get(cell, "valid")) && isfinite(s) && s > 0 ? s : 0;
}

/* What a suite, or all of them (group NULL), comes to. */
static void put_totals(const json_t *result, const char *group, FILE *out)
{
    const json_t *cell;
    double total_s = 0;
    size_t i, tests = 0, failures = 0;

    json_array_foreach(json_object_get(result, "cells"), i, cell)
    {
        if (group != NULL && strcmp(result_string(cell, "group"), group) != 0)
            continue;
        tests++;
        failures += !json_is_true(json_object_get(cell, "valid"));
        total_s += seconds_of(cell);
    }
    fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\" time=\"%.9f\"", tests,
            failures, total_s);
}

static void put_failure(const struct export_cell *c, FILE *out)
{
    const char *first = json_string_value(json_array_get(json_object_get(c->cell, "reasons"), 0));

    fputs("      <failure type=\"invalid\"", out);
    put_attribute("message", first != NULL ? first : c->reasons, out);
    fputc('>', out);
    put_text(c->reasons, out);
    fputs("</failure>\n", out);
}

static void put_output(const struct export_cell *c, FILE *out)
{
    const json_t *warning;
    size_t k;

    fputs("      <system-out>", out);
    for (size_t i = 0; i < c->count; i++) {
        put_text(c->metrics[i].metric->key, out);
        fprintf(out, " %.12g\n", c->metrics[i].value.median);
    }
    json_array_foreach(json_object_get(c->cell, "warnings"), k, warning)
    {
        fputs("warning: ", out);
        put_text(json_string_value(warning), out);
        fputc('\n', out);
    }
    fputs("</system-out>\n", out);
}

struct suite {
    const char *group;
    FILE *out;
};

static int put_case(const struct export_cell *c, void *arg)
{
    struct suite *suite = arg;
    FILE *out = suite->out;

    if (strcmp(result_string(c->cell, "group"), suite->group) != 0)
        return 0;
    fputs("    <testcase", out);
    put_attribute("name", c->name, out);
    put_attribute("classname", suite->group, out);
    fprintf(out, " time=\"%.9f\">\n", seconds_of(c->cell));
    if (!c->valid)
        put_failure(c, out);
    put_output(c, out);
    fputs("    </testcase>\n", out);
    return 0;
}

static int put_suite(const json_t *result, const char *group, FILE *out)
{
    struct suite suite = {group, out};
    int rc;

    fputs("  <testsuite", out);
    put_attribute("name", group, out);
    put_totals(result, group, out);
    put_attribute("timestamp", result_string(result, "context.date"), out);
    put_attribute("hostname", result_string(result, "context.host"), out);
    fputs(">\n", out);
    if (json_is_true(json_object_get(result, "partial")))
        fputs("    <properties><property name=\"partial\" value=\"true\"/></properties>\n", out);
    rc = export_cells(result, put_case, &suite);
    fputs("  </testsuite>\n", out);
    return rc;
}

static int write_junit(const json_t *result, FILE *out)
{
    struct rankings all;
    int rc = rankings_init(&all, result);

    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"tva\"", out);
    put_totals(result, NULL, out);
    fputs(">\n", out);
    for (size_t i = 0; i < all.count && rc == 0; i++)
        rc = put_suite(result, all.of[i].group, out);
    fputs("</testsuites>\n", out);
    rankings_deinit(&all);
    return rc;
}

const struct exporter export_junit = {
    .name = "junit",
    .suffix = ".junit.xml",
    .summary = "JUnit XML: a test case a cell, which fails when the cell is invalid",
    .write = write_junit,
};
