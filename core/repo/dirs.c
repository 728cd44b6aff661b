/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Directories that look-ups went through, kept. Most of them are gone through again: the files of
 * many images are asked for one after the other.
 *
 * A small one is read from its start each time. For a large one the entries are put in the order of
 * their names first; that of the tree itself is another (dockerfile-digest.md 6.1) and, in a tree
 * that no git wrote, any.
 */
#include "repo/internal.h"

#include "base/map.h"

#include <stdlib.h>
#include <string.h>

enum {
    LARGE = 16384,     /* bytes of a directory */
    DIRS_MAX = 1 << 20 /* of all that are kept; the small ones take as much again in memory */
};

struct slip_kept_dir {
    struct slip_buf raw; /* the tree object */
    const char **sorted; /* its entries by name, once they were asked for, or NULL */
    size_t len;
};

/* An entry of a tree object that was read without an error: "<mode> <name>" and a NUL. */
static struct slip_str name_of(const char *entry)
{
    return slip_str_of(strchr(entry, ' ') + 1);
}

/* Of entries with one name, which no git writes, the first one comes first. */
static int by_name(const void *a, const void *b)
{
    const char *x = *(const char *const *)a, *y = *(const char *const *)b;
    int c = slip_str_cmp(name_of(x), name_of(y));
    return c ? c : (x > y) - (x < y);
}

static int sort_names(struct slip_kept_dir *dir, struct slip_error *err)
{
    SLIP_AUTO(slip_entries) entries = SLIP_ENTRIES;
    if (slip_entries_parse(slip_buf_str(&dir->raw), &entries, err) < 0)
        return -1;
    const char *entry = dir->raw.ptr;
    dir->sorted = slip_alloc_array(entries.len, sizeof(*dir->sorted));
    for (size_t i = 0; i < entries.len; i++) {
        dir->sorted[i] = entry;
        struct slip_str name = name_of(entry);
        entry = name.ptr + name.len + 1 + sizeof(entries.at[i].id);
    }
    dir->len = entries.len;
    qsort(dir->sorted, dir->len, sizeof(*dir->sorted), by_name);
    return 0;
}

/* From the first entry that is not before `name`. */
static struct slip_str skip_to(const struct slip_kept_dir *dir, struct slip_str name)
{
    size_t low = 0, high = dir->len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (slip_str_cmp(name_of(dir->sorted[middle]), name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == dir->len || !slip_str_eq(name_of(dir->sorted[low]), name))
        return SLIP_STR("");
    return slip_str_skip(slip_buf_str(&dir->raw), (size_t)(dir->sorted[low] - dir->raw.ptr));
}

struct slip_str slip_kept_dir_raw(const struct slip_kept_dir *dir)
{
    return slip_buf_str(&dir->raw);
}

int slip_kept_dir_find(struct slip_kept_dir *dir, struct slip_str name, struct slip_entry *out,
                       bool *found, struct slip_error *err)
{
    if (dir->raw.len < LARGE)
        return slip_entries_find(slip_buf_str(&dir->raw), name, out, found, err);
    if (!dir->sorted && sort_names(dir, err) < 0)
        return -1;
    return slip_entries_find(skip_to(dir, name), name, out, found, err);
}

static struct slip_str key_of(const struct slip_oid *id)
{
    return slip_str_make((const char *)id->bytes, sizeof(id->bytes));
}

struct slip_kept_dir *slip_kept_dir(const struct slip_repo *r, const struct slip_oid *id)
{
    return r->dirs ? slip_map_get(r->dirs, key_of(id)) : NULL;
}

static void free_dir(void *p)
{
    struct slip_kept_dir *dir = p;
    slip_buf_clear(&dir->raw);
    slip_free(dir->sorted);
    slip_free(dir);
}

void slip_kept_dirs_clear(struct slip_repo *r)
{
    slip_map_free(r->dirs);
    r->dirs = NULL;
    r->dirs_size = 0;
}

void slip_keep_dir(struct slip_repo *r, const struct slip_oid *id, struct slip_str raw)
{
    if (raw.len > DIRS_MAX)
        return;
    if (raw.len > DIRS_MAX - r->dirs_size)
        slip_kept_dirs_clear(r);
    if (!r->dirs)
        r->dirs = slip_map_new(free_dir);
    struct slip_kept_dir *dir = slip_new(struct slip_kept_dir);
    slip_buf_init(&dir->raw, DIRS_MAX);
    slip_buf_add_str(&dir->raw, raw);
    slip_map_set(r->dirs, key_of(id), dir);
    r->dirs_size += raw.len;
}
