/* SPDX-License-Identifier: Apache-2.0 */
/* Image configs, manifests and indexes as werf writes them again. */
#include "export/rewrite.h"

#include "base/limits.h"
#include "base/mem.h"
#include "registry/image_types.h"
#include "registry/index.h"
#include "registry/media.h"

void slip_content_clear(struct slip_content *c)
{
    for (size_t i = 0; i < c->n_children; i++)
        slip_content_clear(&c->children[i]);
    slip_arena_clear(&c->arena);
    *c = (struct slip_content){ 0 };
}

static void move_content(struct slip_content *to, struct slip_content *from)
{
    slip_content_clear(to);
    *to = *from;
    *from = (struct slip_content){ 0 };
}

/* Write `v` into the arena; it is at most a little larger than what was read. */
static int print(struct slip_arena *arena, const struct slip_go_type *type, struct slip_go *v,
                 struct slip_str *out, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(8 * SLIP_LIMIT_CONFIG_BLOB);
    if (slip_go_write(type, v, &text, err) < 0)
        return -1;
    if (text.full)
        return slip_fail(err, SLIP_E_REGISTRY, "the rewritten text is too large");
    *out = slip_arena_str(arena, slip_buf_str(&text));
    return 0;
}

static bool is_werfs(struct slip_str key)
{
    return slip_str_starts(key, SLIP_STR("werf"));
}

static void add_all(struct slip_arena *arena, struct slip_go *map, const struct slip_labels *pairs)
{
    for (size_t i = 0; pairs && i < pairs->len; i++)
        slip_go_map_add(arena, map, pairs->at[i].key, pairs->at[i].value);
}

/* werf's labels go, then others come: those may begin with "werf" again. */
static void change_labels(struct slip_arena *arena, struct slip_go *config,
                          const struct slip_labels *labels)
{
    struct slip_go *r = slip_go_field(arena, &slip_config_type, config, SLIP_CONFIG_RUN);
    struct slip_go *map_value = slip_go_field(arena, &slip_config_run_type, r, SLIP_RUN_LABELS);
    struct slip_go_pairs *m = &map_value->map;
    size_t len = 0;
    for (size_t i = 0; i < m->len; i++)
        if (!is_werfs(m->at[i].key))
            m->at[len++] = m->at[i];
    m->len = len;
    add_all(arena, map_value, labels);
}

/* werf pairs layers and diff ids, and gives up when their numbers differ. */
static int check_diff_ids(struct slip_arena *arena, struct slip_go *config, size_t layers,
                          struct slip_error *err)
{
    struct slip_go *fs = slip_go_field(arena, &slip_config_type, config, SLIP_CONFIG_ROOTFS);
    size_t n = slip_go_field(arena, &slip_rootfs_type, fs, SLIP_ROOTFS_DIFF_IDS)->list.len;
    if (n && n != layers)
        return slip_fail(err, SLIP_E_REGISTRY, "the manifest has %zu layers, the config %zu",
                         layers, n);
    return 0;
}

static struct slip_str config_text(struct slip_content *out, struct slip_doc *doc,
                                   struct slip_go *config, size_t index)
{
    return slip_arena_str(&out->arena,
                          slip_go_field(&doc->arena, &slip_config_type, config, index)->text);
}

static int rewrite_config(struct slip_str text, const struct slip_labels *labels, size_t layers,
                          struct slip_content *out, struct slip_error *err)
{
    SLIP_AUTO(slip_doc) doc = { 0 };
    struct slip_go v = { 0 };
    if (slip_image_read_as(&slip_config_type, text, "config", &doc, &v, err) < 0
        || check_diff_ids(&doc.arena, &v, layers, err) < 0)
        return -1;
    change_labels(&doc.arena, &v, labels);
    if (slip_index_platform(&out->arena, &v, &out->platform, err) < 0
        || print(&out->arena, &slip_config_type, &v, &out->config, err) < 0)
        return slip_while(err, "write the config");
    out->os = config_text(out, &doc, &v, SLIP_CONFIG_OS);
    out->arch = config_text(out, &doc, &v, SLIP_CONFIG_ARCHITECTURE);
    out->variant = config_text(out, &doc, &v, SLIP_CONFIG_VARIANT);
    slip_digest_of(out->config, out->config_digest);
    return 0;
}

static int rewrite_manifest(struct slip_str text, const struct slip_labels *annotations,
                            struct slip_content *out, struct slip_error *err)
{
    SLIP_AUTO(slip_doc) doc = { 0 };
    struct slip_go v = { 0 };
    if (slip_image_read_as(&slip_manifest_type, text, "manifest", &doc, &v, err) < 0)
        return -1;
    struct slip_go *config =
        slip_go_field(&doc.arena, &slip_manifest_type, &v, SLIP_MANIFEST_CONFIG);
    struct slip_go *data =
        slip_go_field(&doc.arena, &slip_descriptor_type, config, SLIP_DESCRIPTOR_DATA);
    slip_go_field(&doc.arena, &slip_descriptor_type, config, SLIP_DESCRIPTOR_DIGEST)->text =
        slip_str_of(out->config_digest);
    slip_go_field(&doc.arena, &slip_descriptor_type, config, SLIP_DESCRIPTOR_SIZE)->number =
        (int64_t)out->config.len;
    if (data->set)
        data->text = out->config;
    add_all(&doc.arena,
            slip_go_field(&doc.arena, &slip_manifest_type, &v, SLIP_MANIFEST_ANNOTATIONS),
            annotations);
    if (print(&out->arena, &slip_manifest_type, &v, &out->manifest, err) < 0)
        return slip_while(err, "write the manifest");
    slip_digest_of(out->manifest, out->digest);
    return 0;
}

static void keep_layers(const struct slip_parts *p, struct slip_content *out)
{
    out->layers = slip_arena_array(&out->arena, p->n, sizeof(*out->layers));
    for (size_t i = 0; i < p->n; i++) {
        const struct slip_descriptor *l = &p->list[i];
        if (slip_media_is_foreign_layer(l->media_type))
            continue;
        out->layers[out->n_layers++] = (struct slip_descriptor){
            .media_type = slip_arena_str(&out->arena, l->media_type),
            .digest = slip_arena_strdup(&out->arena, slip_str_of(l->digest)),
            .size = l->size,
        };
    }
}

/* "os/architecture[/variant]"; a variant that is not named may be any. */
static bool is_platform(const struct slip_content *c, struct slip_str wanted)
{
    struct slip_str os, arch, variant;
    slip_str_cut(wanted, '/', &os, &arch);
    slip_str_cut(arch, '/', &arch, &variant);
    return slip_str_eq(c->os, os) && slip_str_eq(c->arch, arch)
           && (variant.len == 0 || slip_str_eq(c->variant, variant));
}

static bool is_wanted(const struct slip_content *c, const struct slip_rewrite *how)
{
    for (size_t i = 0; i < how->n_platforms; i++)
        if (is_platform(c, how->platforms[i]))
            return true;
    return how->n_platforms == 0;
}

static int fail_platforms(const struct slip_rewrite *how, struct slip_error *err)
{
    return slip_fail(err, SLIP_E_CONFIG, "the image has no platform '%.*s'%s",
                     SLIP_ARG(how->platforms[0]), how->n_platforms > 1 ? " and no other one" : "");
}

static int rewrite_image(const struct slip_stored *source, const struct slip_rewrite *how,
                         const struct slip_parts *parts, struct slip_content *out,
                         struct slip_error *err)
{
    out->media_type = slip_arena_strdup(&out->arena, slip_str_of(source->media_type));
    keep_layers(parts, out);
    if (rewrite_config(slip_buf_str(&source->config), how->labels, parts->n, out, err) < 0
        || rewrite_manifest(slip_buf_str(&source->manifest), how->annotations, out, err) < 0)
        return -1;
    return is_wanted(out, how) ? 0 : fail_platforms(how, err);
}

static int rewrite(const struct slip_stored *source, const struct slip_rewrite *how,
                   struct slip_content *out, struct slip_error *err);

/* The children that are wanted; `last` is the place of the last one in the source. */
static int rewrite_children(const struct slip_stored *source, const struct slip_rewrite *how,
                            struct slip_content *out, size_t *last, struct slip_error *err)
{
    const struct slip_rewrite each = { .labels = how->labels };
    out->children = slip_arena_array(&out->arena, source->n_children, sizeof(*out->children));
    for (size_t i = 0; i < source->n_children; i++) {
        SLIP_AUTO(slip_content) child = { 0 };
        if (rewrite(&source->children[i], &each, &child, err) < 0)
            return slip_while(err, "%s", source->children[i].digest);
        if (!is_wanted(&child, how))
            continue;
        *last = i;
        move_content(&out->children[out->n_children++], &child);
    }
    return how->n_platforms && out->n_children == 0 ? fail_platforms(how, err) : 0;
}

/* The text of an index over `out->children`. */
static int print_index(const struct slip_rewrite *how, struct slip_content *out,
                       struct slip_error *err)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_MANIFEST);
    struct slip_go annotations = { 0 };
    struct slip_str annotations_text = SLIP_STR("");
    add_all(&out->arena, &annotations, how->annotations);
    if (annotations.set
        && print(&out->arena, &slip_string_map_type, &annotations, &annotations_text, err) < 0)
        return -1;
    slip_index_begin(&text);
    for (size_t i = 0; i < out->n_children; i++)
        slip_index_add(&text, out->children[i].media_type, out->children[i].manifest.len,
                       out->children[i].digest, out->children[i].platform);
    if (slip_index_end(&text, annotations_text, err) < 0)
        return -1;
    out->media_type = SLIP_MEDIA_DOCKER_LIST;
    out->manifest = slip_arena_str(&out->arena, slip_buf_str(&text));
    slip_digest_of(out->manifest, out->digest);
    return 0;
}

static int rewrite_index(const struct slip_stored *source, const struct slip_rewrite *how,
                         struct slip_content *out, struct slip_error *err)
{
    size_t last = 0;
    if (rewrite_children(source, how, out, &last, err) < 0)
        return -1;
    if (!how->n_platforms || out->n_children > 1)
        return print_index(how, out, err);
    slip_content_clear(out);
    return rewrite(&source->children[last], how, out, err);
}

static int rewrite(const struct slip_stored *source, const struct slip_rewrite *how,
                   struct slip_content *out, struct slip_error *err)
{
    SLIP_AUTO(slip_parts) parts = { 0 };
    if (slip_parts_read(slip_str_of(source->media_type), slip_buf_str(&source->manifest), &parts,
                        err)
        < 0)
        return -1;
    return parts.is_index ? rewrite_index(source, how, out, err)
                          : rewrite_image(source, how, &parts, out, err);
}

int slip_rewrite(const struct slip_stored *source, const struct slip_rewrite *how,
                 struct slip_content *out, struct slip_error *err)
{
    SLIP_AUTO(slip_content) content = { 0 };
    if (rewrite(source, how, &content, err) < 0)
        return -1;
    move_content(out, &content);
    return 0;
}
