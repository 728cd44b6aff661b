/* SPDX-License-Identifier: Apache-2.0 */
/* The function tables, and what functions need to give results and reasons. */
#include "tmpl/func.h"

#include "tmpl/fmt.h"
#include "tmpl/fn.h"
#include "tmpl/run.h"

#include <stdio.h>
#include <stdlib.h>

/* An earlier table wins: werf's own functions before sprig's before those of the language. */
static const struct slip_tmpl_funcs *const tables[] = {
    &slip_tmpl_funcs_werf,   &slip_tmpl_funcs_yaml,     &slip_tmpl_funcs_text,
    &slip_tmpl_funcs_case,   &slip_tmpl_funcs_encoding, &slip_tmpl_funcs_json,
    &slip_tmpl_funcs_regex,  &slip_tmpl_funcs_number,   &slip_tmpl_funcs_decimal,
    &slip_tmpl_funcs_logic,  &slip_tmpl_funcs_list,     &slip_tmpl_funcs_dict,
    &slip_tmpl_funcs_merge,  &slip_tmpl_funcs_path,     &slip_tmpl_funcs_url,
    &slip_tmpl_funcs_semver, &slip_tmpl_funcs_date,     &slip_tmpl_funcs_crypto,
    &slip_tmpl_funcs_random, &slip_tmpl_funcs_builtin,
};

const struct slip_tmpl_func *slip_tmpl_func_in(const struct slip_tmpl_func *table, size_t len,
                                               struct slip_str name)
{
    size_t low = 0, high = len;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = slip_str_cmp(slip_str_of(table[mid].name), name);
        if (order == 0)
            return &table[mid];
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

/* Where `name` stands, or the free slot where it would. */
static size_t slot_of(const struct slip_tmpl_names *names, struct slip_str name)
{
    size_t i = slip_tmpl_hash(name.ptr, name.len) % SLIP_COUNT(names->slots);
    while (names->slots[i] && !slip_str_is(name, names->slots[i]->name))
        i = (i + 1) % SLIP_COUNT(names->slots);
    return i;
}

void slip_tmpl_names_init(struct slip_tmpl_names *names)
{
    *names = (struct slip_tmpl_names){ 0 };
    for (size_t t = 0; t < SLIP_COUNT(tables); t++)
        for (size_t i = 0; i < tables[t]->len; i++) {
            const struct slip_tmpl_func *f = &tables[t]->at[i];
            size_t slot = slot_of(names, slip_str_of(f->name));
            if (!names->slots[slot])
                names->slots[slot] = f;
        }
}

const struct slip_tmpl_func *slip_tmpl_func_find(const struct slip_tmpl_names *names,
                                                 struct slip_str name)
{
    return names->slots[slot_of(names, name)];
}

const struct slip_tmpl_func *slip_tmpl_func_after(const struct slip_tmpl_func *previous)
{
    const struct slip_tmpl_func *next = NULL;
    for (size_t t = 0; t < SLIP_COUNT(tables); t++)
        for (size_t i = 0; i < tables[t]->len; i++) {
            const struct slip_tmpl_func *f = &tables[t]->at[i];
            if ((!previous || strcmp(f->name, previous->name) > 0)
                && (!next || strcmp(f->name, next->name) < 0))
                next = f;
        }
    return next;
}

/* ---- for the functions ---- */

int slip_tmpl_fail_str(struct slip_tmpl_call *c, struct slip_str text)
{
    c->error = slip_arena_str(c->arena, text);
    return -1;
}

int slip_tmpl_fail(struct slip_tmpl_call *c, const char *fmt, ...)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    va_list args;
    va_start(args, fmt);
    slip_buf_add_vfmt(&text, fmt, args);
    va_end(args);
    return slip_tmpl_fail_str(c, slip_buf_str(&text));
}

int slip_tmpl_spend(struct slip_tmpl_call *c, uint64_t steps)
{
    c->run->steps += steps;
    if (steps > SLIP_TMPL_LIMIT_STEPS || c->run->steps > SLIP_TMPL_LIMIT_STEPS)
        return slip_tmpl_fail(c, "rendering needs more than %u steps", SLIP_TMPL_LIMIT_STEPS);
    return 0;
}

static size_t memory_left(const struct slip_tmpl_call *c)
{
    size_t used = c->arena->used;
    return used < SLIP_TMPL_LIMIT_MEMORY ? SLIP_TMPL_LIMIT_MEMORY - used : 0;
}

int slip_tmpl_room(struct slip_tmpl_call *c, uint64_t n, size_t size)
{
    if (n > memory_left(c) / size)
        return slip_tmpl_fail(c, "the result would be too large");
    return 0;
}

struct slip_buf slip_tmpl_buf(struct slip_tmpl_call *c)
{
    size_t left = memory_left(c);
    struct slip_buf b = c->run->spare;
    slip_buf_init(&c->run->spare, 0);
    b.limit = left < SLIP_TMPL_LIMIT_OUTPUT ? left : SLIP_TMPL_LIMIT_OUTPUT;
    return b;
}

/* Most results are short: the next one takes the same memory. */
static void keep_memory(struct slip_tmpl_run *run, struct slip_buf *b)
{
    if (b->cap <= run->spare.cap)
        return;
    slip_buf_reset(b);
    slip_buf_move(&run->spare, b);
}

int slip_tmpl_give(struct slip_tmpl_call *c, struct slip_buf *b, struct slip_tv *out)
{
    if (b->full)
        return slip_tmpl_fail(c, "the result is too large or too deep");
    *out = slip_tv_str(slip_arena_str(c->arena, slip_buf_str(b)));
    keep_memory(c->run, b);
    return 0;
}

int slip_tmpl_strval(struct slip_tmpl_call *c, const struct slip_tv *v, struct slip_str *out)
{
    if (v->type == SLIP_TV_STRING) {
        *out = v->s;
        return 0;
    }
    SLIP_AUTO(slip_buf) text = slip_tmpl_buf(c);
    struct slip_tv s;
    slip_fmt_v(v, &text);
    if (slip_tmpl_give(c, &text, &s) < 0)
        return -1;
    *out = s.s;
    return 0;
}
