/*
 * What the owner is told: paths are put together here, and warnings held in bounds. The loop's
 * thread.
 */
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "watch/state.h"

/* Warnings a root may give between two sweeps; a broken tree must not flood the log. */
enum { WARNINGS_MAX = 20 };

uint64_t ctx_watch_clock_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void ctx_report_warning(struct ctx_root *root, const char *format, ...)
{
    const struct ctx_watch_handler *handler = &root->watch->handler;
    if (!handler->warning || root->warnings > WARNINGS_MAX)
        return;
    char text[CTX_ERROR_TEXT_MAX];
    if (root->warnings++ == WARNINGS_MAX) {
        handler->warning(handler->data, root->number, "further warnings are not shown");
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    handler->warning(handler->data, root->number, text);
}

void ctx_report_document(struct ctx_dir *dir, const char *name, enum ctx_watch_sighting sighting,
                         const struct stat *st)
{
    struct ctx_watch *watch = dir->root->watch;
    const char *path = ctx_dir_path(dir, name, watch->path);
    if (path)
        watch->handler.sighting(watch->handler.data, dir->root->number, sighting, path, st);
    else if (ctx_dir_attached(dir))
        ctx_report_warning(dir->root, "%s: the path is too long: not read", name);
}

void ctx_report_directory_gone(struct ctx_dir *dir)
{
    struct ctx_watch *watch = dir->root->watch;
    const char *path = ctx_dir_path(dir, NULL, watch->path);
    if (path)
        watch->handler.directory_gone(watch->handler.data, dir->root->number, path);
}

void ctx_report_kept(struct ctx_dir *dir)
{
    struct ctx_watch *watch = dir->root->watch;
    const char *path = ctx_dir_path(dir, NULL, watch->path);
    if (path && watch->handler.scan_kept)
        watch->handler.scan_kept(watch->handler.data, dir->root->number, path);
}
