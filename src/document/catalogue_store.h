#ifndef CTX_DOCUMENT_CATALOGUE_STORE_H
#define CTX_DOCUMENT_CATALOGUE_STORE_H

#include <sqlite3.h>
#include <stdbool.h>

#include "contextor/error.h"

/* Opening the database file of a catalogue. Only catalogue*.c include this: SQLite stays in them. */

/*
 * Opens `path` for this process alone, with our schema in it; makes or remakes it when there is
 * none that can be used (see catalogue.h). Owned by the caller: sqlite3_close().
 */
int ctx_catalogue_store_open(const char *path, sqlite3 **ret_db, bool *ret_fresh,
                             struct ctx_error *error);

/*
 * A database that was just made does not wait for the disk until it is settled: from then on a crash
 * of the machine loses the last transactions at most. 0 or errno.
 */
int ctx_catalogue_store_settle(sqlite3 *db);

/* Sets the file aside as <path>.bad (replacing one there), and removes its journal files. */
int ctx_catalogue_store_set_aside(const char *path, struct ctx_error *error);

/* A negative errno for the last failure of `db`; `code` is what the call returned. */
int ctx_catalogue_store_errno(sqlite3 *db, int code);

/* Fills `error` for a failure with the file of a catalogue; returns `code`. */
int ctx_catalogue_store_report(const char *path, int code, struct ctx_error *error);

#endif
