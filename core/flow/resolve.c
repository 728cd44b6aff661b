/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From images to stages, level by level: first the images that need no other one, then those that
 * need only these, and so on. Of one level all digests are worked out and looked for together.
 */
#include "flow/resolve_impl.h"

#include "base/mem.h"
#include "base/temp_dir.h"
#include "flow/make_stage.h"
#include "flow/other_generation.h"

static void platform_clear(struct slip_resolved_platform *p)
{
    slip_free(p->name);
    slip_image_digest_clear(&p->digest);
    slip_stage_clear(&p->stage);
}

void slip_resolution_clear(struct slip_resolution *r)
{
    for (size_t i = 0; i < r->len; i++) {
        for (size_t k = 0; k < r->at[i].len; k++)
            platform_clear(&r->at[i].at[k]);
        slip_free(r->at[i].at);
    }
    slip_free(r->at);
    for (size_t i = 0; i < r->stores.len; i++)
        slip_store_free(r->stores.at[i]);
    slip_vec_clear(&r->stores);
    slip_digester_free(r->digester);
    *r = (struct slip_resolution){ 0 };
}

const char *slip_resolved_tag(const struct slip_resolved *r)
{
    if (!r->complete)
        return NULL;
    return r->len == 1 ? r->at[0].stage.tag : r->index_tag;
}

/* ---- which images, on which platforms ---- */

int slip_refuse_kind(const struct slip_image *image, struct slip_error *err)
{
    static const char *const kinds[] = {
        [SLIP_IMAGE_STAGED] = "a staged Dockerfile image",
        [SLIP_IMAGE_STAPEL] = "a stapel image",
        [SLIP_IMAGE_ARTIFACT] = "a stapel artifact",
    };
    slip_fail(err, SLIP_E_UNSUPPORTED,
              "image '%.*s' is %s, whose digest a commit alone does not tell",
              SLIP_ARG(image->name), kinds[image->kind]);
    if (image->kind == SLIP_IMAGE_STAPEL)
        return slip_hint(err, "where werf has built it for this commit, its stage is found: give "
                              "the stage repository (--repo)");
    return slip_hint(err,
                     "export this image with werf, and name the others: slipway export IMAGE...");
}

/* What a stapel image rests on does not matter when werf recorded its stage. Whether a staged one
 * needs a registry is told by its Dockerfile. */
void slip_resolvable_images(const struct slip_image_set *set, bool looks, bool *out)
{
    for (size_t i = 0; i < set->len; i++) {
        out[i] = !set->at[i].stapel;
        for (size_t k = 0; k < set->at[i].n_needs; k++)
            out[i] &= out[set->at[i].needs[k]];
        if (set->at[i].stapel)
            out[i] = looks || slip_stapel_is_offline(set, i);
    }
}

static int add_platforms(struct resolve_work *w, struct slip_resolved *r, struct slip_error *err)
{
    SLIP_AUTO(slip_platforms) platforms = { 0 };
    const struct slip_image *image = resolve_image(w, r);
    if (slip_image_platforms(image, w->o->platforms, w->o->n_platforms, w->o->host_platform,
                             &platforms, err)
        < 0)
        return slip_while(err, "image '%.*s'", SLIP_ARG(image->name));
    r->at = slip_alloc_array(platforms.len, sizeof(*r->at));
    r->len = platforms.len;
    for (size_t i = 0; i < platforms.len; i++)
        r->at[i].name = slip_take(platforms.at[i]);
    return 0;
}

/* What an image needs has to be there before, too. Images stand behind those that they need. */
static void spread_built_before(struct resolve_work *w)
{
    const struct slip_image_set *set = &w->project->set;
    for (size_t i = set->len; w->o->built_before && i-- > 0;) {
        if (!w->built_before[i])
            w->built_before[i] = w->o->built_before[i];
        for (size_t k = 0; w->built_before[i] && k < set->at[i].n_needs; k++)
            w->built_before[set->at[i].needs[k]] = w->built_before[i];
    }
}

static int add_image(struct resolve_work *w, size_t i, bool wanted, struct slip_error *err)
{
    const struct slip_image *image = &w->project->set.at[i];
    bool offline = image->stapel && !w->store && slip_stapel_is_offline(&w->project->set, i);
    if (image->stapel && !offline && !w->store)
        return slip_refuse_kind(image, err);
    w->slot[i] = w->out->len;
    struct slip_resolved *r = &w->out->at[w->out->len++];
    r->image = i;
    r->store = w->store;
    r->wanted = wanted;
    r->stapel = image->stapel;
    for (size_t k = 0; resolve_rests(w, i) && k < image->n_needs; k++)
        if (w->level[image->needs[k]] >= w->level[i])
            w->level[i] = w->level[image->needs[k]] + 1;
    return add_platforms(w, r, err);
}

static int choose_images(struct resolve_work *w, const bool *wanted, struct slip_error *err)
{
    const struct slip_image_set *set = &w->project->set;
    SLIP_AUTO_FREE bool *needed = slip_alloc_array(set->len + 1, sizeof(bool));
    spread_built_before(w);
    for (size_t i = 0; i < set->len; i++)
        needed[i] = wanted[i];
    if (resolve_look_for_records(w, needed, err) < 0)
        return -1;
    w->out->at = slip_alloc_array(set->len + 1, sizeof(*w->out->at));
    for (size_t i = 0; i < set->len; i++) {
        w->slot[i] = SLIP_NPOS;
        if (needed[i] && add_image(w, i, wanted[i], err) < 0)
            return -1;
    }
    return 0;
}

/* ---- one level ---- */

/* The pairs of image and platform of one level that can be worked on. */
struct batch {
    struct slip_resolved **images;
    struct slip_resolved_platform **at;
    size_t len;
};

struct slip_resolved_platform *resolve_find_platform(struct slip_resolved *r, const char *name)
{
    for (size_t i = 0; i < r->len; i++)
        if (strcmp(r->at[i].name, name) == 0)
            return &r->at[i];
    return NULL;
}

/* What an image imports from those it depends on; false when one of them is not there. */
bool resolve_dependency_values(struct resolve_work *w, const struct slip_image *image,
                               const char *platform, struct slip_arena *arena,
                               struct slip_dependency_value **out)
{
    struct slip_dependency_value *values =
        slip_arena_array(arena, image->n_dependencies + 1, sizeof(*values));
    for (size_t i = 0; i < image->n_dependencies; i++) {
        struct slip_resolved *of = &w->out->at[w->slot[image->dependencies[i].image]];
        struct slip_resolved_platform *p = resolve_find_platform(of, platform);
        if (!p || !p->found)
            return false;
        values[i].name =
            slip_str_of(slip_arena_printf(arena, "%s:%s", w->store->name, p->stage.tag));
        values[i].id = slip_str_of(p->stage.config_digest);
        values[i].digest = slip_str_of(p->stage.stored.digest);
    }
    *out = values;
    return true;
}

/* Rare: two ignore files that differ only in the order of their lines, or in "!". */
static void tell_rival(const struct resolve_work *w, const struct slip_resolved *r,
                       const struct slip_image_digest *d)
{
    if (!d->has_rival || d->rival == r->image)
        return;
    SLIP_AUTO_FREE char *name =
        slip_memdup(resolve_image(w, r)->name.ptr, resolve_image(w, r)->name.len);
    const struct slip_str other = w->project->set.at[d->rival].name;
    slip_watch_warn(w->o->watch, name,
                    "werf may give it the digest of '%.*s', or the other way round, when it works "
                    "on both in one run: their ignore files differ only in the order of lines or "
                    "in '!'. This is the digest of the image alone",
                    SLIP_ARG(other));
}

static int digest_batch(struct resolve_work *w, struct batch *b, struct slip_error *err)
{
    SLIP_AUTO(slip_arena) arena = { 0 };
    struct slip_digest_request *requests = slip_arena_array(&arena, b->len + 1, sizeof(*requests));
    size_t n = 0;
    for (size_t i = 0; i < b->len; i++) {
        struct slip_dependency_value *values;
        const struct slip_image *image = resolve_image(w, b->images[i]);
        b->at[i]->known = resolve_dependency_values(w, image, b->at[i]->name, &arena, &values);
        if (!b->at[i]->known)
            continue;
        b->images[n] = b->images[i];
        b->at[n] = b->at[i];
        requests[n++] = (struct slip_digest_request){ .image = b->images[i]->image,
                                                      .platform = b->at[i]->name,
                                                      .dependencies = values };
    }
    b->len = n;
    int rc = slip_digest_images(w->digester, requests, n);
    for (size_t i = 0; i < n; i++) {
        if (rc < 0 && requests[i].err.kind && !err->kind)
            *err = requests[i].err;
        b->at[i]->digest = requests[i].result;
        tell_rival(w, b->images[i], &b->at[i]->digest);
    }
    return rc;
}

/* A repository where stages may be. */
struct place {
    struct slip_store *store;
    struct slip_stages *stages;
};

/* The repository itself could not be read: that concerns no one image. */
static bool all_failed_alike(const struct slip_stage_find *finds, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (strcmp(finds[i].err.text, finds[0].err.text) != 0)
            return false;
    return n > 1;
}

/* Look for stage number `index` of every image that has it and whose stage before was found there.
 */
static int find_stages(struct resolve_work *w, const struct place *in, struct batch *b,
                       size_t index, struct slip_error *err)
{
    struct slip_stage_find *finds = slip_alloc_array(b->len + 1, sizeof(*finds));
    size_t *of = slip_alloc_array(b->len + 1, sizeof(*of));
    size_t n = 0;
    for (size_t i = 0; i < b->len; i++) {
        struct slip_resolved_platform *p = b->at[i];
        bool searched = index > 0 ? p->found && p->store == in->store : !p->found;
        if (index >= p->digest.n_stages || !searched)
            continue;
        finds[n].digest = p->digest.stages[index].digest;
        finds[n].not_before_ms = index ? p->stage.created_ms : 0;
        of[n++] = i;
    }
    int rc = n ? slip_stages_find(in->stages, finds, n) : 0;
    for (size_t i = 0; i < n; i++) {
        struct slip_resolved_platform *p = b->at[of[i]];
        if (finds[i].err.kind && !err->kind) {
            *err = finds[i].err;
            if (!all_failed_alike(finds, n))
                slip_while(err, "image '%.*s'", SLIP_ARG(resolve_image(w, b->images[of[i]])->name));
        }
        slip_stage_clear(&p->stage);
        p->found = finds[i].found;
        p->stage = finds[i].stage;
        p->store = p->found ? in->store : NULL;
    }
    slip_free(finds);
    slip_free(of);
    return rc;
}

static int not_built(struct resolve_work *w, const struct slip_resolved *r,
                     const struct slip_resolved_platform *p, struct slip_error *err)
{
    bool one_of = r->len > 1 || w->o->n_platforms > 0;
    const char *rule = w->built_before[r->image];
    slip_fail(err, SLIP_E_NOT_BUILT, "image '%.*s'%s%s is not built: %s has no stage %s-*",
              SLIP_ARG(resolve_image(w, r)->name), one_of ? " for " : "", one_of ? p->name : "",
              w->store->name, slip_image_digest_text(&p->digest));
    if (rule && w->o->missing == SLIP_MISSING_BUILDS)
        slip_while(err, "rule '%s' builds nothing (require-built)", rule);
    if (w->below_werf[r->image])
        return slip_hint(err, "an image rests on it that only werf can build: werf build --repo %s",
                         w->store->name);
    bool of_werf = w->store->where.kind == SLIP_STORE_REGISTRY; /* it has no image layouts */
    return slip_hint(err,
                     "build it: %s%s%s\n"
                     "what made its digest another one: slipway why --repo %s '%.*s' %.12s",
                     w->o->to_build ? w->o->to_build : "run where building is allowed",
                     of_werf ? ", or werf build --repo " : "", of_werf ? w->store->name : "",
                     w->store->name, SLIP_ARG(resolve_image(w, r)->name), w->project->commit_hex);
}

static int open_locks(struct resolve_work *w, struct slip_error *err)
{
    const struct slip_stage_locks o = { .settings = w->o->locks,
                                        .registry = w->o->registry,
                                        .store = w->store,
                                        .stages = w->stages,
                                        .project = w->project->set.project,
                                        .now_ms = w->o->now_ms,
                                        .wait_ms = w->o->wait_ms,
                                        .watch = w->o->watch };
    return slip_stage_locks_open(&o, &w->locks, err);
}

/* Once: is everything there that the end of a build needs? */
static int announce_build(struct resolve_work *w, struct slip_error *err)
{
    bool first = !w->builds;
    w->builds = true;
    if (!first)
        return 0;
    if (w->o->before_build && w->o->before_build(w->o->payload, w->out, err) < 0)
        return -1;
    return open_locks(w, err);
}

/* The first time that something is missing. */
static void tell_generation(struct resolve_work *w, const struct batch *b)
{
    for (size_t i = 0; i < b->len && !w->generation_told; i++) {
        if (b->at[i]->found)
            continue;
        w->generation_told = true;
        slip_tell_other_generation(w->stages, &slip_generation_2, w->store->name, w->o->watch);
    }
}

/* Before anything of the level is built. What rests on it and only werf builds would not be there
 * either. */
static int refuse_missing(struct resolve_work *w, struct batch *b, struct slip_error *err)
{
    for (size_t i = 0; i < b->len; i++)
        if (!b->at[i]->found
            && (w->o->missing == SLIP_MISSING_FAILS || w->built_before[b->images[i]->image]
                || w->below_werf[b->images[i]->image]))
            return not_built(w, b->images[i], b->at[i], err);
    return 0;
}

/* Stages that are not there: note, fail or build. */
static int settle_missing(struct resolve_work *w, struct batch *b, struct slip_error *err)
{
    if (w->o->missing == SLIP_MISSING_NOTED)
        return 0;
    if (refuse_missing(w, b, err) < 0)
        return -1;
    for (size_t i = 0; i < b->len; i++) {
        struct slip_resolved_platform *p = b->at[i];
        if (p->found)
            continue;
        if (announce_build(w, err) < 0)
            return -1;
        const struct slip_image *image = resolve_image(w, b->images[i]);
        struct slip_make_stage make = { .project = w->project,
                                        .image = image,
                                        .platform = p->name,
                                        .digest = &p->digest,
                                        .store = w->store,
                                        .stages = w->stages,
                                        .locks = w->locks,
                                        .options = w->o,
                                        .by_image = w->out,
                                        .slot = w->slot };
        if (slip_make_stage(&make, &p->stage, &p->built, err) < 0)
            return slip_while(err, "image '%.*s'", SLIP_ARG(image->name));
        p->found = true;
        p->store = w->store;
    }
    return 0;
}

/* Look in the stage repository, then in the others for what it lacks. */
static int find_everywhere(struct resolve_work *w, struct batch *b, struct slip_error *err)
{
    for (size_t i = 0; i <= w->o->n_secondary; i++) {
        struct place in = { w->store, w->stages };
        if (i > 0)
            in = (struct place){ w->o->secondary[i - 1], w->secondary[i - 1] };
        if (find_stages(w, &in, b, 0, err) < 0 || find_stages(w, &in, b, 1, err) < 0)
            return -1;
    }
    return 0;
}

static int mixed(struct resolve_work *w, const struct slip_resolved *r,
                 const struct slip_resolved_platform *other, struct slip_error *err)
{
    slip_fail(err, SLIP_E_UNSUPPORTED,
              "image '%.*s': '%s' is in %s, '%s' in %s; an index needs them in one repository",
              SLIP_ARG(resolve_image(w, r)->name), r->at[0].name, r->store->name, other->name,
              other->store->name);
    return slip_hint(err, "werf build --repo %s --secondary-repo ... copies them", w->store->name);
}

/* Where it is, and the tag of the index over several platforms. */
static int finish_image(struct resolve_work *w, struct slip_resolved *r, struct slip_error *err)
{
    r->complete = r->len > 0;
    for (size_t i = 0; i < r->len; i++)
        r->complete &= r->at[i].found;
    r->store = r->complete ? r->at[0].store : w->store;
    if (!r->complete || r->len == 1)
        return 0;
    for (size_t i = 1; i < r->len; i++)
        if (r->at[i].store != r->store)
            return mixed(w, r, &r->at[i], err);
    SLIP_AUTO(slip_arena) arena = { 0 };
    struct slip_platform_stage *stages = slip_arena_array(&arena, r->len, sizeof(*stages));
    for (size_t i = 0; i < r->len; i++)
        stages[i] = (struct slip_platform_stage){ slip_str_of(r->at[i].name),
                                                  slip_str_of(r->at[i].stage.tag) };
    slip_generation_2.index_digest(stages, r->len, r->index_tag);
    return 0;
}

static int resolve_level(struct resolve_work *w, size_t level, struct slip_error *err)
{
    size_t most = 0;
    for (size_t i = 0; i < w->out->len; i++)
        most += w->out->at[i].len;
    SLIP_AUTO(slip_arena) arena = { 0 };
    struct batch b = { .images = slip_arena_array(&arena, most + 1, sizeof(*b.images)),
                       .at = slip_arena_array(&arena, most + 1, sizeof(*b.at)) };
    for (size_t i = 0; i < w->out->len; i++) {
        struct slip_resolved *r = &w->out->at[i];
        bool plain = resolve_image(w, r)->kind == SLIP_IMAGE_DOCKERFILE;
        for (size_t k = 0; plain && w->level[r->image] == level && k < r->len; k++) {
            b.images[b.len] = r;
            b.at[b.len++] = &r->at[k];
        }
    }
    if (digest_batch(w, &b, err) < 0)
        return -1;
    if (w->store) {
        if (find_everywhere(w, &b, err) < 0)
            return -1;
        tell_generation(w, &b);
        if (settle_missing(w, &b, err) < 0)
            return -1;
    }
    if (resolve_staged_level(w, level, err) < 0 || resolve_stapel_level(w, level, err) < 0)
        return -1;
    for (size_t i = 0; i < w->out->len; i++)
        if (w->level[w->out->at[i].image] == level && finish_image(w, &w->out->at[i], err) < 0)
            return -1;
    return 0;
}

/* ---- all ---- */

static int resolve(struct resolve_work *w, const bool *wanted, struct slip_error *err)
{
    if (choose_images(w, wanted, err) < 0)
        return -1;
    size_t levels = 0;
    for (size_t i = 0; i < w->out->len; i++)
        if (w->level[w->out->at[i].image] + 1 > levels)
            levels = w->level[w->out->at[i].image] + 1;
    for (size_t level = 0; level < levels; level++)
        if (resolve_level(w, level, err) < 0)
            return -1;
    return 0;
}

int slip_resolve(const struct slip_project *p, const bool *wanted, struct slip_store *store,
                 const struct slip_resolve_options *o, struct slip_resolution *out,
                 struct slip_error *err)
{
    SLIP_AUTO(slip_resolution) result = { 0 };
    struct slip_digest_source source = { .set = &p->set,
                                         .tree = p->tree,
                                         .host_platform = o->host_platform };
    source.work_tree = slip_commit_work_tree(p->repo, &p->commit, &source.no_work_tree);
    SLIP_AUTO_PTR(slip_stages)
    stages = store && !o->stages ? slip_stages_new(store, o->watch) : NULL;
    SLIP_AUTO_PTR(slip_staged) staged = slip_staged_new(&source, o->staged_version);
    result.digester = slip_digester_new(&source);
    if (o->missing == SLIP_MISSING_BUILDS && o->host)
        slip_temp_dir_sweep(o->host->tmpdir); /* where nothing has to be built, too */
    if (stages && o->missing == SLIP_MISSING_BUILDS)
        slip_stages_keep(stages, SLIP_CLIENT_ID_PREFIX);
    SLIP_AUTO_FREE size_t *slot = slip_alloc_array(p->set.len + 1, sizeof(size_t));
    SLIP_AUTO_FREE size_t *level = slip_alloc_array(p->set.len + 1, sizeof(size_t));
    SLIP_AUTO_FREE const char **built_before =
        slip_alloc_array(p->set.len + 1, sizeof(const char *));
    SLIP_AUTO_FREE bool *below_werf = slip_alloc_array(p->set.len + 1, sizeof(bool));
    struct slip_recorded *records = slip_alloc_array(p->set.len + 1, sizeof(*records));
    SLIP_AUTO_FREE char **why = slip_alloc_array(p->set.len + 1, sizeof(char *));
    SLIP_AUTO_FREE enum resolve_way *way = slip_alloc_array(p->set.len + 1, sizeof(*way));
    struct resolve_work w = { .project = p,
                              .store = store,
                              .o = o,
                              .stages = o->stages ? o->stages : stages,
                              .digester = result.digester,
                              .staged = staged,
                              .out = &result,
                              .slot = slot,
                              .level = level,
                              .built_before = built_before,
                              .below_werf = below_werf,
                              .records = records,
                              .why = why,
                              .way = way };
    w.secondary = slip_alloc_array(o->n_secondary + 1, sizeof(*w.secondary));
    for (size_t i = 0; i < o->n_secondary; i++)
        w.secondary[i] = slip_stages_new(o->secondary[i], o->watch);
    int rc = resolve(&w, wanted, err);
    slip_locks_free(w.locks);
    slip_base_envs_free(w.bases);
    for (size_t i = 0; i < p->set.len; i++)
        resolve_forget(&w, i);
    slip_free(records);
    for (size_t i = 0; i < o->n_secondary; i++)
        slip_stages_free(w.secondary[i]);
    slip_free(w.secondary);
    if (rc < 0)
        return -1;
    *out = result;
    result = (struct slip_resolution){ 0 };
    return 0;
}
