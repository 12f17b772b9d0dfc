#include "micro/echo.h"

#include "base/clock.h"
#include "micro/micro.h"

#include <endian.h>
#include <string.h>

void echo_request(char *buf)
{
    struct tcp_request_header header = {
        .magic = htobe32(TCP_WIRE_MAGIC),
        .request_bytes = htobe32(ECHO_BYTES),
        .reply_bytes = htobe32(ECHO_BYTES),
    };

    memset(buf, 'x', ECHO_BYTES);
    memcpy(buf, &header, sizeof header);
}

static struct echo_clock now(void)
{
    struct timespec cpu;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    return (struct echo_clock){clock_now_ns(),
                               (uint64_t)cpu.tv_sec * NS_PER_S + (uint64_t)cpu.tv_nsec};
}

struct echo_clock echo_begin(void)
{
    return now();
}

void echo_end(struct echo_clock begin, uint64_t n, struct micro_output *out)
{
    double requests = (double)(echo_requests_each(n) * n);
    struct echo_clock end = now();

    out->of[MICRO_VALUE] = requests / ((double)(end.wall_ns - begin.wall_ns) / NS_PER_S);
    out->of[MICRO_CPU_NS] = (double)(end.cpu_ns - begin.cpu_ns) / requests;
}
