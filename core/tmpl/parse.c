/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parser: recursive descent, a function per part of the grammar.
 *
 *   text      := { TEXT | "{{" action "}}" }
 *   action    := "if" pipe | "else" [ "if" pipe | "with" pipe ] | "end" | "with" pipe
 *              | "range" pipe | "break" | "continue" | "define" STRING | "block" STRING pipe
 *              | "template" STRING [ pipe ] | pipe
 *   pipe      := [ VARIABLE [ "," VARIABLE ] ( ":=" | "=" ) ] command { "|" command }
 *   command   := operand { SPACE operand }
 *   operand   := term { FIELD }
 *   term      := IDENTIFIER | "." | "nil" | VARIABLE | FIELD | BOOL | NUMBER | STRING
 *              | "(" pipe ")"
 *
 * Each part gives NULL after a failure; the reason stands in the text's state. What is looked
 * ahead, and which token's line a message names, follows Go's parser to the letter.
 */
#include "tmpl/parse.h"

#include "base/vec.h"
#include "tmpl/fmt.h"
#include "tmpl/func.h"
#include "tmpl/lex.h"
#include "tmpl/literal.h"

struct nodes {
    SLIP_VEC(struct slip_node *);
};
struct names {
    SLIP_VEC(struct slip_str);
};

/* What all templates of one text share. */
struct text {
    struct slip_lex lex;
    const struct slip_source *source;
    const struct slip_tmpl_names *names;
    struct slip_arena *arena;
    struct slip_map *trees;
    struct slip_str *message;
    unsigned depth; /* blocks and parentheses that are open */
};

/* One template being parsed. */
struct parse {
    struct text *text;
    struct slip_token token[3]; /* looked ahead; [0] is the newest of the lexer */
    int peeked;
    struct names vars;
    unsigned action_line; /* of the action being read, 0: none */
    unsigned range_depth;
};

static void parse_init(struct parse *p, struct text *text)
{
    *p = (struct parse){ .text = text };
    slip_vec_push(&p->vars, SLIP_STR("$"));
}

static void parse_clear(struct parse *p)
{
    slip_vec_clear(&p->vars);
}
SLIP_DEFINE_AUTO(parse, parse_clear);

/* ---- failures ---- */

static void *fail_str(struct parse *p, struct slip_str message)
{
    struct text *t = p->text;
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_buf_add_fmt(&text, "template: %.*s:%u: ", SLIP_ARG(t->source->name), p->token[0].line);
    slip_buf_add_str(&text, message);
    *t->message = slip_arena_str(t->arena, slip_buf_str(&text));
    return NULL;
}

static void *fail(struct parse *p, const char *fmt, ...) SLIP_PRINTF(2, 3);
static void *fail(struct parse *p, const char *fmt, ...)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    va_list args;
    va_start(args, fmt);
    slip_buf_add_vfmt(&text, fmt, args);
    va_end(args);
    return fail_str(p, slip_buf_str(&text));
}

/* MESSAGE "what" */
static void *fail_quoting(struct parse *p, const char *message, struct slip_str what,
                          const char *after)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_buf_add_c(&text, message);
    slip_fmt_quote(what, false, &text);
    slip_buf_add_c(&text, after);
    return fail_str(p, slip_buf_str(&text));
}

static void print_token(const struct slip_token *t, struct slip_buf *out)
{
    struct slip_tv text = slip_tv_str(t->text);
    if (t->type == SLIP_TOK_EOF)
        slip_buf_add_c(out, "EOF");
    else if (t->type > SLIP_TOK_KEYWORD)
        slip_buf_add_fmt(out, "<%.*s>", SLIP_ARG(t->text));
    else if (t->text.len > 10)
        slip_fmt_printf(SLIP_STR("%.10q..."), &text, 1, out);
    else
        slip_fmt_quote(t->text, false, out);
}

/* An error of the lexer, with the line where its action began when that is another one. */
static void *lexer_failed(struct parse *p, const struct slip_token *t)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_buf_add_str(&text, t->text);
    if (p->action_line != 0 && p->action_line != t->line)
        slip_buf_add_fmt(&text, "%s started at %.*s:%u",
                         slip_str_ends(t->text, SLIP_STR(" action")) ? "" : " in action",
                         SLIP_ARG(p->text->source->name), p->action_line);
    return fail_str(p, slip_buf_str(&text));
}

static void *unexpected(struct parse *p, struct slip_token t, const char *context)
{
    if (t.type == SLIP_TOK_ERROR)
        return lexer_failed(p, &t);
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_buf_add_c(&text, "unexpected ");
    print_token(&t, &text);
    slip_buf_add_fmt(&text, " in %s", context);
    return fail_str(p, slip_buf_str(&text));
}

static void *unexpected_node(struct parse *p, const struct slip_node *n, const char *context)
{
    return fail(p, "unexpected %s%s", n->kind == SLIP_NODE_END ? "{{end}}" : "{{else}}", context);
}

/* Count one more level; false (with a reason): too many. */
static bool enter(struct parse *p)
{
    if (p->text->depth >= SLIP_TMPL_LIMIT_NESTING) {
        fail(p, "blocks and parentheses are nested too deeply (more than %d)",
             SLIP_TMPL_LIMIT_NESTING);
        return false;
    }
    p->text->depth++;
    return true;
}

static void leave(struct parse *p)
{
    p->text->depth--;
}

/* ---- tokens ---- */

static struct slip_token next(struct parse *p)
{
    if (p->peeked > 0)
        p->peeked--;
    else
        p->token[0] = slip_lex_next(&p->text->lex);
    return p->token[p->peeked];
}

static void back(struct parse *p)
{
    p->peeked++;
}

/* Put `older` back too; the newest token is in place already. */
static void back2(struct parse *p, struct slip_token older)
{
    p->token[1] = older;
    p->peeked = 2;
}

static void back3(struct parse *p, struct slip_token oldest, struct slip_token older)
{
    p->token[1] = older;
    p->token[2] = oldest;
    p->peeked = 3;
}

static struct slip_token peek(struct parse *p)
{
    if (p->peeked == 0) {
        p->token[0] = slip_lex_next(&p->text->lex);
        p->peeked = 1;
    }
    return p->token[p->peeked - 1];
}

static struct slip_token next_word(struct parse *p)
{
    struct slip_token t;
    do
        t = next(p);
    while (t.type == SLIP_TOK_SPACE);
    return t;
}

static struct slip_token peek_word(struct parse *p)
{
    struct slip_token t = next_word(p);
    back(p);
    return t;
}

/* False (with a reason): something else stands there. */
static bool expect(struct parse *p, enum slip_tok type, const char *context, struct slip_token *out)
{
    *out = next_word(p);
    if (out->type != type)
        unexpected(p, *out, context);
    return out->type == type;
}

/* ---- nodes ---- */

static struct slip_node *node(struct parse *p, enum slip_node_kind kind, size_t pos)
{
    struct slip_node *n = slip_arena_new(p->text->arena, struct slip_node);
    n->kind = kind;
    n->pos = pos;
    n->source = p->text->source;
    return n;
}

/* Move a growing array into the arena. */
static struct slip_node_list keep(struct parse *p, struct nodes *nodes)
{
    struct slip_node_list list = { .len = nodes->len };
    if (nodes->len > 0) {
        list.at = slip_arena_array(p->text->arena, nodes->len, sizeof(*list.at));
        memcpy(list.at, nodes->at, nodes->len * sizeof(*list.at));
    }
    slip_vec_clear(nodes);
    return list;
}

static struct slip_node_names keep_names(struct parse *p, struct names *names)
{
    struct slip_node_names list = { .len = names->len };
    list.at = slip_arena_array(p->text->arena, names->len, sizeof(*list.at));
    memcpy(list.at, names->at, names->len * sizeof(*list.at));
    slip_vec_clear(names);
    return list;
}

/* ---- terms ---- */

static struct slip_node *identifier(struct parse *p, const struct slip_token *t)
{
    struct slip_node *n = node(p, SLIP_NODE_IDENTIFIER, t->pos);
    n->function.name = t->text;
    n->function.func = slip_tmpl_func_find(p->text->names, t->text);
    if (!n->function.func)
        return fail_quoting(p, "function ", t->text, " not defined");
    return n;
}

static struct slip_node *named(struct parse *p, enum slip_node_kind kind, size_t pos,
                               struct slip_str name)
{
    struct slip_node *n = node(p, kind, pos);
    n->names.len = 1;
    n->names.at = slip_arena_new(p->text->arena, struct slip_str);
    n->names.at[0] = name;
    return n;
}

static struct slip_node *variable_use(struct parse *p, const struct slip_token *t)
{
    for (size_t i = 0; i < p->vars.len; i++)
        if (slip_str_eq(p->vars.at[i], t->text))
            return named(p, SLIP_NODE_VARIABLE, t->pos, t->text);
    return fail_quoting(p, "undefined variable ", t->text, "");
}

static struct slip_node *string(struct parse *p, const struct slip_token *t)
{
    SLIP_AUTO(slip_buf) value = SLIP_BUF(SLIP_NPOS);
    if (!slip_literal_unquote(t->text, &value))
        return fail(p, "invalid syntax");
    struct slip_node *n = node(p, SLIP_NODE_STRING, t->pos);
    n->string.value = slip_arena_str(p->text->arena, slip_buf_str(&value));
    n->string.written = t->text;
    return n;
}

static bool char_constant(struct parse *p, struct slip_node_number *out)
{
    struct slip_str s = slip_str_skip(out->text, 1);
    uint32_t rune;
    bool is_byte;
    if (!slip_literal_char(&s, '\'', &rune, &is_byte)) {
        fail(p, "invalid syntax");
        return false;
    }
    if (!slip_str_is(s, "'")) {
        fail(p, "malformed character constant: %.*s", SLIP_ARG(out->text));
        return false;
    }
    out->is_int = out->is_uint = out->is_float = true;
    out->i = rune;
    out->f = rune;
    return true;
}

static bool fits_int(double f)
{
    return f >= -0x1p63 && f < 0x1p63 && (double)(int64_t)f == f;
}

/* A complex number whose imaginary part is zero serves as any number. */
static void complex_value(struct slip_node_number *out, double re, double im)
{
    out->is_complex = true;
    out->re = re;
    out->im = im;
    out->is_float = im == 0;
    if (!out->is_float)
        return;
    out->f = re;
    out->is_int = fits_int(re);
    if (out->is_int)
        out->i = (int64_t)re;
    out->is_uint = out->is_int && out->i >= 0;
}

static bool complex_part(struct parse *p, struct slip_str s, double *out)
{
    enum slip_literal rc = slip_literal_float(s, out);
    if (rc == SLIP_LITERAL_RANGE)
        fail_quoting(p, "strconv.ParseFloat: parsing ", s, ": value out of range");
    else if (rc == SLIP_LITERAL_SYNTAX)
        fail(p, "syntax error scanning complex number");
    return rc == SLIP_LITERAL_GOOD;
}

/* "1+2i": the sign that separates the parts is the last one that belongs to no exponent. */
static bool complex_constant(struct parse *p, struct slip_node_number *out)
{
    struct slip_str s = slip_str_first(out->text, out->text.len - 1);
    size_t cut = s.len - 1;
    while (cut > 0
           && !((s.ptr[cut] == '+' || s.ptr[cut] == '-') && !strchr("eEpP", s.ptr[cut - 1])))
        cut--;
    double re, im;
    if (!complex_part(p, slip_str_first(s, cut), &re)
        || !complex_part(p, slip_str_skip(s, cut), &im))
        return false;
    complex_value(out, re, im);
    return true;
}

static bool real_constant(struct parse *p, struct slip_node_number *out)
{
    uint64_t u;
    out->is_uint = slip_literal_uint(out->text, 0, &u) == SLIP_LITERAL_GOOD;
    out->is_int = slip_literal_int(out->text, 0, &out->i) == SLIP_LITERAL_GOOD;
    if (out->is_int || out->is_uint) {
        out->is_uint |= out->i == 0; /* -0 */
        out->is_float = true;
        out->f = out->is_int ? (double)out->i : (double)u;
        return true;
    }
    if (slip_literal_float(out->text, &out->f) != SLIP_LITERAL_GOOD) {
        fail_quoting(p, "illegal number syntax: ", out->text, "");
        return false;
    }
    bool looks_float = false;
    for (size_t i = 0; i < out->text.len; i++)
        looks_float |= strchr(".eEpP", out->text.ptr[i]) != NULL;
    if (!looks_float) {
        fail_quoting(p, "integer overflow: ", out->text, "");
        return false;
    }
    out->is_float = true;
    out->is_int = fits_int(out->f);
    if (out->is_int)
        out->i = (int64_t)out->f;
    out->is_uint = out->f >= 0 && out->f < 0x1p64 && (double)(uint64_t)out->f == out->f;
    return true;
}

static struct slip_node *number(struct parse *p, const struct slip_token *t)
{
    struct slip_node *n = node(p, SLIP_NODE_NUMBER, t->pos);
    struct slip_node_number *num = slip_arena_new(p->text->arena, struct slip_node_number);
    n->number = num;
    num->text = t->text;
    if (t->type == SLIP_TOK_CHAR_CONSTANT)
        return char_constant(p, num) ? n : NULL;
    if (t->type == SLIP_TOK_COMPLEX)
        return complex_constant(p, num) ? n : NULL;
    double im;
    if (slip_str_ends(t->text, SLIP_STR("i"))
        && slip_literal_float(slip_str_first(t->text, t->text.len - 1), &im) == SLIP_LITERAL_GOOD) {
        complex_value(num, 0, im);
        return n;
    }
    return real_constant(p, num) ? n : NULL;
}

static struct slip_node *pipeline(struct parse *p, const char *context, enum slip_tok end);

static struct slip_node *parenthesized(struct parse *p)
{
    if (!enter(p))
        return NULL;
    struct slip_node *n = pipeline(p, "parenthesized pipeline", SLIP_TOK_RIGHT_PAREN);
    leave(p);
    return n;
}

/* `*none`: no term stands here, and nothing is taken. NULL otherwise: a failure. */
static struct slip_node *term(struct parse *p, bool *none)
{
    struct slip_token t = next_word(p);
    struct slip_node *n;
    *none = false;
    switch (t.type) {
    case SLIP_TOK_IDENTIFIER:
        return identifier(p, &t);
    case SLIP_TOK_DOT:
        return node(p, SLIP_NODE_DOT, t.pos);
    case SLIP_TOK_NIL:
        return node(p, SLIP_NODE_NIL, t.pos);
    case SLIP_TOK_VARIABLE:
        return variable_use(p, &t);
    case SLIP_TOK_FIELD:
        return named(p, SLIP_NODE_FIELD, t.pos, slip_str_skip(t.text, 1));
    case SLIP_TOK_BOOL:
        n = node(p, SLIP_NODE_BOOL, t.pos);
        n->truth = slip_str_is(t.text, "true");
        return n;
    case SLIP_TOK_CHAR_CONSTANT:
    case SLIP_TOK_COMPLEX:
    case SLIP_TOK_NUMBER:
        return number(p, &t);
    case SLIP_TOK_LEFT_PAREN:
        return parenthesized(p);
    case SLIP_TOK_STRING:
    case SLIP_TOK_RAW_STRING:
        return string(p, &t);
    default:
        back(p);
        *none = true;
        return NULL;
    }
}

/* ---- operands, commands, pipelines ---- */

/* `base` with fields: a field or variable gets longer, anything else becomes a chain. */
static struct slip_node *with_fields(struct parse *p, struct slip_node *base, size_t pos,
                                     struct names *fields)
{
    bool longer = base->kind == SLIP_NODE_FIELD || base->kind == SLIP_NODE_VARIABLE;
    struct names all = { 0 };
    if (longer)
        slip_vec_push(&all, base->names.at[0]);
    for (size_t i = 0; i < fields->len; i++)
        slip_vec_push(&all, fields->at[i]);
    slip_vec_clear(fields);

    struct slip_node *n = node(p, longer ? base->kind : SLIP_NODE_CHAIN, pos);
    struct slip_node_names names = keep_names(p, &all);
    if (longer) {
        n->names = names;
    } else {
        n->chain.base = base;
        n->chain.names = slip_arena_new(p->text->arena, struct slip_node_names);
        *n->chain.names = names;
    }
    return n;
}

static struct slip_node *literal_has_field(struct parse *p, const struct slip_node *n)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_node_print(n, &text);
    return fail_quoting(p, "unexpected . after term ", slip_buf_str(&text), "");
}

static struct slip_node *operand(struct parse *p, bool *none)
{
    struct slip_node *n = term(p, none);
    if (!n || peek(p).type != SLIP_TOK_FIELD)
        return n;
    size_t pos = peek(p).pos;
    struct names fields = { 0 };
    while (peek(p).type == SLIP_TOK_FIELD)
        slip_vec_push(&fields, slip_str_skip(next(p).text, 1));
    if (n->kind >= SLIP_NODE_DOT) {
        slip_vec_clear(&fields);
        return literal_has_field(p, n);
    }
    return with_fields(p, n, pos, &fields);
}

/* Read operands into `args`; false: a failure. */
static bool operands(struct parse *p, struct nodes *args)
{
    for (;;) {
        bool none;
        peek_word(p); /* skips white space */
        struct slip_node *n = operand(p, &none);
        if (n)
            slip_vec_push(args, n);
        else if (!none)
            return false;
        struct slip_token t = next(p);
        switch (t.type) {
        case SLIP_TOK_SPACE:
            break;
        case SLIP_TOK_RIGHT_DELIM:
        case SLIP_TOK_RIGHT_PAREN:
            back(p);
            return true;
        case SLIP_TOK_PIPE:
            return true;
        default:
            unexpected(p, t, "operand");
            return false;
        }
    }
}

static struct slip_node *command(struct parse *p)
{
    struct slip_node *n = node(p, SLIP_NODE_COMMAND, peek_word(p).pos);
    struct nodes args = { 0 };
    bool good = operands(p, &args);
    n->args = keep(p, &args);
    if (!good)
        return NULL;
    return n->args.len > 0 ? n : fail(p, "empty command");
}

static void declare(struct parse *p, const struct slip_token *v, struct nodes *decl)
{
    slip_vec_push(decl, named(p, SLIP_NODE_VARIABLE, v->pos, v->text));
    slip_vec_push(&p->vars, v->text);
}

/* "$a," in a declaration: only a range has a second variable. */
static bool more_declarations(struct parse *p, const char *context, size_t n)
{
    if (strcmp(context, "range") != 0 || n >= 2) {
        fail(p, "too many declarations in %s", context);
        return false;
    }
    enum slip_tok type = peek_word(p).type;
    if (type == SLIP_TOK_VARIABLE || type == SLIP_TOK_RIGHT_DELIM || type == SLIP_TOK_RIGHT_PAREN)
        return true;
    fail(p, "range can only initialize variables");
    return false;
}

/* What a pipeline declares or assigns, if anything; false: a failure. */
static bool declarations(struct parse *p, const char *context, struct slip_pipe *pipe,
                         struct nodes *decl)
{
    while (peek_word(p).type == SLIP_TOK_VARIABLE) {
        struct slip_token v = next_word(p);
        struct slip_token after = peek(p);
        struct slip_token t = peek_word(p);
        if (t.type == SLIP_TOK_ASSIGN || t.type == SLIP_TOK_DECLARE) {
            pipe->is_assign = t.type == SLIP_TOK_ASSIGN;
            next_word(p);
            declare(p, &v, decl);
            return true;
        }
        if (t.type == SLIP_TOK_CHAR && slip_str_is(t.text, ",")) {
            next_word(p);
            declare(p, &v, decl);
            if (!more_declarations(p, context, decl->len))
                return false;
            continue;
        }
        /* No declaration: the variable is the first operand. */
        if (after.type == SLIP_TOK_SPACE)
            back3(p, v, after);
        else
            back2(p, v);
        return true;
    }
    return true;
}

static bool starts_operand(enum slip_tok type)
{
    switch (type) {
    case SLIP_TOK_BOOL:
    case SLIP_TOK_CHAR_CONSTANT:
    case SLIP_TOK_COMPLEX:
    case SLIP_TOK_DOT:
    case SLIP_TOK_FIELD:
    case SLIP_TOK_IDENTIFIER:
    case SLIP_TOK_NUMBER:
    case SLIP_TOK_NIL:
    case SLIP_TOK_RAW_STRING:
    case SLIP_TOK_STRING:
    case SLIP_TOK_VARIABLE:
    case SLIP_TOK_LEFT_PAREN:
        return true;
    default:
        return false;
    }
}

static bool commands(struct parse *p, const char *context, enum slip_tok end, struct nodes *out)
{
    for (;;) {
        struct slip_token t = next_word(p);
        if (t.type == end)
            return true;
        if (!starts_operand(t.type)) {
            unexpected(p, t, context);
            return false;
        }
        back(p);
        struct slip_node *c = command(p);
        if (!c)
            return false;
        slip_vec_push(out, c);
    }
}

static bool check_pipeline(struct parse *p, const struct slip_pipe *pipe, const char *context)
{
    if (pipe->commands.len == 0) {
        fail(p, "missing value for %s", context);
        return false;
    }
    for (size_t i = 1; i < pipe->commands.len; i++)
        if (pipe->commands.at[i]->args.at[0]->kind >= SLIP_NODE_DOT) {
            fail(p, "non executable command in pipeline stage %zu", i + 1);
            return false;
        }
    return true;
}

static struct slip_node *pipeline(struct parse *p, const char *context, enum slip_tok end)
{
    struct slip_node *n = node(p, SLIP_NODE_PIPE, peek_word(p).pos);
    struct slip_pipe *pipe = slip_arena_new(p->text->arena, struct slip_pipe);
    n->pipeline = pipe;
    struct nodes decl = { 0 }, cmds = { 0 };
    bool good = declarations(p, context, pipe, &decl) && commands(p, context, end, &cmds);
    pipe->decl = keep(p, &decl);
    pipe->commands = keep(p, &cmds);
    return good && check_pipeline(p, pipe, context) ? n : NULL;
}

/* ---- actions ---- */

static struct slip_node *text_or_action(struct parse *p);

/* Nodes up to {{end}} or {{else}}, which is `*last`; false: a failure. */
static bool item_list(struct parse *p, struct slip_node_list *out, struct slip_node **last)
{
    struct nodes nodes = { 0 };
    struct slip_node *n = NULL;
    bool ended = false;
    while (!ended && peek_word(p).type != SLIP_TOK_EOF) {
        n = text_or_action(p);
        ended = !n || n->kind == SLIP_NODE_END || n->kind == SLIP_NODE_ELSE;
        if (!ended)
            slip_vec_push(&nodes, n);
    }
    *out = keep(p, &nodes);
    *last = ended ? n : fail(p, "unexpected EOF");
    return *last != NULL;
}

static struct slip_node *control(struct parse *p, enum slip_node_kind kind);

/* "{{else if x}}" is "{{else}}{{if x}}" whose end serves both; the same for with. */
static bool chained_else(struct parse *p, enum slip_node_kind kind, struct slip_node_list *out)
{
    next(p);
    struct slip_node *n = control(p, kind);
    if (!n)
        return false;
    struct nodes one = { 0 };
    slip_vec_push(&one, n);
    *out = keep(p, &one);
    return true;
}

static bool else_part(struct parse *p, enum slip_node_kind kind, struct slip_node_list *out)
{
    enum slip_tok type = peek(p).type;
    if ((kind == SLIP_NODE_IF && type == SLIP_TOK_IF)
        || (kind == SLIP_NODE_WITH && type == SLIP_TOK_WITH))
        return chained_else(p, kind, out);
    struct slip_node *last;
    if (!item_list(p, out, &last))
        return false;
    if (last->kind != SLIP_NODE_END) {
        fail(p, "expected end; found {{else}}");
        return false;
    }
    return true;
}

static bool control_parts(struct parse *p, enum slip_node_kind kind, struct slip_branch *b)
{
    const char *context = kind == SLIP_NODE_IF ? "if" : kind == SLIP_NODE_WITH ? "with" : "range";
    bool range = kind == SLIP_NODE_RANGE;
    struct slip_node *last;
    b->pipe = pipeline(p, context, SLIP_TOK_RIGHT_DELIM);
    if (!b->pipe)
        return false;
    p->range_depth += range;
    bool good = item_list(p, &b->list, &last);
    p->range_depth -= range;
    if (!good)
        return false;
    return last->kind == SLIP_NODE_END || else_part(p, kind, &b->else_list);
}

static struct slip_node *control(struct parse *p, enum slip_node_kind kind)
{
    if (!enter(p))
        return NULL;
    size_t vars = p->vars.len;
    struct slip_branch *b = slip_arena_new(p->text->arena, struct slip_branch);
    bool good = control_parts(p, kind, b);
    p->vars.len = vars;
    leave(p);
    if (!good)
        return NULL;
    struct slip_node *n = node(p, kind, b->pipe->pos);
    n->branch = b;
    return n;
}

static struct slip_node *end_control(struct parse *p)
{
    struct slip_token t;
    return expect(p, SLIP_TOK_RIGHT_DELIM, "end", &t) ? node(p, SLIP_NODE_END, t.pos) : NULL;
}

static struct slip_node *else_control(struct parse *p)
{
    struct slip_token t = peek_word(p);
    if (t.type == SLIP_TOK_IF || t.type == SLIP_TOK_WITH)
        return node(p, SLIP_NODE_ELSE, t.pos);
    return expect(p, SLIP_TOK_RIGHT_DELIM, "else", &t) ? node(p, SLIP_NODE_ELSE, t.pos) : NULL;
}

static struct slip_node *loop_control(struct parse *p, const struct slip_token *word)
{
    bool is_break = word->type == SLIP_TOK_BREAK;
    const char *what = is_break ? "{{break}}" : "{{continue}}";
    struct slip_token t;
    if (!expect(p, SLIP_TOK_RIGHT_DELIM, what, &t))
        return NULL;
    if (p->range_depth == 0)
        return fail(p, "%s outside {{range}}", what);
    return node(p, is_break ? SLIP_NODE_BREAK : SLIP_NODE_CONTINUE, word->pos);
}

/* The name in a define, block or template clause; NULL: a failure. */
static struct slip_node *template_name(struct parse *p, const char *context)
{
    struct slip_token t = next_word(p);
    if (t.type != SLIP_TOK_STRING && t.type != SLIP_TOK_RAW_STRING)
        return unexpected(p, t, context);
    return string(p, &t);
}

static struct slip_node *template_control(struct parse *p)
{
    const char *context = "template clause";
    struct slip_node *name = template_name(p, context);
    if (!name)
        return NULL;
    struct slip_node *n = node(p, SLIP_NODE_TEMPLATE, name->pos);
    n->call.name = name->string.value;
    if (next_word(p).type == SLIP_TOK_RIGHT_DELIM)
        return n;
    back(p);
    n->call.pipe = pipeline(p, context, SLIP_TOK_RIGHT_DELIM);
    return n->call.pipe ? n : NULL;
}

/* Add a finished template; two of one name in a text are an error unless one is empty. */
static bool add_tree(struct parse *p, struct slip_str name, const struct slip_node_list *root)
{
    struct text *t = p->text;
    const struct slip_tmpl_tree *old = slip_map_get(t->trees, name);
    if (!old || slip_node_list_is_empty(&old->root)) {
        struct slip_tmpl_tree *tree = slip_arena_new(t->arena, struct slip_tmpl_tree);
        tree->name = name;
        tree->source = t->source;
        tree->root = *root;
        slip_map_set(t->trees, name, tree);
        return true;
    }
    if (slip_node_list_is_empty(root))
        return true;
    fail_quoting(p, "template: multiple definition of template ", name, "");
    return false;
}

/* The body of a define or block, with names of its own; false: a failure. */
static bool body(struct parse *p, struct slip_str name, const char *context)
{
    struct slip_node_list root;
    struct slip_node *last;
    if (!enter(p))
        return false;
    bool good = item_list(p, &root, &last);
    leave(p);
    if (good && last->kind != SLIP_NODE_END) {
        SLIP_AUTO(slip_buf) in = SLIP_BUF(SLIP_LIMIT_TEXT);
        slip_buf_add_fmt(&in, " in %s", context);
        unexpected_node(p, last, in.ptr);
        return false;
    }
    return good && add_tree(p, name, &root);
}

static bool definition(struct text *text)
{
    const char *context = "define clause";
    SLIP_AUTO(parse) p;
    parse_init(&p, text);
    struct slip_token t;
    struct slip_node *name = template_name(&p, context);
    return name && expect(&p, SLIP_TOK_RIGHT_DELIM, context, &t)
           && body(&p, name->string.value, context);
}

static struct slip_node *block_control(struct parse *p)
{
    const char *context = "block clause";
    struct slip_node *name = template_name(p, context);
    if (!name)
        return NULL;
    struct slip_node *n = node(p, SLIP_NODE_TEMPLATE, name->pos);
    n->call.name = name->string.value;
    n->call.pipe = pipeline(p, context, SLIP_TOK_RIGHT_DELIM);
    if (!n->call.pipe)
        return NULL;
    SLIP_AUTO(parse) inner;
    parse_init(&inner, p->text);
    return body(&inner, n->call.name, context) ? n : NULL;
}

static struct slip_node *action(struct parse *p)
{
    struct slip_token t = next_word(p);
    switch (t.type) {
    case SLIP_TOK_BLOCK:
        return block_control(p);
    case SLIP_TOK_BREAK:
    case SLIP_TOK_CONTINUE:
        return loop_control(p, &t);
    case SLIP_TOK_ELSE:
        return else_control(p);
    case SLIP_TOK_END:
        return end_control(p);
    case SLIP_TOK_IF:
        return control(p, SLIP_NODE_IF);
    case SLIP_TOK_RANGE:
        return control(p, SLIP_NODE_RANGE);
    case SLIP_TOK_TEMPLATE:
        return template_control(p);
    case SLIP_TOK_WITH:
        return control(p, SLIP_NODE_WITH);
    default:
        break;
    }
    back(p);
    struct slip_node *n = node(p, SLIP_NODE_ACTION, peek(p).pos);
    n->pipe = pipeline(p, "command", SLIP_TOK_RIGHT_DELIM);
    return n->pipe ? n : NULL;
}

static struct slip_node *text_or_action(struct parse *p)
{
    struct slip_token t = next_word(p);
    if (t.type == SLIP_TOK_TEXT) {
        struct slip_node *n = node(p, SLIP_NODE_TEXT, t.pos);
        n->text = t.text;
        return n;
    }
    if (t.type != SLIP_TOK_LEFT_DELIM)
        return unexpected(p, t, "input");
    p->action_line = t.line;
    struct slip_node *n = action(p);
    p->action_line = 0;
    return n;
}

/* A define at the top level is taken; 1: it was one, 0: something else, -1: a failure. */
static int top_level_define(struct parse *p)
{
    if (peek(p).type != SLIP_TOK_LEFT_DELIM)
        return 0;
    struct slip_token delim = next(p);
    if (next_word(p).type == SLIP_TOK_DEFINE)
        return definition(p->text) ? 1 : -1;
    back2(p, delim);
    return 0;
}

static bool top_level(struct parse *p, struct nodes *nodes)
{
    while (peek(p).type != SLIP_TOK_EOF) {
        int defined = top_level_define(p);
        if (defined < 0)
            return false;
        if (defined)
            continue;
        struct slip_node *n = text_or_action(p);
        if (!n)
            return false;
        if (n->kind == SLIP_NODE_END || n->kind == SLIP_NODE_ELSE) {
            unexpected_node(p, n, "");
            return false;
        }
        slip_vec_push(nodes, n);
    }
    return true;
}

int slip_tmpl_parse(const struct slip_source *source, const struct slip_tmpl_names *names,
                    struct slip_arena *arena, struct slip_map *trees, struct slip_str *message)
{
    struct text text = {
        .source = source, .names = names, .arena = arena, .trees = trees, .message = message
    };
    slip_lex_init(&text.lex, source->text, arena);
    *message = (struct slip_str){ 0 };
    SLIP_AUTO(parse) p;
    parse_init(&p, &text);
    struct nodes nodes = { 0 };
    bool good = top_level(&p, &nodes);
    struct slip_node_list root = keep(&p, &nodes);
    return good && add_tree(&p, source->name, &root) ? 0 : -1;
}
