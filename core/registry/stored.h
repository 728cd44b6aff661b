/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images as they stand in a repository: manifest, config, and the same of an index's children. Many
 * are read at once, in as few rounds as their nesting needs.
 */
#ifndef SLIP_REGISTRY_STORED_H
#define SLIP_REGISTRY_STORED_H

#include "base/arena.h"
#include "registry/go_struct.h"
#include "registry/store.h"

#define SLIP_INDEX_NESTING 4     /* indexes inside indexes */
#define SLIP_INDEX_CHILDREN 1000 /* manifests of one index */

struct slip_descriptor {
    struct slip_str media_type;
    const char *digest;
    int64_t size;
};

/* What a manifest or an index names. */
struct slip_parts {
    struct slip_arena arena;
    bool is_index;
    struct slip_descriptor config; /* of an image */
    bool has_config_data;          /* the config stands in the manifest itself */
    struct slip_str config_data;
    struct slip_descriptor *list; /* layers of an image, manifests of an index */
    size_t n;
};

void slip_parts_clear(struct slip_parts *p);
SLIP_DEFINE_AUTO(slip_parts, slip_parts_clear);

/* Refuses what werf refuses: other media types, wrong types of members, names without digest. */
SLIP_MUST_USE int slip_parts_read(struct slip_str media_type, struct slip_str body,
                                  struct slip_parts *out, struct slip_error *err);

/* An image or an index as it stands in a registry, with all that is needed to rewrite it. */
struct slip_stored {
    char media_type[256];
    char digest[SLIP_DIGEST_LEN + 1];
    struct slip_buf manifest;
    struct slip_buf config;       /* of an image */
    struct slip_stored *children; /* of an index */
    size_t n_children;
};

void slip_stored_clear(struct slip_stored *s);
SLIP_DEFINE_AUTO(slip_stored, slip_stored_clear);

/* A copy; `to` is clear. Of an index without its children. */
void slip_stored_copy(const struct slip_stored *from, struct slip_stored *to);

struct slip_stored_get {
    const char *identifier;    /* in: tag or digest */
    struct slip_stored source; /* out: cleared by the caller; verified down to the configs */
    bool broken;               /* with an error: not there, not whole, or no image */
    struct slip_error err;
};

/* -1 when any item failed; each item's err says why. An image that is not there is
 * SLIP_E_NOT_BUILT. */
SLIP_MUST_USE int slip_stored_read(struct slip_store *store, struct slip_stored_get *items,
                                   size_t n);

/* What the config of an image says to us. Texts live in the arena. */
struct slip_config_info {
    struct slip_arena arena;
    struct slip_go_pair *labels; /* by key */
    size_t n_labels;
    struct slip_str *env; /* "NAME=value", as they stand */
    size_t n_env;
    struct slip_str os, architecture, variant; /* as they stand, "" when absent */
};
void slip_config_info_clear(struct slip_config_info *i);
SLIP_DEFINE_AUTO(slip_config_info, slip_config_info_clear);
SLIP_MUST_USE int slip_config_info_read(struct slip_str config, struct slip_config_info *out,
                                        struct slip_error *err);

/* The value of a label, or {NULL, 0}. */
struct slip_str slip_config_label(const struct slip_config_info *i, const char *key);

/* "sha256:" and the hash of some bytes. */
void slip_digest_of(struct slip_str content, char digest[SLIP_DIGEST_LEN + 1]);

/* "sha256:" and 64 lower-case hex digits. */
bool slip_digest_is_valid(struct slip_str digest);

#endif
