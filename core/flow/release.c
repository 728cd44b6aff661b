/* SPDX-License-Identifier: Apache-2.0 */
/* From images and wishes to names. */
#include "flow/release.h"

#include "base/map.h"
#include "base/mem.h"
#include "export/compare.h"
#include "export/run.h"
#include "flow/early_look.h"
#include "flow/preflight.h"
#include "registry/index.h"
#include "werf/tag_template.h"

/* A content-based tag that no stage has: it stands for the one that is to be built. */
#define STAND_IN                                                                                   \
    "00000000000000000000000000000000000000000000000000000000"                                     \
    "-0000000000000"

struct work {
    const struct slip_project *project;
    const struct slip_release_wish *wishes;
    size_t n;
    const struct slip_release_options *o;
    struct slip_outcome *outcome;

    struct slip_arena arena;
    struct slip_tag_template *templates; /* one per wish */
    struct slip_reference stage_reference;
    struct slip_reference *more; /* further stage repositories */
    struct slip_store *store;
    struct {
        SLIP_VEC(struct slip_store *);
    } secondary;
    struct slip_resolution resolution;
    struct slip_stored *indexes; /* by resolved image: of those with several platforms */
    struct slip_early_look early;
    struct slip_preflight preflight;
    struct {
        SLIP_VEC(struct slip_store *);
    } open; /* those of the two before, borrowed */

    /* One per image and wish, in the order of wishes, then of images. */
    struct {
        SLIP_VEC(struct slip_export_wish);
    } names;
    struct slip_reference *references; /* of `names` */
    size_t *rows;                      /* of `names`: their rows in the outcome */
    struct slip_export_plan plan;
    bool gone; /* a stage disappeared while it was exported */
};

static void work_clear(struct work *w)
{
    slip_export_plan_clear(&w->plan);
    for (size_t i = 0; i < w->names.len; i++)
        slip_reference_clear(&w->references[i]);
    slip_vec_clear(&w->names);
    for (size_t i = 0; w->indexes && i < w->resolution.len; i++)
        slip_stored_clear(&w->indexes[i]);
    slip_resolution_clear(&w->resolution);
    slip_vec_clear(&w->open);
    slip_preflight_clear(&w->preflight);
    slip_early_look_clear(&w->early);
    slip_store_free(w->store);
    for (size_t i = 0; i < w->secondary.len; i++)
        slip_store_free(w->secondary.at[i]);
    slip_vec_clear(&w->secondary);
    for (size_t i = 0; w->more && i < w->o->n_more; i++)
        slip_reference_clear(&w->more[i]);
    slip_reference_clear(&w->stage_reference);
    for (size_t i = 0; w->templates && i < w->n; i++)
        slip_tag_template_clear(&w->templates[i]);
    slip_arena_clear(&w->arena);
}

static bool writes(enum slip_phase phase)
{
    return phase == SLIP_PHASE_UPLOAD || phase == SLIP_PHASE_NAMES;
}

static const struct slip_image *set_image(const struct work *w, size_t i)
{
    return &w->project->set.at[i];
}

/* ---- before any network access ---- */

/* Is `name` a reference, no stage or record of the stage repository, and allowed? */
static int check_name(void *payload, struct slip_str name, struct slip_error *err)
{
    const struct work *w = payload;
    SLIP_AUTO(slip_reference) reference = { 0 };
    if (slip_reference_parse(name, &reference, err) < 0)
        return -1;
    return w->o->may_write ? w->o->may_write(w->o->payload, name, err) : 0;
}

/* The content-based tag has a shape that must not come to stand in the stage repository. */
static int check_stage_names(struct work *w, size_t i, const struct slip_str *names, size_t n,
                             struct slip_error *err)
{
    for (size_t k = 0; k < n; k++) {
        SLIP_AUTO(slip_buf) name = SLIP_BUF(8192);
        SLIP_AUTO(slip_reference) to = { 0 };
        slip_tag_template_expand(&w->templates[i], names[k], SLIP_STR(STAND_IN), &name);
        if (slip_reference_parse(slip_buf_str(&name), &to, err) < 0)
            return -1;
        bool same = slip_reference_same_repository(&to, &w->stage_reference);
        for (size_t m = 0; m < w->o->n_more; m++)
            same |= slip_reference_same_repository(&to, &w->more[m]);
        if (!same || to.is_digest || !slip_tag_is_reserved(slip_str_of(to.identifier)))
            continue;
        slip_fail(err, SLIP_E_CONFIG,
                  "image '%.*s': '%.*s' would stand in the stage repository and look like one of "
                  "its stages or records [E-SELF]",
                  SLIP_ARG(names[k]), SLIP_ARG(w->wishes[i].name));
        return slip_hint(err, "a later 'werf cleanup' would delete it together with all equal "
                              "exports; use another tag or another repository");
    }
    return 0;
}

/* A name that was typed is the command line's fault, one that stands in a rule the file's. */
static void blame(const struct slip_release_wish *wish, struct slip_error *err)
{
    if (err->kind == SLIP_E_USAGE || err->kind == SLIP_E_CONFIG)
        err->kind = wish->rule.len ? SLIP_E_CONFIG : SLIP_E_USAGE;
}

static int check_wish(struct work *w, size_t i, struct slip_error *err)
{
    const struct slip_release_wish *wish = &w->wishes[i];
    struct slip_str *names = slip_arena_array(&w->arena, w->project->set.len + 1, sizeof(*names));
    size_t n = 0;
    for (size_t k = 0; k < w->project->set.len; k++)
        if (wish->wanted[k])
            names[n++] = set_image(w, k)->name;
    if (slip_tag_template_parse(wish->name, &w->templates[i], err) < 0
        || slip_tag_template_check(&w->templates[i], names, n, check_name, w, err) < 0
        || check_stage_names(w, i, names, n, err) < 0) {
        blame(wish, err);
        return wish->rule.len ? slip_while(err, "rule '%.*s'", SLIP_ARG(wish->rule)) : -1;
    }
    return 0;
}

static int check_all(struct work *w, struct slip_error *err)
{
    w->templates = slip_arena_array(&w->arena, w->n + 1, sizeof(*w->templates));
    w->more = slip_arena_array(&w->arena, w->o->n_more + 1, sizeof(*w->more));
    if (slip_repository_parse(w->o->stage_repository, &w->stage_reference, err) < 0)
        return slip_while(err, "stage repository");
    for (size_t i = 0; i < w->o->n_more; i++)
        if (slip_repository_parse(w->o->more_stage_repositories[i], &w->more[i], err) < 0)
            return slip_while(err, "stage repository");
    for (size_t i = 0; i < w->n; i++)
        if (check_wish(w, i, err) < 0)
            return -1;
    return 0;
}

/* "NAME DIGEST" a line; the values are in the arena. NULL is no line. */
static struct slip_map *read_pairs(struct work *w, const char *text)
{
    struct slip_map *digests = slip_map_new(NULL);
    struct slip_str rest = slip_str_of(text), line, name, digest;
    while (slip_str_line(&rest, &line))
        if (slip_str_cut(line, ' ', &name, &digest))
            slip_map_set(digests, name, slip_arena_strdup(&w->arena, digest));
    return digests;
}

/* ---- before a build ---- */

static bool is_asked_for(const struct work *w, struct slip_str name)
{
    struct slip_str rest = slip_str_of(w->o->only), line;
    while (slip_str_line(&rest, &line))
        if (slip_str_eq(line, name))
            return true;
    return !w->o->only;
}

/* Might this wish for this image be asked for? What the stage's digest is part of is not known yet.
 */
static bool may_be_asked_for(const struct work *w, size_t wish, size_t image)
{
    const struct slip_tag_template *t = &w->templates[wish];
    SLIP_AUTO(slip_buf) name = SLIP_BUF(8192);
    SLIP_AUTO(slip_buf) printed = SLIP_BUF(8192);
    SLIP_AUTO(slip_reference) to = { 0 };
    struct slip_error none = { 0 };
    if (!w->o->only || slip_tag_template_uses(t, SLIP_TAG_IMAGE_CONTENT_BASED_TAG))
        return true;
    slip_tag_template_expand(t, set_image(w, image)->name, SLIP_STR(STAND_IN), &name);
    if (slip_reference_parse(slip_buf_str(&name), &to, &none) < 0)
        return true;
    slip_reference_print(&to, &printed);
    return is_asked_for(w, slip_buf_str(&printed));
}

/* A name that may be replaced while it holds a certain digest: the export will see whether it does.
 */
static bool may_be_replaced(struct work *w, const struct slip_reference *to)
{
    SLIP_AUTO_PTR(slip_map) digests = read_pairs(w, w->o->replaceable);
    SLIP_AUTO(slip_buf) name = SLIP_BUF(8192);
    slip_reference_print(to, &name);
    return slip_map_get(digests, slip_buf_str(&name)) != NULL;
}

static int add_preflight(struct work *w, size_t wish_index, size_t image, struct slip_error *err)
{
    const struct slip_release_wish *wish = &w->wishes[wish_index];
    const struct slip_tag_template *t = &w->templates[wish_index];
    SLIP_AUTO(slip_buf) name = SLIP_BUF(8192);
    SLIP_AUTO(slip_reference) to = { 0 };
    slip_tag_template_expand(t, set_image(w, image)->name, SLIP_STR(STAND_IN), &name);
    if (slip_reference_parse(slip_buf_str(&name), &to, err) < 0)
        return -1;
    if (strstr(to.repository, STAND_IN))
        return 0; /* even the repository is known after the build only */
    return slip_preflight_add(
        &w->preflight, &to, !slip_tag_template_uses(t, SLIP_TAG_IMAGE_CONTENT_BASED_TAG),
        wish->if_exists == SLIP_IF_EXISTS_FAIL_IF_DIFFERENT && !may_be_replaced(w, &to),
        wish->optional, err);
}

/* Where images go that are not there yet. Of the others the export asks, once it knows what is
 * equal already. */
static int ask_before_build(void *payload, const struct slip_resolution *so_far,
                            struct slip_error *err)
{
    struct work *w = payload;
    bool uploads = w->o->phase != SLIP_PHASE_STAGES;
    slip_preflight_init(&w->preflight, w->o->registry, w->store);
    for (size_t i = 0; uploads && i < w->n; i++)
        for (size_t k = 0; k < so_far->len; k++) {
            const struct slip_resolved *r = &so_far->at[k];
            bool there = true;
            for (size_t m = 0; m < r->len; m++)
                there &= r->at[m].found;
            if (!there && r->wanted && w->wishes[i].wanted[r->image]
                && may_be_asked_for(w, i, r->image) && add_preflight(w, i, r->image, err) < 0)
                return -1;
        }
    return slip_preflight_run(&w->preflight, w->o->watch, err);
}

/* ---- stages ---- */

/* The names of one image that are known before its stage is, at other hosts than the stages'. */
static int look_early_at(struct work *w, size_t wish, size_t image, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) name = SLIP_BUF(8192);
    SLIP_AUTO(slip_reference) to = { 0 };
    if (slip_tag_template_uses(&w->templates[wish], SLIP_TAG_IMAGE_CONTENT_BASED_TAG)
        || !may_be_asked_for(w, wish, image))
        return 0;
    slip_tag_template_expand(&w->templates[wish], set_image(w, image)->name, SLIP_STR(STAND_IN),
                             &name);
    if (slip_reference_parse(slip_buf_str(&name), &to, err) < 0)
        return -1;
    if (to.kind == SLIP_STORE_REGISTRY && strcmp(to.registry, w->stage_reference.registry) == 0)
        return 0;
    return slip_early_look_add(&w->early, w->o->registry, &to, err);
}

static int look_early(struct work *w, struct slip_error *err)
{
    if (w->o->offline || w->o->phase == SLIP_PHASE_CHECK
        || w->stage_reference.kind != SLIP_STORE_REGISTRY)
        return 0;
    for (size_t i = 0; i < w->n; i++)
        for (size_t k = 0; k < w->project->set.len; k++)
            if (w->wishes[i].wanted[k] && look_early_at(w, i, k, err) < 0)
                return -1;
    slip_early_look_begin(&w->early);
    return 0;
}

/* The index of each image that is there for several platforms. */
static int join_platforms(struct work *w, struct slip_error *err)
{
    w->indexes = slip_arena_array(&w->arena, w->resolution.len + 1, sizeof(*w->indexes));
    for (size_t i = 0; i < w->resolution.len; i++) {
        struct slip_resolved *r = &w->resolution.at[i];
        if (!r->wanted || !r->complete || r->len == 1)
            continue;
        struct slip_stored *children = slip_arena_array(&w->arena, r->len, sizeof(*children));
        for (size_t k = 0; k < r->len; k++) {
            children[k] = r->at[k].stage.stored;
            r->at[k].stage.stored = (struct slip_stored){ 0 };
        }
        int rc = slip_stored_join(children, r->len, &w->indexes[i], err);
        for (size_t k = 0; k < r->len; k++)
            slip_stored_clear(&children[k]);
        if (rc < 0)
            return slip_while(err, "image '%.*s'", SLIP_ARG(set_image(w, r->image)->name));
    }
    return 0;
}

static int open_secondary(struct work *w, struct slip_error *err)
{
    for (size_t i = 0; i < w->o->n_secondary; i++) {
        SLIP_AUTO(slip_reference) where = { 0 };
        struct slip_store *store;
        if (slip_repository_parse(w->o->secondary_repositories[i], &where, err) < 0
            || slip_store_open(w->o->registry, &where, &store, err) < 0)
            return slip_while(err, "--secondary-repo");
        slip_vec_push(&w->secondary, store);
    }
    return 0;
}

/* By image, the rule that does not let it be built. What another rule of the same run would build
 * does not count: whoever asks for built images asks for some that were there before. */
static const char *const *find_built_before(struct work *w)
{
    const char **rules = slip_arena_array(&w->arena, w->project->set.len + 1, sizeof(*rules));
    for (size_t i = 0; i < w->n; i++)
        for (size_t k = 0; w->wishes[i].require_built && k < w->project->set.len; k++)
            if (w->wishes[i].wanted[k] && may_be_asked_for(w, i, k))
                rules[k] = slip_arena_strdup(&w->arena, w->wishes[i].rule);
    return rules;
}

static int find_stages(struct work *w, struct slip_error *err)
{
    bool *wanted = slip_arena_array(&w->arena, w->project->set.len + 1, sizeof(bool));
    for (size_t i = 0; i < w->n; i++)
        for (size_t k = 0; k < w->project->set.len; k++)
            wanted[k] |= w->wishes[i].wanted[k] && may_be_asked_for(w, i, k);
    struct slip_resolve_options resolve = w->o->resolve;
    resolve.built_before = find_built_before(w);
    if (w->o->preflight) {
        resolve.before_build = ask_before_build;
        resolve.payload = w;
    }
    if (w->o->use_report)
        return slip_resolve_report(w->project, wanted, w->o->use_report, w->o->use_report_path,
                                   w->o->registry, &w->resolution, err);
    if (open_secondary(w, err) < 0)
        return -1;
    resolve.secondary = w->secondary.at;
    resolve.n_secondary = w->secondary.len;
    if ((!w->o->offline && slip_store_open(w->o->registry, &w->stage_reference, &w->store, err) < 0)
        || (w->o->listings
            && slip_listings_stages(w->o->listings, &w->stage_reference, &resolve.stages, err) < 0)
        || slip_resolve(w->project, wanted, w->store, &resolve, &w->resolution, err) < 0)
        return -1;
    return join_platforms(w, err);
}

/* Is a stage of a resolved image there no more? An answer that does not come is no reason to
 * doubt. */
static bool is_gone(const struct slip_resolved *r)
{
    bool gone = false;
    for (size_t i = 0; i < r->len && r->complete && !gone; i++) {
        struct slip_manifest_head head = { .identifier = r->at[i].stage.tag };
        gone = r->store->ops->head_manifests(r->store, &head, 1) == 0 && !head.found;
    }
    return gone;
}

static void tell_gone(const struct work *w, const struct slip_resolved *r, struct slip_error *err)
{
    err->kind = SLIP_E_NOT_BUILT;
    slip_while(err, "the stage %s:%s disappeared while it was exported", r->store->name,
               slip_resolved_tag(r));
    slip_hint_instead(err, "was a cleanup running? %s",
                      w->o->resolve.missing == SLIP_MISSING_BUILDS
                          ? "run this again: what is gone is built anew"
                          : "what is gone has to be built: run this without "
                            "--require-built-images");
}

/* The index over several platforms belongs into the stage repository, too: werf reads it there. */
static int publish_indexes(struct work *w, struct slip_error *err)
{
    for (size_t i = 0; i < w->resolution.len; i++) {
        const struct slip_resolved *r = &w->resolution.at[i];
        const struct slip_stored *index = &w->indexes[i];
        if (!r->wanted || !r->complete || r->len == 1 || r->store != w->store)
            continue;
        struct slip_manifest_head head = { .identifier = r->index_tag };
        struct slip_manifest_put put = { .identifier = r->index_tag,
                                         .media_type = index->media_type,
                                         .body = slip_buf_str(&index->manifest) };
        if (w->store->ops->head_manifests(w->store, &head, 1) < 0)
            *err = head.err;
        else if ((!head.found || strcmp(head.digest, index->digest) != 0)
                 && w->store->ops->put_manifests(w->store, &put, 1) < 0)
            *err = put.err;
        if (err->kind == SLIP_OK)
            continue;
        if (err->kind == SLIP_E_REGISTRY && is_gone(r)) {
            w->gone = true;
            tell_gone(w, r, err);
        }
        return slip_while(err, "image '%.*s'", SLIP_ARG(set_image(w, r->image)->name));
    }
    return 0;
}

static const struct slip_stored *stored_of(const struct work *w, size_t i)
{
    const struct slip_resolved *r = &w->resolution.at[i];
    return r->len == 1 ? &r->at[0].stage.stored : &w->indexes[i];
}

/* ---- names ---- */

/* The row of one image and wish, with what is known before anything was written. */
static void add_row(struct work *w, const struct slip_release_wish *wish,
                    const struct slip_resolved *r, const struct slip_stored *stored,
                    struct slip_str name)
{
    struct slip_arena *a = &w->outcome->arena;
    struct slip_outcome_row row = { .action = r->complete || w->o->offline ? SLIP_OUTCOME_PLANNED
                                                                           : SLIP_OUTCOME_NOT_BUILT,
                                    .optional = wish->optional };
    row.rule = wish->rule.len ? slip_arena_strdup(a, wish->rule) : NULL;
    row.image = slip_arena_strdup(a, set_image(w, r->image)->name);
    row.ref = slip_arena_strdup(a, name);
    if (r->complete) {
        row.source = slip_arena_printf(a, "%s:%s", r->store->name, slip_resolved_tag(r));
        row.source_digest = slip_arena_strdup(a, slip_str_of(stored->digest));
    }
    for (size_t k = 0; k < r->len; k++) {
        row.built |= r->at[k].built;
        row.attached |= r->at[k].stage.attached;
    }
    slip_vec_push(&w->outcome->rows, row);
}

static int add_name(struct work *w, size_t wish_index, size_t resolved_index,
                    struct slip_error *err)
{
    const struct slip_release_wish *wish = &w->wishes[wish_index];
    const struct slip_resolved *r = &w->resolution.at[resolved_index];
    const struct slip_image *image = set_image(w, r->image);
    SLIP_AUTO(slip_buf) name = SLIP_BUF(8192);
    SLIP_AUTO(slip_buf) printed = SLIP_BUF(8192);
    char stub[SLIP_STAGE_DIGEST_LEN + 32];
    const char *tag = slip_resolved_tag(r);
    if (!tag) { /* to be built: what the name will be is known but for the time */
        snprintf(stub, sizeof(stub), "%s-<time>",
                 r->len == 1 && r->at[0].known ? slip_image_digest_text(&r->at[0].digest)
                                               : "<digest>");
        tag = stub;
    }
    slip_tag_template_expand(&w->templates[wish_index], image->name, slip_str_of(tag), &name);
    if (!r->complete) {
        add_row(w, wish, r, NULL, slip_buf_str(&name));
        return 0;
    }
    struct slip_reference *to = &w->references[w->names.len];
    if (slip_reference_parse(slip_buf_str(&name), to, err) < 0)
        return -1;
    slip_reference_print(to, &printed);
    if (!is_asked_for(w, slip_buf_str(&printed))) {
        slip_reference_clear(to);
        return 0;
    }
    add_row(w, wish, r, stored_of(w, resolved_index), slip_buf_str(&printed));
    w->rows[w->names.len] = w->outcome->rows.len - 1;
    const struct slip_outcome_row *row = &w->outcome->rows.at[w->outcome->rows.len - 1];
    slip_vec_push(&w->names, (struct slip_export_wish){ .rule = row->rule,
                                                        .image = row->image,
                                                        .from = r->store,
                                                        .stored = stored_of(w, resolved_index),
                                                        .source = row->source,
                                                        .how = wish->how,
                                                        .to = to,
                                                        .version = wish->version,
                                                        .if_exists = wish->if_exists,
                                                        .required = !wish->optional,
                                                        .floating = wish->floating,
                                                        .latest = wish->latest });
    return 0;
}

static int add_names(struct work *w, struct slip_error *err)
{
    w->references =
        slip_arena_array(&w->arena, w->n * w->resolution.len + 1, sizeof(*w->references));
    w->rows = slip_arena_array(&w->arena, w->n * w->resolution.len + 1, sizeof(*w->rows));
    for (size_t i = 0; i < w->n; i++)
        for (size_t k = 0; k < w->resolution.len; k++)
            if (w->resolution.at[k].wanted && w->wishes[i].wanted[w->resolution.at[k].image]
                && add_name(w, i, k, err) < 0)
                return -1;
    return 0;
}

static int make_plan(struct work *w, struct slip_error *err)
{
    const struct slip_reference **stages =
        slip_arena_array(&w->arena, w->o->n_more + 1, sizeof(*stages));
    stages[0] = &w->stage_reference;
    for (size_t i = 0; i < w->o->n_more; i++)
        stages[i + 1] = &w->more[i];
    int rc =
        slip_export_plan_make(w->names.at, w->names.len, stages, w->o->n_more + 1, &w->plan, err);
    if (rc < 0)
        blame(w->wishes, err);
    return rc;
}

static struct slip_export_name *find_planned(struct work *w, struct slip_str reference)
{
    for (size_t i = 0; i < w->plan.names.len; i++)
        if (slip_str_is(reference, w->plan.names.at[i].reference))
            return &w->plan.names.at[i];
    return NULL;
}

/* What a release wrote that failed before anybody could see its ref may be put right; what a person
 * named, whatever stands there ("*"). */
static int note_replaceable(struct work *w, struct slip_error *err)
{
    struct slip_str rest = slip_str_of(w->o->replaceable), line, name, digest;
    while (slip_str_line(&rest, &line)) {
        if (!slip_str_cut(line, ' ', &name, &digest))
            continue;
        struct slip_export_name *planned = find_planned(w, name);
        bool any = slip_str_is(digest, "*");
        if (!planned && any) {
            slip_fail(err, SLIP_E_USAGE, "this run writes no '%.*s'", SLIP_ARG(name));
            return slip_hint(err, "its names: the same command with --dry-run");
        }
        if (planned && any)
            planned->if_exists = SLIP_IF_EXISTS_SKIP_IF_SAME;
        else if (planned)
            planned->replaceable = slip_arena_strdup(&w->arena, digest);
    }
    return 0;
}

/* What is about to be written must be what was prepared: the same commit may give other images when
 * the environment that its templates read has changed since. */
static int check_expected(struct work *w, struct slip_error *err)
{
    SLIP_AUTO_PTR(slip_map) digests = read_pairs(w, w->o->expected);
    for (size_t i = 0; i < w->plan.names.len; i++) {
        const struct slip_export_name *n = &w->plan.names.at[i];
        const char *before = slip_map_get(digests, slip_str_of(n->reference));
        const char *now = slip_export_name_digest(&w->plan, n);
        if (before && strcmp(before, now) != 0) {
            slip_fail(err, SLIP_E_CONFLICT,
                      "%s: %.19s was prepared, but this commit gives %.19s here and now",
                      n->reference, before, now);
            return slip_hint(err, "did an environment variable change that werf.yaml reads? write "
                                  "the names with: slipway run --ref REF");
        }
    }
    return 0;
}

/* ---- the outcome ---- */

static enum slip_outcome_action action_of(enum slip_export_state state)
{
    static const enum slip_outcome_action actions[] = {
        [SLIP_EXPORT_PENDING] = SLIP_OUTCOME_PLANNED,
        [SLIP_EXPORT_UPLOADED] = SLIP_OUTCOME_UPLOADED,
        [SLIP_EXPORT_WRITTEN] = SLIP_OUTCOME_WRITTEN,
        [SLIP_EXPORT_MOVED] = SLIP_OUTCOME_MOVED,
        [SLIP_EXPORT_UNCHANGED] = SLIP_OUTCOME_UNCHANGED,
        [SLIP_EXPORT_SKIPPED] = SLIP_OUTCOME_SKIPPED,
        [SLIP_EXPORT_FAILED] = SLIP_OUTCOME_FAILED,
        [SLIP_EXPORT_NOT_ATTEMPTED] = SLIP_OUTCOME_NOT_ATTEMPTED,
    };
    return actions[state];
}

static void note_result(struct work *w, struct slip_outcome_row *row,
                        const struct slip_export_name *name, const void *results)
{
    const struct slip_export_result *result =
        (const struct slip_export_result *)results + (name - w->plan.names.at);
    struct slip_arena *a = &w->outcome->arena;
    row->digest = slip_arena_strdup(a, slip_str_of(slip_export_name_digest(&w->plan, name)));
    row->action = action_of(result->state);
    row->bytes_sent = result->bytes_sent;
    row->attached |= result->attached;
    if (result->err)
        row->err = slip_outcome_error(w->outcome, result->err);
    if (result->state == SLIP_EXPORT_SKIPPED)
        row->reason = result->newer[0]
                          ? slip_arena_printf(a, "the newer %s is there", result->newer)
                          : "it is there and shall stay as it is";
    if (result->state == SLIP_EXPORT_MOVED)
        row->reason = slip_arena_printf(a, "was %.19s", result->before);
}

/* One result per name of the plan, told to `note`. Rows find theirs by the text of the name, since
 * equal wishes share one; a name that is a digest is known only now. */
static void note_rows(struct work *w, size_t first_row,
                      void (*note)(struct work *w, struct slip_outcome_row *row,
                                   const struct slip_export_name *name, const void *results),
                      const void *results)
{
    SLIP_AUTO_PTR(slip_map) by_name = slip_map_new(NULL);
    for (size_t i = 0; i < w->plan.names.len; i++) {
        const struct slip_export_name *name = &w->plan.names.at[i];
        struct slip_outcome_row *row = &w->outcome->rows.at[w->rows[name->wish - w->names.at]];
        if (name->wish->to->is_digest)
            row->ref = slip_arena_strdup(&w->outcome->arena, slip_str_of(name->reference));
        slip_map_set(by_name, slip_str_of(name->reference), &w->plan.names.at[i]);
    }
    for (size_t i = first_row; i < w->outcome->rows.len; i++) {
        struct slip_outcome_row *row = &w->outcome->rows.at[i];
        const struct slip_export_name *name = slip_map_get(by_name, slip_str_of(row->ref));
        if (name && row->action != SLIP_OUTCOME_NOT_BUILT)
            note(w, row, name, results);
    }
}

static void note_comparison(struct work *w, struct slip_outcome_row *row,
                            const struct slip_export_name *name, const void *comparisons)
{
    static const enum slip_outcome_action actions[] = {
        [SLIP_COMPARE_EQUAL] = SLIP_OUTCOME_EQUAL,
        [SLIP_COMPARE_MISSING] = SLIP_OUTCOME_MISSING,
        [SLIP_COMPARE_DIFFERS] = SLIP_OUTCOME_DIFFERS,
        [SLIP_COMPARE_FAILED] = SLIP_OUTCOME_FAILED,
    };
    struct slip_arena *a = &w->outcome->arena;
    const struct slip_comparison *c =
        (const struct slip_comparison *)comparisons + (name - w->plan.names.at);
    row->action = actions[c->state];
    row->digest = slip_arena_strdup(a, slip_str_of(slip_export_name_digest(&w->plan, name)));
    row->err = slip_outcome_error(w->outcome, &c->err);
    if (c->state == SLIP_COMPARE_DIFFERS) {
        row->reason = slip_arena_printf(a, "%.19s is there", c->there);
        row->details = slip_arena_strdup(a, slip_str_of(c->differences));
    }
}

/* Names that no listing has need not be asked for, nor those of a repository that has none. */
static void find_absent(struct work *w, bool *absent, struct slip_error *unlisted)
{
    for (size_t i = 0; i < w->plan.names.len; i++) {
        const struct slip_reference *to = w->plan.names.at[i].wish->to;
        bool listed = true;
        if (w->o->listings && !to->is_digest
            && slip_listings_has(w->o->listings, to, &listed, &unlisted[i]) < 0)
            listed = false;
        absent[i] = !listed;
    }
}

/* A stage that is gone, as the cleanup of old ones leaves it: what can be said of its name is
 * whether it is there. */
static void look_without_stage(struct work *w, struct slip_outcome_row *row)
{
    SLIP_AUTO(slip_reference) to = { 0 };
    struct slip_error unknown = { 0 }, err = { 0 };
    bool listed;
    if (slip_reference_parse(slip_str_of(row->ref), &to, &unknown) < 0 || to.is_digest)
        return; /* the name holds the content-based tag, which nobody knows any more */
    if (slip_listings_has(w->o->listings, &to, &listed, &err) < 0) {
        row->action = SLIP_OUTCOME_FAILED;
        row->err = slip_outcome_error(w->outcome, &err);
        return;
    }
    row->action = listed ? SLIP_OUTCOME_SKIPPED : SLIP_OUTCOME_MISSING;
    row->reason = listed ? "it is there; not compared, its stage is gone" : "to be built first";
}

/* What is under the names against what would be written. */
static void compare(struct work *w, size_t first_row)
{
    size_t n = w->plan.names.len;
    struct slip_comparison *c = slip_alloc_array(n + 1, sizeof(*c));
    SLIP_AUTO_FREE bool *absent = slip_alloc_array(n + 1, sizeof(*absent));
    SLIP_AUTO_FREE struct slip_error *unlisted = slip_alloc_array(n + 1, sizeof(*unlisted));
    find_absent(w, absent, unlisted);
    /* What failed stands in the rows. */
    (void)!slip_export_compare(w->o->registry, &w->plan, absent, c);
    for (size_t i = 0; i < n; i++) {
        if (unlisted[i].kind == SLIP_OK)
            continue;
        c[i].state = SLIP_COMPARE_FAILED;
        c[i].err = unlisted[i];
    }
    note_rows(w, first_row, note_comparison, c);
    slip_comparisons_clear(c, n);
    slip_free(c);
    for (size_t i = first_row; w->o->listings && i < w->outcome->rows.len; i++)
        if (w->outcome->rows.at[i].action == SLIP_OUTCOME_NOT_BUILT)
            look_without_stage(w, &w->outcome->rows.at[i]);
}

/* A cleanup may run beside us: what failed because its stage went away shall say so. */
static void look_for_gone_stages(struct work *w, size_t first_row)
{
    for (size_t k = 0; k < w->resolution.len; k++) {
        const struct slip_resolved *r = &w->resolution.at[k];
        bool asked = false, gone = false;
        for (size_t i = first_row; i < w->outcome->rows.len; i++) {
            struct slip_outcome_row *row = &w->outcome->rows.at[i];
            if (row->action != SLIP_OUTCOME_FAILED || row->err->kind != SLIP_E_REGISTRY
                || !slip_str_is(set_image(w, r->image)->name, row->image))
                continue;
            gone = asked ? gone : is_gone(r);
            asked = true;
            w->gone |= gone;
            if (gone)
                tell_gone(w, r, row->err);
        }
    }
}

static int carry_out(struct work *w, size_t first_row, struct slip_error *err)
{
    if (note_replaceable(w, err) < 0)
        return -1;
    for (size_t i = 0; i < w->preflight.stores.len; i++)
        slip_vec_push(&w->open, w->preflight.stores.at[i]);
    for (size_t i = 0; i < w->early.stores.len; i++)
        slip_vec_push(&w->open, w->early.stores.at[i]);
    struct slip_export_options options = { .by_digest = w->o->phase == SLIP_PHASE_UPLOAD,
                                           .preflight = w->o->preflight,
                                           .watch = w->o->watch,
                                           .locks = w->o->name_locks,
                                           .open = w->open.at,
                                           .n_open = w->open.len,
                                           .seen = w->early.heads.at,
                                           .n_seen = w->early.heads.len };
    SLIP_AUTO_PTR(slip_export) x = NULL;
    if (w->o->phase == SLIP_PHASE_CHECK) {
        compare(w, first_row);
        return 0;
    }
    if (slip_export_new(w->o->registry, &w->plan, &options, &x, err) < 0)
        return -1;
    /* What failed stands in the results. */
    if (w->o->phase <= SLIP_PHASE_STAGES)
        (void)!slip_export_check(x);
    else if (slip_export_upload(x) == 0 && w->o->phase == SLIP_PHASE_NAMES)
        (void)!slip_export_names(x);
    note_rows(w, first_row, note_result, slip_export_results(x));
    look_for_gone_stages(w, first_row);
    return 0;
}

static int release(struct work *w, struct slip_error *err)
{
    size_t first_row = w->outcome->rows.len;
    if (check_all(w, err) < 0 || look_early(w, err) < 0 || find_stages(w, err) < 0)
        return -1;
    slip_early_look_end(&w->early);
    if (w->o->save_report)
        slip_report_of_resolution(w->project, &w->resolution, w->indexes,
                                  w->o->resolve.engine->name, w->o->save_report);
    if ((writes(w->o->phase) && publish_indexes(w, err) < 0))
        return -1;
    if (add_names(w, err) < 0 || make_plan(w, err) < 0 || check_expected(w, err) < 0
        || carry_out(w, first_row, err) < 0) {
        w->outcome->rows.len = first_row;
        return -1;
    }
    return 0;
}

static int attempt(const struct slip_project *p, const struct slip_release_wish *wishes, size_t n,
                   const struct slip_release_options *o, struct slip_outcome *outcome, bool *gone,
                   struct slip_error *err)
{
    struct work w = { .project = p, .wishes = wishes, .n = n, .o = o, .outcome = outcome };
    int rc = release(&w, err);
    *gone = w.gone;
    work_clear(&w);
    return rc;
}

/* May what is gone be built anew? What was prepared must not become something else. */
static bool builds_anew(const struct slip_release_options *o)
{
    return writes(o->phase) && o->resolve.missing == SLIP_MISSING_BUILDS && !o->use_report
           && !o->expected;
}

static bool was_written(const struct slip_outcome_row *row)
{
    return row->action == SLIP_OUTCOME_WRITTEN || row->action == SLIP_OUTCOME_MOVED;
}

/* What the first attempt wrote was written in this run, though the second one found it there. */
static void keep_what_was_written(const struct slip_outcome_row *before, size_t n,
                                  struct slip_outcome_row *now)
{
    for (size_t i = 0; i < n; i++) {
        now[i].bytes_sent += before[i].bytes_sent;
        if (was_written(&before[i]) && now[i].action == SLIP_OUTCOME_UNCHANGED
            && strcmp(before[i].ref, now[i].ref) == 0) {
            now[i].action = before[i].action;
            now[i].reason = before[i].reason;
        }
    }
}

/* Once more, now that a stage is gone: it is looked for and built again. */
static int release_again(const struct slip_project *p, const struct slip_release_wish *wishes,
                         size_t n, const struct slip_release_options *o,
                         struct slip_outcome *outcome, size_t first_row, struct slip_error *err)
{
    bool gone, written = false;
    size_t n_rows = outcome->rows.len - first_row;
    SLIP_AUTO_FREE struct slip_outcome_row *before = slip_alloc_array(n_rows + 1, sizeof(*before));
    if (n_rows)
        memcpy(before, outcome->rows.at + first_row, n_rows * sizeof(*before));
    outcome->rows.len = first_row;
    *err = (struct slip_error){ 0 };
    slip_watch_step(o->watch, NULL, "a stage disappeared while it was exported; it is built again");
    int rc = attempt(p, wishes, n, o, outcome, &gone, err);
    if (rc == 0 && outcome->rows.len - first_row == n_rows)
        keep_what_was_written(before, n_rows, outcome->rows.at + first_row);
    for (size_t i = 0; i < n_rows; i++)
        written |= was_written(&before[i]);
    if (rc == 0 || !written)
        return rc;
    /* Some names are there: they must be told of, with what became of the others. */
    for (size_t i = 0; i < n_rows; i++) {
        if (before[i].action == SLIP_OUTCOME_FAILED)
            before[i].err = slip_outcome_error(outcome, err);
        slip_vec_push(&outcome->rows, before[i]);
    }
    *err = (struct slip_error){ 0 };
    return 0;
}

int slip_release(const struct slip_project *p, const struct slip_release_wish *wishes, size_t n,
                 const struct slip_release_options *o, struct slip_outcome *outcome,
                 struct slip_error *err)
{
    size_t first_row = outcome->rows.len;
    bool gone;
    int rc = attempt(p, wishes, n, o, outcome, &gone, err);
    if (!gone || !builds_anew(o))
        return rc;
    return release_again(p, wishes, n, o, outcome, first_row, err);
}
