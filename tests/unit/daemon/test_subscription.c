#include "daemon/subscription.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/limits.h"

/* "client:subscription " for each delivery. */
static char delivered[256];

static void deliver(void *data, uint64_t client, const json_t *params)
{
    (void)data;
    char text[32];
    snprintf(text, sizeof(text), "%d:%d ", (int)client,
             (int)json_integer_value(json_object_get(params, "subscription")));
    strcat(delivered, text);
}

static struct ctx_subscriptions *make(void)
{
    struct ctx_subscriptions *subscriptions;
    delivered[0] = '\0';
    assert_int_equal(ctx_subscriptions_new(deliver, NULL, &subscriptions), 0);
    return subscriptions;
}

static unsigned add(struct ctx_subscriptions *subscriptions, uint64_t client, const char *filters)
{
    json_t *params = json_loads(filters, 0, NULL);
    unsigned number;
    assert_int_equal(ctx_subscriptions_add(subscriptions, client, params, &number), 0);
    json_decref(params);
    return number;
}

static void subscription_filters_by_event_source_and_path(void **state)
{
    (void)state;
    struct ctx_subscriptions *subscriptions = make();
    add(subscriptions, 1, "{}");
    add(subscriptions, 2, "{\"events\":[\"written\"]}");
    add(subscriptions, 2, "{\"sources\":[\"a\",\"b\"],\"paths\":[\"x/**\",\"/*.md\"]}");
    static const struct {
        const char *event, *source, *path, *expected;
    } cases[] = {
        { "written", "a", "x/y.md", "1:1 2:1 2:2 " }, { "written", "c", "x/y.md", "1:1 2:1 " },
        { "failed", "b", "y.md", "1:1 2:2 " },        { "failed", "b", "z/y.md", "1:1 " },
        { "state", NULL, NULL, "1:1 2:2 " },          { "batch", "c", NULL, "1:1 " },
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(cases); i++) {
        delivered[0] = '\0';
        ctx_subscriptions_publish(subscriptions, cases[i].event, cases[i].source, cases[i].path,
                                  json_object());
        assert_string_equal(delivered, cases[i].expected);
    }
    ctx_subscriptions_free(subscriptions);
}

static void subscription_numbers_are_a_clients_own(void **state)
{
    (void)state;
    struct ctx_subscriptions *subscriptions = make();
    assert_int_equal(add(subscriptions, 1, "{}"), 1);
    assert_int_equal(add(subscriptions, 1, "{}"), 2);
    assert_int_equal(add(subscriptions, 2, "{}"), 1);
    assert_int_equal(ctx_subscriptions_remove(subscriptions, 2, 2), -ENOENT);
    assert_int_equal(ctx_subscriptions_remove(subscriptions, 1, 1), 0);
    assert_int_equal(ctx_subscriptions_remove(subscriptions, 1, 1), -ENOENT);
    ctx_subscriptions_publish(subscriptions, "written", "a", "b", json_object());
    assert_string_equal(delivered, "1:2 2:1 ");
    ctx_subscriptions_free(subscriptions);
}

static void subscription_ends_with_its_client(void **state)
{
    (void)state;
    struct ctx_subscriptions *subscriptions = make();
    add(subscriptions, 1, "{}");
    add(subscriptions, 2, "{}");
    add(subscriptions, 1, "{}");
    ctx_subscriptions_remove_client(subscriptions, 1);
    assert_false(ctx_subscriptions_has_client(subscriptions, 1));
    assert_true(ctx_subscriptions_has_client(subscriptions, 2));
    ctx_subscriptions_remove_client(subscriptions, 2);
    assert_false(ctx_subscriptions_any(subscriptions));
    ctx_subscriptions_free(subscriptions);
}

static void subscription_count_is_limited_for_each_client(void **state)
{
    (void)state;
    struct ctx_subscriptions *subscriptions = make();
    unsigned number;
    for (int i = 0; i < CTX_LIMIT_SUBSCRIPTIONS; i++)
        add(subscriptions, 1, "{}");
    assert_int_equal(ctx_subscriptions_add(subscriptions, 1, NULL, &number), -EDQUOT);
    add(subscriptions, 2, "{}");
    ctx_subscriptions_free(subscriptions);
}

static void subscription_refuses_a_pattern_that_can_never_match(void **state)
{
    (void)state;
    struct ctx_subscriptions *subscriptions = make();
    json_t *params = json_loads("{\"paths\":[\"ok\",\"[\"]}", 0, NULL);
    unsigned number;
    assert_int_equal(ctx_subscriptions_add(subscriptions, 1, params, &number), -EINVAL);
    assert_false(ctx_subscriptions_any(subscriptions));
    json_decref(params);
    ctx_subscriptions_free(subscriptions);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(subscription_filters_by_event_source_and_path),
        cmocka_unit_test(subscription_numbers_are_a_clients_own),
        cmocka_unit_test(subscription_ends_with_its_client),
        cmocka_unit_test(subscription_count_is_limited_for_each_client),
        cmocka_unit_test(subscription_refuses_a_pattern_that_can_never_match),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
