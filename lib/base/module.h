/* Modules: parts of tva that are shared objects of their own, loaded by a process that needs them.
 *
 * A library that brings many others with it belongs into a module: libcurl brings 32, and each run
 * is a fresh process, which would load them all for a job that sleeps.
 *
 * How to add a module NAME, here "http":
 *   1. Its interface is a header in the folder that calls it: a struct of functions, or what else
 *      `content` may point to (io/http_client.h).
 *   2. Its sources are in a folder below, so that they do not become part of libtva. One of them
 *      defines `const struct module tva_module` (io/curl/http_module.c).
 *   3. tva_module(NAME LIBRARIES... SOURCES...) in cmake/TvaModules.cmake builds libtva_NAME.so and
 *      installs it to LIBDIR/tva.
 *   4. The caller opens it by module_open() and says which package has the libraries.
 *
 * A module may contain pure functions of libtva, compiled into it once more. It must not contain a
 * part that has a state of its own (the running loop, the current task): the module would have a
 * second one. The program passes such functions to the module as pointers. */
#ifndef TVA_BASE_MODULE_H
#define TVA_BASE_MODULE_H

#include "base/err.h"

/* To be raised whenever a struct changes that passes between the program and a module. */
#define MODULE_ABI 2

/* What a module defines under the name tva_module. */
struct module {
    unsigned abi; /* MODULE_ABI */
    const char *name;
    const void *content; /* as the header of its interface says */
};

/* Load module `name`, which stays loaded; *content gets what it has. The module is looked for
 * beside the program, where it is installed relative to the program, and where the system looks for
 * libraries (the program's RUNPATH, which tva.pc sets, LD_LIBRARY_PATH). `package` is the Debian
 * package of the libraries that it needs. 0, or a negative errno with *err set: -ENOENT, the module
 * is missing; -ELIBACC, it cannot be loaded; -ELIBBAD, it is of another build. Any thread, but not
 * on a task's stack: libraries run code of theirs as they are loaded, and need more. */
int module_open(const char *name, const char *package, const void **content, struct err *err);

#endif
