#include "model/in_turn.h"
#include "model/models.h"

const struct model model_blocking = {
    .name = "blocking",
    .summary = "a coroutine makes blocking calls inside the loop, which stands still meanwhile",
    .io = MODEL_IO_BLOCKING,
    .queue = "M/G/1",
    .run = in_turn_run,
    .lanes = in_turn_lanes,
    .cpu_lanes = in_turn_cpu_lanes,
};
