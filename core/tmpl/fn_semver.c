/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Semantic versions and constraints on them, as the Go package Masterminds/semver 3.3 has them.
 *
 *   version     := [ 'v' ] number [ '.' number [ '.' number ] ] [ '-' ids ] [ '+' ids ]
 *   constraints := range-or-all { '||' range-or-all }
 *   all         := constraint { ( blanks | ',' ) constraint }
 *   constraint  := [ operator ] pattern
 *   pattern     := [ 'v' ] part [ '.' part [ '.' part ] ] [ '-' ids ] [ '+' ids ]
 *   range       := pattern blanks '-' blanks pattern          (stands for ">= a, <= b ")
 *
 * A part is digits or one of x, X, *, and stands for itself also where nothing makes sense of it.
 */
#include "tmpl/fn.h"

#include "tmpl/literal.h"

struct version {
    uint64_t number[3]; /* major, minor, patch */
    struct slip_str pre, metadata, original;
};

/* ---- characters ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_id(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

static bool is_part(char c)
{
    return is_digit(c) || c == 'x' || c == 'X' || c == '*' || c == '|';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static size_t run_of(struct slip_str s, bool (*is)(char))
{
    size_t i = 0;
    while (i < s.len && is(s.ptr[i]))
        i++;
    return i;
}

static bool take_char(struct slip_str *s, char c)
{
    if (s->len == 0 || s->ptr[0] != c)
        return false;
    *s = slip_str_skip(*s, 1);
    return true;
}

static struct slip_str without_blanks(struct slip_str s)
{
    return slip_str_skip(s, run_of(s, is_blank));
}

/* `mark`, then identifiers with dots between them. Nothing is taken when that does not stand here;
 * `out` is the part without the mark. */
static bool take_ids(struct slip_str *s, char mark, struct slip_str *out)
{
    struct slip_str rest = *s;
    if (!take_char(&rest, mark) || run_of(rest, is_id) == 0)
        return false;
    size_t len = run_of(rest, is_id);
    while (len < rest.len && rest.ptr[len] == '.') {
        size_t more = run_of(slip_str_skip(rest, len + 1), is_id);
        if (more == 0)
            break;
        len += 1 + more;
    }
    *out = slip_str_first(rest, len);
    *s = slip_str_skip(rest, len);
    return true;
}

/* ---- versions ---- */

static bool is_number(struct slip_str s)
{
    return s.len > 0 && run_of(s, is_digit) == s.len;
}

/* Numbers among the identifiers of a pre-release have no leading zero. */
static bool good_pre(struct slip_str ids)
{
    struct slip_str id;
    bool more = true;
    while (more) {
        more = slip_str_cut(ids, '.', &id, &ids);
        if (is_number(id) && id.len > 1 && id.ptr[0] == '0')
            return false;
    }
    return true;
}

/* 1: taken; 0: no number stands here; -1: it is too large (the call has failed). */
static int take_number(struct slip_tmpl_call *c, struct slip_str *s, uint64_t *out)
{
    size_t len = run_of(*s, is_digit);
    struct slip_str digits = slip_str_first(*s, s->len && s->ptr[0] == '0' ? 1 : len);
    if (digits.len == 0 || len == 0)
        return 0;
    *s = slip_str_skip(*s, digits.len);
    if (slip_literal_uint(digits, 10, out) == SLIP_LITERAL_GOOD)
        return 1;
    return slip_tmpl_fail(c,
                          "Error parsing version segment: strconv.ParseUint: parsing \"%.*s\": "
                          "value out of range",
                          SLIP_ARG(digits));
}

/* The text is a version, whatever its numbers. */
static bool is_version(struct slip_str s, struct version *v)
{
    take_char(&s, 'v');
    for (int i = 0; i < 3; i++) {
        if (i > 0 && !take_char(&s, '.'))
            break;
        size_t len = run_of(s, is_digit);
        if (len == 0 || (len > 1 && s.ptr[0] == '0'))
            return false;
        s = slip_str_skip(s, len);
    }
    bool pre = take_ids(&s, '-', &v->pre);
    take_ids(&s, '+', &v->metadata);
    return s.len == 0 && (!pre || good_pre(v->pre));
}

static int parse_version(struct slip_tmpl_call *c, struct slip_str text, struct version *v)
{
    *v = (struct version){ .pre = SLIP_STR(""), .metadata = SLIP_STR(""), .original = text };
    if (!is_version(text, v))
        return slip_tmpl_fail(c, "Invalid Semantic Version");
    struct slip_str s = text;
    take_char(&s, 'v');
    for (int i = 0; i < 3; i++) {
        int taken = take_number(c, &s, &v->number[i]);
        if (taken < 0)
            return -1;
        if (!taken || !take_char(&s, '.'))
            break;
    }
    return 0;
}

/* Numbers among identifiers come before names and compare as numbers. */
static int compare_ids(struct slip_str a, struct slip_str b)
{
    uint64_t x, y;
    if (slip_str_eq(a, b))
        return 0;
    if (a.len == 0 || b.len == 0)
        return a.len == 0 ? -1 : 1;
    bool a_number = slip_literal_uint(a, 10, &x) == SLIP_LITERAL_GOOD;
    bool b_number = slip_literal_uint(b, 10, &y) == SLIP_LITERAL_GOOD;
    if (a_number && b_number)
        return x > y ? 1 : -1;
    if (!a_number && !b_number)
        return slip_str_cmp(a, b) > 0 ? 1 : -1;
    return b_number ? 1 : -1;
}

static int compare_pre(struct slip_str a, struct slip_str b)
{
    struct slip_str x, y;
    while (a.len || b.len) {
        slip_str_cut(a, '.', &x, &a);
        slip_str_cut(b, '.', &y, &b);
        int order = compare_ids(x, y);
        if (order != 0)
            return order;
    }
    return 0;
}

static int compare(const struct version *a, const struct version *b)
{
    for (int i = 0; i < 3; i++)
        if (a->number[i] != b->number[i])
            return a->number[i] < b->number[i] ? -1 : 1;
    if (a->pre.len == 0 || b->pre.len == 0)
        return (a->pre.len == 0) - (b->pre.len == 0);
    return compare_pre(a->pre, b->pre);
}

/* ---- constraints ---- */

enum comparison { EQUAL, NOT_EQUAL, GREATER, LESS, GREATER_EQUAL, LESS_EQUAL, TILDE, CARET };

static const struct {
    const char *text;
    enum comparison op;
} operators[] = {
    /* Longer ones first. */
    { "!=", NOT_EQUAL },  { ">=", GREATER_EQUAL }, { "=>", GREATER_EQUAL }, { "<=", LESS_EQUAL },
    { "=<", LESS_EQUAL }, { "~>", TILDE },         { "=", EQUAL },          { ">", GREATER },
    { "<", LESS },        { "~", TILDE },          { "^", CARET },          { "", EQUAL },
};

struct constraint {
    enum comparison op;
    struct version version;
    int given; /* parts that are numbers: 0 "x", 1 "1.x", 2 "1.2", 3 all */
};

struct pattern {
    struct slip_str text, part[3], pre; /* parts without their dots */
    bool has_pre;
};

static bool take_pattern(struct slip_str *s, struct pattern *p)
{
    struct slip_str rest = *s, unused;
    *p = (struct pattern){ 0 };
    take_char(&rest, 'v');
    for (int i = 0; i < 3; i++) {
        struct slip_str next = rest;
        if (i > 0 && !take_char(&next, '.'))
            break;
        size_t len = run_of(next, is_part);
        if (len == 0 && i == 0)
            return false;
        if (len == 0)
            break;
        p->part[i] = slip_str_first(next, len);
        rest = slip_str_skip(next, len);
    }
    p->has_pre = take_ids(&rest, '-', &p->pre);
    take_ids(&rest, '+', &unused);
    p->text = slip_str_first(*s, s->len - rest.len);
    *s = rest;
    return true;
}

static bool take_constraint(struct slip_str *s, enum comparison *op, struct pattern *p)
{
    for (size_t i = 0; i < SLIP_COUNT(operators); i++) {
        struct slip_str rest = *s, text = slip_str_of(operators[i].text);
        if (!slip_str_starts(rest, text))
            continue;
        rest = without_blanks(slip_str_skip(rest, text.len));
        if (!take_pattern(&rest, p))
            continue;
        *op = operators[i].op;
        *s = rest;
        return true;
    }
    return false;
}

static bool is_any(struct slip_str part)
{
    return part.len == 0 || slip_str_is(part, "x") || slip_str_is(part, "X")
           || slip_str_is(part, "*");
}

/* The version that a pattern stands for: what is not given is 0. */
static int to_constraint(struct slip_tmpl_call *c, enum comparison op, const struct pattern *p,
                         struct constraint *out)
{
    out->op = op;
    out->given = 0;
    while (out->given < 3 && !is_any(p->part[out->given]))
        out->given++;
    struct slip_str text = p->text;
    if (out->given < 3) {
        SLIP_AUTO(slip_buf) b = SLIP_BUF(SLIP_LIMIT_TEXT);
        for (int i = 0; i < 3; i++) {
            slip_buf_add_c(&b, i ? "." : "");
            slip_buf_add_str(&b, i < out->given ? p->part[i] : SLIP_STR("0"));
        }
        slip_buf_add_c(&b, p->has_pre ? "-" : "");
        slip_buf_add_str(&b, p->pre);
        text = slip_arena_str(c->arena, slip_buf_str(&b));
    }
    if (parse_version(c, text, &out->version) < 0)
        return slip_tmpl_fail(c, "constraint Parser Error");
    return 0;
}

static bool check_tilde(const struct version *v, const struct constraint *c)
{
    const struct version *con = &c->version;
    bool zero = !con->number[0] && !con->number[1] && !con->number[2];
    if (compare(v, con) < 0)
        return false;
    if (zero && (c->given == 0 || c->given == 3))
        return true;
    return v->number[0] == con->number[0] && (c->given == 1 || v->number[1] == con->number[1]);
}

static bool check_caret(const struct version *v, const struct constraint *c)
{
    const struct version *con = &c->version;
    if (compare(v, con) < 0)
        return false;
    if (con->number[0] > 0 || c->given == 1)
        return v->number[0] == con->number[0];
    if (v->number[0] > 0)
        return false;
    if (con->number[1] > 0 || c->given == 2)
        return v->number[1] == con->number[1];
    return v->number[1] == 0 && v->number[2] == con->number[2];
}

static bool check_greater(const struct version *v, const struct constraint *c)
{
    const struct version *con = &c->version;
    if (c->given == 0 || c->given == 3)
        return compare(v, con) > 0;
    if (v->number[0] != con->number[0])
        return v->number[0] > con->number[0];
    return c->given == 2 && v->number[1] > con->number[1];
}

static bool check_less_equal(const struct version *v, const struct constraint *c)
{
    const struct version *con = &c->version;
    if (c->given == 3)
        return compare(v, con) <= 0;
    if (v->number[0] != con->number[0])
        return v->number[0] < con->number[0];
    return c->given == 1 || v->number[1] <= con->number[1];
}

static bool check_not_equal(const struct version *v, const struct constraint *c)
{
    const struct version *con = &c->version;
    if (c->given < 3 && v->pre.len && !con->pre.len)
        return false;
    if (c->given == 0 || c->given == 3)
        return compare(v, con) != 0;
    if (v->number[0] != con->number[0])
        return true;
    if (c->given == 1)
        return false;
    return v->number[1] != con->number[1] || compare_pre(v->pre, con->pre) != 0;
}

static bool check(const struct version *v, const struct constraint *c)
{
    if (c->op == NOT_EQUAL)
        return check_not_equal(v, c);
    if (v->pre.len && !c->version.pre.len)
        return false; /* who asks for releases gets no pre-release */
    switch (c->op) {
    case EQUAL:
        return c->given < 3 ? check_tilde(v, c) : compare(v, &c->version) == 0;
    case GREATER:
        return check_greater(v, c);
    case LESS:
        return compare(v, &c->version) < 0;
    case GREATER_EQUAL:
        return compare(v, &c->version) >= 0;
    case LESS_EQUAL:
        return check_less_equal(v, c);
    case TILDE:
        return check_tilde(v, c);
    case CARET:
        return check_caret(v, c);
    case NOT_EQUAL:
        break;
    }
    return false;
}

/* ---- lists of constraints ---- */

/* Steps through the constraints of a text; `bad` at the end: it is none from start to end. */
struct walk {
    struct slip_str rest;
    bool began, bad;
};

static bool next_constraint(struct walk *w, enum comparison *op, struct pattern *p)
{
    size_t blanks = run_of(w->rest, is_blank);
    w->rest = slip_str_skip(w->rest, blanks);
    if (w->rest.len == 0) {
        w->bad = !w->began;
        return false;
    }
    if (w->began) {
        w->bad = !take_char(&w->rest, ',') && blanks == 0;
        w->rest = without_blanks(w->rest);
    }
    w->began = true;
    w->bad = w->bad || !take_constraint(&w->rest, op, p);
    return !w->bad;
}

/* Whether `v` satisfies all constraints of a text (`*good` stays false when not). */
static int check_all(struct slip_tmpl_call *c, struct slip_str text, const struct version *v,
                     bool *good)
{
    enum comparison op;
    struct pattern p;
    struct constraint con;
    struct walk look = { .rest = text }, walk = look;
    bool all = true;
    while (next_constraint(&look, &op, &p))
        continue;
    if (look.bad)
        return slip_tmpl_fail(c, "improper constraint: %.*s", SLIP_ARG(text));
    while (next_constraint(&walk, &op, &p)) {
        if (to_constraint(c, op, &p, &con) < 0)
            return -1;
        all = all && check(v, &con);
    }
    *good = *good || all;
    return 0;
}

/* "a - b", with the blanks around it. */
static bool take_range(struct slip_str *s, struct pattern *from, struct pattern *to)
{
    struct slip_str rest = without_blanks(*s);
    if (!take_pattern(&rest, from) || run_of(rest, is_blank) == 0)
        return false;
    rest = without_blanks(rest);
    if (!take_char(&rest, '-') || run_of(rest, is_blank) == 0)
        return false;
    rest = without_blanks(rest);
    if (!take_pattern(&rest, to))
        return false;
    *s = without_blanks(rest);
    return true;
}

/* Write every range of `text` as two constraints. */
static void rewrite_ranges(struct slip_str text, struct slip_buf *out)
{
    while (text.len) {
        struct slip_str rest = text;
        struct pattern from, to;
        if (take_range(&rest, &from, &to)) {
            slip_buf_add_fmt(out, ">= %.*s, <= %.*s ", SLIP_ARG(from.text), SLIP_ARG(to.text));
            text = rest;
        } else {
            slip_buf_add_char(out, text.ptr[0]);
            text = slip_str_skip(text, 1);
        }
    }
}

/* Whether `v` satisfies one of the alternatives. */
static int check_any(struct slip_tmpl_call *c, struct slip_str text, const struct version *v,
                     bool *good)
{
    bool more = true;
    *good = false;
    while (more) {
        size_t bars = slip_str_find_str(text, SLIP_STR("||"));
        more = bars != SLIP_NPOS;
        if (check_all(c, slip_str_first(text, bars), v, good) < 0)
            return -1;
        text = slip_str_skip(text, more ? bars + 2 : text.len);
    }
    return 0;
}

SLIP_TMPL_FN(fn_semver_compare)
{
    SLIP_AUTO(slip_buf) text = slip_tmpl_buf(c);
    struct version v = { .pre = SLIP_STR("") };
    bool good;
    if (slip_tmpl_spend(c, (uint64_t)a[0].s.len * a[0].s.len / 16) < 0)
        return -1;
    rewrite_ranges(a[0].s, &text);
    /* First for the constraints only: what is wrong with them is told before the version. */
    if (check_any(c, slip_buf_str(&text), &v, &good) < 0 || parse_version(c, a[1].s, &v) < 0
        || check_any(c, slip_buf_str(&text), &v, &good) < 0)
        return -1;
    *out = slip_tv_bool(good);
    return 0;
}

/* ---- values ---- */

static const struct slip_tv_class pointer_class, value_class;

static const struct version *version_of(const struct slip_tv *v)
{
    return v->object;
}

static int give_version(struct slip_tmpl_call *c, const struct slip_tv_class *class,
                        const struct version *v, struct slip_tv *out)
{
    struct version *object = slip_arena_new(c->arena, struct version);
    *object = *v;
    *out = slip_tv_object(class, object);
    return 0;
}

SLIP_TMPL_FN(fn_semver)
{
    struct version v;
    return parse_version(c, a[0].s, &v) < 0 ? -1 : give_version(c, &pointer_class, &v, out);
}

static void print_version(const void *object, struct slip_buf *out)
{
    const struct version *v = object;
    slip_buf_add_fmt(out, "%llu.%llu.%llu", (unsigned long long)v->number[0],
                     (unsigned long long)v->number[1], (unsigned long long)v->number[2]);
    slip_buf_add_c(out, v->pre.len ? "-" : "");
    slip_buf_add_str(out, v->pre);
    slip_buf_add_c(out, v->metadata.len ? "+" : "");
    slip_buf_add_str(out, v->metadata);
}

static int marshal_version(struct slip_tmpl_call *call, const void *object, struct slip_buf *out)
{
    (void)call;
    print_version(object, out);
    return 0;
}

static bool versions_equal(const void *a, const void *b)
{
    const struct version *v = a, *w = b;
    return memcmp(v->number, w->number, sizeof(v->number)) == 0 && slip_str_eq(v->pre, w->pre)
           && slip_str_eq(v->metadata, w->metadata) && slip_str_eq(v->original, w->original);
}

/* ---- methods ---- */

/* Compare the receiver with the argument, which may not be nil. */
static int compare_args(struct slip_tmpl_call *c, const struct slip_tv *a, int *order)
{
    if (slip_tv_is_nil(&a[1]))
        return slip_tmpl_fail(c, SLIP_TMPL_NIL_POINTER);
    *order = compare(version_of(&a[0]), version_of(&a[1]));
    return 0;
}

SLIP_TMPL_FN(version_compare)
{
    int order;
    if (compare_args(c, a, &order) < 0)
        return -1;
    *out = slip_tv_int(order);
    return 0;
}

SLIP_TMPL_FN(version_equal)
{
    *out =
        slip_tv_bool(!slip_tv_is_nil(&a[1]) && compare(version_of(&a[0]), version_of(&a[1])) == 0);
    return 0;
}

SLIP_TMPL_FN(version_greater)
{
    int order;
    if (compare_args(c, a, &order) < 0)
        return -1;
    *out = slip_tv_bool(order > 0);
    return 0;
}

SLIP_TMPL_FN(version_greater_equal)
{
    int order;
    if (compare_args(c, a, &order) < 0)
        return -1;
    *out = slip_tv_bool(order >= 0);
    return 0;
}

SLIP_TMPL_FN(version_less)
{
    int order;
    if (compare_args(c, a, &order) < 0)
        return -1;
    *out = slip_tv_bool(order < 0);
    return 0;
}

SLIP_TMPL_FN(version_less_equal)
{
    int order;
    if (compare_args(c, a, &order) < 0)
        return -1;
    *out = slip_tv_bool(order <= 0);
    return 0;
}

SLIP_TMPL_FN(version_major)
{
    *out = slip_tv_uint64(version_of(&a[0])->number[0]);
    return 0;
}

SLIP_TMPL_FN(version_minor)
{
    *out = slip_tv_uint64(version_of(&a[0])->number[1]);
    return 0;
}

SLIP_TMPL_FN(version_patch)
{
    *out = slip_tv_uint64(version_of(&a[0])->number[2]);
    return 0;
}

SLIP_TMPL_FN(version_prerelease)
{
    *out = slip_tv_str(version_of(&a[0])->pre);
    return 0;
}

SLIP_TMPL_FN(version_metadata)
{
    *out = slip_tv_str(version_of(&a[0])->metadata);
    return 0;
}

SLIP_TMPL_FN(version_original)
{
    *out = slip_tv_str(version_of(&a[0])->original);
    return 0;
}

SLIP_TMPL_FN(version_string)
{
    SLIP_AUTO(slip_buf) b = slip_tmpl_buf(c);
    print_version(a[0].object, &b);
    return slip_tmpl_give(c, &b, out);
}

/* The next version in which number `i` is one more and those behind it are 0. */
static int increment(struct slip_tmpl_call *c, const struct slip_tv *a, int i, struct slip_tv *out)
{
    struct version v = *version_of(a);
    v.number[i]++;
    for (int k = i + 1; k < 3; k++)
        v.number[k] = 0;
    v.pre = v.metadata = (struct slip_str){ "", 0 };
    return give_version(c, &value_class, &v, out);
}

SLIP_TMPL_FN(version_inc_major)
{
    return increment(c, a, 0, out);
}

SLIP_TMPL_FN(version_inc_minor)
{
    return increment(c, a, 1, out);
}

/* A pre-release becomes the release that it comes before. */
SLIP_TMPL_FN(version_inc_patch)
{
    struct version v = *version_of(&a[0]);
    if (v.pre.len == 0)
        return increment(c, a, 2, out);
    v.pre = v.metadata = (struct slip_str){ "", 0 };
    return give_version(c, &value_class, &v, out);
}

/* What is wrong with the identifiers, or NULL. */
static const char *ids_complaint(struct slip_str ids, bool pre)
{
    struct slip_str id;
    bool more = ids.len > 0;
    while (more) {
        more = slip_str_cut(ids, '.', &id, &ids);
        if (id.len == 0)
            return "Invalid Metadata string";
        if (pre && is_number(id) && id.len > 1 && id.ptr[0] == '0')
            return "Version segment starts with 0";
        if (run_of(id, is_id) < id.len)
            return pre ? "Invalid Prerelease string" : "Invalid Metadata string";
    }
    return NULL;
}

SLIP_TMPL_FN(version_set_prerelease)
{
    struct version v = *version_of(&a[0]);
    const char *complaint = ids_complaint(a[1].s, true);
    if (complaint)
        return slip_tmpl_fail(c, "%s", complaint);
    v.pre = a[1].s;
    return give_version(c, &value_class, &v, out);
}

SLIP_TMPL_FN(version_set_metadata)
{
    struct version v = *version_of(&a[0]);
    const char *complaint = ids_complaint(a[1].s, false);
    if (complaint)
        return slip_tmpl_fail(c, "%s", complaint);
    v.metadata = a[1].s;
    return give_version(c, &value_class, &v, out);
}

static const struct slip_tmpl_func pointer_methods[] = {
    { "Compare", "V", version_compare, "" },
    { "Equal", "V", version_equal, "" },
    { "GreaterThan", "V", version_greater, "" },
    { "GreaterThanEqual", "V", version_greater_equal, "" },
    { "IncMajor", "", version_inc_major, "" },
    { "IncMinor", "", version_inc_minor, "" },
    { "IncPatch", "", version_inc_patch, "" },
    { "LessThan", "V", version_less, "" },
    { "LessThanEqual", "V", version_less_equal, "" },
    { "Major", "", version_major, "" },
    { "Metadata", "", version_metadata, "" },
    { "Minor", "", version_minor, "" },
    { "Original", "", version_original, "" },
    { "Patch", "", version_patch, "" },
    { "Prerelease", "", version_prerelease, "" },
    { "SetMetadata", "s", version_set_metadata, "" },
    { "SetPrerelease", "s", version_set_prerelease, "" },
    { "String", "", version_string, "" },
};

/* What IncMajor and the like give: not a pointer, so without the methods that need one. */
static const struct slip_tmpl_func value_methods[] = {
    { "IncMajor", "", version_inc_major, "" },
    { "IncMinor", "", version_inc_minor, "" },
    { "IncPatch", "", version_inc_patch, "" },
    { "Major", "", version_major, "" },
    { "Metadata", "", version_metadata, "" },
    { "Minor", "", version_minor, "" },
    { "Patch", "", version_patch, "" },
    { "Prerelease", "", version_prerelease, "" },
    { "SetMetadata", "s", version_set_metadata, "" },
    { "SetPrerelease", "s", version_set_prerelease, "" },
    { "String", "", version_string, "" },
};

static const char *const hidden[] = {
    "major", "minor", "patch", "pre", "metadata", "original", NULL
};

static void version_fields(const void *object, struct slip_tv *out)
{
    const struct version *v = object;
    for (size_t i = 0; i < 3; i++)
        out[i] = slip_tv_uint64(v->number[i]);
    out[3] = slip_tv_str(v->pre);
    out[4] = slip_tv_str(v->metadata);
    out[5] = slip_tv_str(v->original);
}

static const struct version blank;

static const struct slip_tv_class pointer_class = {
    .type = "*semver.Version",
    .elem = "semver.Version",
    .kind = "ptr",
    .methods = pointer_methods,
    .n_methods = SLIP_COUNT(pointer_methods),
    .hidden = hidden,
    .fields = version_fields,
    .print = print_version,
    .marshal = marshal_version,
    .blank = &blank,
    .equal = versions_equal,
};

static const struct slip_tv_class value_class = {
    .type = "semver.Version",
    .kind = "struct",
    .methods = value_methods,
    .n_methods = SLIP_COUNT(value_methods),
    .hidden = hidden,
    .fields = version_fields,
    .print = print_version,
    .marshal = marshal_version,
    .blank = &blank,
    .equal = versions_equal,
};

static const struct slip_tmpl_func table[] = {
    { "semver", "s", fn_semver, "the semantic version that a text stands for" },
    { "semverCompare", "ss", fn_semver_compare, "whether the version satisfies the constraints" },
};
const struct slip_tmpl_funcs slip_tmpl_funcs_semver = SLIP_TMPL_FUNCS(table);
