/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an exported image consists of: the source's bytes with werf's labels gone and others added,
 * written again as werf writes them (registry-export.md 2.3 to 2.5). Pure: bytes in, bytes out.
 */
#ifndef SLIP_EXPORT_REWRITE_H
#define SLIP_EXPORT_REWRITE_H

#include "export/labels.h"
#include "registry/stored.h"

/* What is changed on the way. All zeros changes nothing but what werf changes. */
struct slip_rewrite {
    const struct slip_labels *labels;      /* added to every config */
    const struct slip_labels *annotations; /* added to the manifest, or to the index; not by werf */
    /* Of an index only these ("os/architecture[/variant]"); when one is left, it stands alone.
     * None: all. */
    const struct slip_str *platforms;
    size_t n_platforms;
};

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
    struct slip_str platform;          /* JSON for the index above, or empty */
    struct slip_str os, arch, variant; /* of the config */

    struct slip_content *children; /* of an index, in its order */
    size_t n_children;
};

void slip_content_clear(struct slip_content *c);
SLIP_DEFINE_AUTO(slip_content, slip_content_clear);

/* `out` depends on nothing of `source` and `how` afterwards. */
SLIP_MUST_USE int slip_rewrite(const struct slip_stored *source, const struct slip_rewrite *how,
                               struct slip_content *out, struct slip_error *err);

#endif
