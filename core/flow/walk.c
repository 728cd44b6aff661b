/* SPDX-License-Identifier: Apache-2.0 */
/* Stapel images, stage by stage. */
#include "flow/walk.h"

#include "base/map.h"
#include "base/mem.h"
#include "registry/stored.h"

/* One item on its way. */
struct walker {
    struct slip_walk_item *item;
    struct slip_stapel_walk *walk; /* NULL: it has ended */
    struct slip_import_facts *imports;
    char base_id[SLIP_DIGEST_LEN + 1];
    int64_t created_ms; /* of the stage before */
};

struct walking {
    const struct slip_walk *w;
    struct walker *at;
    size_t len;
    struct slip_arena arena;
};

static const struct slip_image *image_of(const struct walking *k, const struct walker *one)
{
    return &k->w->project->set.at[one->item->image];
}

static struct slip_str get_label(const void *config, const char *key)
{
    return slip_config_label(config, key);
}

/* ---- what has to be known before the first stage ---- */

static int ask_base(const struct walking *k, struct walker *one, struct slip_error *err)
{
    const struct slip_stapel *s = image_of(k, one)->stapel;
    if (!s->from_latest || s->base != SLIP_NPOS)
        return 0;
    if (!k->w->base_id)
        return slip_fail(err, SLIP_E_UNSUPPORTED, "it has fromLatest, and no registry is asked");
    return k->w->base_id(k->w->payload, s->from, one->base_id, err);
}

/* A record with the checksum of imported files; many imports may share one. */
struct checksum {
    const char *tag;
    struct slip_str value; /* empty: there is none */
    struct slip_error err;
};

struct checksums {
    struct slip_map *by_tag; /* of struct checksum */
    struct {
        SLIP_VEC(struct checksum *);
    } list;
};

static struct checksum *want_checksum(struct walking *k, struct checksums *all,
                                      const struct slip_import *import, struct slip_str content)
{
    SLIP_AUTO(slip_buf) tag = SLIP_BUF(256);
    slip_stapel_import_record(import, content, k->w->switches, &tag);
    struct checksum *c = slip_map_get(all->by_tag, slip_buf_str(&tag));
    if (c)
        return c;
    c = slip_arena_new(&k->arena, struct checksum);
    c->tag = slip_arena_strdup(&k->arena, slip_buf_str(&tag));
    slip_map_set(all->by_tag, slip_buf_str(&tag), c);
    slip_vec_push(&all->list, c);
    return c;
}

static void take_checksum(struct walking *k, struct checksum *c, struct slip_stored_get *got)
{
    SLIP_AUTO(slip_config_info) info = { 0 };
    if (got->err.kind == SLIP_OK
        && slip_config_info_read(slip_buf_str(&got->source.config), &info, &got->err) == 0)
        c->value = slip_arena_str(&k->arena, slip_config_label(&info, "checksum"));
    else if (!got->broken)
        c->err = got->err;
}

/* A record that is not there, or not whole, leaves its checksum empty. */
static void read_checksums(struct walking *k, const struct checksums *all)
{
    struct slip_stored_get *batch = slip_alloc_array(all->list.len + 1, sizeof(*batch));
    for (size_t i = 0; i < all->list.len; i++)
        batch[i].identifier = all->list.at[i]->tag;
    (void)!slip_stored_read(k->w->places[0].store, batch, all->list.len); /* judged one by one */
    for (size_t i = 0; i < all->list.len; i++) {
        take_checksum(k, all->list.at[i], &batch[i]);
        slip_stored_clear(&batch[i].source);
    }
    slip_free(batch);
}

static void prepare_imports(struct walking *k, struct walker *one)
{
    const struct slip_stapel *s = image_of(k, one)->stapel;
    one->imports = slip_arena_array(&k->arena, s->n_imports + 1, sizeof(*one->imports));
    for (size_t i = 0; i < s->n_imports; i++)
        one->imports[i].content = s->imports[i].image == SLIP_NPOS
                                      ? slip_stapel_external_content(&s->imports[i], &k->arena)
                                      : one->item->import_contents[i];
}

static int settle_imports(struct walking *k, struct walker *one, struct checksums *all,
                          struct slip_error *err)
{
    const struct slip_stapel *s = image_of(k, one)->stapel;
    for (size_t i = 0; i < s->n_imports; i++) {
        struct checksum *c = want_checksum(k, all, &s->imports[i], one->imports[i].content);
        if (c->err.kind) {
            *err = c->err;
            return -1;
        }
        if (!c->value.len)
            return slip_fail(err, SLIP_E_NOT_BUILT,
                             "the record %s of what it imports from '%.*s' is not there", c->tag,
                             SLIP_ARG(s->imports[i].image == SLIP_NPOS
                                          ? s->imports[i].external
                                          : k->w->project->set.at[s->imports[i].image].name));
        one->imports[i].checksum = c->value;
    }
    return 0;
}

static void read_imports(struct walking *k)
{
    struct checksums all = { .by_tag = slip_map_new(NULL) };
    for (size_t i = 0; i < k->len; i++) {
        const struct slip_stapel *s = image_of(k, &k->at[i])->stapel;
        prepare_imports(k, &k->at[i]);
        for (size_t m = 0; m < s->n_imports && !k->w->switches->import_by_source; m++)
            want_checksum(k, &all, &s->imports[m], k->at[i].imports[m].content);
    }
    read_checksums(k, &all);
    for (size_t i = 0; i < k->len && !k->w->switches->import_by_source; i++)
        (void)!settle_imports(k, &k->at[i], &all, &k->at[i].item->err); /* ends the item */
    slip_map_free(all.by_tag);
    slip_vec_clear(&all.list);
}

static int begin(struct walking *k, struct walker *one)
{
    struct slip_error *err = &one->item->err;
    if (err->kind || ask_base(k, one, err) < 0)
        return -1;
    const struct slip_project *p = k->w->project;
    const struct slip_stapel_request request = { .set = &p->set,
                                                 .image = one->item->image,
                                                 .platform = one->item->platform,
                                                 .repo = p->repo,
                                                 .commit = &p->commit,
                                                 .tree = &p->tree,
                                                 .switches = k->w->switches,
                                                 .base_id = slip_str_of(one->base_id),
                                                 .base_content = one->item->base_content,
                                                 .imports = one->imports,
                                                 .dependencies = one->item->dependencies,
                                                 .result = &one->item->digest };
    return slip_stapel_walk_new(&request, &one->walk, err);
}

/* ---- stages ---- */

static int accept(void *payload, const struct slip_stage *stage, bool *yes, struct slip_error *err)
{
    const struct walker *one = payload;
    const struct slip_stage_labels labels = { get_label, &stage->config };
    enum slip_answer fits;
    if (slip_stapel_walk_fits(one->walk, &labels, &fits, err) < 0)
        return slip_while(err, "stage %s", stage->tag);
    if (fits == SLIP_UNKNOWN) {
        slip_fail(err, SLIP_E_UNSUPPORTED,
                  "whether its stage %s counts is told by history that is not here", stage->tag);
        return slip_hint(err, "fetch the whole history: git fetch --unshallow");
    }
    *yes = fits == SLIP_YES;
    return 0;
}

static void end(struct walker *one)
{
    slip_stapel_walk_free(one->walk);
    one->walk = NULL;
}

/* The next stage of every walker that has one; those that have none are found. */
static size_t next_stages(struct walking *k, struct slip_stage_find *finds, struct walker **of)
{
    size_t n = 0;
    for (size_t i = 0; i < k->len; i++) {
        struct walker *one = &k->at[i];
        struct slip_image_digest *d = &one->item->digest;
        bool more = false;
        if (!one->walk)
            continue;
        int rc = slip_stapel_walk_next(one->walk, &more, &one->item->err);
        one->item->found = rc == 0 && !more;
        if (!more) {
            end(one);
            continue;
        }
        finds[n] = (struct slip_stage_find){ .digest = d->stages[d->n_stages - 1].digest,
                                             .not_before_ms = one->created_ms,
                                             .accept = accept,
                                             .payload = one };
        of[n++] = one;
    }
    return n;
}

static void take_stage(const struct walking *k, struct walker *one, struct slip_stage_find *find,
                       struct slip_store *store)
{
    bool ansible = image_of(k, one)->stapel->ansible;
    struct slip_walk_item *item = one->item;
    const struct slip_stage_digest *stage = &item->digest.stages[item->digest.n_stages - 1];
    if (find->found) {
        const struct slip_stage_labels labels = { get_label, &find->stage.config };
        slip_stapel_walk_found(one->walk, &labels, slip_str_of(find->stage.content_digest));
        slip_stage_clear(&item->stage);
        item->stage = find->stage;
        item->store = store;
        one->created_ms = item->stage.created_ms;
        return;
    }
    if (find->err.kind)
        item->err = find->err;
    else
        slip_fail(&item->err, SLIP_E_NOT_BUILT, "its stage %s (%s-*) is not there%s", stage->name,
                  stage->digest, ansible ? ", if its ansible tasks count as slipway thinks" : "");
    end(one);
}

/* Look for the stages in one place after the other: what one does not have is asked for in the next
 * one. */
static void find_stages(const struct walking *k, struct slip_stage_find *finds, struct walker **of,
                        size_t n)
{
    for (size_t p = 0; p < k->w->n_places && n; p++) {
        const struct slip_walk_place *place = &k->w->places[p];
        bool last = p + 1 == k->w->n_places;
        size_t left = 0;
        (void)!slip_stages_find(place->stages, finds, n); /* judged one by one */
        for (size_t i = 0; i < n; i++) {
            if (finds[i].found || finds[i].err.kind || last) {
                take_stage(k, of[i], &finds[i], place->store);
                continue;
            }
            finds[left] = finds[i];
            of[left++] = of[i];
        }
        n = left;
    }
}

static void walk_all(struct walking *k)
{
    SLIP_AUTO_FREE struct slip_stage_find *finds = slip_alloc_array(k->len + 1, sizeof(*finds));
    SLIP_AUTO_FREE struct walker **of = slip_alloc_array(k->len + 1, sizeof(*of));
    size_t n;
    while ((n = next_stages(k, finds, of)))
        find_stages(k, finds, of, n);
}

int slip_walk_images(const struct slip_walk *w, struct slip_walk_item *items, size_t n)
{
    SLIP_AUTO_FREE struct walker *at = slip_alloc_array(n + 1, sizeof(*at));
    struct walking k = { .w = w, .at = at, .len = n };
    int rc = 0;
    for (size_t i = 0; i < n; i++)
        at[i].item = &items[i];
    read_imports(&k);
    for (size_t i = 0; i < n; i++)
        if (begin(&k, &at[i]) < 0)
            rc = -1;
    walk_all(&k);
    for (size_t i = 0; i < n; i++) {
        if (!items[i].found)
            rc = -1;
        if (!items[i].found)
            slip_stage_clear(&items[i].stage);
    }
    slip_arena_clear(&k.arena);
    return rc;
}
