/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who we are at a registry: files in docker's format, and the credential helpers they name
 * (registry-export.md section 4.4).
 */
#ifndef SLIP_REGISTRY_CREDENTIALS_H
#define SLIP_REGISTRY_CREDENTIALS_H

#include "base/error.h"
#include "base/secret.h"
#include "base/watch.h"

/* All empty: anonymous. */
struct slip_credential {
    char *user;
    struct slip_secret password;
    struct slip_secret identity; /* a refresh token for the token service */
    struct slip_secret token;    /* to be used as bearer token as it is */
    char *source;                /* the file or helper it came from, for messages */
};
void slip_credential_clear(struct slip_credential *c);
SLIP_DEFINE_AUTO(slip_credential, slip_credential_clear);
bool slip_credential_is_set(const struct slip_credential *c);

struct slip_credentials_options {
    const char *docker_config_dir;  /* its config.json is asked first; or NULL */
    const char *docker_auth_config; /* the content of such a file, asked second; or NULL */
    const char *const *auth_files;  /* further files, in order; NULL-terminated, or NULL */
    const char *const *env;         /* the environment helpers run in; NULL: they are not run */
    unsigned helper_ms;             /* how long one may run; 0: 10 s */
    const struct slip_watch *watch; /* hears of broken files and helpers, which are passed over */
};

/*
 * The credential for `host` ("reg:5000", "index.docker.io") and a repository in it, from the first
 * source that has one; anonymous when none has. A helper may run for 10 s. Fails only where going
 * on anonymously would mislead: a file that is there and cannot be read.
 */
SLIP_MUST_USE int slip_credentials_find(const struct slip_credentials_options *o, const char *host,
                                        const char *repository, struct slip_credential *out,
                                        struct slip_error *err);

#endif
