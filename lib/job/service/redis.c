/* Commands of a Redis server through hiredis: redisCommandArgv() in threads; in tasks hiredis
 * writes the command and reads the reply, and io carries the bytes. */
#include "base/hash.h"
#include "job/plugin.h"
#include "job/service/query.h"
#include "job/service/server.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define WORDS_MAX    32
#define BUFFER_BYTES (16u << 10)
#define CONNECT_S    10

static const char *const command_default[] = {"PING", NULL}, *const server_default[] = {
                                                                 "127.0.0.1:6379", NULL};
static const char *const ledgers[] = {
    [SERVER_LEDGER_ALL] = "reply", [SERVER_LEDGER_STATUS] = "status", NULL};

static const struct param params[] =
    SERVER_PARAMS("command", command_default, "what is asked, as GET+KEY", "server", server_default,
                  "where: HOST:PORT, or the path of a socket", ledgers);

struct state {
    struct server *server; /* first */
    bool blocks;
    char host[SERVER_TEXT_MAX + 1];
    int port; /* 0: host is the path of a socket */
    char text[SERVER_TEXT_MAX + 1];
    const char *words[WORDS_MAX];
    size_t lengths[WORDS_MAX];
    int words_count;
    char *command; /* as it is sent */
    size_t command_len;
};

struct connection {
    redisContext *redis;
    char buffer[BUFFER_BYTES];
};

/* Where the server is. 0 or -EINVAL with *err set. */
static int find_server(const struct job_part *part, struct state *out, struct err *err)
{
    const char *server = job_text(part, SERVER_ADDRESS), *colon = strrchr(server, ':');
    char *end = "";
    long port = 0;

    if (*server != '/') {
        port = colon != NULL ? strtol(colon + 1, &end, 10) : 0;
        if (port < 1 || port > UINT16_MAX || *end != '\0' || colon == server)
            return err_set(err, -EINVAL, "job redis: server=%s is no HOST:PORT and no path",
                           server);
    }
    snprintf(out->host, sizeof out->host, "%.*s",
             (int)(port > 0 ? colon - server : (long)strlen(server)), server);
    out->port = (int)port;
    return part->params[SERVER_REMOTE] ? 0 : server_check_host("redis", out->host, err);
}

/* Its words. 0 or -EINVAL with *err set. */
static int find_command(const struct job_part *part, struct state *out, struct err *err)
{
    char *rest = NULL, *word;

    if (query_decode(job_text(part, SERVER_ASKED), out->text, sizeof out->text) < 0)
        return err_set(err, -EINVAL, "job redis: command=%s: a %% has no two hexadecimal digits",
                       job_text(part, SERVER_ASKED));
    for (word = strtok_r(out->text, " ", &rest); word != NULL && out->words_count < WORDS_MAX;
         word = strtok_r(NULL, " ", &rest)) {
        out->lengths[out->words_count] = strlen(word);
        out->words[out->words_count++] = word;
    }
    return out->words_count > 0 && word == NULL
               ? 0
               : err_set(err, -EINVAL, "job redis: command=%s has no word, or more than %d",
                         job_text(part, SERVER_ASKED), WORDS_MAX);
}

static int check(const struct job_part *part, struct err *err)
{
    struct state state = {.port = 0};
    int r = find_server(part, &state, err);

    return r == 0 ? find_command(part, &state, err) : r;
}

static void disconnect(void *arg)
{
    struct connection *c = arg;

    redisFree(c->redis);
    free(c);
}

/* Send a command and read what the server says to it; NULL when it says nothing. It may have hung
 * up by then, but what it said can still be read. */
static redisReply *say(redisContext *redis, const char *word, const char *password)
{
    char *command = NULL;
    void *reply = NULL;
    int len = password != NULL ? redisFormatCommand(&command, "%s %s", word, password)
                               : redisFormatCommand(&command, word);

    if (len > 0)
        (void)send(redis->fd, command, (size_t)len, MSG_NOSIGNAL);
    redisFreeCommand(command);
    redisGetReply(redis, &reply);
    return reply;
}

/* A server that has too many connections, or wants a password, says so to the first command. The
 * password stands where redis-cli looks for it, and so in no result. A server that wants none
 * refuses it, and serves all the same. */
static bool answers(const struct state *state, redisContext *redis, struct err *err)
{
    const char *password = getenv("REDISCLI_AUTH");
    redisReply *auth = password != NULL ? say(redis, "AUTH", password) : NULL;
    redisReply *pong = password == NULL || auth != NULL ? say(redis, "PING", NULL) : NULL;
    const redisReply *why = auth != NULL && auth->type == REDIS_REPLY_ERROR ? auth : pong;
    bool good = pong != NULL && pong->type != REDIS_REPLY_ERROR;

    if (!good)
        err_set(err, -ENOTCONN, "job redis: %s answers no command: %s%s", state->host,
                why != NULL ? why->str : redis->errstr,
                password == NULL && why != NULL && strncmp(why->str, "NOAUTH", 6) == 0
                    ? " REDISCLI_AUTH gives the password."
                    : "");
    freeReplyObject(auth);
    freeReplyObject(pong);
    return good;
}

static void *connect_one(void *arg, struct err *err)
{
    static const struct timeval patience = {.tv_sec = CONNECT_S};
    const struct state *state = arg;
    struct connection *c = calloc(1, sizeof *c);

    if (c == NULL) {
        err_set(err, -ENOMEM, "job redis: out of memory");
        return NULL;
    }
    c->redis = state->port > 0 ? redisConnectWithTimeout(state->host, state->port, patience)
                               : redisConnectUnixWithTimeout(state->host, patience);
    if (c->redis == NULL || c->redis->err != 0)
        err_set(err, -ENOTCONN, "job redis: no connection to %s: %s", state->host,
                c->redis != NULL ? c->redis->errstr : "out of memory");
    else if (answers(state, c->redis, err))
        return c;
    disconnect(c);
    return NULL;
}

static void free_state(struct state *state)
{
    server_close(state->server);
    redisFreeCommand(state->command);
    free(state);
}

/* One reply. 0 with *out, NULL when more must come, or a negative errno. */
static int take_reply(struct connection *c, void **out)
{
    *out = NULL;
    return redisReaderGetReply(c->redis->reader, out) == REDIS_OK ? 0 : -EPROTO;
}

static int ask_in_task(struct io *io, const struct state *state, struct connection *c, void **out)
{
    ssize_t n = io_write_full(io, c->redis->fd, state->command, state->command_len, NO_DEADLINE);
    int r = n < 0 ? (int)n : 0;

    *out = NULL;
    while (r == 0 && *out == NULL) {
        n = io_read(io, c->redis->fd, c->buffer, sizeof c->buffer, NO_DEADLINE);
        if (n <= 0)
            return n == 0 ? -ECONNRESET : (int)n;
        if (redisReaderFeed(c->redis->reader, c->buffer, (size_t)n) != REDIS_OK)
            return -ENOMEM;
        r = take_reply(c, out);
    }
    return r;
}

static void add_reply(struct hash_stream *all, const redisReply *reply, struct job_ledger *ledger)
{
    int64_t number = reply->integer;
    uint64_t parts = reply->elements;

    hash_stream_add(all, &reply->type, sizeof reply->type);
    hash_stream_add(all, &number, sizeof number);
    hash_stream_add(all, &parts, sizeof parts);
    if (reply->str != NULL) {
        hash_stream_add(all, reply->str, reply->len);
        ledger->bytes_in += reply->len;
    }
    for (size_t i = 0; i < reply->elements; i++)
        add_reply(all, reply->element[i], ledger);
}

static void count(const struct job_part *part, const redisReply *reply, struct job_ledger *ledger)
{
    struct hash_stream all;

    ledger->operations++;
    if (part->params[SERVER_LEDGER] == SERVER_LEDGER_STATUS)
        return;
    hash_stream_init(&all, 0);
    add_reply(&all, reply, ledger);
    ledger->checksum += hash_mix(hash_stream_sum(&all));
}

static int ask(struct io *io, const struct job_part *part, void *connection,
               struct job_ledger *ledger, bool *broken)
{
    struct state *state = part->state;
    struct connection *c = connection;
    void *taken = NULL;
    redisReply *reply;
    int r;

    if (state->blocks) {
        taken = redisCommandArgv(c->redis, state->words_count, state->words, state->lengths);
        r = taken != NULL ? 0 : c->redis->err == REDIS_ERR_PROTOCOL ? -EPROTO : -ECONNRESET;
    } else {
        r = ask_in_task(io, state, c, &taken);
    }
    r = r == -EPIPE ? -ECONNRESET : r;
    *broken = r < 0;
    reply = taken;
    if (r == 0 && reply->type == REDIS_REPLY_ERROR) {
        server_say(state->server, reply->str);
        r = -EREMOTEIO;
    }
    if (r == 0)
        count(part, reply, ledger);
    freeReplyObject(reply);
    return r;
}

static int prepare(struct job_part *part, struct io *io, struct err *err)
{
    static const struct server_ops ops = {connect_one, disconnect, ask};
    struct state *state = calloc(1, sizeof *state);
    long long len;
    int r;

    if (state == NULL)
        return err_set(err, -ENOMEM, "job redis: out of memory");
    state->blocks = !io->ops->suspends;
    r = find_server(part, state, err);
    if (r == 0)
        r = find_command(part, state, err);
    if (r == 0) {
        len = redisFormatCommandArgv(&state->command, state->words_count, state->words,
                                     state->lengths);
        state->command_len = len > 0 ? (size_t)len : 0;
        r = len > 0 ? 0 : err_set(err, -ENOMEM, "job redis: out of memory");
    }
    if (r == 0)
        r = server_open(&ops, state, (unsigned)part->params[SERVER_CONNECTIONS], &state->server,
                        err);
    if (r < 0)
        free_state(state);
    else
        part->state = state;
    return r;
}

static void finish(struct job_part *part, struct io *io)
{
    (void)io;
    free_state(part->state);
    part->state = NULL;
}

static const char *explain(int error)
{
    return error == -EPROTO ? "answer is not one of Redis" : server_explain(error);
}

static const struct job_type job_redis = {
    .name = "redis",
    .summary = "send a command to a Redis server through hiredis",
    .params = params,
    .n_params = sizeof params / sizeof *params,
    .check = check,
    .prepare = prepare,
    .run = server_run,
    .finish = finish,
    .said = server_said,
    .why_unlike = server_why_unlike,
    .explain = explain,
};

TVA_PLUGIN(job_redis);
