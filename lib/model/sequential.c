#include "model/in_turn.h"

const struct model model_sequential = {
    .name = "sequential",
    .summary = "one task awaits each job's coroutine in turn",
    .queue = "M/G/1",
    .io = MODEL_IO_ASYNC,
    .lanes = MODEL_LANES_ONE,
    .open = in_turn_open,
    .submit = in_turn_submit,
    .cancel = in_turn_cancel,
    .close = in_turn_close,
};
