/* write(2) without SIGPIPE where MSG_NOSIGNAL is not to be had: pipes. For the io backends. */
#ifndef TVA_IO_WRITE_QUIETLY_H
#define TVA_IO_WRITE_QUIETLY_H

#include <stddef.h>
#include <sys/types.h>

/* As write(2), errno included. SIGPIPE is held off this thread and, if this write brought it about,
 * taken away. Any thread. */
ssize_t write_quietly(int fd, const void *buf, size_t len);

#endif
