#ifndef CTX_DAEMON_PATH_FILTER_H
#define CTX_DAEMON_PATH_FILTER_H

#include <stdbool.h>

/*
 * Whether a path below a root passes a subscriber's pattern: fnmatch(3)'s in each part, and a part
 * "**" for any number of parts (for at least one at the end). Pure; its time is bounded by the
 * product of the lengths.
 */
bool ctx_path_filter_match(const char *pattern, const char *path);

#endif
