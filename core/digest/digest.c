/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Digests of Dockerfile images, in three steps: the lists of all images with gaps where files are
 * selected; all selections in one walk; the gaps filled and everything hashed.
 */
#include "digest/digest.h"

#include "base/limits.h"
#include "base/map.h"
#include "digest/files.h"
#include "digest/lists.h"
#include "digest/select.h"
#include "digest/spec.h"
#include "digest/stage_rules.h"
#include "repo/gitmodules.h"

#include <stdlib.h>

/* The same text may stand in a list again and again. */
enum { HASHED_MAX = 256 << 20 };

struct slip_digester {
    struct slip_digest_source source;
    const struct slip_generation *generation;
    struct slip_arena arena;     /* of selections */
    struct slip_map *selections; /* key -> struct slip_file_selection, made or to be made */
    struct slip_map *owners;     /* key of werf's cache -> struct owner */
    struct {
        SLIP_VEC(struct slip_file_selection *);
    } todo;
};

/* Whose selection werf would keep under a key: the first one's. */
struct owner {
    const struct slip_file_selection *selection;
    size_t image;
};

/* A files ingredient that waits for its selection. */
struct gap {
    struct slip_ingredient *ingredient;
    struct slip_file_selection *selection;
    const struct owner *owner;
    bool has_added; /* contextAddFiles match, too */
    char added[SLIP_SHA256_HEX + 1];
};

/* One request on its way. */
struct work {
    struct slip_digester *d;
    struct slip_digest_request *request;
    const struct slip_image *image;
    struct slip_image_files files;
    struct slip_ignore_patterns ignore; /* of `files`, kept in the arena of the digester */
    char rules[SLIP_SHA256_HEX + 1];    /* their hash; "" until they are kept */
    char loose[SLIP_SHA256_HEX + 1];    /* the same in any order and without "!" */
    struct slip_add_files add_files;
    struct slip_lists lists;
    size_t target;
    struct {
        SLIP_VEC(struct gap);
    } gaps;
};

/* ---- life ---- */

struct slip_digester *slip_digester_new(const struct slip_digest_source *source)
{
    struct slip_digester *d = slip_new(struct slip_digester);
    d->source = *source;
    d->generation = source->generation ? source->generation : &slip_generation_2;
    d->selections = slip_map_new(NULL);
    d->owners = slip_map_new(NULL);
    return d;
}

void slip_digester_free(struct slip_digester *d)
{
    if (!d)
        return;
    slip_map_free(d->selections);
    slip_map_free(d->owners);
    slip_vec_clear(&d->todo);
    slip_arena_clear(&d->arena);
    slip_free(d);
}

void slip_image_digest_clear(struct slip_image_digest *d)
{
    slip_arena_clear(&d->arena);
    slip_add_files_clear(&d->added);
    *d = (struct slip_image_digest){ 0 };
}

const char *slip_image_digest_text(const struct slip_image_digest *d)
{
    return d->stages[d->n_stages - 1].digest;
}

/* ---- selections ---- */

static int by_bytes(const void *a, const void *b)
{
    return slip_str_cmp(*(const struct slip_str *)a, *(const struct slip_str *)b);
}

/* Sources as globs, sorted, each once, in the arena of the digester. */
static struct slip_str *clean_sources(struct slip_digester *d, const struct slip_str *sources,
                                      size_t *n)
{
    struct slip_str *globs = slip_arena_array(&d->arena, *n, sizeof(*globs));
    for (size_t i = 0; i < *n; i++) {
        SLIP_AUTO(slip_buf) glob = SLIP_BUF(SLIP_LIMIT_FILE);
        slip_source_clean(sources[i], &glob);
        globs[i] = slip_arena_str(&d->arena, slip_buf_str(&glob));
    }
    qsort(globs, *n, sizeof(*globs), by_bytes);
    size_t kept = 0;
    for (size_t i = 0; i < *n; i++)
        if (kept == 0 || !slip_str_eq(globs[i], globs[kept - 1]))
            globs[kept++] = globs[i];
    *n = kept;
    return globs;
}

static void add_to_key(struct slip_buf *key, struct slip_str s)
{
    slip_buf_add_fmt(key, "%zu:", s.len);
    slip_buf_add_str(key, s);
}

static void hash_patterns(const struct slip_str *at, size_t n, char out[SLIP_SHA256_HEX + 1])
{
    SLIP_AUTO(slip_hash) h = { 0 };
    slip_hash_begin(&h, SLIP_HASH_SHA256);
    for (size_t i = 0; i < n; i++) {
        slip_hash_add(&h, &at[i].len, sizeof(at[i].len));
        slip_hash_add_str(&h, at[i]);
    }
    slip_hash_end_hex(&h, out);
}

/* As werf names them in the key of its cache. */
static void hash_loosely(const struct slip_ignore_patterns *p, char out[SLIP_SHA256_HEX + 1])
{
    SLIP_AUTO_FREE struct slip_str *bare = slip_alloc_array(p->len, sizeof(*bare));
    for (size_t i = 0; i < p->len; i++)
        bare[i] = slip_str_starts(p->at[i], SLIP_STR("!")) ? slip_str_skip(p->at[i], 1) : p->at[i];
    qsort(bare, p->len, sizeof(*bare), by_bytes);
    hash_patterns(bare, p->len, out);
}

/* All selections of an image share its ignore patterns. */
static void keep_rules(struct work *w)
{
    const struct slip_ignore_patterns *p = &w->files.ignore;
    if (w->rules[0])
        return;
    struct slip_str *kept = slip_arena_array(&w->d->arena, p->len, sizeof(*kept));
    for (size_t i = 0; i < p->len; i++)
        kept[i] = slip_arena_str(&w->d->arena, p->at[i]);
    hash_patterns(kept, p->len, w->rules);
    hash_loosely(p, w->loose);
    w->ignore = (struct slip_ignore_patterns){ kept, p->len };
}

/* The selection of these sources in this context: an equal one, or a new one to be made. */
static const struct owner *find_owner(struct work *w, const struct slip_file_selection *s)
{
    SLIP_AUTO(slip_buf) key = SLIP_BUF(SIZE_MAX);
    slip_buf_add_fmt(&key, "%s ", w->loose);
    add_to_key(&key, s->context);
    for (size_t i = 0; i < s->n_sources; i++)
        add_to_key(&key, s->sources[i]);
    struct owner *owner = slip_map_get(w->d->owners, slip_buf_str(&key));
    if (owner)
        return owner;
    owner = slip_arena_new(&w->d->arena, struct owner);
    *owner = (struct owner){ s, w->request->image };
    slip_map_set(w->d->owners, slip_buf_str(&key), owner);
    return owner;
}

static struct slip_file_selection *find_selection(struct work *w, const struct slip_str *sources,
                                                  size_t n)
{
    struct slip_digester *d = w->d;
    struct slip_str *globs = clean_sources(d, sources, &n);
    SLIP_AUTO(slip_buf) key = SLIP_BUF(SIZE_MAX);
    keep_rules(w);
    slip_buf_add_fmt(&key, "%s ", w->rules);
    add_to_key(&key, w->files.context);
    for (size_t i = 0; i < n; i++)
        add_to_key(&key, globs[i]);
    struct slip_file_selection *s = slip_map_get(d->selections, slip_buf_str(&key));
    if (s)
        return s;
    s = slip_arena_new(&d->arena, struct slip_file_selection);
    s->context = slip_arena_str(&d->arena, w->files.context);
    s->ignore = w->ignore;
    s->sources = globs;
    s->n_sources = n;
    s->key = slip_arena_str(&d->arena, slip_buf_str(&key));
    slip_map_set(d->selections, slip_buf_str(&key), s);
    slip_vec_push(&d->todo, s);
    return s;
}

static struct slip_str join_words(struct slip_arena *a, const struct slip_str *words, size_t n)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_FILE);
    for (size_t i = 0; i < n; i++) {
        if (i)
            slip_buf_add_char(&text, ' ');
        slip_buf_add_str(&text, words[i]);
    }
    return slip_arena_str(a, slip_buf_str(&text));
}

static int leave_gap(void *payload, struct slip_ingredient *ingredient,
                     const struct slip_str *sources, size_t n, struct slip_error *err)
{
    struct work *w = payload;
    struct gap gap = { .ingredient = ingredient };
    gap.selection = find_selection(w, sources, n);
    gap.owner = find_owner(w, gap.selection);
    ingredient->selection = gap.selection;
    ingredient->detail = join_words(&w->request->result.arena, sources, n);
    if (w->add_files.len) {
        SLIP_AUTO_PTR(slip_filter) filter = slip_filter_new(w->files.context);
        slip_filter_include(filter, sources, n);
        if (slip_add_files_hash(&w->add_files, filter, gap.added, &gap.has_added, err) < 0)
            return -1;
    }
    slip_vec_push(&w->gaps, gap);
    return 0;
}

/* ---- first step ---- */

static int find_platforms(const struct work *w, struct slip_platform *target,
                          struct slip_platform *host, struct slip_error *err)
{
    const struct slip_platform none = { "", "", "" };
    if (!w->d->source.host_platform)
        slip_platform_host(host);
    else if (slip_platform_parse(slip_str_of(w->d->source.host_platform), &none, host, err) < 0)
        return -1;
    *target = *host;
    if (w->request->platform[0])
        return slip_platform_parse(slip_str_of(w->request->platform), host, target, err);
    return 0;
}

static int find_add_files(struct work *w, struct slip_error *err)
{
    const struct slip_digest_source *s = &w->d->source;
    if (w->image->context_add_files.len == 0)
        return 0;
    if (!s->work_tree) {
        slip_fail(err, SLIP_E_UNSUPPORTED, "contextAddFiles needs a work tree of this commit: %s",
                  s->no_work_tree ? s->no_work_tree : "there is none");
        return slip_hint(err, "check out the commit and run there");
    }
    return slip_add_files_find(s->work_tree, s->set->project_dir, w->image, &w->add_files, err);
}

static int make_lists(struct work *w, const struct slip_dockerfile *file, struct slip_error *err)
{
    struct slip_arena *arena = &w->request->result.arena;
    struct slip_lists_input in = {
        .file = file,
        .name = slip_arena_strdup(arena, w->files.dockerfile_path),
        .args = w->image->args,
        .imports = slip_imports_collect(w->image, w->request->dependencies, arena),
        .add_host = w->image->add_host,
        .files = leave_gap,
        .payload = w,
        .arena = arena,
    };
    if (find_platforms(w, &in.target, &in.host, err) < 0)
        return -1;
    return slip_lists_make(&in, &w->lists, err);
}

static int prepare(struct work *w, struct slip_error *err)
{
    const struct slip_digest_source *s = &w->d->source;
    SLIP_AUTO(slip_dockerfile) file = { 0 };
    SLIP_AUTO(slip_arena) arena = { 0 };
    if (w->image->kind != SLIP_IMAGE_DOCKERFILE)
        return slip_fail(err, SLIP_E_UNSUPPORTED, "not a plain Dockerfile image");
    if (find_add_files(w, err) < 0
        || slip_image_files_read(&s->tree, s->set->project_dir, w->image, &arena, &w->files, err)
               < 0)
        return -1;
    const char *name = slip_arena_strdup(&arena, w->files.dockerfile_path);
    if (slip_dockerfile_parse(w->files.dockerfile, name, &file, err) < 0)
        return -1;
    if (slip_dockerfile_target(&file, w->image->target, &w->target, err) < 0)
        return slip_while(err, "%s", name);
    return make_lists(w, &file, err);
}

/* ---- last step ---- */

static int fill_gaps(struct work *w, struct slip_error *err)
{
    struct slip_arena *arena = &w->request->result.arena;
    for (size_t i = 0; i < w->gaps.len; i++) {
        struct gap *g = &w->gaps.at[i];
        if (g->selection->err.kind != SLIP_OK) {
            *err = g->selection->err;
            return slip_while(err, "%.*s", SLIP_ARG(g->ingredient->origin));
        }
        struct slip_str checksum = slip_str_of(g->selection->checksum);
        if (g->owner->selection->err.kind == SLIP_OK
            && !slip_str_is(checksum, g->owner->selection->checksum)) {
            w->request->result.has_rival = true;
            w->request->result.rival = g->owner->image;
        }
        char both[SLIP_SHA256_HEX + 1];
        if (g->has_added) {
            const struct slip_str parts[] = { checksum, slip_str_of(g->added) };
            slip_hash_joined(SLIP_HASH_SHA256, parts, SLIP_COUNT(parts), both);
            checksum = slip_str_of(both);
        }
        g->ingredient->text = slip_arena_str(arena, checksum);
        g->ingredient->entries = g->selection->entries;
    }
    return 0;
}

/* The list of the target stage as an array, with the cache version behind it. */
static int take_list(struct work *w, struct slip_stage_digest *stage, struct slip_error *err)
{
    const struct slip_list *list = &w->lists.stages[w->target];
    struct slip_arena *arena = &w->request->result.arena;
    size_t bytes = 0;
    for (size_t i = 0; i < list->len; i++)
        bytes += list->at[i]->text.len;
    if (bytes > HASHED_MAX)
        return slip_fail(err, SLIP_E_CONFIG,
                         "%.*s: stages that copy from each other make more than %d bytes of "
                         "instructions",
                         SLIP_ARG(w->files.dockerfile_path), HASHED_MAX);
    stage->ingredients = slip_arena_array(arena, list->len + 1, sizeof(*stage->ingredients));
    for (size_t i = 0; i < list->len; i++)
        stage->ingredients[i] = *list->at[i];
    stage->n_ingredients = list->len;
    if (w->image->cache_version.len)
        stage->ingredients[stage->n_ingredients++] =
            (struct slip_ingredient){ .kind = SLIP_INGREDIENT_CACHE_VERSION,
                                      .text = slip_arena_str(arena, w->image->cache_version),
                                      .origin = SLIP_STR("werf.yaml: cacheVersion"),
                                      .detail = SLIP_STR("") };
    return 0;
}

static void hash_stage(const struct work *w, struct slip_stage_digest *stage,
                       struct slip_str previous)
{
    struct slip_hash_join j;
    slip_hash_join_begin(&j, SLIP_HASH_SHA256);
    for (size_t i = 0; i < stage->n_ingredients; i++)
        slip_hash_join_add(&j, stage->ingredients[i].text);
    slip_hash_join_end(&j, stage->dependencies);

    struct slip_str platform = slip_str_of(w->request->platform), name = slip_str_of(stage->name);
    const struct slip_generation *g = w->d->generation;
    const struct slip_stage_parts parts = { .platform = platform,
                                            .name = name,
                                            .dependencies = slip_str_of(stage->dependencies),
                                            .previous = previous };
    g->stage_digest(g, &parts, stage->digest);
    g->content_digest(g, platform, name, slip_str_of(stage->digest), SLIP_STR(""), stage->content);
}

static int complete(struct work *w, struct slip_error *err)
{
    struct slip_image_digest *r = &w->request->result;
    if (fill_gaps(w, err) < 0)
        return -1;
    r->added = w->add_files;
    w->add_files = (struct slip_add_files){ 0 };
    r->image = w->request->image;
    r->platform = slip_arena_strdup(&r->arena, slip_str_of(w->request->platform));
    r->stages = slip_arena_array(&r->arena, w->image->has_image_spec ? 2 : 1, sizeof(*r->stages));
    struct slip_stage_digest *first = &r->stages[r->n_stages++];
    first->name = "dockerfile";
    if (take_list(w, first, err) < 0)
        return -1;
    hash_stage(w, first, SLIP_STR(""));
    if (w->image->has_image_spec) {
        struct slip_stage_digest *second = &r->stages[r->n_stages++];
        second->name = "imageSpec";
        slip_spec_ingredients(&w->image->image_spec, &r->arena, &second->ingredients,
                              &second->n_ingredients);
        hash_stage(w, second, slip_str_of(first->digest));
    }
    return 0;
}

/* ---- all of it ---- */

static void work_clear(struct work *w)
{
    slip_lists_clear(&w->lists);
    slip_add_files_clear(&w->add_files);
    slip_vec_clear(&w->gaps);
}

/* Failures stand in the selections and come up where they are used. */
static void make_selections(struct slip_digester *d)
{
    int failed = slip_select_files(&d->source.tree, d->source.memo, d->todo.at, d->todo.len);
    (void)failed;
    d->todo.len = 0;
}

static int name_image(const struct work *w, struct slip_error *err)
{
    return slip_while(err, "image '%.*s'", SLIP_ARG(w->image->name));
}

/* Dockerfiles and ignore files of all images at once, where each would cost a request. */
static void prefetch(const struct slip_digester *d, const struct slip_digest_request *requests,
                     size_t n)
{
    const struct slip_digest_source *s = &d->source;
    struct slip_oids ids = { 0 };
    for (size_t i = 0; i < n && s->tree.ops->prefetch; i++)
        slip_image_files_ids(&s->tree, s->set->project_dir, &s->set->at[requests[i].image], &ids);
    slip_tree_prefetch(&s->tree, &ids);
    slip_vec_clear(&ids);
}

int slip_digest_images(struct slip_digester *d, struct slip_digest_request *requests, size_t n)
{
    struct work *work = slip_alloc_array(n, sizeof(*work));
    struct slip_error broken = { 0 };
    int listed = slip_gitmodules_check(&d->source.tree, &broken), rc = 0;
    prefetch(d, requests, n);
    for (size_t i = 0; i < n; i++) {
        struct slip_digest_request *r = &requests[i];
        work[i] = (struct work){ .d = d, .request = r, .image = &d->source.set->at[r->image] };
        if (listed < 0)
            r->err = broken;
        if (listed < 0 || prepare(&work[i], &r->err) < 0)
            rc = name_image(&work[i], &r->err);
    }
    make_selections(d);
    for (size_t i = 0; i < n; i++) {
        struct slip_digest_request *r = &requests[i];
        if (r->err.kind == SLIP_OK && complete(&work[i], &r->err) < 0)
            rc = name_image(&work[i], &r->err);
        work_clear(&work[i]);
    }
    slip_free(work);
    return rc;
}
