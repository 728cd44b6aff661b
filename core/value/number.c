/* SPDX-License-Identifier: Apache-2.0 */
/* Shortest digits of floating point numbers. */
#include "value/number.h"

#include <math.h>

enum { MAX_DIGITS = 17 }; /* that many always read back */

/* Digits of `f` (positive) rounded to `n` places. */
static void round_to(double f, int n, struct slip_digits *d)
{
    char text[40];
    snprintf(text, sizeof(text), "%.*e", n - 1, f);
    char *e = strchr(text, 'e');
    d->point = (int)strtol(e + 1, NULL, 10) + 1;
    d->text[0] = text[0];
    if (n > 1)
        memcpy(d->text + 1, text + 2, (size_t)n - 1);
    d->text[n] = 0;
    d->len = n;
}

static double value_of(const struct slip_digits *d)
{
    char text[40];
    snprintf(text, sizeof(text), "0.%se%d", d->text, d->point);
    return strtod(text, NULL);
}

/* The neighbour of the same length that lies above (below) the digits. */
static void step(struct slip_digits *d, bool up)
{
    int i = d->len - 1;
    char wrap = up ? '9' : '0', to = up ? '0' : '9';
    while (i > 0 && d->text[i] == wrap)
        d->text[i--] = to;
    if (i == 0 && up && d->text[0] == '9') {
        d->text[0] = '1';
        d->point++;
        return;
    }
    d->text[i] = (char)(d->text[i] + (up ? 1 : -1));
}

/*
 * Below a power of two the doubles stand closer than above it, so digits above the number may read
 * back although the nearest ones, below it, do not.
 */
static bool farther_side_reads_back(double f, struct slip_digits *d)
{
    int exponent;
    double nearest = value_of(d);
    if (frexp(f, &exponent) != 0.5 || nearest > f)
        return false;
    step(d, true);
    return value_of(d) == f;
}

void slip_digits_shortest(double f, struct slip_digits *out)
{
    *out = (struct slip_digits){ .negative = signbit(f), .text = "0", .len = 1, .point = 1 };
    f = fabs(f);
    if (f == 0)
        return;
    for (int n = 1; n <= MAX_DIGITS; n++) {
        round_to(f, n, out);
        if (value_of(out) == f || farther_side_reads_back(f, out))
            break;
    }
    while (out->len > 1 && out->text[out->len - 1] == '0')
        out->text[--out->len] = 0;
}

static void print_exponent_form(const struct slip_digits *d, int min_exponent_digits,
                                struct slip_buf *out)
{
    int exponent = d->point - 1;
    slip_buf_add_char(out, d->text[0]);
    if (d->len > 1)
        slip_buf_add_fmt(out, ".%s", d->text + 1);
    slip_buf_add_fmt(out, "e%c%0*d", exponent < 0 ? '-' : '+', min_exponent_digits, abs(exponent));
}

static void print_plain(const struct slip_digits *d, struct slip_buf *out)
{
    if (d->point <= 0)
        slip_buf_add_fmt(out, "0.%.*s%s", -d->point, "0000000000000000000000000000000000000000",
                         d->text);
    else if (d->len <= d->point)
        slip_buf_add_fmt(out, "%s%.*s", d->text, d->point - d->len,
                         "0000000000000000000000000000000000000000");
    else
        slip_buf_add_fmt(out, "%.*s.%s", d->point, d->text, d->text + d->point);
}

void slip_float_print_go(double f, struct slip_buf *out)
{
    if (isnan(f)) {
        slip_buf_add_c(out, "NaN");
        return;
    }
    if (isinf(f)) {
        slip_buf_add_c(out, f < 0 ? "-Inf" : "+Inf");
        return;
    }
    struct slip_digits d;
    slip_digits_shortest(f, &d);
    if (d.negative)
        slip_buf_add_char(out, '-');
    int exponent = d.point - 1;
    if (exponent < -4 || exponent >= 6)
        print_exponent_form(&d, 2, out);
    else
        print_plain(&d, out);
}

bool slip_float_print_json(double f, struct slip_buf *out)
{
    if (!isfinite(f))
        return false;
    struct slip_digits d;
    slip_digits_shortest(f, &d);
    if (d.negative)
        slip_buf_add_char(out, '-');
    double size = fabs(f);
    if (size != 0 && (size < 1e-6 || size >= 1e21))
        print_exponent_form(&d, d.point - 1 < 0 ? 1 : 2, out);
    else
        print_plain(&d, out);
    return true;
}
