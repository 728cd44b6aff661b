/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of runes: the character classes of regular expressions. */
#include "match/re2_impl.h"

#include "base/unicode.h"

void re2_set_add(struct re2_set *s, uint32_t lo, uint32_t hi)
{
    /* Growing one of the last two keeps sets small that are built in steps: "A-Z" beside "a-z". */
    for (size_t back = 1; back <= 2 && back <= s->len; back++) {
        struct re2_range *r = &s->at[s->len - back];
        if (lo <= r->hi + 1 && r->lo <= hi + 1) {
            r->lo = lo < r->lo ? lo : r->lo;
            r->hi = hi > r->hi ? hi : r->hi;
            return;
        }
    }
    slip_vec_push(s, (struct re2_range){ lo, hi });
}

void re2_set_add_folded(struct re2_set *s, uint32_t lo, uint32_t hi)
{
    re2_set_add(s, lo, hi);
    if (lo == 0 && hi == SLIP_RUNE_MAX)
        return;
    for (uint32_t r = slip_unicode_next_cased(lo); r <= hi; r = slip_unicode_next_cased(r + 1))
        for (uint32_t f = slip_unicode_fold(r); f != r; f = slip_unicode_fold(f))
            if (f < lo || f > hi)
                re2_set_add(s, f, f);
}

static int by_start(const void *a, const void *b)
{
    const struct re2_range *x = a, *y = b;
    return x->lo < y->lo ? -1 : x->lo > y->lo;
}

void re2_set_clean(struct re2_set *s)
{
    if (s->len < 2)
        return;
    qsort(s->at, s->len, sizeof(*s->at), by_start);
    size_t kept = 1;
    for (size_t i = 1; i < s->len; i++) {
        struct re2_range *last = &s->at[kept - 1], *r = &s->at[i];
        if (r->lo > last->hi + 1)
            s->at[kept++] = *r;
        else if (r->hi > last->hi)
            last->hi = r->hi;
    }
    s->len = kept;
}

/* Call `add` for every gap of the sorted ranges. */
static void add_gaps(struct re2_set *s, const struct re2_range *ranges, size_t n)
{
    uint32_t next = 0;
    for (size_t i = 0; i < n; i++) {
        if (ranges[i].lo > next)
            re2_set_add(s, next, ranges[i].lo - 1);
        next = ranges[i].hi + 1;
    }
    if (next <= SLIP_RUNE_MAX)
        re2_set_add(s, next, SLIP_RUNE_MAX);
}

void re2_set_negate(struct re2_set *s)
{
    struct re2_set gaps = { 0 };
    add_gaps(&gaps, s->at, s->len);
    slip_vec_clear(s);
    *s = gaps;
}

/* Add what `other` holds (or, negated, what it does not hold); `other` must be clean. */
static void add_set(struct re2_set *s, const struct re2_set *other, bool negated)
{
    if (negated) {
        add_gaps(s, other->at, other->len);
        return;
    }
    for (size_t i = 0; i < other->len; i++)
        re2_set_add(s, other->at[i].lo, other->at[i].hi);
}

/* `pairs`: lo and hi of each range, one ASCII character each. */
static void add_pairs(struct re2_set *s, struct slip_str pairs, bool negated, bool fold)
{
    struct re2_set named = { 0 };
    for (size_t i = 0; i + 1 < pairs.len; i += 2) {
        uint32_t lo = (unsigned char)pairs.ptr[i], hi = (unsigned char)pairs.ptr[i + 1];
        if (fold)
            re2_set_add_folded(&named, lo, hi);
        else
            re2_set_add(&named, lo, hi);
    }
    re2_set_clean(&named);
    add_set(s, &named, negated);
    slip_vec_clear(&named);
}

struct named_class {
    const char *name;
    struct slip_str pairs;
};

static const struct named_class *find_class(const struct named_class *classes, size_t n,
                                            struct slip_str name)
{
    for (size_t i = 0; i < n; i++)
        if (slip_str_is(name, classes[i].name))
            return &classes[i];
    return NULL;
}

bool re2_set_add_perl(struct re2_set *s, char letter, bool fold)
{
    static const struct named_class classes[] = {
        { "d", SLIP_STR("09") },
        { "s", SLIP_STR("\t\n\f\r  ") },
        { "w", SLIP_STR("09AZ__az") },
    };
    bool negated = letter >= 'A' && letter <= 'Z';
    char name = (char)(negated ? letter + 0x20 : letter);
    const struct named_class *c = find_class(classes, SLIP_COUNT(classes), slip_str_make(&name, 1));
    if (c)
        add_pairs(s, c->pairs, negated, fold);
    return c != NULL;
}

bool re2_set_add_posix(struct re2_set *s, struct slip_str name, bool fold)
{
    static const struct named_class classes[] = {
        { "alnum", SLIP_STR("09AZaz") },
        { "alpha", SLIP_STR("AZaz") },
        { "ascii", SLIP_STR("\0\x7F") },
        { "blank", SLIP_STR("\t\t  ") },
        { "cntrl", SLIP_STR("\0\x1F\x7F\x7F") },
        { "digit", SLIP_STR("09") },
        { "graph", SLIP_STR("!~") },
        { "lower", SLIP_STR("az") },
        { "print", SLIP_STR(" ~") },
        { "punct", SLIP_STR("!/:@[`{~") },
        { "space", SLIP_STR("\t\r  ") },
        { "upper", SLIP_STR("AZ") },
        { "word", SLIP_STR("09AZ__az") },
        { "xdigit", SLIP_STR("09AFaf") },
    };
    bool negated = name.len > 0 && name.ptr[0] == '^';
    const struct named_class *c =
        find_class(classes, SLIP_COUNT(classes), slip_str_skip(name, negated));
    if (c)
        add_pairs(s, c->pairs, negated, fold);
    return c != NULL;
}

static void add_table(struct re2_set *s, const struct slip_unicode_range *ranges, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (ranges[i].stride == 1) {
            re2_set_add(s, ranges[i].lo, ranges[i].hi);
            continue;
        }
        for (uint32_t r = ranges[i].lo; r <= ranges[i].hi; r += ranges[i].stride)
            re2_set_add(s, r, r);
    }
}

bool re2_set_add_unicode(struct re2_set *s, struct slip_str name, bool negated, bool fold)
{
    struct re2_set named = { 0 };
    if (slip_str_is(name, "Any")) {
        re2_set_add(&named, 0, SLIP_RUNE_MAX);
    } else {
        const struct slip_unicode_table *t = slip_unicode_table(name);
        if (!t)
            return false;
        add_table(&named, t->ranges, t->count);
        if (fold)
            add_table(&named, t->fold, t->fold_count);
        re2_set_clean(&named);
    }
    add_set(s, &named, negated);
    slip_vec_clear(&named);
    return true;
}
