/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An OCI image layout on disk: blobs one by one, for registry/copy.h. The store is one that was
 * made by slip_layout_store_new.
 *
 * Any number of processes may write into one directory. Blobs are complete or absent; index.json
 * is the old or the new one. Replacing a name drops its old entry; a blob that no entry needs any
 * more is removed by a later writer, once nobody has written it or asked for it for a day. So what
 * another run has just uploaded stays, though no name leads to it yet.
 */
#ifndef SLIP_REGISTRY_LAYOUT_H
#define SLIP_REGISTRY_LAYOUT_H

#include "registry/store.h"

/*
 * Is the blob there, with this size (UINT64_MAX: any)? Makes it young again, so that it stays until
 * a name needs it: ask this of a destination, and slip_layout_open_blob of a source.
 */
SLIP_MUST_USE int slip_layout_has_blob(struct slip_store *s, const char *digest, uint64_t size,
                                       bool *found, struct slip_error *err);

/* Open for reading; `*fd` is the caller's to close, -1 when the blob is not there. The content is
 * not verified. */
SLIP_MUST_USE int slip_layout_open_blob(struct slip_store *s, const char *digest, int *fd,
                                        uint64_t *size, struct slip_error *err);

/*
 * A blob on its way in. Begin, append any number of times, then commit: it verifies the digest,
 * makes the blob durable and visible. Commit and abort free the object, also when commit fails;
 * after a failed append, abort.
 */
struct slip_layout_write;
SLIP_MUST_USE int slip_layout_begin(struct slip_store *s, const char *digest,
                                    struct slip_layout_write **out, struct slip_error *err);
SLIP_MUST_USE int slip_layout_append(struct slip_layout_write *w, const void *data, size_t len,
                                     struct slip_error *err);
SLIP_MUST_USE int slip_layout_commit(struct slip_layout_write *w, struct slip_error *err);
void slip_layout_abort(struct slip_layout_write *w); /* NULL is fine */

/* The real path of the directory or, of an archive, the file; as far as it is there. The caller's.
 */
char *slip_layout_place(const struct slip_store *s);

/*
 * Publishers of stages take turns in a layout: "look again, choose a name, write it" is one step
 * for all processes on it. Waits for the holder before, saying so to `watch`. The claim ends when
 * `*fd` is closed, so that of a killed process too; the lock is one small file that stays.
 */
SLIP_MUST_USE int slip_layout_claim(struct slip_store *s, const struct slip_watch *watch, int *fd,
                                    struct slip_error *err);

#endif
