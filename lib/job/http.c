/* GETs of the target, or of any other HTTP server. */
#include "base/address.h"
#include "base/hash.h"
#include "io/http_direct.h"
#include "io/http_url.h"
#include "job/job.h"
#include "job/pathology.h"
#include "job/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    REQUESTS,
    PATH,
    SIZE,
    DELAY,
    DIST,
    STATUS,
    KEEP,
    TIMEOUT,
    URL,
    REMOTE,
    CA,
    LEDGER,
    CLIENT,
    PATHOLOGY
};
enum { CLIENT_CURL, CLIENT_DIRECT };
enum { LEDGER_BODY, LEDGER_STATUS };

#define TEXT_BYTES_MAX 120 /* of the path, and of the URL */
#define URL_BYTES_MAX  320 /* with the query behind the path */

static const char *const path_default[] = {"/", NULL}, *const none[] = {"", NULL};
static const char *const clients[] = {[CLIENT_CURL] = "curl", [CLIENT_DIRECT] = "direct", NULL};
static const char *const ledgers[] = {[LEDGER_BODY] = "body", [LEDGER_STATUS] = "status", NULL};

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
    [URL] = {"url", PARAM_TEXT, 0, 0, TEXT_BYTES_MAX, none,
             "ask this http or https server instead of the target"},
    [REMOTE] = {"remote", PARAM_SWITCH, 0, 0, 1, NULL,
                "the server of the url may be another machine"},
    [CA] = {"ca", PARAM_TEXT, 0, 0, TEXT_BYTES_MAX, none,
            "file of the certificates that an https server is checked by, not the system's"},
    [LEDGER] =
        {"ledger", PARAM_CHOICE, LEDGER_BODY, 0, 0, ledgers,
         "what of an answer all models have to get alike: its status and body, or its status "
         "alone, where bodies differ from request to request"},
    [CLIENT] = {"client", PARAM_CHOICE, CLIENT_CURL, 0, 0, clients,
                "libcurl, or HTTP by hand on the same reads and writes in every model"},
    [PATHOLOGY] = {"pathology", PARAM_TEXT, 0, 0, PATHOLOGY_TEXT_MAX, none,
                   "how the target that tva starts misbehaves, as in tcp"},
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

/* What only makes sense with a URL, or with one of https. */
static int check_url(const struct job_part *part, struct err *err)
{
    const char *ca = job_text(part, CA);
    struct http_url url = {.tls = false};

    if (!has_url(part) && part->params[REMOTE])
        return err_set(err, -EINVAL, "job http: remote is for a url, and there is none");
    if (has_url(part) && http_url_parse(job_text(part, URL), true, &url, err) < 0)
        return -EINVAL;
    if (has_url(part) && !part->params[REMOTE] && !address_names_loopback(url.host))
        return err_set(err, -EINVAL, "job http: host " ADDRESS_NOT_HERE, url.host);
    if (*ca != '\0' && !url.tls)
        return err_set(err, -EINVAL, "job http: ca is for an https:// url");
    if (url.tls && part->params[CLIENT] == CLIENT_DIRECT)
        return err_set(err, -EINVAL, "job http: https needs libcurl: leave out client=direct");
    return 0;
}

/* May requests go to another machine? A target there was allowed by who gave its address. */
static bool may_leave(const struct job_part *part)
{
    return part->params[REMOTE] || !has_url(part);
}

static int check(const struct job_part *part, struct err *err)
{
    static const int of_the_target[] = {PATH, SIZE, DELAY, DIST, STATUS, PATHOLOGY};

    if (*job_text(part, PATH) != '/')
        return err_set(err, -EINVAL, "job http: path=%s does not begin with /",
                       job_text(part, PATH));
    for (size_t i = 0; has_url(part) && i < sizeof of_the_target / sizeof *of_the_target; i++) {
        const struct param *p = &params[of_the_target[i]];

        if (part->params[of_the_target[i]] != p->def)
            return err_set(
                err, -EINVAL,
                "job http: %s is for the target; with a url, all that is asked for is in "
                "the url",
                p->name);
    }
    if (pathology_check(part, PATHOLOGY, err) < 0)
        return -EINVAL;
    return check_url(part, err);
}

static int check_here(const struct job_part *part, struct err *err)
{
    const char *ca = job_text(part, CA);
    struct stat st;

    if (*ca != '\0' && (stat(ca, &st) < 0 || access(ca, R_OK) < 0))
        return err_set(err, -EINVAL, "job http: ca=%s: %s", ca, strerror(errno));
    if (*ca != '\0' && !S_ISREG(st.st_mode)) /* each process reads it, as often as it likes */
        return err_set(err, -EINVAL, "job http: ca=%s is no plain file", ca);
    return 0;
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
        r = http_direct_create(state->url, may_leave(part), &state->direct, err);
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
    struct io_http_request request = {
        .url = state->url,
        .ca = *job_text(part, CA) != '\0' ? job_text(part, CA) : NULL,
        .remote = may_leave(part),
        .close = !part->params[KEEP],
    };
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
    if (part->params[LEDGER] == LEDGER_STATUS) {
        ledger->checksum += hash_mix((uint64_t)response.status);
        return 0;
    }
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

static const char *why_unlike(const struct job_part *part)
{
    return has_url(part) && part->params[LEDGER] == LEDGER_BODY
               ? "the server gives other answers from request to request; --ledger status compares "
                 "their status alone"
               : NULL;
}

static const char *explain(int error)
{
    switch (error) {
    case -EREMOTEIO:
        return "status not 2xx";
    case -EBADMSG:
        return "body of the wrong length, or delay not held";
    case -EMSGSIZE:
        return "head of the answer is too large to be held";
    case -EPROTO:
        return "answer is not HTTP";
    case -ETIMEDOUT:
        return "no answer in time";
    case -EKEYREJECTED:
        return "certificate is not trusted, or is for another name";
    case -ENODATA:
        return "file of certificates has none";
    case -ENOKEY:
        return "no agreement on how to encrypt";
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
    .summary = "GET over HTTP/1.1 from the target, or from another server",
    .params = params,
    .n_params = sizeof params / sizeof *params,
    .needs_target = true,
    .keeps_open = true,
    .sources = 1,
    .fds = 1,
    .fds_blocking = 2, /* libcurl's own, an easy handle */
    .stack_blocking = 256 << 10,
    .check = check,
    .check_here = check_here,
    .prepare = prepare,
    .run = run,
    .pinned = pinned,
    .finish = finish,
    .wait_ns = wait_ns,
    .spread = spread,
    .goes_elsewhere = has_url,
    .why_unlike = why_unlike,
    .explain = explain,
};
