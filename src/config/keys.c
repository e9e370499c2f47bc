/*
 * The tables. Objects point to their children, so that `transforms` is the same at the top, in a
 * source and in a preset. Static data; any thread.
 */
#include "config/keys.h"

#include <stddef.h>

#include "base/cleanup.h"
#include "config/checks.h"
#include "config/config.h"

#define AT(type, field)                                                                            \
    {                                                                                              \
        offsetof(struct type, field), sizeof(((struct type *)0)->field)                            \
    }
#define CHILDREN(table) .children = (table), .n_children = CTX_ARRAY_LEN(table)

static const char *profile_at(size_t i)
{
    return i <= CTX_PROFILE_COMPACT ? ctx_profile_name((enum ctx_profile)i) : NULL;
}

static const char *dialect_at(size_t i)
{
    return i <= CTX_DIALECT_LIQUID ? ctx_dialect_name((enum ctx_dialect)i) : NULL;
}

static const char *link_target_at(size_t i)
{
    return i <= CTX_LINKS_MIRROR ? ctx_link_target_name((enum ctx_link_target)i) : NULL;
}

static const char *forge_at(size_t i)
{
    return i <= CTX_FORGE_SOURCEHUT ? ctx_forge_name((enum ctx_forge)i) : NULL;
}

static const char *form_at(size_t i)
{
    size_t n;
    const char *const *names = ctx_component_form_names(&n);
    return i < n ? names[i] : NULL;
}

static const char *rule_at(size_t i)
{
    size_t n;
    const struct ctx_size_rule *rules = ctx_size_rules(&n);
    return i < n ? rules[i].name : NULL;
}

static const struct ctx_key performance_keys[] = {
    {
        .name = "max_workers",
        .help = "Threads that load, transform and write documents. \"auto\" is as many as serve "
                "this machine, at most 32 or its cores and 4. 1 works sequentially.",
        .type = CTX_KEY_NUMBER_OR_AUTO,
        .slot = CTX_SLOT_MAX_WORKERS,
        .min = 1,
        .max = 256,
        .fallback = "\"auto\"",
        .flag = "--max-workers",
        .at = AT(ctx_config, performance.max_workers),
    },
    {
        .name = "batch_size",
        .help = "Documents handed out as one batch.",
        .type = CTX_KEY_NUMBER,
        .slot = CTX_SLOT_BATCH_SIZE,
        .min = 1,
        .max = 1000,
        .fallback = "50",
        .flag = "--batch-size",
        .at = AT(ctx_config, performance.batch_size),
    },
    {
        .name = "memory_limit_mb",
        .help = "What the documents being worked on may take together, in MiB, in the process and "
                "in its worker processes. The reading of a tree waits when it is reached, and a "
                "document that does not fit alone is an error. Resident memory stays below this "
                "and 64 MiB, with 2 MiB more for each worker thread and 16 MiB for each worker "
                "process, for all else.",
        .type = CTX_KEY_NUMBER,
        .slot = CTX_SLOT_MEMORY_LIMIT,
        .min = 1,
        .max = 1048576,
        .fallback = "512",
        .flag = "--memory-limit",
        .at = AT(ctx_config, performance.memory_limit_mb),
    },
    {
        .name = "use_process_pool",
        .help = "Transform every document in an isolated worker process, not only those over "
                "cpu_intensive_threshold.",
        .type = CTX_KEY_BOOLEAN,
        .slot = CTX_SLOT_PROCESS_POOL,
        .fallback = "false",
        .flag = "--process-pool",
        .at = AT(ctx_config, performance.use_process_pool),
    },
};

static const struct ctx_key link_keys[] = {
    {
        .name = "target",
        .help = "Where relative links are made to lead: to the file in the repository, to "
                "link_rules.base_url and the path below the root, or to the page's own file in "
                "the mirror.",
        .type = CTX_KEY_CHOICE,
        .slot = CTX_SLOT_LINKS_TARGET,
        .name_at = link_target_at,
        .fallback = "\"repository\"",
        .at = AT(ctx_source, transform.links.target),
    },
};

static const struct ctx_key link_rule_keys[] = {
    {
        .name = "base_url",
        .help = "The documentation's site. Links that begin with / are completed with it; without "
                "it they stay as they are written and are counted.",
        .type = CTX_KEY_TEXT,
        .slot = CTX_SLOT_BASE_URL,
        .check = ctx_check_url,
        .otherwise = "none",
        .at = AT(ctx_source, transform.links.base_url),
    },
    {
        .name = "preserve_anchors",
        .help = "Keep the #anchors of the links that are rewritten.",
        .type = CTX_KEY_BOOLEAN,
        .slot = CTX_SLOT_PRESERVE_ANCHORS,
        .fallback = "true",
    },
};

static const struct ctx_key code_rule_keys[] = {
    {
        .name = "preserve_languages",
        .help =
            "Languages whose code no profile elides, as info strings name them; the usual short "
            "names (js, ts, py, sh, yml, md and others) and the long ones are the same.",
        .type = CTX_KEY_LIST,
        .slot = CTX_SLOT_PRESERVE_LANGUAGES,
        .check = ctx_check_word,
        .fallback = "[]",
    },
    {
        .name = "max_lines",
        .help = "Lines that a code block may have before its middle is elided. It has no effect "
                "in the profile lossless.",
        .type = CTX_KEY_NUMBER,
        .slot = CTX_SLOT_MAX_LINES,
        .min = 1,
        .max = 1000000,
        .otherwise = "the profile's own",
        .at = AT(ctx_source, transform.code.max_lines),
    },
};

/* What `transforms` may hold wherever it stands: at the top, in a source, in a preset. */
#define SOURCE_TRANSFORMS                                                                          \
    {                                                                                              \
        .name = "components",                                                                      \
        .help = "Adds to the table of components, or puts over it: a component's name, as JSX "    \
                "has it, and the Markdown form it takes; see COMPONENTS. A list of names "         \
                "unwraps those. What several places say is joined, component by component.",       \
        .type = CTX_KEY_COMPONENTS,                                                                \
        .slot = CTX_SLOT_COMPONENTS,                                                               \
        .name_at = form_at,                                                                        \
        .fallback = "{}",                                                                          \
    },                                                                                             \
        {                                                                                          \
            .name = "links",                                                                       \
            .help = "Links.",                                                                      \
            .type = CTX_KEY_OBJECT,                                                                \
            CHILDREN(link_keys),                                                                   \
        },                                                                                         \
        {                                                                                          \
            .name = "link_rules",                                                                  \
            .help = "What holds for the links of a site.",                                         \
            .type = CTX_KEY_OBJECT,                                                                \
            CHILDREN(link_rule_keys),                                                              \
        },                                                                                         \
        {                                                                                          \
            .name = "code_block_rules",                                                            \
            .help = "What holds for code when a profile elides.",                                  \
            .type = CTX_KEY_OBJECT,                                                                \
            CHILDREN(code_rule_keys),                                                              \
        },                                                                                         \
    {                                                                                              \
        .name = "rules",                                                                           \
        .help = "Switches dropping rules of the profile compact off and on: {\"badges\": false}; " \
                "see RULES. What several places say is joined, rule by rule.",                     \
        .type = CTX_KEY_SWITCHES, .slot = CTX_SLOT_RULES, .name_at = rule_at, .fallback = "{}",    \
    }

static const struct ctx_key source_transform_keys[] = {
    SOURCE_TRANSFORMS,
};

static const struct ctx_key transform_keys[] = {
    {
        .name = "parallel_transforms",
        .help = "Transform several documents at a time. When false, one at a time is transformed "
                "while others are read and written.",
        .type = CTX_KEY_BOOLEAN,
        .slot = CTX_SLOT_PARALLEL_TRANSFORMS,
        .fallback = "true",
        .at = AT(ctx_config, performance.parallel_transforms),
    },
    {
        .name = "cpu_intensive_threshold",
        .help = "Documents over this many bytes are transformed in isolated worker processes.",
        .type = CTX_KEY_NUMBER,
        .slot = CTX_SLOT_CPU_INTENSIVE,
        .min = 0,
        .max = 1073741824,
        .fallback = "1048576",
        .at = AT(ctx_config, performance.cpu_intensive_threshold),
    },
    SOURCE_TRANSFORMS,
};

static const struct ctx_key preset_transform_keys[] = {
    {
        .name = "mdx_components",
        .help = "The same as components, by the name that presets have always used.",
        .type = CTX_KEY_COMPONENTS,
        .slot = CTX_SLOT_COMPONENTS,
        .name_at = form_at,
    },
    SOURCE_TRANSFORMS,
};

static const struct ctx_key watch_keys[] = {
    {
        .name = "poll",
        .help = "Look at the files every poll_interval_ms instead of being told by the kernel. "
                "For file systems that report no changes, such as network mounts.",
        .type = CTX_KEY_BOOLEAN,
        .slot = CTX_SLOT_POLL,
        .fallback = "false",
        .at = AT(ctx_config, watching.poll),
    },
    {
        .name = "poll_interval_ms",
        .help = "Milliseconds between two looks at a polled directory.",
        .type = CTX_KEY_NUMBER,
        .slot = CTX_SLOT_POLL_INTERVAL,
        .min = 10,
        .max = 3600000,
        .fallback = "2000",
        .at = AT(ctx_config, watching.poll_interval_ms),
    },
    {
        .name = "settle_ms",
        .help = "Milliseconds that a file which became empty is given to be filled again.",
        .type = CTX_KEY_NUMBER,
        .slot = CTX_SLOT_SETTLE,
        .min = 0,
        .max = 60000,
        .fallback = "50",
        .at = AT(ctx_config, watching.settle_ms),
    },
    {
        .name = "max_wait_ms",
        .help = "Milliseconds after which a file that stays open for writing is taken as it is.",
        .type = CTX_KEY_NUMBER,
        .slot = CTX_SLOT_MAX_WAIT,
        .min = 0,
        .max = 600000,
        .fallback = "2000",
        .at = AT(ctx_config, watching.max_wait_ms),
    },
    {
        .name = "delete_grace_ms",
        .help = "Milliseconds that a file which went away is given to come back, as editors make "
                "it do when they save.",
        .type = CTX_KEY_NUMBER,
        .slot = CTX_SLOT_DELETE_GRACE,
        .min = 0,
        .max = 60000,
        .fallback = "250",
        .at = AT(ctx_config, watching.delete_grace_ms),
    },
    {
        .name = "reconcile_interval_s",
        .help = "Seconds between two walks over a tree that look for changes nobody reported.",
        .type = CTX_KEY_NUMBER,
        .slot = CTX_SLOT_RECONCILE,
        .min = 1,
        .max = 604800,
        .fallback = "600",
        .at = AT(ctx_config, watching.reconcile_s),
    },
    {
        .name = "ignore_temporary",
        .help = "Patterns of editors' temporary files, beyond those that are known.",
        .type = CTX_KEY_LIST,
        .slot = CTX_SLOT_IGNORE_TEMPORARY,
        .check = ctx_check_pattern,
        .fallback = "[]",
        .at = AT(ctx_config, watching.ignore_temporary),
    },
};

static const struct ctx_key source_keys[] = {
    {
        .name = "name",
        .help = "What the source is called in commands and messages. Each has its own.",
        .type = CTX_KEY_TEXT,
        .slot = CTX_SLOT_NAME,
        .check = ctx_check_name,
        .otherwise = "the name of the root's folder",
        .at = AT(ctx_source, name),
    },
    {
        .name = "root",
        .help = "The folder that holds the documents. Required.",
        .type = CTX_KEY_PATH,
        .slot = CTX_SLOT_ROOT,
        .check = ctx_check_path,
        .flag = "--src",
        .at = AT(ctx_source, root),
    },
    {
        .name = "output",
        .help = "The folder that the mirror is written to; made when it is not there. No other "
                "source may have it, and no source may lie inside it. Required.",
        .type = CTX_KEY_PATH,
        .slot = CTX_SLOT_OUTPUT,
        .check = ctx_check_path,
        .flag = "--out",
        .at = AT(ctx_source, output),
    },
    {
        .name = "repo",
        .help = "The repository, as owner/name or as its URL. A URL tells the host that links to "
                "the repository lead to; of owner/name it is that of git's remote origin when this "
                "is the same repository, else the public host of the forge.",
        .type = CTX_KEY_TEXT,
        .slot = CTX_SLOT_REPO,
        .check = ctx_check_repo,
        .otherwise = "owner/name of git's remote origin, else the folder's name",
        .flag = "--repo",
        .at = AT(ctx_source, repo),
    },
    {
        .name = "ref",
        .help = "The branch, tag or commit that links to the repository name.",
        .type = CTX_KEY_TEXT,
        .slot = CTX_SLOT_REF,
        .check = ctx_check_ref,
        .otherwise = "the branch that origin/HEAD names, else HEAD",
        .flag = "--ref",
        .at = AT(ctx_source, ref),
    },
    {
        .name = "forge",
        .help = "What runs at the repository's host, which decides how the addresses of its files "
                "are written. gitea is Forgejo's and Gogs', too; bitbucket-server is Bitbucket "
                "Data Center.",
        .type = CTX_KEY_CHOICE,
        .slot = CTX_SLOT_FORGE,
        .name_at = forge_at,
        .otherwise = "what the host's name tells, else github",
        .at = AT(ctx_source, transform.links.forge),
    },
    {
        .name = "topics",
        .help = "Topics of every page of the source, before those that a document names itself.",
        .type = CTX_KEY_LIST,
        .slot = CTX_SLOT_TOPICS,
        .check = ctx_check_word,
        .fallback = "[]",
        .flag = "--topics",
        .at = AT(ctx_source, topics),
    },
    {
        .name = "profile",
        .help = "How much is kept: lossless keeps all of it, balanced elides the middle of long "
                "code, compact elides more and drops what carries no words.",
        .type = CTX_KEY_CHOICE,
        .slot = CTX_SLOT_PROFILE,
        .name_at = profile_at,
        .fallback = "\"balanced\"",
        .flag = "--profile",
        .at = AT(ctx_source, transform.profile),
    },
    {
        .name = "dialect",
        .help = "The template language that the documents hold. Unless it is named, templates are "
                "text.",
        .type = CTX_KEY_CHOICE,
        .slot = CTX_SLOT_DIALECT,
        .name_at = dialect_at,
        .fallback = "\"none\"",
        .at = AT(ctx_source, transform.dialect),
    },
    {
        .name = "project",
        .help = "A project preset: the name of one that is installed (contextor list-projects), "
                "or a file.",
        .type = CTX_KEY_TEXT,
        .slot = CTX_SLOT_PROJECT,
        .check = ctx_check_path,
        .otherwise = "none, or what is detected",
        .flag = "--project-config",
    },
    {
        .name = "auto_detect_config",
        .help = "Without a project, use contextor.json or context7.json at the root as the preset "
                "when there is one. Mistakes in such a file are warnings.",
        .type = CTX_KEY_BOOLEAN,
        .slot = CTX_SLOT_AUTO_DETECT,
        .fallback = "true",
        .flag = "--auto-detect-config",
    },
    {
        .name = "include",
        .help = "Patterns of the files that are documents.",
        .type = CTX_KEY_LIST,
        .slot = CTX_SLOT_INCLUDE,
        .check = ctx_check_pattern,
        .fallback = "[\"**/*.md\", \"**/*.mdx\"]",
        .at = AT(ctx_source, include),
    },
    {
        .name = "exclude",
        .help = "Patterns of files and folders that are not. Those of a preset hold as well.",
        .type = CTX_KEY_LIST,
        .slot = CTX_SLOT_EXCLUDE,
        .check = ctx_check_pattern,
        .fallback = "[]",
        .at = AT(ctx_source, exclude),
    },
    {
        .name = "force_include",
        .help = "Patterns of files that are documents although exclude or an ignore file takes "
                "them away.",
        .type = CTX_KEY_LIST,
        .slot = CTX_SLOT_FORCE_INCLUDE,
        .check = ctx_check_pattern,
        .fallback = "[]",
        .at = AT(ctx_source, force_include),
    },
    {
        .name = "transforms",
        .help = "What this source's documents are turned into: the keys of transforms at the top, "
                "over which they win, but parallel_transforms and cpu_intensive_threshold.",
        .type = CTX_KEY_OBJECT,
        CHILDREN(source_transform_keys),
    },
};

static const struct ctx_key top_keys[] = {
    {
        .name = "sources",
        .help = "The trees to mirror.",
        .type = CTX_KEY_OBJECTS,
        CHILDREN(source_keys),
    },
    {
        .name = "performance",
        .help = "Threads, batches and memory.",
        .type = CTX_KEY_OBJECT,
        CHILDREN(performance_keys),
    },
    {
        .name = "transforms",
        .help = "What documents are turned into, for every source.",
        .type = CTX_KEY_OBJECT,
        CHILDREN(transform_keys),
    },
    {
        .name = "watch",
        .help = "How changes are noticed.",
        .type = CTX_KEY_OBJECT,
        CHILDREN(watch_keys),
    },
    {
        .name = "socket",
        .help = "The control socket.",
        .type = CTX_KEY_PATH,
        .slot = CTX_SLOT_SOCKET,
        .check = ctx_check_path,
        .otherwise = "$XDG_RUNTIME_DIR/contextor/contextord.sock, the system's "
                     "/run/contextor/contextord.sock",
        .at = AT(ctx_config, socket),
    },
};

/* Keys of a preset that its `settings` and context7.json share. */
#define PRESET_FILES                                                                               \
    {                                                                                              \
        .name = "folders",                                                                         \
        .help =                                                                                    \
            "The folders of the repository that hold documents; all of it when none is named.",    \
        .type = CTX_KEY_LIST,                                                                      \
        .slot = CTX_SLOT_FOLDERS,                                                                  \
        .check = ctx_check_folder,                                                                 \
    },                                                                                             \
        {                                                                                          \
            .name = "excludeFolders",                                                              \
            .help =                                                                                \
                "Folders to leave out. A plain name counts at any depth, a path or ./name from "   \
                "the repository's top; * and ? stand for characters, ** for folders.",             \
            .type = CTX_KEY_LIST,                                                                  \
            .slot = CTX_SLOT_EXCLUDE_FOLDERS,                                                      \
            .check = ctx_check_left_out,                                                           \
        },                                                                                         \
        {                                                                                          \
            .name = "excludeFiles",                                                                \
            .help =                                                                                \
                "Files to leave out, by name at any depth or by path from the repository's top.",  \
            .type = CTX_KEY_LIST,                                                                  \
            .slot = CTX_SLOT_EXCLUDE_FILES,                                                        \
            .check = ctx_check_left_out,                                                           \
        },                                                                                         \
    {                                                                                              \
        .name = "branch", .help = "The source's ref.", .type = CTX_KEY_TEXT, .slot = CTX_SLOT_REF, \
        .check = ctx_check_ref,                                                                    \
    }

static const struct ctx_key settings_keys[] = {
    {
        .name = "title",
        .help = "The project's name, for people.",
        .type = CTX_KEY_TEXT,
        .slot = CTX_SLOT_TITLE,
        .check = ctx_check_word,
    },
    {
        .name = "project",
        .help = "The project's short name.",
        .type = CTX_KEY_TEXT,
        .slot = CTX_SLOT_PRESET_NAME,
        .check = ctx_check_word,
    },
    {
        .name = "docsRepoUrl",
        .help = "The repository's URL; the source's repo.",
        .type = CTX_KEY_TEXT,
        .slot = CTX_SLOT_REPO,
        .check = ctx_check_repo,
    },
    PRESET_FILES,
    {
        .name = "topics",
        .help = "The source's topics.",
        .type = CTX_KEY_LIST,
        .slot = CTX_SLOT_TOPICS,
        .check = ctx_check_word,
    },
    {
        .name = "profile",
        .help = "The source's profile.",
        .type = CTX_KEY_CHOICE,
        .slot = CTX_SLOT_PROFILE,
        .name_at = profile_at,
    },
    {
        .name = "dialect",
        .help = "The source's dialect.",
        .type = CTX_KEY_CHOICE,
        .slot = CTX_SLOT_DIALECT,
        .name_at = dialect_at,
    },
    {
        .name = "transforms",
        .help = "The source's transforms.",
        .type = CTX_KEY_OBJECT,
        CHILDREN(preset_transform_keys),
    },
};

#define IGNORED(key)                                                                               \
    {                                                                                              \
        .name = (key), .type = CTX_KEY_IGNORED                                                     \
    }

static const struct ctx_key preset_keys[] = {
    {
        .name = "settings",
        .help = "The preset.",
        .type = CTX_KEY_OBJECT,
        CHILDREN(settings_keys),
    },
    IGNORED("tags"),
    IGNORED("metadata"),
    IGNORED("version"),
    IGNORED("$schema"),
};

static const struct ctx_key context7_keys[] = {
    {
        .name = "projectTitle",
        .type = CTX_KEY_TEXT,
        .slot = CTX_SLOT_TITLE,
        .check = ctx_check_word,
    },
    PRESET_FILES,
    IGNORED("$schema"),
    IGNORED("description"),
    IGNORED("rules"),
    IGNORED("previousVersions"),
    IGNORED("branchVersions"),
    IGNORED("url"),
    IGNORED("public_key"),
};

const struct ctx_key ctx_config_key = { .type = CTX_KEY_OBJECT, CHILDREN(top_keys) };
const struct ctx_key ctx_preset_key = { .type = CTX_KEY_OBJECT, CHILDREN(preset_keys) };
const struct ctx_key ctx_context7_key = { .type = CTX_KEY_OBJECT, CHILDREN(context7_keys) };
