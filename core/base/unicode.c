/* SPDX-License-Identifier: Apache-2.0 */
/* Letters, case and categories: lookups in the tables of unicode_tables.c. */
#include "base/unicode.h"

#include "base/unicode_tables.h"
#include "base/utf8.h"

enum { UPPER, LOWER, TITLE };

const struct slip_unicode_table *slip_unicode_table(struct slip_str name)
{
    size_t lo = 0, hi = slip_unicode_tables_count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int order = slip_str_cmp(name, slip_str_of(slip_unicode_tables[mid].name));
        if (order == 0)
            return &slip_unicode_tables[mid];
        if (order < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return NULL;
}

bool slip_unicode_in(const struct slip_unicode_table *table, uint32_t rune)
{
    size_t lo = 0, hi = table->count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        const struct slip_unicode_range *r = &table->ranges[mid];
        if (rune < r->lo)
            hi = mid;
        else if (rune > r->hi)
            lo = mid + 1;
        else
            return (rune - r->lo) % r->stride == 0;
    }
    return false;
}

static bool in_category(const char *name, uint32_t rune)
{
    return slip_unicode_in(slip_unicode_table(slip_str_of(name)), rune);
}

static bool ascii_between(uint32_t rune, char lo, char hi)
{
    return rune >= (uint32_t)lo && rune <= (uint32_t)hi;
}

bool slip_unicode_is_upper(uint32_t rune)
{
    return rune < 0x80 ? ascii_between(rune, 'A', 'Z') : in_category("Lu", rune);
}

bool slip_unicode_is_lower(uint32_t rune)
{
    return rune < 0x80 ? ascii_between(rune, 'a', 'z') : in_category("Ll", rune);
}

bool slip_unicode_is_title(uint32_t rune)
{
    return rune >= 0x80 && in_category("Lt", rune);
}

bool slip_unicode_is_letter(uint32_t rune)
{
    return rune < 0x80 ? slip_unicode_is_upper(rune) || slip_unicode_is_lower(rune)
                       : in_category("L", rune);
}

bool slip_unicode_is_digit(uint32_t rune)
{
    return rune < 0x80 ? ascii_between(rune, '0', '9') : in_category("Nd", rune);
}

bool slip_unicode_is_number(uint32_t rune)
{
    return rune < 0x80 ? ascii_between(rune, '0', '9') : in_category("N", rune);
}

bool slip_unicode_is_punct(uint32_t rune)
{
    return in_category("P", rune);
}

bool slip_unicode_is_space(uint32_t rune)
{
    return slip_unicode_in(&slip_unicode_white_space, rune);
}

bool slip_unicode_is_print(uint32_t rune)
{
    if (rune < 0x80)
        return rune >= ' ' && rune < 0x7F;
    return in_category("L", rune) || in_category("M", rune) || in_category("N", rune)
           || in_category("P", rune) || in_category("S", rune);
}

static uint32_t map_case(uint32_t rune, int to)
{
    size_t lo = 0, hi = slip_unicode_cases_count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        const struct slip_unicode_case *c = &slip_unicode_cases[mid];
        if (rune < c->lo)
            hi = mid;
        else if (rune > c->hi)
            lo = mid + 1;
        else if (c->delta[to] != ALTERNATE)
            return (uint32_t)((int32_t)rune + c->delta[to]);
        else /* upper case on even steps from lo, its lower case one further; title is upper */
            return c->lo + (((rune - c->lo) & ~1u) | (to == LOWER));
    }
    return rune;
}

uint32_t slip_unicode_upper(uint32_t rune)
{
    if (rune < 0x80)
        return ascii_between(rune, 'a', 'z') ? rune - 0x20 : rune;
    return map_case(rune, UPPER);
}

uint32_t slip_unicode_lower(uint32_t rune)
{
    if (rune < 0x80)
        return ascii_between(rune, 'A', 'Z') ? rune + 0x20 : rune;
    return map_case(rune, LOWER);
}

uint32_t slip_unicode_title(uint32_t rune)
{
    if (rune < 0x80)
        return slip_unicode_upper(rune);
    return map_case(rune, TITLE);
}

uint32_t slip_unicode_fold(uint32_t rune)
{
    size_t lo = 0, hi = slip_unicode_orbits_count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        const struct slip_unicode_orbit *o = &slip_unicode_orbits[mid];
        if (rune == o->from)
            return o->to;
        if (rune < o->from)
            hi = mid;
        else
            lo = mid + 1;
    }
    uint32_t lower = slip_unicode_lower(rune);
    return lower != rune ? lower : slip_unicode_upper(rune);
}

uint32_t slip_unicode_fold_key(uint32_t rune)
{
    if (rune < 0x80)
        return slip_unicode_upper(rune);
    uint32_t least = rune;
    for (uint32_t r = slip_unicode_fold(rune); r != rune; r = slip_unicode_fold(r))
        if (r < least)
            least = r;
    return least;
}

/* The first rune from `rune` on that is in the table of orbits. */
static uint32_t next_in_orbit(uint32_t rune)
{
    for (size_t i = 0; i < slip_unicode_orbits_count; i++)
        if (slip_unicode_orbits[i].from >= rune)
            return slip_unicode_orbits[i].from;
    return SLIP_RUNE_MAX + 1;
}

uint32_t slip_unicode_next_cased(uint32_t rune)
{
    size_t lo = 0, hi = slip_unicode_cases_count;
    while (lo < hi) { /* the first range that ends at `rune` or later */
        size_t mid = lo + (hi - lo) / 2;
        if (slip_unicode_cases[mid].hi < rune)
            lo = mid + 1;
        else
            hi = mid;
    }
    uint32_t next = next_in_orbit(rune); /* sharp s has a fold, but no case mapping */
    if (lo < slip_unicode_cases_count) {
        uint32_t cased = slip_unicode_cases[lo].lo > rune ? slip_unicode_cases[lo].lo : rune;
        next = cased < next ? cased : next;
    }
    return next;
}

struct slip_str slip_unicode_trim_left(struct slip_str s)
{
    size_t width;
    while (s.len && slip_unicode_is_space(slip_utf8_decode(s, &width)))
        s = slip_str_skip(s, width);
    return s;
}

struct slip_str slip_unicode_trim(struct slip_str s)
{
    s = slip_unicode_trim_left(s);
    size_t width;
    while (s.len && slip_unicode_is_space(slip_utf8_decode_last(s, &width)))
        s.len -= width;
    return s;
}
