/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole projects: a commit, a command line, and the digests of every image (or an error). Cases
 * that are about the state of a work tree, which a reader of commits does not look at, are left
 * out; contextAddFiles get theirs.
 */
#include "golden/golden.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/path.h"
#include "digest/digest.h"
#include "support/mem_tree.h"
#include "support/sandbox.h"
#include "werf/config.h"
#include "werf/select.h"

struct project {
    json_t *c;
    struct slip_arena arena;
    struct mem_tree *files;
    struct slip_map *submodules; /* url -> mem_tree */
    struct slip_tree tree;
    struct slip_commit commit;
    char *work_tree;
    struct slip_image_set set;
    struct {
        SLIP_VEC(const char *);
    } platform_flags;
    struct slip_buf *why;
};

static void free_tree(void *m)
{
    mem_tree_free(m);
}

static void project_clear(struct project *p)
{
    slip_image_set_clear(&p->set);
    mem_tree_free(p->files);
    slip_map_free(p->submodules);
    slip_arena_clear(&p->arena);
    sandbox_free(p->work_tree);
    slip_vec_clear(&p->platform_flags);
}
SLIP_DEFINE_AUTO(project, project_clear);

static json_t *get(json_t *c, const char *key)
{
    return json_object_get(c, key);
}

static const char *string_of(json_t *c, const char *key)
{
    return json_string_value(get(c, key));
}

/* ---- the commit ---- */

/* The content of a file; `*here` false: it is in the corpus, and that is not here. */
static struct slip_str file_content(struct project *p, json_t *file, bool *here)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_FILE);
    json_t *parts = get(file, "repeat");
    const char *corpus = string_of(file, "corpus");
    for (size_t i = 0; i < json_array_size(parts); i++)
        for (json_int_t n = json_integer_value(json_array_get(json_array_get(parts, i), 1)); n > 0;
             n--)
            slip_buf_add_str(&text, golden_text_of(json_array_get(json_array_get(parts, i), 0)));
    if (corpus) {
        SLIP_AUTO_FREE char *path =
            slip_printf("%s/%s", golden_corpus() ? golden_corpus() : "", corpus);
        struct slip_error err = { 0 };
        *here = golden_corpus() && slip_file_read(path, &text, &err) == 0;
    }
    slip_buf_add_str(&text, golden_text(file, "text"));
    slip_buf_add_str(&text, golden_base64(get(file, "base64")));
    return slip_arena_str(&p->arena, slip_buf_str(&text));
}

static void add_file(struct project *p, struct mem_tree *m, json_t *file, bool *here)
{
    struct slip_str path = golden_text(file, "path"), target = golden_text(file, "target");
    unsigned mode = (unsigned)strtoul(string_of(file, "mode"), NULL, 8);
    struct slip_oid commit;
    if (mode == SLIP_MODE_COMMIT) {
        slip_oid_parse(golden_text(file, "commit"), &commit);
        mem_tree_add_submodule(m, path, &commit,
                               slip_map_get(p->submodules, golden_text(file, "url")));
    } else {
        mem_tree_add(m, path, mode, target.ptr ? target : file_content(p, file, here));
    }
}

/* False when part of it is not here. */
static bool add_files(struct project *p, struct mem_tree *m, json_t *files)
{
    bool here = true;
    for (size_t i = 0; i < json_array_size(files); i++)
        add_file(p, m, json_array_get(files, i), &here);
    return here;
}

static bool make_trees(struct project *p)
{
    json_t *submodules = get(p->c, "submodules");
    p->submodules = slip_map_new(free_tree);
    for (size_t i = 0; i < json_array_size(submodules); i++) {
        struct mem_tree *m = mem_tree_new();
        add_files(p, m, get(json_array_get(submodules, i), "tree"));
        slip_map_set(p->submodules, golden_text(json_array_get(submodules, i), "url"), m);
    }
    p->files = mem_tree_new();
    return add_files(p, p->files, get(p->c, "tree"));
}

static enum golden_result make_commit(struct project *p)
{
    static const char who[] = "t <t@example.com> 1700000000 +0000";
    char hex[SLIP_OID_HEX + 1];
    p->tree = mem_tree_view(p->files);
    slip_oid_hex(&p->tree.root, hex);
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_buf_add_fmt(&text, "tree %s\nauthor %s\ncommitter %s\n\nc\n", hex, who, who);
    p->commit.id = mem_object_id("commit", slip_buf_str(&text));
    p->commit.tree = p->tree.root;
    p->commit.author.seconds = p->commit.committer.seconds = 1700000000;
    slip_oid_hex(&p->commit.id, hex);
    return golden_same(p->why, "commit", slip_str_of(hex), golden_text(p->c, "commit"));
}

/* ---- the work tree, for contextAddFiles ---- */

static void write_file(struct project *p, json_t *file)
{
    const char *path = string_of(file, "path");
    bool here = true;
    if (get(file, "mkdir") || get(file, "delete") || get(file, "commit"))
        return;
    if (get(file, "target"))
        sandbox_link(p->work_tree, path, string_of(file, "target"));
    else
        sandbox_write(p->work_tree, path, file_content(p, file, &here).ptr);
}

static void make_work_tree(struct project *p)
{
    json_t *const parts[] = { get(p->c, "tree"), get(p->c, "worktree") };
    p->work_tree = sandbox_new();
    for (size_t k = 0; k < SLIP_COUNT(parts); k++)
        for (size_t i = 0; i < json_array_size(parts[k]); i++)
            write_file(p, json_array_get(parts[k], i));
}

/* ---- the command line ---- */

static const char *variable(void *payload, const char *name)
{
    return string_of(get(((struct project *)payload)->c, "env"), name);
}

static void now(void *payload, int64_t *seconds, int32_t *nanoseconds)
{
    (void)payload;
    *seconds = 1700000000;
    *nanoseconds = 0;
}

static void random_bytes(void *payload, void *bytes, size_t len)
{
    (void)payload;
    memset(bytes, 4, len);
}

static const char *flag(struct project *p, const char *name)
{
    json_t *flags = get(p->c, "flags");
    for (size_t i = 0; i + 1 < json_array_size(flags); i++)
        if (strcmp(json_string_value(json_array_get(flags, i)), name) == 0)
            return json_string_value(json_array_get(flags, i + 1));
    return NULL;
}

static bool has_flag(struct project *p, const char *name)
{
    json_t *flags = get(p->c, "flags");
    for (size_t i = 0; i < json_array_size(flags); i++)
        if (strcmp(json_string_value(json_array_get(flags, i)), name) == 0)
            return true;
    return false;
}

static struct slip_str or_empty(const char *a, const char *b)
{
    return slip_str_of(a ? a : b);
}

static void read_platforms(struct project *p)
{
    json_t *flags = get(p->c, "flags");
    for (size_t i = 0; i + 1 < json_array_size(flags); i++)
        if (strcmp(json_string_value(json_array_get(flags, i)), "--platform") == 0)
            slip_vec_push(&p->platform_flags, json_string_value(json_array_get(flags, i + 1)));
    const char *env = variable(p, "WERF_PLATFORM");
    if (!env)
        env = variable(p, "DOCKER_DEFAULT_PLATFORM");
    if (p->platform_flags.len == 0 && env)
        slip_vec_push(&p->platform_flags, env);
}

static struct slip_str project_dir(struct project *p)
{
    SLIP_AUTO(slip_buf) dir = SLIP_BUF(SLIP_LIMIT_PATH);
    slip_path_join(golden_text(p->c, "project_dir"),
                   or_empty(flag(p, "--dir"), variable(p, "WERF_DIR")), &dir);
    return slip_arena_str(&p->arena, slip_buf_str(&dir));
}

static int load_config(struct project *p, struct slip_error *err)
{
    struct slip_config_options o = {
        .project_dir = project_dir(p),
        .config = or_empty(flag(p, "--config"), variable(p, "WERF_CONFIG")),
        .env = or_empty(flag(p, "--env"), variable(p, "WERF_ENV")),
        .platform = SLIP_STR("linux/amd64"),
        .commit_only = true,
        .loose = has_flag(p, "--loose-giterminism"),
        .payload = p,
        .variable = variable,
        .now = now,
        .random = random_bytes,
    };
    read_platforms(p);
    return slip_config_load(&p->tree, &p->commit, &o, &p->set, err);
}

/* ---- digests ---- */

/* One digest that was worked out, by image and platform. */
struct result {
    struct slip_image_digest d;
    struct slip_str image;
};

struct results {
    SLIP_VEC(struct result);
};

static void results_clear(struct results *r)
{
    for (size_t i = 0; i < r->len; i++)
        slip_image_digest_clear(&r->at[i].d);
    slip_vec_clear(r);
}
SLIP_DEFINE_AUTO(results, results_clear);

static const struct result *find_result(const struct results *r, struct slip_str image,
                                        const char *platform)
{
    for (size_t i = 0; i < r->len; i++)
        if (slip_str_eq(r->at[i].image, image) && strcmp(r->at[i].d.platform, platform) == 0)
            return &r->at[i];
    return NULL;
}

static struct slip_dependency_value dependency_value(struct project *p, const struct result *r)
{
    json_t *stage = get(get(p->c, "stages_in_repo"), slip_image_digest_text(&r->d));
    struct slip_dependency_value v = { .id = golden_text(stage, "id"),
                                       .digest = golden_text(stage, "digest") };
    v.name = slip_str_of(slip_arena_printf(&p->arena, "%s:%s", string_of(p->c, "repo"),
                                           stage ? string_of(stage, "tag") : "absent"));
    return v;
}

static int digest_one(struct project *p, struct slip_digester *d, size_t index,
                      const char *platform, struct results *results, struct slip_error *err)
{
    const struct slip_image *image = &p->set.at[index];
    struct slip_dependency_value *values =
        slip_arena_array(&p->arena, image->n_dependencies, sizeof(*values));
    for (size_t i = 0; i < image->n_dependencies; i++) {
        const struct result *r =
            find_result(results, p->set.at[image->dependencies[i].image].name, platform);
        if (r)
            values[i] = dependency_value(p, r);
    }
    struct slip_digest_request q = { .image = index, .platform = platform, .dependencies = values };
    if (slip_digest_images(d, &q, 1) < 0) {
        *err = q.err;
        slip_image_digest_clear(&q.result);
        return -1;
    }
    slip_vec_push(results, (struct result){ q.result, image->name });
    return 0;
}

static int digest_image(struct project *p, struct slip_digester *d, size_t index,
                        struct results *results, struct slip_error *err)
{
    SLIP_AUTO(slip_platforms) platforms = { 0 };
    if (slip_image_platforms(&p->set.at[index], p->platform_flags.at, p->platform_flags.len,
                             "linux/amd64", &platforms, err)
        < 0)
        return -1;
    for (size_t i = 0; i < platforms.len; i++) {
        const char *kept = slip_arena_strdup(&p->arena, slip_str_of(platforms.at[i]));
        if (digest_one(p, d, index, kept, results, err) < 0)
            return -1;
    }
    return 0;
}

/* The chosen images and what they need, in the order of the set. */
static int choose(struct project *p, bool *chosen, struct slip_error *err)
{
    json_t *args = get(p->c, "args");
    size_t n = json_array_size(args);
    struct slip_str *patterns = slip_arena_array(&p->arena, n, sizeof(*patterns));
    for (size_t i = 0; i < n; i++)
        patterns[i] = golden_text_of(json_array_get(args, i));
    SLIP_AUTO(slip_selection) s = { 0 };
    if (slip_images_select(&p->set, patterns, n, false, &s, NULL, err) < 0)
        return -1;
    for (size_t i = 0; i < s.len; i++)
        chosen[s.at[i]] = true;
    for (size_t i = p->set.len; i-- > 0;)
        for (size_t k = 0; chosen[i] && k < p->set.at[i].n_needs; k++)
            chosen[p->set.at[i].needs[k]] = true;
    return 0;
}

static int digest_all(struct project *p, struct results *results, struct slip_error *err)
{
    bool *chosen = slip_arena_array(&p->arena, p->set.len, sizeof(*chosen)), add_files = false;
    if (choose(p, chosen, err) < 0)
        return -1;
    for (size_t i = 0; i < p->set.len; i++)
        add_files = add_files || p->set.at[i].context_add_files.len;
    if (add_files)
        make_work_tree(p);
    struct slip_digest_source source = {
        .set = &p->set, .tree = p->tree, .host_platform = "linux/amd64", .work_tree = p->work_tree
    };
    SLIP_AUTO_PTR(slip_digester) d = slip_digester_new(&source);
    for (size_t i = 0; i < p->set.len; i++)
        if (chosen[i] && p->set.at[i].kind == SLIP_IMAGE_DOCKERFILE
            && digest_image(p, d, i, results, err) < 0)
            return -1;
    return 0;
}

/* ---- comparing ---- */

static enum golden_result same_stages(struct project *p, const struct result *r)
{
    json_t *of_image = get(get(p->c, "stage_dependencies"), r->image.ptr);
    json_t *want = get(of_image, r->d.platform);
    for (size_t i = 0; i < r->d.n_stages; i++)
        if (golden_same(p->why, r->d.stages[i].name, slip_str_of(r->d.stages[i].dependencies),
                        golden_text(want, r->d.stages[i].name))
            != GOLDEN_GOOD)
            return GOLDEN_BAD;
    return GOLDEN_GOOD;
}

static enum golden_result same_strings(struct project *p, const struct result *r)
{
    json_t *want = get(get(get(p->c, "dependency_strings"), r->image.ptr), r->d.platform);
    const struct slip_stage_digest *s = &r->d.stages[0];
    if (!want)
        return GOLDEN_GOOD;
    if (json_array_size(want) != s->n_ingredients)
        return golden_bad(p->why, "%zu strings instead of %zu", s->n_ingredients,
                          json_array_size(want));
    for (size_t i = 0; i < s->n_ingredients; i++)
        if (golden_same(p->why, s->ingredients[i].origin.ptr, s->ingredients[i].text,
                        golden_text_of(json_array_get(want, i)))
            != GOLDEN_GOOD)
            return GOLDEN_BAD;
    return GOLDEN_GOOD;
}

static enum golden_result same_index(struct project *p, const struct results *results,
                                     struct slip_str image, json_t *want)
{
    struct slip_platform_stage stages[16];
    size_t n = 0;
    for (size_t i = 0; i < results->len && n < SLIP_COUNT(stages); i++) {
        const struct result *r = &results->at[i];
        if (!slip_str_eq(r->image, image))
            continue;
        stages[n].platform = slip_str_of(r->d.platform);
        stages[n++].id =
            golden_text(get(get(p->c, "stages_in_repo"), slip_image_digest_text(&r->d)), "tag");
    }
    char got[SLIP_SHA3_224_HEX + 1];
    slip_generation_2.index_digest(stages, n, got);
    return golden_same(p->why, "index", slip_str_of(got), golden_text_of(want));
}

static enum golden_result same_image(struct project *p, const struct results *results,
                                     const char *image, json_t *platforms)
{
    for (void *i = json_object_iter(platforms); i; i = json_object_iter_next(platforms, i)) {
        const char *platform = json_object_iter_key(i);
        const struct result *r = find_result(results, slip_str_of(image), platform);
        if (!r)
            return golden_bad(p->why, "no digest of '%s' for %s", image, platform);
        if (same_strings(p, r) != GOLDEN_GOOD || same_stages(p, r) != GOLDEN_GOOD
            || golden_same(p->why, image, slip_str_of(slip_image_digest_text(&r->d)),
                           golden_text_of(json_object_iter_value(i)))
                   != GOLDEN_GOOD)
            return GOLDEN_BAD;
    }
    json_t *index = get(get(p->c, "index_digests"), image);
    return index ? same_index(p, results, slip_str_of(image), index) : GOLDEN_GOOD;
}

static enum golden_result same_images(struct project *p, const struct results *results)
{
    json_t *images = get(p->c, "images");
    for (void *i = json_object_iter(images); i; i = json_object_iter_next(images, i))
        if (same_image(p, results, json_object_iter_key(i), json_object_iter_value(i))
            != GOLDEN_GOOD)
            return GOLDEN_BAD;
    return GOLDEN_GOOD;
}

static bool holds(json_t *c, const char *key, struct slip_str what)
{
    struct slip_str text = golden_text(c, key);
    return text.ptr && slip_str_find_str(text, what) != SLIP_NPOS;
}

/* werf-giterminism.yaml lets werf take files from the work tree. */
static bool may_read_work_tree(struct project *p)
{
    json_t *tree = get(p->c, "tree");
    for (size_t i = 0; i < json_array_size(tree); i++)
        if (holds(json_array_get(tree, i), "text", SLIP_STR("allowUncommitted")))
            return true;
    return false;
}

/* Differences between work tree and commit, and what werf makes of them. */
static bool is_about_work_tree(struct project *p)
{
    json_t *error = get(p->c, "error");
    if (get(p->c, "no_commit") || has_flag(p, "--dev"))
        return true;
    return get(p->c, "worktree")
           && (holds(error, "class", SLIP_STR("giterminism")) || has_flag(p, "--loose-giterminism")
               || may_read_work_tree(p));
}

/* Errors about what only a build needs: werf asks for the values of secrets in any case. */
static bool is_about_build(struct project *p)
{
    return holds(get(p->c, "error"), "text", SLIP_STR("error parsing secrets"));
}

static enum golden_result run(json_t *c, struct slip_buf *why)
{
    SLIP_AUTO(project) p = { .c = c, .why = why };
    SLIP_AUTO(results) results = { 0 };
    struct slip_error err = { 0 };
    if (is_about_work_tree(&p) || is_about_build(&p) || !make_trees(&p))
        return GOLDEN_NOT_HERE;
    if (make_commit(&p) != GOLDEN_GOOD)
        return GOLDEN_BAD;
    int rc = load_config(&p, &err);
    if (rc == 0)
        rc = digest_all(&p, &results, &err);
    bool fails = get(c, "error") != NULL;
    if (rc < 0 || fails)
        return rc < 0 && fails ? GOLDEN_GOOD : golden_bad(why, "error: '%s'", err.text);
    return same_images(&p, &results);
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, "digests/projects.jsonl", run);
}
