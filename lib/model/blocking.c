#include "model/in_turn.h"

const struct model model_blocking = {
    .name = "blocking",
    .summary = "a coroutine makes blocking calls inside the loop, which is blocked meanwhile",
    .queue = "M/G/1",
    .io = MODEL_IO_BLOCKING,
    .lanes = MODEL_LANES_ONE,
    .open = in_turn_open,
    .submit = in_turn_submit,
    .cancel = in_turn_cancel,
    .close = in_turn_close,
};
