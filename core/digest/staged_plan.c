/* SPDX-License-Identifier: Apache-2.0 */
/* A Dockerfile taken apart into images of many stages. */
#include "digest/staged_plan.h"

#include "base/limits.h"
#include "base/map.h"
#include "base/vec.h"
#include "dockerfile/mount.h"

enum { STAGES_MAX = 1000 };

struct making {
    const struct slip_staged_input *in;
    struct slip_arena *arena;
    struct slip_staged_plan *plan;
    struct slip_map *meta; /* ARGs before the first FROM, and the platform: name -> slip_str */
    struct slip_map *env;  /* of the stage at hand: name -> slip_str */
    struct {
        SLIP_VEC(struct slip_str_pair);
    } log; /* the same in the order in which it was set */
    struct slip_error *err;
};

/* ---- variables ---- */

static void set(struct making *m, struct slip_map *map, struct slip_str name, struct slip_str value)
{
    struct slip_str *kept = slip_arena_new(m->arena, struct slip_str);
    *kept = value;
    slip_map_set(map, name, kept);
}

static bool look_in(void *map, struct slip_str name, struct slip_str *value)
{
    const struct slip_str *found = slip_map_get(map, name);
    if (found)
        *value = *found;
    return found != NULL;
}

/* Variables that are not set stay as they are written. */
static struct slip_shell shell_over(const struct making *m, struct slip_map *map)
{
    return (struct slip_shell){
        .lookup = look_in, .payload = map, .escape = m->in->file->escape, .keep_unset = true
    };
}

static int expand(const struct slip_shell *sh, struct slip_str word, struct slip_arena *a,
                  struct slip_str *out, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_DOCKERFILE);
    if (slip_shell_expand(sh, word, &text, err) < 0)
        return -1;
    if (text.full || a->used > SLIP_LIMIT_FILE)
        return slip_fail(err, SLIP_E_CONFIG,
                         "the texts of all instructions take more than %u "
                         "bytes",
                         SLIP_LIMIT_FILE);
    *out = slip_arena_str(a, slip_buf_str(&text));
    return 0;
}

static int at_line(const struct making *m, unsigned line)
{
    return slip_while(m->err, "%s:%u", m->in->name, line);
}

static const struct slip_str *given(const struct making *m, struct slip_str name)
{
    const struct slip_str_map *args = &m->in->image->args;
    for (size_t i = 0; i < args->len; i++)
        if (slip_str_eq(args->at[i].key, name))
            return &args->at[i].value;
    return NULL;
}

/* Its value comes from another image, when that is known. */
static bool is_import(const struct making *m, struct slip_str name)
{
    const struct slip_image *image = m->in->image;
    for (size_t i = 0; i < image->n_dependencies; i++)
        for (size_t k = 0; k < image->dependencies[i].n_imports; k++)
            if (slip_str_eq(image->dependencies[i].imports[k].target, name))
                return true;
    return false;
}

/* ---- before the first FROM ---- */

/* A default that cannot be expanded is empty, without a word. */
static struct slip_str meta_value(struct making *m, struct slip_map *before,
                                  const struct slip_dockerfile_pair *p)
{
    const struct slip_shell sh = shell_over(m, before);
    const struct slip_str *other = given(m, p->key);
    struct slip_error ignored = { 0 };
    struct slip_str value;
    if (other)
        return *other;
    if (!p->has_value || expand(&sh, p->value, m->arena, &value, &ignored) < 0)
        return SLIP_STR("");
    return value;
}

/* ARGs see each other but not the platform, in whose place they come. */
static void read_meta_args(struct making *m)
{
    const struct slip_dockerfile *file = m->in->file;
    SLIP_AUTO_PTR(slip_map) args = slip_map_new(NULL);
    for (size_t i = 0; i < file->n_meta_args; i++)
        for (size_t k = 0; k < file->meta_args[i].n_pairs; k++) {
            const struct slip_dockerfile_pair *p = &file->meta_args[i].pairs[k];
            if (!is_import(m, p->key))
                set(m, args, p->key, meta_value(m, args, p));
        }
    slip_platform_variables(&m->in->host, "BUILD", m->arena, m->meta);
    slip_platform_variables(&m->in->target, "TARGET", m->arena, m->meta);
    for (struct slip_map_entry *e = NULL; (e = slip_map_next(args, e)) != NULL;)
        slip_map_set(m->meta, slip_map_key(e), slip_map_value(e));
}

/* ---- words ---- */

static int split(const struct slip_shell *sh, const struct slip_str *in, size_t n,
                 struct slip_arena *a, struct slip_str **out, size_t *n_out, struct slip_error *err)
{
    struct {
        SLIP_VEC(struct slip_str);
    } all = { 0 };
    int rc = 0;
    for (size_t i = 0; i < n && rc == 0; i++) {
        struct slip_shell_words some = { 0 };
        rc = slip_shell_split(sh, in[i], a, &some, err);
        for (size_t k = 0; rc == 0 && k < some.len; k++)
            slip_vec_push(&all, some.at[k]);
    }
    if (rc == 0) {
        *out = slip_arena_array(a, all.len + 1, sizeof(**out));
        *n_out = all.len;
        if (all.len)
            memcpy(*out, all.at, all.len * sizeof(**out));
    }
    slip_vec_clear(&all);
    return rc;
}

int slip_staged_words(const struct slip_shell *sh, enum slip_instruction kind,
                      const struct slip_str *in, size_t n, struct slip_arena *a,
                      struct slip_str **out, size_t *n_out, struct slip_error *err)
{
    if (kind == SLIP_INSTR_EXPOSE)
        return split(sh, in, n, a, out, n_out, err);
    struct slip_str *words = slip_arena_array(a, n + 1, sizeof(*words));
    for (size_t i = 0; i < n; i++)
        if (expand(sh, in[i], a, &words[i], err) < 0)
            return -1;
    *out = words;
    *n_out = n;
    return 0;
}

static struct slip_str *pair_words(const struct slip_dockerfile_command *c, struct slip_arena *a,
                                   size_t *n)
{
    struct slip_str *words = slip_arena_array(a, 2 * c->n_pairs + 1, sizeof(*words));
    for (size_t i = 0; i < c->n_pairs; i++) {
        words[2 * i] = c->pairs[i].key;
        words[2 * i + 1] = c->pairs[i].value;
    }
    *n = 2 * c->n_pairs;
    return words;
}

static struct slip_str *source_words(const struct slip_dockerfile_command *c, struct slip_arena *a,
                                     size_t *n)
{
    struct slip_str *words = slip_arena_array(a, c->args.len + 3, sizeof(*words));
    *n = 0;
    words[(*n)++] = c->chown;
    if (c->kind == SLIP_INSTR_ADD)
        words[(*n)++] = c->checksum;
    for (size_t i = 0; i < c->args.len; i++)
        words[(*n)++] = c->args.at[i];
    words[(*n)++] = c->word;
    return words;
}

/* The words of an instruction that are expanded, as they are written. */
static struct slip_str *written_words(const struct slip_dockerfile_command *c, struct slip_arena *a,
                                      size_t *n)
{
    struct slip_str *one;
    *n = 0;
    switch (c->kind) {
    case SLIP_INSTR_ENV:
    case SLIP_INSTR_LABEL:
    case SLIP_INSTR_ARG:
        return pair_words(c, a, n);
    case SLIP_INSTR_ADD:
    case SLIP_INSTR_COPY:
        return source_words(c, a, n);
    case SLIP_INSTR_EXPOSE:
    case SLIP_INSTR_VOLUME:
        *n = c->args.len;
        return c->args.at;
    case SLIP_INSTR_WORKDIR:
    case SLIP_INSTR_USER:
    case SLIP_INSTR_STOPSIGNAL:
        one = slip_arena_new(a, struct slip_str);
        *one = c->word;
        *n = 1;
        return one;
    default:
        return NULL;
    }
}

/* ---- one stage ---- */

static void set_env(struct making *m, struct slip_str name, struct slip_str value)
{
    set(m, m->env, name, value);
    slip_vec_push(&m->log, (struct slip_str_pair){ name, value });
}

/* `words` are names and defaults, expanded. */
static void set_args(struct making *m, const struct slip_dockerfile_command *c,
                     const struct slip_str *words)
{
    for (size_t i = 0; i < c->n_pairs; i++) {
        if (is_import(m, c->pairs[i].key))
            continue;
        struct slip_str name = words[2 * i], value;
        const struct slip_str *other = given(m, name);
        if (other)
            set_env(m, name, *other);
        else if (c->pairs[i].has_value)
            set_env(m, name, words[2 * i + 1]);
        else if (look_in(m->meta, name, &value))
            set_env(m, name, value);
    }
}

/* What --mount says has to be in order with the variables that are known, too. */
static int check_mounts(struct making *m, const struct slip_shell *sh,
                        const struct slip_dockerfile_command *c)
{
    for (size_t i = 0; i < c->mounts.len; i++) {
        struct slip_dockerfile_mount ignored;
        if (slip_dockerfile_mount_read(c->mounts.at[i], sh, m->arena, &ignored, m->err) < 0)
            return -1;
    }
    return 0;
}

static int refuse_heredoc(struct making *m, const struct slip_dockerfile_command *c)
{
    if (c->n_heredocs == 0 || c->kind == SLIP_INSTR_RUN)
        return 0;
    slip_fail(m->err, SLIP_E_CONFIG, "%s takes no text in place (<<) in a staged Dockerfile",
              slip_instruction_name(c->kind));
    return slip_hint(m->err, "put the text into a file of the build context");
}

static struct slip_str typed_word(const struct slip_dockerfile_command *c)
{
    size_t n = 0;
    while (n < c->text.len && !strchr("\t\v\f\r ", c->text.ptr[n]))
        n++;
    return slip_str_first(c->text, n);
}

static int read_command(struct making *m, const struct slip_dockerfile_command *c,
                        struct slip_staged_stage *s)
{
    const struct slip_shell sh = shell_over(m, m->env);
    struct slip_staged_instruction i = { .command = c, .n_env = m->log.len };
    size_t n;
    struct slip_str *written = written_words(c, m->arena, &n);
    if (refuse_heredoc(m, c) < 0 || check_mounts(m, &sh, c) < 0
        || slip_staged_words(&sh, c->kind, written, n, m->arena, &i.words, &i.n_words, m->err) < 0)
        return at_line(m, c->line);
    if (c->kind == SLIP_INSTR_ARG) {
        set_args(m, c, i.words);
        return 0;
    }
    for (size_t k = 0; c->kind == SLIP_INSTR_ENV && k < c->n_pairs; k++)
        set_env(m, i.words[2 * k], i.words[2 * k + 1]);
    i.word = typed_word(c);
    s->instructions[s->n_instructions++] = i;
    return 0;
}

static int read_base(struct making *m, const struct slip_dockerfile_stage *stage,
                     struct slip_staged_stage *s)
{
    const struct slip_shell sh = shell_over(m, m->meta);
    if (expand(&sh, stage->base, m->arena, &s->base, m->err) < 0)
        return at_line(m, stage->line);
    if (s->base.len == 0)
        return slip_fail(m->err, SLIP_E_CONFIG, "%s:%u: the base image '%.*s' is empty",
                         m->in->name, stage->line, SLIP_ARG(stage->base));
    return 0;
}

static int read_stage(struct making *m, const struct slip_dockerfile_stage *stage,
                      struct slip_staged_stage *s)
{
    *s = (struct slip_staged_stage){ .stage = stage, .base_stage = SLIP_NPOS };
    s->instructions = slip_arena_array(m->arena, stage->n_commands + 1, sizeof(*s->instructions));
    if (read_base(m, stage, s) < 0)
        return -1;
    m->log.len = 0;
    for (size_t i = 0; i < stage->n_commands; i++)
        if (read_command(m, &stage->commands[i], s) < 0)
            return -1;
    s->n_env = m->log.len;
    s->env = slip_arena_array(m->arena, m->log.len + 1, sizeof(*s->env));
    if (m->log.len)
        memcpy(s->env, m->log.at, m->log.len * sizeof(*s->env));
    return 0;
}

/* Those that the target does not need have to be in order, too. */
static int read_stages(struct making *m)
{
    for (size_t i = 0; i < m->plan->n_stages; i++) {
        m->env = slip_map_new(NULL);
        int rc = read_stage(m, &m->in->file->stages[i], &m->plan->stages[i]);
        slip_map_free(m->env);
        if (rc < 0)
            return -1;
    }
    return 0;
}

/* ---- relations ---- */

size_t slip_staged_from(const struct slip_staged_plan *p, struct slip_str from)
{
    struct slip_error ignored = { 0 };
    bool external;
    size_t index;
    if (from.len == 0 || slip_dockerfile_from(p->file, from, &index, &external, &ignored) < 0)
        return SLIP_NPOS; /* a negative number is no stage */
    return external ? SLIP_NPOS : index;
}

/* FROM means the first stage of that very name, wherever it stands. */
static void find_bases(struct slip_staged_plan *p)
{
    for (size_t i = 0; i < p->n_stages; i++)
        for (size_t k = 0; k < p->n_stages && p->stages[i].base_stage == SLIP_NPOS; k++)
            if (p->stages[k].stage->name.len
                && slip_str_eq(p->stages[i].base, p->stages[k].stage->name))
                p->stages[i].base_stage = k;
}

static void name_images(struct making *m)
{
    const struct slip_str image = m->in->image->name;
    for (size_t i = 0; i < m->plan->n_stages; i++) {
        struct slip_str name = m->plan->stages[i].stage->name;
        m->plan->stages[i].image =
            i == m->plan->target ? image
            : name.len           ? slip_str_of(
                            slip_arena_printf(m->arena, "%.*s/stage/%.*s", SLIP_ARG(image), SLIP_ARG(name)))
                       : slip_str_of(slip_arena_printf(m->arena, "%.*s/stage0", SLIP_ARG(image)));
    }
}

struct reaching {
    struct making *m;
    enum { NEW, OPEN, DONE } state[STAGES_MAX];
};

static int reach(struct reaching *r, size_t i);

static int reach_needs(struct reaching *r, size_t i)
{
    const struct slip_staged_plan *p = r->m->plan;
    const struct slip_staged_stage *s = &p->stages[i];
    if (s->base_stage != SLIP_NPOS && reach(r, s->base_stage) < 0)
        return -1;
    for (size_t k = 0; k < s->n_instructions; k++) {
        const struct slip_dockerfile_command *c = s->instructions[k].command;
        size_t from = c->kind == SLIP_INSTR_COPY ? slip_staged_from(p, c->from) : SLIP_NPOS;
        if (from != SLIP_NPOS && reach(r, from) < 0)
            return -1;
        for (size_t n = 0; n < c->mounts_from.len; n++) {
            from = slip_staged_from(p, c->mounts_from.at[n]);
            if (from != SLIP_NPOS && reach(r, from) < 0)
                return -1;
        }
    }
    return 0;
}

/* Depth is the number of stages at most. */
static int reach(struct reaching *r, size_t i)
{
    struct slip_staged_stage *s = &r->m->plan->stages[i];
    if (r->state[i] == DONE)
        return 0;
    if (r->state[i] == OPEN) {
        slip_fail(r->m->err, SLIP_E_CONFIG,
                  "the stage rests on itself: werf does not come to an "
                  "end with it");
        slip_hint(r->m->err, "a stage is found by its name before an image is: give it another");
        return at_line(r->m, s->stage->line);
    }
    r->state[i] = OPEN;
    s->reached = true;
    if (reach_needs(r, i) < 0)
        return -1;
    r->state[i] = DONE;
    return 0;
}

/* ---- what cannot be ---- */

/* Two stages that become images of the same name: werf takes one for the other. */
static int refuse_same_names(struct making *m)
{
    const struct slip_staged_plan *p = m->plan;
    SLIP_AUTO_PTR(slip_map) names = slip_map_new(NULL);
    for (size_t i = 0; i < p->n_stages; i++) {
        const struct slip_staged_stage *s = &p->stages[i];
        if (!s->reached || i == p->target)
            continue;
        if (slip_map_get(names, s->image)) {
            slip_fail(m->err, SLIP_E_UNSUPPORTED,
                      s->stage->name.len ? "two stages of the same name are needed, which werf "
                                           "mixes up"
                                         : "two stages without a name are needed, which werf mixes "
                                           "up");
            slip_hint(m->err, "name each stage (FROM image AS name)");
            return at_line(m, s->stage->line);
        }
        slip_map_set(names, s->image, m);
    }
    return 0;
}

static int refuse_stage(struct making *m, const struct slip_staged_stage *s)
{
    if (s->base_stage == SLIP_NPOS && slip_str_is(s->base, "scratch")) {
        slip_fail(m->err, SLIP_E_UNSUPPORTED,
                  "FROM scratch cannot be built by werf in a staged Dockerfile");
        slip_hint(m->err, "start from an image, or leave 'staged' out of werf.yaml");
        return at_line(m, s->stage->line);
    }
    if (m->in->version == 1 && s->n_instructions == 0) {
        slip_fail(m->err, SLIP_E_CONFIG,
                  "the stage has no instruction but ARG, which makes no stage of an image");
        slip_hint(m->err, "WERF_STAGED_DOCKERFILE_VERSION=v2 makes one of FROM");
        return at_line(m, s->stage->line);
    }
    return 0;
}

static int refuse(struct making *m)
{
    for (size_t i = 0; i < m->plan->n_stages; i++)
        if (m->plan->stages[i].reached && refuse_stage(m, &m->plan->stages[i]) < 0)
            return -1;
    return refuse_same_names(m);
}

/* ---- all of it ---- */

static int make(struct making *m)
{
    struct slip_staged_plan *p = m->plan;
    p->file = m->in->file;
    p->name = m->in->name;
    p->n_stages = m->in->file->n_stages;
    if (p->n_stages > STAGES_MAX)
        return slip_fail(m->err, SLIP_E_CONFIG, "%s: more than %d stages", p->name, STAGES_MAX);
    if (slip_dockerfile_target(p->file, m->in->image->target, &p->target, m->err) < 0)
        return slip_while(m->err, "%s", p->name);
    p->stages = slip_arena_array(m->arena, p->n_stages, sizeof(*p->stages));
    read_meta_args(m);
    if (read_stages(m) < 0)
        return -1;
    find_bases(p);
    name_images(m);
    struct reaching r = { .m = m };
    return reach(&r, p->target) < 0 ? -1 : refuse(m);
}

int slip_staged_plan_make(const struct slip_staged_input *in, struct slip_arena *a,
                          struct slip_staged_plan *out, struct slip_error *err)
{
    struct slip_staged_plan plan = { 0 };
    struct making m = { .in = in, .arena = a, .plan = &plan, .err = err };
    m.meta = slip_map_new(NULL);
    int rc = make(&m);
    slip_map_free(m.meta);
    slip_vec_clear(&m.log);
    if (rc == 0)
        *out = plan;
    return rc;
}
