/* Queries of a PostgreSQL server through libpq: calls that block in threads; in tasks send, wait
 * for the descriptor, consume. Where the server is, libpq's environment says (PGHOST, PGPORT,
 * PGUSER, PGPASSWORD, PGDATABASE), or `db`. */
#include "base/hash.h"
#include "job/plugin.h"
#include "job/service/query.h"
#include "job/service/server.h"

#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const query_default[] = {"select+1", NULL}, *const none[] = {"", NULL};
static const char *const ledgers[] = {
    [SERVER_LEDGER_ALL] = "result", [SERVER_LEDGER_STATUS] = "status", NULL};

static const struct param params[] = SERVER_PARAMS(
    "query", query_default, "what is asked, with + for a blank and %2C for a comma", "db", none,
    "where, as postgresql://USER@HOST:PORT/NAME; else by PGHOST and the like", ledgers);

struct state {
    struct server *server; /* first */
    const char *db;
    bool blocks;
    char query[SERVER_TEXT_MAX + 1];
};

/* libpq's messages have several lines; the first one says it. */
static int refuse(struct err *err, int code, const char *what, const char *message)
{
    return err_set(err, code, "job pg: %s: %.*s", what, (int)strcspn(message, "\n"), message);
}

/* The value of a keyword in the list; "" without one. */
static const char *value_of(const PQconninfoOption *o, const char *keyword)
{
    for (; o != NULL && o->keyword != NULL; o++)
        if (strcmp(o->keyword, keyword) == 0 && o->val != NULL)
            return o->val;
    return "";
}

/* Would `db` and the environment lead to this machine? What libpq connects to is a hostaddr, or a
 * host without one; a service, which a file defines, could name either. 0 or -EINVAL. */
static int check_host(const char *db, struct err *err)
{
    PQconninfoOption *given = NULL, *by_default = PQconndefaults();
    const char *host = "";
    char *message = NULL;
    int r = 0;

    if (*db != '\0') {
        given = PQconninfoParse(db, &message);
        if (given == NULL)
            r = refuse(err, -EINVAL, db, message != NULL ? message : "out of memory");
    }
    if (r == 0 && *value_of(given, "service") != '\0')
        r = err_set(err, -EINVAL,
                    "job pg: a service may be on another machine; remote=on allows it, and its "
                    "server gets all the load that is asked for");
    for (size_t i = 0; i < 4 && *host == '\0'; i++)
        host = value_of(i % 2 == 0 ? given : by_default, i < 2 ? "hostaddr" : "host");
    if (r == 0)
        r = server_check_host("pg", host, err);
    PQfreemem(message);
    PQconninfoFree(given);
    PQconninfoFree(by_default);
    return r;
}

static int check_here(const struct job_part *part, struct err *err)
{
    return part->params[SERVER_REMOTE] ? 0 : check_host(job_text(part, SERVER_ADDRESS), err);
}

static int check(const struct job_part *part, struct err *err)
{
    char query[SERVER_TEXT_MAX + 1];

    if (query_decode(job_text(part, SERVER_ASKED), query, sizeof query) < 0)
        return err_set(err, -EINVAL, "job pg: query=%s: a %% has no two hexadecimal digits",
                       job_text(part, SERVER_ASKED));
    return 0;
}

static void disconnect(void *arg)
{
    PQfinish(arg);
}

/* A notice of the server to each query would be written to stderr, and be measured. */
static void ignore_notice(void *arg, const PGresult *result)
{
    (void)arg;
    (void)result;
}

/* The server looks at the query, and does not carry it out. */
static bool accepts(PGconn *pg, const struct state *state, struct err *err)
{
    PGresult *result = PQprepare(pg, "", state->query, 0, NULL);
    bool good = PQresultStatus(result) == PGRES_COMMAND_OK;

    if (!good)
        refuse(err, -EINVAL, "the server refuses the query", PQerrorMessage(pg));
    PQclear(result);
    return good;
}

static void *connect_one(void *arg, struct err *err)
{
    const struct state *state = arg;
    PGconn *pg = PQconnectdb(state->db);

    PQsetNoticeReceiver(pg, ignore_notice, NULL);
    if (PQstatus(pg) != CONNECTION_OK)
        refuse(err, -ENOTCONN, "no connection", PQerrorMessage(pg));
    else if (accepts(pg, state, err) && PQsetnonblocking(pg, !state->blocks) == 0)
        return pg;
    disconnect(pg);
    return NULL;
}

/* Wait for one of the events, and take in what has come. */
static int consume(struct io *io, PGconn *pg, short events)
{
    int r = io_wait_fd(io, PQsocket(pg), events, NO_DEADLINE);

    if (r < 0)
        return r;
    return (r & POLLIN) == 0 || PQconsumeInput(pg) ? 0 : -ECONNRESET;
}

/* Send the query and wait until an answer is there. */
static int send_and_wait(struct io *io, PGconn *pg, const char *query)
{
    int r = 0, left;

    if (!PQsendQuery(pg, query))
        return -ECONNRESET;
    while (r == 0 && (left = PQflush(pg)) != 0)
        r = left < 0 ? -ECONNRESET : consume(io, pg, POLLIN | POLLOUT);
    while (r == 0 && PQisBusy(pg))
        r = consume(io, pg, POLLIN);
    return r;
}

/* A COPY has results without end until its data has been carried. */
static bool is_copy(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    return status == PGRES_COPY_OUT || status == PGRES_COPY_IN || status == PGRES_COPY_BOTH;
}

/* The last result, or the first that is an error, as PQexec() gives it. */
static int ask_in_task(struct io *io, PGconn *pg, const char *query, PGresult **out)
{
    int r = send_and_wait(io, pg, query);
    PGresult *next;

    *out = NULL;
    while (r == 0 && !is_copy(*out) && (next = PQgetResult(pg)) != NULL) {
        if (*out != NULL && PQresultStatus(*out) == PGRES_FATAL_ERROR) {
            PQclear(next);
        } else {
            PQclear(*out);
            *out = next;
        }
        while (r == 0 && PQisBusy(pg))
            r = consume(io, pg, POLLIN);
    }
    return r;
}

static void count(const struct job_part *part, const PGresult *result, struct job_ledger *ledger)
{
    int rows = PQntuples(result), columns = PQnfields(result);
    struct hash_stream all;

    ledger->operations++;
    if (part->params[SERVER_LEDGER] == SERVER_LEDGER_STATUS)
        return;
    hash_stream_init(&all, (uint64_t)columns);
    for (int i = 0; i < rows; i++)
        for (int k = 0; k < columns; k++) {
            size_t len = (size_t)PQgetlength(result, i, k);

            hash_stream_add(&all, PQgetvalue(result, i, k), len);
            ledger->bytes_in += len;
        }
    ledger->checksum += hash_mix(hash_stream_sum(&all) + (uint64_t)rows);
}

static int ask(struct io *io, const struct job_part *part, void *connection,
               struct job_ledger *ledger, bool *broken)
{
    const struct state *state = part->state;
    PGresult *result = NULL;
    PGconn *pg = connection;
    ExecStatusType status;
    int r = 0;

    if (state->blocks)
        result = PQexec(pg, state->query);
    else
        r = ask_in_task(io, pg, state->query, &result);
    if (r == 0 && PQstatus(pg) != CONNECTION_OK)
        r = -ECONNRESET;
    else if (r == 0 && is_copy(result))
        r = -ENOTSUP;
    *broken = r < 0;
    status = PQresultStatus(result);
    if (r == 0 && status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        r = -EREMOTEIO;
    if (r == 0)
        count(part, result, ledger);
    else
        server_say(state->server, PQresultErrorMessage(result));
    PQclear(result);
    return r;
}

static int prepare(struct job_part *part, struct io *io, struct err *err)
{
    static const struct server_ops ops = {connect_one, disconnect, ask};
    struct state *state = calloc(1, sizeof *state);
    int r;

    if (state == NULL)
        return err_set(err, -ENOMEM, "job pg: out of memory");
    state->db = job_text(part, SERVER_ADDRESS);
    state->blocks = !io->ops->suspends;
    query_decode(job_text(part, SERVER_ASKED), state->query, sizeof state->query);
    r = server_open(&ops, state, (unsigned)part->params[SERVER_CONNECTIONS], &state->server, err);
    if (r < 0)
        free(state);
    else
        part->state = state;
    return r;
}

static void finish(struct job_part *part, struct io *io)
{
    struct state *state = part->state;

    (void)io;
    server_close(state->server);
    free(state);
    part->state = NULL;
}

static const char *explain(int error)
{
    return error == -ENOTSUP ? "query is a COPY" : server_explain(error);
}

static const struct job_type job_pg = {
    .name = "pg",
    .summary = "query a PostgreSQL server through libpq",
    .params = params,
    .n_params = sizeof params / sizeof *params,
    .stack_blocking = 256 << 10,
    .check = check,
    .check_here = check_here,
    .prepare = prepare,
    .run = server_run,
    .finish = finish,
    .said = server_said,
    .why_unlike = server_why_unlike,
    .explain = explain,
};

TVA_PLUGIN(job_pg);
