/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Semantic versions.
 *
 *   version    := core [ "-" dotted ] [ "+" dotted ]
 *   core       := number "." number "." number      loose: the last one or two may be missing
 *   number     := "0" | digit without 0, digits     at most 2^63-1
 *   dotted     := identifier { "." identifier }
 *   identifier := one or more of [0-9A-Za-z-]; before "+" no leading zero in one of digits alone
 */
#include "rule/semver.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_identifier_char(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

static bool is_numeric(struct slip_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_digit(s.ptr[i]))
            return false;
    return s.len > 0;
}

static int take_prefix(struct slip_str *rest, struct slip_str prefix, struct slip_error *err)
{
    if (slip_str_is(prefix, "auto")) {
        if (rest->len && (rest->ptr[0] == 'v' || rest->ptr[0] == 'V'))
            *rest = slip_str_skip(*rest, 1);
        return 0;
    }
    if (!slip_str_starts(*rest, prefix))
        return slip_fail(err, SLIP_E_CONFIG, "it does not begin with '%.*s'", SLIP_ARG(prefix));
    *rest = slip_str_skip(*rest, prefix.len);
    return 0;
}

static int take_number(struct slip_str *rest, const char *name, uint64_t *out,
                       struct slip_error *err)
{
    size_t n = 0;
    while (n < rest->len && is_digit(rest->ptr[n]))
        n++;
    struct slip_str digits = slip_str_first(*rest, n);
    if (n == 0)
        return slip_fail(err, SLIP_E_CONFIG, "missing %s number", name);
    if (n > 1 && digits.ptr[0] == '0')
        return slip_fail(err, SLIP_E_CONFIG, "%s number has a leading zero", name);
    if (!slip_str_to_u64(digits, out) || *out > INT64_MAX)
        return slip_fail(err, SLIP_E_CONFIG, "%s number is too large", name);
    *rest = slip_str_skip(*rest, n);
    return 0;
}

static int take_core(struct slip_str *rest, bool loose, uint64_t numbers[3], struct slip_error *err)
{
    static const char *const names[] = { "major", "minor", "patch" };
    for (size_t i = 0; i < 3; i++) {
        if (i > 0) {
            bool dot = rest->len && rest->ptr[0] == '.';
            if (!dot && loose)
                return 0;
            if (!dot)
                return slip_fail(err, SLIP_E_CONFIG, "missing %s number", names[i]);
            *rest = slip_str_skip(*rest, 1);
        }
        if (take_number(rest, names[i], &numbers[i], err) < 0)
            return -1;
    }
    return 0;
}

/* `*rest` begins after the "-" or "+". */
static int take_dotted(struct slip_str *rest, const char *what, bool zeros_allowed,
                       struct slip_str *out, struct slip_error *err)
{
    size_t n = 0;
    while (n < rest->len && (is_identifier_char(rest->ptr[n]) || rest->ptr[n] == '.'))
        n++;
    struct slip_str all = slip_str_first(*rest, n), left = all, one;
    bool more = true;
    while (more) {
        more = slip_str_cut(left, '.', &one, &left);
        if (one.len == 0)
            return slip_fail(err, SLIP_E_CONFIG, "%s has an empty part", what);
        if (!zeros_allowed && one.len > 1 && one.ptr[0] == '0' && is_numeric(one))
            return slip_fail(err, SLIP_E_CONFIG, "%s has a number with a leading zero", what);
    }
    *out = all;
    *rest = slip_str_skip(*rest, n);
    return 0;
}

int slip_semver_parse(struct slip_str text, struct slip_str prefix, bool loose,
                      struct slip_semver *out, struct slip_error *err)
{
    struct slip_str rest = text;
    if (take_prefix(&rest, prefix, err) < 0)
        return -1;
    struct slip_semver v = { .text = rest };
    uint64_t numbers[3] = { 0 };
    if (take_core(&rest, loose, numbers, err) < 0)
        return -1;
    if (rest.len && rest.ptr[0] == '-') {
        rest = slip_str_skip(rest, 1);
        if (take_dotted(&rest, "prerelease", false, &v.prerelease, err) < 0)
            return -1;
    }
    if (rest.len && rest.ptr[0] == '+') {
        rest = slip_str_skip(rest, 1);
        if (take_dotted(&rest, "build metadata", true, &v.build, err) < 0)
            return -1;
    }
    if (rest.len)
        return slip_fail(err, SLIP_E_CONFIG, "unexpected text '%.*s'", SLIP_ARG(rest));
    v.major = numbers[0];
    v.minor = numbers[1];
    v.patch = numbers[2];
    *out = v;
    return 0;
}

static int cmp_u64(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

/* Numbers by value (any length), below words; words in ASCII order. */
static int cmp_identifier(struct slip_str a, struct slip_str b)
{
    bool na = is_numeric(a), nb = is_numeric(b);
    if (na != nb)
        return na ? -1 : 1;
    if (na && a.len != b.len)
        return a.len < b.len ? -1 : 1;
    return slip_str_cmp(a, b);
}

static int cmp_prerelease(struct slip_str a, struct slip_str b)
{
    if (a.len == 0 || b.len == 0)
        return a.len == b.len ? 0 : a.len == 0 ? 1 : -1;
    for (;;) {
        struct slip_str one_a, one_b;
        bool more_a = slip_str_cut(a, '.', &one_a, &a);
        bool more_b = slip_str_cut(b, '.', &one_b, &b);
        int c = cmp_identifier(one_a, one_b);
        if (c != 0)
            return c;
        if (!more_a || !more_b)
            return more_a ? 1 : more_b ? -1 : 0;
    }
}

int slip_semver_cmp(const struct slip_semver *a, const struct slip_semver *b)
{
    int c = cmp_u64(a->major, b->major);
    if (c == 0)
        c = cmp_u64(a->minor, b->minor);
    if (c == 0)
        c = cmp_u64(a->patch, b->patch);
    return c ? c : cmp_prerelease(a->prerelease, b->prerelease);
}

void slip_semver_print(const struct slip_semver *v, bool full, struct slip_buf *out)
{
    slip_buf_add_fmt(out, "%ju.%ju.%ju", (uintmax_t)v->major, (uintmax_t)v->minor,
                     (uintmax_t)v->patch);
    if (full && v->prerelease.len)
        slip_buf_add_fmt(out, "-%.*s", SLIP_ARG(v->prerelease));
    if (full && v->build.len)
        slip_buf_add_fmt(out, "+%.*s", SLIP_ARG(v->build));
}
