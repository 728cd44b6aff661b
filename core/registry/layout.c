/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store in an OCI image layout: names in index.json, content in blobs/sha256. Manifests of every
 * media type are kept as they are.
 */
#include "registry/layout.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/temp_dir.h"
#include "hash/hash.h"
#include "registry/layout_dir.h"
#include "registry/media.h"
#include "registry/stored.h"
#include "value/json.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#define REF_NAME "org.opencontainers.image.ref.name"

struct layout {
    struct slip_store base;
    struct slip_layout_dir dir;
    char *archive;     /* "oci-archive:": packed into this file after each change; or NULL */
    bool dropped;      /* an entry was replaced: there may be something to sweep */
    int owned;         /* of an archive: its directory for a while, or -1 */
    time_t written_at; /* by the clock of the file system */
};

static struct layout *layout_of(struct slip_store *s)
{
    return (struct layout *)s;
}

/* --- index.json --- */

struct index {
    struct slip_buf text;
    struct slip_doc doc;
};

static void index_clear(struct index *x)
{
    slip_buf_clear(&x->text);
    slip_doc_clear(&x->doc);
}
SLIP_DEFINE_AUTO(index, index_clear);

#define INDEX_EMPTY                                                                                \
    {                                                                                              \
        .text = SLIP_BUF(SLIP_LIMIT_FILE)                                                          \
    }

static int read_index(struct layout *l, struct index *x, struct slip_error *err)
{
    bool found;
    if (slip_layout_dir_open(&l->dir, &found, err) < 0)
        return -1;
    if (found && slip_layout_read(&l->dir, SLIP_LAYOUT_INDEX, &x->text, &found, err) < 0)
        return -1;
    if (found && slip_json_read(slip_buf_str(&x->text), SLIP_LAYOUT_INDEX, 0, &x->doc, err) < 0)
        return slip_while(err, "%s", l->dir.path);
    return 0;
}

static struct slip_str name_of(const struct slip_value *entry)
{
    return slip_value_text(slip_value_get(entry, "annotations"), REF_NAME);
}

/* A member that is a list, or an empty list. */
static const struct slip_value *list_of(const struct slip_value *v, const char *key)
{
    static const struct slip_value none = { .type = SLIP_VALUE_LIST };
    const struct slip_value *list = slip_value_get(v, key);
    return list && list->type == SLIP_VALUE_LIST ? list : &none;
}

/* The first entry with this name or digest, or NULL. */
static const struct slip_value *find_entry(const struct index *x, const char *identifier)
{
    const struct slip_value *entries = list_of(x->doc.root, "manifests");
    for (size_t i = 0; i < entries->len; i++)
        if (slip_str_is(name_of(entries->items[i]), identifier)
            || slip_str_is(slip_value_text(entries->items[i], "digest"), identifier))
            return entries->items[i];
    return NULL;
}

static bool is_digest(const char *identifier)
{
    return strncmp(identifier, "sha256:", 7) == 0;
}

/* The digest that an identifier stands for; false when there is none. */
static bool resolve(const struct index *x, const char *identifier, char digest[SLIP_DIGEST_LEN + 1])
{
    const struct slip_value *entry = is_digest(identifier) ? NULL : find_entry(x, identifier);
    struct slip_str found = entry ? slip_value_text(entry, "digest") : slip_str_of(identifier);
    if (!entry && !is_digest(identifier))
        return false;
    if (found.len > SLIP_DIGEST_LEN)
        return false;
    snprintf(digest, SLIP_DIGEST_LEN + 1, "%.*s", SLIP_ARG(found));
    return true;
}

static int list_tags(struct slip_store *s, slip_tag_fn *fn, void *payload, struct slip_error *err)
{
    SLIP_AUTO(index) x = INDEX_EMPTY;
    if (read_index(layout_of(s), &x, err) < 0)
        return -1;
    const struct slip_value *entries = list_of(x.doc.root, "manifests");
    for (size_t i = 0; i < entries->len; i++) {
        struct slip_str name = name_of(entries->items[i]);
        if (name.len && fn(payload, name, err) < 0)
            return -1;
    }
    return 0;
}

/* --- reading --- */

static int read_blob(struct layout *l, const char *digest, struct slip_buf *out, bool *found,
                     struct slip_error *err)
{
    char name[SLIP_LAYOUT_NAME_MAX], got[SLIP_DIGEST_LEN + 1];
    if (slip_layout_blob_name(digest, name, err) < 0
        || slip_layout_dir_open(&l->dir, found, err) < 0)
        return -1;
    if (!*found)
        return 0;
    if (slip_layout_read(&l->dir, name, out, found, err) < 0)
        return -1;
    if (!*found)
        return 0;
    slip_digest_of(slip_buf_str(out), got);
    if (strcmp(got, digest) != 0)
        return slip_fail(err, SLIP_E_REGISTRY, "%s/%s: the content has another digest, %s",
                         l->dir.path, name, got);
    return 0;
}

/* A manifest that no entry names says its type itself, or has the shape of one of OCI. */
static int guess_type(struct slip_str body, struct slip_str *type, struct slip_doc *doc,
                      struct slip_error *err)
{
    if (slip_json_read(body, "manifest", SLIP_JSON_FIRST_VALUE, doc, err) < 0)
        return -1;
    *type = slip_value_text(doc->root, "mediaType");
    if (type->len == 0)
        *type = slip_value_get(doc->root, "manifests") ? SLIP_STR(SLIP_MEDIA_OCI_INDEX)
                                                       : SLIP_STR(SLIP_MEDIA_OCI_MANIFEST);
    return 0;
}

static int get_manifest(struct layout *l, const struct index *x, struct slip_manifest_get *item)
{
    SLIP_AUTO(slip_buf) body = SLIP_BUF(SLIP_LIMIT_MANIFEST);
    SLIP_AUTO(slip_doc) doc = { 0 };
    bool found;
    if (!resolve(x, item->identifier, item->digest))
        return 0;
    if (read_blob(l, item->digest, &body, &found, &item->err) < 0)
        return -1;
    if (!found)
        return 0;
    const struct slip_value *entry = find_entry(x, item->identifier);
    struct slip_str type = slip_value_text(entry, "mediaType");
    if (type.len == 0 && guess_type(slip_buf_str(&body), &type, &doc, &item->err) < 0)
        return -1;
    snprintf(item->media_type, sizeof(item->media_type), "%.*s", SLIP_ARG(type));
    slip_buf_init(&item->body, SLIP_LIMIT_MANIFEST);
    slip_buf_move(&item->body, &body);
    item->found = true;
    return 0;
}

static int get_manifests(struct slip_store *s, struct slip_manifest_get *items, size_t n)
{
    struct layout *l = layout_of(s);
    SLIP_AUTO(index) x = INDEX_EMPTY;
    struct slip_error err = { 0 };
    int result = read_index(l, &x, &err);
    for (size_t i = 0; i < n; i++) {
        items[i].found = false;
        items[i].err = err;
        if (err.kind || get_manifest(l, &x, &items[i]) < 0)
            result = slip_while(&items[i].err, "%s: read '%s'", s->name, items[i].identifier);
    }
    return result;
}

static int head_manifest(struct layout *l, const struct index *x, struct slip_manifest_head *item)
{
    char name[SLIP_LAYOUT_NAME_MAX];
    if (!resolve(x, item->identifier, item->digest))
        return 0;
    if (slip_layout_blob_name(item->digest, name, &item->err) < 0)
        return -1;
    item->found = l->dir.fd >= 0 && faccessat(l->dir.fd, name, F_OK, 0) == 0;
    return 0;
}

static int head_manifests(struct slip_store *s, struct slip_manifest_head *items, size_t n)
{
    struct layout *l = layout_of(s);
    SLIP_AUTO(index) x = INDEX_EMPTY;
    struct slip_error err = { 0 };
    int result = read_index(l, &x, &err);
    for (size_t i = 0; i < n; i++) {
        items[i].found = false;
        items[i].err = err;
        if (err.kind || head_manifest(l, &x, &items[i]) < 0)
            result = slip_while(&items[i].err, "%s: look for '%s'", s->name, items[i].identifier);
    }
    return result;
}

static int get_blobs(struct slip_store *s, struct slip_blob_get *items, size_t n)
{
    int result = 0;
    for (size_t i = 0; i < n; i++) {
        SLIP_AUTO(slip_buf) body = SLIP_BUF(SLIP_LIMIT_CONFIG_BLOB);
        items[i].err = (struct slip_error){ 0 };
        if (read_blob(layout_of(s), items[i].digest, &body, &items[i].found, &items[i].err) < 0) {
            result = slip_while(&items[i].err, "%s: read '%s'", s->name, items[i].digest);
            items[i].found = false;
            continue;
        }
        slip_buf_init(&items[i].body, SLIP_LIMIT_CONFIG_BLOB);
        slip_buf_move(&items[i].body, &body);
    }
    return result;
}

/* --- blobs on their way --- */

int slip_layout_has_blob(struct slip_store *s, const char *digest, uint64_t size, bool *found,
                         struct slip_error *err)
{
    struct slip_layout_dir *d = &layout_of(s)->dir;
    if (slip_layout_dir_prepare(d, err) < 0 || slip_layout_lock(d, false, err) < 0)
        return -1;
    int result = slip_layout_touch(d, digest, size, found, err);
    slip_layout_unlock(d);
    return result;
}

int slip_layout_open_blob(struct slip_store *s, const char *digest, int *fd, uint64_t *size,
                          struct slip_error *err)
{
    struct slip_layout_dir *d = &layout_of(s)->dir;
    char name[SLIP_LAYOUT_NAME_MAX];
    struct stat st;
    bool found;
    if (slip_layout_blob_name(digest, name, err) < 0 || slip_layout_dir_open(d, &found, err) < 0)
        return -1;
    *fd = -1;
    if (!found)
        return 0;
    SLIP_AUTO_FD opened = openat(d->fd, name, O_RDONLY | O_CLOEXEC);
    if (opened < 0 && errno == ENOENT)
        return 0;
    if (opened < 0 || fstat(opened, &st) < 0)
        return slip_layout_fail(d, name, err);
    *size = (uint64_t)st.st_size;
    *fd = opened;
    opened = -1;
    return 0;
}

struct slip_layout_write {
    struct slip_layout_dir *dir;
    int fd;
    char digest[SLIP_DIGEST_LEN + 1];
    char name[SLIP_LAYOUT_NAME_MAX], temp[SLIP_LAYOUT_NAME_MAX];
    struct slip_hash hash;
};

int slip_layout_begin(struct slip_store *s, const char *digest, struct slip_layout_write **out,
                      struct slip_error *err)
{
    struct slip_layout_dir *d = &layout_of(s)->dir;
    char name[SLIP_LAYOUT_NAME_MAX], temp[SLIP_LAYOUT_NAME_MAX];
    int fd;
    if (slip_layout_blob_name(digest, name, err) < 0 || slip_layout_dir_prepare(d, err) < 0
        || slip_layout_temp(d, temp, &fd, err) < 0)
        return -1;
    struct slip_layout_write *w = slip_new(struct slip_layout_write);
    w->dir = d;
    w->fd = fd;
    memcpy(w->digest, digest, sizeof(w->digest));
    memcpy(w->name, name, sizeof(name));
    memcpy(w->temp, temp, sizeof(temp));
    slip_hash_begin(&w->hash, SLIP_HASH_SHA256);
    *out = w;
    return 0;
}

int slip_layout_append(struct slip_layout_write *w, const void *data, size_t len,
                       struct slip_error *err)
{
    slip_hash_add(&w->hash, data, len);
    if (slip_fd_write(w->fd, w->name, slip_str_make(data, len), err) < 0)
        return slip_while(err, "%s", w->dir->path);
    return 0;
}

static void free_write(struct slip_layout_write *w)
{
    close(w->fd);
    slip_hash_clear(&w->hash);
    slip_free(w);
}

void slip_layout_abort(struct slip_layout_write *w)
{
    if (!w)
        return;
    (void)unlinkat(w->dir->fd, w->temp, 0);
    free_write(w);
}

int slip_layout_commit(struct slip_layout_write *w, struct slip_error *err)
{
    char got[SLIP_DIGEST_LEN + 1] = "sha256:";
    slip_hash_end_hex(&w->hash, got + 7);
    if (strcmp(got, w->digest) != 0) {
        slip_fail(err, SLIP_E_REGISTRY, "the content has another digest, %s, than %s", got,
                  w->digest);
        slip_layout_abort(w);
        return -1;
    }
    /* Under the lock: the same blob must not be on its way out in this moment. */
    if (slip_layout_lock(w->dir, false, err) < 0) {
        slip_layout_abort(w);
        return -1;
    }
    int result = slip_layout_publish(w->dir, w->fd, w->temp, w->name, err);
    slip_layout_unlock(w->dir);
    free_write(w);
    return result;
}

/* --- writing manifests --- */

static int require_blob(struct layout *l, const struct slip_value *descriptor,
                        struct slip_error *err)
{
    char digest[SLIP_DIGEST_LEN + 1];
    bool found;
    if (slip_media_is_foreign_layer(slip_value_text(descriptor, "mediaType")))
        return 0;
    snprintf(digest, sizeof(digest), "%.*s", SLIP_ARG(slip_value_text(descriptor, "digest")));
    if (slip_layout_touch(&l->dir, digest, UINT64_MAX, &found, err) < 0)
        return -1;
    return found ? 0 : slip_fail(err, SLIP_E_REGISTRY, "'%s' is missing", digest);
}

static int require_list(struct layout *l, const struct slip_value *list, struct slip_error *err)
{
    for (size_t i = 0; i < list->len; i++)
        if (require_blob(l, list->items[i], err) < 0)
            return -1;
    return 0;
}

/* As a registry does: what a manifest names must be there. */
static int require_content(struct layout *l, struct slip_str body, struct slip_error *err)
{
    SLIP_AUTO(slip_doc) doc = { 0 };
    if (slip_json_read(body, "manifest", 0, &doc, err) < 0)
        return -1;
    const struct slip_value *config = slip_value_get(doc.root, "config");
    if (config && require_blob(l, config, err) < 0)
        return -1;
    return require_list(l, list_of(doc.root, "layers"), err) < 0
               ? -1
               : require_list(l, list_of(doc.root, "manifests"), err);
}

/* Under the lock. */
static int put_content(struct layout *l, struct slip_manifest_put *item)
{
    char name[SLIP_LAYOUT_NAME_MAX];
    bool found;
    slip_digest_of(item->body, item->digest);
    if (is_digest(item->identifier) && strcmp(item->identifier, item->digest) != 0)
        return slip_fail(&item->err, SLIP_E_REGISTRY, "the manifest has another digest, %s",
                         item->digest);
    item->lacks = require_content(l, item->body, &item->err) < 0;
    if (item->lacks || slip_layout_blob_name(item->digest, name, &item->err) < 0
        || slip_layout_touch(&l->dir, item->digest, item->body.len, &found, &item->err) < 0)
        return -1;
    return found ? 0 : slip_layout_write_file(&l->dir, name, item->body, &item->err);
}

/* The batch: what is to be named, and which names stand in the new index already. */
struct naming {
    struct slip_manifest_put *items;
    size_t n;
    bool *done;
};

/* The last good item of this name; `n` when there is none. */
static size_t find_item(const struct naming *b, struct slip_str name)
{
    for (size_t i = b->n; i > 0; i--)
        if (!b->items[i - 1].err.kind && slip_str_is(name, b->items[i - 1].identifier))
            return i - 1;
    return b->n;
}

static void add_comma(struct slip_buf *out)
{
    if (out->len && out->ptr[out->len - 1] != '[' && out->ptr[out->len - 1] != '{')
        slip_buf_add_char(out, ',');
}

static void add_entry(const struct slip_manifest_put *item, struct slip_buf *out)
{
    add_comma(out);
    slip_buf_add_c(out, "{\"mediaType\":");
    slip_json_add_string(out, slip_str_of(item->media_type), 0);
    slip_buf_add_fmt(out, ",\"digest\":\"%s\",\"size\":%zu,\"annotations\":{\"" REF_NAME "\":",
                     item->digest, item->body.len);
    slip_json_add_string(out, slip_str_of(item->identifier), 0);
    slip_buf_add_c(out, "}}");
}

/* Old entries in their order, with new ones in the place of those of the same name. */
static int add_entries(struct layout *l, const struct index *x, struct naming *b,
                       struct slip_buf *out, struct slip_error *err)
{
    const struct slip_value *entries = list_of(x->doc.root, "manifests");
    slip_buf_add_char(out, '[');
    for (size_t i = 0; i < entries->len; i++) {
        struct slip_str name = name_of(entries->items[i]);
        size_t at = name.len ? find_item(b, name) : b->n;
        if (at == b->n) {
            add_comma(out);
            if (slip_json_write(entries->items[i], 0, out, err) < 0)
                return -1;
            continue;
        }
        l->dropped |=
            !slip_str_is(slip_value_text(entries->items[i], "digest"), b->items[at].digest);
        if (!b->done[at])
            add_entry(&b->items[at], out);
        b->done[at] = true;
    }
    for (size_t i = 0; i < b->n; i++)
        if (!b->done[i] && !is_digest(b->items[i].identifier)
            && find_item(b, slip_str_of(b->items[i].identifier)) == i)
            add_entry(&b->items[i], out);
    slip_buf_add_char(out, ']');
    return 0;
}

/* The new index.json. What we do not know of the old one stays. */
static int compose_index(struct layout *l, const struct index *x, struct naming *b,
                         struct slip_buf *out, struct slip_error *err)
{
    const struct slip_value *root = x->doc.root;
    slip_buf_add_c(out, "{\"schemaVersion\":2,");
    if (!root || slip_value_get(root, "mediaType"))
        slip_buf_add_c(out, "\"mediaType\":\"" SLIP_MEDIA_OCI_INDEX "\",");
    slip_buf_add_c(out, "\"manifests\":");
    if (add_entries(l, x, b, out, err) < 0)
        return -1;
    for (size_t i = 0; root && root->type == SLIP_VALUE_MAP && i < root->len; i++) {
        struct slip_str key = root->pairs[i].key->text;
        if (slip_str_is(key, "schemaVersion") || slip_str_is(key, "mediaType")
            || slip_str_is(key, "manifests"))
            continue;
        add_comma(out);
        slip_json_add_string(out, key, 0);
        slip_buf_add_char(out, ':');
        if (slip_json_write(root->pairs[i].value, 0, out, err) < 0)
            return -1;
    }
    slip_buf_add_char(out, '}');
    return out->full ? slip_fail(err, SLIP_E_REGISTRY, "index.json grows too large") : 0;
}

/* Under the exclusive lock: content is durable before a name leads to it. */
static int write_names(struct layout *l, struct naming *b, struct slip_error *err)
{
    SLIP_AUTO(index) x = INDEX_EMPTY;
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_FILE);
    struct stat st;
    if (read_index(l, &x, err) < 0 || compose_index(l, &x, b, &text, err) < 0
        || slip_layout_sync(&l->dir, SLIP_LAYOUT_BLOBS, err) < 0
        || slip_layout_write_file(&l->dir, SLIP_LAYOUT_INDEX, slip_buf_str(&text), err) < 0
        || slip_layout_sync(&l->dir, ".", err) < 0
        || (l->archive && slip_layout_pack(&l->dir, l->archive, err) < 0))
        return -1;
    if (fstatat(l->dir.fd, SLIP_LAYOUT_INDEX, &st, 0) == 0)
        l->written_at = st.st_mtime;
    return 0;
}

static bool names_anything(const struct naming *b)
{
    for (size_t i = 0; i < b->n; i++)
        if (!b->items[i].err.kind && !is_digest(b->items[i].identifier))
            return true;
    return false;
}

/* Under the exclusive lock. An error of the index is that of every name. */
static int put_all(struct layout *l, struct naming *b)
{
    struct slip_error err = { 0 };
    int result = 0;
    for (size_t i = 0; i < b->n; i++) {
        b->items[i].err = (struct slip_error){ 0 };
        if (put_content(l, &b->items[i]) < 0)
            result = -1;
    }
    if (!names_anything(b) || write_names(l, b, &err) == 0)
        return result;
    for (size_t i = 0; i < b->n; i++)
        if (!b->items[i].err.kind && !is_digest(b->items[i].identifier))
            b->items[i].err = err;
    return -1;
}

static int put_manifests(struct slip_store *s, struct slip_manifest_put *items, size_t n)
{
    struct layout *l = layout_of(s);
    SLIP_AUTO_FREE bool *done = slip_alloc_array(n, sizeof(*done));
    struct naming b = { .items = items, .n = n, .done = done };
    struct slip_error err = { 0 };
    int result = -1;
    if (slip_layout_dir_prepare(&l->dir, &err) < 0 || slip_layout_lock(&l->dir, true, &err) < 0) {
        for (size_t i = 0; i < n; i++)
            items[i].err = err;
    } else {
        result = put_all(l, &b);
        slip_layout_unlock(&l->dir);
    }
    for (size_t i = 0; i < n; i++)
        if (items[i].err.kind)
            slip_while(&items[i].err, "%s: write '%s'", s->name, items[i].identifier);
    return result;
}

int slip_layout_claim(struct slip_store *s, const struct slip_watch *watch, int *fd,
                      struct slip_error *err)
{
    struct slip_layout_dir *d = &layout_of(s)->dir;
    if (slip_layout_dir_prepare(d, err) < 0)
        return -1;
    return slip_layout_claim_file(d, watch, fd, err);
}

/* --- the store --- */

static void free_layout(struct slip_store *s)
{
    struct layout *l = layout_of(s);
    if (l->archive)
        slip_dir_remove(l->dir.path);
    else if (l->dropped)
        slip_layout_sweep(&l->dir, l->written_at);
    if (!l->archive && l->written_at)
        slip_layout_sweep_left_over(&l->dir);
    if (l->owned >= 0)
        close(l->owned);
    slip_layout_dir_clear(&l->dir);
    slip_free(l->archive);
    slip_reference_clear(&s->where);
    slip_free(s->name);
    slip_free(l);
}

static struct layout *new_layout(const char *dir, const struct slip_reference *where)
{
    static const struct slip_store_ops ops = {
        .list_tags = list_tags,
        .get_manifests = get_manifests,
        .head_manifests = head_manifests,
        .put_manifests = put_manifests,
        .get_blobs = get_blobs,
        .free = free_layout,
    };
    struct layout *l = slip_new(struct layout);
    SLIP_AUTO(slip_buf) name = SLIP_BUF(1u << 16);
    slip_layout_dir_init(&l->dir, dir);
    l->owned = -1;
    l->base.ops = &ops;
    slip_reference_copy(where, &l->base.where);
    slip_free(l->base.where.identifier);
    l->base.where.identifier = slip_strdup("");
    slip_reference_print_repository(where, &name);
    l->base.name = slip_buf_detach(&name);
    return l;
}

/* Beside the file, so that its disk is the one that has to hold all of it. */
static int new_archive(const char *file, const struct slip_reference *where,
                       struct slip_store **out, struct slip_error *err)
{
    SLIP_AUTO_FREE char *prefix = slip_printf("%s.", file);
    SLIP_AUTO_FREE char *dir = NULL;
    int fd = -1;
    slip_layout_sweep_archive(prefix);
    if (slip_own_dir_make(prefix, &dir, &fd) < 0)
        return slip_fail(err, SLIP_E_REGISTRY, "%s: %s", file, strerror(errno));
    struct layout *l = new_layout(dir, where);
    l->archive = slip_strdup(file);
    l->owned = fd;
    if (slip_layout_unpack(&l->dir, file, err) < 0) {
        free_layout(&l->base);
        return -1;
    }
    *out = &l->base;
    return 0;
}

char *slip_layout_place(const struct slip_store *s)
{
    const struct layout *l = (const struct layout *)s;
    const char *path = l->archive ? l->archive : l->dir.path;
    char real[PATH_MAX];
    return slip_strdup(realpath(path, real) ? real : path);
}

int slip_layout_store_new(const char *dir, const struct slip_reference *where,
                          struct slip_store **out, struct slip_error *err)
{
    if (!dir[0])
        return slip_fail(err, SLIP_E_CONFIG, "the image layout has no directory");
    if (where->is_archive)
        return new_archive(dir, where, out, err);
    *out = &new_layout(dir, where)->base;
    return 0;
}
