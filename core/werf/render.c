/* SPDX-License-Identifier: Apache-2.0 */
/* From the template language to the files and settings of one commit. */
#include "werf/render.h"

#include "base/excerpt.h"
#include "base/path.h"
#include "base/utf8.h"
#include "tmpl/tmpl.h"
#include "werf/advice.h"
#include "werf/files.h"

/* What the functions of a template come back to. */
struct world {
    const struct slip_tree *tree;
    const struct slip_config_options *o;
    const struct slip_giterminism *giterminism;
    struct slip_tmpl_files files;  /* of the commit */
    struct slip_str templates_dir; /* in the tree */
    struct slip_tmpl *set;
    bool refused; /* a file of the work tree: that is no mistake of the templates */
};

static void note(const struct world *w, enum slip_config_read kind, struct slip_str name)
{
    if (w->o->on_read)
        w->o->on_read(w->o->on_read_payload, kind, name);
}

static const char *variable(void *payload, const char *name)
{
    const struct slip_config_options *o = ((struct world *)payload)->o;
    note(payload, SLIP_READ_VARIABLE, slip_str_of(name));
    return o->variable ? o->variable(o->payload, name) : NULL;
}

static void now(void *payload, int64_t *seconds, int32_t *nanoseconds)
{
    const struct slip_config_options *o = ((struct world *)payload)->o;
    o->now(o->payload, seconds, nanoseconds);
}

static void random_bytes(void *payload, void *bytes, size_t len)
{
    const struct slip_config_options *o = ((struct world *)payload)->o;
    o->random(o->payload, bytes, len);
}

static bool zone(void *payload, struct slip_str name, struct slip_buf *tzif)
{
    const struct slip_config_options *o = ((struct world *)payload)->o;
    return o->zone(o->payload, name, tzif);
}

/* --- files: those of the commit, unless werf would look at the work tree --- */

static int refuse_uncommitted(struct world *w, const struct slip_globs *globs, struct slip_str path,
                              struct slip_error *err)
{
    bool accepted;
    if (w->o->commit_only)
        return 0;
    if (slip_giterminism_accepts(globs, path, &accepted, err) < 0)
        return -1;
    if (!accepted)
        return 0;
    w->refused = true;
    return slip_fail(err, SLIP_E_UNSUPPORTED,
                     "werf reads '%.*s' from the work tree, because werf-giterminism.yaml accepts "
                     "it",
                     SLIP_ARG(path));
}

/* Paths of templates are relative to the project directory. */
static void note_file(const struct world *w, struct slip_str path)
{
    SLIP_AUTO(slip_buf) full = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_path_join(w->o->project_dir, path, &full);
    note(w, SLIP_READ_FILE, slip_buf_str(&full));
}

static int refuse_file(struct world *w, struct slip_str path, struct slip_error *err)
{
    while (path.len && path.ptr[0] == '/')
        path = slip_str_skip(path, 1);
    note_file(w, path);
    return refuse_uncommitted(w, &w->giterminism->uncommitted_files, path, err);
}

static int files_get(void *payload, struct slip_str path, struct slip_buf *out,
                     struct slip_error *err)
{
    struct world *w = payload;
    return refuse_file(w, path, err) < 0 ? -1 : w->files.get(w->files.payload, path, out, err);
}

static int files_exists(void *payload, struct slip_str path, bool *out, struct slip_error *err)
{
    struct world *w = payload;
    return refuse_file(w, path, err) < 0 ? -1 : w->files.exists(w->files.payload, path, out, err);
}

static int files_is_dir(void *payload, struct slip_str path, bool *out, struct slip_error *err)
{
    struct world *w = payload;
    return refuse_file(w, path, err) < 0 ? -1 : w->files.is_dir(w->files.payload, path, out, err);
}

typedef int each_file(void *payload, struct slip_str path, struct slip_str content,
                      struct slip_error *err);

struct globbing {
    struct world *world;
    each_file *each;
    void *payload;
};

static int refuse_or_give(void *payload, struct slip_str path, struct slip_str content,
                          struct slip_error *err)
{
    const struct globbing *g = payload;
    return refuse_file(g->world, path, err) < 0 ? -1 : g->each(g->payload, path, content, err);
}

static int files_glob(void *payload, struct slip_str pattern, each_file *each, void *each_payload,
                      struct slip_error *err)
{
    struct world *w = payload;
    struct globbing g = { w, each, each_payload };
    note(w, SLIP_READ_GLOB, pattern);
    return w->files.glob(w->files.payload, pattern, refuse_or_give, &g, err);
}

static struct slip_tmpl_host host_of(struct world *w)
{
    const struct slip_giterminism *g = w->giterminism;
    return (struct slip_tmpl_host){
        .payload = w,
        .variable = variable,
        .allowed_variables = g->env_variables.at,
        .n_allowed_variables = g->env_variables.len,
        .any_variable = w->o->loose,
        .unset_is_empty = w->o->loose,
        .now = w->o->now ? now : NULL,
        .random = w->o->random ? random_bytes : NULL,
        .zone = w->o->zone ? zone : NULL,
        .local_zone = w->o->local_zone,
        .files = { .payload = w,
                   .get = files_get,
                   .glob = files_glob,
                   .exists = files_exists,
                   .is_dir = files_is_dir },
        .watch = w->o->watch,
    };
}

/* --- the set --- */

/* Settings name templates from the project directory. */
static int refuse_template(struct world *w, struct slip_str path, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) full = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_path_join(w->templates_dir, path, &full);
    path = slip_buf_str(&full);
    note(w, SLIP_READ_FILE, path);
    if (w->o->project_dir.len && slip_path_is_below(path, w->o->project_dir))
        path = slip_str_skip(path, w->o->project_dir.len + 1);
    return refuse_uncommitted(w, &w->giterminism->uncommitted_templates, path, err);
}

static int add_template(void *payload, struct slip_str path, struct slip_str content,
                        struct slip_error *err)
{
    struct world *w = payload;
    return refuse_template(w, path, err) < 0 ? -1 : slip_tmpl_add(w->set, path, content, err);
}

/* Every *.tmpl below the templates directory, by its path from there, used or not. */
static int add_templates(struct world *w, struct slip_error *err)
{
    struct slip_werf_files below = { w->tree, w->templates_dir };
    struct slip_tmpl_files files;
    slip_werf_files_table(&below, &files);
    return files.glob(files.payload, SLIP_STR("**/*.tmpl"), add_template, w, err);
}

static int render(struct world *w, const struct slip_commit *commit, struct slip_buf *text,
                  struct slip_error *err)
{
    char hash[SLIP_OID_HEX + 1];
    slip_oid_hex(&commit->id, hash);
    struct slip_tmpl_root root = {
        .env = w->o->env,
        .commit_hash = slip_str_of(hash),
        .author_seconds = commit->author.seconds,
        .author_offset = commit->author.offset_minutes,
    };
    SLIP_AUTO(slip_buf) out = SLIP_BUF(SLIP_LIMIT_RENDERED);
    if (add_templates(w, err) < 0
        || slip_tmpl_add(w->set, SLIP_STR("werfConfig"), slip_buf_str(text), err) < 0)
        return -1;
    struct slip_tv value = slip_tmpl_root_value(w->set, &root);
    if (slip_tmpl_render(w->set, &value, &out, err) < 0)
        return -1;
    slip_buf_move(text, &out);
    return 0;
}

/* --- where an error is --- */

struct place {
    struct slip_str name; /* of the template */
    unsigned line, col;   /* col 0: not known; from 1 */
};

static bool take_colon_number(struct slip_str *s, unsigned *out)
{
    size_t i = 1;
    *out = 0;
    if (s->len < 2 || s->ptr[0] != ':')
        return false;
    for (; i < s->len && i < 9 && s->ptr[i] >= '0' && s->ptr[i] <= '9'; i++)
        *out = *out * 10 + (unsigned)(s->ptr[i] - '0');
    if (i > 1)
        *s = slip_str_skip(*s, i);
    return i > 1;
}

/* NAME:LINE: or NAME:LINE:COL: at the start of `s`. */
static bool read_place(struct slip_str s, struct place *out)
{
    size_t end = slip_str_find(s, ':');
    if (end == SLIP_NPOS)
        return false;
    out->name = slip_str_first(s, end);
    s = slip_str_skip(s, end);
    out->col = 0;
    if (!take_colon_number(&s, &out->line))
        return false;
    if (take_colon_number(&s, &out->col))
        out->col++; /* Go counts from 0 */
    return s.len && s.ptr[0] == ':';
}

/* The path of the file that a template was read from; false: a text given to tpl. */
static bool file_of(const struct world *w, struct slip_str template, const char *config,
                    struct slip_buf *out)
{
    struct slip_error none = { 0 };
    struct slip_entry e;
    bool found = false;
    slip_buf_reset(out);
    if (slip_str_is(template, "werfConfig"))
        return slip_buf_add_c(out, config);
    slip_path_join(w->templates_dir, template, out);
    return slip_tree_find_through_links(w->tree, slip_buf_str(out), NULL, NULL, &e, &found, &none)
               == 0
           && found;
}

/* Go counts bytes, an editor and the readers of YAML count characters. */
static unsigned column_of(struct slip_str text, unsigned line, unsigned bytes)
{
    struct slip_str one = { 0 };
    while (line-- && slip_str_line(&text, &one))
        ;
    return (unsigned)slip_utf8_count(slip_str_first(one, bytes - 1)) + 1;
}

/* Show the line, say what may be done, and count the characters before the place. */
static void show_place(const struct world *w, struct place *p, const char *file,
                       struct slip_str config, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_FILE);
    struct slip_error none = { 0 };
    struct slip_entry e;
    bool found;
    if (!slip_str_is(p->name, "werfConfig")) {
        struct slip_str path = slip_str_of(file);
        if (slip_tree_find_through_links(w->tree, path, NULL, NULL, &e, &found, &none) < 0 || !found
            || w->tree->ops->read_blob(w->tree->self, &e.id, &text, &none) < 0)
            return;
        config = slip_buf_str(&text);
    }
    if (p->col)
        p->col = column_of(config, p->line, p->col);
    slip_error_show(err, config, 1, p->line, p->col);
    slip_werf_advise(slip_tmpl_error(w->set), config, p->line, err);
}

/* Put the innermost place that is in a file before the message. */
static int name_place(const struct world *w, const char *config, struct slip_str text,
                      struct slip_error *err)
{
    SLIP_AUTO(slip_buf) file = SLIP_BUF(SLIP_LIMIT_TEXT);
    SLIP_AUTO(slip_buf) best_file = SLIP_BUF(SLIP_LIMIT_TEXT);
    static const struct slip_str mark = { "template: ", 10 };
    struct slip_str rest = slip_tmpl_error(w->set);
    struct place p, best = { 0 };
    for (size_t at; (at = slip_str_find_str(rest, mark)) != SLIP_NPOS;) {
        rest = slip_str_skip(rest, at + mark.len);
        if (!read_place(rest, &p) || !file_of(w, p.name, config, &file))
            continue;
        best = p;
        slip_buf_move(&best_file, &file);
    }
    if (!best.line)
        return slip_while(err, "%s", config);
    show_place(w, &best, best_file.ptr, text, err);
    return best.col ? slip_while(err, "%s:%u:%u", best_file.ptr, best.line, best.col)
                    : slip_while(err, "%s:%u", best_file.ptr, best.line);
}

int slip_werf_render(const struct slip_tree *tree, const struct slip_commit *commit,
                     const struct slip_config_options *o,
                     const struct slip_giterminism *giterminism, const char *path,
                     struct slip_buf *text, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) dir = SLIP_BUF(SLIP_LIMIT_TEXT);
    struct slip_werf_files files = { tree, o->project_dir };
    struct world w = { .tree = tree, .o = o, .giterminism = giterminism };
    slip_werf_files_table(&files, &w.files);
    if (o->templates_dir.len)
        slip_buf_add_str(&dir, o->templates_dir);
    else
        slip_path_join(o->project_dir, SLIP_STR(".werf"), &dir);
    w.templates_dir = slip_buf_str(&dir);
    struct slip_tmpl_host host = host_of(&w);
    SLIP_AUTO_PTR(slip_tmpl) set = slip_tmpl_new("werfConfig", &host);
    w.set = set;
    if (render(&w, commit, text, err) == 0)
        return 0;
    name_place(&w, path, slip_buf_str(text), err);
    if (!w.refused)
        return -1;
    err->kind = SLIP_E_UNSUPPORTED;
    return slip_hint(err, "use --commit-only to take it from the commit");
}
