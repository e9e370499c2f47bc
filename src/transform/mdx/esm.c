/*
 * ESM: import and export declarations in the first column, outside of containers. A block goes to
 * the first blank line at which it is complete. Where a document need not parse (`.mdx`), what
 * begins like a declaration is one even when it is not the JavaScript that MDX takes.
 */
#include <string.h>

#include "transform/mdx/js.h"
#include "transform/mdx/scan.h"

static bool begins(const char *s, size_t len, const char *word)
{
    size_t n = strlen(word);
    return len >= n && memcmp(s, word, n) == 0;
}

/* The end of the lines up to the first blank one. */
static size_t blank_line(const char *s, size_t len)
{
    size_t from = 0;
    while (from < len) {
        const char *eol = memchr(s + from, '\n', len - from);
        if (!eol)
            return len;
        from = (size_t)(eol - s) + 1;
        size_t i = from + strspn(s + from, " \t");
        if (i >= len || s[i] == '\n')
            return from;
    }
    return len;
}

/* TypeScript and the like: a declaration by its first words. */
static bool looks_like_esm(const char *s, size_t len)
{
    static const char *const exports[] = { "const ",    "let ",      "var ",   "default ",
                                           "function ", "function*", "async ", "class ",
                                           "{",         "* ",        "type ",  "interface ",
                                           "enum " };
    const char *eol = memchr(s, '\n', len);
    size_t line = eol ? (size_t)(eol - s) : len;
    const char *rest = s + strlen("import ");
    size_t left = line - strlen("import ");
    if (begins(s, len, "export ")) {
        for (size_t i = 0; i < sizeof(exports) / sizeof(*exports); i++)
            if (begins(rest, left, exports[i]))
                return true;
        return false;
    }
    if (left && (rest[0] == '{' || rest[0] == '"' || rest[0] == '\'' || rest[0] == '*'))
        return true;
    return memmem(rest, left, " from '", 7) || memmem(rest, left, " from \"", 7);
}

size_t ctx_mdx_esm(struct ctx_mdx_scan *scan, size_t at)
{
    const char *s = scan->source + at;
    size_t len = scan->len - at;
    if (!scan->budget || (!begins(s, len, "import ") && !begins(s, len, "export ")))
        return 0;
    ssize_t end = ctx_js_module(s, len);
    if (end >= 0)
        return (size_t)end < len && s[end] == '\n' ? (size_t)end + 1 : (size_t)end;
    ctx_mdx_bad(scan);
    ctx_mdx_spend(scan, len);
    return looks_like_esm(s, len) ? blank_line(s, len) : 0;
}
