/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A search through history. Every commit on the way is looked at as it is today: with this
 * environment and these options. The search ends when each platform has its answer; then what was
 * seen on the way says which commits changed the digest.
 */
#include "flow/why.h"

#include "digest/compare.h"
#include "flow/other_generation.h"
#include "flow/view.h"
#include "repo/history.h"

/* A commit that was looked at: its digest on each platform of the image at hand, or NULL. */
struct passed {
    struct slip_oid id;
    const char *subject;
    struct slip_oid *parents;
    size_t n_parents;
    const char **digests;
};

struct search {
    const struct slip_why_options *o;
    struct slip_viewer viewer;
    struct slip_config_options config; /* of views: nobody is told anything */
    struct slip_view here;
    struct slip_why *out;
    struct slip_map *by_id; /* id -> index in `passed` + 1, as a pointer into the arena */
    struct {
        SLIP_VEC(struct passed);
    } passed;    /* newest first; the first is the one at hand */
    size_t open; /* platforms without an answer */
};

/* ---- what werf.yaml was made from ---- */

struct reading {
    struct slip_why *out;
    struct slip_map *seen;
};

static void note_read(void *payload, enum slip_config_read kind, struct slip_str name)
{
    struct reading *r = payload;
    SLIP_AUTO(slip_buf) key = SLIP_BUF(SLIP_LIMIT_PATH);
    slip_buf_add_fmt(&key, "%d ", (int)kind);
    slip_buf_add_str(&key, name);
    if (slip_map_get(r->seen, slip_buf_str(&key)))
        return;
    slip_map_set(r->seen, slip_buf_str(&key), r);
    slip_vec_push(&r->out->reads,
                  (struct slip_why_read){ kind, slip_arena_strdup(&r->out->arena, name) });
}

static int open_here(struct search *s, const struct slip_commit *commit, struct slip_error *err)
{
    struct reading r = { s->out, slip_map_new(NULL) };
    struct slip_config_options told = *s->o->config;
    told.on_read = note_read;
    told.on_read_payload = &r;
    s->viewer.config = &told;
    int rc = slip_view_open(&s->viewer, commit, &s->here, err);
    s->viewer.config = &s->config;
    slip_map_free(r.seen);
    return rc;
}

/* ---- changes ---- */

struct listing {
    struct slip_why_change *change;
    struct slip_arena *arena;
};

static int add_file(void *payload, struct slip_str path, const struct slip_entry *before,
                    const struct slip_entry *after, struct slip_error *err)
{
    (void)err;
    const struct listing *l = payload;
    if (l->change->files.len >= SLIP_WHY_FILES) {
        l->change->more_files++;
        return 0;
    }
    char sign = !before ? '+' : !after ? '-' : 'M';
    slip_vec_push(&l->change->files,
                  (struct slip_why_file){ slip_arena_strdup(l->arena, path), sign });
    return 0;
}

static const struct slip_str *keep_text(struct slip_arena *a, const struct slip_ingredient *i)
{
    if (!i)
        return NULL;
    struct slip_str *text = slip_arena_new(a, struct slip_str);
    *text = slip_arena_str(a, i->text);
    return text;
}

static int add_change(struct search *s, const struct slip_view *before,
                      const struct slip_view *after, const struct slip_ingredient_change *c,
                      struct slip_why_changes *out, struct slip_error *err)
{
    struct slip_arena *a = &s->out->arena;
    const struct slip_file_selection *was = c->before ? c->before->selection : NULL;
    const struct slip_file_selection *is = c->after ? c->after->selection : NULL;
    struct slip_why_change *change = slip_vec_add(out);
    change->origin = slip_arena_str(a, c->after ? c->after->origin : c->before->origin);
    change->before = keep_text(a, c->before);
    change->after = keep_text(a, c->after);
    if (!was && !is)
        return 0;
    struct listing l = { change, a };
    return slip_selection_compare(&before->tree, was, &after->tree, is, add_file, &l, err);
}

static int add_changes(struct search *s, const struct slip_view *before,
                       const struct slip_view *after, const char *platform,
                       struct slip_why_changes *out, struct slip_error *err)
{
    const struct slip_view_platform *was = slip_view_platform(before, platform);
    const struct slip_view_platform *is = slip_view_platform(after, platform);
    SLIP_AUTO(slip_digest_changes) changes = { 0 };
    if (!was || !is || !was->known || !is->known)
        return 0;
    slip_digest_compare(&was->digest, &is->digest, &changes);
    for (size_t i = 0; i < changes.len; i++)
        if (add_change(s, before, after, &changes.at[i], out, err) < 0)
            return -1;
    return 0;
}

/* ---- the search ---- */

static struct slip_str key_of(const struct slip_oid *id)
{
    return slip_str_make((const char *)id->bytes, sizeof(id->bytes));
}

/* Look at a commit; `*readable` false: it has no digest of the image, and that is no error. */
static int look_at(struct search *s, const struct slip_commit *c, struct slip_view *view,
                   bool *readable, struct slip_error *err)
{
    *readable = slip_view_open(&s->viewer, c, view, err) == 0;
    if (*readable)
        return 0;
    switch (err->kind) {
    case SLIP_E_CONFIG:
    case SLIP_E_UNSUPPORTED:
    case SLIP_E_USAGE:
    case SLIP_E_REPO:
        if (!s->out->reason[0])
            snprintf(s->out->reason, sizeof(s->out->reason), "%.*s",
                     (int)sizeof(s->out->reason) - 1, err->text);
        slip_error_clear(err);
        return 0;
    default: {
        char hex[SLIP_OID_HEX + 1];
        slip_oid_hex(&c->id, hex);
        return slip_while(err, "commit %.12s", hex);
    }
    }
}

static void keep_passed(struct search *s, const struct slip_history_step *step,
                        const struct slip_view *view)
{
    struct slip_arena *a = &s->out->arena;
    struct passed *p = slip_vec_add(&s->passed);
    p->id = step->commit.id;
    p->subject = slip_arena_strdup(a, step->subject);
    p->parents = slip_arena_array(a, step->n_parents + 1, sizeof(*p->parents));
    p->n_parents = step->n_parents;
    if (step->n_parents)
        memcpy(p->parents, step->parents, step->n_parents * sizeof(*p->parents));
    p->digests = slip_arena_array(a, s->out->len + 1, sizeof(*p->digests));
    for (size_t i = 0; i < s->out->len; i++) {
        const struct slip_view_platform *at = slip_view_platform(view, s->out->at[i].name);
        if (at && at->known)
            p->digests[i] = slip_arena_strdup(a, slip_str_of(slip_image_digest_text(&at->digest)));
    }
    size_t *index = slip_arena_new(a, size_t);
    *index = s->passed.len - 1;
    slip_map_set(s->by_id, key_of(&p->id), index);
}

/* Whether a commit is the answer for a platform: another digest, and its stage is there. */
static bool answers(const struct search *s, const struct slip_why_platform *p,
                    const struct slip_view_platform *at)
{
    if (!at || !at->known || strcmp(slip_image_digest_text(&at->digest), p->digest) == 0)
        return false;
    return !s->o->store || (at->stage && at->stage->found);
}

static int settle(struct search *s, struct slip_why_platform *p, const struct slip_view *view,
                  struct slip_error *err)
{
    const struct slip_view_platform *at = slip_view_platform(view, p->name);
    const struct passed *c = &s->passed.at[s->passed.len - 1];
    if (!p->known || p->has_earlier || !answers(s, p, at))
        return 0;
    p->has_earlier = true;
    p->earlier = (struct slip_why_commit){ .id = c->id, .subject = c->subject };
    p->distance = s->passed.len - 1;
    p->earlier_digest = c->digests[p - s->out->at];
    if (at->stage && at->stage->found)
        p->earlier_tag = slip_arena_strdup(&s->out->arena, slip_str_of(at->stage->tag));
    s->open--;
    return add_changes(s, view, &s->here, p->name, &p->changes, err);
}

static int visit(void *payload, const struct slip_history_step *step, struct slip_error *err)
{
    struct search *s = payload;
    if (s->passed.len == 0) {
        keep_passed(s, step, &s->here);
        return s->open == 0;
    }
    if (s->passed.len > s->o->depth)
        return 1;
    SLIP_AUTO(slip_view) view = { 0 };
    bool readable;
    if (look_at(s, &step->commit, &view, &readable, err) < 0)
        return -1;
    keep_passed(s, step, &view);
    s->out->searched++;
    s->out->unreadable += !readable;
    for (size_t i = 0; i < s->out->len && readable; i++)
        if (settle(s, &s->out->at[i], &view, err) < 0)
            return -1;
    return s->open == 0;
}

/* ---- who brought it ---- */

/* A commit whose turn in the search had not come. */
static int visit_one(void *payload, const struct slip_history_step *step, struct slip_error *err)
{
    struct search *s = payload;
    SLIP_AUTO(slip_view) view = { 0 };
    bool readable;
    if (look_at(s, &step->commit, &view, &readable, err) < 0)
        return -1;
    keep_passed(s, step, &view);
    return 1;
}

/* Where a commit stands in `passed`, looked at now when it was not; SLIP_NPOS: it is not here. */
static int index_of(struct search *s, const struct slip_oid *id, size_t *out,
                    struct slip_error *err)
{
    const size_t *index = slip_map_get(s->by_id, key_of(id));
    const struct slip_oid wanted = *id; /* may stand in `passed`, which grows */
    if (!index && slip_repo_history(s->viewer.repo, &wanted, visit_one, s, NULL, err) < 0)
        return -1;
    index = slip_map_get(s->by_id, key_of(&wanted));
    *out = index ? *index : SLIP_NPOS;
    return 0;
}

static int open_passed(struct search *s, size_t at, struct slip_view *view, bool *readable,
                       struct slip_error *err)
{
    char hex[SLIP_OID_HEX + 1];
    struct slip_commit c;
    slip_oid_hex(&s->passed.at[at].id, hex);
    return slip_repo_resolve(s->viewer.repo, hex, &c, err) < 0
               ? -1
               : look_at(s, &c, view, readable, err);
}

static int add_bringer(struct search *s, size_t at, size_t parent, struct slip_why_platform *p,
                       struct slip_error *err)
{
    SLIP_AUTO(slip_view) before = { 0 };
    SLIP_AUTO(slip_view) after = { 0 };
    bool was = false, is = false;
    if (p->brought.len >= SLIP_WHY_COMMITS) {
        p->more_commits++;
        return 0;
    }
    struct slip_why_commit *one = slip_vec_add(&p->brought);
    one->id = s->passed.at[at].id;
    one->subject = s->passed.at[at].subject;
    if (parent == SLIP_NPOS)
        return 0;
    if (open_passed(s, parent, &before, &was, err) < 0 || open_passed(s, at, &after, &is, err) < 0)
        return -1;
    return was && is ? add_changes(s, &before, &after, p->name, &one->changes, err) : 0;
}

/* Commits that are still to be asked where their digest comes from. */
struct tracing {
    struct slip_why_platform *platform;
    size_t column; /* of it, in `digests` */
    struct {
        SLIP_VEC(size_t);
    } todo;
    struct slip_map *seen; /* ids that are or were in `todo` */
};

static void trace_later(struct search *s, struct tracing *t, size_t at)
{
    struct slip_str key = key_of(&s->passed.at[at].id);
    if (slip_map_get(t->seen, key))
        return;
    slip_map_set(t->seen, key, t);
    slip_vec_push(&t->todo, at);
}

/* A digest comes from the first parent that has it, too; with none, the commit brought it. */
static int trace(struct search *s, struct tracing *t, size_t at, struct slip_error *err)
{
    const char *own = s->passed.at[at].digests[t->column];
    size_t first = SLIP_NPOS;
    if (own && strcmp(own, t->platform->earlier_digest) == 0)
        return 0;
    for (size_t i = 0; i < s->passed.at[at].n_parents; i++) {
        size_t parent;
        if (index_of(s, &s->passed.at[at].parents[i], &parent, err) < 0)
            return -1;
        if (parent == SLIP_NPOS)
            continue;
        const char *theirs = s->passed.at[parent].digests[t->column];
        if (i == 0)
            first = parent;
        if (own && theirs && strcmp(own, theirs) == 0) {
            trace_later(s, t, parent);
            return 0;
        }
    }
    for (size_t i = 0; i < s->passed.at[at].n_parents; i++) {
        size_t parent;
        if (index_of(s, &s->passed.at[at].parents[i], &parent, err) < 0)
            return -1;
        if (parent != SLIP_NPOS)
            trace_later(s, t, parent);
    }
    return own ? add_bringer(s, at, first, t->platform, err) : 0;
}

/* As far as twice the depth of the search: other lines of history may lead further back. */
static int find_bringers(struct search *s, size_t column, struct slip_error *err)
{
    struct tracing t = { .platform = &s->out->at[column], .column = column };
    int rc = 0;
    if (!t.platform->has_earlier)
        return 0;
    t.seen = slip_map_new(NULL);
    trace_later(s, &t, 0);
    for (size_t i = 0; i < t.todo.len && rc == 0 && s->passed.len <= 2 * s->o->depth + 2; i++)
        rc = trace(s, &t, t.todo.at[i], err);
    slip_map_free(t.seen);
    slip_vec_clear(&t.todo);
    return rc;
}

/* ---- all of it ---- */

static void add_base(struct slip_why_platform *p, struct slip_arena *a, struct slip_str name)
{
    if (slip_str_is(name, "scratch"))
        return;
    for (size_t i = 0; i < p->bases.len; i++)
        if (slip_str_eq(p->bases.at[i], name))
            return;
    slip_vec_push(&p->bases, slip_arena_str(a, name));
}

static void tell_generation(const struct search *s)
{
    bool missing = false;
    for (size_t i = 0; i < s->out->len; i++)
        missing |= !s->out->at[i].tag;
    if (s->o->store && missing)
        slip_tell_other_generation(s->viewer.stages, &slip_generation_2, s->o->store->name,
                                   s->o->watch);
}

/* What is known of the commit at hand. */
static void describe_here(struct search *s)
{
    struct slip_why *w = s->out;
    w->at = slip_alloc_array(s->here.len + 1, sizeof(*w->at));
    w->len = s->here.len;
    for (size_t i = 0; i < w->len; i++) {
        const struct slip_view_platform *at = &s->here.at[i];
        struct slip_why_platform *p = &w->at[i];
        p->name = slip_arena_strdup(&w->arena, slip_str_of(at->name));
        p->known = at->known;
        p->waits_for = slip_arena_str(&w->arena, at->waits_for);
        if (!at->known)
            continue;
        s->open++;
        p->digest = slip_arena_strdup(&w->arena, slip_str_of(slip_image_digest_text(&at->digest)));
        if (at->stage && at->stage->found)
            p->tag = slip_arena_strdup(&w->arena, slip_str_of(at->stage->tag));
        const struct slip_stage_digest *stage = &at->digest.stages[0];
        for (size_t k = 0; k < stage->n_ingredients; k++)
            if (stage->ingredients[k].kind == SLIP_INGREDIENT_BASE)
                add_base(p, &w->arena, stage->ingredients[k].text);
    }
}

static int run(struct search *s, const struct slip_commit *commit, struct slip_error *err)
{
    bool complete = true;
    if (open_here(s, commit, err) < 0)
        return -1;
    describe_here(s);
    tell_generation(s);
    /* A bare tree was named: it has no history. */
    if (slip_oid_is_zero(&commit->id))
        return 0;
    if (slip_repo_history(s->viewer.repo, &commit->id, visit, s, &complete, err) < 0)
        return -1;
    s->out->history_ends = s->open > 0 && s->passed.len <= s->o->depth;
    s->out->shallow = s->out->history_ends && !complete;
    for (size_t i = 0; i < s->out->len; i++)
        if (find_bringers(s, i, err) < 0)
            return -1;
    return 0;
}

int slip_why(struct slip_repo *repo, const struct slip_commit *commit,
             const struct slip_why_options *o, struct slip_why *out, struct slip_error *err)
{
    SLIP_AUTO(slip_why) result = { 0 };
    SLIP_AUTO_FREE char *name = slip_memdup(o->image.ptr, o->image.len);
    SLIP_AUTO_PTR(slip_stages) stages = o->store ? slip_stages_new(o->store, o->watch) : NULL;
    struct search s = { .o = o,
                        .viewer = { .repo = repo,
                                    .image = name,
                                    .platforms = o->platforms,
                                    .n_platforms = o->n_platforms,
                                    .host_platform = o->host_platform,
                                    .store = o->store,
                                    .stages = stages },
                        .config = *o->config,
                        .out = &result,
                        .by_id = slip_map_new(NULL) };
    s.config.watch = NULL;
    slip_viewer_begin(&s.viewer);
    int rc = run(&s, commit, err);
    slip_view_clear(&s.here);
    slip_viewer_end(&s.viewer);
    slip_map_free(s.by_id);
    slip_vec_clear(&s.passed);
    if (rc < 0)
        return -1;
    *out = result;
    result = (struct slip_why){ 0 };
    return 0;
}

static void changes_clear(struct slip_why_changes *c)
{
    for (size_t i = 0; i < c->len; i++)
        slip_vec_clear(&c->at[i].files);
    slip_vec_clear(c);
}

static void platform_clear(struct slip_why_platform *p)
{
    for (size_t i = 0; i < p->brought.len; i++)
        changes_clear(&p->brought.at[i].changes);
    slip_vec_clear(&p->brought);
    changes_clear(&p->changes);
    slip_vec_clear(&p->bases);
}

void slip_why_clear(struct slip_why *w)
{
    for (size_t i = 0; i < w->len; i++)
        platform_clear(&w->at[i]);
    slip_free(w->at);
    slip_vec_clear(&w->reads);
    slip_arena_clear(&w->arena);
    *w = (struct slip_why){ 0 };
}
