/* Reads and writes of a whole length: a call may transfer less, and signals may interrupt it. Any
 * thread. */
#ifndef TVA_BASE_TRANSFER_H
#define TVA_BASE_TRANSFER_H

#include <stddef.h>
#include <sys/types.h>

#define TRANSFER_ON (-1) /* in place of an offset: where the descriptor stands, as in a pipe */

/* 0; -ENODATA when a read met the end before; or another negative errno. */
int transfer_read(int fd, off_t at, void *data, size_t len);
int transfer_write(int fd, off_t at, const void *data, size_t len);

#endif
