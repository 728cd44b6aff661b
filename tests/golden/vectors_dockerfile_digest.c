/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Digests of Dockerfile images: dependency lists of every stage, checksums, stage and content
 * digest. What the parser gives is vectors_dockerfile_parse's part.
 */
#include "golden/golden.h"

#include "base/limits.h"
#include "base/path.h"
#include "digest/digest.h"
#include "digest/files.h"
#include "digest/lists.h"
#include "digest/select.h"
#include "support/mem_tree.h"
#include "support/sandbox.h"

#include <unistd.h>

struct project {
    json_t *c;
    struct slip_arena arena;
    struct mem_tree *files;
    struct slip_tree tree;
    struct slip_image_set set;
    struct slip_image image;
    struct slip_dependency_value *values;
    const char *platform;
    char *work_tree; /* with contextAddFiles */
};

static void project_clear(struct project *p)
{
    slip_arena_clear(&p->arena);
    mem_tree_free(p->files);
    sandbox_free(p->work_tree);
}
SLIP_DEFINE_AUTO(project, project_clear);

/* ---- input ---- */

static struct slip_str text_or(json_t *c, const char *key, const char *otherwise)
{
    struct slip_str s = golden_text(c, key);
    return s.ptr ? s : slip_str_of(otherwise);
}

static struct slip_str dockerfile_text(struct project *p)
{
    json_t *parts = json_object_get(p->c, "dockerfile_parts");
    if (!parts)
        return golden_text(p->c, "dockerfile");
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_FILE);
    for (size_t i = 0; i < json_array_size(parts); i++) {
        json_t *part = json_array_get(parts, i);
        for (json_int_t n = json_integer_value(json_array_get(part, 1)); n > 0; n--)
            slip_buf_add_str(&text, golden_text_of(json_array_get(part, 0)));
    }
    return slip_arena_str(&p->arena, slip_buf_str(&text));
}

/* Put a file where the context is; an absent text puts nothing. */
static void add_context_file(struct project *p, struct slip_str name, struct slip_str content)
{
    SLIP_AUTO(slip_buf) dir = SLIP_BUF(SLIP_LIMIT_PATH), path = SLIP_BUF(SLIP_LIMIT_PATH);
    if (!content.ptr)
        return;
    slip_path_join(golden_text(p->c, "project_dir"), p->image.context, &dir);
    slip_path_join(slip_buf_str(&dir), name, &path);
    mem_tree_add(p->files, slip_buf_str(&path), SLIP_MODE_FILE, content);
}

static void add_content(struct project *p, struct slip_str path, struct slip_str content)
{
    if (slip_str_starts(content, SLIP_STR("->")))
        mem_tree_add(p->files, path, SLIP_MODE_LINK, slip_str_skip(content, 2));
    else
        mem_tree_add(p->files, path,
                     slip_str_ends(path, SLIP_STR(".sh")) ? SLIP_MODE_EXEC : SLIP_MODE_FILE,
                     content);
}

static void make_tree(struct project *p)
{
    p->files = mem_tree_new();
    json_t *files = json_object_get(p->c, "files"), *contents = json_object_get(p->c, "contents");
    for (size_t i = 0; i < json_array_size(files); i++)
        mem_tree_add_short(p->files, golden_text_of(json_array_get(files, i)));
    for (void *i = json_object_iter(contents); i; i = json_object_iter_next(contents, i))
        add_content(p, slip_str_of(json_object_iter_key(i)),
                    golden_text_of(json_object_iter_value(i)));
    add_context_file(p, p->image.dockerfile, dockerfile_text(p));
    add_context_file(p, SLIP_STR(".dockerignore"), golden_text(p->c, "ignore"));
    const char *own =
        slip_arena_printf(&p->arena, "%.*s.dockerignore", SLIP_ARG(p->image.dockerfile));
    add_context_file(p, slip_str_of(own), golden_text(p->c, "ignore_specific"));
    p->tree = mem_tree_view(p->files);
}

static struct slip_str_list read_list(struct project *p, const char *key)
{
    json_t *list = json_object_get(p->c, key);
    struct slip_str_list out = {
        slip_arena_array(&p->arena, json_array_size(list), sizeof(*out.at)), json_array_size(list)
    };
    for (size_t i = 0; i < out.len; i++)
        out.at[i] = golden_text_of(json_array_get(list, i));
    return out;
}

static struct slip_str_map read_args(struct project *p)
{
    json_t *args = json_object_get(p->c, "args");
    struct slip_str_map out = {
        slip_arena_array(&p->arena, json_object_size(args), sizeof(*out.at)), 0
    };
    for (void *i = json_object_iter(args); i; i = json_object_iter_next(args, i))
        out.at[out.len++] = (struct slip_str_pair){ slip_str_of(json_object_iter_key(i)),
                                                    golden_text_of(json_object_iter_value(i)) };
    return out;
}

static enum slip_import_type import_type(struct slip_str name)
{
    static const char *const names[] = { [SLIP_IMPORT_NAME] = "ImageName",
                                         [SLIP_IMPORT_TAG] = "ImageTag",
                                         [SLIP_IMPORT_REPO] = "ImageRepo",
                                         [SLIP_IMPORT_ID] = "ImageID",
                                         [SLIP_IMPORT_DIGEST] = "ImageDigest" };
    size_t i = 0;
    while (!slip_str_is(name, names[i]))
        i++;
    return (enum slip_import_type)i;
}

static void read_dependencies(struct project *p)
{
    json_t *list = json_object_get(p->c, "dependencies");
    size_t n = json_array_size(list);
    p->image.n_dependencies = n;
    p->image.dependencies = slip_arena_array(&p->arena, n, sizeof(*p->image.dependencies));
    p->values = slip_arena_array(&p->arena, n, sizeof(*p->values));
    for (size_t i = 0; i < n; i++) {
        json_t *d = json_array_get(list, i), *imports = json_object_get(d, "imports");
        struct slip_dependency *dep = &p->image.dependencies[i];
        p->values[i] = (struct slip_dependency_value){ golden_text(d, "name"), golden_text(d, "id"),
                                                       golden_text(d, "digest") };
        dep->n_imports = json_array_size(imports);
        dep->imports = slip_arena_array(&p->arena, dep->n_imports, sizeof(*dep->imports));
        for (size_t k = 0; k < dep->n_imports; k++) {
            json_t *import = json_array_get(imports, k);
            dep->imports[k].type = import_type(golden_text(import, "type"));
            dep->imports[k].target = golden_text(import, "build_arg");
        }
    }
}

static void make_work_tree(struct project *p)
{
    json_t *files = json_object_get(p->c, "work_tree");
    if (!files)
        return;
    p->work_tree = sandbox_new();
    for (void *i = json_object_iter(files); i; i = json_object_iter_next(files, i)) {
        struct slip_str content = golden_text_of(json_object_iter_value(i));
        if (slip_str_starts(content, SLIP_STR("->")))
            sandbox_link(p->work_tree, json_object_iter_key(i), content.ptr + 2);
        else
            sandbox_write(p->work_tree, json_object_iter_key(i), content.ptr);
    }
}

static void read_project(json_t *c, struct project *p)
{
    p->c = c;
    p->platform = json_string_value(json_object_get(c, "platform"));
    if (!p->platform)
        p->platform = "linux/amd64";
    p->image.kind = SLIP_IMAGE_DOCKERFILE;
    p->image.dockerfile = text_or(c, "dockerfile_path", "Dockerfile");
    p->image.context = text_or(c, "context", "");
    p->image.target = text_or(c, "target", "");
    p->image.cache_version = text_or(c, "cache_version", "");
    p->image.args = read_args(p);
    p->image.add_host = read_list(p, "add_host");
    p->image.context_add_files = read_list(p, "context_add_files");
    read_dependencies(p);
    make_work_tree(p);
    make_tree(p);
    p->set = (struct slip_image_set){ .project_dir = text_or(c, "project_dir", ""),
                                      .at = &p->image,
                                      .len = 1 };
}

/* ---- the public way ---- */

static enum golden_result same_text(struct slip_buf *why, const char *what, struct slip_str got,
                                    json_t *want)
{
    json_t *hash = json_object_get(want, "sha256");
    if (!hash)
        return golden_same(why, what, got, golden_text_of(want));
    char hex[SLIP_SHA256_HEX + 1];
    slip_hash_hex(SLIP_HASH_SHA256, got, hex);
    return golden_same(why, what, slip_str_of(hex), golden_text_of(hash));
}

static enum golden_result check_digest(struct project *p, struct slip_buf *why)
{
    struct slip_digest_source source = {
        .set = &p->set, .tree = p->tree, .host_platform = "linux/amd64", .work_tree = p->work_tree
    };
    SLIP_AUTO_PTR(slip_digester) d = slip_digester_new(&source);
    struct slip_digest_request r = { .platform = p->platform, .dependencies = p->values };
    int rc = slip_digest_images(d, &r, 1);
    SLIP_AUTO(slip_image_digest) result = r.result;
    bool fails = golden_text(p->c, "err").ptr || json_object_get(p->c, "crash");
    if (rc < 0 || fails)
        return rc < 0 && fails ? GOLDEN_GOOD : golden_bad(why, "error: '%s'", r.err.text);

    const struct slip_stage_digest *s = &result.stages[0];
    if (golden_same(why, "stage dependencies", slip_str_of(s->dependencies),
                    golden_text(p->c, "stage_dependencies"))
            != GOLDEN_GOOD
        || golden_same(why, "digest", slip_str_of(s->digest), golden_text(p->c, "digest"))
               != GOLDEN_GOOD)
        return GOLDEN_BAD;
    return golden_same(why, "content digest", slip_str_of(s->content),
                       golden_text(p->c, "content_digest"));
}

/* ---- the lists of all stages ---- */

struct checking {
    struct project *p;
    struct slip_image_files files;
    struct slip_buf *why;
    size_t n_checksums;
    bool differs;
};

static void note_entry(void *payload, struct slip_str path, const struct slip_entry *e)
{
    char hex[SLIP_OID_HEX + 1];
    slip_oid_hex(&e->id, hex);
    slip_buf_add_fmt(payload, "%06o %s %.*s\n", e->mode, hex, SLIP_ARG(path));
}

static void list_entries(json_t *list, struct slip_buf *out)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *e = json_array_get(list, i);
        slip_buf_add_fmt(out, "%s %s %.*s\n", json_string_value(json_array_get(e, 0)),
                         json_string_value(json_array_get(e, 1)),
                         SLIP_ARG(golden_text_of(json_array_get(e, 2))));
    }
}

/* Select, and compare with the next checksum of the record. */
static int check_files(void *payload, struct slip_ingredient *files, const struct slip_str *sources,
                       size_t n, struct slip_error *err)
{
    struct checking *c = payload;
    SLIP_AUTO(slip_buf) got = SLIP_BUF(SLIP_LIMIT_FILE), want = SLIP_BUF(SLIP_LIMIT_FILE);
    struct slip_file_selection s = { .context = c->files.context,
                                     .ignore = c->files.ignore,
                                     .unlisted_submodules = true,
                                     .on_entry = note_entry,
                                     .payload = &got };
    struct slip_str *globs = slip_arena_array(&c->p->arena, n, sizeof(*globs));
    for (size_t i = 0; i < n; i++) {
        SLIP_AUTO(slip_buf) glob = SLIP_BUF(SLIP_LIMIT_FILE);
        slip_source_clean(sources[i], &glob);
        globs[i] = slip_arena_str(&c->p->arena, slip_buf_str(&glob));
    }
    s.sources = globs;
    s.n_sources = n;
    struct slip_file_selection *all[] = { &s };
    if (slip_select_files(&c->p->tree, NULL, all, 1) < 0) {
        *err = s.err;
        return -1;
    }
    json_t *record = json_array_get(json_object_get(c->p->c, "checksums"), c->n_checksums++);
    list_entries(json_object_get(record, "entries"), &want);
    if (golden_same(c->why, "entries", slip_buf_str(&got), slip_buf_str(&want)) != GOLDEN_GOOD
        || golden_same(c->why, "g", slip_str_of(s.group), golden_text(record, "g")) != GOLDEN_GOOD)
        c->differs = true;
    files->text = slip_arena_str(&c->p->arena, slip_str_of(s.checksum));
    return 0;
}

/* A checksum with contextAddFiles in it is only looked at as part of the digest. */
static enum golden_result same_list(struct checking *c, const struct slip_list *got, json_t *want)
{
    if (got->len != json_array_size(want))
        return golden_bad(c->why, "%zu strings instead of %zu", got->len, json_array_size(want));
    for (size_t i = 0; i < got->len; i++) {
        if (got->at[i]->kind == SLIP_INGREDIENT_FILES && c->p->image.context_add_files.len)
            continue;
        if (same_text(c->why, "string", got->at[i]->text, json_array_get(want, i)) != GOLDEN_GOOD)
            return GOLDEN_BAD;
    }
    return GOLDEN_GOOD;
}

static enum golden_result same_lists(struct checking *c, const struct slip_lists *lists)
{
    json_t *want = json_object_get(c->p->c, "lists"),
           *on_build = json_object_get(c->p->c, "on_build");
    if (lists->len != json_array_size(want))
        return golden_bad(c->why, "%zu stages instead of %zu", lists->len, json_array_size(want));
    for (size_t i = 0; i < lists->len; i++)
        if (same_list(c, &lists->stages[i], json_array_get(want, i)) != GOLDEN_GOOD
            || same_list(c, &lists->on_build[i], json_array_get(on_build, i)) != GOLDEN_GOOD)
            return GOLDEN_BAD;
    return c->differs ? GOLDEN_BAD : GOLDEN_GOOD;
}

static enum golden_result check_lists(struct project *p, struct slip_buf *why)
{
    struct checking c = { .p = p, .why = why };
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_dockerfile) file = { 0 };
    SLIP_AUTO(slip_lists) lists = { 0 };
    struct slip_platform none = { "", "", "" };
    struct slip_lists_input in = { .file = &file,
                                   .name = "Dockerfile",
                                   .args = p->image.args,
                                   .add_host = p->image.add_host,
                                   .files = check_files,
                                   .payload = &c,
                                   .arena = &p->arena };
    if (p->image.n_dependencies)
        return GOLDEN_GOOD;
    if (slip_platform_parse(SLIP_STR("linux/amd64"), &none, &in.host, &err) < 0
        || slip_platform_parse(slip_str_of(p->platform[0] ? p->platform : "linux/amd64"), &in.host,
                               &in.target, &err)
               < 0
        || slip_image_files_read(&p->tree, p->set.project_dir, &p->image, &p->arena, &c.files, &err)
               < 0
        || slip_dockerfile_parse(c.files.dockerfile, "Dockerfile", &file, &err) < 0
        || slip_lists_make(&in, &lists, &err) < 0)
        return golden_bad(why, "%s", err.text);
    return same_lists(&c, &lists);
}

static enum golden_result check_root(const struct project *p, struct slip_buf *why)
{
    char hex[SLIP_OID_HEX + 1];
    struct slip_str want = golden_text(p->c, "root");
    slip_oid_hex(&p->tree.root, hex);
    return want.ptr ? golden_same(why, "root", slip_str_of(hex), want) : GOLDEN_GOOD;
}

static enum golden_result run(json_t *c, struct slip_buf *why)
{
    if (slip_str_is(golden_text(c, "kind"), "platform"))
        return GOLDEN_GOOD; /* vectors_dockerfile_parse */
    SLIP_AUTO(project) p = { 0 };
    read_project(c, &p);
    if (check_root(&p, why) != GOLDEN_GOOD || check_digest(&p, why) != GOLDEN_GOOD)
        return GOLDEN_BAD;
    return json_object_get(c, "lists") ? check_lists(&p, why) : GOLDEN_GOOD;
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, "dockerfile.jsonl", run);
}
