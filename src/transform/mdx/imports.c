/*
 * Imports: the names of Markdown files, for which elements stand, and of pictures, which elements
 * show. Resolving partials comes later; until then the element is a reference that the reader can see.
 */
#include <string.h>

#include "base/cleanup.h"
#include "transform/mdx/escape.h"
#include "transform/mdx/js_cursor.h"
#include "transform/mdx/render.h"

static bool is_markdown(struct ctx_span path)
{
    return (path.len > 3 && memcmp(path.data + path.len - 3, ".md", 3) == 0) ||
           (path.len > 4 && memcmp(path.data + path.len - 4, ".mdx", 4) == 0);
}

/* `import Name from "path"`, on one line. */
static void collect_line(struct ctx_mdx_render *r, const char *line, size_t len)
{
    static const char keyword[] = "import ";
    size_t n = strlen(keyword);
    if (r->n_imports == CTX_MDX_IMPORTS_MAX || len < n || memcmp(line, keyword, n) != 0)
        return;
    struct ctx_span name = { line + n, ctx_js_identifier(line + n, len - n) };
    const char *open = memchr(line, '"', len);
    if (!open)
        open = memchr(line, '\'', len);
    if (!open || name.len == 0)
        return;
    const char *close = memchr(open + 1, *open, (size_t)(line + len - open - 1));
    if (!close)
        return;
    struct ctx_span path = { open + 1, (size_t)(close - open - 1) };
    r->imports[r->n_imports].name = name;
    r->imports[r->n_imports++].path = path;
}

/* `const name = …`, exported or not, at the beginning of a line; past it, or where it is not one. */
static const char *collect_constant(struct ctx_mdx_render *r, const char *line, const char *end)
{
    static const char *const words[] = { "export", "const", "let", "var" };
    struct ctx_js js = { .s = line, .len = (size_t)(end - line) };
    bool constant = false;
    for (size_t i = 0; i < CTX_ARRAY_LEN(words) && !constant; i++)
        constant = ctx_js_take_word(&js, words[i]) && i > 0;
    if (!constant || r->n_constants == CTX_MDX_CONSTANTS_MAX)
        return line;
    ctx_js_space(&js);
    struct ctx_span name = { line + js.at, ctx_js_name_len(&js) };
    js.at += name.len;
    if (name.len == 0 || !ctx_js_take(&js, '='))
        return line;
    size_t begin = js.at;
    ctx_js_assignment(&js);
    if (js.fail)
        return line;
    r->constants[r->n_constants].name = name;
    r->constants[r->n_constants++].value = (struct ctx_span){ line + begin, js.at - begin };
    return line + js.at;
}

void ctx_imports_collect(struct ctx_mdx_render *r, struct ctx_span esm)
{
    const char *end = esm.data + esm.len;
    for (const char *line = esm.data; line < end;) {
        const char *past = collect_constant(r, line, end);
        const char *eol = memchr(past, '\n', (size_t)(end - past));
        size_t len = (size_t)((eol ? eol : end) - line);
        collect_line(r, line, len);
        line += len + 1;
    }
}

struct ctx_span ctx_imports_path(const struct ctx_mdx_render *r, struct ctx_span name)
{
    for (size_t i = 0; i < r->n_imports; i++) {
        struct ctx_span known = r->imports[i].name;
        if (known.len == name.len && memcmp(known.data, name.data, name.len) == 0)
            return r->imports[i].path;
    }
    return r->outer ? ctx_imports_path(r->outer, name) : (struct ctx_span){ "", 0 };
}

struct ctx_span ctx_imports_name(struct ctx_span code)
{
    static const char white[] = " \t\n";
    while (code.len && strchr(white, *code.data)) {
        code.data++;
        code.len--;
    }
    struct ctx_span name = { code.data, ctx_js_identifier(code.data, code.len) };
    if (name.len + strspn(name.data + name.len, white) < code.len)
        name.len = 0;
    return name;
}

struct ctx_span ctx_imports_value(const struct ctx_mdx_render *r, struct ctx_span code)
{
    struct ctx_span name = ctx_imports_name(code);
    if (name.len == 0)
        return code;
    for (const struct ctx_mdx_render *at = r; at; at = at->outer)
        for (size_t i = 0; i < at->n_constants; i++)
            if (at->constants[i].name.len == name.len &&
                memcmp(at->constants[i].name.data, name.data, name.len) == 0)
                return at->constants[i].value;
    return code;
}

/* A link where the path leads; an alias that only its bundler knows (@site/…) is told as it is. */
static void put_reference(struct ctx_buffer *ret, struct ctx_span text, struct ctx_span path)
{
    if (path.data[0] != '.' && path.data[0] != '/') {
        ctx_escape_code(ret, path.data, path.len, false);
        return;
    }
    ctx_buffer_putc(ret, '[');
    ctx_escape_text(ret, text.data, text.len, false);
    ctx_escape_link_end(ret, path.data, path.len);
}

bool ctx_imports_include(struct ctx_mdx_render *r, const struct ctx_tag *tag,
                         const struct ctx_component *row, uint32_t line, struct ctx_buffer *ret)
{
    CTX_AUTO_BUFFER struct ctx_buffer path;
    ctx_buffer_init(&path, ret->limit);
    if (row && row->kind && ctx_tag_text(tag, row->kind, &path))
        ctx_buffer_putc(&path, '/');
    size_t folder = path.len;
    for (const char *p = row ? row->props : NULL; p && *p && path.len == folder;) {
        char name[32] = { 0 };
        size_t n = strcspn(p, " ");
        memcpy(name, p, n < sizeof(name) - 1 ? n : sizeof(name) - 1);
        ctx_tag_text(tag, name, &path);
        p += n + (p[n] == ' ');
    }
    struct ctx_span span = { ctx_buffer_str(&path), path.len };
    if (path.len == folder)
        return false;
    ctx_render_count(r, CTX_LOSS_UNRESOLVED, "include", span, line);
    put_reference(ret, span, span);
    return true;
}

bool ctx_imports_reference(struct ctx_mdx_render *r, struct ctx_span name, uint32_t line,
                           struct ctx_buffer *ret)
{
    struct ctx_span path = ctx_imports_path(r, name);
    if (!is_markdown(path))
        return false;
    ctx_render_count(r, CTX_LOSS_UNRESOLVED, "partial", path, line);
    put_reference(ret, name, path);
    return true;
}
