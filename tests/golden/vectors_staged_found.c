/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Staged Dockerfile images in the repository that a real build left: with and without the records
 * of werf the image that was built is found, with one listing; without its stages it is not.
 */
#include "golden/bases.h"
#include "golden/commits.h"
#include "golden/stage_images.h"
#include "golden/trees.h"

#include "base/mem.h"
#include "flow/resolve.h"
#include "support/mem_store.h"
#include "support/sandbox.h"

struct repository {
    json_t *c;
    char *dir; /* a git repository with the commit */
    struct slip_store *store;
    struct slip_buf *why;
};

static void repository_clear(struct repository *r)
{
    if (r->store)
        mem_store_free(r->store);
    sandbox_free(r->dir);
}
SLIP_DEFINE_AUTO(repository, repository_clear);

static json_t *get(json_t *c, const char *key)
{
    return json_object_get(c, key);
}

static const char *string_of(json_t *c, const char *key)
{
    return json_string_value(get(c, key));
}

/* ---- what there is ---- */

static enum golden_result make_commit(struct repository *r)
{
    json_t *list = json_pack("[{s:O, s:[], s:s, s:i, s:O}]", "id", get(r->c, "commit"), "parents",
                             "message", "c0", "time", 1700000000, "tree", get(r->c, "tree"));
    r->dir = sandbox_new();
    enum golden_result result = golden_make_commits(list, r->dir, r->why);
    json_decref(list);
    return result;
}

/* Stages of one platform alone: slipway makes the index over several itself. */
static void fill(struct repository *r, bool stages, bool records)
{
    SLIP_AUTO_FREE char *name = slip_printf(GOLDEN_REGISTRY "/s-%s", string_of(r->c, "id"));
    const char *tag;
    json_t *image, *record;
    size_t i;
    if (r->store)
        mem_store_free(r->store);
    r->store = mem_store_new(name);
    if (stages)
        json_object_foreach(get(r->c, "tags"), tag, image)
            golden_add_stage_with_env(r->store, tag, get(image, "labels"), get(image, "env"));
    if (records)
        json_array_foreach(get(r->c, "records"), i, record)
            golden_add_stage(r->store, json_string_value(record), NULL, false);
}

static int base_env(void *payload, struct slip_str reference, const char *platform,
                    struct slip_arena *a, struct slip_base_env *out, struct slip_error *err)
{
    return golden_base_env(((struct repository *)payload)->c, reference, platform, a, out, err);
}

/* ---- one look ---- */

struct look {
    struct slip_project project;
    struct slip_resolution found;
    bool *wanted;
};

static void look_clear(struct look *l)
{
    slip_resolution_clear(&l->found);
    slip_project_clear(&l->project);
    slip_free(l->wanted);
}
SLIP_DEFINE_AUTO(look, look_clear);

static int look(struct repository *r, struct look *l, struct slip_error *err)
{
    json_t *env = get(r->c, "env");
    const char *platform = string_of(env, "WERF_PLATFORM");
    const struct slip_config_options config = {
        .loose = true,
        .commit_only = true,
        .platform = SLIP_STR("linux/amd64"),
        .force_staged = get(env, "WERF_FORCE_STAGED_DOCKERFILE") != NULL,
    };
    struct slip_resolve_options o = { .missing = SLIP_MISSING_FAILS,
                                      .platforms = &platform,
                                      .n_platforms = platform != NULL,
                                      .host_platform = "linux/amd64",
                                      .base_env = base_env,
                                      .payload = r };
    if (slip_staged_version(string_of(env, "WERF_STAGED_DOCKERFILE_VERSION"), &o.staged_version,
                            err)
            < 0
        || slip_project_open(r->dir, NULL, string_of(r->c, "commit"), &l->project, err) < 0
        || slip_project_read_images(&l->project, &config, err) < 0)
        return -1;
    l->wanted = slip_alloc_array(l->project.set.len + 1, sizeof(bool));
    for (size_t i = 0; i < l->project.set.len; i++)
        l->wanted[i] = true;
    return slip_resolve(&l->project, l->wanted, r->store, &o, &l->found, err);
}

/* ---- comparing ---- */

static json_t *image_of(struct repository *r, struct slip_str name)
{
    size_t i;
    json_t *image;
    json_array_foreach(get(r->c, "images"), i,
                       image) if (slip_str_is(name, string_of(image, "image"))) return image;
    return NULL;
}

/* "app/stage/b" comes along with "app". Images that a werf.yaml with two of them names in vain are
 * not told. */
static enum golden_result same_tags(struct repository *r, const struct look *l)
{
    for (size_t i = 0; i < l->found.len; i++) {
        const struct slip_resolved *image = &l->found.at[i];
        const char *tag = slip_resolved_tag(image);
        json_t *want = image_of(r, l->project.set.at[image->image].name);
        if (want
            && golden_same(r->why, "tag", slip_str_of(tag ? tag : "none"), golden_text(want, "tag"))
                   != GOLDEN_GOOD)
            return GOLDEN_BAD;
    }
    return GOLDEN_GOOD;
}

static bool is_refused(const struct slip_error *err)
{
    return err->kind == SLIP_E_NOT_BUILT || err->kind == SLIP_E_UNSUPPORTED;
}

/* Only a record tells what a base of several environments came to. */
static bool needs_record(struct repository *r)
{
    const char *key;
    json_t *base;
    json_object_foreach(get(r->c, "base_images"), key, base) if (get(base, "index")) return true;
    return false;
}

static enum golden_result check_found(struct repository *r, bool records)
{
    SLIP_AUTO(look) l = { 0 };
    struct slip_error err = { 0 };
    fill(r, true, records);
    if (look(r, &l, &err) < 0) {
        bool fine = is_refused(&err)
                    && ((needs_record(r) && !records) || json_is_true(get(r->c, "unpredictable")));
        return fine ? GOLDEN_GOOD : golden_bad(r->why, "records %d: %s", records, err.text);
    }
    if (json_is_true(get(r->c, "unpredictable")) && !records)
        return golden_bad(r->why, "it is not refused");
    if (mem_store_counts(r->store)->lists != 1)
        return golden_bad(r->why, "%u listings", mem_store_counts(r->store)->lists);
    return same_tags(r, &l);
}

static enum golden_result check_missing(struct repository *r)
{
    SLIP_AUTO(look) l = { 0 };
    struct slip_error err = { 0 };
    fill(r, false, true);
    if (look(r, &l, &err) == 0)
        return golden_bad(r->why, "it is found although it is not there");
    return is_refused(&err) && strstr(err.text, "image '") && err.hint[0]
               ? GOLDEN_GOOD
               : golden_bad(r->why, "missing: %s", err.text);
}

static enum golden_result run(json_t *c, struct slip_buf *why)
{
    SLIP_AUTO(repository) r = { .c = c, .why = why };
    if (get(c, "error") || get(c, "work_tree"))
        return GOLDEN_NOT_HERE; /* see vectors_staged.c */
    if (make_commit(&r) != GOLDEN_GOOD || check_found(&r, true) != GOLDEN_GOOD
        || check_found(&r, false) != GOLDEN_GOOD)
        return GOLDEN_BAD;
    return check_missing(&r);
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, "staged.jsonl", run);
}
