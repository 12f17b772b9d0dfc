#include "model/in_turn.h"
#include "model/models.h"

const struct model model_blocking = {
    .name = "blocking",
    .summary = "a coroutine makes blocking calls inside the loop, which stands still meanwhile",
    .io = MODEL_IO_BLOCKING,
    .queue = "M/G/1",
    .open = in_turn_open,
    .submit = in_turn_submit,
    .cancel = in_turn_cancel,
    .close = in_turn_close,
    .lanes = in_turn_lanes,
    .cpu_lanes = in_turn_cpu_lanes,
};
