/*
 * `contextor transform`: the transform as a filter, without any configuration. The time in a page
 * is SOURCE_DATE_EPOCH, else stdin's modification time when it is a file, else now. The main thread.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/slug.h"
#include "cli/cli.h"
#include "contextor/page.h"

struct values {
    const char *path, *profile, *repo, *ref;
    bool mdc;
};

static const struct ctx_option options[] = {
    { "path", 0, CTX_OPTION_STRING, offsetof(struct values, path), "NAME",
      "the document's path; .md or .mdx decides the grammar (stdin.md)" },
    { "profile", 0, CTX_OPTION_STRING, offsetof(struct values, profile), "PROFILE",
      "lossless, balanced or compact (balanced)" },
    { "repo", 0, CTX_OPTION_STRING, offsetof(struct values, repo), "OWNER/NAME",
      "the repository, for addresses (local/stdin)" },
    { "ref", 0, CTX_OPTION_STRING, offsetof(struct values, ref), "REF",
      "its branch or tag (HEAD)" },
    { "mdc", 0, CTX_OPTION_FLAG, offsetof(struct values, mdc), NULL,
      "print the whole page, front matter and all" },
};

static const struct ctx_usage usage = {
    .command = "transform",
    .summary = "Reads a document on stdin and prints its clean Markdown on stdout",
    .options = options,
    .n_options = CTX_ARRAY_LEN(options),
};

static int read_stdin(struct ctx_buffer *bytes)
{
    for (;;) {
        char chunk[65536];
        ssize_t n = read(STDIN_FILENO, chunk, sizeof(chunk));
        if (n == 0)
            return 0;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ctx_cli_fail("stdin: %s", ctx_error_name(errno));
        int status = ctx_buffer_append(bytes, chunk, (size_t)n);
        if (status == -ENOMEM)
            return ctx_cli_fail("out of memory");
        if (status)
            return ctx_cli_fail("stdin: over %zu MiB: split the document",
                                CTX_LIMIT_DOCUMENT / CTX_MIB);
    }
}

static int fetched_at(int64_t *ret_seconds)
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    struct stat st;
    if (epoch && *epoch) {
        char *end;
        errno = 0;
        long long seconds = strtoll(epoch, &end, 10);
        if (errno || *end || seconds < 0)
            return ctx_cli_fail("SOURCE_DATE_EPOCH=%s: not a number of seconds: correct or unset "
                                "it",
                                epoch);
        *ret_seconds = seconds;
    } else if (fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode)) {
        *ret_seconds = st.st_mtim.tv_sec;
    } else {
        *ret_seconds = time(NULL);
    }
    return 0;
}

/* What is written is written whole: the document was done before. */
static int write_out(const struct ctx_buffer *bytes)
{
    if (fwrite(ctx_buffer_str(bytes), 1, bytes->len, stdout) != bytes->len || fflush(stdout))
        return ctx_cli_fail("stdout: %s", ctx_error_name(errno));
    return 0;
}

static int print_page(const struct ctx_buffer *bytes, const struct ctx_transform_context *context,
                      struct ctx_error *error)
{
    char slug[CTX_SLUG_SIZE];
    struct ctx_page_context page_context = { .transform = *context, .slug = slug };
    struct ctx_page page;
    if (fetched_at(&page_context.fetched_at))
        return -EBADF; /* said already */
    ctx_slug(context->repo, context->path, slug);
    ctx_page_init(&page);
    int status = ctx_page_make(ctx_buffer_str(bytes), bytes->len, &page_context, &page, error);
    if (status == 0 && write_out(&page.mdc))
        status = -EBADF;
    ctx_page_deinit(&page);
    return status;
}

static int print_body(const struct ctx_buffer *bytes, const struct ctx_transform_context *context,
                      struct ctx_error *error)
{
    struct ctx_document document;
    ctx_document_init(&document);
    int status = ctx_transform(ctx_buffer_str(bytes), bytes->len, context, &document, error);
    if (status == 0 && write_out(&document.body))
        status = -EBADF;
    ctx_document_deinit(&document);
    return status;
}

static int transform(const struct values *values, int profile)
{
    const struct ctx_transform_options transform_options = { .profile = (enum ctx_profile)profile };
    const struct ctx_transform_context context = {
        .options = &transform_options,
        .path = values->path,
        .repo = values->repo,
        .ref = values->ref,
        .repo_path = "",
    };
    CTX_AUTO_BUFFER struct ctx_buffer bytes;
    struct ctx_error error = { "out of memory" };
    ctx_buffer_init(&bytes, CTX_LIMIT_DOCUMENT);
    if (read_stdin(&bytes))
        return CTX_EXIT_FAILED;
    int status =
        values->mdc ? print_page(&bytes, &context, &error) : print_body(&bytes, &context, &error);
    if (status && status != -EBADF)
        ctx_cli_fail("%s: %s", values->path, error.text);
    return status ? CTX_EXIT_FAILED : CTX_EXIT_OK;
}

int ctx_cli_transform(int argc, char **argv)
{
    struct values values = {
        .path = "stdin.md", .profile = "balanced", .repo = "local/stdin", .ref = "HEAD"
    };
    int arguments;
    int status = ctx_options_parse(&usage, argc, argv, &values, &arguments);
    if (status)
        return status < 0 ? CTX_EXIT_USAGE : CTX_EXIT_OK;
    int profile = ctx_profile_from_name(values.profile);
    if (profile < 0) {
        ctx_cli_fail("--profile %s: must be lossless, balanced or compact", values.profile);
        return CTX_EXIT_USAGE;
    }
    if (ctx_digest_setup() || ctx_transform_setup()) {
        ctx_cli_fail("a library that contextor needs could not be set up: install it anew");
        return CTX_EXIT_FAILED;
    }
    return transform(&values, profile);
}
