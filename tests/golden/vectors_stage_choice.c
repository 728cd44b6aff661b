/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which stage of a repository is chosen, against what werf chose. The commits of a case are made
 * anew, without files: their ids in labels are replaced.
 */
#include "golden/golden.h"
#include "golden/stage_images.h"

#include "base/map.h"
#include "base/mem.h"
#include "digest/stapel.h"
#include "registry/media.h"
#include "registry/stages.h"
#include "support/mem_store.h"
#include "support/sandbox.h"

#include <ctype.h>

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

/* ---- history ---- */

struct history {
    char *dir;
    struct slip_repo *repo;
    struct slip_commit head;
    struct slip_map *ids; /* of the case -> of ours */
    struct {
        SLIP_VEC(char *);
    } mappings; /* of the case */
    struct slip_stapel_choice choice;
};

static void history_clear(struct history *h)
{
    slip_repo_free(h->repo);
    sandbox_free(h->dir);
    slip_map_free(h->ids);
    for (size_t i = 0; i < h->mappings.len; i++)
        slip_free(h->mappings.at[i]);
    slip_vec_clear(&h->mappings);
}
SLIP_DEFINE_AUTO(history, history_clear);

/* A commit whose parents are there; false: not yet. */
static bool make_commit(struct history *h, json_t *commit)
{
    json_t *parents = json_object_get(commit, "parents");
    SLIP_AUTO(slip_buf) words = SLIP_BUF(4096);
    slip_buf_add_fmt(&words, "commit-tree -m %s", json_string_value(json_object_get(commit, "id")));
    for (size_t i = 0; i < json_array_size(parents); i++) {
        const char *id = slip_map_get(h->ids, golden_text_of(json_array_get(parents, i)));
        if (!id)
            return false;
        slip_buf_add_fmt(&words, " -p %s", id);
    }
    slip_buf_add_c(&words, " 4b825dc642cb6eb9a060e54bf8d69288fbee4904");
    slip_map_set(h->ids, golden_text(commit, "id"), sandbox_git_line(h->dir, words.ptr));
    return true;
}

static enum golden_result make_history(struct history *h, json_t *c, struct slip_buf *why)
{
    json_t *commits = json_object_get(c, "commits"), *commit;
    const char *name;
    struct slip_error err = { 0 };
    h->dir = sandbox_new();
    h->ids = slip_map_new(slip_free);
    sandbox_git(h->dir, "init -q --bare");
    sandbox_git(h->dir, "hash-object -w -t tree /dev/null");
    for (size_t left = json_object_size(commits); left > 0; left--)
        json_object_foreach(commits, name,
                            commit) if (!slip_map_get(h->ids, golden_text(commit, "id")))
            make_commit(h, commit);
    const char *head = slip_map_get(h->ids, golden_text(c, "head"));
    if (slip_repo_open(h->dir, NULL, &h->repo, &err) < 0
        || slip_repo_resolve(h->repo, head, &h->head, &err) < 0)
        return golden_bad(why, "%s", err.text);
    return GOLDEN_GOOD;
}

/* The mappings are those that any label of a stage tells about. */
static void find_mappings(struct history *h, json_t *c)
{
    const char *tag, *key;
    json_t *labels, *value;
    json_object_foreach(json_object_get(c, "labels"), tag, labels)
        json_object_foreach(labels, key, value)
    {
        struct slip_str id = slip_str_of(key), rest;
        if (!slip_str_starts(id, SLIP_STR("werf-git-")))
            continue;
        slip_str_cut(slip_str_skip(id, strlen("werf-git-")), '-', &id, &rest);
        bool known = false;
        for (size_t i = 0; i < h->mappings.len; i++)
            known |= slip_str_is(id, h->mappings.at[i]);
        if (!known)
            slip_vec_push(&h->mappings, slip_memdup(id.ptr, id.len));
    }
    h->choice = (struct slip_stapel_choice){
        .repo = h->repo,
        .commit = &h->head.id,
        .any_commit =
            json_object_get(json_object_get(c, "env"), "WERF_DISABLE_GIT_COMMIT_ANCESTRY_CHECK"),
        .mappings = (const char *const *)h->mappings.at,
        .n_mappings = h->mappings.len,
    };
}

/* A label as it would be in our history, in any case of letters. */
struct translated {
    const struct history *h;
    const struct slip_config_info *config;
};

static struct slip_str get_label(const void *self, const char *key)
{
    static char lower[SLIP_OID_HEX + 1];
    const struct translated *t = self;
    struct slip_str value = slip_config_label(t->config, key);
    if (value.len != SLIP_OID_HEX)
        return value;
    for (size_t i = 0; i < value.len; i++)
        lower[i] = (char)tolower(value.ptr[i]);
    char *id = slip_map_get(t->h->ids, slip_str_of(lower));
    if (!id)
        return value;
    bool upper = !slip_str_is(value, lower);
    for (size_t i = 0; upper && i < value.len; i++)
        id[i] = (char)toupper(id[i]);
    return slip_str_of(id);
}

static int accept(void *payload, const struct slip_stage *stage, bool *yes, struct slip_error *err)
{
    const struct translated t = { payload, &stage->config };
    const struct slip_stage_labels labels = { get_label, &t };
    enum slip_answer fits;
    if (slip_stapel_fits(&t.h->choice, &labels, &fits, err) < 0)
        return -1;
    *yes = fits == SLIP_YES;
    return 0;
}

/* ---- stages ---- */

static enum golden_result follow(json_t *chosen, struct history *h, struct slip_stages *stages,
                                 struct slip_buf *why)
{
    int64_t parent_ms = 0;
    size_t i;
    json_t *want;
    json_array_foreach(chosen, i, want)
    {
        const char *tag = json_string_value(json_object_get(want, "tag"));
        bool by_history = looks_at_git(json_string_value(json_object_get(want, "stage")));
        struct slip_stage_find find = {
            .digest = json_string_value(json_object_get(want, "digest")),
            .not_before_ms = parent_ms,
            .accept = by_history ? accept : NULL,
            .payload = h,
        };
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

/* werf crashes or fails over a stage: over one without a content digest, or over its commit. */
static enum golden_result refuse(json_t *c, struct history *h, struct slip_stages *stages,
                                 struct slip_buf *why)
{
    size_t i;
    json_t *tag;
    json_array_foreach(json_object_get(c, "tags"), i, tag)
    {
        SLIP_AUTO_FREE char *digest = slip_memdup(json_string_value(tag), SLIP_STAGE_DIGEST_LEN);
        struct slip_stage_find find = { .digest = digest, .accept = accept, .payload = h };
        if (slip_stages_find(stages, &find, 1) < 0)
            return GOLDEN_GOOD;
        slip_stage_clear(&find.stage);
    }
    return golden_bad(why, "taken");
}

static enum golden_result run(json_t *c, struct slip_buf *why)
{
    SLIP_AUTO(history) h = { 0 };
    if (make_history(&h, c, why) != GOLDEN_GOOD)
        return GOLDEN_BAD;
    find_mappings(&h, c);
    struct slip_store *store = make_store(c);
    struct slip_stages *stages = slip_stages_new(store, NULL);
    json_t *chosen = json_object_get(c, "chosen");
    enum golden_result result =
        json_is_array(chosen) ? follow(chosen, &h, stages, why) : refuse(c, &h, stages, why);
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
