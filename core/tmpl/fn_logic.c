/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that choose between values and tell their types. */
#include "tmpl/fn.h"

static int give_bool(struct slip_tv *out, bool b)
{
    *out = slip_tv_bool(b);
    return 0;
}

static int give_name(struct slip_tv *out, const char *name)
{
    *out = slip_tv_str(slip_str_of(name));
    return 0;
}

SLIP_TMPL_FN(fn_default)
{
    *out = n > 1 && slip_tv_truth(&a[1]) ? a[1] : a[0];
    return 0;
}

SLIP_TMPL_FN(fn_empty)
{
    return give_bool(out, !slip_tv_truth(&a[0]));
}

static const struct slip_tv *first_with_truth(const struct slip_tv *a, size_t n, bool truth)
{
    for (size_t i = 0; i < n; i++)
        if (slip_tv_truth(&a[i]) == truth)
            return &a[i];
    return NULL;
}

SLIP_TMPL_FN(fn_coalesce)
{
    const struct slip_tv *v = first_with_truth(a, n, true);
    if (v)
        *out = *v;
    return 0;
}

SLIP_TMPL_FN(fn_all)
{
    return give_bool(out, first_with_truth(a, n, false) == NULL);
}

SLIP_TMPL_FN(fn_any)
{
    return give_bool(out, first_with_truth(a, n, true) != NULL);
}

SLIP_TMPL_FN(fn_ternary)
{
    *out = a[2].b ? a[0] : a[1];
    return 0;
}

SLIP_TMPL_FN(fn_type_of)
{
    return give_name(out, slip_tv_type_name(&a[0]));
}

SLIP_TMPL_FN(fn_type_is)
{
    return give_bool(out, slip_str_is(a[0].s, slip_tv_type_name(&a[1])));
}

/* Also when the value is a pointer to that type. */
SLIP_TMPL_FN(fn_type_is_like)
{
    const char *type = slip_tv_type_name(&a[1]);
    return give_bool(out, slip_str_is(a[0].s, type)
                              || (type[0] == '*' && slip_str_is(a[0].s, type + 1)));
}

SLIP_TMPL_FN(fn_kind_of)
{
    return give_name(out, slip_tv_kind_name(&a[0]));
}

SLIP_TMPL_FN(fn_kind_is)
{
    return give_bool(out, slip_str_is(a[0].s, slip_tv_kind_name(&a[1])));
}

SLIP_TMPL_FN(fn_deep_equal)
{
    uint64_t steps = 0;
    give_bool(out, slip_tv_deep_equal_counted(&a[0], &a[1], &steps));
    return slip_tmpl_spend(c, steps);
}

static const struct slip_tmpl_func table[] = {
    { "all", "a.", fn_all, "whether no value is empty" },
    { "any", "a.", fn_any, "whether some value is not empty" },
    { "coalesce", "a.", fn_coalesce, "the first value that is not empty" },
    { "deepEqual", "aa", fn_deep_equal, "whether type and content are equal" },
    { "default", "aa.", fn_default, "the second value, or the first when it is empty" },
    { "empty", "a", fn_empty, "whether the value is empty: false, 0, no text, no element" },
    { "kindIs", "sa", fn_kind_is, "whether the value is of that kind" },
    { "kindOf", "a", fn_kind_of, "string, int, float64, bool, slice, map, ..." },
    { "ternary", "aab", fn_ternary, "the first value when the third is true, else the second" },
    { "typeIs", "sa", fn_type_is, "whether the value is of that Go type" },
    { "typeIsLike", "sa", fn_type_is_like, "whether it is of that Go type, or points to it" },
    { "typeOf", "a", fn_type_of, "Go's name of the type" },
};
const struct slip_tmpl_funcs slip_tmpl_funcs_logic = SLIP_TMPL_FUNCS(table);
