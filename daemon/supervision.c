/* The service manager's timers. The loop's thread. */
#include "daemon/supervision.h"

#include <string.h>

#include "daemon/service.h"

/* Seconds between two STATUS lines, and what a start that goes on asks for each time. */
#define STATUS_INTERVAL 1.
#define EXTEND_US (30 * 1000000ull)

static void on_watchdog(struct ev_loop *loop, ev_timer *timer, int revents)
{
    (void)loop;
    (void)timer;
    (void)revents;
    ctx_service_watchdog();
}

void ctx_supervision_tell(struct ctx_supervision *supervision)
{
    char text[sizeof(supervision->last)];
    if (!ctx_service_is_managed())
        return;
    if (supervision->describe(supervision->data, text, sizeof(text))) {
        ctx_service_extend(EXTEND_US);
        ctx_supervision_touch(supervision);
    }
    if (strcmp(text, supervision->last) == 0)
        return;
    memcpy(supervision->last, text, sizeof(text));
    ctx_service_status("%s", text);
}

static void on_status(struct ev_loop *loop, ev_timer *timer, int revents)
{
    (void)loop;
    (void)revents;
    ctx_supervision_tell(timer->data);
}

void ctx_supervision_touch(struct ctx_supervision *supervision)
{
    if (ev_is_active(&supervision->status) || !ctx_service_is_managed())
        return;
    ev_timer_set(&supervision->status, STATUS_INTERVAL, 0.);
    ev_timer_start(supervision->loop, &supervision->status);
}

void ctx_supervision_start(struct ctx_supervision *supervision, struct ev_loop *loop,
                           bool (*describe)(void *data, char *text, size_t size), void *data)
{
    uint64_t interval_us = ctx_service_watchdog_interval_us();
    *supervision = (struct ctx_supervision){ .loop = loop, .describe = describe, .data = data };
    ev_timer_init(&supervision->watchdog, on_watchdog, 0., (double)interval_us / 1e6);
    ev_timer_init(&supervision->status, on_status, STATUS_INTERVAL, 0.);
    supervision->status.data = supervision;
    if (interval_us)
        ev_timer_again(loop, &supervision->watchdog);
    ctx_supervision_touch(supervision);
}

void ctx_supervision_stop(struct ctx_supervision *supervision)
{
    ev_timer_stop(supervision->loop, &supervision->watchdog);
    ev_timer_stop(supervision->loop, &supervision->status);
}
