#include "plan_inject.h"

#include "plan.h"

#include <errno.h>
#include <stdio.h>

int plan_inject_parse(const char *text, struct plan_inject *out, struct err *err)
{
    char model[INJECT_MODEL_SIZE];
    int r = inject_fault_parse(text, model, &out->fault, err);

    out->model = NULL;
    if (r < 0 || model[0] == '\0')
        return r;
    out->model = model_find(model, err);
    return out->model != NULL ? 0 : -EINVAL;
}

struct inject_fault plan_inject_of(const struct plan_inject *injects, size_t n,
                                   const struct model *model)
{
    struct inject_fault all = {0};

    for (size_t i = 0; i < n; i++)
        if (injects[i].model == NULL || injects[i].model == model)
            inject_fault_override(&all, &injects[i].fault);
    return all;
}

void plan_inject_tell_unused(const char *name, const struct plan_inject *injects, size_t n,
                             const struct plan *plan)
{
    for (size_t i = 0; i < n; i++) {
        const struct model *model = injects[i].model;
        size_t k = 0;

        while (k < plan->count && plan->cells[k].cell.model != model)
            k++;
        if (model != NULL && k == plan->count)
            fprintf(stderr,
                    "%s: --inject model=%s: no cell is of this model, so nothing is planted\n",
                    name, model->name);
    }
}
