/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Globs of our own rules. A pattern becomes a small program whose states are all followed at once,
 * so no pattern can be slow.
 */
#include "match/glob.h"

#include "base/buf.h"
#include "base/vec.h"

#include <string.h>

enum { DEPTH_MAX = 32 };

enum op {
    OP_BYTE,  /* this byte */
    OP_ANY,   /* any byte but '/' */
    OP_ALL,   /* any byte */
    OP_SET,   /* a byte of sets[a] */
    OP_SPLIT, /* go on at a and at b */
    OP_END,
};

struct instruction {
    enum op op;
    unsigned char byte;
    size_t a, b;
};

struct set {
    bool has[256];
};

struct slip_glob {
    struct {
        SLIP_VEC(struct instruction);
    } code;
    struct {
        SLIP_VEC(struct set);
    } sets;
    bool wild;
    struct slip_buf literal;
};

struct parsing {
    struct slip_glob *g;
    struct slip_str pattern;
    size_t at;
    unsigned depth;
    struct slip_error *err;
};

static int bad(struct parsing *p, size_t at, const char *what)
{
    return slip_fail(p->err, SLIP_E_CONFIG, "pattern '%.*s': %s at position %zu",
                     SLIP_ARG(p->pattern), what, at + 1);
}

static bool more(const struct parsing *p)
{
    return p->at < p->pattern.len;
}

static char peek(const struct parsing *p)
{
    return p->pattern.ptr[p->at];
}

static size_t emit(struct slip_glob *g, enum op op, unsigned char byte, size_t a, size_t b)
{
    slip_vec_push(&g->code, (struct instruction){ op, byte, a, b });
    return g->code.len - 1;
}

/* Any number of `op`: split over it, and back. */
static void emit_run(struct slip_glob *g, enum op op)
{
    size_t start = g->code.len;
    emit(g, OP_SPLIT, 0, start + 1, start + 3);
    emit(g, op, 0, 0, 0);
    emit(g, OP_SPLIT, 0, start, start);
}

static int parse_escaped(struct parsing *p, unsigned char *byte)
{
    if (peek(p) == '\\') {
        p->at++;
        if (!more(p))
            return bad(p, p->at - 1, "'\\' with nothing behind it");
    }
    *byte = (unsigned char)peek(p);
    p->at++;
    return 0;
}

static int parse_set(struct parsing *p)
{
    size_t start = p->at++;
    struct set set = { { false } };
    bool negated = more(p) && (peek(p) == '!' || peek(p) == '^');
    if (negated)
        p->at++;
    for (bool first = true; !more(p) || peek(p) != ']' || first; first = false) {
        unsigned char low, high;
        if (!more(p))
            return bad(p, start, "'[' without ']'");
        if (parse_escaped(p, &low) < 0)
            return -1;
        high = low;
        if (p->at + 1 < p->pattern.len && peek(p) == '-' && p->pattern.ptr[p->at + 1] != ']') {
            p->at++;
            if (parse_escaped(p, &high) < 0)
                return -1;
            if (high < low)
                return bad(p, start, "a range from high to low");
        }
        memset(&set.has[low], true, (size_t)(high - low) + 1);
    }
    p->at++;
    for (size_t i = 0; negated && i < SLIP_COUNT(set.has); i++)
        set.has[i] = !set.has[i];
    set.has['/'] = false;
    slip_vec_push(&p->g->sets, set);
    emit(p->g, OP_SET, 0, p->g->sets.len - 1, 0);
    return 0;
}

static int parse_glob(struct parsing *p);

/* Each alternative but the last stands behind a split; each but the last jumps to the end. */
static int parse_braces(struct parsing *p)
{
    size_t start = p->at, split, first_jump = SLIP_NPOS;
    if (++p->depth > DEPTH_MAX)
        return bad(p, start, "too many braces inside each other");
    do {
        p->at++;
        split = emit(p->g, OP_SPLIT, 0, p->g->code.len + 1, p->g->code.len + 1);
        if (parse_glob(p) < 0)
            return -1;
        if (!more(p))
            return bad(p, start, "'{' without '}'");
        if (peek(p) == ',') {
            first_jump =
                emit(p->g, OP_SPLIT, 0, first_jump, 0); /* a chain until the end is known */
            p->g->code.at[split].b = p->g->code.len;
        }
    } while (peek(p) == ',');
    p->at++;
    p->depth--;
    for (size_t next; first_jump != SLIP_NPOS; first_jump = next) {
        struct instruction *jump = &p->g->code.at[first_jump];
        next = jump->a;
        jump->a = jump->b = p->g->code.len;
    }
    return 0;
}

static int parse_item(struct parsing *p)
{
    unsigned char byte;
    switch (peek(p)) {
    case '*':
        p->g->wild = true;
        if (++p->at < p->pattern.len && peek(p) == '*') {
            p->at++;
            emit_run(p->g, OP_ALL);
        } else {
            emit_run(p->g, OP_ANY);
        }
        return 0;
    case '?':
        p->g->wild = true;
        p->at++;
        emit(p->g, OP_ANY, 0, 0, 0);
        return 0;
    case '[':
        p->g->wild = true;
        return parse_set(p);
    case '{':
        p->g->wild = true;
        return parse_braces(p);
    default:
        if (parse_escaped(p, &byte) < 0)
            return -1;
        slip_buf_add_char(&p->g->literal, (char)byte);
        emit(p->g, OP_BYTE, byte, 0, 0);
        return 0;
    }
}

/* Up to the end, or inside braces up to ',' or '}'. */
static int parse_glob(struct parsing *p)
{
    while (more(p)) {
        char c = peek(p);
        if (p->depth && (c == ',' || c == '}'))
            return 0;
        if (c == '}')
            return bad(p, p->at, "'}' without '{'");
        if (parse_item(p) < 0)
            return -1;
    }
    return 0;
}

int slip_glob_compile(struct slip_str pattern, struct slip_glob **out, struct slip_error *err)
{
    if (pattern.len > SLIP_GLOB_MAX)
        return slip_fail(err, SLIP_E_CONFIG, "a pattern of more than %d bytes", SLIP_GLOB_MAX);
    SLIP_AUTO_PTR(slip_glob) g = slip_new(struct slip_glob);
    slip_buf_init(&g->literal, SLIP_GLOB_MAX);
    struct parsing p = { g, pattern, 0, 0, err };
    if (parse_glob(&p) < 0)
        return -1;
    emit(g, OP_END, 0, 0, 0);
    *out = slip_take(g);
    return 0;
}

void slip_glob_free(struct slip_glob *g)
{
    if (!g)
        return;
    slip_vec_clear(&g->code);
    slip_vec_clear(&g->sets);
    slip_buf_clear(&g->literal);
    slip_free(g);
}

const char *slip_glob_literal(const struct slip_glob *g)
{
    return g->wild ? NULL : g->literal.ptr;
}

/* The places the program can be at after the same part of the name, each once. */
struct places {
    size_t *at, len;
    size_t *seen, round; /* seen[place] == round: it is in */
    size_t *stack;
};

static void add_place(const struct slip_glob *g, struct places *s, size_t place)
{
    size_t depth = 0;
    s->stack[depth++] = place;
    while (depth) {
        place = s->stack[--depth];
        if (s->seen[place] == s->round)
            continue;
        s->seen[place] = s->round;
        const struct instruction *i = &g->code.at[place];
        if (i->op == OP_SPLIT) {
            s->stack[depth++] = i->b;
            s->stack[depth++] = i->a;
        } else {
            s->at[s->len++] = place;
        }
    }
}

static bool takes(const struct slip_glob *g, const struct instruction *i, unsigned char c)
{
    switch (i->op) {
    case OP_BYTE:
        return i->byte == c;
    case OP_ANY:
        return c != '/';
    case OP_ALL:
        return true;
    case OP_SET:
        return g->sets.at[i->a].has[c];
    default:
        return false;
    }
}

bool slip_glob_match(const struct slip_glob *g, struct slip_str name)
{
    size_t n = g->code.len;
    SLIP_AUTO_FREE size_t *memory = slip_alloc_array(5 * n + 2, sizeof(size_t));
    struct places now = { memory, 0, memory + 2 * n, 1, memory + 3 * n };
    size_t *next = memory + n;
    add_place(g, &now, 0);
    for (size_t i = 0; i < name.len && now.len; i++) {
        struct places then = { next, 0, now.seen, now.round + 1, now.stack };
        for (size_t k = 0; k < now.len; k++)
            if (takes(g, &g->code.at[now.at[k]], (unsigned char)name.ptr[i]))
                add_place(g, &then, now.at[k] + 1);
        next = now.at;
        now = then;
    }
    for (size_t k = 0; k < now.len; k++)
        if (g->code.at[now.at[k]].op == OP_END)
            return true;
    return false;
}
