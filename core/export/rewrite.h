/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an exported image consists of: the source's bytes with werf's labels gone and others added,
 * written again as werf writes them (registry-export.md 2.3 to 2.5). Pure: bytes in, bytes out.
 */
#ifndef SLIP_EXPORT_REWRITE_H
#define SLIP_EXPORT_REWRITE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "export/labels.h"
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
struct slip_source {
    char media_type[256];
    char digest[SLIP_DIGEST_LEN + 1];
    struct slip_buf manifest;
    struct slip_buf config;       /* of an image */
    struct slip_source *children; /* of an index */
    size_t n_children;
};

void slip_source_clear(struct slip_source *s);
SLIP_DEFINE_AUTO(slip_source, slip_source_clear);

/* An image or an index as it is to be written. */
struct slip_content {
    struct slip_arena arena;
    const char *media_type;
    struct slip_str manifest;
    char digest[SLIP_DIGEST_LEN + 1];

    struct slip_str config; /* of an image */
    char config_digest[SLIP_DIGEST_LEN + 1];
    struct slip_descriptor *layers; /* those to be copied: not the foreign ones */
    size_t n_layers;
    struct slip_str platform; /* JSON for the index above, or empty */

    struct slip_content *children; /* of an index, in its order */
    size_t n_children;
};

void slip_content_clear(struct slip_content *c);
void slip_content_move(struct slip_content *to, struct slip_content *from);
SLIP_DEFINE_AUTO(slip_content, slip_content_clear);

/* `out` depends on nothing of `source` and `labels` afterwards. */
SLIP_MUST_USE int slip_rewrite(const struct slip_source *source, const struct slip_labels *labels,
                               struct slip_content *out, struct slip_error *err);

/*
 * The index of a multi-platform image in the stage repository (registry-export.md 1.2): its
 * children as they are stored, in the order of their platforms, each with its config. The content
 * has no children of its own: they are in the repository.
 */
struct slip_index_child {
    const char *media_type, *digest;
    size_t size;
    struct slip_str config;
};
SLIP_MUST_USE int slip_index_assemble(const struct slip_index_child *children, size_t n,
                                      struct slip_content *out, struct slip_error *err);

#endif
