#ifndef CTX_DOCUMENT_CATALOGUE_SQL_H
#define CTX_DOCUMENT_CATALOGUE_SQL_H

#include <sqlite3.h>
#include <stdint.h>

/* The statements of a catalogue. Only catalogue*.c include this: SQLite stays in them. */

/*
 * Columns in the order that LOAD, GET and CHANGES yield them (GET alone the last two); the parameters
 * of PUT are numbered so, from 1.
 */
enum ctx_catalogue_column {
    CTX_COLUMN_SEQUENCE,
    CTX_COLUMN_PATH,
    CTX_COLUMN_SLUG,
    CTX_COLUMN_RESULT,
    CTX_COLUMN_SOURCE,
    CTX_COLUMN_OUTPUT = CTX_COLUMN_SOURCE + 5,
    CTX_COLUMN_DIGEST = CTX_COLUMN_OUTPUT + 5,
    CTX_COLUMN_FINGERPRINT,
    CTX_COLUMN_WHEN,
    CTX_COLUMN_DURATION,
    CTX_COLUMN_TOKENS_IN,
    CTX_COLUMN_TOKENS_OUT,
    CTX_COLUMN_ERROR,
    CTX_COLUMN_ENTRY,
    CTX_COLUMN_REPORT,
};

enum ctx_catalogue_statement {
    CTX_SQL_BEGIN,
    CTX_SQL_COMMIT,
    CTX_SQL_ROLLBACK,
    CTX_SQL_LOAD,
    CTX_SQL_GET,
    CTX_SQL_PUT,
    CTX_SQL_CHANGES,
    CTX_SQL_ENTRIES,
    CTX_SQL_PAGES,
    CTX_SQL_FORGET_PAGE,
    CTX_SQL_COUNT_REMOVED,
    CTX_SQL_PRUNE_TO,
    CTX_SQL_PRUNE,
    CTX_SQL_GET_META,
    CTX_SQL_PUT_META,
    CTX_SQL_LAST,
    CTX_SQL_STATEMENTS,
};

/* A connection with its statements, each prepared when it is first used. Zeroed but for `db`. */
struct ctx_catalogue_sql {
    sqlite3 *db;
    sqlite3_stmt *statements[CTX_SQL_STATEMENTS];
};

/* Ends the statements and closes the connection. */
void ctx_catalogue_sql_close(struct ctx_catalogue_sql *sql);

/*
 * A statement ready to bind; a row that GET was left at is given back. The caller steps it and resets
 * it. 0 or errno.
 */
int ctx_catalogue_sql_prepare(struct ctx_catalogue_sql *sql, enum ctx_catalogue_statement which,
                              sqlite3_stmt **ret_statement);

/* Steps a bound statement whose rows are of no interest, and resets it. 0 or errno. */
int ctx_catalogue_sql_finish(struct ctx_catalogue_sql *sql, sqlite3_stmt *statement);

/* The two above for a statement without parameters. */
int ctx_catalogue_sql_run(struct ctx_catalogue_sql *sql, enum ctx_catalogue_statement which);

/*
 * The first column of a statement's first row; `parameter` is bound when it has one. 0, CTX_GONE
 * without a row, errno.
 */
int ctx_catalogue_sql_integer(struct ctx_catalogue_sql *sql, enum ctx_catalogue_statement which,
                              int64_t parameter, uint64_t *ret_value);

#endif
