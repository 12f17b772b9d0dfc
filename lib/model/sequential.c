#include "model/in_turn.h"
#include "model/models.h"

const struct model model_sequential = {
    .name = "sequential",
    .summary = "one task awaits each job's coroutine in turn",
    .io = MODEL_IO_ASYNC,
    .queue = "M/G/1",
    .run = in_turn_run,
    .lanes = in_turn_lanes,
    .cpu_lanes = in_turn_cpu_lanes,
};
