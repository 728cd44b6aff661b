/* SPDX-License-Identifier: Apache-2.0 */
/* What can be asked and refused before it is known which stages there are. */
#include "flow/release_impl.h"

#include "base/map.h"
#include "base/mem.h"

/* A content-based tag that no stage has: it stands for the one that is to be built. */
#define STAND_IN                                                                                   \
    "00000000000000000000000000000000000000000000000000000000"                                     \
    "-0000000000000"

/* ---- before any network access ---- */

/* Is `name` a reference, no stage or record of the stage repository, and allowed? */
static int check_name(void *payload, struct slip_str name, struct slip_error *err)
{
    const struct release_work *w = payload;
    SLIP_AUTO(slip_reference) reference = { 0 };
    if (slip_reference_parse(name, &reference, err) < 0)
        return -1;
    return w->o->may_write ? w->o->may_write(w->o->payload, name, err) : 0;
}

/* The content-based tag has a shape that must not come to stand in the stage repository. */
static int check_stage_names(struct release_work *w, size_t i, const struct slip_str *names,
                             size_t n, struct slip_error *err)
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

void release_blame(const struct slip_release_wish *wish, struct slip_error *err)
{
    if (err->kind == SLIP_E_USAGE || err->kind == SLIP_E_CONFIG)
        err->kind = wish->rule.len ? SLIP_E_CONFIG : SLIP_E_USAGE;
}

static int check_wish(struct release_work *w, size_t i, struct slip_error *err)
{
    const struct slip_release_wish *wish = &w->wishes[i];
    struct slip_str *names = slip_arena_array(&w->arena, w->project->set.len + 1, sizeof(*names));
    size_t n = 0;
    for (size_t k = 0; k < w->project->set.len; k++)
        if (wish->wanted[k])
            names[n++] = release_image(w, k)->name;
    if (slip_tag_template_parse(wish->name, &w->templates[i], err) < 0
        || slip_tag_template_check(&w->templates[i], names, n, check_name, w, err) < 0
        || check_stage_names(w, i, names, n, err) < 0) {
        release_blame(wish, err);
        return wish->rule.len ? slip_while(err, "rule '%.*s'", SLIP_ARG(wish->rule)) : -1;
    }
    return 0;
}

/* Two templates may give one name: in the end it is what the last one writes. */
static void warn_of_equal_names(struct release_work *w)
{
    SLIP_AUTO_PTR(slip_map) seen = slip_map_new(NULL);
    SLIP_AUTO(slip_buf) name = SLIP_BUF(8192);
    for (size_t i = 0; i < w->n; i++)
        for (size_t k = 0; k < w->project->set.len; k++) {
            const struct slip_image *image = release_image(w, k);
            slip_buf_reset(&name);
            if (!w->wishes[i].wanted[k])
                continue;
            slip_tag_template_expand(&w->templates[i], image->name, SLIP_STR(STAND_IN), &name);
            const struct slip_image *other = slip_map_get(seen, slip_buf_str(&name));
            if (other == image)
                slip_watch_warn(w->o->watch, name.ptr, "this name is asked for twice");
            else if (other)
                slip_watch_warn(w->o->watch, name.ptr,
                                "this name is asked for twice, for '%.*s' and '%.*s'",
                                SLIP_ARG(other->name), SLIP_ARG(image->name));
            slip_map_set(seen, slip_buf_str(&name), (void *)image);
        }
}

int release_check_all(struct release_work *w, struct slip_error *err)
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
    warn_of_equal_names(w);
    return 0;
}

struct slip_map *release_read_pairs(struct release_work *w, const char *text)
{
    struct slip_map *digests = slip_map_new(NULL);
    struct slip_str rest = slip_str_of(text), line, name, digest;
    while (slip_str_line(&rest, &line))
        if (slip_str_cut(line, ' ', &name, &digest))
            slip_map_set(digests, name, slip_arena_strdup(&w->arena, digest));
    return digests;
}

/* ---- before a build ---- */

bool release_is_asked_for(const struct release_work *w, struct slip_str name)
{
    struct slip_str rest = slip_str_of(w->o->only), line;
    while (slip_str_line(&rest, &line))
        if (slip_str_eq(line, name))
            return true;
    return !w->o->only;
}

bool release_may_be_asked_for(const struct release_work *w, size_t wish, size_t image)
{
    const struct slip_tag_template *t = &w->templates[wish];
    SLIP_AUTO(slip_buf) name = SLIP_BUF(8192);
    SLIP_AUTO(slip_buf) printed = SLIP_BUF(8192);
    SLIP_AUTO(slip_reference) to = { 0 };
    struct slip_error none = { 0 };
    if (!w->o->only || slip_tag_template_uses(t, SLIP_TAG_IMAGE_CONTENT_BASED_TAG))
        return true;
    slip_tag_template_expand(t, release_image(w, image)->name, SLIP_STR(STAND_IN), &name);
    if (slip_reference_parse(slip_buf_str(&name), &to, &none) < 0)
        return true;
    slip_reference_print(&to, &printed);
    return release_is_asked_for(w, slip_buf_str(&printed));
}

/* A name that may be replaced while it holds a certain digest: the export will see whether it does.
 */
static bool may_be_replaced(struct release_work *w, const struct slip_reference *to)
{
    SLIP_AUTO_PTR(slip_map) digests = release_read_pairs(w, w->o->replaceable);
    SLIP_AUTO(slip_buf) name = SLIP_BUF(8192);
    slip_reference_print(to, &name);
    return slip_map_get(digests, slip_buf_str(&name)) != NULL;
}

static int add_preflight(struct release_work *w, size_t wish_index, size_t image,
                         struct slip_error *err)
{
    const struct slip_release_wish *wish = &w->wishes[wish_index];
    const struct slip_tag_template *t = &w->templates[wish_index];
    SLIP_AUTO(slip_buf) name = SLIP_BUF(8192);
    SLIP_AUTO(slip_reference) to = { 0 };
    slip_tag_template_expand(t, release_image(w, image)->name, SLIP_STR(STAND_IN), &name);
    if (slip_reference_parse(slip_buf_str(&name), &to, err) < 0)
        return -1;
    if (strstr(to.repository, STAND_IN))
        return 0; /* even the repository is known after the build only */
    return slip_preflight_add(
        &w->preflight, &to, !slip_tag_template_uses(t, SLIP_TAG_IMAGE_CONTENT_BASED_TAG),
        wish->if_exists == SLIP_IF_EXISTS_FAIL_IF_DIFFERENT && !may_be_replaced(w, &to),
        wish->optional, err);
}

int release_ask_before_build(void *payload, const struct slip_resolution *so_far,
                             struct slip_error *err)
{
    struct release_work *w = payload;
    bool uploads = w->o->phase != SLIP_PHASE_STAGES;
    slip_preflight_init(&w->preflight, w->o->registry, w->store);
    for (size_t i = 0; uploads && i < w->n; i++)
        for (size_t k = 0; k < so_far->len; k++) {
            const struct slip_resolved *r = &so_far->at[k];
            bool there = true;
            for (size_t m = 0; m < r->len; m++)
                there &= r->at[m].found;
            if (!there && r->wanted && w->wishes[i].wanted[r->image]
                && release_may_be_asked_for(w, i, r->image)
                && add_preflight(w, i, r->image, err) < 0)
                return -1;
        }
    return slip_preflight_run(&w->preflight, w->o->watch, err);
}

/* ---- while stages are looked for ---- */

/* The names of one image that are known before its stage is, at other hosts than the stages'. */
static int look_early_at(struct release_work *w, size_t wish, size_t image, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) name = SLIP_BUF(8192);
    SLIP_AUTO(slip_reference) to = { 0 };
    if (slip_tag_template_uses(&w->templates[wish], SLIP_TAG_IMAGE_CONTENT_BASED_TAG)
        || !release_may_be_asked_for(w, wish, image))
        return 0;
    slip_tag_template_expand(&w->templates[wish], release_image(w, image)->name, SLIP_STR(STAND_IN),
                             &name);
    if (slip_reference_parse(slip_buf_str(&name), &to, err) < 0)
        return -1;
    if (to.kind == SLIP_STORE_REGISTRY && strcmp(to.registry, w->stage_reference.registry) == 0)
        return 0;
    return slip_early_look_add(&w->early, w->o->registry, &to, err);
}

int release_look_early(struct release_work *w, struct slip_error *err)
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
