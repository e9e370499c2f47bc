#include "daemon/parameter.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"

static const char *const colours[] = { "red", "green", NULL };

static const struct ctx_parameter table[] = {
    { "colour", CTX_PARAMETER_STRING, .values = colours },
    { "count", CTX_PARAMETER_NUMBER, .min = 1, .max = 10 },
    { "deep", CTX_PARAMETER_BOOLEAN },
    { "names", CTX_PARAMETER_STRINGS },
    { "since", CTX_PARAMETER_OBJECT },
    { "path", CTX_PARAMETER_PATH },
};

static const struct ctx_parameter required[] = {
    { "path", CTX_PARAMETER_PATH, .required = true },
};

/* Params and what comes of them: the object by name, or a piece of the error. */
static const struct {
    const char *params;
    const char *named; /* NULL: refused */
    const char *error;
} cases[] = {
    { "{}", "{}", NULL },
    { "[]", "{}", NULL },
    { "{\"colour\":\"red\",\"count\":3}", "{\"colour\":\"red\",\"count\":3}", NULL },
    { "[\"green\",1,false]", "{\"colour\":\"green\",\"count\":1,\"deep\":false}", NULL },
    { "{\"names\":[\"a\",\"b\"],\"since\":{}}", "{\"names\":[\"a\",\"b\"],\"since\":{}}", NULL },
    { "{\"path_b64\":\"YQ==\"}", "{\"path_b64\":\"YQ==\"}", NULL },
    { "{\"colour\":\"blue\"}", NULL, "colour: must be one of \"red\", \"green\"" },
    { "{\"colour\":1}", NULL, "colour:" },
    { "{\"count\":0}", NULL, "count: must be an integer from 1 to 10" },
    { "{\"count\":11}", NULL, "count:" },
    { "{\"count\":1.0}", NULL, "count:" },
    { "{\"deep\":1}", NULL, "deep: must be true or false" },
    { "{\"names\":\"a\"}", NULL, "names: must be an array" },
    { "{\"names\":[1]}", NULL, "names: each must be a string" },
    { "{\"names\":[\"\"]}", NULL, "names: each" },
    { "{\"since\":[]}", NULL, "since: must be an object" },
    { "{\"cuont\":1}", NULL, "cuont: no such parameter; did you mean count?" },
    { "{\"names_b64\":\"YQ==\"}", NULL, "names_b64: no such parameter" },
    { "[\"red\",1,true,[],{},\"a\",7]", NULL, "at most 6 parameters" },
    { "[\"red\",\"x\"]", NULL, "count:" },
};

static void parameter_checks_by_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < CTX_ARRAY_LEN(cases); i++) {
        json_t *params = json_loads(cases[i].params, 0, NULL);
        json_t *named = NULL;
        struct ctx_error error = { "" };
        int status = ctx_parameters_check(table, CTX_ARRAY_LEN(table), params, &named, &error);
        assert_int_equal(status, cases[i].named ? 0 : -EINVAL);
        if (cases[i].named) {
            CTX_AUTO_FREE char *text = json_dumps(named, JSON_COMPACT);
            assert_string_equal(text, cases[i].named);
        } else {
            assert_non_null(strstr(error.text, cases[i].error));
        }
        json_decref(named);
        json_decref(params);
    }
}

static void parameter_required_may_come_in_base64(void **state)
{
    (void)state;
    json_t *named = NULL;
    struct ctx_error error = { "" };
    assert_int_equal(ctx_parameters_check(required, 1, NULL, &named, &error), -EINVAL);
    assert_string_equal(error.text, "path: is missing");
    json_t *params = json_pack("{s:s}", "path_b64", "YQ==");
    assert_int_equal(ctx_parameters_check(required, 1, params, &named, &error), 0);
    json_decref(named);
    json_decref(params);
}

static void parameter_lists_have_a_limit(void **state)
{
    (void)state;
    json_t *names = json_array();
    json_t *named = NULL;
    for (int i = 0; i < 65; i++)
        json_array_append_new(names, json_string("x"));
    json_t *params = json_pack("{s:o}", "names", names);
    assert_int_equal(ctx_parameters_check(table, CTX_ARRAY_LEN(table), params, &named, NULL),
                     -EINVAL);
    json_array_remove(names, 0);
    assert_int_equal(ctx_parameters_check(table, CTX_ARRAY_LEN(table), params, &named, NULL), 0);
    json_decref(named);
    json_decref(params);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameter_checks_by_the_table),
        cmocka_unit_test(parameter_required_may_come_in_base64),
        cmocka_unit_test(parameter_lists_have_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
