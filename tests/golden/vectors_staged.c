/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Staged Dockerfile images of real builds: every stage's digest, content digest and tag, with the
 * stages that the build left in the place of a registry.
 */
#include "golden/bases.h"
#include "golden/golden.h"
#include "golden/trees.h"

#include "base/limits.h"
#include "base/map.h"
#include "digest/staged.h"
#include "registry/reference.h"
#include "support/sandbox.h"
#include "werf/config.h"

struct project {
    json_t *c;
    struct slip_arena arena;
    struct mem_tree *files;
    struct slip_tree tree;
    struct slip_commit commit;
    char *work_tree;
    struct slip_image_set set;
    struct {
        SLIP_VEC(struct slip_staged_result *);
    } results;
    struct slip_buf *why;
};

static void project_clear(struct project *p)
{
    for (size_t i = 0; i < p->results.len; i++)
        slip_staged_result_clear(p->results.at[i]);
    slip_vec_clear(&p->results);
    slip_image_set_clear(&p->set);
    mem_tree_free(p->files);
    slip_arena_clear(&p->arena);
    sandbox_free(p->work_tree);
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

static enum golden_result make_commit(struct project *p)
{
    static const char who[] = "t <t@example.com> 1700000000 +0000";
    char hex[SLIP_OID_HEX + 1];
    p->files = mem_tree_new();
    golden_add_tree(p->files, get(p->c, "tree"));
    p->tree = mem_tree_view(p->files);
    slip_oid_hex(&p->tree.root, hex);
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_buf_add_fmt(&text, "tree %s\nauthor %s\ncommitter %s\n\nc0\n", hex, who, who);
    p->commit.id = mem_object_id("commit", slip_buf_str(&text));
    p->commit.tree = p->tree.root;
    slip_oid_hex(&p->commit.id, hex);
    return golden_same(p->why, "commit", slip_str_of(hex), golden_text(p->c, "commit"));
}

static void write_file(const char *dir, json_t *file)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(1u << 24);
    golden_add_content(file, &text);
    if (get(file, "target"))
        sandbox_link(dir, string_of(file, "path"), text.ptr);
    else
        sandbox_write(dir, string_of(file, "path"), text.ptr);
}

/* A list as "tree" is, or path -> content. */
static void write_files(const char *dir, json_t *files)
{
    const char *path;
    json_t *content;
    for (size_t i = 0; i < json_array_size(files); i++)
        write_file(dir, json_array_get(files, i));
    json_object_foreach(files, path, content) sandbox_write(dir, path, json_string_value(content));
}

static void make_work_tree(struct project *p)
{
    p->work_tree = sandbox_new();
    write_files(p->work_tree, get(p->c, "tree"));
    write_files(p->work_tree, get(p->c, "work_tree"));
}

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

static int load_config(struct project *p, struct slip_error *err)
{
    const struct slip_config_options o = { .project_dir = SLIP_STR(""),
                                           .config = SLIP_STR(""),
                                           .env = SLIP_STR(""),
                                           .platform = SLIP_STR("linux/amd64"),
                                           .commit_only = true,
                                           .force_staged =
                                               variable(p, "WERF_FORCE_STAGED_DOCKERFILE") != NULL,
                                           .payload = p,
                                           .variable = variable,
                                           .now = now,
                                           .random = random_bytes };
    return slip_config_load(&p->tree, &p->commit, &o, &p->set, err);
}

/* ---- the registry ---- */

static struct slip_str repository(struct project *p)
{
    return slip_str_of(
        slip_arena_printf(&p->arena, GOLDEN_REGISTRY "/s-%s", string_of(p->c, "id")));
}

/* The oldest tag of the digest that is not older than that. */
static const char *oldest(struct project *p, const char *digest, int64_t not_before_ms,
                          int64_t *created_ms)
{
    const char *tag, *found = NULL;
    json_t *ignored;
    json_object_foreach(get(p->c, "tags"), tag, ignored)
    {
        struct slip_stage_tag t;
        if (!slip_stage_tag_parse(slip_str_of(tag), &t) || !slip_str_is(t.digest, digest)
            || t.created_ms < not_before_ms || (found && t.created_ms >= *created_ms))
            continue;
        found = tag;
        *created_ms = t.created_ms;
    }
    return found;
}

static int find_stage(void *payload, const char *digest, int64_t not_before_ms, bool with_config,
                      struct slip_arena *a, struct slip_staged_found *out, struct slip_error *err)
{
    (void)err;
    struct project *p = payload;
    const char *tag = oldest(p, digest, not_before_ms, &out->created_ms);
    out->found = tag != NULL;
    if (!tag)
        return 0;
    out->name = slip_stage_name(a, repository(p), slip_str_of(tag));
    if (with_config)
        out->env = golden_texts(get(get(get(p->c, "tags"), tag), "env"), a, &out->n_env);
    return 0;
}

static int base_env(void *payload, struct slip_str reference, const char *platform,
                    struct slip_arena *a, struct slip_base_env *out, struct slip_error *err)
{
    return golden_base_env(((struct project *)payload)->c, reference, platform, a, out, err);
}

/* ---- digests ---- */

/* What is found of an image for a platform; NULL: it was not worked out. */
static const struct slip_staged_result *result_of(struct project *p, size_t image,
                                                  const char *platform)
{
    for (size_t i = 0; i < p->results.len; i++)
        if (p->results.at[i]->digest.image == image && p->results.at[i]->digest.platform
            && strcmp(p->results.at[i]->digest.platform, platform) == 0)
            return p->results.at[i];
    return NULL;
}

static const char *final_tag(struct project *p, const struct slip_staged_result *r)
{
    int64_t ignored;
    return oldest(p, slip_image_digest_text(&r->digest), r->not_before_ms, &ignored);
}

/* A plain Dockerfile image that staged ones depend on. */
static int digest_plain(struct project *p, struct slip_digester *d, size_t image,
                        const char *platform, const struct slip_dependency_value *values,
                        struct slip_staged_result *out, struct slip_error *err)
{
    struct slip_digest_request q = { .image = image, .platform = platform, .dependencies = values };
    int rc = slip_digest_images(d, &q, 1);
    *err = q.err;
    out->digest = q.result;
    out->n_units = 1;
    out->units = slip_arena_new(&p->arena, struct slip_staged_unit);
    out->units->image = p->set.at[image].name;
    out->units->stages = q.result.stages;
    out->units->n_stages = q.result.n_stages;
    out->units->needs = slip_arena_array(&p->arena, q.result.n_stages + 1, sizeof(unsigned));
    return rc;
}

static int digest_one(struct project *p, struct slip_staged *s, struct slip_digester *d,
                      size_t image, const char *platform, struct slip_error *err)
{
    const struct slip_staged_registry registry = { .payload = p,
                                                   .find = find_stage,
                                                   .base_env = base_env };
    const struct slip_image *of = &p->set.at[image];
    struct slip_dependency_value *values =
        slip_arena_array(&p->arena, of->n_dependencies + 1, sizeof(*values));
    for (size_t i = 0; i < of->n_dependencies; i++) {
        const struct slip_staged_result *r = result_of(p, of->dependencies[i].image, platform);
        const char *tag = r ? final_tag(p, r) : NULL;
        if (!tag)
            return slip_fail(err, SLIP_E_NOT_BUILT, "a dependency is not built");
        values[i].name = slip_stage_name(&p->arena, repository(p), slip_str_of(tag));
        values[i].digest = golden_text(get(get(p->c, "tags"), tag), "digest");
    }
    const struct slip_staged_request q = {
        .image = image, .platform = platform, .dependencies = values, .registry = &registry
    };
    struct slip_staged_result *r = slip_arena_new(&p->arena, struct slip_staged_result);
    slip_vec_push(&p->results, r);
    return of->kind == SLIP_IMAGE_DOCKERFILE ? digest_plain(p, d, image, platform, values, r, err)
                                             : slip_staged_digest(s, &q, r, err);
}

static int digest_image(struct project *p, struct slip_staged *s, struct slip_digester *d,
                        size_t image, struct slip_error *err)
{
    SLIP_AUTO(slip_platforms) platforms = { 0 };
    const char *forced = variable(p, "WERF_PLATFORM");
    if (p->set.at[image].stapel)
        return slip_fail(err, SLIP_E_INTERNAL, "a case with an image of another kind");
    if (slip_image_platforms(&p->set.at[image], &forced, forced != NULL, "linux/amd64", &platforms,
                             err)
        < 0)
        return -1;
    for (size_t i = 0; i < platforms.len; i++)
        if (digest_one(p, s, d, image, slip_arena_strdup(&p->arena, slip_str_of(platforms.at[i])),
                       err)
            < 0)
            return -1;
    return 0;
}

static int digest_all(struct project *p, struct slip_error *err)
{
    unsigned version;
    struct slip_digest_source source = { .set = &p->set,
                                         .tree = p->tree,
                                         .host_platform = "linux/amd64" };
    if (get(p->c, "work_tree"))
        make_work_tree(p);
    source.work_tree = p->work_tree;
    if (slip_staged_version(variable(p, "WERF_STAGED_DOCKERFILE_VERSION"), &version, err) < 0)
        return -1;
    SLIP_AUTO_PTR(slip_staged) s = slip_staged_new(&source, version);
    SLIP_AUTO_PTR(slip_digester) d = slip_digester_new(&source);
    for (size_t i = 0; i < p->set.len; i++)
        if (digest_image(p, s, d, i, err) < 0)
            return -1;
    return 0;
}

/* ---- comparing ---- */

/* The image of a name for a platform, whichever image of werf.yaml needs it. */
static const struct slip_staged_unit *find_unit(struct project *p, struct slip_str name,
                                                struct slip_str platform)
{
    for (size_t i = 0; i < p->results.len; i++) {
        const struct slip_staged_result *r = p->results.at[i];
        bool same = r->digest.platform && slip_str_is(platform, r->digest.platform);
        for (size_t k = 0; same && k < r->n_units; k++)
            if (slip_str_eq(r->units[k].image, name))
                return &r->units[k];
    }
    return NULL;
}

/*
 * Nothing is asked for without need. Of images with dependencies the vectors say it of the wrong
 * stages, and they do not count that a variable has to be looked up in the base to know that it is
 * not there. What is not asked for, and the digest is right, is not needed.
 */
static enum golden_result same_needs(struct project *p, unsigned needs, json_t *want)
{
    size_t i;
    json_t *one;
    for (i = 0; i < p->set.len; i++)
        if (p->set.at[i].n_dependencies || !want)
            return GOLDEN_GOOD;
    json_array_foreach(want, i, one) if (strcmp(json_string_value(one), "stage-tag") == 0) needs &=
        ~(unsigned)SLIP_NEED_STAGE_TAG;
    return needs & SLIP_NEED_STAGE_TAG ? golden_bad(p->why, "it asks for the tag of a stage")
                                       : GOLDEN_GOOD;
}

static enum golden_result same_stage(struct project *p, const struct slip_stage_digest *got,
                                     int64_t *created_ms, json_t *want)
{
    if (golden_same(p->why, "digest", slip_str_of(got->digest), golden_text(want, "digest"))
            != GOLDEN_GOOD
        || golden_same(p->why, "content digest", slip_str_of(got->content),
                       golden_text(want, "content_digest"))
               != GOLDEN_GOOD)
        return GOLDEN_BAD;
    return golden_same(p->why, "tag", slip_str_of(oldest(p, got->digest, *created_ms, created_ms)),
                       golden_text(want, "tag"));
}

static enum golden_result same_unit(struct project *p, const struct slip_staged_unit *u,
                                    json_t *want)
{
    json_t *stages = get(want, "stages");
    int64_t created_ms = 0;
    if (u->n_stages != json_array_size(stages))
        return golden_bad(p->why, "%zu stages instead of %zu", u->n_stages,
                          json_array_size(stages));
    for (size_t i = 0; i < u->n_stages; i++) {
        json_t *stage = json_array_get(stages, i);
        if (golden_same(p->why, "name", slip_str_of(u->stages[i].name), golden_text(stage, "name"))
                != GOLDEN_GOOD
            || same_stage(p, &u->stages[i], &created_ms, stage) != GOLDEN_GOOD
            || same_needs(p, u->needs[i], get(stage, "needs")) != GOLDEN_GOOD)
            return GOLDEN_BAD;
    }
    return GOLDEN_GOOD;
}

/* Of several platforms the last stage of each is told: "COPY (linux/arm64)". */
static enum golden_result same_platforms(struct project *p, struct slip_str image, json_t *want)
{
    json_t *stages = get(want, "stages");
    struct slip_platform_stage of[16];
    char index[SLIP_SHA3_224_HEX + 1];
    size_t n = json_array_size(stages);
    if (n > SLIP_COUNT(of))
        return golden_bad(p->why, "too many platforms");
    for (size_t i = 0; i < n; i++) {
        json_t *stage = json_array_get(stages, i);
        struct slip_str name = golden_text(stage, "name"), platform, ignored;
        slip_str_cut(name, '(', &ignored, &platform);
        slip_str_cut(platform, ')', &platform, &ignored);
        const struct slip_staged_unit *u = find_unit(p, image, platform);
        int64_t created_ms = 0;
        if (!u)
            return golden_bad(p->why, "no digest of '%.*s'", SLIP_ARG(name));
        if (same_stage(p, &u->stages[u->n_stages - 1], &created_ms, stage) != GOLDEN_GOOD)
            return GOLDEN_BAD;
        of[i] = (struct slip_platform_stage){ platform, golden_text(stage, "tag") };
    }
    slip_generation_2.index_digest(of, n, index);
    return golden_same(p->why, "index", slip_str_of(index), golden_text(want, "tag"));
}

static enum golden_result same_image(struct project *p, json_t *want)
{
    struct slip_str image = golden_text(want, "image"), platform = golden_text(want, "platform");
    enum golden_result result;
    if (platform.len == 0) {
        result = same_platforms(p, image, want);
    } else {
        const struct slip_staged_unit *u = find_unit(p, image, platform);
        result = u ? same_unit(p, u, want) : golden_bad(p->why, "no digest");
    }
    return result == GOLDEN_GOOD ? result : golden_bad(p->why, " of '%.*s'", SLIP_ARG(image));
}

/* A stage that could not be built for a reason that the digest does not know. */
static enum golden_result has_digest(struct project *p, struct slip_str digest)
{
    for (size_t i = 0; i < p->results.len; i++)
        for (size_t k = 0; k < p->results.at[i]->n_units; k++) {
            const struct slip_staged_unit *u = &p->results.at[i]->units[k];
            for (size_t n = 0; n < u->n_stages; n++)
                if (slip_str_is(digest, u->stages[n].digest))
                    return GOLDEN_GOOD;
        }
    return golden_bad(p->why, "no stage has the digest %.*s", SLIP_ARG(digest));
}

static bool is_unsure(const struct project *p)
{
    for (size_t i = 0; i < p->results.len; i++)
        if (p->results.at[i]->unsure.len)
            return true;
    return false;
}

static enum golden_result compare(struct project *p)
{
    size_t i;
    json_t *image;
    json_array_foreach(get(p->c, "images"), i, image)
    {
        enum golden_result result = same_image(p, image);
        if (result != GOLDEN_GOOD)
            return result;
    }
    return GOLDEN_GOOD;
}

static enum golden_result run(json_t *c, struct slip_buf *why)
{
    SLIP_AUTO(project) p = { .c = c, .why = why };
    struct slip_error err = { 0 };
    if (make_commit(&p) != GOLDEN_GOOD)
        return GOLDEN_BAD;
    int rc = load_config(&p, &err);
    if (rc == 0)
        rc = digest_all(&p, &err);
    struct slip_str digest = golden_text(c, "digest_in_error");
    if (digest.ptr && rc == 0)
        return has_digest(&p, digest);
    if (json_is_true(get(c, "unpredictable")))
        return rc < 0 || is_unsure(&p) ? GOLDEN_GOOD : golden_bad(why, "it is not refused");
    bool fails = get(c, "error") != NULL && !digest.ptr;
    if (rc < 0 || fails)
        return rc < 0 && fails ? GOLDEN_GOOD : golden_bad(why, "error: '%s'", err.text);
    return compare(&p);
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, "staged.jsonl", run);
}
