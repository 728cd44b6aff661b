/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Indexes as werf writes them: always a Docker manifest list, with the platform of each child taken
 * from its config (registry-export.md 1.2 and 2.5).
 */
#ifndef SLIP_REGISTRY_INDEX_H
#define SLIP_REGISTRY_INDEX_H

#include "registry/go_struct.h"
#include "registry/stored.h"

/* The text of an index: begin, add each child, end. `platform` and `annotations` are JSON objects
 * or empty. */
void slip_index_begin(struct slip_buf *out);
void slip_index_add(struct slip_buf *out, const char *media_type, size_t size, const char *digest,
                    struct slip_str platform);
SLIP_MUST_USE int slip_index_end(struct slip_buf *out, struct slip_str annotations,
                                 struct slip_error *err);

/* The platform object of a config that was read as slip_config_type; empty when all of it is. */
SLIP_MUST_USE int slip_index_platform(struct slip_arena *arena, struct slip_go *config,
                                      struct slip_str *out, struct slip_error *err);

/*
 * The index of a multi-platform image in the stage repository: `children` as they are stored there,
 * in the order of their platforms. They become those of `out`, and empty. What stands under the tag
 * of the image already does not matter: these are the bytes that belong there.
 */
SLIP_MUST_USE int slip_stored_join(struct slip_stored *children, size_t n, struct slip_stored *out,
                                   struct slip_error *err);

#endif
