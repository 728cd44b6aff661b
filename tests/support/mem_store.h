/* SPDX-License-Identifier: Apache-2.0 */
/* A store in memory: takes any bytes, and counts what is asked of it. */
#ifndef SLIP_TESTS_MEM_STORE_H
#define SLIP_TESTS_MEM_STORE_H

#include "registry/store.h"

struct mem_store_counts {
    unsigned lists, reads, heads, puts, blobs; /* items; `lists`: listings */
    unsigned rounds;                           /* calls */
};

struct slip_store *mem_store_new(const char *name);
void mem_store_free(struct slip_store *s);
struct mem_store_counts *mem_store_counts(struct slip_store *s);

/* Put something in. `identifier` is a tag or a digest; of a manifest the digest is set too. */
void mem_store_add_manifest(struct slip_store *s, const char *identifier, const char *media_type,
                            struct slip_str body);
void mem_store_add_blob(struct slip_store *s, const char *digest, struct slip_str body);
void mem_store_remove(struct slip_store *s, const char *identifier);

/* NULL when absent; the text lives as long as the store. */
struct slip_str mem_store_manifest(struct slip_store *s, const char *identifier);

#endif
