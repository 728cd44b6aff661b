/* SPDX-License-Identifier: Apache-2.0 */
/* A set of templates: adding texts, and rendering the main one. */
#include "tmpl/tmpl.h"

#include "tmpl/fmt.h"
#include "tmpl/parse.h"
#include "tmpl/run.h"

static void free_trees(void *trees)
{
    slip_map_free(trees);
}

struct slip_tmpl *slip_tmpl_new(const char *name, const struct slip_tmpl_host *host)
{
    struct slip_tmpl *t = slip_new(struct slip_tmpl);
    t->host = host;
    t->name = slip_arena_str(&t->arena, slip_str_of(name));
    slip_tmpl_names_init(&t->functions);
    t->templates = slip_map_new(NULL);
    t->tpl_trees = slip_map_new(free_trees);
    return t;
}

void slip_tmpl_free(struct slip_tmpl *t)
{
    if (!t)
        return;
    slip_map_free(t->templates);
    slip_map_free(t->tpl_trees);
    slip_arena_clear(&t->arena);
    slip_free(t);
}

struct slip_arena *slip_tmpl_arena(struct slip_tmpl *t)
{
    return &t->arena;
}

struct slip_str slip_tmpl_error(const struct slip_tmpl *t)
{
    return t->error;
}

/* Later texts win, but an empty body never replaces another one. */
void slip_tmpl_associate(struct slip_tmpl *t, const struct slip_map *trees)
{
    for (struct slip_map_entry *e = slip_map_next(trees, NULL); e; e = slip_map_next(trees, e)) {
        struct slip_tmpl_tree *tree = slip_map_value(e);
        if (slip_node_list_is_empty(&tree->root) && slip_map_get(t->templates, tree->name))
            continue;
        slip_map_set(t->templates, tree->name, tree);
    }
}

int slip_tmpl_add_source(struct slip_tmpl *t, struct slip_str name, struct slip_str text,
                         struct slip_map **trees, struct slip_str *message)
{
    struct slip_source *source = slip_arena_new(&t->arena, struct slip_source);
    source->name = slip_arena_str(&t->arena, name);
    source->text = slip_arena_str(&t->arena, text);
    SLIP_AUTO_PTR(slip_map) found = slip_map_new(NULL);
    if (slip_tmpl_parse(source, &t->functions, &t->arena, found, message) < 0)
        return -1;
    slip_tmpl_associate(t, found);
    *trees = slip_take(found);
    return 0;
}

static int fail(struct slip_tmpl *t, struct slip_str message, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    t->error = message;
    slip_tmpl_add_shortened(message, sizeof(err->text) - 1, &text);
    return slip_fail(err, SLIP_E_CONFIG, "%s", text.ptr);
}

int slip_tmpl_add(struct slip_tmpl *t, struct slip_str name, struct slip_str text,
                  struct slip_error *err)
{
    struct slip_str message;
    SLIP_AUTO_PTR(slip_map) trees = NULL;
    if (slip_tmpl_add_source(t, name, text, &trees, &message) < 0)
        return fail(t, message, err);
    return 0;
}

static void run_clear(struct slip_tmpl_run *run)
{
    slip_vec_clear(&run->vars);
    slip_vec_clear(&run->frames);
    slip_buf_clear(&run->spare);
}

int slip_tmpl_render(struct slip_tmpl *t, const struct slip_tv *root, struct slip_buf *out,
                     struct slip_error *err)
{
    const struct slip_tmpl_tree *tree = slip_map_get(t->templates, t->name);
    if (!tree)
        return slip_fail(err, SLIP_E_CONFIG, "template: no template \"%.*s\"", SLIP_ARG(t->name));
    struct slip_tmpl_run run = { .set = t, .spare = SLIP_BUF(0) };
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_TMPL_LIMIT_OUTPUT);
    int rc = slip_tmpl_execute(&run, tree, root, &text);
    run_clear(&run);
    if (rc < 0)
        return fail(t, run.error, err);
    slip_buf_move(out, &text);
    return 0;
}
