/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of images and repositories: "host[:port]/path[:tag|@digest]" as `werf export` reads them
 * (registry-export.md section 3), and "oci:DIR[:TAG]" for an image layout on disk (design.md
 * section 5).
 */
#ifndef SLIP_REGISTRY_REFERENCE_H
#define SLIP_REGISTRY_REFERENCE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

enum slip_store_kind { SLIP_STORE_REGISTRY, SLIP_STORE_LAYOUT };

struct slip_reference {
    enum slip_store_kind kind;
    char *registry;   /* "host:port" ("index.docker.io" for Docker Hub); "" for a layout */
    char *repository; /* path in the registry; for a layout the directory as written */
    char *identifier; /* tag or digest, "latest" when none was written */
    bool is_digest;
    bool http_allowed; /* loopback and the like: plain HTTP may be tried without being asked */
};

void slip_reference_clear(struct slip_reference *r);
SLIP_DEFINE_AUTO(slip_reference, slip_reference_clear);

/* A destination or stage name. With all the refusals of werf and of section 3.4. */
SLIP_MUST_USE int slip_reference_parse(struct slip_str text, struct slip_reference *out,
                                       struct slip_error *err);

/* As go-containerregistry's weak rules alone: for the vectors, and for names we only compare. */
SLIP_MUST_USE int slip_reference_parse_weak(struct slip_str text, struct slip_reference *out,
                                            struct slip_error *err);

/* A repository without tag or digest: --repo and the like. `identifier` is "" then. */
SLIP_MUST_USE int slip_repository_parse(struct slip_str text, struct slip_reference *out,
                                        struct slip_error *err);

/* Append "host/path", "oci:DIR"; with ":tag" or "@digest" when there is an identifier. */
void slip_reference_print_repository(const struct slip_reference *r, struct slip_buf *out);
void slip_reference_print(const struct slip_reference *r, struct slip_buf *out);

/* Same store and repository. */
bool slip_reference_same_repository(const struct slip_reference *a, const struct slip_reference *b);

/* A tag of the stage repository whose name is a stage, an index or a record (families 1 to 10 of
 * registry-export.md 1.1): never a destination. */
bool slip_tag_is_reserved(struct slip_str tag);

#endif
