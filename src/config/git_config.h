#ifndef CTX_CONFIG_GIT_CONFIG_H
#define CTX_CONFIG_GIT_CONFIG_H

#include <stddef.h>

/*
 * The first value of one variable in text of git's configuration format (git-config(1), "Syntax"):
 * sections and keys regardless of case, subsections by case, quotes, escapes, comments, lines
 * continued by a backslash. Includes are not followed. `subsection` NULL: the section without one.
 * malloc'ed; NULL when there is none, or memory is out. Pure; any thread.
 */
char *ctx_git_config_get(const char *text, size_t len, const char *section, const char *subsection,
                         const char *key);

#endif
