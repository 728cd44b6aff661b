/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directory of an image layout: its files, its lock, files that appear whole or not at all.
 * Inside this room only.
 *
 *   DIR/oci-layout                 version of the format
 *   DIR/index.json                 names
 *   DIR/blobs/sha256/<hex>         content
 *   DIR/.slipway/lock              held shared while a blob is looked at or put in place,
 *                                  exclusively while index.json changes and while blobs are removed
 *   DIR/.slipway/publish           held while a stage is published
 *   DIR/.slipway/tmp-*             files that are being written
 *
 * Names of files are relative to DIR.
 */
#ifndef SLIP_REGISTRY_LAYOUT_DIR_H
#define SLIP_REGISTRY_LAYOUT_DIR_H

#include "base/map.h"
#include "registry/store.h"

#define SLIP_LAYOUT_INDEX "index.json"
#define SLIP_LAYOUT_BLOBS "blobs/sha256"
#define SLIP_LAYOUT_TEMP ".slipway"
#define SLIP_LAYOUT_NAME_MAX 128

struct slip_layout_dir {
    char *path;
    int fd, lock_fd; /* -1 while not open */
};

void slip_layout_dir_init(struct slip_layout_dir *d, const char *path);
void slip_layout_dir_clear(struct slip_layout_dir *d);

/* Open for reading; a directory that is not there is no error. */
SLIP_MUST_USE int slip_layout_dir_open(struct slip_layout_dir *d, bool *found,
                                       struct slip_error *err);

/* Does the directory `at` hold something that no layout does? -1: it cannot be read; 1: `other`. */
int slip_layout_find_foreign(int at, char other[SLIP_LAYOUT_NAME_MAX]);

/* Open for writing; makes what is missing. A directory that holds something else is refused. */
SLIP_MUST_USE int slip_layout_dir_prepare(struct slip_layout_dir *d, struct slip_error *err);

/* After slip_layout_dir_prepare. Waits for other holders. */
SLIP_MUST_USE int slip_layout_lock(struct slip_layout_dir *d, bool exclusive,
                                   struct slip_error *err);
void slip_layout_unlock(struct slip_layout_dir *d);

/* A lock file of its own descriptor, exclusively: closing `*fd` gives it back. */
SLIP_MUST_USE int slip_layout_claim_file(struct slip_layout_dir *d, const struct slip_watch *watch,
                                         int *fd, struct slip_error *err);

/* "blobs/sha256/<hex>"; fails when `digest` is none of sha256. */
SLIP_MUST_USE int slip_layout_blob_name(const char *digest, char name[SLIP_LAYOUT_NAME_MAX],
                                        struct slip_error *err);

/* Read a file; absent is no error. */
SLIP_MUST_USE int slip_layout_read(struct slip_layout_dir *d, const char *name,
                                   struct slip_buf *out, bool *found, struct slip_error *err);

/* A new file to write to (`temp` is its name), and its end: durable under `name`. */
SLIP_MUST_USE int slip_layout_temp(struct slip_layout_dir *d, char temp[SLIP_LAYOUT_NAME_MAX],
                                   int *fd, struct slip_error *err);
SLIP_MUST_USE int slip_layout_publish(struct slip_layout_dir *d, int fd, const char *temp,
                                      const char *name, struct slip_error *err);

/* Write a whole file. */
SLIP_MUST_USE int slip_layout_write_file(struct slip_layout_dir *d, const char *name,
                                         struct slip_str content, struct slip_error *err);

/* Make the names in a directory durable. */
SLIP_MUST_USE int slip_layout_sync(struct slip_layout_dir *d, const char *name,
                                   struct slip_error *err);

/* As slip_layout_has_blob, for a caller who holds the lock. */
SLIP_MUST_USE int slip_layout_touch(struct slip_layout_dir *d, const char *digest, uint64_t size,
                                    bool *found, struct slip_error *err);

/* Record what the system said about `name`; gives -1. */
int slip_layout_fail(const struct slip_layout_dir *d, const char *name, struct slip_error *err);

/* Add the digests of all that index.json leads to. Fails when a manifest cannot be read: then
 * nobody knows what is needed. */
SLIP_MUST_USE int slip_layout_mark(struct slip_layout_dir *d, struct slip_map *used,
                                   struct slip_error *err);

/* Take a layout out of an archive, which need not be there, into an empty directory; put what
 * index.json leads to into the archive, which is the old or the new one at any time. */
SLIP_MUST_USE int slip_layout_unpack(struct slip_layout_dir *d, const char *archive,
                                     struct slip_error *err);
SLIP_MUST_USE int slip_layout_pack(struct slip_layout_dir *d, const char *archive,
                                   struct slip_error *err);

/*
 * Remove what no entry of index.json leads to and what nobody has written or touched for a day,
 * counted back from `now`. Takes the lock; anything unexpected ends it without harm.
 */
void slip_layout_sweep(struct slip_layout_dir *d, time_t now);

/* Remove what runs that were killed were writing; and the directories of an archive that were made
 * with this prefix (base/temp_dir.h). */
void slip_layout_sweep_left_over(struct slip_layout_dir *d);
void slip_layout_sweep_archive(const char *prefix);

#endif
