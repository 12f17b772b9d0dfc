#include "measure/cgroup.h"

#include "base/clock.h"
#include "base/text.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The path of the group that has the controller: of version 1 if its line is there, since then
 * version 2 does not have it. Returns the version, 0 without a group. */
static int read_group(FILE *in, char path[512])
{
    char line[1024], controllers[256], of_line[512];
    int version = 0;

    while (in != NULL && version != 1 && fgets(line, sizeof line, in) != NULL)
        if (sscanf(line, "0::%511[^\n]", path) == 1) {
            version = 2;
        } else if (sscanf(line, "%*d:%255[^:]:%511[^\n]", controllers, of_line) == 2 &&
                   text_has_word(controllers, ",", "cpu")) {
            version = 1;
            strcpy(path, of_line);
        }
    return version;
}

/* From a line of mountinfo: `root` is the group that was mounted, `at` where. */
static bool is_mount_of(const char *line, int version, char root[512], char at[512])
{
    const char *rest = strstr(line, " - ");
    char type[32], options[256];

    if (rest == NULL || sscanf(line, "%*d %*d %*s %511s %511s", root, at) != 2 ||
        sscanf(rest, " - %31s %*s %255s", type, options) != 2)
        return false;
    return version == 2 ? strcmp(type, "cgroup2") == 0
                        : strcmp(type, "cgroup") == 0 && text_has_word(options, ",", "cpu");
}

/* A container may see only its own group, mounted as if it were the root. */
static const char *below(const char *root, const char *path)
{
    size_t len = strcmp(root, "/") == 0 ? 0 : strlen(root);

    if (strncmp(path, root, len) != 0 || path[len] != '/' || path[len + 1] == '\0')
        return "";
    return path + len;
}

void cgroup_find(const char *groups_path, const char *mounts_path, struct cgroup *out)
{
    FILE *groups = fopen(groups_path, "re"), *mounts = fopen(mounts_path, "re");
    char line[2048], path[512] = "", root[512], at[512];
    int version = read_group(groups, path);

    *out = (struct cgroup){.top = 0};
    while (version != 0 && mounts != NULL && fgets(line, sizeof line, mounts) != NULL)
        if (is_mount_of(line, version, root, at)) {
            out->top = strlen(at);
            snprintf(out->dir, sizeof out->dir, "%s%s", at, below(root, path));
            break;
        }
    if (groups != NULL)
        fclose(groups);
    if (mounts != NULL)
        fclose(mounts);
}

/* The text of that file of the group whose path is the first `len` characters. */
static char *read_of(const struct cgroup *g, size_t len, const char *name, char *buf, size_t size)
{
    char path[sizeof g->dir + 32];

    snprintf(path, sizeof path, "%.*s/%s", (int)len, g->dir, name);
    return text_read(path, buf, size);
}

/* The length of the path of the group's parent; 0 above the last one. */
static size_t parent_of(const struct cgroup *g, size_t len)
{
    if (len <= g->top)
        return 0;
    while (g->dir[--len] != '/')
        continue;
    return len;
}

/* "max 100000", or "20000 100000"; in version 1 two files, and -1 for no limit. */
static double quota_of(const struct cgroup *g, size_t len)
{
    char quota[64], period[64], *end;
    double us = strtod(read_of(g, len, "cpu.max", quota, sizeof quota), &end), each = 0;

    if (quota[0] != '\0') {
        each = strtod(end, NULL);
    } else {
        us = strtod(read_of(g, len, "cpu.cfs_quota_us", quota, sizeof quota), NULL);
        each = strtod(read_of(g, len, "cpu.cfs_period_us", period, sizeof period), NULL);
    }
    return us > 0 && each > 0 ? us / each : (double)NAN;
}

double cgroup_cpus(const struct cgroup *g)
{
    double least = NAN;

    for (size_t len = strlen(g->dir); len > 0; len = parent_of(g, len))
        least = fmin(least, quota_of(g, len)); /* which takes the number where one is NAN */
    return least;
}

void cgroup_throttled(const struct cgroup *g, uint64_t *times, uint64_t *ns)
{
    char stat[1024];

    *times = *ns = 0;
    for (size_t len = strlen(g->dir); len > 0; len = parent_of(g, len)) {
        uint64_t stopped_ns;

        read_of(g, len, "cpu.stat", stat, sizeof stat);
        stopped_ns =
            text_number(stat, "throttled_time ") + NS_PER_US * text_number(stat, "throttled_usec ");
        *times += text_number(stat, "nr_throttled ");
        *ns = stopped_ns > *ns ? stopped_ns : *ns;
    }
}
