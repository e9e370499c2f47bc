/*
 * Seams. The rules are CommonMark's for delimiter runs, with the tag that is gone as the
 * punctuation that it was to them: a run next to it may begin or end emphasis by what stands on its
 * other side alone. Invariant: a look at a seam reads a bounded part of the line, runs aside.
 */
#include "transform/mdx/seam.h"

#include <stddef.h>
#include <string.h>

enum { ADDRESS_MAX = 256, EMPHASIS_MAX = 1024 };

/* A side of the seam: the character at it, or the delimiter run and what is beyond the run. */
struct side {
    char at;     /* the character at the seam */
    char beyond; /* behind the run; a blank where the line ends, or a quotation begins */
    size_t run;  /* characters of the run; 0 when there is none */
    bool ends;   /* emphasis by such a run is open, so that this one ends it */
};

static bool is_white(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

static bool is_punctuation(char c)
{
    return c && strchr("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", c);
}

static bool is_word(char c)
{
    return !is_white(c) && !is_punctuation(c);
}

static bool is_mark(char c)
{
    return c == '*' || c == '_' || c == '~';
}

static bool is_quote(char c)
{
    return c == '"' || c == '\'';
}

/* What stands before the first word of a text. */
static bool opens_text(char c)
{
    return is_white(c) || c == '(' || c == '[' || c == '{' || c == '|';
}

/* Whether there is an odd number of such runs near the line's end. */
static bool is_open(struct ctx_span line, char mark, size_t run)
{
    size_t i = line.len > EMPHASIS_MAX ? line.len - EMPHASIS_MAX : 0;
    bool open = false;
    while (i < line.len) {
        size_t n = 0;
        if (line.data[i] == '\\')
            i++;
        while (i + n < line.len && line.data[i + n] == mark)
            n++;
        open ^= (n & run) == run; /* three marks end one and two */
        i += n ? n : 1;
    }
    return open;
}

static struct side before_seam(struct ctx_span line)
{
    struct side side = { line.data[line.len - 1], ' ', 0, false };
    size_t i = line.len;
    while (i > 0 && is_mark(side.at) && line.data[i - 1] == side.at)
        i--;
    side.run = line.len - i;
    if (side.run && i > 0 && line.data[i - 1] == '\\')
        side.run--;
    if (i > 0 && !(is_quote(line.data[i - 1]) && (i == 1 || opens_text(line.data[i - 2]))))
        side.beyond = line.data[i - 1];
    if (side.run && opens_text(side.beyond))
        side.ends = is_open((struct ctx_span){ line.data, i }, side.at, side.run);
    return side;
}

static struct side after_seam(struct ctx_span line, struct ctx_span next)
{
    struct side side = { next.data[0], ' ', 0, false };
    while (side.run < next.len && is_mark(side.at) && next.data[side.run] == side.at)
        side.run++;
    char beyond = next.data[side.run]; /* it may be the one after the span */
    side.beyond = beyond ? beyond : ' ';
    if (side.run && (beyond == '<' || beyond == '{')) /* a tag that will be gone */
        side.ends = is_open(line, side.at, side.run);
    return side;
}

/* A run at the end of what is written either ends emphasis or begins it. */
static bool ends_emphasis(struct side before)
{
    return before.run && (before.ends || !opens_text(before.beyond));
}

static bool opens(struct side before)
{
    return before.at == '[' || (before.run && !ends_emphasis(before));
}

/* The same of a run at the head of what follows. */
static bool begins_emphasis(struct side after)
{
    return after.run && !after.ends && !is_white(after.beyond) &&
           !strchr(".,:;!?)]}|", after.beyond);
}

static bool closes(struct side after)
{
    return after.at == ']' || (after.run && !begins_emphasis(after));
}

static bool breaks_emphasis(struct side before, struct side after)
{
    if (ends_emphasis(before) && begins_emphasis(after) && before.at == after.at)
        return true;
    if (ends_emphasis(before) && is_word(after.at))
        return before.at == '_' || is_punctuation(before.beyond);
    if (begins_emphasis(after) && is_word(before.at))
        return after.at == '_' || is_punctuation(after.beyond);
    return false;
}

/* Whether the line's last word is an address, which would go on with what follows. */
static bool ends_with_address(struct ctx_span line)
{
    size_t n = 0;
    while (n < line.len && n < ADDRESS_MAX && !strchr(" \t\n<>()[]`|", line.data[line.len - 1 - n]))
        n++;
    const char *word = line.data + line.len - n;
    return memmem(word, n, "://", 3) || (n > 4 && memcmp(word, "www.", 4) == 0);
}

/* Whether what follows begins with an address, which is one only behind what is no word. */
static bool begins_with_address(struct ctx_span next)
{
    return (next.len > 8 && memcmp(next.data, "http", 4) == 0) ||
           (next.len > 4 && memcmp(next.data, "www.", 4) == 0);
}

/* Markup that would come to be of the two sides. */
static bool becomes_markup(struct side before, struct side after)
{
    return (before.at == '`' && after.at == '`') || (before.at == '!' && after.at == '[') ||
           (before.at == ']' && (after.at == '(' || after.at == '['));
}

/* Whether the sides of an APART seam are words, or as good as words. */
static bool are_words(struct side before, struct ctx_span next, struct side after)
{
    bool image = next.len > 1 && next.data[0] == '!' && next.data[1] == '[';
    bool left = before.run ? ends_emphasis(before) : !strchr("([{\"'/|-", before.at);
    bool right = after.run ? begins_emphasis(after) : !strchr(".,:;!?)]}\"'/|-", after.at);
    return left && (right || image);
}

static bool must_part(enum ctx_seam seam, struct ctx_span line, struct side before,
                      struct ctx_span next, struct side after)
{
    if (is_white(before.at) || is_white(after.at))
        return false;
    if (seam >= CTX_SEAM_APART && are_words(before, next, after))
        return true;
    if (becomes_markup(before, after) || breaks_emphasis(before, after))
        return true;
    if (is_word(before.at) && begins_with_address(next))
        return true;
    bool goes_on = after.run ? begins_emphasis(after) : !strchr(".,:;!?)]}\"'<", after.at);
    return goes_on && ends_with_address(line);
}

static size_t white_at_head(struct ctx_span span)
{
    size_t n = 0;
    while (n < span.len && (span.data[n] == ' ' || span.data[n] == '\t'))
        n++;
    return n;
}

static size_t white_at_end(struct ctx_span span)
{
    size_t n = 0;
    while (n < span.len &&
           (span.data[span.len - 1 - n] == ' ' || span.data[span.len - 1 - n] == '\t'))
        n++;
    return n;
}

struct ctx_seam_edit ctx_seam_edit(enum ctx_seam seam, struct ctx_span line, struct ctx_span next)
{
    struct ctx_seam_edit edit = { 0 };
    if (seam == CTX_SEAM_NONE || seam == CTX_SEAM_JOIN)
        return edit;
    struct side before = before_seam(line);
    size_t white = white_at_head(next);
    if (white == next.len) { /* two blanks at the end of a line say that it is broken there */
        edit.skip = opens(before) || (is_white(before.at) && white == 1) ? white : 0;
        return edit;
    }
    /* What opens holds on to what it opens; blanks that stood around the tag become one. */
    if (opens(before) || is_white(before.at))
        edit.skip = white;
    next.data += edit.skip;
    next.len -= edit.skip;
    struct side after = after_seam(line, next);
    if (closes(after))
        edit.cut = white_at_end(line);
    if (edit.cut == line.len)
        return edit;
    line.len -= edit.cut;
    before = before_seam(line);
    if (before.run && before.run == after.run && before.at == after.at && opens(before)) {
        /* emphasis around nothing */
        edit.cut += before.run;
        edit.skip += after.run;
        next.data += after.run;
        next.len -= after.run;
        edit.skip += white_at_head(next);
        return edit;
    }
    edit.apart = must_part(seam, line, before, next, after);
    return edit;
}
