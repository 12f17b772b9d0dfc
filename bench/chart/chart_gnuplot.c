#include "chart/chart_gnuplot.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIMEOUT_NS (60 * NS_PER_S)

/* Append name='value'; with quotes doubled, which is all that gnuplot's single quotes need. */
static void define(FILE *out, const char *name, const char *value)
{
    fprintf(out, "%s='", name);
    for (; *value; value++) {
        if (*value == '\'')
            fputc('\'', out);
        fputc(*value, out);
    }
    fputs("'; ", out);
}

static char *definitions(const struct chart_drawing *drawing, const char *output)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        return NULL;
    define(out, "share", drawing->share);
    define(out, "data", drawing->data);
    define(out, "format", drawing->format);
    define(out, "picture", output);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

/* Start gnuplot with its output on a pipe; the read end in *from. The child's id or a negative
 * errno; 127 is its exit status when there is no gnuplot. */
static pid_t start(const char *variables, const char *script, int *from)
{
    int ends[2];
    pid_t child;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        execlp("gnuplot", "gnuplot", "-d", "-e", variables, script, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    if (child < 0) {
        child = -errno;
        close(ends[0]);
        return child;
    }
    *from = ends[0];
    return child;
}

/* Read what the child says until it closes its end; keeps the last of it, and size must be over a
 * chunk's. False when it took too long. */
static bool listen_to(int from, char *said, size_t size)
{
    uint64_t deadline_ns = clock_now_ns() + TIMEOUT_NS, now_ns;
    size_t used = 0;

    while ((now_ns = clock_now_ns()) < deadline_ns) {
        struct pollfd ready = {.fd = from, .events = POLLIN};
        char chunk[512];
        ssize_t n;

        if (poll(&ready, 1, (int)((deadline_ns - now_ns) / NS_PER_MS) + 1) <= 0)
            continue;
        n = read(from, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            said[used] = '\0';
            return true;
        }
        if (used + (size_t)n >= size) {
            size_t drop = used + (size_t)n - (size - 1);

            memmove(said, said + drop, used - drop);
            used -= drop;
        }
        memcpy(said + used, chunk, (size_t)n);
        used += (size_t)n;
    }
    said[used] = '\0';
    return false;
}

/* The line of gnuplot's output that says what is wrong: the last one that is not empty. */
static const char *complaint(char *said)
{
    const char *found = "it did not say why";

    for (char *rest, *line = strtok_r(said, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        if (line[strspn(line, " \t^")] != '\0')
            found = line;
    return found;
}

static int run(const char *variables, const char *script, struct err *err)
{
    char said[2048];
    int from = -1, status;
    bool ended;
    pid_t child = start(variables, script, &from);

    if (child < 0)
        return err_set(err, (int)child, "cannot start gnuplot: %s", strerror(-(int)child));
    ended = listen_to(from, said, sizeof said);
    close(from);
    if (!ended)
        kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (!ended)
        return err_set(err, -ETIMEDOUT, "gnuplot took over %d s for %s and was ended",
                       (int)(TIMEOUT_NS / NS_PER_S), script);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return err_set(err, -ENOENT,
                       "gnuplot is not installed; on Debian: apt-get install gnuplot-nox");
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return err_set(err, -EIO, "gnuplot failed on %s: %s", script, complaint(said));
    return 0;
}

static int put_in_place(const char *temporary, const char *output, struct err *err)
{
    struct stat st;

    if (stat(temporary, &st) < 0 || st.st_size == 0)
        return err_set(err, -EIO, "gnuplot drew nothing for %s", output);
    if (rename(temporary, output) < 0)
        return err_set(err, -errno, "cannot write %s: %s", output, strerror(errno));
    return 0;
}

int chart_gnuplot(const struct chart_drawing *drawing, struct err *err)
{
    char *temporary = NULL, *variables = NULL;
    int result = -ENOMEM;

    if (asprintf(&temporary, "%s.tmp.%ld", drawing->output, (long)getpid()) < 0)
        temporary = NULL;
    if (temporary)
        variables = definitions(drawing, temporary);
    if (!variables) {
        err_set(err, result, "out of memory");
        goto done;
    }
    result = run(variables, drawing->script, err);
    if (result == 0)
        result = put_in_place(temporary, drawing->output, err);
    if (result < 0)
        unlink(temporary);
done:
    free(variables);
    free(temporary);
    return result;
}
