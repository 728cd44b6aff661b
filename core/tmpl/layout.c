/* SPDX-License-Identifier: Apache-2.0 */
/* The elements of Go's time layouts: pieces of the reference time Mon Jan 2 15:04:05 MST 2006. */
#include "tmpl/time.h"

/* The first that stands at a place counts, so longer ones come first. */
static const struct {
    const char *text;
    enum slip_layout_kind kind;
    bool not_before_small; /* no small letter may follow: "Jan" of "Janet" is plain text */
    bool zulu, colon;
    int parts;
} elements[] = {
    { .text = "January", .kind = SLIP_LAYOUT_LONG_MONTH },
    { .text = "Jan", .kind = SLIP_LAYOUT_MONTH, .not_before_small = true },
    { .text = "Monday", .kind = SLIP_LAYOUT_LONG_WEEKDAY },
    { .text = "Mon", .kind = SLIP_LAYOUT_WEEKDAY, .not_before_small = true },
    { .text = "MST", .kind = SLIP_LAYOUT_ZONE_NAME },
    { .text = "01", .kind = SLIP_LAYOUT_ZERO_MONTH },
    { .text = "02", .kind = SLIP_LAYOUT_ZERO_DAY },
    { .text = "03", .kind = SLIP_LAYOUT_ZERO_HOUR12 },
    { .text = "04", .kind = SLIP_LAYOUT_ZERO_MINUTE },
    { .text = "05", .kind = SLIP_LAYOUT_ZERO_SECOND },
    { .text = "06", .kind = SLIP_LAYOUT_YEAR },
    { .text = "002", .kind = SLIP_LAYOUT_ZERO_YEAR_DAY },
    { .text = "15", .kind = SLIP_LAYOUT_HOUR },
    { .text = "1", .kind = SLIP_LAYOUT_NUM_MONTH },
    { .text = "2006", .kind = SLIP_LAYOUT_LONG_YEAR },
    { .text = "2", .kind = SLIP_LAYOUT_DAY },
    { .text = "_2006", .kind = SLIP_LAYOUT_END }, /* plain "_", then the year */
    { .text = "_2", .kind = SLIP_LAYOUT_UNDER_DAY },
    { .text = "__2", .kind = SLIP_LAYOUT_UNDER_YEAR_DAY },
    { .text = "3", .kind = SLIP_LAYOUT_HOUR12 },
    { .text = "4", .kind = SLIP_LAYOUT_MINUTE },
    { .text = "5", .kind = SLIP_LAYOUT_SECOND },
    { .text = "PM", .kind = SLIP_LAYOUT_PM },
    { .text = "pm", .kind = SLIP_LAYOUT_SMALL_PM },
    { .text = "-070000", .kind = SLIP_LAYOUT_OFFSET, .parts = 3 },
    { .text = "-07:00:00", .kind = SLIP_LAYOUT_OFFSET, .parts = 3, .colon = true },
    { .text = "-0700", .kind = SLIP_LAYOUT_OFFSET, .parts = 2 },
    { .text = "-07:00", .kind = SLIP_LAYOUT_OFFSET, .parts = 2, .colon = true },
    { .text = "-07", .kind = SLIP_LAYOUT_OFFSET, .parts = 1 },
    { .text = "Z070000", .kind = SLIP_LAYOUT_OFFSET, .parts = 3, .zulu = true },
    { .text = "Z07:00:00", .kind = SLIP_LAYOUT_OFFSET, .parts = 3, .zulu = true, .colon = true },
    { .text = "Z0700", .kind = SLIP_LAYOUT_OFFSET, .parts = 2, .zulu = true },
    { .text = "Z07:00", .kind = SLIP_LAYOUT_OFFSET, .parts = 2, .zulu = true, .colon = true },
    { .text = "Z07", .kind = SLIP_LAYOUT_OFFSET, .parts = 1, .zulu = true },
};

/* ".000" or ",999": zeros or nines only, no other digit behind them. */
static size_t fraction_len(struct slip_str s)
{
    if (s.len < 2 || (s.ptr[0] != '.' && s.ptr[0] != ',') || (s.ptr[1] != '0' && s.ptr[1] != '9'))
        return 0;
    size_t i = 1;
    while (i < s.len && s.ptr[i] == s.ptr[1])
        i++;
    bool digit_follows = i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9';
    return digit_follows ? 0 : i;
}

/* The element that `s` begins with, if any. */
static bool element_at(struct slip_str s, struct slip_layout_element *out)
{
    size_t fraction = fraction_len(s);
    if (fraction) {
        out->kind = s.ptr[1] == '0' ? SLIP_LAYOUT_FRACTION_0 : SLIP_LAYOUT_FRACTION_9;
        out->text = slip_str_first(s, fraction);
        return true;
    }
    for (size_t i = 0; i < SLIP_COUNT(elements); i++) {
        size_t len = strlen(elements[i].text);
        if (!slip_str_starts(s, slip_str_of(elements[i].text)))
            continue;
        if (elements[i].not_before_small && len < s.len && s.ptr[len] >= 'a' && s.ptr[len] <= 'z')
            continue;
        out->kind = elements[i].kind;
        out->text = slip_str_first(s, len);
        out->zulu = elements[i].zulu;
        out->colon = elements[i].colon;
        out->parts = elements[i].parts;
        return out->kind != SLIP_LAYOUT_END;
    }
    return false;
}

struct slip_layout_element slip_layout_next(struct slip_str *rest)
{
    struct slip_layout_element e = { 0 };
    for (size_t i = 0; i < rest->len; i++)
        if (element_at(slip_str_skip(*rest, i), &e)) {
            e.before = slip_str_first(*rest, i);
            *rest = slip_str_skip(*rest, i + e.text.len);
            return e;
        }
    e = (struct slip_layout_element){ .before = *rest };
    *rest = slip_str_skip(*rest, rest->len);
    return e;
}
