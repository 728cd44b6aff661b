/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that roll dice. The dice belong to the host. */
#include "tmpl/fn.h"
#include "tmpl/tmpl.h"

#include "base/utf8.h"
#include "value/base64.h"

static int random_bytes(struct slip_tmpl_call *c, void *bytes, size_t len)
{
    if (!c->host->random)
        return slip_tmpl_fail(c, "not reproducible: there is no source of random numbers");
    c->host->random(c->host->payload, bytes, len);
    return 0;
}

/* 0 <= *out < limit, every number as likely as any other. */
static int random_below(struct slip_tmpl_call *c, uint64_t limit, uint64_t *out)
{
    uint64_t unfair = UINT64_MAX - UINT64_MAX % limit; /* from here on some would come up more */
    do {
        if (random_bytes(c, out, sizeof(*out)) < 0)
            return -1;
    } while (*out >= unfair);
    *out %= limit;
    return 0;
}

/* `count` of these characters; a negative count gives none. */
static int random_text(struct slip_tmpl_call *c, int64_t count, struct slip_str set,
                       struct slip_tv *out)
{
    SLIP_AUTO(slip_buf) b = slip_tmpl_buf(c);
    uint64_t i;
    if (count > 0 && slip_tmpl_room(c, (uint64_t)count, 1) < 0)
        return -1;
    for (; count > 0 && !b.full; count--) {
        if (random_below(c, set.len, &i) < 0)
            return -1;
        slip_buf_add_char(&b, set.ptr[i]);
    }
    return slip_tmpl_give(c, &b, out);
}

#define DIGITS "0123456789"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

SLIP_TMPL_FN(fn_rand_alpha)
{
    return random_text(c, a[0].i, SLIP_STR(LETTERS), out);
}

SLIP_TMPL_FN(fn_rand_alpha_num)
{
    return random_text(c, a[0].i, SLIP_STR(LETTERS DIGITS), out);
}

SLIP_TMPL_FN(fn_rand_numeric)
{
    return random_text(c, a[0].i, SLIP_STR(DIGITS), out);
}

SLIP_TMPL_FN(fn_rand_ascii)
{
    return random_text(c, a[0].i,
                       SLIP_STR(" !\"#$%&'()*+,-./" DIGITS ":;<=>?@" LETTERS "[\\]^_`{|}~"), out);
}

SLIP_TMPL_FN(fn_rand_bytes)
{
    if (a[0].i < 0)
        return slip_tmpl_fail(c, "runtime error: makeslice: len out of range");
    if (slip_tmpl_room(c, (uint64_t)a[0].i, 1) < 0)
        return -1;
    size_t len = (size_t)a[0].i;
    SLIP_AUTO_FREE char *bytes = slip_alloc(len + 1);
    SLIP_AUTO(slip_buf) b = slip_tmpl_buf(c);
    if (len > 0 && random_bytes(c, bytes, len) < 0)
        return -1;
    slip_base64_encode(slip_str_make(bytes, len), &b);
    return slip_tmpl_give(c, &b, out);
}

SLIP_TMPL_FN(fn_rand_int)
{
    uint64_t width = (uint64_t)a[1].i - (uint64_t)a[0].i, i = 0;
    if ((int64_t)width <= 0)
        return slip_tmpl_fail(c, "invalid argument to Intn");
    if (width > 1 && random_below(c, width, &i) < 0)
        return -1;
    *out = slip_tv_int((int64_t)((uint64_t)a[0].i + i));
    return 0;
}

static uint32_t *runes_of(struct slip_str s, size_t *n)
{
    uint32_t *runes = slip_alloc_array(s.len + 1, sizeof(*runes));
    for (*n = 0; s.len; (*n)++) {
        size_t width;
        runes[*n] = slip_utf8_decode(s, &width);
        s = slip_str_skip(s, width);
    }
    return runes;
}

SLIP_TMPL_FN(fn_shuffle)
{
    SLIP_AUTO(slip_buf) b = slip_tmpl_buf(c);
    size_t len;
    if (slip_tmpl_room(c, a[0].s.len, sizeof(uint32_t)) < 0)
        return -1;
    SLIP_AUTO_FREE uint32_t *runes = runes_of(a[0].s, &len);
    for (size_t i = len; i > 1; i--) {
        uint64_t k;
        if (random_below(c, i, &k) < 0)
            return -1;
        uint32_t swap = runes[i - 1];
        runes[i - 1] = runes[k];
        runes[k] = swap;
    }
    for (size_t i = 0; i < len; i++)
        slip_buf_add_rune(&b, runes[i]);
    return slip_tmpl_give(c, &b, out);
}

SLIP_TMPL_FN(fn_uuidv4)
{
    SLIP_AUTO(slip_buf) b = SLIP_BUF(64);
    unsigned char bytes[16];
    if (random_bytes(c, bytes, sizeof(bytes)) < 0)
        return -1;
    bytes[6] = (unsigned char)((bytes[6] & 0x0F) | 0x40);
    bytes[8] = (unsigned char)((bytes[8] & 0x3F) | 0x80);
    for (size_t i = 0; i < sizeof(bytes); i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            slip_buf_add_char(&b, '-');
        slip_buf_add_hex(&b, &bytes[i], 1);
    }
    return slip_tmpl_give(c, &b, out);
}

static const struct slip_tmpl_func table[] = {
    { "randAlpha", "i", fn_rand_alpha, "N random letters" },
    { "randAlphaNum", "i", fn_rand_alpha_num, "N random letters and digits" },
    { "randAscii", "i", fn_rand_ascii, "N random printable ASCII characters" },
    { "randBytes", "i", fn_rand_bytes, "N random bytes, in base64" },
    { "randInt", "ii", fn_rand_int, "a random number from the first to before the second" },
    { "randNumeric", "i", fn_rand_numeric, "N random digits" },
    { "shuffle", "s", fn_shuffle, "the characters of a text in random order" },
    { "uuidv4", "", fn_uuidv4, "a random UUID" },
};
const struct slip_tmpl_funcs slip_tmpl_funcs_random = SLIP_TMPL_FUNCS(table);
