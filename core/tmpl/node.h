/* SPDX-License-Identifier: Apache-2.0 */
/* A parsed template; inside this room only. Nodes live in the arena of the set. */
#ifndef SLIP_TMPL_NODE_H
#define SLIP_TMPL_NODE_H

#include "base/arena.h"
#include "base/buf.h"

/* A text that was parsed: nodes point into it. */
struct slip_source {
    struct slip_str name; /* as in error messages */
    struct slip_str text;
};

enum slip_node_kind {
    SLIP_NODE_TEXT,
    SLIP_NODE_ACTION,
    SLIP_NODE_IF,
    SLIP_NODE_WITH,
    SLIP_NODE_RANGE,
    SLIP_NODE_TEMPLATE,
    SLIP_NODE_BREAK,
    SLIP_NODE_CONTINUE,
    SLIP_NODE_END,  /* only while parsing */
    SLIP_NODE_ELSE, /* only while parsing */
    SLIP_NODE_PIPE,
    SLIP_NODE_COMMAND,
    SLIP_NODE_IDENTIFIER,
    SLIP_NODE_FIELD,
    SLIP_NODE_CHAIN,
    SLIP_NODE_VARIABLE,
    SLIP_NODE_DOT,
    SLIP_NODE_NIL,
    SLIP_NODE_BOOL,
    SLIP_NODE_NUMBER,
    SLIP_NODE_STRING,
};

struct slip_node_list {
    struct slip_node **at;
    size_t len;
};

struct slip_node_names {
    struct slip_str *at;
    size_t len;
};

struct slip_node_number {
    struct slip_str text; /* as written */
    bool is_int, is_uint, is_float, is_complex;
    int64_t i;
    double f;
    double re, im;
};

struct slip_node {
    enum slip_node_kind kind;
    size_t pos;
    const struct slip_source *source;
    union {
        struct slip_str text;       /* TEXT */
        struct slip_node *pipe;     /* ACTION */
        struct slip_branch *branch; /* IF, WITH, RANGE */
        struct {
            struct slip_str name;
            struct slip_node *pipe; /* or NULL */
        } call;                     /* TEMPLATE */
        struct slip_pipe *pipeline; /* PIPE */
        struct slip_node_list args; /* COMMAND */
        struct {
            struct slip_str name;
            const struct slip_tmpl_func *func;
        } function;                   /* IDENTIFIER */
        struct slip_node_names names; /* FIELD; VARIABLE: the first is the variable with its "$" */
        struct {
            struct slip_node *base;
            struct slip_node_names *names;
        } chain; /* CHAIN */
        bool truth;
        struct slip_node_number *number;
        struct {
            struct slip_str value, written;
        } string;
    };
};

struct slip_branch {
    struct slip_node *pipe;
    struct slip_node_list list, else_list; /* without an else part: empty */
};

struct slip_pipe {
    struct slip_node_list decl; /* variables declared or assigned */
    bool is_assign;
    struct slip_node_list commands;
};

/* One template: a define, or a whole text. */
struct slip_tmpl_tree {
    struct slip_str name;
    const struct slip_source *source;
    struct slip_node_list root;
};

/* The node as Go prints it, for messages: not as it was written. */
void slip_node_print(const struct slip_node *n, struct slip_buf *out);

/* Nothing in it but white space: such a body does not replace another one. */
bool slip_node_list_is_empty(const struct slip_node_list *list);

#endif
