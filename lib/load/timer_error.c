#include "load/timer_error.h"

#include "base/clock.h"
#include "load/generator.h"

struct sleeps {
    uint64_t *errors_ns;
    size_t n;
    uint64_t span_ns;
};

static void *sleep_and_note(void *arg)
{
    struct sleeps *s = arg;
    sem_t never;

    generator_settle();
    sem_init(&never, 0, 0);
    for (size_t i = 0; i < s->n; i++) {
        uint64_t due_ns = clock_now_ns() + s->span_ns;

        generator_sleep_until(&never, due_ns);
        s->errors_ns[i] = clock_now_ns() - due_ns;
    }
    sem_destroy(&never);
    return NULL;
}

int timer_error_measure(uint64_t *errors_ns, size_t n, uint64_t span_ns)
{
    struct sleeps s = {.errors_ns = errors_ns, .n = n, .span_ns = span_ns};
    pthread_t thread;
    int err = pthread_create(&thread, NULL, sleep_and_note, &s);

    if (err == 0)
        pthread_join(thread, NULL);
    return -err;
}
