/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions that a template may call: one row each, in tables sorted by name. The evaluator has
 * checked number and types of the arguments against the signature before the function runs.
 *
 *     static int fn_trunc(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n,
 *                         struct slip_tv *out);
 *     const struct slip_tmpl_func slip_tmpl_funcs_strings[] = {
 *         { "trunc", "is", fn_trunc, "the first N bytes of a text, or the last -N" },
 *     };
 */
#ifndef SLIP_TMPL_FUNC_H
#define SLIP_TMPL_FUNC_H

#include "tmpl/limits.h"
#include "tmpl/value.h"

struct slip_tmpl_host;
struct slip_tmpl_run;
struct slip_tmpl_func;
struct slip_node;

/* One call. */
struct slip_tmpl_call {
    struct slip_arena *arena;          /* for everything that lives as long as the rendering */
    const struct slip_tmpl_host *host; /* clock, randomness, environment, files: tmpl/tmpl.h */
    struct slip_tmpl_run *run;         /* the evaluator, for include and tpl */
    const struct slip_tmpl_func *func;
    const struct slip_node *node; /* the call as it was parsed, for error texts */
    struct slip_str error;        /* why it failed; in the arena */
};

/* 0, or -1 after slip_tmpl_fail. `out` is nil when the function does not set it. */
typedef int slip_tmpl_fn(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n,
                         struct slip_tv *out);

/*
 * A signature has one letter per parameter; a "." at the end makes the last one variadic.
 *
 *     a any (nil when missing)   s string   b bool   i int   I int64   u uint32   f float64
 *     v any, where a null in a container and nothing differ (see `boxed`)
 *     D map[string]interface {} (map may be NULL)    L []interface {} (list may be NULL)
 *     S []string    T time.Time    V *semver.Version (may be nil)    C sprig.certificate
 */
struct slip_tmpl_func {
    const char *name;
    const char *signature;
    slip_tmpl_fn *call;
    const char *summary; /* for the manual page */
};

struct slip_tmpl_funcs {
    const struct slip_tmpl_func *at;
    size_t len;
};

#define SLIP_TMPL_FUNCS(table)                                                                     \
    {                                                                                              \
        (table), SLIP_COUNT(table)                                                                 \
    }

/* The tables, each beside its functions. A name in an earlier one wins. func.c lists them. */
extern const struct slip_tmpl_funcs slip_tmpl_funcs_werf; /* include, tpl, env, ... */
extern const struct slip_tmpl_funcs slip_tmpl_funcs_yaml;
extern const struct slip_tmpl_funcs slip_tmpl_funcs_builtin; /* of the language: and, index, ... */

/* All names, to be found at once. There are about 260 functions. */
struct slip_tmpl_names {
    const struct slip_tmpl_func *slots[1024];
};
void slip_tmpl_names_init(struct slip_tmpl_names *names);

/* NULL: no such function. */
const struct slip_tmpl_func *slip_tmpl_func_find(const struct slip_tmpl_names *names,
                                                 struct slip_str name);
const struct slip_tmpl_func *slip_tmpl_func_in(const struct slip_tmpl_func *table, size_t len,
                                               struct slip_str name);

/* The next function in order of names (NULL: the first), NULL after the last: for the manual page.
 */
const struct slip_tmpl_func *slip_tmpl_func_after(const struct slip_tmpl_func *previous);

/* ---- for the functions ---- */

/* Fail with that text; the evaluator adds place and "error calling NAME: ". Always returns -1. */
int slip_tmpl_fail(struct slip_tmpl_call *c, const char *fmt, ...) SLIP_PRINTF(2, 3);
int slip_tmpl_fail_str(struct slip_tmpl_call *c, struct slip_str text);

/* Count work that is more than the size of the arguments tells (quadratic, slow): a template has
 * only so many steps. */
SLIP_MUST_USE int slip_tmpl_spend(struct slip_tmpl_call *c, uint64_t steps);

/*
 * Ask before making something whose size is not bounded by the size of the arguments (repeat,
 * until): `n` pieces of `size` bytes fit into what the rendering may still use, or the call fails.
 */
SLIP_MUST_USE int slip_tmpl_room(struct slip_tmpl_call *c, uint64_t n, size_t size);

/* A buffer that may take as much as the rendering may still use. */
struct slip_buf slip_tmpl_buf(struct slip_tmpl_call *c);

/* `out` becomes the text of the buffer, which is empty then; fails when the buffer ran full. */
SLIP_MUST_USE int slip_tmpl_give(struct slip_tmpl_call *c, struct slip_buf *b, struct slip_tv *out);

/*
 * sprig's text of a value: a string as it is, else as %v prints it. Fails when it is too deep or
 * too large.
 */
SLIP_MUST_USE int slip_tmpl_strval(struct slip_tmpl_call *c, const struct slip_tv *v,
                                   struct slip_str *out);

#endif
