/* SPDX-License-Identifier: Apache-2.0 */
/* Dependency strings of the stages of a Dockerfile. */
#include "digest/lists.h"

#include "base/limits.h"
#include "base/map.h"
#include "dockerfile/shell.h"

#include <string.h>

/* Stages that copy from each other again and again make lists grow without bounds. */
enum {
    LIST_MAX = 1000000,
    LISTS_MAX = 4 * LIST_MAX, /* of all stages together */
    STAGES_MAX = 10000,
};

struct making {
    const struct slip_lists_input *in;
    struct slip_lists *out;
    struct slip_map *meta;       /* platform variables and ARGs before the first FROM */
    struct slip_map *args, *env; /* of the stage at hand */
    struct slip_map *given;      /* what werf.yaml says: name -> struct slip_str_pair */
    size_t taken_over;           /* entries that lists have from each other */
    bool cut_names;              /* a name with a '=' in it has been set */
    bool ambiguous;              /* the last expansion asked for a name that was set twice */
    struct slip_error *err;
};

/* ---- variables ---- */

static void set(struct making *m, struct slip_map *map, struct slip_str name, struct slip_str value)
{
    struct slip_str *kept = slip_arena_new(m->in->arena, struct slip_str);
    *kept = value;
    slip_map_set(map, name, kept);
    m->cut_names = m->cut_names || slip_str_find(name, '=') != SLIP_NPOS;
}

static bool look_in(struct slip_map *map, struct slip_str name, struct slip_str *value)
{
    const struct slip_str *found = slip_map_get(map, name);
    if (found)
        *value = *found;
    return found != NULL;
}

/* "rest=value": what a variable holds whose name was cut. */
static struct slip_str cut_value(struct making *m, struct slip_str rest, struct slip_str value)
{
    char *text = slip_arena_alloc(m->in->arena, rest.len + 1 + value.len);
    if (rest.len)
        memcpy(text, rest.ptr, rest.len);
    text[rest.len] = '=';
    if (value.len)
        memcpy(text + rest.len + 1, value.ptr, value.len);
    return slip_str_make(text, rest.len + 1 + value.len);
}

/*
 * An expanded name may hold a '='. To the shell all variables are texts "name=value" that are cut
 * at the first '=', so that `x=y` set to 1 is x set to y=1. How many in `map` come out as `name`,
 * those apart that `hidden` has too.
 */
static size_t look_in_cut(struct making *m, struct slip_map *map, struct slip_map *hidden,
                          struct slip_str name, struct slip_str *value)
{
    size_t n = 0;
    for (struct slip_map_entry *e = NULL; (e = slip_map_next(map, e)) != NULL;) {
        struct slip_str head, rest;
        bool cut = slip_str_cut(slip_map_key(e), '=', &head, &rest);
        if (!slip_str_eq(head, name) || (hidden && slip_map_get(hidden, slip_map_key(e))))
            continue;
        const struct slip_str *found = slip_map_value(e);
        *value = cut ? cut_value(m, rest, *found) : *found;
        n++;
    }
    m->ambiguous = m->ambiguous || n > 1;
    return n;
}

/* ARG wins over ENV, unlike in Docker; but of two names that differ before they are cut ENV's wins.
 */
static bool look_in_stage(void *payload, struct slip_str name, struct slip_str *value)
{
    struct making *m = payload;
    if (m->cut_names)
        return look_in_cut(m, m->env, m->args, name, value)
               || look_in_cut(m, m->args, NULL, name, value);
    return look_in(m->args, name, value) || look_in(m->env, name, value);
}

static bool look_in_env(void *payload, struct slip_str name, struct slip_str *value)
{
    struct making *m = payload;
    return m->cut_names ? look_in_cut(m, m->env, NULL, name, value) : look_in(m->env, name, value);
}

static bool look_in_meta(void *payload, struct slip_str name, struct slip_str *value)
{
    struct making *m = payload;
    return m->cut_names ? look_in_cut(m, m->meta, NULL, name, value)
                        : look_in(m->meta, name, value);
}

/* What werf.yaml says about a build argument. */
static bool is_given(const struct making *m, struct slip_str name, struct slip_str *value)
{
    const struct slip_str_pair *p = slip_map_get(m->given, name);
    if (p)
        *value = p->value;
    return p != NULL;
}

/* Imports win; of pairs with the same name the first one counts. */
static struct slip_map *index_given(const struct slip_lists_input *in)
{
    const struct slip_str_map *const places[] = { &in->args, &in->imports };
    struct slip_map *given = slip_map_new(NULL);
    for (size_t i = 0; i < SLIP_COUNT(places); i++)
        for (size_t k = places[i]->len; k-- > 0;)
            slip_map_set(given, places[i]->at[k].key, &places[i]->at[k]);
    return given;
}

static int expand(struct making *m, slip_shell_lookup *lookup, unsigned line, struct slip_str word,
                  struct slip_str *out)
{
    const struct slip_shell sh = { .lookup = lookup, .payload = m };
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_DOCKERFILE);
    if (slip_shell_expand(&sh, word, &text, m->err) < 0)
        return slip_while(m->err, "%s:%u", m->in->name, line);
    if (m->ambiguous)
        return slip_fail(m->err, SLIP_E_CONFIG,
                         "%s:%u: two names with '=' in them set the same variable, and werf takes "
                         "either",
                         m->in->name, line);
    if (m->in->arena->used > SLIP_LIMIT_FILE)
        return slip_fail(m->err, SLIP_E_CONFIG,
                         "%s:%u: the texts of all instructions take more "
                         "than %u bytes",
                         m->in->name, line, SLIP_LIMIT_FILE);
    *out = slip_arena_str(m->in->arena, slip_buf_str(&text));
    return 0;
}

/* ARGs before the first FROM see each other, but not the platform variables. */
static int read_meta_args(struct making *m)
{
    const struct slip_dockerfile *file = m->in->file;
    for (size_t i = 0; i < file->n_meta_args; i++) {
        const struct slip_dockerfile_command *c = &file->meta_args[i];
        for (size_t k = 0; k < c->n_pairs; k++) {
            struct slip_str name, value;
            if (expand(m, look_in_meta, c->line, c->pairs[k].key, &name) < 0)
                return -1;
            if (!is_given(m, name, &value)
                && expand(m, look_in_meta, c->line, c->pairs[k].value, &value) < 0)
                return -1;
            set(m, m->meta, name, value);
        }
    }
    return 0;
}

/* The platform variables come behind, where an ARG of their name has not taken the place. */
static int make_meta(struct making *m)
{
    struct slip_map *args = slip_map_new(NULL), *all = slip_map_new(NULL);
    m->meta = args;
    int rc = read_meta_args(m);
    m->meta = all;
    slip_platform_variables(&m->in->host, "BUILD", m->in->arena, m->meta);
    slip_platform_variables(&m->in->target, "TARGET", m->in->arena, m->meta);
    for (struct slip_map_entry *e = NULL; (e = slip_map_next(args, e)) != NULL;)
        slip_map_set(all, slip_map_key(e), slip_map_value(e));
    slip_map_free(args);
    return rc;
}

/* ---- ingredients ---- */

static struct slip_ingredient *add(struct making *m, struct slip_list *list,
                                   enum slip_ingredient_kind kind, unsigned line,
                                   struct slip_str text)
{
    struct slip_ingredient *i = slip_arena_new(m->in->arena, struct slip_ingredient);
    i->kind = kind;
    i->text = text;
    i->origin = slip_str_of(line ? slip_arena_printf(m->in->arena, "%s:%u", m->in->name, line)
                                 : "werf.yaml: addHost");
    i->detail = SLIP_STR("");
    slip_vec_push(list, i);
    return i;
}

/* "ARG key=value"; any byte may stand in the parts. */
static struct slip_str pair_text(struct making *m, bool is_arg, struct slip_str key,
                                 struct slip_str value)
{
    char *text = slip_arena_alloc(m->in->arena, 5 + key.len + value.len);
    memcpy(text, is_arg ? "ARG " : "ENV ", 4);
    memcpy(text + 4, key.ptr, key.len);
    text[4 + key.len] = '=';
    if (value.len)
        memcpy(text + 5 + key.len, value.ptr, value.len);
    return slip_str_make(text, 5 + key.len + value.len);
}

static int add_expanded(struct making *m, slip_shell_lookup *lookup, struct slip_list *list,
                        const struct slip_dockerfile_command *c)
{
    struct slip_str text;
    if (expand(m, lookup, c->line, c->text, &text) < 0)
        return -1;
    add(m, list, SLIP_INGREDIENT_INSTRUCTION, c->line, text);
    return 0;
}

/* The text of an ADD or COPY as written, then what it takes from the context. */
static int add_files(struct making *m, slip_shell_lookup *lookup, struct slip_list *list,
                     const struct slip_dockerfile_command *c)
{
    add(m, list, SLIP_INGREDIENT_INSTRUCTION, c->line, slip_arena_str(m->in->arena, c->text));
    if (c->from.len)
        return 0;
    struct slip_str *sources = slip_arena_array(m->in->arena, c->args.len, sizeof(*sources));
    for (size_t i = 0; i < c->args.len; i++)
        if (expand(m, lookup, c->line, c->args.at[i], &sources[i]) < 0)
            return -1;
    struct slip_ingredient *files = add(m, list, SLIP_INGREDIENT_FILES, c->line, SLIP_STR(""));
    if (m->in->files(m->in->payload, files, sources, c->args.len, m->err) < 0)
        return slip_while(m->err, "%s:%u", m->in->name, c->line);
    return 0;
}

/* An ARG of a stage: what werf.yaml gives, else its default, else the ARG before the first FROM. */
static int arg_value(struct making *m, const struct slip_dockerfile_command *c,
                     const struct slip_dockerfile_pair *p, struct slip_str name,
                     struct slip_str *value)
{
    if (is_given(m, name, value))
        return 0;
    if (p->value.len)
        return expand(m, look_in_stage, c->line, p->value, value);
    if (!look_in(m->meta, name, value))
        *value = SLIP_STR("");
    return 0;
}

static int add_pairs(struct making *m, struct slip_list *list,
                     const struct slip_dockerfile_command *c)
{
    bool is_arg = c->kind == SLIP_INSTR_ARG;
    for (size_t i = 0; i < c->n_pairs; i++) {
        const struct slip_dockerfile_pair *p = &c->pairs[i];
        struct slip_str name, value;
        if (expand(m, look_in_stage, c->line, p->key, &name) < 0)
            return -1;
        if ((is_arg ? arg_value(m, c, p, name, &value)
                    : expand(m, look_in_stage, c->line, p->value, &value))
            < 0)
            return -1;
        add(m, list, SLIP_INGREDIENT_INSTRUCTION, c->line, pair_text(m, is_arg, name, value));
        set(m, is_arg ? m->args : m->env, name, value);
    }
    return 0;
}

/* In a trigger ARG and ENV are texts like any other: they set nothing and look nothing up. */
static int add_trigger_pairs(struct making *m, struct slip_list *list,
                             const struct slip_dockerfile_command *c)
{
    for (size_t i = 0; i < c->n_pairs; i++) {
        struct slip_str name, value;
        if (expand(m, look_in_env, c->line, c->pairs[i].key, &name) < 0
            || expand(m, look_in_env, c->line, c->pairs[i].value, &value) < 0)
            return -1;
        add(m, list, SLIP_INGREDIENT_INSTRUCTION, c->line,
            pair_text(m, c->kind == SLIP_INSTR_ARG, name, value));
    }
    return 0;
}

static int add_trigger(struct making *m, struct slip_list *on_build,
                       const struct slip_dockerfile_command *c)
{
    switch (c->kind) {
    case SLIP_INSTR_ARG:
    case SLIP_INSTR_ENV:
        return add_trigger_pairs(m, on_build, c);
    case SLIP_INSTR_ADD:
    case SLIP_INSTR_COPY:
        return add_files(m, look_in_env, on_build, c);
    default:
        return add_expanded(m, look_in_env, on_build, c);
    }
}

static int add_command(struct making *m, struct slip_list *list, struct slip_list *on_build,
                       const struct slip_dockerfile_command *c)
{
    switch (c->kind) {
    case SLIP_INSTR_ARG:
    case SLIP_INSTR_ENV:
        return add_pairs(m, list, c);
    case SLIP_INSTR_ADD:
    case SLIP_INSTR_COPY:
        return add_files(m, look_in_stage, list, c);
    case SLIP_INSTR_ONBUILD:
        add(m, list, SLIP_INGREDIENT_INSTRUCTION, c->line,
            slip_arena_str(m->in->arena, c->expression));
        return add_trigger(m, on_build, c->trigger);
    default:
        return add_expanded(m, look_in_stage, list, c);
    }
}

static int make_stage(struct making *m, const struct slip_dockerfile_stage *s,
                      struct slip_list *list, struct slip_list *on_build)
{
    for (size_t i = 0; i < m->in->add_host.len; i++)
        add(m, list, SLIP_INGREDIENT_HOST, 0, slip_arena_str(m->in->arena, m->in->add_host.at[i]));
    struct slip_str base;
    if (expand(m, look_in_meta, s->line, s->base, &base) < 0)
        return -1;
    if (base.len == 0)
        return slip_fail(m->err, SLIP_E_CONFIG, "%s:%u: the base image '%.*s' is empty",
                         m->in->name, s->line, SLIP_ARG(s->base));
    add(m, list, SLIP_INGREDIENT_BASE, s->line, base);
    for (size_t i = 0; i < s->n_commands; i++)
        if (add_command(m, list, on_build, &s->commands[i]) < 0)
            return -1;
    return 0;
}

static int make_stages(struct making *m)
{
    for (size_t i = 0; i < m->out->len; i++) {
        m->args = slip_map_new(NULL);
        m->env = slip_map_new(NULL);
        int rc = make_stage(m, &m->in->file->stages[i], &m->out->stages[i], &m->out->on_build[i]);
        slip_map_free(m->args);
        slip_map_free(m->env);
        if (rc < 0)
            return -1;
    }
    return 0;
}

/* ---- relations ---- */

/* Append `from`, which may be `to` itself. */
static int append(struct making *m, struct slip_list *to, const struct slip_list *from)
{
    size_t n = from->len;
    m->taken_over += n;
    if (to->len + n > LIST_MAX || m->taken_over > LISTS_MAX)
        return slip_fail(m->err, SLIP_E_CONFIG, "%s: stages depend on each other too often",
                         m->in->name);
    slip_vec_reserve(to, to->len + n);
    if (n)
        memcpy(to->at + to->len, from->at, n * sizeof(*to->at));
    to->len += n;
    return 0;
}

/* Stages whose name is the base of stage i, as written. All of that name count. */
static int relate_base(struct making *m, size_t i)
{
    const struct slip_dockerfile_stage *stages = m->in->file->stages;
    for (size_t j = 0; j < m->out->len; j++) {
        if (j == i || !slip_str_eq(stages[i].base, stages[j].name))
            continue;
        if (append(m, &m->out->stages[i], &m->out->stages[j]) < 0
            || append(m, &m->out->stages[i], &m->out->on_build[j]) < 0)
            return -1;
    }
    return 0;
}

static int relate_from(struct making *m, size_t i, unsigned line, struct slip_str from)
{
    size_t index;
    bool external;
    if (from.len == 0)
        return 0;
    if (slip_dockerfile_from(m->in->file, from, &index, &external, m->err) < 0)
        return slip_while(m->err, "%s:%u", m->in->name, line);
    return external ? 0 : append(m, &m->out->stages[i], &m->out->stages[index]);
}

static int relate_commands(struct making *m, size_t i)
{
    const struct slip_dockerfile_stage *s = &m->in->file->stages[i];
    for (size_t k = 0; k < s->n_commands; k++) {
        const struct slip_dockerfile_command *c = &s->commands[k];
        if (c->kind == SLIP_INSTR_COPY && relate_from(m, i, c->line, c->from) < 0)
            return -1;
        for (size_t w = 0; c->kind == SLIP_INSTR_RUN && w < c->mounts_from.len; w++)
            if (relate_from(m, i, c->line, c->mounts_from.at[w]) < 0)
                return -1;
    }
    return 0;
}

/* In place and in the order of the file: a list taken over holds what its stage has taken over. */
static int relate_stages(struct making *m)
{
    for (size_t i = 0; i < m->out->len; i++)
        if (relate_base(m, i) < 0 || relate_commands(m, i) < 0)
            return -1;
    return 0;
}

int slip_lists_make(const struct slip_lists_input *in, struct slip_lists *out,
                    struct slip_error *err)
{
    if (in->file->n_stages > STAGES_MAX)
        return slip_fail(err, SLIP_E_CONFIG, "%s:%u: more than %d stages", in->name,
                         in->file->stages[STAGES_MAX].line, STAGES_MAX);
    SLIP_AUTO(slip_lists) lists = { .len = in->file->n_stages };
    lists.stages = slip_alloc_array(lists.len, sizeof(*lists.stages));
    lists.on_build = slip_alloc_array(lists.len, sizeof(*lists.on_build));
    struct making m = { .in = in, .out = &lists, .given = index_given(in), .err = err };
    int rc = make_meta(&m);
    if (rc == 0 && (make_stages(&m) < 0 || relate_stages(&m) < 0))
        rc = -1;
    slip_map_free(m.meta);
    slip_map_free(m.given);
    if (rc < 0)
        return -1;
    *out = lists;
    lists = (struct slip_lists){ 0 };
    return 0;
}

void slip_lists_clear(struct slip_lists *l)
{
    for (size_t i = 0; i < l->len; i++) {
        slip_vec_clear(&l->stages[i]);
        slip_vec_clear(&l->on_build[i]);
    }
    slip_free(l->stages);
    slip_free(l->on_build);
    *l = (struct slip_lists){ 0 };
}
