/*
 * Opening an output directory: its state directory, the lock, the identity. Invariant: while a
 * struct ctx_output is open (and no dry run), no other process writes there. The descriptors are
 * fixed after opening, so that any thread may use them; nothing below .contextor is reached through
 * a symbolic link.
 */
#include "document/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "document/identity.h"
#include "document/remedy.h"

struct ctx_output {
    char *path;
    char *catalogue_path;
    int dirfd, statefd, tmpfd, lockfd;
    struct ctx_journal *journal;
    bool dry_run;
    bool fresh; /* nothing but our state directory was in it */
};

static int open_directory(int dirfd, const char *name, int *ret_fd)
{
    if (mkdirat(dirfd, name, 0777) < 0 && errno != EEXIST)
        return -errno;
    struct stat st;
    if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
        return -ELOOP;
    *ret_fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return *ret_fd < 0 ? -errno : 0;
}

/* The pid that the holder of the lock wrote; "?" while it is about to. */
static const char *holder(int lockfd, char *text, size_t size)
{
    ssize_t n = pread(lockfd, text, size - 1, 0);
    size_t len = n > 0 ? strspn(text, "0123456789") : 0;
    text[len] = '\0';
    return len > 0 ? text : "?";
}

/* For the message above; a full disk is no reason not to hold the lock. */
static void write_pid(int lockfd)
{
    char text[16];
    int len = snprintf(text, sizeof(text), "%d\n", (int)getpid());
    if (ftruncate(lockfd, 0) == 0 && pwrite(lockfd, text, (size_t)len, 0) < 0)
        (void)!ftruncate(lockfd, 0);
}

/* The lock file is never removed: a second file of that name would be a second lock. */
static int take_lock(struct ctx_output *output, struct ctx_error *error)
{
    static const char name[] = ".contextor/lock";
    output->lockfd =
        openat(output->statefd, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (output->lockfd < 0)
        return ctx_remedy_set(error, -errno, output->path, name);
    if (flock(output->lockfd, LOCK_EX | LOCK_NB) < 0) {
        char pid[16] = "";
        if (errno != EWOULDBLOCK)
            return ctx_remedy_set(error, -errno, output->path, name);
        return ctx_error_set(error, -EWOULDBLOCK,
                             "%s: another contextor writes there (held by pid %s); stop it, or "
                             "choose another output",
                             output->path, holder(output->lockfd, pid, sizeof(pid)));
    }
    write_pid(output->lockfd);
    return 0;
}

/* Reads a directory anew, from its beginning; NULL with errno. */
static DIR *read_directory(int dirfd)
{
    int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (fd >= 0 && !dir) {
        close(fd);
        errno = ENOMEM;
    }
    return dir;
}

/* Whatever a killed writer left. Directories are nobody's temporary file and stay. */
static int clear_tmp(int tmpfd)
{
    CTX_AUTO_CLOSEDIR DIR *dir = read_directory(tmpfd);
    if (!dir)
        return -errno;
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlinkat(tmpfd, entry->d_name, 0);
    }
    return 0;
}

/* So that a tree under version control never shows the state directory. */
static int write_gitignore(int statefd)
{
    struct stat st;
    if (fstatat(statefd, ".gitignore", &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
        st.st_size > 0)
        return 0;
    return ctx_file_replace(statefd, ".gitignore", statefd, "*\n", 2, 0666, NULL);
}

static int open_state(struct ctx_output *output, const struct ctx_output_options *options,
                      struct ctx_error *error)
{
    int r = open_directory(output->dirfd, ".contextor", &output->statefd);
    if (r < 0)
        return ctx_remedy_set(error, r, output->path, ".contextor");
    r = take_lock(output, error);
    if (r < 0)
        return r;
    struct ctx_identity mine = {
        .name = options->source_name,
        .root = options->source_root,
        .repo = options->repo,
    };
    r = ctx_identity_claim(output->statefd, output->path, &mine, options->adopt, error);
    if (r < 0)
        return r;
    r = open_directory(output->statefd, "tmp", &output->tmpfd);
    if (r == 0)
        r = clear_tmp(output->tmpfd);
    if (r < 0)
        return ctx_remedy_set(error, r, output->path, ".contextor/tmp");
    r = ctx_journal_open(output->statefd, &output->journal);
    if (r < 0)
        return ctx_remedy_set(error, r, output->path, ".contextor/journal");
    r = write_gitignore(output->statefd);
    return r < 0 ? ctx_remedy_set(error, r, output->path, ".contextor/.gitignore") : 0;
}

/* Whether a directory has no entry that could be a page, nor any other but hidden ones. */
static bool is_empty(int dirfd)
{
    CTX_AUTO_CLOSEDIR DIR *dir = read_directory(dirfd);
    struct dirent *entry = NULL;
    while (dir && (entry = readdir(dir)) && entry->d_name[0] == '.')
        ;
    return dir && !entry;
}

static int open_output(struct ctx_output *output, const struct ctx_output_options *options,
                       struct ctx_error *error)
{
    int r = output->dry_run ? 0 : ctx_file_mkdirs(output->path, 0777);
    if (r < 0)
        return ctx_remedy_set(error, r, output->path, "");
    output->dirfd = open(output->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (output->dirfd < 0 && !(output->dry_run && errno == ENOENT))
        return ctx_remedy_set(error, -errno, output->path, "");
    output->fresh = output->dirfd >= 0 && is_empty(output->dirfd);
    return output->dry_run ? 0 : open_state(output, options, error);
}

static struct ctx_output *new_output(const struct ctx_output_options *options)
{
    static const char below[] = "/.contextor/catalogue.db";
    struct ctx_output *output = calloc(1, sizeof(*output));
    if (!output)
        return NULL;
    output->dirfd = output->statefd = output->tmpfd = output->lockfd = -1;
    output->dry_run = options->dry_run;
    output->path = strdup(options->path);
    output->catalogue_path = malloc(strlen(options->path) + sizeof(below));
    if (!output->path || !output->catalogue_path) {
        ctx_output_close(output);
        return NULL;
    }
    stpcpy(stpcpy(output->catalogue_path, options->path), below);
    return output;
}

int ctx_output_open(const struct ctx_output_options *options, struct ctx_output **ret_output,
                    struct ctx_error *error)
{
    struct ctx_output *output = new_output(options);
    if (!output)
        return ctx_error_set(error, -ENOMEM, "%s: out of memory", options->path);
    int r = open_output(output, options, error);
    if (r < 0) {
        ctx_output_close(output);
        return r;
    }
    *ret_output = output;
    return 0;
}

void ctx_output_close(struct ctx_output *output)
{
    if (!output)
        return;
    ctx_journal_close(output->journal);
    ctx_closep(&output->tmpfd);
    ctx_closep(&output->lockfd);
    ctx_closep(&output->statefd);
    ctx_closep(&output->dirfd);
    free(output->catalogue_path);
    free(output->path);
    free(output);
}

/* The innermost directory that was opened tells of all of them. */
bool ctx_output_in_place(const struct ctx_output *output)
{
    struct stat now, opened;
    CTX_AUTO_FREE char *path = NULL;
    if (output->dry_run || asprintf(&path, "%s/.contextor/tmp", output->path) < 0)
        return true;
    if (fstat(output->tmpfd, &opened) < 0 || lstat(path, &now) < 0)
        return false;
    return now.st_dev == opened.st_dev && now.st_ino == opened.st_ino;
}

const char *ctx_output_path(const struct ctx_output *output)
{
    return output->path;
}

bool ctx_output_is_fresh(const struct ctx_output *output)
{
    return output->fresh;
}

bool ctx_output_is_dry_run(const struct ctx_output *output)
{
    return output->dry_run;
}

int ctx_output_dirfd(const struct ctx_output *output)
{
    return output->dirfd;
}

int ctx_output_statefd(const struct ctx_output *output)
{
    return output->statefd;
}

int ctx_output_tmpfd(const struct ctx_output *output)
{
    return output->tmpfd;
}

const char *ctx_output_catalogue_path(const struct ctx_output *output)
{
    return output->catalogue_path;
}

struct ctx_journal *ctx_output_journal(const struct ctx_output *output)
{
    return output->journal;
}
