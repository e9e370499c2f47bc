/* The control plane's pieces, put together. The loop's thread. */
#include "daemon/control.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "control/text.h"
#include "daemon/command.h"
#include "daemon/describe.h"
#include "daemon/listener.h"

static void client_gone(void *data, uint64_t client)
{
    struct ctx_control *control = data;
    size_t before = ctx_holds_count(&control->holds);
    ctx_subscriptions_remove_client(control->subscriptions, client);
    ctx_holds_end_client(&control->holds, client);
    ctx_holds_apply(control, before);
}

static void deliver(void *data, uint64_t client, const json_t *params)
{
    struct ctx_control *control = data;
    ctx_server_notify(control->server, client, params);
}

/* Who may connect; without a group of that name, the system's daemon serves its user and root. */
static struct ctx_peer_policy make_policy(bool system)
{
    struct ctx_peer_policy policy = { .uid = geteuid() };
    const struct group *group = system ? getgrnam("contextor") : NULL;
    if (group) {
        policy.has_group = true;
        policy.gid = group->gr_gid;
    }
    return policy;
}

static int open_socket(struct ctx_control *control, const struct ctx_control_options *options,
                       const struct ctx_peer_policy *policy, struct ctx_error *error)
{
    if (control->listen_fd >= 0)
        return 0;
    const struct ctx_listener_options listen = {
        .path = options->socket_path,
        .mode = policy->has_group ? 0660 : 0600,
        .gid = policy->has_group ? policy->gid : (gid_t)-1,
    };
    return ctx_listener_open(&listen, &control->listener, error);
}

static int start(struct ev_loop *loop, struct ctx_control *control,
                 const struct ctx_control_options *options, struct ctx_error *error)
{
    struct ctx_peer_policy policy = make_policy(options->system);
    int status = open_socket(control, options, &policy, error);
    if (status)
        return status;
    status = ctx_subscriptions_new(deliver, control, &control->subscriptions);
    if (status)
        return ctx_error_set(error, status, "out of memory");
    struct ctx_server_options server = {
        .listen_fd =
            control->listener ? ctx_listener_get_fd(control->listener) : control->listen_fd,
        .policy = policy,
        .call = ctx_command_call,
        .client_gone = client_gone,
        .data = control,
    };
    server.commands = ctx_commands(&server.n_commands);
    status = ctx_server_new(loop, &server, &control->server);
    return status ? ctx_error_set(error, status, "out of memory") : 0;
}

int ctx_control_new(struct ev_loop *loop, const struct ctx_control_options *options,
                    struct ctx_control **ret_control, struct ctx_error *error)
{
    struct ctx_control *control = calloc(1, sizeof(*control));
    if (!control)
        return ctx_error_set(error, -ENOMEM, "out of memory");
    control->daemon = options->daemon;
    control->listen_fd = options->listen_fd;
    ctx_holds_init(&control->holds);
    int status = start(loop, control, options, error);
    if (status) {
        ctx_control_free(control);
        return status;
    }
    *ret_control = control;
    return 0;
}

void ctx_control_free(struct ctx_control *control)
{
    if (!control)
        return;
    ctx_server_free(control->server);
    ctx_subscriptions_free(control->subscriptions);
    ctx_holds_deinit(&control->holds);
    ctx_listener_free(control->listener);
    ctx_closep(&control->listen_fd);
    free(control);
}

void ctx_control_publish(struct ctx_control *control, const char *source,
                         const struct ctx_event *event)
{
    if (!ctx_subscriptions_any(control->subscriptions))
        return;
    ctx_subscriptions_publish(control->subscriptions, ctx_event_name(event->kind), source,
                              event->kind == CTX_EVENT_BATCH ? NULL : event->path,
                              ctx_describe_event(source, event));
}

void ctx_control_publish_state(struct ctx_control *control, const char *source, const char *state,
                               const char *detail)
{
    if (!ctx_subscriptions_any(control->subscriptions))
        return;
    json_t *params = json_pack("{s:s, s:s}", "event", "state", "state", state);
    if (source)
        json_object_set_new(params, "source", ctx_json_text(source));
    if (detail && *detail)
        json_object_set_new(params, "detail", ctx_json_text(detail));
    ctx_subscriptions_publish(control->subscriptions, "state", source, NULL, params);
}

void ctx_control_stats(const struct ctx_control *control, struct ctx_server_stats *ret_stats)
{
    ctx_server_stats(control->server, ret_stats);
}

size_t ctx_control_holds(const struct ctx_control *control)
{
    return ctx_holds_count(&control->holds);
}
