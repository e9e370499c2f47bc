/*
 * Shortens JSON by whole members. A scan notes each member of each container with its lines; then
 * the run to leave out is chosen among the tails of the containers. What is left is JSON when the
 * input was: the run ends its container, and the marker takes its place. Pure; any thread.
 */
#include "transform/json_elide.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "contextor/error.h"

struct member {
    size_t begin; /* of what belongs to it: comments above it, its key or value */
    size_t line;
    size_t next; /* its sibling in `members`; 0: none, as the first member is nobody's sibling */
};

struct container {
    bool object;
    size_t first; /* in `members` */
    size_t n;
    size_t end; /* past the last member, its comma and the comment on its line */
    size_t end_line;
};

struct scan {
    const char *text;
    size_t len;
    size_t at;
    size_t line; /* newlines before `at` */
    unsigned depth;
    struct member *members;
    size_t n_members, members_capacity;
    struct container *containers;
    size_t n_containers, containers_capacity;
    bool memory_is_out;
};

static bool scan_value(struct scan *scan);

static bool grow(struct scan *scan, void **array, size_t n, size_t *capacity, size_t size)
{
    if (n < *capacity)
        return true;
    size_t more = *capacity ? 2 * *capacity : 64;
    void *grown = reallocarray(*array, more, size);
    if (!grown) {
        scan->memory_is_out = true;
        return false;
    }
    *array = grown;
    *capacity = more;
    return true;
}

static char peek(const struct scan *scan)
{
    return scan->at < scan->len ? scan->text[scan->at] : '\0';
}

static bool starts(const struct scan *scan, const char *string)
{
    size_t n = strlen(string);
    return scan->len - scan->at >= n && memcmp(scan->text + scan->at, string, n) == 0;
}

/* Past a comment; false: there is none. A comment that does not end takes the rest. */
static bool skip_comment(struct scan *scan)
{
    if (starts(scan, "//")) {
        while (scan->at < scan->len && scan->text[scan->at] != '\n')
            scan->at++;
        return true;
    }
    if (!starts(scan, "/*"))
        return false;
    for (scan->at += 2; scan->at < scan->len && !starts(scan, "*/"); scan->at++)
        scan->line += scan->text[scan->at] == '\n';
    scan->at += scan->at < scan->len ? 2 : 0;
    return true;
}

/* Past blanks, and newlines too unless `same_line`, but not past comments. */
static void skip_blanks(struct scan *scan, bool same_line)
{
    for (; scan->at < scan->len; scan->at++) {
        char byte = scan->text[scan->at];
        if (byte == '\n' && same_line)
            return;
        if (!strchr(" \t\r\n", byte) || !byte)
            return;
        scan->line += byte == '\n';
    }
}

static void skip_space(struct scan *scan)
{
    do
        skip_blanks(scan, false);
    while (skip_comment(scan));
}

static bool take(struct scan *scan, char byte)
{
    if (peek(scan) != byte)
        return false;
    scan->at++;
    return true;
}

static bool scan_string(struct scan *scan)
{
    if (!take(scan, '"'))
        return false;
    while (scan->at < scan->len && scan->text[scan->at] != '\n') {
        char byte = scan->text[scan->at++];
        if (byte == '"')
            return true;
        if (byte == '\\' && scan->at < scan->len && scan->text[scan->at] != '\n')
            scan->at++;
    }
    return false;
}

/* A number or a literal. */
static bool scan_word(struct scan *scan)
{
    static const char *const literals[] = { "true", "false", "null" };
    for (size_t i = 0; i < CTX_ARRAY_LEN(literals); i++) {
        if (starts(scan, literals[i])) {
            scan->at += strlen(literals[i]);
            return true;
        }
    }
    size_t begin = scan->at;
    while (peek(scan) && strchr("+-0123456789.eE", peek(scan)))
        scan->at++;
    return scan->at > begin && strchr("-0123456789", scan->text[begin]);
}

static bool add_member(struct scan *scan, size_t container, size_t *last)
{
    if (!grow(scan, (void **)&scan->members, scan->n_members, &scan->members_capacity,
              sizeof(*scan->members)))
        return false;
    size_t index = scan->n_members++;
    scan->members[index] = (struct member){ .begin = scan->at, .line = scan->line };
    if (scan->containers[container].n++ == 0)
        scan->containers[container].first = index;
    else
        scan->members[*last].next = index;
    *last = index;
    return true;
}

/* A key and its value, or a value. */
static bool scan_member(struct scan *scan, bool object)
{
    skip_space(scan);
    if (object) {
        if (!scan_string(scan))
            return false;
        skip_space(scan);
        if (!take(scan, ':'))
            return false;
        skip_space(scan);
    }
    return scan_value(scan);
}

/* Past the comma after a member, if there is one, and past comments on the member's line. */
static bool skip_comma(struct scan *scan, struct container *container)
{
    bool comma = false;
    for (;;) {
        container->end = scan->at;
        container->end_line = scan->line;
        skip_blanks(scan, true);
        if (!comma && take(scan, ','))
            comma = true;
        else if (!skip_comment(scan))
            break;
    }
    if (comma)
        return true;
    skip_space(scan); /* a comma on a line below */
    if (!take(scan, ','))
        return false;
    container->end = scan->at;
    container->end_line = scan->line;
    return true;
}

/* From after the opening bracket to past the closing one. */
static bool scan_members(struct scan *scan, size_t index, char close)
{
    size_t last = 0;
    for (bool comma = true;;) {
        skip_blanks(scan, false);
        size_t begin = scan->at;
        size_t line = scan->line;
        skip_space(scan);
        if (take(scan, close))
            return true;
        if (!comma)
            return false;
        scan->at = begin;
        scan->line = line;
        if (!add_member(scan, index, &last) || !scan_member(scan, scan->containers[index].object))
            return false;
        struct container container = scan->containers[index];
        comma = skip_comma(scan, &container);
        scan->containers[index] = container;
    }
}

static bool scan_container(struct scan *scan, char open)
{
    size_t index = scan->n_containers;
    if (scan->depth == CTX_LIMIT_NESTING ||
        !grow(scan, (void **)&scan->containers, index, &scan->containers_capacity,
              sizeof(*scan->containers)))
        return false;
    scan->containers[scan->n_containers++] = (struct container){ .object = open == '{' };
    scan->depth++;
    bool closed = scan_members(scan, index, open == '{' ? '}' : ']');
    scan->depth--;
    return closed;
}

static bool scan_value(struct scan *scan)
{
    char byte = peek(scan);
    if (take(scan, '{') || take(scan, '['))
        return scan_container(scan, byte);
    return byte == '"' ? scan_string(scan) : scan_word(scan);
}

static bool scan_document(struct scan *scan)
{
    skip_space(scan);
    if (!scan_value(scan))
        return false;
    skip_space(scan);
    return scan->at == scan->len;
}

/* The run of a container's members from one of them on. */
struct run {
    const struct container *container;
    size_t member;
    size_t omitted;
    size_t left; /* lines that stay */
};

static struct run run_from(const struct scan *scan, size_t lines, const struct container *container,
                           size_t member, size_t omitted)
{
    size_t gone = container->end_line - scan->members[member].line;
    return (struct run){ container, member, omitted, lines - gone };
}

/*
 * The run that leaves about `head` lines before it: from the last member that begins within them,
 * on a line of its own if there is such, but never the first member.
 */
static struct run tail_of(const struct scan *scan, size_t lines, const struct container *container,
                          size_t head)
{
    size_t index = scan->members[container->first].next;
    size_t chosen = index;
    size_t chosen_at = 1;
    size_t line = scan->members[container->first].line;
    for (size_t at = 1; index != 0 && scan->members[index].line <= head; at++) {
        if (scan->members[index].line > line || at == 1) {
            chosen = index;
            chosen_at = at;
        }
        line = scan->members[index].line;
        index = scan->members[index].next;
    }
    return run_from(scan, lines, container, chosen, container->n - chosen_at);
}

/*
 * The container's tail that leaves the most, of equal ones the outermost; when none is enough, all
 * members of the container that is enough.
 */
static bool choose(const struct scan *scan, size_t lines, size_t most, size_t head,
                   struct run *ret_run)
{
    struct run tail = { 0 }, whole = { 0 };
    for (size_t i = 0; i < scan->n_containers; i++) {
        const struct container *container = &scan->containers[i];
        if (container->n == 0)
            continue;
        struct run run = run_from(scan, lines, container, container->first, container->n);
        if (run.left <= most && run.left > whole.left)
            whole = run;
        if (container->n == 1)
            continue;
        run = tail_of(scan, lines, container, head);
        if (run.left <= most && run.left > tail.left)
            tail = run;
    }
    *ret_run = tail.container ? tail : whole;
    return ret_run->container;
}

/* Without members, the blanks between its brackets are all there is: nothing is said of them. */
static bool take_blanks(const struct scan *scan, size_t lines, struct ctx_buffer *marker,
                        struct ctx_json_cut *ret_cut)
{
    if (scan->n_containers != 1 || memchr(scan->text, '/', scan->len))
        return false;
    ctx_buffer_puts(marker, scan->containers[0].object ? "{}" : "[]");
    *ret_cut = (struct ctx_json_cut){ .begin = 0, .end = scan->len - 1, .lines = lines - 1 };
    return true;
}

/* The outermost container's members, and all around them: what is left is one line. */
static bool take_all(const struct scan *scan, size_t lines, struct ctx_buffer *marker,
                     struct ctx_json_cut *ret_cut)
{
    const struct container *top = scan->containers;
    if (scan->n_containers == 0 || top->n == 0)
        return take_blanks(scan, lines, marker, ret_cut);
    ctx_buffer_printf(
        marker, top->object ? "{ \"…\": \"%zu member%s omitted\" }" : "[\"%zu member%s omitted\"]",
        top->n, top->n == 1 ? "" : "s");
    *ret_cut = (struct ctx_json_cut){
        .begin = 0, .end = scan->len - 1, .members = top->n, .lines = lines - 1
    };
    return true;
}

int ctx_json_elide(const char *text, size_t len, size_t most, size_t head,
                   struct ctx_buffer *marker, struct ctx_json_cut *ret_cut)
{
    struct scan scan = { .text = text, .len = len };
    struct run run = { 0 };
    int r = scan_document(&scan) ? 0 : CTX_UNCHANGED;
    size_t lines = scan.line + (len > 0 && text[len - 1] != '\n');
    bool found = r == 0 && choose(&scan, lines, most, head, &run);
    if (r == 0 && !found)
        r = take_all(&scan, lines, marker, ret_cut) ? ctx_buffer_status(marker) : CTX_UNCHANGED;
    if (r == 0 && found) {
        size_t begin = scan.members[run.member].begin;
        *ret_cut = (struct ctx_json_cut){
            .begin = begin,
            .end = run.container->end,
            .members = run.omitted,
            .lines = lines - run.left,
        };
        ctx_buffer_printf(marker, "%s\"%zu member%s omitted\"",
                          run.container->object ? "\"…\": " : "", run.omitted,
                          run.omitted == 1 ? "" : "s");
        r = ctx_buffer_status(marker);
    }
    free(scan.members);
    free(scan.containers);
    return scan.memory_is_out ? -ENOMEM : r;
}
