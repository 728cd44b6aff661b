/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of the language itself. */
#include "tmpl/fmt.h"
#include "tmpl/func.h"

static int fn_not(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n, struct slip_tv *out)
{
    (void)c, (void)n;
    *out = slip_tv_bool(!slip_tv_truth(&a[0]));
    return 0;
}

static int fn_len(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n, struct slip_tv *out)
{
    (void)n;
    if (slip_tv_is_nil(&a[0]))
        return slip_tmpl_fail(c, "reflect: call of reflect.Value.Type on zero Value");
    if (a[0].type == SLIP_TV_STRING)
        *out = slip_tv_int((int64_t)a[0].s.len);
    else if (slip_tv_is_list(&a[0]))
        *out = slip_tv_int((int64_t)slip_tv_list_len(&a[0]));
    else if (slip_tv_is_map(&a[0]))
        *out = slip_tv_int((int64_t)slip_tv_map_len(a[0].map));
    else
        return slip_tmpl_fail(c, "len of type %s", slip_tv_elem_name(&a[0]));
    return 0;
}

static const struct slip_tmpl_func table[] = {
    { "len", "a", fn_len, "bytes of a text, elements of a list or map" },
    { "not", "a", fn_not, "true when the value is empty" },
};
const struct slip_tmpl_funcs slip_tmpl_funcs_builtin = SLIP_TMPL_FUNCS(table);
