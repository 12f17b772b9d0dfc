/* The one clock: CLOCK_MONOTONIC in nanoseconds.
 *
 * Every time in tva is a uint64_t count of ns on this clock and its name ends in _ns; a deadline is
 * an absolute time on it. All functions here may be called from any thread. */
#ifndef TVA_BASE_CLOCK_H
#define TVA_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define NS_PER_US 1000ULL
#define NS_PER_MS 1000000ULL
#define NS_PER_S  1000000000ULL

/* A time in s, as people and documents have it. */
static inline double clock_seconds(uint64_t ns)
{
    return (double)ns / (double)NS_PER_S;
}

/* The deadline that never passes. */
#define NO_DEADLINE UINT64_MAX

/* What another clock of the system shows, such as a process's CPU time. */
static inline uint64_t clock_read_ns(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* The time now. */
static inline uint64_t clock_now_ns(void)
{
    return clock_read_ns(CLOCK_MONOTONIC);
}

/* start_ns + span_ns, or NO_DEADLINE where the sum would overflow. */
static inline uint64_t clock_add_ns(uint64_t start_ns, uint64_t span_ns)
{
    return span_ns > NO_DEADLINE - start_ns ? NO_DEADLINE : start_ns + span_ns;
}

/* Has the deadline passed? Without one, the clock is not read. */
static inline bool clock_is_late(uint64_t deadline_ns)
{
    return deadline_ns != NO_DEADLINE && deadline_ns <= clock_now_ns();
}

/* The same instant as the system calls want it. */
static inline struct timespec clock_timespec(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};
}

#endif
