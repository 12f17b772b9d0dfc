/* Jobs that others bring: a plugin is a shared object with one type of job.
 *
 * A plugin's source defines a `struct job_type` (job/job.h) and ends with TVA_PLUGIN(type). It is
 * compiled with -fPIC -shared against these headers and linked with no library of tva: the program
 * has io_*, http_direct_*, hash_*, random_*, units_*, distribution_*, err_* and job_text().
 * `tva new job NAME` writes one to begin with; docs/own-work.md explains it.
 *
 * Its job has the name of the file, without folder and .so, whatever the type's own name is. A
 * process that has loaded a plugin adds its path to TVA_PLUGINS, paths between colons, so the
 * processes that it starts know the job by that name; so does who sets TVA_PLUGINS beforehand. */
#ifndef TVA_JOB_PLUGIN_H
#define TVA_JOB_PLUGIN_H

#include "job/job.h"

/* To be raised whenever a struct changes that passes between the program and a plugin. */
#define TVA_JOB_ABI 3

/* What a plugin exports. */
extern const unsigned tva_job_abi;
extern const struct job_type *const tva_job_type;

#define TVA_PLUGIN(type)                                                                           \
    const unsigned tva_job_abi = TVA_JOB_ABI;                                                      \
    const struct job_type *const tva_job_type = &(type)

/* ---- For the program. Any thread, while none changes the environment otherwise ---- */

#define PLUGIN_VARIABLE "TVA_PLUGINS"

/* Does the name end in ".so"? */
bool plugin_is_file(const char *name);

/* Does a job's text name a plugin by its path? It has a slash in it, or ends in ".so". */
bool plugin_is_path(const char *text);

/* The name of the job of a plugin at `path`. 0, or -EINVAL with *err set: it has other characters
 * than letters, digits, '-', '_' and '.', is too long, or is taken. */
#define PLUGIN_NAME_SIZE 64
int plugin_name(const char *path, char name[PLUGIN_NAME_SIZE], struct err *err);

/* Has tva a job of this name of its own: a type, or one of the services below? */
bool plugin_is_taken(const char *name);

/* The type of the plugin at `path`, which stays loaded for as long as the process lives. Paths that
 * differ, but lead to the same folder, are one plugin. NULL with *err set, in one sentence: there
 * is no such file, it cannot be loaded, it crashes as it is loaded (job/trial.h), it is no plugin
 * or one for another interface, its type is incomplete, or another job has its name. */
const struct job_type *plugin_load(const char *path, struct err *err);

/* May this process call check(), check_here(), wait_ns(), cpu_ns() and spread() of the part's
 * plugin? A child calls them first. 0, also when the type is tva's own; -EINVAL with *err set when
 * they crash. */
int plugin_try(const struct job_part *part, struct err *err);

/* Load and call plugins from now on without a trial: for a process that measures, whose parent has
 * tried them. */
void plugin_trust(void);

/* tva's own plugins, which are built where their library is: jobs of services. */
extern const char *const plugin_services[];
extern const size_t plugin_services_count;

/* The same by the name of its job: from TVA_PLUGINS, or one of tva's own. NULL without a message
 * when there is none of that name. */
const struct job_type *plugin_find(const char *name, struct err *err);

/* The file of the type's plugin, and what tells its builds apart (base/build_id.h); NULL both: it
 * is one of tva's own types. They live as long as the process. */
struct plugin_file {
    const char *path, *build;
};
struct plugin_file plugin_of(const struct job_type *type);

#endif
