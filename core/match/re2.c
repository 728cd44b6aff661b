/* SPDX-License-Identifier: Apache-2.0 */
/* Regular expressions: the public operations on top of one match. */
#include "match/re2_impl.h"

#include "base/unicode.h"

/* Groups times instructions: what a match may need in memory, 16 bytes each. */
#define MAX_SLOTS (16u << 20)

struct slip_re2 {
    struct slip_str pattern; /* in the arena */
    struct slip_arena arena;
    struct re2_tree tree;
    struct re2_program program;
    struct re2_machine *machine;
};

int slip_re2_compile(struct slip_str pattern, struct slip_re2 **out, struct slip_error *err)
{
    SLIP_AUTO_PTR(slip_re2) re = slip_new(struct slip_re2);
    re->pattern = slip_arena_str(&re->arena, pattern);
    if (re2_parse(re->pattern, &re->arena, &re->tree, err) < 0)
        return -1;
    re2_program_make(&re->tree, &re->program);
    if (re->tree.len && re->program.len > MAX_SLOTS / re->tree.len)
        return slip_fail(err, SLIP_E_CONFIG, "error parsing regexp: expression too large: `%.*s`",
                         SLIP_ARG(pattern));
    re->machine = re2_machine_new(&re->program);
    *out = slip_take(re);
    return 0;
}

void slip_re2_free(struct slip_re2 *re)
{
    if (!re)
        return;
    re2_machine_free(re->machine);
    re2_program_clear(&re->program);
    slip_vec_clear(&re->tree);
    slip_arena_clear(&re->arena);
    slip_free(re);
}

uint64_t slip_re2_work(const struct slip_re2 *re)
{
    return re2_machine_work(re->machine);
}

void slip_re2_limit_work(struct slip_re2 *re, uint64_t limit)
{
    re2_machine_limit(re->machine, limit);
}

bool slip_re2_exhausted(const struct slip_re2 *re)
{
    return re2_machine_exhausted(re->machine);
}

size_t slip_re2_groups(const struct slip_re2 *re)
{
    return re->tree.len;
}

bool slip_re2_match(struct slip_re2 *re, struct slip_str text)
{
    return re2_machine_run(re->machine, text, 0, NULL, 0);
}

bool slip_re2_find(struct slip_re2 *re, struct slip_str text, size_t from,
                   struct slip_re2_span *spans, size_t n)
{
    _Static_assert(sizeof(struct slip_re2_span) == 2 * sizeof(size_t), "spans are pairs of slots");
    size_t known = re->tree.len + 1 < n ? re->tree.len + 1 : n;
    for (size_t i = known; i < n; i++)
        spans[i] = (struct slip_re2_span){ SLIP_NPOS, SLIP_NPOS };
    return re2_machine_run(re->machine, text, from, (size_t *)spans, 2 * known);
}

/* The width of what stands at `pos`; 1 at the end, so that a walk gets past it. */
static size_t width_at(struct slip_str text, size_t pos)
{
    size_t width;
    slip_utf8_decode(slip_str_skip(text, pos), &width);
    return width ? width : 1;
}

bool slip_re2_next(struct slip_re2_walk *w, struct slip_re2_span *spans, size_t n)
{
    while (slip_re2_find(w->re, w->text, w->pos, spans, n)) {
        struct slip_re2_span m = spans[0];
        bool empty_behind_match = w->began && m.start == w->last_end && m.end == m.start;
        w->pos = m.end == w->pos ? m.end + width_at(w->text, m.end) : m.end;
        w->last_end = m.end;
        w->began = true;
        if (!empty_behind_match)
            return true;
    }
    w->pos = w->text.len + 1;
    return false;
}

/* ---- replacing ---- */

static bool is_name_rune(uint32_t r)
{
    return r == '_' || slip_unicode_is_letter(r) || slip_unicode_is_digit(r);
}

/* "name" or "{name}" behind a dollar sign. False: no such thing, nothing is taken. */
static bool take_reference(struct slip_str *rest, struct slip_str *name)
{
    bool braced = rest->len > 0 && rest->ptr[0] == '{';
    struct slip_str s = slip_str_skip(*rest, braced);
    size_t len = 0;
    while (len < s.len) {
        size_t width;
        if (!is_name_rune(slip_utf8_decode(slip_str_skip(s, len), &width)))
            break;
        len += width;
    }
    if (len == 0 || (braced && (len == s.len || s.ptr[len] != '}')))
        return false;
    *name = slip_str_first(s, len);
    *rest = slip_str_skip(s, len + braced);
    return true;
}

/* The first group of that number or name that took part, or NULL. */
static const struct slip_re2_span *
referenced(const struct slip_re2 *re, const struct slip_re2_span *spans, struct slip_str name)
{
    uint64_t number;
    bool leading_zero = name.len > 1 && name.ptr[0] == '0';
    if (!leading_zero && slip_str_to_u64(name, &number) && number < 1000000000)
        return number <= re->tree.len && spans[number].start != SLIP_NPOS ? &spans[number] : NULL;
    for (size_t i = 0; i < re->tree.len; i++)
        if (slip_str_eq(name, re->tree.at[i]) && spans[i + 1].start != SLIP_NPOS)
            return &spans[i + 1];
    return NULL;
}

static void add_span(struct slip_buf *out, struct slip_str text, size_t start, size_t end)
{
    slip_buf_add(out, text.ptr + start, end - start);
}

/* Append the template for one match; `spans` are all spans of it (1 + slip_re2_groups). */
static void expand_template(const struct slip_re2 *re, struct slip_str text,
                            const struct slip_re2_span *spans, struct slip_str template,
                            struct slip_buf *out)
{
    struct slip_str plain, name;
    while (slip_str_cut(template, '$', &plain, &template)) {
        slip_buf_add_str(out, plain);
        if (template.len && template.ptr[0] == '$') {
            slip_buf_add_char(out, '$');
            template = slip_str_skip(template, 1);
        } else if (take_reference(&template, &name)) {
            const struct slip_re2_span *span = referenced(re, spans, name);
            if (span)
                add_span(out, text, span->start, span->end);
        } else {
            slip_buf_add_char(out, '$');
        }
    }
    slip_buf_add_str(out, plain);
}

static void replace(struct slip_re2 *re, struct slip_str text, struct slip_str by, bool literal,
                    struct slip_buf *out)
{
    literal = literal || slip_str_find(by, '$') == SLIP_NPOS;
    size_t n = literal ? 1 : 1 + re->tree.len, pos = 0, done = 0;
    SLIP_AUTO_FREE struct slip_re2_span *spans = slip_alloc_array(n, sizeof(*spans));
    while (!out->full && slip_re2_find(re, text, pos, spans, n)) {
        struct slip_re2_span m = spans[0];
        add_span(out, text, done, m.start);
        bool empty_behind_match = m.end == done && m.start != 0;
        if (!empty_behind_match && literal)
            slip_buf_add_str(out, by);
        else if (!empty_behind_match)
            expand_template(re, text, spans, by, out);
        done = m.end;
        pos = m.end > pos ? m.end : pos + width_at(text, pos);
    }
    add_span(out, text, done, text.len);
}

void slip_re2_replace_all(struct slip_re2 *re, struct slip_str text, struct slip_str template,
                          struct slip_buf *out)
{
    replace(re, text, template, false, out);
}

void slip_re2_replace_all_literal(struct slip_re2 *re, struct slip_str text,
                                  struct slip_str replacement, struct slip_buf *out)
{
    replace(re, text, replacement, true, out);
}

/* ---- splitting and quoting ---- */

static bool last_part(struct slip_re2_split *s, struct slip_str *part)
{
    s->done = true;
    *part = slip_str_skip(s->walk.text, s->begin);
    bool only_empty = s->walk.text.len == 0 && s->parts == 0 && s->walk.re->pattern.len > 0;
    return s->limit != 0 && (s->end != s->walk.text.len || only_empty);
}

bool slip_re2_next_part(struct slip_re2_split *s, struct slip_str *part)
{
    struct slip_re2_span m;
    if (s->done)
        return false;
    bool any = s->walk.text.len > 0 || s->walk.re->pattern.len == 0;
    while (any && (s->limit < 0 || s->parts < s->limit - 1) && slip_re2_next(&s->walk, &m, 1)) {
        s->matches++;
        *part = slip_str_make(s->walk.text.ptr + s->begin, m.start - s->begin);
        s->begin = m.end;
        s->end = m.start;
        if (m.end == 0)
            continue;
        s->parts++;
        return true;
    }
    return last_part(s, part);
}

size_t slip_re2_split_matches(struct slip_re2_split *s)
{
    struct slip_re2_span m;
    bool one_more = s->limit > 0 && s->matches < (size_t)s->limit && slip_re2_next(&s->walk, &m, 1);
    return s->matches + one_more;
}

void slip_re2_quote(struct slip_str text, struct slip_buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        if (memchr("\\.+*?()|[]{}^$", text.ptr[i], 14))
            slip_buf_add_char(out, '\\');
        slip_buf_add_char(out, text.ptr[i]);
    }
}
