/*
 * Tables: `| a | b |`, cells as they were written, one space around them. A table whose lines do
 * not read as the parser says stays as it is. A part of the normalise stage.
 */
#include <string.h>

#include "transform/normalise/cells.h"
#include "transform/normalise/normaliser.h"

/* Cells of a row: calls back for each, trimmed. */
typedef void (*cell_fn)(void *context, const char *cell, size_t len);

/* Splits a row as cmark-gfm does; the number of cells. */
static uint32_t split_row(const struct ctx_line *line, cell_fn give, void *context)
{
    const char *end = line->bytes + line->len;
    uint32_t n = 0;
    for (const char *at = ctx_cell_first(line->bytes, end); at < end; n++) {
        const char *stop = ctx_cell_stop(at, end);
        const char *last = stop;
        while (last > at && ctx_cell_is_blank(last[-1]))
            last--;
        give(context, at, (size_t)(last - at));
        at = ctx_cell_next(stop, end);
    }
    return n;
}

struct writer {
    char *to;
    size_t len;
    bool broken; /* a delimiter cell that is none */
};

static void write_cell(void *context, const char *cell, size_t len)
{
    struct writer *writer = context;
    if (writer->len == 0)
        writer->to[writer->len++] = '|';
    if (len > 0) {
        writer->to[writer->len++] = ' ';
        memcpy(writer->to + writer->len, cell, len);
        writer->len += len;
    }
    memcpy(writer->to + writer->len, " |", 2);
    writer->len += 2;
}

static void write_delimiter(void *context, const char *cell, size_t len)
{
    static const char *const delimiters[] = { "---", "--:", ":--", ":-:" };
    struct writer *writer = context;
    size_t left = len > 0 && cell[0] == ':';
    size_t right = len > 1 && cell[len - 1] == ':';
    size_t dashes = 0;
    while (left + dashes < len && cell[left + dashes] == '-')
        dashes++;
    writer->broken |= dashes == 0 || left + dashes + right != len;
    write_cell(context, delimiters[2 * left + right], 3);
}

static void count_only(void *context, const char *cell, size_t len)
{
    (void)context;
    (void)cell;
    (void)len;
}

/* Room for a row of `len` bytes: each cell has a byte of its own or a pipe, and gains four. */
static size_t room_for(size_t len)
{
    return 6 * len + 16;
}

static void write_row(struct ctx_normaliser *normaliser, const struct ctx_line *line, cell_fn write)
{
    struct ctx_line own = *line;
    size_t indent = ctx_normalise_indent(&own);
    own = (struct ctx_line){ own.bytes + indent, own.len - indent, own.at + indent };
    struct writer writer = { .to = ctx_edits_room(&normaliser->edits, room_for(own.len)) };
    if (!writer.to)
        return;
    split_row(&own, write, &writer);
    if (writer.len > 0)
        ctx_normalise_replace(normaliser, own.at, own.len, writer.to, writer.len);
}

static bool is_delimiter_row(struct ctx_normaliser *normaliser, const struct ctx_line *line,
                             uint32_t columns)
{
    struct writer writer = { .to = ctx_edits_room(&normaliser->edits, room_for(line->len)) };
    return writer.to && split_row(line, write_delimiter, &writer) == columns && !writer.broken;
}

/* Whether all lines are where the parser says, with as many cells as it found. */
static bool reads_as_table(struct ctx_normaliser *normaliser, const struct ctx_node *table)
{
    struct ctx_line header, delimiter, row;
    if (table->merged || table->last >= normaliser->tree.n_lines)
        return false;
    for (uint32_t i = table->first; i <= table->last; i++)
        if (!ctx_normalise_content(normaliser, table, i, &row) ||
            memchr(row.bytes, '\f', row.len) || memchr(row.bytes, '\v', row.len))
            return false;
    ctx_normalise_content(normaliser, table, table->first, &header);
    ctx_normalise_content(normaliser, table, table->first + 1, &delimiter);
    return !ctx_normalise_is_rule_like(&header) &&
           split_row(&header, count_only, NULL) == table->columns &&
           is_delimiter_row(normaliser, &delimiter, table->columns);
}

void ctx_normalise_table(struct ctx_normaliser *normaliser, const struct ctx_node *table)
{
    bool sound = reads_as_table(normaliser, table);
    for (uint32_t i = table->first; i <= table->last; i++) {
        struct ctx_line line;
        ctx_normalise_content(normaliser, table, i, &line);
        if (!sound)
            ctx_normalise_trim(normaliser, &line);
        else
            write_row(normaliser, &line, i == table->first + 1 ? write_delimiter : write_cell);
    }
}
