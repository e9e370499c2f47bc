#ifndef CTX_CONFIG_CHECKS_H
#define CTX_CONFIG_CHECKS_H

/*
 * Checks of single values: NULL when good, else "is what is wrong; what to do", to be said after the text itself. Pure; any thread.
 */
const char *ctx_check_name(const char *text);
const char *ctx_check_path(const char *text);
const char *ctx_check_repo(const char *text);
const char *ctx_check_ref(const char *text);
const char *ctx_check_url(const char *text);
const char *ctx_check_word(const char *text);     /* a topic, a language: not empty */
const char *ctx_check_pattern(const char *text);  /* a glob below the root */
const char *ctx_check_folder(const char *text);   /* a folder of a repository */
const char *ctx_check_left_out(const char *text); /* a folder or file of a repository, or a glob */

#endif
