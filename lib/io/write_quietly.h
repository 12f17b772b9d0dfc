/* write(2) without SIGPIPE, for pipes, where MSG_NOSIGNAL does not exist. For the io backends. */
#ifndef TVA_IO_WRITE_QUIETLY_H
#define TVA_IO_WRITE_QUIETLY_H

#include <stddef.h>
#include <sys/types.h>

/* As write(2), errno included. It blocks SIGPIPE for this thread meanwhile, and removes the one
 * that this write caused. Any thread. */
ssize_t write_quietly(int fd, const void *buf, size_t len);

#endif
