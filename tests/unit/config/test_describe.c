/* The effective configuration, with the origin of each value. */
#include "config/describe.h"

#include "config_fixture.h"

static const json_t *find(const json_t *values, const char *key)
{
    size_t i;
    json_t *value;
    json_array_foreach(values, i, value)
    {
        if (strcmp(json_string_value(json_object_get(value, "key")), key) == 0)
            return value;
    }
    fail_msg("no %s", key);
    return NULL;
}

static void assert_value(const json_t *values, const char *key, const char *json,
                         const char *origin, json_int_t line)
{
    const json_t *value = find(values, key);
    char *text = json_dumps(json_object_get(value, "value"), JSON_ENCODE_ANY | JSON_COMPACT);
    assert_string_equal(text, json);
    assert_string_equal(json_string_value(json_object_get(value, "origin")), origin);
    assert_int_equal(json_integer_value(json_object_get(value, "line")), line);
    free(text);
}

static void describe_gives_values_and_origins(void **state)
{
    struct fixture *f = *state;
    fixture_folder(f, "tree");
    fixture_write(f, "projects/p.json", "{\"settings\": {\n\n\"branch\": \"b\"}}");
    f->overrides.profile = "compact";
    assert_int_equal(fixture_load(f, "{\"sources\": [{\"root\": \"tree\", \"output\": \"out\",\n"
                                     "\"project\": \"p\",\n"
                                     "\"topics\": [\"t\"]}],\n"
                                     "\"transforms\": {\"rules\": {\"badges\": false},\n"
                                     " \"components\": [\"A\"]},\n"
                                     "\"performance\": {\"max_workers\": 3}}"),
                     0);
    json_t *whole = ctx_config_describe(&f->config);
    const json_t *values = json_object_get(whole, "values");
    const json_t *source = json_array_get(json_object_get(whole, "sources"), 0);
    assert_value(values, "performance.max_workers", "3", "file", 6);
    assert_value(values, "performance.batch_size", "50", "default", 0);
    assert_value(values, "watch.poll", "false", "default", 0);
    assert_value(values, "socket", "null", "default", 0);
    assert_non_null(json_object_get(find(values, "socket"), "otherwise"));
    values = json_object_get(source, "values");
    assert_value(values, "repo", "\"tree\"", "repository", 0);
    assert_value(values, "ref", "\"b\"", "preset", 3);
    assert_value(values, "topics", "[\"t\"]", "file", 3);
    assert_value(values, "profile", "\"compact\"", "flag", 0);
    assert_value(values, "transforms.rules", "{\"badges\":false}", "file", 4);
    assert_value(values, "transforms.components", "{\"A\":\"unwrap\"}", "file", 5);
    assert_value(values, "transforms.link_rules.preserve_anchors", "true", "default", 0);
    assert_string_equal(json_string_value(json_object_get(source, "preset")), "p");
    assert_int_equal(strlen(json_string_value(json_object_get(source, "fingerprint"))), 64);
    json_decref(whole);
}

static void describe_gives_diagnostics(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_load(f, "{\n\"socket\": 5}"), -EINVAL);
    json_t *array = ctx_diagnostics_to_json(&f->diagnostics);
    const json_t *first = json_array_get(array, 0);
    assert_int_equal(json_array_size(array), 1);
    assert_string_equal(json_string_value(json_object_get(first, "severity")), "error");
    assert_string_equal(json_string_value(json_object_get(first, "key")), "socket");
    assert_string_equal(json_string_value(json_object_get(first, "file")),
                        fixture_path(f, "c.json"));
    assert_int_equal(json_integer_value(json_object_get(first, "line")), 2);
    json_decref(array);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(describe_gives_values_and_origins),
        FIXTURE_TEST(describe_gives_diagnostics),
    };
    return cmocka_run_group_tests(tests, fixture_setup_group, NULL);
}
