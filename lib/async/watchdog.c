#include "async/watchdog.h"

#include "async/loop_internal.h"
#include "base/signals.h"
#include "base/symbol.h"
#include "base/text.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unwind.h>

#define CALLS_MAX   24          /* that are kept */
#define STACK_BYTES (64 * 1024) /* for the handler: a task may have little left of its own */
#define LOOK_NS     NS_PER_MS   /* at least so long from one look at a loop to the next */

struct watchdog {
    uv_loop_t *uv;
    uint64_t slow_ns;
    pthread_t loop_thread, thread;
    pthread_mutex_t lock;
    pthread_cond_t end;
    bool ending; /* under lock */

    /* Odd while a step goes on, which began at begin_ns, when the loop had slept for idle_ns. */
    _Atomic uint64_t step, begin_ns, idle_ns;
    _Atomic uint64_t asked; /* the step that the last signal was sent for */

    /* What the handler found; of the loop's thread, as all that follows. */
    uint64_t found; /* in this step */
    bool in_handler;
    size_t count;
    union {
        uintptr_t address;
        void *code;
    } calls[CALLS_MAX]; /* within calling instructions, innermost first */
    char *stack;        /* of the handler; NULL: the thread's own is large enough */
    stack_t own_stack;  /* the thread's, if any, that comes back in its place */
};

/* ---- On the loop's thread: the handler, and where it was ---- */

/* The frames before the one that the signal interrupted are the handler's own. */
static _Unwind_Reason_Code keep_call(struct _Unwind_Context *context, void *arg)
{
    struct watchdog *w = arg;
    int interrupted = 0;
    uintptr_t address = _Unwind_GetIPInfo(context, &interrupted);

    if (interrupted)
        w->in_handler = false;
    if (!w->in_handler && address != 0)
        w->calls[w->count++].address = address - !interrupted;
    return w->count < CALLS_MAX ? _URC_NO_REASON : _URC_END_OF_STACK;
}

static void walk_up(struct watchdog *w)
{
    w->in_handler = true;
    w->count = 0;
    _Unwind_Backtrace(keep_call, w);
}

/* A signal that comes late finds another step, or none. */
static void handle(int signal)
{
    struct watchdog *w = loop_of_thread != NULL ? loop_of_thread->watchdog : NULL;
    int error = errno;

    (void)signal;
    if (w != NULL && atomic_load(&w->asked) == atomic_load(&w->step)) {
        walk_up(w);
        w->found = atomic_load(&w->step);
    }
    errno = error;
}

/* A process has one handler for a signal, so watchdogs of several threads share it. */
static struct {
    pthread_mutex_t lock;
    unsigned users;
    struct sigaction before; /* what comes back after the last one */
} handler = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* False where the program has a handler. */
static bool install_handler(void)
{
    struct sigaction now, ours = {.sa_handler = handle, .sa_flags = SA_RESTART | SA_ONSTACK};
    bool installed = false;

    pthread_mutex_lock(&handler.lock);
    if (sigaction(SIGURG, NULL, &now) == 0) {
        installed = handler.users > 0 && now.sa_handler == handle;
        if (handler.users == 0 && (now.sa_handler == SIG_DFL || now.sa_handler == SIG_IGN)) {
            handler.before = now;
            installed = sigaction(SIGURG, &ours, NULL) == 0;
        }
    }
    handler.users += installed;
    pthread_mutex_unlock(&handler.lock);
    return installed;
}

/* A signal that is still under way is ignored by then, as without a handler. One that the program
 * has installed meanwhile stays. */
static void remove_handler(void)
{
    struct sigaction now;

    pthread_mutex_lock(&handler.lock);
    if (--handler.users == 0 && sigaction(SIGURG, NULL, &now) == 0 && now.sa_handler == handle)
        sigaction(SIGURG, &handler.before, NULL);
    pthread_mutex_unlock(&handler.lock);
}

/* Let this thread take the signal, on a stack that is none of a task's and large enough. */
static bool prepare_thread(struct watchdog *w)
{
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGURG);
    if (sigaltstack(NULL, &w->own_stack) != 0 || pthread_sigmask(SIG_UNBLOCK, &signals, NULL) != 0)
        return false;
    if (!(w->own_stack.ss_flags & SS_DISABLE) && w->own_stack.ss_size >= STACK_BYTES)
        return true;
    w->stack = malloc(STACK_BYTES);
    return w->stack != NULL &&
           sigaltstack(&(stack_t){.ss_sp = w->stack, .ss_size = STACK_BYTES}, NULL) == 0;
}

static void restore_thread(struct watchdog *w)
{
    if (w->stack != NULL)
        sigaltstack(&w->own_stack, NULL);
    free(w->stack);
}

void watchdog_begin(struct watchdog *w)
{
    if (w == NULL)
        return;
    atomic_store(&w->begin_ns, clock_now_ns());
    atomic_store(&w->idle_ns, uv_metrics_idle_time(w->uv));
    atomic_fetch_add(&w->step, 1);
}

void watchdog_end(struct watchdog *w)
{
    if (w != NULL)
        atomic_fetch_add(&w->step, 1);
}

char *watchdog_where(const struct watchdog *w, uintptr_t step, char *buf, size_t size)
{
    const uintptr_t begins[] = {step, (uintptr_t)task_begin};
    size_t count = w != NULL && w->found + 1 == atomic_load(&w->step) ? w->count : 0;
    bool many = false;
    char name[128], before[128] = "";

    buf[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        uintptr_t function = (uintptr_t)_Unwind_FindEnclosingFunction(w->calls[i].code);

        if (function == begins[0] || function == begins[1])
            break;
        symbol_name(w->calls[i].address, name, sizeof name);
        if (strcmp(name, before) == 0) /* it calls itself */
            continue;
        text_add(buf, size, "%s%s", before[0] == '\0' ? "" : many ? ", " : ", called by ", name);
        many = before[0] != '\0';
        memcpy(before, name, sizeof before);
    }
    return buf;
}

/* ---- The thread that watches ---- */

/* Ask for the functions of a step that takes too long; returns when to look again. A step that
 * begins meanwhile is seen then, before it has taken slow_ns. */
static uint64_t look(struct watchdog *w)
{
    uint64_t step = atomic_load(&w->step), wait_ns = w->slow_ns > LOOK_NS ? w->slow_ns : LOOK_NS;
    uint64_t idle_ns = uv_metrics_idle_time(w->uv) - atomic_load(&w->idle_ns);
    uint64_t now_ns = clock_now_ns(), held_ns = now_ns - atomic_load(&w->begin_ns) - idle_ns;

    if (step % 2 == 0 || step == atomic_load(&w->asked) || step != atomic_load(&w->step))
        return clock_add_ns(now_ns, wait_ns);
    if (held_ns < wait_ns)
        return clock_add_ns(now_ns, wait_ns - held_ns);
    atomic_store(&w->asked, step);
    pthread_kill(w->loop_thread, SIGURG);
    return clock_add_ns(now_ns, wait_ns);
}

static void *watch(void *arg)
{
    struct watchdog *w = arg;

    pthread_mutex_lock(&w->lock);
    while (!w->ending) {
        struct timespec until = clock_timespec(look(w));

        pthread_cond_timedwait(&w->end, &w->lock, &until);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

static int start_thread(struct watchdog *w)
{
    pthread_condattr_t monotonic;
    sigset_t others, before;
    int error;

    signals_for_others(&others);
    error = pthread_condattr_init(&monotonic);
    if (error != 0)
        return error;
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    error = pthread_cond_init(&w->end, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (error != 0)
        return error;
    pthread_sigmask(SIG_SETMASK, &others, &before);
    error = pthread_create(&w->thread, NULL, watch, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0)
        pthread_cond_destroy(&w->end);
    return error;
}

#if defined(__SANITIZE_THREAD__)
#define IS_POSSIBLE false
#else
#define IS_POSSIBLE true
#endif

struct watchdog *watchdog_start(uv_loop_t *uv, uint64_t slow_ns)
{
    struct watchdog *w = IS_POSSIBLE ? calloc(1, sizeof *w) : NULL;

    if (w == NULL)
        return NULL;
    if (!install_handler()) {
        free(w);
        return NULL;
    }
    w->uv = uv;
    w->slow_ns = slow_ns;
    w->loop_thread = pthread_self();
    if (!prepare_thread(w) || pthread_mutex_init(&w->lock, NULL) != 0)
        goto err0;
    walk_up(w); /* binds what it calls, which the handler could not do */
    if (start_thread(w) != 0)
        goto err1;
    return w;

err1:
    pthread_mutex_destroy(&w->lock);
err0:
    restore_thread(w);
    remove_handler();
    free(w);
    return NULL;
}

void watchdog_stop(struct watchdog *w)
{
    if (w == NULL)
        return;
    pthread_mutex_lock(&w->lock);
    w->ending = true;
    pthread_cond_signal(&w->end);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    pthread_cond_destroy(&w->end);
    pthread_mutex_destroy(&w->lock);
    restore_thread(w);
    remove_handler();
    free(w);
}
