/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions that compute with decimal fractions: a float counts as its shortest decimal digits, the
 * arithmetic is exact (a quotient has 16 places), the result is the nearest float.
 */
#include "tmpl/fn.h"

#include "value/number.h"

#include <math.h>

/* Digits to the base 10^9, lowest first, without zeros on top; zero has none. */
enum { BASE = 1000000000, BASE_DIGITS = 9 };

struct natural {
    SLIP_VEC(uint32_t);
};

/* value * 10^exponent */
struct decimal {
    bool negative;
    int64_t exponent;
    struct natural n;
};

enum {
    PLACES = 16,        /* of a quotient */
    MAX_LIMBS = 100000, /* far more than floats ever need */
};

static void clear(struct decimal *d)
{
    slip_vec_clear(&d->n);
}

static void trim(struct natural *n)
{
    while (n->len && n->at[n->len - 1] == 0)
        n->len--;
}

/* n * by + add */
static void multiply_add(struct natural *n, uint32_t by, uint32_t add)
{
    uint64_t carry = add;
    for (size_t i = 0; i < n->len; i++) {
        carry += (uint64_t)n->at[i] * by;
        n->at[i] = (uint32_t)(carry % BASE);
        carry /= BASE;
    }
    if (carry)
        slip_vec_push(n, (uint32_t)carry);
}

static void shift_decimal(struct natural *n, int64_t digits)
{
    for (; digits >= BASE_DIGITS; digits -= BASE_DIGITS)
        multiply_add(n, BASE, 0);
    for (; digits > 0; digits--)
        multiply_add(n, 10, 0);
}

static int compare(const struct natural *x, const struct natural *y)
{
    if (x->len != y->len)
        return x->len < y->len ? -1 : 1;
    for (size_t i = x->len; i-- > 0;)
        if (x->at[i] != y->at[i])
            return x->at[i] < y->at[i] ? -1 : 1;
    return 0;
}

static void add_natural(struct natural *x, const struct natural *y)
{
    uint32_t carry = 0;
    for (size_t i = 0; i < y->len || carry; i++) {
        if (i == x->len)
            slip_vec_push(x, 0);
        uint32_t sum = x->at[i] + carry + (i < y->len ? y->at[i] : 0);
        carry = sum >= BASE;
        x->at[i] = carry ? sum - BASE : sum;
    }
}

/* x - y, where x is not less. */
static void subtract_natural(struct natural *x, const struct natural *y)
{
    uint32_t borrow = 0;
    for (size_t i = 0; i < x->len; i++) {
        uint32_t take = borrow + (i < y->len ? y->at[i] : 0);
        borrow = x->at[i] < take;
        x->at[i] = borrow ? x->at[i] + BASE - take : x->at[i] - take;
    }
    trim(x);
}

static struct natural product(const struct natural *x, const struct natural *y)
{
    struct natural p = { 0 };
    slip_vec_reserve(&p, x->len + y->len + 1);
    p.len = x->len + y->len;
    memset(p.at, 0, (p.len + 1) * sizeof(*p.at));
    for (size_t i = 0; i < x->len; i++) {
        uint64_t carry = 0;
        for (size_t k = 0; k < y->len || carry; k++) {
            carry += p.at[i + k] + (uint64_t)x->at[i] * (k < y->len ? y->at[k] : 0);
            p.at[i + k] = (uint32_t)(carry % BASE);
            carry /= BASE;
        }
    }
    trim(&p);
    return p;
}

/* The digit of x / y, which is below 10; x becomes the rest. */
static uint32_t take_digit(struct natural *x, const struct natural *y)
{
    uint32_t digit = 0;
    while (compare(x, y) >= 0) {
        subtract_natural(x, y);
        digit++;
    }
    return digit;
}

/* x / y rounded to the nearest whole number, halves away from zero. */
static struct natural quotient(const struct natural *x, const struct natural *y)
{
    struct natural q = { 0 }, rest = { 0 };
    for (size_t i = x->len; i-- > 0;)
        for (uint32_t place = BASE / 10; place; place /= 10) {
            multiply_add(&rest, 10, x->at[i] / place % 10);
            multiply_add(&q, 10, take_digit(&rest, y));
        }
    multiply_add(&rest, 2, 0);
    if (compare(&rest, y) >= 0) {
        uint32_t digit = 1;
        add_natural(&q, &(struct natural){ .at = &digit, .len = 1 });
    }
    slip_vec_clear(&rest);
    return q;
}

/* ---- the four operations: `x` becomes the result ---- */

static void align(struct decimal *x, struct decimal *y)
{
    struct decimal *larger = x->exponent > y->exponent ? x : y;
    int64_t to = x->exponent < y->exponent ? x->exponent : y->exponent;
    shift_decimal(&larger->n, larger->exponent - to);
    larger->exponent = to;
}

static int add(struct slip_tmpl_call *c, struct decimal *x, struct decimal *y)
{
    (void)c;
    align(x, y);
    if (x->negative == y->negative) {
        add_natural(&x->n, &y->n);
    } else if (compare(&x->n, &y->n) >= 0) {
        subtract_natural(&x->n, &y->n);
    } else {
        struct decimal swap = *x;
        *x = *y;
        *y = swap;
        subtract_natural(&x->n, &y->n);
    }
    return 0;
}

static int subtract(struct slip_tmpl_call *c, struct decimal *x, struct decimal *y)
{
    y->negative = !y->negative;
    return add(c, x, y);
}

static int multiply(struct slip_tmpl_call *c, struct decimal *x, struct decimal *y)
{
    struct natural p = product(&x->n, &y->n);
    slip_vec_clear(&x->n);
    x->n = p;
    x->exponent += y->exponent;
    x->negative = x->negative != y->negative;
    return p.len > MAX_LIMBS ? slip_tmpl_fail(c, "the result would be too large") : 0;
}

static int divide(struct slip_tmpl_call *c, struct decimal *x, struct decimal *y)
{
    if (y->n.len == 0)
        return slip_tmpl_fail(c, "decimal division by 0");
    int64_t shift = x->exponent - y->exponent + PLACES;
    shift_decimal(shift < 0 ? &y->n : &x->n, shift < 0 ? -shift : shift);
    struct natural q = quotient(&x->n, &y->n);
    slip_vec_clear(&x->n);
    x->n = q;
    x->exponent = -PLACES;
    x->negative = x->negative != y->negative;
    return 0;
}

/* ---- from and to floats ---- */

static int from_float(struct slip_tmpl_call *c, double f, struct decimal *out)
{
    if (!isfinite(f))
        return slip_tmpl_fail(c, "Cannot create a Decimal from %s",
                              isnan(f) ? "NaN"
                              : f < 0  ? "-Inf"
                                       : "+Inf");
    struct slip_digits d;
    slip_digits_shortest(f, &d);
    *out = (struct decimal){ .negative = d.negative, .exponent = f == 0 ? 0 : d.point - d.len };
    for (int i = 0; i < d.len; i++)
        multiply_add(&out->n, 10, (uint32_t)(d.text[i] - '0'));
    return 0;
}

static double to_float(const struct decimal *d)
{
    if (d->n.len == 0)
        return 0;
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_NPOS);
    slip_buf_add_c(&text, d->negative ? "-" : "");
    for (size_t i = d->n.len; i-- > 0;)
        slip_buf_add_fmt(&text, "%09u", d->n.at[i]);
    slip_buf_add_fmt(&text, "e%lld", (long long)d->exponent);
    return strtod(text.ptr, NULL);
}

typedef int operation(struct slip_tmpl_call *c, struct decimal *x, struct decimal *y);

/* One operation after the other on `first` and the arguments. */
static int compute(struct slip_tmpl_call *c, operation *op, double first, const struct slip_tv *a,
                   size_t n, struct slip_tv *out)
{
    struct decimal x;
    int rc = from_float(c, first, &x);
    if (rc < 0)
        return -1;
    for (size_t i = 0; rc == 0 && i < n; i++) {
        struct decimal y;
        rc = from_float(c, slip_tmpl_float(&a[i]), &y);
        if (rc == 0) {
            rc = op(c, &x, &y);
            clear(&y);
        }
    }
    *out = slip_tv_float(to_float(&x));
    clear(&x);
    return rc;
}

SLIP_TMPL_FN(fn_addf)
{
    return compute(c, add, 0, a, n, out);
}

SLIP_TMPL_FN(fn_add1f)
{
    const struct slip_tv one = slip_tv_int(1);
    return compute(c, add, slip_tmpl_float(&a[0]), &one, 1, out);
}

SLIP_TMPL_FN(fn_subf)
{
    return compute(c, subtract, slip_tmpl_float(&a[0]), a + 1, n - 1, out);
}

SLIP_TMPL_FN(fn_mulf)
{
    return compute(c, multiply, slip_tmpl_float(&a[0]), a + 1, n - 1, out);
}

SLIP_TMPL_FN(fn_divf)
{
    return compute(c, divide, slip_tmpl_float(&a[0]), a + 1, n - 1, out);
}

static const struct slip_tmpl_func table[] = {
    { "add1f", "a", fn_add1f, "the number and one" },
    { "addf", "a.", fn_addf, "the sum of fractions" },
    { "divf", "aa.", fn_divf, "the quotient of fractions, to 16 places" },
    { "mulf", "aa.", fn_mulf, "the product of fractions" },
    { "subf", "aa.", fn_subf, "the difference of fractions" },
};
const struct slip_tmpl_funcs slip_tmpl_funcs_decimal = SLIP_TMPL_FUNCS(table);
