/* SPDX-License-Identifier: Apache-2.0 */
/* Stages of stapel images that are made from git (4.4 to 4.9). */
#include "digest/stapel_impl.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"
#include "digest/patch_filter.h"
#include "digest/select.h"
#include "repo/compare.h"
#include "repo/patch.h"

#include <inttypes.h>

#define MEBIBYTE (1u << 20)

/* ---- mappings ---- */

static void hash_list(struct slip_hash *h, struct slip_str_list list)
{
    for (size_t i = 0; i < list.len; i++)
        slip_hash_add_str(h, list.at[i]);
}

/* Lists stand in it without anything between their elements. */
static void name_mapping(struct stapel_mapping *m)
{
    const struct slip_git_mapping *g = m->git;
    const struct slip_str parts[] = { g->owner, g->group, g->branch, g->tag, g->commit };
    struct slip_hash h;
    slip_hash_begin(&h, SLIP_HASH_SHA256);
    slip_hash_add_str(&h, SLIP_STR("own_own:::"));
    slip_hash_add_str(&h, g->to);
    slip_hash_add_str(&h, SLIP_STR(":::"));
    slip_hash_add_str(&h, g->add);
    slip_hash_add_str(&h, SLIP_STR(":::"));
    hash_list(&h, g->include);
    slip_hash_add_str(&h, SLIP_STR(":::"));
    hash_list(&h, g->exclude);
    for (size_t i = 0; i < SLIP_COUNT(parts); i++) {
        slip_hash_add_str(&h, SLIP_STR(":::"));
        slip_hash_add_str(&h, parts[i]);
    }
    slip_hash_end_hex(&h, m->id);
}

static struct slip_filter *mapping_filter(const struct slip_git_mapping *g)
{
    struct slip_filter *f = slip_filter_new(g->add);
    slip_filter_include(f, g->include.at, g->include.len);
    slip_filter_exclude(f, g->exclude.at, g->exclude.len);
    return f;
}

static const struct slip_str_list *stage_globs(const struct slip_git_mapping *g,
                                               enum slip_user_stage stage)
{
    static const struct slip_str_list none = { 0 };
    switch (stage) {
    case SLIP_STAGE_INSTALL:
        return &g->install;
    case SLIP_STAGE_BEFORE_SETUP:
        return &g->before_setup;
    case SLIP_STAGE_SETUP:
        return &g->setup;
    default:
        return &none;
    }
}

/* ---- what is selected from the commit ---- */

/* All selections of an image, made in one walk over the tree. */
struct selections {
    struct slip_arena arena;
    struct {
        SLIP_VEC(struct slip_file_selection *);
    } list;
};

/* `glob` NULL: all files of the mapping. */
static struct slip_file_selection *choose(struct selections *all, const struct slip_git_mapping *g,
                                          const struct slip_str *glob)
{
    struct slip_file_selection *s = slip_arena_new(&all->arena, struct slip_file_selection);
    *s = (struct slip_file_selection){ .context = g->add,
                                       .sources = g->include.at,
                                       .n_sources = g->include.len,
                                       .exclude = g->exclude.at,
                                       .n_exclude = g->exclude.len };
    if (glob) {
        SLIP_AUTO(slip_buf) clean = SLIP_BUF(SLIP_LIMIT_FILE);
        struct slip_str *within = slip_arena_new(&all->arena, struct slip_str);
        slip_source_clean(*glob, &clean);
        *within = slip_arena_str(&all->arena, slip_buf_str(&clean));
        s->within = within;
        s->n_within = 1;
    }
    slip_vec_push(&all->list, s);
    return s;
}

static void select_all(struct slip_stapel_walk *w, struct selections *all)
{
    for (size_t i = 0; i < w->stapel->n_git; i++) {
        const struct slip_git_mapping *g = w->mappings[i].git;
        choose(all, g, NULL);
        for (unsigned stage = 0; stage < SLIP_USER_STAGES; stage++)
            for (size_t k = 0; k < stage_globs(g, stage)->len; k++)
                choose(all, g, &stage_globs(g, stage)->at[k]);
    }
}

/* In the order of select_all. The hashes of all globs of one stage stand one behind the other. */
static int take_selections(struct slip_stapel_walk *w, const struct selections *all,
                           struct slip_error *err)
{
    struct slip_file_selection **next = all->list.at;
    for (size_t i = 0; i < w->stapel->n_git; i++) {
        struct stapel_mapping *m = &w->mappings[i];
        if ((*next++)->entries == 0) {
            slip_fail(err, SLIP_E_CONFIG, "git: '/%.*s' holds no file that it adds in this commit",
                      SLIP_ARG(m->git->add));
            return slip_hint(err, "werf builds no commit with such an entry: change 'add' or its "
                                  "paths");
        }
        for (unsigned stage = 0; stage < SLIP_USER_STAGES; stage++) {
            size_t n = stage_globs(m->git, stage)->len;
            struct slip_hash h;
            slip_hash_begin(&h, SLIP_HASH_SHA256);
            for (size_t k = 0; k < n; k++)
                slip_hash_add_str(&h, slip_str_of((*next++)->group));
            slip_hash_end_hex(&h, m->files[stage]);
            if (!n)
                m->files[stage][0] = '\0';
        }
    }
    return 0;
}

static int read_selections(struct slip_stapel_walk *w, struct slip_error *err)
{
    struct selections all = { 0 };
    select_all(w, &all);
    int rc = slip_select_files(w->in.tree, NULL, all.list.at, all.list.len);
    for (size_t i = 0; i < all.list.len && rc < 0 && !err->kind; i++)
        *err = all.list.at[i]->err;
    if (rc == 0)
        rc = take_selections(w, &all, err);
    slip_vec_clear(&all.list);
    slip_arena_clear(&all.arena);
    return rc;
}

int stapel_read_mappings(struct slip_stapel_walk *w, struct slip_error *err)
{
    size_t n = w->stapel->n_git;
    w->mappings = slip_arena_array(&w->arena, n + 1, sizeof(*w->mappings));
    for (size_t i = 0; i < n; i++) {
        w->mappings[i].git = &w->stapel->git[i];
        name_mapping(&w->mappings[i]);
    }
    return n ? read_selections(w, err) : 0;
}

void stapel_stage_files(const struct slip_stapel_walk *w, enum slip_user_stage stage,
                        struct stapel_list *l, char out[SLIP_SHA256_HEX + 1])
{
    struct slip_hash_join j;
    slip_hash_join_begin(&j, SLIP_HASH_SHA256);
    for (size_t i = 0; i < w->stapel->n_git; i++) {
        const struct stapel_mapping *m = &w->mappings[i];
        slip_hash_join_add(&j, slip_str_of(m->files[stage]));
        stapel_add(
            l, SLIP_INGREDIENT_SETTING,
            slip_arena_printf(l->arena, "git /%.*s: stageDependencies", SLIP_ARG(m->git->add)),
            slip_str_of(m->files[stage]));
    }
    slip_hash_join_end(&j, out);
}

/* ---- labels ---- */

static struct slip_str label(const struct slip_stage_labels *labels, const char *mapping,
                             const char *what)
{
    SLIP_AUTO_FREE char *key = slip_printf("werf-git-%s-%s", mapping, what);
    return labels->get(labels->self, key);
}

static struct stapel_place read_place(const struct slip_stage_labels *labels, const char *mapping)
{
    struct stapel_place p = { .commit = label(labels, mapping, "commit") };
    p.of_merge = slip_str_is(label(labels, mapping, "virtual-merge"), "true");
    if (p.of_merge)
        p.of_commit = label(labels, mapping, "virtual-merge-from-commit");
    return p;
}

void stapel_read_places(struct slip_stapel_walk *w, const struct slip_stage_labels *labels)
{
    for (size_t i = 0; i < w->stapel->n_git; i++) {
        struct stapel_place p = read_place(labels, w->mappings[i].id);
        w->mappings[i].place =
            (struct stapel_place){ .commit = slip_arena_str(&w->arena, p.commit),
                                   .of_merge = p.of_merge,
                                   .of_commit = slip_arena_str(&w->arena, p.of_commit) };
    }
}

/* An id in any case of letters. `*whole` false: it is too short for one, as an empty one is. */
static int parse_commit(struct slip_str text, struct slip_oid *out, bool *whole,
                        struct slip_error *err)
{
    SLIP_AUTO(slip_buf) lower = SLIP_BUF(SLIP_OID_HEX);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c >= 'A' && c <= 'F')
            c = (char)(c - 'A' + 'a');
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return slip_fail(err, SLIP_E_UNSUPPORTED,
                             "the label of a git mapping is no commit: '%.*s'",
                             text.len < 80 ? (int)text.len : 80, text.ptr);
        slip_buf_add_char(&lower, c);
    }
    *whole = text.len == SLIP_OID_HEX && slip_oid_parse(slip_buf_str(&lower), out);
    return 0;
}

static int mapping_fits(const struct slip_stapel_choice *c, const struct stapel_place *p,
                        enum slip_answer *out, struct slip_error *err)
{
    struct slip_str text = p->of_merge ? p->of_commit : p->commit;
    struct slip_oid id;
    bool whole;
    *out = SLIP_NO;
    if (!text.ptr)
        return 0;
    if (parse_commit(text, &id, &whole, err) < 0)
        return -1;
    if (!whole)
        return 0;
    if (slip_repo_has_commit(c->repo, &id, out, err) < 0)
        return -1;
    if (*out != SLIP_YES || c->any_commit)
        return 0;
    return slip_repo_is_ancestor(c->repo, &id, c->commit, out, err);
}

int slip_stapel_fits(const struct slip_stapel_choice *c, const struct slip_stage_labels *labels,
                     enum slip_answer *out, struct slip_error *err)
{
    *out = SLIP_YES;
    for (size_t i = 0; i < c->n_mappings && *out != SLIP_NO; i++) {
        struct stapel_place p = read_place(labels, c->mappings[i]);
        enum slip_answer one;
        if (mapping_fits(c, &p, &one, err) < 0)
            return -1;
        if (one != SLIP_YES)
            *out = one;
    }
    return 0;
}

static int no_label(const struct stapel_mapping *m, const char *stage, struct slip_error *err)
{
    return slip_fail(err, SLIP_E_UNSUPPORTED,
                     "its stage %s does not say which commit it has of git '/%.*s'", stage,
                     SLIP_ARG(m->git->add));
}

int stapel_give(const struct slip_stapel_walk *w, const char *stage, char out[SLIP_SHA256_HEX + 1],
                struct slip_error *err)
{
    size_t n = w->stapel->n_git;
    SLIP_AUTO_FREE struct slip_str *commits = slip_alloc_array(n + 1, sizeof(*commits));
    for (size_t i = 0; i < n; i++) {
        commits[i] = w->mappings[i].place.commit;
        if (!commits[i].len)
            return no_label(&w->mappings[i], stage, err);
    }
    slip_stage_next(commits, n, out);
    return 0;
}

/* ---- gitArchive ---- */

static int by_id(const void *a, const void *b)
{
    return strcmp((*(struct stapel_mapping *const *)a)->id,
                  (*(struct stapel_mapping *const *)b)->id);
}

void stapel_archive(const struct slip_stapel_walk *w, struct stapel_list *l)
{
    size_t n = w->stapel->n_git;
    SLIP_AUTO_FREE struct stapel_mapping **sorted = slip_alloc_array(n + 1, sizeof(*sorted));
    for (size_t i = 0; i < n; i++)
        sorted[i] = &w->mappings[i];
    qsort(sorted, n, sizeof(*sorted), by_id);
    for (size_t i = 0; i < n; i++)
        stapel_add(l, SLIP_INGREDIENT_SETTING,
                   slip_arena_printf(l->arena, "werf.yaml: git /%.*s to %.*s",
                                     SLIP_ARG(sorted[i]->git->add), SLIP_ARG(sorted[i]->git->to)),
                   slip_str_of(sorted[i]->id));
}

/* ---- patches ---- */

/* From the commit that the stage before has of a mapping to ours. */
struct step {
    const struct slip_stapel_walk *w;
    const struct slip_git_mapping *git;
    struct slip_filter *filter;
    struct slip_oid before;
    bool here;              /* the commit before is */
    bool same;              /* it is ours */
    bool touched;           /* something that the mapping holds differs */
    struct slip_oids blobs; /* of what differs */
};

static void step_clear(struct step *s)
{
    slip_filter_free(s->filter);
    slip_vec_clear(&s->blobs);
}
SLIP_DEFINE_AUTO(step, step_clear);

static int meet_change(void *payload, struct slip_str path, const struct slip_entry *before,
                       const struct slip_entry *after, struct slip_error *err)
{
    struct step *s = payload;
    bool yes;
    if (slip_filter_match(s->filter, path, &yes, err) < 0)
        return -1;
    if (!yes)
        return 0;
    s->touched = true;
    if (before && !slip_entry_is_submodule(before))
        slip_vec_push(&s->blobs, before->id);
    if (after && !slip_entry_is_submodule(after))
        slip_vec_push(&s->blobs, after->id);
    return 0;
}

static int compare_commits(struct step *s, struct slip_error *err)
{
    char hex[SLIP_OID_HEX + 1];
    struct slip_commit commit;
    slip_oid_hex(&s->before, hex);
    if (slip_repo_resolve(s->w->in.repo, hex, &commit, err) < 0)
        return -1;
    struct slip_tree before = slip_repo_tree(s->w->in.repo, &commit);
    if (slip_tree_compare(&before, s->w->in.tree, meet_change, s, err) < 0)
        return -1;
    slip_tree_prefetch(s->w->in.tree, &s->blobs);
    return 0;
}

static int begin_step(const struct slip_stapel_walk *w, const struct stapel_mapping *m,
                      struct step *s, struct slip_error *err)
{
    bool whole = false;
    enum slip_answer here = SLIP_NO;
    *s = (struct step){ .w = w, .git = m->git, .filter = mapping_filter(m->git) };
    if (m->place.of_merge)
        return slip_fail(err, SLIP_E_UNSUPPORTED,
                         "a stage of it was made for a merge that only a CI system has made");
    if (!m->place.commit.len)
        return no_label(m, "before the patch", err);
    if (parse_commit(m->place.commit, &s->before, &whole, err) < 0
        || (whole && slip_repo_has_commit(w->in.repo, &s->before, &here, err) < 0))
        return -1;
    s->here = here == SLIP_YES;
    s->same = whole && slip_oid_eq(&s->before, &w->in.commit->id);
    return s->here && !s->same ? compare_commits(s, err) : 0;
}

/* `add` when it is a directory now, else what holds it. */
static int find_scope(const struct step *s, struct slip_str *scope, struct slip_str *name,
                      struct slip_error *err)
{
    struct slip_entry e;
    bool found;
    *name = SLIP_STR("");
    *scope = s->git->add;
    if (slip_tree_find(s->w->in.tree, s->git->add, &e, &found, err) < 0)
        return -1;
    if (found && (slip_entry_is_dir(&e) || slip_entry_is_submodule(&e)))
        return 0;
    *scope = slip_path_dir(s->git->add);
    struct slip_str as = slip_path_base(s->git->to);
    if (!slip_str_eq(slip_path_base(s->git->add), as))
        *name = as;
    return 0;
}

/* A patch on its way: hashed as it comes. */
struct patch {
    struct slip_patch_filter *filter;
    struct slip_hash *whole; /* over all patches, or NULL */
    struct slip_hash own;
    uint64_t size;
};

static void put_patch(void *payload, struct slip_str text)
{
    struct patch *p = payload;
    p->size += text.len;
    if (!p->whole)
        return;
    slip_hash_add_str(p->whole, text);
    slip_hash_add_str(&p->own, text);
}

static int take_diff(void *payload, struct slip_str text, struct slip_error *err)
{
    struct patch *p = payload;
    return slip_patch_filter_add(p->filter, text, err);
}

static int make_patch(const struct step *s, bool with_all, struct patch *p, struct slip_error *err)
{
    struct slip_str scope, name;
    if (find_scope(s, &scope, &name, err) < 0)
        return -1;
    const struct slip_patch_rules rules = {
        .filter = s->filter, .scope = scope, .name = name, .put = put_patch, .payload = p
    };
    SLIP_AUTO_PTR(slip_patch_filter) filter = slip_patch_filter_new(&rules);
    p->filter = filter;
    const struct slip_patch what = { .before = &s->before,
                                     .after = &s->w->in.commit->id,
                                     .scope = slip_str_starts(scope, SLIP_STR(":")) ? SLIP_STR("")
                                                                                    : scope,
                                     .whole = with_all };
    return slip_repo_patch(s->w->in.repo, &what, take_diff, p, err) < 0
                   || slip_patch_filter_end(filter, err) < 0
               ? -1
               : 0;
}

/* ---- gitCache ---- */

/* The size of a patch that holds everything; `*counts` false: the base commit is not here, and
 * sizes do not count at all. */
static int cache_size(const struct slip_stapel_walk *w, const struct stapel_mapping *m,
                      uint64_t *size, bool *counts, struct slip_error *err)
{
    SLIP_AUTO(step) s = { 0 };
    struct patch p = { 0 };
    if (begin_step(w, m, &s, err) < 0)
        return -1;
    *counts &= s.here || s.same;
    if (s.touched && make_patch(&s, true, &p, err) < 0)
        return -1;
    *size += p.size;
    return 0;
}

int stapel_cache(const struct slip_stapel_walk *w, struct stapel_list *l, bool *any,
                 char out[SLIP_SHA256_HEX + 1], struct slip_error *err)
{
    uint64_t size = 0;
    bool counts = true;
    char text[32];
    for (size_t i = 0; i < w->stapel->n_git; i++)
        if (cache_size(w, &w->mappings[i], &size, &counts, err) < 0)
            return -1;
    *any = counts && size >= MEBIBYTE;
    if (!*any)
        return 0;
    snprintf(text, sizeof(text), "%" PRIu64, size / MEBIBYTE);
    stapel_add(l, SLIP_INGREDIENT_PATCH, "git: size of the patch in MiB", slip_str_of(text));
    stapel_hash(l, out);
    return 0;
}

/* ---- gitLatestPatch ---- */

static int add_patch(const struct step *s, struct slip_hash_join *j, struct stapel_list *l,
                     struct slip_error *err)
{
    char hash[SLIP_SHA256_HEX + 1], before[SLIP_OID_HEX + 1];
    slip_hash_join_add(j, SLIP_STR(""));
    if (!s->touched)
        return 0;
    struct patch p = { .whole = &j->hash };
    slip_hash_begin(&p.own, SLIP_HASH_SHA256);
    int rc = make_patch(s, false, &p, err);
    slip_hash_end_hex(&p.own, hash);
    slip_oid_hex(&s->before, before);
    if (rc == 0)
        stapel_add(l, SLIP_INGREDIENT_PATCH,
                   slip_arena_printf(l->arena, "git /%.*s: SHA-256 of the patch since %.12s",
                                     SLIP_ARG(s->git->add), before),
                   slip_str_of(hash));
    return rc;
}

static int add_patches(const struct slip_stapel_walk *w, struct slip_hash_join *j,
                       struct stapel_list *l, bool *any, struct slip_error *err)
{
    for (size_t i = 0; i < w->stapel->n_git; i++) {
        SLIP_AUTO(step) s = { 0 };
        if (begin_step(w, &w->mappings[i], &s, err) < 0)
            return -1;
        if (!s.here && !s.same) {
            slip_fail(err, SLIP_E_UNSUPPORTED, "a stage of it has commit %.*s, which is not here",
                      SLIP_ARG(w->mappings[i].place.commit));
            return slip_hint(err, "fetch the whole history: git fetch --unshallow");
        }
        *any |= s.touched;
        if (add_patch(&s, j, l, err) < 0)
            return -1;
    }
    return 0;
}

int stapel_patch(const struct slip_stapel_walk *w, struct stapel_list *l, bool *any,
                 char out[SLIP_SHA256_HEX + 1], struct slip_error *err)
{
    struct slip_hash_join j;
    slip_hash_join_begin(&j, SLIP_HASH_SHA256);
    *any = false;
    int rc = add_patches(w, &j, l, any, err);
    slip_hash_join_end(&j, out);
    return rc;
}
