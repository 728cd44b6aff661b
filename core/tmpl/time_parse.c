/* SPDX-License-Identifier: Apache-2.0 */
/* Text to instants, by layout, and to durations. */
#include "tmpl/time.h"

#include "tmpl/tmpl.h"
#include "tmpl/zone.h"

/* As Go quotes in messages about time: what is not ASCII byte by byte. */
static void add_quoted(struct slip_buf *out, struct slip_str s)
{
    slip_buf_add_char(out, '"');
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c >= 0x80 || c < ' ')
            slip_buf_add_fmt(out, "\\x%02x", c);
        else
            slip_buf_add_fmt(out, c == '"' || c == '\\' ? "\\%c" : "%c", c);
    }
    slip_buf_add_char(out, '"');
}

/* ---- times ---- */

struct reading {
    struct slip_tmpl_call *call;
    struct slip_str layout, text; /* the whole of them */
    struct slip_str rest;         /* of the text */

    struct slip_time_fields f;
    int32_t nanoseconds;
    bool has_month, has_day, has_year_day, am, pm, utc, has_offset;
    int32_t offset;
    struct slip_str zone_name;
    const char *out_of_range; /* what is */
};

static int fail_message(struct reading *r, const char *message)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    add_quoted(&text, r->text);
    return slip_tmpl_fail(r->call, "parsing time %s: %s", text.ptr, message);
}

static int fail_element(struct reading *r, struct slip_str at, struct slip_str element)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    add_quoted(&text, r->text);
    slip_buf_add_c(&text, " as ");
    add_quoted(&text, r->layout);
    slip_buf_add_c(&text, ": cannot parse ");
    add_quoted(&text, at);
    slip_buf_add_c(&text, " as ");
    add_quoted(&text, element);
    return slip_tmpl_fail(r->call, "parsing time %s", text.ptr);
}

static bool digit_at(struct slip_str s, size_t i)
{
    return i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9';
}

/* One or two digits; `fixed`: two. */
static bool take_number(struct reading *r, bool fixed, int *out)
{
    if (!digit_at(r->rest, 0) || (fixed && !digit_at(r->rest, 1)))
        return false;
    size_t len = digit_at(r->rest, 1) ? 2 : 1;
    *out = r->rest.ptr[0] - '0';
    if (len == 2)
        *out = *out * 10 + (r->rest.ptr[1] - '0');
    r->rest = slip_str_skip(r->rest, len);
    return true;
}

static bool take_year_day(struct reading *r, bool fixed)
{
    size_t i = 0;
    r->f.year_day = 0;
    for (; i < 3 && digit_at(r->rest, i); i++)
        r->f.year_day = r->f.year_day * 10 + (r->rest.ptr[i] - '0');
    r->rest = slip_str_skip(r->rest, i);
    r->has_year_day = true;
    return i > 0 && (!fixed || i == 3);
}

static void check_range(struct reading *r, bool good, const char *what)
{
    if (!good)
        r->out_of_range = what;
}

static bool take_in_range(struct reading *r, bool fixed, int most, const char *what, int *out)
{
    if (!take_number(r, fixed, out))
        return false;
    check_range(r, *out <= most, what);
    return true;
}

static bool same_letter(char a, char b)
{
    char x = (char)(a | 0x20), y = (char)(b | 0x20);
    return a == b || (x == y && x >= 'a' && x <= 'z');
}

/* The first of `n` names (their first `len` letters, 0: all) that the text begins with. */
static bool take_name(struct reading *r, const char *const *names, int n, size_t len, int *out)
{
    for (int i = 0; i < n; i++) {
        size_t k = 0, all = len ? len : strlen(names[i]);
        while (k < all && k < r->rest.len && same_letter(r->rest.ptr[k], names[i][k]))
            k++;
        if (k == all) {
            *out = i;
            r->rest = slip_str_skip(r->rest, all);
            return true;
        }
    }
    return false;
}

static bool take_month_name(struct reading *r, size_t len)
{
    r->has_month = true;
    if (!take_name(r, slip_time_months, 12, len, &r->f.month))
        return false;
    r->f.month++;
    return true;
}

static bool take_month(struct reading *r, bool fixed)
{
    r->has_month = true;
    if (!take_number(r, fixed, &r->f.month))
        return false;
    check_range(r, r->f.month >= 1 && r->f.month <= 12, "month");
    return true;
}

static void skip_blank(struct reading *r)
{
    if (r->rest.len && r->rest.ptr[0] == ' ')
        r->rest = slip_str_skip(r->rest, 1);
}

static bool take_day(struct reading *r, bool fixed)
{
    r->has_day = true;
    return take_number(r, fixed, &r->f.day);
}

/* Two characters that are a number, perhaps with a sign. */
static bool take_short_year(struct reading *r)
{
    struct slip_str s = slip_str_first(r->rest, 2);
    if (s.len < 2)
        return false;
    bool sign = s.ptr[0] == '-' || s.ptr[0] == '+';
    if (!digit_at(s, 1) || (!sign && !digit_at(s, 0)))
        return false;
    int year = s.ptr[1] - '0';
    if (sign)
        year = s.ptr[0] == '-' ? -year : year;
    else
        year += 10 * (s.ptr[0] - '0');
    r->f.year = year + (year >= 69 ? 1900 : 2000);
    r->rest = slip_str_skip(r->rest, 2);
    return true;
}

static bool take_long_year(struct reading *r)
{
    r->f.year = 0;
    for (size_t i = 0; i < 4; i++) {
        if (!digit_at(r->rest, i))
            return false;
        r->f.year = r->f.year * 10 + (r->rest.ptr[i] - '0');
    }
    r->rest = slip_str_skip(r->rest, 4);
    return true;
}

static bool take_half(struct reading *r, const char *am, const char *pm)
{
    struct slip_str s = slip_str_first(r->rest, 2);
    r->rest = slip_str_skip(r->rest, s.len);
    if (slip_str_is(s, pm))
        r->pm = true;
    else if (slip_str_is(s, am))
        r->am = true;
    else
        return false;
    return true;
}

static bool point_and_digit(struct slip_str s)
{
    return s.len >= 2 && (s.ptr[0] == '.' || s.ptr[0] == ',') && digit_at(s, 1);
}

/* A point and `len` - 1 characters, which must be digits; from the tenth digit on they are lost. */
static bool take_fraction(struct reading *r, size_t len)
{
    struct slip_str s = slip_str_first(r->rest, len);
    if (s.len < len || (s.ptr[0] != '.' && s.ptr[0] != ','))
        return false;
    r->rest = slip_str_skip(r->rest, len);
    r->nanoseconds = 0;
    for (size_t i = 1; i < 10; i++) {
        if (i < len && !digit_at(s, i))
            return false;
        r->nanoseconds = r->nanoseconds * 10 + (i < len ? s.ptr[i] - '0' : 0);
    }
    return true;
}

static size_t fraction_len(struct slip_str s)
{
    size_t len = 1;
    while (digit_at(s, len))
        len++;
    return len;
}

/* A fraction may follow the seconds also where the layout has none. */
static bool take_second(struct reading *r, bool fixed, struct slip_str layout)
{
    if (!take_in_range(r, fixed, 59, "second", &r->f.second))
        return false;
    if (r->out_of_range || !point_and_digit(r->rest))
        return true;
    struct slip_layout_element next = slip_layout_next(&layout);
    if (next.kind == SLIP_LAYOUT_FRACTION_0 || next.kind == SLIP_LAYOUT_FRACTION_9)
        return true;
    return take_fraction(r, fraction_len(r->rest));
}

static bool take_nines(struct reading *r)
{
    return !point_and_digit(r->rest) || take_fraction(r, fraction_len(r->rest));
}

/* Two digits at s[at]; Go reads all parts before it looks at the sign. */
static bool two_digits(struct slip_str s, size_t at, int *out)
{
    if (!digit_at(s, at) || !digit_at(s, at + 1))
        return false;
    *out = (s.ptr[at] - '0') * 10 + (s.ptr[at + 1] - '0');
    return true;
}

static bool take_offset(struct reading *r, const struct slip_layout_element *e)
{
    int part[3] = { 0 };
    size_t step = e->colon ? 3 : 2, len = 3 + step * (size_t)(e->parts - 1);
    struct slip_str s = slip_str_first(r->rest, len);
    if (e->zulu && r->rest.len && r->rest.ptr[0] == 'Z') {
        r->rest = slip_str_skip(r->rest, 1);
        r->utc = true;
        return true;
    }
    if (s.len < len)
        return false;
    for (int i = 1; e->colon && i < e->parts; i++)
        if (s.ptr[3 * i] != ':')
            return false;
    r->rest = slip_str_skip(r->rest, len);
    bool good = true;
    for (int i = 0; good && i < e->parts; i++)
        good = two_digits(s, 1 + step * (size_t)i, &part[i]);
    check_range(r, part[0] <= 24, "time zone offset hour");
    check_range(r, part[1] <= 60, "time zone offset minute");
    check_range(r, part[2] <= 60, "time zone offset second");
    r->has_offset = true;
    r->offset = (part[0] * 60 + part[1]) * 60 + part[2];
    if (s.ptr[0] == '-')
        r->offset = -r->offset;
    return good && (s.ptr[0] == '+' || s.ptr[0] == '-');
}

/* "+3" or "-03" with at most 23: how long it is, 0: it is none. */
static size_t signed_offset_len(struct slip_str s)
{
    size_t i = 1;
    int value = 0;
    if (s.len == 0 || (s.ptr[0] != '+' && s.ptr[0] != '-'))
        return 0;
    for (; digit_at(s, i); i++)
        if (value <= 23)
            value = value * 10 + (s.ptr[i] - '0');
    return i > 1 && value <= 23 ? i : 0;
}

/* How long the abbreviation of a zone is that the text begins with, 0: none. */
static size_t zone_name_len(struct slip_str s)
{
    size_t upper = 0;
    if (s.len < 3)
        return 0;
    if (slip_str_starts(s, SLIP_STR("ChST")) || slip_str_starts(s, SLIP_STR("MeST")))
        return 4;
    if (slip_str_starts(s, SLIP_STR("GMT")))
        return 3 + signed_offset_len(slip_str_skip(s, 3));
    if (s.ptr[0] == '+' || s.ptr[0] == '-')
        return signed_offset_len(s);
    while (upper < 6 && upper < s.len && s.ptr[upper] >= 'A' && s.ptr[upper] <= 'Z')
        upper++;
    if (upper == 3 || (upper == 5 && s.ptr[4] == 'T'))
        return upper;
    return upper == 4 && (s.ptr[3] == 'T' || slip_str_starts(s, SLIP_STR("WITA"))) ? 4 : 0;
}

static bool take_zone_name(struct reading *r)
{
    if (slip_str_starts(r->rest, SLIP_STR("UTC"))) {
        r->utc = true;
        r->rest = slip_str_skip(r->rest, 3);
        return true;
    }
    size_t len = zone_name_len(r->rest);
    r->zone_name = slip_str_first(r->rest, len);
    r->rest = slip_str_skip(r->rest, len);
    return len > 0;
}

/* `layout` is what follows the element. */
static bool take_element(struct reading *r, const struct slip_layout_element *e,
                         struct slip_str layout)
{
    int unused;
    switch (e->kind) {
    case SLIP_LAYOUT_END:
        return true;
    case SLIP_LAYOUT_LONG_MONTH:
        return take_month_name(r, 0);
    case SLIP_LAYOUT_MONTH:
        return take_month_name(r, 3);
    case SLIP_LAYOUT_NUM_MONTH:
    case SLIP_LAYOUT_ZERO_MONTH:
        return take_month(r, e->kind == SLIP_LAYOUT_ZERO_MONTH);
    case SLIP_LAYOUT_LONG_WEEKDAY:
        return take_name(r, slip_time_weekdays, 7, 0, &unused);
    case SLIP_LAYOUT_WEEKDAY:
        return take_name(r, slip_time_weekdays, 7, 3, &unused);
    case SLIP_LAYOUT_UNDER_DAY:
        skip_blank(r);
        return take_day(r, false);
    case SLIP_LAYOUT_DAY:
    case SLIP_LAYOUT_ZERO_DAY:
        return take_day(r, e->kind == SLIP_LAYOUT_ZERO_DAY);
    case SLIP_LAYOUT_UNDER_YEAR_DAY:
        skip_blank(r);
        skip_blank(r);
        return take_year_day(r, false);
    case SLIP_LAYOUT_ZERO_YEAR_DAY:
        return take_year_day(r, true);
    case SLIP_LAYOUT_HOUR:
        return take_in_range(r, false, 23, "hour", &r->f.hour);
    case SLIP_LAYOUT_HOUR12:
    case SLIP_LAYOUT_ZERO_HOUR12:
        return take_in_range(r, e->kind == SLIP_LAYOUT_ZERO_HOUR12, 12, "hour", &r->f.hour);
    case SLIP_LAYOUT_MINUTE:
    case SLIP_LAYOUT_ZERO_MINUTE:
        return take_in_range(r, e->kind == SLIP_LAYOUT_ZERO_MINUTE, 59, "minute", &r->f.minute);
    case SLIP_LAYOUT_SECOND:
    case SLIP_LAYOUT_ZERO_SECOND:
        return take_second(r, e->kind == SLIP_LAYOUT_ZERO_SECOND, layout);
    case SLIP_LAYOUT_LONG_YEAR:
        return take_long_year(r);
    case SLIP_LAYOUT_YEAR:
        return take_short_year(r);
    case SLIP_LAYOUT_PM:
        return take_half(r, "AM", "PM");
    case SLIP_LAYOUT_SMALL_PM:
        return take_half(r, "am", "pm");
    case SLIP_LAYOUT_ZONE_NAME:
        return take_zone_name(r);
    case SLIP_LAYOUT_OFFSET:
        return take_offset(r, e);
    case SLIP_LAYOUT_FRACTION_0:
        return take_fraction(r, e->text.len);
    case SLIP_LAYOUT_FRACTION_9:
        return take_nines(r);
    }
    return false;
}

/* Plain text of the layout; a run of blanks stands for any run of blanks. */
static bool take_plain(struct reading *r, struct slip_str plain)
{
    while (plain.len) {
        if (plain.ptr[0] == ' ') {
            if (r->rest.len && r->rest.ptr[0] != ' ')
                return false;
            while (plain.len && plain.ptr[0] == ' ')
                plain = slip_str_skip(plain, 1);
            while (r->rest.len && r->rest.ptr[0] == ' ')
                r->rest = slip_str_skip(r->rest, 1);
            continue;
        }
        if (r->rest.len == 0 || r->rest.ptr[0] != plain.ptr[0])
            return false;
        plain = slip_str_skip(plain, 1);
        r->rest = slip_str_skip(r->rest, 1);
    }
    return true;
}

static int fail_range(struct reading *r)
{
    char message[64];
    snprintf(message, sizeof(message), "%s out of range", r->out_of_range);
    return fail_message(r, message);
}

static int read_all(struct reading *r)
{
    struct slip_str layout = r->layout;
    for (;;) {
        struct slip_layout_element e = slip_layout_next(&layout);
        if (!take_plain(r, e.before))
            return fail_element(r, r->rest, e.before);
        if (e.kind == SLIP_LAYOUT_END)
            break;
        struct slip_str at = r->rest;
        bool good = take_element(r, &e, layout);
        if (r->out_of_range)
            return fail_range(r);
        if (!good)
            return fail_element(r, at, e.text);
    }
    if (r->rest.len == 0)
        return 0;
    SLIP_AUTO(slip_buf) extra = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_buf_add_c(&extra, "extra text: ");
    add_quoted(&extra, r->rest);
    return fail_message(r, extra.ptr);
}

static int days_in(int month, int64_t year)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    return days[month - 1] + (month == 2 && slip_zone_is_leap(year));
}

/* Month and day from the day of the year, which must agree with what was read of them. */
static int use_year_day(struct reading *r)
{
    int month = 1, day = r->f.year_day;
    if (day < 1 || day > 365 + slip_zone_is_leap(r->f.year))
        return fail_message(r, "day-of-year out of range");
    while (day > days_in(month, r->f.year))
        day -= days_in(month++, r->f.year);
    if (r->has_month && r->f.month != month)
        return fail_message(r, "day-of-year does not match month");
    if (r->has_day && r->f.day != day)
        return fail_message(r, "day-of-year does not match day");
    r->f.month = month;
    r->f.day = day;
    return 0;
}

static int complete(struct reading *r)
{
    if (r->pm && r->f.hour < 12)
        r->f.hour += 12;
    else if (r->am && r->f.hour == 12)
        r->f.hour = 0;
    if (r->has_year_day)
        return use_year_day(r);
    if (!r->has_month)
        r->f.month = 1;
    if (!r->has_day)
        r->f.day = 1;
    if (r->f.day < 1 || r->f.day > days_in(r->f.month, r->f.year))
        return fail_message(r, "day out of range");
    return 0;
}

static struct slip_time fixed(struct reading *r, const struct slip_time *shown, int32_t offset)
{
    struct slip_time t = slip_time_utc(shown->seconds - offset, shown->nanoseconds);
    t.zone = SLIP_TIME_FIXED;
    t.zone_name = slip_arena_str(r->call->arena, r->zone_name);
    t.offset = offset;
    return t;
}

/* An offset that the local zone has then, too, means the local zone. */
static struct slip_time at_offset(struct reading *r, const struct slip_time *shown)
{
    struct slip_time local =
        slip_time_local(r->call, shown->seconds - r->offset, shown->nanoseconds);
    if (local.offset == r->offset
        && (r->zone_name.len == 0 || slip_str_eq(local.zone_name, r->zone_name)))
        return local;
    return fixed(r, shown, r->offset);
}

/* A name that the local zone knows has its offset; of others only those as "GMT+3" have one. */
static struct slip_time at_zone_name(struct reading *r, const struct slip_time *shown)
{
    SLIP_AUTO(slip_buf) tzif = SLIP_BUF(SLIP_LIMIT_FILE);
    const struct slip_tmpl_host *host = r->call->host;
    int32_t offset = 0;
    bool known = host->zone && host->zone(host->payload, SLIP_STR("Local"), &tzif)
                 && slip_zone_find(slip_buf_str(&tzif), r->zone_name, shown->seconds, &offset);
    if (known)
        return slip_time_local(r->call, shown->seconds - offset, shown->nanoseconds);
    struct slip_str hours = slip_str_skip(r->zone_name, 3);
    if (slip_str_starts(r->zone_name, SLIP_STR("GMT")) && hours.len) {
        for (size_t i = 1; i < hours.len; i++)
            offset = offset * 10 + (hours.ptr[i] - '0');
        offset *= hours.ptr[0] == '-' ? -3600 : 3600;
    }
    struct slip_time t = fixed(r, shown, offset);
    t.seconds = shown->seconds; /* Go leaves the instant as it was read */
    return t;
}

int slip_time_parse(struct slip_tmpl_call *c, struct slip_str layout, struct slip_str text,
                    struct slip_time *out)
{
    struct reading r = { .call = c, .layout = layout, .text = text, .rest = text };
    const struct slip_time utc = slip_time_utc(0, 0);
    const struct slip_time local = { .zone = SLIP_TIME_LOCAL };
    if (read_all(&r) < 0 || complete(&r) < 0)
        return -1;
    struct slip_time shown = slip_time_of(c, &r.f, r.nanoseconds, &utc);
    if (r.utc)
        *out = shown;
    else if (r.has_offset && r.offset != -1) /* Go takes -1 for "none was read" */
        *out = at_offset(&r, &shown);
    else if (r.zone_name.len)
        *out = at_zone_name(&r, &shown);
    else
        *out = slip_time_of(c, &r.f, r.nanoseconds, &local);
    return 0;
}

/* ---- durations ---- */

static int fail_duration(struct slip_tmpl_call *c, const char *what, struct slip_str unit,
                         struct slip_str text)
{
    SLIP_AUTO(slip_buf) b = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_buf_add_c(&b, what);
    if (unit.ptr) {
        add_quoted(&b, unit);
        slip_buf_add_c(&b, " in duration ");
    }
    add_quoted(&b, text);
    return slip_tmpl_fail(c, "time: %s", b.ptr);
}

static bool find_unit(struct slip_str s, uint64_t *nanoseconds)
{
    static const struct {
        const char *name;
        uint64_t nanoseconds;
    } units[] = {
        { "ns", 1 },
        { "us", 1000 },
        { "\xC2\xB5s", 1000 }, /* micro sign */
        { "\xCE\xBCs", 1000 }, /* small mu */
        { "ms", 1000000 },
        { "s", 1000000000 },
        { "m", UINT64_C(60000000000) },
        { "h", UINT64_C(3600000000000) },
    };
    for (size_t i = 0; i < SLIP_COUNT(units); i++)
        if (slip_str_is(s, units[i].name)) {
            *nanoseconds = units[i].nanoseconds;
            return true;
        }
    return false;
}

#define MAX_MAGNITUDE (UINT64_C(1) << 63)

/* Digits; false when the number is larger than 2^63. */
static bool take_whole(struct slip_str *s, uint64_t *out)
{
    *out = 0;
    for (; digit_at(*s, 0); *s = slip_str_skip(*s, 1)) {
        if (*out > MAX_MAGNITUDE / 10)
            return false;
        *out = *out * 10 + (uint64_t)(s->ptr[0] - '0');
        if (*out > MAX_MAGNITUDE)
            return false;
    }
    return true;
}

/* Digits behind the point; what is too fine is lost. */
static void take_part(struct slip_str *s, uint64_t *out, double *scale)
{
    bool full = false;
    *out = 0;
    *scale = 1;
    for (; digit_at(*s, 0); *s = slip_str_skip(*s, 1)) {
        if (full || *out > (MAX_MAGNITUDE - 1) / 10) {
            full = true;
            continue;
        }
        uint64_t next = *out * 10 + (uint64_t)(s->ptr[0] - '0');
        if (next > MAX_MAGNITUDE) {
            full = true;
            continue;
        }
        *out = next;
        *scale *= 10;
    }
}

/* "1.5h"; adds to `total`. */
static int take_term(struct slip_tmpl_call *c, struct slip_str *s, struct slip_str text,
                     uint64_t *total)
{
    const struct slip_str none = { 0 };
    uint64_t whole, part = 0, unit;
    double scale = 1;
    size_t before = s->len;
    if (!take_whole(s, &whole))
        return fail_duration(c, "invalid duration ", none, text);
    bool digits = s->len < before;
    if (s->len && s->ptr[0] == '.') {
        *s = slip_str_skip(*s, 1);
        before = s->len;
        take_part(s, &part, &scale);
        digits = digits || s->len < before;
    }
    if (!digits)
        return fail_duration(c, "invalid duration ", none, text);
    size_t len = 0;
    while (len < s->len && s->ptr[len] != '.' && !digit_at(*s, len))
        len++;
    if (len == 0)
        return fail_duration(c, "missing unit in duration ", none, text);
    struct slip_str name = slip_str_first(*s, len);
    *s = slip_str_skip(*s, len);
    if (!find_unit(name, &unit))
        return fail_duration(c, "unknown unit ", name, text);
    if (whole > MAX_MAGNITUDE / unit)
        return fail_duration(c, "invalid duration ", none, text);
    uint64_t value = whole * unit + (uint64_t)((double)part * ((double)unit / scale));
    *total += value;
    if (value > MAX_MAGNITUDE || *total > MAX_MAGNITUDE)
        return fail_duration(c, "invalid duration ", none, text);
    return 0;
}

int slip_time_duration_parse(struct slip_tmpl_call *c, struct slip_str text, int64_t *nanoseconds)
{
    struct slip_str s = text;
    bool negative = s.len && s.ptr[0] == '-';
    if (negative || (s.len && s.ptr[0] == '+'))
        s = slip_str_skip(s, 1);
    uint64_t total = 0;
    if (s.len == 0)
        return fail_duration(c, "invalid duration ", (struct slip_str){ 0 }, text);
    if (slip_str_is(s, "0"))
        s.len = 0;
    while (s.len)
        if (take_term(c, &s, text, &total) < 0)
            return -1;
    if (!negative && total == MAX_MAGNITUDE)
        return fail_duration(c, "invalid duration ", (struct slip_str){ 0 }, text);
    *nanoseconds = (int64_t)(negative ? 0 - total : total);
    return 0;
}
