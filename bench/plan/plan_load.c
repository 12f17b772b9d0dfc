#include "plan/plan_load.h"

#include "base/text.h"
#include "base/units.h"
#include "load/load.h"
#include "run/cell.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

void plan_load_init(struct plan_load *load)
{
    memset(load, 0, sizeof *load);
    load->drain_ns = PLAN_DRAIN_AUTO;
}

bool plan_load_loops(const struct plan_load *load)
{
    return load->rates_count > 0 || load->clients_count > 0;
}

static void override_lists(struct plan_load *load, const struct plan_load *over)
{
    if (over->rates_count > 0) {
        memcpy(load->rates, over->rates, sizeof load->rates);
        load->rates_count = over->rates_count;
        load->clients_count = 0;
    }
    if (over->clients_count > 0) { /* plan_load_check() refuses both kinds */
        memcpy(load->clients, over->clients, sizeof load->clients);
        load->clients_count = over->clients_count;
        if (over->rates_count == 0)
            load->rates_count = 0;
    }
    if (over->poisons_count > 0) {
        memcpy(load->poisons, over->poisons, sizeof load->poisons);
        load->poisons_count = over->poisons_count;
    }
}

static void override_open(struct plan_load *load, const struct plan_load *over)
{
    if (over->has_arrivals) {
        load->arrivals = over->arrivals;
        load->has_arrivals = true;
    }
    if (over->limit > 0)
        load->limit = over->limit;
    if (over->drain_ns != PLAN_DRAIN_AUTO)
        load->drain_ns = over->drain_ns;
}

void plan_load_override(struct plan_load *load, const struct plan_load *over)
{
    override_lists(load, over);
    if (plan_load_loops(load) && over->duration_ns > 0)
        load->duration_ns = over->duration_ns;
    if (load->rates_count > 0) {
        override_open(load, over);
    } else {
        load->has_arrivals = false;
        load->limit = 0;
        load->drain_ns = PLAN_DRAIN_AUTO;
    }
}

int plan_load_check(const struct plan_load *load, bool counted, struct err *err)
{
    if (load->rates_count > 0 && load->clients_count > 0)
        return err_set(err, -EINVAL,
                       "--rate and --clients exclude each other: an open loop has a rate, a closed "
                       "loop has clients");
    if (load->has_arrivals && load->rates_count == 0)
        return err_set(err, -EINVAL, "--arrivals needs --rate: only an open loop has arrivals");
    if (load->limit > 0 && load->rates_count == 0)
        return err_set(err, -EINVAL,
                       "--limit needs --rate: a closed loop has at most its clients in the system, "
                       "a batch all its jobs");
    if (load->drain_ns != PLAN_DRAIN_AUTO && load->rates_count == 0)
        return err_set(err, -EINVAL,
                       "--drain needs --rate: all jobs of a batch or a closed loop are served");
    if (load->duration_ns > 0 && !plan_load_loops(load))
        return err_set(err, -EINVAL,
                       "--duration needs --rate or --clients: a batch lasts until its jobs are "
                       "done");
    if (load->warmup_ns > 0 && !plan_load_loops(load))
        return err_set(err, -EINVAL,
                       "--warmup by time needs --rate or --clients: a batch warms up by a number "
                       "of jobs");
    if (load->duration_ns > 0 && counted)
        return err_set(err, -EINVAL,
                       "--duration and --jobs exclude each other: jobs are wanted for a time or up "
                       "to a number");
    return 0;
}

int plan_load_check_used(const struct plan_load *load, bool any_open, bool any_loop,
                         struct err *err)
{
    const char *open = load->has_arrivals                  ? "--arrivals"
                       : load->limit > 0                   ? "--limit"
                       : load->drain_ns != PLAN_DRAIN_AUTO ? "--drain"
                                                           : NULL;
    const char *loop = load->duration_ns > 0 ? "--duration"
                       : load->warmup_ns > 0 ? "--warmup by time"
                                             : NULL;

    if (open != NULL && !any_open)
        return err_set(err, -EINVAL, "%s is for open loops, and there is none: add --rate", open);
    if (loop != NULL && !any_loop)
        return err_set(err, -EINVAL, "%s is for loops, and there is none: add --rate or --clients",
                       loop);
    return 0;
}

static size_t at_least_one(size_t n)
{
    return n > 0 ? n : 1;
}

size_t plan_load_count(const struct plan_load *load)
{
    return at_least_one(load->rates_count + load->clients_count) *
           at_least_one(load->poisons_count);
}

struct load plan_load_at(const struct plan_load *load, size_t index, uint64_t jobs,
                         uint64_t warmup_jobs)
{
    size_t loop = index / at_least_one(load->poisons_count);
    struct load out = {0};

    if (load->poisons_count > 0)
        out.poison = load->poisons[index % load->poisons_count];
    if (!plan_load_loops(load))
        return out;
    if (jobs == 0)
        out.duration_ns = load->duration_ns > 0 ? load->duration_ns : LOAD_DURATION_DEFAULT_NS;
    out.warmup_ns = load->warmup_ns;
    if (warmup_jobs == CELL_WARMUP_AUTO && jobs == 0)
        out.warmup_ns = load_warmup_default_ns(&out);
    if (load->clients_count > 0) {
        out.kind = LOAD_CLOSED;
        out.clients = load->clients[loop];
        return out;
    }
    out.kind = LOAD_OPEN;
    out.arrivals = load->has_arrivals ? load->arrivals : LOAD_POISSON;
    out.rate_per_s = load->rates[loop];
    out.limit = load->limit;
    out.drain_ns =
        load->drain_ns != PLAN_DRAIN_AUTO ? load->drain_ns : load_drain_default_ns(&out, jobs);
    return out;
}

static void add_duration(char *buf, size_t size, const char *option, uint64_t ns)
{
    char text[32];

    text_add(buf, size, " %s %s", option, units_exact_duration(ns, text, sizeof text));
}

void plan_load_args(const struct load *load, char *buf, size_t size)
{
    char text[64];

    if (load->kind == LOAD_OPEN) {
        text_add(buf, size, " --rate %s", load_format_rate(load->rate_per_s, text, sizeof text));
        text_add(buf, size, " --arrivals %s", load_arrivals_name(load->arrivals));
        add_duration(buf, size, "--drain", load->drain_ns);
    }
    if (load->kind == LOAD_CLOSED)
        text_add(buf, size, " --clients %" PRIu64, load->clients);
    if (load->limit > 0)
        text_add(buf, size, " --limit %" PRIu64, load->limit);
    if (load->duration_ns > 0)
        add_duration(buf, size, "--duration", load->duration_ns);
    if (load->warmup_ns > 0)
        add_duration(buf, size, "--warmup", load->warmup_ns);
    if (load->poison > 0)
        text_add(buf, size, " --poison %s", load_format_share(load->poison, text, sizeof text));
}
