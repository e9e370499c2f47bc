/* What single lines of plain blocks are. Pure. */
#include "transform/normalise/plain_lines.h"

#include <string.h>

#include "transform/normalise/cells.h"

enum {
    FENCE_MIN = 3,
    FENCE_MAX = 255, /* cmark-gfm keeps a fence's length in a byte */
    INDENT_MAX = 3,  /* of a closing fence */
    HEADING_MAX = 6,
    RULE_MIN = 3,
    DIGITS_MAX = 9,     /* of an item's number */
    PADDING_MAX = 4,    /* spaces behind a marker */
    COLUMNS_MAX = 1000, /* cmark-gfm has a limit of its own, far beyond */
};

/* What the first byte of a line's text may mean. */
enum { TEXT, OTHER, RUN, NUMBER, TAG };

static const unsigned char meanings[256] = {
    [0 ... ' '] = OTHER, [':'] = OTHER,
    ['<'] = TAG,         ['>'] = OTHER,
    ['|'] = OTHER,       ['#'] = RUN,
    ['*'] = RUN,         ['+'] = RUN,
    ['-'] = RUN,         ['='] = RUN,
    ['_'] = RUN,         ['`'] = RUN,
    ['~'] = RUN,         ['0' ... '9'] = NUMBER,
};

static size_t run_of(const char *at, char byte)
{
    size_t n = 0;
    while (at[n] == byte)
        n++;
    return n;
}

/* A run of one byte that is no marker, rule, underline, delimiter row or fence. */
static bool is_run(const char *at)
{
    size_t n = run_of(at, *at);
    if (*at == '`' || *at == '~')
        return n < FENCE_MIN;
    return (unsigned char)at[n] > ' ' && at[n] != '|' && at[n] != ':';
}

/* A number that is no marker. */
static bool is_number(const char *at)
{
    while (*at >= '0' && *at <= '9')
        at++;
    return (*at != '.' && *at != ')') || (unsigned char)at[1] > ' ';
}

/* A link's tags with something between them or not: to be a block, a tag must be all of its line. */
static bool is_anchor(const char *at)
{
    if (at[1] != 'a' || at[2] != ' ')
        return false;
    const char *end = strchr(at, '\n');
    return end - at >= 4 && memcmp(end - 4, "</a>", 4) == 0;
}

bool ctx_plain_is_text(const char *at)
{
    switch (meanings[(unsigned char)*at]) {
    case TEXT:
        return true;
    case RUN:
        return is_run(at);
    case NUMBER:
        return is_number(at);
    case TAG:
        return is_anchor(at);
    default:
        return false;
    }
}

unsigned ctx_plain_heading_level(const char *at)
{
    size_t n = run_of(at, '#');
    return n > 0 && n <= HEADING_MAX && (ctx_plain_is_blank(at[n]) || at[n] == '\n') ? (unsigned)n
                                                                                     : 0;
}

size_t ctx_plain_fence_length(const char *at, const char *end)
{
    size_t n = *at == '`' || *at == '~' ? run_of(at, *at) : 0;
    if (n < FENCE_MIN || (*at == '`' && memchr(at + n, '`', (size_t)(end - at) - n)))
        return 0;
    return n < FENCE_MAX ? n : FENCE_MAX;
}

bool ctx_plain_closes_fence(const char *at, char mark, size_t length)
{
    size_t indent = run_of(at, ' ');
    size_t n = run_of(at + indent, mark);
    return indent <= INDENT_MAX && n >= length && *ctx_plain_past_blanks(at + indent + n) == '\n';
}

bool ctx_plain_is_rule(const char *at)
{
    size_t n = *at == '-' || *at == '*' || *at == '_' ? run_of(at, *at) : 0;
    return n >= RULE_MIN && *ctx_plain_past_blanks(at + n) == '\n';
}

uint32_t ctx_plain_delimiter_columns(const char *at)
{
    uint32_t columns = 0;
    while (*at == '|') {
        at = ctx_plain_past_blanks(at + 1);
        if (*at == '\n')
            break;
        at += *at == ':';
        size_t dashes = run_of(at, '-');
        if (dashes == 0)
            return 0;
        at += dashes;
        at = ctx_plain_past_blanks(at + (at[0] == ':'));
        columns++;
    }
    return *at == '\n' && columns <= COLUMNS_MAX ? columns : 0;
}

uint32_t ctx_plain_row_columns(const char *at, const char *end)
{
    uint32_t columns = 0;
    for (at = ctx_cell_first(at, end); at < end; columns++)
        at = ctx_cell_next(ctx_cell_stop(at, end), end);
    return columns;
}

uint32_t ctx_plain_text_column(const char *at, size_t n)
{
    size_t spaces = run_of(at + n, ' ');
    const char *text = at + n + spaces;
    return spaces > 0 && spaces <= PADDING_MAX && ctx_plain_is_text(text) ? (uint32_t)(text - at)
                                                                          : 0;
}

char ctx_plain_item_mark(const char *at, size_t *ret_len)
{
    size_t n = 0;
    if (*at != '-' && *at != '*' && *at != '+') {
        while (at[n] >= '0' && at[n] <= '9')
            n++;
        if (n == 0 || n > DIGITS_MAX || (at[n] != '.' && at[n] != ')'))
            return '\0';
    }
    *ret_len = n + 1;
    return at[n];
}

uint32_t ctx_plain_item_column(const char *at, char mark)
{
    size_t len = 0;
    if (ctx_plain_item_mark(at, &len) != mark)
        return 0;
    uint32_t column = ctx_plain_text_column(at, len);
    bool task = column > 0 && at[column] == '[' && at[column + 1] != '\n' && at[column + 2] == ']';
    return task ? 0 : column;
}
