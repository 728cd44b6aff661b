/* SPDX-License-Identifier: Apache-2.0 */
/* Stages that werf recorded for a commit. */
#include "flow/recorded.h"

#include "base/mem.h"
#include "export/records.h"
#include "repo/history.h"

#define LABEL_PROJECT "werf"
#define LABELS_OF_GIT "werf-git-"
#define OF_COMMIT "-commit"
#define OF_MERGE "-virtual-merge"
#define FROM_COMMIT "-virtual-merge-from-commit"

void slip_recorded_expect(struct slip_stages *stages, const struct slip_image *image)
{
    SLIP_AUTO(slip_buf) prefix = SLIP_BUF(128);
    slip_record_prefix(image->name, &prefix);
    slip_stages_keep(stages, prefix.ptr);
}

/* ---- records ---- */

/* The records of one image. */
struct records {
    struct slip_buf prefix;
    struct slip_arena arena;
    struct {
        SLIP_VEC(struct slip_record_text);
    } at;
};

/* The stage that counts of them. */
struct recorded_stage {
    struct slip_str tag; /* empty: there is none */
    const char *digest;
    int64_t created_ms;
};

static void records_clear(struct records *r)
{
    slip_buf_clear(&r->prefix);
    slip_arena_clear(&r->arena);
    slip_vec_clear(&r->at);
}

static int take_record(void *payload, struct slip_str tag, struct slip_error *err)
{
    (void)err;
    struct records *r = payload;
    struct slip_record_text one;
    if (slip_record_parse(slip_arena_str(&r->arena, tag), slip_buf_str(&r->prefix), &one))
        slip_vec_push(&r->at, one);
    return 0;
}

static int read_records(const struct slip_recorded_search *s, const struct slip_image *image,
                        struct records *out, struct slip_error *err)
{
    out->prefix = (struct slip_buf)SLIP_BUF(128);
    slip_record_prefix(image->name, &out->prefix);
    return slip_stages_records(s->stages, out->prefix.ptr, take_record, out, err);
}

/* What they name for our commit is going to be asked for. */
static void want_stages(const struct slip_recorded_search *s, const struct records *records)
{
    for (size_t i = 0; i < records->at.len; i++)
        if (slip_str_is(records->at.at[i].commit, s->project->commit_hex))
            slip_stages_want(s->stages, records->at.at[i].parts.digest);
}

struct wanted_time {
    int64_t created_ms;
    bool there;
};

static int compare_time(void *payload, int64_t created_ms, struct slip_error *err)
{
    (void)err;
    struct wanted_time *w = payload;
    w->there |= created_ms == w->created_ms;
    return 0;
}

/* Is the stage that a record names among the tags, and not rejected? */
static int is_there(const struct slip_recorded_search *s, const struct recorded_stage *stage,
                    bool *yes, struct slip_error *err)
{
    struct wanted_time w = { .created_ms = stage->created_ms };
    if (slip_stages_candidates(s->stages, stage->digest, 0, compare_time, &w, err) < 0)
        return -1;
    *yes = w.there;
    return 0;
}

static const char *kind_of(const struct slip_image *image)
{
    return image->stapel ? "a stapel image" : "a staged Dockerfile image";
}

/* werf knows no image layouts. */
int slip_hint_at_werf_build(const struct slip_store *store, const struct slip_image *image,
                            struct slip_error *err)
{
    if (store->where.kind != SLIP_STORE_REGISTRY)
        return slip_hint(err,
                         "only werf can build %s, and it builds into registries: the stage "
                         "repository has to be one",
                         kind_of(image));
    return slip_hint(err,
                     "only werf can build %s: check out this commit and run werf build --repo %s "
                     "'%.*s'",
                     kind_of(image), store->name, SLIP_ARG(image->name));
}

static int no_record(const struct slip_recorded_search *s, const struct slip_image *image,
                     struct slip_error *err)
{
    slip_fail(err, SLIP_E_NOT_BUILT,
              "image '%.*s' is not built: werf left no record of it for commit %.12s in %s",
              SLIP_ARG(image->name), s->project->commit_hex, s->store->name);
    return slip_hint_at_werf_build(s->store, image, err);
}

static int refuse_gone(const struct slip_recorded_search *s, const struct slip_image *image,
                       struct slip_str recorded, struct slip_error *err)
{
    slip_fail(
        err, SLIP_E_NOT_BUILT,
        "image '%.*s' is not built: the stage %.*s that werf recorded for commit %.12s is not "
        "in %s any more",
        SLIP_ARG(image->name), SLIP_ARG(recorded), s->project->commit_hex, s->store->name);
    return slip_hint_at_werf_build(s->store, image, err);
}

static int several_records(const struct slip_recorded_search *s, const struct slip_image *image,
                           const char *one, const char *other, struct slip_error *err)
{
    slip_fail(err, SLIP_E_UNSUPPORTED,
              "image '%.*s': werf recorded more than one stage for commit %.12s in %s: %s and %s",
              SLIP_ARG(image->name), s->project->commit_hex, s->store->name, one, other);
    return slip_hint(err, "it was built with different settings, and only werf can say which of "
                          "them counts: export this image with werf");
}

/* Of the stages that are recorded for our commit, those that are there go to `what`; the one that
 * counts, which may be gone, to `stage`. */
static int choose(const struct slip_recorded_search *s, struct slip_recorded *what,
                  struct records *records, struct recorded_stage *stage)
{
    struct recorded_stage gone = { 0 };
    struct slip_error *err = &what->err;
    for (size_t i = 0; i < records->at.len; i++) {
        const struct slip_record_text *r = &records->at.at[i];
        if (!slip_str_is(r->commit, s->project->commit_hex)
            || r->parts.digest.len != SLIP_STAGE_DIGEST_LEN)
            continue;
        struct recorded_stage one = { r->stage, slip_arena_strdup(&records->arena, r->parts.digest),
                                      r->parts.created_ms };
        bool yes;
        if (is_there(s, &one, &yes, err) < 0)
            return -1;
        if (!yes) {
            gone = one;
            continue;
        }
        slip_vec_push(&what->stages, slip_memdup(one.tag.ptr, one.tag.len));
        if (what->stages.len == 1)
            *stage = one;
    }
    if (what->stages.len > 1)
        return several_records(s, what->image, what->stages.at[0], what->stages.at[1], err);
    if (!stage->tag.len && gone.tag.len)
        return refuse_gone(s, what->image, gone.tag, err);
    return stage->tag.len ? 0 : no_record(s, what->image, err);
}

/* ---- labels ---- */

/* The next git mapping among the labels from `*at` on: "werf-git-<id>", of "werf-git-<id>-commit".
 */
static bool next_mapping(const struct slip_config_info *config, size_t *at, struct slip_str *out)
{
    for (; *at < config->n_labels; (*at)++) {
        struct slip_str key = config->labels[*at].key;
        if (!slip_str_starts(key, SLIP_STR(LABELS_OF_GIT))
            || !slip_str_ends(key, SLIP_STR(OF_COMMIT))
            || slip_str_ends(key, SLIP_STR(FROM_COMMIT)))
            continue;
        *out = slip_str_first(key, key.len - strlen(OF_COMMIT));
        (*at)++;
        return true;
    }
    return false;
}

static struct slip_str label_of(const struct slip_config_info *config, struct slip_str mapping,
                                const char *what)
{
    SLIP_AUTO_FREE char *key = slip_printf("%.*s%s", SLIP_ARG(mapping), what);
    return slip_config_label(config, key);
}

static bool is_of_virtual_merge(const struct slip_config_info *config)
{
    struct slip_str mapping;
    for (size_t at = 0; next_mapping(config, &at, &mapping);)
        if (slip_str_is(label_of(config, mapping, OF_MERGE), "true"))
            return true;
    return false;
}

static bool has_mappings(const struct slip_config_info *config)
{
    struct slip_str mapping;
    size_t at = 0;
    return next_mapping(config, &at, &mapping);
}

/* ---- older stages of the same digest ---- */

/* werf takes the oldest stage whose commits are all in our history (1.6). */
static int fits_history(const struct slip_recorded_search *s, const struct slip_stage *stage,
                        enum slip_answer *out, struct slip_error *err)
{
    struct slip_str mapping;
    *out = SLIP_YES;
    for (size_t at = 0; next_mapping(&stage->config, &at, &mapping) && *out != SLIP_NO;) {
        bool merge = slip_str_is(label_of(&stage->config, mapping, OF_MERGE), "true");
        struct slip_oid id;
        enum slip_answer one = SLIP_NO;
        if (slip_oid_parse(label_of(&stage->config, mapping, merge ? FROM_COMMIT : OF_COMMIT), &id)
            && slip_repo_is_ancestor(s->project->repo, &id, &s->project->commit.id, &one, err) < 0)
            return -1;
        if (one != SLIP_YES)
            *out = one;
    }
    return 0;
}

struct older {
    int64_t than_ms;
    struct {
        SLIP_VEC(int64_t);
    } at;
};

static int take_older(void *payload, int64_t created_ms, struct slip_error *err)
{
    (void)err;
    struct older *o = payload;
    if (created_ms < o->than_ms)
        slip_vec_push(&o->at, created_ms);
    return 0;
}

static int refuse_older(const struct slip_recorded_search *s, const struct slip_image *image,
                        struct slip_str recorded, const char *older, enum slip_answer fits,
                        struct slip_error *err)
{
    slip_fail(
        err, SLIP_E_UNSUPPORTED,
        "image '%.*s': werf recorded the stage %.*s for commit %.12s, but %s has an older one "
        "of the same digest, %s",
        SLIP_ARG(image->name), SLIP_ARG(recorded), s->project->commit_hex, s->store->name, older);
    return slip_hint(err, fits == SLIP_UNKNOWN
                              ? "whether it counts is told by history that is not here: git fetch "
                                "--unshallow"
                              : "only werf can say which of them it would take: export this image "
                                "with werf");
}

/* Are there older stages of the digest of a recorded one that werf would take now? */
static int check_older(const struct slip_recorded_search *s, const struct slip_image *image,
                       const struct recorded_stage *recorded, struct slip_error *err)
{
    struct older older = { .than_ms = recorded->created_ms };
    enum slip_answer fits = SLIP_NO;
    int rc = slip_stages_candidates(s->stages, recorded->digest, 0, take_older, &older, err);
    for (size_t i = 0; i < older.at.len && rc == 0 && fits == SLIP_NO; i++) {
        SLIP_AUTO(slip_stage) stage = { 0 };
        bool found = false;
        rc = slip_stages_read(s->stages, recorded->digest, older.at.at[i], &found, &stage, err);
        if (rc == 0 && found)
            rc = fits_history(s, &stage, &fits, err);
        if (rc == 0 && fits != SLIP_NO)
            rc = refuse_older(s, image, recorded->tag, stage.tag, fits, err);
    }
    slip_vec_clear(&older.at);
    return rc;
}

/* ---- merges ---- */

/* Is a commit here, and a merge with ours as its second parent? */
struct merge {
    const struct slip_oid *ours;
    bool here, merges_ours;
};

static int look_at_parents(void *payload, const struct slip_history_step *step,
                           struct slip_error *err)
{
    (void)err;
    struct merge *m = payload;
    m->here = true;
    m->merges_ours = step->n_parents > 1 && slip_oid_eq(&step->parents[1], m->ours);
    return 1;
}

static int refuse_merge(const struct slip_image *image, const char *stage, struct slip_error *err)
{
    slip_fail(err, SLIP_E_UNSUPPORTED,
              "image '%.*s': the stage %s was made for a merge with this commit, not for the "
              "commit itself",
              SLIP_ARG(image->name), stage);
    return slip_hint(err, "build the commit itself: check it out and run werf build");
}

static int refuse_unknown(const struct slip_image *image, const char *stage, struct slip_str commit,
                          struct slip_error *err)
{
    slip_fail(err, SLIP_E_UNSUPPORTED,
              "image '%.*s': the stage %s was recorded for commit %.*s, too, which is not here to "
              "tell whether that was a merge with this one",
              SLIP_ARG(image->name), stage, SLIP_ARG(slip_str_first(commit, 12)));
    return slip_hint(err, "fetch the whole history: git fetch --unshallow");
}

/* werf records the stage of a merge that only a CI system has made for the merged commit, too. */
static int check_merges(const struct slip_recorded_search *s, const struct slip_image *image,
                        const struct records *records, const struct slip_stage *stage,
                        struct slip_error *err)
{
    if (is_of_virtual_merge(&stage->config))
        return refuse_merge(image, stage->tag, err);
    for (size_t i = 0; i < records->at.len; i++) {
        const struct slip_record_text *r = &records->at.at[i];
        struct merge merge = { .ours = &s->project->commit.id };
        struct slip_oid id;
        if (!slip_str_is(r->stage, stage->tag) || slip_str_is(r->commit, s->project->commit_hex)
            || !slip_oid_parse(r->commit, &id))
            continue;
        if (slip_repo_history(s->project->repo, &id, look_at_parents, &merge, NULL, err) < 0)
            return -1;
        if (merge.merges_ours)
            return refuse_merge(image, stage->tag, err);
        if (!merge.here && !has_mappings(&stage->config))
            return refuse_unknown(image, stage->tag, r->commit, err);
    }
    return 0;
}

static int check_project(const struct slip_recorded_search *s, const struct slip_image *image,
                         const struct slip_stage *stage, struct slip_error *err)
{
    struct slip_str project = slip_config_label(&stage->config, LABEL_PROJECT);
    if (slip_str_eq(project, s->project->set.project))
        return 0;
    slip_fail(err, SLIP_E_UNSUPPORTED, "image '%.*s': the stage %s is one of project '%.*s'",
              SLIP_ARG(image->name), stage->tag, SLIP_ARG(project));
    return slip_hint(err, "two projects share %s: give each a repository of its own",
                     s->store->name);
}

/* `stage` is the oldest of the recorded one's digest; it becomes the recorded one. */
static int judge(const struct slip_recorded_search *s, const struct slip_image *image,
                 const struct records *records, const struct recorded_stage *recorded, bool found,
                 struct slip_stage *stage, struct slip_error *err)
{
    if (found && !slip_str_is(recorded->tag, stage->tag)) {
        if (check_older(s, image, recorded, err) < 0)
            return -1;
        slip_stage_clear(stage);
        if (slip_stages_read(s->stages, recorded->digest, recorded->created_ms, &found, stage, err)
            < 0)
            return -1;
    }
    if (!found)
        return refuse_gone(s, image, recorded->tag, err);
    return check_project(s, image, stage, err) < 0
                   || check_merges(s, image, records, stage, err) < 0
               ? -1
               : 0;
}

/* ---- many images ---- */

struct item {
    struct records records;
    struct recorded_stage stage;
    struct slip_stage_find *find;
};

static int several_platforms(const struct slip_image *image, struct slip_error *err)
{
    slip_fail(err, SLIP_E_UNSUPPORTED, "image '%.*s' is %s of several platforms",
              SLIP_ARG(image->name), kind_of(image));
    return slip_hint(err, "export this image with werf");
}

/* A record of other settings than those of now: another platform, another cache version. */
static int refuse_other_digest(const struct slip_recorded_search *s,
                               const struct slip_recorded *what, const struct recorded_stage *stage,
                               struct slip_error *err)
{
    slip_fail(err, SLIP_E_UNSUPPORTED,
              "image '%.*s': werf recorded the stage %.*s for commit %.12s, but the digest of the "
              "image is %s now",
              SLIP_ARG(what->image->name), SLIP_ARG(stage->tag), s->project->commit_hex,
              what->digest);
    return slip_hint(err, "it was built with other settings (a platform, a variable that werf.yaml "
                          "reads): give the same ones, or build it with these");
}

/* What is recorded for an image, and the digest to look for. */
static int prepare(const struct slip_recorded_search *s, struct slip_recorded *what,
                   struct item *item, struct slip_stage_find *finds, size_t *n)
{
    if (what->err.kind || choose(s, what, &item->records, &item->stage) < 0)
        return -1;
    if (!item->stage.created_ms || what->n_platforms > 1)
        return several_platforms(what->image, &what->err);
    if (what->digest && strcmp(what->digest, item->stage.digest) != 0)
        return refuse_other_digest(s, what, &item->stage, &what->err);
    item->find = &finds[(*n)++];
    *item->find = (struct slip_stage_find){ .digest = item->stage.digest };
    return 0;
}

static int finish(const struct slip_recorded_search *s, struct slip_recorded *what,
                  struct item *item)
{
    struct slip_stage_find *find = item->find;
    if (find->err.kind) {
        what->err = find->err;
        return slip_while(&what->err, "image '%.*s'", SLIP_ARG(what->image->name));
    }
    if (judge(s, what->image, &item->records, &item->stage, find->found, &find->stage, &what->err)
        < 0)
        return -1;
    what->stage = find->stage;
    find->stage = (struct slip_stage){ 0 };
    what->found = true;
    return 0;
}

void slip_recorded_clear(struct slip_recorded *r)
{
    for (size_t i = 0; i < r->stages.len; i++)
        slip_free(r->stages.at[i]);
    slip_vec_clear(&r->stages);
    slip_stage_clear(&r->stage);
}

int slip_find_recorded(const struct slip_recorded_search *s, struct slip_recorded *const *items,
                       size_t n)
{
    SLIP_AUTO_FREE struct item *work = slip_alloc_array(n + 1, sizeof(*work));
    SLIP_AUTO_FREE struct slip_stage_find *finds = slip_alloc_array(n + 1, sizeof(*finds));
    size_t n_finds = 0;
    int rc = 0;
    for (size_t i = 0; i < n; i++)
        (void)!read_records(s, items[i]->image, &work[i].records, &items[i]->err); /* see prepare */
    for (size_t i = 0; i < n; i++)
        want_stages(s, &work[i].records);
    for (size_t i = 0; i < n; i++)
        if (prepare(s, items[i], &work[i], finds, &n_finds) < 0)
            rc = -1;
    (void)!slip_stages_find(s->stages, finds, n_finds); /* judged one by one */
    for (size_t i = 0; i < n; i++) {
        if (work[i].find && finish(s, items[i], &work[i]) < 0)
            rc = -1;
        records_clear(&work[i].records);
    }
    for (size_t i = 0; i < n_finds; i++)
        slip_stage_clear(&finds[i].stage);
    return rc;
}
