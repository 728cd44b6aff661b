/* SPDX-License-Identifier: Apache-2.0 */
/* Image configs, manifests and indexes as werf writes them again. */
#include "export/rewrite.h"

#include "base/limits.h"
#include "base/mem.h"
#include "export/go_struct.h"
#include "hash/hash.h"
#include "registry/media.h"
#include "value/json.h"

/* --- the structs of go-containerregistry 0.19 --- */

#define TYPE(n, k) static const struct slip_go_type n = { .kind = (k) }
#define LIST(n, e) static const struct slip_go_type n = { .kind = SLIP_GO_LIST, .element = &(e) }
#define POINTER(n, e)                                                                              \
    static const struct slip_go_type n = { .kind = SLIP_GO_POINTER, .element = &(e) }
#define STRUCT(n, f)                                                                               \
    static const struct slip_go_type n = { .kind = SLIP_GO_STRUCT,                                 \
                                           .fields = (f),                                          \
                                           .n_fields = SLIP_COUNT(f) }
#define OE SLIP_GO_OMIT_EMPTY

TYPE(string, SLIP_GO_STRING);
TYPE(boolean, SLIP_GO_BOOL);
TYPE(integer, SLIP_GO_INT);
TYPE(time_type, SLIP_GO_TIME);
TYPE(hash, SLIP_GO_HASH);
TYPE(base64, SLIP_GO_BASE64);
TYPE(map, SLIP_GO_MAP);
TYPE(set, SLIP_GO_SET);
LIST(strings, string);
LIST(hashes, hash);

/* clang-format off */
static const struct slip_go_field health_fields[] = {
    { "Test",        &strings, OE },
    { "Interval",    &integer, OE },
    { "Timeout",     &integer, OE },
    { "StartPeriod", &integer, OE },
    { "Retries",     &integer, OE },
};
STRUCT(health, health_fields);
POINTER(health_pointer, health);

enum { RUN_LABELS = 10 };
static const struct slip_go_field run_fields[] = {
    { "AttachStderr",    &boolean, OE },
    { "AttachStdin",     &boolean, OE },
    { "AttachStdout",    &boolean, OE },
    { "Cmd",             &strings, OE },
    { "Healthcheck",     &health_pointer, OE },
    { "Domainname",      &string,  OE },
    { "Entrypoint",      &strings, OE },
    { "Env",             &strings, OE },
    { "Hostname",        &string,  OE },
    { "Image",           &string,  OE },
    [RUN_LABELS] =
    { "Labels",          &map,     OE },
    { "OnBuild",         &strings, OE },
    { "OpenStdin",       &boolean, OE },
    { "StdinOnce",       &boolean, OE },
    { "Tty",             &boolean, OE },
    { "User",            &string,  OE },
    { "Volumes",         &set,     OE },
    { "WorkingDir",      &string,  OE },
    { "ExposedPorts",    &set,     OE },
    { "ArgsEscaped",     &boolean, OE },
    { "NetworkDisabled", &boolean, OE },
    { "MacAddress",      &string,  OE },
    { "StopSignal",      &string,  OE },
    { "Shell",           &strings, OE },
};
STRUCT(run, run_fields);

static const struct slip_go_field history_fields[] = {
    { "author",      &string,    OE },
    { "created",     &time_type, 0  },
    { "created_by",  &string,    OE },
    { "comment",     &string,    OE },
    { "empty_layer", &boolean,   OE },
};
STRUCT(history, history_fields);
LIST(histories, history);

enum { ROOTFS_DIFF_IDS = 1 };
static const struct slip_go_field rootfs_fields[] = {
    { "type", &string, 0 },
    [ROOTFS_DIFF_IDS] =
    { "diff_ids", &hashes, 0 },
};
STRUCT(rootfs, rootfs_fields);

enum { CONFIG_ARCHITECTURE = 0, CONFIG_OS = 6, CONFIG_ROOTFS, CONFIG_RUN, CONFIG_OS_VERSION,
       CONFIG_VARIANT, CONFIG_OS_FEATURES };
static const struct slip_go_field config_fields[] = {
    [CONFIG_ARCHITECTURE] =
    { "architecture",   &string,    0  },
    { "author",         &string,    OE },
    { "container",      &string,    OE },
    { "created",        &time_type, 0  },
    { "docker_version", &string,    OE },
    { "history",        &histories, OE },
    [CONFIG_OS] =
    { "os",             &string,    0  },
    [CONFIG_ROOTFS] =
    { "rootfs",         &rootfs,    0  },
    [CONFIG_RUN] =
    { "config",         &run,       0  },
    [CONFIG_OS_VERSION] =
    { "os.version",     &string,    OE },
    [CONFIG_VARIANT] =
    { "variant",        &string,    OE },
    [CONFIG_OS_FEATURES] =
    { "os.features",    &strings,   OE },
};
STRUCT(config_type, config_fields);

enum { PLATFORM_ARCHITECTURE, PLATFORM_OS, PLATFORM_OS_VERSION, PLATFORM_OS_FEATURES,
       PLATFORM_VARIANT };
static const struct slip_go_field platform_fields[] = {
    [PLATFORM_ARCHITECTURE] = { "architecture", &string,  0  },
    [PLATFORM_OS]           = { "os",           &string,  0  },
    [PLATFORM_OS_VERSION]   = { "os.version",   &string,  OE },
    [PLATFORM_OS_FEATURES]  = { "os.features",  &strings, OE },
    [PLATFORM_VARIANT]      = { "variant",      &string,  OE },
    { "features", &strings, OE },
};
STRUCT(platform, platform_fields);
POINTER(platform_pointer, platform);

enum { DESCRIPTOR_MEDIA_TYPE, DESCRIPTOR_SIZE, DESCRIPTOR_DIGEST, DESCRIPTOR_DATA };
static const struct slip_go_field descriptor_fields[] = {
    [DESCRIPTOR_MEDIA_TYPE] = { "mediaType", &string,  0  },
    [DESCRIPTOR_SIZE]       = { "size",      &integer, 0  },
    [DESCRIPTOR_DIGEST]     = { "digest",    &hash,    0  },
    [DESCRIPTOR_DATA]       = { "data",      &base64,  OE },
    { "urls",         &strings,          OE },
    { "annotations",  &map,              OE },
    { "platform",     &platform_pointer, OE },
    { "artifactType", &string,           OE },
};
STRUCT(descriptor, descriptor_fields);
POINTER(descriptor_pointer, descriptor);
LIST(descriptors, descriptor);

enum { MANIFEST_CONFIG = 2, MANIFEST_LAYERS = 3 };
static const struct slip_go_field manifest_fields[] = {
    { "schemaVersion", &integer,            0  },
    { "mediaType",     &string,             OE },
    [MANIFEST_CONFIG] =
    { "config",        &descriptor,         0  },
    [MANIFEST_LAYERS] =
    { "layers",        &descriptors,        0  },
    { "annotations",   &map,                OE },
    { "subject",       &descriptor_pointer, SLIP_GO_READ_ONLY },
};
STRUCT(manifest_type, manifest_fields);

enum { INDEX_MANIFESTS = 2 };
static const struct slip_go_field index_fields[] = {
    { "schemaVersion", &integer,            0  },
    { "mediaType",     &string,             OE },
    [INDEX_MANIFESTS] =
    { "manifests",     &descriptors,        0  },
    { "annotations",   &map,                OE },
    { "subject",       &descriptor_pointer, SLIP_GO_READ_ONLY },
};
STRUCT(index_type, index_fields);
/* clang-format on */

/* --- reading --- */

void slip_parts_clear(struct slip_parts *p)
{
    slip_arena_clear(&p->arena);
    *p = (struct slip_parts){ 0 };
}

/* What follows the first value does not count. Nodes live in the arena of `doc`. */
static int read_as(const struct slip_go_type *type, struct slip_str text, const char *name,
                   struct slip_doc *doc, struct slip_go *out, struct slip_error *err)
{
    if (slip_json_read(text, NULL, SLIP_JSON_FIRST_VALUE, doc, err) < 0
        || slip_go_read(&doc->arena, type, doc->root, out, err) < 0)
        return slip_while(err, "read the %s", name);
    return 0;
}

static int copy_descriptor(struct slip_arena *arena, struct slip_go *v, struct slip_descriptor *out,
                           struct slip_error *err)
{
    struct slip_str digest = slip_go_field(arena, &descriptor, v, DESCRIPTOR_DIGEST)->text;
    if (digest.len == 0)
        return slip_fail(err, SLIP_E_REGISTRY, "a descriptor without digest");
    out->digest = slip_arena_strdup(arena, digest);
    out->size = slip_go_field(arena, &descriptor, v, DESCRIPTOR_SIZE)->number;
    out->media_type =
        slip_arena_str(arena, slip_go_field(arena, &descriptor, v, DESCRIPTOR_MEDIA_TYPE)->text);
    return 0;
}

static int copy_descriptors(struct slip_arena *arena, struct slip_go *v, struct slip_parts *out,
                            struct slip_error *err)
{
    out->n = v->list.len;
    out->list = slip_arena_array(arena, out->n, sizeof(*out->list));
    for (size_t i = 0; i < out->n; i++)
        if (copy_descriptor(arena, &v->list.at[i], &out->list[i], err) < 0)
            return -1;
    return 0;
}

static int copy_image_parts(struct slip_arena *arena, struct slip_go *v, struct slip_parts *out,
                            struct slip_error *err)
{
    struct slip_go *config = slip_go_field(arena, &manifest_type, v, MANIFEST_CONFIG);
    struct slip_go *data = slip_go_field(arena, &descriptor, config, DESCRIPTOR_DATA);
    out->has_config_data = data->set;
    out->config_data = slip_arena_str(arena, data->text);
    if (copy_descriptor(arena, config, &out->config, err) < 0)
        return -1;
    return copy_descriptors(arena, slip_go_field(arena, &manifest_type, v, MANIFEST_LAYERS), out,
                            err);
}

static int check_children(const struct slip_parts *p, struct slip_error *err)
{
    if (p->n > SLIP_INDEX_CHILDREN)
        return slip_fail(err, SLIP_E_REGISTRY, "an index of more than %d manifests",
                         SLIP_INDEX_CHILDREN);
    for (size_t i = 0; i < p->n; i++)
        if (!slip_media_is_manifest(p->list[i].media_type)
            && !slip_media_is_index(p->list[i].media_type))
            return slip_fail(err, SLIP_E_REGISTRY, "unsupported media type '%.*s' in an index",
                             SLIP_ARG(p->list[i].media_type));
    return 0;
}

int slip_parts_read(struct slip_str media_type, struct slip_str body, struct slip_parts *out,
                    struct slip_error *err)
{
    SLIP_AUTO(slip_parts) parts = { .is_index = slip_media_is_index(media_type) };
    SLIP_AUTO(slip_doc) doc = { 0 };
    struct slip_go v = { 0 };
    if (!parts.is_index && !slip_media_is_manifest(media_type))
        return slip_fail(err, SLIP_E_REGISTRY, "unsupported media type '%.*s'",
                         SLIP_ARG(media_type));
    if (read_as(parts.is_index ? &index_type : &manifest_type, body,
                parts.is_index ? "index" : "manifest", &doc, &v, err)
        < 0)
        return -1;
    if (parts.is_index) {
        struct slip_go *list = slip_go_field(&doc.arena, &index_type, &v, INDEX_MANIFESTS);
        if (copy_descriptors(&parts.arena, list, &parts, err) < 0
            || check_children(&parts, err) < 0)
            return -1;
    } else if (copy_image_parts(&parts.arena, &v, &parts, err) < 0) {
        return -1;
    }
    slip_parts_clear(out);
    *out = parts;
    parts = (struct slip_parts){ 0 };
    return 0;
}

void slip_source_clear(struct slip_source *s)
{
    for (size_t i = 0; i < s->n_children; i++)
        slip_source_clear(&s->children[i]);
    slip_free(s->children);
    slip_buf_clear(&s->manifest);
    slip_buf_clear(&s->config);
    *s = (struct slip_source){ 0 };
}

/* --- writing --- */

void slip_content_clear(struct slip_content *c)
{
    for (size_t i = 0; i < c->n_children; i++)
        slip_content_clear(&c->children[i]);
    slip_arena_clear(&c->arena);
    *c = (struct slip_content){ 0 };
}

void slip_content_move(struct slip_content *to, struct slip_content *from)
{
    slip_content_clear(to);
    *to = *from;
    *from = (struct slip_content){ 0 };
}

static void digest_of(struct slip_str content, char digest[SLIP_DIGEST_LEN + 1])
{
    memcpy(digest, "sha256:", 8);
    slip_hash_hex(SLIP_HASH_SHA256, content, digest + 7);
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

/* werf's labels go, then others come: those may begin with "werf" again. */
static void change_labels(struct slip_arena *arena, struct slip_go *config,
                          const struct slip_labels *labels)
{
    struct slip_go *r = slip_go_field(arena, &config_type, config, CONFIG_RUN);
    struct slip_go *map_value = slip_go_field(arena, &run, r, RUN_LABELS);
    struct slip_go_pairs *m = &map_value->map;
    size_t len = 0;
    for (size_t i = 0; i < m->len; i++)
        if (!is_werfs(m->at[i].key))
            m->at[len++] = m->at[i];
    m->len = len;
    for (size_t i = 0; labels && i < labels->len; i++)
        slip_go_map_add(arena, map_value, labels->at[i].key, labels->at[i].value);
}

/* The platform object of a config, or nothing when all of it is empty. */
static int print_platform(struct slip_arena *arena, struct slip_go *config, struct slip_str *out,
                          struct slip_error *err)
{
    static const unsigned char pairs[][2] = { { CONFIG_ARCHITECTURE, PLATFORM_ARCHITECTURE },
                                              { CONFIG_OS, PLATFORM_OS },
                                              { CONFIG_OS_VERSION, PLATFORM_OS_VERSION },
                                              { CONFIG_VARIANT, PLATFORM_VARIANT } };
    struct slip_go p = { 0 };
    struct slip_go features = *slip_go_field(arena, &config_type, config, CONFIG_OS_FEATURES);
    bool any = features.list.len > 0;
    for (size_t i = 0; i < SLIP_COUNT(pairs); i++) {
        struct slip_go *from = slip_go_field(arena, &config_type, config, pairs[i][0]);
        *slip_go_field(arena, &platform, &p, pairs[i][1]) = *from;
        any |= from->text.len > 0;
    }
    *slip_go_field(arena, &platform, &p, PLATFORM_OS_FEATURES) = features;
    *out = SLIP_STR("");
    return any ? print(arena, &platform, &p, out, err) : 0;
}

/* werf pairs layers and diff ids, and gives up when their numbers differ. */
static int check_diff_ids(struct slip_arena *arena, struct slip_go *config, size_t layers,
                          struct slip_error *err)
{
    struct slip_go *fs = slip_go_field(arena, &config_type, config, CONFIG_ROOTFS);
    size_t n = slip_go_field(arena, &rootfs, fs, ROOTFS_DIFF_IDS)->list.len;
    if (n && n != layers)
        return slip_fail(err, SLIP_E_REGISTRY, "the manifest has %zu layers, the config %zu",
                         layers, n);
    return 0;
}

static int rewrite_config(struct slip_str text, const struct slip_labels *labels, size_t layers,
                          struct slip_content *out, struct slip_error *err)
{
    SLIP_AUTO(slip_doc) doc = { 0 };
    struct slip_go v = { 0 };
    if (read_as(&config_type, text, "config", &doc, &v, err) < 0
        || check_diff_ids(&doc.arena, &v, layers, err) < 0)
        return -1;
    change_labels(&doc.arena, &v, labels);
    if (print_platform(&doc.arena, &v, &out->platform, err) < 0
        || print(&out->arena, &config_type, &v, &out->config, err) < 0)
        return slip_while(err, "write the config");
    out->platform = slip_arena_str(&out->arena, out->platform);
    digest_of(out->config, out->config_digest);
    return 0;
}

static int rewrite_manifest(struct slip_str text, struct slip_content *out, struct slip_error *err)
{
    SLIP_AUTO(slip_doc) doc = { 0 };
    struct slip_go v = { 0 };
    if (read_as(&manifest_type, text, "manifest", &doc, &v, err) < 0)
        return -1;
    struct slip_go *config = slip_go_field(&doc.arena, &manifest_type, &v, MANIFEST_CONFIG);
    struct slip_go *data = slip_go_field(&doc.arena, &descriptor, config, DESCRIPTOR_DATA);
    slip_go_field(&doc.arena, &descriptor, config, DESCRIPTOR_DIGEST)->text =
        slip_str_of(out->config_digest);
    slip_go_field(&doc.arena, &descriptor, config, DESCRIPTOR_SIZE)->number =
        (int64_t)out->config.len;
    if (data->set)
        data->text = out->config;
    if (print(&out->arena, &manifest_type, &v, &out->manifest, err) < 0)
        return slip_while(err, "write the manifest");
    digest_of(out->manifest, out->digest);
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

static int rewrite_image(const struct slip_source *source, const struct slip_labels *labels,
                         const struct slip_parts *parts, struct slip_content *out,
                         struct slip_error *err)
{
    out->media_type = slip_arena_strdup(&out->arena, slip_str_of(source->media_type));
    keep_layers(parts, out);
    return rewrite_config(slip_buf_str(&source->config), labels, parts->n, out, err) < 0
               ? -1
               : rewrite_manifest(slip_buf_str(&source->manifest), out, err);
}

/* --- indexes --- */

static void begin_index(struct slip_buf *out)
{
    slip_buf_add_c(out, "{\"schemaVersion\":2,\"mediaType\":\"" SLIP_MEDIA_DOCKER_LIST
                        "\",\"manifests\":[");
}

static void add_child(struct slip_buf *out, const char *media_type, size_t size, const char *digest,
                      struct slip_str platform_text)
{
    if (out->ptr[out->len - 1] != '[')
        slip_buf_add_char(out, ',');
    slip_buf_add_c(out, "{\"mediaType\":");
    slip_json_add_string(out, slip_str_of(media_type), SLIP_JSON_HTML);
    slip_buf_add_fmt(out, ",\"size\":%zu,\"digest\":\"%s\"", size, digest);
    if (platform_text.len) {
        slip_buf_add_c(out, ",\"platform\":");
        slip_buf_add_str(out, platform_text);
    }
    slip_buf_add_char(out, '}');
}

static int end_index(struct slip_buf *text, struct slip_content *out, struct slip_error *err)
{
    slip_buf_add_c(text, "]}");
    if (text->full)
        return slip_fail(err, SLIP_E_REGISTRY, "the index is too large");
    out->media_type = SLIP_MEDIA_DOCKER_LIST;
    out->manifest = slip_arena_str(&out->arena, slip_buf_str(text));
    digest_of(out->manifest, out->digest);
    return 0;
}

static int rewrite_index(const struct slip_source *source, const struct slip_labels *labels,
                         struct slip_content *out, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_MANIFEST);
    out->n_children = source->n_children;
    out->children = slip_arena_array(&out->arena, out->n_children, sizeof(*out->children));
    begin_index(&text);
    for (size_t i = 0; i < source->n_children; i++) {
        struct slip_content *child = &out->children[i];
        if (slip_rewrite(&source->children[i], labels, child, err) < 0)
            return slip_while(err, "%s", source->children[i].digest);
        add_child(&text, child->media_type, child->manifest.len, child->digest, child->platform);
    }
    return end_index(&text, out, err);
}

int slip_rewrite(const struct slip_source *source, const struct slip_labels *labels,
                 struct slip_content *out, struct slip_error *err)
{
    SLIP_AUTO(slip_content) content = { 0 };
    SLIP_AUTO(slip_parts) parts = { 0 };
    if (slip_parts_read(slip_str_of(source->media_type), slip_buf_str(&source->manifest), &parts,
                        err)
        < 0)
        return -1;
    if ((parts.is_index ? rewrite_index(source, labels, &content, err)
                        : rewrite_image(source, labels, &parts, &content, err))
        < 0)
        return -1;
    slip_content_move(out, &content);
    return 0;
}

int slip_index_assemble(const struct slip_index_child *children, size_t n, struct slip_content *out,
                        struct slip_error *err)
{
    SLIP_AUTO(slip_content) content = { 0 };
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_MANIFEST);
    begin_index(&text);
    for (size_t i = 0; i < n; i++) {
        SLIP_AUTO(slip_doc) doc = { 0 };
        struct slip_go v = { 0 };
        struct slip_str platform_text;
        if (read_as(&config_type, children[i].config, "config", &doc, &v, err) < 0
            || print_platform(&doc.arena, &v, &platform_text, err) < 0)
            return slip_while(err, "%s", children[i].digest);
        add_child(&text, children[i].media_type, children[i].size, children[i].digest,
                  platform_text);
    }
    if (end_index(&text, &content, err) < 0)
        return -1;
    slip_content_move(out, &content);
    return 0;
}
