#include "result/check_rules.h"

/* What the schema requires, object by object. */

const struct check_rule check_document_rules[] = {
    {"tva_version", TEXT, false}, {"partial", BOOLEAN, false}, {"suite", TEXT, true},
    {"seed", INTEGER, false},     {"rounds", INTEGER, false},  {"context", OBJECT, false},
    {"cells", LIST, false},       {NULL, OBJECT, false},
};

const struct check_rule check_context_rules[] = {
    {"date", TEXT, false},
    {"host", TEXT, false},
    {"kernel", TEXT, false},
    {"cpu", TEXT, false},
    {"cores", INTEGER, false},
    {"governor", TEXT, true},
    {"virtual_machine", BOOLEAN, true},
    {"memory_bytes", INTEGER, false},
    {"compiler", TEXT, false},
    {"build_type", TEXT, false},
    {"libuv", TEXT, false},
    {"libc", TEXT, false},
    {"commit", TEXT, false},
    {"timer_slack_ns", INTEGER, false},
    {"uv_threadpool_size", INTEGER, false},
    {"limits", OBJECT, false},
    {NULL, OBJECT, false},
};

const struct check_rule check_cell_rules[] = {
    {"name", TEXT, false},          {"group", TEXT, false},     {"job", TEXT, false},
    {"spec", TEXT, false},          {"model", TEXT, false},     {"params", OBJECT, false},
    {"jobs", INTEGER, false},       {"threads", INTEGER, true}, {"stack_bytes", INTEGER, true},
    {"runs", INTEGER, false},       {"valid", BOOLEAN, false},  {"reasons", LIST, false},
    {"warnings", LIST, false},      {"ledger", OBJECT, true},   {"summary", OBJECT, true},
    {"latency_curve", LIST, false}, {"timeline", OBJECT, true}, {NULL, OBJECT, false},
};

/* What earlier versions did not write. */

const struct check_rule check_cell_optional_rules[] = {
    {"load", OBJECT, false},
    {"arrivals", OBJECT, true},
    {"latency_uncorrected_curve", LIST, false},
    {"over_time", OBJECT, true},
    {"point", OBJECT, false},
    {"injected", OBJECT, false},
    {"counts", OBJECT, false},
    {NULL, OBJECT, false},
};

const struct check_rule check_summary_optional_rules[] = {
    {"offered_per_s", QUANTITY, true},
    {"latency_mean_s", QUANTITY, true},
    {"latency_p50_s", QUANTITY, true},
    {"latency_p99_s", QUANTITY, true},
    {"latency_uncorrected_ns", DISTRIBUTION, true},
    {"dispatch_lateness_ns", DISTRIBUTION, true},
    {"in_flight", OBJECT, true},
    {"littles_law", OBJECT, true},
    {"steady", OBJECT, true},
    {"mean_wait_ci_s", OBJECT, true},
    {"theory", OBJECT, true},
    {NULL, OBJECT, false},
};

const struct check_rule check_over_time_rules[] = {
    {"window_s", NUMBER, false},
    {"windows", LIST, false},
    {NULL, OBJECT, false},
};

const struct check_rule check_ledger_rules[] = {
    {"jobs", INTEGER, false},      {"operations", INTEGER, false}, {"bytes_in", INTEGER, false},
    {"bytes_out", INTEGER, false}, {"checksum", TEXT, false},      {"errors", OBJECT, false},
    {NULL, OBJECT, false},
};

const struct check_rule check_summary_rules[] = {
    {"makespan_s", QUANTITY, true},
    {"throughput_per_s", QUANTITY, true},
    {"ideal_makespan_s", NUMBER, true},
    {"efficiency", NUMBER, true},
    {"latency_ns", DISTRIBUTION, true},
    {"wait_ns", DISTRIBUTION, true},
    {"service_ns", DISTRIBUTION, true},
    {"heartbeat_lag_ns", DISTRIBUTION, true},
    {"heartbeat_lag_max_ns", QUANTITY, true},
    {"cpu_user_s", QUANTITY, true},
    {"cpu_sys_s", QUANTITY, true},
    {"ctx_voluntary", QUANTITY, true},
    {"ctx_involuntary", QUANTITY, true},
    {"max_rss_bytes", QUANTITY, true},
    {"memory_per_job_bytes", QUANTITY, true},
    {"target_cpu_s", QUANTITY, true},
    {"steal_s", QUANTITY, true},
    {"warmup_s", QUANTITY, true},
    {"errors", INTEGER, false},
    {NULL, OBJECT, false},
};

const struct check_rule check_quantity_rules[] = {
    {"median", NUMBER, false},  {"confidence", NUMBER, false}, {"ci_low", NUMBER, false},
    {"ci_high", NUMBER, false}, {"values", LIST, false},       {NULL, OBJECT, false},
};

const struct check_rule check_distribution_rules[] = {
    {"min", NUMBER, false},    {"max", NUMBER, false},    {"mean", NUMBER, false},
    {"stddev", NUMBER, false}, {"count", INTEGER, false}, {NULL, OBJECT, false},
};

const struct check_rule check_timeline_rules[] = {
    {"jobs", LIST, false},
    {"beats", LIST, false},
    {NULL, OBJECT, false},
};
