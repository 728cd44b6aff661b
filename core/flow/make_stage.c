/* SPDX-License-Identifier: Apache-2.0 */
/* One stage, built and published. */
#include "flow/make_stage.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/temp_dir.h"
#include "build/base_dir.h"
#include "build/image_spec.h"
#include "build/publish.h"
#include "digest/add_files.h"
#include "digest/files.h"
#include "dockerfile/dockerfile.h"
#include "proc/run.h"

static int64_t tell_time(void *payload)
{
    const struct slip_resolve_options *o = payload;
    return o->now_ms();
}

static void let_time_pass(void *payload, int64_t ms)
{
    const struct slip_resolve_options *o = payload;
    o->wait_ms(ms);
}

/* What a build argument from another image is (dockerfile-digest.md 3.1): ImageRepo and ImageTag
 * are cut at the last colon. */
static struct slip_str imported(const struct slip_dependency_import *import,
                                const struct slip_resolved_platform *from, struct slip_str name)
{
    struct slip_str repository, tag;
    bool cut = slip_str_rcut(name, ':', &repository, &tag);
    switch (import->type) {
    case SLIP_IMPORT_NAME:
        return name;
    case SLIP_IMPORT_REPO:
        return cut ? repository : name;
    case SLIP_IMPORT_TAG:
        return cut ? tag : SLIP_STR("");
    case SLIP_IMPORT_ID:
        return slip_str_of(from->stage.config_digest);
    case SLIP_IMPORT_DIGEST:
        return slip_str_of(from->stage.stored.digest);
    }
    return SLIP_STR("");
}

static const struct slip_resolved_platform *resolved(const struct slip_make_stage *m, size_t image)
{
    const struct slip_resolved *r = &m->by_image->at[m->slot[image]];
    for (size_t i = 0; i < r->len; i++)
        if (strcmp(r->at[i].name, m->platform) == 0)
            return &r->at[i];
    return NULL;
}

/* Arguments of the build and stage ids for the labels, out of the images this one depends on. */
struct dependencies {
    struct slip_build_arg *args;
    size_t n_args;
    struct slip_str *stage_ids;
    struct slip_dockerfile file;
    struct slip_temp_dir *dir; /* of those that are in a layout; or NULL */
};

static void dependencies_clear(struct dependencies *d)
{
    slip_dockerfile_clear(&d->file);
    slip_temp_dir_remove(d->dir);
}
SLIP_DEFINE_AUTO(dependencies, dependencies_clear);

/* An image of a layout, where a builder can read it. Its name keeps the tag at its end. */
static int place_in_dir(const struct slip_make_stage *m, const struct slip_resolved_platform *from,
                        size_t i, struct slip_arena *arena, struct dependencies *out,
                        struct slip_str *name, struct slip_error *err)
{
    if (m->store->where.is_archive) {
        slip_fail(err, SLIP_E_UNSUPPORTED, "no builder reads the images it depends on out of '%s'",
                  m->store->name);
        return slip_hint(err, "take a registry or oci:DIR as stage repository");
    }
    if (!out->dir && slip_temp_dir_make(m->options->host->tmpdir, &out->dir, err) < 0)
        return -1;
    const char *path = slip_arena_printf(arena, "%s/%zu:%s", out->dir->path, i, from->stage.tag);
    SLIP_AUTO_FREE char *layout = slip_store_place(m->store);
    *name = slip_str_of(slip_arena_printf(arena, "dir:%s", path));
    return slip_base_dir_make(layout, &from->stage.stored, path, err);
}

/* Only arguments in front of the first FROM can say what to build from. */
static bool is_for_from(const struct slip_dockerfile *file, struct slip_str argument)
{
    for (size_t i = 0; i < file->n_meta_args; i++)
        for (size_t k = 0; k < file->meta_args[i].n_pairs; k++)
            if (slip_str_eq(file->meta_args[i].pairs[k].key, argument))
                return true;
    return false;
}

static int read_dependency(const struct slip_make_stage *m, size_t i, struct slip_arena *arena,
                           struct dependencies *out, struct slip_error *err)
{
    const struct slip_dependency *d = &m->image->dependencies[i];
    const struct slip_resolved_platform *from = resolved(m, d->image);
    struct slip_str placed = { 0 };
    struct slip_str name =
        slip_str_of(slip_arena_printf(arena, "%s:%s", m->store->name, from->stage.tag));
    out->stage_ids[i] = slip_str_of(from->stage.tag);
    for (size_t k = 0; k < d->n_imports; k++) {
        bool in_dir = is_for_from(&out->file, d->imports[k].target);
        if (in_dir && !placed.len && place_in_dir(m, from, i, arena, out, &placed, err) < 0)
            return -1;
        out->args[out->n_args++] =
            (struct slip_build_arg){ d->imports[k].target,
                                     imported(&d->imports[k], from, in_dir ? placed : name) };
    }
    return 0;
}

static int read_dependencies(const struct slip_make_stage *m, struct slip_str dockerfile,
                             struct slip_arena *arena, struct dependencies *out,
                             struct slip_error *err)
{
    const struct slip_image *image = m->image;
    size_t n = image->args.len;
    if (m->store->where.kind == SLIP_STORE_LAYOUT
        && slip_dockerfile_parse(dockerfile, "Dockerfile", &out->file, err) < 0)
        return -1;
    for (size_t i = 0; i < image->n_dependencies; i++)
        n += image->dependencies[i].n_imports;
    out->args = slip_arena_array(arena, n + 1, sizeof(*out->args));
    out->stage_ids = slip_arena_array(arena, image->n_dependencies + 1, sizeof(*out->stage_ids));
    for (size_t i = 0; i < image->args.len; i++)
        out->args[out->n_args++] =
            (struct slip_build_arg){ image->args.at[i].key, image->args.at[i].value };
    for (size_t i = 0; i < image->n_dependencies; i++)
        if (read_dependency(m, i, arena, out, err) < 0)
            return -1;
    return 0;
}

/* Secrets as werf.yaml names them; their values come from the environment or a file of this
 * machine, or stand in werf.yaml. */
static int read_secrets(const struct slip_make_stage *m, struct slip_arena *arena,
                        struct slip_build_request *request, struct slip_error *err)
{
    const struct slip_image *image = m->image;
    struct slip_build_secret *secrets =
        slip_arena_array(arena, image->n_secrets + 1, sizeof(*secrets));
    for (size_t i = 0; i < image->n_secrets; i++) {
        const struct slip_secret_source *s = &image->secrets[i];
        secrets[i].id = s->id;
        if (s->src.len) {
            secrets[i].path = s->src;
            continue;
        }
        secrets[i].value = s->value;
        if (s->has_value)
            continue;
        const char *value = slip_env_get(m->options->host->env, slip_arena_strdup(arena, s->env));
        if (!value) {
            slip_fail(err, SLIP_E_BUILD, "the build needs the secret '%.*s'", SLIP_ARG(s->id));
            return slip_hint(err, "set the environment variable %.*s", SLIP_ARG(s->env));
        }
        secrets[i].value = slip_str_of(value);
    }
    request->secrets = secrets;
    request->n_secrets = image->n_secrets;
    return 0;
}

/* Nothing came or went since the digest was made; the order is that of names. */
static int check_same_paths(const struct slip_add_files *before, const struct slip_add_files *now,
                            struct slip_error *err)
{
    size_t i = 0;
    while (i < before->len && i < now->len && strcmp(before->at[i].path, now->at[i].path) == 0)
        i++;
    if (i == before->len && i == now->len)
        return 0;
    return slip_add_file_changed(i < now->len ? now->at[i].path : before->at[i].path, err);
}

/* contextAddFiles: files of the work tree, over those of the commit. */
static int add_context_files(const struct slip_make_stage *m, struct slip_arena *arena,
                             struct slip_context_source *context, struct slip_error *err)
{
    const struct slip_image *image = m->image;
    const struct slip_add_files *digest = &m->digest->added;
    SLIP_AUTO(slip_add_files) found = { 0 };
    const char *why_not = "";
    if (image->context_add_files.len == 0)
        return 0;
    const char *work_tree = slip_commit_work_tree(m->project->repo, &m->project->commit, &why_not);
    if (!work_tree)
        return slip_fail(err, SLIP_E_UNSUPPORTED,
                         "contextAddFiles needs a work tree of this commit: %s", why_not);
    if (slip_add_files_find(work_tree, m->project->set.project_dir, image, &found, err) < 0
        || check_same_paths(digest, &found, err) < 0)
        return -1;
    struct slip_context_file *files = slip_arena_array(arena, found.len + 1, sizeof(*files));
    struct slip_str *replaced =
        slip_arena_array(arena, image->context_add_files.len + 1, sizeof(*replaced));
    size_t prefix = image->context.len ? image->context.len + 1 : 0;
    for (size_t i = 0; i < found.len; i++) {
        const char *path = found.at[i].path;
        files[i].path = slip_arena_str(arena, slip_str_skip(slip_str_of(path), prefix));
        files[i].file = slip_arena_printf(arena, "%s/%s", found.dir, path);
        if (digest->at[i].counted)
            files[i].content = digest->at[i].content;
    }
    for (size_t i = 0; i < image->context_add_files.len; i++) {
        SLIP_AUTO(slip_buf) path = SLIP_BUF(SLIP_LIMIT_PATH);
        slip_path_clean(image->context_add_files.at[i], &path);
        replaced[i] = slip_arena_str(arena, slip_buf_str(&path));
    }
    context->files = files;
    context->n_files = found.len;
    context->replaced = replaced;
    context->n_replaced = image->context_add_files.len;
    return 0;
}

static int build(const struct slip_make_stage *m, struct dependencies *deps,
                 struct slip_arena *arena, struct slip_built *out, struct slip_error *err)
{
    const struct slip_image *image = m->image;
    struct slip_image_files files;
    if (slip_image_files_read(&m->project->tree, m->project->set.project_dir, image, arena, &files,
                              err)
            < 0
        || read_dependencies(m, files.dockerfile, arena, deps, err) < 0)
        return -1;
    struct slip_build_request request = {
        .subject = slip_arena_strdup(arena, image->name),
        .context = { .tree = m->project->tree,
                     .dir = files.context,
                     .mtime = m->project->commit.committer.seconds },
        .dockerfile = files.dockerfile,
        .ignore_file = files.ignore_text,
        .target = image->target,
        .platform = slip_str_of(m->platform),
        .args = deps->args,
        .n_args = deps->n_args,
        .add_hosts = image->add_host.at,
        .n_add_hosts = image->add_host.len,
        .network = image->network,
        .ssh = image->ssh,
    };
    if (slip_store_is_plain_http(m->store))
        request.plain_registry = slip_str_of(m->store->where.registry);
    if (read_secrets(m, arena, &request, err) < 0
        || add_context_files(m, arena, &request.context, err) < 0)
        return -1;
    return slip_engine_build(m->options->engine, m->options->host, &request, out, err);
}

static struct slip_publish publication(const struct slip_make_stage *m, const char *subject,
                                       const struct slip_stage_digest *stage)
{
    return (struct slip_publish){ .registry = m->options->registry,
                                  .store = m->store,
                                  .stages = m->stages,
                                  .locks = m->locks,
                                  .watch = m->options->watch,
                                  .subject = subject,
                                  .project = m->project->set.project,
                                  .digest = stage->digest,
                                  .now_ms = tell_time,
                                  .wait_ms = let_time_pass,
                                  .payload = (void *)(uintptr_t)m->options };
}

/* The stage `dockerfile`: by the builder. */
static int make_dockerfile_stage(const struct slip_make_stage *m, const char *subject,
                                 struct slip_stage *out, bool *ours, struct slip_error *err)
{
    const struct slip_stage_digest *stage = &m->digest->stages[0];
    SLIP_AUTO(slip_arena) arena = { 0 };
    SLIP_AUTO(slip_built) image = { 0 };
    SLIP_AUTO(slip_stage_label_list) labels = { 0 };
    SLIP_AUTO(dependencies) deps = { 0 };
    if (build(m, &deps, &arena, &image, err) < 0)
        return -1;
    SLIP_AUTO(slip_buf) version = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_generation_label(&slip_generation_2, m->options->tool_version, &version);
    struct slip_stage_facts facts = { .project = m->project->set.project,
                                      .version = slip_buf_str(&version),
                                      .content_digest = slip_str_of(stage->content),
                                      .commit = slip_str_of(m->project->commit_hex),
                                      .dependency_stage_ids = deps.stage_ids,
                                      .n_dependencies = m->image->n_dependencies };
    slip_stage_labels(&facts, &labels);
    struct slip_publish publish = publication(m, subject, stage);
    publish.media_type = image.media_type;
    publish.manifest = slip_buf_str(&image.manifest);
    publish.config = slip_buf_str(&image.config);
    publish.layout = image.layout;
    publish.labels = labels.at;
    publish.n_labels = labels.len;
    return slip_stage_publish(&publish, out, ours, err);
}

/* The stage `imageSpec`: the stage before it with another config. */
static int make_spec_stage(const struct slip_make_stage *m, const char *subject,
                           const struct slip_stage *parent, struct slip_stage *out, bool *ours,
                           struct slip_error *err)
{
    const struct slip_stage_digest *stage = &m->digest->stages[1];
    SLIP_AUTO(slip_stage_label_list) labels = { 0 };
    SLIP_AUTO(slip_buf) config = SLIP_BUF(SLIP_LIMIT_CONFIG_BLOB);
    SLIP_AUTO(slip_buf) version = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_generation_label(&slip_generation_2, m->options->tool_version, &version);
    struct slip_stage_facts facts = { .project = m->project->set.project,
                                      .version = slip_buf_str(&version),
                                      .content_digest = slip_str_of(stage->content),
                                      .parent_stage_id = slip_str_of(parent->tag),
                                      .parent_config = slip_str_of(parent->config_digest) };
    slip_stage_labels(&facts, &labels);
    struct slip_image_spec_input in = { .spec = &m->image->image_spec,
                                        .project = m->project->set.project,
                                        .image = m->image->name,
                                        .labels = labels.at,
                                        .n_labels = labels.len };
    if (slip_image_spec_apply(slip_buf_str(&parent->stored.config), &in, &config, err) < 0)
        return -1;
    struct slip_publish publish = publication(m, subject, stage);
    publish.not_before_ms = parent->created_ms;
    publish.media_type = parent->stored.media_type;
    publish.manifest = slip_buf_str(&parent->stored.manifest);
    publish.config = slip_buf_str(&config);
    return slip_stage_publish(&publish, out, ours, err);
}

/* Look once more: what the level's lookup found of earlier stages was not kept. */
static int find_stage(const struct slip_make_stage *m, size_t index, int64_t not_before_ms,
                      bool *found, struct slip_stage *out, struct slip_error *err)
{
    struct slip_stage_find find = { .digest = m->digest->stages[index].digest,
                                    .not_before_ms = not_before_ms };
    if (slip_stages_find(m->stages, &find, 1) < 0) {
        *err = find.err;
        return -1;
    }
    *found = find.found;
    if (find.found)
        *out = find.stage;
    return 0;
}

int slip_make_stage(const struct slip_make_stage *m, struct slip_stage *out, bool *built,
                    struct slip_error *err)
{
    SLIP_AUTO_FREE char *subject = slip_memdup(m->image->name.ptr, m->image->name.len);
    SLIP_AUTO(slip_stage) parent = { 0 };
    *built = false;
    for (size_t i = 0; i < m->digest->n_stages; i++) {
        SLIP_AUTO(slip_stage) stage = { 0 };
        bool found, ours = false;
        if (find_stage(m, i, parent.created_ms, &found, &stage, err) < 0)
            return -1;
        if (!found
            && (i == 0 ? make_dockerfile_stage(m, subject, &stage, &ours, err)
                       : make_spec_stage(m, subject, &parent, &stage, &ours, err))
                   < 0)
            return -1;
        if (!found)
            slip_watch_step(m->options->watch, subject, "%s %s:%s",
                            ours ? "published" : "another build was first, using", m->store->name,
                            stage.tag);
        *built |= ours;
        slip_stage_clear(&parent);
        parent = stage;
        stage = (struct slip_stage){ 0 };
    }
    slip_stage_clear(out);
    *out = parent;
    parent = (struct slip_stage){ 0 };
    return 0;
}
