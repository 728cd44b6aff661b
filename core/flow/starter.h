/* SPDX-License-Identifier: Apache-2.0 */
/* First files for a project: rules fitted to its images and remote, werf.yaml from Dockerfiles. */
#ifndef SLIP_FLOW_STARTER_H
#define SLIP_FLOW_STARTER_H

#include "base/buf.h"
#include "base/error.h"

/*
 * Append the registry path where the images of a repository would go ("ghcr.io/acme/shop"), guessed
 * from the address of its remote. False when there is no guess: a place to fill in is appended
 * then.
 */
bool slip_starter_registry(struct slip_str remote_url, struct slip_buf *out);

/* Append a rules file that releases tags v*. `many`: more than one image. */
void slip_starter_rules(struct slip_str registry, bool many, struct slip_buf *out);

/* Append a rules file that does for tags v* what a `werf export` command line does. Comments at its
 * top name the options that a rule has no key for, and why. */
SLIP_MUST_USE int slip_starter_from_command(struct slip_str command, struct slip_buf *out,
                                            struct slip_error *err);

struct slip_starter_image {
    struct slip_str dockerfile; /* its path in the repository */
    bool own_context;           /* its directory, not the top, is what it copies from */
};

/* Append a werf.yaml with these images, which get short names where these differ. */
void slip_starter_werf(struct slip_str project, const struct slip_starter_image *images, size_t n,
                       struct slip_buf *out);

/*
 * Does a Dockerfile mean its own directory by "."? So it is for one in a directory with other
 * files, unless it copies what only stands at the top. `files` are all paths of the repository.
 */
bool slip_starter_has_own_context(struct slip_str dockerfile, struct slip_str content,
                                  const struct slip_str *files, size_t n);

/* Is this path of the repository a Dockerfile by its name? */
bool slip_starter_is_dockerfile(struct slip_str path);

#endif
