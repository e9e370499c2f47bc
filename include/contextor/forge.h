#ifndef CONTEXTOR_FORGE_H
#define CONTEXTOR_FORGE_H

/*
 * What serves a repository's pages; it decides how the addresses of its files are written. Pure;
 * any thread.
 */
enum ctx_forge {
    CTX_FORGE_GITHUB, /* the default */
    CTX_FORGE_GITLAB,
    CTX_FORGE_GITEA, /* Forgejo and Gogs, too */
    CTX_FORGE_BITBUCKET,
    CTX_FORGE_BITBUCKET_SERVER, /* Data Center */
    CTX_FORGE_SOURCEHUT,
};

/* Names as configuration spells them. -1 when there is none such. */
int ctx_forge_from_name(const char *name);
const char *ctx_forge_name(enum ctx_forge forge);

#endif
