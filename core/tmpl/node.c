/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes as text for error messages. */
#include "tmpl/node.h"

#include "base/unicode.h"
#include "base/utf8.h"
#include "tmpl/fmt.h"

static void print_list(const struct slip_node_list *list, const char *between, struct slip_buf *out)
{
    for (size_t i = 0; i < list->len; i++) {
        if (i > 0)
            slip_buf_add_c(out, between);
        slip_node_print(list->at[i], out);
    }
}

static void print_fields(const struct slip_node_names *names, size_t from, struct slip_buf *out)
{
    for (size_t i = from; i < names->len; i++) {
        slip_buf_add_char(out, '.');
        slip_buf_add_str(out, names->at[i]);
    }
}

static void print_pipe(const struct slip_pipe *pipe, struct slip_buf *out)
{
    if (pipe->decl.len > 0) {
        print_list(&pipe->decl, ", ", out);
        slip_buf_add_c(out, pipe->is_assign ? " = " : " := ");
    }
    print_list(&pipe->commands, " | ", out);
}

static void print_operand(const struct slip_node *n, struct slip_buf *out)
{
    bool parens = n->kind == SLIP_NODE_PIPE;
    if (parens)
        slip_buf_add_char(out, '(');
    slip_node_print(n, out);
    if (parens)
        slip_buf_add_char(out, ')');
}

static void print_command(const struct slip_node_list *args, struct slip_buf *out)
{
    for (size_t i = 0; i < args->len; i++) {
        if (i > 0)
            slip_buf_add_char(out, ' ');
        print_operand(args->at[i], out);
    }
}

static void print_call(const struct slip_node *n, struct slip_buf *out)
{
    slip_buf_add_c(out, "{{template ");
    slip_fmt_quote(n->call.name, false, out);
    if (n->call.pipe) {
        slip_buf_add_char(out, ' ');
        slip_node_print(n->call.pipe, out);
    }
    slip_buf_add_c(out, "}}");
}

void slip_node_print(const struct slip_node *n, struct slip_buf *out)
{
    switch (n->kind) {
    case SLIP_NODE_TEXT:
        slip_buf_add_str(out, n->text);
        break;
    case SLIP_NODE_ACTION:
        slip_buf_add_c(out, "{{");
        slip_node_print(n->pipe, out);
        slip_buf_add_c(out, "}}");
        break;
    case SLIP_NODE_IF:
    case SLIP_NODE_WITH:
    case SLIP_NODE_RANGE: /* the evaluator is never at one: it goes on to the pipe */
        slip_node_print(n->branch->pipe, out);
        break;
    case SLIP_NODE_TEMPLATE:
        print_call(n, out);
        break;
    case SLIP_NODE_BREAK:
        slip_buf_add_c(out, "{{break}}");
        break;
    case SLIP_NODE_CONTINUE:
        slip_buf_add_c(out, "{{continue}}");
        break;
    case SLIP_NODE_END:
        slip_buf_add_c(out, "{{end}}");
        break;
    case SLIP_NODE_ELSE:
        slip_buf_add_c(out, "{{else}}");
        break;
    case SLIP_NODE_PIPE:
        print_pipe(n->pipeline, out);
        break;
    case SLIP_NODE_COMMAND:
        print_command(&n->args, out);
        break;
    case SLIP_NODE_IDENTIFIER:
        slip_buf_add_str(out, n->function.name);
        break;
    case SLIP_NODE_FIELD:
        print_fields(&n->names, 0, out);
        break;
    case SLIP_NODE_VARIABLE:
        slip_buf_add_str(out, n->names.at[0]);
        print_fields(&n->names, 1, out);
        break;
    case SLIP_NODE_CHAIN:
        print_operand(n->chain.base, out);
        print_fields(n->chain.names, 0, out);
        break;
    case SLIP_NODE_DOT:
        slip_buf_add_char(out, '.');
        break;
    case SLIP_NODE_NIL:
        slip_buf_add_c(out, "nil");
        break;
    case SLIP_NODE_BOOL:
        slip_buf_add_c(out, n->truth ? "true" : "false");
        break;
    case SLIP_NODE_NUMBER:
        slip_buf_add_str(out, n->number->text);
        break;
    case SLIP_NODE_STRING:
        slip_buf_add_str(out, n->string.written);
        break;
    }
}

static bool is_blank(struct slip_str s)
{
    size_t width;
    for (; s.len > 0; s = slip_str_skip(s, width))
        if (!slip_unicode_is_space(slip_utf8_decode(s, &width)))
            return false;
    return true;
}

bool slip_node_list_is_empty(const struct slip_node_list *list)
{
    for (size_t i = 0; i < list->len; i++)
        if (list->at[i]->kind != SLIP_NODE_TEXT || !is_blank(list->at[i]->text))
            return false;
    return true;
}
