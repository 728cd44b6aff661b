/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the names again in the text of their instructions: the parsed file has no positions. */
#include "dockerfile/lower.h"

#include <strings.h>

#include "base/vec.h"

struct lowering {
    const struct slip_dockerfile *d;
    char *text; /* being changed */
    size_t len;
    struct {
        SLIP_VEC(size_t); /* where each line begins, and the end of the text */
    } lines;
};

static void find_lines(struct lowering *l)
{
    slip_vec_push(&l->lines, 0);
    for (size_t i = 0; i < l->len; i++)
        if (l->text[i] == '\n')
            slip_vec_push(&l->lines, i + 1);
    slip_vec_push(&l->lines, l->len);
}

static size_t line_start(const struct lowering *l, unsigned line)
{
    size_t i = line ? line - 1 : 0;
    return i < l->lines.len ? l->lines.at[i] : l->len;
}

static bool same_ignoring_case(const char *text, struct slip_str s)
{
    return strncasecmp(text, s.ptr, s.len) == 0;
}

/* Position of `what` in any case in [from, end), or SLIP_NPOS. */
static size_t find(const struct lowering *l, size_t from, size_t end, struct slip_str what)
{
    for (; from + what.len <= end; from++)
        if (same_ignoring_case(l->text + from, what))
            return from;
    return SLIP_NPOS;
}

static void lower(struct lowering *l, size_t at, size_t len)
{
    for (size_t i = at; i < at + len; i++)
        if (l->text[i] >= 'A' && l->text[i] <= 'Z')
            l->text[i] = (char)(l->text[i] + ('a' - 'A'));
}

static bool is_stage(const struct lowering *l, struct slip_str name)
{
    for (size_t i = 0; i < l->d->n_stages; i++) {
        struct slip_str known = l->d->stages[i].name;
        if (name.len && known.len == name.len && same_ignoring_case(known.ptr, name))
            return true;
    }
    return false;
}

/* FROM base AS name */
static void lower_stage(struct lowering *l, const struct slip_dockerfile_stage *s, size_t end)
{
    size_t at = find(l, line_start(l, s->line), end, SLIP_STR("from"));
    if (at != SLIP_NPOS)
        at = find(l, at + 4, end, s->base);
    if (at == SLIP_NPOS)
        return;
    if (is_stage(l, s->base))
        lower(l, at, s->base.len);
    at = find(l, at + s->base.len, end, SLIP_STR("as"));
    if (at != SLIP_NPOS && s->name.len)
        at = find(l, at + 2, end, s->name);
    if (at != SLIP_NPOS && s->name.len)
        lower(l, at, s->name.len);
}

/* from=name, maybe quoted; gives where to look for the next one. */
static size_t lower_use(struct lowering *l, size_t from, size_t end, struct slip_str name)
{
    if (!is_stage(l, name))
        return from;
    for (size_t at = from; (at = find(l, at, end, SLIP_STR("from="))) != SLIP_NPOS;) {
        at += 5;
        size_t value = at + (at < end && (l->text[at] == '"' || l->text[at] == '\''));
        if (value + name.len <= end && same_ignoring_case(l->text + value, name)) {
            lower(l, value, name.len);
            return value + name.len;
        }
    }
    return from;
}

static void lower_command(struct lowering *l, const struct slip_dockerfile_command *c, size_t end)
{
    size_t at = line_start(l, c->line);
    lower_use(l, at, end, c->from);
    for (size_t i = 0; i < c->mounts_from.len; i++)
        at = lower_use(l, at, end, c->mounts_from.at[i]);
}

static void lower_all(struct lowering *l)
{
    for (size_t i = 0; i < l->d->n_stages; i++) {
        const struct slip_dockerfile_stage *s = &l->d->stages[i];
        bool last = i + 1 == l->d->n_stages;
        size_t stage_end = last ? l->len : line_start(l, l->d->stages[i + 1].line);
        lower_stage(l, s, s->n_commands ? line_start(l, s->commands[0].line) : stage_end);
        for (size_t k = 0; k < s->n_commands; k++)
            lower_command(l, &s->commands[k],
                          k + 1 < s->n_commands ? line_start(l, s->commands[k + 1].line)
                                                : stage_end);
    }
}

void slip_dockerfile_lower_stages(const struct slip_dockerfile *d, struct slip_str text,
                                  struct slip_buf *out)
{
    size_t before = out->len;
    if (!slip_buf_add_str(out, text))
        return;
    struct lowering l = { .d = d, .text = out->ptr + before, .len = text.len };
    find_lines(&l);
    lower_all(&l);
    slip_vec_clear(&l.lines);
}
