/* MDN's macros: `{{jsxref("Array/forEach", "forEach()")}}`, `{{optional_inline}}`, `{{Compat}}`. */
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "transform/dialect/macro.h"
#include "transform/mdx/escape.h"

enum form {
    FORM_CODE,    /* a code span: the second argument, else the first */
    FORM_ELEMENT, /* the same, in angle brackets */
    FORM_TEXT,    /* the same, as text */
    FORM_RFC,     /* "RFC 9110" and the title */
    FORM_WORD,    /* a word of its own */
    FORM_NOTICE,  /* a word as a block quote */
};

/* Sorted by name; names are compared without case. What is not here goes. */
static const struct {
    const char *name;
    enum form form;
    const char *word;
} macros[] = {
    { "availableinworkers", FORM_NOTICE, "Available in Web Workers" },
    { "csp", FORM_CODE, NULL },
    { "cssxref", FORM_CODE, NULL },
    { "deprecated_header", FORM_NOTICE, "Deprecated" },
    { "deprecated_inline", FORM_WORD, "(deprecated)" },
    { "domxref", FORM_CODE, NULL },
    { "event", FORM_CODE, NULL },
    { "experimental_inline", FORM_WORD, "(experimental)" },
    { "glossary", FORM_TEXT, NULL },
    { "htmlelement", FORM_ELEMENT, NULL },
    { "httpheader", FORM_CODE, NULL },
    { "httpmethod", FORM_CODE, NULL },
    { "httpstatus", FORM_CODE, NULL },
    { "jsxref", FORM_CODE, NULL },
    { "mathmlelement", FORM_ELEMENT, NULL },
    { "non-standard_header", FORM_NOTICE, "Non-standard" },
    { "non-standard_inline", FORM_WORD, "(non-standard)" },
    { "optional_inline", FORM_WORD, "(optional)" },
    { "readonlyinline", FORM_WORD, "(read-only)" },
    { "rfc", FORM_RFC, NULL },
    { "securecontext_header", FORM_NOTICE, "Secure context" },
    { "securecontext_inline", FORM_WORD, "(secure context)" },
    { "seecompattable", FORM_NOTICE, "Experimental" },
    { "svgattr", FORM_CODE, NULL },
    { "svgelement", FORM_ELEMENT, NULL },
    { "webextapiref", FORM_CODE, NULL },
};

/* What is shown of a reference: the second argument, else the first. */
static struct ctx_span shown(const struct ctx_macro *macro)
{
    struct ctx_span text = { "", 0 };
    if (!ctx_macro_argument(macro, 1, &text) || text.len == 0)
        ctx_macro_argument(macro, 0, &text);
    return text;
}

static void put_element(const struct ctx_macro *macro, struct ctx_macro_out *out)
{
    struct ctx_span text;
    bool named = ctx_macro_argument(macro, 1, &text) && text.len;
    if (!named && !ctx_macro_argument(macro, 0, &text))
        return;
    CTX_AUTO_BUFFER struct ctx_buffer element;
    ctx_buffer_init(&element, out->text->limit);
    ctx_buffer_puts(&element, named ? "" : "<");
    ctx_buffer_append(&element, text.data, text.len);
    ctx_buffer_puts(&element, named ? "" : ">");
    ctx_escape_code(out->text, ctx_buffer_str(&element), element.len, false);
}

static void put(const struct ctx_macro *macro, size_t row, struct ctx_macro_out *out)
{
    struct ctx_span text = shown(macro);
    switch (macros[row].form) {
    case FORM_CODE:
        if (text.len)
            ctx_escape_code(out->text, text.data, text.len, false);
        break;
    case FORM_ELEMENT:
        put_element(macro, out);
        break;
    case FORM_RFC:
        ctx_macro_argument(macro, 0, &text);
        ctx_buffer_puts(out->text, "RFC ");
        ctx_escape_text(out->text, text.data, text.len, false);
        if (ctx_macro_argument(macro, 1, &text) && text.len) {
            ctx_buffer_puts(out->text, ": ");
            ctx_escape_text(out->text, text.data, text.len, false);
        }
        break;
    case FORM_TEXT:
        ctx_escape_text(out->text, text.data, text.len, false);
        break;
    case FORM_NOTICE:
        ctx_buffer_printf(out->text, macro->alone ? "> **%s**\n" : "(%s)", macros[row].word);
        break;
    case FORM_WORD:
        ctx_buffer_puts(out->text, macros[row].word);
        break;
    }
}

static bool write_macro(const struct ctx_macro *macro, struct ctx_macro_out *out)
{
    for (size_t i = 0; i < CTX_ARRAY_LEN(macros); i++) {
        if (strlen(macros[i].name) != macro->name.len ||
            strncasecmp(macros[i].name, macro->name.data, macro->name.len) != 0)
            continue;
        ctx_macro_count(macro, out, CTX_LOSS_UNWRAPPED);
        put(macro, i, out);
        return true;
    }
    ctx_macro_count(macro, out, CTX_LOSS_DROPPED);
    return true;
}

const struct ctx_macro_language ctx_language_mdn[] = {
    { "{{", "}}", write_macro },
    { NULL, NULL, NULL },
};
