#ifndef CTX_TRANSFORM_NORMALISE_NORMALISER_H
#define CTX_TRANSFORM_NORMALISE_NORMALISER_H

#include "contextor/buffer.h"
#include "transform/normalise/edits.h"
#include "transform/normalise/tree.h"
#include "transform/outline.h"

/*
 * What the parts of the normalise stage share. Each part edits one kind of block; an edit leaves
 * the rendered HTML equal but for white space, and where a rule cannot tell that it does, the
 * block stays as it is.
 */
struct ctx_normaliser {
    struct ctx_arena *arena;
    struct ctx_tree tree;
    struct ctx_edits edits;
    char *text; /* the same as the tree's, for marks that are replaced in place */
    size_t len;
    bool below_blank;             /* the line above the block in hand is blank, in the new text */
    bool mdx;                     /* the source is MDX, whose stage writes breaks as <br> */
    bool at_start;                /* nothing is above the block in hand, in the new text */
    uint32_t gap;                 /* the first line below the block above */
    const struct ctx_node *above; /* the block that ends right above it; NULL: none does */
    uint8_t *math; /* by line: 1 in display mathematics, where nothing is edited; NULL: none */
};

/* A line's bytes without its newline. */
struct ctx_line {
    const char *bytes;
    size_t len;
    size_t at; /* offset in the text */
};

static inline struct ctx_line ctx_normalise_line(const struct ctx_normaliser *normaliser,
                                                 uint32_t line)
{
    size_t at = normaliser->tree.lines[line];
    size_t end = normaliser->tree.lines[line + 1];
    return (struct ctx_line){ normaliser->text + at, end - at - 1, at };
}

/* The line's rest from the content of the node's parent on; false: a lazy continuation. */
bool ctx_normalise_content(const struct ctx_normaliser *normaliser, const struct ctx_node *node,
                           uint32_t line, struct ctx_line *ret_line);
/*
 * The same from its first byte that is no blank on; false also when it is indented so far that no
 * block but code begins there.
 */
bool ctx_normalise_block_line(const struct ctx_normaliser *normaliser, const struct ctx_node *node,
                              uint32_t line, struct ctx_line *ret_line);
/* Length without the blanks (spaces and tabs) at the end. */
size_t ctx_normalise_trimmed(const struct ctx_line *line);
/* Blanks at the beginning. */
size_t ctx_normalise_indent(const struct ctx_line *line);
/* `- [ ]` and nothing else, which is a task only with a blank behind it. */
bool ctx_normalise_is_empty_task(const struct ctx_line *line);
/* Whether the line could, with a list's marker, be a thematic break: its looks decide bullets. */
bool ctx_normalise_is_rule_like(const struct ctx_line *line);
/* Takes the blanks at the line's end away. */
void ctx_normalise_trim(struct ctx_normaliser *normaliser, const struct ctx_line *line);
/* Replaces `len` bytes at offset `at` unless they are `bytes` already. */
void ctx_normalise_replace(struct ctx_normaliser *normaliser, size_t at, size_t len,
                           const char *bytes, size_t new_len);

/* Whether a link reference definition may begin the text: a label and a colon. */
bool ctx_normalise_may_be_definition(const char *bytes, size_t len);
/* Whether elements in which white space is content occur. */
bool ctx_normalise_is_preformatted(const char *bytes, size_t len);
/* Whether an HTML block that a blank line does not end was ended by its container's end alone. */
bool ctx_normalise_html_is_open(const struct ctx_normaliser *normaliser,
                                const struct ctx_node *html);

/* Whether only blank lines follow the block, in quotes or not. */
bool ctx_normalise_is_last(const struct ctx_normaliser *normaliser, const struct ctx_node *block);
/* Whether the block is in a footnote that may have stood in a container: the tree moves them. */
bool ctx_normalise_is_in_moved_footnote(const struct ctx_normaliser *normaliser,
                                        const struct ctx_node *block);

static inline bool ctx_normalise_is_math(const struct ctx_normaliser *normaliser, uint32_t line)
{
    return normaliser->math && normaliser->math[line];
}

/* Before all else: where blocks end whose ends the parser does not tell. */
void ctx_normalise_find_fence_end(const struct ctx_normaliser *normaliser, struct ctx_node *fence);
void ctx_normalise_find_heading_end(const struct ctx_normaliser *normaliser,
                                    struct ctx_node *heading);

/* Bullets: chooses one for each list; writes them, once the edits are made. */
void ctx_normalise_choose_bullets(struct ctx_normaliser *normaliser);
void ctx_normalise_write_bullets(struct ctx_normaliser *normaliser);

/* The lines between two blocks; NULL for the text's beginning and end. */
void ctx_normalise_spacing(struct ctx_normaliser *normaliser, const struct ctx_node *above,
                           const struct ctx_node *below);

/* One block each. */
void ctx_normalise_paragraph(struct ctx_normaliser *normaliser, const struct ctx_node *paragraph);
void ctx_normalise_heading(struct ctx_normaliser *normaliser, const struct ctx_node *heading);
void ctx_normalise_fence(struct ctx_normaliser *normaliser, const struct ctx_node *fence);
void ctx_normalise_html(struct ctx_normaliser *normaliser, const struct ctx_node *html);
void ctx_normalise_table(struct ctx_normaliser *normaliser, const struct ctx_node *table);
void ctx_normalise_rule(struct ctx_normaliser *normaliser, const struct ctx_node *rule);

/* Fills the outline of `text`, which is what the edits made. 0 or -ENOMEM. */
int ctx_outline_build(struct ctx_outline *outline, const struct ctx_normaliser *normaliser,
                      const struct ctx_buffer *text);

#endif
