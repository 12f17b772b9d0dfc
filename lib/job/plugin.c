#include "job/plugin.h"

#include "base/build_id.h"
#include "base/hash.h"
#include "base/program.h"
#include "job/trial.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PLUGINS_MAX 32

struct plugin {
    struct job_type type; /* first; a copy with the name below */
    char name[PLUGIN_NAME_SIZE];
    char path[PATH_MAX]; /* absolute, without links in its folder */
    char build[BUILD_ID_SIZE];
    bool is_own;    /* one of tva's services */
    uint64_t tried; /* a hash of the parameters that it was tried with last; under lock */
};

/* Loaded once a process, as code is. */
static struct {
    pthread_mutex_t lock;
    struct plugin *of[PLUGINS_MAX]; /* under lock; they stay */
    size_t count;                   /* under lock */
    bool trusted;
} loaded = {.lock = PTHREAD_MUTEX_INITIALIZER};

bool plugin_is_file(const char *name)
{
    size_t len = strlen(name);

    return len > 3 && strcmp(name + len - 3, ".so") == 0;
}

bool plugin_is_path(const char *text)
{
    return strchr(text, '/') != NULL || plugin_is_file(text);
}

const char *const plugin_services[] = {"pg", "redis"};
const size_t plugin_services_count = sizeof plugin_services / sizeof *plugin_services;

bool plugin_is_taken(const char *name)
{
    for (size_t i = 0; i < job_types_count; i++)
        if (strcmp(job_types[i]->name, name) == 0)
            return true;
    for (size_t i = 0; i < plugin_services_count; i++)
        if (strcmp(plugin_services[i], name) == 0)
            return true;
    return false;
}

/* The characters of a name need no quotes anywhere. */
int plugin_name(const char *path, char name[PLUGIN_NAME_SIZE], struct err *err)
{
    const char *base = strrchr(path, '/');
    size_t len;

    base = base != NULL ? base + 1 : path;
    len = strlen(base) - (plugin_is_file(base) ? 3 : 0);
    snprintf(name, PLUGIN_NAME_SIZE, "%.*s", (int)(len < PLUGIN_NAME_SIZE ? len : 0), base);
    if (name[0] == '\0' || name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                             "0123456789-_.")] != '\0')
        return err_set(err, -EINVAL,
                       "plugin %s: a job's name is that of its file, and has up to 63 letters, "
                       "digits, '-', '_' and '.'",
                       path);
    if (plugin_is_taken(name))
        return err_set(err, -EINVAL,
                       "plugin %s: tva has a job %s of its own; call the file otherwise", path,
                       name);
    return 0;
}

/* Absolute, since the library search has no part in this, and other processes may stand elsewhere;
 * and one path for each file, however it is written. The file may be a link: it names the job. */
static int take_path(const char *path, char out[PATH_MAX], struct err *err)
{
    const char *slash = strrchr(path, '/'), *base = slash != NULL ? slash + 1 : path;
    char folder[PATH_MAX], real[PATH_MAX];
    struct stat s;
    int n = snprintf(folder, sizeof folder, "%.*s.", (int)(base - path), path);

    if (n >= PATH_MAX || stat(path, &s) < 0 || realpath(folder, real) == NULL)
        return err_set(err, -EINVAL, "plugin %s: %s", path,
                       strerror(n >= PATH_MAX ? ENAMETOOLONG : errno));
    if (!S_ISREG(s.st_mode))
        return err_set(err, -EINVAL, "plugin %s is not a file: it must be a shared object", path);
    n = snprintf(out, PATH_MAX, "%s/%s", strcmp(real, "/") != 0 ? real : "", base);
    if (n >= PATH_MAX || strchr(out, ':') != NULL)
        return err_set(err, -EINVAL, "plugin %s: its whole path is too long, or has a ':'", path);
    return 0;
}

/* A copy with the name of the file. */
static int take_type(struct plugin *p, const struct job_type *type, struct err *err)
{
    const char *path = p->path;

    if (type == NULL || type->run == NULL || type->summary == NULL)
        return err_set(err, -EINVAL, "plugin %s: its type has no run() or no summary", path);
    if (type->n_params > PARAM_MAX || (type->n_params > 0 && type->params == NULL))
        return err_set(err, -EINVAL,
                       "plugin %s: its type has no table of %zu parameters, %d at most", path,
                       type->n_params, PARAM_MAX);
    p->type = *type;
    p->type.name = p->name;
    return 0;
}

/* Its library, or NULL with *err set. */
static void *open_plugin(struct plugin *p, struct err *err)
{
    const struct job_type *const *type;
    const unsigned *abi;
    void *library = dlopen(p->path, RTLD_NOW | RTLD_LOCAL);
    int r;

    if (library == NULL) {
        err_set(err, -EINVAL, "cannot load plugin %s", dlerror());
        return NULL;
    }
    abi = dlsym(library, "tva_job_abi");
    type = dlsym(library, "tva_job_type");
    if (abi == NULL || type == NULL)
        r = err_set(err, -EINVAL,
                    "%s is no plugin: it has no %s; its source ends with TVA_PLUGIN() "
                    "(job/plugin.h)",
                    p->path, abi == NULL ? "tva_job_abi" : "tva_job_type");
    else if (*abi != TVA_JOB_ABI)
        r = err_set(err, -EINVAL,
                    "plugin %s is built for interface %u, and this tva has interface %d: build it "
                    "against this tva's headers",
                    p->path, *abi, TVA_JOB_ABI);
    else
        r = take_type(p, *type, err);
    if (r == 0)
        return library;
    dlclose(library);
    return NULL;
}

static void open_and_close(const void *arg, const char *volatile *step)
{
    struct plugin copy = *(const struct plugin *)arg;
    void *library;

    *step = "a constructor";
    library = open_plugin(&copy, NULL);
    *step = "a destructor";
    if (library != NULL)
        dlclose(library);
}

/* First, so that a plugin that the user named comes before one of the same name. */
static int tell_children(const char *path, struct err *err)
{
    const char *others = getenv(PLUGIN_VARIABLE);
    char *all;
    int r = 0;

    if (asprintf(&all, "%s%s%s", path, others != NULL ? ":" : "", others != NULL ? others : "") < 0)
        return err_set(err, -ENOMEM, "out of memory");
    if (setenv(PLUGIN_VARIABLE, all, 1) < 0)
        r = err_set(err, -ENOMEM, "out of memory");
    free(all);
    return r;
}

/* Fill in the rest of one with a path and a name. */
static int make_plugin(struct plugin *p, struct err *err)
{
    bool safe = p->is_own || loaded.trusted;
    int r = safe ? 0 : trial_run(open_and_close, p, p->path, err);

    if (r == 0 && open_plugin(p, err) == NULL)
        r = -EINVAL;
    return r == 0 && !p->is_own ? tell_children(p->path, err) : r;
}

/* Under lock. service: the name of one of tva's own; NULL: it is another's. */
static const struct job_type *load(const char *path, const char *service, struct err *err)
{
    struct plugin *p = calloc(1, sizeof *p);
    int r;

    if (p == NULL) {
        err_set(err, -ENOMEM, "out of memory");
        return NULL;
    }
    p->is_own = service != NULL;
    r = take_path(path, p->path, err);
    if (r == 0 && p->is_own)
        snprintf(p->name, sizeof p->name, "%s", service);
    else if (r == 0)
        r = plugin_name(p->path, p->name, err);
    for (size_t i = 0; r == 0 && i < loaded.count; i++) {
        const struct plugin *other = loaded.of[i];

        if (strcmp(other->path, p->path) == 0) {
            free(p);
            return &other->type;
        }
        if (strcmp(other->name, p->name) == 0)
            r = err_set(err, -EINVAL, "two plugins are called %s: %s and %s", p->name, other->path,
                        p->path);
    }
    if (r == 0 && loaded.count == PLUGINS_MAX)
        r = err_set(err, -EINVAL, "there are more than %d plugins", PLUGINS_MAX);
    if (r == 0)
        r = make_plugin(p, err);
    if (r < 0) {
        free(p);
        return NULL;
    }
    build_id_of(p->path, p->build, sizeof p->build);
    loaded.of[loaded.count++] = p;
    return &p->type;
}

static const struct job_type *load_locked(const char *path, const char *service, struct err *err)
{
    const struct job_type *type;

    pthread_mutex_lock(&loaded.lock);
    type = load(path, service, err);
    pthread_mutex_unlock(&loaded.lock);
    return type;
}

const struct job_type *plugin_load(const char *path, struct err *err)
{
    return load_locked(path, NULL, err);
}

/* One of tva's own, which children find by themselves. */
static const struct job_type *find_service(const char *name, struct err *err)
{
    char file[64], path[PATH_MAX];

    for (size_t i = 0; i < plugin_services_count; i++) {
        if (strcmp(plugin_services[i], name) != 0)
            continue;
        snprintf(file, sizeof file, "jobs/%s.so", name);
        if (program_find(TVA_MODULE_DIRS, file, R_OK, path, sizeof path) != NULL)
            return load_locked(path, name, err);
        err_set(err, -ENOENT,
                "tva was built without the job %s: make bench-services installs what it needs and "
                "builds it",
                name);
    }
    return NULL;
}

const struct job_type *plugin_find(const char *name, struct err *err)
{
    const char *paths = getenv(PLUGIN_VARIABLE);
    char path[PATH_MAX], own[PLUGIN_NAME_SIZE];

    for (; paths != NULL && *paths != '\0'; paths += *paths == ':') {
        size_t len = strcspn(paths, ":");

        snprintf(path, sizeof path, "%.*s", (int)(len < sizeof path ? len : 0), paths);
        if (plugin_name(path, own, NULL) == 0 && strcmp(own, name) == 0)
            return plugin_load(path, err);
        paths += len;
    }
    return find_service(name, err);
}

/* Under lock. The plugin of this type; NULL: it is tva's own. */
static struct plugin *plugin_of_type(const struct job_type *type)
{
    for (size_t i = 0; i < loaded.count; i++)
        if (type == &loaded.of[i]->type)
            return loaded.of[i];
    return NULL;
}

struct plugin_file plugin_of(const struct job_type *type)
{
    struct plugin_file file = {NULL, NULL};
    const struct plugin *p;

    pthread_mutex_lock(&loaded.lock);
    p = plugin_of_type(type);
    if (p != NULL)
        file = (struct plugin_file){p->path, p->build};
    pthread_mutex_unlock(&loaded.lock);
    return file;
}

/* Call what the program calls beside run(). */
static void ask_all(const void *arg, const char *volatile *step)
{
    const struct job_part *part = arg;
    const struct job_type *type = part->type;
    struct err ignored = {""};

    *step = "check()";
    if (type->check != NULL && type->check(part, &ignored) < 0)
        return;
    *step = "check_here()";
    if (type->check_here != NULL && type->check_here(part, &ignored) < 0)
        return;
    *step = "wait_ns()";
    if (type->wait_ns != NULL)
        type->wait_ns(part, 0);
    *step = "cpu_ns()";
    if (type->cpu_ns != NULL)
        type->cpu_ns(part, 0);
    *step = "spread()";
    if (type->spread != NULL)
        type->spread(part);
}

int plugin_try(const struct job_part *part, struct err *err)
{
    uint64_t params = hash_bytes(hash_bytes(0, part->params, sizeof part->params), &part->texts,
                                 sizeof part->texts);
    struct plugin *p;
    int r = 0;

    pthread_mutex_lock(&loaded.lock);
    p = plugin_of_type(part->type);
    if (p != NULL && !p->is_own && !loaded.trusted && p->tried != params) {
        r = trial_run(ask_all, part, p->path, err);
        p->tried = r == 0 ? params : 0;
    }
    pthread_mutex_unlock(&loaded.lock);
    return r;
}

void plugin_trust(void)
{
    loaded.trusted = true;
}
