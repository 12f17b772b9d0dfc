/* What jobs that ask a service have in common: a pool of connections that all jobs of a run share.
 * A job takes one, asks, and gives it back; while none is left it waits as its io waits. */
#ifndef TVA_JOB_SERVICE_SERVICE_H
#define TVA_JOB_SERVICE_SERVICE_H

#include "base/err.h"
#include "io/io.h"

#include <stdbool.h>

struct service;

/* How a type of service makes and ends a connection. connect() blocks, on a thread of its own, so
 * it may use a library that needs a large stack. NULL with *err set when it fails. */
struct service_ops {
    void *(*connect)(void *arg, struct err *err);
    void (*disconnect)(void *connection);
};

/* Make `connections` connections. 0, or a negative errno with *err set and nothing left behind. */
int service_open(const struct service_ops *ops, void *arg, unsigned connections,
                 struct service **out, struct err *err);

/* Take a connection, in the order of asking. 0, -ECANCELED or -ENOMEM, or once all connections are
 * broken the error of the last. Any thread or task. */
int service_take(struct service *s, struct io *io, void **connection);

/* Give it back. error: 0, or why it is broken, as one is on which an answer is still to come: then
 * nobody gets it again. */
void service_give(struct service *s, void *connection, int error);

/* End all connections. None may be taken. NULL is allowed. */
void service_close(struct service *s);

/* Is the host this machine: "", the path of a socket, localhost, or an address of loopback? 0, or
 * -EINVAL with *err saying that this job has to be allowed another one. */
int service_check_host(const char *job, const char *host, struct err *err);

#endif
