/* SPDX-License-Identifier: Apache-2.0 */
/* What werf.yaml sees as `$`: the environment's name, the commit, the files of the project. */
#include "tmpl/fmt.h"
#include "tmpl/run.h"

#include <stdlib.h>

/* ---- .Files ---- */

/* {{ .Files.Get "path" }}: reason */
static int fail_method(struct slip_tmpl_call *c, const struct slip_tv *path,
                       const struct slip_error *err)
{
    SLIP_AUTO(slip_buf) quoted = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_fmt_quote(path->s, false, &quoted);
    return slip_tmpl_fail(c, "{{ .Files.%s %s }}: %s", c->func->name, quoted.ptr, err->text);
}

static int files_get(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n,
                     struct slip_tv *out)
{
    (void)n;
    const struct slip_tmpl_files *files = &c->host->files;
    SLIP_AUTO(slip_buf) text = slip_tmpl_buf(c);
    struct slip_error err = { 0 };
    if (files->get(files->payload, a[1].s, &text, &err) < 0)
        return fail_method(c, &a[1], &err);
    return slip_tmpl_give(c, &text, out);
}

struct globbed {
    struct slip_tmpl_call *call;
    struct slip_tv_map *map;
};

static int add_globbed(void *payload, struct slip_str path, struct slip_str content,
                       struct slip_error *err)
{
    struct globbed *g = payload;
    if (slip_tmpl_room(g->call, content.len + path.len, 1) < 0)
        return slip_fail(err, SLIP_E_CONFIG, "%.*s", SLIP_ARG(g->call->error));
    struct slip_arena *a = g->call->arena;
    slip_tv_map_set_str(g->map, slip_arena_str(a, path), slip_tv_str(slip_arena_str(a, content)));
    return 0;
}

static int files_glob(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n,
                      struct slip_tv *out)
{
    (void)n;
    const struct slip_tmpl_files *files = &c->host->files;
    struct globbed g = { c, slip_tv_map_new(c->arena) };
    struct slip_error err = { 0 };
    if (files->glob(files->payload, a[1].s, add_globbed, &g, &err) < 0)
        return slip_tmpl_fail(c, "%s", err.text);
    *out = slip_tv_map(SLIP_TV_DICT, g.map);
    return 0;
}

static int files_exists(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n,
                        struct slip_tv *out)
{
    (void)n;
    const struct slip_tmpl_files *files = &c->host->files;
    struct slip_error err = { 0 };
    bool yes = false;
    if (files->exists(files->payload, a[1].s, &yes, &err) < 0)
        return fail_method(c, &a[1], &err);
    *out = slip_tv_bool(yes);
    return 0;
}

static int files_is_dir(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n,
                        struct slip_tv *out)
{
    (void)n;
    const struct slip_tmpl_files *files = &c->host->files;
    struct slip_error err = { 0 };
    bool yes = false;
    if (files->is_dir(files->payload, a[1].s, &yes, &err) < 0)
        return fail_method(c, &a[1], &err);
    *out = slip_tv_bool(yes);
    return 0;
}

static const struct slip_tmpl_func methods[] = {
    { "Exists", "s", files_exists, "true when the commit has a file or directory there" },
    { "Get", "s", files_get, "the content of a file" },
    { "Glob", "s", files_glob, "the matching paths with their contents" },
    { "IsDir", "s", files_is_dir, "true when it is a directory" },
};

static const char *const hidden[] = { "ctx", "giterminismManager", NULL };

static const struct slip_tv_class files_class = {
    .type = "config.files",
    .kind = "struct",
    .methods = methods,
    .n_methods = SLIP_COUNT(methods),
    .hidden = hidden,
};

/* ---- .Commit ---- */

/* Days since 1970-01-01 to a date of the Gregorian calendar. */
static void date_of(int64_t days, int64_t *year, int *month, int *day)
{
    days += 719468; /* from 0000-03-01: leap days come last in a year */
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t of_era = days - era * 146097;
    int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
    int m = (int)((5 * of_year + 2) / 153);
    *day = (int)(of_year - (153 * m + 2) / 5 + 1);
    *month = m < 10 ? m + 3 : m - 9;
    *year = y + era * 400 + (*month <= 2);
}

/* Go's text of a time in a zone without a name: the offset stands there twice. */
static char *human_date(struct slip_arena *a, int64_t seconds, int offset)
{
    if (offset > -60 && offset < 0)
        offset = -offset; /* werf takes the sign from the hours, and "-00" has none */
    int64_t local = seconds + (int64_t)offset * 60;
    int64_t days = local / 86400 - (local % 86400 < 0);
    int of_day = (int)(local - days * 86400);
    int64_t year;
    int month, day;
    date_of(days, &year, &month, &day);
    char zone[32];
    snprintf(zone, sizeof(zone), "%c%02d%02d", offset < 0 ? '-' : '+', abs(offset) / 60,
             abs(offset) % 60);
    return slip_arena_printf(a, "%04lld-%02d-%02d %02d:%02d:%02d %s %s", (long long)year, month,
                             day, of_day / 3600, of_day / 60 % 60, of_day % 60, zone, zone);
}

static struct slip_tv commit_value(struct slip_arena *a, const struct slip_tmpl_root *root)
{
    struct slip_tv_map *date = slip_tv_map_new(a), *commit = slip_tv_map_new(a);
    char *unix_date = slip_arena_printf(a, "%lld", (long long)root->author_seconds);
    char *human = human_date(a, root->author_seconds, root->author_offset);
    slip_tv_map_set_str(date, SLIP_STR("Unix"), slip_tv_str(slip_str_of(unix_date)));
    slip_tv_map_set_str(date, SLIP_STR("Human"), slip_tv_str(slip_str_of(human)));
    slip_tv_map_set_str(commit, SLIP_STR("Date"), slip_tv_map(SLIP_TV_STRING_MAP, date));
    slip_tv_map_set_str(commit, SLIP_STR("Hash"),
                        slip_tv_str(slip_arena_str(a, root->commit_hash)));
    return slip_tv_map(SLIP_TV_DICT, commit);
}

struct slip_tv slip_tmpl_root_value(struct slip_tmpl *t, const struct slip_tmpl_root *root)
{
    struct slip_arena *a = &t->arena;
    struct slip_tv_map *m = slip_tv_map_new(a);
    slip_tv_map_set_str(m, SLIP_STR("Env"), slip_tv_str(slip_arena_str(a, root->env)));
    slip_tv_map_set_str(m, SLIP_STR("Commit"), commit_value(a, root));
    slip_tv_map_set_str(m, SLIP_STR("Files"), slip_tv_object(&files_class, &t->host->files));
    return slip_tv_map(SLIP_TV_DICT, m);
}
