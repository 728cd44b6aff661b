/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that compute with integers and floats. Integers wrap around as Go's do. */
#include "tmpl/fn.h"
#include "tmpl/literal.h"

#include <math.h>

static int give_int64(struct slip_tv *out, uint64_t wrapped)
{
    *out = slip_tv_int64((int64_t)wrapped);
    return 0;
}

static int give_float(struct slip_tv *out, double f)
{
    *out = slip_tv_float(f);
    return 0;
}

static uint64_t number(const struct slip_tv *v)
{
    return (uint64_t)slip_tmpl_int64(v);
}

/* ---- conversions ---- */

SLIP_TMPL_FN(fn_int)
{
    *out = slip_tv_int(slip_tmpl_int64(&a[0]));
    return 0;
}

SLIP_TMPL_FN(fn_int64)
{
    return give_int64(out, number(&a[0]));
}

SLIP_TMPL_FN(fn_float64)
{
    return give_float(out, slip_tmpl_float(&a[0]));
}

/* Too large a number is the largest one. */
SLIP_TMPL_FN(fn_atoi)
{
    int64_t i = 0;
    if (slip_literal_int(a[0].s, 10, &i) == SLIP_LITERAL_SYNTAX)
        i = 0;
    *out = slip_tv_int(i);
    return 0;
}

SLIP_TMPL_FN(fn_to_decimal)
{
    struct slip_str s;
    int64_t i;
    if (slip_tmpl_strval(c, &a[0], &s) < 0)
        return -1;
    return give_int64(out, slip_literal_int(s, 8, &i) == SLIP_LITERAL_GOOD ? (uint64_t)i : 0);
}

/* ---- integers ---- */

SLIP_TMPL_FN(fn_add)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += number(&a[i]);
    return give_int64(out, sum);
}

SLIP_TMPL_FN(fn_add1)
{
    return give_int64(out, number(&a[0]) + 1);
}

SLIP_TMPL_FN(fn_sub)
{
    return give_int64(out, number(&a[0]) - number(&a[1]));
}

SLIP_TMPL_FN(fn_mul)
{
    uint64_t product = number(&a[0]);
    for (size_t i = 1; i < n; i++)
        product *= number(&a[i]);
    return give_int64(out, product);
}

SLIP_TMPL_FN(fn_div)
{
    int64_t by = slip_tmpl_int64(&a[1]);
    if (by == 0)
        return slip_tmpl_fail(c, "runtime error: integer divide by zero");
    if (by == -1) /* the smallest number has no opposite: it stays */
        return give_int64(out, 0 - number(&a[0]));
    return give_int64(out, (uint64_t)(slip_tmpl_int64(&a[0]) / by));
}

SLIP_TMPL_FN(fn_mod)
{
    int64_t by = slip_tmpl_int64(&a[1]);
    if (by == 0)
        return slip_tmpl_fail(c, "runtime error: integer divide by zero");
    return give_int64(out, by == -1 ? 0 : (uint64_t)(slip_tmpl_int64(&a[0]) % by));
}

SLIP_TMPL_FN(fn_max)
{
    int64_t most = slip_tmpl_int64(&a[0]);
    for (size_t i = 1; i < n; i++)
        if (slip_tmpl_int64(&a[i]) > most)
            most = slip_tmpl_int64(&a[i]);
    *out = slip_tv_int64(most);
    return 0;
}

SLIP_TMPL_FN(fn_min)
{
    int64_t least = slip_tmpl_int64(&a[0]);
    for (size_t i = 1; i < n; i++)
        if (slip_tmpl_int64(&a[i]) < least)
            least = slip_tmpl_int64(&a[i]);
    *out = slip_tv_int64(least);
    return 0;
}

/* ---- floats ---- */

SLIP_TMPL_FN(fn_ceil)
{
    return give_float(out, ceil(slip_tmpl_float(&a[0])));
}

SLIP_TMPL_FN(fn_floor)
{
    return give_float(out, floor(slip_tmpl_float(&a[0])));
}

/* As Go's math.Max: infinity wins over NaN, NaN over all others, 0 is more than -0. */
static double more(double x, double y)
{
    if (x == INFINITY || y == INFINITY)
        return INFINITY;
    if (isnan(x) || isnan(y))
        return NAN;
    if (x == 0 && y == 0)
        return signbit(x) ? y : x;
    return x > y ? x : y;
}

SLIP_TMPL_FN(fn_maxf)
{
    double most = slip_tmpl_float(&a[0]);
    for (size_t i = 1; i < n; i++)
        most = more(most, slip_tmpl_float(&a[i]));
    return give_float(out, most);
}

SLIP_TMPL_FN(fn_minf)
{
    double least = slip_tmpl_float(&a[0]);
    for (size_t i = 1; i < n; i++)
        least = -more(-least, -slip_tmpl_float(&a[i]));
    return give_float(out, least);
}

/*
 * Ten to a power with the steps of Go's math.Pow: mantissa and exponent apart, squaring. The C
 * library rounds some powers otherwise.
 */
static double power_of_ten(int64_t power)
{
    if (power < -1000000 || power > 1000000)
        return power < 0 ? 0 : INFINITY;
    int exponent, step;
    double result = 1, factor = frexp(10, &step);
    exponent = 0;
    for (int64_t i = power < 0 ? -power : power; i; i >>= 1) {
        if (step > 1 << 12) {
            exponent += step;
            break;
        }
        if (i & 1) {
            result *= factor;
            exponent += step;
        }
        factor *= factor;
        step *= 2;
        if (factor < .5) {
            factor += factor;
            step--;
        }
    }
    return power < 0 ? ldexp(1 / result, -exponent) : ldexp(result, exponent);
}

/* The fraction has the sign of the number, so negative numbers go down. */
SLIP_TMPL_FN(fn_round)
{
    double on = n > 2 ? a[2].f : .5;
    double power = power_of_ten(a[1].i), scaled = power * slip_tmpl_float(&a[0]), whole;
    double fraction = isinf(scaled) ? NAN : modf(scaled, &whole);
    return give_float(out, (fraction >= on ? ceil(scaled) : floor(scaled)) / power);
}

/* ---- sequences ---- */

struct sequence {
    int64_t start, step;
    uint64_t count;
};

/* From start to before stop; nothing when step leads elsewhere. */
static struct sequence sequence(int64_t start, int64_t stop, int64_t step)
{
    struct sequence s = { .start = start, .step = step };
    bool down = stop < start;
    if (step == 0 || start == stop || down != (step < 0))
        return s;
    uint64_t way = down ? (uint64_t)start - (uint64_t)stop : (uint64_t)stop - (uint64_t)start;
    uint64_t width = down ? 0 - (uint64_t)step : (uint64_t)step;
    s.count = (way - 1) / width + 1;
    return s;
}

static int64_t sequence_at(const struct sequence *s, uint64_t i)
{
    return (int64_t)((uint64_t)s->start + i * (uint64_t)s->step);
}

static int give_sequence(struct slip_tmpl_call *c, struct sequence s, struct slip_tv *out)
{
    if (slip_tmpl_room(c, s.count, sizeof(struct slip_tv)) < 0)
        return -1;
    struct slip_tv *at = slip_arena_array(c->arena, s.count, sizeof(*at));
    for (uint64_t i = 0; i < s.count; i++)
        at[i] = slip_tv_int(sequence_at(&s, i));
    *out = slip_tv_list_with_room(c->arena, SLIP_TV_INTS, at, s.count,
                                  slip_tmpl_capacity_of_each(SLIP_TV_INTS, 0, s.count));
    return 0;
}

SLIP_TMPL_FN(fn_until)
{
    return give_sequence(c, sequence(0, a[0].i, a[0].i < 0 ? -1 : 1), out);
}

SLIP_TMPL_FN(fn_until_step)
{
    return give_sequence(c, sequence(a[0].i, a[1].i, a[2].i), out);
}

static int64_t next_to(int64_t i, bool down)
{
    return (int64_t)(down ? (uint64_t)i - 1 : (uint64_t)i + 1);
}

/* [first [step]] last, last included. */
SLIP_TMPL_FN(fn_seq)
{
    SLIP_AUTO(slip_buf) b = slip_tmpl_buf(c);
    struct sequence s = { 0 };
    if (n >= 1 && n <= 3) {
        int64_t start = n == 1 ? 1 : a[0].i, stop = a[n - 1].i;
        bool down = stop < start;
        int64_t step = n == 3 ? a[1].i : down ? -1 : 1;
        if (n < 3 || !down || step <= 0)
            s = sequence(start, next_to(stop, down), step);
    }
    if (slip_tmpl_room(c, s.count, 2) < 0)
        return -1;
    for (uint64_t i = 0; i < s.count && !b.full; i++)
        slip_buf_add_fmt(&b, i ? " %lld" : "%lld", (long long)sequence_at(&s, i));
    return slip_tmpl_give(c, &b, out);
}

static const struct slip_tmpl_func table[] = {
    { "add", "a.", fn_add, "the sum" },
    { "add1", "a", fn_add1, "the number and one" },
    { "atoi", "s", fn_atoi, "the number that a text stands for, 0 when none" },
    { "biggest", "aa.", fn_max, "as max" },
    { "ceil", "a", fn_ceil, "the next whole number from the number up" },
    { "div", "aa", fn_div, "the whole quotient" },
    { "float64", "a", fn_float64, "the value as a float64" },
    { "floor", "a", fn_floor, "the next whole number from the number down" },
    { "int", "a", fn_int, "the value as an int" },
    { "int64", "a", fn_int64, "the value as an int64" },
    { "max", "aa.", fn_max, "the largest of the whole numbers" },
    { "maxf", "aa.", fn_maxf, "the largest of the numbers" },
    { "min", "aa.", fn_min, "the smallest of the whole numbers" },
    { "minf", "aa.", fn_minf, "the smallest of the numbers" },
    { "mod", "aa", fn_mod, "the rest of the division" },
    { "mul", "aa.", fn_mul, "the product" },
    { "round", "aif.", fn_round, "the number rounded to N places" },
    { "seq", "i.", fn_seq, "numbers in a row as text: last; first last; first step last" },
    { "sub", "aa", fn_sub, "the difference" },
    { "toDecimal", "a", fn_to_decimal, "the number that octal digits stand for" },
    { "until", "i", fn_until, "list of the numbers from 0 to before N" },
    { "untilStep", "iii", fn_until_step, "list of the numbers from, to before, with a step" },
};
const struct slip_tmpl_funcs slip_tmpl_funcs_number = SLIP_TMPL_FUNCS(table);
