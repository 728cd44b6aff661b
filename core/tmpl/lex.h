/* SPDX-License-Identifier: Apache-2.0 */
/* Template text to tokens; inside this room only. */
#ifndef SLIP_TMPL_LEX_H
#define SLIP_TMPL_LEX_H

#include "base/arena.h"

enum slip_tok {
    SLIP_TOK_ERROR, /* `text` is the message */
    SLIP_TOK_BOOL,
    SLIP_TOK_CHAR, /* any other printable ASCII character */
    SLIP_TOK_CHAR_CONSTANT,
    SLIP_TOK_COMPLEX, /* 1+2i */
    SLIP_TOK_ASSIGN,
    SLIP_TOK_DECLARE,
    SLIP_TOK_EOF,
    SLIP_TOK_FIELD, /* with its "." */
    SLIP_TOK_IDENTIFIER,
    SLIP_TOK_LEFT_DELIM,
    SLIP_TOK_LEFT_PAREN,
    SLIP_TOK_NUMBER,
    SLIP_TOK_PIPE,
    SLIP_TOK_RAW_STRING,
    SLIP_TOK_RIGHT_DELIM,
    SLIP_TOK_RIGHT_PAREN,
    SLIP_TOK_SPACE,
    SLIP_TOK_STRING, /* with its quotes */
    SLIP_TOK_TEXT,
    SLIP_TOK_VARIABLE, /* with its "$" */
    SLIP_TOK_KEYWORD,  /* no token: those behind it are keywords */
    SLIP_TOK_BLOCK,
    SLIP_TOK_BREAK,
    SLIP_TOK_CONTINUE,
    SLIP_TOK_DOT,
    SLIP_TOK_DEFINE,
    SLIP_TOK_ELSE,
    SLIP_TOK_END,
    SLIP_TOK_IF,
    SLIP_TOK_NIL,
    SLIP_TOK_RANGE,
    SLIP_TOK_TEMPLATE,
    SLIP_TOK_WITH,
};

struct slip_token {
    enum slip_tok type;
    unsigned line; /* from 1 */
    size_t pos;    /* bytes from the start of the text */
    struct slip_str text;
};

struct slip_lex {
    struct slip_str input;
    struct slip_arena *arena; /* of error messages */
    size_t start, pos;        /* of the token being read */
    unsigned start_line, line;
    int paren_depth;
    bool inside_action;
};

void slip_lex_init(struct slip_lex *l, struct slip_str input, struct slip_arena *arena);

/* The next token. After SLIP_TOK_ERROR or SLIP_TOK_EOF there is no other. */
struct slip_token slip_lex_next(struct slip_lex *l);

#endif
