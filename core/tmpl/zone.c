/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time zone files: a header, the instants at which the zone changes, to which kind it changes, the
 * kinds, their names, and a rule for the time behind the last change:
 *
 *   rule   := name offset [ name [ offset ] [ ',' change ',' change ] ]
 *   change := ( 'J' day | day | 'M' month '.' week '.' weekday ) [ '/' offset ]
 */
#include "tmpl/zone.h"

enum { DAY = 86400, HOUR = 3600 };

struct counts {
    size_t utc, std, leap, changes, kinds, names;
};

struct file {
    struct counts n;
    size_t width; /* bytes of an instant */
    struct slip_str instants, kind_of, kinds, names, rule;
};

/* ---- the parts of the file ---- */

static uint64_t big_endian(struct slip_str s, size_t at, size_t width)
{
    uint64_t value = 0;
    for (size_t i = 0; i < width; i++)
        value = value << 8 | (unsigned char)s.ptr[at + i];
    return value;
}

static bool take(struct slip_str *rest, size_t len, struct slip_str *out)
{
    if (rest->len < len)
        return false;
    *out = slip_str_first(*rest, len);
    *rest = slip_str_skip(*rest, len);
    return true;
}

/* Magic, version, six counts. */
static bool take_header(struct slip_str *rest, char *version, struct counts *n)
{
    struct slip_str head;
    if (!take(rest, 44, &head) || !slip_str_starts(head, SLIP_STR("TZif")))
        return false;
    size_t *const counts[] = { &n->utc, &n->std, &n->leap, &n->changes, &n->kinds, &n->names };
    *version = head.ptr[4];
    for (size_t i = 0; i < SLIP_COUNT(counts); i++)
        *counts[i] = (size_t)big_endian(head, 20 + 4 * i, 4);
    return true;
}

static size_t body_len(const struct counts *n, size_t width)
{
    return n->changes * width + n->changes + n->kinds * 6 + n->names + n->leap * (width + 4)
           + n->std + n->utc;
}

/* From version 2 on the file has a second part with instants of 64 bits. */
static bool open_file(struct slip_str tzif, struct file *f)
{
    char version;
    struct slip_str skipped;
    *f = (struct file){ .width = 4 };
    if (!take_header(&tzif, &version, &f->n))
        return false;
    if (version >= '2') {
        if (!take(&tzif, body_len(&f->n, 4), &skipped) || !take_header(&tzif, &version, &f->n))
            return false;
        f->width = 8;
    }
    if (!take(&tzif, f->n.changes * f->width, &f->instants)
        || !take(&tzif, f->n.changes, &f->kind_of) || !take(&tzif, f->n.kinds * 6, &f->kinds)
        || !take(&tzif, f->n.names, &f->names)
        || !take(&tzif, f->n.leap * (f->width + 4) + f->n.std + f->n.utc, &skipped))
        return false;
    if (tzif.len > 2 && tzif.ptr[0] == '\n' && tzif.ptr[tzif.len - 1] == '\n')
        f->rule = slip_str_skip(slip_str_first(tzif, tzif.len - 1), 1);
    for (size_t i = 0; i < f->n.changes; i++)
        if ((unsigned char)f->kind_of.ptr[i] >= f->n.kinds)
            return false;
    for (size_t i = 0; i < f->n.kinds; i++)
        if ((unsigned char)f->kinds.ptr[6 * i + 5] >= f->n.names)
            return false;
    return f->n.kinds > 0;
}

static int64_t instant(const struct file *f, size_t i)
{
    uint64_t raw = big_endian(f->instants, i * f->width, f->width);
    return f->width == 8 ? (int64_t)raw : (int32_t)(uint32_t)raw;
}

static size_t kind_at(const struct file *f, size_t change)
{
    return (unsigned char)f->kind_of.ptr[change];
}

static bool kind_is_dst(const struct file *f, size_t kind)
{
    return f->kinds.ptr[6 * kind + 4] != 0;
}

static void set_kind(const struct file *f, size_t kind, struct slip_zone_span *out)
{
    struct slip_str name = slip_str_skip(f->names, (unsigned char)f->kinds.ptr[6 * kind + 5]);
    out->name = slip_str_first(name, slip_str_find(name, 0));
    out->offset = (int32_t)(uint32_t)big_endian(f->kinds, 6 * kind, 4);
    out->is_dst = kind_is_dst(f, kind);
}

/* What holds before the first change: the kind that no change leads to, or standard time. */
static size_t first_kind(const struct file *f)
{
    bool used = false;
    for (size_t i = 0; i < f->n.changes; i++)
        used = used || kind_at(f, i) == 0;
    if (!used)
        return 0;
    if (kind_is_dst(f, kind_at(f, 0)))
        for (size_t k = kind_at(f, 0); k-- > 0;)
            if (!kind_is_dst(f, k))
                return k;
    for (size_t k = 0; k < f->n.kinds; k++)
        if (!kind_is_dst(f, k))
            return k;
    return 0;
}

/* ---- the rule behind the last change ---- */

static bool take_number(struct slip_str *s, int least, int most, int *out)
{
    size_t i = 0;
    *out = 0;
    for (; i < s->len && s->ptr[i] >= '0' && s->ptr[i] <= '9'; i++) {
        *out = *out * 10 + (s->ptr[i] - '0');
        if (*out > most)
            return false;
    }
    *s = slip_str_skip(*s, i);
    return i > 0 && *out >= least;
}

static bool take_char(struct slip_str *s, char c)
{
    if (s->len == 0 || s->ptr[0] != c)
        return false;
    *s = slip_str_skip(*s, 1);
    return true;
}

static bool take_name(struct slip_str *s, struct slip_str *out)
{
    if (take_char(s, '<'))
        return slip_str_cut(*s, '>', out, s);
    size_t i = 0;
    while (i < s->len && !memchr("0123456789,-+", s->ptr[i], 13))
        i++;
    *out = slip_str_first(*s, i);
    *s = slip_str_skip(*s, i);
    return i >= 3;
}

static bool take_offset(struct slip_str *s, int *out)
{
    int hours, minutes = 0, seconds = 0;
    bool negative = false;
    if (!take_char(s, '+'))
        negative = take_char(s, '-');
    if (!take_number(s, 0, 24 * 7, &hours))
        return false;
    if (take_char(s, ':') && !take_number(s, 0, 59, &minutes))
        return false;
    if (take_char(s, ':') && !take_number(s, 0, 59, &seconds))
        return false;
    *out = (hours * 60 + minutes) * 60 + seconds;
    if (negative)
        *out = -*out;
    return true;
}

struct change {
    enum { JULIAN, DAY_OF_YEAR, WEEKDAY } kind;
    int day, week, month, time;
};

static bool take_change(struct slip_str *s, struct change *out)
{
    *out = (struct change){ .kind = DAY_OF_YEAR, .time = 2 * HOUR };
    bool good;
    if (take_char(s, 'J')) {
        out->kind = JULIAN;
        good = take_number(s, 1, 365, &out->day);
    } else if (take_char(s, 'M')) {
        out->kind = WEEKDAY;
        good = take_number(s, 1, 12, &out->month) && take_char(s, '.')
               && take_number(s, 1, 5, &out->week) && take_char(s, '.')
               && take_number(s, 0, 6, &out->day);
    } else {
        good = take_number(s, 0, 365, &out->day);
    }
    return good && (!take_char(s, '/') || take_offset(s, &out->time));
}

struct rule {
    struct slip_str std_name, dst_name;
    int std_offset, dst_offset;
    bool has_dst;
    struct change start, end;
};

static bool parse_rule(struct slip_str s, struct rule *r)
{
    *r = (struct rule){ 0 };
    if (!take_name(&s, &r->std_name) || !take_offset(&s, &r->std_offset))
        return false;
    r->std_offset = -r->std_offset; /* the rule counts to the west */
    if (s.len == 0 || s.ptr[0] == ',')
        return true;
    r->has_dst = true;
    r->dst_offset = r->std_offset + HOUR;
    if (!take_name(&s, &r->dst_name))
        return false;
    if (s.len && s.ptr[0] != ',') {
        if (!take_offset(&s, &r->dst_offset))
            return false;
        r->dst_offset = -r->dst_offset;
    }
    if (s.len == 0)
        s = SLIP_STR(",M3.2.0,M11.1.0");
    return (take_char(&s, ',') || take_char(&s, ';')) && take_change(&s, &r->start)
           && take_char(&s, ',') && take_change(&s, &r->end) && s.len == 0;
}

bool slip_zone_is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int64_t slip_zone_days_before_year(int64_t year)
{
    int64_t y = year - 1;
    return 365 * (year - 1970) + (floor_div(y, 4) - floor_div(y, 100) + floor_div(y, 400)) - 477;
}

int64_t slip_zone_year_of(int64_t day)
{
    int64_t year = 1970 + floor_div(day, day < 0 ? 365 : 366); /* this one or an earlier one */
    while (slip_zone_days_before_year(year + 1) <= day)
        year += 1 + (day - slip_zone_days_before_year(year + 1)) / 366;
    return year;
}

static int day_of_weekday(const struct change *c, int64_t year)
{
    static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365 };
    int leap = slip_zone_is_leap(year);
    int first = before[c->month - 1] + (leap && c->month > 2);
    int days = before[c->month] - before[c->month - 1] + (leap && c->month == 2);
    int64_t weekday = (slip_zone_days_before_year(year) + first + 4) % 7; /* day 0: a Thursday */
    int day = (int)(((c->day - weekday) % 7 + 7) % 7);
    for (int week = 1; week < c->week && day + 7 < days; week++)
        day += 7;
    return first + day;
}

/* Seconds from the start of the year (in universal time) to a change. */
static int64_t change_time(const struct change *c, int64_t year, int offset)
{
    int day = c->day;
    if (c->kind == JULIAN)
        day = c->day - 1 + (slip_zone_is_leap(year) && c->day >= 60);
    else if (c->kind == WEEKDAY)
        day = day_of_weekday(c, year);
    return (int64_t)day * DAY + c->time - offset;
}

/* False: there is no usable rule, `out` stays. */
static bool apply_rule(struct slip_str text, int64_t seconds, struct slip_zone_span *out)
{
    struct rule r;
    if (!parse_rule(text, &r))
        return false;
    struct slip_zone_span std = { r.std_name, r.std_offset, false, out->start, INT64_MAX };
    if (!r.has_dst) {
        *out = std;
        return true;
    }
    struct slip_zone_span dst = { r.dst_name, r.dst_offset, true, 0, 0 };
    int64_t year = slip_zone_year_of(floor_div(seconds, DAY)),
            first = slip_zone_days_before_year(year) * DAY;
    int64_t start = first + change_time(&r.start, year, r.std_offset);
    int64_t end = first + change_time(&r.end, year, r.dst_offset);
    if (end < start) { /* the south: standard time stands in the middle of the year */
        struct slip_zone_span swap = std;
        int64_t swap_time = start;
        std = dst;
        dst = swap;
        start = end;
        end = swap_time;
    }
    *out = seconds < start || seconds >= end ? std : dst;
    out->start = seconds < start ? first : seconds < end ? start : end;
    out->end = seconds < start ? start : seconds < end ? end : first + 365 * (int64_t)DAY;
    return true;
}

/* ---- looking up ---- */

static void lookup(const struct file *f, int64_t seconds, struct slip_zone_span *out)
{
    out->start = INT64_MIN;
    out->end = INT64_MAX;
    size_t n = f->n.changes;
    if (n == 0 || seconds < instant(f, 0)) {
        /* A file without changes has, for Go, one to kind 0 at the beginning of time. */
        set_kind(f, n ? first_kind(f) : 0, out);
        if (n)
            out->end = instant(f, 0);
        else if (f->rule.len)
            apply_rule(f->rule, seconds, out);
        return;
    }
    size_t lo = 0, hi = n;
    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;
        if (seconds < instant(f, mid))
            hi = mid;
        else
            lo = mid;
    }
    set_kind(f, kind_at(f, lo), out);
    out->start = instant(f, lo);
    if (hi < n)
        out->end = instant(f, hi);
    else if (f->rule.len)
        apply_rule(f->rule, seconds, out);
}

bool slip_zone_lookup(struct slip_str tzif, int64_t seconds, struct slip_zone_span *out)
{
    struct file f;
    if (!open_file(tzif, &f))
        return false;
    lookup(&f, seconds, out);
    return true;
}

bool slip_zone_find(struct slip_str tzif, struct slip_str name, int64_t seconds, int32_t *offset)
{
    struct file f;
    struct slip_zone_span kind, at;
    bool found = false;
    if (!open_file(tzif, &f))
        return false;
    for (size_t k = 0; k < f.n.kinds; k++) {
        set_kind(&f, k, &kind);
        if (!slip_str_eq(kind.name, name))
            continue;
        lookup(&f, seconds - kind.offset, &at);
        if (slip_str_eq(at.name, name)) {
            *offset = at.offset;
            return true;
        }
        if (!found)
            *offset = kind.offset;
        found = true;
    }
    return found;
}
