/*
 * The journal: a file of records "<slug> NUL <path> NUL", appended by the threads that write pages,
 * emptied by the recorder's. Invariant: while `left` or `outstanding` is set, the file holds every
 * page that the catalogue may not know.
 */
#include "document/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/slug.h"

struct ctx_journal {
    int fd;
    pthread_mutex_t mutex; /* guards what follows, and the file */
    off_t len;
    size_t outstanding; /* noted by this process, not yet settled */
    bool left;          /* an earlier writer's records are in it */
};

void ctx_journal_close(struct ctx_journal *journal)
{
    if (!journal)
        return;
    close(journal->fd);
    pthread_mutex_destroy(&journal->mutex);
    free(journal);
}

int ctx_journal_each(const struct ctx_journal *journal,
                     int (*each)(void *data, const char *slug, const char *path), void *data)
{
    int copy = fcntl(journal->fd, F_DUPFD_CLOEXEC, 0);
    CTX_AUTO_FCLOSE FILE *file = copy < 0 ? NULL : fdopen(copy, "r");
    if (!file) {
        ctx_closep(&copy);
        return -errno;
    }
    rewind(file);
    CTX_AUTO_FREE char *slug = NULL;
    CTX_AUTO_FREE char *path = NULL;
    size_t slug_size = 0, path_size = 0;
    int r = 0;
    while (r == 0) {
        ssize_t slug_len = getdelim(&slug, &slug_size, '\0', file);
        ssize_t path_len = slug_len <= 0 ? -1 : getdelim(&path, &path_size, '\0', file);
        if (path_len <= 0 || path[path_len - 1] != '\0')
            return ferror(file) ? -EIO : 0;
        r = each(data, slug, path);
    }
    return r;
}

static int add_size(void *data, const char *slug, const char *path)
{
    *(off_t *)data += (off_t)(strlen(slug) + strlen(path) + 2);
    return 0;
}

/* A record that a crash cut short goes: what is appended would be read as its rest. */
static int cut_torn(struct ctx_journal *journal)
{
    struct stat st;
    if (fstat(journal->fd, &st) < 0)
        return -errno;
    int r = ctx_journal_each(journal, add_size, &journal->len);
    if (r == 0 && journal->len < st.st_size && ftruncate(journal->fd, journal->len) < 0)
        return -errno;
    return r;
}

int ctx_journal_open(int statefd, struct ctx_journal **ret_journal)
{
    CTX_AUTO_CLOSE int fd =
        openat(statefd, "journal", O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0)
        return -errno;
    struct ctx_journal *journal = calloc(1, sizeof(*journal));
    if (!journal)
        return -ENOMEM;
    journal->fd = fd;
    fd = -1;
    pthread_mutex_init(&journal->mutex, NULL);
    int r = cut_torn(journal);
    if (r < 0) {
        ctx_journal_close(journal);
        return r;
    }
    journal->left = journal->len > 0;
    *ret_journal = journal;
    return 0;
}

/* With the mutex held. */
static int empty(struct ctx_journal *journal)
{
    if (ftruncate(journal->fd, 0) < 0)
        return -errno;
    journal->len = 0;
    return 0;
}

int ctx_journal_clear(struct ctx_journal *journal)
{
    pthread_mutex_lock(&journal->mutex);
    int r = journal->left ? empty(journal) : 0;
    if (r == 0)
        journal->left = false;
    pthread_mutex_unlock(&journal->mutex);
    return r;
}

/* A record that was written in part is taken back. */
static int append(struct ctx_journal *journal, const char *record, size_t len)
{
    int r = ctx_file_write_all(journal->fd, record, len);
    if (r < 0) {
        (void)!ftruncate(journal->fd, journal->len);
        return r;
    }
    journal->len += (off_t)len;
    journal->outstanding++;
    return 0;
}

int ctx_journal_add(struct ctx_journal *journal, const char *slug, const char *path)
{
    char record[CTX_SLUG_SIZE + CTX_LIMIT_PATH];
    size_t slug_size = strlen(slug) + 1, path_size = strlen(path) + 1;
    if (slug_size + path_size > sizeof(record))
        return -ENAMETOOLONG;
    memcpy(record, slug, slug_size);
    memcpy(record + slug_size, path, path_size);
    pthread_mutex_lock(&journal->mutex);
    int r = append(journal, record, slug_size + path_size);
    pthread_mutex_unlock(&journal->mutex);
    return r;
}

void ctx_journal_settle(struct ctx_journal *journal, size_t n)
{
    if (n == 0)
        return;
    pthread_mutex_lock(&journal->mutex);
    journal->outstanding -= n < journal->outstanding ? n : journal->outstanding;
    if (journal->outstanding == 0 && !journal->left)
        (void)empty(journal); /* else by the next, or by the next start */
    pthread_mutex_unlock(&journal->mutex);
}
