/* The statements of a catalogue: their text, and running them. One thread a connection. */
#include "document/catalogue_sql.h"

#include <string.h>

#include "document/catalogue_store.h"

#define SHORT_COLUMNS                                                                              \
    "sequence, path, slug, result, "                                                               \
    "source_dev, source_ino, source_size, source_mtime, source_ctime, "                            \
    "output_dev, output_ino, output_size, output_mtime, output_ctime, "                            \
    "digest, fingerprint, \"when\", duration, tokens_in, tokens_out, error"

/*
 * A new record, or what replaces the one of its path; NULL for entry or report leaves what is there,
 * and the tokens are left with the report.
 */
static const char put_sql[] =
    "INSERT INTO documents (" SHORT_COLUMNS ", entry, report) VALUES ("
    "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, "
    "?21, ifnull(?22, ''), ifnull(?23, '')) "
    "ON CONFLICT (path) DO UPDATE SET sequence = excluded.sequence, slug = excluded.slug, "
    "result = excluded.result, source_dev = excluded.source_dev, source_ino = excluded.source_ino, "
    "source_size = excluded.source_size, source_mtime = excluded.source_mtime, "
    "source_ctime = excluded.source_ctime, output_dev = excluded.output_dev, "
    "output_ino = excluded.output_ino, output_size = excluded.output_size, "
    "output_mtime = excluded.output_mtime, output_ctime = excluded.output_ctime, "
    "digest = excluded.digest, fingerprint = excluded.fingerprint, "
    "\"when\" = excluded.\"when\", duration = excluded.duration, "
    "tokens_in = iif(?23 IS NULL, tokens_in, excluded.tokens_in), "
    "tokens_out = iif(?23 IS NULL, tokens_out, excluded.tokens_out), error = excluded.error, "
    "entry = ifnull(?22, entry), report = ifnull(?23, report)";

static const char *const texts[CTX_SQL_STATEMENTS] = {
    [CTX_SQL_BEGIN] = "BEGIN IMMEDIATE",
    [CTX_SQL_COMMIT] = "COMMIT",
    [CTX_SQL_ROLLBACK] = "ROLLBACK",
    [CTX_SQL_LOAD] = "SELECT " SHORT_COLUMNS " FROM documents WHERE result <> 3",
    [CTX_SQL_GET] = "SELECT " SHORT_COLUMNS ", entry, report FROM documents WHERE path = ?1",
    [CTX_SQL_PUT] = put_sql,
    [CTX_SQL_CHANGES] =
        "SELECT " SHORT_COLUMNS " FROM documents WHERE sequence > ?1 ORDER BY sequence "
        "LIMIT ?2",
    [CTX_SQL_ENTRIES] = "SELECT slug, entry FROM documents WHERE entry <> '' ORDER BY slug",
    [CTX_SQL_PAGES] = "SELECT path, tokens_in, tokens_out, report FROM documents "
                      "WHERE result <> 3 AND entry <> '' ORDER BY path",
    [CTX_SQL_FORGET_PAGE] =
        "UPDATE documents SET slug = '', entry = '', report = '', output_dev = 0, output_ino = 0, "
        "output_size = 0, output_mtime = 0, output_ctime = 0 WHERE path = ?1",
    [CTX_SQL_COUNT_REMOVED] = "SELECT count(*) FROM documents WHERE result = 3",
    [CTX_SQL_PRUNE_TO] =
        "SELECT sequence FROM documents WHERE result = 3 ORDER BY sequence DESC LIMIT 1 "
        "OFFSET ?1",
    [CTX_SQL_PRUNE] = "DELETE FROM documents WHERE result = 3 AND sequence <= ?1",
    [CTX_SQL_GET_META] = "SELECT value FROM meta WHERE key = ?1",
    [CTX_SQL_PUT_META] = "INSERT OR REPLACE INTO meta VALUES (?1, ?2)",
    [CTX_SQL_LAST] = "SELECT ifnull(max(sequence), 0) FROM documents",
};

void ctx_catalogue_sql_close(struct ctx_catalogue_sql *sql)
{
    for (int i = 0; i < CTX_SQL_STATEMENTS; i++)
        sqlite3_finalize(sql->statements[i]);
    sqlite3_close(sql->db);
    *sql = (struct ctx_catalogue_sql){ .db = NULL };
}

int ctx_catalogue_sql_prepare(struct ctx_catalogue_sql *sql, enum ctx_catalogue_statement which,
                              sqlite3_stmt **ret_statement)
{
    sqlite3_stmt **statement = &sql->statements[which];
    sqlite3_reset(sql->statements[CTX_SQL_GET]);
    if (*statement) {
        sqlite3_reset(*statement);
    } else {
        int rc = sqlite3_prepare_v3(sql->db, texts[which], -1, SQLITE_PREPARE_PERSISTENT, statement,
                                    NULL);
        if (rc != SQLITE_OK)
            return ctx_catalogue_store_errno(sql->db, rc);
    }
    *ret_statement = *statement;
    return 0;
}

int ctx_catalogue_sql_finish(struct ctx_catalogue_sql *sql, sqlite3_stmt *statement)
{
    int rc = sqlite3_step(statement);
    int r = rc == SQLITE_DONE || rc == SQLITE_ROW ? 0 : ctx_catalogue_store_errno(sql->db, rc);
    sqlite3_reset(statement);
    return r;
}

int ctx_catalogue_sql_run(struct ctx_catalogue_sql *sql, enum ctx_catalogue_statement which)
{
    sqlite3_stmt *statement;
    int r = ctx_catalogue_sql_prepare(sql, which, &statement);
    return r < 0 ? r : ctx_catalogue_sql_finish(sql, statement);
}

int ctx_catalogue_sql_integer(struct ctx_catalogue_sql *sql, enum ctx_catalogue_statement which,
                              int64_t parameter, uint64_t *ret_value)
{
    sqlite3_stmt *statement;
    int r = ctx_catalogue_sql_prepare(sql, which, &statement);
    if (r < 0)
        return r;
    if (sqlite3_bind_parameter_count(statement) > 0)
        sqlite3_bind_int64(statement, 1, parameter);
    int rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW)
        *ret_value = (uint64_t)sqlite3_column_int64(statement, 0);
    else
        r = rc == SQLITE_DONE ? CTX_GONE : ctx_catalogue_store_errno(sql->db, rc);
    sqlite3_reset(statement);
    return r;
}
