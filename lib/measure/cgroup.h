/* The CPU quota of this process's control group, and how often it took the CPU away. A group's
 * threads stop for the rest of a period, usually of 100 ms, once they have used up its quota. In
 * both versions of control groups the tightest of a group and its ancestors holds. */
#ifndef TVA_MEASURE_CGROUP_H
#define TVA_MEASURE_CGROUP_H

#include <stddef.h>
#include <stdint.h>

struct cgroup {
    char dir[1024]; /* of the group, under the controller for CPU time; "": there is none */
    size_t top;     /* the length of the path of the group where its visible ancestors end */
};

/* Find the group from the texts of /proc/self/cgroup and /proc/self/mountinfo, or of files like
 * them. Any thread, as for all of these. */
void cgroup_find(const char *groups_path, const char *mounts_path, struct cgroup *out);

/* How many CPUs' worth of time the group may use: 0.2 for 20 ms each 100 ms; NAN without a limit.
 */
double cgroup_cpus(const struct cgroup *g);

/* How often the group or an ancestor was stopped so far, and for how long: the sum over CPUs, of
 * the group that was stopped the longest. */
void cgroup_throttled(const struct cgroup *g, uint64_t *times, uint64_t *ns);

#endif
