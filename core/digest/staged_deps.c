/* SPDX-License-Identifier: Apache-2.0 */
/* What an instruction of a staged Dockerfile depends on: a list of strings, hashed. */
#include "digest/staged_deps.h"

#include "base/limits.h"
#include "base/vec.h"
#include "dockerfile/mount.h"

#include <inttypes.h>

struct listing {
    const struct slip_staged_deps *d;
    const struct slip_dockerfile_command *c;
    const struct slip_str *words; /* of the instruction, expanded */
    size_t n_words;
    struct slip_str origin;
    struct {
        SLIP_VEC(struct slip_ingredient);
    } list;
    struct slip_error *err;
};

/* ---- adding ---- */

static struct slip_ingredient *add(struct listing *l, struct slip_str text)
{
    struct slip_ingredient i = { .kind = SLIP_INGREDIENT_INSTRUCTION,
                                 .text = slip_arena_str(l->d->arena, text),
                                 .origin = l->origin,
                                 .detail = SLIP_STR("") };
    slip_vec_push(&l->list, i);
    return &l->list.at[l->list.len - 1];
}

static void add_word(struct listing *l, const char *text)
{
    add(l, slip_str_of(text));
}

static void add_named(struct listing *l, const char *name, struct slip_str value)
{
    add_word(l, name);
    add(l, value);
}

static void add_bool(struct listing *l, const char *name, bool value)
{
    add_named(l, name, slip_str_of(value ? "true" : "false"));
}

static void add_number(struct listing *l, const char *name, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRIu64, value);
    add_named(l, name, slip_str_of(text));
}

static void add_duration(struct listing *l, const char *name, int64_t value)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(64);
    slip_duration_print(value, &text);
    add_named(l, name, slip_buf_str(&text));
}

static void add_list(struct listing *l, const char *name, const struct slip_str *at, size_t n)
{
    add_word(l, name);
    for (size_t i = 0; i < n; i++)
        add(l, at[i]);
}

static struct slip_str joined(struct slip_arena *a, const struct slip_str *at, size_t n)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_FILE);
    for (size_t i = 0; i < n; i++) {
        if (i)
            slip_buf_add_char(&text, ' ');
        slip_buf_add_str(&text, at[i]);
    }
    return slip_arena_str(a, slip_buf_str(&text));
}

static void add_checksum(struct listing *l, const char *checksum, const struct slip_str *sources,
                         size_t n, size_t entries)
{
    add_word(l, "SourcesChecksum");
    struct slip_ingredient *i = add(l, slip_str_of(checksum));
    i->kind = SLIP_INGREDIENT_FILES;
    i->detail = joined(l->d->arena, sources, n);
    i->entries = entries;
}

/* ---- ADD, COPY ---- */

static int add_files(struct listing *l, const struct slip_str *sources, size_t n)
{
    struct slip_staged_context *context;
    char checksum[SLIP_SHA256_HEX + 1];
    size_t entries;
    if (l->d->context(l->d->payload, &context, l->err) < 0
        || slip_staged_context_globs(context, sources, n, checksum, &entries, l->err) < 0)
        return -1;
    add_checksum(l, checksum, sources, n, entries);
    return 0;
}

static bool is_url(struct slip_str source)
{
    return slip_str_starts(source, SLIP_STR("http://"))
           || slip_str_starts(source, SLIP_STR("https://"));
}

/* Sources, destination and owner, of which the words are made (slip_staged_words). */
static void add_source_words(struct listing *l, const struct slip_str *sources, size_t n)
{
    add_list(l, "Sources", sources, n);
    add_named(l, "Dest", l->words[l->n_words - 1]);
    add_named(l, "Chown", l->words[0]);
    add_named(l, "Chmod", l->c->chmod);
}

static int list_add(struct listing *l)
{
    const struct slip_str *sources = l->words + 2;
    size_t n = l->n_words - 3, n_files = 0;
    struct slip_str *files = slip_arena_array(l->d->arena, n + 1, sizeof(*files));
    add_source_words(l, sources, n);
    for (size_t i = 0; i < n; i++)
        if (!is_url(sources[i]))
            files[n_files++] = sources[i];
    return n_files ? add_files(l, files, n_files) : 0;
}

static int list_copy(struct listing *l)
{
    const struct slip_str *sources = l->words + 1;
    size_t n = l->n_words - 2;
    struct slip_str from = l->c->from;
    size_t stage = slip_staged_from(l->d->plan, from);
    add_named(l, "From", from);
    add_source_words(l, sources, n);
    if (stage != SLIP_NPOS && l->d->stage_name(l->d->payload, stage, &from, l->err) < 0)
        return -1;
    add_named(l, "ExpandedFrom", from);
    return from.len ? 0 : add_files(l, sources, n);
}

/* ---- RUN ---- */

static int add_mount(struct listing *l, const struct slip_dockerfile_mount *m)
{
    struct slip_str from = m->from;
    size_t stage = slip_staged_from(l->d->plan, from);
    if (stage != SLIP_NPOS && l->d->stage_name(l->d->payload, stage, &from, l->err) < 0)
        return -1;
    add_named(l, "Type", m->type);
    add_named(l, "From", from);
    add_named(l, "Source", m->source);
    add_named(l, "Target", m->target);
    add_bool(l, "ReadOnly", m->read_only);
    add_named(l, "CacheID", m->id);
    add_named(l, "CacheSharing", m->sharing);
    add_bool(l, "Required", m->required);
    if (m->has_mode)
        add_number(l, "Mode", m->mode);
    if (m->has_uid)
        add_number(l, "UID", m->uid);
    if (m->has_gid)
        add_number(l, "GID", m->gid);
    return 0;
}

/* As soon as one of them takes from the build context the sources of all of them count, also of
 * those that take from another stage. */
static int add_mounted_files(struct listing *l, const struct slip_dockerfile_mount *mounts,
                             size_t n_mounts)
{
    struct slip_str *sources = slip_arena_array(l->d->arena, n_mounts + 1, sizeof(*sources));
    char checksum[SLIP_SHA256_HEX + 1];
    struct slip_staged_context *context;
    size_t n = 0;
    bool any = false;
    for (size_t i = 0; i < n_mounts; i++) {
        if (!slip_str_is(mounts[i].type, "bind"))
            continue;
        any |= mounts[i].from.len == 0;
        if (mounts[i].source.len)
            sources[n++] = mounts[i].source;
    }
    if (!any || n == 0)
        return 0;
    if (l->d->context(l->d->payload, &context, l->err) < 0
        || slip_staged_context_paths(context, sources, n, checksum, l->err) < 0)
        return -1;
    add_checksum(l, checksum, sources, n, n);
    return 0;
}

static int list_mounts(struct listing *l)
{
    const struct slip_dockerfile_words *written = &l->c->mounts;
    struct slip_dockerfile_mount *mounts =
        slip_arena_array(l->d->arena, written->len + 1, sizeof(*mounts));
    const struct slip_shell sh = slip_staged_vars_shell(l->d->vars);
    if (written->len)
        add_word(l, "Mounts");
    for (size_t i = 0; i < written->len; i++) {
        int rc = slip_dockerfile_mount_read(written->at[i], &sh, l->d->arena, &mounts[i], l->err);
        if (rc < 0 || add_mount(l, &mounts[i]) < 0)
            return -1;
    }
    return add_mounted_files(l, mounts, written->len);
}

static struct slip_str or_default(struct slip_str value, const char *other)
{
    return value.len ? value : slip_str_of(other);
}

static int list_run(struct listing *l)
{
    struct slip_str *env;
    size_t n;
    if (slip_staged_vars_all(l->d->vars, &env, &n, l->err) < 0)
        return -1;
    add_list(l, "Env", env, n);
    add_list(l, "Command", l->c->args.at, l->c->args.len);
    add_bool(l, "PrependShell", !l->c->json);
    add_named(l, "Network", or_default(l->c->network, "default"));
    add_named(l, "Security", or_default(l->c->security, "sandbox"));
    return list_mounts(l);
}

/* ---- the others ---- */

static void list_health(struct listing *l)
{
    const struct slip_dockerfile_health *h = &l->c->health;
    add_list(l, "Test", h->test.at, h->test.len);
    add_duration(l, "Interval", h->interval);
    add_duration(l, "Timeout", h->timeout);
    add_duration(l, "StartPeriod", h->start_period);
    add_number(l, "Retries", (uint64_t)h->retries);
}

static int list(struct listing *l)
{
    const struct slip_dockerfile_command *c = l->c;
    static const char *const names[SLIP_INSTR_COUNT] = {
        [SLIP_INSTR_CMD] = "Cmd",
        [SLIP_INSTR_ENTRYPOINT] = "Entrypoint",
        [SLIP_INSTR_ENV] = "Env",
        [SLIP_INSTR_LABEL] = "Labels",
        [SLIP_INSTR_EXPOSE] = "Ports",
        [SLIP_INSTR_MAINTAINER] = "Maintainer",
        [SLIP_INSTR_ONBUILD] = "Expression",
        [SLIP_INSTR_SHELL] = "Shell",
        [SLIP_INSTR_STOPSIGNAL] = "Signal",
        [SLIP_INSTR_USER] = "User",
        [SLIP_INSTR_VOLUME] = "Volumes",
        [SLIP_INSTR_WORKDIR] = "Path",
    };
    switch (c->kind) {
    case SLIP_INSTR_ADD:
        return list_add(l);
    case SLIP_INSTR_COPY:
        return list_copy(l);
    case SLIP_INSTR_RUN:
        return list_run(l);
    case SLIP_INSTR_HEALTHCHECK:
        list_health(l);
        return 0;
    case SLIP_INSTR_CMD:
    case SLIP_INSTR_ENTRYPOINT:
        add_list(l, names[c->kind], c->args.at, c->args.len);
        add_bool(l, "PrependShell", !c->json);
        return 0;
    case SLIP_INSTR_SHELL:
        add_list(l, names[c->kind], c->args.at, c->args.len);
        return 0;
    case SLIP_INSTR_MAINTAINER:
        add_named(l, names[c->kind], c->word);
        return 0;
    case SLIP_INSTR_ONBUILD:
        add_named(l, names[c->kind], c->expression);
        return 0;
    default:
        add_list(l, names[c->kind], l->words, l->n_words);
        return 0;
    }
}

static void finish(struct listing *l, struct slip_stage_digest *out)
{
    struct slip_hash_join j;
    slip_hash_join_begin(&j, SLIP_HASH_SHA256);
    for (size_t i = 0; i < l->list.len; i++)
        slip_hash_join_add(&j, l->list.at[i].text);
    slip_hash_join_end(&j, out->dependencies);
    out->n_ingredients = l->list.len;
    out->ingredients = slip_arena_array(l->d->arena, l->list.len, sizeof(*out->ingredients));
    memcpy(out->ingredients, l->list.at, l->list.len * sizeof(*out->ingredients));
}

static struct slip_str origin_of(const struct slip_staged_plan *p, unsigned line,
                                 struct slip_arena *a)
{
    return slip_str_of(slip_arena_printf(a, "%s:%u", p->name, line));
}

int slip_staged_depend(const struct slip_staged_deps *d, struct slip_stage_digest *out,
                       struct slip_error *err)
{
    const struct slip_staged_instruction *i = d->instruction;
    struct listing l = { .d = d, .c = i->command, .err = err };
    const struct slip_shell sh = slip_staged_vars_shell(d->vars);
    struct slip_str *words = NULL;
    l.origin = origin_of(d->plan, l.c->line, d->arena);
    int rc =
        slip_staged_words(&sh, l.c->kind, i->words, i->n_words, d->arena, &words, &l.n_words, err);
    l.words = words;
    if (rc == 0)
        rc = list(&l);
    struct slip_error asked = { 0 };
    if (slip_staged_vars_check(d->vars, &asked) < 0) { /* the cause of all that followed */
        *err = asked;
        rc = -1;
    }
    if (rc == 0)
        finish(&l, out);
    slip_vec_clear(&l.list);
    return rc < 0 ? slip_while(err, "%s:%u", d->plan->name, l.c->line) : 0;
}

void slip_staged_depend_on_base(const struct slip_staged_plan *p, unsigned line,
                                struct slip_str reference, struct slip_str cache_version,
                                struct slip_arena *a, struct slip_stage_digest *out)
{
    const struct slip_staged_deps d = { .plan = p, .arena = a };
    struct listing l = { .d = &d, .origin = origin_of(p, line, a) };
    add_word(&l, "BaseImageReference");
    add(&l, reference)->kind = SLIP_INGREDIENT_BASE;
    if (cache_version.len) {
        add_word(&l, "ImageCacheVersion");
        add(&l, cache_version)->kind = SLIP_INGREDIENT_CACHE_VERSION;
    }
    finish(&l, out);
    slip_vec_clear(&l.list);
}
