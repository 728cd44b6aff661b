/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shell lexer of Dockerfiles.
 *
 *   text      := { "'" chars "'" | '"' { "$" dollar | escape any | char } '"' | "$" dollar
 *                | escape any | char }
 *   dollar    := name | "{" name "}" | "{" name [":"] op text "}"
 *                | "{" name "/" ["/"] text "/" text "}"
 *   name      := digits | special | letter { letter | digit | "_" }
 *
 * A "$" before anything else stands for itself.
 */
#include "dockerfile/shell.h"

#include "base/unicode.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "dockerfile/pattern.h"
#include "dockerfile/text.h"

enum { DEPTH_MAX = 500 }; /* ${a:-${b:-...}} */

#define END UINT32_MAX /* what peek gives behind the last character */

struct words {
    SLIP_VEC(struct slip_str);
    struct slip_arena *arena;
    struct slip_buf word;
};

struct lexer {
    const struct slip_shell *sh;
    struct slip_str rest;
    uint32_t escape;
    bool raw_escapes;
    unsigned depth;
    struct slip_error *err;
};

static int take_dollar(struct lexer *lx, struct slip_buf *out);

static uint32_t peek(const struct lexer *lx)
{
    size_t width;
    return lx->rest.len ? slip_utf8_decode(lx->rest, &width) : END;
}

static uint32_t next(struct lexer *lx)
{
    if (!lx->rest.len)
        return END;
    size_t width;
    uint32_t rune = slip_utf8_decode(lx->rest, &width);
    lx->rest = slip_str_skip(lx->rest, width);
    return rune;
}

static int fail(struct lexer *lx, const char *what)
{
    return slip_fail(lx->err, SLIP_E_CONFIG, "%s", what);
}

/* Words. A blank ends a word only outside quotes, so what was quoted is added raw. Empty words do
 * not count, not even quoted ones. */

static void end_word(struct words *w)
{
    if (w->word.len == 0)
        return;
    slip_vec_push(w, slip_arena_str(w->arena, slip_buf_str(&w->word)));
    slip_buf_reset(&w->word);
}

static void add_raw(struct words *w, struct slip_str s)
{
    if (w)
        slip_buf_add_str(&w->word, s);
}

static void add_raw_rune(struct words *w, uint32_t rune)
{
    if (w)
        slip_buf_add_rune(&w->word, rune);
}

static void add_rune(struct words *w, uint32_t rune)
{
    if (!w)
        return;
    if (!slip_unicode_is_space(rune))
        add_raw_rune(w, rune);
    else
        end_word(w);
}

static void add_value(struct words *w, struct slip_str s)
{
    size_t width;
    for (; w && s.len; s = slip_str_skip(s, width))
        add_rune(w, slip_utf8_decode(s, &width));
}

/* Quotes. */

static int take_single_quoted(struct lexer *lx, struct slip_buf *out)
{
    uint32_t quote = next(lx);
    if (lx->sh->raw_quotes)
        slip_buf_add_rune(out, quote);
    for (uint32_t rune; (rune = next(lx)) != quote;) {
        if (rune == END)
            return fail(lx, "no matching single quote");
        slip_buf_add_rune(out, rune);
    }
    if (lx->sh->raw_quotes)
        slip_buf_add_rune(out, quote);
    return 0;
}

/* One character between double quotes; the escape character protects only a few. */
static void take_in_double_quotes(struct lexer *lx, struct slip_buf *out)
{
    uint32_t rune = next(lx);
    if (rune == lx->escape) {
        if (lx->raw_escapes)
            slip_buf_add_rune(out, rune);
        uint32_t protected = peek(lx);
        if (protected == END)
            return;
        if (protected == '"' || protected == '$' || protected == lx->escape)
            rune = next(lx);
    }
    slip_buf_add_rune(out, rune);
}

static int take_double_quoted(struct lexer *lx, struct slip_buf *out)
{
    uint32_t quote = next(lx);
    if (lx->sh->raw_quotes)
        slip_buf_add_rune(out, quote);
    for (uint32_t rune; (rune = peek(lx)) != quote;) {
        if (rune == END)
            return fail(lx, "no matching double quote");
        if (rune != '$')
            take_in_double_quotes(lx, out);
        else if (take_dollar(lx, out) < 0)
            return -1;
    }
    next(lx);
    if (lx->sh->raw_quotes)
        slip_buf_add_rune(out, quote);
    return 0;
}

/* Text outside quotes. */

static int take_special(struct lexer *lx, uint32_t rune, struct slip_buf *out, struct words *w)
{
    size_t before = out->len;
    int rc = rune == '$'    ? take_dollar(lx, out)
             : rune == '\'' ? take_single_quoted(lx, out)
                            : take_double_quoted(lx, out);
    if (rc < 0)
        return -1;
    struct slip_str piece = slip_str_skip(slip_buf_str(out), before);
    if (rune == '$')
        add_value(w, piece);
    else
        add_raw(w, piece);
    return 0;
}

static void take_plain(struct lexer *lx, struct slip_buf *out, struct words *w)
{
    uint32_t rune = next(lx);
    if (rune == lx->escape) {
        if (lx->raw_escapes) {
            add_raw_rune(w, rune);
            slip_buf_add_rune(out, rune);
        }
        rune = next(lx);
        if (rune == END)
            return;
        add_raw_rune(w, rune);
    } else {
        add_rune(w, rune);
    }
    slip_buf_add_rune(out, rune);
}

/* Text up to `stop`, which is taken too; `stop` END: all there is. */
static int take_text(struct lexer *lx, uint32_t stop, struct slip_buf *out, struct words *w)
{
    for (uint32_t rune; (rune = peek(lx)) != END;) {
        if (rune == stop) {
            next(lx);
            return 0;
        }
        if (rune != '$' && rune != '\'' && rune != '"')
            take_plain(lx, out, w);
        else if (take_special(lx, rune, out, w) < 0)
            return -1;
        if (out->full)
            return slip_fail(lx->err, SLIP_E_CONFIG, "the result is larger than %zu bytes",
                             out->limit);
    }
    return stop == END ? 0 : fail(lx, "it ends too early");
}

/* The word of ${name<op>word}, up to `stop`. A word that ends too early is the mistake that a
 * reader should hear of, not what it led to. */
static int take_operand(struct lexer *lx, uint32_t stop, bool raw_escapes, struct slip_buf *out)
{
    bool outer = lx->raw_escapes;
    lx->raw_escapes = raw_escapes;
    lx->depth++;
    int rc = lx->depth > DEPTH_MAX ? fail(lx, "too many ${} inside each other")
                                   : take_text(lx, stop, out, NULL);
    lx->depth--;
    lx->raw_escapes = outer;
    if (rc < 0 && lx->rest.len == 0) {
        slip_error_clear(lx->err);
        return slip_fail(lx->err, SLIP_E_CONFIG, "no '%c' after '${'", (char)stop);
    }
    return rc;
}

/* Names and values. */

static bool is_special_name(uint32_t rune)
{
    return rune == '@' || rune == '*' || rune == '#' || rune == '?' || rune == '-' || rune == '$'
           || rune == '!';
}

static bool is_name_rune(uint32_t rune)
{
    return rune == '_' || slip_unicode_is_letter(rune) || slip_unicode_is_digit(rune);
}

static struct slip_str take_name(struct lexer *lx)
{
    struct slip_str start = lx->rest;
    uint32_t first = peek(lx);
    if (first != END && is_special_name(first)) {
        next(lx);
    } else if (first != END && slip_unicode_is_digit(first)) {
        while (peek(lx) != END && slip_unicode_is_digit(peek(lx)))
            next(lx);
    } else {
        while (peek(lx) != END && is_name_rune(peek(lx)))
            next(lx);
    }
    return slip_str_first(start, start.len - lx->rest.len);
}

static bool lookup(const struct lexer *lx, struct slip_str name, struct slip_str *value)
{
    *value = SLIP_STR("");
    return lx->sh->lookup && lx->sh->lookup(lx->sh->payload, name, value);
}

/* ${name<op>word} */

struct expansion {
    struct slip_str name;
    char op;
    bool colon; /* an empty value counts as unset */
    struct slip_str word;
    bool set;
    struct slip_str value;
};

static int expand_or_complain(struct lexer *lx, const struct expansion *e, struct slip_buf *out)
{
    if (e->set && !(e->colon && e->value.len == 0)) {
        slip_buf_add_str(out, e->value);
        return 0;
    }
    if (e->word.len)
        return slip_fail(lx->err, SLIP_E_CONFIG, "%.*s: %.*s",
                         SLIP_ARG(slip_str_first(e->name, 200)),
                         SLIP_ARG(slip_str_first(e->word, 400)));
    return slip_fail(lx->err, SLIP_E_CONFIG, "%.*s may not be %s",
                     SLIP_ARG(slip_str_first(e->name, 200)), e->set ? "empty" : "unset");
}

static int expand_trimmed(struct lexer *lx, const struct expansion *e, struct slip_buf *out)
{
    struct slip_str pattern = e->word;
    if (pattern.len == 0)
        return slip_fail(lx->err, SLIP_E_CONFIG, "'%c' with nothing to remove", e->op);
    bool longest = pattern.ptr[0] == e->op;
    if (longest)
        pattern = slip_str_skip(pattern, 1);
    return e->op == '#' ? slip_pattern_trim_prefix(pattern, e->value, longest, out, lx->err)
                        : slip_pattern_trim_suffix(pattern, e->value, longest, out, lx->err);
}

static int expand_op(struct lexer *lx, const struct expansion *e, struct slip_buf *out)
{
    bool has = e->set && !(e->colon && e->value.len == 0);
    switch (e->op) {
    case '-':
        slip_buf_add_str(out, has ? e->value : e->word);
        return 0;
    case '+':
        slip_buf_add_str(out, has ? e->word : SLIP_STR(""));
        return 0;
    case '?':
        return expand_or_complain(lx, e, out);
    default:
        return expand_trimmed(lx, e, out);
    }
}

static bool is_op(uint32_t rune)
{
    return rune == '-' || rune == '+' || rune == '?' || rune == '#' || rune == '%';
}

static int fail_op(struct lexer *lx, uint32_t op, bool colon)
{
    char shown[5] = { 0 };
    if (op == END)
        return fail(lx, "no '}' after '${'");
    slip_utf8_encode(op, shown);
    return slip_fail(lx->err, SLIP_E_CONFIG, "'%s%s' after the name in '${' is not supported",
                     colon ? ":" : "", shown);
}

/* An unset variable as it was written, its word expanded. */
static void keep_unset(const struct expansion *e, uint32_t op, struct slip_buf *out)
{
    slip_buf_add_fmt(out, "${%.*s%s", SLIP_ARG(e->name), e->colon ? ":" : "");
    slip_buf_add_rune(out, op);
    slip_buf_add_str(out, e->word);
    slip_buf_add_char(out, '}');
}

/* Everything behind the name when it is an operator and a word. Behind a colon an operator that
 * does not exist is noticed only when it is carried out. */
static int take_op(struct lexer *lx, struct slip_str name, uint32_t op, bool colon,
                   struct slip_buf *out)
{
    if (!colon && !is_op(op))
        return fail_op(lx, op, colon);
    SLIP_AUTO(slip_buf) word = SLIP_BUF(out->limit);
    if (take_operand(lx, '}', op == '#' || op == '%', &word) < 0)
        return -1;
    struct expansion e = { .name = name, .op = (char)op, .colon = colon };
    e.word = slip_buf_str(&word);
    e.set = lookup(lx, name, &e.value);
    if (!e.set && lx->sh->keep_unset) {
        keep_unset(&e, op, out);
        return 0;
    }
    return is_op(op) ? expand_op(lx, &e, out) : fail_op(lx, op, colon);
}

/* ${name/pattern/text} and ${name//pattern/text}, from behind the first slash. */
static int take_replacement(struct lexer *lx, struct slip_str name, struct slip_buf *out)
{
    bool all = peek(lx) == '/';
    if (all)
        next(lx);
    SLIP_AUTO(slip_buf) pattern = SLIP_BUF(out->limit);
    SLIP_AUTO(slip_buf) text = SLIP_BUF(out->limit);
    if (take_operand(lx, '/', true, &pattern) < 0 || take_operand(lx, '}', true, &text) < 0)
        return -1;
    struct slip_str value;
    if (!lookup(lx, name, &value) && lx->sh->keep_unset) {
        slip_buf_add_fmt(out, "${%.*s/", SLIP_ARG(name));
        slip_buf_add_str(out, slip_buf_str(&pattern));
        slip_buf_add_char(out, '/');
        slip_buf_add_str(out, slip_buf_str(&text));
        slip_buf_add_char(out, '}');
        return 0;
    }
    return (all ? slip_pattern_replace_all : slip_pattern_replace)(
        slip_buf_str(&pattern), value, slip_buf_str(&text), out, lx->err);
}

/* From behind "${". */
static int take_braced(struct lexer *lx, struct slip_buf *out)
{
    uint32_t first = peek(lx);
    if (first == END)
        return fail(lx, "no '}' after '${'");
    if (first == '{' || first == '}' || first == ':')
        return fail(lx, "no name after '${'");
    struct slip_str name = take_name(lx), value;
    uint32_t op = next(lx);
    if (op == '/')
        return take_replacement(lx, name, out);
    if (op != '}')
        return take_op(lx, name, op == ':' ? next(lx) : op, op == ':', out);
    if (lookup(lx, name, &value))
        slip_buf_add_str(out, value);
    else if (lx->sh->keep_unset)
        slip_buf_add_fmt(out, "${%.*s}", SLIP_ARG(name));
    return 0;
}

static int take_dollar(struct lexer *lx, struct slip_buf *out)
{
    next(lx);
    if (peek(lx) == '{') {
        next(lx);
        return take_braced(lx, out);
    }
    struct slip_str name = take_name(lx), value;
    bool set = name.len && lookup(lx, name, &value);
    if (set)
        slip_buf_add_str(out, value);
    else if (name.len == 0 || lx->sh->keep_unset)
        slip_buf_add_fmt(out, "$%.*s", SLIP_ARG(name));
    return 0;
}

static int run(const struct slip_shell *sh, struct slip_str source, struct slip_buf *out,
               struct words *w, struct slip_error *err)
{
    struct lexer lx = {
        .sh = sh,
        .rest = slip_text_skip_bom(source),
        .escape = sh->escape ? (unsigned char)sh->escape : '\\',
        .raw_escapes = sh->raw_escapes,
        .err = err,
    };
    if (take_text(&lx, END, out, w) < 0)
        return slip_while(err, "cannot expand '%.*s'", SLIP_ARG(slip_str_first(source, 200)));
    return 0;
}

int slip_shell_expand(const struct slip_shell *sh, struct slip_str word, struct slip_buf *out,
                      struct slip_error *err)
{
    size_t before = out->len;
    if (run(sh, word, out, NULL, err) < 0) {
        slip_buf_cut(out, before);
        return -1;
    }
    return 0;
}

int slip_shell_split(const struct slip_shell *sh, struct slip_str text, struct slip_arena *a,
                     struct slip_shell_words *out, struct slip_error *err)
{
    size_t limit = 3 * text.len + ((size_t)1 << 20); /* an invalid byte becomes three */
    SLIP_AUTO(slip_buf) expanded = SLIP_BUF(limit);
    struct words w = { .arena = a, .word = SLIP_BUF(limit) };
    int rc = run(sh, text, &expanded, &w, err);
    if (rc == 0) {
        end_word(&w);
        out->at = slip_arena_array(a, w.len, sizeof(*out->at));
        out->len = w.len;
        if (w.len)
            memcpy(out->at, w.at, w.len * sizeof(*out->at));
    }
    slip_buf_clear(&w.word);
    slip_vec_clear(&w);
    return rc;
}
