/* Loading a configuration: the design's example, defaults, precedence. */
#include "config_fixture.h"

static void config_loads_the_example(void **state)
{
    struct fixture *f = *state;
    fixture_folder(f, "src/next.js/docs");
    fixture_write(f, "projects/nextjs.json",
                  "{\"settings\": {\"title\": \"Next.js\", \"folders\": [\"docs\"]}}");
    int r = fixture_load(f, "{\"sources\": [{\n"
                            "  \"name\": \"nextjs\", \"root\": \"~/src/next.js/docs\",\n"
                            "  \"output\": \"~/sourcedocs/nextjs\",\n"
                            "  \"repo\": \"vercel/next.js\", \"ref\": \"canary\",\n"
                            "  \"topics\": [\"framework\"], \"profile\": \"balanced\",\n"
                            "  \"project\": \"nextjs\",\n"
                            "  \"include\": [\"**/*.md\", \"**/*.mdx\"], \"exclude\": [],\n"
                            "  \"force_include\": []}],\n"
                            " \"performance\": {\"max_workers\": \"auto\", \"batch_size\": 50,\n"
                            "   \"memory_limit_mb\": 512, \"use_process_pool\": false},\n"
                            " \"transforms\": {\"parallel_transforms\": true,\n"
                            "   \"cpu_intensive_threshold\": 1048576,\n"
                            "   \"components\": {\"Sandpack\": \"unwrap\"},\n"
                            "   \"links\": {\"target\": \"repository\"}}}");
    fixture_print(f);
    assert_int_equal(r, 0);
    assert_int_equal(f->diagnostics.n, 0);
    const struct ctx_source *source = ctx_config_source(&f->config, "nextjs");
    assert_non_null(source);
    assert_string_equal(source->root, fixture_path(f, "src/next.js/docs"));
    assert_string_equal(source->output, fixture_path(f, "sourcedocs/nextjs"));
    assert_string_equal(source->repo, "vercel/next.js");
    assert_string_equal(source->ref, "canary");
    assert_int_equal(source->topics.n, 1);
    assert_int_equal(source->include.n, 2);
    assert_int_equal(source->transform.n_components, 1);
    assert_string_equal(source->transform.components[0].name, "Sandpack");
}

static void config_fills_defaults(void **state)
{
    struct fixture *f = *state;
    fixture_folder(f, "tree");
    int r = fixture_load(f, "{\"sources\": [{\"root\": \"tree\", \"output\": \"out\"}]}");
    fixture_print(f);
    assert_int_equal(r, 0);
    const struct ctx_performance *performance = &f->config.performance;
    assert_int_equal(performance->max_workers, 0);
    assert_true(performance->parallel);
    assert_true(performance->parallel_transforms);
    assert_false(performance->use_process_pool);
    assert_int_equal(performance->batch_size, 50);
    assert_int_equal(performance->memory_limit_mb, 512);
    assert_int_equal(performance->cpu_intensive_threshold, 1048576);
    assert_int_equal(f->config.watching.settle_ms, 50);
    assert_int_equal(f->config.watching.poll_interval_ms, 2000);
    assert_int_equal(f->config.watching.max_wait_ms, 2000);
    assert_int_equal(f->config.watching.delete_grace_ms, 250);
    assert_int_equal(f->config.watching.reconcile_s, 600);
    assert_null(f->config.socket);
    const struct ctx_source *source = &f->config.sources[0];
    assert_string_equal(source->name, "tree");
    assert_string_equal(source->repo, "tree");
    assert_string_equal(source->ref, "HEAD");
    assert_string_equal(source->repo_path, "");
    assert_string_equal(source->include.items[1], "**/*.mdx");
    assert_int_equal(source->transform.profile, CTX_PROFILE_BALANCED);
    assert_false(source->transform.links.drop_anchors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(config_loads_the_example),
        FIXTURE_TEST(config_fills_defaults),
    };
    return cmocka_run_group_tests(tests, fixture_setup_group, NULL);
}
