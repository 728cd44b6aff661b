/* SPDX-License-Identifier: Apache-2.0 */
/* Bring content where it is needed: blobs, then manifests by digest; and what a registry lacks
 * although it said that it has it. */
#include "export/run_impl.h"

#include "base/map.h"
#include "base/mem.h"
#include "registry/copy.h"
#include "registry/referrers.h"

/* The place that a blob goes to, and the name that it is counted with. */
struct owner {
    size_t place, name;
};

/* Blobs to be moved, each once per place. */
struct blobs {
    SLIP_VEC(struct slip_blob_copy);
    struct {
        SLIP_VEC(struct owner);
    } owners;
    struct slip_map *seen;
};

static void blobs_clear(struct blobs *b)
{
    slip_vec_clear(b);
    slip_vec_clear(&b->owners);
    slip_map_free(b->seen);
}
SLIP_DEFINE_AUTO(blobs, blobs_clear);

static void add_blob(struct slip_export *x, struct blobs *b, size_t name,
                     struct slip_blob_copy item)
{
    size_t place = export_name(x, name)->place;
    SLIP_AUTO_FREE char *key = slip_printf("%zu %s", place, item.digest);
    if (slip_map_get(b->seen, slip_str_of(key)))
        return;
    slip_map_set(b->seen, slip_str_of(key), b);
    item.to = export_store(x, name);
    item.subject = export_name(x, name)->wish->image;
    slip_vec_push(b, item);
    slip_vec_push(&b->owners, (struct owner){ place, name });
}

/* In the repository of the stage itself its layers are there. */
static bool has_layers(const struct slip_export *x, size_t name)
{
    const struct slip_store *from = x->plan->contents.at[export_name(x, name)->content].from;
    return slip_reference_same_repository(&from->where, &export_store(x, name)->where);
}

static void add_content(struct slip_export *x, struct blobs *b, size_t name,
                        const struct slip_content *c)
{
    struct slip_store *from = x->plan->contents.at[export_name(x, name)->content].from;
    for (size_t i = 0; i < c->n_layers && !has_layers(x, name); i++)
        add_blob(x, b, name,
                 (struct slip_blob_copy){ .from = from,
                                          .digest = c->layers[i].digest,
                                          .size = (uint64_t)c->layers[i].size });
    if (c->config.len)
        add_blob(x, b, name,
                 (struct slip_blob_copy){
                     .digest = c->config_digest, .size = c->config.len, .data = c->config });
    for (size_t i = 0; i < c->n_children; i++)
        add_content(x, b, name, &c->children[i]);
}

static void mark_failed(struct slip_export *x, size_t place, const struct slip_error *err,
                        const char *image)
{
    if (x->places[place].err.kind)
        return;
    x->places[place].err = *err;
    slip_while(&x->places[place].err, "image '%s'", image);
}

/* The stage is there, and not all of it. */
static void explain_damage(const struct slip_export_wish *wish, const char *digest,
                           struct slip_error *err)
{
    SLIP_AUTO_FREE char *stage = wish->source
                                     ? slip_strdup(wish->source)
                                     : slip_printf("%s@%s", wish->from->name, wish->stored->digest);
    slip_error_clear(err);
    slip_fail(err, SLIP_E_REGISTRY, "the stage %s is damaged: '%s' does not have its layer %s",
              stage, wish->from->name, digest);
    slip_hint(err, "remove %s and run this again, so that the image is built anew", stage);
}

static void copy_blobs(struct slip_export *x, struct blobs *b)
{
    int failed = slip_blobs_copy(x->registry, b->at, b->len, x->options.watch);
    for (size_t i = 0; i < b->len; i++) {
        const struct owner *owner = &b->owners.at[i];
        x->results[owner->name].bytes_sent += b->at[i].bytes_sent;
        x->streamed |= b->at[i].from && b->at[i].bytes_sent > 0;
        if (failed == 0 || b->at[i].err.kind == SLIP_OK)
            continue;
        if (b->at[i].absent)
            explain_damage(export_name(x, owner->name)->wish, b->at[i].digest, &b->at[i].err);
        mark_failed(x, owner->place, &b->at[i].err, b->at[i].subject);
    }
}

/* Manifests to be written, each once per place. */
struct manifests {
    SLIP_VEC(struct slip_manifest_put);
    struct {
        SLIP_VEC(struct owner);
    } owners;
    struct slip_map *seen;
};

static void manifests_clear(struct manifests *m)
{
    slip_vec_clear(m);
    slip_vec_clear(&m->owners);
    slip_map_free(m->seen);
}
SLIP_DEFINE_AUTO(manifests, manifests_clear);

static void add_manifest(const struct slip_export *x, struct manifests *m, size_t name,
                         const struct slip_content *c)
{
    size_t place = export_name(x, name)->place;
    SLIP_AUTO_FREE char *key = slip_printf("%zu %s", place, c->digest);
    if (slip_map_get(m->seen, slip_str_of(key)))
        return;
    slip_map_set(m->seen, slip_str_of(key), m);
    slip_vec_push(m, (struct slip_manifest_put){ .identifier = c->digest,
                                                 .media_type = c->media_type,
                                                 .body = c->manifest,
                                                 .store = export_store(x, name) });
    slip_vec_push(&m->owners, (struct owner){ place, name });
}

/* How many levels of indexes stand above the images of a content. */
static unsigned height_of(const struct slip_content *c)
{
    unsigned height = 0;
    for (size_t i = 0; i < c->n_children; i++) {
        unsigned below = height_of(&c->children[i]) + 1;
        height = below > height ? below : height;
    }
    return height;
}

/* What stands inside of indexes at this height, and the content itself when it was asked for. */
static void add_manifests(const struct slip_export *x, struct manifests *m, size_t name,
                          const struct slip_content *c, unsigned height, bool itself)
{
    if (itself && height_of(c) == height)
        add_manifest(x, m, name, c);
    for (size_t i = 0; i < c->n_children; i++)
        add_manifests(x, m, name, &c->children[i], height, true);
}

/* --- what a registry lacks although it said that it has it --- */

static bool is_listed(const struct slip_manifest_put *put, const char *digest)
{
    for (size_t i = 0; i < put->n_lacking; i++)
        if (strcmp(put->lacking[i], digest) == 0)
            return true;
    return false;
}

/* How many of the digests that `put` complains of are blobs of a content. */
static size_t count_listed(const struct slip_content *c, const struct slip_manifest_put *put)
{
    size_t n = c->config.len && is_listed(put, c->config_digest);
    for (size_t i = 0; i < c->n_layers; i++)
        n += is_listed(put, c->layers[i].digest);
    for (size_t i = 0; i < c->n_children; i++)
        n += count_listed(&c->children[i], put);
    return n;
}

/* The blobs of a content that `put` complains of; all when it does not say which, or names a
 * manifest. */
static void add_lacking(struct slip_export *x, struct blobs *b, size_t name,
                        const struct slip_content *c, const struct slip_manifest_put *put)
{
    bool all = count_listed(export_content(x, name), put) < (put->n_lacking ? put->n_lacking : 1);
    struct slip_store *from = x->plan->contents.at[export_name(x, name)->content].from;
    for (size_t i = 0; i < c->n_layers; i++)
        if (all || is_listed(put, c->layers[i].digest))
            add_blob(x, b, name,
                     (struct slip_blob_copy){ .from = from,
                                              .digest = c->layers[i].digest,
                                              .size = (uint64_t)c->layers[i].size,
                                              .force = true });
    if (c->config.len && (all || is_listed(put, c->config_digest)))
        add_blob(x, b, name,
                 (struct slip_blob_copy){ .digest = c->config_digest,
                                          .size = c->config.len,
                                          .data = c->config,
                                          .force = true });
    for (size_t i = 0; i < c->n_children; i++)
        add_lacking(x, b, name, &c->children[i], put);
}

/* Write manifests by digest. What one of them is said to lack is sent, and it is tried once more.
 */
static void put_manifests(struct slip_export *x, struct manifests *m, bool again)
{
    SLIP_AUTO(manifests) retry = { .seen = slip_map_new(NULL) };
    SLIP_AUTO(blobs) b = { .seen = slip_map_new(NULL) };
    if (m->len == 0 || slip_puts_everywhere(m->at, m->len) == 0)
        return;
    for (size_t i = 0; i < m->len; i++) {
        struct slip_manifest_put *put = &m->at[i];
        const struct owner *owner = &m->owners.at[i];
        if (!put->err.kind)
            continue;
        if (!put->lacks || again) {
            mark_failed(x, owner->place, &put->err, export_name(x, owner->name)->wish->image);
            continue;
        }
        add_lacking(x, &b, owner->name, export_content(x, owner->name), put);
        slip_vec_push(&retry, (struct slip_manifest_put){ .identifier = put->identifier,
                                                          .media_type = put->media_type,
                                                          .body = put->body,
                                                          .store = put->store });
        slip_vec_push(&retry.owners, *owner);
    }
    if (b.len)
        copy_blobs(x, &b);
    put_manifests(x, &retry, true);
}

/* Write manifests by digest, images before the indexes that name them. */
static void put_by_digest(struct slip_export *x, const struct export_indexes *names)
{
    for (unsigned height = 0; height <= SLIP_INDEX_NESTING + 1; height++) {
        SLIP_AUTO(manifests) m = { .seen = slip_map_new(NULL) };
        for (size_t i = 0; i < names->len; i++)
            if (!x->places[export_name(x, names->at[i])->place].err.kind)
                add_manifests(x, &m, names->at[i], export_content(x, names->at[i]), height,
                              x->options.by_digest);
        put_manifests(x, &m, false);
    }
}

/* --- what hangs on a stage --- */

/* Digests of stages in one repository that bytes are read from. */
struct stages {
    SLIP_VEC(const char *);
    struct slip_store *from;
    struct slip_referrers *answers;
};

static void stages_clear(struct stages *s)
{
    slip_referrers_free(s->answers);
    slip_vec_clear(s);
}
SLIP_DEFINE_AUTO(stages, stages_clear);

static bool same_registry(const struct slip_store *a, const struct slip_store *b)
{
    return a->where.kind == b->where.kind && strcmp(a->where.registry, b->where.registry) == 0;
}

/*
 * Asked only where layers leave their registry: beside that one request more is nothing, and
 * signatures are missed most where the image is alone. Elsewhere tags of the listing tell.
 */
static void ask_attached(struct slip_export *x, const struct export_indexes *names,
                         struct stages *s)
{
    for (size_t i = 0; i < names->len; i++) {
        const struct slip_export_wish *wish = export_name(x, names->at[i])->wish;
        bool known = false;
        if (same_registry(wish->from, export_store(x, names->at[i]))
            || (s->from && s->from != wish->from))
            continue;
        for (size_t k = 0; k < s->len; k++)
            known |= strcmp(s->at[k], wish->stored->digest) == 0;
        if (!known)
            slip_vec_push(s, wish->stored->digest);
        s->from = wish->from;
    }
    if (s->len)
        s->answers = slip_referrers_begin(s->from, s->at, s->len);
}

static void note_attached(struct slip_export *x, const struct export_indexes *names,
                          const struct stages *s)
{
    for (size_t i = 0; i < names->len; i++)
        x->results[names->at[i]].attached |=
            slip_referrers_found(s->answers, export_name(x, names->at[i])->wish->stored->digest);
    for (size_t i = 0; i < s->len; i++)
        if (slip_referrers_found(s->answers, s->at[i]))
            slip_watch_step(x->options.watch, s->at[i],
                            "signatures or attestations hang on this stage: they are not "
                            "exported, because they name another digest");
}

void export_send(struct slip_export *x, const struct export_indexes *names)
{
    x->uploaded = true;
    SLIP_AUTO(blobs) b = { .seen = slip_map_new(NULL) };
    for (size_t i = 0; i < names->len; i++)
        add_content(x, &b, names->at[i], export_content(x, names->at[i]));
    SLIP_AUTO(stages) stages = { 0 };
    if (b.len) {
        ask_attached(x, names, &stages);
        copy_blobs(x, &b);
        note_attached(x, names, &stages);
    }
    put_by_digest(x, names);
    for (size_t i = 0; i < names->len; i++) {
        size_t place = export_name(x, names->at[i])->place;
        if (x->places[place].err.kind)
            export_fail_place(x, place);
        else
            x->results[names->at[i]].state = SLIP_EXPORT_UPLOADED;
    }
}

void export_send_again(struct slip_export *x, const struct export_indexes *names,
                       const struct slip_manifest_put *complaints)
{
    SLIP_AUTO(blobs) b = { .seen = slip_map_new(NULL) };
    for (size_t i = 0; i < names->len; i++)
        add_lacking(x, &b, names->at[i], export_content(x, names->at[i]), &complaints[i]);
    if (b.len)
        copy_blobs(x, &b);
    put_by_digest(x, names);
    for (size_t i = 0; i < names->len; i++)
        if (x->places[export_name(x, names->at[i])->place].err.kind)
            export_fail_place(x, export_name(x, names->at[i])->place);
}
