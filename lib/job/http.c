/* GETs of the target, or of any other HTTP server on loopback. */
#include "base/hash.h"
#include "io/http_direct.h"
#include "io/http_url.h"
#include "job/job.h"
#include "job/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REQUESTS, PATH, SIZE, DELAY, DIST, STATUS, KEEP, TIMEOUT, URL, CLIENT };
enum { CLIENT_CURL, CLIENT_DIRECT };

#define TEXT_BYTES_MAX 120 /* of the path, and of the URL */
#define URL_BYTES_MAX  320 /* with the query behind the path */

static const char *const path_default[] = {"/", NULL}, *const url_default[] = {"", NULL};
static const char *const clients[] = {[CLIENT_CURL] = "curl", [CLIENT_DIRECT] = "direct", NULL};

static const struct param params[] = {
    [REQUESTS] = {"requests", PARAM_COUNT, 1, 1, 1000000, NULL,
                  "requests a job, one after the other"},
    [PATH] = {"path", PARAM_TEXT, 0, 0, TEXT_BYTES_MAX, path_default, "path of the request"},
    [SIZE] = {"size", PARAM_SIZE, HTTP_WIRE_SIZE, 0, HTTP_WIRE_SIZE_MAX, NULL,
              "size of an answer's body"},
    [DELAY] = {"delay", PARAM_DURATION, 0, 0, WIRE_DELAY_MAX, NULL,
               "how long the target holds an answer"},
    [DIST] = {"dist", PARAM_CHOICE, DISTRIBUTION_FIXED, 0, 0, distribution_words,
              "how the delay of each answer is drawn, with delay as its mean"},
    [STATUS] = {"status", PARAM_COUNT, 200, 200, 599, NULL,
                "status of the answer; jobs fail above 299"},
    [KEEP] = {"keep", PARAM_SWITCH, 1, 0, 1, NULL,
              "keep connections for later requests; off: one a request"},
    [TIMEOUT] = {"timeout", PARAM_DURATION, 0, 0, 3600 * NS_PER_S, NULL,
                 "give up a request after this time; 0: never"},
    [URL] = {"url", PARAM_TEXT, 0, 0, TEXT_BYTES_MAX, url_default,
             "ask another server on loopback instead of the target"},
    [CLIENT] = {"client", PARAM_CHOICE, CLIENT_CURL, 0, 0, clients,
                "libcurl, or HTTP by hand on the same reads and writes in every model"},
};

/* Where the requests go. */
struct state {
    char url[URL_BYTES_MAX];
    struct http_direct *direct; /* NULL: by io_http_get() */
};

static bool has_url(const struct job_part *part)
{
    return *job_text(part, URL) != '\0';
}

static int check(const struct job_part *part, struct err *err)
{
    static const int of_the_target[] = {PATH, SIZE, DELAY, DIST, STATUS};

    if (*job_text(part, PATH) != '/')
        return err_set(err, -EINVAL, "job http: path=%s does not begin with /",
                       job_text(part, PATH));
    if (!has_url(part))
        return 0;
    for (size_t i = 0; i < sizeof of_the_target / sizeof *of_the_target; i++) {
        const struct param *p = &params[of_the_target[i]];

        if (part->params[of_the_target[i]] != p->def)
            return err_set(
                err, -EINVAL,
                "job http: %s is for the target; with a url, all that is asked for is in "
                "the url",
                p->name);
    }
    return http_url_parse(job_text(part, URL), NULL, err) < 0 ? -EINVAL : 0;
}

static bool is_drawn(const struct job_part *part)
{
    return part->params[DIST] != DISTRIBUTION_FIXED;
}

static struct request_delays delays_of(const struct job_part *part)
{
    return (struct request_delays){
        .dist = (enum distribution)part->params[DIST],
        .mean_ns = part->params[DELAY],
        .requests = part->params[REQUESTS],
        .seed = part->seed,
    };
}

/* The query: what differs from the target's defaults (wire.h). A drawn delay is added to each
 * request. */
static void add_query(const struct job_part *part, char *url, size_t size)
{
    static const int keys[] = {SIZE, DELAY, STATUS};
    char separator = strchr(url, '?') != NULL ? '&' : '?', value[64];

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const struct param *p = &params[keys[i]];
        size_t used = strlen(url);

        if (part->params[keys[i]] == p->def || (keys[i] == DELAY && is_drawn(part)))
            continue;
        snprintf(url + used, size - used, "%c%s=%s", separator, p->name,
                 param_format(p, part->params[keys[i]], NULL, value, sizeof value));
        separator = '&';
    }
}

static int prepare(struct job_part *part, struct io *io, struct err *err)
{
    struct state *state = calloc(1, sizeof *state);
    char address[INET_ADDRSTRLEN] = "";
    int r;

    if (state == NULL)
        return err_set(err, -ENOMEM, "job http: out of memory");
    inet_ntop(AF_INET, &part->target.sin_addr, address, sizeof address);
    if (has_url(part)) {
        snprintf(state->url, sizeof state->url, "%s", job_text(part, URL));
    } else {
        snprintf(state->url, sizeof state->url, "http://%s:%u%s", address,
                 ntohs(part->target.sin_port), job_text(part, PATH));
        add_query(part, state->url, sizeof state->url);
    }
    if (part->params[CLIENT] == CLIENT_DIRECT)
        r = http_direct_create(state->url, &state->direct, err);
    else
        r = io_http_open(io, err);
    if (r < 0)
        free(state);
    else
        part->state = state;
    return r;
}

/* -EBADMSG unless the answer has the requested size and was held for the requested delay. */
static int check_answer(const struct job_part *part, const struct io_http_response *response,
                        uint64_t asked_ns)
{
    char *end;
    uint64_t held_ns = strtoull(response->header, &end, 10);

    if (end == response->header || *end != '\0' || held_ns < asked_ns ||
        response->body_bytes != (part->params[STATUS] == 204 ? 0 : part->params[SIZE]))
        return -EBADMSG;
    return 0;
}

static int exchange(struct io *io, const struct job_part *part, uint64_t number,
                    struct job_ledger *ledger)
{
    const struct state *state = part->state;
    uint64_t asked_ns = request_delays_ns(delays_of(part), number), deadline_ns = NO_DEADLINE;
    struct io_http_request request = {.url = state->url, .close = !part->params[KEEP]};
    struct io_http_response response;
    char with_delay[URL_BYTES_MAX + 32];
    int r;

    if (!has_url(part))
        request.header = HTTP_WIRE_HELD;
    if (is_drawn(part)) {
        snprintf(with_delay, sizeof with_delay, "%s%cdelay=%" PRIu64 "ns", state->url,
                 strchr(state->url, '?') != NULL ? '&' : '?', asked_ns);
        request.url = with_delay;
    }
    if (part->params[TIMEOUT] > 0)
        deadline_ns = clock_add_ns(io_now(io), part->params[TIMEOUT]);
    if (state->direct != NULL)
        r = http_direct_get(state->direct, io, &request, &response, deadline_ns);
    else
        r = io_http_get(io, &request, &response, deadline_ns);
    if (r == 0 && response.status / 100 != 2)
        r = -EREMOTEIO;
    if (r == 0 && !has_url(part))
        r = check_answer(part, &response, asked_ns);
    if (r < 0)
        return r;
    ledger->operations++;
    ledger->bytes_in += response.body_bytes;
    ledger->checksum += hash_mix(response.checksum ^ (uint64_t)response.status);
    return 0;
}

static int run(struct io *io, struct job_part *part, uint64_t index, struct job_ledger *ledger)
{
    int r = 0;

    for (uint64_t i = 0; i < part->params[REQUESTS] && r == 0; i++)
        r = exchange(io, part, index * part->params[REQUESTS] + i, ledger);
    return r;
}

static void finish(struct job_part *part, struct io *io)
{
    struct state *state = part->state;

    http_direct_destroy(state->direct, io);
    free(state);
    part->state = NULL;
}

static uint64_t wait_ns(const struct job_part *part, uint64_t index)
{
    return request_delays_of_job_ns(delays_of(part), index);
}

static struct job_spread spread(const struct job_part *part)
{
    return request_delays_spread(delays_of(part));
}

static const char *explain(int error)
{
    switch (error) {
    case -EREMOTEIO:
        return "status not 2xx";
    case -EBADMSG:
        return "body of the wrong length, or delay not held";
    case -EPROTO:
        return "answer is not HTTP";
    case -ETIMEDOUT:
        return "no answer in time";
    default:
        return NULL;
    }
}

/* libcurl works on the request while the task waits. */
static bool pinned(const struct job_part *part, const struct io *io)
{
    return part->params[CLIENT] == CLIENT_CURL || io->ops->lends;
}

const struct job_type job_http = {
    .name = "http",
    .summary = "GET over HTTP/1.1 from the target, or from another server on loopback",
    .params = params,
    .n_params = sizeof params / sizeof *params,
    .needs_target = true,
    .keeps_open = true,
    .sources = 1,
    .fds = 1,
    .fds_blocking = 2, /* libcurl's own, an easy handle */
    .stack_blocking = 256 << 10,
    .check = check,
    .prepare = prepare,
    .run = run,
    .pinned = pinned,
    .finish = finish,
    .wait_ns = wait_ns,
    .spread = spread,
    .goes_elsewhere = has_url,
    .explain = explain,
};
