#include "model/in_turn.h"
#include "model/models.h"

const struct model model_sequential = {
    .name = "sequential",
    .summary = "one task awaits each job's coroutine in turn",
    .io = MODEL_IO_ASYNC,
    .queue = "M/G/1",
    .open = in_turn_open,
    .submit = in_turn_submit,
    .cancel = in_turn_cancel,
    .close = in_turn_close,
    .lanes = in_turn_lanes,
    .cpu_lanes = in_turn_cpu_lanes,
};
