/* contextor init, check-config and list-projects, as a person runs them. */
#include <jansson.h>
#include <sys/wait.h>

#include "config_fixture.h"

enum { OUTPUT_MAX = 65536 };

struct outcome {
    int status;
    char text[OUTPUT_MAX]; /* stdout, or stderr when that was asked for */
};

/* Runs contextor in the fixture's folder and home, with arguments as a shell reads them. */
static void run(struct fixture *f, const char *arguments, bool errors, struct outcome *ret)
{
    char command[PATH_MAX * 4];
    snprintf(command, sizeof(command),
             "cd '%s' && HOME='%s' XDG_CONFIG_HOME= CONTEXTOR_PROJECTS_DIR='%s' '%s' %s %s",
             f->folder, f->folder, f->projects, CTX_TEST_CONTEXTOR, arguments,
             errors ? "2>&1 >/dev/null" : "2>/dev/null");
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    size_t len = fread(ret->text, 1, sizeof(ret->text) - 1, pipe);
    ret->text[len] = '\0';
    int status = pclose(pipe);
    ret->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void assert_run(struct fixture *f, const char *arguments, bool errors, int status,
                       const char *part)
{
    struct outcome outcome;
    run(f, arguments, errors, &outcome);
    if (outcome.status != status || !strstr(outcome.text, part))
        fail_msg("contextor %s: %d, \"%s\" without \"%s\"", arguments, outcome.status, outcome.text,
                 part);
}

static void make_tree(struct fixture *f)
{
    fixture_write(f, "vite/.git/HEAD", "ref: refs/heads/main\n");
    fixture_write(f, "vite/.git/config",
                  "[remote \"origin\"]\nurl = https://github.com/vitejs/vite.git\n");
    fixture_write(f, "vite/.git/refs/remotes/origin/HEAD", "ref: refs/remotes/origin/main\n");
    fixture_write(f, "vite/docs/a.md", "# A\n");
    fixture_write(f, "projects/vt.json",
                  "{\"settings\": {\"title\": \"Vite\", \"folders\": [\"docs\"],\n"
                  "\"docsRepoUrl\": \"https://github.com/vitejs/vite\"}}");
}

static void init_writes_what_check_config_takes(void **state)
{
    struct fixture *f = *state;
    make_tree(f);
    assert_run(f, "init vite", false, 0, "it runs already, contextor reload");
    assert_run(f, "check-config", false, 0, "contextord.json is good: 1 source, 0 warnings");
    assert_int_equal(ctx_config_load(fixture_path(f, ".config/contextor/contextord.json"),
                                     &f->environment, NULL, &f->config, &f->diagnostics),
                     0);
    const struct ctx_source *source = ctx_config_source(&f->config, "vite");
    assert_non_null(source);
    assert_string_equal(source->root, fixture_path(f, "vite"));
    assert_string_equal(source->output, fixture_path(f, "sourcedocs/vite"));
    assert_string_equal(source->repo, "vitejs/vite");
    assert_string_equal(source->ref, "main");
    assert_string_equal(source->preset, "vt");
    assert_string_equal(source->include.items[0], "docs/**/*.md");
}

static void init_overwrites_nothing(void **state)
{
    struct fixture *f = *state;
    make_tree(f);
    fixture_write(f, ".config/contextor/contextord.json", "mine");
    assert_run(f, "init vite", true, 2, "is there already, and is left as it is");
    struct ctx_buffer text;
    ctx_buffer_init(&text, 100);
    assert_int_equal(
        ctx_file_read_path(fixture_path(f, ".config/contextor/contextord.json"), &text), 0);
    assert_string_equal(text.data, "mine");
    ctx_buffer_deinit(&text);
    assert_run(f, "init vite --config other.json --out mirror --name n", false, 0,
               "check-config other.json");
    assert_run(f, "check-config other.json", false, 0, "source n");
}

static void init_says_what_is_wrong(void **state)
{
    struct fixture *f = *state;
    make_tree(f);
    assert_run(f, "init nowhere", true, 2, "nowhere is no folder");
    assert_run(f, "init vite --out vite", true, 2, "root and output are both");
    assert_run(f, "init vite --config vite/docs/a.md/c.json", true, 1, "cannot be written");
    assert_run(f, "init --nam x", true, 2, "--name");
}

static void check_config_says_all_and_exits_2(void **state)
{
    struct fixture *f = *state;
    struct outcome outcome;
    fixture_write(f, "bad.json", "{\"sources\": [{\"root\": \"x\"}],\n\"sockett\": 1}");
    assert_run(f, "check-config bad.json", true, 2,
               "bad.json:2: sockett: unknown key; did you mean \"socket\"?\n");
    assert_run(f, "check-config bad.json", true, 2, "bad.json:1: sources[0]: no output;");
    assert_run(f, "check-config none.json", true, 2, "contextor init");
    assert_run(f, "check-config", true, 2, "contextor init");
    run(f, "check-config --json bad.json", false, &outcome);
    assert_int_equal(outcome.status, 2);
    json_t *object = json_loads(outcome.text, 0, NULL);
    assert_true(json_is_false(json_object_get(object, "ok")));
    assert_int_equal(json_integer_value(json_object_get(object, "errors")), 2);
    assert_int_equal(json_array_size(json_object_get(object, "diagnostics")), 3);
    assert_null(json_object_get(object, "effective"));
    json_decref(object);
}

static void check_config_shows_origins(void **state)
{
    struct fixture *f = *state;
    make_tree(f);
    struct outcome outcome;
    fixture_write(f, "c.json",
                  "{\"sources\": [{\"root\": \"vite\", \"output\": \"o\",\n"
                  "\"project\": \"vt\"}], \"performance\": {\n\"batch_size\": 9}}");
    run(f, "check-config --json c.json", false, &outcome);
    assert_int_equal(outcome.status, 0);
    json_t *object = json_loads(outcome.text, 0, NULL);
    assert_non_null(json_object_get(json_object_get(object, "effective"), "sources"));
    json_decref(object);
    assert_run(f, "check-config c.json | tr -s ' '", false, 0, "performance.batch_size 9 line 3\n");
    assert_run(f, "check-config c.json | tr -s ' '", false, 0, "ref \"main\" repository\n");
    assert_run(f, "check-config c.json", false, 0, "projects/vt.json:1\n");
}

static void list_projects_shows_them(void **state)
{
    struct fixture *f = *state;
    make_tree(f);
    fixture_write(f, "projects/bad.json", "{}}");
    assert_run(f, "list-projects | tr -s ' '", false, 0, "vt Vite vitejs/vite installed\n");
    assert_run(f, "list-projects", false, 0, "broken: ");
    struct outcome outcome;
    run(f, "list-projects --json", false, &outcome);
    json_t *array = json_loads(outcome.text, 0, NULL);
    assert_int_equal(json_array_size(array), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(array, 1), "name")), "vt");
    json_decref(array);
    snprintf(f->projects, sizeof(f->projects), "/nonexistent");
    assert_run(f, "list-projects", true, 0, "no presets in /nonexistent");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(init_writes_what_check_config_takes),
        FIXTURE_TEST(init_overwrites_nothing),
        FIXTURE_TEST(init_says_what_is_wrong),
        FIXTURE_TEST(check_config_says_all_and_exits_2),
        FIXTURE_TEST(check_config_shows_origins),
        FIXTURE_TEST(list_projects_shows_them),
    };
    return cmocka_run_group_tests(tests, fixture_setup_group, NULL);
}
