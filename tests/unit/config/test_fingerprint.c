/* What decides a source's output changes its fingerprint; what selects its files does not. */
#include "config_fixture.h"

static void fingerprint_of(struct fixture *f, const char *members, unsigned char ret_digest[32])
{
    char text[2048];
    snprintf(text, sizeof(text), "{\"sources\": [{\"root\": \"tree\", \"output\": \"out\"%s%s}]}",
             members[0] ? ", " : "", members);
    assert_int_equal(fixture_load(f, text), 0);
    memcpy(ret_digest, f->config.sources[0].fingerprint, 32);
}

static void fingerprint_changes_with_the_output(void **state)
{
    static const char *const different[] = {
        "\"repo\": \"a/b\"",
        "\"ref\": \"main\"",
        "\"forge\": \"gitlab\"",
        "\"repo\": \"https://gitlab.com/a/b\"",
        "\"topics\": [\"a\"]",
        "\"topics\": [\"a\", \"b\"]",
        "\"topics\": [\"b\", \"a\"]",
        "\"topics\": [\"ab\"]",
        "\"profile\": \"compact\"",
        "\"dialect\": \"hugo\"",
        "\"transforms\": {\"components\": {\"A\": \"unwrap\"}}",
        "\"transforms\": {\"components\": {\"B\": \"unwrap\"}}",
        "\"transforms\": {\"links\": {\"target\": \"mirror\"}}",
        "\"transforms\": {\"link_rules\": {\"base_url\": \"https://a\"}}",
        "\"transforms\": {\"link_rules\": {\"preserve_anchors\": false}}",
        "\"transforms\": {\"code_block_rules\": {\"max_lines\": 9}}",
        "\"transforms\": {\"code_block_rules\": {\"preserve_languages\": [\"c\"]}}",
        "\"transforms\": {\"rules\": {\"badges\": false}}",
    };
    enum { N = sizeof(different) / sizeof(different[0]) };
    struct fixture *f = *state;
    unsigned char digests[N + 1][32];
    fixture_folder(f, "tree");
    fingerprint_of(f, "", digests[N]);
    for (size_t i = 0; i < N; i++)
        fingerprint_of(f, different[i], digests[i]);
    for (size_t i = 0; i <= N; i++)
        for (size_t k = 0; k < i; k++)
            if (memcmp(digests[i], digests[k], 32) == 0)
                fail_msg("the same: %s and %s", i < N ? different[i] : "", different[k]);
}

static void fingerprint_stays_with_the_output(void **state)
{
    static const char *const equal[] = {
        "\"name\": \"other\"",
        "\"include\": [\"*.md\"]",
        "\"exclude\": [\"x\"]",
        "\"force_include\": [\"x\"]",
        "\"profile\": \"balanced\"",
        "\"repo\": \"tree\", \"ref\": \"HEAD\"",
        "\"transforms\": {\"rules\": {\"badges\": true}}",
    };
    struct fixture *f = *state;
    unsigned char plain[32], digest[32];
    fixture_folder(f, "tree");
    fingerprint_of(f, "", plain);
    for (size_t i = 0; i < sizeof(equal) / sizeof(equal[0]); i++) {
        fingerprint_of(f, equal[i], digest);
        assert_memory_equal(digest, plain, 32);
    }
}

static void fingerprint_does_not_mind_the_order_of_sets(void **state)
{
    struct fixture *f = *state;
    unsigned char one[32], other[32];
    fixture_folder(f, "tree");
    fingerprint_of(f,
                   "\"transforms\": {\"components\": [\"A\", \"B\"], \"rules\": "
                   "{\"badges\": false, \"ornament_lines\": false}}",
                   one);
    fingerprint_of(f,
                   "\"transforms\": {\"components\": [\"B\", \"A\"], \"rules\": "
                   "{\"ornament_lines\": false, \"badges\": false}}",
                   other);
    assert_memory_equal(one, other, 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(fingerprint_changes_with_the_output),
        FIXTURE_TEST(fingerprint_stays_with_the_output),
        FIXTURE_TEST(fingerprint_does_not_mind_the_order_of_sets),
    };
    return cmocka_run_group_tests(tests, fixture_setup_group, NULL);
}
