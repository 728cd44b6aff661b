/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which stage of a repository is chosen, against what werf chose. Stages that look at git history
 * are not chosen here: a case is followed up to the first of them.
 */
#include "golden/golden.h"
#include "golden/stage_images.h"

#include "base/mem.h"
#include "registry/media.h"
#include "registry/stages.h"
#include "support/mem_store.h"

static bool is_listed(json_t *list, const char *text)
{
    size_t i;
    json_t *v;
    json_array_foreach(list, i, v) if (strcmp(json_string_value(v), text) == 0) return true;
    return false;
}

static struct slip_store *make_store(json_t *c)
{
    struct slip_store *s = mem_store_new("stages");
    size_t i;
    json_t *tag;
    json_array_foreach(json_object_get(c, "tags"), i, tag)
    {
        const char *name = json_string_value(tag);
        if (is_listed(json_object_get(c, "index"), name))
            mem_store_add_manifest(s, name, SLIP_MEDIA_OCI_INDEX,
                                   SLIP_STR("{\"schemaVersion\":2,\"manifests\":[]}"));
        else
            golden_add_stage(s, name, json_object_get(json_object_get(c, "labels"), name),
                             is_listed(json_object_get(c, "broken"), name));
    }
    return s;
}

static bool looks_at_git(const char *stage)
{
    static const char *const names[] = { "gitArchive", "gitCache",    "gitLatestPatch",
                                         "install",    "beforeSetup", "setup" };
    for (size_t i = 0; i < SLIP_COUNT(names); i++)
        if (strcmp(stage, names[i]) == 0)
            return true;
    return false;
}

static enum golden_result follow(json_t *chosen, struct slip_stages *stages, struct slip_buf *why)
{
    int64_t parent_ms = 0;
    size_t i;
    json_t *want;
    json_array_foreach(chosen, i, want)
    {
        const char *tag = json_string_value(json_object_get(want, "tag"));
        struct slip_stage_find find = {
            .digest = json_string_value(json_object_get(want, "digest")),
            .not_before_ms = parent_ms,
        };
        if (looks_at_git(json_string_value(json_object_get(want, "stage"))))
            return GOLDEN_GOOD;
        if (slip_stages_find(stages, &find, 1) < 0)
            return golden_bad(why, "%s", find.err.text);
        enum golden_result result = golden_same(why, "tag", slip_str_of(find.stage.tag),
                                                slip_str_of(find.found ? tag : NULL));
        if (find.found != (tag != NULL))
            result = golden_bad(why, "found %d, %s", find.found, find.stage.tag);
        parent_ms = find.stage.created_ms;
        slip_stage_clear(&find.stage);
        if (result != GOLDEN_GOOD || !tag)
            return result;
    }
    return GOLDEN_GOOD;
}

/* werf crashes or fails over the first stage; where it does later, git history has to do with it.
 */
static enum golden_result refuse(json_t *c, struct slip_stages *stages, struct slip_buf *why)
{
    const char *first = json_string_value(json_array_get(json_object_get(c, "tags"), 0));
    SLIP_AUTO_FREE char *digest = slip_memdup(first, SLIP_STAGE_DIGEST_LEN);
    struct slip_stage_find find = { .digest = digest };
    if (!strstr(json_string_value(json_object_get(c, "error")), "content digest label"))
        return GOLDEN_GOOD;
    if (slip_stages_find(stages, &find, 1) < 0)
        return GOLDEN_GOOD;
    slip_stage_clear(&find.stage);
    return golden_bad(why, "taken");
}

static enum golden_result run(json_t *c, struct slip_buf *why)
{
    struct slip_store *store = make_store(c);
    struct slip_stages *stages = slip_stages_new(store, NULL);
    json_t *chosen = json_object_get(c, "chosen");
    enum golden_result result =
        json_is_array(chosen) ? follow(chosen, stages, why) : refuse(c, stages, why);
    if (result == GOLDEN_GOOD && mem_store_counts(store)->lists > 1)
        result = golden_bad(why, "the tags were listed more than once");
    slip_stages_free(stages);
    mem_store_free(store);
    return result;
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, "stage-choice.jsonl", run);
}
