/* What single values of a configuration must be. Pure; any thread. */
#include "config/checks.h"

#include <stdbool.h>
#include <string.h>

enum { NAME_MAX_LEN = 128 };

static bool has_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return true;
    return false;
}

static bool has_blank(const char *text)
{
    return has_control(text) || strchr(text, ' ');
}

static bool leaves_folder(const char *path)
{
    for (const char *at = path; *at;) {
        size_t len = strcspn(at, "/");
        if (len == 2 && at[0] == '.' && at[1] == '.')
            return true;
        at += len + (at[len] == '/');
    }
    return false;
}

/* The ']' of a class that begins at `at`, behind its '['; NULL when it has none. */
static const char *class_end(const char *at)
{
    at += *at == '!' || *at == '^';
    for (const char *first = at; *at && (*at != ']' || at == first); at++) {
        const char *named = at[0] == '[' && at[1] == ':' ? strstr(at + 2, ":]") : NULL;
        if (named)
            at = named + 1;
        else if (*at == '\\' && at[1] != '\0')
            at++;
    }
    return *at ? at : NULL;
}

/* Whether classes are closed and the last backslash has something to escape. */
static bool is_pattern(const char *text)
{
    while (*text) {
        if (*text == '\\')
            text++;
        else if (*text == '[')
            text = class_end(text + 1);
        if (!text || *text == '\0')
            return false;
        text++;
    }
    return true;
}

const char *ctx_check_word(const char *text)
{
    if (text[strspn(text, " \t")] == '\0')
        return "is empty; give a word or remove it";
    if (has_control(text))
        return "holds a control character; remove it";
    return NULL;
}

const char *ctx_check_name(const char *text)
{
    const char *wrong = ctx_check_word(text);
    if (wrong)
        return wrong;
    if (strchr(text, '/'))
        return "holds a '/'; give a plain name, without folders";
    if (strlen(text) > NAME_MAX_LEN)
        return "is longer than 128 bytes; give a shorter name";
    return NULL;
}

const char *ctx_check_path(const char *text)
{
    if (text[0] == '\0')
        return "is empty; give a path";
    if (text[0] == '~' && text[1] != '/' && text[1] != '\0')
        return "begins with another user's folder, which is not looked up; give the whole path";
    return NULL;
}

const char *ctx_check_repo(const char *text)
{
    if (text[0] == '\0')
        return "is empty; give owner/name, or leave it out to have it read from .git";
    if (has_blank(text))
        return "holds a blank; give owner/name or the repository's URL";
    return NULL;
}

const char *ctx_check_ref(const char *text)
{
    if (text[0] == '\0')
        return "is empty; give a branch, a tag or a commit, or leave it out";
    if (has_blank(text) || strpbrk(text, "~^:?*[\\") || strstr(text, ".."))
        return "is no name that git would take; give a branch, a tag or a commit";
    return NULL;
}

const char *ctx_check_url(const char *text)
{
    bool http = strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0;
    if (!http || strstr(text, "://")[3] == '\0' || has_blank(text))
        return "is no URL; give one that begins with https:// or http://";
    return NULL;
}

const char *ctx_check_pattern(const char *text)
{
    if (text[0] == '\0')
        return "is empty; give a pattern such as \"guide/**/*.md\"";
    if (has_control(text))
        return "holds a control character; remove it";
    if (leaves_folder(text))
        return "holds \"..\"; patterns are below the root";
    if (!is_pattern(text))
        return "ends inside a [class], or in a backslash; escape what is a letter with a backslash";
    return NULL;
}

const char *ctx_check_folder(const char *text)
{
    if (text[0] == '\0')
        return "is empty; give a folder of the repository, \".\" for all of it";
    if (has_control(text))
        return "holds a control character; remove it";
    if (leaves_folder(text))
        return "holds \"..\"; folders are below the repository's top";
    return NULL;
}

const char *ctx_check_left_out(const char *text)
{
    const char *wrong = ctx_check_folder(text);
    return wrong || is_pattern(text) ? wrong : ctx_check_pattern(text);
}
