/*
 * Requests about sources, while some are being opened or leave: they wait, in the order in which
 * they came. The loop's thread.
 */
#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

#include "daemon/command.h"

struct ctx_deferral {
    struct ctx_deferral *prev, *next;
    struct ctx_control *control;
    const struct ctx_command *command;
    struct ctx_request *request;
    json_t *params;
};

static void free_deferral(struct ctx_deferral *deferral)
{
    json_decref(deferral->params);
    free(deferral);
}

static void abandoned(void *data)
{
    struct ctx_deferral *deferral = data;
    DL_DELETE(deferral->control->deferred, deferral);
    free_deferral(deferral);
}

void ctx_command_call(void *data, const struct ctx_command *command, struct ctx_request *request,
                      json_t *params)
{
    struct ctx_control *control = data;
    if (!command->about_sources || ctx_daemon_is_settled(control->daemon)) {
        command->run(control, request, params);
        return;
    }
    struct ctx_deferral *deferral = calloc(1, sizeof(*deferral));
    if (!deferral) {
        ctx_command_fail(request, -ENOMEM, NULL);
        return;
    }
    *deferral = (struct ctx_deferral){
        .control = control,
        .command = command,
        .request = request,
        .params = json_incref(params),
    };
    DL_APPEND(control->deferred, deferral);
    ctx_request_on_abandoned(request, abandoned, deferral);
}

/* Takes the first one that waits off the list; the caller answers it. */
static struct ctx_deferral *take(struct ctx_control *control)
{
    struct ctx_deferral *deferral = control->deferred;
    DL_DELETE(control->deferred, deferral);
    ctx_request_on_abandoned(deferral->request, NULL, NULL);
    return deferral;
}

void ctx_control_go_on(struct ctx_control *control)
{
    while (control->deferred && ctx_daemon_is_settled(control->daemon)) {
        struct ctx_deferral *deferral = take(control);
        deferral->command->run(control, deferral->request, deferral->params);
        free_deferral(deferral);
    }
}

void ctx_control_give_up(struct ctx_control *control)
{
    while (control->deferred) {
        struct ctx_deferral *deferral = take(control);
        ctx_command_fail(deferral->request, -ECANCELED, NULL);
        free_deferral(deferral);
    }
}
