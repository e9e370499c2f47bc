/*
 * Names that languages share. One that stands in no group has its own name alone. A dialect of its own
 * (JSX, TSX, a session of a shell) is another language than what it is a dialect of. Pure; any thread.
 */
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "transform/languages.h"

enum { NAMES_MAX = 6 };

static const char *const groups[][NAMES_MAX] = {
    { "bat", "batch", "cmd" },
    { "c++", "cpp", "cxx", "cc" },
    { "clj", "clojure" },
    { "coffee", "coffeescript" },
    { "console", "shell-session", "shellsession", "bash-session", "terminal" },
    { "cs", "csharp", "c#" },
    { "docker", "dockerfile" },
    { "env", "dotenv" },
    { "erl", "erlang" },
    { "ex", "elixir", "exs" },
    { "fs", "fsharp", "f#" },
    { "gd", "gdscript" },
    { "go", "golang" },
    { "gql", "graphql" },
    { "hbs", "handlebars" },
    { "hs", "haskell" },
    { "html", "htm" },
    { "j2", "jinja", "jinja2" },
    { "jl", "julia" },
    { "js", "javascript", "cjs", "mjs" },
    { "jsonl", "ndjson", "jsonlines" },
    { "kt", "kotlin", "kts" },
    { "make", "makefile", "mk" },
    { "md", "markdown" },
    { "ml", "ocaml" },
    { "nu", "nushell" },
    { "objc", "objective-c", "objectivec" },
    { "pl", "perl" },
    { "postgres", "postgresql", "pgsql" },
    { "proto", "protobuf" },
    { "ps1", "powershell", "pwsh" },
    { "py", "python", "python3", "py3" },
    { "rb", "ruby" },
    { "rs", "rust" },
    { "sh", "bash", "shell", "shellscript", "zsh" },
    { "sol", "solidity" },
    { "sv", "systemverilog" },
    { "tex", "latex" },
    { "tf", "terraform", "hcl" },
    { "ts", "typescript", "cts", "mts" },
    { "txt", "text", "plaintext", "plain" },
    { "vim", "viml", "vimscript" },
    { "yml", "yaml" },
};

static bool is(const char *name, const char *word, size_t len)
{
    return strlen(name) == len && strncasecmp(name, word, len) == 0;
}

static bool is_in(const char *const *group, const char *word, size_t len)
{
    for (size_t i = 0; i < NAMES_MAX && group[i]; i++)
        if (is(group[i], word, len))
            return true;
    return false;
}

bool ctx_language_is(const char *name, const char *word, size_t len)
{
    if (is(name, word, len))
        return true;
    for (size_t i = 0; i < CTX_ARRAY_LEN(groups); i++)
        if (is_in(groups[i], word, len))
            return is_in(groups[i], name, strlen(name));
    return false;
}
