/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the actions of a template. What is open (a list of nodes, a range, a called template) stands
 * on a stack of our own: {{template}} may nest as deep as in Go without using the C stack.
 */
#include "tmpl/run.h"

#include "tmpl/fmt.h"

enum frame_kind {
    FRAME_LIST,     /* the nodes of `list` from `next` on */
    FRAME_RANGE,    /* iterations from `next` on, each pushes a list */
    FRAME_TEMPLATE, /* under the list of a called template: its end goes back to the caller */
};

struct slip_frame {
    enum frame_kind kind;
    const struct slip_node_list *list; /* RANGE: the body */
    size_t next;
    struct slip_tv dot; /* RANGE: the value that is ranged over */
    size_t mark;        /* variables to keep at the end */
    union {
        struct {
            const struct slip_pipe *pipe;
            const struct slip_tv_entry *entries; /* of a map, sorted */
            size_t len;
            size_t inner_mark; /* variables to keep after each iteration */
        } range;
        struct {
            const struct slip_tmpl_tree *tree;
            size_t vars;
        } caller;
    };
};

/* ---- failures and budget ---- */

static unsigned line_of(struct slip_str before, size_t *column)
{
    unsigned line = 1;
    *column = before.len;
    for (size_t i = 0; i < before.len; i++)
        if (before.ptr[i] == '\n') {
            line++;
            *column = before.len - i - 1;
        }
    return line;
}

static bool is_boundary(struct slip_str s, size_t at)
{
    return at >= s.len || ((unsigned char)s.ptr[at] & 0xC0) != 0x80;
}

void slip_tmpl_add_shortened(struct slip_str s, size_t most, struct slip_buf *out)
{
    if (s.len <= most) {
        slip_buf_add_str(out, s);
        return;
    }
    size_t head = most / 2 - 8, tail = s.len - (most / 2 - 8);
    while (!is_boundary(s, head))
        head--;
    while (!is_boundary(s, tail))
        tail++;
    slip_buf_add_str(out, slip_str_first(s, head));
    slip_buf_add_c(out, " [...] ");
    slip_buf_add_str(out, slip_str_skip(s, tail));
}

bool slip_state_fail_str(struct slip_state *s, struct slip_str message)
{
    const struct slip_node *n = s->node;
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    size_t column;
    unsigned line = line_of(slip_str_first(n->source->text, n->pos), &column);
    slip_buf_add_fmt(&text, "template: %.*s:%u:%zu: executing ", SLIP_ARG(n->source->name), line,
                     column);
    slip_fmt_quote(s->tree->name, false, &text);
    slip_buf_add_c(&text, " at <");
    slip_node_print(n, &text);
    slip_buf_add_c(&text, ">: ");
    slip_tmpl_add_shortened(message, SLIP_TMPL_LIMIT_MESSAGE, &text);
    s->run->error = slip_arena_str(&s->run->set->arena, slip_buf_str(&text));
    return false;
}

bool slip_state_fail(struct slip_state *s, const char *fmt, ...)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    va_list args;
    va_start(args, fmt);
    slip_buf_add_vfmt(&text, fmt, args);
    va_end(args);
    return slip_state_fail_str(s, slip_buf_str(&text));
}

bool slip_state_spend(struct slip_state *s, uint64_t steps)
{
    s->run->steps += steps;
    return s->run->steps <= SLIP_TMPL_LIMIT_STEPS
           || slip_state_fail(s, "rendering needs more than %u steps", SLIP_TMPL_LIMIT_STEPS);
}

/* ---- variables ---- */

void slip_state_declare(struct slip_state *s, struct slip_str name, const struct slip_tv *value)
{
    slip_vec_push(&s->run->vars, (struct slip_tmpl_variable){ name, *value });
}

bool slip_state_assign(struct slip_state *s, struct slip_str name, const struct slip_tv *value)
{
    for (size_t i = s->run->vars.len; i > s->vars; i--)
        if (slip_str_eq(s->run->vars.at[i - 1].name, name)) {
            s->run->vars.at[i - 1].value = *value;
            return true;
        }
    return slip_state_fail(s, "undefined variable: %.*s", SLIP_ARG(name));
}

/* ---- frames ---- */

static struct slip_frame *push(struct slip_state *s, enum frame_kind kind,
                               const struct slip_node_list *list, const struct slip_tv *dot)
{
    struct slip_tv value = *dot; /* it may stand in a frame that moves */
    struct slip_frame *f = slip_vec_add(&s->run->frames);
    f->kind = kind;
    f->list = list;
    f->dot = value;
    f->mark = s->run->vars.len;
    return f;
}

static void pop(struct slip_state *s)
{
    struct slip_tmpl_run *run = s->run;
    const struct slip_frame *f = &run->frames.at[--run->frames.len];
    run->vars.len = f->mark;
    if (f->kind == FRAME_TEMPLATE) {
        s->tree = f->caller.tree;
        s->vars = f->caller.vars;
        s->depth--;
    }
}

/* ---- actions ---- */

static bool print(struct slip_state *s, const struct slip_node *n, const struct slip_tv *v,
                  struct slip_buf *out)
{
    s->node = n;
    if (slip_tv_is_nil(v))
        slip_buf_add_c(out, "<no value>");
    else if (v->type == SLIP_TV_STRING)
        slip_buf_add_str(out, v->s);
    else
        slip_fmt_v(v, out);
    return !out->full || slip_state_fail(s, "the output is too large, or a value is too deep");
}

static bool action(struct slip_state *s, const struct slip_node *n, const struct slip_tv *dot,
                   struct slip_buf *out)
{
    struct slip_tv value;
    if (!slip_eval_pipe(s, dot, n->pipe, &value))
        return false;
    return n->pipe->pipeline->decl.len > 0 || print(s, n, &value, out);
}

/* A variable declared in the pipe lives until the end of the branch that is taken. */
static bool branch(struct slip_state *s, const struct slip_node *n, const struct slip_tv *dot)
{
    const struct slip_branch *b = n->branch;
    struct slip_tv outer = *dot, value;
    size_t mark = s->run->vars.len;
    if (!slip_eval_pipe(s, &outer, b->pipe, &value))
        return false;
    bool taken = slip_tv_truth(&value);
    struct slip_frame *f = push(s, FRAME_LIST, taken ? &b->list : &b->else_list,
                                taken && n->kind == SLIP_NODE_WITH ? &value : &outer);
    f->mark = mark;
    return true;
}

static bool range_fail(struct slip_state *s, const struct slip_tv *v)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_buf_add_c(&text, "range can't iterate over ");
    slip_fmt_v(v, &text);
    return slip_state_fail_str(s, slip_buf_str(&text));
}

static bool range(struct slip_state *s, const struct slip_node *n, const struct slip_tv *dot)
{
    const struct slip_branch *b = n->branch;
    struct slip_tv outer = *dot, value;
    size_t mark = s->run->vars.len;
    if (!slip_eval_pipe(s, &outer, b->pipe, &value))
        return false;
    bool map = slip_tv_is_map(&value);
    size_t len = map ? slip_tv_map_len(value.map) : 0;
    if (slip_tv_is_list(&value))
        len = slip_tv_list_len(&value);
    else if (!map && !slip_tv_is_nil(&value))
        return range_fail(s, &value);
    if (len == 0) {
        push(s, FRAME_LIST, &b->else_list, &outer)->mark = mark;
        return true;
    }
    struct slip_frame *f = push(s, FRAME_RANGE, &b->list, &value);
    f->range.inner_mark = f->mark;
    f->mark = mark;
    f->range.pipe = b->pipe->pipeline;
    f->range.len = len;
    if (map)
        f->range.entries = slip_tv_map_sorted(&s->run->set->arena, value.map);
    return true;
}

/* Give the variables of a range their values for one iteration. */
static bool set_range_variables(struct slip_state *s, const struct slip_pipe *pipe,
                                const struct slip_tv *key, const struct slip_tv *value)
{
    size_t n = pipe->decl.len;
    const struct slip_tv *values[2] = { n > 1 ? key : value, value };
    for (size_t i = 0; i < n; i++) {
        if (!pipe->is_assign)
            s->run->vars.at[s->run->vars.len - n + i].value = *values[i];
        else if (!slip_state_assign(s, pipe->decl.at[i]->names.at[0], values[i]))
            return false;
    }
    return true;
}

static bool iterate(struct slip_state *s, struct slip_frame *f)
{
    s->run->vars.len = f->range.inner_mark;
    if (f->next >= f->range.len) {
        pop(s);
        return true;
    }
    size_t i = f->next++;
    struct slip_tv key = slip_tv_int((int64_t)i), value;
    if (f->range.entries) {
        key = f->range.entries[i].key;
        key.boxed = f->dot.type == SLIP_TV_ANY_MAP;
        value = slip_tv_element(f->dot.type, f->range.entries[i].value);
    } else {
        value = slip_tv_element(f->dot.type, f->dot.list->at[i]);
    }
    const struct slip_node_list *body = f->list;
    if (!slip_state_spend(s, 1) || !set_range_variables(s, f->range.pipe, &key, &value))
        return false;
    push(s, FRAME_LIST, body, &value);
    return true;
}

/* Leave the innermost range, or go to its next iteration. */
static void leave_range(struct slip_state *s, bool for_good)
{
    while (s->run->frames.at[s->run->frames.len - 1].kind != FRAME_RANGE)
        pop(s);
    if (for_good)
        pop(s);
}

static void enter_template(struct slip_state *s, const struct slip_tmpl_tree *tree,
                           const struct slip_tv *dot)
{
    struct slip_tv value = *dot;
    struct slip_frame *f = push(s, FRAME_TEMPLATE, NULL, &value);
    f->caller.tree = s->tree;
    f->caller.vars = s->vars;
    s->tree = tree;
    s->vars = s->run->vars.len;
    s->depth++;
    slip_state_declare(s, SLIP_STR("$"), &value);
    push(s, FRAME_LIST, &tree->root, &value);
}

static bool call_template(struct slip_state *s, const struct slip_node *n,
                          const struct slip_tv *dot)
{
    s->node = n;
    const struct slip_tmpl_tree *tree = slip_map_get(s->run->set->templates, n->call.name);
    if (!tree) {
        SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
        slip_buf_add_c(&text, "template ");
        slip_fmt_quote(n->call.name, false, &text);
        slip_buf_add_c(&text, " not defined");
        return slip_state_fail_str(s, slip_buf_str(&text));
    }
    if (!slip_state_spend(s, 1))
        return false;
    if (s->depth > SLIP_TMPL_LIMIT_TEMPLATES)
        return slip_state_fail(s, "exceeded maximum template depth (%d)",
                               SLIP_TMPL_LIMIT_TEMPLATES);
    struct slip_tv outer = *dot, value = slip_tv_nil();
    if (n->call.pipe && !slip_eval_pipe(s, &outer, n->call.pipe, &value))
        return false;
    enter_template(s, tree, &value);
    return true;
}

static bool node(struct slip_state *s, const struct slip_node *n, const struct slip_tv *dot,
                 struct slip_buf *out)
{
    switch (n->kind) {
    case SLIP_NODE_TEXT:
        slip_buf_add_str(out, n->text);
        s->node = n;
        return !out->full || slip_state_fail(s, "the output is too large");
    case SLIP_NODE_ACTION:
        return action(s, n, dot, out);
    case SLIP_NODE_IF:
    case SLIP_NODE_WITH:
        return branch(s, n, dot);
    case SLIP_NODE_RANGE:
        return range(s, n, dot);
    case SLIP_NODE_TEMPLATE:
        return call_template(s, n, dot);
    default:
        leave_range(s, n->kind == SLIP_NODE_BREAK);
        return true;
    }
}

/* One step of the innermost frame. */
static bool step(struct slip_state *s, struct slip_buf *out)
{
    struct slip_frame *f = &s->run->frames.at[s->run->frames.len - 1];
    if (f->kind == FRAME_RANGE)
        return iterate(s, f);
    if (f->kind == FRAME_TEMPLATE || f->next >= f->list->len) {
        pop(s);
        return true;
    }
    const struct slip_node *n = f->list->at[f->next++];
    struct slip_tv dot = f->dot; /* evaluating may move the frame */
    return node(s, n, &dot, out);
}

int slip_tmpl_execute(struct slip_tmpl_run *run, const struct slip_tmpl_tree *tree,
                      const struct slip_tv *dot, struct slip_buf *out)
{
    struct slip_state s = { .run = run, .tree = tree, .vars = run->vars.len };
    size_t frames = run->frames.len, vars = run->vars.len;
    enter_template(&s, tree, dot);
    bool good = true;
    while (good && run->frames.len > frames)
        good = step(&s, out);
    run->frames.len = frames;
    run->vars.len = vars;
    return good ? 0 : -1;
}
