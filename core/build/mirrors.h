/* SPDX-License-Identifier: Apache-2.0 */
/* What a registries.conf(5) says of base images, for builders of the containers project. */
#ifndef SLIP_BUILD_MIRRORS_H
#define SLIP_BUILD_MIRRORS_H

#include "base/buf.h"
#include "base/error.h"

/* "HOST[:PORT][/PATH]", after "https://" or nothing: `*location` gets it without scheme and final
 * slash, borrowed from `text`. Plain HTTP is refused as werf refuses it. */
SLIP_MUST_USE int slip_mirror_parse(struct slip_str text, struct slip_str *location,
                                    struct slip_error *err);

/*
 * Append a registries.conf(5) that says what `machine` says (the one of the machine, or empty), but
 * has these mirrors, already parsed, and no others for Docker Hub. `insecure`: they may answer in
 * plain HTTP.
 */
void slip_mirrors_print(struct slip_str machine, const struct slip_str *mirrors, size_t n,
                        bool insecure, struct slip_buf *out);

/*
 * Append, at the start of a file, that a name without a host ("FROM alpine") means Docker Hub, as
 * in every Dockerfile, unless the machine says something else. Files in the old form stay as they
 * are: the two forms do not mix.
 */
void slip_short_names_print(struct slip_str machine, struct slip_buf *out);

/*
 * Append a record for a registry that answers in plain HTTP, "host:port", unless the machine has
 * one of its own for it.
 */
void slip_plain_registry_print(struct slip_str machine, struct slip_str registry,
                               struct slip_buf *out);

#endif
