/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tag listing, read piece by piece as it arrives: some registries send all names of a repository
 * in one answer, a hundred megabytes when there are a million.
 */
#ifndef SLIP_REGISTRY_TAG_READER_H
#define SLIP_REGISTRY_TAG_READER_H

#include "registry/store.h"

struct slip_tag_reader {
    slip_tag_fn *fn;
    void *payload;
    /* inside */
    unsigned depth;
    bool in_string, escaped, in_tags, closed;
    unsigned hex_left;
    uint32_t rune;
    struct slip_buf text; /* the string being read, or the last one */
    bool key_is_tags;
};

void slip_tag_reader_init(struct slip_tag_reader *r, slip_tag_fn *fn, void *payload);
void slip_tag_reader_clear(struct slip_tag_reader *r);
SLIP_DEFINE_AUTO(slip_tag_reader, slip_tag_reader_clear);

/* -1 when `bytes` cannot go on what came before, or when the callback stops. */
SLIP_MUST_USE int slip_tag_reader_feed(struct slip_tag_reader *r, struct slip_str bytes,
                                       struct slip_error *err);

/* The document is complete. */
static inline bool slip_tag_reader_done(const struct slip_tag_reader *r)
{
    return r->closed;
}

#endif
