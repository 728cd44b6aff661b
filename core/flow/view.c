/* SPDX-License-Identifier: Apache-2.0 */
/* An image of a commit, as far as it can be known without building. */
#include "flow/view.h"

#include "flow/resolve.h"

void slip_viewer_begin(struct slip_viewer *v)
{
    v->memo = slip_select_memo_new();
    v->seen = slip_map_new(slip_free);
    if (v->stages)
        slip_stages_list_whole(v->stages);
}

void slip_viewer_end(struct slip_viewer *v)
{
    slip_select_memo_free(v->memo);
    slip_map_free(v->seen);
    v->memo = NULL;
    v->seen = NULL;
}

void slip_view_clear(struct slip_view *view)
{
    for (size_t i = 0; i < view->len; i++) {
        slip_free(view->at[i].name);
        slip_image_digest_clear(&view->at[i].digest);
    }
    slip_free(view->at);
    slip_digester_free(view->digester);
    slip_image_set_clear(&view->set);
    *view = (struct slip_view){ 0 };
}

const struct slip_view_platform *slip_view_platform(const struct slip_view *view, const char *name)
{
    for (size_t i = 0; i < view->len; i++)
        if (strcmp(view->at[i].name, name) == 0)
            return &view->at[i];
    return NULL;
}

/* ---- stages ---- */

static int note_candidate(void *payload, int64_t created_ms, struct slip_error *err)
{
    (void)created_ms;
    (void)err;
    *(bool *)payload = true;
    return 0;
}

/* Read the stages of a digest one after the other; `out` is the last one. */
static int read_stages(const struct slip_viewer *v, const struct slip_image_digest *d,
                       struct slip_seen_stage *out, struct slip_error *err)
{
    int64_t not_before_ms = 0;
    for (size_t i = 0; i < d->n_stages; i++) {
        struct slip_stage_find find = { .digest = d->stages[i].digest,
                                        .not_before_ms = not_before_ms };
        if (slip_stages_find(v->stages, &find, 1) < 0) {
            *err = find.err;
            return -1;
        }
        out->found = find.found;
        if (!find.found)
            return 0;
        not_before_ms = find.stage.created_ms;
        snprintf(out->tag, sizeof(out->tag), "%s", find.stage.tag);
        snprintf(out->digest, sizeof(out->digest), "%s", find.stage.stored.digest);
        snprintf(out->config_digest, sizeof(out->config_digest), "%s", find.stage.config_digest);
        slip_stage_clear(&find.stage);
    }
    return 0;
}

/* Nothing is read of a digest that no tag begins with. */
static int look_up(const struct slip_viewer *v, const struct slip_image_digest *d,
                   const struct slip_seen_stage **out, struct slip_error *err)
{
    const char *digest = slip_image_digest_text(d);
    bool any = false;
    *out = v->stages ? slip_map_get(v->seen, slip_str_of(digest)) : NULL;
    if (*out || !v->stages)
        return 0;
    if (slip_stages_candidates(v->stages, digest, 0, note_candidate, &any, err) < 0)
        return -1;
    struct slip_seen_stage *seen = slip_new(struct slip_seen_stage);
    slip_map_set(v->seen, slip_str_of(digest), seen);
    *out = seen;
    return any ? read_stages(v, d, seen, err) : 0;
}

/* ---- digests ---- */

/* Images of one platform on their way to the one that is asked for. */
struct row {
    struct slip_image_digest digest;
    const struct slip_seen_stage *stage;
};

static int has_platform(const struct slip_viewer *v, const struct slip_image *image,
                        const char *name, bool *yes, struct slip_error *err)
{
    SLIP_AUTO(slip_platforms) platforms = { 0 };
    if (slip_image_platforms(image, v->platforms, v->n_platforms, v->host_platform, &platforms, err)
        < 0)
        return -1;
    *yes = false;
    for (size_t i = 0; i < platforms.len; i++)
        *yes |= strcmp(platforms.at[i], name) == 0;
    return 0;
}

/* What an image imports; NULL in `out` when one of them is not there, which `waits_for` names. */
static void dependency_values(const struct slip_viewer *v, const struct slip_view *view,
                              const struct slip_image *image, const struct row *rows,
                              struct slip_arena *a, struct slip_dependency_value **out,
                              struct slip_str *waits_for)
{
    struct slip_dependency_value *values =
        slip_arena_array(a, image->n_dependencies + 1, sizeof(*values));
    *out = NULL;
    for (size_t i = 0; i < image->n_dependencies; i++) {
        const struct row *from = &rows[image->dependencies[i].image];
        if (!from->stage || !from->stage->found) {
            *waits_for = view->set.at[image->dependencies[i].image].name;
            return;
        }
        values[i].name =
            slip_str_of(slip_arena_printf(a, "%s:%s", v->store->name, from->stage->tag));
        values[i].id = slip_str_of(from->stage->config_digest);
        values[i].digest = slip_str_of(from->stage->digest);
    }
    *out = values;
}

static int fill_row(const struct slip_viewer *v, const struct slip_view *view, size_t index,
                    const char *platform, struct row *rows, struct slip_str *waits_for,
                    struct slip_error *err)
{
    SLIP_AUTO(slip_arena) arena = { 0 };
    const struct slip_image *image = &view->set.at[index];
    struct slip_digest_request request = { .image = index, .platform = platform };
    struct slip_dependency_value *values;
    bool yes;
    if (image->kind != SLIP_IMAGE_DOCKERFILE) {
        slip_refuse_kind(image, err);
        slip_hint_instead(err, "only the history of digests of Dockerfile images is known");
        return -1;
    }
    if (has_platform(v, image, platform, &yes, err) < 0)
        return -1;
    if (!yes)
        return 0;
    dependency_values(v, view, image, rows, &arena, &values, waits_for);
    if (!values)
        return 0;
    request.dependencies = values;
    int rc = slip_digest_images(view->digester, &request, 1);
    rows[index].digest = request.result;
    if (rc < 0) {
        *err = request.err;
        return -1;
    }
    if (look_up(v, &rows[index].digest, &rows[index].stage, err) < 0)
        return slip_while(err, "image '%.*s'", SLIP_ARG(image->name));
    return 0;
}

static void mark_needed(const struct slip_image_set *set, size_t index, bool *needed)
{
    needed[index] = true;
    for (size_t i = index + 1; i-- > 0;)
        for (size_t k = 0; needed[i] && k < set->at[i].n_needs; k++)
            needed[set->at[i].needs[k]] = true;
}

static int fill_platform(const struct slip_viewer *v, const struct slip_view *view,
                         struct slip_view_platform *p, struct slip_error *err)
{
    size_t index = (size_t)(view->image - view->set.at);
    SLIP_AUTO_FREE bool *needed = slip_alloc_array(index + 1, sizeof(bool));
    struct row *rows = slip_alloc_array(index + 1, sizeof(*rows));
    int rc = 0;
    mark_needed(&view->set, index, needed);
    for (size_t i = 0; i <= index && rc == 0; i++)
        if (needed[i])
            rc = fill_row(v, view, i, p->name, rows, &p->waits_for, err);
    p->digest = rows[index].digest;
    p->stage = rows[index].stage;
    p->known = rc == 0 && p->digest.n_stages > 0;
    for (size_t i = 0; i < index; i++)
        slip_image_digest_clear(&rows[i].digest);
    slip_free(rows);
    return rc;
}

/* ---- the view ---- */

static int fail_name(const struct slip_viewer *v, const struct slip_view *view,
                     struct slip_error *err)
{
    SLIP_AUTO(slip_arena) arena = { 0 };
    const char **names = slip_arena_array(&arena, view->set.len + 1, sizeof(*names));
    for (size_t i = 0; i < view->set.len; i++)
        names[i] = slip_arena_strdup(&arena, view->set.at[i].name);
    const char *closest = slip_str_closest(slip_str_of(v->image), names, view->set.len);
    slip_fail(err, SLIP_E_USAGE, "werf.yaml has no image '%s'", v->image);
    if (closest)
        return slip_hint(err, "did you mean '%s'?", closest);
    return slip_hint(err, "names of all images: slipway config list");
}

static int find_image(const struct slip_viewer *v, struct slip_view *view, struct slip_error *err)
{
    size_t index = slip_image_set_find(&view->set, slip_str_of(v->image));
    if (index == SLIP_NPOS)
        return fail_name(v, view, err);
    view->image = &view->set.at[index];
    SLIP_AUTO(slip_platforms) platforms = { 0 };
    if (slip_image_platforms(view->image, v->platforms, v->n_platforms, v->host_platform,
                             &platforms, err)
        < 0)
        return slip_while(err, "image '%s'", v->image);
    view->at = slip_alloc_array(platforms.len + 1, sizeof(*view->at));
    view->len = platforms.len;
    for (size_t i = 0; i < platforms.len; i++)
        view->at[i].name = slip_take(platforms.at[i]);
    return 0;
}

int slip_view_open(const struct slip_viewer *v, const struct slip_commit *c, struct slip_view *out,
                   struct slip_error *err)
{
    SLIP_AUTO(slip_view) view = { .commit = *c, .tree = slip_repo_tree(v->repo, c) };
    if (slip_config_load(&view.tree, c, v->config, &view.set, err) < 0
        || find_image(v, &view, err) < 0)
        return -1;
    struct slip_digest_source source = {
        .set = &view.set, .tree = view.tree, .host_platform = v->host_platform, .memo = v->memo
    };
    source.work_tree = slip_commit_work_tree(v->repo, c, &source.no_work_tree);
    /* The digester keeps the address of the set, so the view is not moved while it fills. */
    view.digester = slip_digester_new(&source);
    for (size_t i = 0; i < view.len; i++)
        if (fill_platform(v, &view, &view.at[i], err) < 0)
            return -1;
    *out = view;
    view = (struct slip_view){ 0 };
    return 0;
}
