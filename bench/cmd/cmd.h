/* The commands of the program, one file each; their table is in main.c. A command gets the command
 * line from its own name on, where argv[0] is "tva NAME" for messages, and returns the exit status.
 * main() prints the sentence that it leaves in *err.
 */
#ifndef TVA_BENCH_CMD_H
#define TVA_BENCH_CMD_H

#include "cli/options.h"

struct command {
    const char *name, *summary;
    int (*main)(int argc, char **argv, struct err *err);
};

int cmd_run(int argc, char **argv, struct err *err);
int cmd_sweep(int argc, char **argv, struct err *err);
int cmd_advise(int argc, char **argv, struct err *err);
int cmd_pair(int argc, char **argv, struct err *err);
int cmd_report(int argc, char **argv, struct err *err);
int cmd_check(int argc, char **argv, struct err *err);
int cmd_baseline(int argc, char **argv, struct err *err);
int cmd_compare(int argc, char **argv, struct err *err);
int cmd_export(int argc, char **argv, struct err *err);
int cmd_theory(int argc, char **argv, struct err *err);
int cmd_plot(int argc, char **argv, struct err *err);
int cmd_demo(int argc, char **argv, struct err *err);
int cmd_list(int argc, char **argv, struct err *err);
int cmd_serve(int argc, char **argv, struct err *err);
int cmd_new(int argc, char **argv, struct err *err);
int cmd_cell(int argc, char **argv, struct err *err);

#endif
