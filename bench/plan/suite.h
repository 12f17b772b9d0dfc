/* Suite files: named profiles of cells to measure.
 *
 *   # comment
 *   [profile]
 *   --model tasks,pool --job sleep:duration=2ms --jobs 1,10,100   # one line of options
 *
 * A line takes the options of cells that `tva run` takes (words between blanks, no quoting),
 * --rounds, and
 * --hyperfine, which marks its cells for timing as whole processes. */
#ifndef TVA_BENCH_SUITE_H
#define TVA_BENCH_SUITE_H

#include "options.h"
#include "plan.h"

#define SUITE_PROFILE_DEFAULT "quick"

/* The cells that a command's options make: those of the suite when one (or a profile) is named, the
 * one that comes with the program when only the profile is; else those of the line. 0, or a
 * negative errno with *err naming file, line and fault, or the profiles that there are. */
int suite_plan(const struct options_suite *suite, const struct plan_line *line, struct plan *plan,
               struct err *err);

#endif
