/* The standard streams of a program: there from its start, and written out at its end. */
#ifndef TVA_BASE_STD_STREAMS_H
#define TVA_BASE_STD_STREAMS_H

/* Call it first in main(), once. Descriptors 0 to 2 that are closed are opened, so that no file of
 * the program gets one of these numbers; what uses them fails with EBADF. A reader that has gone
 * and a file that may not grow are errors of writing, not the end of the process
 * (std_streams_reset() undoes that). Children are waited for, also where who started the program
 * ignored SIGCHLD. A process that would end with status 0 though standard output was lost ends with
 * 1 and a sentence that begins with `name`, which must stay. */
void std_streams_begin(const char *name);

/* Let SIGPIPE and SIGXFSZ act as usual: in a child, before it executes another program, which would
 * inherit that they are ignored. */
void std_streams_reset(void);

#endif
