/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions: text to nodes.
 *
 *   alternation := sequence { '|' sequence }
 *   sequence    := { atom [ repetition ] }
 *   repetition  := ( '*' | '+' | '?' | '{' n '}' | '{' n ',' [ m ] '}' ) [ '?' ]
 *   atom        := rune | '.' | '^' | '$' | class | escape | '(' alternation ')' | flags
 *   flags       := '(?' letters [ '-' letters ] ( ')' | ':' alternation ')' )
 *   named group := '(?P<' name '>' alternation ')' | '(?<' name '>' alternation ')'
 *
 * Nesting is kept on a stack of our own, so that depth costs no C stack: finished nodes with a mark
 * below the first of every open group and of every alternative behind a '|'. A '{' that begins no
 * repetition stands for itself.
 */
#include "match/re2_impl.h"

#include "base/unicode.h"

enum {
    MAX_COUNT = 1000,            /* of {n,m}, also as the product of nested ones */
    MAX_HEIGHT = 1000,           /* levels of nodes */
    MAX_SIZE = (128 << 20) / 40, /* instructions */
    MAX_RUNES = (128 << 20) / 4, /* ends of ranges in all classes together */
};

struct flags {
    bool fold, multi_line, dot_nl, lazy;
};

struct entry {
    enum { NODE, BAR, GROUP } kind;
    struct re2_node *node; /* NODE */
    unsigned capture;      /* GROUP: its number, 0 for (?: */
    struct flags saved;    /* GROUP: the flags outside */
};

struct parser {
    struct slip_str whole, rest;
    struct slip_arena *arena;
    struct re2_tree *tree;
    struct slip_error *err;
    struct flags flags;
    size_t class_runes;          /* so far, against MAX_RUNES */
    struct slip_str last_repeat; /* the text from a repetition on that ended just before `rest` */
    struct {
        SLIP_VEC(struct entry);
    } stack;
};

/* ---- failures ---- */

static int fail(struct parser *p, const char *what, struct slip_str where)
{
    return slip_fail(p->err, SLIP_E_CONFIG, "error parsing regexp: %s: `%.*s`", what,
                     SLIP_ARG(where));
}

/* The text from `start` to what comes next. */
static struct slip_str since(const struct parser *p, struct slip_str start)
{
    return slip_str_first(start, start.len - p->rest.len);
}

static int check_limits(struct parser *p, const struct re2_node *n)
{
    if (n->size > MAX_SIZE || p->class_runes > MAX_RUNES)
        return fail(p, "expression too large", p->whole);
    if (n->height > MAX_HEIGHT)
        return fail(p, "expression nests too deeply", p->whole);
    return 0;
}

/* ---- reading runes ---- */

static int take_rune(struct parser *p, struct slip_str *rest, uint32_t *rune)
{
    size_t width;
    *rune = slip_utf8_decode(*rest, &width);
    if (*rune == SLIP_RUNE_ERROR && width == 1)
        return fail(p, "invalid UTF-8", *rest);
    *rest = slip_str_skip(*rest, width);
    return 0;
}

static int check_utf8(struct parser *p, struct slip_str s)
{
    uint32_t rune;
    while (s.len)
        if (take_rune(p, &s, &rune) < 0)
            return -1;
    return 0;
}

static bool next_is(struct slip_str s, char c)
{
    return s.len > 0 && s.ptr[0] == c;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(uint32_t c)
{
    return c < 0x80 && (slip_unicode_is_letter(c) || is_digit((char)c) || c == '_');
}

/* ---- making nodes ---- */

static struct re2_node *new_node(struct parser *p, enum re2_op op)
{
    struct re2_node *n = slip_arena_new(p->arena, struct re2_node);
    n->op = op;
    n->height = 1;
    n->copies = 1;
    n->size = 1;
    n->nullable = op == RE2_EMPTY || op == RE2_ASSERT;
    return n;
}

static int push(struct parser *p, struct re2_node *n)
{
    slip_vec_push(&p->stack, (struct entry){ .kind = NODE, .node = n });
    return check_limits(p, n);
}

static int push_op(struct parser *p, enum re2_op op, unsigned arg)
{
    struct re2_node *n = new_node(p, op);
    n->arg = arg;
    return push(p, n);
}

static struct re2_node *new_literal(struct parser *p, uint32_t rune, bool fold)
{
    struct re2_node *n = new_node(p, RE2_LITERAL);
    n->fold = fold && slip_unicode_fold(rune) != rune;
    n->runes = slip_arena_array(p->arena, 1, sizeof(uint32_t));
    n->runes[0] = n->fold ? slip_unicode_fold_key(rune) : rune;
    n->len = 1;
    return n;
}

static int push_literal(struct parser *p, uint32_t rune)
{
    return push(p, new_literal(p, rune, p->flags.fold));
}

/* A class from a clean set, which is emptied; one rune becomes a literal. */
static struct re2_node *new_class(struct parser *p, struct re2_set *set)
{
    struct re2_node *n;
    if (set->len == 1 && set->at[0].lo == set->at[0].hi) {
        n = new_literal(p, set->at[0].lo, false);
    } else {
        n = new_node(p, RE2_CLASS);
        n->len = set->len;
        n->ranges = slip_arena_array(p->arena, set->len, sizeof(*n->ranges));
        if (set->len)
            memcpy(n->ranges, set->at, set->len * sizeof(*n->ranges));
        p->class_runes += 2 * set->len;
    }
    slip_vec_clear(set);
    return n;
}

/* A node of several parts; parts of the same kind are dissolved in it. */
static struct re2_node *new_list(struct parser *p, enum re2_op op, struct re2_node **parts,
                                 size_t n_parts)
{
    if (n_parts == 1)
        return parts[0];
    struct re2_node *n = new_node(p, op);
    n->nullable = op == RE2_CONCAT;
    n->size = 0;
    size_t total = 0;
    for (size_t i = 0; i < n_parts; i++)
        total += parts[i]->op == op ? parts[i]->len : 1;
    n->subs = slip_arena_array(p->arena, total, sizeof(*n->subs));
    for (size_t i = 0; i < n_parts; i++) {
        struct re2_node *part = parts[i];
        bool same = part->op == op;
        for (size_t k = 0; k < (same ? part->len : 1); k++)
            n->subs[n->len++] = same ? part->subs[k] : part;
        int height = part->height + !same;
        n->height = height > n->height ? height : n->height;
        n->copies = part->copies > n->copies ? part->copies : n->copies;
        n->size += part->size;
        n->nullable =
            op == RE2_CONCAT ? n->nullable && part->nullable : n->nullable || part->nullable;
    }
    if (op == RE2_ALTERNATE) /* parts of a dissolved part have counted theirs already */
        n->size += (int64_t)n_parts - 1;
    return n;
}

static bool is_literal(const struct re2_node *n, bool fold)
{
    return n->op == RE2_LITERAL && n->fold == fold;
}

/* Neighbours that are literals become one. Gives the number of parts left. */
static size_t join_literals(struct parser *p, struct re2_node **parts, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n;) {
        size_t end = i + 1, len = parts[i]->len;
        if (parts[i]->op == RE2_LITERAL)
            for (; end < n && is_literal(parts[end], parts[i]->fold); end++)
                len += parts[end]->len;
        struct re2_node *joined = parts[i];
        if (end > i + 1) {
            joined = new_node(p, RE2_LITERAL);
            joined->fold = parts[i]->fold;
            joined->runes = slip_arena_array(p->arena, len, sizeof(uint32_t));
            for (size_t k = i; k < end; k++) {
                memcpy(joined->runes + joined->len, parts[k]->runes,
                       parts[k]->len * sizeof(uint32_t));
                joined->len += parts[k]->len;
            }
            joined->size = (int64_t)len;
        }
        parts[kept++] = joined;
        i = end;
    }
    return kept;
}

static bool is_one_rune(const struct re2_node *n)
{
    return (n->op == RE2_LITERAL && n->len == 1) || n->op == RE2_CLASS || n->op == RE2_ANY
           || n->op == RE2_ANY_NOT_NL;
}

static void add_one_rune(struct re2_set *set, const struct re2_node *n)
{
    switch (n->op) {
    case RE2_LITERAL:
        if (n->fold)
            re2_set_add_folded(set, n->runes[0], n->runes[0]);
        else
            re2_set_add(set, n->runes[0], n->runes[0]);
        break;
    case RE2_CLASS:
        for (size_t i = 0; i < n->len; i++)
            re2_set_add(set, n->ranges[i].lo, n->ranges[i].hi);
        break;
    case RE2_ANY_NOT_NL:
        re2_set_add(set, 0, '\n' - 1);
        re2_set_add(set, '\n' + 1, SLIP_RUNE_MAX);
        break;
    default:
        re2_set_add(set, 0, SLIP_RUNE_MAX);
    }
}

/* Neighbouring alternatives of one rune each become a class. Gives the number of parts left. */
static size_t join_classes(struct parser *p, struct re2_node **parts, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n;) {
        size_t end = i + 1;
        struct re2_node *joined = parts[i];
        if (is_one_rune(joined))
            while (end < n && is_one_rune(parts[end]))
                end++;
        if (end > i + 1) {
            struct re2_set set = { 0 };
            for (size_t k = i; k < end; k++)
                add_one_rune(&set, parts[k]);
            re2_set_clean(&set);
            joined = new_class(p, &set);
        }
        parts[kept++] = joined;
        i = end;
    }
    return kept;
}

/* ---- the stack ---- */

/* Where the entries above the topmost mark (of kind BAR or GROUP, or only GROUP) begin. */
static size_t above_mark(const struct parser *p, bool bars_too)
{
    size_t i = p->stack.len;
    while (i > 0 && p->stack.at[i - 1].kind != GROUP
           && (!bars_too || p->stack.at[i - 1].kind != BAR))
        i--;
    return i;
}

/* The nodes from `from` on, without marks; the stack is cut there. */
static struct re2_node **take_nodes(struct parser *p, size_t from, size_t *n)
{
    struct re2_node **parts = slip_alloc_array(p->stack.len - from + 1, sizeof(struct re2_node *));
    *n = 0;
    for (size_t i = from; i < p->stack.len; i++)
        if (p->stack.at[i].kind == NODE)
            parts[(*n)++] = p->stack.at[i].node;
    p->stack.len = from;
    return parts;
}

/* A sequence ends: what stands above the mark becomes one node. */
static int end_sequence(struct parser *p)
{
    size_t n;
    SLIP_AUTO_FREE struct re2_node **parts = take_nodes(p, above_mark(p, true), &n);
    if (n == 0)
        return push_op(p, RE2_EMPTY, 0);
    n = join_literals(p, parts, n);
    return push(p, new_list(p, RE2_CONCAT, parts, n));
}

/* An alternation ends with the group it stands in. */
static int end_alternation(struct parser *p)
{
    if (end_sequence(p) < 0)
        return -1;
    size_t n;
    SLIP_AUTO_FREE struct re2_node **parts = take_nodes(p, above_mark(p, false), &n);
    n = join_classes(p, parts, n);
    return push(p, new_list(p, RE2_ALTERNATE, parts, n));
}

static void open_group(struct parser *p, unsigned capture)
{
    slip_vec_push(&p->stack,
                  (struct entry){ .kind = GROUP, .capture = capture, .saved = p->flags });
}

static void open_capture(struct parser *p, struct slip_str name)
{
    slip_vec_push(p->tree, name);
    open_group(p, (unsigned)p->tree->len);
}

static int close_group(struct parser *p)
{
    if (end_alternation(p) < 0)
        return -1;
    if (p->stack.len < 2)
        return fail(p, "unexpected )", p->whole);
    struct re2_node *inner = p->stack.at[p->stack.len - 1].node;
    struct entry group = p->stack.at[p->stack.len - 2];
    p->stack.len -= 2;
    p->flags = group.saved;
    if (group.capture == 0)
        return push(p, inner);

    struct re2_node *n = new_node(p, RE2_CAPTURE);
    n->arg = group.capture;
    n->subs = slip_arena_array(p->arena, 1, sizeof(*n->subs));
    n->subs[0] = inner;
    n->len = 1;
    n->height = inner->height + 1;
    n->copies = inner->copies;
    n->size = inner->size + 2;
    n->nullable = inner->nullable;
    return push(p, n);
}

/* ---- repetition ---- */

static int64_t repeat_size(int64_t sub, int min, int max)
{
    int64_t size = max >= 0  ? (int64_t)max * sub + (max - min)
                   : min > 0 ? 1 + (int64_t)min * sub
                             : 2 + sub;
    return size > 1 ? size : 1;
}

/* Apply {min,max} to the node before it; `start` begins with the operator, which was read. */
static int repeat(struct parser *p, int min, int max, struct slip_str start)
{
    bool lazy = p->flags.lazy;
    if (next_is(p->rest, '?')) {
        p->rest = slip_str_skip(p->rest, 1);
        lazy = !lazy;
    }
    if (p->last_repeat.len)
        return fail(p, "invalid nested repetition operator", since(p, p->last_repeat));
    if (p->stack.len == 0 || p->stack.at[p->stack.len - 1].kind != NODE)
        return fail(p, "missing argument to repetition operator", since(p, start));

    struct entry *top = &p->stack.at[p->stack.len - 1];
    struct re2_node *sub = top->node, *n = new_node(p, RE2_REPEAT);
    int copies = max >= 0 ? max : min;
    n->min = min;
    n->max = max;
    n->lazy = lazy;
    n->subs = slip_arena_array(p->arena, 1, sizeof(*n->subs));
    n->subs[0] = sub;
    n->len = 1;
    n->height = sub->height + 1;
    n->copies = max == 0 ? 1 : (copies ? copies : 1) * sub->copies;
    n->size = repeat_size(sub->size, min, max);
    n->nullable = min == 0 || sub->nullable;
    top->node = n;
    if (check_limits(p, n) < 0)
        return -1;
    if ((min >= 2 || max >= 2) && n->copies > MAX_COUNT)
        return fail(p, "invalid repeat count", since(p, start));
    p->last_repeat = start;
    return 0;
}

/* Digits without a leading zero; a number beyond all limits is -1. */
static bool take_number(struct slip_str *s, int *out)
{
    size_t n = 0;
    while (n < s->len && is_digit(s->ptr[n]))
        n++;
    if (n == 0 || (n > 1 && s->ptr[0] == '0'))
        return false;
    *out = 0;
    for (size_t i = 0; i < n && *out >= 0; i++)
        *out = *out >= 100000000 ? -1 : *out * 10 + (s->ptr[i] - '0');
    *s = slip_str_skip(*s, n);
    return true;
}

/* "{n}", "{n,}", "{n,m}"; max is -1 without end, min is -1 when a number is too large. */
static bool take_count(struct slip_str *rest, int *min, int *max)
{
    struct slip_str s = slip_str_skip(*rest, 1);
    if (!take_number(&s, min))
        return false;
    *max = *min;
    if (next_is(s, ',')) {
        s = slip_str_skip(s, 1);
        if (next_is(s, '}'))
            *max = -1;
        else if (!take_number(&s, max))
            return false;
        else if (*max < 0)
            *min = -1;
    }
    if (!next_is(s, '}'))
        return false;
    *rest = slip_str_skip(s, 1);
    return true;
}

static int parse_count(struct parser *p)
{
    struct slip_str start = p->rest;
    int min, max;
    if (!take_count(&p->rest, &min, &max)) {
        p->rest = slip_str_skip(p->rest, 1);
        p->last_repeat = (struct slip_str){ 0 };
        return push_literal(p, '{');
    }
    if (min < 0 || min > MAX_COUNT || max > MAX_COUNT || (max >= 0 && min > max))
        return fail(p, "invalid repeat count", since(p, start));
    return repeat(p, min, max, start);
}

static int parse_repeat(struct parser *p, int min, int max)
{
    struct slip_str start = p->rest;
    p->rest = slip_str_skip(p->rest, 1);
    return repeat(p, min, max, start);
}

/* ---- groups and flags ---- */

static int parse_named_group(struct parser *p, size_t name_at)
{
    struct slip_str start = p->rest;
    size_t end = slip_str_find(start, '>');
    if (end == SLIP_NPOS) {
        if (check_utf8(p, start) < 0)
            return -1;
        return fail(p, "invalid named capture", start);
    }
    struct slip_str name = slip_str_skip(slip_str_first(start, end), name_at);
    if (check_utf8(p, name) < 0)
        return -1;
    bool good = name.len > 0;
    for (size_t i = 0; i < name.len; i++)
        good = good && is_word((unsigned char)name.ptr[i]);
    if (!good)
        return fail(p, "invalid named capture", slip_str_first(start, end + 1));
    open_capture(p, name);
    p->rest = slip_str_skip(start, end + 1);
    return 0;
}

static bool set_flag(struct flags *flags, uint32_t letter, bool on)
{
    switch (letter) {
    case 'i':
        flags->fold = on;
        return true;
    case 'm':
        flags->multi_line = on;
        return true;
    case 's':
        flags->dot_nl = on;
        return true;
    case 'U':
        flags->lazy = on;
        return true;
    default:
        return false;
    }
}

/* "(?" flags, then ")" for the rest of the group or ":" for a group of their own. */
static int parse_flags(struct parser *p)
{
    struct slip_str start = p->rest;
    struct flags flags = p->flags;
    bool on = true, any = false;
    p->rest = slip_str_skip(p->rest, 2);
    while (p->rest.len) {
        uint32_t c;
        if (take_rune(p, &p->rest, &c) < 0)
            return -1;
        if (set_flag(&flags, c, on)) {
            any = true;
        } else if (c == '-' && on) {
            on = false;
            any = false;
        } else if ((c == ':' || c == ')') && (on || any)) {
            if (c == ':')
                open_group(p, 0);
            p->flags = flags;
            return 0;
        } else {
            break;
        }
    }
    return fail(p, "invalid or unsupported Perl syntax", since(p, start));
}

static int parse_open(struct parser *p)
{
    struct slip_str s = p->rest;
    if (s.len >= 2 && s.ptr[1] == '?') {
        if (s.len > 4 && s.ptr[2] == 'P' && s.ptr[3] == '<')
            return parse_named_group(p, 4);
        if (s.len > 3 && s.ptr[2] == '<')
            return parse_named_group(p, 3);
        return parse_flags(p);
    }
    p->rest = slip_str_skip(s, 1);
    open_capture(p, SLIP_STR(""));
    return 0;
}

/* ---- escapes ---- */

static int hex_digit(uint32_t c)
{
    if (c >= '0' && c <= '9')
        return (int)c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? (int)c - 'a' + 10 : -1;
}

/* What follows "\x{" up to "}". False: no such number; `s` stands behind what was read. */
static int take_braced_hex(struct parser *p, struct slip_str *s, uint32_t *out, bool *good)
{
    *good = false;
    *out = 0;
    for (size_t digits = 0; s->len; digits++) {
        uint32_t c;
        if (take_rune(p, s, &c) < 0)
            return -1;
        if (c == '}') {
            *good = digits > 0;
            return 0;
        }
        int digit = hex_digit(c);
        if (digit < 0 || (*out = *out * 16 + (uint32_t)digit) > SLIP_RUNE_MAX)
            return 0;
    }
    return 0;
}

static int take_hex(struct parser *p, struct slip_str *s, uint32_t *out, bool *good)
{
    uint32_t c, d = 0;
    *good = false;
    if (s->len == 0)
        return 0;
    if (take_rune(p, s, &c) < 0)
        return -1;
    if (c == '{')
        return take_braced_hex(p, s, out, good);
    if (take_rune(p, s, &d) < 0)
        return -1;
    int high = hex_digit(c), low = hex_digit(d);
    *good = high >= 0 && low >= 0;
    *out = (uint32_t)(high * 16 + low);
    return 0;
}

/* The rest of an octal number whose first digit was `c`. */
static bool take_octal(struct slip_str *s, uint32_t c, uint32_t *out)
{
    bool more = s->len && s->ptr[0] >= '0' && s->ptr[0] <= '7';
    if (c != '0' && !more)
        return false; /* a back reference: there are none */
    *out = c - '0';
    for (int i = 1; i < 3 && s->len && s->ptr[0] >= '0' && s->ptr[0] <= '7'; i++) {
        *out = *out * 8 + (uint32_t)(s->ptr[0] - '0');
        *s = slip_str_skip(*s, 1);
    }
    return true;
}

/* An escape that stands for one rune; `rest` begins with the backslash. */
static int take_escape(struct parser *p, struct slip_str *rest, uint32_t *out)
{
    static const char letters[] = "afnrtv", runes[] = "\a\f\n\r\t\v";
    struct slip_str s = slip_str_skip(*rest, 1);
    uint32_t c;
    bool good = false;
    if (s.len == 0)
        return fail(p, "trailing backslash at end of expression", s);
    if (take_rune(p, &s, &c) < 0)
        return -1;
    const char *letter = c && c < 0x80 ? strchr(letters, (int)c) : NULL;
    if (c == 'x') {
        if (take_hex(p, &s, out, &good) < 0)
            return -1;
    } else if (c >= '0' && c <= '7') {
        good = take_octal(&s, c, out);
    } else if (letter) {
        *out = (unsigned char)runes[letter - letters];
        good = true;
    } else if (c < 0x80 && (c == '_' || !is_word(c))) {
        *out = c;
        good = true;
    }
    if (!good)
        return fail(p, "invalid escape sequence", slip_str_first(*rest, rest->len - s.len));
    *rest = s;
    return 0;
}

/* \pN, \p{Name}, \P{^Name}. 1: taken; 0: something else stands here. */
static int take_unicode_class(struct parser *p, struct slip_str *rest, struct re2_set *set)
{
    struct slip_str s = *rest, name;
    if (s.len < 2 || s.ptr[0] != '\\' || (s.ptr[1] != 'p' && s.ptr[1] != 'P'))
        return 0;
    bool negated = s.ptr[1] == 'P';
    struct slip_str after = slip_str_skip(s, 2);
    uint32_t c;
    if (take_rune(p, &after, &c) < 0)
        return -1;
    if (c == '{') {
        size_t end = slip_str_find(s, '}');
        if (end == SLIP_NPOS)
            return check_utf8(p, s) < 0 ? -1 : fail(p, "invalid character class range", s);
        name = slip_str_skip(slip_str_first(s, end), 3);
        after = slip_str_skip(s, end + 1);
        if (check_utf8(p, name) < 0)
            return -1;
    } else {
        name = slip_str_skip(slip_str_first(s, s.len - after.len), 2);
    }
    if (next_is(name, '^')) {
        negated = !negated;
        name = slip_str_skip(name, 1);
    }
    if (!re2_set_add_unicode(set, name, negated, p->flags.fold))
        return fail(p, "invalid character class range", slip_str_first(s, s.len - after.len));
    *rest = after;
    return 1;
}

/* \d \s \w and their opposites. */
static bool take_perl_class(struct parser *p, struct slip_str *rest, struct re2_set *set)
{
    if (rest->len < 2 || rest->ptr[0] != '\\'
        || !re2_set_add_perl(set, rest->ptr[1], p->flags.fold))
        return false;
    *rest = slip_str_skip(*rest, 2);
    return true;
}

/* ---- bracket classes ---- */

/* "[:name:]" inside a class. 1: taken; 0: something else stands here. */
static int take_posix_class(struct parser *p, struct slip_str *rest, struct re2_set *set)
{
    if (rest->len <= 2 || rest->ptr[0] != '[' || rest->ptr[1] != ':')
        return 0;
    size_t end = slip_str_find_str(slip_str_skip(*rest, 2), SLIP_STR(":]"));
    if (end == SLIP_NPOS)
        return 0;
    struct slip_str name = slip_str_first(slip_str_skip(*rest, 2), end);
    if (!re2_set_add_posix(set, name, p->flags.fold))
        return fail(p, "invalid character class range", slip_str_first(*rest, end + 4));
    *rest = slip_str_skip(*rest, end + 4);
    return 1;
}

static int take_class_rune(struct parser *p, struct slip_str *rest, struct slip_str whole,
                           uint32_t *out)
{
    if (rest->len == 0)
        return fail(p, "missing closing ]", whole);
    return next_is(*rest, '\\') ? take_escape(p, rest, out) : take_rune(p, rest, out);
}

/* One rune or "a-z". */
static int take_class_range(struct parser *p, struct slip_str *rest, struct slip_str whole,
                            struct re2_set *set)
{
    struct slip_str start = *rest;
    uint32_t lo, hi;
    if (take_class_rune(p, rest, whole, &lo) < 0)
        return -1;
    hi = lo;
    if (rest->len >= 2 && rest->ptr[0] == '-' && rest->ptr[1] != ']') {
        *rest = slip_str_skip(*rest, 1);
        if (take_class_rune(p, rest, whole, &hi) < 0)
            return -1;
        if (hi < lo)
            return fail(p, "invalid character class range",
                        slip_str_first(start, start.len - rest->len));
    }
    if (p->flags.fold)
        re2_set_add_folded(set, lo, hi);
    else
        re2_set_add(set, lo, hi);
    return 0;
}

static int take_class_item(struct parser *p, struct slip_str *rest, struct slip_str whole,
                           struct re2_set *set)
{
    int taken = take_posix_class(p, rest, set);
    if (taken == 0)
        taken = take_unicode_class(p, rest, set);
    if (taken != 0)
        return taken < 0 ? -1 : 0;
    if (take_perl_class(p, rest, set))
        return 0;
    return take_class_range(p, rest, whole, set);
}

static int take_class(struct parser *p, struct re2_set *set)
{
    struct slip_str whole = p->rest, s = slip_str_skip(p->rest, 1);
    bool negated = next_is(s, '^');
    s = slip_str_skip(s, negated);
    do { /* a "]" in the first place stands for itself */
        if (take_class_item(p, &s, whole, set) < 0)
            return -1;
    } while (!next_is(s, ']'));
    p->rest = slip_str_skip(s, 1);
    re2_set_clean(set);
    if (negated)
        re2_set_negate(set);
    return 0;
}

static int parse_class(struct parser *p)
{
    struct re2_set set = { 0 };
    if (take_class(p, &set) < 0) {
        slip_vec_clear(&set);
        return -1;
    }
    return push(p, new_class(p, &set));
}

/* ---- atoms ---- */

static int parse_quoted(struct parser *p)
{
    struct slip_str text = slip_str_skip(p->rest, 2);
    size_t end = slip_str_find_str(text, SLIP_STR("\\E"));
    p->rest = end == SLIP_NPOS ? slip_str_skip(text, text.len) : slip_str_skip(text, end + 2);
    text = slip_str_first(text, end);
    while (text.len) {
        uint32_t rune;
        if (take_rune(p, &text, &rune) < 0 || push_literal(p, rune) < 0)
            return -1;
    }
    return 0;
}

static int parse_class_or_rune_escape(struct parser *p)
{
    struct re2_set set = { 0 };
    int taken = take_unicode_class(p, &p->rest, &set);
    if (taken == 0 && take_perl_class(p, &p->rest, &set))
        taken = 1;
    if (taken > 0) {
        re2_set_clean(&set);
        return push(p, new_class(p, &set));
    }
    slip_vec_clear(&set);
    if (taken < 0)
        return -1;
    uint32_t rune;
    if (take_escape(p, &p->rest, &rune) < 0)
        return -1;
    return push_literal(p, rune);
}

static int parse_escape(struct parser *p)
{
    unsigned assertion;
    switch (p->rest.len >= 2 ? p->rest.ptr[1] : 0) {
    case 'A':
        assertion = RE2_BEGIN_TEXT;
        break;
    case 'b':
        assertion = RE2_WORD_BOUNDARY;
        break;
    case 'B':
        assertion = RE2_NO_WORD_BOUNDARY;
        break;
    case 'z':
        assertion = RE2_END_TEXT;
        break;
    case 'C':
        return fail(p, "invalid escape sequence", slip_str_first(p->rest, 2));
    case 'Q':
        return parse_quoted(p);
    default:
        return parse_class_or_rune_escape(p);
    }
    p->rest = slip_str_skip(p->rest, 2);
    return push_op(p, RE2_ASSERT, assertion);
}

static int parse_bar(struct parser *p)
{
    if (end_sequence(p) < 0)
        return -1;
    slip_vec_push(&p->stack, (struct entry){ .kind = BAR });
    return 0;
}

static int parse_plain(struct parser *p)
{
    uint32_t rune;
    if (take_rune(p, &p->rest, &rune) < 0)
        return -1;
    return push_literal(p, rune);
}

/* An operator of one character that stands for a node. */
static int parse_op(struct parser *p, enum re2_op op, unsigned arg)
{
    p->rest = slip_str_skip(p->rest, 1);
    return push_op(p, op, arg);
}

static int parse_atom(struct parser *p)
{
    switch (p->rest.ptr[0]) {
    case '(':
        return parse_open(p);
    case ')':
        p->rest = slip_str_skip(p->rest, 1);
        return close_group(p);
    case '|':
        p->rest = slip_str_skip(p->rest, 1);
        return parse_bar(p);
    case '[':
        return parse_class(p);
    case '\\':
        return parse_escape(p);
    case '.':
        return parse_op(p, p->flags.dot_nl ? RE2_ANY : RE2_ANY_NOT_NL, 0);
    case '^':
        return parse_op(p, RE2_ASSERT, p->flags.multi_line ? RE2_BEGIN_LINE : RE2_BEGIN_TEXT);
    case '$':
        return parse_op(p, RE2_ASSERT, p->flags.multi_line ? RE2_END_LINE : RE2_END_TEXT);
    default:
        return parse_plain(p);
    }
}

static int parse_next(struct parser *p)
{
    switch (p->rest.ptr[0]) {
    case '*':
        return parse_repeat(p, 0, -1);
    case '+':
        return parse_repeat(p, 1, -1);
    case '?':
        return parse_repeat(p, 0, 1);
    case '{':
        return parse_count(p);
    default:
        p->last_repeat = (struct slip_str){ 0 };
        return parse_atom(p);
    }
}

static int parse_all(struct parser *p)
{
    while (p->rest.len)
        if (parse_next(p) < 0)
            return -1;
    if (end_alternation(p) < 0)
        return -1;
    if (p->stack.len != 1)
        return fail(p, "missing closing )", p->whole);
    p->tree->root = p->stack.at[0].node;
    return 0;
}

int re2_parse(struct slip_str pattern, struct slip_arena *arena, struct re2_tree *out,
              struct slip_error *err)
{
    struct parser p = {
        .whole = pattern, .rest = pattern, .arena = arena, .tree = out, .err = err
    };
    int rc = parse_all(&p);
    slip_vec_clear(&p.stack);
    return rc;
}
