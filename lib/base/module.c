#include "base/module.h"

#include "base/program.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static int cannot_load(const char *file, const char *package, const char *reason, struct err *err)
{
    /* The module itself, and not a library that it needs. */
    if (strchr(file, '/') == NULL && strncmp(reason, file, strlen(file)) == 0)
        return err_set(err, -ENOENT,
                       "%s is missing: it is neither beside the program, nor in %s as seen from "
                       "there, nor where the system looks for libraries; build or install tva anew",
                       file, strchr(TVA_MODULE_DIRS, ':') + 1);
    return err_set(err, -ELIBACC, "cannot load %s: %s; Debian has what it needs in %s", file,
                   reason, package);
}

int module_open(const char *name, const char *package, const void **content, struct err *err)
{
    char file[NAME_MAX], path[PATH_MAX];
    const struct module *module;
    const char *found;
    void *library;

    snprintf(file, sizeof file, "libtva_%s.so", name);
    found = program_find(TVA_MODULE_DIRS, file, R_OK, path, sizeof path);
    if (found == NULL)
        found = file;
    library = dlopen(found, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        return cannot_load(found, package, dlerror(), err);
    module = dlsym(library, "tva_module");
    if (module == NULL || module->abi != MODULE_ABI || strcmp(module->name, name) != 0) {
        err_set(err, 0,
                "%s is of another build of tva: its interface is number %u, the program's is %u; "
                "build or install tva anew",
                found, module != NULL ? module->abi : 0, MODULE_ABI);
        dlclose(library);
        return -ELIBBAD;
    }
    *content = module->content;
    return 0;
}
