#ifndef CTX_TEST_CONFIG_FIXTURE_H
#define CTX_TEST_CONFIG_FIXTURE_H

/*
 * A folder of its own for each case, which is also the home of its user: configuration, presets
 * (projects/) and trees are written into it. Brings cmocka with what it needs before it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/digest.h"
#include "base/file.h"
#include "config/config.h"

struct fixture {
    char folder[PATH_MAX];
    char path[PATH_MAX + 256]; /* of the last fixture_path() */
    char projects[PATH_MAX + 16];
    char config_home[PATH_MAX + 16];
    struct ctx_environment environment;
    struct ctx_config_overrides overrides;
    struct ctx_config config;
    struct ctx_diagnostics diagnostics;
};

#define FIXTURE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

static inline int fixture_setup_group(void **state)
{
    (void)state;
    return ctx_digest_setup();
}

static inline int fixture_setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    char template[] = "/tmp/contextor-config-XXXXXX";
    if (!f || !mkdtemp(template) || !realpath(template, f->folder))
        return -1;
    snprintf(f->projects, sizeof(f->projects), "%s/projects", f->folder);
    snprintf(f->config_home, sizeof(f->config_home), "%s/.config", f->folder);
    f->environment = (struct ctx_environment){
        .home = f->folder,
        .xdg_config_home = f->config_home,
        .projects_dir = f->projects,
    };
    f->overrides = CTX_CONFIG_NO_OVERRIDES;
    *state = f;
    return 0;
}

static inline int fixture_remove(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

static inline void fixture_forget(struct fixture *f)
{
    ctx_config_deinit(&f->config);
    ctx_diagnostics_deinit(&f->diagnostics);
}

static inline int fixture_teardown(void **state)
{
    struct fixture *f = *state;
    fixture_forget(f);
    nftw(f->folder, fixture_remove, 16, FTW_DEPTH | FTW_PHYS);
    free(f);
    return 0;
}

/* The absolute path of a name in the folder; until the next call. */
static inline const char *fixture_path(struct fixture *f, const char *name)
{
    snprintf(f->path, sizeof(f->path), "%s/%s", f->folder, name);
    return f->path;
}

static inline void fixture_folder(struct fixture *f, const char *name)
{
    assert_int_equal(ctx_file_mkdirs(fixture_path(f, name), 0755), 0);
}

static inline void fixture_write_bytes(struct fixture *f, const char *name, const char *bytes,
                                       size_t len)
{
    char *path = strdup(fixture_path(f, name));
    char *slash = strrchr(path, '/');
    *slash = '\0';
    assert_int_equal(ctx_file_mkdirs(path, 0755), 0);
    *slash = '/';
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    free(path);
}

static inline void fixture_write(struct fixture *f, const char *name, const char *text)
{
    fixture_write_bytes(f, name, text, strlen(text));
}

/* Loads `text` as the file c.json. */
static inline int fixture_load(struct fixture *f, const char *text)
{
    fixture_forget(f);
    fixture_write(f, "c.json", text);
    return ctx_config_load(fixture_path(f, "c.json"), &f->environment, &f->overrides, &f->config,
                           &f->diagnostics);
}

static inline void fixture_print(const struct fixture *f)
{
    for (size_t i = 0; i < f->diagnostics.n; i++)
        print_message("%s: %s\n", ctx_severity_name(f->diagnostics.items[i].severity),
                      f->diagnostics.items[i].text);
}

/* Whether a diagnostic's text, after the fixture's folder, is `text`. */
static inline int fixture_says(const struct fixture *f, const char *text)
{
    size_t len = strlen(f->folder) + 1;
    for (size_t i = 0; i < f->diagnostics.n; i++) {
        const char *said = f->diagnostics.items[i].text;
        if (strncmp(said, f->folder, len - 1) == 0 && said[len - 1] == '/')
            said += len;
        if (strcmp(said, text) == 0)
            return 1;
    }
    print_message("not said: %s\n", text);
    fixture_print(f);
    return 0;
}

#endif
