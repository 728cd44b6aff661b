/* SPDX-License-Identifier: Apache-2.0 */
/* Which files of the work tree differ from the commit that was read. */
#include "flow/work_tree.h"

#include "base/file.h"
#include "base/path.h"

#include <sys/stat.h>

enum { SHOWN = 3 };

static void note(void *payload, enum slip_config_read kind, struct slip_str name)
{
    struct slip_files_read *f = payload;
    if (kind == SLIP_READ_FILE && slip_buf_add_str(&f->paths, name))
        slip_buf_add_char(&f->paths, '\0');
}

void slip_files_read_watch(struct slip_files_read *f, struct slip_config_options *o)
{
    o->on_read = note;
    o->on_read_payload = f;
}

struct looking {
    const struct slip_project *p;
    struct slip_str project_dir;
    const char *top; /* of the work tree */
    size_t found;
    struct slip_buf seen; /* what was found, each path with a NUL behind it */
    struct slip_buf *out;
};

/* --- one file --- */

static struct slip_str without_cr(struct slip_str s, struct slip_buf *out)
{
    if (slip_str_find(s, '\r') == SLIP_NPOS)
        return s;
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] != '\r' || (i + 1 < s.len && s.ptr[i + 1] != '\n'))
            slip_buf_add_char(out, s.ptr[i]);
    return slip_buf_str(out);
}

static bool same_text(struct slip_str a, struct slip_str b)
{
    SLIP_AUTO(slip_buf) x = SLIP_BUF(SLIP_LIMIT_FILE);
    SLIP_AUTO(slip_buf) y = SLIP_BUF(SLIP_LIMIT_FILE);
    return slip_str_eq(a, b) || slip_str_eq(without_cr(a, &x), without_cr(b, &y));
}

/* What cannot be read is no difference: a sparse work tree lacks files, and this is advice only. */
static bool differs(const struct looking *l, struct slip_str path)
{
    SLIP_AUTO(slip_buf) name = SLIP_BUF(SLIP_LIMIT_PATH);
    SLIP_AUTO(slip_buf) here = SLIP_BUF(SLIP_LIMIT_FILE);
    SLIP_AUTO(slip_buf) there = SLIP_BUF(SLIP_LIMIT_FILE);
    struct slip_error none = { 0 };
    struct slip_tree_place at;
    struct stat st;
    bool found;
    slip_buf_add_fmt(&name, "%s/", l->top);
    slip_buf_add_str(&name, path);
    if (lstat(name.ptr, &st) < 0 || !S_ISREG(st.st_mode)
        || slip_tree_find_place(&l->p->tree, path, &at, &found, &none) < 0)
        return false;
    if (!found)
        return true;
    if (slip_entry_is_dir(&at.entry) || slip_entry_is_link(&at.entry)
        || slip_entry_is_submodule(&at.entry)
        || at.tree.ops->read_blob(at.tree.self, &at.entry.id, &there, &none) < 0
        || slip_file_read(name.ptr, &here, &none) < 0)
        return false;
    return !same_text(slip_buf_str(&here), slip_buf_str(&there));
}

static bool is_seen(const struct looking *l, struct slip_str path)
{
    struct slip_str rest = slip_buf_str(&l->seen), one;
    while (slip_str_cut(rest, '\0', &one, &rest))
        if (slip_str_eq(one, path))
            return true;
    return false;
}

/* `path` is from the top of the tree. */
static void look_at(struct looking *l, struct slip_str path)
{
    SLIP_AUTO(slip_buf) clean = SLIP_BUF(SLIP_LIMIT_PATH);
    slip_path_clean(path, &clean);
    path = slip_buf_str(&clean);
    if (!path.len || !slip_path_is_inside(path) || slip_str_find(path, '\0') != SLIP_NPOS
        || is_seen(l, path) || !differs(l, path))
        return;
    slip_buf_add_str(&l->seen, path);
    slip_buf_add_char(&l->seen, '\0');
    if (l->found++ < SHOWN)
        slip_buf_add_fmt(l->out, "%s'%.*s'", l->found > 1 ? ", " : "", SLIP_ARG(path));
}

static void look_in_project(struct looking *l, struct slip_str path)
{
    SLIP_AUTO(slip_buf) full = SLIP_BUF(SLIP_LIMIT_PATH);
    slip_path_join(l->project_dir, path, &full);
    look_at(l, slip_buf_str(&full));
}

/* --- the files that matter --- */

static void look_at_config(struct looking *l, const struct slip_config_options *o)
{
    if (o->config.len) {
        look_at(l, o->config);
        return;
    }
    look_in_project(l, SLIP_STR("werf.yaml"));
    look_in_project(l, SLIP_STR("werf.yml"));
}

static void look_at_read(struct looking *l, const struct slip_files_read *f)
{
    struct slip_str rest = slip_buf_str(&f->paths), one;
    while (slip_str_cut(rest, '\0', &one, &rest))
        look_at(l, one);
}

static void look_at_dockerfile(struct looking *l, const struct slip_image *image)
{
    SLIP_AUTO(slip_buf) path = SLIP_BUF(SLIP_LIMIT_PATH);
    if (image->kind > SLIP_IMAGE_STAGED)
        return;
    slip_path_join(image->context, image->dockerfile, &path);
    look_in_project(l, slip_buf_str(&path));
    slip_buf_add_c(&path, ".dockerignore");
    look_in_project(l, slip_buf_str(&path));
    slip_buf_reset(&path);
    slip_path_join(image->context, SLIP_STR(".dockerignore"), &path);
    look_in_project(l, slip_buf_str(&path));
}

/* Words between two equal quotes on one line. */
static void look_at_quoted(struct looking *l, struct slip_str message, char quote)
{
    struct slip_str head, word, tail;
    while (slip_str_cut(message, quote, &head, &tail) && slip_str_cut(tail, quote, &word, &tail)) {
        if (word.len && slip_str_find(word, '\n') == SLIP_NPOS)
            look_in_project(l, word);
        message = tail;
    }
}

static bool is_head(const struct slip_project *p)
{
    struct slip_error none = { 0 };
    struct slip_commit head;
    return slip_repo_resolve(p->repo, "HEAD", &head, &none) == 0
           && memcmp(&head.id, &p->commit.id, sizeof(head.id)) == 0;
}

void slip_work_tree_differences(const struct slip_project *p, const struct slip_config_options *o,
                                const struct slip_files_read *f, const char *mentioned,
                                struct slip_buf *out)
{
    struct looking l = { .p = p,
                         .project_dir = o->project_dir,
                         .top = slip_repo_work_tree(p->repo),
                         .seen = SLIP_BUF(SLIP_LIMIT_TEXT),
                         .out = out };
    if (!l.top || !is_head(p))
        return;
    look_at_config(&l, o);
    look_at_read(&l, f);
    for (size_t i = 0; i < p->set.len; i++)
        look_at_dockerfile(&l, &p->set.at[i]);
    if (mentioned) {
        look_at_quoted(&l, slip_str_of(mentioned), '"');
        look_at_quoted(&l, slip_str_of(mentioned), '\'');
    }
    if (l.found > SHOWN)
        slip_buf_add_fmt(out, " and %zu more", l.found - SHOWN);
    slip_buf_clear(&l.seen);
}
