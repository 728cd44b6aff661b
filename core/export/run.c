/* SPDX-License-Identifier: Apache-2.0 */
/* Carry out a plan. */
#include "export/run.h"

#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "export/hold.h"
#include "registry/copy.h"
#include "registry/permit.h"
#include "registry/referrers.h"
#include "rule/semver.h"
#include "value/json.h"

#define VERSION_KEY "org.opencontainers.image.version"

/* A repository that is written to; `err` once it failed. */
struct place {
    struct slip_store *store;
    bool borrowed;
    struct slip_error err;
};

struct slip_export {
    struct slip_registry *registry;
    const struct slip_export_plan *plan;
    struct slip_export_options options;
    struct place *places;
    struct slip_export_result *results;
    bool checked, stopped;
    bool uploaded; /* since the names were looked at */
    bool streamed; /* bytes of layers, so that may be long ago */
};

static int open_place(const struct slip_export *x, const struct slip_reference *where,
                      struct place *out, struct slip_error *err)
{
    for (size_t i = 0; i < x->options.n_open; i++)
        if (slip_reference_same_repository(&x->options.open[i]->where, where)) {
            out->store = x->options.open[i];
            out->borrowed = true;
            return 0;
        }
    return slip_store_open(x->registry, where, &out->store, err);
}

int slip_export_new(struct slip_registry *registry, const struct slip_export_plan *plan,
                    const struct slip_export_options *options, struct slip_export **out,
                    struct slip_error *err)
{
    SLIP_AUTO_PTR(slip_export) x = slip_new(struct slip_export);
    x->registry = registry;
    x->plan = plan;
    x->options = *options;
    x->places = slip_alloc_array(plan->places.len, sizeof(*x->places));
    x->results = slip_alloc_array(plan->names.len, sizeof(*x->results));
    for (size_t i = 0; i < plan->places.len; i++)
        if (open_place(x, plan->places.at[i].where, &x->places[i], err) < 0)
            return -1;
    *out = slip_take(x);
    return 0;
}

void slip_export_free(struct slip_export *x)
{
    if (!x)
        return;
    for (size_t i = 0; i < x->plan->places.len; i++)
        if (!x->places[i].borrowed)
            slip_store_free(x->places[i].store);
    for (size_t i = 0; i < x->plan->names.len; i++)
        slip_free(x->results[i].err);
    slip_free(x->places);
    slip_free(x->results);
    slip_free(x);
}

const struct slip_export_result *slip_export_results(const struct slip_export *x)
{
    return x->results;
}

/* --- failures --- */

static const struct slip_export_name *name_of(const struct slip_export *x, size_t i)
{
    return &x->plan->names.at[i];
}

static bool is_open(const struct slip_export *x, size_t i)
{
    return x->results[i].state == SLIP_EXPORT_PENDING
           || x->results[i].state == SLIP_EXPORT_UPLOADED;
}

static void fail_name(struct slip_export *x, size_t i, const struct slip_error *err)
{
    x->results[i].state = SLIP_EXPORT_FAILED;
    if (!x->results[i].err)
        x->results[i].err = slip_new(struct slip_error);
    *x->results[i].err = *err;
    if (name_of(x, i)->required)
        x->stopped |= !x->options.keep_going;
}

/* A required name failed: what is still open is left alone. -1 when any required name failed. */
static int settle(struct slip_export *x)
{
    int result = 0;
    for (size_t i = 0; i < x->plan->names.len; i++) {
        if (x->stopped && is_open(x, i))
            x->results[i].state = SLIP_EXPORT_NOT_ATTEMPTED;
        if (x->results[i].state == SLIP_EXPORT_FAILED && name_of(x, i)->required)
            result = -1;
    }
    return result;
}

/* The names of a place that failed fail with it. */
static void fail_names_of(struct slip_export *x, size_t place)
{
    for (size_t i = 0; i < x->plan->names.len; i++)
        if (name_of(x, i)->place == place && is_open(x, i))
            fail_name(x, i, &x->places[place].err);
}

/* --- looking --- */

static void decide(struct slip_export *x, size_t i, const struct slip_manifest_head *head)
{
    const struct slip_export_name *name = name_of(x, i);
    struct slip_export_result *r = &x->results[i];
    const char *digest = slip_export_name_digest(x->plan, name);
    struct slip_error err = { 0 };
    r->before[0] = '\0';
    if (!head->found)
        return;
    snprintf(r->before, sizeof(r->before), "%s", head->digest);
    bool same = strcmp(head->digest, digest) == 0;
    bool ours = name->replaceable && strcmp(head->digest, name->replaceable) == 0;
    if (same && name->if_exists != SLIP_IF_EXISTS_OVERWRITE) {
        r->state = SLIP_EXPORT_UNCHANGED;
    } else if (!same && name->if_exists == SLIP_IF_EXISTS_SKIP_IF_EXISTS) {
        r->state = SLIP_EXPORT_SKIPPED;
    } else if (!same && !ours && name->if_exists == SLIP_IF_EXISTS_FAIL_IF_DIFFERENT) {
        slip_fail(&err, SLIP_E_CONFLICT, "'%s' is there already with another content: %s, not %s",
                  name->reference, head->digest, digest);
        slip_hint(&err, "choose another name, or allow it to be replaced (if-exists)");
        fail_name(x, i, &err);
    }
}

/* Names of the plan, by their index. */
struct indexes {
    SLIP_VEC(size_t);
};

static void indexes_clear(struct indexes *v)
{
    slip_vec_clear(v);
}
SLIP_DEFINE_AUTO(indexes, indexes_clear);

/* Those that are still to be written; SLIP_RANKS: of all ranks. */
static void open_names(const struct slip_export *x, unsigned rank, struct indexes *out)
{
    for (size_t i = 0; i < x->plan->names.len; i++)
        if (is_open(x, i) && (rank == SLIP_RANKS || name_of(x, i)->rank == rank))
            slip_vec_push(out, i);
}

static struct slip_store *store_of(const struct slip_export *x, size_t i)
{
    return x->places[name_of(x, i)->place].store;
}

static const struct slip_content *content_of(const struct slip_export *x, size_t i)
{
    return &x->plan->contents.at[name_of(x, i)->content].content;
}

/* Names are looked at and written so many at a time: each takes memory for what may go wrong. */
#define SLICE 100

/* The part that begins there; borrowed. */
static struct indexes slice(const struct indexes *names, size_t from)
{
    size_t len = names->len - from;
    return (struct indexes){ .at = names->at + from, .len = len < SLICE ? len : SLICE };
}

static void take_look(struct slip_export *x, size_t i, const struct slip_manifest_head *head)
{
    if (head->err.kind)
        fail_name(x, i, &head->err);
    else
        decide(x, i, head);
}

static void look_at_some(struct slip_export *x, const struct indexes *names)
{
    SLIP_AUTO_FREE struct slip_manifest_head *heads = slip_alloc_array(names->len, sizeof(*heads));
    for (size_t i = 0; i < names->len; i++) {
        heads[i].identifier = name_of(x, names->at[i])->identifier;
        heads[i].store = store_of(x, names->at[i]);
    }
    (void)!slip_heads_everywhere(heads, names->len); /* what failed stands in the items */
    for (size_t i = 0; i < names->len; i++)
        take_look(x, names->at[i], &heads[i]);
}

/* Look at these names and decide about each. */
static void look_at(struct slip_export *x, const struct indexes *names)
{
    for (size_t i = 0; i < names->len; i += SLICE) {
        struct indexes some = slice(names, i);
        look_at_some(x, &some);
    }
}

/* What is known of a name without asking, or NULL. */
static const struct slip_manifest_head *seen_of(const struct slip_export *x, size_t i)
{
    for (size_t k = 0; k < x->options.n_seen; k++)
        if (x->options.seen[k].store == store_of(x, i)
            && strcmp(x->options.seen[k].identifier, name_of(x, i)->identifier) == 0)
            return &x->options.seen[k];
    return NULL;
}

static void check_once(struct slip_export *x)
{
    SLIP_AUTO(indexes) open = { 0 };
    SLIP_AUTO(indexes) names = { 0 };
    if (x->checked)
        return;
    x->checked = true;
    open_names(x, SLIP_RANKS, &open);
    for (size_t i = 0; i < open.len; i++) {
        const struct slip_manifest_head *seen = seen_of(x, open.at[i]);
        if (seen)
            take_look(x, open.at[i], seen);
        else
            slip_vec_push(&names, open.at[i]);
    }
    look_at(x, &names);
}

int slip_export_check(struct slip_export *x)
{
    check_once(x);
    return settle(x);
}

/* --- may we? --- */

/* The places with names that are still to be written; how many. */
static size_t open_places(const struct slip_export *x, size_t *places)
{
    size_t n_places = x->plan->places.len, n = 0;
    SLIP_AUTO_FREE bool *open = slip_alloc_array(n_places, sizeof(*open));
    for (size_t i = 0; i < x->plan->names.len; i++)
        open[name_of(x, i)->place] |= is_open(x, i);
    for (size_t i = 0; i < n_places; i++)
        if (open[i])
            places[n++] = i;
    return n;
}

/* Ask every repository that gets something; all of them, so that all refusals are told at once. */
static void ask_places(struct slip_export *x)
{
    size_t n_places = x->plan->places.len;
    SLIP_AUTO_FREE struct slip_permit *asked = slip_alloc_array(n_places, sizeof(*asked));
    SLIP_AUTO_FREE size_t *places = slip_alloc_array(n_places, sizeof(*places));
    size_t n = open_places(x, places);
    for (size_t i = 0; i < n; i++)
        asked[i].to = x->places[places[i]].store;
    if (slip_permits_ask(x->registry, asked, n) == 0)
        return;
    for (size_t i = 0; i < n; i++)
        if (asked[i].err.kind) {
            x->places[places[i]].err = asked[i].err;
            fail_names_of(x, places[i]);
        }
}

/* --- content --- */

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
    size_t place = name_of(x, name)->place;
    SLIP_AUTO_FREE char *key = slip_printf("%zu %s", place, item.digest);
    if (slip_map_get(b->seen, slip_str_of(key)))
        return;
    slip_map_set(b->seen, slip_str_of(key), b);
    item.to = store_of(x, name);
    item.subject = name_of(x, name)->wish->image;
    slip_vec_push(b, item);
    slip_vec_push(&b->owners, (struct owner){ place, name });
}

/* In the repository of the stage itself its layers are there. */
static bool has_layers(const struct slip_export *x, size_t name)
{
    const struct slip_store *from = x->plan->contents.at[name_of(x, name)->content].from;
    return slip_reference_same_repository(&from->where, &store_of(x, name)->where);
}

static void add_content(struct slip_export *x, struct blobs *b, size_t name,
                        const struct slip_content *c)
{
    struct slip_store *from = x->plan->contents.at[name_of(x, name)->content].from;
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

static void fail_place(struct slip_export *x, size_t place, const struct slip_error *err,
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
            explain_damage(name_of(x, owner->name)->wish, b->at[i].digest, &b->at[i].err);
        fail_place(x, owner->place, &b->at[i].err, b->at[i].subject);
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
    size_t place = name_of(x, name)->place;
    SLIP_AUTO_FREE char *key = slip_printf("%zu %s", place, c->digest);
    if (slip_map_get(m->seen, slip_str_of(key)))
        return;
    slip_map_set(m->seen, slip_str_of(key), m);
    slip_vec_push(m, (struct slip_manifest_put){ .identifier = c->digest,
                                                 .media_type = c->media_type,
                                                 .body = c->manifest,
                                                 .store = store_of(x, name) });
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
    bool all = count_listed(content_of(x, name), put) < (put->n_lacking ? put->n_lacking : 1);
    struct slip_store *from = x->plan->contents.at[name_of(x, name)->content].from;
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
            fail_place(x, owner->place, &put->err, name_of(x, owner->name)->wish->image);
            continue;
        }
        add_lacking(x, &b, owner->name, content_of(x, owner->name), put);
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
static void put_by_digest(struct slip_export *x, const struct indexes *names)
{
    for (unsigned height = 0; height <= SLIP_INDEX_NESTING + 1; height++) {
        SLIP_AUTO(manifests) m = { .seen = slip_map_new(NULL) };
        for (size_t i = 0; i < names->len; i++)
            if (!x->places[name_of(x, names->at[i])->place].err.kind)
                add_manifests(x, &m, names->at[i], content_of(x, names->at[i]), height,
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
static void ask_attached(struct slip_export *x, const struct indexes *names, struct stages *s)
{
    for (size_t i = 0; i < names->len; i++) {
        const struct slip_export_wish *wish = name_of(x, names->at[i])->wish;
        bool known = false;
        if (same_registry(wish->from, store_of(x, names->at[i]))
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

static void note_attached(struct slip_export *x, const struct indexes *names,
                          const struct stages *s)
{
    for (size_t i = 0; i < names->len; i++)
        x->results[names->at[i]].attached |=
            slip_referrers_found(s->answers, name_of(x, names->at[i])->wish->stored->digest);
    for (size_t i = 0; i < s->len; i++)
        if (slip_referrers_found(s->answers, s->at[i]))
            slip_watch_step(x->options.watch, s->at[i],
                            "signatures or attestations hang on this stage: they are not "
                            "exported, because they name another digest");
}

/* Bring the content of these names where it is needed. With a place that fails all its names
 * fail. */
static void upload(struct slip_export *x, const struct indexes *names)
{
    x->uploaded = true;
    SLIP_AUTO(blobs) b = { .seen = slip_map_new(NULL) };
    for (size_t i = 0; i < names->len; i++)
        add_content(x, &b, names->at[i], content_of(x, names->at[i]));
    SLIP_AUTO(stages) stages = { 0 };
    if (b.len) {
        ask_attached(x, names, &stages);
        copy_blobs(x, &b);
        note_attached(x, names, &stages);
    }
    put_by_digest(x, names);
    for (size_t i = 0; i < names->len; i++) {
        size_t place = name_of(x, names->at[i])->place;
        if (x->places[place].err.kind)
            fail_names_of(x, place);
        else
            x->results[names->at[i]].state = SLIP_EXPORT_UPLOADED;
    }
}

int slip_export_upload(struct slip_export *x)
{
    check_once(x);
    if (x->options.preflight)
        ask_places(x);
    if (settle(x) < 0 && x->stopped)
        return -1;
    SLIP_AUTO(indexes) names = { 0 };
    open_names(x, SLIP_RANKS, &names);
    upload(x, &names);
    return settle(x);
}

/* --- names --- */

static void take_put(struct slip_export *x, size_t i, const struct slip_manifest_put *put)
{
    struct slip_export_result *r = &x->results[i];
    if (put->err.kind) {
        fail_name(x, i, &put->err);
        return;
    }
    r->state = r->before[0] ? SLIP_EXPORT_MOVED : SLIP_EXPORT_WRITTEN;
    slip_watch_step(x->options.watch, name_of(x, i)->reference, "%s",
                    r->before[0] ? "moved" : "written");
}

/* A registry that lacks what it said to have gets it again, and so does one where it is gone since
 * it was uploaded, or has not arrived everywhere yet. */
static void send_again(struct slip_export *x, const struct indexes *names,
                       const struct slip_manifest_put *complaints)
{
    SLIP_AUTO(blobs) b = { .seen = slip_map_new(NULL) };
    for (size_t i = 0; i < names->len; i++)
        add_lacking(x, &b, names->at[i], content_of(x, names->at[i]), &complaints[i]);
    if (b.len)
        copy_blobs(x, &b);
    put_by_digest(x, names);
    for (size_t i = 0; i < names->len; i++)
        if (x->places[name_of(x, names->at[i])->place].err.kind)
            fail_names_of(x, name_of(x, names->at[i])->place);
}

static void put_some(struct slip_export *x, const struct indexes *names, bool again)
{
    SLIP_AUTO_FREE struct slip_manifest_put *batch = slip_alloc_array(names->len, sizeof(*batch));
    SLIP_AUTO(indexes) lacking = { 0 };
    for (size_t i = 0; i < names->len; i++) {
        const struct slip_content *c = content_of(x, names->at[i]);
        batch[i].identifier = name_of(x, names->at[i])->identifier;
        batch[i].media_type = c->media_type;
        batch[i].body = c->manifest;
        batch[i].store = store_of(x, names->at[i]);
    }
    int failed = slip_puts_everywhere(batch, names->len);
    for (size_t i = 0; i < names->len; i++)
        if (failed < 0 && !again && batch[i].lacks) {
            batch[lacking.len] = batch[i];
            slip_vec_push(&lacking, names->at[i]);
        } else {
            take_put(x, names->at[i], &batch[i]);
        }
    if (lacking.len == 0)
        return;
    SLIP_AUTO(indexes) there = { 0 };
    send_again(x, &lacking, batch);
    for (size_t i = 0; i < lacking.len; i++)
        if (is_open(x, lacking.at[i]))
            slip_vec_push(&there, lacking.at[i]);
    put_some(x, &there, true);
}

/*
 * Somebody else may have written a name since we looked. Names that must stay what they are are
 * looked at right before they are written; others when content was moved meanwhile: for them it
 * saves a write, or tells what was really replaced.
 */
static void look_again(struct slip_export *x, unsigned rank)
{
    SLIP_AUTO(indexes) names = { 0 };
    SLIP_AUTO(indexes) chosen = { 0 };
    open_names(x, rank, &names);
    for (size_t i = 0; i < names.len; i++) {
        enum slip_if_exists policy = name_of(x, names.at[i])->if_exists;
        bool stays =
            policy == SLIP_IF_EXISTS_FAIL_IF_DIFFERENT || policy == SLIP_IF_EXISTS_SKIP_IF_EXISTS;
        if (stays || (x->uploaded && x->streamed))
            slip_vec_push(&chosen, names.at[i]);
    }
    if (chosen.len)
        look_at(x, &chosen);
}

/* ---- names of versions ---- */

/* The version that an image or an index says it is of: annotation or label; appended. */
static void find_version(const struct slip_stored *s, struct slip_buf *out)
{
    SLIP_AUTO(slip_doc) doc = { 0 };
    SLIP_AUTO(slip_config_info) info = { 0 };
    struct slip_error none = { 0 };
    const struct slip_value *v = NULL;
    if (slip_json_read(slip_buf_str(&s->manifest), NULL, SLIP_JSON_FIRST_VALUE, &doc, &none) == 0)
        v = slip_value_get(doc.root, "annotations");
    if (v && v->type == SLIP_VALUE_MAP)
        v = slip_value_get(v, VERSION_KEY);
    if (v && v->type == SLIP_VALUE_STRING)
        slip_buf_add_str(out, v->text);
    else if (s->config.len && slip_config_info_read(slip_buf_str(&s->config), &info, &none) == 0)
        slip_buf_add_str(out, slip_config_label(&info, VERSION_KEY));
    for (size_t i = 0; i < s->n_children && out->len == 0; i++)
        find_version(&s->children[i], out);
}

static void compare_version(struct slip_export *x, size_t i, const struct slip_stored *there)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    struct slip_semver ours, theirs;
    struct slip_error none = { 0 };
    struct slip_export_result *r = &x->results[i];
    find_version(there, &text);
    if (slip_semver_parse(name_of(x, i)->wish->version, SLIP_STR("auto"), true, &ours, &none) < 0
        || slip_semver_parse(slip_buf_str(&text), SLIP_STR("auto"), true, &theirs, &none) < 0
        || !slip_semver_is_stable(&theirs) || slip_semver_cmp(&theirs, &ours) <= 0)
        return;
    snprintf(r->newer, sizeof(r->newer), "%s", text.ptr);
    r->state = SLIP_EXPORT_SKIPPED;
    slip_watch_step(x->options.watch, name_of(x, i)->reference, "left to the newer %s", r->newer);
}

/* What stands under the open names of one place, read once per digest. What cannot be read says
 * nothing of its version. */
static void compare_versions_at(struct slip_export *x, const struct indexes *names, size_t place)
{
    SLIP_AUTO_FREE struct slip_stored_get *items = slip_alloc_array(names->len + 1, sizeof(*items));
    struct slip_store *store = x->places[place].store;
    size_t n = 0;
    for (size_t i = 0; i < names->len; i++) {
        size_t k = 0;
        if (name_of(x, names->at[i])->place != place)
            continue;
        while (k < n && strcmp(items[k].identifier, x->results[names->at[i]].before) != 0)
            k++;
        if (k == n)
            items[n++].identifier = x->results[names->at[i]].before;
    }
    if (n == 0)
        return;
    (void)!slip_stored_read(store, items, n);
    for (size_t i = 0; i < names->len; i++)
        for (size_t k = 0; k < n; k++)
            if (name_of(x, names->at[i])->place == place && !items[k].err.kind
                && strcmp(items[k].identifier, x->results[names->at[i]].before) == 0)
                compare_version(x, names->at[i], &items[k].source);
    for (size_t k = 0; k < n; k++)
        slip_stored_clear(&items[k].source);
}

/* A slow job for an old version must not take a name away from a newer one that was written
 * meanwhile, or from elsewhere (hooks-and-ci.md section 5.6). */
static void leave_to_newer(struct slip_export *x, unsigned rank)
{
    SLIP_AUTO(indexes) open = { 0 };
    SLIP_AUTO(indexes) names = { 0 };
    if (rank != SLIP_RANK_FLOATING && rank != SLIP_RANK_LATEST)
        return;
    open_names(x, rank, &open);
    for (size_t i = 0; i < open.len; i++)
        if (name_of(x, open.at[i])->wish->version.len
            && name_of(x, open.at[i])->if_exists != SLIP_IF_EXISTS_OVERWRITE)
            slip_vec_push(&names, open.at[i]);
    if (names.len == 0)
        return;
    look_at(x, &names);
    size_t n = 0;
    for (size_t i = 0; i < names.len; i++)
        if (is_open(x, names.at[i]) && x->results[names.at[i]].before[0])
            names.at[n++] = names.at[i];
    names.len = n;
    for (size_t place = 0; names.len && place < x->plan->places.len; place++)
        compare_versions_at(x, &names, place);
}

/* ---- names ---- */

/* One hold per place that has names to be written; how many. Names of a place that is not to be had
 * fail. */
static size_t hold_places(struct slip_export *x, struct slip_hold *holds)
{
    SLIP_AUTO_FREE size_t *places = slip_alloc_array(x->plan->places.len, sizeof(*places));
    size_t n = open_places(x, places);
    for (size_t i = 0; i < n; i++)
        holds[i].store = x->places[places[i]].store;
    slip_holds_take(x->options.locks, holds, n, x->options.watch);
    for (size_t i = 0; i < n; i++)
        if (holds[i].err.kind) {
            x->places[places[i]].err = holds[i].err;
            fail_names_of(x, places[i]);
        }
    return n;
}

/* A required name that fails stops what comes after its rank. */
static void write_names(struct slip_export *x)
{
    for (unsigned rank = 0; rank < SLIP_RANKS && !x->stopped; rank++) {
        SLIP_AUTO(indexes) names = { 0 };
        look_again(x, rank);
        leave_to_newer(x, rank);
        if (x->stopped)
            break;
        open_names(x, rank, &names);
        for (size_t i = 0; i < names.len; i += SLICE) {
            struct indexes some = slice(&names, i);
            put_some(x, &some, false);
        }
    }
}

int slip_export_names(struct slip_export *x)
{
    if (slip_export_check(x) < 0 && x->stopped)
        return -1;
    SLIP_AUTO_FREE struct slip_hold *holds = slip_alloc_array(x->plan->places.len, sizeof(*holds));
    size_t n = hold_places(x, holds);
    write_names(x);
    slip_holds_release(holds, n);
    return settle(x);
}
