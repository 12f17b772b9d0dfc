/* The models, one a file; model.c lists them. */
#ifndef TVA_MODEL_MODELS_H
#define TVA_MODEL_MODELS_H

#include "model/model.h"

extern const struct model model_sequential, model_tasks, model_pool, model_blocking, model_threads,
    model_offload;

#endif
