/* Project presets: found, detected, read, fitted to a root; and those that ship. */
#include "config/preset.h"

#include "config_fixture.h"

static const struct ctx_source *load_root(struct fixture *f, const char *root, const char *members)
{
    char text[2048];
    snprintf(text, sizeof(text), "{\"sources\": [{\"root\": \"%s\", \"output\": \"out\"%s%s}]}",
             root, members[0] ? ", " : "", members);
    int r = fixture_load(f, text);
    if (r < 0)
        fixture_print(f);
    assert_int_equal(r, 0);
    return &f->config.sources[0];
}

/* The patterns of a list, joined by blanks. */
static void assert_list(const struct ctx_string_list *list, const char *expected)
{
    char text[4096] = "";
    for (size_t i = 0; i < list->n; i++) {
        size_t len = strlen(text);
        snprintf(text + len, sizeof(text) - len, "%s%s", i ? " " : "", list->items[i]);
    }
    assert_string_equal(text, expected);
}

static void make_work_tree(struct fixture *f)
{
    fixture_write(f, "work/.git/HEAD", "ref: refs/heads/main\n");
    fixture_folder(f, "work/docs/guide");
    fixture_folder(f, "work/docs/[lang]");
    fixture_folder(f, "work/errors");
    fixture_folder(f, "work/i18n/zh-cn/docs");
}

static void preset_every_key_works(void **state)
{
    struct fixture *f = *state;
    make_work_tree(f);
    fixture_write(f, "projects/p.json",
                  "{\"settings\": {\"title\": \"T\", \"project\": \"p\",\n"
                  " \"docsRepoUrl\": \"https://github.com/o/n.git\", \"branch\": \"canary\",\n"
                  " \"folders\": [\"docs\", \"/errors/\", \"docs/[lang]\", \"README.md\"],\n"
                  " \"excludeFolders\": [\"i18n/zh*\", \"node_modules\", \"./legacy\",\n"
                  "   \"**/dist/**\", \"docs/old/\"],\n"
                  " \"excludeFiles\": [\"CHANGELOG.md\", \"docs/a.md\"],\n"
                  " \"topics\": [\"t\"], \"profile\": \"compact\", \"dialect\": \"hugo\",\n"
                  " \"transforms\": {\"mdx_components\": {\"Tab\": \"unwrap\"},\n"
                  "  \"code_block_rules\": {\"preserve_languages\": [\"sql\"], \"max_lines\": 9},\n"
                  "  \"link_rules\": {\"base_url\": \"https://x\",\n"
                  "                   \"preserve_anchors\": false}}},\n"
                  " \"tags\": [\"any\"], \"metadata\": {\"any\": 1}}");
    fixture_write(f, "work/README.md", "");
    const struct ctx_source *source = load_root(f, "work", "\"project\": \"p\"");
    assert_int_equal(f->diagnostics.n, 0);
    assert_string_equal(source->preset, "p");
    assert_string_equal(source->repo, "o/n");
    assert_string_equal(source->ref, "canary");
    assert_list(&source->include, "docs/**/*.md docs/**/*.mdx errors/**/*.md errors/**/*.mdx "
                                  "docs/\\[lang\\]/**/*.md docs/\\[lang\\]/**/*.mdx /README.md");
    assert_list(&source->exclude,
                "i18n/zh* node_modules /legacy **/dist docs/old CHANGELOG.md docs/a.md");
    assert_list(&source->topics, "t");
    assert_int_equal(source->transform.profile, CTX_PROFILE_COMPACT);
    assert_int_equal(source->transform.dialect, CTX_DIALECT_HUGO);
    assert_string_equal(source->transform.components[0].name, "Tab");
    assert_string_equal(source->transform.code.preserve_languages[0], "sql");
    assert_int_equal(source->transform.code.max_lines, 9);
    assert_string_equal(source->transform.links.base_url, "https://x");
    assert_true(source->transform.links.drop_anchors);
}

static void preset_is_seen_from_a_part_of_the_repository(void **state)
{
    struct fixture *f = *state;
    make_work_tree(f);
    fixture_write(f, "projects/p.json",
                  "{\"settings\": {\"folders\": [\"docs/guide\", \"errors\"],\n"
                  " \"excludeFolders\": [\"docs/guide/old\", \"errors/x\", \"drafts\"],\n"
                  " \"excludeFiles\": [\"docs/a.md\", \"b.md\"]}}");
    const struct ctx_source *source = load_root(f, "work/docs", "\"project\": \"p\"");
    assert_list(&source->include, "guide/**/*.md guide/**/*.mdx");
    assert_list(&source->exclude, "guide/old drafts /a.md b.md");
    source = load_root(f, "work/docs/guide", "\"project\": \"p\"");
    assert_list(&source->include, "**/*.md **/*.mdx");
    assert_list(&source->exclude, "/old drafts b.md");
    assert_int_equal(f->diagnostics.n, 0);
    source = load_root(f, "work/i18n", "\"project\": \"p\"");
    assert_list(&source->include, "**/*.md **/*.mdx");
    assert_int_equal(f->diagnostics.n_warnings, 1);
}

/* Without git, a root that is named like the folder is that folder. */
static void preset_fits_an_unpacked_folder(void **state)
{
    struct fixture *f = *state;
    fixture_folder(f, "unpacked/docs/guide");
    fixture_write(f, "projects/p.json",
                  "{\"settings\": {\"folders\": [\"docs\"],\n"
                  " \"excludeFolders\": [\"docs/guide/old\"]}}");
    const struct ctx_source *source = load_root(f, "unpacked/docs", "\"project\": \"p\"");
    assert_list(&source->include, "**/*.md **/*.mdx");
    assert_list(&source->exclude, "guide/old");
    assert_int_equal(f->diagnostics.n, 0);
}

static void preset_folder_that_is_missing_is_a_warning(void **state)
{
    struct fixture *f = *state;
    char says[PATH_MAX * 2];
    make_work_tree(f);
    fixture_write(f, "projects/p.json", "{\"settings\": {\n\"folders\": [\"docs\", \"gone\"]}}");
    load_root(f, "work", "\"project\": \"p\"");
    assert_int_equal(f->diagnostics.n_warnings, 1);
    snprintf(says, sizeof(says),
             "projects/p.json:2: settings.folders: %s/work has no gone; correct the preset or the "
             "root",
             f->folder);
    assert_true(fixture_says(f, says));
}

static void preset_file_adds_to_its_excludes(void **state)
{
    struct fixture *f = *state;
    make_work_tree(f);
    fixture_write(f, "projects/p.json",
                  "{\"settings\": {\"folders\": [\"docs\"],\n"
                  " \"excludeFiles\": [\"a.md\", \"b.md\"],\n"
                  " \"transforms\": {\"mdx_components\": [\"A\", \"B\"]}}}");
    const struct ctx_source *source = load_root(
        f, "work",
        "\"project\": \"p\", \"exclude\": [\"b.md\", \"c.md\"], \"include\": [\"x.md\"],\n"
        "\"transforms\": {\"components\": [\"C\"]}");
    assert_list(&source->include, "x.md");
    assert_list(&source->exclude, "a.md b.md c.md");
    assert_int_equal(source->transform.n_components, 3);
}

static void preset_wrong_values_are_said(void **state)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        { "{\"settings\": {\n\"folders\": \"docs\"}}",
          "p.json:2: settings.folders: \"docs\" is of the wrong type; give an array of strings" },
        { "{\"settings\": {\"folders\": [\"../x\"]}}",
          "p.json:1: settings.folders[0]: \"../x\" holds \"..\"; folders are below the "
          "repository's top" },
        { "{\"settings\": {\"excludeFolder\": []}}",
          "p.json:1: settings.excludeFolder: unknown key; did you mean \"excludeFolders\"?" },
        { "{\"settings\": {\"docsRepoUrl\": \"\"}}",
          "p.json:1: settings.docsRepoUrl: \"\" is empty; give owner/name, or leave it out to have "
          "it read from .git" },
        { "{\"settings\": {\"profile\": \"loseless\"}}",
          "p.json:1: settings.profile: unknown value \"loseless\"; did you mean \"lossless\"?" },
        { "{\"settings\": {\"title\": 5}}",
          "p.json:1: settings.title: 5 is of the wrong type; give a string" },
        { "{\"settings\": {\"branch\": \"a b\"}}",
          "p.json:1: settings.branch: \"a b\" is no name that git would take; give a branch, a tag "
          "or a commit" },
        { "{\"settings\": {\"transforms\": {\"mdx_components\": {\"A\": \"unwarp\"}}}}",
          "p.json:1: settings.transforms.mdx_components.A: unknown form \"unwarp\"; did you mean "
          "\"unwrap\"?" },
        { "{\"settings\": {\"transforms\": {\n\n\"code_block_rules\": {\"max_lines\": 0}}}}",
          "p.json:3: settings.transforms.code_block_rules.max_lines: 0 is out of range; give a "
          "whole number from 1 to 1000000" },
        { "{\"folder\": [\"docs\"]}",
          "p.json:1: folder: unknown key; did you mean settings.folders?" },
        { "{\"settings\": {}, \"settings\": {}}",
          "p.json:1: settings: the same key is at line 1 already; remove one of them" },
        { "{", "p.json:1: broken JSON: string or '}' expected near end of file; put the key in "
               "double quotes, or remove a comma" },
    };
    struct fixture *f = *state;
    make_work_tree(f);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fixture_write(f, "p.json", cases[i].text);
        assert_int_equal(fixture_load(f, "{\"sources\": [{\"root\": \"work\", \"output\": \"o\",\n"
                                         "\"project\": \"./p.json\"}]}"),
                         -EINVAL);
        assert_true(fixture_says(f, cases[i].says));
        assert_int_equal(f->diagnostics.n_errors, 1);
    }
}

static void preset_is_found_by_name_and_file(void **state)
{
    struct fixture *f = *state;
    make_work_tree(f);
    fixture_write(f, "projects/same.json", "{\"settings\": {\"branch\": \"installed\"}}");
    fixture_write(f, "projects/other.json", "{\"settings\": {\"branch\": \"other\"}}");
    fixture_write(f, ".config/contextor/projects/same.json",
                  "{\"settings\": {\"branch\": \"own\"}}");
    fixture_write(f, "file.json", "{\"settings\": {\"branch\": \"file\"}}");
    assert_string_equal(load_root(f, "work", "\"project\": \"same\"")->ref, "own");
    assert_string_equal(load_root(f, "work", "\"project\": \"other\"")->ref, "other");
    assert_string_equal(load_root(f, "work", "\"project\": \"file.json\"")->ref, "file");
    assert_string_equal(load_root(f, "work", "\"project\": \"~/file.json\"")->ref, "file");
    assert_int_equal(fixture_load(f, "{\"sources\": [{\"root\": \"work\", \"output\": \"o\",\n"
                                     "\"project\": \"othr\"}]}"),
                     -EINVAL);
    assert_true(fixture_says(f, "c.json:2: sources[0].project: no preset \"othr\"; did you mean "
                                "\"other\"?"));
    assert_int_equal(fixture_load(f, "{\"sources\": [{\"root\": \"work\", \"output\": \"o\",\n"
                                     "\"project\": \"zzzzzz\"}]}"),
                     -EINVAL);
    f->overrides.project = "other";
    assert_string_equal(load_root(f, "work", "\"project\": \"same\"")->ref, "other");
    f->overrides.project = "othr";
    assert_int_equal(fixture_load(f, "{\"sources\": [{\"root\": \"work\", \"output\": \"o\"}]}"),
                     -EINVAL);
    assert_true(fixture_says(f, "--project-config: no preset \"othr\"; did you mean \"other\"?"));
}

static void preset_at_the_root_is_detected(void **state)
{
    struct fixture *f = *state;
    make_work_tree(f);
    fixture_write(f, "work/context7.json",
                  "{\"$schema\": \"https://context7.com/schema/context7.json\",\n"
                  " \"projectTitle\": \"T\", \"branch\": \"seven\", \"folders\": [\"docs\"],\n"
                  " \"excludeFiles\": [\"x.md\"], \"rules\": [\"r\"], \"url\": \"u\",\n"
                  " \"previousVersions\": [{\"tag\": \"v1\"}], \"public_key\": \"k\"}");
    const struct ctx_source *source = load_root(f, "work", "");
    assert_string_equal(source->ref, "seven");
    assert_list(&source->include, "docs/**/*.md docs/**/*.mdx");
    assert_int_equal(f->diagnostics.n, 1);
    assert_int_equal(f->diagnostics.items[0].severity, CTX_SEVERITY_NOTE);
    assert_true(fixture_says(f, "work/context7.json: found at the root and used as the project "
                                "preset; --no-auto-detect-config or \"auto_detect_config\": false "
                                "turns that off"));
    fixture_write(f, "work/contextor.json", "{\"settings\": {\"branch\": \"ours\"}}");
    assert_string_equal(load_root(f, "work", "")->ref, "ours");
    fixture_write(f, "projects/p.json", "{\"settings\": {\"branch\": \"named\"}}");
    assert_string_equal(load_root(f, "work", "\"project\": \"p\"")->ref, "named");
    assert_int_equal(f->diagnostics.n, 0);
}

static void preset_detection_can_be_turned_off(void **state)
{
    struct fixture *f = *state;
    make_work_tree(f);
    fixture_write(f, "work/contextor.json", "{\"settings\": {\"branch\": \"ours\"}}");
    assert_string_equal(load_root(f, "work", "\"auto_detect_config\": false")->ref, "HEAD");
    assert_int_equal(f->diagnostics.n, 0);
    f->overrides.auto_detect = 0;
    assert_string_equal(load_root(f, "work", "")->ref, "HEAD");
    f->overrides.auto_detect = 1;
    assert_string_equal(load_root(f, "work", "\"auto_detect_config\": false")->ref, "ours");
}

/* A file that somebody else's repository brings along never stops anything. */
static void preset_detected_mistakes_are_warnings(void **state)
{
    struct fixture *f = *state;
    make_work_tree(f);
    fixture_write(f, "work/context7.json", "{\"folders\": 5, \"branch\": \"b\", \"new\": 1}");
    assert_string_equal(load_root(f, "work", "")->ref, "b");
    assert_int_equal(f->diagnostics.n_warnings, 2);
    assert_true(fixture_says(f, "work/context7.json:1: folders: 5 is of the wrong type; give an "
                                "array of strings"));
    fixture_write(f, "work/context7.json", "nonsense");
    assert_string_equal(load_root(f, "work", "")->ref, "HEAD");
    assert_int_equal(f->diagnostics.n_warnings, 1);
}

static void preset_list_has_both_places(void **state)
{
    struct fixture *f = *state;
    struct ctx_preset_list list;
    fixture_write(f, "projects/b.json", "{\"settings\": {\"title\": \"installed\"}}");
    fixture_write(f, "projects/c.json", "{\"settings\": 5}");
    fixture_write(f, "projects/README.md", "");
    fixture_write(f, ".config/contextor/projects/b.json",
                  "{\"settings\": {\"title\": \"own\", \"docsRepoUrl\": "
                  "\"git@github.com:o/n.git\"}}");
    fixture_write(f, ".config/contextor/projects/a.json", "{\"settings\": {}}");
    assert_int_equal(ctx_preset_list_read(&f->environment, &list), 0);
    assert_int_equal(list.n, 3);
    assert_string_equal(list.entries[0].name, "a");
    assert_string_equal(list.entries[1].title, "own");
    assert_string_equal(list.entries[1].repo, "o/n");
    assert_true(list.entries[1].user);
    assert_string_equal(list.entries[2].name, "c");
    assert_true(list.entries[2].broken);
    ctx_preset_list_deinit(&list);
}

/* Every preset in config/projects can be used, and says what a preset is for. */
static void preset_those_that_ship_are_good(void **state)
{
    struct fixture *f = *state;
    struct ctx_preset_list list;
    f->environment.projects_dir = CTX_TEST_ROOT "/config/projects";
    assert_int_equal(ctx_preset_list_read(&f->environment, &list), 0);
    assert_true(list.n >= 10);
    fixture_folder(f, "tree");
    for (size_t i = 0; i < list.n; i++) {
        const struct ctx_preset_entry *entry = &list.entries[i];
        char member[256];
        if (entry->broken || entry->title[0] == '\0' || !strchr(entry->repo, '/'))
            fail_msg("%s is broken or says too little", entry->file);
        snprintf(member, sizeof(member), "\"project\": \"%s\"", entry->name);
        const struct ctx_source *source = load_root(f, "tree", member);
        assert_string_equal(source->repo, entry->repo);
        assert_true(source->topics.n > 0);
        assert_non_null(source->transform.links.base_url);
    }
    ctx_preset_list_deinit(&list);
}

static void preset_example_is_good(void **state)
{
    struct fixture *f = *state;
    f->environment.projects_dir = CTX_TEST_ROOT "/config/projects";
    assert_int_equal(ctx_config_load(CTX_TEST_ROOT "/config/contextord.example.json",
                                     &f->environment, NULL, &f->config, &f->diagnostics),
                     0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(preset_every_key_works),
        FIXTURE_TEST(preset_is_seen_from_a_part_of_the_repository),
        FIXTURE_TEST(preset_fits_an_unpacked_folder),
        FIXTURE_TEST(preset_folder_that_is_missing_is_a_warning),
        FIXTURE_TEST(preset_file_adds_to_its_excludes),
        FIXTURE_TEST(preset_wrong_values_are_said),
        FIXTURE_TEST(preset_is_found_by_name_and_file),
        FIXTURE_TEST(preset_at_the_root_is_detected),
        FIXTURE_TEST(preset_detection_can_be_turned_off),
        FIXTURE_TEST(preset_detected_mistakes_are_warnings),
        FIXTURE_TEST(preset_list_has_both_places),
        FIXTURE_TEST(preset_those_that_ship_are_good),
        FIXTURE_TEST(preset_example_is_good),
    };
    return cmocka_run_group_tests(tests, fixture_setup_group, NULL);
}
