/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Staged Dockerfile images (staged-and-stapel-digest.md 7.3): their digests are worked out with
 * what the stage repository and the registries of base images say. Where the environment of a base
 * image counts, the record that werf left for the commit goes before: its builder may have had
 * another copy of the base than the registry has now.
 */
#include "flow/resolve_impl.h"

#include "base/mem.h"

/* One image being resolved. */
struct looking {
    struct resolve_work *w;
    struct slip_resolved *r;
    struct slip_recorded *rec;
    bool asked;            /* the record was looked up */
    bool use_record;       /* it decides, whatever the digest would be */
    unsigned needs;        /* of all its stages */
    struct slip_error why; /* why it is not found, the first reason */
};

/* ---- records ---- */

/* Once; what is recorded stands in `rec` then. */
static int look_up_record(struct looking *l, struct slip_error *err)
{
    const struct slip_recorded_search search = { .project = l->w->project,
                                                 .store = l->w->store,
                                                 .stages = l->w->stages };
    if (l->asked)
        return 0;
    l->asked = true;
    l->rec->image = resolve_image(l->w, l->r);
    l->rec->n_platforms = l->r->len;
    if (slip_find_recorded(&search, &l->rec, 1) < 0 && !resolve_is_open(&l->rec->err)) {
        *err = l->rec->err;
        return -1;
    }
    return 0;
}

/* ---- what a digest asks for ---- */

static int note_time(void *payload, int64_t created_ms, struct slip_error *err)
{
    (void)err;
    int64_t *oldest = payload;
    if (*oldest < 0 || created_ms < *oldest)
        *oldest = created_ms;
    return 0;
}

/* By the tags alone. */
static int find_listed(struct resolve_work *w, const char *digest, int64_t not_before_ms,
                       struct slip_staged_found *out, struct slip_error *err)
{
    int64_t oldest = -1;
    if (slip_stages_candidates(w->stages, digest, not_before_ms, note_time, &oldest, err) < 0)
        return -1;
    out->found = oldest >= 0;
    out->created_ms = oldest;
    return 0;
}

static int find_read(struct resolve_work *w, const char *digest, int64_t not_before_ms,
                     struct slip_arena *a, struct slip_staged_found *out, struct slip_error *err)
{
    struct slip_stage_find find = { .digest = digest, .not_before_ms = not_before_ms };
    if (slip_stages_find(w->stages, &find, 1) < 0) {
        *err = find.err;
        return -1;
    }
    out->found = find.found;
    out->created_ms = find.stage.created_ms;
    struct slip_str *env = slip_arena_array(a, find.stage.config.n_env + 1, sizeof(*env));
    for (size_t i = 0; i < find.stage.config.n_env; i++)
        env[i] = slip_arena_str(a, find.stage.config.env[i]);
    out->env = env;
    out->n_env = find.stage.config.n_env;
    slip_stage_clear(&find.stage);
    return 0;
}

static int find_stage(void *payload, const char *digest, int64_t not_before_ms, bool with_config,
                      struct slip_arena *a, struct slip_staged_found *out, struct slip_error *err)
{
    struct resolve_work *w = ((struct looking *)payload)->w;
    char tag[sizeof(((struct slip_stage *)0)->tag)];
    if ((with_config ? find_read(w, digest, not_before_ms, a, out, err)
                     : find_listed(w, digest, not_before_ms, out, err))
        < 0)
        return -1;
    slip_stage_tag_print(digest, out->created_ms, tag, sizeof(tag));
    out->name = slip_stage_name(a, slip_str_of(w->store->name), slip_str_of(tag));
    return 0;
}

static void want_stage(void *payload, const char *digest)
{
    slip_stages_want(((struct looking *)payload)->w->stages, slip_str_of(digest));
}

/* A base whose environment counts: what is recorded says which stage werf published. */
static int read_base(void *payload, struct slip_str reference, const char *platform,
                     struct slip_arena *a, struct slip_base_env *out, struct slip_error *err)
{
    struct looking *l = payload;
    const struct slip_resolve_options *o = l->w->o;
    if (look_up_record(l, err) < 0)
        return -1;
    if (l->rec->found && !o->explain) {
        l->use_record = true;
        return slip_fail(err, SLIP_E_UNSUPPORTED, "its stage is recorded");
    }
    if (o->base_env)
        return o->base_env(o->payload, reference, platform, a, out, err);
    SLIP_AUTO_FREE char *what =
        slip_printf("its digest counts the environment of the base image '%.*s', whose registry",
                    SLIP_ARG(reference));
    if (resolve_may_ask_base(o, what, err) < 0)
        return -1;
    if (!l->w->bases)
        l->w->bases = slip_base_envs_new(o->registry);
    return slip_base_envs_read(l->w->bases, reference, platform, out, err);
}

/* ---- one platform ---- */

static int keep_why(struct looking *l, const struct slip_error *why)
{
    if (!l->why.kind)
        l->why = *why;
    return 0;
}

/* What is known of it without the stage repository is not lost. */
static int rests_on_missing(struct looking *l)
{
    struct slip_error why = { 0 };
    slip_fail(&why, SLIP_E_NOT_BUILT, "image '%.*s': it rests on an image that is not built",
              SLIP_ARG(resolve_image(l->w, l->r)->name));
    return keep_why(l, &why);
}

static int unsure(struct looking *l, struct slip_str base)
{
    struct slip_error why = { 0 };
    slip_fail(&why, SLIP_E_UNSUPPORTED,
              "image '%.*s': its digest counts the environment of '%.*s', which is another one for "
              "other platforms: which of them werf takes is told by no commit",
              SLIP_ARG(resolve_image(l->w, l->r)->name), SLIP_ARG(base));
    slip_hint(&why,
              "where werf has built it for this commit, its record tells: build it with werf "
              "(werf build --repo %s)",
              l->w->store ? l->w->store->name : "REPOSITORY");
    return keep_why(l, &why);
}

static int lacks(struct looking *l, const struct slip_resolved_platform *p, const char *digest)
{
    struct slip_error why = { 0 };
    bool one_of = l->r->len > 1 || l->w->o->n_platforms > 0;
    slip_fail(&why, SLIP_E_NOT_BUILT, "image '%.*s'%s%s is not built: %s has no stage %s-*",
              SLIP_ARG(resolve_image(l->w, l->r)->name), one_of ? " for " : "",
              one_of ? p->name : "", l->w->store->name, digest);
    return keep_why(l, &why);
}

/* The stage of a digest that is known, behind the others of its image. */
static int find_last(struct looking *l, struct slip_resolved_platform *p,
                     const struct slip_staged_result *staged, struct slip_error *err)
{
    struct resolve_work *w = l->w;
    if (!staged->earlier_found)
        return lacks(l, p, staged->missing);
    struct slip_stage_find find = { .digest = slip_image_digest_text(&staged->digest),
                                    .not_before_ms = staged->not_before_ms };
    if (slip_stages_find(w->stages, &find, 1) < 0) {
        *err = find.err;
        return slip_while(err, "image '%.*s'", SLIP_ARG(resolve_image(w, l->r)->name));
    }
    if (!find.found)
        return lacks(l, p, find.digest);
    p->stage = find.stage;
    p->found = true;
    p->store = w->store;
    return 0;
}

static int take_digest(struct looking *l, struct slip_resolved_platform *p,
                       struct slip_staged_result *staged, struct slip_error *err)
{
    int rc = 0;
    for (size_t i = 0; i < staged->n_units; i++)
        for (size_t k = 0; k < staged->units[i].n_stages; k++)
            l->needs |= staged->units[i].needs[k];
    if (staged->unsure.len)
        unsure(l, staged->unsure);
    else if (l->w->store)
        rc = find_last(l, p, staged, err);
    p->known = staged->unsure.len == 0;
    p->digest = staged->digest;
    staged->digest = (struct slip_image_digest){ 0 };
    return rc;
}

static int look_at(struct looking *l, struct slip_resolved_platform *p, struct slip_error *err)
{
    struct resolve_work *w = l->w;
    const struct slip_staged_registry registry = {
        .payload = l, .find = find_stage, .want = want_stage, .base_env = read_base
    };
    SLIP_AUTO(slip_arena) arena = { 0 };
    SLIP_AUTO(slip_staged_result) staged = { 0 };
    struct slip_staged_request q = { .image = l->r->image, .platform = p->name };
    struct slip_dependency_value *values;
    struct slip_error why = { 0 };
    if (!resolve_dependency_values(w, resolve_image(w, l->r), p->name, &arena, &values))
        return rests_on_missing(l);
    q.dependencies = values;
    q.registry = w->store ? &registry : NULL;
    if (slip_staged_digest(w->staged, &q, &staged, &why) == 0)
        return take_digest(l, p, &staged, err);
    if (resolve_is_open(&why))
        return keep_why(l, &why);
    *err = why;
    return -1;
}

/* ---- the verdict ---- */

static bool is_complete(const struct slip_resolved *r)
{
    for (size_t i = 0; i < r->len; i++)
        if (!r->at[i].found)
            return false;
    return r->len > 0;
}

static void forget(struct slip_resolved *r)
{
    for (size_t i = 0; i < r->len; i++) {
        slip_stage_clear(&r->at[i].stage);
        r->at[i].found = false;
        r->at[i].store = NULL;
    }
}

/* werf recorded another stage than the one that its digest leads to now. */
static void differs(struct looking *l, const char *tag)
{
    struct slip_error why = { 0 };
    slip_fail(&why, SLIP_E_UNSUPPORTED,
              "image '%.*s': werf recorded %s for commit %.12s, but by its digest it is %s now",
              SLIP_ARG(resolve_image(l->w, l->r)->name), l->rec->stages.at[0],
              l->w->project->commit_hex, tag);
    slip_hint(&why, "a setting or a base image has changed since it was built: export this image "
                    "with werf");
    forget(l->r);
    keep_why(l, &why);
}

/* Does what was found agree with the records? A digest that rests on nothing needs none. */
static int check_records(struct looking *l, struct slip_error *err)
{
    char tag[sizeof(l->r->at[0].stage.tag)];
    const struct slip_image *image = resolve_image(l->w, l->r);
    if (!l->needs && !image->n_dependencies)
        return 0;
    if (look_up_record(l, err) < 0)
        return -1;
    (void)resolve_tag_of(l->r, tag); /* all are there */
    if (l->rec->stages.len && !resolve_is_recorded(l->rec, tag))
        differs(l, tag);
    return 0;
}

static int not_found(struct looking *l, struct slip_error *err)
{
    struct resolve_work *w = l->w;
    const char *rule = w->built_before[l->r->image];
    if (l->why.kind == SLIP_E_NOT_BUILT && w->store)
        slip_hint_at_werf_build(w->store, resolve_image(w, l->r), &l->why);
    w->why[l->r->image] = slip_strdup(l->why.text);
    if (!resolve_must_be_found(w, l->r))
        return 0;
    if (w->o->missing == SLIP_MISSING_NOTED || !w->store) {
        slip_watch_warn(w->o->watch, NULL, "%s", l->why.text);
        return 0;
    }
    *err = l->why;
    if (rule && w->o->missing == SLIP_MISSING_BUILDS && err->kind == SLIP_E_NOT_BUILT)
        slip_while(err, "rule '%s' builds nothing (require-built)", rule);
    return -1;
}

static int judge(struct looking *l, struct slip_error *err)
{
    if (is_complete(l->r) && check_records(l, err) < 0)
        return -1;
    if (is_complete(l->r))
        return 0;
    if (l->use_record) {
        resolve_take_recorded(l->w, l->r);
        return 0;
    }
    return l->why.kind ? not_found(l, err) : 0; /* 0: there is no repository to look into */
}

static int resolve_one(struct resolve_work *w, struct slip_resolved *r, struct slip_error *err)
{
    struct looking l = { .w = w, .r = r, .rec = &w->records[r->image] };
    for (size_t i = 0; i < r->len && !l.use_record; i++)
        if (look_at(&l, &r->at[i], err) < 0)
            return -1;
    return judge(&l, err);
}

int resolve_staged_level(struct resolve_work *w, size_t level, struct slip_error *err)
{
    for (size_t i = 0; i < w->out->len; i++) {
        struct slip_resolved *r = &w->out->at[i];
        if (resolve_image(w, r)->kind == SLIP_IMAGE_STAGED && w->level[r->image] == level
            && resolve_one(w, r, err) < 0)
            return -1;
    }
    return 0;
}
