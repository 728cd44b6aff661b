/* SPDX-License-Identifier: Apache-2.0 */
/* A commit's tree as a tar stream: list first, then read blob after blob as the bytes are asked
 * for.
 */
#include "build/context.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/vec.h"
#include "build/tar.h"
#include "digest/add_files.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOB_MAX ((size_t)1 << 31) /* bytes of one file of a context */

struct member {
    struct slip_str path; /* from the context's directory */
    struct slip_oid id;
    unsigned mode;
    size_t tree;         /* which tree it is in */
    const char *file;    /* of this machine, or NULL */
    const char *content; /* as in struct slip_context_file */
};

struct slip_context {
    int64_t mtime;
    struct slip_arena arena;
    struct {
        SLIP_VEC(struct member);
    } members;
    struct {
        SLIP_VEC(struct slip_tree); /* the commit's own, and those of submodules */
    } trees;
    size_t next; /* member to write */
    bool ended;
    struct slip_buf head, body; /* what is being written */
    struct slip_str left;       /* of them, not handed out yet */
    struct slip_str then;       /* what follows `left` */
    size_t padding;             /* zeros that follow both */
};

/* One directory tree being listed. */
struct listing {
    struct slip_context *context;
    const struct slip_context_source *source;
    struct slip_str strip;  /* prefix of the paths that the walk gives, without a slash */
    struct slip_str prefix; /* what stands there instead */
    size_t tree;
};

static int list_tree(struct listing *l, struct slip_str dir, struct slip_error *err);

static struct slip_str context_path(const struct listing *l, struct slip_str path)
{
    if (l->strip.len)
        path = slip_str_skip(path, l->strip.len + 1);
    if (l->prefix.len == 0)
        return slip_arena_str(&l->context->arena, path);
    char *joined =
        slip_arena_printf(&l->context->arena, "%.*s/%.*s", SLIP_ARG(l->prefix), SLIP_ARG(path));
    return slip_str_of(joined);
}

static int list_submodule(const struct listing *l, struct slip_str path, struct slip_str shown,
                          const struct slip_entry *e, struct slip_error *err)
{
    struct slip_tree super = l->context->trees.at[l->tree], sub;
    if (!super.ops->submodule)
        return slip_fail(err, SLIP_E_UNSUPPORTED,
                         "the build context holds the submodule '%.*s', whose content is not here",
                         SLIP_ARG(shown));
    if (super.ops->submodule(&super, path, &e->id, &sub, err) < 0)
        return slip_while(err, "the build context");
    slip_vec_push(&l->context->trees, sub);
    struct listing inner = { l->context, l->source, SLIP_STR(""), shown,
                             l->context->trees.len - 1 };
    return list_tree(&inner, SLIP_STR(""), err);
}

static bool is_replaced(const struct slip_context_source *source, struct slip_str path)
{
    for (size_t i = 0; i < source->n_replaced; i++)
        if (slip_str_eq(path, source->replaced[i]) || slip_path_is_below(path, source->replaced[i]))
            return true;
    return false;
}

static int add_member(void *payload, struct slip_str path, const struct slip_entry *e,
                      struct slip_error *err)
{
    struct listing *l = payload;
    struct slip_str shown = context_path(l, path);
    if (is_replaced(l->source, shown)
        || (l->source->want && !l->source->want(l->source->payload, shown, e)))
        return 0;
    slip_vec_push(&l->context->members,
                  (struct member){ shown, e->id, e->mode, l->tree, NULL, NULL });
    if (slip_entry_is_submodule(e))
        return list_submodule(l, path, shown, e, err);
    return slip_entry_is_dir(e);
}

static int list_tree(struct listing *l, struct slip_str dir, struct slip_error *err)
{
    struct slip_tree tree = l->context->trees.at[l->tree];
    return slip_tree_walk(&tree, dir, add_member, l, err);
}

static void add_files(struct slip_context *c, const struct slip_context_source *source)
{
    for (size_t i = 0; i < source->n_files; i++) {
        const struct slip_context_file *f = &source->files[i];
        struct member m = { .path = slip_arena_str(&c->arena, f->path), .mode = SLIP_MODE_FILE };
        m.file = slip_arena_strdup(&c->arena, slip_str_of(f->file));
        if (f->content)
            m.content = slip_arena_strdup(&c->arena, slip_str_of(f->content));
        slip_vec_push(&c->members, m);
    }
}

/* Where the context is; a submodule that is one as a whole is entered, too. */
static int find_dir(const struct slip_context_source *source, struct slip_tree_place *at,
                    struct slip_error *err)
{
    bool found;
    if (slip_tree_find_place(&source->tree, source->dir, at, &found, err) < 0)
        return -1;
    if (!found || !(slip_entry_is_dir(&at->entry) || slip_entry_is_submodule(&at->entry)))
        return slip_fail(err, SLIP_E_CONFIG,
                         "the build context '%.*s' is no directory of the commit",
                         SLIP_ARG(source->dir));
    return 0;
}

static int list_context(struct slip_context *c, const struct slip_context_source *source,
                        const struct slip_tree_place *at, struct slip_error *err)
{
    struct listing l = { c, source, at->path, SLIP_STR(""), 0 };
    slip_vec_push(&c->trees, at->tree);
    return slip_entry_is_submodule(&at->entry)
               ? list_submodule(&l, at->path, SLIP_STR(""), &at->entry, err)
               : list_tree(&l, at->path, err);
}

/* A build reads nearly everything. */
static void prefetch(const struct slip_context *c)
{
    for (size_t t = 0; t < c->trees.len; t++) {
        struct slip_oids ids = { 0 };
        for (size_t i = 0; i < c->members.len && c->trees.at[t].ops->prefetch; i++) {
            const struct member *m = &c->members.at[i];
            const struct slip_entry e = { .mode = m->mode };
            if (m->tree == t && !m->file && !slip_entry_is_dir(&e) && !slip_entry_is_submodule(&e))
                slip_vec_push(&ids, m->id);
        }
        slip_tree_prefetch(&c->trees.at[t], &ids);
        slip_vec_clear(&ids);
    }
}

int slip_context_open(const struct slip_context_source *source, struct slip_context **out,
                      struct slip_error *err)
{
    struct slip_tree_place at;
    if (find_dir(source, &at, err) < 0)
        return -1;
    SLIP_AUTO_PTR(slip_context) c = slip_new(struct slip_context);
    c->mtime = source->mtime;
    slip_buf_init(&c->head, 1 << 20);
    slip_buf_init(&c->body, BLOB_MAX);
    if (list_context(c, source, &at, err) < 0)
        return -1;
    prefetch(c);
    add_files(c, source);
    *out = slip_take(c);
    return 0;
}

void slip_context_free(struct slip_context *c)
{
    if (!c)
        return;
    slip_vec_clear(&c->members);
    slip_vec_clear(&c->trees);
    slip_buf_clear(&c->head);
    slip_buf_clear(&c->body);
    slip_arena_clear(&c->arena);
    slip_free(c);
}

/* Read a file or link of this machine into `body`; `mode` is as git would store it. */
static int load_file(struct slip_context *c, const struct member *m, unsigned *mode,
                     struct slip_error *err)
{
    struct stat st;
    if (lstat(m->file, &st) < 0)
        return slip_fail(err, SLIP_E_CONFIG, "%s: %s", m->file, strerror(errno));
    if (S_ISLNK(st.st_mode)) {
        char target[4096];
        ssize_t n = readlink(m->file, target, sizeof(target));
        if (n < 0)
            return slip_fail(err, SLIP_E_CONFIG, "%s: %s", m->file, strerror(errno));
        *mode = SLIP_MODE_LINK;
        slip_buf_add(&c->body, target, (size_t)n);
        return 0;
    }
    if (!S_ISREG(st.st_mode))
        return slip_fail(err, SLIP_E_UNSUPPORTED, "%s is neither a file nor a link", m->file);
    *mode = st.st_mode & 0111 ? SLIP_MODE_EXEC : SLIP_MODE_FILE;
    return slip_file_read(m->file, &c->body, err);
}

/* What was just read is what the digest was made of. */
static int check_file(const struct slip_context *c, const struct member *m, unsigned mode,
                      struct slip_error *err)
{
    char content[SLIP_SHA256_HEX + 1] = "";
    if (!m->content)
        return 0;
    if (mode != SLIP_MODE_LINK)
        slip_hash_hex(SLIP_HASH_SHA256, slip_buf_str(&c->body), content);
    return strcmp(content, m->content) == 0 ? 0 : slip_add_file_changed(m->path.ptr, err);
}

/* Read the content of a file or link into `body`. */
static int load(struct slip_context *c, const struct member *m, unsigned *mode,
                struct slip_error *err)
{
    const struct slip_tree *t = &c->trees.at[m->tree];
    slip_buf_reset(&c->body);
    *mode = m->mode;
    if (m->file)
        return load_file(c, m, mode, err) < 0 ? -1 : check_file(c, m, *mode, err);
    if (t->ops->read_blob(t->self, &m->id, &c->body, err) < 0)
        return slip_while(err, "'%.*s' of the build context", SLIP_ARG(m->path));
    return 0;
}

/* Make the next member ready to be handed out. */
static int begin_member(struct slip_context *c, const struct member *m, struct slip_error *err)
{
    struct slip_entry e = { .mode = m->mode };
    struct slip_tar_member t = { .path = m->path, .mtime = c->mtime };
    c->then = SLIP_STR("");
    c->padding = 0;
    if (slip_entry_is_dir(&e) || slip_entry_is_submodule(&e)) {
        t.type = SLIP_TAR_DIR;
        t.mode = 0755;
    } else if (load(c, m, &e.mode, err) < 0) {
        return -1;
    } else if (slip_entry_is_link(&e)) {
        t.type = SLIP_TAR_LINK;
        t.mode = 0777;
        t.link = slip_buf_str(&c->body);
    } else {
        t.type = SLIP_TAR_FILE;
        t.mode = e.mode & 0111 ? 0755 : 0644;
        t.size = c->body.len;
        c->then = slip_buf_str(&c->body);
        c->padding = slip_tar_padding(c->body.len);
    }
    slip_buf_reset(&c->head);
    if (!slip_tar_add_header(&c->head, &t))
        return slip_fail(err, SLIP_E_REPO, "'%.*s' of the build context: the name is too long",
                         SLIP_ARG(slip_str_first(m->path, 200)));
    c->left = slip_buf_str(&c->head);
    return 0;
}

/* The next piece to hand out; empty at the end of the archive. */
static int next_piece(struct slip_context *c, struct slip_error *err)
{
    static const char zeros[SLIP_TAR_BLOCK];
    if (c->then.len) {
        c->left = c->then;
        c->then = SLIP_STR("");
    } else if (c->padding) {
        c->left = slip_str_make(zeros, c->padding);
        c->padding = 0;
    } else if (c->next < c->members.len) {
        return begin_member(c, &c->members.at[c->next++], err);
    } else if (!c->ended) {
        c->ended = true;
        slip_buf_reset(&c->head);
        slip_tar_add_end(&c->head);
        c->left = slip_buf_str(&c->head);
    }
    return 0;
}

int slip_context_read(void *context, char *buf, size_t size, size_t *len, struct slip_error *err)
{
    struct slip_context *c = context;
    *len = 0;
    while (*len < size) {
        if (c->left.len == 0 && next_piece(c, err) < 0)
            return -1;
        if (c->left.len == 0)
            return 0;
        size_t n = size - *len < c->left.len ? size - *len : c->left.len;
        memcpy(buf + *len, c->left.ptr, n);
        c->left = slip_str_skip(c->left, n);
        *len += n;
    }
    return 0;
}
