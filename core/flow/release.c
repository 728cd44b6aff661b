/* SPDX-License-Identifier: Apache-2.0 */
/* From images and wishes to names. */
#include "flow/release_impl.h"

#include "base/map.h"
#include "base/mem.h"
#include "registry/index.h"

static void work_clear(struct release_work *w)
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

/* ---- stages ---- */

/* The index of each image that is there for several platforms. */
static int join_platforms(struct release_work *w, struct slip_error *err)
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
            return slip_while(err, "image '%.*s'", SLIP_ARG(release_image(w, r->image)->name));
    }
    return 0;
}

static int open_secondary(struct release_work *w, struct slip_error *err)
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
static const char *const *find_built_before(struct release_work *w)
{
    const char **rules = slip_arena_array(&w->arena, w->project->set.len + 1, sizeof(*rules));
    for (size_t i = 0; i < w->n; i++)
        for (size_t k = 0; w->wishes[i].require_built && k < w->project->set.len; k++)
            if (w->wishes[i].wanted[k] && release_may_be_asked_for(w, i, k))
                rules[k] = slip_arena_strdup(&w->arena, w->wishes[i].rule);
    return rules;
}

static int find_stages(struct release_work *w, struct slip_error *err)
{
    bool *wanted = slip_arena_array(&w->arena, w->project->set.len + 1, sizeof(bool));
    for (size_t i = 0; i < w->n; i++)
        for (size_t k = 0; k < w->project->set.len; k++)
            wanted[k] |= w->wishes[i].wanted[k] && release_may_be_asked_for(w, i, k);
    struct slip_resolve_options resolve = w->o->resolve;
    resolve.built_before = find_built_before(w);
    if (w->o->preflight) {
        resolve.before_build = release_ask_before_build;
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

static void tell_gone(const struct release_work *w, const struct slip_resolved *r,
                      struct slip_error *err)
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
static int publish_indexes(struct release_work *w, struct slip_error *err)
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
        return slip_while(err, "image '%.*s'", SLIP_ARG(release_image(w, r->image)->name));
    }
    return 0;
}

static const struct slip_stored *stored_of(const struct release_work *w, size_t i)
{
    const struct slip_resolved *r = &w->resolution.at[i];
    return r->len == 1 ? &r->at[0].stage.stored : &w->indexes[i];
}

/* ---- names ---- */

/* The row of one image and wish, with what is known before anything was written. */
static void add_row(struct release_work *w, const struct slip_release_wish *wish,
                    const struct slip_resolved *r, const struct slip_stored *stored,
                    struct slip_str name)
{
    struct slip_arena *a = &w->outcome->arena;
    struct slip_outcome_row row = { .action = r->complete || w->o->offline ? SLIP_OUTCOME_PLANNED
                                                                           : SLIP_OUTCOME_NOT_BUILT,
                                    .optional = wish->optional };
    row.rule = wish->rule.len ? slip_arena_strdup(a, wish->rule) : NULL;
    row.image = slip_arena_strdup(a, release_image(w, r->image)->name);
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

static int add_name(struct release_work *w, size_t wish_index, size_t resolved_index,
                    struct slip_error *err)
{
    const struct slip_release_wish *wish = &w->wishes[wish_index];
    const struct slip_resolved *r = &w->resolution.at[resolved_index];
    const struct slip_image *image = release_image(w, r->image);
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
    if (!release_is_asked_for(w, slip_buf_str(&printed))) {
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

static int add_names(struct release_work *w, struct slip_error *err)
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

static int make_plan(struct release_work *w, struct slip_error *err)
{
    const struct slip_reference **stages =
        slip_arena_array(&w->arena, w->o->n_more + 1, sizeof(*stages));
    stages[0] = &w->stage_reference;
    for (size_t i = 0; i < w->o->n_more; i++)
        stages[i + 1] = &w->more[i];
    int rc =
        slip_export_plan_make(w->names.at, w->names.len, stages, w->o->n_more + 1, &w->plan, err);
    if (rc < 0)
        release_blame(w->wishes, err);
    return rc;
}

static struct slip_export_name *find_planned(struct release_work *w, struct slip_str reference)
{
    for (size_t i = 0; i < w->plan.names.len; i++)
        if (slip_str_is(reference, w->plan.names.at[i].reference))
            return &w->plan.names.at[i];
    return NULL;
}

/* What a release wrote that failed before anybody could see its ref may be put right; what a person
 * named, whatever stands there ("*"). */
static int note_replaceable(struct release_work *w, struct slip_error *err)
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
static int check_expected(struct release_work *w, struct slip_error *err)
{
    SLIP_AUTO_PTR(slip_map) digests = release_read_pairs(w, w->o->expected);
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

/* ---- the work ---- */

/* A cleanup may run beside us: what failed because its stage went away shall say so. */
static void look_for_gone_stages(struct release_work *w, size_t first_row)
{
    for (size_t k = 0; k < w->resolution.len; k++) {
        const struct slip_resolved *r = &w->resolution.at[k];
        bool asked = false, gone = false;
        for (size_t i = first_row; i < w->outcome->rows.len; i++) {
            struct slip_outcome_row *row = &w->outcome->rows.at[i];
            if (row->action != SLIP_OUTCOME_FAILED || row->err->kind != SLIP_E_REGISTRY
                || !slip_str_is(release_image(w, r->image)->name, row->image))
                continue;
            gone = asked ? gone : is_gone(r);
            asked = true;
            w->gone |= gone;
            if (gone)
                tell_gone(w, r, row->err);
        }
    }
}

static int carry_out(struct release_work *w, size_t first_row, struct slip_error *err)
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
        release_compare(w, first_row);
        return 0;
    }
    if (slip_export_new(w->o->registry, &w->plan, &options, &x, err) < 0)
        return -1;
    /* What failed stands in the results. */
    if (w->o->phase <= SLIP_PHASE_STAGES)
        (void)!slip_export_check(x);
    else if (slip_export_upload(x) == 0 && w->o->phase == SLIP_PHASE_NAMES)
        (void)!slip_export_names(x);
    release_note_results(w, first_row, slip_export_results(x));
    look_for_gone_stages(w, first_row);
    return 0;
}

static int release(struct release_work *w, struct slip_error *err)
{
    size_t first_row = w->outcome->rows.len;
    if (release_check_all(w, err) < 0 || release_look_early(w, err) < 0 || find_stages(w, err) < 0)
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
    struct release_work w = { .project = p, .wishes = wishes, .n = n, .o = o, .outcome = outcome };
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
