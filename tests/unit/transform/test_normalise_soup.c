/*
 * The normalise stage on token soup: random documents of the pieces that Markdown's rules turn on.
 * HTML equal, second pass the identity. A fixed seed; a failing document is shrunk and printed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "html_oracle.h"
#include "random.h"

enum { DOCUMENTS = 20000, LONGEST = 30 };

static const char *const tokens[] = {
    "\n",      "\n",       "\n",       "\n\n",   "\n\n\n", " ",      "  ",         "    ",
    "\t",      "> ",       ">",        "- ",     "* ",     "+ ",     "-",          "*",
    "1. ",     "2) ",      "#",        "# ",     "## ",    " #",     "===",        "---",
    "***",     "___",      "```",      "~~~",    "````",   "`",      "``",         "js",
    "JS",      "|",        "a | b",    "-|-",    ":-:|-",  "\\",     "\\|",        "[a]",
    "[a]: /u", "[^1]",     "[^1]: ",   "](",     ")",      "(",      "<div>",      "</div>",
    "<!--",    "-->",      "<pre>",    "</pre>", "<b",     "<b>",    "[ ] ",       "[x] ",
    "a",       "b c",      "  \n",     "\\\n",   "\"t\"",  "![",     "_",          "http://a.b",
    "www.c.d", "&amp;",    "**",       "~~",     "<?",     "?>",     "    code\n", "  - ",
    "   ",     "\xC3\xA9", "\xC2\xA0", "a@b.c",  "$$\n",   "\n$$\n", "$$ a",       "a $$\n",
};

struct soup {
    uint8_t picked[LONGEST];
    size_t n;
};

static const char *judge(const struct soup *soup, struct ctx_buffer *text)
{
    ctx_buffer_clear(text);
    for (size_t i = 0; i < soup->n; i++)
        ctx_buffer_puts(text, tokens[soup->picked[i]]);
    struct ctx_buffer out;
    const char *verdict = oracle_verdict(ctx_buffer_str(text), text->len, &out);
    ctx_buffer_deinit(&out);
    return verdict;
}

/* Takes tokens away for as long as the document fails. */
static void shrink(struct soup *soup, struct ctx_buffer *text)
{
    for (size_t i = 0; i < soup->n;) {
        struct soup less = *soup;
        memmove(less.picked + i, less.picked + i + 1, less.n - i - 1);
        less.n--;
        if (judge(&less, text)) {
            *soup = less;
            i = 0;
        } else {
            i++;
        }
    }
}

static void normalise_soup(void **state)
{
    (void)state;
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, SIZE_MAX / 2);
    for (int i = 0; i < DOCUMENTS; i++) {
        struct soup soup = { .n = 1 + next_below(LONGEST) };
        for (size_t k = 0; k < soup.n; k++)
            soup.picked[k] = (uint8_t)next_below(CTX_ARRAY_LEN(tokens));
        if (!judge(&soup, &text))
            continue;
        shrink(&soup, &text);
        const char *verdict = judge(&soup, &text);
        fail_msg("document %d: %s\n%s", i, verdict, ctx_buffer_str(&text));
    }
}

static int set_up(void **state)
{
    (void)state;
    return ctx_transform_setup();
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(normalise_soup) };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
