/* SPDX-License-Identifier: Apache-2.0 */
/* Publishing a stage. */
#include "build/publish.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/vec.h"
#include "build/record.h"
#include "hash/hash.h"
#include "registry/copy.h"

enum {
    NAME_TRIES = 100, /* milliseconds that may be taken already */
    LOCK_TRIES = 5,   /* times a lock may be lost */
    SPREAD_MS = 128,  /* names of builders that start together are spread over */
};

#define TAG_SIZE (SLIP_STAGE_DIGEST_LEN + 1 + 20 + 1)

/* A stage on its way out. */
struct outgoing {
    int64_t created_ms;
    char tag[TAG_SIZE];
    char config_digest[SLIP_DIGEST_LEN + 1];
    struct slip_buf config, manifest;
};

static void outgoing_clear(struct outgoing *o)
{
    slip_buf_clear(&o->config);
    slip_buf_clear(&o->manifest);
}
SLIP_DEFINE_AUTO(outgoing, outgoing_clear);

#define OUTGOING                                                                                   \
    {                                                                                              \
        .config = SLIP_BUF(SLIP_LIMIT_CONFIG_BLOB), .manifest = SLIP_BUF(SLIP_LIMIT_MANIFEST)      \
    }

static int64_t now(const struct slip_publish *p)
{
    return p->now_ms(p->payload);
}

/* What the repository has for the digest by now. */
static int look_again(const struct slip_publish *p, struct slip_stage *out, bool *found,
                      struct slip_error *err)
{
    struct slip_stage_find find = { .digest = p->digest, .not_before_ms = p->not_before_ms };
    slip_stages_forget(p->stages);
    if (slip_stages_find(p->stages, &find, 1) < 0) {
        *err = find.err;
        return -1;
    }
    *found = find.found;
    if (find.found) {
        slip_stage_clear(out);
        *out = find.stage;
    }
    return 0;
}

/* ---- content ---- */

/* A store of the layers on disk. */
static int open_layers(const struct slip_publish *p, struct slip_store **out,
                       struct slip_error *err)
{
    char empty[] = "", kind[] = "built";
    struct slip_reference where = {
        .kind = SLIP_STORE_LAYOUT, .registry = empty, .repository = kind, .identifier = empty
    };
    return slip_layout_store_new(p->layout, &where, out, err);
}

static int copy(const struct slip_publish *p, struct slip_blob_copy *items, size_t n,
                struct slip_error *err)
{
    int rc = slip_blobs_copy(p->registry, items, n, p->watch);
    for (size_t i = 0; rc < 0 && !err->text[0] && i < n; i++)
        if (items[i].err.kind != SLIP_OK)
            *err = items[i].err;
    return rc;
}

/* `force`: also those that the registry says to have. */
static int copy_layers(const struct slip_publish *p, bool force, struct slip_error *err)
{
    SLIP_AUTO_PTR(slip_store) layers = NULL;
    SLIP_AUTO(slip_parts) parts = { 0 };
    if (!p->layout)
        return 0;
    if (slip_parts_read(slip_str_of(p->media_type), p->manifest, &parts, err) < 0
        || open_layers(p, &layers, err) < 0)
        return -1;
    SLIP_AUTO_FREE struct slip_blob_copy *items = slip_alloc_array(parts.n + 1, sizeof(*items));
    for (size_t i = 0; i < parts.n; i++)
        items[i] = (struct slip_blob_copy){ .from = layers,
                                            .to = p->store,
                                            .digest = parts.list[i].digest,
                                            .size = (uint64_t)parts.list[i].size,
                                            .force = force,
                                            .subject = p->subject };
    return copy(p, items, parts.n, err);
}

/* ---- config and name ---- */

/* A tag that nobody has: of this time, or as few milliseconds later as need be. */
static int choose_tag(const struct slip_publish *p, int64_t at, struct outgoing *o,
                      struct slip_error *err)
{
    o->created_ms = at > p->not_before_ms ? at : p->not_before_ms;
    for (int i = 0; i < NAME_TRIES; i++, o->created_ms++) {
        slip_stage_tag_print(p->digest, o->created_ms, o->tag, sizeof(o->tag));
        struct slip_manifest_head head = { .identifier = o->tag };
        if (p->store->ops->head_manifests(p->store, &head, 1) < 0) {
            *err = head.err;
            return -1;
        }
        if (!head.found)
            return 0;
    }
    return slip_fail(err, SLIP_E_CONFLICT, "no free name for the stage '%s'", p->digest);
}

static int copy_config(const struct slip_publish *p, const struct outgoing *o,
                       struct slip_error *err)
{
    struct slip_blob_copy item = { .to = p->store,
                                   .digest = o->config_digest,
                                   .size = o->config.len,
                                   .data = slip_buf_str(&o->config),
                                   .subject = p->subject };
    return copy(p, &item, 1, err);
}

/* Everything but the name: the config holds the time. */
static int put_config(const struct slip_publish *p, int64_t at, struct outgoing *o,
                      struct slip_error *err)
{
    slip_buf_reset(&o->config);
    slip_buf_reset(&o->manifest);
    if (choose_tag(p, at, o, err) < 0
        || slip_stage_config(p->config, p->labels, p->n_labels, o->created_ms, &o->config, err) < 0
        || slip_stage_manifest(p->manifest, slip_buf_str(&o->config), o->config_digest,
                               &o->manifest, err)
               < 0)
        return -1;
    return copy_config(p, o, err);
}

/* Write the name, and read back what stands there. */
static int put_manifest(const struct slip_publish *p, const struct outgoing *o,
                        struct slip_error *err)
{
    struct slip_manifest_put put = { .identifier = o->tag,
                                     .media_type = p->media_type,
                                     .body = slip_buf_str(&o->manifest) };
    int failed = p->store->ops->put_manifests(p->store, &put, 1);
    if (failed < 0 && put.lacks) {
        /* What it said to have, or has lost since: a cleanup may run beside us. */
        if (copy_layers(p, true, err) < 0 || copy_config(p, o, err) < 0)
            return -1;
        put.lacks = false;
        slip_error_clear(&put.err);
        failed = p->store->ops->put_manifests(p->store, &put, 1);
    }
    if (failed < 0) {
        *err = put.err;
        return -1;
    }
    struct slip_manifest_head head = { .identifier = o->tag };
    if (p->store->ops->head_manifests(p->store, &head, 1) < 0) {
        *err = head.err;
        return -1;
    }
    if (!head.found || strcmp(head.digest, put.digest) != 0)
        return slip_fail(err, SLIP_E_CONFLICT, "%s:%s: another image stands there than was written",
                         p->store->name, o->tag);
    return 0;
}

/* ---- after the name is written ---- */

/* A stage with a later name than ours that may have been taken before ours could be seen. */
struct overtaken {
    int64_t ours, written;
    int64_t other; /* out: 0 when there is none */
};

static int note_overtaken(void *payload, int64_t created_ms, struct slip_error *err)
{
    struct overtaken *o = payload;
    (void)err;
    if (!o->other && created_ms > o->ours && created_ms < o->written)
        o->other = created_ms;
    return 0;
}

/* Ours was written too late: whoever did not see it is right. */
static int take_back(const struct slip_publish *p, const struct outgoing *o, struct slip_stage *out,
                     bool *found, struct slip_error *err)
{
    SLIP_AUTO_FREE char *tag = slip_printf("%s-rejected", o->tag);
    const struct slip_record record = { .registry = p->registry,
                                        .store = p->store,
                                        .watch = p->watch,
                                        .tag = tag,
                                        .project = p->project,
                                        .now_ms = now(p) };
    slip_watch_warn(p->watch, p->subject,
                    "%s was written too late, another stage may be in use already: taken back",
                    o->tag);
    return slip_record_write(&record, err) < 0 ? -1 : look_again(p, out, found, err);
}

/* Which stage it is now. `written`: when ours could be seen for certain; 0: nobody missed it. */
static int settle(const struct slip_publish *p, const struct outgoing *o, int64_t written,
                  struct slip_stage *out, bool *ours, struct slip_error *err)
{
    bool found;
    if (look_again(p, out, &found, err) < 0)
        return -1;
    struct overtaken late = { .ours = o->created_ms, .written = written };
    if (found && strcmp(out->tag, o->tag) == 0
        && slip_stages_candidates(p->stages, p->digest, p->not_before_ms, note_overtaken, &late,
                                  err)
               < 0)
        return -1;
    if (late.other && take_back(p, o, out, &found, err) < 0)
        return -1;
    if (!found)
        return slip_fail(err, SLIP_E_TEMPORARY, "%s:%s was written but is not listed",
                         p->store->name, o->tag);
    *ours = strcmp(out->tag, o->tag) == 0;
    return 0;
}

/* ---- with a lock ---- */

/* Under the lock. `*lost`: it was ours no more before the name was written, nothing happened. */
static int publish_locked(const struct slip_publish *p, struct slip_lock *lock,
                          struct slip_stage *out, bool *ours, bool *lost, struct slip_error *err)
{
    SLIP_AUTO(outgoing) o = OUTGOING;
    struct slip_error gone = { 0 };
    bool found;
    if (look_again(p, out, &found, err) < 0)
        return -1;
    if (found)
        return 0;
    if (put_config(p, now(p), &o, err) < 0)
        return -1;
    *lost = slip_lock_check(lock, &gone) < 0;
    if (*lost) {
        slip_watch_step(p->watch, p->subject, "%s: once more", gone.text);
        return 0;
    }
    if (put_manifest(p, &o, err) < 0)
        return -1;
    /* Lost while the name was on its way: another may have had the lock, and not have seen it. */
    bool kept = slip_lock_check(lock, &gone) == 0;
    return settle(p, &o, kept ? 0 : now(p), out, ours, err);
}

/* ---- without a lock ---- */

/* Builders that start together choose different names, or have the same bytes to write. */
static int64_t spread(const struct slip_publish *p)
{
    return slip_murmur3(p->manifest) % SPREAD_MS;
}

static int64_t at_most(int64_t ms, int64_t most)
{
    return ms < most ? ms : most;
}

/*
 * Get ready to write the name with enough time left, and look a last time. A look takes `took`
 * milliseconds.
 */
static int get_ready(const struct slip_publish *p, int64_t took, struct outgoing *o,
                     struct slip_stage *out, bool *found, struct slip_error *err)
{
    int64_t lead = at_most(SLIP_PUBLISH_LEAD_MS + 4 * took, SLIP_PUBLISH_LEAD_MAX_MS);
    for (;;) {
        if (put_config(p, now(p) + lead + spread(p), o, err) < 0)
            return -1;
        int64_t before = now(p);
        if (look_again(p, out, found, err) < 0)
            return -1;
        int64_t after = now(p);
        bool enough = after + (after - before) + SLIP_PUBLISH_LEAD_MS / 4 < o->created_ms;
        if (*found || enough || lead == SLIP_PUBLISH_LEAD_MAX_MS)
            return 0;
        lead = at_most(2 * lead, SLIP_PUBLISH_LEAD_MAX_MS);
    }
}

static int publish_alone(const struct slip_publish *p, int64_t took, struct slip_stage *out,
                         bool *ours, struct slip_error *err)
{
    SLIP_AUTO(outgoing) o = OUTGOING;
    bool found;
    if (get_ready(p, took, &o, out, &found, err) < 0)
        return -1;
    if (found)
        return 0;
    if (put_manifest(p, &o, err) < 0)
        return -1;
    int64_t written = now(p);
    if (written <= o.created_ms) /* a parent whose clock is far ahead is not waited for */
        p->wait_ms(p->payload, at_most(o.created_ms - written + 1, SLIP_PUBLISH_LEAD_MAX_MS));
    return settle(p, &o, written, out, ours, err);
}

/* ---- either way ---- */

/* Once: `*lost` as above, or the lock could not be had and is not needed. */
static int publish_once(const struct slip_publish *p, const char *name, int64_t took,
                        struct slip_stage *out, bool *ours, bool *lost, struct slip_error *err)
{
    SLIP_AUTO_PTR(slip_lock) lock = NULL;
    if (slip_lock_acquire(p->locks, name, &lock, err) == 0)
        return publish_locked(p, lock, out, ours, lost, err);
    if (!p->locks->optional || err->kind != SLIP_E_TEMPORARY)
        return -1;
    slip_watch_warn(p->watch, p->subject,
                    "published without a lock, as all that follows in this run: %s", err->text);
    p->locks->given_up = true;
    slip_error_clear(err);
    return publish_alone(p, took, out, ours, err);
}

static int publish_with_locks(const struct slip_publish *p, int64_t took, struct slip_stage *out,
                              bool *ours, struct slip_error *err)
{
    SLIP_AUTO_FREE char *name = slip_printf("%.*s.%s", SLIP_ARG(p->project), p->digest);
    for (int i = 0; i < LOCK_TRIES; i++) {
        bool lost = false;
        if (publish_once(p, name, took, out, ours, &lost, err) < 0)
            return -1;
        if (!lost)
            return 0;
    }
    return slip_fail(err, SLIP_E_TEMPORARY, "the lock '%s' was lost %d times", name, LOCK_TRIES);
}

static int publish(const struct slip_publish *p, struct slip_stage *out, bool *ours,
                   struct slip_error *err)
{
    bool found;
    *ours = false;
    int64_t before = now(p);
    if (look_again(p, out, &found, err) < 0)
        return -1;
    int64_t took = now(p) - before;
    if (!found
        && (copy_layers(p, false, err) < 0
            || (p->locks && !p->locks->given_up ? publish_with_locks(p, took, out, ours, err)
                                                : publish_alone(p, took, out, ours, err))
                   < 0))
        return -1;
    if (!*ours)
        slip_watch_step(p->watch, p->subject, "somebody else was first: %s", out->tag);
    return 0;
}

int slip_stage_publish(const struct slip_publish *p, struct slip_stage *out, bool *ours,
                       struct slip_error *err)
{
    if (publish(p, out, ours, err) < 0)
        return slip_while(err, "publishing image '%s'", p->subject);
    return 0;
}
