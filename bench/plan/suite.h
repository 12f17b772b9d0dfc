/* Suite files: named profiles of cells to measure.
 *
 *   # comment
 *   [profile]
 *   --model tasks,pool --job sleep:duration=2ms --jobs 1,10,100   # one line of options
 *
 * A line takes the options of cells that `tva run` takes (words between blanks, or in single
 * quotes), --rounds, and --hyperfine, which marks its cells for timing as whole processes. One
 * thread. */
#ifndef TVA_BENCH_SUITE_H
#define TVA_BENCH_SUITE_H

#include "cli/options.h"
#include "plan/plan.h"

#define SUITE_PROFILE_DEFAULT "quick"

/* --suite and --profile; NULL: not given. */
struct suite_choice {
    const char *file, *profile;
};

extern const struct options_entry suite_options[]; /* into struct suite_choice */

/* Append the cells that a command's options make: those of the suite when a file or a profile is
 * named, else those of the line. With a profile alone the suite is the one that comes with the
 * program. 0, or a negative errno with *err naming file, line and fault, or the profiles of the
 * file. */
int suite_plan(const struct suite_choice *suite, const struct plan_line *line, struct plan *plan,
               struct err *err);

#endif
