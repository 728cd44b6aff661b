/* SPDX-License-Identifier: Apache-2.0 */
/* Some of the tags of a repository, without reading all of them where that can be avoided. */
#ifndef SLIP_REGISTRY_TAGS_H
#define SLIP_REGISTRY_TAGS_H

#include "registry/store.h"

/*
 * Call `fn` once for each tag that begins with one of the `n` prefixes, in any order. In a registry
 * whose pages are in order, only the pages that may hold such tags are read; elsewhere everything
 * passes by, in bounded memory. The prefixes are not empty.
 */
SLIP_MUST_USE int slip_tags_find(struct slip_store *s, const char *const *prefixes, size_t n,
                                 slip_tag_fn *fn, void *payload, struct slip_error *err);

#endif
