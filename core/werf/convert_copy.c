/* SPDX-License-Identifier: Apache-2.0 */
/* What stapel images copy: `git:` mappings and `import:`s (werf-config.md A.8). */
#include "werf/convert.h"

#include "base/path.h"
#include "match/re2.h"

static bool is_absolute(struct slip_str path)
{
    return path.len && path.ptr[0] == '/';
}

static int check_relative(struct slip_convert *c, const struct slip_value *where,
                          const struct slip_raw_list *paths, const char *name)
{
    const struct slip_str *at = paths->at;
    for (size_t i = 0; i < paths->len; i++)
        if (!slip_path_is_inside(at[i]))
            return slip_decode_fail(&c->d, where,
                                    "`%s: [PATH, ...]|PATH` should be relative paths!", name);
    return 0;
}

static int check_filters(struct slip_convert *c, const struct slip_value *where,
                         const struct slip_raw_list *include, const struct slip_raw_list *exclude)
{
    return check_relative(c, where, include, "includePaths") < 0
               ? -1
               : check_relative(c, where, exclude, "excludePaths");
}

/* --- git --- */

static int check_version(struct slip_convert *c, const struct slip_raw_git *raw)
{
    int n = (raw->branch.len > 0) + (raw->tag.len > 0) + (raw->commit.len > 0);
    if (!raw->url.len)
        return n == 0 ? 0
                      : slip_decode_fail(&c->d, raw->where,
                                         "specify `branch`, `tag` and `commit` for remote git "
                                         "only!");
    if (n > 1)
        return slip_decode_fail(&c->d, raw->where,
                                "specify only `branch: BRANCH`, `tag: TAG` or `commit: COMMIT` "
                                "for remote git!");
    if ((n == 0 || raw->branch.len) && !c->o->giterminism->git_branch
        && !c->o->giterminism->allow_all) {
        slip_decode_fail(&c->d, raw->where,
                         "the use of a branch of remote git not allowed by giterminism");
        return slip_convert_advise_to_allow(c, "config.stapel.git.allowBranch");
    }
    return 0;
}

static int check_git(struct slip_convert *c, const struct slip_raw_git *raw)
{
    if (raw->add.len && !is_absolute(raw->add))
        return slip_decode_fail(&c->d, raw->where, "`add: PATH` should be absolute path!");
    if (!is_absolute(raw->to))
        return slip_decode_fail(&c->d, raw->where, "`to: PATH` absolute path required for git!");
    return check_filters(c, raw->where, &raw->include_paths, &raw->exclude_paths) < 0
               ? -1
               : check_version(c, raw);
}

static int take_stage_dependencies(struct slip_convert *c,
                                   const struct slip_raw_stage_dependencies *raw,
                                   struct slip_git_mapping *out)
{
    if (!raw)
        return 0;
    if (check_relative(c, raw->where, &raw->install, "install") < 0
        || check_relative(c, raw->where, &raw->before_setup, "beforeSetup") < 0
        || check_relative(c, raw->where, &raw->setup, "setup") < 0)
        return -1;
    out->install = slip_convert_list(c, &raw->install);
    out->before_setup = slip_convert_list(c, &raw->before_setup);
    out->setup = slip_convert_list(c, &raw->setup);
    return 0;
}

static int take_git(struct slip_convert *c, const struct slip_raw_git *raw,
                    struct slip_git_mapping *out)
{
    if (check_git(c, raw) < 0)
        return -1;
    struct slip_str add = raw->add.len ? raw->add : SLIP_STR("/");
    *out = (struct slip_git_mapping){
        .add = slip_str_skip(slip_convert_path(c, add), 1),
        .to = slip_convert_path(c, raw->to),
        .include = slip_convert_paths(c, &raw->include_paths),
        .exclude = slip_convert_paths(c, &raw->exclude_paths),
        .owner = slip_convert_str(c, raw->owner),
        .group = slip_convert_str(c, raw->group),
        .url = slip_convert_str(c, raw->url),
        .branch = slip_convert_str(c, raw->branch),
        .tag = slip_convert_str(c, raw->tag),
        .commit = slip_convert_str(c, raw->commit),
    };
    return take_stage_dependencies(c, raw->stage_dependencies, out);
}

static int take_mappings(struct slip_convert *c, const struct slip_raw_list *raw,
                         struct slip_stapel *out)
{
    const struct slip_raw_git *at = raw->at;
    out->git = slip_arena_array(&c->set->arena, raw->len, sizeof(*out->git));
    for (int remote = 0; remote < 2; remote++)
        for (size_t i = 0; i < raw->len; i++)
            if ((at[i].url.len > 0) == remote && take_git(c, &at[i], &out->git[out->n_git++]) < 0)
                return -1;
    return 0;
}

/* --- imports --- */

/* A reference as Docker writes them: [host/]path, then a tag or a digest or both. */
#define HOST_PART "(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)"
#define HOST "(?:" HOST_PART "(?:\\." HOST_PART ")*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?"
#define PATH_PART "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*"
#define TAG ":[0-9A-Za-z_][0-9A-Za-z_.-]{0,127}"
#define DIGEST "@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"
enum { MAX_NAME = 255 }; /* of host and path */

bool slip_convert_is_external(struct slip_str name)
{
    struct slip_re2_span at[2];
    struct slip_error none = { 0 };
    struct slip_re2 *compiled;
    if (slip_str_find(name, '@') == SLIP_NPOS && slip_str_find(name, ':') == SLIP_NPOS)
        return false;
    if (slip_re2_compile(SLIP_STR("^((?:" HOST "/)?" PATH_PART "(?:/" PATH_PART ")*)(?:" TAG
                                  "(?:" DIGEST ")?|" DIGEST ")$"),
                         &compiled, &none)
        < 0)
        return false;
    SLIP_AUTO_PTR(slip_re2) re = compiled;
    return slip_re2_find(re, name, 0, at, 2) && at[1].end - at[1].start <= MAX_NAME;
}

static int take_source(struct slip_convert *c, const struct slip_raw_import *raw,
                       struct slip_import *out)
{
    if ((raw->image.len > 0) + (raw->from.len > 0) + (raw->artifact.len > 0) != 1)
        return slip_decode_fail(&c->d, raw->where,
                                "specify one of `image: NAME`, `from: NAME` and `artifact: NAME` "
                                "for import!");
    struct slip_str name = raw->image.len ? raw->image : raw->from;
    if (!name.len)
        name = raw->artifact;
    else if (slip_convert_is_external(name)) {
        out->image = SLIP_NPOS;
        out->external = slip_convert_str(c, name);
        return 0;
    }
    out->image = slip_convert_find(c, name);
    if (out->image == SLIP_NPOS)
        return slip_decode_fail(&c->d, raw->where, "image \"%.*s\" not found!", SLIP_ARG(name));
    return 0;
}

static int check_import_stage(struct slip_convert *c, const struct slip_raw_import *raw)
{
    static const char *const stages[] = { "", "beforeInstall", "install", "beforeSetup", "setup" };
    for (size_t i = 0; i < SLIP_COUNT(stages); i++)
        if (slip_str_is(raw->stage, stages[i]))
            return 0;
    return slip_decode_fail(&c->d, raw->where,
                            "invalid stage `%.*s` for import: expected "
                            "beforeInstall|install|beforeSetup|setup!",
                            SLIP_ARG(raw->stage));
}

static int check_import_paths(struct slip_convert *c, const struct slip_raw_import *raw)
{
    if (!is_absolute(raw->add))
        return slip_decode_fail(&c->d, raw->where,
                                "`add: PATH` absolute path required for import!");
    if (raw->to.len && !is_absolute(raw->to))
        return slip_decode_fail(&c->d, raw->where, "`to: PATH` absolute path required for import!");
    if (slip_str_is(raw->add, "/") && !raw->include_paths.len)
        return slip_decode_fail(&c->d, raw->where,
                                "`add: /` requires not empty includePaths to interpret copy "
                                "sources!");
    return check_filters(c, raw->where, &raw->include_paths, &raw->exclude_paths);
}

static int take_import(struct slip_convert *c, const struct slip_raw_import *raw,
                       struct slip_import *out)
{
    *out = (struct slip_import){
        .stage = slip_convert_str(c, raw->stage),
        .add = slip_convert_path(c, raw->add),
        .to = slip_convert_path(c, raw->to.len ? raw->to : raw->add),
        .include = slip_convert_paths(c, &raw->include_paths),
        .exclude = slip_convert_paths(c, &raw->exclude_paths),
        .owner = slip_convert_str(c, raw->owner),
        .group = slip_convert_str(c, raw->group),
    };
    if (take_source(c, raw, out) < 0 || check_import_stage(c, raw) < 0
        || check_import_paths(c, raw) < 0)
        return -1;
    return slip_convert_place(c, raw->where, raw->before, raw->after, &out->place);
}

static int take_imports(struct slip_convert *c, const struct slip_raw_list *raw,
                        struct slip_stapel *out)
{
    const struct slip_raw_import *at = raw->at;
    out->n_imports = raw->len;
    out->imports = slip_arena_array(&c->set->arena, raw->len, sizeof(*out->imports));
    for (size_t i = 0; i < raw->len; i++)
        if (take_import(c, &at[i], &out->imports[i]) < 0)
            return -1;
    return 0;
}

/* --- what others bring is left out --- */

/* One of all that an image copies. */
struct copied {
    struct slip_str to;
    const struct slip_str_list *include;
    struct slip_str_list *exclude;
};

struct paths {
    SLIP_VEC(struct slip_str);
};

struct exclusion {
    struct slip_convert *c;
    const struct slip_value *where;
    struct copied *all;
    size_t n;
};

static struct slip_str join(struct slip_convert *c, struct slip_str a, struct slip_str b)
{
    SLIP_AUTO(slip_buf) path = SLIP_BUF(SIZE_MAX);
    slip_path_join(a, b, &path);
    return slip_arena_str(c->d.arena, slip_buf_str(&path));
}

/* Paths in the image, without the slash at their beginning. */
static void add_paths(struct slip_convert *c, const struct copied *e,
                      const struct slip_str_list *list, struct paths *out)
{
    for (size_t i = 0; i < list->len; i++)
        slip_vec_push(out, join(c, slip_str_skip(e->to, 1), list->at[i]));
}

static void add_included(struct slip_convert *c, const struct copied *e, struct paths *out)
{
    if (!e->include->len && !slip_str_is(e->to, "/"))
        slip_vec_push(out, slip_str_skip(e->to, 1));
    add_paths(c, e, e->include, out);
}

/* Is one of the paths `p` or below it? */
static bool holds_one_of(struct slip_str p, const struct paths *paths)
{
    for (size_t i = 0; i < paths->len; i++)
        if (slip_str_eq(paths->at[i], p)
            || (slip_str_starts(paths->at[i], p) && paths->at[i].ptr[p.len] == '/'))
            return true;
    return false;
}

static bool is_one_of(struct slip_str p, const struct paths *paths)
{
    for (size_t i = 0; i < paths->len; i++)
        if (slip_str_eq(paths->at[i], p))
            return true;
    return false;
}

/* `path` lies in the directory `x->to`. */
static void exclude_from(struct exclusion *ex, struct copied *x, struct slip_str path)
{
    struct slip_str dir = slip_str_skip(x->to, 1), rest = path;
    if (dir.len)
        rest = slip_str_skip(path, dir.len + 1);
    struct slip_str_list longer = { NULL, x->exclude->len + 1 };
    longer.at = slip_arena_array(&ex->c->set->arena, longer.len, sizeof(*longer.at));
    for (size_t i = 0; i < x->exclude->len; i++)
        longer.at[i] = x->exclude->at[i];
    longer.at[x->exclude->len] = slip_convert_str(ex->c, rest.len ? rest : SLIP_STR("."));
    *x->exclude = longer;
}

static int exclude_each(struct exclusion *ex, struct copied *x, const struct paths *theirs,
                        const struct paths *included, const struct paths *excluded)
{
    if (!included->len && !theirs->len)
        return slip_decode_fail(&ex->c->d, ex->where, "Conflict between imports!");
    for (size_t i = 0; i < theirs->len; i++) {
        if (is_one_of(theirs->at[i], included))
            return slip_decode_fail(&ex->c->d, ex->where,
                                    "Conflict between imports! '/%.*s' "
                                    "comes twice",
                                    SLIP_ARG(theirs->at[i]));
        if (!holds_one_of(theirs->at[i], included) && !holds_one_of(theirs->at[i], excluded))
            exclude_from(ex, x, theirs->at[i]);
    }
    return 0;
}

static int exclude_other(struct exclusion *ex, struct copied *x, const struct copied *y)
{
    struct paths included = { 0 }, excluded = { 0 }, theirs = { 0 };
    if (!slip_str_is(x->to, "/") && !slip_path_is_below(y->to, x->to))
        return 0;
    add_included(ex->c, x, &included);
    add_paths(ex->c, x, x->exclude, &excluded);
    add_included(ex->c, y, &theirs);
    int rc = exclude_each(ex, x, &theirs, &included, &excluded);
    slip_vec_clear(&included);
    slip_vec_clear(&excluded);
    slip_vec_clear(&theirs);
    return rc;
}

static int exclude_others(struct exclusion *ex)
{
    for (size_t i = 0; i < ex->n; i++)
        for (size_t k = 0; k < ex->n; k++)
            if (i != k && exclude_other(ex, &ex->all[i], &ex->all[k]) < 0)
                return -1;
    return 0;
}

int slip_convert_copies(struct slip_convert *c, const struct slip_raw_stapel *raw,
                        struct slip_stapel *out)
{
    if (take_mappings(c, &raw->git, out) < 0 || take_imports(c, &raw->imports, out) < 0)
        return -1;
    struct exclusion ex = { .c = c, .where = raw->where };
    ex.all = slip_arena_array(c->d.arena, out->n_git + out->n_imports, sizeof(*ex.all));
    for (size_t i = 0; i < out->n_git; i++)
        ex.all[ex.n++] =
            (struct copied){ out->git[i].to, &out->git[i].include, &out->git[i].exclude };
    for (size_t i = 0; i < out->n_imports; i++)
        ex.all[ex.n++] = (struct copied){ out->imports[i].to, &out->imports[i].include,
                                          &out->imports[i].exclude };
    return exclude_others(&ex);
}
