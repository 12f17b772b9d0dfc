#include "model/model.h"

#include "base/suggest.h"
#include "model/models.h"

#include <stdio.h>
#include <string.h>

const struct model *const models[] = {
    &model_sequential, /* one coroutine after the other */
    &model_tasks,      /* all at the same time on the loop */
    &model_pool,       /* OS threads that take jobs from a queue */
    &model_blocking,   /* blocking calls inside the loop */
};
const size_t models_count = sizeof models / sizeof *models;

const struct model *model_find(const char *name, struct err *err)
{
    const char *names[sizeof models / sizeof *models], *near;
    char all[256] = "";
    size_t used = 0;

    for (size_t i = 0; i < models_count; i++) {
        if (strcmp(models[i]->name, name) == 0)
            return models[i];
        names[i] = models[i]->name;
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", names[i]);
    }
    near = suggest_nearest(name, names, models_count);
    err_set(err, 0, "unknown model \"%s\"%s%s%s; models: %s", name, near ? "; did you mean \"" : "",
            near ? near : "", near ? "\"?" : "", all);
    return NULL;
}
