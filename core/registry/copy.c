/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A batch of blobs: what is moved once and then mounted, and who may run when.
 *
 * Items with the same digest for one registry (or one layout) are a group. Its first item goes
 * ahead; the others follow by mounting from there. When the first one fails, the next tries.
 *
 * Groups of one blob for several registries are a share. Their first items begin together and read
 * together, as long as they keep pace.
 *
 * Places for streams are taken at all ends at once, those of a share for all its transfers, so
 * nobody holds one and waits for the other.
 */
#include "registry/transfer.h"

#include "base/footprint.h"
#include "base/stop.h"
#include "registry/layout.h"
#include "registry/stored.h"
#include "registry/together.h"

#define ACTIVE 32  /* transfers at a time; the transport bounds their requests */
#define STREAMS 4  /* bodies at a time into a host, and out of it */
#define ATTEMPTS 5 /* of one blob */
#define TELL_EVERY (1u << 20)

struct slip_group {
    SLIP_VEC(struct slip_blob_copy *); /* in order; those before `next` are done or running */
    size_t next;
    struct slip_store *has; /* a repository that has the blob */
    bool leader_runs;
};

/* Groups that one reading of the blob may serve; most often just one. */
struct slip_share {
    SLIP_VEC(struct slip_group *);
    struct slip_transfer *mates; /* a list: those that read together and have not ended */
};

/* Streams at one host. */
struct streams {
    unsigned in, out;
};

struct slip_copy {
    struct slip_registry *registry;
    const struct slip_watch *watch;
    struct slip_map *streams; /* by host */
    struct {
        SLIP_VEC(struct slip_share *);
    } shares;                      /* in order */
    struct slip_transfer *waiting; /* for a place */
    size_t active;
    bool starting; /* start_some is at work further up */
};

static bool is_http(const struct slip_store *s)
{
    return s && s->where.kind == SLIP_STORE_REGISTRY;
}

static struct streams *streams_at(struct slip_copy *copy, const struct slip_store *s)
{
    if (!is_http(s))
        return NULL;
    struct streams *at = slip_map_get(copy->streams, slip_place_of(s));
    if (!at) {
        at = slip_new(struct streams);
        slip_map_set(copy->streams, slip_place_of(s), at);
    }
    return at;
}

/* Itself, or all that read together with it. */
static struct slip_transfer *company_of(struct slip_transfer *t)
{
    return t->share ? t->share->mates : t;
}

static bool take_places(struct slip_copy *copy, struct slip_transfer *t)
{
    struct streams *from = streams_at(copy, t->item->from), *to;
    unsigned tasks = copy->registry->options.tasks;
    unsigned most = tasks && tasks < STREAMS ? tasks : STREAMS;
    if (t->placed)
        return true;
    if (from && from->out >= most)
        return false;
    for (struct slip_transfer *m = company_of(t); m; m = m->mate)
        if ((to = streams_at(copy, m->item->to)) && to->in >= most)
            return false;
    if (from)
        from->out++;
    for (struct slip_transfer *m = company_of(t); m; m = m->mate) {
        if ((to = streams_at(copy, m->item->to)))
            to->in++;
        m->placed = true;
    }
    return true;
}

/* The place at the source goes with the last one that used it. */
static void give_places(struct slip_copy *copy, struct slip_transfer *t)
{
    struct streams *from = streams_at(copy, t->item->from), *to = streams_at(copy, t->item->to);
    if (t->placed && to)
        to->in--;
    if (t->placed && from && !(t->share && t->share->mates->mate))
        from->out--;
    t->placed = false;
}

static void start_streams(struct slip_copy *copy)
{
    struct slip_transfer **at = &copy->waiting;
    while (*at) {
        struct slip_transfer *t = *at;
        if (!take_places(copy, t)) {
            at = &t->next;
            continue;
        }
        *at = t->next;
        t->streaming = true;
        if (is_http(t->item->to))
            slip_upload_stream(t);
        else
            slip_download_stream(t);
        at = &copy->waiting; /* it may have ended already, and others with it */
    }
}

void slip_transfer_want_stream(struct slip_transfer *t)
{
    struct slip_transfer **at = &t->copy->waiting;
    while (*at)
        at = &(*at)->next;
    t->next = NULL;
    *at = t;
    start_streams(t->copy);
}

/* The first items of the groups of a share read together, unless they can be mounted. */
static void join_share(struct slip_transfer *t, struct slip_share *share)
{
    if (share->len < 2 || t->mount_from || t->item != t->group->at[0])
        return;
    if (share->mates)
        slip_source_join(&t->source, &share->mates->source);
    t->share = share;
    t->mate = share->mates;
    share->mates = t;
}

static void leave_share(struct slip_transfer *t)
{
    struct slip_transfer **at = t->share ? &t->share->mates : NULL;
    while (at && *at != t)
        at = &(*at)->mate;
    if (at)
        *at = t->mate;
}

static void begin_item(struct slip_copy *copy, struct slip_share *share, struct slip_group *g,
                       struct slip_blob_copy *item)
{
    struct slip_transfer *t = slip_new(struct slip_transfer);
    t->copy = copy;
    t->item = item;
    t->group = g;
    t->call = (struct slip_call)SLIP_CALL_INIT;
    t->source.from = item->from;
    t->source.data = item->data;
    t->source.digest = item->digest;
    t->source.size = item->size;
    t->source.payload = t;
    const struct slip_store *near = g->has;
    if (!near && is_http(item->from)
        && slip_str_eq(slip_place_of(item->from), slip_place_of(item->to)))
        near = item->from;
    if (near && !item->force && is_http(item->to) && strcmp(near->name, item->to->name) != 0)
        t->mount_from = slip_strdup(near->where.repository);
    join_share(t, share);
    copy->active++;
    if (is_http(item->to))
        slip_upload_begin(t);
    else
        slip_download_begin(t);
}

/* The first item of the group for the same repository: it does the work for both. */
static struct slip_blob_copy *twin_of(const struct slip_group *g, struct slip_blob_copy *item)
{
    size_t i = 0;
    while (strcmp(g->at[i]->to->name, item->to->name) != 0)
        i++;
    return g->at[i];
}

/* The next item of a group that may run now, or NULL. */
static struct slip_blob_copy *next_of(struct slip_group *g)
{
    while (g->next < g->len && !g->leader_runs) {
        struct slip_blob_copy *item = g->at[g->next++];
        if (twin_of(g, item) == item)
            return item;
    }
    return NULL;
}

/* The first one in any case: those of a share begin together. */
static void start_group(struct slip_copy *copy, struct slip_share *share, struct slip_group *g)
{
    struct slip_blob_copy *item;
    while ((copy->active < ACTIVE || g->next == 0) && (item = next_of(g))) {
        g->leader_runs = !g->has;
        begin_item(copy, share, g, item);
    }
}

static void start_some(struct slip_copy *copy)
{
    if (copy->starting)
        return;
    copy->starting = true;
    for (size_t i = 0; i < copy->shares.len && copy->active < ACTIVE; i++)
        for (size_t k = 0; k < copy->shares.at[i]->len; k++)
            start_group(copy, copy->shares.at[i], copy->shares.at[i]->at[k]);
    copy->starting = false;
}

void slip_transfer_progress(struct slip_transfer *t, uint64_t done)
{
    if (done < t->told + TELL_EVERY && done != t->item->size)
        return;
    t->told = done;
    slip_watch_tell(t->copy->watch, &(struct slip_event){ .kind = SLIP_EVENT_PROGRESS,
                                                          .subject = t->item->subject,
                                                          .done = done,
                                                          .total = t->item->size });
}

void slip_transfer_end(struct slip_transfer *t, enum slip_blob_outcome outcome)
{
    struct slip_copy *copy = t->copy;
    struct slip_group *g = t->group;
    t->item->outcome = outcome;
    t->item->absent = t->source.absent;
    if (t->item->err.kind == SLIP_OK)
        g->has = t->item->to;
    g->leader_runs = false;
    give_places(copy, t);
    leave_share(t);
    if (is_http(t->item->to))
        slip_upload_stop(t);
    else
        slip_download_stop(t);
    slip_source_free(&t->source);
    slip_call_clear(&t->call);
    slip_free(t->mount_from);
    slip_free(t);
    copy->active--;
    start_streams(copy);
    start_some(copy);
}

/* What was lost, and whether it makes sense to try again. */
static bool may_pass(struct slip_transfer *t, const struct slip_call *why, struct slip_error *err)
{
    const struct slip_source *s = &t->source;
    if (s->err.kind != SLIP_OK) {
        *err = s->err;
        return s->damaged && t->attempts == 1; /* it may have been damaged on the way */
    }
    (void)slip_call_refused(why, err);
    unsigned status = why->err.kind == SLIP_OK ? why->answer.status : 0;
    return err->kind == SLIP_E_TEMPORARY || slip_call_complains(why, "BLOB_UPLOAD_UNKNOWN")
           || slip_call_complains(why, "BLOB_UPLOAD_INVALID")
           || slip_call_complains(why, "DIGEST_INVALID") || status == 404 || status == 405
           || status == 411 || status == 415 || status == 416 || status == 501 || status == 401;
}

static bool may_try_again(const struct slip_transfer *t)
{
    unsigned most = t->copy->registry->options.attempts;
    struct slip_error none = { 0 };
    return t->attempts < (most && most < ATTEMPTS ? most : ATTEMPTS) && !slip_stop_asked(&none);
}

void slip_transfer_retry(struct slip_transfer *t, const struct slip_call *why,
                         void (*fn)(void *transfer))
{
    struct slip_error err = { 0 };
    uint64_t ms = 0;
    t->attempts++;
    if (may_pass(t, why, &err) && may_try_again(t)
        && (!why || slip_call_pause(why, t->attempts, &ms))) {
        slip_http_after(t->copy->registry->http, ms, fn, t);
        return;
    }
    t->item->err = err;
    if (t->attempts > 1)
        slip_while(&t->item->err, "after %u attempts", t->attempts);
    slip_transfer_end(t, SLIP_BLOB_SENT);
}

static void settle_twins(const struct slip_group *g)
{
    for (size_t i = 0; i < g->len; i++) {
        const struct slip_blob_copy *twin = twin_of(g, g->at[i]);
        g->at[i]->outcome = twin->outcome;
        if (twin == g->at[i])
            continue;
        g->at[i]->err = twin->err;
        g->at[i]->absent = twin->absent;
    }
}

/* Everything that can be wrong with an item before anything is asked. */
static void check_item(struct slip_blob_copy *item)
{
    if (!slip_digest_is_valid(slip_str_of(item->digest)))
        slip_fail(&item->err, SLIP_E_REGISTRY, "'%s' is not a digest we know", item->digest);
    else if (!item->from && item->data.len != item->size)
        slip_fail(&item->err, SLIP_E_INTERNAL, "blob %s: size and content differ", item->digest);
}

/* Groups and shares as arranged; `groups` and `shares` stand at the index of their first items. */
static void put_together(struct slip_copy *copy, struct slip_blob_copy *items, size_t n)
{
    SLIP_AUTO_FREE struct slip_together *together = slip_alloc_array(n + 1, sizeof(*together));
    SLIP_AUTO_FREE struct slip_group **groups =
        slip_alloc_array(n + 1, sizeof(struct slip_group *));
    SLIP_AUTO_FREE struct slip_share **shares =
        slip_alloc_array(n + 1, sizeof(struct slip_share *));
    slip_copies_arrange(items, n, together);
    for (size_t i = 0; i < n; i++) {
        if (items[i].err.kind != SLIP_OK)
            continue;
        struct slip_group **group = &groups[together[i].group];
        struct slip_share **share = &shares[together[i].share];
        if (!*share) {
            *share = slip_new(struct slip_share);
            slip_vec_push(&copy->shares, *share);
        }
        if (!*group) {
            *group = slip_new(struct slip_group);
            slip_vec_push(*share, *group);
        }
        slip_vec_push(*group, &items[i]);
    }
}

static void settle_share(struct slip_share *share)
{
    for (size_t i = 0; i < share->len; i++) {
        settle_twins(share->at[i]);
        slip_vec_clear(share->at[i]);
        slip_free(share->at[i]);
    }
    slip_vec_clear(share);
    slip_free(share);
}

int slip_blobs_copy(struct slip_registry *r, struct slip_blob_copy *items, size_t n,
                    const struct slip_watch *watch)
{
    int rc = 0;
    struct slip_copy copy = { .registry = r, .watch = watch, .streams = slip_map_new(slip_free) };
    for (size_t i = 0; i < n; i++) {
        items[i].bytes_sent = 0;
        check_item(&items[i]);
    }
    put_together(&copy, items, n);
    slip_footprint_shrink(SLIP_FOOTPRINT_FILES); /* room for the buffers of streams */
    start_some(&copy);
    slip_http_run(r->http);
    for (size_t i = 0; i < copy.shares.len; i++)
        settle_share(copy.shares.at[i]);
    for (size_t i = 0; i < n; i++)
        if (items[i].err.kind != SLIP_OK)
            rc = -1;
    slip_vec_clear(&copy.shares);
    slip_map_free(copy.streams);
    return rc;
}
