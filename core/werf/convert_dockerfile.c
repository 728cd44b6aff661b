/* SPDX-License-Identifier: Apache-2.0 */
/* Dockerfile images (werf-config.md A.7). */
#include "werf/convert.h"

#include "base/path.h"

/* The directory itself is "". */
static struct slip_str clean_path(struct slip_convert *c, struct slip_str path)
{
    struct slip_str clean = slip_convert_path(c, path);
    return slip_str_is(clean, ".") ? SLIP_STR("") : clean;
}

static int check_paths(struct slip_convert *c, const struct slip_raw_dockerfile *raw)
{
    if (!slip_path_is_inside(raw->context))
        return slip_decode_fail(&c->d, raw->where,
                                "`context: PATH` should be relative to project directory!");
    if (!slip_path_is_inside(raw->dockerfile))
        return slip_decode_fail(&c->d, raw->where,
                                "`dockerfile: PATH` required and should be relative to context!");
    return 0;
}

static int accept_added_file(struct slip_convert *c, const struct slip_raw_dockerfile *raw,
                             struct slip_str path)
{
    const struct slip_giterminism *g = c->o->giterminism;
    bool accepted;
    SLIP_AUTO(slip_buf) full = SLIP_BUF(SIZE_MAX);
    slip_path_join(raw->context, path, &full);
    if (slip_giterminism_accepts(&g->context_add_files, slip_buf_str(&full), &accepted, c->d.err)
        < 0)
        return -1;
    if (accepted || g->allow_all)
        return 0;
    slip_decode_fail(&c->d, raw->where, "contextAddFile \"%s\" not allowed by giterminism",
                     full.ptr);
    return slip_convert_advise_to_allow(c, "config.dockerfile.allowContextAddFiles");
}

static int check_added_files(struct slip_convert *c, const struct slip_raw_dockerfile *raw,
                             const struct slip_raw_list *files)
{
    const struct slip_str *at = files->at;
    for (size_t i = 0; i < files->len; i++)
        if (!slip_path_is_inside(at[i]))
            return slip_decode_fail(&c->d, raw->where,
                                    "`contextAddFiles: [PATH, ...]|PATH` each path should be "
                                    "relative to context!");
    for (size_t i = 0; i < files->len; i++)
        if (accept_added_file(c, raw, at[i]) < 0)
            return -1;
    return 0;
}

static int take_added_files(struct slip_convert *c, const struct slip_raw_dockerfile *raw,
                            struct slip_image *out)
{
    if (raw->context_add_files.len && raw->context_add_file.len)
        return slip_decode_fail(&c->d, raw->where,
                                "only one out of contextAddFiles and contextAddFile directives "
                                "can be used at a time");
    const struct slip_raw_list *files =
        raw->context_add_files.len ? &raw->context_add_files : &raw->context_add_file;
    if (check_added_files(c, raw, files) < 0)
        return -1;
    out->context_add_files = slip_convert_list(c, files);
    return 0;
}

static int refuse_args_set_twice(struct slip_convert *c, const struct slip_raw_dockerfile *raw,
                                 const struct slip_image *image)
{
    for (size_t i = 0; i < image->n_dependencies; i++) {
        const struct slip_dependency *d = &image->dependencies[i];
        for (size_t k = 0; k < d->n_imports; k++)
            for (size_t n = 0; n < image->args.len; n++)
                if (slip_str_eq(image->args.at[n].key, d->imports[k].target))
                    return slip_decode_fail(&c->d, raw->where,
                                            "build argument '%.*s' is set by `args` and by a "
                                            "dependency",
                                            SLIP_ARG(d->imports[k].target));
    }
    return 0;
}

/* The key alone decides whether an image speaks for itself: `staged: ~` is no. */
static bool is_staged(const struct slip_convert *c, const struct slip_raw_dockerfile *raw)
{
    if (c->o->force_staged)
        return true;
    if (slip_value_get(raw->where, "staged"))
        return raw->staged == SLIP_YES;
    return c->meta->build && c->meta->build->staged == SLIP_YES;
}

static void take_plain_fields(struct slip_convert *c, const struct slip_raw_dockerfile *raw,
                              struct slip_image *out)
{
    out->final = raw->final != SLIP_NO;
    out->dockerfile = slip_convert_str(c, raw->dockerfile); /* its text goes into ignore patterns */
    out->context = clean_path(c, raw->context);
    out->target = slip_convert_str(c, raw->target);
    out->args = slip_convert_args(c, &raw->args);
    out->add_host = slip_convert_list(c, &raw->add_host);
    out->network = slip_convert_str(c, raw->network);
    out->ssh = slip_convert_str(c, raw->ssh);
    slip_convert_defaults(c, raw->cache_version, &raw->platform, out);
}

int slip_convert_dockerfile(struct slip_convert *c, const struct slip_draft *draft,
                            struct slip_image *out)
{
    const struct slip_raw_dockerfile *raw = draft->dockerfile;
    out->kind = is_staged(c, raw) ? SLIP_IMAGE_STAGED : SLIP_IMAGE_DOCKERFILE;
    take_plain_fields(c, raw, out);
    if (slip_convert_dependencies(c, &raw->dependencies, false, out) < 0
        || slip_convert_secrets(c, &raw->secrets, out) < 0 || check_paths(c, raw) < 0
        || take_added_files(c, raw, out) < 0 || refuse_args_set_twice(c, raw, out) < 0)
        return -1;
    if (out->kind == SLIP_IMAGE_DOCKERFILE) /* a staged image has no such stage */
        slip_convert_image_spec(c, raw->image_spec, out);
    return 0;
}
