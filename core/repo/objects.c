/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects out of the database. Trees are read raw and parsed here: libgit2's own tree objects cost
 * a good part more and keep every tree in memory.
 */
#include "repo/internal.h"

#include <string.h>

static const char *kind_name(git_object_t type)
{
    return type == GIT_OBJECT_TREE ? "tree" : type == GIT_OBJECT_BLOB ? "blob" : "object";
}

static int while_reading(const struct slip_oid *id, git_object_t type, struct slip_error *err)
{
    char hex[SLIP_OID_HEX + 1];
    slip_oid_hex(id, hex);
    return slip_while(err, "%s %s", kind_name(type), hex);
}

static int missing(struct slip_repo *r, const struct slip_oid *id, git_object_t type,
                   struct slip_error *err)
{
    char hex[SLIP_OID_HEX + 1];
    slip_oid_hex(id, hex);
    slip_fail(err, SLIP_E_REPO, "%s %s is not in this repository", kind_name(type), hex);
    if (r->partial)
        return slip_hint(err, "this is a partial clone: `git fetch --refetch --no-filter`");
    return slip_hint(err, "run `git fsck`, then fetch the commit again");
}

/* Have git fetch what a partial clone lacks; *found false: that is not possible. */
static int fetch(struct slip_repo *r, const struct slip_oid *id, bool *found,
                 struct slip_error *err)
{
    *found = false;
    if (!r->partial || !r->env)
        return 0;
    if (!r->fetcher && slip_fetcher_new(r->env, r->git_dir, &r->fetcher, err) < 0)
        return -1;
    return slip_fetcher_want(r->fetcher, id, found, err);
}

/* What was read is no object of that type, or could not be had (`rc` of libgit2). */
static int unusable(int rc, const struct slip_oid *id, git_object_t type, struct slip_error *err)
{
    char hex[SLIP_OID_HEX + 1];
    slip_oid_hex(id, hex);
    if (rc < 0)
        return slip_repo_fail(err, hex);
    return slip_fail(err, SLIP_E_REPO, "object %s is no %s", hex, kind_name(type));
}

static int read_object(struct slip_repo *r, const struct slip_oid *id, git_object_t type,
                       git_odb_object **out, struct slip_error *err)
{
    git_oid oid;
    memcpy(oid.id, id->bytes, sizeof(oid.id));
    git_odb_object *object = NULL;
    int rc = git_odb_read(&object, r->odb, &oid);
    if (rc == GIT_ENOTFOUND) {
        bool found;
        if (fetch(r, id, &found, err) < 0)
            return while_reading(id, type, err);
        rc = found ? git_odb_read(&object, r->odb, &oid) : rc;
    }
    if (rc == GIT_ENOTFOUND)
        return missing(r, id, type, err);
    if (rc < 0 || git_odb_object_type(object) != type) {
        git_odb_object_free(object);
        return unusable(rc, id, type, err);
    }
    *out = object;
    return 0;
}

static struct slip_str content(git_odb_object *o)
{
    return slip_str_make(git_odb_object_data(o), git_odb_object_size(o));
}

void slip_blob_cache_clear(struct slip_repo *r)
{
    for (size_t i = 0; i < SLIP_BLOB_SLOTS; i++)
        slip_buf_clear(&r->blobs[i].raw);
}

static int read_dir(void *self, const struct slip_oid *id, struct slip_entries *out,
                    struct slip_error *err)
{
    struct slip_repo *r = self;
    const struct slip_kept_dir *kept = slip_kept_dir(r, id);
    git_odb_object *object = NULL;
    if (!kept && read_object(r, id, GIT_OBJECT_TREE, &object, err) < 0)
        return -1;
    int rc = slip_entries_parse(kept ? slip_kept_dir_raw(kept) : content(object), out, err);
    git_odb_object_free(object);
    return rc < 0 ? while_reading(id, GIT_OBJECT_TREE, err) : 0;
}

static int find(void *self, const struct slip_oid *dir, struct slip_str name,
                struct slip_entry *out, bool *found, struct slip_error *err)
{
    struct slip_repo *r = self;
    struct slip_kept_dir *kept = slip_kept_dir(r, dir);
    git_odb_object *object = NULL;
    if (!kept && read_object(r, dir, GIT_OBJECT_TREE, &object, err) < 0)
        return -1;
    int rc = kept ? slip_kept_dir_find(kept, name, out, found, err)
                  : slip_entries_find(content(object), name, out, found, err);
    if (rc == 0 && !kept)
        slip_keep_dir(r, dir, content(object));
    git_odb_object_free(object);
    return rc < 0 ? while_reading(dir, GIT_OBJECT_TREE, err) : 0;
}

static struct slip_blob_slot *blob_slot(struct slip_repo *r, const struct slip_oid *id)
{
    return &r->blobs[id->bytes[0]];
}

static void remember_blob(struct slip_repo *r, const struct slip_oid *id, struct slip_str raw)
{
    struct slip_blob_slot *slot = blob_slot(r, id);
    r->blobs_size -= slot->raw.len;
    slip_buf_clear(&slot->raw);
    if (raw.len > SLIP_BLOB_KEPT || raw.len > SLIP_BLOB_CACHE_MAX - r->blobs_size)
        return;
    slip_buf_init(&slot->raw, SLIP_BLOB_KEPT);
    slip_buf_add_str(&slot->raw, raw);
    slot->id = *id;
    r->blobs_size += raw.len;
}

/* The size is asked for first: a blob larger than `out` may hold is not even read. */
static int read_blob(void *self, const struct slip_oid *id, struct slip_buf *out,
                     struct slip_error *err)
{
    struct slip_repo *r = self;
    const struct slip_blob_slot *kept = blob_slot(r, id);
    git_oid oid;
    memcpy(oid.id, id->bytes, sizeof(oid.id));
    size_t size = 0;
    git_object_t type;
    size_t room = out->limit - out->len;
    if (kept->raw.len && kept->raw.len <= room && slip_oid_eq(&kept->id, id)) {
        slip_buf_add_str(out, slip_buf_str(&kept->raw));
        return 0;
    }
    if (git_odb_read_header(&size, &type, r->odb, &oid) == 0 && size > room)
        return slip_fail(err, SLIP_E_REPO, "larger than %zu bytes", room);

    git_odb_object *object;
    if (read_object(r, id, GIT_OBJECT_BLOB, &object, err) < 0)
        return -1;
    bool fits = slip_buf_add_str(out, content(object));
    if (fits)
        remember_blob(r, id, content(object));
    git_odb_object_free(object);
    return fits ? 0 : slip_fail(err, SLIP_E_REPO, "larger than %zu bytes", room);
}

int slip_repo_read_commit(struct slip_repo *r, const struct slip_oid *id, struct slip_buf *out,
                          bool *found, struct slip_error *err)
{
    git_oid oid;
    memcpy(oid.id, id->bytes, sizeof(oid.id));
    git_odb_object *object = NULL;
    int rc = git_odb_read(&object, r->odb, &oid);
    *found = rc == 0 && git_odb_object_type(object) == GIT_OBJECT_COMMIT;
    bool fits = !*found || slip_buf_add_str(out, content(object));
    git_odb_object_free(object);
    if (rc < 0 && rc != GIT_ENOTFOUND)
        return slip_repo_fail(err, "reading a commit");
    return fits ? 0 : slip_fail(err, SLIP_E_REPO, "a commit of more than %zu bytes", out->limit);
}

/* One object is as well had on its own, and what this does not get is tried once more then. */
static void prefetch(void *self, const struct slip_oid *ids, size_t n)
{
    struct slip_repo *r = self;
    struct slip_oids missing = { 0 };
    struct slip_error ignored = { 0 };
    for (size_t i = 0; i < n && r->env && r->promisor; i++) {
        git_oid oid;
        memcpy(oid.id, ids[i].bytes, sizeof(oid.id));
        if (!git_odb_exists_ext(r->odb, &oid, GIT_ODB_LOOKUP_NO_REFRESH))
            slip_vec_push(&missing, ids[i]);
    }
    int rc = missing.len > 1
                 ? slip_fetch_objects(r->env, r->git_dir, r->promisor, &missing, &ignored)
                 : 0;
    (void)rc;
    slip_vec_clear(&missing);
}

const struct slip_tree_ops slip_partial_tree_ops = { .read_dir = read_dir,
                                                     .read_blob = read_blob,
                                                     .find = find,
                                                     .submodule = slip_submodule_tree,
                                                     .prefetch = prefetch };

const struct slip_tree_ops slip_repo_tree_ops = {
    .read_dir = read_dir, .read_blob = read_blob, .find = find, .submodule = slip_submodule_tree
};
