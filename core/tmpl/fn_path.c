/* SPDX-License-Identifier: Apache-2.0 */
/* Functions on slash-separated paths; those of the operating system are the same ones. */
#include "tmpl/fn.h"

#include "base/path.h"

static int give_clean(struct slip_tmpl_call *c, struct slip_str path, struct slip_tv *out)
{
    SLIP_AUTO(slip_buf) b = slip_tmpl_buf(c);
    slip_path_clean(path, &b);
    return slip_tmpl_give(c, &b, out);
}

SLIP_TMPL_FN(fn_clean)
{
    return give_clean(c, a[0].s, out);
}

SLIP_TMPL_FN(fn_dir)
{
    size_t slash = slip_str_rfind(a[0].s, '/');
    return give_clean(c, slip_str_first(a[0].s, slash == SLIP_NPOS ? 0 : slash + 1), out);
}

SLIP_TMPL_FN(fn_base)
{
    struct slip_str s = a[0].s;
    while (s.len && s.ptr[s.len - 1] == '/')
        s.len--;
    size_t slash = slip_str_rfind(s, '/');
    s = slip_str_skip(s, slash == SLIP_NPOS ? 0 : slash + 1);
    if (s.len == 0)
        s = a[0].s.len ? SLIP_STR("/") : SLIP_STR(".");
    *out = slip_tv_str(s);
    return 0;
}

SLIP_TMPL_FN(fn_ext)
{
    struct slip_str s = a[0].s;
    size_t slash = slip_str_rfind(s, '/');
    s = slip_str_skip(s, slash == SLIP_NPOS ? 0 : slash + 1);
    *out = slip_tv_str(slip_str_skip(s, slip_str_rfind(s, '.')));
    return 0;
}

SLIP_TMPL_FN(fn_is_abs)
{
    *out = slip_tv_bool(a[0].s.len && a[0].s.ptr[0] == '/');
    return 0;
}

static const struct slip_tmpl_func table[] = {
    { "base", "s", fn_base, "the last element of the path" },
    { "clean", "s", fn_clean, "the shortest equal path" },
    { "dir", "s", fn_dir, "the path without its last element" },
    { "ext", "s", fn_ext, "the extension of the file name, with its dot" },
    { "isAbs", "s", fn_is_abs, "whether the path begins at the root" },
    { "osBase", "s", fn_base, "as base" },
    { "osClean", "s", fn_clean, "as clean" },
    { "osDir", "s", fn_dir, "as dir" },
    { "osExt", "s", fn_ext, "as ext" },
    { "osIsAbs", "s", fn_is_abs, "as isAbs" },
};
const struct slip_tmpl_funcs slip_tmpl_funcs_path = SLIP_TMPL_FUNCS(table);
