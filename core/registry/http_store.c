/* SPDX-License-Identifier: Apache-2.0 */
/* A repository in a registry over HTTP: manifests and small blobs, in batches. */
#include "registry/http_store.h"

#include "base/limits.h"
#include "registry/stored.h"

#include <strings.h>

/* Every type each time: what is missing here a registry may convert, or deny to have. */
static const char all_types[] = "application/vnd.oci.image.index.v1+json, "
                                "application/vnd.docker.distribution.manifest.list.v2+json, "
                                "application/vnd.oci.image.manifest.v1+json, "
                                "application/vnd.docker.distribution.manifest.v2+json";

void slip_http_store_call(struct slip_http_store *s, struct slip_call *c, const char *method,
                          char *rest, char *what)
{
    *c = (struct slip_call)SLIP_CALL_INIT;
    c->repo = &s->repo;
    c->method = method;
    c->target = slip_printf("/v2/%s/%s", s->repo.path, rest);
    c->what = what;
    slip_free(rest);
}

/* Items of a batch that are on their way at a time; the transport bounds their requests. */
#define WINDOW 48

struct job;
typedef void begin_fn(struct job *j);

struct batch {
    struct slip_http_store *store;
    begin_fn *begin;
    char *items;
    size_t n, size, next;
    struct job *jobs;
    size_t window;
};

/* One place of the window, for one item after the other. */
struct job {
    struct batch *batch;
    struct slip_http_store *store;
    struct slip_call call;
    void (*step)(struct job *j); /* after each answer; it may begin another call */
    void *item;
    struct slip_error *refusal; /* of the PUT, while we look what is there; or NULL */
    unsigned rereads;
};

/* The next item that needs a request. */
static void begin_next(struct job *j)
{
    struct batch *b = j->batch;
    while (b->next < b->n && !j->call.running) {
        slip_call_clear(&j->call);
        slip_free(slip_take(j->refusal));
        j->rereads = 0;
        j->item = b->items + b->next++ * b->size;
        b->begin(j);
    }
}

static void answered(void *payload, struct slip_call *c)
{
    struct job *j = payload;
    (void)c;
    j->step(j);
    if (!j->call.running)
        begin_next(j);
}

/* Begin the call of a job; `step` sees its end. */
static void begin_call(struct job *j, void (*step)(struct job *j))
{
    j->step = step;
    j->call.done = answered;
    j->call.payload = j;
    slip_call_begin(&j->call);
}

static void begin_batch(struct batch *b)
{
    b->window = b->n < WINDOW ? b->n : WINDOW;
    b->jobs = slip_alloc_array(b->window, sizeof(*b->jobs));
    for (size_t i = 0; i < b->window; i++) {
        b->jobs[i] = (struct job){ .batch = b, .store = b->store, .call = SLIP_CALL_INIT };
        begin_next(&b->jobs[i]);
    }
}

static void clear_batch(struct batch *b)
{
    for (size_t i = 0; i < b->window; i++) {
        if (b->jobs[i].call.running)
            slip_call_cancel(&b->jobs[i].call);
        slip_call_clear(&b->jobs[i].call);
        slip_free(b->jobs[i].refusal);
    }
    slip_free(b->jobs);
}

/* Carry out `n` items of `size` bytes each. */
static void run_batch(struct slip_store *s, void *items, size_t n, size_t size, begin_fn *begin)
{
    struct batch b = {
        .store = slip_http_store_of(s), .begin = begin, .items = items, .n = n, .size = size
    };
    begin_batch(&b);
    slip_http_run(b.store->repo.host->registry->http);
    clear_batch(&b);
}

static bool is_digest(const char *identifier)
{
    return strchr(identifier, ':') != NULL;
}

/* Take the answer's body away from the call. */
static void take_body(struct slip_call *c, struct slip_buf *out, size_t limit)
{
    slip_buf_init(out, limit);
    slip_buf_move(out, &c->answer.body);
}

/* Not the bytes that the digest promises: once more, it may have been damaged on the way. */
static bool reread(struct job *j)
{
    if (j->rereads++ > 0)
        return false;
    begin_call(j, j->step);
    return true;
}

static int wrong_bytes(const struct job *j, const char *what, const char *asked, const char *got,
                       struct slip_error *err)
{
    return slip_fail(err, SLIP_E_REGISTRY, "%s: the %s %s has other content: its digest is %s",
                     j->store->base.name, what, asked, got);
}

static void warn_wrong_header(const struct job *j, const char *identifier, const char *digest)
{
    struct slip_str said = slip_http_header(&j->call.answer, "Docker-Content-Digest", 0);
    if (said.ptr && !slip_str_is(said, digest))
        slip_watch_warn(j->store->repo.host->registry->options.watch, j->store->base.name,
                        "the registry says '%.*s' about manifest '%s', whose digest is %s",
                        (int)(said.len < 100 ? said.len : 100), said.ptr, identifier, digest);
}

static void got_manifest(struct job *j)
{
    struct slip_call *c = &j->call;
    struct slip_manifest_get *item = j->item;
    if (c->err.kind == SLIP_OK && c->answer.status == 404)
        return;
    if (c->err.kind != SLIP_OK || c->answer.status != 200) {
        (void)slip_call_refused(c, &item->err);
        return;
    }
    slip_digest_of(slip_buf_str(&c->answer.body), item->digest);
    if (is_digest(item->identifier) && strcmp(item->identifier, item->digest) != 0) {
        if (!reread(j))
            wrong_bytes(j, "manifest", item->identifier, item->digest, &item->err);
        return;
    }
    warn_wrong_header(j, item->identifier, item->digest);
    struct slip_str type = slip_http_header(&c->answer, "Content-Type", 0);
    snprintf(item->media_type, sizeof(item->media_type), "%.*s", SLIP_ARG(type));
    take_body(c, &item->body, SLIP_LIMIT_MANIFEST);
    item->found = true;
}

static void get_manifest(struct job *j)
{
    struct slip_manifest_get *item = j->item;
    slip_http_store_call(j->store, &j->call, "GET", slip_printf("manifests/%s", item->identifier),
                         slip_printf("read manifest '%s'", item->identifier));
    j->call.accept = item->accept ? item->accept : all_types;
    j->call.answer_limit = SLIP_LIMIT_MANIFEST;
    item->found = false;
    begin_call(j, got_manifest);
}

static int get_manifests(struct slip_store *s, struct slip_manifest_get *items, size_t n)
{
    int rc = 0;
    run_batch(s, items, n, sizeof(*items), get_manifest);
    for (size_t i = 0; i < n; i++)
        if (items[i].err.kind != SLIP_OK)
            rc = -1;
    return rc;
}

/* Ask for the head of `identifier`, or for all of it where the head says no digest. */
static void ask_head(struct job *j, const char *method, const char *identifier,
                     void (*step)(struct job *j))
{
    slip_call_clear(&j->call);
    slip_http_store_call(j->store, &j->call, method, slip_printf("manifests/%s", identifier),
                         slip_printf("look for manifest '%s'", identifier));
    j->call.scope = SLIP_SCOPE_PUSH; /* whoever asks is going to write: one token for both */
    j->call.accept = all_types;
    j->call.answer_limit = SLIP_LIMIT_MANIFEST;
    begin_call(j, step);
}

/*
 * The digest in the answer to a HEAD or GET. False when it has none: then a GET is under way. A
 * registry that says 403 about a name which is not there is taken at its word when we write.
 */
static bool read_head(struct job *j, const char *identifier, bool *found,
                      char digest[SLIP_DIGEST_LEN + 1], struct slip_error *err)
{
    struct slip_call *c = &j->call;
    *found = false;
    if (c->err.kind == SLIP_OK && (c->answer.status == 404 || c->answer.status == 403))
        return true;
    if (c->err.kind != SLIP_OK || c->answer.status != 200) {
        (void)slip_call_refused(c, err);
        return true;
    }
    struct slip_str said = slip_http_header(&c->answer, "Docker-Content-Digest", 0);
    if (strcmp(c->method, "GET") == 0) {
        slip_digest_of(slip_buf_str(&c->answer.body), digest);
    } else if (slip_digest_is_valid(said)) {
        snprintf(digest, SLIP_DIGEST_LEN + 1, "%.*s", SLIP_ARG(said));
    } else {
        ask_head(j, "GET", identifier, j->step);
        return false;
    }
    *found = true;
    return true;
}

static void got_head(struct job *j)
{
    struct slip_manifest_head *item = j->item;
    (void)read_head(j, item->identifier, &item->found, item->digest, &item->err);
}

static void head_manifest(struct job *j)
{
    struct slip_manifest_head *item = j->item;
    if (item->store)
        j->store = slip_http_store_of(item->store);
    item->found = false;
    ask_head(j, "HEAD", item->identifier, got_head);
}

static int head_manifests(struct slip_store *s, struct slip_manifest_head *items, size_t n)
{
    int rc = 0;
    run_batch(s, items, n, sizeof(*items), head_manifest);
    for (size_t i = 0; i < n; i++)
        if (items[i].err.kind != SLIP_OK)
            rc = -1;
    return rc;
}

struct slip_heads {
    struct batch batch;
};

struct slip_heads *slip_heads_begin(struct slip_manifest_head *items, size_t n)
{
    struct slip_heads *h = slip_new(struct slip_heads);
    h->batch = (struct batch){ .store = slip_http_store_of(items[0].store),
                               .begin = head_manifest,
                               .items = (char *)items,
                               .n = n,
                               .size = sizeof(*items) };
    begin_batch(&h->batch);
    return h;
}

void slip_heads_wait(struct slip_heads *h)
{
    slip_http_run(h->batch.store->repo.host->registry->http);
}

void slip_heads_free(struct slip_heads *h)
{
    if (h)
        clear_batch(&h->batch);
    slip_free(h);
}

/* What stands at the name after a PUT whose answer was not enough. */
static void looked_after_put(struct job *j)
{
    struct slip_manifest_put *item = j->item;
    char there[SLIP_DIGEST_LEN + 1];
    bool found;
    if (!read_head(j, item->identifier, &found, there, &item->err) || item->err.kind != SLIP_OK)
        return;
    if (found && strcmp(there, item->digest) == 0)
        return;
    if (j->refusal)
        item->err = *j->refusal;
    else if (found)
        slip_fail(&item->err, SLIP_E_REGISTRY, "%s: wrote manifest '%s' as %s, but found %s there",
                  j->store->base.name, item->identifier, item->digest, there);
    else
        slip_fail(&item->err, SLIP_E_REGISTRY, "%s: wrote manifest '%s', but it is not there",
                  j->store->base.name, item->identifier);
}

/* A refusal that an immutable tag may be behind; then equal content is as good as written. */
static bool may_be_immutable(const struct slip_call *c)
{
    unsigned status = c->answer.status;
    return c->err.kind == SLIP_OK
           && (status == 400 || status == 403 || status == 409 || status == 412);
}

static bool says_immutable(const struct slip_call *c)
{
    struct slip_complaint said;
    slip_complaint_parse(slip_buf_str(&c->answer.body), &said);
    return c->answer.status == 409 || c->answer.status == 412
           || strcasestr(said.message, "immutable") || strcasestr(said.message, "already exists")
           || strcasestr(said.message, "overwrite");
}

/* Digests in the complaint; distribution names one for each blob that it misses. */
static void read_lacking(const struct slip_call *c, struct slip_manifest_put *item)
{
    struct slip_str rest = slip_buf_str(&c->answer.body);
    const struct slip_str mark = SLIP_STR("sha256:");
    if (!slip_call_complains(c, "MANIFEST_BLOB_UNKNOWN") && !slip_call_complains(c, "BLOB_UNKNOWN")
        && !slip_call_complains(c, "MANIFEST_UNKNOWN"))
        return;
    item->lacks = true;
    for (size_t at; (at = slip_str_find_str(rest, mark)) != SLIP_NPOS;) {
        rest = slip_str_skip(rest, at);
        struct slip_str digest = slip_str_first(rest, SLIP_DIGEST_LEN);
        rest = slip_str_skip(rest, mark.len);
        if (!slip_digest_is_valid(digest) || slip_str_is(digest, item->digest))
            continue;
        if (item->n_lacking == SLIP_LACKING_MAX) {
            item->n_lacking = 0;
            return;
        }
        snprintf(item->lacking[item->n_lacking++], SLIP_DIGEST_LEN + 1, "%.*s", SLIP_ARG(digest));
    }
}

static void put_done(struct job *j)
{
    struct slip_call *c = &j->call;
    struct slip_manifest_put *item = j->item;
    unsigned status = c->answer.status;
    struct slip_str said = slip_http_header(&c->answer, "Docker-Content-Digest", 0);
    if (c->err.kind == SLIP_OK && (status == 200 || status == 201 || status == 202)) {
        if (!slip_str_is(said, item->digest))
            ask_head(j, "HEAD", item->identifier, looked_after_put);
        return;
    }
    if (c->err.kind == SLIP_OK)
        read_lacking(c, item);
    if (item->lacks || !may_be_immutable(c) || is_digest(item->identifier)) {
        (void)slip_call_refused(c, &item->err);
        return;
    }
    j->refusal = slip_new(struct slip_error);
    (void)slip_call_refused(c, j->refusal);
    if (says_immutable(c)) {
        j->refusal->kind = SLIP_E_CONFLICT;
        slip_hint(j->refusal, "the registry does not let '%s' be replaced", item->identifier);
    }
    ask_head(j, "HEAD", item->identifier, looked_after_put);
}

static void put_manifest(struct job *j)
{
    struct slip_manifest_put *item = j->item;
    if (item->store)
        j->store = slip_http_store_of(item->store);
    slip_digest_of(item->body, item->digest);
    if (is_digest(item->identifier) && strcmp(item->identifier, item->digest) != 0) {
        wrong_bytes(j, "manifest", item->identifier, item->digest, &item->err);
        return;
    }
    slip_http_store_call(j->store, &j->call, "PUT", slip_printf("manifests/%s", item->identifier),
                         slip_printf("write manifest '%s'", item->identifier));
    j->call.scope = SLIP_SCOPE_PUSH;
    j->call.content_type = item->media_type;
    j->call.body = item->body;
    j->call.missing_may_pass = true;
    begin_call(j, put_done);
}

static int put_manifests(struct slip_store *s, struct slip_manifest_put *items, size_t n)
{
    int rc = 0;
    run_batch(s, items, n, sizeof(*items), put_manifest);
    for (size_t i = 0; i < n; i++)
        if (items[i].err.kind != SLIP_OK)
            rc = -1;
    return rc;
}

static void got_blob(struct job *j)
{
    struct slip_call *c = &j->call;
    struct slip_blob_get *item = j->item;
    char digest[SLIP_DIGEST_LEN + 1];
    if (c->err.kind == SLIP_OK && c->answer.status == 404)
        return;
    if (c->err.kind != SLIP_OK || c->answer.status != 200) {
        (void)slip_call_refused(c, &item->err);
        return;
    }
    slip_digest_of(slip_buf_str(&c->answer.body), digest);
    if (strcmp(digest, item->digest) != 0) {
        if (!reread(j))
            wrong_bytes(j, "blob", item->digest, digest, &item->err);
        return;
    }
    if (item->size != UINT64_MAX && item->size != c->answer.body.len) {
        slip_fail(&item->err, SLIP_E_REGISTRY, "%s: blob %s has %zu bytes, not %llu",
                  j->store->base.name, item->digest, c->answer.body.len,
                  (unsigned long long)item->size);
        return;
    }
    take_body(c, &item->body, SLIP_LIMIT_CONFIG_BLOB);
    item->found = true;
}

static void get_blob(struct job *j)
{
    struct slip_blob_get *item = j->item;
    item->found = false;
    if (item->size != UINT64_MAX && item->size > SLIP_LIMIT_CONFIG_BLOB) {
        slip_fail(&item->err, SLIP_E_REGISTRY, "%s: blob %s is larger than %u bytes",
                  j->store->base.name, item->digest, SLIP_LIMIT_CONFIG_BLOB);
        return;
    }
    slip_http_store_call(j->store, &j->call, "GET", slip_printf("blobs/%s", item->digest),
                         slip_printf("read blob %s", item->digest));
    j->call.answer_limit = SLIP_LIMIT_CONFIG_BLOB;
    begin_call(j, got_blob);
}

static int get_blobs(struct slip_store *s, struct slip_blob_get *items, size_t n)
{
    int rc = 0;
    run_batch(s, items, n, sizeof(*items), get_blob);
    for (size_t i = 0; i < n; i++)
        if (items[i].err.kind != SLIP_OK)
            rc = -1;
    return rc;
}

static void abandoned(void *payload, struct slip_call *c)
{
    (void)payload;
    slip_call_clear(c);
    slip_free(c);
}

void slip_http_store_abandon(struct slip_http_store *s, char *location)
{
    struct slip_call *c = slip_new(struct slip_call);
    slip_http_store_call(s, c, "DELETE", slip_strdup(""), slip_strdup("cancel an upload"));
    slip_free(c->target);
    c->target = location;
    c->scope = SLIP_SCOPE_PUSH;
    c->attempts = 1;
    c->done = abandoned;
    slip_call_begin(c);
}

static void free_store(struct slip_store *base)
{
    struct slip_http_store *s = slip_http_store_of(base);
    if (s->spare_upload) {
        slip_http_store_abandon(s, slip_take(s->spare_upload));
        slip_http_run(s->repo.host->registry->http);
    }
    slip_repo_clear(&s->repo);
    slip_reference_clear(&s->base.where);
    slip_free(s->base.name);
    slip_free(s);
}

static const struct slip_store_ops http_ops = {
    .list_tags = slip_http_list_tags,
    .get_manifests = get_manifests,
    .head_manifests = head_manifests,
    .put_manifests = put_manifests,
    .get_blobs = get_blobs,
    .free = free_store,
};

struct slip_store *slip_http_store_new(struct slip_registry *r, const struct slip_reference *where)
{
    struct slip_http_store *s = slip_new(struct slip_http_store);
    s->base.ops = &http_ops;
    slip_reference_copy(where, &s->base.where);
    slip_free(s->base.where.identifier);
    s->base.where.identifier = slip_strdup("");
    s->base.name = slip_printf("%s/%s", where->registry, where->repository);
    s->repo.host = slip_host_get(r, where);
    s->repo.path = s->base.where.repository;
    return &s->base;
}

bool slip_store_is_plain_http(const struct slip_store *s)
{
    if (s->where.kind != SLIP_STORE_REGISTRY)
        return false;
    const struct slip_host *host = ((const struct slip_http_store *)s)->repo.host;
    return host->state == SLIP_HOST_KNOWN && !host->https;
}
