#ifndef CTX_TRANSFORM_MARKDOWN_H
#define CTX_TRANSFORM_MARKDOWN_H

#include "contextor/buffer.h"
#include "transform/arena.h"
#include "transform/normalise/tree.h"

/*
 * Parses `len` bytes (UTF-8, LF, no NUL, ending with LF) into `ret_tree`, which borrows `text` and lives
 * in `arena` until its reset. -ENOMEM or -ETIME when the arena's bounds are met; it is then to be
 * reset. Any thread, after ctx_transform_setup().
 */
int ctx_markdown_parse(struct ctx_arena *arena, const char *text, size_t len,
                       struct ctx_tree *ret_tree);

/*
 * The line breaks among a leaf's inlines. The parser finds inlines only where these are asked for: of
 * paragraphs with a blank at the end of a line that is not the last, and headings of several lines.
 */
struct ctx_breaks {
    uint32_t soft, hard;
};

struct ctx_breaks ctx_markdown_breaks(const struct ctx_node *node);

/*
 * Appends what the character reference ("&ensp;") stands for. False, and nothing is appended: HTML
 * has no such name, or memory is out. Takes the thread's arena, which nobody may be using. Any
 * thread, after ctx_transform_setup().
 */
bool ctx_markdown_decode(const char *reference, size_t len, struct ctx_buffer *out);

#endif
