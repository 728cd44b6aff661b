/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of one blob, in order and verified. */
#include "registry/transfer.h"

#include "base/limits.h"
#include "registry/layout.h"

#include <unistd.h>

#define RESUMES 4
#define PROGRESS (1u << 20) /* a break after so many bytes does not count */
#define LAG_MS 3000 /* so long one reader may stand still while another has nothing to send */

struct slip_feed {
    struct slip_source *readers; /* a list; never empty, but while they are told of the end */
    bool whole;
    struct slip_call call;
    struct slip_error err;
    int fd;
    char *ring;      /* the last bytes before `offset`; byte p of the blob at p % SLIP_RING_SIZE */
    uint64_t offset; /* of the next byte to arrive */
    uint64_t hashed; /* bytes the hash has seen; more than `offset` after stepping back */
    uint64_t skip;   /* bytes to pass over, of an answer that ignores the range */
    uint64_t resumed_at, lag_at;
    unsigned resumes;
    bool asked, over, complete, absent, damaged;
    bool paused, lag_watched, no_ranges, telling;
    struct slip_hash hash;
};

static const char *name_of(const struct slip_feed *f)
{
    return f->readers->from ? f->readers->from->name : "memory";
}

static struct slip_http *http_of(const struct slip_feed *f)
{
    return f->call.repo->host->registry->http;
}

static bool is_shared(const struct slip_feed *f)
{
    return f->readers && f->readers->next;
}

static void tell(struct slip_source *s)
{
    if (s->ready)
        s->ready(s->payload);
}

/* All bytes are there: are they the right ones? */
static int verify(struct slip_feed *f, struct slip_error *err)
{
    char digest[SLIP_DIGEST_LEN + 1] = "sha256:";
    slip_hash_end_hex(&f->hash, digest + 7);
    if (strcmp(digest, f->readers->digest) == 0) {
        f->complete = true;
        return 0;
    }
    f->damaged = true;
    return slip_fail(err, SLIP_E_REGISTRY, "%s: blob %s has other content: its digest is %s",
                     name_of(f), f->readers->digest, digest);
}

/* Count and hash what arrived; bytes that were hashed before stepping back are not hashed again. */
static int account(struct slip_feed *f, struct slip_str bytes, struct slip_error *err)
{
    uint64_t size = f->readers->size, known = f->hashed - f->offset;
    if (bytes.len > size - f->offset)
        return slip_fail(err, SLIP_E_REGISTRY, "%s: blob %s is larger than %llu bytes", name_of(f),
                         f->readers->digest, (unsigned long long)size);
    f->offset += bytes.len;
    if (bytes.len > known) {
        bytes = slip_str_skip(bytes, (size_t)known);
        slip_hash_add(&f->hash, bytes.ptr, bytes.len);
        f->hashed += bytes.len;
    }
    return f->offset == size && !f->complete ? verify(f, err) : 0;
}

/* --- the ring --- */

/* Bytes that the last of the readers has still to take. */
static size_t held(const struct slip_feed *f)
{
    uint64_t most = 0;
    for (const struct slip_source *s = f->readers; s; s = s->next)
        if (f->offset - s->given > most)
            most = f->offset - s->given;
    return (size_t)most;
}

/* Bytes that were counted already. */
static void ring_add(struct slip_feed *f, struct slip_str bytes)
{
    size_t at = (size_t)((f->offset - bytes.len) % SLIP_RING_SIZE);
    size_t first = SLIP_RING_SIZE - at < bytes.len ? SLIP_RING_SIZE - at : bytes.len;
    memcpy(f->ring + at, bytes.ptr, first);
    memcpy(f->ring, bytes.ptr + first, bytes.len - first);
}

static size_t ring_take(const struct slip_source *s, char *buf, size_t size)
{
    const struct slip_feed *f = s->feed;
    size_t at = (size_t)(s->given % SLIP_RING_SIZE), left = (size_t)(f->offset - s->given);
    size_t len = left < size ? left : size;
    size_t first = SLIP_RING_SIZE - at < len ? SLIP_RING_SIZE - at : len;
    memcpy(buf, f->ring + at, first);
    memcpy(buf + first, f->ring, len - first);
    return len;
}

/* Some of it was taken, or a reader has gone. */
static void release(struct slip_feed *f)
{
    if (!f->paused || held(f) > SLIP_RING_SIZE - SLIP_HTTP_PIECE)
        return;
    f->paused = false;
    slip_call_resume(&f->call);
}

/* --- readers --- */

static void halt(struct slip_feed *f);

static void add_reader(struct slip_feed *f, struct slip_source *s)
{
    s->feed = f;
    s->next = f->readers;
    f->readers = s;
}

static struct slip_feed *new_feed(void)
{
    struct slip_feed *f = slip_new(struct slip_feed);
    f->call = (struct slip_call)SLIP_CALL_INIT;
    f->fd = -1;
    return f;
}

static void free_feed(struct slip_feed *f)
{
    halt(f);
    slip_call_clear(&f->call);
    slip_hash_clear(&f->hash);
    slip_free(f->ring);
    if (f->fd >= 0)
        close(f->fd);
    slip_free(f);
}

static void leave(struct slip_source *s)
{
    struct slip_feed *f = s->feed;
    struct slip_source **at = &f->readers;
    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    s->feed = NULL;
    if (f->readers)
        release(f);
    else if (!f->telling)
        free_feed(f);
}

/* From now on it reads alone, and knows of the bytes so far that they were right. */
static void separate(struct slip_source *s)
{
    struct slip_feed *old = s->feed, *own = new_feed();
    own->no_ranges = old->no_ranges;
    own->complete = old->complete;
    own->hashed = old->hashed;
    if (old->hash.state)
        slip_hash_copy(&old->hash, &own->hash);
    leave(s);
    add_reader(own, s);
}

void slip_source_join(struct slip_source *s, struct slip_source *other)
{
    if (!other->feed)
        add_reader(new_feed(), other);
    add_reader(other->feed, s);
}

static void watch_lag(struct slip_feed *f);

/* The ring is full. Readers that have taken nothing of it for a while, when another one has taken
 * all, go on alone. */
static void look_for_lag(void *payload)
{
    struct slip_feed *f = payload;
    bool starving = false;
    f->lag_watched = false;
    for (struct slip_source *s = f->readers; s; s = s->next)
        starving |= s->given == f->offset;
    if (f->paused && f->offset != f->lag_at)
        watch_lag(f);
    if (!f->paused || f->offset != f->lag_at || !starving)
        return;
    size_t most = held(f);
    for (struct slip_source *s = f->readers, *next; s; s = next) {
        next = s->next;
        if (f->offset - s->given < most)
            continue;
        bool open = s->open;
        separate(s);
        if (open)
            slip_source_open(s, s->given);
    }
}

static void watch_lag(struct slip_feed *f)
{
    if (f->lag_watched || !is_shared(f))
        return;
    f->lag_watched = true;
    f->lag_at = f->offset;
    slip_http_after(http_of(f), LAG_MS, look_for_lag, f);
}

/* --- a registry --- */

/* The header of the blob's answer: a range as asked for, or all of it. */
static int begin_take(void *payload, const struct slip_http_answer *a, struct slip_error *err)
{
    struct slip_feed *f = payload;
    uint64_t start = 0, length;
    if (a->status == 206 && !slip_content_range_start(a, &start))
        start = f->offset;
    if (start > f->offset)
        return slip_fail(err, SLIP_E_REGISTRY, "%s: blob %s: asked for byte %llu, got byte %llu",
                         name_of(f), f->readers->digest, (unsigned long long)f->offset,
                         (unsigned long long)start);
    if (slip_content_length(a, &length) && start + length != f->readers->size) {
        f->damaged = true;
        return slip_fail(err, SLIP_E_REGISTRY, "%s: blob %s has %llu bytes, not %llu", name_of(f),
                         f->readers->digest, (unsigned long long)(start + length),
                         (unsigned long long)f->readers->size);
    }
    f->skip = f->offset - start;
    return SLIP_HTTP_GO;
}

static int hold_back(struct slip_feed *f, int flow)
{
    f->paused = true;
    watch_lag(f);
    return flow;
}

static int take(void *payload, struct slip_str bytes, struct slip_error *err)
{
    struct slip_feed *f = payload;
    struct slip_source *first = f->readers;
    size_t passed = f->skip < bytes.len ? (size_t)f->skip : bytes.len;
    if (!first->sink && bytes.len - passed > SLIP_RING_SIZE - held(f))
        return hold_back(f, SLIP_HTTP_PAUSE);
    f->skip -= passed;
    bytes = slip_str_skip(bytes, passed);
    if (account(f, bytes, err) < 0)
        return -1;
    if (first->sink) {
        first->given = f->offset;
        return bytes.len ? first->sink(first->payload, bytes, err) : SLIP_HTTP_GO;
    }
    ring_add(f, bytes);
    for (struct slip_source *s = f->readers; s; s = s->next)
        tell(s);
    if (held(f) > SLIP_RING_SIZE - SLIP_HTTP_PIECE)
        return hold_back(f, SLIP_HTTP_FULL);
    return SLIP_HTTP_GO;
}

/* How it ended. */
static void take_end(struct slip_source *s)
{
    s->over = s->feed->over;
    s->err = s->feed->err;
    s->absent = s->feed->absent;
    s->damaged = s->feed->damaged;
}

/* Tell one reader after the other, each of which may leave. */
static void end(struct slip_feed *f)
{
    f->over = f->telling = true;
    for (struct slip_source *s = f->readers; s;) {
        if (s->over || !s->open) {
            s = s->next;
            continue;
        }
        take_end(s);
        tell(s);
        if (s->ended)
            s->ended(s->payload);
        s = f->readers;
    }
    f->telling = false;
    if (!f->readers)
        free_feed(f);
}

static void ask(struct slip_feed *f);

static void ask_again(void *payload)
{
    ask(payload);
}

/* The answer broke off: go on where it did, unless that happens too often without progress. */
static bool resume(struct slip_feed *f)
{
    if (f->offset - f->resumed_at >= PROGRESS)
        f->resumes = 0;
    if (f->resumes++ >= RESUMES)
        return false;
    f->resumed_at = f->offset;
    unsigned first = f->call.repo->host->registry->options.backoff_ms;
    slip_http_after(http_of(f), (first ? first : 250u) << (f->resumes - 1), ask_again, f);
    return true;
}

static void refused(struct slip_feed *f)
{
    f->absent = f->call.err.kind == SLIP_OK && f->call.answer.status == 404;
    (void)slip_call_refused(&f->call, &f->err);
}

static void answered(void *payload, struct slip_call *c)
{
    struct slip_feed *f = payload;
    bool good = c->answer.status == 200 || c->answer.status == 206;
    if (f->offset == f->readers->size && (f->complete || f->readers->size == 0)) {
        if (f->complete || verify(f, &f->err) == 0) {
            end(f);
            return;
        }
    } else if (c->err.kind == SLIP_E_TEMPORARY && c->taken && resume(f)) {
        return;
    } else if (c->err.kind == SLIP_OK && good && resume(f)) {
        return; /* it ended too early without saying so */
    } else if (c->err.kind == SLIP_OK && c->answer.status == 416 && c->range[0]) {
        f->no_ranges = true; /* then all of it, and the first bytes are passed over */
        ask(f);
        return;
    } else if (c->err.kind == SLIP_OK && good) {
        slip_fail(&f->err, SLIP_E_TEMPORARY, "%s: blob %s breaks off after %llu of %llu bytes",
                  name_of(f), f->readers->digest, (unsigned long long)f->offset,
                  (unsigned long long)f->readers->size);
    } else {
        refused(f);
    }
    end(f);
}

static void answered_whole(void *payload, struct slip_call *c)
{
    struct slip_feed *f = payload;
    if (c->err.kind != SLIP_OK || c->answer.status != 200)
        refused(f);
    else if (account(f, slip_buf_str(&c->answer.body), &f->err) == 0 && !f->complete)
        (void)verify(f, &f->err);
    end(f);
}

static void ask(struct slip_feed *f)
{
    slip_call_clear(&f->call);
    slip_http_store_call(slip_http_store_of(f->readers->from), &f->call, "GET",
                         slip_printf("blobs/%s", f->readers->digest),
                         slip_printf("read blob %s", f->readers->digest));
    f->call.payload = f;
    if (f->whole) {
        f->call.answer_limit = (size_t)f->readers->size + SLIP_LIMIT_ERROR_BODY;
        f->call.done = answered_whole;
    } else {
        f->call.bulk = true;
        f->call.begin_take = begin_take;
        f->call.take = take;
        f->call.done = answered;
        if (f->offset > 0 && !f->no_ranges) /* not all take one without an end */
            snprintf(f->call.range, sizeof(f->call.range), "Range: bytes=%llu-%llu",
                     (unsigned long long)f->offset, (unsigned long long)f->readers->size - 1);
    }
    slip_call_begin(&f->call);
}

/* --- all kinds --- */

static void halt(struct slip_feed *f)
{
    if (f->call.repo) {
        slip_call_cancel(&f->call);
        slip_http_forget(http_of(f), ask_again, f);
        slip_http_forget(http_of(f), look_for_lag, f);
    }
    f->asked = f->lag_watched = false;
}

static void open_file(struct slip_source *s, uint64_t offset)
{
    uint64_t size = 0;
    int *fd = &s->feed->fd;
    if (*fd < 0 && slip_layout_open_blob(s->from, s->digest, fd, &size, &s->err) < 0)
        return;
    s->absent = *fd < 0;
    if (*fd < 0)
        slip_fail(&s->err, SLIP_E_REGISTRY, "%s: blob %s is not there", s->from->name, s->digest);
    else if (lseek(*fd, (off_t)offset, SEEK_SET) < 0)
        slip_fail(&s->err, SLIP_E_INTERNAL, "%s: blob %s cannot be read", s->from->name, s->digest);
}

static void begin(struct slip_source *s, uint64_t offset)
{
    struct slip_feed *f = s->feed;
    if (offset == 0 || f->hashed == 0) {
        slip_hash_clear(&f->hash);
        slip_hash_begin(&f->hash, SLIP_HASH_SHA256);
        f->hashed = 0;
        f->complete = false;
    }
    slip_error_clear(&f->err);
    f->asked = true;
    f->absent = f->damaged = f->paused = f->over = false;
    f->offset = f->resumed_at = offset;
    f->resumes = 0;
    f->whole = s->whole;
    if (s->from && s->from->where.kind == SLIP_STORE_LAYOUT) {
        open_file(s, offset);
    } else if (s->from) {
        if (!f->ring && !s->sink && !s->whole)
            f->ring = slip_alloc(SLIP_RING_SIZE);
        ask(f);
    }
}

void slip_source_open(struct slip_source *s, uint64_t offset)
{
    if (s->open)
        slip_source_stop(s);
    if (!s->feed)
        add_reader(new_feed(), s);
    slip_error_clear(&s->err);
    s->absent = s->damaged = s->over = false;
    s->open = true;
    s->given = offset;
    if (!s->feed->asked) {
        begin(s, offset);
        return;
    }
    take_end(s); /* by another one that it goes along with, and perhaps over already */
}

static int pull_file(struct slip_source *s, char *buf, size_t size, size_t *len,
                     struct slip_error *err)
{
    ssize_t n = read(s->feed->fd, buf, size);
    if (n <= 0)
        return slip_fail(err, SLIP_E_REGISTRY, "%s: blob %s breaks off after %llu of %llu bytes",
                         s->from->name, s->digest, (unsigned long long)s->given,
                         (unsigned long long)s->size);
    *len = (size_t)n;
    return account(s->feed, slip_str_make(buf, *len), err);
}

static int pull_data(struct slip_source *s, char *buf, size_t size, size_t *len,
                     struct slip_error *err)
{
    size_t left = s->data.len - (size_t)s->given;
    *len = left < size ? left : size;
    memcpy(buf, s->data.ptr + s->given, *len);
    return account(s->feed, slip_str_make(buf, *len), err);
}

static int pull_ring(struct slip_source *s, char *buf, size_t size, size_t *len)
{
    *len = ring_take(s, buf, size);
    return *len ? SLIP_HTTP_GO : SLIP_HTTP_PAUSE;
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
    if (flow == SLIP_HTTP_GO) {
        s->given += *len;
        release(s->feed);
    }
    if (flow < 0)
        *err = s->err;
    return flow;
}

void slip_source_stop(struct slip_source *s)
{
    s->open = false;
    if (s->feed && is_shared(s->feed))
        separate(s);
    else if (s->feed)
        halt(s->feed);
}

bool slip_source_is_open(const struct slip_source *s)
{
    return s->open;
}

bool slip_source_is_complete(const struct slip_source *s)
{
    return s->feed && s->feed->complete;
}

struct slip_str slip_source_body(const struct slip_source *s)
{
    return slip_buf_str(&s->feed->call.answer.body);
}

void slip_source_free(struct slip_source *s)
{
    if (s->feed)
        leave(s);
}
