/* Loading a configuration: the design's example, defaults, precedence. */
#include "base/cleanup.h"
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

static const struct ctx_source *first(const struct fixture *f)
{
    assert_int_equal(f->config.n_sources, 1);
    return &f->config.sources[0];
}

static void write_remote(struct fixture *f, const char *folder, const char *url)
{
    char path[512], text[512];
    snprintf(path, sizeof(path), "%s/.git/HEAD", folder);
    fixture_write(f, path, "ref: refs/heads/work\n");
    snprintf(path, sizeof(path), "%s/.git/config", folder);
    snprintf(text, sizeof(text), "[remote \"origin\"]\nurl = %s\n", url);
    fixture_write(f, path, text);
    snprintf(path, sizeof(path), "%s/.git/refs/remotes/origin/HEAD", folder);
    fixture_write(f, path, "ref: refs/remotes/origin/git-main\n");
}

static void write_repository(struct fixture *f, const char *folder)
{
    write_remote(f, folder, "https://github.com/git/origin.git");
}

static void config_reads_repo_and_ref_from_git(void **state)
{
    struct fixture *f = *state;
    fixture_folder(f, "work/site/docs");
    write_repository(f, "work");
    assert_int_equal(
        fixture_load(f, "{\"sources\": [{\"root\": \"work/site/docs\", \"output\": \"out\"}]}"), 0);
    assert_string_equal(first(f)->name, "docs");
    assert_string_equal(first(f)->repo, "git/origin");
    assert_string_equal(first(f)->ref, "git-main");
    assert_string_equal(first(f)->repo_path, "site/docs");
}

/* Links lead to the remote's host, to that of a URL, or to the one that the forge has in public. */
static void config_links_to_the_repository_s_host(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *keys;
        const char *repo, *web; /* NULL: the public host */
        enum ctx_forge forge;
    } examples[] = {
        { "", "s/n", "https://gitlab.example.org/g/s/n", CTX_FORGE_GITLAB },
        { ", \"repo\": \"s/n\"", "s/n", "https://gitlab.example.org/g/s/n", CTX_FORGE_GITLAB },
        { ", \"repo\": \"g/s/n\"", "g/s/n", "https://gitlab.example.org/g/s/n", CTX_FORGE_GITLAB },
        { ", \"repo\": \"a/b\"", "a/b", NULL, CTX_FORGE_GITHUB },
        { ", \"repo\": \"a/b\", \"forge\": \"gitea\"", "a/b", NULL, CTX_FORGE_GITEA },
        { ", \"forge\": \"gitea\"", "s/n", "https://gitlab.example.org/g/s/n", CTX_FORGE_GITEA },
        { ", \"repo\": \"https://git.example.org/a/b\", \"forge\": \"gitea\"", "a/b",
          "https://git.example.org/a/b", CTX_FORGE_GITEA },
        { ", \"repo\": \"https://git.example.org/scm/a/b.git\", \"forge\": \"bitbucket-server\"",
          "a/b", "https://git.example.org/projects/a/repos/b", CTX_FORGE_BITBUCKET_SERVER },
    };
    fixture_folder(f, "work");
    write_remote(f, "work", "git@gitlab.example.org:g/s/n.git");
    for (size_t i = 0; i < CTX_ARRAY_LEN(examples); i++) {
        char text[512];
        snprintf(text, sizeof(text), "{\"sources\": [{\"root\": \"work\", \"output\": \"out\"%s}]}",
                 examples[i].keys);
        assert_int_equal(fixture_load(f, text), 0);
        const struct ctx_source *source = first(f);
        assert_string_equal(source->repo, examples[i].repo);
        assert_int_equal(source->transform.links.forge, examples[i].forge);
        if (examples[i].web)
            assert_string_equal(source->transform.links.web, examples[i].web);
        else
            assert_null(source->transform.links.web);
    }
}

static void config_without_origin_is_named_after_its_work_tree(void **state)
{
    struct fixture *f = *state;
    fixture_folder(f, "work/docs");
    fixture_write(f, "work/.git/HEAD", "ref: refs/heads/main\n");
    assert_int_equal(
        fixture_load(f, "{\"sources\": [{\"root\": \"work/docs\", \"output\": \"out\"}]}"), 0);
    assert_string_equal(first(f)->repo, "work");
    assert_string_equal(first(f)->ref, "HEAD");
    assert_string_equal(first(f)->repo_path, "docs");
}

/* One value after the other is given by a higher place: git, preset, file, flag. */
static void config_higher_places_win(void **state)
{
    static const char *const files[] = {
        "{\"sources\": [{\"root\": \"work\", \"output\": \"out\"}]}",
        "{\"sources\": [{\"root\": \"work\", \"output\": \"out\", \"project\": \"p\"}]}",
        "{\"sources\": [{\"root\": \"work\", \"output\": \"out\", \"project\": \"p\",\n"
        "  \"repo\": \"file/repo\", \"ref\": \"file-ref\", \"profile\": \"lossless\",\n"
        "  \"topics\": [\"file\"]}]}",
    };
    static const struct {
        const char *repo, *ref, *topic;
        enum ctx_profile profile;
    } expected[] = {
        { "git/origin", "git-main", NULL, CTX_PROFILE_BALANCED },
        { "preset/repo", "preset-ref", "preset", CTX_PROFILE_COMPACT },
        { "file/repo", "file-ref", "file", CTX_PROFILE_LOSSLESS },
        { "flag/repo", "flag-ref", "flag", CTX_PROFILE_BALANCED },
    };
    struct fixture *f = *state;
    write_repository(f, "work");
    fixture_write(f, "projects/p.json",
                  "{\"settings\": {\"docsRepoUrl\": \"https://github.com/preset/repo\",\n"
                  "  \"branch\": \"preset-ref\", \"topics\": [\"preset\"],\n"
                  "  \"profile\": \"compact\"}}");
    for (size_t i = 0; i < 4; i++) {
        if (i == 3) {
            f->overrides.repo = "flag/repo";
            f->overrides.ref = "flag-ref";
            f->overrides.topics = "flag, second";
            f->overrides.profile = "balanced";
        }
        assert_int_equal(fixture_load(f, files[i < 2 ? i : 2]), 0);
        assert_string_equal(first(f)->repo, expected[i].repo);
        assert_string_equal(first(f)->ref, expected[i].ref);
        assert_int_equal(first(f)->transform.profile, expected[i].profile);
        assert_int_equal(first(f)->topics.n, i == 0 ? 0 : i == 3 ? 2 : 1);
        if (expected[i].topic)
            assert_string_equal(first(f)->topics.items[0], expected[i].topic);
    }
    assert_string_equal(first(f)->topics.items[1], "second");
}

static const char *form_of(const struct ctx_source *source, const char *name)
{
    for (size_t i = 0; i < source->transform.n_components; i++)
        if (strcmp(source->transform.components[i].name, name) == 0)
            return source->transform.components[i].form;
    return NULL;
}

static void config_a_sources_transforms_win(void **state)
{
    struct fixture *f = *state;
    fixture_folder(f, "a");
    fixture_folder(f, "b");
    assert_int_equal(
        fixture_load(f, "{\"sources\": [{\"root\": \"a\", \"output\": \"oa\",\n"
                        "  \"dialect\": \"mdn\", \"transforms\": {\"components\": [\"Own\"],\n"
                        "  \"link_rules\": {\"base_url\": \"https://a.example\"},\n"
                        "  \"links\": {\"target\": \"mirror\"},\n"
                        "  \"rules\": {\"badges\": true}}},\n"
                        " {\"root\": \"b\", \"output\": \"ob\"}],\n"
                        " \"transforms\": {\"components\": {\"All\": \"unwrap\"},\n"
                        "  \"rules\": {\"badges\": false, \"ornament_lines\": false},\n"
                        "  \"links\": {\"target\": \"base_url\"},\n"
                        "  \"link_rules\": {\"base_url\": \"https://all.example\",\n"
                        "                   \"preserve_anchors\": false},\n"
                        "  \"code_block_rules\": {\"preserve_languages\": [\"SQL\", \"Rust\"],\n"
                        "                         \"max_lines\": 40}}}"),
        0);
    const struct ctx_source *a = &f->config.sources[0], *b = &f->config.sources[1];
    assert_int_equal(a->transform.dialect, CTX_DIALECT_MDN);
    assert_int_equal(b->transform.dialect, CTX_DIALECT_NONE);
    assert_int_equal(a->transform.links.target, CTX_LINKS_MIRROR);
    assert_int_equal(b->transform.links.target, CTX_LINKS_BASE_URL);
    assert_string_equal(a->transform.links.base_url, "https://a.example");
    assert_string_equal(b->transform.links.base_url, "https://all.example");
    assert_true(a->transform.links.drop_anchors);
    assert_string_equal(form_of(a, "All"), "unwrap");
    assert_string_equal(form_of(a, "Own"), "unwrap");
    assert_null(form_of(b, "Own"));
    assert_true(strcmp(a->transform.components[0].name, a->transform.components[1].name) < 0);
    assert_int_equal(a->transform.n_rules_off, 1);
    assert_string_equal(a->transform.rules_off[0], "ornament_lines");
    assert_int_equal(b->transform.n_rules_off, 2);
    assert_int_equal(a->transform.code.max_lines, 40);
    assert_string_equal(a->transform.code.preserve_languages[0], "sql");
    assert_string_equal(a->transform.code.preserve_languages[1], "rust");
}

static void config_stores_what_the_daemon_needs(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(
        fixture_load(f, "{\"socket\": \"~/s\", \"performance\": {\"max_workers\": 3,\n"
                        "  \"batch_size\": 7, \"memory_limit_mb\": 99,\n"
                        "  \"use_process_pool\": true},\n"
                        " \"transforms\": {\"parallel_transforms\": false,\n"
                        "  \"cpu_intensive_threshold\": 5},\n"
                        " \"watch\": {\"poll\": true, \"poll_interval_ms\": 11,\n"
                        "  \"settle_ms\": 12, \"max_wait_ms\": 13, \"delete_grace_ms\": 14,\n"
                        "  \"reconcile_interval_s\": 15, \"ignore_temporary\": [\"*.x\"]}}"),
        0);
    const struct ctx_performance *p = &f->config.performance;
    assert_int_equal(p->max_workers, 3);
    assert_int_equal(p->batch_size, 7);
    assert_int_equal(p->memory_limit_mb, 99);
    assert_true(p->use_process_pool);
    assert_false(p->parallel_transforms);
    assert_int_equal(p->cpu_intensive_threshold, 5);
    const struct ctx_watching *w = &f->config.watching;
    assert_true(w->poll);
    assert_int_equal(w->poll_interval_ms, 11);
    assert_int_equal(w->settle_ms, 12);
    assert_int_equal(w->max_wait_ms, 13);
    assert_int_equal(w->delete_grace_ms, 14);
    assert_int_equal(w->reconcile_s, 15);
    assert_string_equal(w->ignore_temporary.items[0], "*.x");
    assert_string_equal(f->config.socket, fixture_path(f, "s"));
    assert_int_equal(f->config.n_sources, 0);
}

static void config_flags_are_checked(void **state)
{
    struct fixture *f = *state;
    fixture_folder(f, "work");
    f->overrides.profile = "losless";
    f->overrides.batch_size = 1001;
    f->overrides.topics = "good,bad\n";
    assert_int_equal(fixture_load(f, "{\"sources\": [{\"root\": \"work\", \"output\": \"out\"}]}"),
                     -EINVAL);
    assert_int_equal(f->diagnostics.n_errors, 3);
    assert_true(fixture_says(f, "--profile: unknown value \"losless\"; did you mean "
                                "\"lossless\"?"));
    assert_true(fixture_says(f, "--batch-size: 1001 is out of range; give a whole number from 1 "
                                "to 1000"));
    assert_true(fixture_says(f, "--topics: \"bad\\n\" holds a control character; remove it"));
}

static void config_flags_alone_make_a_source(void **state)
{
    struct fixture *f = *state;
    fixture_folder(f, "work/docs");
    write_repository(f, "work");
    char *src = strdup(fixture_path(f, "work/docs")), *out = strdup(fixture_path(f, "out"));
    f->overrides.parallel = 0;
    f->overrides.process_pool = 1;
    f->overrides.max_workers = 2;
    assert_int_equal(ctx_config_from_flags(src, out, &f->environment, &f->overrides, &f->config,
                                           &f->diagnostics),
                     0);
    assert_null(f->config.path);
    assert_string_equal(first(f)->root, src);
    assert_string_equal(first(f)->output, out);
    assert_string_equal(first(f)->repo, "git/origin");
    assert_string_equal(first(f)->repo_path, "docs");
    assert_false(f->config.performance.parallel);
    assert_true(f->config.performance.use_process_pool);
    assert_int_equal(f->config.performance.max_workers, 2);
    fixture_forget(f);
    assert_int_equal(
        ctx_config_from_flags(src, src, &f->environment, NULL, &f->config, &f->diagnostics),
        -EINVAL);
    char says[PATH_MAX * 2];
    snprintf(says, sizeof(says), "--src: root and output are both %s; choose another output", src);
    assert_true(fixture_says(f, says));
    free(src);
    free(out);
}

static void config_flags_are_for_one_source(void **state)
{
    static const char text[] = "{\"sources\": [{\"root\": \"a\", \"output\": \"oa\"},\n"
                               " {\"name\": \"bee\", \"root\": \"b\", \"output\": \"ob\"}]}";
    struct fixture *f = *state;
    fixture_folder(f, "a");
    fixture_folder(f, "b");
    f->overrides.source = "bee";
    f->overrides.profile = "compact";
    assert_int_equal(fixture_load(f, text), 0);
    assert_int_equal(ctx_config_source(&f->config, "a")->transform.profile, CTX_PROFILE_BALANCED);
    assert_int_equal(ctx_config_source(&f->config, "bee")->transform.profile, CTX_PROFILE_COMPACT);
    assert_null(ctx_config_source(&f->config, "b"));
    f->overrides.source = "be";
    assert_int_equal(fixture_load(f, text), -EINVAL);
    assert_true(fixture_says(f, "c.json: --source: no source \"be\"; did you mean \"bee\"?"));
}

static void config_missing_file_or_home(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(ctx_config_load(fixture_path(f, "none.json"), &f->environment, NULL,
                                     &f->config, &f->diagnostics),
                     -ENOENT);
    assert_true(fixture_says(f, "none.json: cannot be read: No such file or directory; contextor "
                                "init writes a first one"));
    fixture_forget(f);
    assert_int_equal(ctx_config_load(f->folder, &f->environment, NULL, &f->config, &f->diagnostics),
                     -EISDIR);
    f->environment.home = NULL;
    assert_int_equal(fixture_load(f, "{\"sources\": [{\"root\": \"~/x\", \"output\": \"/o\"}]}"),
                     -EINVAL);
    assert_true(fixture_says(f, "c.json:1: sources[0].root: \"~\" cannot be expanded, since HOME "
                                "is not set; give the whole path"));
}

static void config_socket_paths_are_bounded(void **state)
{
    struct fixture *f = *state;
    char text[512], name[128];
    memset(name, 'x', 107);
    name[0] = '/';
    name[107] = '\0';
    snprintf(text, sizeof(text), "{\"socket\": \"%s\"}", name);
    assert_int_equal(fixture_load(f, text), 0);
    snprintf(text, sizeof(text), "{\"socket\": \"%sx\"}", name);
    assert_int_equal(fixture_load(f, text), -EINVAL);
}

static void config_missing_root_is_a_warning(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_load(f, "{\"sources\": [\n{\"root\": \"gone\", \"output\": \"o\"}]}"),
                     0);
    assert_int_equal(f->diagnostics.n_warnings, 1);
    char says[PATH_MAX * 2];
    snprintf(says, sizeof(says),
             "c.json:2: sources[0].root: %s/gone cannot be found: No such file or directory; "
             "nothing is mirrored until it is there",
             f->folder);
    assert_true(fixture_says(f, says));
    fixture_write(f, "file", "");
    assert_int_equal(fixture_load(f, "{\"sources\": [{\"root\": \"file\", \"output\": \"o\"}]}"),
                     -EINVAL);
}

static void config_links_to_a_base_url_need_one(void **state)
{
    struct fixture *f = *state;
    fixture_folder(f, "a");
    assert_int_equal(fixture_load(f, "{\"sources\": [{\"root\": \"a\", \"output\": \"o\"}],\n"
                                     "\"transforms\": {\"links\": {\"target\": \"base_url\"}}}"),
                     -EINVAL);
    assert_true(fixture_says(f, "c.json:2: transforms.links.target: \"base_url\" needs one; add "
                                "transforms.link_rules.base_url"));
}

static char *fake_getenv(const char *name)
{
    if (strcmp(name, "HOME") == 0)
        return (char *)(uintptr_t) "/home/u";
    if (strcmp(name, "XDG_CONFIG_HOME") == 0)
        return (char *)(uintptr_t) "relative";
    return strcmp(name, "XDG_RUNTIME_DIR") == 0 ? (char *)(uintptr_t) "" : NULL;
}

static void assert_path(char *path, const char *expected)
{
    assert_string_equal(path, expected);
    free(path);
}

static void config_default_paths(void **state)
{
    (void)state;
    struct ctx_environment environment;
    ctx_environment_init(&environment, fake_getenv);
    assert_string_equal(environment.home, "/home/u");
    assert_null(environment.xdg_config_home); /* relative: ignored */
    assert_null(environment.xdg_runtime_dir); /* empty: unset */
    assert_non_null(environment.projects_dir);
    assert_path(ctx_config_default_path(&environment, false),
                "/home/u/.config/contextor/contextord.json");
    assert_path(ctx_config_default_path(&environment, true), "/etc/contextor/contextord.json");
    assert_path(ctx_config_default_socket(&environment, true), "/run/contextor/contextord.sock");
    environment.xdg_config_home = "/x";
    environment.xdg_runtime_dir = "/run/user/7";
    assert_path(ctx_config_default_path(&environment, false), "/x/contextor/contextord.json");
    assert_path(ctx_config_default_socket(&environment, false),
                "/run/user/7/contextor/contextord.sock");
    environment = (struct ctx_environment){ 0 };
    assert_null(ctx_config_default_path(&environment, false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(config_loads_the_example),
        FIXTURE_TEST(config_fills_defaults),
        FIXTURE_TEST(config_reads_repo_and_ref_from_git),
        FIXTURE_TEST(config_links_to_the_repository_s_host),
        FIXTURE_TEST(config_without_origin_is_named_after_its_work_tree),
        FIXTURE_TEST(config_higher_places_win),
        FIXTURE_TEST(config_a_sources_transforms_win),
        FIXTURE_TEST(config_stores_what_the_daemon_needs),
        FIXTURE_TEST(config_flags_are_checked),
        FIXTURE_TEST(config_flags_alone_make_a_source),
        FIXTURE_TEST(config_flags_are_for_one_source),
        FIXTURE_TEST(config_missing_file_or_home),
        FIXTURE_TEST(config_socket_paths_are_bounded),
        FIXTURE_TEST(config_missing_root_is_a_warning),
        FIXTURE_TEST(config_links_to_a_base_url_need_one),
        cmocka_unit_test(config_default_paths),
    };
    return cmocka_run_group_tests(tests, fixture_setup_group, NULL);
}
