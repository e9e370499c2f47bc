/*
 * Drops boilerplate navigation. Prose that mentions such words stays: only a link counts, and only
 * when its line holds nothing else. A part of the links stage; pure.
 */
#include "transform/boilerplate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "transform/lone_lines.h"

/* What may follow a pattern within the link's text. */
enum tail {
    TAIL_NONE, /* punctuation, or where the page is edited */
    TAIL_ANY,  /* the title of the page it leads to */
};

static const struct pattern {
    const char *text; /* lower case; a blank stands for any white space, none included */
    enum tail tail;
} patterns[] = {
    { "edit this page", TAIL_NONE },
    { "edit on github", TAIL_NONE },
    { "improve this page", TAIL_NONE },
    { "← prev", TAIL_ANY },
    { "<- prev", TAIL_ANY },
    { "« prev", TAIL_ANY },
    { "‹ prev", TAIL_ANY },
    { "next →", TAIL_ANY },
    { "next ->", TAIL_ANY },
    { "next »", TAIL_ANY },
    { "next ›", TAIL_ANY },
    { "back to top", TAIL_NONE },
    { "share on twitter", TAIL_NONE },
    { "share on facebook", TAIL_NONE },
    { "share on x", TAIL_NONE },
    { "share on linkedin", TAIL_NONE },
};

enum { LONGEST_TEXT = 120 };

static bool is_letter(char byte)
{
    return ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') || (unsigned char)byte >= 0x80 ||
           (byte >= '0' && byte <= '9');
}

static bool is_emphasis(char byte)
{
    return byte == '*' || byte == '_';
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

/* How much of the text the pattern matches; 0: it does not. */
static size_t match(const char *text, const char *pattern)
{
    size_t at = 0;
    for (; *pattern; pattern++) {
        if (*pattern == ' ') {
            while (is_blank(text[at]))
                at++;
        } else {
            char byte = text[at];
            if (byte >= 'A' && byte <= 'Z')
                byte = (char)(byte | 0x20);
            if (byte != *pattern)
                return 0;
            at++;
        }
    }
    return at;
}

/* "…", " on GitHub", "." */
static bool is_short_tail(const char *tail)
{
    static const char *const places[] = { " on github", " on gitlab", " on bitbucket" };
    for (size_t i = 0; i < CTX_ARRAY_LEN(places); i++) {
        size_t len = match(tail, places[i]);
        if (len > 0) {
            tail += len;
            break;
        }
    }
    for (; *tail; tail++)
        if (is_letter(*tail))
            return false;
    return true;
}

/* After "prev" comes its end, or "ious" and its end: not "preview". */
static bool ends_word(const char *tail)
{
    size_t rest = match(tail, "ious");
    return !is_letter(tail[rest]);
}

static bool is_boilerplate_text(const char *text)
{
    char first = *text >= 'A' && *text <= 'Z' ? (char)(*text | 0x20) : *text;
    for (size_t i = 0; i < CTX_ARRAY_LEN(patterns); i++) {
        if (patterns[i].text[0] != first)
            continue;
        size_t len = match(text, patterns[i].text);
        if (len == 0)
            continue;
        if (patterns[i].tail == TAIL_NONE
                ? is_short_tail(text + len)
                : (!is_letter(text[len - 1]) || (unsigned char)text[len - 1] >= 0x80 ||
                   ends_word(text + len)))
            return true;
    }
    return false;
}

static enum ctx_lone_fate judge(void *context, const struct ctx_inlines *inlines, size_t index)
{
    const char *text = context;
    const struct ctx_inline *item = &inlines->items[index];
    if (item->kind != CTX_INLINE_LINK)
        return CTX_LONE_STAYS;
    char copy[LONGEST_TEXT + 1];
    size_t at = item->text.begin;
    size_t end = item->text.end;
    while (at < end && (is_blank(text[at]) || is_emphasis(text[at])))
        at++;
    while (end > at && (is_blank(text[end - 1]) || is_emphasis(text[end - 1])))
        end--;
    if (end - at > LONGEST_TEXT || memchr(text + at, '\n', end - at))
        return CTX_LONE_STAYS;
    memcpy(copy, text + at, end - at);
    copy[end - at] = '\0';
    return is_boilerplate_text(copy) ? CTX_LONE_GOES : CTX_LONE_STAYS;
}

int ctx_boilerplate_drop(struct ctx_draft *draft, size_t index, struct ctx_inlines *inlines,
                         struct ctx_patch *patch)
{
    static const char *const separators[] = { " ",  "\t", "|", "*", "_", "-", "/",
                                              "\\", "·",  "•", "—", "–", "│", NULL };
    const struct ctx_lone_rule rule = {
        .name = "boilerplate",
        .separators = separators,
        .rule_above = true,
        .judge = judge,
        .context = draft->text.data,
    };
    return ctx_lone_drop(draft, index, inlines, &rule, patch);
}
