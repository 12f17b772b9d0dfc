#include "chart/chart_data.h"

#include "base/atomic_file.h"
#include "base/text.h"
#include "cli/data_dir.h"
#include "harness/proc.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define TIMEOUT_S 60

const char *const chart_formats[CHART_FORMATS] = {"svg", "png", "linear.svg"};

/* Forms that have axes which are logarithmic but for CHART_LINEAR. */
static const char *const log_forms[] = {"rows", "curves", "over_time"};

int chart_folder_make(const char *path, struct err *err)
{
    struct stat st;

    if (mkdir(path, 0777) == 0 || (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode)))
        return 0;
    return err_set(err, -errno, "cannot make the folder %s: %s", path, strerror(errno));
}

int chart_folder_open(struct chart_folder *folder, const char *dir, struct err *err)
{
    int result, n = snprintf(folder->dir, sizeof folder->dir, "%s", dir);

    if (n >= PATH_MAX ||
        snprintf(folder->data, sizeof folder->data, "%.*s/data", n, folder->dir) >= PATH_MAX)
        return err_set(err, -ENAMETOOLONG, "the path of the folder is too long");
    if (!data_dir_find("plots", folder->share, sizeof folder->share))
        return err_set(err, -ENOENT,
                       "the folder plots/ that comes with tva is not found; set TVA_SHARE to the "
                       "folder it is in");
    result = chart_folder_make(folder->dir, err);
    return result < 0 ? result : chart_folder_make(folder->data, err);
}

/* Append name='value'; as chart_data.c writes texts. */
static void define(char *buf, size_t size, const char *name, const char *value)
{
    text_add(buf, size, "%s='", name);
    for (; *value; value++)
        text_add(buf, size, "%.*s", *value == '\'' ? 7 : 1, *value == '\'' ? "'.\"'\".'" : value);
    text_add(buf, size, "'; ");
}

/* The line of gnuplot's output that says what is wrong: the last one that is not empty. */
static void read_complaint(FILE *said, char *buf, size_t size)
{
    char line[512];

    snprintf(buf, size, "it did not say why");
    rewind(said);
    while (fgets(line, sizeof line, said))
        if (line[strspn(line, " \t^\n")] != '\0')
            snprintf(buf, size, "%.*s", (int)strcspn(line, "\n"), line);
}

/* Wait until the child ends, and take its status. False when it took too long and was killed. */
static bool await(struct proc *child, int *status)
{
    struct pollfd ended = {.fd = child->fd, .events = POLLIN};
    int ready;

    do
        ready = poll(&ended, 1, TIMEOUT_S * 1000);
    while (ready < 0 && errno == EINTR);
    if (ready > 0)
        *status = proc_reap(child);
    else
        proc_kill(child);
    return ready > 0;
}

/* Run gnuplot with the variables on the script. picture: an open file, which its script writes to;
 * said takes what it prints. */
static int run(const char *variables, const char *script, int picture, FILE *said, struct err *err)
{
    const char *const argv[] = {"gnuplot", "-d", "-e", variables, script, NULL};
    const struct proc_fds fds = {.out = fileno(said), .err = fileno(said), .keep = picture};
    struct proc child;
    char complaint[512];
    int status;

    unsetenv("GNUTERM"); /* gnuplot fails at once if it lacks that terminal */
    unsetenv("GNUPLOT_LIB");
    status = proc_start("gnuplot", argv, fds, &child, err);
    if (status < 0)
        return status;
    if (!await(&child, &status))
        return err_set(err, -ETIMEDOUT, "gnuplot took over %d s for %s and was ended", TIMEOUT_S,
                       script);
    if (WIFEXITED(status) && WEXITSTATUS(status) == PROC_NO_EXEC)
        return err_set(err, -ENOPKG,
                       "gnuplot is not installed; on Debian: apt-get install gnuplot-nox");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    read_complaint(said, complaint, sizeof complaint);
    return err_set(err, -EIO, "gnuplot failed on %s: %s", script, complaint);
}

/* gnuplot's own titles are commands; and its hover texts call a script, which no chart has. Drop
 * the former, and make titles of the latter: browsers show those without a script. gnuplot has
 * escaped the texts, and they hold no quote (chart_data_row()). */
static void put_line(const char *line, FILE *out)
{
    static const char call[] = "<g onmousemove=\"gnuplot_svg.showHypertext(evt,'";
    const char *title = strstr(line, "<title>"), *end = strstr(line, "</title>");
    const char *hover = strstr(line, call);

    if (title == NULL || end == NULL) {
        fputs(line, out);
        return;
    }
    fprintf(out, "%.*s", (int)((hover != NULL ? hover : title) - line), line);
    if (hover != NULL) {
        hover += strlen(call);
        fprintf(out, "<g><title>%.*s</title>", (int)strcspn(hover, "\"") - 2, hover);
    }
    fputs(end + strlen("</title>"), out);
}

/* Copy it without groups that are empty, which are a third of it. Returns how many bytes it had. */
static size_t put_svg(FILE *drawn, FILE *out)
{
    char *line = NULL, group[256] = "";
    size_t size = 0, all = 0;

    for (ssize_t n; (n = getline(&line, &size, drawn)) > 0; all += (size_t)n) {
        bool empty = group[0] != '\0' && strcmp(line, "</g>\n") == 0;
        bool begins = strncmp(line, "<g fill=", 8) == 0 && (size_t)n < sizeof group;

        if (!empty)
            fputs(group, out);
        snprintf(group, sizeof group, "%s", begins ? line : "");
        if (!empty && !begins)
            put_line(line, out);
    }
    fputs(group, out);
    free(line);
    return all;
}

static size_t put_bytes(FILE *drawn, FILE *out)
{
    char bytes[1 << 14];
    size_t n, all = 0;

    for (; (n = fread(bytes, 1, sizeof bytes, drawn)) > 0; all += n)
        fwrite(bytes, 1, n, out);
    return all;
}

/* Copy what gnuplot drew, all of it or nothing. */
static int put_in_place(FILE *drawn, const char *format, const char *picture, struct err *err)
{
    struct atomic_file *file = atomic_file_create(picture, err);
    bool png = strcmp(format, chart_formats[CHART_PNG]) == 0;

    if (!file)
        return -EIO;
    rewind(drawn);
    if ((png ? put_bytes : put_svg)(drawn, atomic_file_stream(file)) > 0 && feof(drawn))
        return atomic_file_commit(file, err); /* which tells of failures to write */
    if (feof(drawn))
        err_set(err, -EIO, "gnuplot drew nothing for %s", picture);
    else
        err_set(err, -EIO, "cannot read what gnuplot drew for %s: %s", picture, strerror(errno));
    atomic_file_abort(file);
    return -EIO;
}

/* gnuplot says nothing of a disk that is full, so it draws into memory. */
static int draw(const struct chart_folder *folder, const struct chart_data *data,
                const char *format, const char *picture, struct err *err)
{
    char script[PATH_MAX + 64], from[PATH_MAX + 64], to[64], variables[5 * PATH_MAX] = "";
    FILE *said = fdopen(memfd_create("gnuplot", MFD_CLOEXEC), "w+");
    FILE *drawn = fdopen(memfd_create("picture", MFD_CLOEXEC), "w+");
    int status = -ENOMEM;

    snprintf(script, sizeof script, "%s/%s.gp", folder->share, chart_data_form(data));
    snprintf(from, sizeof from, "%s/%s", folder->data, chart_data_name(data));
    if (said && drawn) {
        snprintf(to, sizeof to, "/proc/self/fd/%d", fileno(drawn));
        define(variables, sizeof variables, "share", folder->share);
        define(variables, sizeof variables, "data", from);
        define(variables, sizeof variables, "format", format);
        define(variables, sizeof variables, "picture", to);
        define(variables, sizeof variables, "hovers", "yes");
        status = run(variables, script, fileno(drawn), said, err);
    } else {
        err_set(err, status, "out of memory");
    }
    if (status == 0)
        status = put_in_place(drawn, format, picture, err);
    if (said)
        fclose(said);
    if (drawn)
        fclose(drawn);
    return status;
}

static bool has_log_axis(const struct chart_data *data)
{
    for (size_t i = 0; i < sizeof log_forms / sizeof *log_forms; i++)
        if (strcmp(chart_data_form(data), log_forms[i]) == 0)
            return true;
    return false;
}

int chart_draw(struct chart_data *data, const struct chart_folder *folder,
               const bool formats[CHART_FORMATS], FILE *said, struct err *err)
{
    char picture[PATH_MAX + 64];
    int status = chart_data_finish(data, err);

    for (size_t i = 0; i < CHART_FORMATS && status == 0; i++) {
        if (formats ? !formats[i] : i == CHART_LINEAR)
            continue;
        if (i == CHART_LINEAR && !has_log_axis(data))
            continue;
        snprintf(picture, sizeof picture, "%s/%s.%s", folder->dir, chart_data_name(data),
                 chart_formats[i]);
        status = draw(folder, data, chart_formats[i], picture, err);
        if (status == 0 && said)
            fprintf(said, "%s\n", picture);
    }
    return status;
}
