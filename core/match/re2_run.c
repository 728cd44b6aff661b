/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions: run a program. All ways to match advance together, rune by rune, in order of
 * preference (Pike's machine): time is text times program, whatever the expression.
 */
#include "match/re2_impl.h"

#include "base/unicode.h"

#define NO_RUNE UINT32_MAX

/* Where the groups of one thread lie; shared until one of the owners writes. */
struct row {
    struct row *next_free;
    unsigned owners;
    size_t slots[];
};

struct thread {
    uint32_t pc;
    struct row *row;
};

struct threads {
    SLIP_VEC(struct thread);
};

struct re2_machine {
    const struct re2_program *program;
    uint32_t *seen; /* per instruction: the round in which it was added */
    uint32_t round;
    struct threads now, next, todo;
    struct row *free_rows;
    size_t n_slots; /* that this run wants, and that every row has room for */

    uint64_t work, limit;

    /* where the run is */
    struct slip_str text;
    size_t pos;
    bool at_match; /* one of the threads of this round has matched */
    unsigned held; /* assertions that hold where threads are being added; 0: not asked yet */
    struct row *found;
};

struct re2_machine *re2_machine_new(const struct re2_program *p)
{
    struct re2_machine *m = slip_new(struct re2_machine);
    m->program = p;
    m->seen = slip_alloc_array(p->len, sizeof(*m->seen));
    m->work = p->len;
    for (size_t i = 0; i < p->classes.len; i++)
        m->work += p->classes.at[i].len;
    m->limit = UINT64_MAX;
    return m;
}

uint64_t re2_machine_work(const struct re2_machine *m)
{
    return m->work;
}

void re2_machine_limit(struct re2_machine *m, uint64_t limit)
{
    m->limit = limit;
}

bool re2_machine_exhausted(const struct re2_machine *m)
{
    return m->work > m->limit;
}

static void free_rows(struct re2_machine *m)
{
    while (m->free_rows) {
        struct row *next = m->free_rows->next_free;
        slip_free(m->free_rows);
        m->free_rows = next;
    }
}

void re2_machine_free(struct re2_machine *m)
{
    if (!m)
        return;
    free_rows(m);
    slip_vec_clear(&m->now);
    slip_vec_clear(&m->next);
    slip_vec_clear(&m->todo);
    slip_free(m->seen);
    slip_free(m);
}

/* ---- rows ---- */

static struct row *new_row(struct re2_machine *m)
{
    struct row *r = m->free_rows;
    if (r)
        m->free_rows = r->next_free;
    else
        r = slip_alloc(sizeof(*r) + m->n_slots * sizeof(size_t));
    r->owners = 1;
    return r;
}

static void drop_row(struct re2_machine *m, struct row *r)
{
    if (r && --r->owners == 0) {
        r->next_free = m->free_rows;
        m->free_rows = r;
    }
}

static struct row *share_row(struct row *r)
{
    if (r)
        r->owners++;
    return r;
}

/* The row with a slot set; takes one ownership and gives one. */
static struct row *set_slot(struct re2_machine *m, struct row *r, size_t slot, size_t pos)
{
    if (slot >= m->n_slots)
        return r;
    if (r->owners > 1) {
        struct row *copy = new_row(m);
        memcpy(copy->slots, r->slots, m->n_slots * sizeof(size_t));
        drop_row(m, r);
        r = copy;
    }
    r->slots[slot] = pos;
    return r;
}

static void drop_threads(struct re2_machine *m, struct threads *list, size_t from)
{
    for (size_t i = from; i < list->len; i++)
        drop_row(m, list->at[i].row);
    list->len = from;
}

/* ---- assertions ---- */

static bool is_word(uint32_t r)
{
    return (r >= '0' && r <= '9') || (r >= 'A' && r <= 'Z') || (r >= 'a' && r <= 'z') || r == '_';
}

static unsigned assertions_at(struct slip_str text, size_t pos)
{
    size_t width;
    uint32_t before = pos ? slip_utf8_decode_last(slip_str_first(text, pos), &width) : NO_RUNE;
    uint32_t after = pos < text.len ? slip_utf8_decode(slip_str_skip(text, pos), &width) : NO_RUNE;
    unsigned held = is_word(before) != is_word(after) ? RE2_WORD_BOUNDARY : RE2_NO_WORD_BOUNDARY;
    if (before == NO_RUNE)
        held |= RE2_BEGIN_TEXT | RE2_BEGIN_LINE;
    else if (before == '\n')
        held |= RE2_BEGIN_LINE;
    if (after == NO_RUNE)
        held |= RE2_END_TEXT | RE2_END_LINE;
    else if (after == '\n')
        held |= RE2_END_LINE;
    return held;
}

/* ---- threads ---- */

static void next_round(struct re2_machine *m)
{
    if (++m->round == 0) {
        memset(m->seen, 0, m->program->len * sizeof(*m->seen));
        m->round = 1;
    }
}

/* Whether an assertion holds at `pos`, where this round adds threads. */
static bool holds(struct re2_machine *m, unsigned assertion, size_t pos)
{
    if (assertion == RE2_BEGIN_TEXT)
        return pos == 0;
    if (assertion == RE2_END_TEXT)
        return pos == m->text.len;
    if (!m->held) /* never the answer: a place is a word boundary or none */
        m->held = assertions_at(m->text, pos);
    return m->held & assertion;
}

/* Follow a thread to where it reads, or to its end; other ways that open go to the to-do list. */
static void follow(struct re2_machine *m, struct threads *list, struct thread t, size_t pos)
{
    while (m->seen[t.pc] != m->round) {
        const struct re2_inst *in = &m->program->at[t.pc];
        m->seen[t.pc] = m->round;
        m->work++;
        switch (in->code) {
        case RE2_I_SPLIT:
            slip_vec_push(&m->todo, (struct thread){ in->arg, share_row(t.row) });
            break;
        case RE2_I_SAVE:
            t.row = set_slot(m, t.row, in->arg, pos);
            break;
        case RE2_I_ASSERT:
            if (holds(m, in->arg, pos))
                break;
            drop_row(m, t.row);
            return;
        default:
            m->at_match |= in->code == RE2_I_MATCH;
            slip_vec_push(list, t);
            return;
        }
        t.pc = in->next;
    }
    drop_row(m, t.row);
}

/* Add the thread and every other that it becomes without reading; takes ownership of `row`. */
static void add_thread(struct re2_machine *m, struct threads *list, uint32_t pc, struct row *row,
                       size_t pos)
{
    follow(m, list, (struct thread){ pc, row }, pos);
    while (m->todo.len)
        follow(m, list, m->todo.at[--m->todo.len], pos);
}

static bool in_class(const struct re2_class *c, uint32_t rune)
{
    if (rune < 128)
        return c->ascii[rune / 64] >> (rune % 64) & 1;
    size_t lo = 0, hi = c->len;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (rune < c->ranges[mid].lo)
            hi = mid;
        else if (rune > c->ranges[mid].hi)
            lo = mid + 1;
        else
            return true;
    }
    return false;
}

static bool takes(const struct re2_program *p, const struct re2_inst *in, uint32_t rune)
{
    switch (in->code) {
    case RE2_I_RUNE:
        return rune == in->arg;
    case RE2_I_FOLD:
        return slip_unicode_fold_key(rune) == in->arg;
    case RE2_I_CLASS:
        return in_class(&p->classes.at[in->arg], rune);
    case RE2_I_ANY:
        return true;
    case RE2_I_ANY_NOT_NL:
        return rune != '\n';
    default:
        return false;
    }
}

/* Move all threads over `rune` (NO_RUNE: the end), which leads to `pos`. */
static void step(struct re2_machine *m, uint32_t rune, size_t pos)
{
    const struct re2_program *p = m->program;
    next_round(m);
    m->held = 0;
    m->at_match = false;
    for (size_t i = 0; i < m->now.len; i++) {
        struct thread t = m->now.at[i];
        const struct re2_inst *in = &p->at[t.pc];
        if (in->code == RE2_I_MATCH) {
            drop_row(m, m->found);
            m->found = set_slot(m, t.row, 1, m->pos);
            drop_threads(m, &m->now, i + 1); /* less preferred ones */
            break;
        }
        if (rune != NO_RUNE && takes(p, in, rune))
            add_thread(m, &m->next, in->next, t.row, pos);
        else
            drop_row(m, t.row);
    }
    m->now.len = 0;
    struct threads swap = m->now;
    m->now = m->next;
    m->next = swap;
}

/* The next place where a match may begin, or SLIP_NPOS. */
static size_t candidate(const struct re2_program *p, struct slip_str text, size_t pos)
{
    if (p->begins_text)
        return pos == 0 ? 0 : SLIP_NPOS;
    if (p->prefix) {
        size_t at =
            slip_str_find_str(slip_str_skip(text, pos), slip_str_make(p->prefix, p->prefix_len));
        return at == SLIP_NPOS ? at : pos + at;
    }
    if (p->any_first)
        return pos;
    while (pos < text.len && !p->first[(unsigned char)text.ptr[pos]])
        pos++;
    return pos < text.len ? pos : SLIP_NPOS;
}

/* Whether a match may begin where the run is, by its next byte. */
static bool may_begin(const struct re2_machine *m)
{
    const struct re2_program *p = m->program;
    if (p->begins_text)
        return m->pos == 0;
    return p->any_first || (m->pos < m->text.len && p->first[(unsigned char)m->text.ptr[m->pos]]);
}

static void begin_thread(struct re2_machine *m)
{
    struct row *row = NULL;
    if (m->n_slots) {
        row = new_row(m);
        for (size_t i = 1; i < m->n_slots; i++)
            row->slots[i] = SLIP_NPOS;
        row->slots[0] = m->pos;
    }
    add_thread(m, &m->now, m->program->start, row, m->pos);
}

/* True when a match was found (m->found, when slots are wanted). */
static bool run(struct re2_machine *m)
{
    bool matched = false;
    m->at_match = false;
    while (m->work <= m->limit) {
        if (m->now.len == 0) {
            if (matched)
                return true;
            m->pos = candidate(m->program, m->text, m->pos);
            if (m->pos == SLIP_NPOS)
                return false;
            m->held = 0;
            next_round(m); /* what was seen where an assertion failed may hold here */
        }
        if (!matched && may_begin(m))
            begin_thread(m);
        if (m->at_match) {
            matched = true;
            if (m->n_slots == 0)
                return true;
        }
        if (m->pos == m->text.len) {
            step(m, NO_RUNE, m->pos);
            return matched;
        }
        size_t width = 1;
        uint32_t rune = (unsigned char)m->text.ptr[m->pos];
        if (rune >= 0x80)
            rune = slip_utf8_decode(slip_str_skip(m->text, m->pos), &width);
        step(m, rune, m->pos + width);
        m->pos += width;
    }
    return false;
}

bool re2_machine_run(struct re2_machine *m, struct slip_str text, size_t from, size_t *slots,
                     size_t n)
{
    if (from > text.len)
        return false;
    if (n != m->n_slots) {
        free_rows(m);
        m->n_slots = n;
    }
    m->text = text;
    m->pos = from;
    m->found = NULL;
    bool matched = run(m);
    drop_threads(m, &m->now, 0);
    if (matched && n)
        memcpy(slots, m->found->slots, n * sizeof(*slots));
    drop_row(m, m->found);
    m->found = NULL;
    return matched;
}
