/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A blob into a registry.
 *
 *   mount from a repository of the same registry, when there is one     -> done
 *   HEAD, unless the content is new by the way it was made              -> done
 *     or a mount from the repository itself, which is done when the blob is there and else has
 *     begun the upload: one request for two. Not every registry mounts, and one that does not would
 *     be sent what it has; so only blobs that are sent as soon as asked for, or where it has
 *     mounted before
 *   small or in memory: POST, one PUT with everything                   -> done
 *   everything else:    POST, one PATCH with everything, PUT to close   -> done
 *
 * Where a registry refuses the one way to send, the other is taken, and remembered for the host;
 * where it finds a body too large, parts are sent. After a break the registry is asked how far it
 * got, and the rest is sent; when it does not say, all begins again with HEAD, because the answer
 * that was lost may have been the last one.
 */
#include "registry/transfer.h"

#include "net/url.h"

#define SMALL (128u << 10)
#define TINY (16u << 10) /* sent as soon as asked for */
#define PART (32u << 20) /* where a body was too large; halved as often as that happens again */
#define PART_LEAST (1u << 20)
#define REDIRECTS 5

static void look(struct slip_transfer *t);
static void proceed(struct slip_transfer *t);
static void open_upload(struct slip_transfer *t);
static void send_part(struct slip_transfer *t);

static struct slip_http_store *target(const struct slip_transfer *t)
{
    return slip_http_store_of(t->item->to);
}

static bool is_small(const struct slip_transfer *t)
{
    return !t->item->from
           || (t->item->size <= SMALL && t->item->from->where.kind == SLIP_STORE_REGISTRY);
}

/* What a small blob holds; only once it has been fetched. */
static struct slip_str small_body(const struct slip_transfer *t)
{
    return t->item->from ? slip_source_body(&t->source) : t->item->data;
}

static void prepare(struct slip_transfer *t, const char *method, char *rest, const char *what,
                    void (*done)(void *, struct slip_call *))
{
    slip_call_clear(&t->call);
    slip_http_store_call(target(t), &t->call, method, rest,
                         slip_printf("%s blob %s", what, t->item->digest));
    t->call.scope = SLIP_SCOPE_PUSH;
    t->call.done = done;
    t->call.payload = t;
}

static void prepare_at(struct slip_transfer *t, const char *method, const char *url,
                       const char *what, void (*done)(void *, struct slip_call *))
{
    prepare(t, method, slip_strdup(""), what, done);
    slip_free(t->call.target);
    t->call.target = slip_strdup(url);
}

static bool has_status(const struct slip_call *c, unsigned a, unsigned b, unsigned d)
{
    return c->err.kind == SLIP_OK
           && (c->answer.status == a || c->answer.status == b || c->answer.status == d);
}

static void abandon(struct slip_transfer *t)
{
    if (t->location)
        slip_http_store_abandon(target(t), slip_take(t->location));
}

/* From the top, but for the mount. */
static void begin_again(void *payload)
{
    struct slip_transfer *t = payload;
    if (t->item->force)
        proceed(t);
    else
        look(t);
}

/* The upload as it is cannot be finished. */
static void lost(struct slip_transfer *t)
{
    struct slip_call *c = &t->call;
    slip_source_stop(&t->source);
    if (!(c->err.kind == SLIP_OK && c->answer.status == 404))
        abandon(t);
    slip_free(t->location);
    t->location = NULL;
    t->from = 0;
    t->opened = t->fetched = t->spare = false;
    slip_transfer_retry(t, c, begin_again);
}

/* Remember where to go on. The registry may move an upload with every answer. */
static int keep_location(struct slip_transfer *t, bool required, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) url = SLIP_BUF(1u << 16);
    if (!required && !slip_http_header(&t->call.answer, "Location", 0).ptr)
        return 0;
    if (slip_call_location(&t->call, &url, err) < 0)
        return -1;
    slip_free(t->location);
    t->location = slip_buf_detach(&url);
    return 0;
}

static void fail(struct slip_transfer *t)
{
    abandon(t);
    slip_transfer_end(t, SLIP_BLOB_PRESENT);
}

static void mounted(void *payload, struct slip_call *c)
{
    struct slip_transfer *t = payload;
    struct slip_error ignored = { 0 }; /* without the mount's upload we open one */
    if (has_status(c, 201, 201, 201)) {
        target(t)->repo.host->mounts = true;
        slip_transfer_end(t, t->mount_from ? SLIP_BLOB_MOUNTED : SLIP_BLOB_PRESENT);
    } else if (has_status(c, 202, 202, 202) && keep_location(t, true, &ignored) == 0
               && !t->mount_from) {
        proceed(t);
    } else {
        look(t);
    }
}

static void mount(struct slip_transfer *t, const char *from)
{
    SLIP_AUTO(slip_buf) rest = SLIP_BUF(4096);
    slip_buf_add_c(&rest, "blobs/uploads/");
    slip_url_add_query(&rest, "mount", slip_str_of(t->item->digest));
    slip_url_add_query(&rest, "from", slip_str_of(from));
    prepare(t, "POST", slip_buf_detach(&rest), t->mount_from ? "mount" : "look for", mounted);
    t->call.mount_from = t->mount_from;
    t->call.attempts = 2;
    slip_call_begin(&t->call);
}

static void send_when_ready(struct slip_transfer *t)
{
    if (t->opened && (!is_small(t) || t->fetched))
        send_part(t);
}

/* A small blob has arrived, or has not. */
static void fetched(void *payload)
{
    struct slip_transfer *t = payload;
    t->fetched = true;
    send_when_ready(t);
}

static void ready(void *payload)
{
    struct slip_transfer *t = payload;
    slip_call_resume(&t->call);
}

/* It is not there: send it. */
static void proceed(struct slip_transfer *t)
{
    if (!is_small(t)) {
        if (t->streaming)
            slip_upload_stream(t);
        else
            slip_transfer_want_stream(t);
        return;
    }
    t->source.whole = t->item->from != NULL;
    t->source.ended = fetched;
    slip_source_open(&t->source, 0);
    t->fetched = !t->item->from || t->source.over;
    open_upload(t);
}

static void looked(void *payload, struct slip_call *c)
{
    struct slip_transfer *t = payload;
    if (has_status(c, 200, 200, 200)) {
        abandon(t);
        slip_transfer_end(t, SLIP_BLOB_PRESENT);
    } else if (has_status(c, 404, 403, 405)) {
        proceed(t);
    } else {
        (void)slip_call_refused(c, &t->item->err);
        fail(t);
    }
}

static void look(struct slip_transfer *t)
{
    prepare(t, "HEAD", slip_printf("blobs/%s", t->item->digest), "look for", looked);
    slip_call_begin(&t->call);
}

static void opened(void *payload, struct slip_call *c)
{
    struct slip_transfer *t = payload;
    if (!has_status(c, 202, 202, 202)) {
        (void)slip_call_refused(c, &t->item->err);
    } else if (keep_location(t, true, &t->item->err) == 0) {
        t->opened = true;
        send_when_ready(t);
        return;
    }
    fail(t);
}

static void open_upload(struct slip_transfer *t)
{
    if (!t->location) { /* a mount that was none may have left one */
        t->location = slip_take(target(t)->spare_upload);
        t->spare = t->location != NULL;
    }
    if (t->location) {
        t->opened = true;
        send_when_ready(t);
        return;
    }
    prepare(t, "POST", slip_strdup("blobs/uploads/"), "start the upload of", opened);
    slip_call_begin(&t->call);
}

void slip_upload_stream(struct slip_transfer *t)
{
    open_upload(t);
}

static int produce(void *payload, char *buf, size_t size, size_t *len, struct slip_error *err)
{
    struct slip_transfer *t = payload;
    int flow = slip_source_pull(&t->source, buf, size, len, err);
    if (flow == SLIP_HTTP_GO)
        slip_transfer_progress(t, t->source.given);
    return flow;
}

static void closed(void *payload, struct slip_call *c)
{
    struct slip_transfer *t = payload;
    struct slip_str said = slip_http_header(&c->answer, "Docker-Content-Digest", 0);
    bool stored = has_status(c, 201, 200, 204);
    if (stored && said.ptr && !slip_str_is(said, t->item->digest)) {
        slip_fail(&t->item->err, SLIP_E_REGISTRY, "%s: stored blob %s under another digest",
                  t->item->to->name, t->item->digest);
        slip_transfer_end(t, SLIP_BLOB_SENT);
    } else if (stored) {
        t->item->bytes_sent = t->item->size;
        slip_transfer_end(t, SLIP_BLOB_SENT);
    } else {
        lost(t);
    }
}

/* "Not this way": the other way to send is taken from now on. */
static bool refuses_way(const struct slip_call *c)
{
    return has_status(c, 405, 411, 415) || has_status(c, 416, 501, 501);
}

static void closed_at_once(void *payload, struct slip_call *c)
{
    struct slip_transfer *t = payload;
    struct slip_host *host = target(t)->repo.host;
    bool expired = t->spare && has_status(c, 404, 404, 404); /* opened before a long build */
    if (!host->by_patch && !host->by_put && !expired
        && (refuses_way(c) || has_status(c, 404, 404, 404)))
        host->by_patch = true;
    closed(payload, c);
}

static void prepare_close(struct slip_transfer *t, void (*done)(void *, struct slip_call *))
{
    SLIP_AUTO(slip_buf) url = SLIP_BUF(1u << 16);
    slip_buf_add_c(&url, t->location);
    slip_url_add_query(&url, "digest", slip_str_of(t->item->digest));
    prepare_at(t, "PUT", url.ptr, "write", done);
    t->call.content_type = "application/octet-stream";
}

static void close_upload(struct slip_transfer *t)
{
    prepare_close(t, closed);
    slip_call_begin(&t->call);
}

/* Lost, but worth another attempt, whatever the registry said. */
static void lost_for_now(struct slip_transfer *t)
{
    struct slip_error err = { 0 };
    (void)slip_call_refused(&t->call, &err);
    err.kind = SLIP_E_TEMPORARY;
    t->call.err = err;
    lost(t);
}

/* The answer to "how far did you get?". */
static void told_progress(void *payload, struct slip_call *c)
{
    struct slip_transfer *t = payload;
    uint64_t arrived = 0;
    struct slip_error ignored = { 0 };
    if (!has_status(c, 204, 200, 202) || !slip_upload_range(&c->answer, &arrived) || arrived == 0
        || arrived > t->item->size || keep_location(t, false, &ignored) < 0) {
        target(t)->repo.host->forgets = true;
        t->attempts--; /* the break was counted */
        lost_for_now(t);
        return;
    }
    t->from = arrived;
    if (arrived == t->item->size && slip_source_is_complete(&t->source))
        close_upload(t);
    else if (arrived == t->item->size)
        lost_for_now(t);
    else
        send_part(t);
}

static void ask_progress(void *payload)
{
    struct slip_transfer *t = payload;
    prepare_at(t, "GET", t->location, "go on with the upload of", told_progress);
    t->call.attempts = 2;
    slip_call_begin(&t->call);
}

/* A break that the registry may have kept the first bytes of. */
static bool may_go_on(const struct slip_transfer *t)
{
    const struct slip_call *c = &t->call;
    return !is_small(t) && !target(t)->repo.host->forgets && t->source.err.kind == SLIP_OK
           && t->source.given > t->from
           && (c->err.kind == SLIP_E_TEMPORARY
               || (c->err.kind == SLIP_OK && c->answer.status >= 500));
}

/* "Too large": a proxy's limit, most likely. True when smaller parts can be tried. */
static bool wants_parts(struct slip_transfer *t)
{
    struct slip_host *host = target(t)->repo.host;
    uint64_t part = host->part ? host->part / 2 : PART;
    while (part >= PART_LEAST && part >= t->item->size)
        part /= 2;
    if (!has_status(&t->call, 413, 413, 413) || part < PART_LEAST)
        return false;
    host->part = part;
    return true;
}

/* A stream cannot be repeated by the call, but its source can be read again. */
static void go_elsewhere(struct slip_transfer *t)
{
    struct slip_call *c = &t->call;
    slip_source_stop(&t->source);
    if (t->redirects++ == REDIRECTS)
        slip_fail(&c->err, SLIP_E_REGISTRY, "%s: cannot write blob %s: more than %d redirects",
                  t->item->to->name, t->item->digest, REDIRECTS);
    if (c->err.kind == SLIP_OK && keep_location(t, true, &c->err) == 0)
        send_part(t);
    else
        lost(t);
}

static void not_sent(struct slip_transfer *t)
{
    struct slip_host *host = target(t)->repo.host;
    if (refuses_way(&t->call) && !host->by_patch)
        host->by_put = true;
    if (has_status(&t->call, 307, 308, 308)) {
        go_elsewhere(t);
    } else if (wants_parts(t)) {
        lost_for_now(t);
    } else if (may_go_on(t)) {
        slip_source_stop(&t->source);
        slip_transfer_retry(t, &t->call, ask_progress);
    } else {
        lost(t);
    }
}

static void sent(void *payload, struct slip_call *c)
{
    struct slip_transfer *t = payload;
    uint64_t arrived, end = t->from + c->body_size;
    if (!has_status(c, 202, 204, 201)) {
        not_sent(t);
    } else if (t->from == 0 && slip_upload_range(&c->answer, &arrived) && arrived != 0
               && arrived != end) {
        /* Of later parts some registries go on to name the first; the digest will tell. */
        slip_fail(&c->err, SLIP_E_TEMPORARY, "%s: %llu of %llu bytes of blob %s arrived",
                  t->item->to->name, (unsigned long long)arrived, (unsigned long long)end,
                  t->item->digest);
        lost(t);
    } else if (keep_location(t, false, &t->item->err) < 0) {
        fail(t);
    } else {
        t->from = end;
        if (end < t->item->size)
            send_part(t);
        else
            close_upload(t);
    }
}

/* From `from` on, to the end or as far as one part goes. */
static void give_body(struct slip_transfer *t)
{
    uint64_t part = target(t)->repo.host->part, left = t->item->size - t->from;
    t->call.content_type = "application/octet-stream";
    if (is_small(t)) {
        t->call.body = small_body(t);
        t->call.body_size = t->call.body.len;
        return;
    }
    t->call.bulk = true;
    t->call.body_size = part && part < left ? part : left;
    t->call.produce = produce;
    t->source.ready = ready;
    if (t->from > 0 || t->call.body_size < left)
        snprintf(t->call.range, sizeof(t->call.range), "Content-Range: %llu-%llu",
                 (unsigned long long)t->from,
                 (unsigned long long)(t->from + t->call.body_size - 1));
    if (t->from == 0 || t->source.given != t->from || !slip_source_is_open(&t->source))
        slip_source_open(&t->source, t->from);
}

/* All of the blob, in the way this registry takes it. */
static void send_part(struct slip_transfer *t)
{
    struct slip_host *host = target(t)->repo.host;
    if (is_small(t) && t->source.err.kind != SLIP_OK) {
        t->call.err = t->source.err;
        lost(t);
        return;
    }
    if (is_small(t) ? !host->by_patch : host->by_put)
        prepare_close(t, closed_at_once);
    else
        prepare_at(t, "PATCH", t->location, "write", sent);
    give_body(t);
    slip_call_begin(&t->call);
}

void slip_upload_begin(struct slip_transfer *t)
{
    /* What is in memory goes into an upload that is open anyway sooner than it is mounted. */
    if (t->mount_from && (t->item->from || !target(t)->spare_upload))
        mount(t, t->mount_from);
    else if (!t->item->from || t->item->force)
        proceed(t);
    else if (t->item->size <= TINY || target(t)->repo.host->mounts)
        mount(t, target(t)->repo.path);
    else
        look(t);
}

void slip_upload_stop(struct slip_transfer *t)
{
    slip_free(t->location);
    t->location = NULL;
}
