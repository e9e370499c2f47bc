/*
 * Elements within a line. What an opening tag wrote is noted in its token (CTX_MDX_WRITTEN), so that
 * the closing tag writes the counterpart.
 */
#include <string.h>

#include "base/cleanup.h"
#include "transform/mdx/escape.h"
#include "transform/mdx/forms.h"
#include "transform/mdx/inline_forms.h"

void ctx_inline_put_props(struct ctx_mdx_render *r, const struct ctx_buffer *text)
{
    if (r->place != CTX_MDX_IN_HEADING) {
        ctx_render_put(r, ctx_buffer_str(text), text->len, CTX_SEAM_APART);
        return;
    }
    const char *s = ctx_buffer_str(text);
    size_t blanks = strspn(s, " ");
    if (r->deferred.len)
        ctx_buffer_putc(&r->deferred, ' ');
    ctx_buffer_append(&r->deferred, s + blanks, text->len - blanks);
}

/* The words of a badge's own name, when nothing else says what it is. */
static bool put_badge_name(struct ctx_inline_tag *t)
{
    struct ctx_span name = ctx_props_badge_name(&t->tag);
    if (t->row != ctx_component_generic(CTX_FORM_BADGE))
        return false;
    for (size_t i = 0; i < name.len; i++) {
        bool upper = name.data[i] >= 'A' && name.data[i] <= 'Z';
        bool begins = i > 0 && upper && !(name.data[i - 1] >= 'A' && name.data[i - 1] <= 'Z');
        ctx_buffer_puts(&t->text, begins ? " " : "");
        ctx_buffer_putc(&t->text, name.data[i]);
    }
    return name.len > 0;
}

static void open_badge(struct ctx_mdx_render *r, struct ctx_inline_tag *t)
{
    ctx_buffer_putc(&t->text, '(');
    bool labelled = ctx_props_label(r, &t->tag, t->row, NULL, &t->text);
    if (!labelled && !put_badge_name(t))
        return;
    ctx_buffer_putc(&t->text, ')');
    if (!labelled && r->place == CTX_MDX_IN_PARAGRAPH && r->line.len == 0) {
        ctx_buffer_putc(&r->badges, ' ');
        ctx_buffer_append(&r->badges, t->text.data, t->text.len);
        return;
    }
    ctx_inline_put_props(r, &t->text);
}

/* The text so far, and the usual props after it. */
static void put_more_props(struct ctx_mdx_render *r, struct ctx_inline_tag *t)
{
    size_t mark = t->text.len;
    ctx_buffer_puts(&t->text, mark ? " — " : "");
    if (!ctx_props_label(r, &t->tag, t->row, NULL, &t->text))
        ctx_buffer_truncate(&t->text, mark);
    if (t->text.len)
        ctx_inline_put_props(r, &t->text);
}

static void open_since(struct ctx_mdx_render *r, struct ctx_inline_tag *t)
{
    static const char *const names[] = { "v", "version", "since" };
    ctx_buffer_puts(&t->text, "Added in v");
    size_t mark = t->text.len;
    for (size_t i = 0; i < CTX_ARRAY_LEN(names) && t->text.len == mark; i++)
        ctx_props_text(r, &t->tag, names[i], &t->text);
    if (t->text.len == mark)
        ctx_buffer_clear(&t->text);
    put_more_props(r, t);
}

/* An icon says something where it stands for a cell's text. */
static void open_icon(struct ctx_mdx_render *r, struct ctx_inline_tag *t)
{
    static const char *const names[] = { "icon", "name" };
    bool labelled = ctx_props_label(r, &t->tag, t->row, NULL, &t->text);
    for (size_t i = 0; i < CTX_ARRAY_LEN(names) && r->alone && !labelled; i++)
        labelled = ctx_props_text(r, &t->tag, names[i], &t->text);
    if (labelled)
        ctx_inline_put_props(r, &t->text);
}

static void open_image(struct ctx_mdx_render *r, struct ctx_inline_tag *t)
{
    ctx_props_image(r, &t->tag, t->row, &t->text);
    if (t->text.len && t->text.data[0] == '!')
        ctx_render_put(r, t->text.data, t->text.len, CTX_SEAM_APART);
    else if (t->text.len)
        ctx_inline_put_props(r, &t->text);
}

static void open_break(struct ctx_mdx_render *r, struct ctx_inline_tag *t)
{
    (void)t;
    if (r->line.len > r->line_begin && r->place != CTX_MDX_IN_HEADING)
        ctx_buffer_puts(&r->line, "<br>");
    else if (r->line.len > r->line_begin)
        ctx_buffer_putc(&r->line, ' ');
}

/* An exclamation mark before a bracket would make an image of a link. */
static void open_bracket(struct ctx_mdx_render *r)
{
    if (r->line.len && r->line.data[r->line.len - 1] == '!') {
        ctx_buffer_truncate(&r->line, r->line.len - 1);
        ctx_buffer_puts(&r->line, "\\!");
    } else {
        ctx_render_close_seam(r, "[", 1);
    }
    ctx_buffer_putc(&r->line, '[');
    r->seam = CTX_SEAM_JOIN;
}

static void open_link(struct ctx_mdx_render *r, struct ctx_inline_tag *t)
{
    CTX_AUTO_BUFFER struct ctx_buffer href;
    ctx_buffer_init(&href, r->out->limit);
    bool labelled = ctx_props_label(r, &t->tag, t->row, NULL, &t->text);
    bool empty = ctx_inline_token(r, t->token)->kind == CTX_MDX_SELF;
    if (!ctx_props_href(r, &t->tag, &href)) {
        if (labelled)
            ctx_inline_put_props(r, &t->text);
        return;
    }
    if (!empty) {
        if (labelled) {
            ctx_buffer_puts(&t->text, ": ");
            ctx_inline_put_props(r, &t->text);
        }
        ctx_inline_token(r, t->token)->flags |= CTX_MDX_WRITTEN;
        if (!ctx_form_holds_link(r, t->token))
            open_bracket(r);
        return;
    }
    if (!labelled)
        ctx_escape_text(&t->text, href.data, href.len, ctx_inline_in_cell(r));
    ctx_buffer_splice(&t->text, 0, 0, "[", 1);
    ctx_escape_link_end(&t->text, href.data, href.len);
    ctx_inline_put_props(r, &t->text);
}

static void close_link(struct ctx_mdx_render *r, struct ctx_inline_tag *t)
{
    CTX_AUTO_BUFFER struct ctx_buffer href;
    ctx_buffer_init(&href, r->out->limit);
    ctx_props_href(r, &t->tag, &href);
    if (ctx_form_holds_link(
            r, ctx_inline_token(r, t->token)->partner)) { /* the address comes after it */
        ctx_buffer_puts(&t->text, "([");
        ctx_escape_text(&t->text, href.data, href.len, ctx_inline_in_cell(r));
        ctx_escape_link_end(&t->text, href.data, href.len);
        ctx_buffer_putc(&t->text, ')');
        ctx_inline_put_props(r, &t->text);
        return;
    }
    if (r->line.len && r->line.data[r->line.len - 1] == '[')
        ctx_escape_text(&r->line, href.data, href.len, ctx_inline_in_cell(r));
    ctx_escape_link_end(&r->line, href.data, href.len);
    r->seam = CTX_SEAM_CUT;
}

/* Letters or digits at both edges: emphasis marks around it are sure to be taken as such. */
static bool is_plain_text(struct ctx_mdx_render *r, size_t token)
{
    const struct ctx_mdx_token *open = ctx_inline_token(r, token);
    if (open->kind != CTX_MDX_OPEN || open->partner < token + 2)
        return false;
    const struct ctx_mdx_token *first = ctx_inline_token(r, token + 1);
    const struct ctx_mdx_token *last = ctx_inline_token(r, open->partner - 1);
    if (first->kind != CTX_MDX_TEXT || last->kind != CTX_MDX_TEXT)
        return false;
    char a = r->s[first->begin];
    char b = r->s[last->end - 1];
    return !strchr(" \t!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", a) &&
           !strchr(" \t!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", b) &&
           !(r->line.len && r->line.data[r->line.len - 1] == '*');
}

static const char *marks_of(enum ctx_form form)
{
    return form == CTX_FORM_EMPHASIS ? "*" : form == CTX_FORM_STRIKE ? "~~" : "**";
}

static void open_marks(struct ctx_mdx_render *r, struct ctx_inline_tag *t)
{
    if (!is_plain_text(r, t->token))
        return;
    ctx_render_close_seam(r, r->s + ctx_inline_token(r, t->token + 1)->begin, 1);
    ctx_buffer_puts(&r->line, marks_of(t->row->form));
    r->seam = CTX_SEAM_JOIN;
    ctx_inline_token(r, t->token)->flags |= CTX_MDX_WRITTEN;
}

static void close_marks(struct ctx_mdx_render *r, struct ctx_inline_tag *t)
{
    ctx_buffer_puts(&r->line, marks_of(t->row->form));
}

static void close_tooltip(struct ctx_mdx_render *r, struct ctx_inline_tag *t)
{
    ctx_buffer_puts(&t->text, " (");
    if (!ctx_form_tip(r, &t->tag, t->row, &t->text))
        return;
    ctx_buffer_putc(&t->text, ')');
    ctx_inline_put_props(r, &t->text);
}

static void open_tooltip(struct ctx_mdx_render *r, struct ctx_inline_tag *t)
{
    ctx_inline_token(r, t->token)->flags |= CTX_MDX_WRITTEN;
    if (ctx_inline_token(r, t->token)->kind == CTX_MDX_SELF)
        close_tooltip(r, t);
}

/* What is all that a cell holds says by its name what the cell says: `<YesIcon />`. */
static void put_name(struct ctx_mdx_render *r, struct ctx_inline_tag *t)
{
    static const char suffix[] = "Icon";
    struct ctx_span name = t->tag.name;
    if (!r->alone || ctx_inline_token(r, t->token)->kind != CTX_MDX_SELF ||
        !ctx_tag_is_component(name))
        return;
    size_t n = strlen(suffix);
    if (name.len > n && memcmp(name.data + name.len - n, suffix, n) == 0)
        name.len -= n;
    ctx_buffer_append(&t->text, name.data, name.len);
    ctx_inline_put_props(r, &t->text);
}

static void open_condition(struct ctx_mdx_render *r, struct ctx_inline_tag *t)
{
    ctx_form_condition(&t->tag, t->row, &t->text);
    ctx_buffer_putc(&t->text, ':');
    ctx_inline_put_props(r, &t->text);
}

/* Any other: its props, and a colon when it has text of its own. */
static void open_any(struct ctx_mdx_render *r, struct ctx_inline_tag *t)
{
    CTX_AUTO_BUFFER struct ctx_buffer href;
    ctx_buffer_init(&href, r->out->limit);
    const struct ctx_mdx_token *token = ctx_inline_token(r, t->token);
    bool empty = token->kind == CTX_MDX_SELF || token->partner == t->token + 1;
    bool labelled = ctx_props_label(r, &t->tag, t->row, NULL, &t->text);
    bool linked = t->row && t->row->form == CTX_FORM_CARD && ctx_props_href(r, &t->tag, &href);
    if (labelled && linked) {
        ctx_buffer_splice(&t->text, 0, 0, "[", 1);
        ctx_escape_link_end(&t->text, href.data, href.len);
    }
    if (!labelled) {
        put_name(r, t);
        return;
    }
    ctx_buffer_puts(&t->text, empty ? "" : ": ");
    ctx_inline_put_props(r, &t->text);
}

static const struct {
    void (*open)(struct ctx_mdx_render *r, struct ctx_inline_tag *t);
    void (*close)(struct ctx_mdx_render *r, struct ctx_inline_tag *t); /* when open wrote */
} inline_forms[CTX_FORM_COUNT] = {
    [CTX_FORM_BADGE] = { open_badge, NULL },
    [CTX_FORM_BREAK] = { open_break, NULL },
    [CTX_FORM_CONDITION] = { open_condition, NULL },
    [CTX_FORM_EMPHASIS] = { open_marks, close_marks },
    [CTX_FORM_ICON] = { open_icon, NULL },
    [CTX_FORM_IMAGE] = { open_image, NULL },
    [CTX_FORM_LINK] = { open_link, close_link },
    [CTX_FORM_SINCE] = { open_since, NULL },
    [CTX_FORM_STRIKE] = { open_marks, close_marks },
    [CTX_FORM_STRONG] = { open_marks, close_marks },
    [CTX_FORM_TOOLTIP] = { open_tooltip, close_tooltip },
};

/* ---- dispatch ---- */

/* A tag without its partner in a document that does not parse: markup when HTML knows the name. */
static void unpaired(struct ctx_mdx_render *r, struct ctx_inline_tag *t)
{
    const struct ctx_mdx_token *token = ctx_inline_token(r, t->token);
    bool known = t->row || !ctx_tag_is_component(t->tag.name) || t->tag.attributes.len > 0;
    if (!known || ctx_span_is(t->tag.name, "")) {
        ctx_buffer_putc(&r->line, '\\');
        ctx_buffer_append(&r->line, r->s + token->begin, token->end - token->begin);
        return;
    }
    enum ctx_form form = t->row ? t->row->form : CTX_FORM_UNWRAP;
    if (form == CTX_FORM_BREAK || form == CTX_FORM_IMAGE)
        inline_forms[form].open(r, t);
    else if (!t->tag.closing)
        open_any(r, t);
}

static bool partial(struct ctx_mdx_render *r, struct ctx_inline_tag *t)
{
    if (r->n_imports == 0 ||
        !ctx_imports_reference(r, t->tag.name, ctx_inline_token(r, t->token)->line, &t->text))
        return false;
    ctx_render_put(r, ctx_buffer_str(&t->text), t->text.len, CTX_SEAM_APART);
    return true;
}

/* An opening or self-closing tag; the token to go on with. */
static size_t open_tag(struct ctx_mdx_render *r, struct ctx_inline_tag *t)
{
    enum ctx_form form = t->row ? t->row->form : CTX_FORM_UNWRAP;
    const struct ctx_mdx_token *token = ctx_inline_token(r, t->token);
    bool opens = token->kind == CTX_MDX_OPEN;
    if (ctx_render_is_dropped(r, t->token))
        return opens ? token->partner + 1 : t->token + 1;
    if (partial(r, t))
        return t->token + 1;
    ctx_render_count_element(r, t->token, t->tag.name, CTX_LOSS_UNWRAPPED);
    if (form == CTX_FORM_INCLUDE &&
        ctx_imports_include(r, &t->tag, t->row, token->line, &t->text)) {
        ctx_render_put(r, ctx_buffer_str(&t->text), t->text.len, CTX_SEAM_APART);
        return opens ? token->partner + 1 : t->token + 1;
    }
    if (opens && ((form == CTX_FORM_CODE && ctx_inline_code_span(r, t)) ||
                  (form == CTX_FORM_INCLUDE && ctx_inline_include(r, t->token))))
        return token->partner + 1;
    if (!opens && form == CTX_FORM_CODE && ctx_inline_code_props(r, t))
        return t->token + 1;
    (inline_forms[form].open ? inline_forms[form].open : open_any)(r, t);
    return t->token + 1;
}

/* A component, or a key, right behind another one. */
static bool is_neighbour(struct ctx_mdx_render *r, const struct ctx_inline_tag *t)
{
    if (t->token == 0 || ctx_inline_token(r, t->token)->kind == CTX_MDX_CLOSE)
        return false;
    const struct ctx_mdx_token *before = ctx_inline_token(r, t->token - 1);
    if (before->kind != CTX_MDX_CLOSE && before->kind != CTX_MDX_SELF)
        return false;
    struct ctx_tag tag = ctx_render_tag(r, t->token - 1);
    return (ctx_tag_is_component(tag.name) && ctx_tag_is_component(t->tag.name)) ||
           (ctx_span_is(tag.name, "kbd") && ctx_span_is(t->tag.name, "kbd"));
}

/* What is left where the tag stood. */
static enum ctx_seam seam_of(struct ctx_mdx_render *r, const struct ctx_inline_tag *t)
{
    bool fragment = t->tag.name.len == 0;
    bool unknown = !t->row && (fragment || ctx_tag_is_component(t->tag.name));
    if (!unknown && !ctx_render_is_inline(r, t->token))
        return CTX_SEAM_BLOCK;
    bool picture = t->row && t->row->form == CTX_FORM_IMAGE;
    return picture || is_neighbour(r, t) ? CTX_SEAM_APART : CTX_SEAM_CUT;
}

size_t ctx_render_inline_tag(struct ctx_mdx_render *r, size_t token)
{
    struct ctx_inline_tag t = { .token = token, .tag = ctx_render_tag(r, token) };
    ctx_buffer_init(&t.text, r->out->limit);
    size_t next = token + 1;
    struct ctx_mdx_token *tk = ctx_inline_token(r, token);
    bool closes = tk->kind == CTX_MDX_CLOSE && !(tk->flags & CTX_MDX_UNPAIRED);
    if (closes)
        t.tag = ctx_render_tag(r, tk->partner);
    t.row = ctx_render_row_of(r, &t.tag);
    enum ctx_seam seam = seam_of(r, &t);
    ctx_render_mark_seam(r, seam);
    if (tk->flags & CTX_MDX_UNPAIRED) {
        unpaired(r, &t);
    } else if (!closes) {
        next = open_tag(r, &t);
    } else if (ctx_inline_token(r, tk->partner)->flags & CTX_MDX_WRITTEN) {
        inline_forms[t.row->form].close(r, &t);
    }
    ctx_render_mark_seam(r, seam);
    ctx_buffer_deinit(&t.text);
    return next;
}
