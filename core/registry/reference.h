/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of images and repositories: "host[:port]/path[:tag|@digest]" as `werf export` reads them
 * (registry-export.md section 3), and "oci:DIR[:TAG]" for an image layout on disk (design.md
 * section 5), "oci-archive:FILE[:TAG]" for one in a tar file: one writer at a time.
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
    bool is_archive;   /* a layout in a tar file: "oci-archive:FILE" */
    bool http_allowed; /* loopback and the like: plain HTTP may be tried without being asked */
};

void slip_reference_clear(struct slip_reference *r);
SLIP_DEFINE_AUTO(slip_reference, slip_reference_clear);

/* `to` gets its own memory. */
void slip_reference_copy(const struct slip_reference *from, struct slip_reference *to);

/* A destination or stage name. With all the refusals of werf and of section 3.4. */
SLIP_MUST_USE int slip_reference_parse(struct slip_str text, struct slip_reference *out,
                                       struct slip_error *err);

/* As go-containerregistry's weak rules alone: for the vectors, and for names we only compare. */
SLIP_MUST_USE int slip_reference_parse_weak(struct slip_str text, struct slip_reference *out,
                                            struct slip_error *err);

/* A repository without tag or digest: --repo and the like. `identifier` is "" then. The host keeps
 * its case, because names of stages enter digests as they are written. */
SLIP_MUST_USE int slip_repository_parse(struct slip_str text, struct slip_reference *out,
                                        struct slip_error *err);

/* Append "host/path", "oci:DIR", "oci-archive:FILE"; with ":tag" or "@digest" when there is an
 * identifier. */
void slip_reference_print_repository(const struct slip_reference *r, struct slip_buf *out);
void slip_reference_print(const struct slip_reference *r, struct slip_buf *out);

/* Same store and repository, whatever the case of the host or the spelling of the path on disk. */
bool slip_reference_same_repository(const struct slip_reference *a, const struct slip_reference *b);

/*
 * "<digest>-<milliseconds>", or a digest alone (then the time is 0), as werf reads the tags of a
 * stage repository: the digest may be any text, when it stands alone any text of 56 bytes. False:
 * the tag is no stage. `digest` points into `tag`.
 */
#define SLIP_STAGE_DIGEST_LEN 56
#define SLIP_STAGE_TAG_LEN (SLIP_STAGE_DIGEST_LEN + 1 + 13)
struct slip_stage_tag {
    struct slip_str digest;
    int64_t created_ms;
};
bool slip_stage_tag_parse(struct slip_str tag, struct slip_stage_tag *out);

/* A tag of the stage repository whose name is a stage, an index or a record (families 1 to 10 of
 * registry-export.md 1.1): never a destination. */
bool slip_tag_is_reserved(struct slip_str tag);

#endif
