/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole Dockerfile: instructions gathered into stages.
 *
 *   file  := { ARG } { stage }
 *   stage := FROM { command }
 */
#include "dockerfile/parts.h"

#include "base/limits.h"
#include "base/unicode.h"
#include "base/utf8.h"

/* What a file may hold, so that it takes no more than a few times the memory of its largest size. A
 * kernel takes no command line of a tenth of INSTRUCTION_MAX. */
enum {
    INSTRUCTIONS_MAX = 20000,
    INSTRUCTION_MAX = 1 << 20, /* bytes, lines joined, without heredocs */
    PARTS_MAX = 64 << 20,      /* bytes of all that was read */
};

struct command_vec {
    SLIP_VEC(struct slip_dockerfile_command);
};

/* What has been gathered; `commands` belong to the last stage, or are meta arguments. */
struct gathered {
    SLIP_VEC(struct slip_dockerfile_stage);
    struct command_vec commands;
};

static void gathered_clear(struct gathered *g)
{
    slip_vec_clear(&g->commands);
    slip_vec_clear(g);
}

SLIP_DEFINE_AUTO(gathered, gathered_clear);

void slip_dockerfile_clear(struct slip_dockerfile *d)
{
    slip_arena_clear(&d->arena);
    *d = (struct slip_dockerfile){ 0 };
}

static struct slip_dockerfile_command *keep_commands(struct slip_arena *a,
                                                     const struct command_vec *v)
{
    struct slip_dockerfile_command *kept = slip_arena_array(a, v->len, sizeof(*kept));
    if (v->len)
        memcpy(kept, v->at, v->len * sizeof(*kept));
    return kept;
}

/* The commands gathered so far become those of the last stage, or the meta arguments. */
static void close_stage(struct slip_dockerfile *d, struct gathered *g)
{
    struct slip_dockerfile_command *kept = keep_commands(&d->arena, &g->commands);
    if (g->len) {
        g->at[g->len - 1].commands = kept;
        g->at[g->len - 1].n_commands = g->commands.len;
    } else {
        d->meta_args = kept;
        d->n_meta_args = g->commands.len;
    }
    g->commands.len = 0;
}

static int add_instruction(struct slip_dockerfile_reader *r, const struct slip_instruction_parts *p,
                           struct slip_dockerfile *d, struct gathered *g, struct slip_error *err)
{
    if (p->kind == SLIP_INSTR_FROM) {
        struct slip_dockerfile_stage stage;
        if (slip_stage_build(r, p, &stage, err) < 0)
            return -1;
        close_stage(d, g);
        slip_vec_push(g, stage);
        return 0;
    }
    struct slip_dockerfile_command command;
    if (slip_command_build(r, p, &command, err) < 0)
        return -1;
    if (g->len == 0 && p->kind != SLIP_INSTR_ARG)
        return slip_reader_fail(r, p->line, err, "%s before the first FROM",
                                slip_instruction_name(p->kind));
    slip_vec_push(&g->commands, command);
    return 0;
}

/* Read and cut the next instruction. `*more` false: the end. */
static int next_parts(struct slip_dockerfile_reader *r, struct slip_instruction_parts *p,
                      bool *more, struct slip_error *err)
{
    struct slip_str text;
    unsigned line;
    if (slip_reader_instruction(r, &text, &line, more, err) < 0)
        return -1;
    if (!*more)
        return 0;
    if (text.len > INSTRUCTION_MAX)
        return slip_reader_fail(r, line, err, "an instruction of more than %d bytes",
                                INSTRUCTION_MAX);
    if (slip_instruction_split(r, text, line, p, err) < 0)
        return -1;
    return slip_heredocs_read(r, p, err);
}

/* Is there room for another instruction, after `n`? */
static int check_room(const struct slip_dockerfile_reader *r, size_t n, struct slip_error *err)
{
    if (n >= INSTRUCTIONS_MAX)
        return slip_reader_fail(r, r->line, err, "more than %d instructions", INSTRUCTIONS_MAX);
    if (r->arena->used > PARTS_MAX)
        return slip_reader_fail(r, r->line, err, "all words of the file take more than %d bytes",
                                PARTS_MAX);
    return 0;
}

static int read_all(struct slip_dockerfile_reader *r, struct slip_dockerfile *d,
                    struct slip_error *err)
{
    SLIP_AUTO(gathered) g = { 0 };
    for (size_t n = 0;; n++) {
        SLIP_AUTO(slip_instruction_parts) p = { 0 };
        bool more;
        if (next_parts(r, &p, &more, err) < 0)
            return -1;
        if (!more)
            break;
        if (check_room(r, n, err) < 0 || add_instruction(r, &p, d, &g, err) < 0)
            return -1;
    }
    close_stage(d, &g);
    if (g.len == 0 && d->n_meta_args == 0)
        return slip_fail(err, SLIP_E_CONFIG, "%s: no instruction in it", r->name);
    d->stages = slip_arena_array(&d->arena, g.len, sizeof(*d->stages));
    d->n_stages = g.len;
    if (g.len)
        memcpy(d->stages, g.at, g.len * sizeof(*d->stages));
    return 0;
}

int slip_dockerfile_parse(struct slip_str text, const char *name, struct slip_dockerfile *out,
                          struct slip_error *err)
{
    if (text.len > SLIP_LIMIT_DOCKERFILE)
        return slip_fail(err, SLIP_E_CONFIG, "%s: larger than %u bytes", name,
                         SLIP_LIMIT_DOCKERFILE);
    SLIP_AUTO(slip_dockerfile) d = { 0 };
    struct slip_dockerfile_reader r = {
        .name = name,
        .rest = text,
        .escape = '\\',
        .arena = &d.arena,
    };
    if (read_all(&r, &d, err) < 0)
        return -1;
    d.escape = r.escape;
    slip_dockerfile_clear(out);
    *out = d;
    d = (struct slip_dockerfile){ 0 };
    return 0;
}

int slip_trigger_parse(const struct slip_dockerfile_reader *outer, unsigned line,
                       struct slip_str text, struct slip_dockerfile_command *out,
                       struct slip_error *err)
{
    struct slip_dockerfile_reader r = {
        .name = outer->name,
        .rest = text,
        .escape = '\\',
        .arena = outer->arena,
    };
    SLIP_AUTO(slip_instruction_parts) p = { 0 };
    bool more;
    if (next_parts(&r, &p, &more, err) < 0)
        return slip_while(err, "%s:%u: trigger of ONBUILD", outer->name, line);
    if (!more)
        return slip_reader_fail(outer, line, err, "the trigger of ONBUILD is no instruction");
    if (p.kind == SLIP_INSTR_ONBUILD || p.kind == SLIP_INSTR_FROM
        || p.kind == SLIP_INSTR_MAINTAINER)
        return slip_reader_fail(outer, line, err, "%s cannot be a trigger of ONBUILD",
                                slip_instruction_name(p.kind));
    p.line = line;
    return slip_command_build(outer, &p, out, err);
}

static int fail_target(const struct slip_dockerfile *d, struct slip_str target,
                       struct slip_error *err)
{
    SLIP_AUTO(slip_buf) names = SLIP_BUF(300);
    for (size_t i = 0; i < d->n_stages; i++)
        if (d->stages[i].name.len)
            slip_buf_add_fmt(&names, "%s%.*s", names.len ? ", " : "", SLIP_ARG(d->stages[i].name));
    slip_fail(err, SLIP_E_CONFIG, "the Dockerfile has no stage named '%.*s'",
              SLIP_ARG(slip_str_first(target, 200)));
    if (names.len == 0)
        return slip_hint(err, "give the stage a name: FROM ... AS %.*s",
                         SLIP_ARG(slip_str_first(target, 200)));
    return slip_hint(err, "its stages, in lower case: %s", names.ptr);
}

int slip_dockerfile_target(const struct slip_dockerfile *d, struct slip_str target, size_t *index,
                           struct slip_error *err)
{
    if (d->n_stages == 0)
        return slip_fail(err, SLIP_E_CONFIG, "the Dockerfile has no FROM");
    if (target.len == 0) {
        *index = d->n_stages - 1;
        return 0;
    }
    for (size_t i = 0; i < d->n_stages; i++)
        if (slip_str_eq(d->stages[i].name, target)) {
            *index = i;
            return 0;
        }
    return fail_target(d, target, err);
}

static bool same_ignoring_case(struct slip_str lower, struct slip_str s)
{
    size_t width;
    for (; lower.len && s.len; lower = slip_str_skip(lower, 1), s = slip_str_skip(s, width))
        if (slip_unicode_lower(slip_utf8_decode(s, &width)) != (unsigned char)lower.ptr[0])
            return false;
    return lower.len == 0 && s.len == 0;
}

int slip_dockerfile_from(const struct slip_dockerfile *d, struct slip_str from, size_t *index,
                         bool *external, struct slip_error *err)
{
    *external = false;
    for (size_t i = d->n_stages; from.len && i-- > 0;)
        if (d->stages[i].name.len && same_ignoring_case(d->stages[i].name, from)) {
            *index = i;
            return 0;
        }
    struct slip_str digits = from;
    if (from.len && (from.ptr[0] == '+' || from.ptr[0] == '-'))
        digits = slip_str_skip(from, 1);
    uint64_t n;
    bool number = slip_str_to_u64(digits, &n) && n <= INT64_MAX;
    if (number && n > 0 && from.ptr[0] == '-')
        return slip_fail(err, SLIP_E_CONFIG, "'from=%.*s': there is no stage of that number",
                         SLIP_ARG(from));
    *external = !number || n >= d->n_stages;
    if (!*external)
        *index = (size_t)n;
    return 0;
}
