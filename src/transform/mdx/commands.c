/*
 * Commands of package managers that are told by props (`type`, `pkg`, `dev`, `args`), as npm runs
 * them; its name and its subcommands are the words that readers of all the others know. And requests of
 * HTTP (`method`, `path`, `json`…), as the protocol begins them.
 */
#include <string.h>

#include "base/cleanup.h"
#include "transform/mdx/forms.h"

static const struct command {
    const char *type, *words, *before_args;
} commands[] = {
    { "add", "npm install", " " },
    { "create", "npm create", " -- " },
    { "dlx", "npx", " " },
    { "exec", "npx", " " },
    { "install", "npm install", " " },
    { "remove", "npm uninstall", " " },
    { "run", "npm run", " " },
};

/* A word of the command, after what parts it from the one before. */
static bool add_prop(const struct ctx_tag *tag, const char *name, const char *before,
                     struct ctx_buffer *ret)
{
    size_t begin = ret->len;
    ctx_buffer_puts(ret, before);
    if (ctx_tag_text(tag, name, ret))
        return true;
    ctx_buffer_truncate(ret, begin);
    return false;
}

static const struct command *find(const struct ctx_buffer *type)
{
    for (size_t i = 0; i < CTX_ARRAY_LEN(commands); i++)
        if (type->len == 0 || strcmp(ctx_buffer_str(type), commands[i].type) == 0)
            return &commands[i];
    return NULL;
}

void ctx_form_command(const struct ctx_tag *tag, struct ctx_buffer *ret)
{
    struct ctx_attribute dev;
    CTX_AUTO_BUFFER struct ctx_buffer type;
    ctx_buffer_init(&type, ret->limit);
    ctx_tag_text(tag, "type", &type);
    const struct command *command = find(&type);
    if (add_prop(tag, "comment", "# ", ret))
        ctx_buffer_putc(ret, '\n');
    if (add_prop(tag, "prefix", "", ret))
        ctx_buffer_putc(ret, ' ');
    ctx_buffer_puts(ret, command ? command->words : "npm ");
    if (!command)
        ctx_buffer_puts(ret, ctx_buffer_str(&type));
    if (ctx_tag_find(tag, "dev", &dev))
        ctx_buffer_puts(ret, " --save-dev");
    bool named = add_prop(tag, "pkg", " ", ret) || add_prop(tag, "packages", " ", ret);
    add_prop(tag, "args", named && command ? command->before_args : " ", ret);
    ctx_buffer_putc(ret, '\n');
}

/* What a prop holds that is data, as it is written, behind its name. */
static void add_data(const struct ctx_tag *tag, const char *name, struct ctx_buffer *ret)
{
    struct ctx_attribute attr;
    if (!ctx_tag_find(tag, name, &attr) || attr.value.len == 0)
        return;
    ctx_buffer_printf(ret, "%s: ", name);
    ctx_buffer_append(ret, attr.value.data, attr.value.len);
    ctx_buffer_putc(ret, '\n');
}

void ctx_form_request(const struct ctx_tag *tag, struct ctx_buffer *ret)
{
    static const char *const data[] = { "parameters", "query", "headers", "json", "form", "body" };
    if (!add_prop(tag, "method", "", ret))
        ctx_buffer_puts(ret, "GET");
    if (!add_prop(tag, "path", " ", ret))
        add_prop(tag, "url", " ", ret);
    ctx_buffer_putc(ret, '\n');
    for (size_t i = 0; i < CTX_ARRAY_LEN(data); i++)
        add_data(tag, data[i], ret);
}
