/* SPDX-License-Identifier: Apache-2.0 */
/* Checksums of a build context: which paths the sources match, and the hash of each. */
#include "digest/staged_context.h"

#include "base/limits.h"
#include "digest/staged_files.h"
#include "match/file_match.h"
#include "value/base64.h"

#include <stdlib.h>

enum {
    MATCHES_MAX = 1000000,
    PATTERN_MAX = 4096, /* bytes of a source with wildcards */
    DEPTH_MAX = 1000,
};

/* ---- globs ---- */

struct matches {
    SLIP_VEC(struct slip_str);
    struct slip_arena arena;
};

static void matches_clear(struct matches *m)
{
    slip_vec_clear(m);
    slip_arena_clear(&m->arena);
}
SLIP_DEFINE_AUTO(matches, matches_clear);

static bool has_any(struct slip_str s, const char *of)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] && strchr(of, s.ptr[i]))
            return true;
    return false;
}

static int add_match(struct matches *m, struct slip_str path, struct slip_error *err)
{
    if (m->len == MATCHES_MAX)
        return slip_fail(err, SLIP_E_CONFIG, "more than %d files match", MATCHES_MAX);
    slip_vec_push(m, slip_arena_str(&m->arena, path.len ? path : SLIP_STR(".")));
    return 0;
}

/* "dir/name" behind `dir`, in a buffer of its own. */
static void child_path(struct slip_str dir, struct slip_str name, struct slip_buf *out)
{
    slip_buf_reset(out);
    slip_buf_add_str(out, dir);
    if (dir.len)
        slip_buf_add_char(out, '/');
    slip_buf_add_str(out, name);
}

static int expand(struct slip_staged_context *c, struct slip_str dir, struct slip_str pattern,
                  struct matches *m, unsigned depth, struct slip_error *err);

/* Go on behind a component that led to `path`. */
static int expand_rest(struct slip_staged_context *c, struct slip_str path, struct slip_str rest,
                       struct matches *m, unsigned depth, struct slip_error *err)
{
    if (rest.len == 0)
        return add_match(m, path, err);
    SLIP_AUTO(slip_staged_node) n = SLIP_STAGED_NODE;
    if (slip_staged_look(c, path, true, &n, err) < 0)
        return -1;
    return n.kind == SLIP_NODE_DIR ? expand(c, path, rest, m, depth + 1, err) : 0;
}

/* The name of the entry of `prefix` ("dir/") that the file at `*at` is or is in; on to the next. */
static bool next_child(const struct slip_staged_context *c, struct slip_str prefix, size_t *at,
                       struct slip_str *name)
{
    struct slip_str ignored;
    if (*at >= c->files.len || !slip_str_starts(c->files.at[*at].path, prefix))
        return false;
    if (!slip_str_cut(slip_str_skip(c->files.at[*at].path, prefix.len), '/', name, &ignored)) {
        (*at)++;
        return true;
    }
    SLIP_AUTO(slip_buf) behind = SLIP_BUF(SLIP_LIMIT_PATH);
    slip_buf_add_str(&behind, prefix);
    slip_buf_add_str(&behind, *name);
    slip_buf_add_char(&behind, '/' + 1);
    *at = slip_staged_lower_bound(c, slip_buf_str(&behind));
    return true;
}

/* All entries of `dir` whose name matches. */
static int expand_names(struct slip_staged_context *c, struct slip_str dir, struct slip_str part,
                        struct slip_str rest, struct matches *m, unsigned depth,
                        struct slip_error *err)
{
    SLIP_AUTO(slip_staged_node) at = SLIP_STAGED_NODE;
    SLIP_AUTO(slip_buf) prefix = SLIP_BUF(SLIP_LIMIT_PATH);
    SLIP_AUTO(slip_buf) path = SLIP_BUF(SLIP_LIMIT_PATH);
    if (slip_staged_look(c, dir, true, &at, err) < 0)
        return -1;
    slip_buf_add_str(&prefix, slip_buf_str(&at.path));
    if (prefix.len)
        slip_buf_add_char(&prefix, '/');
    size_t i = slip_staged_lower_bound(c, slip_buf_str(&prefix));
    for (struct slip_str name; next_child(c, slip_buf_str(&prefix), &i, &name);) {
        if (slip_file_match(part, name) != SLIP_FILE_MATCH_YES)
            continue;
        child_path(dir, name, &path);
        if (expand_rest(c, slip_buf_str(&path), rest, m, depth, err) < 0)
            return -1;
    }
    return 0;
}

/* Entries below the directory `dir` (as it was reached) that `pattern` matches. */
static int expand(struct slip_staged_context *c, struct slip_str dir, struct slip_str pattern,
                  struct matches *m, unsigned depth, struct slip_error *err)
{
    struct slip_str part, rest = pattern;
    if (depth > DEPTH_MAX)
        return slip_fail(err, SLIP_E_CONFIG, "a path of more than %d parts", DEPTH_MAX);
    if (!slip_path_next(&rest, &part))
        return add_match(m, dir, err);
    if (has_any(part, "*?[\\"))
        return expand_names(c, dir, part, rest, m, depth, err);
    SLIP_AUTO(slip_buf) path = SLIP_BUF(SLIP_LIMIT_PATH);
    SLIP_AUTO(slip_staged_node) n = SLIP_STAGED_NODE;
    child_path(dir, part, &path);
    if (slip_staged_look(c, slip_buf_str(&path), false, &n, err) < 0)
        return -1;
    return n.kind == SLIP_NODE_NONE ? 0 : expand_rest(c, slip_buf_str(&path), rest, m, depth, err);
}

/* One source of COPY: from the root of the context, which ".." does not leave. */
static int match_source(struct slip_staged_context *c, struct slip_str source, struct matches *m,
                        struct slip_error *err)
{
    SLIP_AUTO(slip_buf) rooted = SLIP_BUF(SLIP_LIMIT_FILE);
    SLIP_AUTO(slip_buf) glob = SLIP_BUF(SLIP_LIMIT_FILE);
    slip_buf_add_char(&rooted, '/');
    slip_buf_add_str(&rooted, source);
    slip_path_clean(slip_buf_str(&rooted), &glob);
    struct slip_str pattern = slip_str_skip(slip_buf_str(&glob), 1);
    size_t before = m->len;
    if (has_any(pattern, "*?[\\")
        && (pattern.len > PATTERN_MAX
            || slip_file_match(pattern, SLIP_STR("")) == SLIP_FILE_MATCH_BAD))
        return slip_fail(err, SLIP_E_CONFIG, "the source '%.*s' is no valid pattern",
                         SLIP_ARG(slip_str_first(source, 200)));
    if (expand(c, SLIP_STR(""), pattern, m, 0, err) < 0)
        return slip_while(err, "the source '%.*s'", SLIP_ARG(slip_str_first(source, 200)));
    if (m->len > before || has_any(pattern, "*?["))
        return 0;
    slip_fail(err, SLIP_E_CONFIG, "the source '%.*s' is not in the build context",
              SLIP_ARG(slip_str_first(source, 200)));
    return slip_hint(err, "only what is committed counts, without what the ignore file leaves out");
}

/* ---- checksums ---- */

static int hash_content(struct slip_staged_context *c, struct slip_staged_file *f,
                        struct slip_error *err)
{
    struct slip_str content;
    if (f->hashed)
        return 0;
    if (slip_staged_load(c, f, &content, err) < 0)
        return -1;
    SLIP_AUTO(slip_hash) h = { 0 };
    slip_hash_begin(&h, SLIP_HASH_SHA256);
    slip_hash_add_str(&h, content);
    slip_hash_end(&h, f->content);
    f->hashed = true;
    return 0;
}

/* One line of what is hashed for a file or directory (dirhash of Go modules, "h1:"). */
static int add_line(struct slip_staged_context *c, struct slip_staged_file *f, const char *before,
                    struct slip_str name, struct slip_hash *h, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) line = SLIP_BUF(SLIP_LIMIT_PATH + 1024);
    if (slip_str_find(name, '\n') != SLIP_NPOS)
        return slip_fail(err, SLIP_E_CONFIG, "a line feed in the name of a file: '%.*s'",
                         SLIP_ARG(f->path));
    if (hash_content(c, f, err) < 0)
        return -1;
    slip_buf_add_hex(&line, f->content, sizeof(f->content));
    slip_buf_add_fmt(&line, "  %s", before);
    slip_buf_add_str(&line, name);
    slip_buf_add_char(&line, '\n');
    slip_hash_add_str(h, slip_buf_str(&line));
    return 0;
}

static int hash_dir(struct slip_staged_context *c, struct slip_str dir, struct slip_hash *h,
                    struct slip_error *err)
{
    SLIP_AUTO(slip_buf) prefix = SLIP_BUF(SLIP_LIMIT_PATH);
    slip_buf_add_str(&prefix, dir);
    if (prefix.len)
        slip_buf_add_char(&prefix, '/');
    for (size_t i = slip_staged_lower_bound(c, slip_buf_str(&prefix)); i < c->files.len; i++) {
        struct slip_staged_file *f = &c->files.at[i];
        if (!slip_str_starts(f->path, slip_buf_str(&prefix)))
            break;
        if (add_line(c, f, "/", slip_str_skip(f->path, prefix.len), h, err) < 0)
            return -1;
    }
    return 0;
}

/* Of one path that was matched: "h1:" and a hash in base64. */
static int hash_path(struct slip_staged_context *c, struct slip_str path, struct slip_buf *out,
                     struct slip_error *err)
{
    SLIP_AUTO(slip_staged_node) plain = SLIP_STAGED_NODE;
    SLIP_AUTO(slip_staged_node) end = SLIP_STAGED_NODE;
    if (slip_staged_look(c, path, false, &plain, err) < 0
        || slip_staged_look(c, path, true, &end, err) < 0)
        return -1;
    if (end.kind == SLIP_NODE_NONE || (plain.kind == SLIP_NODE_LINK && end.kind == SLIP_NODE_DIR))
        return slip_fail(err, SLIP_E_CONFIG, "'%.*s' is %s: werf cannot build that", SLIP_ARG(path),
                         plain.kind == SLIP_NODE_LINK
                             ? end.kind == SLIP_NODE_NONE
                                   ? "a link to what is not in the build context"
                                   : "a link to a directory"
                             : "not in the build context");
    SLIP_AUTO(slip_hash) h = { 0 };
    unsigned char sum[SLIP_SHA256_LEN];
    slip_hash_begin(&h, SLIP_HASH_SHA256);
    if (end.kind == SLIP_NODE_DIR ? hash_dir(c, slip_buf_str(&end.path), &h, err) < 0
                                  : add_line(c, end.file, "", slip_path_base(path), &h, err) < 0)
        return -1;
    slip_hash_end(&h, sum);
    slip_buf_add_c(out, "h1:");
    slip_base64_encode(slip_str_make((const char *)sum, sizeof(sum)), out);
    return 0;
}

static int by_bytes(const void *a, const void *b)
{
    return slip_str_cmp(*(const struct slip_str *)a, *(const struct slip_str *)b);
}

/* Each once. */
static void sort_paths(struct slip_str *at, size_t *n)
{
    size_t kept = 0;
    if (*n)
        qsort(at, *n, sizeof(*at), by_bytes);
    for (size_t i = 0; i < *n; i++)
        if (kept == 0 || !slip_str_eq(at[i], at[kept - 1]))
            at[kept++] = at[i];
    *n = kept;
}

/* Blobs at or below a path that are going to be read. */
static void note_blobs(struct slip_staged_context *c, struct slip_str path, struct slip_oids *ids)
{
    SLIP_AUTO(slip_staged_node) end = SLIP_STAGED_NODE;
    struct slip_error ignored = { 0 };
    if (slip_staged_look(c, path, true, &end, &ignored) < 0 || end.kind == SLIP_NODE_NONE)
        return;
    size_t i = end.path.len ? slip_staged_lower_bound(c, slip_buf_str(&end.path)) : 0;
    for (; i < c->files.len; i++) {
        const struct slip_staged_file *f = &c->files.at[i];
        if (!slip_str_starts(f->path, slip_buf_str(&end.path)))
            break;
        if (!f->hashed && !f->place && !f->is_text
            && slip_path_is_below(f->path, slip_buf_str(&end.path)))
            slip_vec_push(ids, f->id);
    }
}

static void prefetch(struct slip_staged_context *c, const struct slip_str *paths, size_t n)
{
    struct slip_oids ids = { 0 };
    for (size_t i = 0; i < n && c->tree.ops->prefetch; i++)
        note_blobs(c, paths[i], &ids);
    slip_tree_prefetch(&c->tree, &ids);
    slip_vec_clear(&ids);
}

/* A path of a mount from the root of the context; one that leaves it leads nowhere. */
static struct slip_str clean_path(struct slip_arena *a, struct slip_str path)
{
    SLIP_AUTO(slip_buf) clean = SLIP_BUF(SLIP_LIMIT_FILE);
    while (path.len && path.ptr[0] == '/')
        path = slip_str_skip(path, 1);
    slip_path_clean(path, &clean);
    return slip_arena_str(a, slip_buf_str(&clean));
}

/* `paths` are sorted. */
static int hash_paths(struct slip_staged_context *c, const struct slip_str *paths, size_t n,
                      char out[SLIP_SHA256_HEX + 1], struct slip_error *err)
{
    struct slip_hash_join j;
    int rc = 0;
    prefetch(c, paths, n);
    slip_hash_join_begin(&j, SLIP_HASH_SHA256);
    for (size_t i = 0; i < n && rc == 0; i++) {
        SLIP_AUTO(slip_buf) one = SLIP_BUF(128);
        rc = hash_path(c, paths[i], &one, err);
        slip_hash_join_add(&j, slip_buf_str(&one));
    }
    if (rc < 0)
        slip_hash_clear(&j.hash);
    else
        slip_hash_join_end(&j, out);
    return rc;
}

int slip_staged_context_globs(struct slip_staged_context *c, const struct slip_str *sources,
                              size_t n, char out[SLIP_SHA256_HEX + 1], size_t *entries,
                              struct slip_error *err)
{
    SLIP_AUTO(matches) m = { 0 };
    for (size_t i = 0; i < n; i++)
        if (match_source(c, sources[i], &m, err) < 0)
            return -1;
    if (m.len == 0)
        return slip_fail(err, SLIP_E_CONFIG, "no source matches a file of the build context");
    sort_paths(m.at, &m.len);
    *entries = m.len;
    return hash_paths(c, m.at, m.len, out, err);
}

int slip_staged_context_paths(struct slip_staged_context *c, const struct slip_str *paths, size_t n,
                              char out[SLIP_SHA256_HEX + 1], struct slip_error *err)
{
    SLIP_AUTO(matches) m = { 0 };
    for (size_t i = 0; i < n; i++)
        slip_vec_push(&m, paths[i]);
    sort_paths(m.at, &m.len); /* as they are written */
    for (size_t i = 0; i < m.len; i++)
        m.at[i] = clean_path(&m.arena, m.at[i]);
    return hash_paths(c, m.at, m.len, out, err);
}
