/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of functions (fn_*.c) share. Inside this room only. */
#ifndef SLIP_TMPL_FN_H
#define SLIP_TMPL_FN_H

#include "base/vec.h"
#include "tmpl/fmt.h"
#include "tmpl/func.h"

/* The head of a function: its call `c`, its `n` arguments `a`, its result `out`. */
#define SLIP_TMPL_FN(name)                                                                         \
    static int name(SLIP_UNUSED struct slip_tmpl_call *c, SLIP_UNUSED const struct slip_tv *a,     \
                    SLIP_UNUSED size_t n, SLIP_UNUSED struct slip_tv *out)

/* What Go says when a function meets nil where it needs a value. */
#define SLIP_TMPL_NIL_POINTER "runtime error: invalid memory address or nil pointer dereference"

/* A number from any value: text by its prefix, bool as 1 or 0, everything else that is none as 0;
 * a float loses its fraction (cast.ToInt64 and cast.ToFloat64). */
int64_t slip_tmpl_int64(const struct slip_tv *v);
double slip_tmpl_float(const struct slip_tv *v);

/* As Go converts on amd64: what does not fit is the smallest number. */
int64_t slip_tmpl_float_to_int64(double f);

/* Lists under construction; the elements move into the arena at the end. */
struct slip_tmpl_items {
    SLIP_VEC(struct slip_tv);
};
/* Add one; when there is no room the items are cleared and the call fails. */
SLIP_MUST_USE int slip_tmpl_push(struct slip_tmpl_call *c, struct slip_tmpl_items *items,
                                 struct slip_tv v);
/*
 * Give the items as a list of that type, and clear them; fails when there is no room for them. In
 * Go the list was made with the capacity `made`, and its elements were appended one by one.
 */
SLIP_MUST_USE int slip_tmpl_give_list(struct slip_tmpl_call *c, enum slip_tv_type type,
                                      struct slip_tmpl_items *items, size_t made,
                                      struct slip_tv *out);

/* The texts of a value (sprig's toStrings): of a list those of its elements without nil, of nil
 * none, of another value its own. */
SLIP_MUST_USE int slip_tmpl_strings(struct slip_tmpl_call *c, const struct slip_tv *v,
                                    struct slip_tv *out);

/* The byte at which `s` stops being base64 (line breaks do not count), as Go's decoder names it. */
size_t slip_tmpl_base64_error(struct slip_str s);

/* ---- one table per file ---- */

extern const struct slip_tmpl_funcs slip_tmpl_funcs_text;
extern const struct slip_tmpl_funcs slip_tmpl_funcs_case;
extern const struct slip_tmpl_funcs slip_tmpl_funcs_encoding;
extern const struct slip_tmpl_funcs slip_tmpl_funcs_json;
extern const struct slip_tmpl_funcs slip_tmpl_funcs_regex;
extern const struct slip_tmpl_funcs slip_tmpl_funcs_number;
extern const struct slip_tmpl_funcs slip_tmpl_funcs_decimal;
extern const struct slip_tmpl_funcs slip_tmpl_funcs_logic;
extern const struct slip_tmpl_funcs slip_tmpl_funcs_list;
extern const struct slip_tmpl_funcs slip_tmpl_funcs_dict;
extern const struct slip_tmpl_funcs slip_tmpl_funcs_merge;
extern const struct slip_tmpl_funcs slip_tmpl_funcs_path;
extern const struct slip_tmpl_funcs slip_tmpl_funcs_url;
extern const struct slip_tmpl_funcs slip_tmpl_funcs_semver;
extern const struct slip_tmpl_funcs slip_tmpl_funcs_date;
extern const struct slip_tmpl_funcs slip_tmpl_funcs_crypto;
extern const struct slip_tmpl_funcs slip_tmpl_funcs_random;

#endif
