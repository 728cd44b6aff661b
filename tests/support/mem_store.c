/* SPDX-License-Identifier: Apache-2.0 */
/* A store in memory. */
#include "support/mem_store.h"

#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "registry/stored.h"

struct content {
    char media_type[256];
    char *body;
    size_t len;
};

struct mem_store {
    struct slip_store base;
    struct slip_map *manifests; /* by tag and by digest */
    struct slip_map *blobs;
    struct mem_store_counts counts;
};

static struct mem_store *mem_of(struct slip_store *s)
{
    return (struct mem_store *)s;
}

static void free_content(void *p)
{
    struct content *c = p;
    slip_free(c->body);
    slip_free(c);
}

static struct content *make_content(const char *media_type, struct slip_str body)
{
    struct content *c = slip_new(struct content);
    snprintf(c->media_type, sizeof(c->media_type), "%s", media_type);
    c->body = slip_memdup(body.ptr, body.len);
    c->len = body.len;
    return c;
}

void mem_store_add_manifest(struct slip_store *s, const char *identifier, const char *media_type,
                            struct slip_str body)
{
    char digest[SLIP_DIGEST_LEN + 1];
    slip_digest_of(body, digest);
    slip_map_set(mem_of(s)->manifests, slip_str_of(digest), make_content(media_type, body));
    slip_map_set(mem_of(s)->manifests, slip_str_of(identifier), make_content(media_type, body));
}

void mem_store_add_blob(struct slip_store *s, const char *digest, struct slip_str body)
{
    slip_map_set(mem_of(s)->blobs, slip_str_of(digest), make_content("", body));
}

void mem_store_remove(struct slip_store *s, const char *identifier)
{
    slip_map_remove(mem_of(s)->manifests, slip_str_of(identifier));
    slip_map_remove(mem_of(s)->blobs, slip_str_of(identifier));
}

struct slip_str mem_store_manifest(struct slip_store *s, const char *identifier)
{
    struct content *c = slip_map_get(mem_of(s)->manifests, slip_str_of(identifier));
    return c ? slip_str_make(c->body, c->len) : (struct slip_str){ NULL, 0 };
}

struct mem_store_counts *mem_store_counts(struct slip_store *s)
{
    return &mem_of(s)->counts;
}

static int list_tags(struct slip_store *s, slip_tag_fn *fn, void *payload, struct slip_error *err)
{
    struct mem_store *m = mem_of(s);
    m->counts.lists++;
    m->counts.rounds++;
    for (struct slip_map_entry *e = slip_map_next(m->manifests, NULL); e;
         e = slip_map_next(m->manifests, e))
        if (!slip_str_starts(slip_map_key(e), SLIP_STR("sha256:"))
            && fn(payload, slip_map_key(e), err) < 0)
            return -1;
    return 0;
}

static int get_manifests(struct slip_store *s, struct slip_manifest_get *items, size_t n)
{
    struct mem_store *m = mem_of(s);
    m->counts.rounds++;
    for (size_t i = 0; i < n; i++) {
        m->counts.reads++;
        struct content *c = slip_map_get(m->manifests, slip_str_of(items[i].identifier));
        items[i].err = (struct slip_error){ 0 };
        items[i].found = c != NULL;
        if (!c)
            continue;
        memcpy(items[i].media_type, c->media_type, sizeof(c->media_type));
        slip_buf_init(&items[i].body, SLIP_LIMIT_MANIFEST);
        slip_buf_add(&items[i].body, c->body, c->len);
        slip_digest_of(slip_buf_str(&items[i].body), items[i].digest);
    }
    return 0;
}

static int head_manifests(struct slip_store *s, struct slip_manifest_head *items, size_t n)
{
    struct mem_store *m = mem_of(s);
    m->counts.rounds++;
    for (size_t i = 0; i < n; i++) {
        m->counts.heads++;
        struct content *c = slip_map_get(m->manifests, slip_str_of(items[i].identifier));
        items[i].err = (struct slip_error){ 0 };
        items[i].found = c != NULL;
        if (c)
            slip_digest_of(slip_str_make(c->body, c->len), items[i].digest);
    }
    return 0;
}

static int put_manifests(struct slip_store *s, struct slip_manifest_put *items, size_t n)
{
    struct mem_store *m = mem_of(s);
    m->counts.rounds++;
    for (size_t i = 0; i < n; i++) {
        m->counts.puts++;
        items[i].err = (struct slip_error){ 0 };
        slip_digest_of(items[i].body, items[i].digest);
        mem_store_add_manifest(s, items[i].identifier, items[i].media_type, items[i].body);
    }
    return 0;
}

static int get_blobs(struct slip_store *s, struct slip_blob_get *items, size_t n)
{
    struct mem_store *m = mem_of(s);
    m->counts.rounds++;
    for (size_t i = 0; i < n; i++) {
        m->counts.blobs++;
        struct content *c = slip_map_get(m->blobs, slip_str_of(items[i].digest));
        items[i].err = (struct slip_error){ 0 };
        items[i].found = c != NULL;
        slip_buf_init(&items[i].body, SLIP_LIMIT_CONFIG_BLOB);
        if (c)
            slip_buf_add(&items[i].body, c->body, c->len);
    }
    return 0;
}

void mem_store_free(struct slip_store *s)
{
    struct mem_store *m = mem_of(s);
    slip_map_free(m->manifests);
    slip_map_free(m->blobs);
    slip_reference_clear(&s->where);
    slip_free(s->name);
    slip_free(m);
}

struct slip_store *mem_store_new(const char *name)
{
    static const struct slip_store_ops ops = {
        .list_tags = list_tags,
        .get_manifests = get_manifests,
        .head_manifests = head_manifests,
        .put_manifests = put_manifests,
        .get_blobs = get_blobs,
        .free = mem_store_free,
    };
    struct mem_store *m = slip_new(struct mem_store);
    m->base.ops = &ops;
    m->base.name = slip_strdup(name);
    m->base.where = (struct slip_reference){ .kind = SLIP_STORE_LAYOUT, /* not over HTTP */
                                             .registry = slip_strdup("mem.example"),
                                             .repository = slip_strdup(name),
                                             .identifier = slip_strdup("") };
    m->manifests = slip_map_new(free_content);
    m->blobs = slip_map_new(free_content);
    return &m->base;
}
