/* SPDX-License-Identifier: Apache-2.0 */
/* Removes what a layout needs no more: mark what index.json leads to, sweep what is old. */
#include "base/file.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/temp_dir.h"
#include "registry/layout_dir.h"
#include "value/json.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#define GRACE_SECONDS (24 * 60 * 60)
#define NESTING_MAX 4 /* indexes inside indexes */

static int mark_manifest(struct slip_layout_dir *d, struct slip_map *used, const char *digest,
                         int depth, struct slip_error *err);

/* Mark the blob of a descriptor; true when it was not marked before. */
static bool mark(struct slip_map *used, const struct slip_value *descriptor,
                 struct slip_str *digest)
{
    const struct slip_value *v = slip_value_get(descriptor, "digest");
    if (!v || v->type != SLIP_VALUE_STRING || slip_map_get(used, v->text))
        return false;
    *digest = v->text;
    slip_map_set(used, v->text, used);
    return true;
}

static int mark_manifests(struct slip_layout_dir *d, struct slip_map *used,
                          const struct slip_value *list, int depth, struct slip_error *err)
{
    struct slip_str digest;
    for (size_t i = 0; list && list->type == SLIP_VALUE_LIST && i < list->len; i++) {
        if (!mark(used, list->items[i], &digest))
            continue;
        char text[SLIP_DIGEST_LEN + 1];
        snprintf(text, sizeof(text), "%.*s", SLIP_ARG(digest));
        if (mark_manifest(d, used, text, depth, err) < 0)
            return -1;
    }
    return 0;
}

/* Fails when the manifest cannot be read: then nobody knows what is needed. */
static int mark_manifest(struct slip_layout_dir *d, struct slip_map *used, const char *digest,
                         int depth, struct slip_error *err)
{
    char name[SLIP_LAYOUT_NAME_MAX];
    SLIP_AUTO(slip_buf) body = SLIP_BUF(SLIP_LIMIT_MANIFEST);
    SLIP_AUTO(slip_doc) doc = { 0 };
    bool found;
    if (depth > NESTING_MAX)
        return slip_fail(err, SLIP_E_REGISTRY, "indexes nest too deep");
    if (slip_layout_blob_name(digest, name, err) < 0
        || slip_layout_read(d, name, &body, &found, err) < 0)
        return -1;
    if (!found) /* an entry without content leads to nothing */
        return 0;
    if (slip_json_read(slip_buf_str(&body), name, 0, &doc, err) < 0)
        return -1;

    struct slip_str ignored;
    const struct slip_value *layers = slip_value_get(doc.root, "layers");
    (void)mark(used, slip_value_get(doc.root, "config"), &ignored);
    for (size_t i = 0; layers && layers->type == SLIP_VALUE_LIST && i < layers->len; i++)
        (void)mark(used, layers->items[i], &ignored);
    return mark_manifests(d, used, slip_value_get(doc.root, "manifests"), depth + 1, err);
}

int slip_layout_mark(struct slip_layout_dir *d, struct slip_map *used, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_FILE);
    SLIP_AUTO(slip_doc) doc = { 0 };
    bool found;
    if (slip_layout_read(d, SLIP_LAYOUT_INDEX, &text, &found, err) < 0
        || slip_json_read(slip_buf_str(&text), SLIP_LAYOUT_INDEX, 0, &doc, err) < 0)
        return -1;
    return mark_manifests(d, used, slip_value_get(doc.root, "manifests"), 0, err);
}

static bool is_unused_blob(const char *name, const struct slip_map *used)
{
    char digest[SLIP_DIGEST_LEN + 1];
    if (strlen(name) != 64 || strspn(name, "0123456789abcdef") != 64)
        return false;
    snprintf(digest, sizeof(digest), "sha256:%.64s", name);
    return !slip_map_get(used, slip_str_of(digest));
}

/* `used` is NULL in the directory of files that are being written. */
static bool may_go(const char *name, const struct slip_map *used)
{
    return used ? is_unused_blob(name, used) : strncmp(name, "tmp-", 4) == 0;
}

static DIR *open_dir(int at, const char *name)
{
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir)
        slip_fd_close(&fd);
    return dir;
}

static void remove_old(struct slip_layout_dir *d, const char *name, const struct slip_map *used,
                       time_t now)
{
    DIR *dir = open_dir(d->fd, name);
    if (!dir)
        return;
    struct dirent *e;
    struct stat st;
    while ((e = readdir(dir)))
        if (may_go(e->d_name, used) && fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0
            && S_ISREG(st.st_mode) && st.st_mtime + GRACE_SECONDS < now)
            (void)unlinkat(dirfd(dir), e->d_name, 0);
    closedir(dir);
}

void slip_layout_sweep_left_over(struct slip_layout_dir *d)
{
    DIR *dir = d->fd < 0 ? NULL : open_dir(d->fd, SLIP_LAYOUT_TEMP);
    if (!dir)
        return;
    for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        SLIP_AUTO_FD left =
            may_go(e->d_name, NULL) ? slip_left_over_open(dirfd(dir), e->d_name, O_WRONLY) : -1;
        if (left >= 0)
            (void)unlinkat(dirfd(dir), e->d_name, 0);
    }
    closedir(dir);
}

/* Beside an archive other programs may have directories whose names only look like ours. */
static bool is_ours(int fd)
{
    char other[SLIP_LAYOUT_NAME_MAX];
    return slip_layout_find_foreign(fd, other) == 0;
}

void slip_layout_sweep_archive(const char *prefix)
{
    slip_own_dir_sweep(prefix, is_ours);
}

void slip_layout_sweep(struct slip_layout_dir *d, time_t now)
{
    struct slip_error err = { 0 };
    SLIP_AUTO_PTR(slip_map) used = slip_map_new(NULL);
    if (slip_layout_lock(d, true, &err) < 0)
        return;
    if (slip_layout_mark(d, used, &err) == 0) {
        remove_old(d, SLIP_LAYOUT_BLOBS, used, now);
        remove_old(d, SLIP_LAYOUT_TEMP, NULL, now);
    }
    slip_layout_unlock(d);
}
