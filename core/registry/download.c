/* SPDX-License-Identifier: Apache-2.0 */
/* A blob into an image layout on disk. */
#include "registry/layout.h"
#include "registry/transfer.h"

static int write_bytes(void *payload, struct slip_str bytes, struct slip_error *err)
{
    struct slip_transfer *t = payload;
    if (slip_layout_append(t->write, bytes.ptr, bytes.len, err) < 0)
        return -1;
    slip_transfer_progress(t, t->source.given);
    return 0;
}

static void commit(struct slip_transfer *t)
{
    if (slip_layout_commit(slip_take(t->write), &t->item->err) == 0)
        t->item->bytes_sent = t->item->size;
    slip_transfer_end(t, SLIP_BLOB_SENT);
}

static void begin_again(void *payload)
{
    slip_download_stream(payload);
}

static void ended(void *payload)
{
    struct slip_transfer *t = payload;
    if (t->source.err.kind == SLIP_OK) {
        commit(t);
        return;
    }
    slip_layout_abort(slip_take(t->write));
    slip_transfer_retry(t, NULL, begin_again);
}

/* From memory or another layout: at once. */
static void copy_here(struct slip_transfer *t)
{
    char buf[1u << 16];
    size_t len;
    slip_source_open(&t->source, 0);
    if (t->source.err.kind != SLIP_OK)
        t->item->err = t->source.err;
    while (t->item->err.kind == SLIP_OK && t->source.given < t->item->size)
        if (slip_source_pull(&t->source, buf, sizeof(buf), &len, &t->item->err) == SLIP_HTTP_GO)
            (void)!slip_layout_append(t->write, buf, len, &t->item->err);
    if (t->item->err.kind == SLIP_OK) {
        commit(t);
        return;
    }
    slip_layout_abort(slip_take(t->write));
    slip_transfer_end(t, SLIP_BLOB_SENT);
}

void slip_download_stream(struct slip_transfer *t)
{
    if (slip_layout_begin(t->item->to, t->item->digest, &t->write, &t->item->err) < 0) {
        slip_transfer_end(t, SLIP_BLOB_SENT);
        return;
    }
    if (!t->item->from || t->item->from->where.kind == SLIP_STORE_LAYOUT) {
        copy_here(t);
        return;
    }
    t->source.sink = write_bytes;
    t->source.ended = ended;
    slip_source_open(&t->source, 0);
}

void slip_download_begin(struct slip_transfer *t)
{
    bool found;
    if (slip_layout_has_blob(t->item->to, t->item->digest, t->item->size, &found, &t->item->err) < 0
        || found)
        slip_transfer_end(t, SLIP_BLOB_PRESENT);
    else
        slip_transfer_want_stream(t);
}

void slip_download_stop(struct slip_transfer *t)
{
    slip_layout_abort(slip_take(t->write));
}
