/* SPDX-License-Identifier: Apache-2.0 */
/* Publishing a stage. Without a lock two builders may both write; both then see both, and take the
 * older one, as every werf does. */
#include "build/publish.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/vec.h"
#include "registry/copy.h"

enum { NAME_TRIES = 100 }; /* milliseconds that may be taken already */

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

/* A tag that nobody has: now, or as few milliseconds later as need be. */
static int choose_tag(const struct slip_publish *p, struct outgoing *o, struct slip_error *err)
{
    int64_t now = p->now_ms(p->payload);
    o->created_ms = now > p->not_before_ms ? now : p->not_before_ms;
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

static int make_image(const struct slip_publish *p, struct outgoing *o, struct slip_error *err)
{
    if (slip_stage_config(p->config, p->labels, p->n_labels, o->created_ms, &o->config, err) < 0)
        return -1;
    return slip_stage_manifest(p->manifest, slip_buf_str(&o->config), o->config_digest,
                               &o->manifest, err);
}

/* A store of the layers on disk, or NULL when the repository has them. */
static int open_layers(const struct slip_publish *p, struct slip_store **out,
                       struct slip_error *err)
{
    *out = NULL;
    if (!p->layout)
        return 0;
    char empty[] = "", kind[] = "built";
    struct slip_reference where = {
        .kind = SLIP_STORE_LAYOUT, .registry = empty, .repository = kind, .identifier = empty
    };
    return slip_layout_store_new(p->layout, &where, out, err);
}

static int copy_blobs(const struct slip_publish *p, const struct outgoing *o,
                      struct slip_error *err)
{
    SLIP_AUTO_PTR(slip_store) layers = NULL;
    SLIP_AUTO(slip_parts) parts = { 0 };
    if (slip_parts_read(slip_str_of(p->media_type), slip_buf_str(&o->manifest), &parts, err) < 0
        || open_layers(p, &layers, err) < 0)
        return -1;
    struct {
        SLIP_VEC(struct slip_blob_copy);
    } copies = { 0 };
    for (size_t i = 0; layers && i < parts.n; i++)
        slip_vec_push(&copies, (struct slip_blob_copy){ .from = layers,
                                                        .to = p->store,
                                                        .digest = parts.list[i].digest,
                                                        .size = (uint64_t)parts.list[i].size,
                                                        .subject = p->subject });
    slip_vec_push(&copies, (struct slip_blob_copy){ .to = p->store,
                                                    .digest = o->config_digest,
                                                    .size = o->config.len,
                                                    .data = slip_buf_str(&o->config),
                                                    .subject = p->subject });
    int rc = slip_blobs_copy(p->registry, copies.at, copies.len, p->watch);
    for (size_t i = 0; rc < 0 && !err->text[0] && i < copies.len; i++)
        if (copies.at[i].err.kind != SLIP_OK)
            *err = copies.at[i].err;
    slip_vec_clear(&copies);
    return rc;
}

/* Write the name, and read back what stands there. */
static int put_manifest(const struct slip_publish *p, const struct outgoing *o,
                        struct slip_error *err)
{
    struct slip_manifest_put put = { .identifier = o->tag,
                                     .media_type = p->media_type,
                                     .body = slip_buf_str(&o->manifest) };
    if (p->store->ops->put_manifests(p->store, &put, 1) < 0) {
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

static int publish(const struct slip_publish *p, struct slip_stage *out, bool *ours,
                   struct slip_error *err)
{
    SLIP_AUTO(outgoing) o = OUTGOING;
    bool found;
    *ours = false;
    if (look_again(p, out, &found, err) < 0)
        return -1;
    if (found) {
        slip_watch_step(p->watch, p->subject, "somebody else has built it meanwhile: %s", out->tag);
        return 0;
    }
    if (choose_tag(p, &o, err) < 0 || make_image(p, &o, err) < 0 || copy_blobs(p, &o, err) < 0
        || put_manifest(p, &o, err) < 0 || look_again(p, out, &found, err) < 0)
        return -1;
    if (!found)
        return slip_fail(err, SLIP_E_TEMPORARY, "%s:%s was written but is not listed",
                         p->store->name, o.tag);
    *ours = strcmp(out->tag, o.tag) == 0;
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
