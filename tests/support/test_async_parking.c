#include "support/test_async_parking.h"

#include <stdlib.h>
#include <string.h>

struct loop_options test_async_options(void)
{
    const char *parking = getenv("TVA_TEST_PARKING");
    struct loop_options options = {.park_all = false};

    if (parking == NULL)
        return options;
    options.park_all = strcmp(parking, "asked") != 0;
    options.poison = strcmp(parking, "one") != 0;
    if (strcmp(parking, "one") == 0)
        options.homes = 1;
    return options;
}
