#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "transform/mdx/js.h"
#include "transform/mdx/js_data.h"
#include "transform/mdx/tags.h"

static ssize_t braces(const char *text)
{
    return ctx_js_braces(text, strlen(text), 0, CTX_JS_BRACES_CHILD);
}

static void js_braces_end_with_the_expression(void **state)
{
    (void)state;
    static const char *const whole[] = {
        "{}",
        "{/* a } b */}",
        "{a}",
        "{a.b?.c[0](1, ...d)`t${1 + {a: 1}.a}`}",
        "{\"}\"}",
        "{'\\'}'}",
        "{/[}/]}/g.test(x)}",
        "{a / b / c}",
        "{a ? b : {c}}",
        "{() => { return '}' }}",
        "{async (x) => await x}",
        "{function f(a, b = 1) { if (a) { return /}/ } }}",
        "{[1, , ...x, {y, 'z': 1, [w]: 2, get v() { return 1 }, async *g() {}}]}",
        "{<p>don't } {1}</p>}",
        "{<><A.B c=\"}\" d={<b/>} {...e}/></>}",
        "{`a ${`b ${c}`}`}",
        "{new Foo}",
        "{typeof x === 'y' && !z}",
        "{class A extends B { x = 1 }}",
        "{a = b ?? c}",
        "{1, 2}",
        "{0x1F + 1_000n + .5e-3}",
        "{({a: 1})}",
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(whole); i++) {
        bool child_text = whole[i][1] == '<' && strstr(whole[i], "don't } ");
        ssize_t end = braces(whole[i]);
        if (child_text) /* JSX allows no lone brace in text */
            assert_int_equal(end, CTX_SCAN_BAD);
        else if (end != (ssize_t)strlen(whole[i]))
            fail_msg("%s: %zd", whole[i], end);
    }
}

static void js_braces_refuse_what_is_no_expression(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "{#id}",  "{a b}", "{a: 1, b: 2}", "{1px}",      "{@x}",      "{if (a) b}",
        "{a.}",   "{a,}",  "{01}",         "{'a\nb'}",   "{<a></b>}", "{const a = 1}",
        "{a..b}", "{%}",   "{return 1}",   "{import x}",
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(bad); i++)
        if (braces(bad[i]) != CTX_SCAN_BAD)
            fail_msg("%s: %zd", bad[i], braces(bad[i]));
}

static void js_braces_ask_for_more(void **state)
{
    (void)state;
    static const char *const open[] = { "{", "{a", "{(", "{`${", "{'a", "{/*", "{<a>", "{() => {" };
    for (size_t i = 0; i < CTX_ARRAY_LEN(open); i++)
        assert_int_equal(braces(open[i]), CTX_SCAN_MORE);
}

static void js_nesting_is_bounded(void **state)
{
    (void)state;
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, SIZE_MAX / 2);
    ctx_buffer_putc(&text, '{');
    ctx_buffer_fill(&text, '(', 100000);
    assert_int_equal(braces(text.data), CTX_SCAN_BAD);
    ctx_buffer_clear(&text);
    ctx_buffer_putc(&text, '{');
    ctx_buffer_fill(&text, '[', CTX_LIMIT_NESTING / 4);
    ctx_buffer_fill(&text, ']', CTX_LIMIT_NESTING / 4);
    ctx_buffer_putc(&text, '}');
    assert_int_equal(braces(text.data), text.len);
}

static void js_modules_end_at_a_blank_line(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *rest;
    } cases[] = {
        { "import a from 'b'\n\n# x", "\n\n# x" },
        { "import {\n  a as b,\n  c,\n} from \"d\";\nimport 'e'\n\n<F/>", "\n\n<F/>" },
        { "export const a = {\n\n  b: [\n\n  1],\n}\n\n- item", "\n\n- item" },
        { "export default function A() {\n\n  return <p>{'x'}</p>\n}\n\ntext", "\n\ntext" },
        { "export * as x from 'y'", "" },
        { "import x from './a.json' with { type: 'json' }\n", "\n" },
        { "export {a, b as c} from 'd'\nexport let e = 1, f\n\n", "\n\n" },
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(cases); i++) {
        ssize_t end = ctx_js_module(cases[i].text, strlen(cases[i].text));
        assert_true(end > 0);
        assert_string_equal(cases[i].text + end, cases[i].rest);
    }
    static const char *const bad[] = { "import the package first.", "export your data now",
                                       "import a from 'b'\nconst c = 1\n",
                                       "import type {A} from 'b'" };
    for (size_t i = 0; i < CTX_ARRAY_LEN(bad); i++)
        assert_int_equal(ctx_js_module(bad[i], strlen(bad[i])), CTX_SCAN_BAD);
}

static void js_values_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum ctx_js_value kind;
        const char *value;
    } cases[] = {
        { "\"a\\n\\x41\\u{1F600}\"", CTX_JS_VALUE_TEXT, "a\nA\xF0\x9F\x98\x80" },
        { " 'it\\'s' ", CTX_JS_VALUE_TEXT, "it's" },
        { "`t`", CTX_JS_VALUE_TEXT, "t" },
        { "`${t}`", CTX_JS_VALUE_OTHER, "" },
        { "1.5", CTX_JS_VALUE_TEXT, "1.5" },
        { "", CTX_JS_VALUE_COMMENT, "" },
        { "/* a */ // b", CTX_JS_VALUE_COMMENT, "" },
        { "/* a */ 'b' // c", CTX_JS_VALUE_TEXT, "b" },
        { "'a' + /* b */ 'c'", CTX_JS_VALUE_OTHER, "" },
        { "'a' + 'b'", CTX_JS_VALUE_OTHER, "" },
        { "a", CTX_JS_VALUE_OTHER, "" },
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(cases); i++) {
        CTX_AUTO_BUFFER struct ctx_buffer value;
        ctx_buffer_init(&value, 100);
        assert_int_equal(ctx_js_value(cases[i].text, strlen(cases[i].text), &value), cases[i].kind);
        assert_string_equal(ctx_buffer_str(&value), cases[i].value);
    }
}

static void js_array_items_are_found(void **state)
{
    (void)state;
    static const char text[] = "['npm', \"a, b\", { label: 'C', x: [1] }, `d`]";
    static const char *const items[] = { "npm", "a, b", "C", "d" };
    for (size_t i = 0; i < CTX_ARRAY_LEN(items); i++) {
        CTX_AUTO_BUFFER struct ctx_buffer value;
        ctx_buffer_init(&value, 100);
        assert_true(ctx_js_array_text(text, strlen(text), i, &value));
        assert_string_equal(value.data, items[i]);
    }
    assert_false(ctx_js_array_text(text, strlen(text), 4, NULL));
    assert_false(ctx_js_array_text("items", 5, 0, NULL));
}

static void tags_are_read(void **state)
{
    (void)state;
    static const char text[] = "<Tabs.Tab a=\"x > y\" b='1'\n c={<i d=\"}\"/>} {...e} f-g:h />rest";
    struct ctx_tag tag;
    ssize_t end = ctx_tag_read(text, strlen(text), 0, &tag);
    assert_string_equal(text + end, "rest");
    assert_true(tag.self_closing && !tag.closing && ctx_span_is(tag.name, "Tabs.Tab"));
    static const char *const names[] = { "a", "b", "c", "", "f-g:h" };
    struct ctx_attribute attribute;
    size_t at = 0;
    for (size_t i = 0; i < CTX_ARRAY_LEN(names); i++) {
        assert_true(ctx_tag_next(&tag, &at, &attribute));
        assert_true(ctx_span_is(attribute.name, names[i]));
    }
    assert_false(ctx_tag_next(&tag, &at, &attribute));
}

static void tags_are_read_again_by_their_names(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "<>",
        "</>",
        "</ >",
        "<a>",
        "<a/>",
        "<a / >",
        "</ a.b >",
        "<a b/>",
        "<a b / >",
        "<a b >",
        "<a\nb=\"/\">",
        "<a b='>' />",
        "<a:b {...c}>",
        "<A.B c={'/'}/>",
        "<a b={c} d\n/\n>",
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(texts); i++) {
        struct ctx_tag tag;
        size_t len = strlen(texts[i]);
        assert_int_equal(ctx_tag_read(texts[i], len, 0, &tag), len);
        struct ctx_tag again = ctx_tag_reread(texts[i], 0, len);
        assert_ptr_equal(again.name.data, tag.name.data);
        assert_int_equal(again.name.len, tag.name.len);
        assert_ptr_equal(again.attributes.data, tag.attributes.data);
        assert_int_equal(again.attributes.len, tag.attributes.len);
        assert_true(again.closing == tag.closing && again.self_closing == tag.self_closing);
    }
}

static void a_tag_tells_the_initials_of_its_values(void **state)
{
    (void)state;
    static const char text[] = "<a bc d=\"e f\"g = {h} {...i} title\n='x'/>";
    struct ctx_tag tag;
    assert_true(ctx_tag_read(text, strlen(text), 0, &tag) > 0);
    uint32_t initials = ctx_tag_initials(&tag);
    for (const char *c = "dgt"; *c; c++)
        assert_true(ctx_tag_may_have(initials, c));
    for (const char *c = "bcefhix"; *c; c++)
        assert_false(ctx_tag_may_have(initials, c));
}

static void tags_that_are_none_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int code;
    } cases[] = {
        { "< a>", CTX_SCAN_TEXT },
        { "<!-- x -->", CTX_SCAN_BAD },
        { "<3", CTX_SCAN_BAD },
        { "<https://x>", CTX_SCAN_BAD },
        { "<a@b.c>", CTX_SCAN_BAD },
        { "<a b=c>", CTX_SCAN_BAD },
        { "<a", CTX_SCAN_MORE },
        { "<a b=\"", CTX_SCAN_MORE },
        { "</a b>", CTX_SCAN_BAD },
        { "<a b=''c>", 10 },
        { "<>", 2 },
        { "</>", 3 },
        { "<", CTX_SCAN_MORE },
        { "<a b={}>", CTX_SCAN_BAD },
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(cases); i++) {
        struct ctx_tag tag;
        ssize_t r = ctx_tag_read(cases[i].text, strlen(cases[i].text), 0, &tag);
        int code = cases[i].code > 3 ? (int)strlen(cases[i].text) : cases[i].code;
        if (r != code)
            fail_msg("%s: %zd", cases[i].text, r);
    }
}

static void js_data_is_read_member_by_member(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *members; /* "key=value;" */
    } cases[] = {
        { "[1, 'a', {b: [2]}]", "=1;='a';={b: [2]};" },
        { " /* c */ { a: 1, 'b-c': f(x, { d: 2 }) , e : `${g}`, }",
          "a=1;b-c=f(x, { d: 2 });e=`${g}`;" },
        { "{ ...rest, a, b: 1, ...more }", "b=1;" },
        { "[...x, { a: <b>it's, really</b> }, y]", "={ a: <b>it's, really</b> };=y;" },
        { "{ a: 1, f() {}, b: 2 }", "a=1;" },
        { "[]", "" },
        { "name", "" },
        { "[1, ", "=1;" },
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(cases); i++) {
        CTX_AUTO_BUFFER struct ctx_buffer members;
        struct ctx_js_data data;
        struct ctx_js_member member;
        ctx_buffer_init(&members, 1000);
        struct ctx_span text = { cases[i].text, strlen(cases[i].text) };
        if (ctx_js_data_begin(&data, text))
            while (ctx_js_data_next(&data, &member))
                ctx_buffer_printf(&members, "%.*s=%.*s;", (int)member.key.len, member.key.data,
                                  (int)member.value.len, member.value.data);
        assert_string_equal(ctx_buffer_str(&members), cases[i].members);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(js_braces_end_with_the_expression),
        cmocka_unit_test(js_braces_refuse_what_is_no_expression),
        cmocka_unit_test(js_braces_ask_for_more),
        cmocka_unit_test(js_nesting_is_bounded),
        cmocka_unit_test(js_modules_end_at_a_blank_line),
        cmocka_unit_test(js_values_are_read),
        cmocka_unit_test(js_data_is_read_member_by_member),
        cmocka_unit_test(js_array_items_are_found),
        cmocka_unit_test(tags_are_read),
        cmocka_unit_test(tags_are_read_again_by_their_names),
        cmocka_unit_test(a_tag_tells_the_initials_of_its_values),
        cmocka_unit_test(tags_that_are_none_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
