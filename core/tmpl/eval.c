/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Expressions: pipelines, commands, operands, calls. Which node a message names is part of Go's
 * behaviour: `s->node` is set exactly where Go's evaluator sets it.
 */
#include "tmpl/run.h"

#include "tmpl/builtin.h"

#define NO_FINAL NULL /* no value comes from the stage before */

static void at(struct slip_state *s, const struct slip_node *n)
{
    s->node = n;
}

/* MESSAGE node */
static bool fail_node(struct slip_state *s, const char *message, const struct slip_node *n,
                      const char *after)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_buf_add_c(&text, message);
    slip_node_print(n, &text);
    slip_buf_add_c(&text, after);
    return slip_state_fail_str(s, slip_buf_str(&text));
}

/* ---- parameters ---- */

struct param {
    const char *name;
    enum slip_tv_type type;
    char letter;
    bool nil; /* can be nil */
};

static const struct param *param(char letter)
{
    static const struct param params[] = {
        ['a'] = { "interface {}", SLIP_TV_INVALID, 'a', true },
        ['v'] = { "reflect.Value", SLIP_TV_INVALID, 'v', true },
        ['s'] = { "string", SLIP_TV_STRING, 's', false },
        ['i'] = { "int", SLIP_TV_INT, 'i', false },
        ['b'] = { "bool", SLIP_TV_BOOL, 'b', false },
        ['D'] = { "map[string]interface {}", SLIP_TV_DICT, 'D', true },
        ['f'] = { "float64", SLIP_TV_FLOAT, 'f', false },
        ['I'] = { "int64", SLIP_TV_INT64, 'I', false },
        ['u'] = { "uint32", SLIP_TV_UINT32, 'u', false },
        ['L'] = { "[]interface {}", SLIP_TV_LIST, 'L', true },
        ['S'] = { "[]string", SLIP_TV_STRINGS, 'S', true },
        ['T'] = { "time.Time", SLIP_TV_OBJECT, 'T', false },
        ['V'] = { "*semver.Version", SLIP_TV_OBJECT, 'V', true },
        ['C'] = { "sprig.certificate", SLIP_TV_OBJECT, 'C', false },
    };
    return &params[(unsigned char)letter];
}

struct signature {
    const char *letters;
    size_t n; /* parameters, the variadic one too */
    bool variadic;
};

static struct signature signature_of(const struct slip_tmpl_func *f)
{
    struct signature sig = { .letters = f->signature, .n = strlen(f->signature) };
    sig.variadic = sig.n > 0 && f->signature[sig.n - 1] == '.';
    sig.n -= sig.variadic;
    return sig;
}

static const struct param *param_at(const struct signature *sig, size_t i)
{
    return param(sig->letters[i < sig->n ? i : sig->n - 1]);
}

static bool fits(const struct slip_tv *v, const struct param *p)
{
    return v->type == p->type
           && (v->type != SLIP_TV_OBJECT || strcmp(v->class->type, p->name) == 0);
}

/* nil as the argument of a parameter that can be nil (`p` NULL: of any type). */
static struct slip_tv null_argument(const struct param *p)
{
    return !p || p->type == SLIP_TV_OBJECT ? slip_tv_nil() : slip_tv_null_of(p->type);
}

/* A value becomes an argument, or does not fit. */
static bool convert(struct slip_state *s, const struct slip_tv *v, const struct param *p,
                    struct slip_tv *out)
{
    if (slip_tv_is_nil(v) && !v->boxed && p->nil) {
        *out = null_argument(p);
        return true;
    }
    if (slip_tv_is_nil(v) && !v->boxed)
        return slip_state_fail(s, "invalid value; expected %s", p->name);
    bool any = p->letter == 'a' || p->letter == 'v';
    if (!any && !fits(v, p))
        return slip_state_fail(s, "wrong type for value; expected %s; got %s", p->name,
                               slip_tv_is_nil(v) ? "interface {}" : slip_tv_type_name(v));
    *out = *v;
    out->boxed = p->letter == 'v' && slip_tv_is_nil(v);
    return true;
}

/* ---- literals ---- */

/* A number where nothing says which type it should have. */
static bool ideal_number(struct slip_state *s, const struct slip_node *n, struct slip_tv *out)
{
    const struct slip_node_number *num = n->number;
    struct slip_str text = num->text;
    bool hex = text.len > 2 && text.ptr[0] == '0' && (text.ptr[1] | 0x20) == 'x';
    bool floats = false, power = false;
    for (size_t i = 0; i < text.len; i++) {
        power |= (text.ptr[i] | 0x20) == 'p';
        floats |= text.ptr[i] == '.' || (text.ptr[i] | 0x20) == 'e';
    }
    if (num->is_complex)
        *out = (struct slip_tv){ .type = SLIP_TV_COMPLEX, .c = { num->re, num->im } };
    else if (num->is_float && text.ptr[0] != '\'' && (power || (floats && !hex)))
        *out = slip_tv_float(num->f);
    else if (num->is_int)
        *out = slip_tv_int(num->i);
    else
        return slip_state_fail(s, "%.*s overflows int", SLIP_ARG(text));
    return true;
}

static bool literal(struct slip_state *s, const struct slip_node *n, struct slip_tv *out)
{
    if (n->kind == SLIP_NODE_NUMBER)
        return ideal_number(s, n, out);
    *out = n->kind == SLIP_NODE_BOOL ? slip_tv_bool(n->truth) : slip_tv_str(n->string.value);
    return true;
}

/* A literal as the argument of a typed parameter. */
static bool typed_literal(struct slip_state *s, const struct slip_node *n, const struct param *p,
                          struct slip_tv *out)
{
    const struct slip_node_number *num = n->kind == SLIP_NODE_NUMBER ? n->number : NULL;
    switch (p->letter) {
    case 'a':
    case 'v':
        return literal(s, n, out);
    case 's':
        if (n->kind != SLIP_NODE_STRING)
            return fail_node(s, "expected string; found ", n, "");
        *out = slip_tv_str(n->string.value);
        return true;
    case 'b':
        if (n->kind != SLIP_NODE_BOOL)
            return fail_node(s, "expected bool; found ", n, "");
        *out = slip_tv_bool(n->truth);
        return true;
    case 'i':
    case 'I':
        if (!num || !num->is_int)
            return fail_node(s, "expected integer; found ", n, "");
        *out = p->letter == 'i' ? slip_tv_int(num->i) : slip_tv_int64(num->i);
        return true;
    case 'u':
        if (!num || !num->is_uint)
            return fail_node(s, "expected unsigned integer; found ", n, "");
        *out = (struct slip_tv){ .type = SLIP_TV_UINT32, .u = (uint32_t)num->i };
        return true;
    case 'f':
        if (!num || !num->is_float)
            return fail_node(s, "expected float; found ", n, "");
        *out = slip_tv_float(num->f);
        return true;
    default: {
        SLIP_AUTO(slip_buf) of = SLIP_BUF(SLIP_LIMIT_TEXT);
        slip_buf_add_fmt(&of, " for arg of type %s", p->name);
        return fail_node(s, "can't handle ", n, of.ptr);
    }
    }
}

/* ---- calls ---- */

static bool eval_arg(struct slip_state *s, const struct slip_tv *dot, const struct param *p,
                     const struct slip_node *n, struct slip_tv *out);

/* What a call is made with: operands (the function itself not among them) and the value of the
 * stage before, or NULL. */
struct operands {
    struct slip_node *const *at;
    size_t n;
    const struct slip_tv *final;
};

static const struct operands no_operands = { 0 };

static bool check_count(struct slip_state *s, const struct slip_tmpl_func *f,
                        const struct signature *sig, const struct operands *ops)
{
    size_t given = ops->n + (ops->final != NULL);
    if (sig->variadic && given < sig->n - 1)
        return slip_state_fail(s, "wrong number of args for %s: want at least %zu got %zu", f->name,
                               sig->n - 1, ops->n);
    if (!sig->variadic && given != sig->n)
        return slip_state_fail(s, "wrong number of args for %s: want %zu got %zu", f->name, sig->n,
                               given);
    return true;
}

/* `and` and `or` stop at the first argument that decides. */
static bool short_circuit(struct slip_state *s, const struct slip_tv *dot, bool stop_at,
                          const struct operands *ops, struct slip_tv *out)
{
    for (size_t i = 0; i < ops->n; i++) {
        if (!eval_arg(s, dot, param('a'), ops->at[i], out))
            return false;
        if (slip_tv_truth(out) == stop_at)
            return true;
    }
    if (ops->final)
        *out = *ops->final;
    return true;
}

static uint64_t cost(const struct slip_tv *a, size_t n)
{
    uint64_t sum = 1;
    for (size_t i = 0; i < n; i++) {
        if (a[i].type == SLIP_TV_STRING)
            sum += a[i].s.len / 64;
        else if (slip_tv_is_list(&a[i]))
            sum += slip_tv_list_len(&a[i]);
        else if (slip_tv_is_map(&a[i]))
            sum += slip_tv_map_len(a[i].map);
    }
    return sum;
}

/* Run a function; `n` names the call when it fails. */
static bool run_function(struct slip_state *s, const struct slip_tmpl_func *f,
                         const struct slip_node *n, const struct slip_tv *args, size_t n_args,
                         struct slip_tv *out)
{
    struct slip_tmpl *set = s->run->set;
    struct slip_tmpl_call call = {
        .arena = &set->arena, .host = set->host, .run = s->run, .func = f, .node = n
    };
    if (!slip_state_spend(s, cost(args, n_args)))
        return false;
    *out = slip_tv_nil();
    int rc = f->call(&call, args, n_args, out);
    if (rc < 0) {
        at(s, n);
        SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
        slip_buf_add_fmt(&text, "error calling %s: ", f->name);
        slip_buf_add_str(&text, call.error);
        return slip_state_fail_str(s, slip_buf_str(&text));
    }
    if (set->arena.used > SLIP_TMPL_LIMIT_MEMORY)
        return slip_state_fail(s, "rendering needs more than %u MiB of memory",
                               SLIP_TMPL_LIMIT_MEMORY >> 20);
    if (slip_tv_is_nil(out))
        out->boxed = true;
    return true;
}

static bool eval_args(struct slip_state *s, const struct slip_tv *dot, const struct signature *sig,
                      const struct operands *ops, struct slip_tv *args)
{
    for (size_t i = 0; i < ops->n; i++)
        if (!eval_arg(s, dot, param_at(sig, i), ops->at[i], &args[i]))
            return false;
    return !ops->final || convert(s, ops->final, param_at(sig, ops->n), &args[ops->n]);
}

/* Call a function, or a method on `receiver` (NULL: none). */
static bool eval_call(struct slip_state *s, const struct slip_tv *dot,
                      const struct slip_tmpl_func *f, const struct slip_tv *receiver,
                      const struct slip_node *n, const struct operands *ops, struct slip_tv *out)
{
    struct signature sig = signature_of(f);
    if (!check_count(s, f, &sig, ops))
        return false;
    if (f->call == slip_tmpl_fn_and || f->call == slip_tmpl_fn_or)
        return short_circuit(s, dot, f->call == slip_tmpl_fn_or, ops, out);

    struct slip_tv few[4], *args = few;
    size_t first = receiver != NULL, total = first + ops->n + (ops->final != NULL);
    SLIP_AUTO_FREE struct slip_tv *many = NULL;
    if (total > SLIP_COUNT(few))
        many = slip_alloc_array(total, sizeof(*many));
    if (many)
        args = many;
    if (receiver)
        args[0] = slip_tv_unboxed(*receiver);
    return eval_args(s, dot, &sig, ops, args + first) && run_function(s, f, n, args, total, out);
}

/* ---- fields ---- */

static const char *static_type(const struct slip_tv *v)
{
    return v->boxed ? "interface {}" : slip_tv_type_name(v);
}

/* A method, or an error. */
static bool eval_method(struct slip_state *s, const struct slip_tv *dot, struct slip_str name,
                        const struct slip_node *n, const struct operands *ops,
                        const struct slip_tv *receiver, struct slip_tv *out)
{
    const struct slip_tv_class *class = receiver->class;
    const struct slip_tmpl_func *f = slip_tmpl_func_in(class->methods, class->n_methods, name);
    if (f)
        return eval_call(s, dot, f, receiver, n, ops, out);
    for (const char *const *h = class->hidden; h && *h; h++)
        if (slip_str_is(name, *h))
            return slip_state_fail(s, "%s is an unexported field of struct type %s", *h,
                                   static_type(receiver));
    return slip_state_fail(s, "can't evaluate field %.*s in type %s", SLIP_ARG(name),
                           static_type(receiver));
}

/* receiver.name; only a method may have operands. */
static bool eval_field(struct slip_state *s, const struct slip_tv *dot, struct slip_str name,
                       const struct slip_node *n, const struct operands *ops,
                       const struct slip_tv *receiver, struct slip_tv *out)
{
    if (slip_tv_is_nil(receiver)) {
        if (receiver->boxed)
            return slip_state_fail(s, "nil pointer evaluating interface {}.%.*s", SLIP_ARG(name));
        *out = slip_tv_nil();
        return true;
    }
    if (receiver->type == SLIP_TV_OBJECT)
        return eval_method(s, dot, name, n, ops, receiver, out);
    if (!slip_tv_is_map(receiver))
        return slip_state_fail(s, "can't evaluate field %.*s in type %s", SLIP_ARG(name),
                               static_type(receiver));
    if (ops->n > 0 || ops->final)
        return slip_state_fail(s, "%.*s is not a method but has arguments", SLIP_ARG(name));
    const struct slip_tv *value = slip_tv_map_get_str(receiver->map, name);
    *out = value ? slip_tv_element(receiver->type, *value) : slip_tv_nil();
    return true;
}

/* receiver.a.b.c; operands are for the last one. */
static bool eval_fields(struct slip_state *s, const struct slip_tv *dot,
                        const struct slip_node_names *names, size_t from, const struct slip_node *n,
                        const struct operands *ops, struct slip_tv receiver, struct slip_tv *out)
{
    for (size_t i = from; i < names->len; i++) {
        bool last = i + 1 == names->len;
        if (!eval_field(s, dot, names->at[i], n, last ? ops : &no_operands, &receiver, out))
            return false;
        receiver = *out;
    }
    return true;
}

/* ---- operands ---- */

/* What cannot be called has no operands and gets no value. */
static bool not_a_function(struct slip_state *s, const struct slip_node *n,
                           const struct operands *ops)
{
    if (ops->n == 0 && !ops->final)
        return true;
    return fail_node(s, "can't give argument to non-function ", n, "");
}

static bool eval_variable(struct slip_state *s, const struct slip_tv *dot,
                          const struct slip_node *n, const struct operands *ops,
                          struct slip_tv *out)
{
    const struct slip_tmpl_run *run = s->run;
    at(s, n);
    for (size_t i = run->vars.len; i > s->vars; i--) {
        if (!slip_str_eq(run->vars.at[i - 1].name, n->names.at[0]))
            continue;
        *out = run->vars.at[i - 1].value;
        if (n->names.len == 1)
            return not_a_function(s, n, ops);
        return eval_fields(s, dot, &n->names, 1, n, ops, *out, out);
    }
    return slip_state_fail(s, "undefined variable: %.*s", SLIP_ARG(n->names.at[0]));
}

static bool eval_chain(struct slip_state *s, const struct slip_tv *dot, const struct slip_node *n,
                       const struct operands *ops, struct slip_tv *out)
{
    struct slip_tv base;
    at(s, n);
    if (!eval_arg(s, dot, NULL, n->chain.base, &base))
        return false;
    return eval_fields(s, dot, n->chain.names, 0, n, ops, base, out);
}

/* What can be called, or has a value. `command` is named when a function fails. */
static bool eval_callable(struct slip_state *s, const struct slip_tv *dot,
                          const struct slip_node *n, const struct slip_node *command,
                          const struct operands *ops, struct slip_tv *out)
{
    switch (n->kind) {
    case SLIP_NODE_FIELD:
        at(s, n);
        return eval_fields(s, dot, &n->names, 0, n, ops, *dot, out);
    case SLIP_NODE_CHAIN:
        return eval_chain(s, dot, n, ops, out);
    case SLIP_NODE_IDENTIFIER:
        at(s, n);
        return eval_call(s, dot, n->function.func, NULL, command, ops, out);
    case SLIP_NODE_VARIABLE:
        return eval_variable(s, dot, n, ops, out);
    default: /* a parenthesized pipeline */
        return not_a_function(s, n, ops) && slip_eval_pipe(s, dot, n, out);
    }
}

/* `p` NULL: of any type, as it is. */
static bool eval_arg(struct slip_state *s, const struct slip_tv *dot, const struct param *p,
                     const struct slip_node *n, struct slip_tv *out)
{
    at(s, n);
    if (n->kind == SLIP_NODE_NIL) {
        if (p && !p->nil)
            return slip_state_fail(s, "cannot assign nil to %s", p->name);
        *out = null_argument(p);
        return true;
    }
    if (n->kind > SLIP_NODE_NIL)
        return typed_literal(s, n, p, out);
    struct slip_tv v = *dot;
    if (n->kind != SLIP_NODE_DOT && !eval_callable(s, dot, n, n, &no_operands, &v))
        return false;
    *out = v;
    return !p || convert(s, &v, p, out);
}

/* ---- commands and pipelines ---- */

static bool eval_command(struct slip_state *s, const struct slip_tv *dot, const struct slip_node *n,
                         const struct slip_tv *final, struct slip_tv *out)
{
    const struct slip_node *first = n->args.at[0];
    struct operands ops = { n->args.at + 1, n->args.len - 1, final };
    if (first->kind < SLIP_NODE_DOT)
        return eval_callable(s, dot, first, n, &ops, out);
    at(s, first);
    if (!not_a_function(s, first, &ops))
        return false;
    if (first->kind == SLIP_NODE_NIL)
        return slip_state_fail(s, "nil is not a command");
    if (first->kind != SLIP_NODE_DOT)
        return literal(s, first, out);
    *out = *dot;
    return true;
}

static bool eval_commands(struct slip_state *s, const struct slip_tv *dot,
                          const struct slip_node_list *commands, struct slip_tv *out)
{
    for (size_t i = 0; i < commands->len; i++) {
        struct slip_tv final = *out;
        if (!slip_state_spend(s, 1)
            || !eval_command(s, dot, commands->at[i], i > 0 ? &final : NO_FINAL, out))
            return false;
        out->boxed = false;
    }
    return true;
}

bool slip_eval_pipe(struct slip_state *s, const struct slip_tv *dot, const struct slip_node *n,
                    struct slip_tv *out)
{
    const struct slip_pipe *pipe = n->pipeline;
    at(s, n);
    if (s->run->expressions >= SLIP_TMPL_LIMIT_EXPRESSIONS)
        return slip_state_fail(s, "templates and parentheses are nested too deeply (more than %d)",
                               SLIP_TMPL_LIMIT_EXPRESSIONS);
    s->run->expressions++;
    *out = slip_tv_nil();
    bool good = eval_commands(s, dot, &pipe->commands, out);
    s->run->expressions--;
    if (!good)
        return false;
    for (size_t i = 0; i < pipe->decl.len; i++) {
        struct slip_str name = pipe->decl.at[i]->names.at[0];
        if (!pipe->is_assign)
            slip_state_declare(s, name, out);
        else if (!slip_state_assign(s, name, out))
            return false;
    }
    return true;
}
