#ifndef CTX_DAEMON_SERVICE_H
#define CTX_DAEMON_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "contextor/error.h"
#include "daemon/log.h"

/*
 * systemd's side of the daemon: readiness, status, watchdog, socket activation, journal. Without a
 * service manager everything here does nothing and says so by its result.
 */

/*
 * Takes the listening socket that the service manager passed; call once, before threads start.
 * 0 and the descriptor (close-on-exec, not blocking, the caller's), or CTX_GONE: none was passed.
 * -EINVAL with an error when what was passed is not one listening UNIX stream socket.
 */
int ctx_service_take_socket(int *ret_fd, struct ctx_error *error);

/* Whether a service manager waits for notifications. */
bool ctx_service_is_managed(void);

/* READY=1: started, or reloaded. */
void ctx_service_ready(void);
/* RELOADING=1; to be followed by ctx_service_ready(), whether the reload succeeded or not. */
void ctx_service_reloading(void);
void ctx_service_stopping(void);
/* STATUS=: one line for `systemctl status`. */
void ctx_service_status(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* EXTEND_TIMEOUT_USEC=: starting, or stopping, goes on and needs so long from now. */
void ctx_service_extend(uint64_t us);

/* How often ctx_service_watchdog() is due: half of what the unit allows; 0: never. */
uint64_t ctx_service_watchdog_interval_us(void);
void ctx_service_watchdog(void);

/* Whether stderr is connected to the journal, so that entries can have fields. */
bool ctx_service_has_journal(void);
/* Sends an entry; `document` may be NULL. 0 or a negative errno. Any thread. */
int ctx_service_journal(enum ctx_log_level level, const char *text,
                        const struct ctx_log_document *document);

#endif
