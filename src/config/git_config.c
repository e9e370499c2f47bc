/* Reads one value out of git's configuration format. Tolerant: a line it cannot read is skipped. */
#include "config/git_config.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

struct cursor {
    const char *at, *end;
};

static bool more(const struct cursor *c)
{
    return c->at < c->end;
}

static void skip_line(struct cursor *c)
{
    while (more(c) && *c->at != '\n')
        c->at++;
}

static void skip_blanks(struct cursor *c)
{
    while (more(c) && (*c->at == ' ' || *c->at == '\t' || *c->at == '\r'))
        c->at++;
}

static bool equals(const char *from, size_t len, const char *word)
{
    return strlen(word) == len && strncasecmp(from, word, len) == 0;
}

/* A quoted subsection, compared as it is decoded; the cursor is left behind the closing quote. */
static bool subsection_equals(struct cursor *c, const char *subsection)
{
    bool same = true;
    for (c->at++; more(c) && *c->at != '"' && *c->at != '\n'; c->at++) {
        if (*c->at == '\\' && c->at + 1 < c->end)
            c->at++;
        same = same && *subsection == *c->at;
        if (*subsection)
            subsection++;
    }
    if (more(c) && *c->at == '"')
        c->at++;
    return same && *subsection == '\0';
}

/* "[section "subsection"]", the cursor at its bracket; also the old "[section.subsection]". */
static bool section_matches(struct cursor *c, const char *section, const char *subsection)
{
    const char *from = ++c->at;
    while (more(c) && (isalnum((unsigned char)*c->at) || *c->at == '-' || *c->at == '.'))
        c->at++;
    size_t len = (size_t)(c->at - from);
    skip_blanks(c);
    bool matches;
    if (more(c) && *c->at == '"') {
        bool same = equals(from, len, section);
        matches = subsection_equals(c, subsection ? subsection : "") && same && subsection;
    } else if (!subsection) {
        matches = equals(from, len, section);
    } else {
        size_t section_len = strlen(section);
        matches = len > section_len && from[section_len] == '.' &&
                  equals(from, section_len, section) &&
                  equals(from + section_len + 1, len - section_len - 1, subsection);
    }
    skip_blanks(c);
    if (!more(c) || *c->at != ']')
        return false;
    c->at++;
    return matches;
}

static char unescape(char letter)
{
    switch (letter) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case 'b':
        return '\b';
    default:
        return letter;
    }
}

/* What follows '=', up to the end of its (perhaps continued) line. */
static char *take_value(struct cursor *c)
{
    char *value = malloc((size_t)(c->end - c->at) + 1);
    if (!value)
        return NULL;
    size_t len = 0, kept = 0; /* kept: without blanks at the end */
    bool quoted = false;
    skip_blanks(c);
    for (; more(c) && *c->at != '\n'; c->at++) {
        char byte = *c->at;
        if (!quoted && (byte == '#' || byte == ';'))
            break;
        if (byte == '"') {
            quoted = !quoted;
            kept = len;
            continue;
        }
        bool escaped = byte == '\\' && c->at + 1 < c->end;
        if (escaped && *++c->at == '\n')
            continue;
        value[len++] = escaped ? unescape(*c->at) : byte;
        if (quoted || escaped || !isspace((unsigned char)byte))
            kept = len;
    }
    value[kept] = '\0';
    skip_line(c);
    return value;
}

/* "key = value"; NULL when it is another key, or a key without a value. */
static char *take_variable(struct cursor *c, bool wanted, const char *key)
{
    const char *from = c->at;
    while (more(c) && (isalnum((unsigned char)*c->at) || *c->at == '-'))
        c->at++;
    wanted = wanted && equals(from, (size_t)(c->at - from), key);
    skip_blanks(c);
    if (!more(c) || *c->at != '=') {
        skip_line(c);
        return NULL;
    }
    c->at++;
    CTX_AUTO_FREE char *value = take_value(c);
    return wanted ? CTX_TAKE(value) : NULL;
}

char *ctx_git_config_get(const char *text, size_t len, const char *section, const char *subsection,
                         const char *key)
{
    struct cursor c = { text, text + len };
    bool inside = false;
    while (more(&c)) {
        skip_blanks(&c);
        if (!more(&c))
            break;
        if (*c.at == '\n') {
            c.at++;
        } else if (*c.at == '#' || *c.at == ';') {
            skip_line(&c);
        } else if (*c.at == '[') {
            inside = section_matches(&c, section, subsection);
        } else if (!isalnum((unsigned char)*c.at)) {
            skip_line(&c);
        } else {
            char *value = take_variable(&c, inside, key);
            if (value)
                return value;
        }
    }
    return NULL;
}
