#include "support/test_async_parking.h"

#include <stdlib.h>
#include <string.h>

struct loop_options test_async_options(void)
{
    const char *parking = getenv("TVA_TEST_PARKING");
    struct loop_options options = {.park_all = parking != NULL};

    if (parking != NULL && strcmp(parking, "one") == 0)
        options.homes = 1;
    if (parking != NULL && strcmp(parking, "poison") == 0)
        options.poison = true;
    return options;
}
