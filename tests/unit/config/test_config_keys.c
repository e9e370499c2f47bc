/* Every key's good and bad values, and what is said of the bad ones. */
#include <ctype.h>

#include "config/describe.h"
#include "config/keys.h"
#include "config/layer.h"
#include "config_fixture.h"

enum { TEXT = 4096 };

/* The text of a configuration in which `member` stands on line 3, where `path` says. */
static void compose(char *text, const char *path, const char *member)
{
    static const char *const source = "\"root\": \"tree\", \"output\": \"out\",";
    const char *rest = path;
    size_t len = 0, depth = 1;
    len += (size_t)snprintf(text, TEXT, "{");
    bool in_source = strncmp(path, "sources[0]", 10) == 0;
    if (in_source) {
        len += (size_t)snprintf(text + len, TEXT - len, "\"sources\": [{%s", source);
        rest += 10 + (path[10] == '.');
    }
    while (*rest) {
        size_t word = strcspn(rest, ".");
        len += (size_t)snprintf(text + len, TEXT - len, "\"%.*s\": {", (int)word, rest);
        rest += word + (rest[word] == '.');
        depth++;
    }
    len += (size_t)snprintf(text + len, TEXT - len, "\n\n%s", member);
    for (size_t i = 1; i < depth; i++)
        len += (size_t)snprintf(text + len, TEXT - len, "}");
    snprintf(text + len, TEXT - len, in_source ? "}]}" : "}");
}

/* Loads with that member; what is said must be "c.json:3: PATH: SAYS", or nothing. */
static void assert_member(struct fixture *f, const char *path, const char *member, const char *key,
                          const char *says)
{
    char text[TEXT], line[TEXT];
    compose(text, path, member);
    int r = fixture_load(f, text);
    snprintf(line, sizeof(line), "c.json:3: %s%s%s: %s", path, path[0] ? "." : "", key,
             says ? says : "");
    if (r != (says ? -EINVAL : 0) || (says && !fixture_says(f, line)) ||
        (says && f->diagnostics.n_errors != 1)) {
        print_message("with %s\n", text);
        fixture_print(f);
        fail();
    }
}

typedef void (*key_fn)(struct fixture *f, const struct ctx_key *key, const char *path);

/* Calls for every key below `tree`; `path` is where the tree's members stand. */
static void each_key(struct fixture *f, const struct ctx_key *tree, const char *path, key_fn call)
{
    for (size_t i = 0; i < tree->n_children; i++) {
        const struct ctx_key *key = &tree->children[i];
        char below[TEXT];
        snprintf(below, sizeof(below), "%s%s%s%s", path, path[0] ? "." : "", key->name,
                 key->type == CTX_KEY_OBJECTS ? "[0]" : "");
        /* Root and output are given by compose(). */
        if (key->slot != CTX_SLOT_ROOT && key->slot != CTX_SLOT_OUTPUT)
            call(f, key, path);
        each_key(f, key, below, call);
    }
}

static void assert_number(struct fixture *f, const struct ctx_key *key, const char *path,
                          long long number, bool good)
{
    char member[TEXT / 4], says[TEXT / 4], expected[256];
    ctx_key_expects(key, expected, sizeof(expected));
    snprintf(member, sizeof(member), "\"%s\": %lld", key->name, number);
    snprintf(says, sizeof(says), "%lld is out of range; give %s", number, expected);
    assert_member(f, path, member, key->name, good ? NULL : says);
}

static void check_range(struct fixture *f, const struct ctx_key *key, const char *path)
{
    if (key->type != CTX_KEY_NUMBER && key->type != CTX_KEY_NUMBER_OR_AUTO)
        return;
    assert_number(f, key, path, (long long)key->min, true);
    assert_number(f, key, path, (long long)key->max, true);
    assert_number(f, key, path, (long long)key->min - 1, false);
    assert_number(f, key, path, (long long)key->max + 1, false);
    assert_number(f, key, path, LLONG_MIN, false);
}

static void keys_numbers_have_ranges(void **state)
{
    fixture_folder(*state, "tree");
    each_key(*state, &ctx_config_key, "", check_range);
}

static void check_type(struct fixture *f, const struct ctx_key *key, const char *path)
{
    char member[TEXT / 4], says[TEXT / 4], expected[256];
    ctx_key_expects(key, expected, sizeof(expected));
    snprintf(member, sizeof(member), "\"%s\": null", key->name);
    snprintf(says, sizeof(says), "null is of the wrong type; give %s", expected);
    assert_member(f, path, member, key->name, says);
    snprintf(member, sizeof(member), "\"%s\": 1.5", key->name);
    snprintf(says, sizeof(says), "1.5 is of the wrong type; give %s", expected);
    assert_member(f, path, member, key->name, says);
}

static void keys_have_types(void **state)
{
    fixture_folder(*state, "tree");
    each_key(*state, &ctx_config_key, "", check_type);
}

static void check_duplicate(struct fixture *f, const struct ctx_key *key, const char *path)
{
    char member[TEXT / 4], choice[64];
    if (key->type == CTX_KEY_CHOICE)
        snprintf(choice, sizeof(choice), "\"%s\"", key->name_at(0));
    const char *value = key->type == CTX_KEY_OBJECT    ? "{}"
                        : key->type == CTX_KEY_OBJECTS ? "[]"
                        : key->fallback                ? key->fallback
                        : key->type == CTX_KEY_NUMBER  ? "7"
                        : key->type == CTX_KEY_CHOICE  ? choice
                        : key->check("main") == NULL   ? "\"main\""
                                                       : "\"https://example.org\"";
    if (key->slot == CTX_SLOT_PROJECT)
        return; /* names a file */
    snprintf(member, sizeof(member), "\"%s\": %s,\n\"%s\": %s", key->name, value, key->name, value);
    char text[TEXT], line[TEXT];
    compose(text, path, member);
    assert_int_equal(fixture_load(f, text), -EINVAL);
    assert_int_equal(f->diagnostics.n_errors, 1);
    snprintf(line, sizeof(line),
             "c.json:4: %s%s%s: the same key is at line 3 already; remove one of them", path,
             path[0] ? "." : "", key->name);
    assert_true(fixture_says(f, line));
}

static void keys_stand_once(void **state)
{
    fixture_folder(*state, "tree");
    each_key(*state, &ctx_config_key, "", check_duplicate);
}

/* Swaps the last two letters of the key, so that it is always one edit away. */
static void check_misspelling(struct fixture *f, const struct ctx_key *key, const char *path)
{
    char misspelt[128], member[TEXT / 4], says[TEXT / 4];
    size_t len = strlen(key->name);
    snprintf(misspelt, sizeof(misspelt), "%s", key->name);
    misspelt[len - 1] = key->name[len - 2];
    misspelt[len - 2] = key->name[len - 1];
    if (strcmp(misspelt, key->name) == 0)
        snprintf(misspelt, sizeof(misspelt), "%s_", key->name);
    snprintf(member, sizeof(member), "\"%s\": 1", misspelt);
    snprintf(says, sizeof(says), "unknown key; did you mean \"%s\"?", key->name);
    assert_member(f, path, member, misspelt, says);
}

static void keys_are_suggested(void **state)
{
    fixture_folder(*state, "tree");
    each_key(*state, &ctx_config_key, "", check_misspelling);
}

static void keys_elsewhere_are_shown_home(void **state)
{
    struct fixture *f = *state;
    fixture_folder(f, "tree");
    assert_member(f, "", "\"profile\": \"compact\"", "profile",
                  "unknown key here; it belongs to sources[].profile");
    assert_member(f, "sources[0]", "\"batch_size\": 5", "batch_size",
                  "unknown key here; it belongs to performance.batch_size");
    assert_member(f, "sources[0].transforms", "\"parallel_transforms\": true",
                  "parallel_transforms",
                  "unknown key here; it belongs to transforms.parallel_transforms");
    assert_member(f, "watch", "\"frobnicate\": true", "frobnicate",
                  "unknown key; remove it, or see contextord.json(5)");
}

static const struct {
    const char *path, *member, *key, *says; /* says NULL: it is good */
} values[] = {
    { "performance", "\"max_workers\": \"auto\"", "max_workers", NULL },
    { "performance", "\"max_workers\": \"all\"", "max_workers",
      "\"all\" is of the wrong type; give \"auto\" or a whole number from 1 to 256" },
    { "performance", "\"batch_size\": \"auto\"", "batch_size",
      "\"auto\" is of the wrong type; give a whole number from 1 to 1000" },
    { "", "\"sources\": [5]", "sources[0]", "5 is of the wrong type; give an object {…}" },
    { "", "\"socket\": \"\"", "socket", "\"\" is empty; give a path" },
    { "", "\"socket\": \"~bob/s\"", "socket",
      "\"~bob/s\" begins with another user's folder, which is not looked up; give the whole path" },
    { "watch", "\"ignore_temporary\": [\"*.swp\", \"#*#\"]", "ignore_temporary", NULL },
    { "watch", "\"ignore_temporary\": [\"*.swp\", 5]", "ignore_temporary[1]",
      "5 is of the wrong type; give a string" },
    { "sources[0]", "\"name\": \"a/b\"", "name",
      "\"a/b\" holds a '/'; give a plain name, without folders" },
    { "sources[0]", "\"name\": \"  \"", "name", "\"  \" is empty; give a word or remove it" },
    { "sources[0]", "\"name\": \"a\\nb\"", "name",
      "\"a\\nb\" holds a control character; remove it" },
    { "sources[0]", "\"repo\": \"a b\"", "repo",
      "\"a b\" holds a blank; give owner/name or the repository's URL" },
    { "sources[0]", "\"repo\": \"\"", "repo",
      "\"\" is empty; give owner/name, or leave it out to have it read from .git" },
    { "sources[0]", "\"ref\": \"a..b\"", "ref",
      "\"a..b\" is no name that git would take; give a branch, a tag or a commit" },
    { "sources[0]", "\"ref\": \"release/15.x\"", "ref", NULL },
    { "sources[0]", "\"topics\": [\"\"]", "topics[0]", "\"\" is empty; give a word or remove it" },
    { "sources[0]", "\"topics\": \"web\"", "topics",
      "\"web\" is of the wrong type; give an array of strings" },
    { "sources[0]", "\"profile\": \"balancd\"", "profile",
      "unknown value \"balancd\"; did you mean \"balanced\"?" },
    { "sources[0]", "\"profile\": \"tiny\"", "profile",
      "unknown value \"tiny\"; give one of \"balanced\", \"lossless\", \"compact\"" },
    { "sources[0]", "\"profile\": \"lossless\"", "profile", NULL },
    { "sources[0]", "\"dialect\": \"hugo\"", "dialect", NULL },
    { "sources[0]", "\"dialect\": \"hogo\"", "dialect",
      "unknown value \"hogo\"; did you mean \"hugo\"?" },
    { "sources[0]", "\"include\": [\"guide/**/*.md\"]", "include", NULL },
    { "sources[0]", "\"include\": [\"../x\"]", "include[0]",
      "\"../x\" holds \"..\"; patterns are below the root" },
    { "sources[0]", "\"exclude\": [\"\"]", "exclude[0]",
      "\"\" is empty; give a pattern such as \"guide/**/*.md\"" },
    { "sources[0]", "\"force_include\": [\"a..b.md\"]", "force_include", NULL },
    { "sources[0]", "\"force_include\": [\"[]a-z].md\", \"\\\\[x.md\", \"[[:alpha:]]\"]",
      "force_include", NULL },
    { "sources[0]", "\"exclude\": [\"a[b\"]", "exclude[0]",
      "\"a[b\" ends inside a [class], or in a backslash; escape what is a letter with a "
      "backslash" },
    { "sources[0]", "\"exclude\": [\"a\\\\\"]", "exclude[0]",
      "\"a\\\\\" ends inside a [class], or in a backslash; escape what is a letter with a "
      "backslash" },
    { "sources[0]", "\"auto_detect_config\": \"no\"", "auto_detect_config",
      "\"no\" is of the wrong type; give true or false" },
    { "transforms", "\"components\": {\"Tabs.Tab\": \"unwrap\"}", "components", NULL },
    { "transforms", "\"components\": [\"Sandpack\", \"Intro\"]", "components", NULL },
    { "transforms", "\"components\": {\"Tab\": \"unwarp\"}", "components.Tab",
      "unknown form \"unwarp\"; did you mean \"unwrap\"?" },
    { "transforms", "\"components\": {\"Tab\": 1}", "components.Tab",
      "1 is of the wrong type; give a form's name as a string" },
    { "transforms", "\"components\": [1]", "components[0]",
      "1 is of the wrong type; give a component's name as a string" },
    { "transforms", "\"components\": {\"<Tab>\": \"unwrap\"}", "components[\"<Tab>\"]",
      "\"<Tab>\" is no component's name; give it as JSX has it: \"Tab\", \"Tabs.Tab\"" },
    { "transforms", "\"rules\": {\"badges\": false}", "rules", NULL },
    { "transforms", "\"rules\": {\"badges\": 0}", "rules.badges",
      "0 is of the wrong type; give true or false" },
    { "transforms", "\"rules\": {\"badge\": false}", "rules.badge",
      "unknown rule \"badge\"; did you mean \"badges\"?" },
    { "transforms", "\"rules\": {\"esm\": false}", "rules.esm",
      "unknown rule \"esm\"; give one of \"badges\", \"decorative_images\", "
      "\"ornament_lines\"" },
    { "transforms", "\"rules\": [\"badges\"]", "rules",
      "an array is of the wrong type; give an object of names and true or false" },
    { "transforms.links", "\"target\": \"mirror\"", "target", NULL },
    { "transforms.links", "\"target\": \"Mirror\"", "target",
      "unknown value \"Mirror\"; did you mean \"mirror\"?" },
    { "transforms.link_rules", "\"base_url\": \"https://nextjs.org/\"", "base_url", NULL },
    { "transforms.link_rules", "\"base_url\": \"nextjs.org\"", "base_url",
      "\"nextjs.org\" is no URL; give one that begins with https:// or http://" },
    { "transforms.link_rules", "\"preserve_anchors\": false", "preserve_anchors", NULL },
    { "transforms.code_block_rules", "\"preserve_languages\": [\"sql\"]", "preserve_languages",
      NULL },
    { "transforms.code_block_rules", "\"max_lines\": 40", "max_lines", NULL },
    { "sources[0].transforms.link_rules", "\"base_url\": \"ftp://x\"", "base_url",
      "\"ftp://x\" is no URL; give one that begins with https:// or http://" },
};

static void keys_values_are_checked(void **state)
{
    fixture_folder(*state, "tree");
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        assert_member(*state, values[i].path, values[i].member, values[i].key, values[i].says);
}

/* Not only the first mistake, and each at its line. */
static void keys_all_mistakes_are_said(void **state)
{
    struct fixture *f = *state;
    fixture_folder(f, "tree");
    assert_int_equal(fixture_load(f, "{\"sources\": [\n"
                                     " {\"root\": \"tree\",\n"
                                     "  \"profil\": \"compact\",\n"
                                     "  \"topics\": [1,\n"
                                     "             2]}],\n"
                                     " \"performance\": {\"batch_size\": 0},\n"
                                     " \"watch\": []}\n"),
                     -EINVAL);
    assert_int_equal(f->diagnostics.n_errors, 6);
    assert_true(fixture_says(f, "c.json:2: sources[0]: no output; add \"output\": \"FOLDER\""));
    assert_true(fixture_says(f, "c.json:3: sources[0].profil: unknown key; did you mean "
                                "\"profile\"?"));
    assert_true(fixture_says(f, "c.json:4: sources[0].topics[0]: 1 is of the wrong type; give a "
                                "string"));
    assert_true(fixture_says(f, "c.json:5: sources[0].topics[1]: 2 is of the wrong type; give a "
                                "string"));
    assert_true(fixture_says(f, "c.json:6: performance.batch_size: 0 is out of range; give a whole "
                                "number from 1 to 1000"));
    assert_true(fixture_says(f, "c.json:7: watch: an array is of the wrong type; give an object "
                                "{…}"));
}

static void check_default(struct fixture *f, const struct ctx_key *key, const char *path)
{
    (void)path;
    struct ctx_layer layer = { 0 };
    struct ctx_config_arena arena = { 0 };
    struct ctx_key tree = { .type = CTX_KEY_OBJECT, .children = key, .n_children = 1 };
    ctx_layer_read_defaults(&tree, &arena, &layer);
    if (key->fallback && !layer.values[key->slot].set)
        fail_msg("the default of %s cannot be read", key->name);
    ctx_config_arena_deinit(&arena);
    (void)f;
}

/* The table itself: defaults can be read, every key is explained, every slot has one key. */
static void keys_table_is_sound(void **state)
{
    each_key(*state, &ctx_config_key, "", check_default);
    for (int slot = CTX_SLOT_NONE + 1; slot < CTX_SLOT_SOURCE_END; slot++) {
        if (slot == CTX_SLOT_PARALLEL || slot == CTX_SLOT_GLOBAL_END)
            continue;
        const struct ctx_key *key = ctx_key_of_slot(&ctx_config_key, (enum ctx_slot)slot);
        assert_non_null(key);
        assert_non_null(key->help);
        bool required = slot == CTX_SLOT_ROOT || slot == CTX_SLOT_OUTPUT;
        assert_true(required || key->fallback || key->otherwise);
    }
}

static void keys_diagnostics_are_bounded(void **state)
{
    struct fixture *f = *state;
    struct ctx_buffer text;
    ctx_buffer_init(&text, 1u << 20);
    ctx_buffer_putc(&text, '{');
    for (int i = 0; i < 1000; i++)
        ctx_buffer_printf(&text, "%s\"wrong%d\": 1", i ? "," : "", i);
    ctx_buffer_putc(&text, '}');
    assert_int_equal(fixture_load(f, text.data), -EINVAL);
    assert_int_equal(f->diagnostics.n, 201);
    assert_int_equal(f->diagnostics.n_errors, 1000);
    ctx_buffer_deinit(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(keys_numbers_have_ranges),
        FIXTURE_TEST(keys_have_types),
        FIXTURE_TEST(keys_stand_once),
        FIXTURE_TEST(keys_are_suggested),
        FIXTURE_TEST(keys_elsewhere_are_shown_home),
        FIXTURE_TEST(keys_values_are_checked),
        FIXTURE_TEST(keys_all_mistakes_are_said),
        FIXTURE_TEST(keys_table_is_sound),
        FIXTURE_TEST(keys_diagnostics_are_bounded),
    };
    return cmocka_run_group_tests(tests, fixture_setup_group, NULL);
}
