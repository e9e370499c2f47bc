/*
 * What a person can do about an error of the file system: one table for pages, index and catalogue,
 * so that they all say the same. Pure; any thread.
 */
#include "document/remedy.h"

#include <errno.h>
#include <stddef.h>

#include "base/cleanup.h"

static const struct {
    int code;
    const char *remedy;
} remedies[] = {
    { -EACCES, "make it writable for this user, or choose another output" },
    { -EDQUOT, "free space or have the quota raised; the previous file is kept" },
    { -EFBIG, "raise the file size limit (ulimit -f); the previous file is kept" },
    { -EINVAL, "something that is no regular file has this name; move it away" },
    { -EIO, "check the disk; the previous file is kept" },
    { -EISDIR, "a directory has this name; move it away" },
    { -ELOOP, "a symbolic link has this name; remove it" },
    { -EMFILE, "raise the limit on open files (ulimit -n)" },
    { -ENAMETOOLONG, "choose an output with a shorter path" },
    { -ENOENT, "the output directory was removed; contextord makes it anew, else run again" },
    { -ENOSPC, "free space on its file system; the previous file is kept" },
    { -ENOTDIR, "a file has the name of a directory; move it away" },
    { -EPERM, "make it writable for this user, or choose another output" },
    { -EROFS, "mount its file system writable, or choose another output" },
};

int ctx_remedy_set(struct ctx_error *error, int code, const char *directory, const char *name)
{
    const char *remedy = "try again";
    for (size_t i = 0; i < CTX_ARRAY_LEN(remedies); i++)
        if (remedies[i].code == code)
            remedy = remedies[i].remedy;
    return ctx_error_set(error, code, "%s%s%s: %s; %s", directory, *name ? "/" : "", name,
                         ctx_error_name(code), remedy);
}
