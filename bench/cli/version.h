/* What `tva --version` says. */
#ifndef TVA_BENCH_VERSION_H
#define TVA_BENCH_VERSION_H

#include <stdio.h>

/* Write "tva VERSION" with its commit, compiler and build, and below it the libraries: those that
 * it was built with, and the libuv and libc that are loaded. */
void version_print(FILE *out);

#endif
