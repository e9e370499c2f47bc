#ifndef CTX_TRANSFORM_MDX_TAGS_H
#define CTX_TRANSFORM_MDX_TAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "contextor/buffer.h"

/* JSX tags, by the grammar of MDX. Spans are borrowed from the text. Pure; any thread. */

struct ctx_span {
    const char *data;
    size_t len;
};

struct ctx_tag {
    struct ctx_span name; /* "" for a fragment; "Tabs.Tab" and "svg:rect" in one piece */
    bool closing;         /* </name> */
    bool self_closing;    /* <name/> */
    struct ctx_span attributes;
};

struct ctx_attribute {
    enum { CTX_ATTR_NONE, CTX_ATTR_STRING, CTX_ATTR_EXPRESSION, CTX_ATTR_SPREAD } kind;
    struct ctx_span name;
    struct ctx_span value; /* inside of the quotes or braces */
};

/*
 * Reads the tag whose `<` is at `at`. The offset past its `>`; CTX_SCAN_TEXT when white space
 * follows the `<`, CTX_SCAN_BAD, or CTX_SCAN_MORE when the text ends inside (see mdx/js.h).
 */
ssize_t ctx_tag_read(const char *text, size_t len, size_t at, struct ctx_tag *ret_tag);

/* The tag that was read as [begin, end), again: only its name is looked at. */
struct ctx_tag ctx_tag_reread(const char *text, size_t begin, size_t end);

/* The next attribute from `*at` on (0 at first); false after the last. */
bool ctx_tag_next(const struct ctx_tag *tag, size_t *at, struct ctx_attribute *ret_attribute);

/*
 * Appends the text of an attribute that is a string or a literal in braces, with character
 * references as in HTML (mdx/entities.h). Whether it is of that kind.
 */
bool ctx_attribute_text(const struct ctx_attribute *attribute, struct ctx_buffer *ret);

/*
 * The letters with which names begin that may have a value: a set of bits, each the letter's lowest
 * five. One look at all attributes, where many names are asked for.
 */
uint32_t ctx_tag_initials(const struct ctx_tag *tag);
/* Whether that set has the name's first letter. */
static inline bool ctx_tag_may_have(uint32_t initials, const char *name)
{
    return initials >> (*name & 31) & 1;
}

/* The attribute of that name; false when there is none. */
bool ctx_tag_find(const struct ctx_tag *tag, const char *name, struct ctx_attribute *ret_attribute);
/* Appends the text of the attribute of that name; whether there is one that is not empty. */
bool ctx_tag_text(const struct ctx_tag *tag, const char *name, struct ctx_buffer *ret);

/* Whether that is a component's name: it begins with a capital, holds a dot, or is a fragment's. */
bool ctx_tag_is_component(struct ctx_span name);

bool ctx_span_is(struct ctx_span span, const char *string);

#endif
