/* SPDX-License-Identifier: Apache-2.0 */
/* The walk over the stages of a stapel image. */
#include "digest/stapel_impl.h"

#include "base/mem.h"
#include "digest/spec.h"

/* 4.1, 1.2 and 1.6. */
static const struct {
    const char *name;
    bool gives;      /* its commits to the digest of the next one */
    bool by_history; /* chosen by the commits of its git mappings */
} stages[SLIP_STAPEL_STAGES] = {
    [SLIP_STAPEL_FROM] = { "from", false, false },
    [SLIP_STAPEL_BEFORE_INSTALL] = { "beforeInstall", false, false },
    [SLIP_STAPEL_DEPENDENCIES_BEFORE_INSTALL] = { "dependenciesBeforeInstall", false, false },
    [SLIP_STAPEL_GIT_ARCHIVE] = { "gitArchive", true, true },
    [SLIP_STAPEL_INSTALL] = { "install", true, true },
    [SLIP_STAPEL_DEPENDENCIES_AFTER_INSTALL] = { "dependenciesAfterInstall", false, false },
    [SLIP_STAPEL_BEFORE_SETUP] = { "beforeSetup", true, true },
    [SLIP_STAPEL_DEPENDENCIES_BEFORE_SETUP] = { "dependenciesBeforeSetup", false, false },
    [SLIP_STAPEL_SETUP] = { "setup", true, true },
    [SLIP_STAPEL_DEPENDENCIES_AFTER_SETUP] = { "dependenciesAfterSetup", false, false },
    [SLIP_STAPEL_GIT_CACHE] = { "gitCache", true, true },
    [SLIP_STAPEL_GIT_LATEST_PATCH] = { "gitLatestPatch", true, true },
    [SLIP_STAPEL_DOCKER_INSTRUCTIONS] = { "dockerInstructions", false, false },
    [SLIP_STAPEL_IMAGE_SPEC] = { "imageSpec", false, false },
};

void stapel_add(struct stapel_list *l, enum slip_ingredient_kind kind, const char *origin,
                struct slip_str text)
{
    slip_vec_push(l, (struct slip_ingredient){ .kind = kind,
                                               .text = slip_arena_str(l->arena, text),
                                               .origin = slip_str_of(origin),
                                               .detail = SLIP_STR("") });
}

void stapel_hash(const struct stapel_list *l, char out[SLIP_SHA256_HEX + 1])
{
    struct slip_hash_join j;
    slip_hash_join_begin(&j, SLIP_HASH_SHA256);
    for (size_t i = 0; i < l->len; i++)
        slip_hash_join_add(&j, l->at[i].text);
    slip_hash_join_end(&j, out);
}

/* ---- one image ---- */

const char *slip_stapel_obstacle(const struct slip_image *image, const struct slip_tree *tree)
{
    const struct slip_stapel *s = image->stapel;
    struct slip_error err = { 0 };
    struct slip_entry e;
    bool found;
    for (size_t i = 0; i < s->n_git; i++)
        if (s->git[i].url.len)
            return "it takes files from another git repository";
    if (s->n_git && slip_tree_find(tree, SLIP_STR(".gitmodules"), &e, &found, &err) == 0 && found)
        return "the commit has submodules";
    return NULL;
}

int slip_stapel_walk_new(const struct slip_stapel_request *request, struct slip_stapel_walk **out,
                         struct slip_error *err)
{
    SLIP_AUTO_PTR(slip_stapel_walk) w = slip_new(struct slip_stapel_walk);
    w->in = *request;
    w->image = &request->set->at[request->image];
    w->stapel = w->image->stapel;
    if (!w->in.generation)
        w->in.generation = &slip_generation_2;
    const char *obstacle = slip_stapel_obstacle(w->image, request->tree);
    if (obstacle)
        return slip_fail(err, SLIP_E_UNSUPPORTED, "%s", obstacle);
    if (stapel_read_mappings(w, err) < 0)
        return -1;
    struct slip_image_digest *r = request->result;
    r->image = request->image;
    r->platform = slip_arena_strdup(&r->arena, slip_str_of(request->platform));
    r->stages = slip_arena_array(&r->arena, SLIP_STAPEL_STAGES, sizeof(*r->stages));
    *out = slip_take(w);
    return 0;
}

void slip_stapel_walk_free(struct slip_stapel_walk *w)
{
    if (!w)
        return;
    slip_arena_clear(&w->arena);
    slip_free(w);
}

/* ---- ingredients ---- */

/* The places of imports and of commands are those of the stages with their names. */
static bool is_present(const struct slip_stapel_walk *w, enum slip_stapel_stage stage)
{
    bool last_git = w->stapel->n_git > 0 && !w->stapel->disable_git_after_patch;
    switch (stage) {
    case SLIP_STAPEL_BEFORE_INSTALL:
        return stapel_has_user_stage(w, SLIP_STAGE_BEFORE_INSTALL);
    case SLIP_STAPEL_DEPENDENCIES_BEFORE_INSTALL:
        return stapel_has_place(w, SLIP_PLACE_BEFORE_INSTALL);
    case SLIP_STAPEL_GIT_ARCHIVE:
        return w->stapel->n_git > 0;
    case SLIP_STAPEL_INSTALL:
        return stapel_has_user_stage(w, SLIP_STAGE_INSTALL);
    case SLIP_STAPEL_DEPENDENCIES_AFTER_INSTALL:
        return stapel_has_place(w, SLIP_PLACE_AFTER_INSTALL);
    case SLIP_STAPEL_BEFORE_SETUP:
        return stapel_has_user_stage(w, SLIP_STAGE_BEFORE_SETUP);
    case SLIP_STAPEL_DEPENDENCIES_BEFORE_SETUP:
        return stapel_has_place(w, SLIP_PLACE_BEFORE_SETUP);
    case SLIP_STAPEL_SETUP:
        return stapel_has_user_stage(w, SLIP_STAGE_SETUP);
    case SLIP_STAPEL_DEPENDENCIES_AFTER_SETUP:
        return stapel_has_place(w, SLIP_PLACE_AFTER_SETUP);
    case SLIP_STAPEL_GIT_CACHE:
    case SLIP_STAPEL_GIT_LATEST_PATCH:
        return last_git;
    case SLIP_STAPEL_DOCKER_INSTRUCTIONS:
        return w->stapel->has_docker && !w->stapel->disable_git_after_patch;
    case SLIP_STAPEL_IMAGE_SPEC:
        return w->image->has_image_spec;
    default:
        return true;
    }
}

/* Commands, and what of git they depend on. */
static void user_with_files(const struct slip_stapel_walk *w, enum slip_user_stage stage,
                            struct stapel_list *l, char out[SLIP_SHA256_HEX + 1])
{
    char hashes[2][SLIP_SHA256_HEX + 1];
    stapel_user(w, stage, l);
    stapel_hash(l, hashes[0]);
    stapel_stage_files(w, stage, l, hashes[1]);
    const struct slip_str parts[] = { slip_str_of(hashes[0]), slip_str_of(hashes[1]) };
    slip_hash_joined(SLIP_HASH_SHA256, parts, 2, out);
}

static void image_spec(const struct slip_stapel_walk *w, struct stapel_list *l)
{
    struct slip_ingredient *at;
    size_t n;
    slip_spec_ingredients(&w->image->image_spec, l->arena, &at, &n);
    for (size_t i = 0; i < n; i++)
        slip_vec_push(l, at[i]);
}

/* `*any` false: there is such a stage, but it would change nothing. */
static int collect(const struct slip_stapel_walk *w, struct stapel_list *l, bool *any,
                   char out[SLIP_SHA256_HEX + 1], struct slip_error *err)
{
    *any = true;
    switch (w->at) {
    case SLIP_STAPEL_FROM:
        stapel_from(w, l);
        break;
    case SLIP_STAPEL_BEFORE_INSTALL:
        stapel_user(w, SLIP_STAGE_BEFORE_INSTALL, l);
        break;
    case SLIP_STAPEL_DEPENDENCIES_BEFORE_INSTALL:
        stapel_dependencies(w, SLIP_PLACE_BEFORE_INSTALL, l);
        break;
    case SLIP_STAPEL_GIT_ARCHIVE:
        stapel_archive(w, l);
        break;
    case SLIP_STAPEL_INSTALL:
        user_with_files(w, SLIP_STAGE_INSTALL, l, out);
        return 0;
    case SLIP_STAPEL_DEPENDENCIES_AFTER_INSTALL:
        stapel_dependencies(w, SLIP_PLACE_AFTER_INSTALL, l);
        break;
    case SLIP_STAPEL_BEFORE_SETUP:
        user_with_files(w, SLIP_STAGE_BEFORE_SETUP, l, out);
        return 0;
    case SLIP_STAPEL_DEPENDENCIES_BEFORE_SETUP:
        stapel_dependencies(w, SLIP_PLACE_BEFORE_SETUP, l);
        break;
    case SLIP_STAPEL_SETUP:
        user_with_files(w, SLIP_STAGE_SETUP, l, out);
        return 0;
    case SLIP_STAPEL_DEPENDENCIES_AFTER_SETUP:
        stapel_dependencies(w, SLIP_PLACE_AFTER_SETUP, l);
        break;
    case SLIP_STAPEL_GIT_CACHE:
        return stapel_cache(w, l, any, out, err);
    case SLIP_STAPEL_GIT_LATEST_PATCH:
        return stapel_patch(w, l, any, out, err);
    case SLIP_STAPEL_DOCKER_INSTRUCTIONS:
        stapel_docker(w, l);
        break;
    default:
        image_spec(w, l);
        break;
    }
    stapel_hash(l, out);
    return 0;
}

/* ---- digests ---- */

static struct slip_stage_digest *last_stage(const struct slip_stapel_walk *w)
{
    struct slip_image_digest *r = w->in.result;
    return r->n_stages ? &r->stages[r->n_stages - 1] : NULL;
}

static void add_stage(struct slip_stapel_walk *w, const struct stapel_list *l,
                      const char hash[SLIP_SHA256_HEX + 1])
{
    struct slip_image_digest *r = w->in.result;
    const struct slip_stage_digest *before = last_stage(w);
    struct slip_stage_digest *stage = &r->stages[r->n_stages++];
    stage->name = stages[w->at].name;
    stage->ingredients = slip_arena_array(&r->arena, l->len + 1, sizeof(*stage->ingredients));
    if (l->len)
        memcpy(stage->ingredients, l->at, l->len * sizeof(*l->at));
    stage->n_ingredients = l->len;
    memcpy(stage->dependencies, hash, sizeof(stage->dependencies));
    if (before)
        memcpy(stage->given, w->next, sizeof(stage->given));
    const struct slip_stage_parts parts = {
        .platform = slip_str_of(w->in.platform),
        .name = slip_stage_digest_name(slip_str_of(stage->name)),
        .dependencies = slip_str_of(stage->dependencies),
        .previous = before ? slip_str_of(before->digest) : SLIP_STR(""),
        .next = slip_str_of(stage->given),
    };
    w->in.generation->stage_digest(w->in.generation, &parts, stage->digest);
}

/* The first stage from `*at` on that the image has; false at the end. */
static bool find_present(const struct slip_stapel_walk *w, unsigned *at)
{
    while (*at < SLIP_STAPEL_STAGES && !is_present(w, *at))
        (*at)++;
    return *at < SLIP_STAPEL_STAGES;
}

/* What the stage at hand gives: once, when the one behind it is asked for. */
static int give(struct slip_stapel_walk *w, struct slip_error *err)
{
    w->next[0] = '\0';
    return last_stage(w) && stages[w->at].gives ? stapel_give(w, stages[w->at].name, w->next, err)
                                                : 0;
}

int slip_stapel_walk_next(struct slip_stapel_walk *w, bool *more, struct slip_error *err)
{
    unsigned at = w->begun ? w->at + 1u : 0;
    *more = find_present(w, &at);
    if (!*more)
        return 0;
    if (give(w, err) < 0)
        return -1;
    w->begun = true;
    for (; (*more = find_present(w, &at)); at++) {
        struct stapel_list l = { .arena = &w->in.result->arena };
        char hash[SLIP_SHA256_HEX + 1];
        bool any = false;
        w->at = at;
        int rc = collect(w, &l, &any, hash, err);
        if (rc == 0 && any)
            add_stage(w, &l, hash);
        slip_vec_clear(&l);
        if (rc < 0 || any)
            return rc;
    }
    return 0;
}

int slip_stapel_walk_fits(const struct slip_stapel_walk *w, const struct slip_stage_labels *labels,
                          enum slip_answer *out, struct slip_error *err)
{
    SLIP_AUTO_FREE const char **ids = slip_alloc_array(w->stapel->n_git + 1, sizeof(*ids));
    for (size_t i = 0; i < w->stapel->n_git; i++)
        ids[i] = w->mappings[i].id;
    const struct slip_stapel_choice c = { .repo = w->in.repo,
                                          .commit = &w->in.commit->id,
                                          .any_commit = w->in.switches->any_commit,
                                          .mappings = ids,
                                          .n_mappings = w->stapel->n_git };
    *out = SLIP_YES;
    return stages[w->at].by_history ? slip_stapel_fits(&c, labels, out, err) : 0;
}

void slip_stapel_walk_found(struct slip_stapel_walk *w, const struct slip_stage_labels *labels,
                            struct slip_str content)
{
    struct slip_stage_digest *stage = last_stage(w);
    snprintf(stage->content, sizeof(stage->content), "%.*s", SLIP_ARG(content));
    stapel_read_places(w, labels);
}

/* ---- without a registry ---- */

bool slip_stapel_is_offline(const struct slip_image_set *set, size_t image)
{
    const struct slip_image *i = &set->at[image];
    const struct slip_stapel *s = i->stapel;
    if (!s || s->ansible || s->n_git || s->n_imports || i->n_dependencies)
        return false;
    return s->base == SLIP_NPOS ? !s->from_latest : slip_stapel_is_offline(set, s->base);
}

static void assume_built(struct slip_stapel_walk *w)
{
    struct slip_stage_digest *stage = last_stage(w);
    char next[SLIP_SHA256_HEX + 1] = "";
    if (stages[w->at].gives)
        slip_stage_next(NULL, 0, next);
    w->in.generation->content_digest(w->in.generation, slip_str_of(w->in.platform),
                                     slip_str_of(stage->name), slip_str_of(stage->digest),
                                     slip_str_of(next), stage->content);
}

static int walk_offline(const struct slip_stapel_request *request, struct slip_error *err)
{
    SLIP_AUTO_PTR(slip_stapel_walk) w = NULL;
    bool more = true;
    if (slip_stapel_walk_new(request, &w, err) < 0)
        return -1;
    while (more) {
        if (slip_stapel_walk_next(w, &more, err) < 0)
            return -1;
        if (more)
            assume_built(w);
    }
    return 0;
}

/* An image is made from one that stands before it in the set, so that this ends. */
int slip_stapel_offline(const struct slip_stapel_request *request, struct slip_error *err)
{
    struct slip_stapel_request mine = *request, below = *request;
    SLIP_AUTO(slip_image_digest) base = { 0 };
    below.image = request->set->at[request->image].stapel->base;
    below.result = &base;
    if (below.image == SLIP_NPOS)
        return walk_offline(&mine, err);
    if (slip_stapel_offline(&below, err) < 0)
        return -1;
    mine.base_content = slip_str_of(base.stages[base.n_stages - 1].content);
    return walk_offline(&mine, err);
}
