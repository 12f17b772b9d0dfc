/* What jobs that ask a service have in common: their parameters, and a pool of connections that all
 * jobs of a run share. A job takes one, asks, and gives it back; while none is left it waits as its
 * io waits. */
#ifndef TVA_JOB_SERVICE_SERVER_H
#define TVA_JOB_SERVICE_SERVER_H

#include "job/job.h"

#include <stdbool.h>

/* ---- Parameters: the same of each type, but for their names and words ---- */

enum {
    SERVER_ASKED,
    SERVER_CONNECTIONS,
    SERVER_REQUESTS,
    SERVER_ADDRESS,
    SERVER_REMOTE,
    SERVER_LEDGER
};
enum { SERVER_LEDGER_ALL, SERVER_LEDGER_STATUS }; /* the words of SERVER_LEDGER, in this order */

#define SERVER_TEXT_MAX 120 /* bytes of a text */

/* The table of a type. asked and server: its names of what is asked, and where; *_default: lists of
 * one text; *_help: what they are. ledgers: the words, ended by NULL. */
#define SERVER_PARAMS(asked, asked_default, asked_help, server, server_default, server_help,       \
                      ledgers)                                                                     \
    {                                                                                              \
        [SERVER_ASKED] = {asked, PARAM_TEXT, 0, 0, SERVER_TEXT_MAX, asked_default, asked_help},    \
        [SERVER_CONNECTIONS] =                                                                     \
            {"connections", PARAM_COUNT, 8, 1, 10000, NULL, "connections, which all jobs share"},  \
        [SERVER_REQUESTS] =                                                                        \
            {"requests", PARAM_COUNT, 1, 1, 1000000, NULL, "requests a job, one after the other"}, \
        [SERVER_ADDRESS] =                                                                         \
            {server, PARAM_TEXT, 0, 0, SERVER_TEXT_MAX, server_default, server_help},              \
        [SERVER_REMOTE] =                                                                          \
            {"remote", PARAM_SWITCH, 0, 0, 1, NULL, "the server may be another machine"},          \
        [SERVER_LEDGER] = {                                                                        \
            "ledger", PARAM_CHOICE, 0, 0, 0, ledgers, "what all models have to get alike"},        \
    }

/* ---- Connections ---- */

struct server;

struct server_ops {
    /* Make a connection. It blocks, on a thread of its own, so it may use a library that needs a
     * large stack. NULL with *err set when that fails. */
    void *(*connect)(void *arg, struct err *err);
    void (*disconnect)(void *connection);
    /* Ask once, and add what came to the ledger. 0 or a negative errno; *broken, which is false:
     * an answer is still to come, so that nobody gets the connection again. */
    int (*ask)(struct io *io, const struct job_part *part, void *connection,
               struct job_ledger *ledger, bool *broken);
};

/* Make `connections` connections. 0, or a negative errno with *err set and nothing left behind. */
int server_open(const struct server_ops *ops, void *arg, unsigned connections, struct server **out,
                struct err *err);

/* Keep the first line of what the server said of a request that failed, if it is the first that is
 * kept. Any thread or task. */
void server_say(struct server *s, const char *words);

/* End all connections. None may be taken. NULL is allowed. */
void server_close(struct server *s);

/* ---- Functions of a job's type whose state begins with its struct server * ---- */

/* Ask as often as a job asks. A job waits for a connection in the order of asking. Once all are
 * broken, it gets the error of the last. */
int server_run(struct io *io, struct job_part *part, uint64_t index, struct job_ledger *ledger);
const char *server_said(const struct job_part *part);
const char *server_why_unlike(const struct job_part *part);
const char *server_explain(int error);

/* Is the host this machine: "", the path of a socket, localhost, or an address of loopback? 0, or
 * -EINVAL with *err saying that this job has to be allowed another one. */
int server_check_host(const char *job, const char *host, struct err *err);

#endif
