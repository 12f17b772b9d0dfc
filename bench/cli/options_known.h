/* Options that a command does not have, found before argp reads them: its own two lines name
 * neither the nearest one nor the command. Pure function. */
#ifndef TVA_BENCH_OPTIONS_KNOWN_H
#define TVA_BENCH_OPTIONS_KNOWN_H

#include "base/err.h"

#include <argp.h>

/* Are all long options among argv[1..argc-1] those of the table, its children, or argp's own? 0, or
 * -EINVAL with the first that is not, the nearest to it, and whose help has all, in *err. What argp
 * takes for a short form of a name, or of several, passes; so do values of options, and all behind
 * "--". */
int options_known(const struct argp *argp, const char *command, int argc, char *const *argv,
                  struct err *err);

#endif
