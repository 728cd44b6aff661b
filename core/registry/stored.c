/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading images: one round for the manifests, one more per level of indexes, one for all configs.
 */
#include "registry/stored.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/vec.h"
#include "hash/hash.h"
#include "registry/image_types.h"
#include "registry/media.h"

void slip_digest_of(struct slip_str content, char digest[SLIP_DIGEST_LEN + 1])
{
    memcpy(digest, "sha256:", 8);
    slip_hash_hex(SLIP_HASH_SHA256, content, digest + 7);
}

bool slip_digest_is_valid(struct slip_str digest)
{
    if (digest.len != SLIP_DIGEST_LEN || !slip_str_starts(digest, SLIP_STR("sha256:")))
        return false;
    for (size_t i = 7; i < digest.len; i++)
        if ((digest.ptr[i] < '0' || digest.ptr[i] > '9')
            && (digest.ptr[i] < 'a' || digest.ptr[i] > 'f'))
            return false;
    return true;
}

/* --- what a manifest names --- */

void slip_parts_clear(struct slip_parts *p)
{
    slip_arena_clear(&p->arena);
    *p = (struct slip_parts){ 0 };
}

static int copy_descriptor(struct slip_arena *arena, struct slip_go *v, struct slip_descriptor *out,
                           struct slip_error *err)
{
    struct slip_str digest =
        slip_go_field(arena, &slip_descriptor_type, v, SLIP_DESCRIPTOR_DIGEST)->text;
    if (digest.len == 0)
        return slip_fail(err, SLIP_E_REGISTRY, "a descriptor without digest");
    out->digest = slip_arena_strdup(arena, digest);
    out->size = slip_go_field(arena, &slip_descriptor_type, v, SLIP_DESCRIPTOR_SIZE)->number;
    out->media_type = slip_arena_str(
        arena, slip_go_field(arena, &slip_descriptor_type, v, SLIP_DESCRIPTOR_MEDIA_TYPE)->text);
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
    struct slip_go *config = slip_go_field(arena, &slip_manifest_type, v, SLIP_MANIFEST_CONFIG);
    struct slip_go *data =
        slip_go_field(arena, &slip_descriptor_type, config, SLIP_DESCRIPTOR_DATA);
    out->has_config_data = data->set;
    out->config_data = slip_arena_str(arena, data->text);
    if (copy_descriptor(arena, config, &out->config, err) < 0)
        return -1;
    return copy_descriptors(
        arena, slip_go_field(arena, &slip_manifest_type, v, SLIP_MANIFEST_LAYERS), out, err);
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
    if (slip_image_read_as(parts.is_index ? &slip_index_type : &slip_manifest_type, body,
                           parts.is_index ? "index" : "manifest", &doc, &v, err)
        < 0)
        return -1;
    if (parts.is_index) {
        struct slip_go *list =
            slip_go_field(&doc.arena, &slip_index_type, &v, SLIP_INDEX_MANIFESTS);
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

void slip_stored_clear(struct slip_stored *s)
{
    for (size_t i = 0; i < s->n_children; i++)
        slip_stored_clear(&s->children[i]);
    slip_free(s->children);
    slip_buf_clear(&s->manifest);
    slip_buf_clear(&s->config);
    *s = (struct slip_stored){ 0 };
}

void slip_stored_copy(const struct slip_stored *from, struct slip_stored *to)
{
    *to = *from;
    to->children = NULL;
    to->n_children = 0;
    slip_buf_init(&to->manifest, from->manifest.limit);
    slip_buf_init(&to->config, from->config.limit);
    slip_buf_add_str(&to->manifest, slip_buf_str(&from->manifest));
    slip_buf_add_str(&to->config, slip_buf_str(&from->config));
}

/* --- reading many --- */

/* A manifest to be read, and a config. `item` is the image that they belong to. */
struct node {
    struct slip_stored *source;
    struct slip_stored_get *item;
    const char *identifier;
    char media_type[256]; /* of a child: what the index says; "" for the image itself */
};

struct config {
    struct slip_stored *source;
    struct slip_stored_get *item;
    char digest[SLIP_DIGEST_LEN + 1];
    int64_t size;
};

struct nodes {
    SLIP_VEC(struct node);
};

struct configs {
    SLIP_VEC(struct config);
};

static void nodes_clear(struct nodes *v)
{
    slip_vec_clear(v);
}
SLIP_DEFINE_AUTO(nodes, nodes_clear);

static void configs_clear(struct configs *v)
{
    slip_vec_clear(v);
}
SLIP_DEFINE_AUTO(configs, configs_clear);

static int check_config(const struct config *c, struct slip_str body, struct slip_error *err)
{
    char digest[SLIP_DIGEST_LEN + 1];
    slip_digest_of(body, digest);
    if (strcmp(digest, c->digest) != 0)
        return slip_fail(err, SLIP_E_REGISTRY, "the config has the digest %s instead of %s", digest,
                         c->digest);
    if ((uint64_t)body.len != (uint64_t)c->size)
        return slip_fail(err, SLIP_E_REGISTRY, "the config has %zu bytes instead of %lld", body.len,
                         (long long)c->size);
    return 0;
}

/* Take the config out of the manifest, or note that it has to be read. */
static int want_config(const struct node *node, const struct slip_parts *parts,
                       struct configs *configs, struct slip_error *err)
{
    struct config c = { .source = node->source, .item = node->item, .size = parts->config.size };
    snprintf(c.digest, sizeof(c.digest), "%s", parts->config.digest);
    if (!parts->has_config_data) {
        slip_vec_push(configs, c);
        return 0;
    }
    if (check_config(&c, parts->config_data, err) < 0)
        return -1;
    slip_buf_init(&node->source->config, SLIP_LIMIT_MANIFEST);
    slip_buf_add_str(&node->source->config, parts->config_data);
    return 0;
}

static void want_children(const struct node *node, const struct slip_parts *parts,
                          struct nodes *next)
{
    struct slip_stored *s = node->source;
    s->children = slip_alloc_array(parts->n, sizeof(*s->children));
    s->n_children = parts->n;
    for (size_t i = 0; i < parts->n; i++) {
        struct slip_stored *child = &s->children[i];
        snprintf(child->digest, sizeof(child->digest), "%s", parts->list[i].digest);
        snprintf(child->media_type, sizeof(child->media_type), "%.*s",
                 SLIP_ARG(parts->list[i].media_type));
        struct node n = { .source = child, .item = node->item, .identifier = child->digest };
        memcpy(n.media_type, child->media_type, sizeof(n.media_type));
        slip_vec_push(next, n);
    }
}

static int take_manifest(const struct node *node, struct slip_manifest_get *got, struct nodes *next,
                         struct configs *configs, struct slip_error *err)
{
    struct slip_stored *s = node->source;
    SLIP_AUTO(slip_parts) parts = { 0 };
    if (!got->found && node->source == &node->item->source)
        return slip_fail(err, SLIP_E_NOT_BUILT, "it is not there (any more)");
    if (!got->found)
        return slip_fail(err, SLIP_E_REGISTRY, "the index names a manifest that is not there");
    if (node->media_type[0] && strcmp(got->digest, node->identifier) != 0)
        return slip_fail(err, SLIP_E_REGISTRY, "the manifest has the digest %s", got->digest);
    memcpy(s->digest, got->digest, sizeof(s->digest));
    memcpy(s->media_type, node->media_type[0] ? node->media_type : got->media_type,
           sizeof(s->media_type));
    slip_buf_init(&s->manifest, SLIP_LIMIT_MANIFEST);
    slip_buf_move(&s->manifest, &got->body);
    if (slip_parts_read(slip_str_of(s->media_type), slip_buf_str(&s->manifest), &parts, err) < 0)
        return -1;
    if (!parts.is_index)
        return want_config(node, &parts, configs, err);
    want_children(node, &parts, next);
    return 0;
}

/* Whether a registry's refusal means that this image is damaged, not that the registry is. */
static bool says_broken(const struct slip_error *err)
{
    static const char *const codes[] = {
        "BLOB_UNKNOWN",          "BLOB_UPLOAD_INVALID", "BLOB_UPLOAD_UNKNOWN", "DIGEST_INVALID",
        "MANIFEST_BLOB_UNKNOWN", "MANIFEST_INVALID",    "MANIFEST_UNVERIFIED", "NAME_INVALID",
        "TAG_EXPIRED",           "MANIFEST_UNKNOWN",    "NAME_UNKNOWN",        "NOT_FOUND",
    };
    for (size_t i = 0; i < SLIP_COUNT(codes); i++)
        if (strstr(err->text, codes[i]))
            return true;
    return false;
}

static void fail_item(const struct node *node, const struct slip_error *err, bool broken)
{
    if (node->item->err.kind)
        return;
    node->item->err = *err;
    node->item->broken = broken;
    if (node->media_type[0])
        slip_while(&node->item->err, "%s", node->identifier);
}

/* Read all of one level; what the indexes among them name goes to `next`. */
static void get_level(struct slip_store *store, const struct nodes *level, struct nodes *next,
                      struct configs *configs)
{
    SLIP_AUTO_FREE struct slip_manifest_get *batch = slip_alloc_array(level->len, sizeof(*batch));
    for (size_t i = 0; i < level->len; i++) {
        batch[i].identifier = level->at[i].identifier;
        batch[i].accept = level->at[i].media_type[0] ? level->at[i].media_type : NULL;
        slip_buf_init(&batch[i].body, SLIP_LIMIT_MANIFEST);
    }
    (void)store->ops->get_manifests(store, batch, level->len); /* each item has its error */
    for (size_t i = 0; i < level->len; i++) {
        struct slip_error err = batch[i].err;
        if (err.kind)
            fail_item(&level->at[i], &err, says_broken(&err));
        else if (take_manifest(&level->at[i], &batch[i], next, configs, &err) < 0)
            fail_item(&level->at[i], &err, true);
        slip_buf_clear(&batch[i].body);
    }
}

static int take_config(const struct config *c, struct slip_blob_get *got, struct slip_error *err)
{
    if (!got->found)
        return slip_fail(err, SLIP_E_REGISTRY, "the config %s is not there", c->digest);
    if (check_config(c, slip_buf_str(&got->body), err) < 0)
        return -1;
    slip_buf_init(&c->source->config, SLIP_LIMIT_CONFIG_BLOB);
    slip_buf_move(&c->source->config, &got->body);
    return 0;
}

static void get_configs(struct slip_store *store, const struct configs *configs)
{
    SLIP_AUTO_FREE struct slip_blob_get *batch = slip_alloc_array(configs->len, sizeof(*batch));
    for (size_t i = 0; i < configs->len; i++) {
        batch[i].digest = configs->at[i].digest;
        batch[i].size = (uint64_t)configs->at[i].size;
        slip_buf_init(&batch[i].body, SLIP_LIMIT_CONFIG_BLOB);
    }
    (void)store->ops->get_blobs(store, batch, configs->len);
    for (size_t i = 0; i < configs->len; i++) {
        struct node node = { .item = configs->at[i].item };
        struct slip_error err = batch[i].err;
        if (err.kind)
            fail_item(&node, &err, says_broken(&err));
        else if (take_config(&configs->at[i], &batch[i], &err) < 0)
            fail_item(&node, &err, true);
        slip_buf_clear(&batch[i].body);
    }
}

static void get_all_levels(struct slip_store *store, struct nodes *level, struct configs *configs)
{
    for (int depth = 0; level->len; depth++) {
        SLIP_AUTO(nodes) next = { 0 };
        struct slip_error err = { 0 };
        if (depth <= SLIP_INDEX_NESTING) {
            get_level(store, level, &next, configs);
        } else {
            slip_fail(&err, SLIP_E_REGISTRY, "indexes nest too deep");
            for (size_t i = 0; i < level->len; i++)
                fail_item(&level->at[i], &err, true);
        }
        slip_vec_clear(level);
        *level = next;
        next = (struct nodes){ 0 };
    }
}

int slip_stored_read(struct slip_store *store, struct slip_stored_get *items, size_t n)
{
    SLIP_AUTO(nodes) level = { 0 };
    SLIP_AUTO(configs) configs = { 0 };
    int result = 0;
    for (size_t i = 0; i < n; i++) {
        items[i].err = (struct slip_error){ 0 };
        items[i].broken = false;
        items[i].source = (struct slip_stored){ 0 };
        slip_buf_init(&items[i].source.manifest, SLIP_LIMIT_MANIFEST);
        slip_buf_init(&items[i].source.config, SLIP_LIMIT_CONFIG_BLOB);
        slip_vec_push(&level, (struct node){ .source = &items[i].source,
                                             .item = &items[i],
                                             .identifier = items[i].identifier });
    }
    get_all_levels(store, &level, &configs);
    if (configs.len)
        get_configs(store, &configs);
    for (size_t i = 0; i < n; i++)
        if (items[i].err.kind)
            result = slip_while(&items[i].err, "%s: read '%s'", store->name, items[i].identifier);
    return result;
}

/* --- what a config says --- */

void slip_config_info_clear(struct slip_config_info *i)
{
    slip_arena_clear(&i->arena);
    *i = (struct slip_config_info){ 0 };
}

static struct slip_str take_text(struct slip_config_info *out, struct slip_doc *doc,
                                 struct slip_go *config, size_t field)
{
    return slip_arena_str(&out->arena,
                          slip_go_field(&doc->arena, &slip_config_type, config, field)->text);
}

int slip_config_info_read(struct slip_str config, struct slip_config_info *out,
                          struct slip_error *err)
{
    SLIP_AUTO(slip_doc) doc = { 0 };
    struct slip_go v = { 0 };
    if (slip_image_read_as(&slip_config_type, config, "config", &doc, &v, err) < 0)
        return -1;
    struct slip_go *run = slip_go_field(&doc.arena, &slip_config_type, &v, SLIP_CONFIG_RUN);
    struct slip_go *env = slip_go_field(&doc.arena, &slip_config_run_type, run, SLIP_RUN_ENV);
    struct slip_go *labels = slip_go_field(&doc.arena, &slip_config_run_type, run, SLIP_RUN_LABELS);
    slip_go_map_sort(labels);

    slip_config_info_clear(out);
    out->n_labels = labels->map.len;
    out->labels = slip_arena_array(&out->arena, out->n_labels, sizeof(*out->labels));
    for (size_t i = 0; i < out->n_labels; i++) {
        out->labels[i].key = slip_arena_str(&out->arena, labels->map.at[i].key);
        out->labels[i].value = slip_arena_str(&out->arena, labels->map.at[i].value);
    }
    out->n_env = env->list.len;
    out->env = slip_arena_array(&out->arena, out->n_env, sizeof(*out->env));
    for (size_t i = 0; i < out->n_env; i++)
        out->env[i] = slip_arena_str(&out->arena, env->list.at[i].text);
    out->os = take_text(out, &doc, &v, SLIP_CONFIG_OS);
    out->architecture = take_text(out, &doc, &v, SLIP_CONFIG_ARCHITECTURE);
    out->variant = take_text(out, &doc, &v, SLIP_CONFIG_VARIANT);
    return 0;
}

struct slip_str slip_config_label(const struct slip_config_info *info, const char *key)
{
    for (size_t i = 0; i < info->n_labels; i++)
        if (slip_str_is(info->labels[i].key, key))
            return info->labels[i].value;
    return (struct slip_str){ NULL, 0 };
}
