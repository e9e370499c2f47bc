/*
 * Conditions: elements whose children hold in some case alone, which their props tell. All branches
 * are kept, each with its case; audiences: of those, only what is not for us goes. Reads tags, appends
 * to buffers.
 */
#include "base/cleanup.h"
#include "transform/mdx/escape.h"
#include "transform/mdx/forms.h"
#include "transform/mdx/js_data.h"

bool ctx_props_literals(struct ctx_span value, struct ctx_buffer *ret)
{
    struct ctx_js_data data;
    struct ctx_js_member member;
    size_t begin = ret->len;
    bool more = ctx_js_data_begin(&data, value);
    while (more && ctx_js_data_next(&data, &member)) {
        CTX_AUTO_BUFFER struct ctx_buffer text;
        ctx_buffer_init(&text, ret->limit);
        if (ctx_js_value(member.value.data, member.value.len, &text) != CTX_JS_VALUE_TEXT ||
            text.len == 0)
            continue;
        ctx_buffer_puts(ret, ret->len > begin ? ", " : "");
        ctx_escape_text(ret, member.key.data, member.key.len, false);
        ctx_buffer_puts(ret, member.key.len ? ": " : "");
        ctx_escape_text(ret, text.data, text.len, false);
    }
    return ret->len > begin;
}

/* A string, literals, or else the expression itself as code. */
static void put_value(const struct ctx_attribute *attr, struct ctx_buffer *ret)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, ret->limit);
    if (ctx_attribute_text(attr, &text))
        ctx_escape_text(ret, ctx_buffer_str(&text), text.len, false);
    else if (!ctx_props_literals(attr->value, ret))
        ctx_escape_code(ret, attr->value.data, attr->value.len, false);
}

void ctx_form_condition(const struct ctx_tag *tag, const struct ctx_component *row,
                        struct ctx_buffer *ret)
{
    struct ctx_attribute attr;
    size_t at = 0;
    bool any = false;
    ctx_buffer_puts(ret, row->kind);
    while (ctx_tag_next(tag, &at, &attr)) {
        if (attr.name.len == 0)
            continue;
        ctx_buffer_puts(ret, any ? "; " : " ");
        ctx_escape_text(ret, attr.name.data, attr.name.len, false);
        any = true;
        if (attr.value.len == 0)
            continue;
        ctx_buffer_puts(ret, ": ");
        put_value(&attr, ret);
    }
}

static bool is_for(const struct ctx_tag *tag, const char *audience)
{
    struct ctx_attribute attr;
    return ctx_tag_find(tag, "for", &attr) && ctx_span_is(attr.value, audience);
}

/* Whether the page has text that is for agents. */
static bool has_agents(struct ctx_mdx_render *r)
{
    for (size_t i = 0; i < r->scan->n_tokens && r->agents == CTX_AGENTS_UNKNOWN; i++) {
        if (r->scan->tokens[i].kind != CTX_MDX_OPEN)
            continue;
        struct ctx_tag tag = ctx_render_tag(r, i);
        const struct ctx_component *row = ctx_render_row(r, tag.name);
        if (row && row->form == CTX_FORM_AUDIENCE && is_for(&tag, "agents"))
            r->agents = CTX_AGENTS_SOME;
    }
    if (r->agents == CTX_AGENTS_UNKNOWN)
        r->agents = CTX_AGENTS_NONE;
    return r->agents == CTX_AGENTS_SOME;
}

bool ctx_form_is_for_others(struct ctx_mdx_render *r, const struct ctx_tag *tag)
{
    return is_for(tag, "humans") && has_agents(r);
}
