/* SPDX-License-Identifier: Apache-2.0 */
/*
 * contextAddFiles. As in werf, paths are compared relative to the project directory although the
 * context that they are compared with is relative to the repository: in a project below its top
 * these files never count.
 */
#include "digest/add_files.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { DEPTH_MAX = 200, FILES_MAX = 1000000 };

struct finding {
    struct slip_add_files *files;
    struct slip_map *seen;
    struct slip_error *err;
};

static int add_file(struct finding *f, const char *path)
{
    if (slip_map_get(f->seen, slip_str_of(path)))
        return 0;
    if (f->files->len >= FILES_MAX)
        return slip_fail(f->err, SLIP_E_CONFIG, "contextAddFiles: more than %d files", FILES_MAX);
    slip_map_set(f->seen, slip_str_of(path), f->seen);
    slip_vec_push(f->files, (struct slip_add_file){ .path = slip_strdup(path) });
    return 0;
}

static int find_below(struct finding *f, const char *path, unsigned depth);

static int is_entry(const struct dirent *e)
{
    return strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int find_in_dir(struct finding *f, const char *path, const char *full, unsigned depth)
{
    struct dirent **entries;
    int n = scandir(full, &entries, is_entry, by_name), rc = 0;
    if (n < 0)
        return slip_fail(f->err, SLIP_E_CONFIG, "contextAddFiles: %s: %s", full, strerror(errno));
    for (int i = 0; i < n; i++) {
        const char *name = entries[i]->d_name;
        SLIP_AUTO_FREE char *entry =
            strcmp(path, ".") == 0 ? slip_strdup(name) : slip_printf("%s/%s", path, name);
        if (rc == 0)
            rc = find_below(f, entry, depth + 1);
        free(entries[i]);
    }
    free(entries);
    return rc;
}

static int find_below(struct finding *f, const char *path, unsigned depth)
{
    SLIP_AUTO_FREE char *full = slip_printf("%s/%s", f->files->dir, path);
    struct stat st;
    if (depth > DEPTH_MAX)
        return slip_fail(f->err, SLIP_E_CONFIG, "contextAddFiles: %s: too deep", full);
    if (lstat(full, &st) < 0)
        return slip_fail(f->err, SLIP_E_CONFIG, "contextAddFiles: %s: %s", full, strerror(errno));
    return S_ISDIR(st.st_mode) ? find_in_dir(f, path, full, depth) : add_file(f, path);
}

int slip_add_files_find(const char *work_tree, struct slip_str project_dir,
                        const struct slip_image *image, struct slip_add_files *out,
                        struct slip_error *err)
{
    SLIP_AUTO(slip_add_files) files = { 0 };
    files.dir = project_dir.len ? slip_printf("%s/%.*s", work_tree, SLIP_ARG(project_dir))
                                : slip_strdup(work_tree);
    struct finding f = { &files, slip_map_new(NULL), err };
    int rc = 0;
    for (size_t i = 0; i < image->context_add_files.len && rc == 0; i++) {
        SLIP_AUTO(slip_buf) path = SLIP_BUF(SLIP_LIMIT_PATH);
        slip_path_join(image->context, image->context_add_files.at[i], &path);
        rc = find_below(&f, path.ptr, 0);
    }
    slip_map_free(f.seen);
    if (rc < 0)
        return -1;
    *out = files;
    files = (struct slip_add_files){ 0 };
    return 0;
}

void slip_add_files_clear(struct slip_add_files *f)
{
    for (size_t i = 0; i < f->len; i++)
        slip_free(f->at[i].path);
    slip_vec_clear(f);
    slip_free(f->dir);
    f->dir = NULL;
}

int slip_add_file_changed(const char *path, struct slip_error *err)
{
    slip_fail(err, SLIP_E_BUILD, "contextAddFiles: '%s' changed after the digest was made of it",
              path);
    return slip_hint(err, "run again when nothing writes there");
}

/* Add the content of a regular file to `h`; its own hash goes to `content`. Links and the like
 * count with their path alone. */
static int hash_content(struct slip_hash *h, const char *path, char content[SLIP_SHA256_HEX + 1],
                        struct slip_error *err)
{
    struct stat st;
    content[0] = '\0';
    if (lstat(path, &st) < 0)
        return slip_fail(err, SLIP_E_CONFIG, "contextAddFiles: %s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return 0;
    SLIP_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    SLIP_AUTO(slip_hash) own = { 0 };
    slip_hash_begin(&own, SLIP_HASH_SHA256);
    char chunk[65536];
    ssize_t n = -1;
    while (fd >= 0 && (n = read(fd, chunk, sizeof(chunk))) > 0) {
        slip_hash_add(h, chunk, (size_t)n);
        slip_hash_add(&own, chunk, (size_t)n);
    }
    if (n < 0)
        return slip_fail(err, SLIP_E_CONFIG, "contextAddFiles: %s: %s", path, strerror(errno));
    slip_hash_end_hex(&own, content);
    return 0;
}

static int hash_file(struct slip_hash *h, const char *dir, struct slip_add_file *file,
                     struct slip_error *err)
{
    SLIP_AUTO_FREE char *full = slip_printf("%s/%s", dir, file->path);
    char content[sizeof(file->content)];
    slip_hash_add_str(h, slip_str_of(file->path));
    if (hash_content(h, full, content, err) < 0)
        return -1;
    if (file->counted && strcmp(file->content, content) != 0)
        return slip_add_file_changed(file->path, err);
    file->counted = true;
    memcpy(file->content, content, sizeof(content));
    return 0;
}

int slip_add_files_hash(struct slip_add_files *f, struct slip_filter *filter,
                        char out[SLIP_SHA256_HEX + 1], bool *any, struct slip_error *err)
{
    SLIP_AUTO(slip_hash) h = { 0 };
    slip_hash_begin(&h, SLIP_HASH_SHA256);
    bool found = false;
    for (size_t i = 0; i < f->len; i++) {
        bool yes;
        if (slip_filter_match(filter, slip_str_of(f->at[i].path), &yes, err) < 0)
            return -1;
        if (!yes)
            continue;
        found = true;
        if (hash_file(&h, f->dir, &f->at[i], err) < 0)
            return -1;
    }
    if (found)
        slip_hash_end_hex(&h, out);
    *any = found;
    return 0;
}
