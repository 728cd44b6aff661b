/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Staged Dockerfile images: from the target down to what it needs, stage after stage, asking for
 * the stages of the others as soon as their names count.
 */
#include "digest/staged.h"

#include "base/limits.h"
#include "digest/files.h"
#include "digest/staged_context.h"
#include "digest/staged_deps.h"
#include "digest/staged_plan.h"
#include "digest/staged_vars.h"

/* What the commit says of an image, for all platforms. */
struct prepared {
    struct slip_arena arena;
    struct slip_image_files files;
    struct slip_dockerfile file;
    const char *name; /* of the Dockerfile */
    bool read;
    struct slip_staged_context *context; /* NULL until it is asked for */
    struct slip_add_files added;
};

struct slip_staged {
    struct slip_digest_source source;
    const struct slip_generation *generation;
    unsigned version;
    struct prepared *images; /* one per image of the set */
};

/* A stage of the Dockerfile on its way. */
struct unit {
    bool done, wanted;
    struct slip_staged_unit *out;
    struct slip_str reference;       /* of the base, in a registry */
    struct slip_staged_found *found; /* one per stage, as far as they were asked for */
    bool *asked;
    bool has_config; /* of the last one */
};

struct work {
    struct slip_staged *s;
    const struct slip_staged_request *q;
    const struct slip_image *image;
    struct prepared *prepared;
    struct slip_arena *arena;
    struct slip_staged_plan plan;
    struct slip_str_map imports;
    struct unit *units; /* one per stage of the Dockerfile */
    struct slip_staged_result *result;
};

/* ---- life ---- */

struct slip_staged *slip_staged_new(const struct slip_digest_source *source, unsigned version)
{
    struct slip_staged *s = slip_new(struct slip_staged);
    s->source = *source;
    s->generation = source->generation ? source->generation : &slip_generation_2;
    s->version = version ? version : 1;
    s->images = slip_alloc_array(source->set->len + 1, sizeof(*s->images));
    return s;
}

void slip_staged_free(struct slip_staged *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->source.set->len; i++) {
        slip_staged_context_free(s->images[i].context);
        slip_add_files_clear(&s->images[i].added);
        slip_dockerfile_clear(&s->images[i].file);
        slip_arena_clear(&s->images[i].arena);
    }
    slip_free(s->images);
    slip_free(s);
}

void slip_staged_result_clear(struct slip_staged_result *r)
{
    slip_image_digest_clear(&r->digest);
    *r = (struct slip_staged_result){ 0 };
}

int slip_staged_version(const char *text, unsigned *out, struct slip_error *err)
{
    if (!text || !*text || strcmp(text, "v1") == 0)
        *out = 1;
    else if (strcmp(text, "v2") == 0)
        *out = 2;
    else
        return slip_fail(err, SLIP_E_USAGE,
                         "WERF_STAGED_DOCKERFILE_VERSION is 'v1' or 'v2', not '%.100s'", text);
    return 0;
}

/* ---- the commit ---- */

static int prepare(struct work *w, struct slip_error *err)
{
    struct prepared *p = w->prepared;
    const struct slip_digest_source *s = &w->s->source;
    if (p->read)
        return 0;
    if (slip_image_files_read(&s->tree, s->set->project_dir, w->image, &p->arena, &p->files, err)
        < 0)
        return -1;
    p->name = slip_arena_strdup(&p->arena, p->files.dockerfile_path);
    if (slip_dockerfile_parse(p->files.dockerfile, p->name, &p->file, err) < 0)
        return -1;
    p->read = true;
    return 0;
}

static int find_added(struct work *w, struct slip_error *err)
{
    const struct slip_digest_source *s = &w->s->source;
    if (w->image->context_add_files.len == 0 || w->prepared->added.dir)
        return 0;
    if (s->work_tree)
        return slip_add_files_find(s->work_tree, s->set->project_dir, w->image, &w->prepared->added,
                                   err);
    slip_fail(err, SLIP_E_UNSUPPORTED, "contextAddFiles needs a work tree of this commit: %s",
              s->no_work_tree ? s->no_work_tree : "there is none");
    return slip_hint(err, "check out the commit and run there");
}

static int get_context(void *payload, struct slip_staged_context **out, struct slip_error *err)
{
    struct work *w = payload;
    struct prepared *p = w->prepared;
    if (!p->context
        && (find_added(w, err) < 0
            || slip_staged_context_new(&w->s->source.tree, w->image, &p->files, &p->added,
                                       &p->context, err)
                   < 0))
        return -1;
    *out = p->context;
    return 0;
}

static int find_platforms(const struct work *w, struct slip_staged_input *in,
                          struct slip_error *err)
{
    const struct slip_platform none = { "", "", "" };
    const char *host = w->s->source.host_platform;
    if (!host)
        slip_platform_host(&in->host);
    else if (slip_platform_parse(slip_str_of(host), &none, &in->host, err) < 0)
        return -1;
    in->target = in->host;
    if (w->q->platform[0])
        return slip_platform_parse(slip_str_of(w->q->platform), &in->host, &in->target, err);
    return 0;
}

/* ---- stages that are there ---- */

static int no_registry(const struct work *w, const char *what, struct slip_str which,
                       struct slip_error *err)
{
    (void)w;
    slip_fail(err, SLIP_E_UNSUPPORTED, "its digest counts %s '%.*s', which a registry knows", what,
              SLIP_ARG(which));
    return slip_hint(err, "give the stage repository: --repo");
}

static int not_there(const struct work *w, const struct unit *u, size_t index,
                     struct slip_error *err)
{
    (void)w;
    return slip_fail(err, SLIP_E_NOT_BUILT, "'%.*s' is not built: there is no stage %s-* (%s)",
                     SLIP_ARG(u->out->image), u->out->stages[index].digest,
                     u->out->stages[index].name);
}

/* Look for stage `index` behind those before it, once; the environment comes with the config. */
static int find_stage(struct work *w, struct unit *u, size_t index, bool with_config,
                      struct slip_error *err)
{
    const struct slip_staged_registry *r = w->q->registry;
    if (u->asked[index])
        return 0;
    u->asked[index] = true;
    int64_t not_before = index ? u->found[index - 1].created_ms : 0;
    return r->find(r->payload, u->out->stages[index].digest, not_before, with_config, w->arena,
                   &u->found[index], err);
}

/* All stages up to `last`; `*missing` is the first that is not there, or SLIP_NPOS. */
static int find_chain(struct work *w, struct unit *u, size_t last, size_t *missing,
                      struct slip_error *err)
{
    *missing = SLIP_NPOS;
    for (size_t i = 0; i < u->out->n_stages && !u->wanted && w->q->registry->want; i++)
        w->q->registry->want(w->q->registry->payload, u->out->stages[i].digest);
    u->wanted = u->done;
    for (size_t i = 0; i <= last && *missing == SLIP_NPOS; i++) {
        bool with_config = i == u->out->n_stages - 1 || (w->s->version == 2 && i == 0);
        if (find_stage(w, u, i, with_config, err) < 0)
            return -1;
        if (!u->found[i].found)
            *missing = i;
    }
    return 0;
}

static int make_unit(struct work *w, size_t index, struct slip_error *err);

/* The last stage of another stage of the Dockerfile. */
static int need_stage(struct work *w, size_t index, const struct slip_staged_found **out,
                      struct slip_error *err)
{
    struct unit *u = &w->units[index];
    size_t missing;
    if (make_unit(w, index, err) < 0)
        return -1;
    if (!w->q->registry)
        return no_registry(w, "when it was built:", u->out->image, err);
    if (find_chain(w, u, u->out->n_stages - 1, &missing, err) < 0)
        return -1;
    if (missing != SLIP_NPOS)
        return not_there(w, u, missing, err);
    *out = &u->found[u->out->n_stages - 1];
    return 0;
}

/* ---- one stage of the Dockerfile ---- */

/* While the instructions of a unit are worked on. */
struct making {
    struct work *w;
    const struct slip_staged_stage *stage;
    struct unit *u;
    unsigned needs; /* of the instruction at hand */
};

static int get_stage_name(void *payload, size_t stage, struct slip_str *out, struct slip_error *err)
{
    struct making *m = payload;
    const struct slip_staged_found *found;
    m->needs |= SLIP_NEED_STAGE_TAG;
    if (need_stage(m->w, stage, &found, err) < 0)
        return -1;
    *out = found->name;
    return 0;
}

static int get_context_of(void *payload, struct slip_staged_context **out, struct slip_error *err)
{
    return get_context(((struct making *)payload)->w, out, err);
}

static int ask_base(struct making *m, struct slip_base_env *out, struct slip_error *err)
{
    const struct slip_staged_registry *r = m->w->q->registry;
    if (!r)
        return no_registry(m->w, "the environment of", m->u->reference, err);
    if (r->base_env(r->payload, m->u->reference, m->w->q->platform, m->w->arena, out, err) < 0)
        return -1;
    if (out->differs)
        m->w->result->unsure = m->u->reference;
    return 0;
}

static int load_env_of_stage(const struct slip_staged_found *found, const struct slip_str **env,
                             size_t *n)
{
    *env = found->env;
    *n = found->n_env;
    return 0;
}

static int load_base(void *payload, const struct slip_str **env, size_t *n, struct slip_error *err)
{
    struct making *m = payload;
    const struct slip_staged_found *found;
    struct slip_base_env base = { 0 };
    size_t missing;
    if (m->w->s->version == 2) {
        if (!m->w->q->registry)
            return no_registry(m->w, "the environment of", m->u->out->image, err);
        if (find_chain(m->w, m->u, 0, &missing, err) < 0)
            return -1;
        return missing == SLIP_NPOS ? load_env_of_stage(&m->u->found[0], env, n)
                                    : not_there(m->w, m->u, 0, err);
    }
    if (m->stage->base_stage != SLIP_NPOS)
        return need_stage(m->w, m->stage->base_stage, &found, err) < 0
                   ? -1
                   : load_env_of_stage(found, env, n);
    if (ask_base(m, &base, err) < 0)
        return -1;
    *env = base.env;
    *n = base.n_env;
    return 0;
}

/* The base is asked for by the instruction at hand, whenever it was read. */
static void note_base(struct making *m, const struct slip_staged_vars *v)
{
    if (v->asked)
        m->needs |= m->w->s->version == 2 || m->stage->base_stage != SLIP_NPOS ? SLIP_NEED_STAGE_ENV
                                                                               : SLIP_NEED_BASE_ENV;
}

/* Digests of the stage at the end of the unit; `base` counts for the first one alone. */
static void hash_stage(struct making *m, struct slip_str base)
{
    const struct slip_generation *g = m->w->s->generation;
    struct slip_staged_unit *out = m->u->out;
    struct slip_stage_digest *s = &out->stages[out->n_stages];
    struct slip_str platform = slip_str_of(m->w->q->platform), name = slip_str_of(s->name);
    struct slip_stage_parts parts = { .platform = platform,
                                      .name = name,
                                      .dependencies = slip_str_of(s->dependencies) };
    if (out->n_stages)
        parts.previous = slip_str_of(s[-1].digest);
    else
        parts.base = s->base = base;
    g->stage_digest(g, &parts, s->digest);
    g->content_digest(g, platform, name, slip_str_of(s->digest), SLIP_STR(""), s->content);
    out->needs[out->n_stages++] = m->needs;
    m->needs = 0;
}

static bool look_in_imports(void *payload, struct slip_str name, struct slip_str *value)
{
    const struct slip_str_map *map = payload;
    for (size_t i = 0; i < map->len; i++)
        if (slip_str_eq(map->at[i].key, name)) {
            *value = map->at[i].value;
            return true;
        }
    return false;
}

/* The reference as it is pulled: what images depend on may stand in it. */
static int find_reference(struct making *m, struct slip_error *err)
{
    struct work *w = m->w;
    const struct slip_shell sh = { .lookup = look_in_imports,
                                   .payload = &w->imports,
                                   .escape = w->plan.file->escape };
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_DOCKERFILE);
    if (slip_shell_expand(&sh, m->stage->base, &text, err) < 0)
        return slip_while(err, "%s:%u", w->plan.name, m->stage->stage->line);
    if (text.len == 0)
        return slip_fail(err, SLIP_E_CONFIG, "%s:%u: the base image '%.*s' is empty", w->plan.name,
                         m->stage->stage->line, SLIP_ARG(m->stage->base));
    m->u->reference = slip_arena_str(w->arena, slip_buf_str(&text));
    return 0;
}

/* What the first stage counts besides its dependencies; NULL: nothing. */
static int find_base(struct making *m, struct slip_str *base, struct slip_error *err)
{
    if (m->stage->base_stage != SLIP_NPOS)
        return get_stage_name(m, m->stage->base_stage, base, err);
    if (find_reference(m, err) < 0)
        return -1;
    *base = m->w->s->version == 1 ? m->u->reference : (struct slip_str){ 0 };
    return 0;
}

static void add_base_stage(struct making *m, struct slip_str base)
{
    struct slip_staged_unit *out = m->u->out;
    struct slip_stage_digest *s = &out->stages[0];
    s->name = "FROM";
    slip_staged_depend_on_base(&m->w->plan, m->stage->stage->line,
                               m->stage->base_stage == SLIP_NPOS ? m->u->reference : SLIP_STR(""),
                               m->w->image->cache_version, m->w->arena, s);
    hash_stage(m, base);
}

static int add_instruction(struct making *m, const struct slip_staged_instruction *i,
                           struct slip_staged_vars *vars, struct slip_str base,
                           struct slip_error *err)
{
    struct slip_staged_unit *out = m->u->out;
    struct slip_stage_digest *s = &out->stages[out->n_stages];
    const struct slip_staged_deps d = { .plan = &m->w->plan,
                                        .instruction = i,
                                        .vars = vars,
                                        .arena = m->w->arena,
                                        .payload = m,
                                        .stage_name = get_stage_name,
                                        .context = get_context_of };
    s->name = slip_arena_strdup(m->w->arena, i->word);
    if (slip_staged_vars_advance(vars, i->n_env, err) < 0)
        return slip_while(err, "%s:%u", m->w->plan.name, i->command->line);
    vars->asked = false;
    if (slip_staged_depend(&d, s, err) < 0)
        return -1;
    note_base(m, vars);
    hash_stage(m, base);
    return 0;
}

static int add_instructions(struct making *m, struct slip_str base, struct slip_error *err)
{
    SLIP_AUTO(slip_staged_vars)
    vars = { .arena = m->w->arena,
             .escape = m->w->plan.file->escape,
             .stage = m->stage,
             .imports = &m->w->imports,
             .load = load_base,
             .payload = m };
    slip_staged_vars_begin(&vars);
    for (size_t i = 0; i < m->stage->n_instructions; i++)
        if (add_instruction(m, &m->stage->instructions[i], &vars, base, err) < 0)
            return -1;
    return 0;
}

static void unit_begin(struct work *w, struct unit *u, const struct slip_staged_stage *stage)
{
    size_t n = stage->n_instructions + 1;
    u->out = slip_arena_new(w->arena, struct slip_staged_unit);
    u->out->image = stage->image;
    u->out->stages = slip_arena_array(w->arena, n, sizeof(*u->out->stages));
    u->out->needs = slip_arena_array(w->arena, n, sizeof(*u->out->needs));
    u->found = slip_arena_array(w->arena, n, sizeof(*u->found));
    u->asked = slip_arena_array(w->arena, n, sizeof(*u->asked));
}

/* Depth is the number of stages at most: the plan has no circles. */
static int make_unit(struct work *w, size_t index, struct slip_error *err)
{
    struct making m = { .w = w, .stage = &w->plan.stages[index], .u = &w->units[index] };
    struct slip_str base = { 0 };
    if (m.u->done)
        return 0;
    unit_begin(w, m.u, m.stage);
    if (find_base(&m, &base, err) < 0)
        return -1;
    if (w->s->version == 2)
        add_base_stage(&m, base);
    if (add_instructions(&m, base, err) < 0)
        return -1;
    m.u->done = true;
    w->result->units[w->result->n_units++] = *m.u->out;
    return 0;
}

/* ---- all of it ---- */

/* What the last stage of the image has to stand behind. */
static int find_earlier(struct work *w, struct slip_error *err)
{
    struct slip_staged_result *r = w->result;
    struct unit *u = &w->units[w->plan.target];
    size_t n = u->out->n_stages, missing;
    r->earlier_found = true;
    if (!w->q->registry || n == 1)
        return 0; /* whoever looks for it reads it */
    if (find_chain(w, u, n - 2, &missing, err) < 0)
        return -1;
    r->earlier_found = missing == SLIP_NPOS;
    if (r->earlier_found)
        r->not_before_ms = u->found[n - 2].created_ms;
    else
        r->missing = u->out->stages[missing].digest;
    return 0;
}

static int work_out(struct work *w, struct slip_error *err)
{
    struct slip_staged_input in = { .image = w->image, .version = w->s->version };
    if (w->image->kind != SLIP_IMAGE_STAGED)
        return slip_fail(err, SLIP_E_UNSUPPORTED, "not a staged Dockerfile image");
    if (prepare(w, err) < 0 || find_platforms(w, &in, err) < 0)
        return -1;
    in.file = &w->prepared->file;
    in.name = w->prepared->name;
    if (slip_staged_plan_make(&in, w->arena, &w->plan, err) < 0)
        return -1;
    w->imports = slip_imports_collect(w->image, w->q->dependencies, w->arena);
    w->units = slip_arena_array(w->arena, w->plan.n_stages, sizeof(*w->units));
    w->result->units = slip_arena_array(w->arena, w->plan.n_stages, sizeof(*w->result->units));
    return make_unit(w, w->plan.target, err) < 0 ? -1 : find_earlier(w, err);
}

int slip_staged_digest(struct slip_staged *s, const struct slip_staged_request *q,
                       struct slip_staged_result *out, struct slip_error *err)
{
    SLIP_AUTO(slip_staged_result) r = { 0 };
    struct work w = { .s = s,
                      .q = q,
                      .image = &s->source.set->at[q->image],
                      .prepared = &s->images[q->image],
                      .arena = &r.digest.arena,
                      .result = &r };
    if (work_out(&w, err) < 0)
        return slip_while(err, "image '%.*s'", SLIP_ARG(w.image->name));
    const struct slip_staged_unit *target = &r.units[r.n_units - 1];
    r.digest.image = q->image;
    r.digest.platform = slip_arena_strdup(w.arena, slip_str_of(q->platform));
    r.digest.stages = target->stages;
    r.digest.n_stages = target->n_stages;
    *out = r;
    r = (struct slip_staged_result){ 0 };
    return 0;
}
