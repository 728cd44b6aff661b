/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions: nodes to a program. A node is emitted with the instruction that follows it
 * already known, so the program grows from the end of the expression to its start.
 */
#include "match/re2_impl.h"

#include "base/unicode.h"

static uint32_t add(struct re2_program *p, enum re2_code code, uint32_t next, uint32_t arg)
{
    slip_vec_push(p, (struct re2_inst){ code, next, arg });
    return (uint32_t)(p->len - 1);
}

static uint32_t add_class(struct re2_program *p, const struct re2_node *n, uint32_t next)
{
    struct re2_class *c = slip_vec_add(&p->classes);
    c->ranges = n->ranges;
    c->len = n->len;
    for (size_t i = 0; i < n->len; i++)
        for (uint32_t r = n->ranges[i].lo; r <= n->ranges[i].hi && r < 128; r++)
            c->ascii[r / 64] |= UINT64_C(1) << (r % 64);
    return add(p, RE2_I_CLASS, next, (uint32_t)(p->classes.len - 1));
}

static uint32_t emit(struct re2_program *p, const struct re2_node *n, uint32_t next);

static uint32_t add_choice(struct re2_program *p, bool lazy, uint32_t body, uint32_t next)
{
    return lazy ? add(p, RE2_I_SPLIT, next, body) : add(p, RE2_I_SPLIT, body, next);
}

/* x+ : gives the way in; *loop is the choice behind x. */
static uint32_t emit_plus(struct re2_program *p, const struct re2_node *sub, bool lazy,
                          uint32_t next, uint32_t *loop)
{
    *loop = add_choice(p, lazy, 0, next);
    uint32_t body = emit(p, sub, *loop);
    if (lazy)
        p->at[*loop].arg = body;
    else
        p->at[*loop].next = body;
    return body;
}

static uint32_t emit_star(struct re2_program *p, const struct re2_node *sub, bool lazy,
                          uint32_t next)
{
    uint32_t loop, body = emit_plus(p, sub, lazy, next, &loop);
    /* When x can be empty, x* is (x+)?: otherwise an empty round would end the loop too early. */
    return sub->nullable ? add_choice(p, lazy, body, next) : loop;
}

static bool is_repeat(const struct re2_node *n, int min, int max)
{
    return n->op == RE2_REPEAT && n->min == min && n->max == max;
}

/* x{1} is x, x{0} is empty. */
static const struct re2_node *simple(const struct re2_node *n)
{
    static const struct re2_node empty = { .op = RE2_EMPTY, .nullable = true };
    while (is_repeat(n, 1, 1))
        n = n->subs[0];
    return is_repeat(n, 0, 0) ? &empty : n;
}

/* (x*)*, (x+)+ and (x?)? are the inner one; the empty text repeated is empty. */
static bool absorbs(const struct re2_node *sub, int min, int max, bool lazy)
{
    return sub->op == RE2_EMPTY || (is_repeat(sub, min, max) && sub->lazy == lazy);
}

static uint32_t emit_optional(struct re2_program *p, const struct re2_node *sub, bool lazy,
                              int count, uint32_t next)
{
    uint32_t at = next; /* x{0,3} is (x(x(x)?)?)? */
    for (int i = 0; i < count; i++) {
        at = emit(p, sub, at);
        if (i > 0 || !absorbs(sub, 0, 1, lazy))
            at = add_choice(p, lazy, at, next);
    }
    return at;
}

static uint32_t emit_repeat(struct re2_program *p, const struct re2_node *n, uint32_t next)
{
    const struct re2_node *sub = simple(n->subs[0]);
    int copies = n->min;
    uint32_t loop, at = next;
    if (n->max >= 0) {
        at = emit_optional(p, sub, n->lazy, n->max - n->min, next);
    } else if (n->min == 0) {
        return absorbs(sub, 0, -1, n->lazy) ? emit(p, sub, next) : emit_star(p, sub, n->lazy, next);
    } else {
        copies--;
        at = absorbs(sub, 1, -1, n->lazy) ? emit(p, sub, next)
                                          : emit_plus(p, sub, n->lazy, next, &loop);
    }
    for (int i = 0; i < copies; i++)
        at = emit(p, sub, at);
    return at;
}

static uint32_t emit_literal(struct re2_program *p, const struct re2_node *n, uint32_t next)
{
    for (size_t i = n->len; i-- > 0;)
        next = add(p, n->fold ? RE2_I_FOLD : RE2_I_RUNE, next, n->runes[i]);
    return next;
}

static uint32_t emit_alternate(struct re2_program *p, const struct re2_node *n, uint32_t next)
{
    uint32_t at = emit(p, n->subs[n->len - 1], next);
    for (size_t i = n->len - 1; i-- > 0;) {
        uint32_t branch = emit(p, n->subs[i], next);
        at = add(p, RE2_I_SPLIT, branch, at);
    }
    return at;
}

static uint32_t emit(struct re2_program *p, const struct re2_node *n, uint32_t next)
{
    n = simple(n);
    switch (n->op) {
    case RE2_EMPTY:
        return next;
    case RE2_LITERAL:
        return emit_literal(p, n, next);
    case RE2_CLASS:
        return add_class(p, n, next);
    case RE2_ANY:
        return add(p, RE2_I_ANY, next, 0);
    case RE2_ANY_NOT_NL:
        return add(p, RE2_I_ANY_NOT_NL, next, 0);
    case RE2_ASSERT:
        return add(p, RE2_I_ASSERT, next, n->arg);
    case RE2_CAPTURE:
        next = add(p, RE2_I_SAVE, next, 2 * n->arg + 1);
        return add(p, RE2_I_SAVE, emit(p, n->subs[0], next), 2 * n->arg);
    case RE2_REPEAT:
        return emit_repeat(p, n, next);
    case RE2_CONCAT:
        for (size_t i = n->len; i-- > 0;)
            next = emit(p, n->subs[i], next);
        return next;
    case RE2_ALTERNATE:
        return emit_alternate(p, n, next);
    }
    return next;
}

/* ---- what a match begins with ---- */

static uint32_t skip_saves(const struct re2_program *p, uint32_t pc)
{
    while (p->at[pc].code == RE2_I_SAVE)
        pc = p->at[pc].next;
    return pc;
}

static void find_prefix(struct re2_program *p)
{
    struct slip_buf prefix = SLIP_BUF(256);
    uint32_t pc = skip_saves(p, p->start);
    while (p->at[pc].code == RE2_I_RUNE && p->at[pc].arg != SLIP_RUNE_ERROR
           && slip_buf_add_rune(&prefix, p->at[pc].arg))
        pc = skip_saves(p, p->at[pc].next);
    p->prefix_len = prefix.len;
    if (prefix.len)
        p->prefix = slip_buf_detach(&prefix);
}

static void add_first(struct re2_program *p, uint32_t lo, uint32_t hi)
{
    /* All bytes above ASCII stand for each other here: they begin runes or are invalid. */
    for (uint32_t r = lo; r <= hi && r < 0x80; r++)
        p->first[r] = true;
    if (hi >= 0x80)
        memset(p->first + 0x80, true, 0x80);
}

/* The bytes that the instruction `pc` may begin with; false: any, as it may match the empty text.
 */
static bool add_first_of(struct re2_program *p, uint32_t pc)
{
    const struct re2_inst *in = &p->at[pc];
    switch (in->code) {
    case RE2_I_RUNE:
        add_first(p, in->arg, in->arg);
        return true;
    case RE2_I_FOLD:
        for (uint32_t r = slip_unicode_fold(in->arg); r != in->arg; r = slip_unicode_fold(r))
            add_first(p, r, r);
        add_first(p, in->arg, in->arg);
        return true;
    case RE2_I_CLASS: {
        const struct re2_class *c = &p->classes.at[in->arg];
        for (size_t i = 0; i < c->len; i++)
            add_first(p, c->ranges[i].lo, c->ranges[i].hi);
        return true;
    }
    default:
        return false;
    }
}

static void find_first(struct re2_program *p)
{
    struct {
        SLIP_VEC(uint32_t);
    } todo = { 0 };
    SLIP_AUTO_FREE bool *seen = slip_alloc_array(p->len, sizeof(bool));
    slip_vec_push(&todo, p->start);
    while (todo.len && !p->any_first) {
        uint32_t pc = todo.at[--todo.len];
        if (seen[pc])
            continue;
        seen[pc] = true;
        const struct re2_inst *in = &p->at[pc];
        if (in->code == RE2_I_SPLIT)
            slip_vec_push(&todo, in->arg);
        if (in->code == RE2_I_SPLIT || in->code == RE2_I_SAVE || in->code == RE2_I_ASSERT)
            slip_vec_push(&todo, in->next);
        else if (!add_first_of(p, pc))
            p->any_first = true;
    }
    slip_vec_clear(&todo);
}

void re2_program_make(const struct re2_tree *tree, struct re2_program *out)
{
    uint32_t match = add(out, RE2_I_MATCH, 0, 0);
    out->start = emit(out, tree->root, match);
    uint32_t first = skip_saves(out, out->start);
    out->begins_text = out->at[first].code == RE2_I_ASSERT && out->at[first].arg == RE2_BEGIN_TEXT;
    find_prefix(out);
    find_first(out);
}

void re2_program_clear(struct re2_program *p)
{
    slip_free(p->prefix);
    slip_vec_clear(&p->classes);
    slip_vec_clear(p);
    *p = (struct re2_program){ 0 };
}
