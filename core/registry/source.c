/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of one blob, in order and verified. */
#include "registry/transfer.h"

#include "base/limits.h"
#include "registry/layout.h"

#include <unistd.h>

#define RESUMES 4
#define PROGRESS (1u << 20) /* a break after so many bytes does not count */
#define WAKE_AT (SLIP_RING_SIZE / 2)

static const char *name_of(const struct slip_source *s)
{
    return s->from ? s->from->name : "memory";
}

static struct slip_http *http_of(const struct slip_source *s)
{
    return s->call.repo->host->registry->http;
}

static void tell(struct slip_source *s)
{
    if (s->ready)
        s->ready(s->payload);
}

/* All bytes are there: are they the right ones? */
static int verify(struct slip_source *s, struct slip_error *err)
{
    char digest[SLIP_DIGEST_LEN + 1] = "sha256:";
    slip_hash_end_hex(&s->hash, digest + 7);
    if (strcmp(digest, s->digest) == 0) {
        s->complete = true;
        return 0;
    }
    s->damaged = true;
    return slip_fail(err, SLIP_E_REGISTRY, "%s: blob %s has other content: its digest is %s",
                     name_of(s), s->digest, digest);
}

/* Count and hash what arrived; bytes that were hashed before stepping back are not hashed again. */
static int account(struct slip_source *s, struct slip_str bytes, struct slip_error *err)
{
    if (bytes.len > s->size - s->offset)
        return slip_fail(err, SLIP_E_REGISTRY, "%s: blob %s is larger than %llu bytes", name_of(s),
                         s->digest, (unsigned long long)s->size);
    uint64_t known = s->hashed - s->offset;
    s->offset += bytes.len;
    if (bytes.len > known) {
        bytes = slip_str_skip(bytes, (size_t)known);
        slip_hash_add(&s->hash, bytes.ptr, bytes.len);
        s->hashed += bytes.len;
    }
    return s->offset == s->size && !s->complete ? verify(s, err) : 0;
}

static void ring_add(struct slip_source *s, struct slip_str bytes)
{
    size_t end = (s->ring_at + s->ring_len) % SLIP_RING_SIZE;
    size_t first = SLIP_RING_SIZE - end < bytes.len ? SLIP_RING_SIZE - end : bytes.len;
    memcpy(s->ring + end, bytes.ptr, first);
    memcpy(s->ring, bytes.ptr + first, bytes.len - first);
    s->ring_len += bytes.len;
}

static size_t ring_take(struct slip_source *s, char *buf, size_t size)
{
    size_t len = s->ring_len < size ? s->ring_len : size;
    size_t first = SLIP_RING_SIZE - s->ring_at < len ? SLIP_RING_SIZE - s->ring_at : len;
    memcpy(buf, s->ring + s->ring_at, first);
    memcpy(buf + first, s->ring, len - first);
    s->ring_at = (s->ring_at + len) % SLIP_RING_SIZE;
    s->ring_len -= len;
    return len;
}

/* The header of the blob's answer: a range as asked for, or all of it. */
static int begin_take(void *payload, const struct slip_http_answer *a, struct slip_error *err)
{
    struct slip_source *s = payload;
    uint64_t start = 0, length;
    if (a->status == 206 && !slip_content_range_start(a, &start))
        start = s->offset;
    if (start > s->offset)
        return slip_fail(err, SLIP_E_REGISTRY, "%s: blob %s: asked for byte %llu, got byte %llu",
                         name_of(s), s->digest, (unsigned long long)s->offset,
                         (unsigned long long)start);
    if (slip_content_length(a, &length) && start + length != s->size) {
        s->damaged = true;
        return slip_fail(err, SLIP_E_REGISTRY, "%s: blob %s has %llu bytes, not %llu", name_of(s),
                         s->digest, (unsigned long long)(start + length),
                         (unsigned long long)s->size);
    }
    s->skip = s->offset - start;
    return SLIP_HTTP_GO;
}

static int take(void *payload, struct slip_str bytes, struct slip_error *err)
{
    struct slip_source *s = payload;
    size_t passed = s->skip < bytes.len ? (size_t)s->skip : bytes.len;
    if (!s->sink && bytes.len - passed > SLIP_RING_SIZE - s->ring_len) {
        s->paused = true;
        return SLIP_HTTP_PAUSE;
    }
    s->skip -= passed;
    bytes = slip_str_skip(bytes, passed);
    if (account(s, bytes, err) < 0)
        return -1;
    if (s->sink)
        return bytes.len ? s->sink(s->payload, bytes, err) : SLIP_HTTP_GO;
    ring_add(s, bytes);
    tell(s);
    return SLIP_HTTP_GO;
}

static void end(struct slip_source *s)
{
    tell(s);
    if (s->ended)
        s->ended(s->payload);
}

static void ask(struct slip_source *s);

static void ask_again(void *payload)
{
    ask(payload);
}

/* The answer broke off: go on where it did, unless that happens too often without progress. */
static bool resume(struct slip_source *s)
{
    if (s->offset - s->resumed_at >= PROGRESS)
        s->resumes = 0;
    if (s->resumes++ >= RESUMES)
        return false;
    s->resumed_at = s->offset;
    unsigned first = s->call.repo->host->registry->options.backoff_ms;
    slip_http_after(http_of(s), (first ? first : 250u) << (s->resumes - 1), ask_again, s);
    return true;
}

static void answered(void *payload, struct slip_call *c)
{
    struct slip_source *s = payload;
    bool good = c->answer.status == 200 || c->answer.status == 206;
    if (s->offset == s->size && (s->complete || s->size == 0)) {
        if (s->complete || verify(s, &s->err) == 0) {
            end(s);
            return;
        }
    } else if (c->err.kind == SLIP_E_TEMPORARY && c->taken && resume(s)) {
        return;
    } else if (c->err.kind == SLIP_OK && good && resume(s)) {
        return; /* it ended too early without saying so */
    } else if (c->err.kind == SLIP_OK && c->answer.status == 416 && c->range[0]) {
        s->no_ranges = true; /* then all of it, and the first bytes are passed over */
        ask(s);
        return;
    } else if (c->err.kind == SLIP_OK && good) {
        slip_fail(&s->err, SLIP_E_TEMPORARY, "%s: blob %s breaks off after %llu of %llu bytes",
                  name_of(s), s->digest, (unsigned long long)s->offset,
                  (unsigned long long)s->size);
    } else {
        (void)slip_call_refused(c, &s->err);
    }
    end(s);
}

static void answered_whole(void *payload, struct slip_call *c)
{
    struct slip_source *s = payload;
    if (c->err.kind != SLIP_OK || c->answer.status != 200)
        (void)slip_call_refused(c, &s->err);
    else if (account(s, slip_buf_str(&c->answer.body), &s->err) == 0 && !s->complete)
        (void)verify(s, &s->err);
    end(s);
}

static void ask(struct slip_source *s)
{
    slip_call_clear(&s->call);
    slip_http_store_call(slip_http_store_of(s->from), &s->call, "GET",
                         slip_printf("blobs/%s", s->digest),
                         slip_printf("read blob %s", s->digest));
    s->call.payload = s;
    if (s->whole) {
        s->call.answer_limit = (size_t)s->size + SLIP_LIMIT_ERROR_BODY;
        s->call.done = answered_whole;
    } else {
        s->call.bulk = true;
        s->call.begin_take = begin_take;
        s->call.take = take;
        s->call.done = answered;
        if (s->offset > 0 && !s->no_ranges) /* not all take one without an end */
            snprintf(s->call.range, sizeof(s->call.range), "Range: bytes=%llu-%llu",
                     (unsigned long long)s->offset, (unsigned long long)s->size - 1);
    }
    slip_call_begin(&s->call);
}

static void open_file(struct slip_source *s, uint64_t offset)
{
    uint64_t size = 0;
    if (s->fd < 0 && slip_layout_open_blob(s->from, s->digest, &s->fd, &size, &s->err) < 0)
        return;
    if (s->fd < 0)
        slip_fail(&s->err, SLIP_E_REGISTRY, "%s: blob %s is not there", name_of(s), s->digest);
    else if (lseek(s->fd, (off_t)offset, SEEK_SET) < 0)
        slip_fail(&s->err, SLIP_E_INTERNAL, "%s: blob %s cannot be read", name_of(s), s->digest);
}

void slip_source_open(struct slip_source *s, uint64_t offset)
{
    if (offset == 0 || s->hashed == 0) {
        slip_hash_clear(&s->hash);
        slip_hash_begin(&s->hash, SLIP_HASH_SHA256);
        s->hashed = 0;
        s->complete = false;
    }
    slip_error_clear(&s->err);
    s->damaged = s->paused = false;
    s->offset = s->given = s->resumed_at = offset;
    s->ring_at = s->ring_len = s->resumes = 0;
    s->open = true;
    if (!s->from)
        return;
    if (s->from->where.kind == SLIP_STORE_LAYOUT) {
        open_file(s, offset);
        return;
    }
    if (!s->ring && !s->sink && !s->whole)
        s->ring = slip_alloc(SLIP_RING_SIZE);
    ask(s);
}

static int pull_file(struct slip_source *s, char *buf, size_t size, size_t *len,
                     struct slip_error *err)
{
    ssize_t n = read(s->fd, buf, size);
    if (n <= 0)
        return slip_fail(err, SLIP_E_REGISTRY, "%s: blob %s breaks off after %llu of %llu bytes",
                         name_of(s), s->digest, (unsigned long long)s->offset,
                         (unsigned long long)s->size);
    *len = (size_t)n;
    return account(s, slip_str_make(buf, *len), err);
}

static int pull_data(struct slip_source *s, char *buf, size_t size, size_t *len,
                     struct slip_error *err)
{
    size_t left = s->data.len - (size_t)s->offset;
    *len = left < size ? left : size;
    memcpy(buf, s->data.ptr + s->offset, *len);
    return account(s, slip_str_make(buf, *len), err);
}

static int pull_ring(struct slip_source *s, char *buf, size_t size, size_t *len)
{
    if (s->ring_len == 0)
        return SLIP_HTTP_PAUSE;
    *len = ring_take(s, buf, size);
    if (s->paused && s->ring_len <= WAKE_AT) {
        s->paused = false;
        slip_call_resume(&s->call);
    }
    return SLIP_HTTP_GO;
}

int slip_source_pull(struct slip_source *s, char *buf, size_t size, size_t *len,
                     struct slip_error *err)
{
    int flow;
    if (s->err.kind != SLIP_OK) {
        *err = s->err;
        return -1;
    }
    if (!s->from)
        flow = pull_data(s, buf, size, len, &s->err);
    else if (s->from->where.kind == SLIP_STORE_LAYOUT)
        flow = pull_file(s, buf, size, len, &s->err);
    else
        flow = pull_ring(s, buf, size, len);
    if (flow == SLIP_HTTP_GO)
        s->given += *len;
    if (flow < 0)
        *err = s->err;
    return flow;
}

void slip_source_stop(struct slip_source *s)
{
    if (s->from && s->from->where.kind == SLIP_STORE_REGISTRY && s->call.repo) {
        slip_call_cancel(&s->call);
        slip_http_forget(http_of(s), ask_again, s);
    }
    s->open = false;
}

bool slip_source_is_open(const struct slip_source *s)
{
    return s->open;
}

void slip_source_free(struct slip_source *s)
{
    slip_source_stop(s);
    slip_call_clear(&s->call);
    slip_hash_clear(&s->hash);
    slip_free(s->ring);
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
    s->ring = NULL;
}
