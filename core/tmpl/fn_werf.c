/* SPDX-License-Identifier: Apache-2.0 */
/* The functions that werf adds to the language: other templates, the environment, failing. */
#include "match/re2.h"
#include "tmpl/fmt.h"
#include "tmpl/run.h"

/* ---- include, tpl ---- */

/* With template debugging a failure shows the innermost template that it came through. */
static void add_details(struct slip_tmpl_call *c, const struct slip_tmpl_tree *tree,
                        struct slip_buf *out)
{
    if (slip_str_find_str(slip_buf_str(out), SLIP_STR("\n\nDetails:\n")) != SLIP_NPOS)
        return;
    slip_buf_add_fmt(out,
                     "\n\nDetails:\n  Function name: \"%s\"\n  Template name: ", c->func->name);
    slip_fmt_quote(tree->name, false, out);
    slip_buf_add_c(out, "\n  Template content:\n");
    struct slip_str rest = tree->source->text, line;
    for (unsigned n = 1; slip_str_line(&rest, &line); n++)
        slip_buf_add_fmt(out, "%6u  %.*s\n", n, SLIP_ARG(line));
}

static int execute(struct slip_tmpl_call *c, const struct slip_tmpl_tree *tree,
                   const struct slip_tv *dot, struct slip_tv *out)
{
    SLIP_AUTO(slip_buf) text = slip_tmpl_buf(c);
    if (slip_tmpl_execute(c->run, tree, dot, &text) == 0)
        return slip_tmpl_give(c, &text, out);
    SLIP_AUTO(slip_buf) message = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_buf_add_str(&message, c->run->error);
    if (c->host->debug)
        add_details(c, tree, &message);
    return slip_tmpl_fail_str(c, slip_buf_str(&message));
}

static int fn_include(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n,
                      struct slip_tv *out)
{
    (void)n;
    const struct slip_tmpl *set = c->run->set;
    const struct slip_tmpl_tree *tree = slip_map_get(set->templates, a[0].s);
    if (tree)
        return execute(c, tree, &a[1], out);
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_buf_add_c(&text, "template: no template ");
    slip_fmt_quote(a[0].s, false, &text);
    slip_buf_add_c(&text, " associated with template ");
    slip_fmt_quote(set->name, false, &text);
    return slip_tmpl_fail_str(c, slip_buf_str(&text));
}

static uint32_t adler32(struct slip_str s)
{
    enum { PIECE = 5552 }; /* bytes whose sums fit into 32 bits */
    uint32_t a = 1, b = 0;
    while (s.len) {
        struct slip_str piece = slip_str_first(s, PIECE);
        for (size_t i = 0; i < piece.len; i++) {
            a += (unsigned char)piece.ptr[i];
            b += a;
        }
        a %= 65521;
        b %= 65521;
        s = slip_str_skip(s, piece.len);
    }
    return b << 16 | a;
}

/* Parse a text given to tpl, or remember what it was parsed to: what it defines counts anew. */
static int add_tpl(struct slip_tmpl_call *c, struct slip_str name, struct slip_str text)
{
    struct slip_tmpl *set = c->run->set;
    struct slip_map *trees = slip_map_get(set->tpl_trees, name);
    if (trees) {
        const struct slip_tmpl_tree *tree = slip_map_get(trees, name);
        if (slip_str_eq(tree->source->text, text)) {
            slip_tmpl_associate(set, trees);
            return 0;
        }
    }
    struct slip_str message;
    if (slip_tmpl_add_source(set, name, text, &trees, &message) < 0)
        return slip_tmpl_fail_str(c, message);
    slip_map_set(set->tpl_trees, name, trees);
    return 0;
}

static int fn_tpl(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n, struct slip_tv *out)
{
    (void)n;
    char name[16];
    snprintf(name, sizeof(name), "tpl-%u", adler32(a[0].s));
    if (add_tpl(c, slip_str_of(name), a[0].s) < 0)
        return -1;
    return execute(c, slip_map_get(c->run->set->templates, slip_str_of(name)), &a[1], out);
}

/* ---- debugging ---- */

static void tell(struct slip_tmpl_call *c, struct slip_str text)
{
    if (c->host->debug)
        slip_watch_step(c->host->watch, c->func->name, "%.*s", SLIP_ARG(text));
}

static int fn_include_debug(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n,
                            struct slip_tv *out)
{
    if (fn_include(c, a, n, out) < 0)
        return -1;
    tell(c, out->s);
    return 0;
}

static int fn_tpl_debug(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n,
                        struct slip_tv *out)
{
    if (fn_tpl(c, a, n, out) < 0)
        return -1;
    tell(c, out->s);
    return 0;
}

static int fn_printf_debug(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n,
                           struct slip_tv *out)
{
    *out = slip_tv_str(SLIP_STR(""));
    if (!c->host->debug)
        return 0;
    SLIP_AUTO(slip_buf) text = slip_tmpl_buf(c);
    slip_fmt_printf(a[0].s, a + 1, n - 1, &text);
    tell(c, slip_buf_str(&text));
    return 0;
}

static int fn_dump_debug(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n,
                         struct slip_tv *out)
{
    (void)n;
    *out = slip_tv_str(SLIP_STR(""));
    if (!c->host->debug)
        return 0;
    SLIP_AUTO(slip_buf) text = slip_tmpl_buf(c);
    slip_fmt_printf(SLIP_STR("%#v"), a, 1, &text);
    tell(c, slip_buf_str(&text));
    return 0;
}

/* ---- env ---- */

/* "/regexp/" for the whole name, or the name itself. */
static int name_matches(struct slip_tmpl_call *c, struct slip_str pattern, struct slip_str name,
                        bool *out)
{
    *out = slip_str_eq(pattern, name);
    if (pattern.len < 2 || pattern.ptr[0] != '/' || pattern.ptr[pattern.len - 1] != '/')
        return 0;
    SLIP_AUTO(slip_buf) whole = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_buf_add_fmt(&whole, "^%.*s$", (int)pattern.len - 2, pattern.ptr + 1);
    SLIP_AUTO_PTR(slip_re2) re = NULL;
    struct slip_error err = { 0 };
    if (slip_re2_compile(slip_buf_str(&whole), &re, &err) < 0)
        return slip_tmpl_fail(c, "%s", err.text);
    *out = slip_re2_match(re, name);
    return 0;
}

static int check_allowed(struct slip_tmpl_call *c, struct slip_str name)
{
    const struct slip_tmpl_host *host = c->host;
    bool allowed = host->any_variable;
    for (size_t i = 0; i < host->n_allowed_variables && !allowed; i++)
        if (name_matches(c, host->allowed_variables[i], name, &allowed) < 0)
            return -1;
    if (allowed)
        return 0;
    SLIP_AUTO(slip_buf) quoted = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_fmt_quote(name, false, &quoted);
    return slip_tmpl_fail(c,
                          "the configuration with potential external dependency found in the werf "
                          "config: env name %s not allowed by giterminism",
                          quoted.ptr);
}

static const char *variable(const struct slip_tmpl_host *host, struct slip_str name)
{
    SLIP_AUTO_FREE char *s = slip_memdup(name.ptr, name.len);
    return host->variable && strlen(s) == name.len ? host->variable(host->payload, s) : NULL;
}

static int fn_env(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n, struct slip_tv *out)
{
    struct slip_str name;
    if (n > 2)
        return slip_tmpl_fail(c, "more than 1 optional argument prohibited");
    if (slip_tmpl_strval(c, &a[0], &name) < 0 || check_allowed(c, name) < 0)
        return -1;
    const char *value = variable(c->host, name);
    if (n == 2 && (!value || !value[0])) {
        *out = a[1];
        return 0;
    }
    if (!value && !c->host->unset_is_empty) {
        SLIP_AUTO(slip_buf) quoted = SLIP_BUF(SLIP_LIMIT_TEXT);
        slip_fmt_quote(name, false, &quoted);
        return slip_tmpl_fail(
            c, "the environment variable %s must be set or default must be provided", quoted.ptr);
    }
    *out = slip_tv_str(slip_arena_str(c->arena, slip_str_of(value)));
    return 0;
}

/* ---- failing ---- */

static int fn_fail(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n, struct slip_tv *out)
{
    (void)n, (void)out;
    return slip_tmpl_fail_str(c, a[0].s);
}

static int fn_required(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n,
                       struct slip_tv *out)
{
    (void)n;
    if (slip_tv_is_nil(&a[1]) || (a[1].type == SLIP_TV_STRING && a[1].s.len == 0))
        return slip_tmpl_fail_str(c, a[0].s);
    *out = a[1];
    return 0;
}

/* clang-format off */
static const struct slip_tmpl_func table[] = {
    { "dump_debug",    "a",   fn_dump_debug,    "with template debugging: tell the value" },
    { "env",           "as.", fn_env,           "a variable of the environment, or the default" },
    { "fail",          "s",   fn_fail,          "stop with that message" },
    { "include",       "sa",  fn_include,       "the output of a template" },
    { "include_debug", "sa",  fn_include_debug, "as include, and tell the output" },
    { "printf_debug",  "sa.", fn_printf_debug,  "with template debugging: tell the text" },
    { "required",      "sa",  fn_required,      "the value, or stop with that message when it is nil or \"\"" },
    { "tpl",           "sa",  fn_tpl,           "the output of a text that is a template" },
    { "tpl_debug",     "sa",  fn_tpl_debug,     "as tpl, and tell the output" },
};
/* clang-format on */
const struct slip_tmpl_funcs slip_tmpl_funcs_werf = SLIP_TMPL_FUNCS(table);
