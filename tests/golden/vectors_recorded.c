/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stages of stapel images by the records that real builds left: after each build of a project, the
 * stage found for its commit is the one that was built; before it, none is found.
 */
#include "golden/commits.h"
#include "golden/stage_images.h"

#include "flow/recorded.h"
#include "support/mem_store.h"
#include "support/sandbox.h"

struct history {
    json_t *c;
    char *dir; /* a repository with the commits */
    struct slip_project project;
    struct slip_store *store;
    struct slip_stages *stages;
    struct slip_buf *why;
};

static void history_clear(struct history *h)
{
    slip_stages_free(h->stages);
    mem_store_free(h->store);
    slip_repo_free(h->project.repo);
    sandbox_free(h->dir);
}
SLIP_DEFINE_AUTO(history, history_clear);

static const char *string_of(json_t *c, const char *key)
{
    return json_string_value(json_object_get(c, key));
}

static enum golden_result make_commits(struct history *h)
{
    struct slip_error err = { 0 };
    h->dir = sandbox_new();
    if (golden_make_commits(json_object_get(h->c, "commits"), h->dir, h->why) != GOLDEN_GOOD)
        return GOLDEN_BAD;
    return slip_repo_open(h->dir, NULL, &h->project.repo, &err) == 0
               ? GOLDEN_GOOD
               : golden_bad(h->why, "%s", err.text);
}

/* ---- the repository ---- */

static void begin_listing(struct history *h)
{
    slip_stages_free(h->stages);
    h->stages = slip_stages_new(h->store, NULL);
}

static void add_tags(struct history *h, json_t *tags)
{
    const char *tag;
    json_t *image;
    json_object_foreach(tags, tag, image)
        golden_add_stage(h->store, tag, json_object_get(image, "labels"), false);
    begin_listing(h);
}

/* ---- questions ---- */

/* What is found of an image is `want`; nothing when that is NULL. */
static enum golden_result ask(struct history *h, json_t *image, const char *want)
{
    const struct slip_image named = { .name = golden_text(image, "image") };
    const struct slip_recorded_search s = { .project = &h->project,
                                            .store = h->store,
                                            .stages = h->stages };
    struct slip_recorded item = { .image = &named, .n_platforms = 1 }, *items[] = { &item };
    bool several = json_object_get(image, "platforms");
    if (several)
        item.n_platforms = 2;
    slip_recorded_expect(h->stages, &named);
    (void)!slip_find_recorded(&s, items, 1);
    bool same = !want && !item.found ? item.err.kind == SLIP_E_NOT_BUILT
                                     : want && item.found && strcmp(item.stage.tag, want) == 0;
    if (several && want)
        same = item.err.kind == SLIP_E_UNSUPPORTED;
    if (!same)
        golden_bad(h->why, "%.*s: want %s, found %s (%s)", SLIP_ARG(named.name),
                   want ? want : "none", item.found ? item.stage.tag : "none", item.err.text);
    slip_recorded_clear(&item);
    return same ? GOLDEN_GOOD : GOLDEN_BAD;
}

/* werf writes one record for a commit, however often it builds it. */
static bool is_first_build(json_t *builds, size_t index)
{
    const char *commit = string_of(json_array_get(builds, index), "commit");
    for (size_t i = 0; i < index; i++)
        if (strcmp(string_of(json_array_get(builds, i), "commit"), commit) == 0)
            return false;
    return true;
}

static enum golden_result check_build(struct history *h, json_t *builds, size_t index)
{
    json_t *build = json_array_get(builds, index), *images = json_object_get(build, "images"), *one;
    size_t i;
    snprintf(h->project.commit_hex, sizeof(h->project.commit_hex), "%s",
             string_of(build, "commit"));
    slip_oid_parse(slip_str_of(h->project.commit_hex), &h->project.commit.id);
    json_array_foreach(images, i, one) if (is_first_build(builds, index)
                                           && ask(h, one, NULL) != GOLDEN_GOOD) return GOLDEN_BAD;
    add_tags(h, json_object_get(build, "new_tags"));
    json_array_foreach(images, i, one) if (ask(h, one, string_of(one, "tag"))
                                           != GOLDEN_GOOD) return GOLDEN_BAD;
    return GOLDEN_GOOD;
}

static enum golden_result run(json_t *c, struct slip_buf *why)
{
    SLIP_AUTO(history) h = { .c = c, .why = why, .store = mem_store_new("stages") };
    json_t *builds = json_object_get(c, "builds");
    h.project.set.project = SLIP_STR("p");
    begin_listing(&h);
    enum golden_result result = make_commits(&h);
    for (size_t i = 0; i < json_array_size(builds) && result == GOLDEN_GOOD; i++)
        result = check_build(&h, builds, i);
    return result;
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, "stapel.jsonl", run);
}
