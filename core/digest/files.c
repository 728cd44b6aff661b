/* SPDX-License-Identifier: Apache-2.0 */
/* Dockerfile and ignore file of an image, out of a commit. */
#include "digest/files.h"

#include "base/path.h"
#include "dockerfile/dockerfile.h"
#include "match/filter.h"

/* The exception is the path as written, but whether it is needed is asked about the clean path. */
int slip_ignore_except(struct slip_ignore_patterns *patterns, struct slip_str dockerfile,
                       struct slip_arena *a, struct slip_error *err)
{
    SLIP_AUTO_PTR(slip_filter) f = slip_filter_new(SLIP_STR(""));
    SLIP_AUTO(slip_buf) path = SLIP_BUF(SLIP_LIMIT_PATH);
    slip_path_clean(dockerfile, &path);
    bool kept;
    if (slip_filter_ignore(f, patterns->at, patterns->len, err) < 0
        || slip_filter_match(f, slip_buf_str(&path), &kept, err) < 0)
        return -1;
    if (kept)
        return 0;
    struct slip_str *longer = slip_arena_array(a, patterns->len + 1, sizeof(*longer));
    memcpy(longer, patterns->at, patterns->len * sizeof(*longer));
    longer[patterns->len] = slip_str_of(slip_arena_printf(a, "!%.*s", SLIP_ARG(dockerfile)));
    *patterns = (struct slip_ignore_patterns){ longer, patterns->len + 1 };
    return 0;
}

static struct slip_str join(struct slip_str a, struct slip_str b, struct slip_arena *arena)
{
    SLIP_AUTO(slip_buf) path = SLIP_BUF(SLIP_LIMIT_PATH);
    slip_path_join(a, b, &path);
    return slip_str_is(slip_buf_str(&path), ".") ? SLIP_STR("")
                                                 : slip_arena_str(arena, slip_buf_str(&path));
}

/* A file behind any links, also in a submodule; `*found` false when there is none. */
static int read_file(const struct slip_tree *tree, struct slip_str path, struct slip_arena *a,
                     struct slip_str *content, bool *found, struct slip_error *err)
{
    struct slip_entry e;
    struct slip_tree in;
    if (slip_tree_find_through_links(tree, path, NULL, &in, &e, found, err) < 0)
        return -1;
    *found = *found && !slip_entry_is_dir(&e) && !slip_entry_is_submodule(&e);
    if (!*found)
        return 0;
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_DOCKERFILE);
    if (in.ops->read_blob(in.self, &e.id, &text, err) < 0)
        return slip_while(err, "reading '%.*s'", SLIP_ARG(path));
    *content = slip_arena_str(a, slip_buf_str(&text));
    return 0;
}

/* The first of the two places that is there counts, even when it is empty (6.8). */
static int read_ignore(const struct slip_tree *tree, const struct slip_image *image,
                       struct slip_arena *a, struct slip_image_files *f, struct slip_error *err)
{
    const struct slip_str own =
        slip_str_of(slip_arena_printf(a, "%.*s.dockerignore", SLIP_ARG(image->dockerfile)));
    const struct slip_str places[] = { join(f->context, own, a),
                                       join(f->context, SLIP_STR(".dockerignore"), a) };
    struct slip_str text = { 0 };
    bool found = false;
    size_t i = 0;
    for (; i < SLIP_COUNT(places); i++) {
        if (read_file(tree, places[i], a, &text, &found, err) < 0)
            return -1;
        if (found)
            break;
    }
    if (!found)
        return 0;
    f->ignore_path = places[i];
    f->ignore_text = text;
    const char *name = slip_arena_strdup(a, f->ignore_path);
    if (slip_ignore_file_read(text, name, a, &f->ignore, err) < 0)
        return -1;
    if (slip_ignore_except(&f->ignore, image->dockerfile, a, err) < 0)
        return slip_while(err, "%s", name);
    return 0;
}

/* The file in the same directory whose name is closest, or NULL. */
static const char *closest_file(const struct slip_tree *tree, const struct slip_entry *dir,
                                struct slip_str name, struct slip_arena *a)
{
    SLIP_AUTO(slip_entries) entries = SLIP_ENTRIES;
    struct slip_error ignored = { 0 };
    if (tree->ops->read_dir(tree->self, &dir->id, &entries, &ignored) < 0)
        return NULL;
    const char **names = slip_arena_array(a, entries.len + 1, sizeof(*names));
    size_t n = 0;
    for (size_t i = 0; i < entries.len; i++)
        if (!slip_entry_is_dir(&entries.at[i]))
            names[n++] = slip_arena_strdup(a, entries.at[i].name);
    return slip_str_closest(name, names, n);
}

static int no_dockerfile(const struct slip_tree *tree, const struct slip_image_files *f,
                         struct slip_arena *a, struct slip_error *err)
{
    struct slip_str dir = slip_path_dir(f->dockerfile_path);
    struct slip_entry e;
    struct slip_error ignored = { 0 };
    bool found = false;
    slip_fail(err, SLIP_E_CONFIG, "no Dockerfile '%.*s' in the commit",
              SLIP_ARG(f->dockerfile_path));
    if (slip_tree_find(tree, f->context, &e, &found, &ignored) == 0 && !found)
        return slip_hint(err, "the context of the image, '%.*s', is not in the commit",
                         SLIP_ARG(f->context));
    const char *closest = NULL;
    if (slip_tree_find(tree, dir, &e, &found, &ignored) == 0 && found && slip_entry_is_dir(&e))
        closest = closest_file(tree, &e, slip_path_base(f->dockerfile_path), a);
    if (closest)
        return slip_hint(err, "did you mean '%s'?", closest);
    return slip_hint(
        err, "its path is from the context of the image, and only what is committed counts");
}

int slip_image_files_read(const struct slip_tree *tree, struct slip_str project_dir,
                          const struct slip_image *image, struct slip_arena *a,
                          struct slip_image_files *out, struct slip_error *err)
{
    struct slip_image_files f = { .ignore_path = SLIP_STR(""), .ignore_text = SLIP_STR("") };
    bool found;
    f.context = join(project_dir, image->context, a);
    f.dockerfile_path = join(f.context, image->dockerfile, a);
    if (read_ignore(tree, image, a, &f, err) < 0
        || read_file(tree, f.dockerfile_path, a, &f.dockerfile, &found, err) < 0)
        return -1;
    if (!found)
        return no_dockerfile(tree, &f, a, err);
    *out = f;
    return 0;
}

void slip_image_files_ids(const struct slip_tree *tree, struct slip_str project_dir,
                          const struct slip_image *image, struct slip_oids *out)
{
    SLIP_AUTO(slip_arena) a = { 0 };
    struct slip_str context = join(project_dir, image->context, &a);
    struct slip_str dockerfile = join(context, image->dockerfile, &a);
    const struct slip_str paths[] = {
        dockerfile,
        slip_str_of(slip_arena_printf(&a, "%.*s.dockerignore", SLIP_ARG(dockerfile))),
        join(context, SLIP_STR(".dockerignore"), &a),
    };
    for (size_t i = 0; i < SLIP_COUNT(paths); i++) {
        struct slip_entry e;
        struct slip_error ignored = { 0 };
        bool found;
        if (slip_tree_find(tree, paths[i], &e, &found, &ignored) == 0 && found
            && !slip_entry_is_dir(&e) && !slip_entry_is_submodule(&e))
            slip_vec_push(out, e.id);
    }
}

int slip_image_files_check(const struct slip_tree *tree, struct slip_str project_dir,
                           const struct slip_image *image, struct slip_error *err)
{
    SLIP_AUTO(slip_arena) arena = { 0 };
    SLIP_AUTO(slip_dockerfile) file = { 0 };
    struct slip_image_files files;
    size_t target;
    if (slip_image_files_read(tree, project_dir, image, &arena, &files, err) < 0)
        return -1;
    const char *name = slip_arena_strdup(&arena, files.dockerfile_path);
    if (slip_dockerfile_parse(files.dockerfile, name, &file, err) < 0)
        return -1;
    return slip_dockerfile_target(&file, image->target, &target, err) < 0
               ? slip_while(err, "%s", name)
               : 0;
}
