/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stapel images by the digests of their stages, against real builds: without the records of werf
 * each build's images are found after it, and before it they are not built, for want of the stage
 * that was new. With the records the same is found.
 */
#include "golden/commits.h"
#include "golden/stage_images.h"
#include "golden/trees.h"

#include "base/map.h"
#include "base/mem.h"
#include "flow/resolve.h"
#include "support/mem_store.h"
#include "support/sandbox.h"

struct history {
    json_t *c;
    char *dir; /* a repository with the commits */
    struct slip_store *store;
    bool records; /* with those of werf */
    struct slip_map *tags;
    struct slip_buf *why;
};

static void history_clear(struct history *h)
{
    mem_store_free(h->store);
    slip_map_free(h->tags);
    sandbox_free(h->dir);
}
SLIP_DEFINE_AUTO(history, history_clear);

static const char *string_of(json_t *c, const char *key)
{
    return json_string_value(json_object_get(c, key));
}

static json_t *named(json_t *list, const char *key, struct slip_str name)
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one) if (slip_str_is(name, string_of(one, key))) return one;
    return NULL;
}

/* ---- what there is ---- */

static void add_tags(struct history *h, json_t *tags)
{
    const char *tag;
    json_t *image;
    json_object_foreach(tags, tag, image)
    {
        if (!h->records && strncmp(tag, "meta-", 5) == 0)
            continue;
        golden_add_stage(h->store, tag, json_object_get(image, "labels"), false);
        slip_map_set(h->tags, slip_str_of(tag), h);
    }
}

static int base_id(void *payload, struct slip_str reference, char out[SLIP_DIGEST_LEN + 1],
                   struct slip_error *err)
{
    const struct history *h = payload;
    const char *key;
    json_t *base;
    json_object_foreach(json_object_get(h->c, "base_images"), key, base)
    {
        SLIP_AUTO(slip_buf) name = SLIP_BUF(1u << 16);
        golden_fill_in(slip_str_of(key), &name);
        const char *index = string_of(base, "index");
        if (!slip_str_eq(slip_buf_str(&name), reference))
            continue;
        snprintf(out, SLIP_DIGEST_LEN + 1, "%s", index ? index : string_of(base, "config_digest"));
        return 0;
    }
    return slip_fail(err, SLIP_E_NOT_BUILT, "there is no such image");
}

static bool is_on(json_t *build, const char *variable)
{
    return string_of(json_object_get(build, "env"), variable) != NULL;
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

static int open_project(const struct history *h, json_t *build, struct look *l,
                        struct slip_error *err)
{
    const struct slip_config_options o = {
        .project_dir = golden_text(h->c, "project_dir"),
        .loose = true,
        .commit_only = true,
        .platform = SLIP_STR("linux/amd64"),
        .skip_image_spec = is_on(build, "WERF_SKIP_IMAGE_SPEC_STAGE"),
    };
    return slip_project_open(h->dir, NULL, string_of(build, "commit"), &l->project, err) < 0
                   || slip_project_read_images(&l->project, &o, err) < 0
               ? -1
               : 0;
}

/* All images of the build, or only `image`. */
static int look(struct history *h, json_t *build, struct slip_str image, enum slip_missing missing,
                struct look *l, struct slip_error *err)
{
    struct slip_resolve_options o = {
        .missing = missing,
        .host_platform = "linux/amd64",
        .stapel = { .import_permissions =
                        is_on(build, "WERF_EXPERIMENTAL_STAPEL_IMPORT_PERMISSIONS"),
                    .import_by_source =
                        is_on(build, "WERF_EXPERIMENTAL_IMPORT_BY_SOURCE_IMAGE_TAG"),
                    .any_commit = is_on(build, "WERF_DISABLE_GIT_COMMIT_ANCESTRY_CHECK") },
        .base_id = base_id,
        .payload = h,
    };
    const char *platform = string_of(json_object_get(build, "env"), "WERF_PLATFORM");
    o.platforms = &platform;
    o.n_platforms = platform != NULL;
    if (open_project(h, build, l, err) < 0)
        return -1;
    json_t *images = json_object_get(build, "images");
    l->wanted = slip_alloc_array(l->project.set.len + 1, sizeof(bool));
    for (size_t i = 0; i < l->project.set.len; i++)
        l->wanted[i] = image.ptr ? slip_str_eq(image, l->project.set.at[i].name)
                                 : named(images, "image", l->project.set.at[i].name) != NULL;
    return slip_resolve(&l->project, l->wanted, h->store, &o, &l->found, err);
}

/* ---- after a build ---- */

static enum golden_result check_stages(const struct slip_resolved_platform *p, json_t *want,
                                       struct slip_buf *why)
{
    size_t i;
    json_t *stage;
    if (p->digest.n_stages != json_array_size(want))
        return golden_bad(why, "%zu stages instead of %zu", p->digest.n_stages,
                          json_array_size(want));
    json_array_foreach(want, i, stage)
    {
        const struct slip_stage_digest *got = &p->digest.stages[i];
        if (golden_same(why, "stage", slip_str_of(got->name), golden_text(stage, "name"))
                != GOLDEN_GOOD
            || golden_same(why, got->name, slip_str_of(got->digest), golden_text(stage, "digest"))
                   != GOLDEN_GOOD
            || golden_same(why, "content digest", slip_str_of(got->content),
                           golden_text(stage, "content_digest"))
                   != GOLDEN_GOOD)
            return GOLDEN_BAD;
    }
    return GOLDEN_GOOD;
}

static enum golden_result check_image(const struct history *h, const struct look *l,
                                      const struct slip_resolved *r, json_t *want)
{
    const char *tag = slip_resolved_tag(r);
    if (golden_same(h->why, "tag", slip_str_of(tag ? tag : "none"), golden_text(want, "tag"))
        != GOLDEN_GOOD)
        return GOLDEN_BAD;
    json_t *stages = json_object_get(want, "stages");
    bool walked = l->project.set.at[r->image].stapel && !h->records;
    return stages && walked ? check_stages(&r->at[0], stages, h->why) : GOLDEN_GOOD;
}

/* How many tags there are of the digests of a build's stages, and of records of imports. */
static size_t count_asked(const struct history *h, json_t *images)
{
    SLIP_AUTO_PTR(slip_map) digests = slip_map_new(NULL);
    json_t *image, *stages, *stage, *platforms;
    const char *platform;
    size_t i, k, n = 0;
    json_array_foreach(images, i, image)
    {
        json_array_foreach(json_object_get(image, "stages"), k, stage)
            slip_map_set(digests, golden_text(stage, "digest"), digests);
        platforms = json_object_get(image, "platforms");
        json_object_foreach(platforms, platform, stages) json_array_foreach(stages, k, stage)
            slip_map_set(digests, golden_text(stage, "digest"), digests);
    }
    for (struct slip_map_entry *e = slip_map_next(h->tags, NULL); e;
         e = slip_map_next(h->tags, e)) {
        struct slip_str tag = slip_map_key(e), digest, rest;
        slip_str_cut(tag, '-', &digest, &rest);
        n += slip_map_get(digests, digest) != NULL
             || slip_str_starts(tag, SLIP_STR(SLIP_IMPORT_METADATA));
    }
    return n;
}

/* One listing, and each candidate and record of an import is read at most once, however many images
 * have it. */
static enum golden_result check_requests(struct history *h, json_t *images)
{
    const struct mem_store_counts *n = mem_store_counts(h->store);
    size_t most = count_asked(h, images);
    return n->lists == 1 && n->reads <= most
               ? GOLDEN_GOOD
               : golden_bad(h->why, "%u listings, %u reads of %zu", n->lists, n->reads, most);
}

static enum golden_result check_after(struct history *h, json_t *build)
{
    SLIP_AUTO(look) l = { 0 };
    struct slip_error err = { 0 };
    json_t *images = json_object_get(build, "images");
    size_t n = 0;
    *mem_store_counts(h->store) = (struct mem_store_counts){ 0 };
    if (look(h, build, (struct slip_str){ 0 }, SLIP_MISSING_FAILS, &l, &err) < 0)
        return golden_bad(h->why, "%s: %s", string_of(build, "commit"), err.text);
    if (check_requests(h, images) != GOLDEN_GOOD)
        return GOLDEN_BAD;
    for (size_t i = 0; i < l.found.len; i++) {
        const struct slip_resolved *r = &l.found.at[i];
        json_t *want = named(images, "image", l.project.set.at[r->image].name);
        n += r->wanted;
        if (r->wanted && check_image(h, &l, r, want) != GOLDEN_GOOD)
            return GOLDEN_BAD;
    }
    return n == json_array_size(images) ? GOLDEN_GOOD : golden_bad(h->why, "only %zu images", n);
}

/* ---- before a build ---- */

/* The first stage that the build had to make; NULL: none. */
static json_t *first_new(json_t *image)
{
    json_t *platforms = json_object_get(image, "platforms"), *stages, *stage;
    const char *platform;
    size_t i;
    json_array_foreach(json_object_get(image, "stages"), i,
                       stage) if (json_is_true(json_object_get(stage, "new"))) return stage;
    json_object_foreach(platforms, platform, stages) json_array_foreach(
        stages, i, stage) if (json_is_true(json_object_get(stage, "new"))) return stage;
    return NULL;
}

/* Does the error name another image as not built? */
static bool names_other(const struct look *l, struct slip_str own, const struct slip_error *err)
{
    for (size_t i = 0; i < l->project.set.len; i++) {
        struct slip_str name = l->project.set.at[i].name;
        SLIP_AUTO_FREE char *text = slip_printf("image '%.*s'", SLIP_ARG(name));
        if (!slip_str_eq(name, own) && strstr(err->text, text))
            return true;
    }
    return false;
}

/* Its own stage is missing, or it is said which image is, or what was not recorded of an import. */
static enum golden_result check_before(struct history *h, json_t *build, json_t *image)
{
    SLIP_AUTO(look) l = { 0 };
    struct slip_error err = { 0 };
    json_t *stage = first_new(image);
    if (!stage)
        return GOLDEN_GOOD;
    if (look(h, build, golden_text(image, "image"), SLIP_MISSING_FAILS, &l, &err) == 0)
        return golden_bad(h->why, "%s is found before it is built", string_of(image, "image"));
    if (err.kind == SLIP_E_NOT_BUILT
        && (strstr(err.text, string_of(stage, "digest"))
            || names_other(&l, golden_text(image, "image"), &err)
            || strstr(err.text, "of what it imports")))
        return GOLDEN_GOOD;
    return golden_bad(h->why, "before: %s", err.text);
}

/* werf failed: nothing is found, whatever the reason. */
static enum golden_result check_failed(struct history *h, json_t *build)
{
    SLIP_AUTO(look) l = { 0 };
    struct slip_error err = { 0 };
    if (open_project(h, build, &l, &err) < 0)
        return GOLDEN_GOOD;
    for (size_t i = 0; i < l.project.set.len; i++) {
        SLIP_AUTO(look) one = { 0 };
        if (look(h, build, l.project.set.at[i].name, SLIP_MISSING_FAILS, &one, &err) == 0)
            return golden_bad(h->why, "%.*s is found", SLIP_ARG(l.project.set.at[i].name));
        slip_error_clear(&err);
    }
    return GOLDEN_GOOD;
}

static enum golden_result check_build(struct history *h, json_t *build)
{
    json_t *images = json_object_get(build, "images");
    bool failed = json_object_get(build, "error") != NULL;
    for (size_t i = 0; i < json_array_size(images) && !h->records; i++)
        if (check_before(h, build, json_array_get(images, i)) != GOLDEN_GOOD)
            return GOLDEN_BAD;
    add_tags(h, json_object_get(build, "new_tags"));
    return failed ? check_failed(h, build) : check_after(h, build);
}

static enum golden_result run_with(json_t *c, bool records, struct slip_buf *why)
{
    SLIP_AUTO_FREE char *name = slip_printf(GOLDEN_REGISTRY "/st-%s", string_of(c, "id"));
    SLIP_AUTO(history) h = { .c = c, .why = why, .records = records };
    json_t *builds = json_object_get(c, "builds");
    h.store = mem_store_new(name);
    h.tags = slip_map_new(NULL);
    h.dir = sandbox_new();
    enum golden_result result = golden_make_commits(json_object_get(c, "commits"), h.dir, why);
    for (size_t i = 0; i < json_array_size(builds) && result == GOLDEN_GOOD; i++)
        result = check_build(&h, json_array_get(builds, i));
    if (result != GOLDEN_GOOD && records)
        slip_buf_add_c(why, " (with records)");
    return result;
}

static enum golden_result run(json_t *c, struct slip_buf *why)
{
    enum golden_result result = run_with(c, false, why);
    return result == GOLDEN_GOOD ? run_with(c, true, why) : result;
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, "stapel.jsonl", run);
}
