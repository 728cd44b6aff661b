/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that encode bytes and take digests of them. */
#include "tmpl/fn.h"

#include "hash/hash.h"
#include "value/base64.h"

/* ---- base64 ---- */

SLIP_TMPL_FN(fn_b64enc)
{
    SLIP_AUTO(slip_buf) b = slip_tmpl_buf(c);
    slip_base64_encode(a[0].s, &b);
    return slip_tmpl_give(c, &b, out);
}

static int base64_digit(char ch)
{
    if (ch >= 'A' && ch <= 'Z')
        return ch - 'A';
    if (ch >= 'a' && ch <= 'z')
        return ch - 'a' + 26;
    if (ch >= '0' && ch <= '9')
        return ch - '0' + 52;
    return ch == '+' ? 62 : ch == '/' ? 63 : -1;
}

static size_t skip_breaks(struct slip_str s, size_t i)
{
    while (i < s.len && (s.ptr[i] == '\n' || s.ptr[i] == '\r'))
        i++;
    return i;
}

size_t slip_tmpl_base64_error(struct slip_str s)
{
    size_t i = skip_breaks(s, 0), in_group = 0;
    while (i < s.len) {
        char ch = s.ptr[i++];
        if (base64_digit(ch) >= 0) {
            in_group = (in_group + 1) % 4;
            i = in_group ? i : skip_breaks(s, i);
        } else if (ch != '\n' && ch != '\r') {
            if (ch != '=' || in_group < 2)
                return i - 1;
            i = skip_breaks(s, i);
            if (in_group == 2) {
                if (i == s.len)
                    return s.len;
                if (s.ptr[i] != '=')
                    return i - 1;
                i = skip_breaks(s, i + 1);
            }
            return i; /* more text behind the padding */
        }
    }
    return s.len - in_group;
}

SLIP_TMPL_FN(fn_b64dec)
{
    SLIP_AUTO(slip_buf) b = slip_tmpl_buf(c);
    if (!slip_base64_decode(a[0].s, &b) && !b.full)
        slip_buf_add_fmt(&b, "illegal base64 data at input byte %zu",
                         slip_tmpl_base64_error(a[0].s));
    return slip_tmpl_give(c, &b, out);
}

/* ---- base32 ---- */

SLIP_TMPL_FN(fn_b32enc)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    struct slip_str s = a[0].s;
    SLIP_AUTO(slip_buf) b = slip_tmpl_buf(c);
    for (size_t i = 0; i < s.len && !b.full; i += 5) {
        uint64_t group = 0;
        size_t have = s.len - i < 5 ? s.len - i : 5;
        for (size_t k = 0; k < 5; k++)
            group = group << 8 | (k < have ? (unsigned char)s.ptr[i + k] : 0);
        size_t used = (have * 8 + 4) / 5;
        for (size_t k = 0; k < 8; k++)
            slip_buf_add_char(&b, k < used ? digits[group >> (35 - 5 * k) & 31] : '=');
    }
    return slip_tmpl_give(c, &b, out);
}

static int base32_digit(char ch)
{
    if (ch >= 'A' && ch <= 'Z')
        return ch - 'A';
    return ch >= '2' && ch <= '7' ? ch - '2' + 26 : -1;
}

/*
 * The padding that begins at s[at] behind `digits` digits of the last group. SLIP_NPOS when it is
 * right, else the byte that is wrong.
 */
static size_t base32_padding_error(struct slip_str s, size_t at, size_t digits)
{
    size_t behind = s.len - at - 1;
    if (behind + digits < 7)
        return s.len;
    for (size_t k = 0; k < 7 - digits && k < behind; k++)
        if (s.ptr[at + 1 + k] != '=')
            return at + k;
    return digits == 3 || digits == 6 ? at : SLIP_NPOS;
}

static void add_group(struct slip_buf *b, uint64_t group, size_t digits)
{
    group <<= 5 * (8 - digits);
    for (size_t k = 0; k < digits * 5 / 8; k++)
        slip_buf_add_char(b, (char)(group >> (32 - 8 * k) & 0xFF));
}

/* False: `*wrong` is the byte that is not base32. `s` has no line breaks. */
static bool decode_base32(struct slip_str s, struct slip_buf *b, size_t *wrong)
{
    uint64_t group = 0;
    size_t digits = 0;
    for (size_t i = 0; i < s.len; i++) {
        int value = base32_digit(s.ptr[i]);
        if (s.ptr[i] == '=' && digits >= 2 && s.len - i - 1 < 8) {
            *wrong = base32_padding_error(s, i, digits);
            add_group(b, group, digits);
            return *wrong == SLIP_NPOS;
        }
        *wrong = i;
        if (value < 0)
            return false;
        group = group << 5 | (uint64_t)value;
        if (++digits == 8) {
            add_group(b, group, digits);
            group = digits = 0;
        }
    }
    *wrong = s.len - digits;
    return digits == 0;
}

SLIP_TMPL_FN(fn_b32dec)
{
    SLIP_AUTO(slip_buf) text = slip_tmpl_buf(c);
    SLIP_AUTO(slip_buf) b = slip_tmpl_buf(c);
    struct slip_str s = a[0].s;
    size_t wrong;
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] != '\r' && s.ptr[i] != '\n')
            slip_buf_add_char(&text, s.ptr[i]);
    if (!decode_base32(slip_buf_str(&text), &b, &wrong)) {
        slip_buf_reset(&b);
        slip_buf_add_fmt(&b, "illegal base32 data at input byte %zu", wrong);
    }
    return slip_tmpl_give(c, &b, out);
}

/* ---- digests ---- */

static int hex_digest(struct slip_tmpl_call *c, enum slip_hash_kind kind, struct slip_str s,
                      struct slip_tv *out)
{
    char hex[SLIP_HASH_HEX_MAX + 1];
    slip_hash_hex(kind, s, hex);
    *out = slip_tv_str(slip_arena_str(c->arena, slip_str_of(hex)));
    return 0;
}

SLIP_TMPL_FN(fn_sha1sum)
{
    return hex_digest(c, SLIP_HASH_SHA1, a[0].s, out);
}

SLIP_TMPL_FN(fn_sha256sum)
{
    return hex_digest(c, SLIP_HASH_SHA256, a[0].s, out);
}

SLIP_TMPL_FN(fn_adler32sum)
{
    uint32_t low = 1, high = 0;
    for (size_t i = 0; i < a[0].s.len; i++) {
        low = (low + (unsigned char)a[0].s.ptr[i]) % 65521;
        high = (high + low) % 65521;
    }
    *out = slip_tv_str(slip_str_of(slip_arena_printf(c->arena, "%u", high << 16 | low)));
    return 0;
}

static const struct slip_tmpl_func table[] = {
    { "adler32sum", "s", fn_adler32sum, "Adler-32 of the text, in decimal" },
    { "b32dec", "s", fn_b32dec, "the bytes that base32 text stands for, or why it does not" },
    { "b32enc", "s", fn_b32enc, "text in base32" },
    { "b64dec", "s", fn_b64dec, "the bytes that base64 text stands for, or why it does not" },
    { "b64enc", "s", fn_b64enc, "text in base64" },
    { "sha1sum", "s", fn_sha1sum, "SHA-1 of the text, in hex" },
    { "sha256sum", "s", fn_sha256sum, "SHA-256 of the text, in hex" },
};
const struct slip_tmpl_funcs slip_tmpl_funcs_encoding = SLIP_TMPL_FUNCS(table);
