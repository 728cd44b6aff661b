/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of registry/copy.h: where the bytes of a blob come from (source.c), how they get into a
 * registry (upload.c) or a layout (download.c), and who may run when (copy.c).
 */
#ifndef SLIP_REGISTRY_TRANSFER_H
#define SLIP_REGISTRY_TRANSFER_H

#include "hash/hash.h"
#include "registry/copy.h"
#include "registry/http_store.h"

#define SLIP_RING_SIZE (2 * SLIP_HTTP_PIECE)

struct slip_feed; /* one reading of a blob, by one source or by several that go together */

/*
 * The bytes of one blob, in order and verified: from memory, a file of a layout, or a registry,
 * where a broken answer is continued with a range. From a registry they are pushed; they go into a
 * ring that the readers empty, or straight into `sink`.
 */
struct slip_source {
    /* in */
    struct slip_store *from; /* NULL: `data` */
    struct slip_str data;
    const char *digest;
    uint64_t size;
    bool whole; /* small: kept as slip_source_body, no ring */
    int (*sink)(void *payload, struct slip_str bytes, struct slip_error *err); /* or NULL */
    void (*ready)(void *payload); /* bytes came, or the end, or a failure; may be NULL */
    void (*ended)(void *payload); /* complete or failed; outside of the transport's callbacks */
    void *payload;
    /* out */
    struct slip_error err;
    bool absent;    /* it is not there */
    bool damaged;   /* all bytes arrived and have not the digest */
    bool over;      /* all was said that there is to say: no `ended` follows */
    uint64_t given; /* of the next byte to be pulled */
    /* inside */
    struct slip_feed *feed;
    struct slip_source *next; /* reader of the same feed */
    bool open;
};

/*
 * Before either is opened: read once for both, from one registry. The slower one holds back the
 * other; one that stands still, stops, or has to step back goes on with a reading of its own.
 */
void slip_source_join(struct slip_source *s, struct slip_source *other);

/* Begin at byte `offset`: 0 at first; later any that was passed already. */
void slip_source_open(struct slip_source *s, uint64_t offset);
/* Up to `size` bytes: SLIP_HTTP_GO, SLIP_HTTP_PAUSE (`ready` will tell), or -1. The last bytes are
 * given only when all of them have the digest. */
int slip_source_pull(struct slip_source *s, char *buf, size_t size, size_t *len,
                     struct slip_error *err);
/* Bytes follow where the last ones were pulled. */
bool slip_source_is_open(const struct slip_source *s);
/* All bytes arrived and have the digest. */
bool slip_source_is_complete(const struct slip_source *s);
/* With `whole`, once it ended: valid until it is stopped. */
struct slip_str slip_source_body(const struct slip_source *s);
/* Stop; may be opened again. */
void slip_source_stop(struct slip_source *s);
void slip_source_free(struct slip_source *s);

struct slip_copy; /* the batch */
struct slip_group;
struct slip_share;

struct slip_transfer {
    struct slip_copy *copy;
    struct slip_blob_copy *item;
    struct slip_group *group;
    struct slip_share *share;   /* it reads together with its mates there; NULL: alone */
    struct slip_transfer *mate; /* the next one of the share */
    struct slip_transfer *next; /* waiting for a stream */
    char *mount_from;           /* NULL: cannot be mounted */
    struct slip_call call;      /* the request to the destination under way */
    struct slip_source source;
    struct slip_layout_write *write;
    char *location;       /* of the open upload */
    uint64_t from;        /* bytes of the blob that are there */
    bool placed;          /* holds one of the places for streams */
    bool streaming;       /* and was told so */
    bool opened, fetched; /* small blobs: both are needed before they are sent */
    bool spare;           /* the upload was opened to see whether we may */
    bool absent;          /* the destination said so */
    unsigned attempts, redirects;
    uint64_t told; /* progress */
};

/* Entry points of upload.c and download.c; they end with slip_transfer_end. */
void slip_upload_begin(struct slip_transfer *t);
void slip_upload_stream(struct slip_transfer *t); /* a place for a stream is there */
void slip_upload_stop(struct slip_transfer *t);
void slip_download_begin(struct slip_transfer *t);
void slip_download_stream(struct slip_transfer *t);
void slip_download_stop(struct slip_transfer *t);

/* copy.c */
void slip_transfer_want_stream(struct slip_transfer *t);
void slip_transfer_end(struct slip_transfer *t, enum slip_blob_outcome outcome);
void slip_transfer_progress(struct slip_transfer *t, uint64_t done);

/* Try again after a while, by calling `fn`; or end with the item's error when it makes no sense. */
void slip_transfer_retry(struct slip_transfer *t, const struct slip_call *why,
                         void (*fn)(void *transfer));

#endif
