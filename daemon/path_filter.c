/*
 * Subscribers' patterns, part by part; fnmatch(3) does a part. A "**" remembers where it began, and
 * on failure takes one part more: only the last one need be tried again, as with '*' in a name.
 */
#include "daemon/path_filter.h"

#include <fnmatch.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>

enum { PART_MAX = 256 }; /* a name has NAME_MAX bytes at most */

static bool match_part(const char *pattern, size_t pattern_len, const char *name, size_t name_len)
{
    char pattern_part[PART_MAX];
    char name_part[PART_MAX];
    if (pattern_len >= PART_MAX || name_len >= PART_MAX)
        return false;
    memcpy(pattern_part, pattern, pattern_len);
    pattern_part[pattern_len] = '\0';
    memcpy(name_part, name, name_len);
    name_part[name_len] = '\0';
    return fnmatch(pattern_part, name_part, 0) == 0;
}

/* What follows a part of that length; NULL at the end. */
static const char *next_part(const char *part, size_t len)
{
    return part[len] ? part + len + 1 : NULL;
}

bool ctx_path_filter_match(const char *pattern, const char *path)
{
    const char *star = NULL;   /* the pattern after the last "**" */
    const char *resume = NULL; /* where the path was when that was met */
    while (path) {
        size_t name_len = strcspn(path, "/");
        size_t pattern_len = pattern ? strcspn(pattern, "/") : 0;
        if (pattern && pattern_len == 2 && memcmp(pattern, "**", 2) == 0) {
            if (!pattern[2])
                return true;
            star = pattern += 3;
            resume = path;
        } else if (pattern && match_part(pattern, pattern_len, path, name_len)) {
            pattern = next_part(pattern, pattern_len);
            path = next_part(path, name_len);
        } else if (star) {
            pattern = star;
            path = resume = next_part(resume, strcspn(resume, "/"));
        } else {
            return false;
        }
    }
    return !pattern;
}
