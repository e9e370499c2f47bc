/* Loss reports: counting, tidying of names, the limit, sums, JSON and back, the lines for people. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "contextor/report.h"
#include "report/report_json.h"
#include "report/report_summary.h"

static int add(struct ctx_report *report, enum ctx_loss loss, const char *rule, const char *name)
{
    return ctx_report_add(report, loss, rule, name, strlen(name), 7, 2);
}

static void loss_report_counts_by_loss_rule_and_name(void **state)
{
    (void)state;
    struct ctx_report report;
    ctx_report_init(&report);
    assert_int_equal(ctx_report_add(&report, CTX_LOSS_DROPPED, "esm", "", 0, 3, 1), 0);
    add(&report, CTX_LOSS_DROPPED, "component", "Foo");
    add(&report, CTX_LOSS_UNWRAPPED, "component", "Foo");
    add(&report, CTX_LOSS_DROPPED, "component", "Foo");
    assert_int_equal(report.n_entries, 3);
    assert_string_equal(report.entries[0].rule, "esm");
    assert_int_equal(report.entries[0].line, 3);
    assert_string_equal(report.entries[1].name, "Foo");
    assert_int_equal(report.entries[1].loss, CTX_LOSS_DROPPED);
    assert_int_equal(report.entries[1].count, 2);
    assert_int_equal(report.entries[1].amount, 4);
    assert_int_equal(report.entries[2].count, 1);
    ctx_report_deinit(&report);
}

static void loss_report_tidies_names(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        const char *name;
    } cases[] = {
        { "a\nb\tc", 5, "a b c" },
        { "x\xFFy", 3, "x\xEF\xBF\xBDy" },
        { "cut\0off", 7, "cut off" },
        { "caf\xC3", 4, "caf\xEF\xBF\xBD" },
        /* 63 bytes, then a character of two: it does not fit any more. */
        { "012345678901234567890123456789012345678901234567890123456789012\xC3\xA9", 65,
          "012345678901234567890123456789012345678901234567890123456789012" },
    };
    struct ctx_report report;
    ctx_report_init(&report);
    for (size_t i = 0; i < CTX_ARRAY_LEN(cases); i++) {
        ctx_report_add(&report, CTX_LOSS_KEPT, "link", cases[i].bytes, cases[i].len, 0, 0);
        assert_string_equal(report.entries[i].name, cases[i].name);
    }
    ctx_report_deinit(&report);
}

static void loss_report_counts_past_its_limit_under_one_name(void **state)
{
    (void)state;
    struct ctx_report report;
    ctx_report_init(&report);
    char name[16];
    for (int i = 0; i < 10000; i++) {
        snprintf(name, sizeof(name), "C%d", i);
        assert_int_equal(add(&report, CTX_LOSS_UNWRAPPED, "component", name), 0);
    }
    assert_int_equal(report.n_entries, CTX_LIMIT_REPORT_ENTRIES + 1);
    const struct ctx_report_entry *last = &report.entries[report.n_entries - 1];
    assert_string_equal(last->name, "…");
    assert_int_equal(last->count, 10000 - CTX_LIMIT_REPORT_ENTRIES);
    add(&report, CTX_LOSS_UNWRAPPED, "component", "C0"); /* names known before count on */
    assert_int_equal(report.entries[0].count, 2);
    ctx_report_deinit(&report);
}

static void loss_report_merge_sums_pages(void **state)
{
    (void)state;
    struct ctx_report sum = { .limit = 100000 }, page;
    for (int i = 0; i < 3; i++) {
        ctx_report_init(&page);
        add(&page, CTX_LOSS_DROPPED, "esm", "");
        add(&page, CTX_LOSS_UNWRAPPED, "component", i == 1 ? "Bar" : "Foo");
        assert_int_equal(ctx_report_merge(&sum, &page), 0);
        ctx_report_deinit(&page); /* the sum keeps nothing of it */
    }
    assert_int_equal(sum.n_entries, 3);
    assert_int_equal(sum.entries[0].count, 3);
    assert_int_equal(sum.entries[0].amount, 6);
    assert_int_equal(sum.entries[1].count, 2);
    assert_string_equal(sum.entries[2].name, "Bar");
    ctx_report_deinit(&sum);
}

static void loss_report_sum_saturates(void **state)
{
    (void)state;
    struct ctx_report sum = { 0 };
    struct ctx_report_entry entry = {
        .rule = "esm", .name = (char *)"", .count = UINT32_MAX, .amount = UINT64_MAX
    };
    ctx_report_add_entry(&sum, &entry);
    ctx_report_add_entry(&sum, &entry);
    assert_int_equal(sum.entries[0].count, UINT32_MAX);
    assert_true(sum.entries[0].amount == UINT64_MAX);
    ctx_report_deinit(&sum);
}

static void loss_report_json_round_trip(void **state)
{
    (void)state;
    struct ctx_report report = { 0 }, back = { 0 };
    add(&report, CTX_LOSS_ELIDED, "code", "js");
    add(&report, CTX_LOSS_WARNING, "front_matter", "it's \"odd\"");
    json_t *json = ctx_report_to_json(&report);
    CTX_AUTO_FREE char *text = json_dumps(json, JSON_COMPACT);
    assert_string_equal(text, "[{\"loss\":\"elided\",\"rule\":\"code\",\"name\":\"js\",\"count\":1,"
                              "\"line\":7,\"amount\":2},{\"loss\":\"warning\",\"rule\":\"front_"
                              "matter\",\"name\":\"it's \\\"odd\\\"\",\"count\":1,\"line\":7,"
                              "\"amount\":2}]");
    assert_int_equal(ctx_report_from_json(json, &back), 0);
    json_decref(json); /* `back` owns its rules' names */
    assert_int_equal(back.n_entries, 2);
    assert_int_equal(back.entries[1].loss, CTX_LOSS_WARNING);
    assert_string_equal(back.entries[1].rule, "front_matter");
    assert_string_equal(back.entries[1].name, "it's \"odd\"");
    assert_int_equal(back.entries[0].line, 7);
    ctx_report_deinit(&report);
    ctx_report_deinit(&back);
}

/* The text that is stored is the value's, whatever the names hold. */
static void loss_report_text_is_its_json(void **state)
{
    (void)state;
    struct ctx_report report = { 0 };
    struct ctx_buffer out;
    ctx_buffer_init(&out, SIZE_MAX / 2);
    add(&report, CTX_LOSS_ELIDED, "code", "a\xFF\"b\\ \xE6\x97\xA5");
    const struct ctx_report_entry saving = { .loss = CTX_LOSS_DROPPED,
                                             .rule = "image",
                                             .name = (char *)"",
                                             .count = 3,
                                             .saved = { 10, -2 } };
    ctx_report_add_entry(&report, &saving);
    assert_int_equal(ctx_report_write_json(&report, &out), 0);
    json_t *json = ctx_report_to_json(&report);
    CTX_AUTO_FREE char *text = json_dumps(json, JSON_COMPACT);
    assert_string_equal(text, out.data);
    assert_int_equal(json_array_size(json), 2);
    json_decref(json);
    ctx_buffer_deinit(&out);
    ctx_report_deinit(&report);
}

static void loss_report_from_json_passes_over_strangers(void **state)
{
    (void)state;
    struct ctx_report report = { 0 };
    json_t *json = json_loads("[1, {\"loss\":\"eaten\",\"rule\":\"a\",\"name\":\"\",\"count\":1},"
                              "{\"loss\":\"kept\",\"rule\":\"a\",\"name\":\"\",\"count\":-1},"
                              "{\"loss\":\"kept\",\"rule\":\"link\",\"name\":\"x\",\"count\":4}]",
                              0, NULL);
    assert_int_equal(ctx_report_from_json(json, &report), 0);
    assert_int_equal(report.n_entries, 1);
    assert_int_equal(report.entries[0].count, 4);
    json_decref(json);
    json = json_object();
    assert_int_equal(ctx_report_from_json(json, &report), -EINVAL);
    json_decref(json);
    ctx_report_deinit(&report);
}

static void loss_report_names_of_losses(void **state)
{
    (void)state;
    for (int i = 0; i < CTX_LOSS_COUNT; i++)
        assert_int_equal(ctx_loss_from_name(ctx_loss_name(i)), i);
    assert_int_equal(ctx_loss_from_name("eaten"), -1);
}

static void loss_report_summary_is_a_line_a_loss(void **state)
{
    (void)state;
    struct ctx_report report = { 0 };
    for (int i = 0; i < 14; i++)
        add(&report, CTX_LOSS_UNWRAPPED, "unknown_component", i < 9 ? "Foo" : "Bar");
    add(&report, CTX_LOSS_UNWRAPPED, "component", "Tabs");
    add(&report, CTX_LOSS_DROPPED, "expression", "");
    add(&report, CTX_LOSS_DROPPED, "esm", "");
    add(&report, CTX_LOSS_DROPPED, "esm", "");
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, 4096);
    assert_int_equal(ctx_report_summarise(&report, 2, &text), 0);
    assert_string_equal(ctx_buffer_str(&text), "dropped: 2 esm, 1 expression\n"
                                               "unwrapped: 1 component\n"
                                               "14 components had no rule: Foo ×9, Bar ×5\n");
    add(&report, CTX_LOSS_UNWRAPPED, "unknown_component", "Zed");
    ctx_buffer_clear(&text);
    assert_int_equal(ctx_report_summarise(&report, 1, &text), 0);
    assert_non_null(strstr(text.data, "15 components had no rule: Foo ×9, 6 of other names\n"));
    ctx_report_deinit(&report);
}

static void loss_report_savings_are_summed_by_rule(void **state)
{
    (void)state;
    struct ctx_report report = { 0 };
    add(&report, CTX_LOSS_ELIDED, "code", "js");
    add(&report, CTX_LOSS_ELIDED, "code", "js");
    add(&report, CTX_LOSS_ELIDED, "code", "py");
    add(&report, CTX_LOSS_ELIDED, "json", "json");
    add(&report, CTX_LOSS_DROPPED, "esm", "");
    ctx_report_save(&report, CTX_LOSS_ELIDED, "code", "js", 2, (struct ctx_saving){ 90, 9 });
    ctx_report_save(&report, CTX_LOSS_ELIDED, "code", "py", 2, (struct ctx_saving){ 10, 3 });
    ctx_report_save(&report, CTX_LOSS_ELIDED, "json", "json", 4, (struct ctx_saving){ 5, -3 });
    json_t *json = ctx_report_savings_to_json(&report);
    CTX_AUTO_FREE char *text = json_dumps(json, JSON_COMPACT);
    assert_string_equal(text, "[{\"rule\":\"code\",\"loss\":\"elided\",\"count\":3,"
                              "\"bytes\":100,\"words\":12,\"tokens\":16},"
                              "{\"rule\":\"json\",\"loss\":\"elided\",\"count\":1,"
                              "\"bytes\":5,\"words\":-3,\"tokens\":-4}]");
    json_decref(json);
    CTX_AUTO_BUFFER struct ctx_buffer summary;
    ctx_buffer_init(&summary, 4096);
    assert_int_equal(ctx_report_summarise(&report, 2, &summary), 0);
    assert_string_equal(ctx_buffer_str(&summary), "dropped: 1 esm\nelided: 3 code, 1 json\n"
                                                  "saved about 12 tokens: code 16, json -4\n");
    ctx_report_deinit(&report);
}

static void loss_report_savings_survive_json_and_sums(void **state)
{
    (void)state;
    struct ctx_report report = { 0 }, back = { 0 };
    add(&report, CTX_LOSS_ELIDED, "code", "js");
    ctx_report_save(&report, CTX_LOSS_ELIDED, "code", "js", 2, (struct ctx_saving){ -7, 2 });
    json_t *json = ctx_report_to_json(&report);
    assert_int_equal(ctx_report_from_json(json, &back), 0);
    assert_int_equal(ctx_report_merge(&back, &report), 0);
    json_decref(json);
    assert_int_equal(back.n_entries, 1);
    assert_int_equal(back.entries[0].saved.bytes, -14);
    assert_int_equal(back.entries[0].saved.words, 4);
    assert_int_equal(back.entries[0].count, 2);
    ctx_report_deinit(&report);
    ctx_report_deinit(&back);
}

/* What a worker process or a damaged catalogue may claim. */
static void loss_report_savings_never_overflow(void **state)
{
    (void)state;
    struct ctx_report report = { 0 };
    struct ctx_report_entry entry = {
        .rule = "code", .name = (char *)"a", .count = 1, .saved = { INT64_MIN, INT64_MIN }
    };
    ctx_report_add_entry(&report, &entry);
    ctx_report_add_entry(&report, &entry);
    entry.name = (char *)"b";
    ctx_report_add_entry(&report, &entry);
    json_t *json = ctx_report_savings_to_json(&report);
    assert_int_equal(json_array_size(json), 1);
    json_decref(json);
    ctx_report_deinit(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loss_report_counts_by_loss_rule_and_name),
        cmocka_unit_test(loss_report_tidies_names),
        cmocka_unit_test(loss_report_counts_past_its_limit_under_one_name),
        cmocka_unit_test(loss_report_merge_sums_pages),
        cmocka_unit_test(loss_report_sum_saturates),
        cmocka_unit_test(loss_report_json_round_trip),
        cmocka_unit_test(loss_report_text_is_its_json),
        cmocka_unit_test(loss_report_from_json_passes_over_strangers),
        cmocka_unit_test(loss_report_names_of_losses),
        cmocka_unit_test(loss_report_summary_is_a_line_a_loss),
        cmocka_unit_test(loss_report_savings_are_summed_by_rule),
        cmocka_unit_test(loss_report_savings_survive_json_and_sums),
        cmocka_unit_test(loss_report_savings_never_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
