/*
 * The catalogue's database file: opening, making, setting aside. SQLite's hazards, met here:
 *
 * - A write-ahead log beside a new database of the same name would be replayed into it: whoever
 *   moves the database away removes `-wal`, `-shm` and `-journal` with it.
 * - A database that cannot be written opens read-only without a word: asked for (sqlite3_db_readonly).
 * - Opening touches nothing: damage and other holders show at the first statement.
 * - With locking_mode=EXCLUSIVE set before the log is first used, no shared memory file is made, and
 *   the lock stays until the database is closed.
 * - Paths over 512 bytes are refused (MAX_PATHNAME of its unix VFS).
 *
 * One thread a connection (SQLITE_OPEN_NOMUTEX).
 */
#include "document/catalogue_store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "document/remedy.h"

/* Raise when the schema or the meaning of a column changes: older files are then made anew. */
enum { SCHEMA_VERSION = 1, PATHNAME_MAX = 512 };
/* "CtxC": says in the file's header whose it is (PRAGMA application_id). */
enum { APPLICATION_ID = 0x43747843 };

/*
 * A record's sequence is its row, so that the latest changes lie together and need no index. What is
 * long and rarely read comes last, for SQLite reads a row only as far as it must.
 */
static const char schema[] =
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;"
    "CREATE TABLE documents ("
    " sequence INTEGER PRIMARY KEY,"
    " path BLOB NOT NULL UNIQUE,"
    " slug TEXT NOT NULL,"
    " result INTEGER NOT NULL,"
    " source_dev INTEGER, source_ino INTEGER, source_size INTEGER,"
    " source_mtime INTEGER, source_ctime INTEGER,"
    " output_dev INTEGER, output_ino INTEGER, output_size INTEGER,"
    " output_mtime INTEGER, output_ctime INTEGER,"
    " digest BLOB, fingerprint BLOB,"
    " \"when\" INTEGER, duration INTEGER, tokens_in INTEGER, tokens_out INTEGER,"
    " error TEXT NOT NULL, entry TEXT NOT NULL, report TEXT NOT NULL);"
    "CREATE INDEX documents_slug ON documents (slug) WHERE entry <> '';"
    "CREATE INDEX documents_removed ON documents (sequence) WHERE result = 3;";

/*
 * Nothing waits for the disk while a catalogue is made and first filled: to do so would hold up all
 * who make files in that file system, and one that a crash of the machine catches half-made is set
 * aside at the next start. `durable` follows. Nor does closing wait: what is in the log is read from
 * there when it is opened again.
 */
static const char settings[] = "PRAGMA locking_mode = EXCLUSIVE;"
                               "PRAGMA synchronous = OFF;"
                               "PRAGMA journal_mode = WAL;"
                               "PRAGMA temp_store = MEMORY;"
                               "PRAGMA cache_size = -4096;"
                               "PRAGMA journal_size_limit = 8388608;";
static const char durable[] = "PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 2000;";

static const struct {
    int sqlite;
    int code;
} codes[] = {
    { SQLITE_BUSY, -EBUSY },        { SQLITE_LOCKED, -EBUSY },     { SQLITE_CANTOPEN, -ENOENT },
    { SQLITE_CONSTRAINT, -EINVAL }, { SQLITE_CORRUPT, -EBADMSG },  { SQLITE_FULL, -ENOSPC },
    { SQLITE_IOERR, -EIO },         { SQLITE_MISMATCH, -EBADMSG }, { SQLITE_NOMEM, -ENOMEM },
    { SQLITE_NOTADB, -EBADMSG },    { SQLITE_PERM, -EACCES },      { SQLITE_READONLY, -EROFS },
    { SQLITE_TOOBIG, -EFBIG },
};

int ctx_catalogue_store_errno(sqlite3 *db, int code)
{
    int primary = code & 0xFF;
    int system = db ? sqlite3_system_errno(db) : 0;
    if ((primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN) && system > 0)
        return -system;
    for (size_t i = 0; i < CTX_ARRAY_LEN(codes); i++)
        if (codes[i].sqlite == primary)
            return codes[i].code;
    /* SQLITE_ERROR: a statement does not fit the schema, which is then not ours. */
    return -EBADMSG;
}

int ctx_catalogue_store_report(const char *path, int code, struct ctx_error *error)
{
    const char *name = strrchr(path, '/');
    if (code == -EBADMSG)
        return ctx_error_set(error, code, "%s: damaged; it is made anew", path);
    if (code == -EBUSY)
        return ctx_error_set(error, code, "%s: another process has it open; stop that one first",
                             path);
    CTX_AUTO_FREE char *directory = name ? strndup(path, (size_t)(name - path)) : strdup(".");
    return ctx_remedy_set(error, code, directory ? directory : "", name ? name + 1 : path);
}

static int exec(sqlite3 *db, const char *sql)
{
    int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : ctx_catalogue_store_errno(db, rc);
}

/* The integer that a statement yields first. */
static int query(sqlite3 *db, const char *sql, int64_t *ret_value)
{
    sqlite3_stmt *statement;
    int rc = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    if (rc != SQLITE_OK)
        return ctx_catalogue_store_errno(db, rc);
    rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW)
        *ret_value = sqlite3_column_int64(statement, 0);
    int r = rc == SQLITE_ROW ? 0 : ctx_catalogue_store_errno(db, rc);
    sqlite3_finalize(statement);
    return r;
}

int ctx_catalogue_store_settle(sqlite3 *db)
{
    return exec(db, durable);
}

static int make_schema(sqlite3 *db)
{
    uint64_t id[2];
    char sql[256];
    if (getrandom(id, sizeof(id), 0) != (ssize_t)sizeof(id))
        return -EIO;
    snprintf(sql, sizeof(sql),
             "INSERT INTO meta VALUES ('id', '%016" PRIx64 "%016" PRIx64 "');"
             "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT;",
             id[0], id[1], APPLICATION_ID, SCHEMA_VERSION);
    int r = exec(db, "BEGIN IMMEDIATE;");
    if (r == 0)
        r = exec(db, schema);
    return r == 0 ? exec(db, sql) : r;
}

/* Takes the file for this process and sees that it is ours. -EBADMSG: it is not, or is damaged. */
static int check(sqlite3 *db, bool *ret_fresh)
{
    int64_t version = 0, application = 0, tables = 0;
    if (sqlite3_db_readonly(db, "main") == 1)
        return -EACCES;
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    int r = exec(db, settings);
    if (r == 0)
        r = query(db, "PRAGMA user_version;", &version);
    if (r == 0)
        r = query(db, "PRAGMA application_id;", &application);
    if (r == 0)
        r = query(db, "SELECT count(*) FROM sqlite_schema;", &tables);
    if (r < 0)
        return r;
    *ret_fresh = tables == 0 && version == 0;
    if (*ret_fresh)
        r = make_schema(db);
    else if (version != SCHEMA_VERSION || application != APPLICATION_ID)
        r = -EBADMSG;
    else /* nothing but a write takes the lock that keeps other processes out, so take it now */
        r = exec(db, "BEGIN EXCLUSIVE; COMMIT;");
    return r == 0 && !*ret_fresh ? ctx_catalogue_store_settle(db) : r;
}

/*
 * Makes an empty file when there is none, and sees that one there can be used, for SQLite's own
 * errors do not tell why it cannot. It never opens a file that is there: closing it would drop the
 * locks that SQLite may hold on it in this process (POSIX locks).
 */
static int prepare_file(const char *path)
{
    struct stat st;
    if (lstat(path, &st) == 0) {
        if (!S_ISREG(st.st_mode))
            return S_ISDIR(st.st_mode) ? -EISDIR : -ELOOP;
        return faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) < 0 ? -errno : 0;
    }
    CTX_AUTO_CLOSE int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    return fd < 0 ? -errno : 0;
}

static int open_once(const char *path, sqlite3 **ret_db, bool *ret_fresh)
{
    sqlite3 *db = NULL;
    int r = prepare_file(path);
    if (r < 0)
        return r;
    int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    r = rc == SQLITE_OK ? check(db, ret_fresh) : ctx_catalogue_store_errno(db, rc);
    if (r < 0) {
        sqlite3_close(db);
        return r;
    }
    *ret_db = db;
    return 0;
}

int ctx_catalogue_store_set_aside(const char *path, struct ctx_error *error)
{
    static const char *const beside[] = { "-wal", "-shm", "-journal" };
    size_t size = strlen(path) + sizeof("-journal");
    CTX_AUTO_FREE char *other = malloc(size);
    if (!other)
        return ctx_error_set(error, -ENOMEM, "%s: out of memory", path);
    for (size_t i = 0; i < CTX_ARRAY_LEN(beside); i++) {
        snprintf(other, size, "%s%s", path, beside[i]);
        if (unlink(other) < 0 && errno != ENOENT)
            return ctx_catalogue_store_report(other, -errno, error);
    }
    snprintf(other, size, "%s.bad", path);
    if (rename(path, other) < 0 && errno != ENOENT)
        return ctx_catalogue_store_report(other, -errno, error);
    return 0;
}

/* Whether what is there is at fault, rather than the place, the machine, or another process. */
static bool is_unusable(const char *path, int code)
{
    struct stat st;
    switch (code) {
    case -EBADMSG:
    case -EISDIR:
    case -ELOOP:
        return true;
    case -EACCES:
    case -EPERM:
    case -EROFS:
        return lstat(path, &st) == 0;
    default:
        return false;
    }
}

int ctx_catalogue_store_open(const char *path, sqlite3 **ret_db, bool *ret_fresh,
                             struct ctx_error *error)
{
    if (strlen(path) >= PATHNAME_MAX)
        return ctx_catalogue_store_report(path, -ENAMETOOLONG, error);
    int r = open_once(path, ret_db, ret_fresh);
    if (r < 0 && is_unusable(path, r)) {
        r = ctx_catalogue_store_set_aside(path, error);
        if (r < 0)
            return r;
        r = open_once(path, ret_db, ret_fresh);
    }
    return r < 0 ? ctx_catalogue_store_report(path, r, error) : 0;
}
