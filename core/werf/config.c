/* SPDX-License-Identifier: Apache-2.0 */
/* werf.yaml of a commit, from its files to checked images. */
#include "werf/config.h"

#include "base/path.h"
#include "werf/decode.h"
#include "werf/render.h"

struct loading {
    const struct slip_tree *tree;
    const struct slip_commit *commit;
    const struct slip_config_options *o;
    struct slip_giterminism giterminism;
    struct slip_buf path; /* of werf.yaml */
    struct slip_buf text; /* of it, rendered in the end */
    bool rendered;        /* it holds templates */
    struct slip_error *err;
};

static int read_file(struct loading *l, struct slip_str path, struct slip_buf *out, bool *found)
{
    struct slip_entry e;
    if (slip_tree_find_through_links(l->tree, path, NULL, NULL, &e, found, l->err) < 0)
        return slip_while(l->err, "%.*s", SLIP_ARG(path));
    if (!*found || slip_entry_is_dir(&e) || slip_entry_is_submodule(&e)) {
        *found = false;
        return 0;
    }
    if (l->o->on_read)
        l->o->on_read(l->o->on_read_payload, SLIP_READ_FILE, path);
    return l->tree->ops->read_blob(l->tree->self, &e.id, out, l->err);
}

static void project_path(const struct loading *l, struct slip_str name, struct slip_buf *out)
{
    slip_buf_reset(out);
    slip_path_join(l->o->project_dir, name, out);
}

static int read_giterminism(struct loading *l)
{
    SLIP_AUTO(slip_buf) path = SLIP_BUF(SLIP_LIMIT_TEXT);
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_FILE);
    bool found;
    struct slip_str name =
        l->o->giterminism.len ? l->o->giterminism : SLIP_STR("werf-giterminism.yaml");
    project_path(l, name, &path);
    if (read_file(l, slip_buf_str(&path), &text, &found) < 0)
        return -1;
    if (found && slip_giterminism_parse(slip_buf_str(&text), path.ptr, &l->giterminism, l->err) < 0)
        return -1;
    if (l->giterminism.doubt)
        slip_watch_warn(l->o->watch, NULL, "%s", l->giterminism.doubt);
    return 0;
}

static int refuse_includes(struct loading *l)
{
    SLIP_AUTO(slip_buf) path = SLIP_BUF(SLIP_LIMIT_TEXT);
    struct slip_entry e;
    bool found;
    project_path(l, SLIP_STR("werf-includes.yaml"), &path);
    if (slip_tree_find(l->tree, slip_buf_str(&path), &e, &found, l->err) < 0)
        return -1;
    if (!found)
        return 0;
    slip_fail(l->err, SLIP_E_UNSUPPORTED, "'%s': files of other repositories are not supported",
              path.ptr);
    return slip_hint(l->err, "use werf for this project");
}

/* --- werf.yaml --- */

static int try_config(struct loading *l, struct slip_str path, bool *found)
{
    slip_buf_reset(&l->path);
    slip_buf_add_str(&l->path, path);
    return read_file(l, path, &l->text, found);
}

static int fail_missing(struct loading *l, const char *name)
{
    slip_fail(l->err, SLIP_E_CONFIG, "the file \"%s\" is not in the commit", name);
    return slip_hint(l->err, "'slipway init' writes one from Dockerfiles; when it is in another "
                             "directory: 'dir:' in .slipway.yaml, or --dir");
}

static int find_config(struct loading *l)
{
    static const char *const names[] = { "werf.yaml", "werf.yml" };
    SLIP_AUTO(slip_buf) path = SLIP_BUF(SLIP_LIMIT_TEXT);
    bool found;
    if (l->o->config.len) {
        if (try_config(l, l->o->config, &found) < 0)
            return -1;
        return found ? 0 : fail_missing(l, l->path.ptr);
    }
    for (size_t i = 0; i < SLIP_COUNT(names); i++) {
        project_path(l, slip_str_of(names[i]), &path);
        if (try_config(l, slip_buf_str(&path), &found) < 0)
            return -1;
        if (found)
            return 0;
    }
    project_path(l, slip_str_of(names[0]), &path);
    return fail_missing(l, path.ptr);
}

static int fail_uncommitted(struct loading *l, const char *path, const char *setting)
{
    slip_fail(l->err, SLIP_E_UNSUPPORTED,
              "werf reads '%s' from the work tree, because werf-giterminism.yaml has '%s'", path,
              setting);
    return slip_hint(l->err, "use --commit-only to take it from the commit");
}

/* A text without actions is its own rendering; a mistake in a template that nothing calls is one
 * all the same, as in werf. */
static int render(struct loading *l)
{
    l->rendered = slip_str_find_str(slip_buf_str(&l->text), SLIP_STR("{{")) != SLIP_NPOS;
    return slip_werf_render(l->tree, l->commit, l->o, &l->giterminism, l->path.ptr, &l->text,
                            l->err);
}

static int load_text(struct loading *l)
{
    if (read_giterminism(l) < 0 || refuse_includes(l) < 0 || find_config(l) < 0)
        return -1;
    l->giterminism.allow_all = l->o->loose;
    l->giterminism.home =
        slip_str_of(l->o->variable ? l->o->variable(l->o->payload, "HOME") : NULL);
    if (l->giterminism.allow_uncommitted && !l->o->commit_only)
        return fail_uncommitted(l, l->path.ptr, "config.allowUncommitted");
    return render(l);
}

/* --- images --- */

/* What a template reads and is not there prints as this; werf goes on with it as a name. */
static void warn_of_no_value(const struct loading *l)
{
    static const struct slip_str nothing = { "<no value>", 10 };
    size_t at = slip_str_find_str(slip_buf_str(&l->text), nothing);
    unsigned line = 1;
    if (at == SLIP_NPOS)
        return;
    for (size_t i = 0; i < at; i++)
        line += l->text.ptr[i] == '\n';
    slip_watch_warn(l->o->watch, NULL,
                    "%s:%u: '<no value>' comes from a template that reads what is not there",
                    l->path.ptr, line);
}

static int decode(struct loading *l, struct slip_image_set *out)
{
    if (l->rendered)
        slip_buf_add_c(&l->path, " (rendered)");
    if (l->rendered)
        warn_of_no_value(l);
    struct slip_decode_options d = {
        .name = l->path.ptr,
        .project_dir = l->o->project_dir,
        .project_name = l->o->project_name,
        .platform = l->o->platform,
        .force_staged = l->o->force_staged,
        .skip_image_spec = l->o->skip_image_spec,
        .giterminism = &l->giterminism,
        .watch = l->o->watch,
        .on_error = l->o->on_error,
        .payload = l->o->on_error_payload,
    };
    return slip_werf_decode(slip_buf_str(&l->text), &d, out, l->err);
}

static int refuse_path(struct loading *l, const struct slip_globs *globs, struct slip_str path,
                       const char *setting)
{
    bool accepted;
    if (slip_giterminism_accepts(globs, path, &accepted, l->err) < 0)
        return -1;
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_buf_add_str(&text, path);
    return accepted ? fail_uncommitted(l, text.ptr, setting) : 0;
}

/* A Dockerfile and its ignore files must be those of the commit. */
static int refuse_uncommitted(struct loading *l, const struct slip_image *image)
{
    const struct slip_giterminism *g = &l->giterminism;
    SLIP_AUTO(slip_buf) path = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_path_join(image->context, image->dockerfile, &path);
    if (refuse_path(l, &g->uncommitted_dockerfiles, slip_buf_str(&path),
                    "config.dockerfile.allowUncommitted")
        < 0)
        return -1;
    slip_buf_add_c(&path, ".dockerignore");
    static const char setting[] = "config.dockerfile.allowUncommittedDockerignoreFiles";
    if (refuse_path(l, &g->uncommitted_dockerignores, slip_buf_str(&path), setting) < 0)
        return -1;
    slip_buf_reset(&path);
    slip_path_join(image->context, SLIP_STR(".dockerignore"), &path);
    return refuse_path(l, &g->uncommitted_dockerignores, slip_buf_str(&path), setting);
}

static int refuse_uncommitted_files(struct loading *l, const struct slip_image_set *set)
{
    for (size_t i = 0; i < set->len && !l->o->commit_only; i++)
        if (set->at[i].kind <= SLIP_IMAGE_STAGED && refuse_uncommitted(l, &set->at[i]) < 0)
            return slip_while(l->err, "image '%.*s'", SLIP_ARG(set->at[i].name));
    return 0;
}

static struct loading begin(const struct slip_tree *tree, const struct slip_commit *commit,
                            const struct slip_config_options *o, struct slip_error *err)
{
    return (struct loading){
        .tree = tree,
        .commit = commit,
        .o = o,
        .path = SLIP_BUF(SLIP_LIMIT_TEXT),
        .text = SLIP_BUF(SLIP_LIMIT_RENDERED),
        .err = err,
    };
}

static void end(struct loading *l)
{
    slip_giterminism_clear(&l->giterminism);
    slip_buf_clear(&l->path);
    slip_buf_clear(&l->text);
}

int slip_config_render(const struct slip_tree *tree, const struct slip_commit *commit,
                       const struct slip_config_options *o, struct slip_buf *out,
                       struct slip_buf *name, struct slip_error *err)
{
    struct loading l = begin(tree, commit, o, err);
    int rc = load_text(&l);
    if (rc == 0) {
        slip_buf_move(out, &l.text);
        if (name)
            slip_buf_move(name, &l.path);
    }
    end(&l);
    return rc;
}

int slip_config_load(const struct slip_tree *tree, const struct slip_commit *commit,
                     const struct slip_config_options *o, struct slip_image_set *out,
                     struct slip_error *err)
{
    SLIP_AUTO(slip_image_set) set = { 0 };
    struct loading l = begin(tree, commit, o, err);
    int rc = load_text(&l) < 0 || decode(&l, &set) < 0 || refuse_uncommitted_files(&l, &set) < 0;
    end(&l);
    if (rc)
        return -1;
    slip_image_set_clear(out);
    *out = set;
    set = (struct slip_image_set){ 0 };
    return 0;
}
