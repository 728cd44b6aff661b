/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading images: one round for the manifests, one more per level of indexes, one for all configs.
 */
#include "export/source.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/vec.h"
#include "hash/hash.h"

/* A manifest to be read, and a config. `item` is the image that they belong to. */
struct node {
    struct slip_source *source;
    struct slip_source_get *item;
    const char *identifier;
    char media_type[256]; /* of a child: what the index says; "" for the image itself */
};

struct config {
    struct slip_source *source;
    struct slip_source_get *item;
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
    char digest[SLIP_DIGEST_LEN + 1] = "sha256:";
    slip_hash_hex(SLIP_HASH_SHA256, body, digest + 7);
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
    struct slip_source *s = node->source;
    s->children = slip_alloc_array(parts->n, sizeof(*s->children));
    s->n_children = parts->n;
    for (size_t i = 0; i < parts->n; i++) {
        struct slip_source *child = &s->children[i];
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
    struct slip_source *s = node->source;
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

static void fail_item(const struct node *node, const struct slip_error *err)
{
    if (node->item->err.kind)
        return;
    node->item->err = *err;
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
        if (err.kind || take_manifest(&level->at[i], &batch[i], next, configs, &err) < 0)
            fail_item(&level->at[i], &err);
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
        struct slip_source_get *item = configs->at[i].item;
        struct slip_error err = batch[i].err;
        if ((err.kind || take_config(&configs->at[i], &batch[i], &err) < 0) && !item->err.kind)
            item->err = err;
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
                fail_item(&level->at[i], &err);
        }
        slip_vec_clear(level);
        *level = next;
        next = (struct nodes){ 0 };
    }
}

int slip_sources_get(struct slip_store *store, struct slip_source_get *items, size_t n)
{
    SLIP_AUTO(nodes) level = { 0 };
    SLIP_AUTO(configs) configs = { 0 };
    int result = 0;
    for (size_t i = 0; i < n; i++) {
        items[i].err = (struct slip_error){ 0 };
        items[i].source = (struct slip_source){ 0 };
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
