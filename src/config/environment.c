/* What programs read from the environment, and the paths that follow from it. Any thread. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"

#define SYSTEM_CONFIG "/etc/contextor/contextord.json"
#define SYSTEM_SOCKET "/run/contextor/contextord.sock"

static const char *get_filled(char *(*get)(const char *variable), const char *variable)
{
    const char *value = get(variable);
    return value && value[0] != '\0' ? value : NULL;
}

void ctx_environment_init(struct ctx_environment *ret_environment,
                          char *(*get)(const char *variable))
{
    const char *projects = get_filled(get, "CONTEXTOR_PROJECTS_DIR");
    *ret_environment = (struct ctx_environment){
        .home = get_filled(get, "HOME"),
        .xdg_config_home = get_filled(get, "XDG_CONFIG_HOME"),
        .xdg_runtime_dir = get_filled(get, "XDG_RUNTIME_DIR"),
        .projects_dir = projects ? projects : CTX_PROJECTS_DIR,
    };
    /* The XDG base directory specification has relative paths ignored. */
    if (ret_environment->xdg_config_home && ret_environment->xdg_config_home[0] != '/')
        ret_environment->xdg_config_home = NULL;
    if (ret_environment->xdg_runtime_dir && ret_environment->xdg_runtime_dir[0] != '/')
        ret_environment->xdg_runtime_dir = NULL;
}

char *ctx_config_user_path(const struct ctx_environment *environment, const char *name)
{
    char *path = NULL;
    int r = -1;
    if (environment->xdg_config_home)
        r = asprintf(&path, "%s/contextor/%s", environment->xdg_config_home, name);
    else if (environment->home)
        r = asprintf(&path, "%s/.config/contextor/%s", environment->home, name);
    return r < 0 ? NULL : path;
}

char *ctx_config_default_path(const struct ctx_environment *environment, bool system)
{
    return system ? strdup(SYSTEM_CONFIG) : ctx_config_user_path(environment, "contextord.json");
}

char *ctx_config_default_socket(const struct ctx_environment *environment, bool system)
{
    char *path = NULL;
    int r;
    if (system)
        return strdup(SYSTEM_SOCKET);
    if (environment->xdg_runtime_dir)
        r = asprintf(&path, "%s/contextor/contextord.sock", environment->xdg_runtime_dir);
    else
        r = asprintf(&path, "/run/user/%u/contextor/contextord.sock", (unsigned)getuid());
    return r < 0 ? NULL : path;
}
