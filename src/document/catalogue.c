/*
 * The catalogue: records in and out of SQLite. One thread owns a catalogue, statements and all. What
 * is borrowed by ctx_catalogue_get() is the row of a statement that is reset by the next call.
 */
#include "document/catalogue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "document/catalogue_sql.h"
#include "document/catalogue_store.h"

enum { ID_SIZE = 33 };

struct ctx_catalogue {
    struct ctx_catalogue_sql sql;
    char *path;
    char id[ID_SIZE];
    uint64_t sequence, oldest;
    uint64_t removed; /* tombstones, or more: counted anew before any goes */
    bool unsettled;   /* it was just made */
};

static void bind_text(sqlite3_stmt *statement, int parameter, const char *text)
{
    sqlite3_bind_text(statement, parameter, text ? text : "", -1, SQLITE_STATIC);
}

static int put_meta(struct ctx_catalogue *catalogue, const char *key, const void *bytes, size_t len)
{
    sqlite3_stmt *statement;
    int r = ctx_catalogue_sql_prepare(&catalogue->sql, CTX_SQL_PUT_META, &statement);
    if (r < 0)
        return r;
    bind_text(statement, 1, key);
    sqlite3_bind_blob(statement, 2, bytes, (int)len, SQLITE_STATIC);
    return ctx_catalogue_sql_finish(&catalogue->sql, statement);
}

/* 0, CTX_GONE when there is none of that length, errno. */
static int get_meta(struct ctx_catalogue *catalogue, const char *key, void *ret_bytes, size_t len)
{
    sqlite3_stmt *statement;
    int r = ctx_catalogue_sql_prepare(&catalogue->sql, CTX_SQL_GET_META, &statement);
    if (r < 0)
        return r;
    bind_text(statement, 1, key);
    int rc = sqlite3_step(statement);
    r = CTX_GONE;
    if (rc == SQLITE_ROW && (size_t)sqlite3_column_bytes(statement, 0) == len) {
        memcpy(ret_bytes, sqlite3_column_blob(statement, 0), len);
        r = 0;
    } else if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        r = ctx_catalogue_store_errno(catalogue->sql.db, rc);
    }
    sqlite3_reset(statement);
    return r;
}

/* What is kept in memory of a database that was just opened. -EBADMSG: not what we wrote. */
static int read_state(struct ctx_catalogue *catalogue)
{
    int r = get_meta(catalogue, "id", catalogue->id, ID_SIZE - 1);
    catalogue->id[ID_SIZE - 1] = '\0';
    catalogue->oldest = 0;
    if (r == 0 && get_meta(catalogue, "oldest", &catalogue->oldest, sizeof(uint64_t)) < 0)
        r = -EBADMSG;
    if (r == 0)
        r = ctx_catalogue_sql_integer(&catalogue->sql, CTX_SQL_LAST, 0, &catalogue->sequence);
    if (r == 0)
        r = ctx_catalogue_sql_integer(&catalogue->sql, CTX_SQL_COUNT_REMOVED, 0,
                                      &catalogue->removed);
    if (catalogue->sequence < catalogue->oldest)
        catalogue->sequence = catalogue->oldest;
    return r == CTX_GONE ? -EBADMSG : r;
}

int ctx_catalogue_renew(struct ctx_catalogue *catalogue, struct ctx_error *error)
{
    bool fresh;
    ctx_catalogue_sql_close(&catalogue->sql);
    int r = ctx_catalogue_store_set_aside(catalogue->path, error);
    if (r == 0)
        r = ctx_catalogue_store_open(catalogue->path, &catalogue->sql.db, &fresh, error);
    if (r < 0)
        return r;
    catalogue->unsettled = fresh;
    r = read_state(catalogue);
    return r < 0 ? ctx_catalogue_store_report(catalogue->path, r, error) : 0;
}

int ctx_catalogue_open(const char *path, struct ctx_catalogue **ret_catalogue, bool *ret_fresh,
                       struct ctx_error *error)
{
    struct ctx_catalogue *catalogue = calloc(1, sizeof(*catalogue));
    char *copy = strdup(path);
    if (!catalogue || !copy) {
        free(catalogue);
        free(copy);
        return ctx_error_set(error, -ENOMEM, "%s: out of memory", path);
    }
    catalogue->path = copy;
    bool fresh = false;
    int r = ctx_catalogue_store_open(path, &catalogue->sql.db, &fresh, error);
    if (r == 0) {
        catalogue->unsettled = fresh;
        r = read_state(catalogue);
        if (r == -EBADMSG) {
            fresh = true;
            r = ctx_catalogue_renew(catalogue, error);
        } else if (r < 0) {
            ctx_catalogue_store_report(path, r, error);
        }
    }
    if (r < 0) {
        ctx_catalogue_close(catalogue);
        return r;
    }
    *ret_catalogue = catalogue;
    *ret_fresh = fresh;
    return 0;
}

void ctx_catalogue_close(struct ctx_catalogue *catalogue)
{
    if (!catalogue)
        return;
    ctx_catalogue_sql_close(&catalogue->sql);
    free(catalogue->path);
    free(catalogue);
}

static void read_stamp(sqlite3_stmt *row, int column, struct ctx_file_stamp *ret_stamp)
{
    ret_stamp->dev = (uint64_t)sqlite3_column_int64(row, column);
    ret_stamp->ino = (uint64_t)sqlite3_column_int64(row, column + 1);
    ret_stamp->size = sqlite3_column_int64(row, column + 2);
    ret_stamp->mtime_ns = sqlite3_column_int64(row, column + 3);
    ret_stamp->ctime_ns = sqlite3_column_int64(row, column + 4);
}

static int read_digest(sqlite3_stmt *row, int column, unsigned char *ret_digest)
{
    const void *bytes = sqlite3_column_blob(row, column);
    if (sqlite3_column_bytes(row, column) != CTX_DIGEST_SIZE || !bytes)
        return -EBADMSG;
    memcpy(ret_digest, bytes, CTX_DIGEST_SIZE);
    return 0;
}

/* SQLite ends a blob with NUL too when it is asked for as text, and changes nothing else. */
static const char *read_text(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    return text ? text : "";
}

static int read_record(sqlite3_stmt *row, struct ctx_record *ret_record)
{
    *ret_record = (struct ctx_record){
        .path = read_text(row, CTX_COLUMN_PATH),
        .slug = read_text(row, CTX_COLUMN_SLUG),
        .result = (enum ctx_result)sqlite3_column_int(row, CTX_COLUMN_RESULT),
        .when_us = sqlite3_column_int64(row, CTX_COLUMN_WHEN),
        .sequence = (uint64_t)sqlite3_column_int64(row, CTX_COLUMN_SEQUENCE),
        .duration_us = (uint64_t)sqlite3_column_int64(row, CTX_COLUMN_DURATION),
        .tokens_in = (uint64_t)sqlite3_column_int64(row, CTX_COLUMN_TOKENS_IN),
        .tokens_out = (uint64_t)sqlite3_column_int64(row, CTX_COLUMN_TOKENS_OUT),
        .error = read_text(row, CTX_COLUMN_ERROR),
    };
    read_stamp(row, CTX_COLUMN_SOURCE, &ret_record->source);
    read_stamp(row, CTX_COLUMN_OUTPUT, &ret_record->output);
    int r = read_digest(row, CTX_COLUMN_DIGEST, ret_record->digest);
    if (r == 0)
        r = read_digest(row, CTX_COLUMN_FINGERPRINT, ret_record->fingerprint);
    return ret_record->result > CTX_RESULT_REMOVED || !*ret_record->path ? -EBADMSG : r;
}

/* Steps through a bound statement of records. */
static int each_record(struct ctx_catalogue *catalogue, sqlite3_stmt *statement,
                       int (*row)(void *data, const struct ctx_record *record), void *data)
{
    int rc, r = 0;
    while (r == 0 && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        struct ctx_record record;
        r = read_record(statement, &record);
        if (r == 0)
            r = row(data, &record);
    }
    if (r == 0 && rc != SQLITE_DONE)
        r = ctx_catalogue_store_errno(catalogue->sql.db, rc);
    sqlite3_reset(statement);
    return r;
}

int ctx_catalogue_load(struct ctx_catalogue *catalogue,
                       int (*row)(void *data, const struct ctx_record *record), void *data)
{
    sqlite3_stmt *statement;
    int r = ctx_catalogue_sql_prepare(&catalogue->sql, CTX_SQL_LOAD, &statement);
    return r < 0 ? r : each_record(catalogue, statement, row, data);
}

int ctx_catalogue_changes(struct ctx_catalogue *catalogue, uint64_t since, size_t most,
                          int (*row)(void *data, const struct ctx_record *record), void *data)
{
    sqlite3_stmt *statement;
    int r = ctx_catalogue_sql_prepare(&catalogue->sql, CTX_SQL_CHANGES, &statement);
    if (r < 0)
        return r;
    sqlite3_bind_int64(statement, 1, since > INT64_MAX ? INT64_MAX : (int64_t)since);
    sqlite3_bind_int64(statement, 2, most > INT64_MAX ? INT64_MAX : (int64_t)most);
    return each_record(catalogue, statement, row, data);
}

int ctx_catalogue_get(struct ctx_catalogue *catalogue, const char *path,
                      struct ctx_record *ret_record)
{
    sqlite3_stmt *statement;
    int r = ctx_catalogue_sql_prepare(&catalogue->sql, CTX_SQL_GET, &statement);
    if (r < 0)
        return r;
    sqlite3_bind_blob(statement, 1, path, (int)strlen(path), SQLITE_TRANSIENT);
    int rc = sqlite3_step(statement);
    struct ctx_record record;
    r = rc == SQLITE_ROW    ? read_record(statement, &record)
        : rc == SQLITE_DONE ? CTX_GONE
                            : ctx_catalogue_store_errno(catalogue->sql.db, rc);
    if (r != 0) {
        sqlite3_reset(statement);
        return r;
    }
    record.entry = read_text(statement, CTX_COLUMN_ENTRY);
    record.entry_len = (size_t)sqlite3_column_bytes(statement, CTX_COLUMN_ENTRY);
    record.report = read_text(statement, CTX_COLUMN_REPORT);
    *ret_record = record;
    return 0;
}

int ctx_catalogue_entries(struct ctx_catalogue *catalogue,
                          int (*row)(void *data, const char *slug, const char *entry, size_t len),
                          void *data)
{
    int rc;
    sqlite3_stmt *statement;
    int r = ctx_catalogue_sql_prepare(&catalogue->sql, CTX_SQL_ENTRIES, &statement);
    if (r < 0)
        return r;
    while (r == 0 && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *slug = read_text(statement, 0), *entry = read_text(statement, 1);
        r = row(data, slug, entry, (size_t)sqlite3_column_bytes(statement, 1));
    }
    if (r == 0 && rc != SQLITE_DONE)
        r = ctx_catalogue_store_errno(catalogue->sql.db, rc);
    sqlite3_reset(statement);
    return r;
}

int ctx_catalogue_pages(struct ctx_catalogue *catalogue, bool reports,
                        int (*row)(void *data, const struct ctx_page_figures *page), void *data)
{
    int rc;
    sqlite3_stmt *statement;
    int r = ctx_catalogue_sql_prepare(&catalogue->sql, CTX_SQL_PAGES, &statement);
    if (r < 0)
        return r;
    while (r == 0 && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        const struct ctx_page_figures page = {
            .path = read_text(statement, 0),
            .tokens_in = (uint64_t)sqlite3_column_int64(statement, 1),
            .tokens_out = (uint64_t)sqlite3_column_int64(statement, 2),
            .report = reports ? read_text(statement, 3) : NULL,
        };
        r = row(data, &page);
    }
    if (r == 0 && rc != SQLITE_DONE)
        r = ctx_catalogue_store_errno(catalogue->sql.db, rc);
    sqlite3_reset(statement);
    return r;
}

static void bind_stamp(sqlite3_stmt *statement, int column, const struct ctx_file_stamp *stamp)
{
    sqlite3_bind_int64(statement, column + 1, (int64_t)stamp->dev);
    sqlite3_bind_int64(statement, column + 2, (int64_t)stamp->ino);
    sqlite3_bind_int64(statement, column + 3, stamp->size);
    sqlite3_bind_int64(statement, column + 4, stamp->mtime_ns);
    sqlite3_bind_int64(statement, column + 5, stamp->ctime_ns);
}

static void bind_record(sqlite3_stmt *statement, const struct ctx_record *record)
{
    bool removed = record->result == CTX_RESULT_REMOVED;
    const char *entry = removed ? "" : record->entry, *report = removed ? "" : record->report;
    size_t entry_len = removed ? 0 : record->entry_len;
    sqlite3_bind_int64(statement, CTX_COLUMN_SEQUENCE + 1, (int64_t)record->sequence);
    sqlite3_bind_blob(statement, CTX_COLUMN_PATH + 1, record->path, (int)strlen(record->path),
                      SQLITE_STATIC);
    bind_text(statement, CTX_COLUMN_SLUG + 1, record->slug);
    sqlite3_bind_int(statement, CTX_COLUMN_RESULT + 1, (int)record->result);
    bind_stamp(statement, CTX_COLUMN_SOURCE, &record->source);
    bind_stamp(statement, CTX_COLUMN_OUTPUT, &record->output);
    sqlite3_bind_blob(statement, CTX_COLUMN_DIGEST + 1, record->digest, CTX_DIGEST_SIZE,
                      SQLITE_STATIC);
    sqlite3_bind_blob(statement, CTX_COLUMN_FINGERPRINT + 1, record->fingerprint, CTX_DIGEST_SIZE,
                      SQLITE_STATIC);
    sqlite3_bind_int64(statement, CTX_COLUMN_WHEN + 1, record->when_us);
    sqlite3_bind_int64(statement, CTX_COLUMN_DURATION + 1, (int64_t)record->duration_us);
    sqlite3_bind_int64(statement, CTX_COLUMN_TOKENS_IN + 1, (int64_t)record->tokens_in);
    sqlite3_bind_int64(statement, CTX_COLUMN_TOKENS_OUT + 1, (int64_t)record->tokens_out);
    bind_text(statement, CTX_COLUMN_ERROR + 1, record->error);
    sqlite3_bind_text64(statement, CTX_COLUMN_ENTRY + 1, entry, entry_len, SQLITE_STATIC,
                        SQLITE_UTF8);
    sqlite3_bind_text(statement, CTX_COLUMN_REPORT + 1, report, -1, SQLITE_STATIC);
}

/* Forgets the oldest tombstones over the limit; a tenth more is let in before, to do it rarely. */
static int prune(struct ctx_catalogue *catalogue, uint64_t *removed, uint64_t *oldest)
{
    uint64_t last;
    if (*removed <= CTX_LIMIT_TOMBSTONES + CTX_LIMIT_TOMBSTONES / 10)
        return 0;
    int r = ctx_catalogue_sql_integer(&catalogue->sql, CTX_SQL_COUNT_REMOVED, 0, removed);
    if (r < 0 || *removed <= CTX_LIMIT_TOMBSTONES)
        return r;
    r = ctx_catalogue_sql_integer(&catalogue->sql, CTX_SQL_PRUNE_TO, CTX_LIMIT_TOMBSTONES, &last);
    if (r != 0)
        return r < 0 ? r : -EBADMSG;
    sqlite3_stmt *statement;
    r = ctx_catalogue_sql_prepare(&catalogue->sql, CTX_SQL_PRUNE, &statement);
    if (r < 0)
        return r;
    sqlite3_bind_int64(statement, 1, (int64_t)last);
    r = ctx_catalogue_sql_finish(&catalogue->sql, statement);
    if (r < 0)
        return r;
    *removed = CTX_LIMIT_TOMBSTONES;
    *oldest = last;
    return put_meta(catalogue, "oldest", &last, sizeof(last));
}

static int put_records(struct ctx_catalogue *catalogue, const struct ctx_record *records, size_t n,
                       uint64_t *last, uint64_t *removed)
{
    sqlite3_stmt *statement;
    int r = ctx_catalogue_sql_prepare(&catalogue->sql, CTX_SQL_PUT, &statement);
    if (r < 0)
        return r;
    for (size_t i = 0; r == 0 && i < n; i++) {
        bind_record(statement, &records[i]);
        r = ctx_catalogue_sql_finish(&catalogue->sql, statement);
        if (records[i].sequence > *last)
            *last = records[i].sequence;
        *removed += records[i].result == CTX_RESULT_REMOVED;
    }
    /* What was bound belongs to the caller. */
    sqlite3_clear_bindings(statement);
    return r;
}

int ctx_catalogue_put(struct ctx_catalogue *catalogue, const struct ctx_record *records, size_t n,
                      struct ctx_error *error)
{
    uint64_t last = catalogue->sequence, removed = catalogue->removed, oldest = catalogue->oldest;
    int r = ctx_catalogue_sql_run(&catalogue->sql, CTX_SQL_BEGIN);
    if (r == 0)
        r = put_records(catalogue, records, n, &last, &removed);
    if (r == 0)
        r = prune(catalogue, &removed, &oldest);
    if (r == 0)
        r = ctx_catalogue_sql_run(&catalogue->sql, CTX_SQL_COMMIT);
    if (r < 0) {
        if (!sqlite3_get_autocommit(catalogue->sql.db))
            ctx_catalogue_sql_run(&catalogue->sql, CTX_SQL_ROLLBACK);
        if (r == -EINVAL)
            return ctx_error_set(error, r, "%s: two paths have one sequence", catalogue->path);
        return ctx_catalogue_store_report(catalogue->path, r, error);
    }
    catalogue->sequence = last;
    catalogue->removed = removed;
    catalogue->oldest = oldest;
    return 0;
}

static int forget_pages(struct ctx_catalogue *catalogue, char *const *paths, size_t n)
{
    sqlite3_stmt *statement;
    int r = ctx_catalogue_sql_prepare(&catalogue->sql, CTX_SQL_FORGET_PAGE, &statement);
    for (size_t i = 0; r == 0 && i < n; i++) {
        sqlite3_bind_blob(statement, 1, paths[i], (int)strlen(paths[i]), SQLITE_STATIC);
        r = ctx_catalogue_sql_finish(&catalogue->sql, statement);
    }
    if (r == 0)
        sqlite3_clear_bindings(statement);
    return r;
}

int ctx_catalogue_forget_pages(struct ctx_catalogue *catalogue, char *const *paths, size_t n)
{
    if (n == 0)
        return 0;
    int r = ctx_catalogue_sql_run(&catalogue->sql, CTX_SQL_BEGIN);
    if (r == 0)
        r = forget_pages(catalogue, paths, n);
    if (r == 0)
        r = ctx_catalogue_sql_run(&catalogue->sql, CTX_SQL_COMMIT);
    if (r < 0 && !sqlite3_get_autocommit(catalogue->sql.db))
        ctx_catalogue_sql_run(&catalogue->sql, CTX_SQL_ROLLBACK);
    return r;
}

int ctx_catalogue_settle(struct ctx_catalogue *catalogue)
{
    if (!catalogue->unsettled)
        return 0;
    catalogue->unsettled = false;
    return ctx_catalogue_store_settle(catalogue->sql.db);
}

const char *ctx_catalogue_id(const struct ctx_catalogue *catalogue)
{
    return catalogue->id;
}

uint64_t ctx_catalogue_sequence(const struct ctx_catalogue *catalogue)
{
    return catalogue->sequence;
}

uint64_t ctx_catalogue_oldest(const struct ctx_catalogue *catalogue)
{
    return catalogue->oldest;
}

/* As kept under "index"; sized as its bytes are, so that a shorter one of an older version is none. */
struct index_state {
    struct ctx_file_stamp stamp;
    uint64_t sequence;
};

int ctx_catalogue_set_index(struct ctx_catalogue *catalogue, const struct ctx_file_stamp *stamp,
                            uint64_t sequence)
{
    const struct index_state state = { *stamp, sequence };
    return put_meta(catalogue, "index", &state, sizeof(state));
}

int ctx_catalogue_get_index(struct ctx_catalogue *catalogue, struct ctx_file_stamp *ret_stamp,
                            uint64_t *ret_sequence)
{
    struct index_state state = { .sequence = 0 };
    int r = get_meta(catalogue, "index", &state, sizeof(state));
    if (r < 0)
        return r;
    *ret_stamp = state.stamp;
    *ret_sequence = state.sequence;
    return 0;
}
