/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lexer. Text up to "{{" is one token; inside an action there are tokens, and runs of white
 * space are tokens too, because "$x.a" and "$x .a" differ. Comments give no token.
 *
 * Lines are counted as Go 1.23 counts them: those inside a comment are not.
 */
#include "tmpl/lex.h"

#include "base/unicode.h"
#include "base/utf8.h"
#include "tmpl/fmt.h"

#define NO_RUNE UINT32_MAX /* the end of the input */
#define MARKER 2           /* length of a trim marker: "- " or " -" */

void slip_lex_init(struct slip_lex *l, struct slip_str input, struct slip_arena *arena)
{
    *l = (struct slip_lex){ .input = input, .arena = arena, .start_line = 1, .line = 1 };
}

static struct slip_str rest(const struct slip_lex *l)
{
    return slip_str_skip(l->input, l->pos);
}

static bool at(const struct slip_lex *l, const char *what)
{
    return slip_str_starts(rest(l), slip_str_of(what));
}

static bool is_space(uint32_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_alphanumeric(uint32_t c)
{
    if (c < 0x80)
        return c == '_' || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
    return c != NO_RUNE && (slip_unicode_is_letter(c) || slip_unicode_is_digit(c));
}

static unsigned lines_in(const struct slip_lex *l, size_t from, size_t to)
{
    unsigned n = 0;
    for (const char *p = l->input.ptr + from, *end = l->input.ptr + to; p < end; p++, n++)
        if (!(p = memchr(p, '\n', (size_t)(end - p))))
            break;
    return n;
}

static uint32_t peek(const struct slip_lex *l)
{
    size_t width;
    return l->pos < l->input.len ? slip_utf8_decode(rest(l), &width) : NO_RUNE;
}

static uint32_t next(struct slip_lex *l)
{
    size_t width;
    if (l->pos >= l->input.len)
        return NO_RUNE;
    uint32_t c = slip_utf8_decode(rest(l), &width);
    l->pos += width;
    l->line += c == '\n';
    return c;
}

static bool accept(struct slip_lex *l, const char *chars)
{
    if (l->pos >= l->input.len || !l->input.ptr[l->pos] || !strchr(chars, l->input.ptr[l->pos]))
        return false;
    l->pos++;
    return true;
}

static struct slip_str pending(const struct slip_lex *l)
{
    return slip_str_make(l->input.ptr + l->start, l->pos - l->start);
}

static struct slip_token emit(struct slip_lex *l, enum slip_tok type)
{
    struct slip_token t = {
        .type = type, .line = l->start_line, .pos = l->start, .text = pending(l)
    };
    l->start = l->pos;
    l->start_line = l->line;
    return t;
}

static void ignore(struct slip_lex *l)
{
    l->line += lines_in(l, l->start, l->pos);
    l->start = l->pos;
    l->start_line = l->line;
}

static struct slip_token fail(struct slip_lex *l, const char *message)
{
    struct slip_token t = emit(l, SLIP_TOK_ERROR);
    t.text = slip_str_of(message);
    return t;
}

/* MESSAGE U+002D '-' */
static struct slip_token fail_rune(struct slip_lex *l, const char *message, uint32_t c)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_NPOS);
    slip_buf_add_fmt(&text, "%s U+%04X", message, c);
    if (slip_unicode_is_print(c)) {
        slip_buf_add_c(&text, " '");
        slip_buf_add_rune(&text, c);
        slip_buf_add_char(&text, '\'');
    }
    return fail(l, slip_arena_strdup(l->arena, slip_buf_str(&text)));
}

/* ---- delimiters ---- */

static bool is_left_marker(struct slip_str s)
{
    return s.len >= MARKER && s.ptr[0] == '-' && is_space((unsigned char)s.ptr[1]);
}

static bool is_right_marker(struct slip_str s)
{
    return s.len >= MARKER && is_space((unsigned char)s.ptr[0]) && s.ptr[1] == '-';
}

static bool is_right_delim(struct slip_str s, bool *trims)
{
    *trims = is_right_marker(s) && slip_str_starts(slip_str_skip(s, MARKER), SLIP_STR("}}"));
    return *trims || slip_str_starts(s, SLIP_STR("}}"));
}

static void skip_space(struct slip_lex *l)
{
    while (l->pos < l->input.len && is_space((unsigned char)l->input.ptr[l->pos]))
        l->pos++;
}

static struct slip_token left_delim(struct slip_lex *l)
{
    l->pos += 2;
    struct slip_token t = emit(l, SLIP_TOK_LEFT_DELIM);
    if (is_left_marker(rest(l)))
        l->pos += MARKER;
    ignore(l);
    l->inside_action = true;
    l->paren_depth = 0;
    return t;
}

static struct slip_token right_delim(struct slip_lex *l)
{
    bool trims;
    is_right_delim(rest(l), &trims);
    if (trims) {
        l->pos += MARKER;
        ignore(l);
    }
    l->pos += 2;
    struct slip_token t = emit(l, SLIP_TOK_RIGHT_DELIM);
    if (trims) {
        skip_space(l);
        ignore(l);
    }
    l->inside_action = false;
    return t;
}

/* At "{{" that begins a comment? */
static bool at_comment(const struct slip_lex *l)
{
    struct slip_str s = slip_str_skip(rest(l), 2);
    if (is_left_marker(s))
        s = slip_str_skip(s, MARKER);
    return slip_str_starts(s, SLIP_STR("/*"));
}

/* Pass over a comment with its delimiters; false: `*error` says what is wrong with it. */
static bool skip_comment(struct slip_lex *l, struct slip_token *error)
{
    l->pos += 2;
    if (is_left_marker(rest(l)))
        l->pos += MARKER;
    ignore(l);
    l->pos += 2;
    size_t end = slip_str_find_str(rest(l), SLIP_STR("*/"));
    if (end == SLIP_NPOS) {
        *error = fail(l, "unclosed comment");
        return false;
    }
    l->pos += end + 2;
    bool trims;
    if (!is_right_delim(rest(l), &trims)) {
        *error = fail(l, "comment ends before closing delimiter");
        return false;
    }
    emit(l, SLIP_TOK_TEXT); /* its lines are not counted */
    l->pos += trims ? MARKER + 2 : 2;
    if (trims)
        skip_space(l);
    ignore(l);
    return true;
}

/* ---- outside of actions ---- */

/* The text up to "{{", without what a trim marker behind it removes; may be empty. */
static struct slip_token text_before(struct slip_lex *l, size_t delim)
{
    size_t end = l->pos = delim;
    if (is_left_marker(slip_str_skip(l->input, delim + 2)))
        while (l->pos > l->start && is_space((unsigned char)l->input.ptr[l->pos - 1]))
            l->pos--;
    l->line += lines_in(l, l->start, l->pos);
    struct slip_token t = emit(l, SLIP_TOK_TEXT);
    l->pos = end;
    ignore(l);
    return t;
}

static struct slip_token outside(struct slip_lex *l)
{
    for (;;) {
        size_t x = slip_str_find_str(rest(l), SLIP_STR("{{"));
        if (x == SLIP_NPOS)
            break;
        if (x > 0) {
            struct slip_token t = text_before(l, l->pos + x);
            if (t.text.len > 0)
                return t;
        }
        if (!at_comment(l))
            return left_delim(l);
        struct slip_token error;
        if (!skip_comment(l, &error))
            return error;
    }
    l->pos = l->input.len;
    l->line += lines_in(l, l->start, l->pos);
    return emit(l, l->pos > l->start ? SLIP_TOK_TEXT : SLIP_TOK_EOF);
}

/* ---- inside actions ---- */

static bool at_terminator(const struct slip_lex *l)
{
    uint32_t c = peek(l);
    return c == NO_RUNE || is_space(c) || (c < 0x80 && c && strchr(".,|:)(", (int)c))
           || at(l, "}}");
}

static struct slip_token space(struct slip_lex *l)
{
    size_t n = 0;
    while (is_space(peek(l))) {
        next(l);
        n++;
    }
    /* The last one may belong to a trim marker. */
    bool trims;
    if (is_right_delim(slip_str_skip(l->input, l->pos - 1), &trims) && trims) {
        l->pos--;
        l->line -= l->input.ptr[l->pos] == '\n';
        if (n == 1)
            return right_delim(l);
    }
    return emit(l, SLIP_TOK_SPACE);
}

static enum slip_tok word_type(struct slip_str word)
{
    static const struct {
        const char *word;
        enum slip_tok type;
    } words[] = {
        { "block", SLIP_TOK_BLOCK },       { "break", SLIP_TOK_BREAK },
        { "continue", SLIP_TOK_CONTINUE }, { "define", SLIP_TOK_DEFINE },
        { "else", SLIP_TOK_ELSE },         { "end", SLIP_TOK_END },
        { "false", SLIP_TOK_BOOL },        { "if", SLIP_TOK_IF },
        { "nil", SLIP_TOK_NIL },           { "range", SLIP_TOK_RANGE },
        { "template", SLIP_TOK_TEMPLATE }, { "true", SLIP_TOK_BOOL },
        { "with", SLIP_TOK_WITH },
    };
    for (size_t i = 0; i < SLIP_COUNT(words); i++)
        if (slip_str_is(word, words[i].word))
            return words[i].type;
    return SLIP_TOK_IDENTIFIER;
}

/* An identifier, keyword, field or variable; its first character may be read already. */
static struct slip_token word(struct slip_lex *l, enum slip_tok type)
{
    while (is_alphanumeric(peek(l)))
        next(l);
    if (!at_terminator(l))
        return fail_rune(l, "bad character", peek(l));
    return emit(l, type == SLIP_TOK_IDENTIFIER ? word_type(pending(l)) : type);
}

static struct slip_token quoted(struct slip_lex *l, uint32_t quote, enum slip_tok type,
                                const char *unterminated)
{
    for (;;) {
        uint32_t c = next(l);
        if (c == quote)
            return emit(l, type);
        if (c == '\\')
            c = next(l);
        if (c == NO_RUNE || c == '\n')
            return fail(l, unterminated);
    }
}

static struct slip_token raw_quoted(struct slip_lex *l)
{
    for (;;) {
        uint32_t c = next(l);
        if (c == '`')
            return emit(l, SLIP_TOK_RAW_STRING);
        if (c == NO_RUNE)
            return fail(l, "unterminated raw quoted string");
    }
}

static void accept_run(struct slip_lex *l, const char *chars)
{
    while (accept(l, chars))
        ;
}

/* One number, without judging it; false: a letter follows (and is taken). */
static bool scan_number(struct slip_lex *l)
{
    const char *digits = "0123456789_";
    char exponent = 'e';
    accept(l, "+-");
    if (accept(l, "0")) {
        if (accept(l, "xX")) {
            digits = "0123456789abcdefABCDEF_";
            exponent = 'p';
        } else if (accept(l, "oO")) {
            digits = "01234567_";
            exponent = 0;
        } else if (accept(l, "bB")) {
            digits = "01_";
            exponent = 0;
        }
    }
    accept_run(l, digits);
    if (accept(l, "."))
        accept_run(l, digits);
    if ((exponent == 'e' && accept(l, "eE")) || (exponent == 'p' && accept(l, "pP"))) {
        accept(l, "+-");
        accept_run(l, "0123456789_");
    }
    accept(l, "i");
    if (!is_alphanumeric(peek(l)))
        return true;
    next(l);
    return false;
}

static struct slip_token bad_number(struct slip_lex *l)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_NPOS);
    slip_buf_add_c(&text, "bad number syntax: ");
    slip_fmt_quote(pending(l), false, &text);
    return fail(l, slip_arena_strdup(l->arena, slip_buf_str(&text)));
}

static struct slip_token number(struct slip_lex *l)
{
    if (!scan_number(l))
        return bad_number(l);
    uint32_t sign = peek(l);
    if (sign != '+' && sign != '-')
        return emit(l, SLIP_TOK_NUMBER);
    if (!scan_number(l) || l->input.ptr[l->pos - 1] != 'i')
        return bad_number(l);
    return emit(l, SLIP_TOK_COMPLEX);
}

static struct slip_token dot(struct slip_lex *l)
{
    uint32_t c = peek(l);
    if ((c >= '0' && c <= '9') || c == NO_RUNE) { /* at the end Go takes it for a number, too */
        l->pos--;
        return number(l);
    }
    return at_terminator(l) ? emit(l, SLIP_TOK_DOT) : word(l, SLIP_TOK_FIELD);
}

static struct slip_token paren(struct slip_lex *l, uint32_t c)
{
    l->paren_depth += c == '(' ? 1 : -1;
    if (l->paren_depth < 0)
        return fail(l, "unexpected right paren");
    return emit(l, c == '(' ? SLIP_TOK_LEFT_PAREN : SLIP_TOK_RIGHT_PAREN);
}

static struct slip_token other(struct slip_lex *l, uint32_t c)
{
    if (c == '+' || c == '-' || (c >= '0' && c <= '9')) {
        l->pos--;
        return number(l);
    }
    if (is_alphanumeric(c))
        return word(l, SLIP_TOK_IDENTIFIER);
    if (c >= 0x20 && c < 0x7F)
        return emit(l, SLIP_TOK_CHAR);
    return fail_rune(l, "unrecognized character in action:", c);
}

static struct slip_token inside(struct slip_lex *l)
{
    bool trims;
    if (is_right_delim(rest(l), &trims))
        return l->paren_depth == 0 ? right_delim(l) : fail(l, "unclosed left paren");
    if (is_space(peek(l)))
        return space(l);
    uint32_t c = next(l);
    switch (c) {
    case NO_RUNE:
        return fail(l, "unclosed action");
    case '=':
        return emit(l, SLIP_TOK_ASSIGN);
    case ':':
        return next(l) == '=' ? emit(l, SLIP_TOK_DECLARE) : fail(l, "expected :=");
    case '|':
        return emit(l, SLIP_TOK_PIPE);
    case '"':
        return quoted(l, '"', SLIP_TOK_STRING, "unterminated quoted string");
    case '\'':
        return quoted(l, '\'', SLIP_TOK_CHAR_CONSTANT, "unterminated character constant");
    case '`':
        return raw_quoted(l);
    case '$':
        return word(l, SLIP_TOK_VARIABLE);
    case '.':
        return dot(l);
    case '(':
    case ')':
        return paren(l, c);
    default:
        return other(l, c);
    }
}

struct slip_token slip_lex_next(struct slip_lex *l)
{
    return l->inside_action ? inside(l) : outside(l);
}
