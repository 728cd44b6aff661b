/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses of git remotes, as git accepts them: URLs, "user@host:path", paths. */
#ifndef SLIP_REF_URL_H
#define SLIP_REF_URL_H

#include "base/buf.h"

/*
 * Append the address without what may be a secret, for messages, job files and comparisons: the
 * query, and of "user:password@" everything, but for SSH the user, without which the address would
 * be another one.
 */
void slip_url_without_secrets(struct slip_str url, struct slip_buf *out);

/* May what `git push` was told be an address, and no name of a remote? `url` is what git makes of
 * it. */
bool slip_url_may_be_typed(struct slip_str told, struct slip_str url);

/* Reached over SSH: a connection that servers cut when it idles (hooks-and-ci.md section 0). */
bool slip_url_is_ssh(struct slip_str url);

/*
 * Append "https://host/path" as people open it in a browser: "host:path" converted, userinfo,
 * query, the port of SSH, and ".git" taken away. False, and nothing appended, for a path on disk.
 */
bool slip_url_web(struct slip_str url, struct slip_buf *out);

/* Append the path of the repository on its host in lower case ("acme/shop"); false for none. */
bool slip_url_repository_path(struct slip_str url, struct slip_buf *out);

#endif
