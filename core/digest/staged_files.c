/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a build context: listing them, finding one, reading it. */
#include "digest/staged_files.h"

#include "base/file.h"
#include "base/limits.h"
#include "digest/select.h"
#include "digest/staged_context.h"

#include <stdlib.h>
#include <sys/stat.h>

#define BLOB_MAX ((size_t)1 << 31) /* bytes of one file */
enum { FILES_MAX = 2000000 };

/* ---- the list ---- */

struct listing {
    struct slip_staged_context *c;
    struct slip_str context; /* prefix of the paths of the tree */
    struct slip_error *err;  /* the first one */
};

static bool is_link(const struct slip_staged_file *f)
{
    const struct slip_entry e = { .mode = f->mode };
    return slip_entry_is_link(&e);
}

static struct slip_str from_context(const struct listing *l, struct slip_str path)
{
    return l->context.len ? slip_str_skip(path, l->context.len + 1) : path;
}

static int add(struct listing *l, struct slip_str path, const struct slip_entry *e,
               struct slip_error *err)
{
    struct slip_staged_context *c = l->c;
    if (slip_entry_is_submodule(e)) {
        slip_fail(err, SLIP_E_UNSUPPORTED, "the build context holds the submodule '%.*s'",
                  SLIP_ARG(path));
        return slip_hint(err, "leave it out with the ignore file, or use werf for this image");
    }
    if (c->files.len == FILES_MAX)
        return slip_fail(err, SLIP_E_CONFIG, "the build context has more than %d files", FILES_MAX);
    struct slip_staged_file f = { .mode = e->mode, .id = e->id };
    f.path = slip_arena_str(&c->arena, from_context(l, path));
    slip_vec_push(&c->files, f);
    return 0;
}

static int add_below(void *payload, struct slip_str path, const struct slip_entry *e,
                     struct slip_error *err)
{
    if (slip_entry_is_dir(e))
        return 1;
    return add(payload, path, e, err);
}

/* An entry that is taken: a directory with all that is in it. */
static void take(void *payload, struct slip_str path, const struct slip_entry *e)
{
    struct listing *l = payload;
    if (l->err->kind)
        return;
    if (!slip_entry_is_dir(e))
        (void)!add(l, path, e, l->err);
    else
        (void)!slip_tree_walk(&l->c->tree, path, add_below, l, l->err);
}

static int by_path(const void *a, const void *b)
{
    return slip_str_cmp(((const struct slip_staged_file *)a)->path,
                        ((const struct slip_staged_file *)b)->path);
}

static void sort(struct slip_staged_context *c)
{
    if (c->files.len)
        qsort(c->files.at, c->files.len, sizeof(*c->files.at), by_path);
}

size_t slip_staged_lower_bound(const struct slip_staged_context *c, struct slip_str path)
{
    size_t from = 0, to = c->files.len;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (slip_str_cmp(c->files.at[middle].path, path) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static struct slip_staged_file *find(const struct slip_staged_context *c, struct slip_str path)
{
    size_t at = slip_staged_lower_bound(c, path);
    return at < c->files.len && slip_str_eq(c->files.at[at].path, path) ? &c->files.at[at] : NULL;
}

/* In the place of what is there, as of the sorted list; new ones go to its end. */
static struct slip_staged_file *put(struct slip_staged_context *c, struct slip_str path,
                                    size_t sorted)
{
    struct slip_staged_context old = *c;
    old.files.len = sorted;
    struct slip_staged_file *f = find(&old, path);
    if (!f)
        f = slip_vec_add(&c->files);
    *f = (struct slip_staged_file){ .path = path, .mode = SLIP_MODE_FILE };
    return f;
}

static void put_dockerfile(struct slip_staged_context *c, const struct slip_image *image,
                           const struct slip_image_files *files)
{
    SLIP_AUTO(slip_buf) path = SLIP_BUF(SLIP_LIMIT_PATH);
    slip_path_clean(image->dockerfile, &path);
    struct slip_staged_file *f =
        put(c, slip_arena_str(&c->arena, slip_buf_str(&path)), c->files.len);
    f->is_text = true;
    f->text = slip_arena_str(&c->arena, files->dockerfile);
}

static int put_added(struct slip_staged_context *c, const struct slip_image *image,
                     struct slip_add_files *added, struct slip_error *err)
{
    size_t sorted = c->files.len;
    for (size_t i = 0; i < added->len; i++) {
        struct slip_add_file *from = &added->at[i];
        struct slip_str path = slip_str_of(from->path);
        struct stat st;
        if (image->context.len)
            path = slip_str_skip(path, image->context.len + 1);
        struct slip_staged_file *f = put(c, slip_arena_str(&c->arena, path), sorted);
        f->place = slip_arena_printf(&c->arena, "%s/%s", added->dir, from->path);
        if (lstat(f->place, &st) < 0 || !(S_ISREG(st.st_mode) || S_ISLNK(st.st_mode)))
            return slip_fail(err, SLIP_E_UNSUPPORTED,
                             "contextAddFiles: '%s' is neither a file nor a link", from->path);
        if (S_ISLNK(st.st_mode))
            f->mode = SLIP_MODE_LINK;
    }
    sort(c);
    return 0;
}

int slip_staged_context_new(const struct slip_tree *tree, const struct slip_image *image,
                            const struct slip_image_files *files, struct slip_add_files *added,
                            struct slip_staged_context **out, struct slip_error *err)
{
    SLIP_AUTO_PTR(slip_staged_context) c = slip_new(struct slip_staged_context);
    struct slip_error first = { 0 };
    struct listing l = { c, files->context, &first };
    struct slip_file_selection selection = {
        .context = files->context, .ignore = files->ignore, .on_entry = take, .payload = &l
    };
    struct slip_file_selection *const one = &selection;
    c->tree = *tree;
    c->dir = slip_arena_str(&c->arena, files->context);
    c->checkout = slip_checkout_new(&c->tree);
    slip_buf_init(&c->blob, BLOB_MAX);
    if (slip_select_files(tree, NULL, &one, 1) < 0) {
        *err = selection.err;
        return slip_while(err, "the build context");
    }
    if (first.kind) {
        *err = first;
        return -1;
    }
    sort(c);
    if (added && put_added(c, image, added, err) < 0)
        return -1;
    put_dockerfile(c, image, files);
    sort(c);
    *out = slip_take(c);
    return 0;
}

void slip_staged_context_free(struct slip_staged_context *c)
{
    if (!c)
        return;
    slip_vec_clear(&c->files);
    slip_buf_clear(&c->blob);
    slip_checkout_free(c->checkout);
    slip_arena_clear(&c->arena);
    slip_free(c);
}

/* ---- paths ---- */

static int load_blob(struct slip_staged_context *c, const struct slip_staged_file *f,
                     struct slip_error *err)
{
    SLIP_AUTO(slip_buf) path = SLIP_BUF(SLIP_LIMIT_PATH);
    if (c->tree.ops->read_blob(c->tree.self, &f->id, &c->blob, err) < 0)
        return -1;
    if (is_link(f))
        return 0;
    slip_path_join(c->dir, f->path, &path);
    return slip_checkout_convert(c->checkout, slip_buf_str(&path), &c->blob, err);
}

int slip_staged_load(struct slip_staged_context *c, const struct slip_staged_file *f,
                     struct slip_str *out, struct slip_error *err)
{
    slip_buf_reset(&c->blob);
    if (f->is_text) {
        *out = f->text;
        return 0;
    }
    if (!f->place) {
        if (load_blob(c, f, err) < 0)
            return slip_while(err, "'%.*s' of the build context", SLIP_ARG(f->path));
    } else if (is_link(f)) {
        char target[4096];
        ssize_t n = readlink(f->place, target, sizeof(target));
        slip_buf_add(&c->blob, target, n > 0 ? (size_t)n : 0);
    } else if (slip_file_read(f->place, &c->blob, err) < 0) {
        return slip_while(err, "contextAddFiles");
    }
    *out = slip_buf_str(&c->blob);
    return 0;
}

void slip_staged_node_clear(struct slip_staged_node *n)
{
    slip_buf_clear(&n->path);
}

static bool has_below(const struct slip_staged_context *c, struct slip_str dir)
{
    SLIP_AUTO(slip_buf) prefix = SLIP_BUF(SLIP_LIMIT_PATH + 1);
    slip_buf_add_str(&prefix, dir);
    slip_buf_add_char(&prefix, '/');
    size_t at = slip_staged_lower_bound(c, slip_buf_str(&prefix));
    return at < c->files.len && slip_str_starts(c->files.at[at].path, slip_buf_str(&prefix));
}

/* One more component, which is no link. */
static void step(const struct slip_staged_context *c, struct slip_str name,
                 struct slip_staged_node *n)
{
    if (n->path.len)
        slip_buf_add_char(&n->path, '/');
    slip_buf_add_str(&n->path, name);
    n->file = find(c, slip_buf_str(&n->path));
    n->kind = n->file ? is_link(n->file) ? SLIP_NODE_LINK : SLIP_NODE_FILE
              : has_below(c, slip_buf_str(&n->path)) ? SLIP_NODE_DIR
                                                     : SLIP_NODE_NONE;
}

/* Go on from the top with what the link that was met leads to, and `left` behind it. */
static int follow_link(struct slip_staged_context *c, struct slip_str left,
                       struct slip_staged_node *at, struct slip_buf *rest, struct slip_error *err)
{
    struct slip_str target;
    if (slip_staged_load(c, at->file, &target, err) < 0)
        return -1;
    SLIP_AUTO(slip_buf) next = SLIP_BUF(SLIP_LIMIT_PATH);
    SLIP_AUTO(slip_buf) joined = SLIP_BUF(SLIP_LIMIT_PATH);
    slip_path_join(slip_path_dir(slip_buf_str(&at->path)), target, &joined);
    slip_path_join(slip_buf_str(&joined), left, &next);
    if (left.len == 0 && slip_str_ends(target, SLIP_STR("/")))
        slip_buf_add_c(&next, "/."); /* it has to be a directory */
    bool inside = target.len && target.ptr[0] != '/' && slip_path_is_inside(slip_buf_str(&joined));
    at->kind = inside ? SLIP_NODE_DIR : SLIP_NODE_NONE;
    slip_buf_reset(&at->path);
    slip_buf_move(rest, &next);
    return 0;
}

int slip_staged_look(struct slip_staged_context *c, struct slip_str path, bool follow,
                     struct slip_staged_node *out, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) rest = SLIP_BUF(SLIP_LIMIT_PATH);
    slip_buf_add_str(&rest, path);
    slip_buf_reset(&out->path);
    out->kind = SLIP_NODE_DIR;
    for (unsigned links = 0; rest.len && out->kind != SLIP_NODE_NONE;) {
        SLIP_AUTO(slip_buf) now = SLIP_BUF(SLIP_LIMIT_PATH);
        slip_buf_move(&now, &rest);
        struct slip_str left = slip_buf_str(&now), name;
        if (!slip_path_next(&left, &name))
            return 0;
        if (out->kind != SLIP_NODE_DIR || links > SLIP_LIMIT_LINKS) {
            out->kind = SLIP_NODE_NONE;
            return 0;
        }
        slip_buf_add_str(&rest, left);
        if (slip_str_is(name, "."))
            continue;
        step(c, name, out);
        bool ends = left.len == 0 && !follow;
        if (out->kind != SLIP_NODE_LINK || ends)
            continue;
        links++;
        if (follow_link(c, left, out, &rest, err) < 0)
            return -1;
    }
    return 0;
}
