#include "control/message.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "control/text.h"

static json_t *parse(const char *text)
{
    json_t *message;
    struct ctx_error error;
    assert_int_equal(ctx_message_parse(text, strlen(text), &message, &error), 0);
    return message;
}

static void message_refuses_what_is_not_json(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "{",
        "nonsense",
        "{\"a\":1}x",
        "\"\xff\"",
        "{\"a\":1,\"a\":2}",
        "[1,]",
        "\"\xed\xa0\x80\"",
        "1e999",
        "{'a':1}",
        "\"\\u0000\"",
        "\"a\nb\"",
        "99999999999999999999",
        "nul",
        "\xef\xbb\xbf{}",
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(wrong); i++) {
        json_t *message;
        struct ctx_error error = { "" };
        assert_int_equal(ctx_message_parse(wrong[i], strlen(wrong[i]), &message, &error), -EBADMSG);
        assert_int_not_equal(error.text[0], '\0');
        assert_null(strchr(error.text, '\n'));
    }
}

/* Requests, and what reading each of them gives. */
static const struct {
    const char *text;
    int status;
    const char *id; /* dumped; NULL: none known */
    const char *error;
} requests[] = {
    { "{\"jsonrpc\":\"2.0\",\"method\":\"m\"}", 0, NULL, NULL },
    { "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"id\":1}", 0, "1", NULL },
    { "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"id\":null,\"params\":[]}", 0, "null", NULL },
    { "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"id\":\"a\",\"params\":{}}", 0, "\"a\"", NULL },
    { "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"id\":1.5}", 0, "1.5", NULL },
    { "1", -EINVAL, NULL, "object" },
    { "{\"method\":\"m\",\"id\":7}", -EINVAL, "7", "jsonrpc" },
    { "{\"jsonrpc\":\"1.0\",\"method\":\"m\",\"id\":7}", -EINVAL, "7", "jsonrpc" },
    { "{\"jsonrpc\":2.0,\"method\":\"m\",\"id\":7}", -EINVAL, "7", "jsonrpc" },
    { "{\"jsonrpc\":\"2.0\",\"method\":1,\"id\":7}", -EINVAL, "7", "method" },
    { "{\"jsonrpc\":\"2.0\",\"id\":7}", -EINVAL, "7", "method" },
    { "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"params\":1,\"id\":7}", -EINVAL, "7", "params" },
    { "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"id\":{}}", -EINVAL, NULL, "id" },
    { "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"id\":true}", -EINVAL, NULL, "id" },
};

static void message_reads_requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < CTX_ARRAY_LEN(requests); i++) {
        json_t *message = json_loads(requests[i].text, JSON_DECODE_ANY, NULL);
        struct ctx_message_request request;
        struct ctx_error error = { "" };
        assert_int_equal(ctx_message_read_request(message, &request, &error), requests[i].status);
        CTX_AUTO_FREE char *id = request.id ? json_dumps(request.id, JSON_ENCODE_ANY) : NULL;
        if (requests[i].id)
            assert_string_equal(id, requests[i].id);
        else
            assert_null(id);
        if (requests[i].error)
            assert_non_null(strstr(error.text, requests[i].error));
        else
            assert_string_equal(request.method, "m");
        json_decref(message);
    }
}

static void expect_line(json_t *message, const char *expected)
{
    CTX_AUTO_BUFFER struct ctx_buffer line;
    ctx_buffer_init(&line, 4096);
    assert_non_null(message);
    assert_int_equal(ctx_message_append(&line, message), 0);
    assert_string_equal(ctx_buffer_str(&line), expected);
    json_decref(message);
}

static void message_writes_one_line(void **state)
{
    (void)state;
    json_t *id = json_string("a\nb");
    expect_line(ctx_message_result(id, json_integer(1)),
                "{\"jsonrpc\":\"2.0\",\"id\":\"a\\nb\",\"result\":1}\n");
    expect_line(ctx_message_result(NULL, NULL),
                "{\"jsonrpc\":\"2.0\",\"id\":null,\"result\":null}\n");
    expect_line(
        ctx_message_error(id, CTX_RPC_PAUSED, "p", json_true()),
        "{\"jsonrpc\":\"2.0\",\"id\":\"a\\nb\",\"error\":{\"code\":-32002,\"message\":\"p\","
        "\"data\":true}}\n");
    expect_line(ctx_message_error(NULL, CTX_RPC_PARSE, "bad \xff", NULL),
                "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,\"message\":\"bad "
                "\xef\xbf\xbd\"}}\n");
    expect_line(ctx_message_notification("event", json_object()),
                "{\"jsonrpc\":\"2.0\",\"method\":\"event\",\"params\":{}}\n");
    expect_line(ctx_message_request(id, "m", NULL),
                "{\"jsonrpc\":\"2.0\",\"id\":\"a\\nb\",\"method\":\"m\"}\n");
    json_decref(id);
}

static void message_that_does_not_fit_leaves_the_buffer_usable(void **state)
{
    (void)state;
    CTX_AUTO_BUFFER struct ctx_buffer buffer;
    ctx_buffer_init(&buffer, 20);
    json_t *large = json_string("this is far more than twenty bytes");
    json_t *small = json_string("ok");
    ctx_buffer_puts(&buffer, "kept\n");
    json_t *wrapped = json_pack("[o]", large);
    assert_int_equal(ctx_message_append(&buffer, wrapped), -EFBIG);
    assert_string_equal(ctx_buffer_str(&buffer), "kept\n");
    json_t *fits = json_pack("[o]", small);
    assert_int_equal(ctx_message_append(&buffer, fits), 0);
    assert_string_equal(ctx_buffer_str(&buffer), "kept\n[\"ok\"]\n");
    json_decref(wrapped);
    json_decref(fits);
}

static void message_paths_survive_what_is_not_utf8(void **state)
{
    (void)state;
    static const char *const paths[] = { "a.md", "\xc3\xa4/b.md", "bad\xff.md", "\n\"\\.md" };
    for (size_t i = 0; i < CTX_ARRAY_LEN(paths); i++) {
        json_t *object = json_object();
        assert_int_equal(ctx_json_set_path(object, "path", paths[i]), 0);
        assert_int_equal(json_object_get(object, "path_b64") != NULL, i == 2);
        CTX_AUTO_FREE char *path = NULL;
        assert_int_equal(ctx_json_get_path(object, "path", &path, NULL), 0);
        assert_string_equal(path, paths[i]);
        json_decref(object);
    }
}

static void message_paths_are_refused_when_wrong(void **state)
{
    (void)state;
    static const char *const wrong[] = { "{\"path\":\"\"}", "{\"path_b64\":\"?\"}",
                                         "{\"path_b64\":\"\"}", "{\"path_b64\":\"YQBi\"}" };
    char *path = NULL;
    struct ctx_error error;
    for (size_t i = 0; i < CTX_ARRAY_LEN(wrong); i++) {
        json_t *object = parse(wrong[i]);
        assert_int_equal(ctx_json_get_path(object, "path", &path, &error), -EINVAL);
        assert_non_null(strstr(error.text, "path"));
        json_decref(object);
    }
    json_t *empty = json_object();
    assert_int_equal(ctx_json_get_path(empty, "path", &path, &error), CTX_GONE);
    assert_null(path);
    json_decref(empty);
}

static void message_times_are_utc_with_microseconds(void **state)
{
    (void)state;
    static const struct {
        int64_t us;
        const char *text;
    } times[] = {
        { 0, "1970-01-01T00:00:00.000000Z" },
        { 1740821400123456, "2025-03-01T09:30:00.123456Z" },
        { -1, "1969-12-31T23:59:59.999999Z" },
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(times); i++) {
        json_t *text = ctx_json_time(times[i].us);
        assert_string_equal(json_string_value(text), times[i].text);
        json_decref(text);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(message_refuses_what_is_not_json),
        cmocka_unit_test(message_reads_requests),
        cmocka_unit_test(message_writes_one_line),
        cmocka_unit_test(message_that_does_not_fit_leaves_the_buffer_usable),
        cmocka_unit_test(message_paths_survive_what_is_not_utf8),
        cmocka_unit_test(message_paths_are_refused_when_wrong),
        cmocka_unit_test(message_times_are_utc_with_microseconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
