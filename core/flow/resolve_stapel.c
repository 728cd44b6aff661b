/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stapel images: by the records of werf, and those that these do not decide by the digests of their
 * stages (staged-and-stapel-digest.md 7.3).
 */
#include "flow/resolve_impl.h"

#include "base/mem.h"
#include "flow/walk.h"
#include "registry/media.h"

bool resolve_rests(const struct resolve_work *w, size_t image)
{
    return !w->project->set.at[image].stapel || w->way[image] == RESOLVE_WALKED;
}

/* ---- records ---- */

/* An image imports from another stage of it than the last one, which no record tells about. */
static void walk_sources(struct resolve_work *w, size_t image, bool *changed)
{
    const struct slip_stapel *s = w->project->set.at[image].stapel;
    for (size_t i = 0; s && w->way[image] == RESOLVE_WALKED && i < s->n_imports; i++) {
        size_t source = s->imports[i].image;
        if (!s->imports[i].stage.len || source == SLIP_NPOS || !w->project->set.at[source].stapel
            || w->way[source] == RESOLVE_WALKED)
            continue;
        w->way[source] = RESOLVE_WALKED;
        *changed = true;
    }
}

/* Images stand behind those that they need. */
static void spread_needs(struct resolve_work *w, bool *needed)
{
    const struct slip_image_set *set = &w->project->set;
    bool changed = true;
    while (changed) {
        changed = false;
        for (size_t i = set->len; i-- > 0;) {
            if (!needed[i] || !resolve_rests(w, i))
                continue;
            walk_sources(w, i, &changed);
            for (size_t k = 0; k < set->at[i].n_needs; k++) {
                needed[set->at[i].needs[k]] = true;
                w->below_werf[set->at[i].needs[k]] |=
                    set->at[i].kind != SLIP_IMAGE_DOCKERFILE || w->below_werf[i];
            }
        }
    }
}

static int count_platforms(const struct resolve_work *w, size_t image, size_t *out,
                           struct slip_error *err)
{
    SLIP_AUTO(slip_platforms) platforms = { 0 };
    if (slip_image_platforms(&w->project->set.at[image], w->o->platforms, w->o->n_platforms,
                             w->o->host_platform, &platforms, err)
        < 0)
        return -1;
    *out = platforms.len;
    return 0;
}

static struct slip_stapel_request request_of(const struct resolve_work *w, size_t image,
                                             const char *platform, struct slip_image_digest *result)
{
    return (struct slip_stapel_request){ .set = &w->project->set,
                                         .image = image,
                                         .platform = platform,
                                         .repo = w->project->repo,
                                         .commit = &w->project->commit,
                                         .tree = &w->project->tree,
                                         .switches = &w->o->stapel,
                                         .result = result };
}

/* The digest of an image of one platform that no registry needs to be asked about, to be freed;
 * NULL: it is none. */
static char *offline_digest(const struct resolve_work *w, size_t image)
{
    SLIP_AUTO(slip_platforms) platforms = { 0 };
    SLIP_AUTO(slip_image_digest) digest = { 0 };
    struct slip_error err = { 0 };
    if (!slip_stapel_is_offline(&w->project->set, image)
        || slip_image_platforms(&w->project->set.at[image], w->o->platforms, w->o->n_platforms,
                                w->o->host_platform, &platforms, &err)
               < 0
        || platforms.len != 1)
        return NULL;
    const struct slip_stapel_request request = request_of(w, image, platforms.at[0], &digest);
    return slip_stapel_offline(&request, &err) < 0 ? NULL
                                                   : slip_strdup(slip_image_digest_text(&digest));
}

void resolve_forget(struct resolve_work *w, size_t image)
{
    slip_recorded_clear(&w->records[image]);
    slip_free(w->why[image]);
}

bool resolve_is_open(const struct slip_error *err)
{
    return err->kind == SLIP_E_NOT_BUILT || err->kind == SLIP_E_UNSUPPORTED;
}

static int look_up(struct resolve_work *w, const size_t *images, size_t n, struct slip_error *err)
{
    SLIP_AUTO_FREE struct slip_recorded **items =
        slip_alloc_array(n + 1, sizeof(struct slip_recorded *));
    SLIP_AUTO_FREE char **digests = slip_alloc_array(n + 1, sizeof(char *));
    const struct slip_recorded_search search = { .project = w->project,
                                                 .store = w->store,
                                                 .stages = w->stages };
    for (size_t i = 0; i < n; i++) {
        items[i] = &w->records[images[i]];
        items[i]->image = &w->project->set.at[images[i]];
        if (count_platforms(w, images[i], &items[i]->n_platforms, err) < 0)
            return -1;
    }
    for (size_t i = 0; i < n; i++)
        items[i]->digest = digests[i] = offline_digest(w, images[i]);
    (void)!slip_find_recorded(&search, items, n); /* judged one by one */
    for (size_t i = 0; i < n; i++) {
        slip_free(digests[i]);
        items[i]->digest = NULL;
        if (!items[i]->found && !resolve_is_open(&items[i]->err) && !err->kind)
            *err = items[i]->err;
        if (w->way[images[i]] == RESOLVE_UNDECIDED)
            w->way[images[i]] = items[i]->found ? RESOLVE_RECORDED : RESOLVE_WALKED;
    }
    return err->kind ? -1 : 0;
}

int resolve_look_for_records(struct resolve_work *w, bool *needed, struct slip_error *err)
{
    const struct slip_image_set *set = &w->project->set;
    SLIP_AUTO_FREE size_t *asked = slip_alloc_array(set->len + 1, sizeof(*asked));
    for (size_t i = 0; i < set->len; i++)
        if (w->store && set->at[i].kind != SLIP_IMAGE_DOCKERFILE)
            slip_recorded_expect(w->stages, &set->at[i]);
    for (size_t n = 1; n;) {
        n = 0;
        spread_needs(w, needed);
        for (size_t i = 0; w->store && i < set->len; i++)
            if (needed[i] && set->at[i].stapel && !w->records[i].image)
                asked[n++] = i;
        if (n && look_up(w, asked, n, err) < 0)
            return -1;
        for (size_t i = 0; i < n; i++)
            if (w->o->explain)
                w->way[asked[i]] = RESOLVE_WALKED;
    }
    return 0;
}

void resolve_take_recorded(struct resolve_work *w, struct slip_resolved *r)
{
    struct slip_recorded *from = &w->records[r->image];
    struct slip_image_digest *d = &r->at[0].digest;
    slip_image_digest_clear(d);
    d->stages = slip_arena_new(&d->arena, struct slip_stage_digest);
    d->n_stages = 1;
    d->stages[0].name = "recorded";
    snprintf(d->stages[0].digest, sizeof(d->stages[0].digest), "%.*s", SLIP_STAGE_DIGEST_LEN,
             from->stage.tag);
    r->at[0].known = r->at[0].found = true;
    r->at[0].store = w->store;
    r->at[0].stage = from->stage;
    from->stage = (struct slip_stage){ 0 };
    SLIP_AUTO_FREE char *name = slip_memdup(from->image->name.ptr, from->image->name.len);
    slip_watch_step(w->o->watch, name, "werf recorded %s for this commit", r->at[0].stage.tag);
}

/* ---- what the walk needs of other images ---- */

/* One image on one platform. */
struct walked {
    struct slip_resolved *image;
    struct slip_resolved_platform *at;
    struct slip_walk_item item;
};

struct walk_batch {
    struct resolve_work *w;
    struct slip_arena arena;
    struct {
        SLIP_VEC(struct walked);
    } list;
};

/* The stages of another image, when it is there. */
static struct slip_resolved_platform *other_image(const struct walk_batch *b,
                                                  const struct walked *one, size_t image,
                                                  struct slip_error *err)
{
    struct resolve_work *w = b->w;
    struct slip_resolved *of = &w->out->at[w->slot[image]];
    struct slip_resolved_platform *p = resolve_find_platform(of, one->at->name);
    struct slip_str name = w->project->set.at[image].name;
    if (p && p->found)
        return p;
    if (!p)
        slip_fail(err, SLIP_E_NOT_BUILT, "it rests on image '%.*s', which is not made for %s",
                  SLIP_ARG(name), one->at->name);
    else if (w->why[image])
        slip_fail(err, SLIP_E_NOT_BUILT, "it rests on image '%.*s': %s", SLIP_ARG(name),
                  w->why[image]);
    else if (p->known)
        slip_fail(err, SLIP_E_NOT_BUILT, "it rests on image '%.*s': there is no stage %s-*",
                  SLIP_ARG(name), slip_image_digest_text(&p->digest));
    else
        slip_fail(err, SLIP_E_NOT_BUILT, "it rests on image '%.*s', which is not built",
                  SLIP_ARG(name));
    return NULL;
}

/* The content digest of the stage that an import takes from. */
static int import_content(const struct walk_batch *b, const struct walked *one,
                          const struct slip_import *import, struct slip_str *out,
                          struct slip_error *err)
{
    const struct slip_resolved_platform *p = other_image(b, one, import->image, err);
    if (!p)
        return -1;
    *out = slip_str_of(p->stage.content_digest);
    if (!import->stage.len)
        return 0;
    for (size_t i = 0; i < p->digest.n_stages; i++)
        if (slip_str_is(import->stage, p->digest.stages[i].name)) {
            *out = slip_str_of(p->digest.stages[i].content);
            return 0;
        }
    struct slip_str name = b->w->project->set.at[import->image].name;
    if (b->w->why[import->image])
        return slip_fail(err, SLIP_E_NOT_BUILT, "it imports from stage %.*s of image '%.*s': %s",
                         SLIP_ARG(import->stage), SLIP_ARG(name), b->w->why[import->image]);
    return slip_fail(err, SLIP_E_CONFIG, "image '%.*s' has no stage %.*s to import from",
                     SLIP_ARG(name), SLIP_ARG(import->stage));
}

static int collect_inputs(struct walk_batch *b, struct walked *one, struct slip_error *err)
{
    struct resolve_work *w = b->w;
    const struct slip_image *image = resolve_image(w, one->image);
    const struct slip_stapel *s = image->stapel;
    struct slip_str *contents = slip_arena_array(&b->arena, s->n_imports + 1, sizeof(*contents));
    struct slip_dependency_value *values;
    const char *obstacle = slip_stapel_obstacle(image, &w->project->tree);
    if (obstacle)
        return slip_fail(err, SLIP_E_UNSUPPORTED, "without one it cannot be told: %s", obstacle);
    if (s->base != SLIP_NPOS) {
        const struct slip_resolved_platform *p = other_image(b, one, s->base, err);
        if (!p)
            return -1;
        one->item.base_content = slip_str_of(p->stage.content_digest);
    }
    for (size_t i = 0; i < s->n_imports; i++)
        if (s->imports[i].image != SLIP_NPOS
            && import_content(b, one, &s->imports[i], &contents[i], err) < 0)
            return -1;
    for (size_t i = 0; i < image->n_dependencies; i++)
        if (!other_image(b, one, image->dependencies[i].image, err))
            return -1;
    (void)resolve_dependency_values(w, image, one->at->name, &b->arena, &values);
    one->item.import_contents = contents;
    one->item.dependencies = values;
    return 0;
}

/* ---- what a registry says of a base image ---- */

int resolve_may_ask_base(const struct slip_resolve_options *o, const char *what,
                         struct slip_error *err)
{
    if (o->registry && o->asks_bases)
        return 0;
    slip_fail(err, SLIP_E_UNSUPPORTED, "%s is not asked here", what);
    return slip_hint(err, "a commit may choose which registries are asked only where its images "
                          "may be built: slipway install without --only-built");
}

static int read_base(struct slip_store *store, const struct slip_reference *of,
                     char out[SLIP_DIGEST_LEN + 1], struct slip_error *err)
{
    struct slip_manifest_get get = { .identifier = of->identifier };
    SLIP_AUTO(slip_parts) parts = { 0 };
    int rc = store->ops->get_manifests(store, &get, 1);
    if (rc < 0)
        *err = get.err;
    else if (!get.found)
        rc = slip_fail(err, SLIP_E_NOT_BUILT, "there is no such image");
    else if (slip_media_is_index(slip_str_of(get.media_type)))
        snprintf(out, SLIP_DIGEST_LEN + 1, "%s", get.digest);
    else if ((rc = slip_parts_read(slip_str_of(get.media_type), slip_buf_str(&get.body), &parts,
                                   err))
             == 0)
        snprintf(out, SLIP_DIGEST_LEN + 1, "%s", parts.config.digest);
    slip_buf_clear(&get.body);
    return rc;
}

static int ask_base(void *payload, struct slip_str reference, char out[SLIP_DIGEST_LEN + 1],
                    struct slip_error *err)
{
    const struct resolve_work *w = payload;
    SLIP_AUTO(slip_reference) of = { 0 };
    SLIP_AUTO_PTR(slip_store) store = NULL;
    if (w->o->base_id)
        return w->o->base_id(w->o->payload, reference, out, err);
    if (resolve_may_ask_base(w->o, "it has fromLatest, and the registry of its base", err) < 0)
        return -1;
    if (slip_reference_parse_weak(reference, &of, err) < 0
        || slip_store_open(w->o->registry, &of, &store, err) < 0
        || read_base(store, &of, out, err) < 0)
        return slip_while(err, "fromLatest of '%.*s'", SLIP_ARG(reference));
    return 0;
}

/* ---- the walk of one level ---- */

static void collect_level(struct walk_batch *b, size_t level)
{
    struct resolve_work *w = b->w;
    for (size_t i = 0; i < w->out->len; i++) {
        struct slip_resolved *r = &w->out->at[i];
        if (!r->stapel || w->level[r->image] != level || !resolve_rests(w, r->image))
            continue;
        for (size_t k = 0; k < r->len; k++)
            slip_vec_push(&b->list, (struct walked){
                                        .image = r,
                                        .at = &r->at[k],
                                        .item = { .image = r->image, .platform = r->at[k].name } });
    }
}

static void walk_level(struct walk_batch *b)
{
    struct resolve_work *w = b->w;
    struct slip_walk_place *places =
        slip_arena_array(&b->arena, w->o->n_secondary + 1, sizeof(*places));
    places[0] = (struct slip_walk_place){ w->store, w->stages };
    for (size_t i = 0; i < w->o->n_secondary; i++)
        places[i + 1] = (struct slip_walk_place){ w->o->secondary[i], w->secondary[i] };
    const struct slip_walk walk = { .project = w->project,
                                    .places = places,
                                    .n_places = w->o->n_secondary + 1,
                                    .switches = &w->o->stapel,
                                    .base_id = ask_base,
                                    .payload = w };
    struct slip_walk_item *items = slip_alloc_array(b->list.len + 1, sizeof(*items));
    SLIP_AUTO_FREE size_t *of = slip_alloc_array(b->list.len + 1, sizeof(*of));
    size_t n = 0;
    for (size_t i = 0; i < b->list.len; i++) {
        struct walked *one = &b->list.at[i];
        if (collect_inputs(b, one, &one->item.err) < 0)
            continue;
        of[n] = i;
        items[n++] = one->item;
    }
    (void)!slip_walk_images(&walk, items, n); /* judged one by one */
    for (size_t i = 0; i < n; i++)
        b->list.at[of[i]].item = items[i];
    slip_free(items);
}

/* The digest of an image that is not there may be known all the same. */
static void take_offline(struct resolve_work *w, struct slip_resolved *r,
                         struct slip_resolved_platform *p)
{
    struct slip_error err = { 0 };
    if (p->found || !slip_stapel_is_offline(&w->project->set, r->image))
        return;
    slip_image_digest_clear(&p->digest);
    const struct slip_stapel_request request = request_of(w, r->image, p->name, &p->digest);
    p->known = slip_stapel_offline(&request, &err) == 0;
}

static void take_walked(struct resolve_work *w, struct walked *one)
{
    struct slip_resolved_platform *p = one->at;
    p->digest = one->item.digest;
    p->stage = one->item.stage;
    p->known = p->found = one->item.found;
    p->store = p->found ? one->item.store : NULL;
    take_offline(w, one->image, p);
}

/* ---- the verdict ---- */

bool resolve_tag_of(const struct slip_resolved *r, char out[sizeof(((struct slip_stage *)0)->tag)])
{
    SLIP_AUTO(slip_arena) arena = { 0 };
    struct slip_platform_stage *stages = slip_arena_array(&arena, r->len, sizeof(*stages));
    for (size_t i = 0; i < r->len; i++) {
        if (!r->at[i].found)
            return false;
        stages[i] = (struct slip_platform_stage){ slip_str_of(r->at[i].name),
                                                  slip_str_of(r->at[i].stage.tag) };
    }
    if (r->len == 1)
        snprintf(out, sizeof(r->at[0].stage.tag), "%s", r->at[0].stage.tag);
    else
        slip_generation_2.index_digest(stages, r->len, out);
    return true;
}

bool resolve_is_recorded(const struct slip_recorded *rec, const char *tag)
{
    for (size_t i = 0; i < rec->stages.len; i++)
        if (strcmp(rec->stages.at[i], tag) == 0)
            return true;
    return false;
}

static void forget_walked(struct slip_resolved *r)
{
    for (size_t i = 0; i < r->len; i++) {
        slip_stage_clear(&r->at[i].stage);
        r->at[i].found = r->at[i].known = false;
        r->at[i].store = NULL;
    }
}

/* Why an image was not found, from what its record and its walk said. */
static void explain_missing(const struct slip_image *image, const struct slip_recorded *rec,
                            const struct slip_error *walk, struct slip_error *err)
{
    *err = rec->err;
    if (!resolve_is_open(walk)) {
        *err = *walk;
        slip_while(err, "image '%.*s'", SLIP_ARG(image->name));
    } else if (rec->stages.len == 0) {
        snprintf(err->text, sizeof(err->text), "%.*s; %.*s", 900, rec->err.text, 1100, walk->text);
        if (walk->hint[0])
            memcpy(err->hint, walk->hint, sizeof(err->hint));
        if (walk->hint[0])
            err->kind = walk->kind;
    }
}

static int tell_found(struct resolve_work *w, struct slip_resolved *r, const char *tag)
{
    const struct slip_recorded *rec = &w->records[r->image];
    SLIP_AUTO_FREE char *name = slip_memdup(rec->image->name.ptr, rec->image->name.len);
    slip_watch_step(w->o->watch, name, "found %s by digest%s", tag,
                    rec->stages.len ? ", as werf recorded it" : ", no record of werf");
    return 0;
}

/* The record and the digests contradict each other: a setting has changed, or what stands under the
 * name of a base image. */
static void tell_other(struct slip_error *err, const char *tag)
{
    size_t len = strlen(err->text);
    snprintf(err->text + len, sizeof(err->text) - len, "; by its digests it is %s now", tag);
}

bool resolve_must_be_found(const struct resolve_work *w, const struct slip_resolved *r)
{
    for (size_t i = 0; i < w->out->len; i++) {
        const struct slip_image *other = resolve_image(w, &w->out->at[i]);
        for (size_t k = 0; other->kind == SLIP_IMAGE_DOCKERFILE && k < other->n_needs; k++)
            if (other->needs[k] == r->image)
                return true;
    }
    return r->wanted;
}

/* `walk`: the first error of its platforms. */
static int judge(struct resolve_work *w, struct slip_resolved *r, const struct slip_error *walk,
                 struct slip_error *err)
{
    char tag[sizeof(r->at[0].stage.tag)];
    struct slip_recorded *rec = &w->records[r->image];
    bool found = resolve_tag_of(r, tag);
    if (found && (!rec->stages.len || resolve_is_recorded(rec, tag)))
        return tell_found(w, r, tag);
    if (rec->found) { /* it was walked for its ingredients or stages only */
        w->why[r->image] =
            slip_strdup(found ? "its record says otherwise than its digests" : walk->text);
        forget_walked(r);
        resolve_take_recorded(w, r);
        return 0;
    }
    struct slip_error why = { 0 };
    if (found) {
        why = rec->err;
        tell_other(&why, tag);
        forget_walked(r);
    } else {
        explain_missing(resolve_image(w, r), rec, walk, &why);
    }
    w->why[r->image] = slip_strdup(found ? why.text : walk->text);
    if (resolve_is_open(&why) && !resolve_must_be_found(w, r))
        return 0;
    if (w->o->missing == SLIP_MISSING_NOTED && resolve_is_open(&why)) {
        slip_watch_warn(w->o->watch, NULL, "%s", why.text);
        return 0;
    }
    *err = why;
    return -1;
}

static int judge_level(struct walk_batch *b, struct slip_error *err)
{
    int rc = 0;
    for (size_t i = 0; i < b->list.len;) {
        struct slip_resolved *r = b->list.at[i].image;
        const struct slip_error *walk = NULL;
        for (; i < b->list.len && b->list.at[i].image == r; i++) {
            if (!walk && b->list.at[i].item.err.kind)
                walk = &b->list.at[i].item.err;
            take_walked(b->w, &b->list.at[i]);
        }
        if (rc == 0)
            rc = judge(b->w, r, walk, err);
    }
    return rc;
}

/* Without a stage repository there are digests only. */
static int digests_of_level(struct resolve_work *w, size_t level)
{
    for (size_t i = 0; i < w->out->len; i++)
        for (size_t k = 0; w->out->at[i].stapel && k < w->out->at[i].len; k++)
            if (w->level[w->out->at[i].image] == level)
                take_offline(w, &w->out->at[i], &w->out->at[i].at[k]);
    return 0;
}

int resolve_stapel_level(struct resolve_work *w, size_t level, struct slip_error *err)
{
    if (!w->store)
        return digests_of_level(w, level);
    for (size_t i = 0; i < w->out->len; i++)
        if (w->out->at[i].stapel && w->level[w->out->at[i].image] == level
            && !resolve_rests(w, w->out->at[i].image))
            resolve_take_recorded(w, &w->out->at[i]);
    struct walk_batch b = { .w = w };
    collect_level(&b, level);
    walk_level(&b);
    int rc = judge_level(&b, err);
    slip_vec_clear(&b.list);
    slip_arena_clear(&b.arena);
    return rc;
}
