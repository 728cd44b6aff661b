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

static int read_object(struct slip_repo *r, const struct slip_oid *id, git_object_t type,
                       git_odb_object **out, struct slip_error *err)
{
    git_oid oid;
    memcpy(oid.id, id->bytes, sizeof(oid.id));
    git_odb_object *object = NULL;
    int rc = git_odb_read(&object, r->odb, &oid);
    char hex[SLIP_OID_HEX + 1];
    slip_oid_hex(id, hex);
    if (rc == GIT_ENOTFOUND) {
        bool found;
        if (fetch(r, id, &found, err) < 0)
            return slip_while(err, "%s %s", kind_name(type), hex);
        rc = found ? git_odb_read(&object, r->odb, &oid) : rc;
    }
    if (rc == GIT_ENOTFOUND)
        return missing(r, id, type, err);
    if (rc < 0)
        return slip_repo_fail(err, hex);
    if (git_odb_object_type(object) != type) {
        git_odb_object_free(object);
        return slip_fail(err, SLIP_E_REPO, "object %s is no %s", hex, kind_name(type));
    }
    *out = object;
    return 0;
}

static struct slip_str content(git_odb_object *o)
{
    return slip_str_make(git_odb_object_data(o), git_odb_object_size(o));
}

/* Keep what was asked for twice in a row in its slot, as long as there is room. */
static void remember_dir(struct slip_repo *r, const struct slip_oid *id, struct slip_str raw)
{
    struct slip_object_slot *slot = &r->dirs[id->bytes[0]];
    if (!slip_oid_eq(&slot->id, id)) {
        r->dirs_size -= slot->raw.len;
        slip_buf_clear(&slot->raw);
        slot->id = *id;
    } else if (raw.len <= SLIP_DIR_CACHE_MAX - r->dirs_size) {
        slip_buf_init(&slot->raw, SLIP_DIR_CACHE_MAX);
        slip_buf_add_str(&slot->raw, raw);
        r->dirs_size += raw.len;
    }
}

void slip_object_cache_clear(struct slip_repo *r)
{
    for (size_t i = 0; i < SLIP_DIR_SLOTS; i++)
        slip_buf_clear(&r->dirs[i].raw);
    for (size_t i = 0; i < SLIP_BLOB_SLOTS; i++)
        slip_buf_clear(&r->blobs[i].raw);
}

static int read_dir(void *self, const struct slip_oid *id, struct slip_entries *out,
                    struct slip_error *err)
{
    struct slip_repo *r = self;
    const struct slip_object_slot *slot = &r->dirs[id->bytes[0]];
    if (slot->raw.len && slip_oid_eq(&slot->id, id))
        return slip_entries_parse(slip_buf_str(&slot->raw), out, err);
    git_odb_object *object;
    if (read_object(r, id, GIT_OBJECT_TREE, &object, err) < 0)
        return -1;
    int rc = slip_entries_parse(content(object), out, err);
    if (rc == 0)
        remember_dir(r, id, content(object));
    git_odb_object_free(object);
    if (rc < 0) {
        char hex[SLIP_OID_HEX + 1];
        slip_oid_hex(id, hex);
        return slip_while(err, "tree %s", hex);
    }
    return 0;
}

static struct slip_object_slot *blob_slot(struct slip_repo *r, const struct slip_oid *id)
{
    return &r->blobs[id->bytes[0]];
}

static void remember_blob(struct slip_repo *r, const struct slip_oid *id, struct slip_str raw)
{
    struct slip_object_slot *slot = blob_slot(r, id);
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
    const struct slip_object_slot *kept = blob_slot(r, id);
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
                                                     .submodule = slip_submodule_tree,
                                                     .prefetch = prefetch };

const struct slip_tree_ops slip_repo_tree_ops = { .read_dir = read_dir,
                                                  .read_blob = read_blob,
                                                  .submodule = slip_submodule_tree };
