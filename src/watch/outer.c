/*
 * Ignore files outside the trees. An event only says that the root is to be checked; the check
 * stats. Rules are the owner's, who makes them. The loop's thread.
 */
#include "watch/outer.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#include "base/cleanup.h"
#include "watch/state.h"

static const uint32_t outer_mask =
    IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;

/* Watches the directory of one file, unless it does. Not being able to is made up for by checks. */
static void watch_file(struct ctx_root *root, struct ctx_outer *outer, const char *path)
{
    struct ctx_points *points = &root->watch->points;
    struct stat st;
    if (ctx_listener_armed(&outer->listener) || !points->enabled || !path)
        return;
    CTX_AUTO_FREE char *copy = strdup(path);
    char *slash = copy ? strrchr(copy, '/') : NULL;
    if (!slash)
        return;
    *slash = '\0';
    CTX_AUTO_CLOSE int fd = open(copy, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        return;
    ctx_points_detach(points, &outer->listener);
    free(outer->name);
    outer->name = strdup(slash + 1);
    if (outer->name && ctx_points_attach(points, &st, &outer->listener) == 0)
        (void)ctx_points_arm(points, &outer->listener, fd, outer_mask, false);
}

void ctx_outer_forget(struct ctx_root *root)
{
    for (size_t i = 0; i < CTX_OUTER_FILES; i++) {
        ctx_points_detach(&root->watch->points, &root->outer[i].listener);
        free(root->outer[i].name);
        root->outer[i].name = NULL;
    }
}

static void renew_rules(struct ctx_root *root)
{
    const struct ctx_watch_handler *handler = &root->watch->handler;
    const struct ctx_ignore_rules *rules =
        handler->rules ? handler->rules(handler->data, root->number) : NULL;
    if (!rules)
        return;
    root->rules = rules;
    ctx_outer_forget(root); /* the user's may be another file now */
    root->unsure = true;    /* watched by the next check, which sees what happens until then */
    if (root->top) {
        root->top->layer_id = 0;
        ctx_sweep_request(root, root->top, 0);
    }
}

void ctx_outer_check(struct ctx_root *root)
{
    for (size_t i = 0; i < CTX_OUTER_FILES; i++)
        watch_file(root, &root->outer[i], ctx_ignore_rules_outer_file(root->rules, i));
    if (!ctx_ignore_rules_current(root->rules))
        renew_rules(root);
}

void ctx_outer_event(struct ctx_outer *outer, const struct ctx_inotify_event *event)
{
    if (!*event->name || strcmp(event->name, outer->name) == 0)
        outer->root->unsure = true;
}
