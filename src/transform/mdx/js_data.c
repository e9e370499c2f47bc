/* Members of literals. Invariant: a cursor is between two members, or has failed. */
#include "transform/mdx/js_data.h"

bool ctx_js_data_begin(struct ctx_js_data *data, struct ctx_span text)
{
    *data = (struct ctx_js_data){ .js = { .s = text.data, .len = text.len } };
    ctx_js_space(&data->js);
    int c = ctx_js_peek(&data->js, 0);
    data->close = c == '[' ? ']' : '}';
    if (c != '[' && c != '{')
        return false;
    data->js.at++;
    return true;
}

/* A key and its colon; false for methods, spreads, names that stand for themselves. */
static bool read_key(struct ctx_js *js, struct ctx_span *ret)
{
    size_t begin = js->at;
    int c = ctx_js_peek(js, 0);
    if (c == '"' || c == '\'') {
        ctx_js_string(js);
        if (js->fail)
            return false;
        *ret = (struct ctx_span){ js->s + begin + 1, js->at - begin - 2 };
    } else {
        size_t n = ctx_js_name_len(js);
        *ret = (struct ctx_span){ js->s + begin, n };
        js->at += n;
        if (n == 0)
            return false;
    }
    return ctx_js_take(js, ':');
}

/* Skips what is no member of its own: spreads, names that stand for themselves. */
static void skip_others(struct ctx_js_data *data)
{
    struct ctx_js *js = &data->js;
    for (;;) {
        ctx_js_space(js);
        size_t name = data->close == '}' ? ctx_js_name_len(js) : 0;
        int after = ctx_js_peek(js, name);
        if (ctx_js_looking_at(js, "...")) {
            js->at += 3;
            ctx_js_assignment(js);
        } else if (name && (after == ',' || after == '}')) {
            js->at += name;
        } else {
            return;
        }
        if (js->fail || !ctx_js_take(js, ','))
            return;
    }
}

bool ctx_js_data_next(struct ctx_js_data *data, struct ctx_js_member *ret_member)
{
    struct ctx_js *js = &data->js;
    struct ctx_js_member member = { 0 };
    skip_others(data);
    if (js->fail || ctx_js_at_end(js) || ctx_js_peek(js, 0) == data->close)
        return false;
    if (data->close == '}' && !read_key(js, &member.key))
        return false;
    ctx_js_space(js);
    size_t begin = js->at;
    ctx_js_assignment(js);
    if (js->fail)
        return false;
    size_t end = js->at;
    while (end > begin && strchr(" \t\n", js->s[end - 1]))
        end--;
    member.value = (struct ctx_span){ js->s + begin, end - begin };
    ctx_js_take(js, ',');
    *ret_member = member;
    return true;
}

bool ctx_js_data_find(struct ctx_span object, const char *key, struct ctx_span *ret_value)
{
    struct ctx_js_data data;
    struct ctx_js_member member;
    if (!ctx_js_data_begin(&data, object))
        return false;
    while (ctx_js_data_next(&data, &member)) {
        if (!ctx_span_is(member.key, key))
            continue;
        *ret_value = member.value;
        return true;
    }
    return false;
}
