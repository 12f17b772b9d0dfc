/* tva demo: the lessons of asyncio, run, checked and drawn. */
#include "base/table.h"
#include "base/text.h"
#include "chart/chart_data.h"
#include "cli/data_dir.h"
#include "cli/options.h"
#include "cmd/cmd.h"
#include "demos/demo.h"
#include "demos/demo_run.h"
#include "demos/demo_source.h"
#include "harness/target_proc.h"
#include "io/http_url.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Charts go here by default in a source tree of tva, which has results/schema.json. */
#define DEFAULT_DIR "results/latest/demo"

/* Below SCALE_MIN a request is hardly longer than the beats that it is compared with; above
 * SCALE_MAX a demo takes minutes. */
#define SCALE_MIN 0.01
#define SCALE_MAX 10.0

/* README shows these in one picture, drawn when all of them have run. */
static const char *const lessons[] = {"sequential-await", "create-task", "blocked-loop"};

#define LESSONS_COUNT (sizeof lessons / sizeof *lessons)
#define CHOSEN_MAX    64

struct demo_options {
    const struct demo *chosen[CHOSEN_MAX];
    size_t count;
    bool list, no_chart, source;
    double scale;
    const char *url; /* NULL: a server that tva starts */
    const char *dir; /* NULL: the default */
};

static int choose(const struct options_entry *e, const char *name, void *to, struct err *err)
{
    struct demo_options *o = to;
    bool all = strcmp(name, "all") == 0;
    const struct demo *one = all ? NULL : demo_find(name, err);

    (void)e;
    if (!all && one == NULL)
        return -EINVAL;
    if (o->count + (all ? demos_count : 1) > CHOSEN_MAX)
        return err_set(err, -E2BIG, "at most %d demos at a time", CHOSEN_MAX);
    for (size_t i = 0; all && i < demos_count; i++)
        o->chosen[o->count++] = demos[i];
    if (one != NULL)
        o->chosen[o->count++] = one;
    return 0;
}

static int take_scale(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    char *end;
    double scale = strtod(text, &end);

    if (end == text || *end != '\0' || !(scale >= SCALE_MIN && scale <= SCALE_MAX))
        return err_set(err, -EINVAL, "--%s wants a number from %g to %g, not \"%s\"", e->name,
                       SCALE_MIN, SCALE_MAX, text);
    *(double *)to = scale;
    return 0;
}

static int take_url(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    struct err why = {""};

    *(const char **)to = text;
    return http_url_parse(text, true, NULL, &why) == 0
               ? 0
               : err_set(err, -EINVAL, "--%s %.*s", e->name, TEXT_FIT(why.text, 400));
}

#define AT(member) OPTIONS_AT(struct demo_options, member)

static const struct options_entry entries[] = {
    {.value = "NAME", .take = choose},
    {"list", NULL, "List the demos, and run none", options_flag, AT(list)},
    {"scale", "X", "Multiply all durations by X, from 0.01 to 10; default 1", take_scale,
     AT(scale)},
    {"output", "DIR",
     "Write the charts to this folder; default " DEFAULT_DIR " in a source tree of tva, "
     "else no charts",
     options_text, .letter = 'o', AT(dir)},
    {"url", "URL",
     "Send the request of blocked-loop, offloaded and async-http here, to a page that takes 20 ms "
     "or more; default: to a server that tva starts",
     take_url, AT(url)},
    {"source", NULL, "Show the Python and the C of the demos, and run none", options_flag,
     AT(source)},
    {"no-chart", NULL, "Draw no charts", options_flag, AT(no_chart)},
    {0},
};

static const struct options_example examples[] = {
    {"tva demo create-task", "one lesson, as it happens"},
    {"tva demo all --scale 0.1 --no-chart", "all of them, ten times as fast"},
    {"tva demo create-task --source", "its Python beside its C"},
    {"tva demo async-http --url http://127.0.0.1:8000/", "a request to a server of yours"},
    {0},
};

static const struct options_help help = {
    .operands = "NAME...|all",
    .text = "Run demos. Each shows one lesson of asyncio as it happens, and checks it.\v"
            "Exit status: 0 all lessons hold, 1 a measurement contradicts one, 2 wrong usage.",
    .examples = examples,
};

static int show_table(struct table *t, struct err *err)
{
    return table_show(t, FORM_TEXT, 0, stdout) < 0 ? err_set(err, -ENOMEM, "out of memory") : 0;
}

static int list(double scale, struct err *err)
{
    struct table *t = table_list();
    char summary[2 * DEMO_TEXT_MAX];

    for (size_t i = 0; i < demos_count; i++)
        table_entry(t, demos[i]->name,
                    demo_text(scale, demos[i]->summary, summary, sizeof summary));
    return show_table(t, err);
}

static int show_sources(const struct demo_options *o, struct err *err)
{
    char folder[PATH_MAX];
    int r = 0;

    if (data_dir_find("demos", folder, sizeof folder) == NULL)
        return err_set(err, -ENOENT, "cannot find the folder demos of tva's data");
    for (size_t i = 0; i < o->count && r == 0; i++)
        r = demo_source_write(o->chosen[i], folder, stdout, err);
    return r;
}

/* A server of the user's own is for demos that make a request. */
static int check_url(const struct demo_options *o, struct err *err)
{
    bool used = o->url == NULL;

    for (size_t i = 0; i < o->count; i++)
        used = used || o->chosen[i]->needs_server;
    return used ? 0
                : err_set(err, -EINVAL,
                          "--url: only blocked-loop, offloaded and async-http make a request");
}

/* Find out before anything runs whether there is a place for charts. */
static int prepare_dir(struct demo_options *o, struct err *err)
{
    int result;

    if (o->no_chart)
        return 0;
    if (o->dir != NULL)
        return chart_folder_make(o->dir, err);
    if (access("results/schema.json", F_OK) < 0) {
        fputs("tva demo: no charts, as this is not a tree of tva; -o DIR draws them\n", stderr);
        o->no_chart = true;
        return 0;
    }
    o->dir = DEFAULT_DIR;
    result = chart_folder_make("results/latest", err);
    return result < 0 ? result : chart_folder_make(DEFAULT_DIR, err);
}

/* The server of the demos that need one, started with the first of them. */
struct server {
    struct target_proc proc;
    char url[64]; /* "" while there is none */
};

static int start_server(struct server *s, struct err *err)
{
    char address[INET_ADDRSTRLEN];
    int result;

    if (s->url[0] != '\0')
        return 0;
    result = target_proc_start(&s->proc, NULL, NULL, err);
    if (result < 0)
        return result;
    inet_ntop(AF_INET, &s->proc.addr.sin_addr, address, sizeof address);
    snprintf(s->url, sizeof s->url, "http://%s:%u", address, ntohs(s->proc.addr.sin_port));
    return 0;
}

/* Draw, and print where the picture is. Without gnuplot the demo still runs. */
static int draw(const struct demo_options *o, const struct demo_run *const runs[], size_t count,
                const char *name, struct err *err)
{
    int result;

    if (o->no_chart)
        return 0;
    result = chart_demo_draw(runs, count, name, o->dir, err);
    if (result == -ENOPKG) {
        fprintf(stderr, "tva demo: no chart: %s\n", err->text);
        err->text[0] = '\0';
        return 0;
    }
    if (result == 0)
        printf("  chart     %s/%s.svg and .png\n", o->dir, name);
    return result;
}

static int perform(const struct demo_options *o, const struct demo *demo, struct demo_run *run,
                   struct server *server, struct err *err)
{
    int held, result = demo->needs_server && o->url == NULL ? start_server(server, err) : 0;

    if (result < 0)
        return result;
    if (demo_run_init(run, demo, o->scale, o->url != NULL ? o->url : server->url, stdout) < 0)
        return err_set(err, -ENOMEM, "out of memory");
    run->server_is_own = o->url != NULL;
    held = demo_perform(run, err);
    if (held < 0)
        return held;
    result = draw(o, (const struct demo_run *const[]){run}, 1, demo->name, err);
    putchar('\n');
    return result < 0 ? result : held;
}

/* The picture of README, when the demos in it have all run. */
static int draw_lessons(const struct demo_options *o, const struct demo_run *runs, struct err *err)
{
    const struct demo_run *found[LESSONS_COUNT] = {NULL};

    for (size_t k = 0; k < LESSONS_COUNT; k++) {
        for (size_t i = 0; i < o->count; i++)
            if (strcmp(o->chosen[i]->name, lessons[k]) == 0)
                found[k] = &runs[i];
        if (found[k] == NULL)
            return 0;
    }
    return draw(o, found, LESSONS_COUNT, "lessons", err);
}

static int tell_all(const struct demo_run *runs, size_t count, struct err *err)
{
    char measured[2 * DEMO_TEXT_MAX], expected[2 * DEMO_TEXT_MAX];
    struct table *t = table_create();

    table_column(t, "demo", TABLE_HEAD);
    table_column(t, "measured", TABLE_WORDS);
    table_column(t, "expected", TABLE_WORDS);
    table_column(t, "article", TABLE_WORDS);
    for (size_t i = 0; i < count; i++) {
        table_cell(t, "%s", runs[i].demo->name);
        table_cell(t, "%s%s", demo_held(&runs[i]) ? "" : "CONTRADICTS the lesson: ",
                   demo_measured_text(&runs[i], measured, sizeof measured));
        table_cell(t, "%s", demo_expected_text(&runs[i], expected, sizeof expected));
        table_cell(t, "%s%s", runs[i].demo->article ? runs[i].demo->article : "",
                   runs[i].demo->article ? " (Python)" : "");
    }
    return show_table(t, err);
}

static int run_all(const struct demo_options *o, struct demo_run *runs, struct err *err)
{
    struct server server = {.url = ""};
    int result = 0;
    bool held = true;

    for (size_t i = 0; i < o->count && result >= 0; i++) {
        result = perform(o, o->chosen[i], &runs[i], &server, err);
        held = held && result > 0;
    }
    if (server.url[0] != '\0')
        target_proc_stop(&server.proc);
    if (result >= 0 && o->count > 1) {
        result = tell_all(runs, o->count, err);
        if (result == 0)
            result = draw_lessons(o, runs, err);
    }
    return result < 0 ? result : held;
}

int cmd_demo(int argc, char **argv, struct err *err)
{
    struct demo_options o = {.scale = 1};
    const struct options_part parts[] = {{entries, &o}, {0}};
    struct demo_run runs[CHOSEN_MAX] = {{0}};
    int r = options_parse(&help, parts, argc, argv, err);

    if (r != 0)
        return r;
    if (o.list)
        return list(o.scale, err) == 0 ? EXIT_GOOD : EXIT_FAILED;
    if (o.count == 0) {
        err_set(err, 0, "say which demo, or all; 'tva demo --list' shows them");
        return EXIT_USAGE;
    }
    if (o.source)
        return show_sources(&o, err) == 0 ? EXIT_GOOD : EXIT_FAILED;
    if (check_url(&o, err) < 0)
        return EXIT_USAGE;
    r = prepare_dir(&o, err);
    if (r == 0)
        r = run_all(&o, runs, err);
    for (size_t i = 0; i < o.count; i++)
        demo_run_deinit(&runs[i]);
    return r > 0 ? EXIT_GOOD : EXIT_FAILED;
}
