/* SPDX-License-Identifier: Apache-2.0 */
/* MurmurHash3, the x86 variant with 32 bits of result. */
#include "hash/hash.h"

static uint32_t rotate(uint32_t x, unsigned n)
{
    return x << n | x >> (32 - n);
}

static uint32_t mix_word(uint32_t word)
{
    return rotate(word * 0xcc9e2d51u, 15) * 0x1b873593u;
}

static uint32_t finish(uint32_t h)
{
    h = (h ^ h >> 16) * 0x85ebca6bu;
    h = (h ^ h >> 13) * 0xc2b2ae35u;
    return h ^ h >> 16;
}

/* Up to four bytes, the first is the lowest. */
static uint32_t little_endian(const char *p, size_t len)
{
    uint32_t word = 0;
    for (size_t i = 0; i < len; i++)
        word |= (uint32_t)(unsigned char)p[i] << (8 * i);
    return word;
}

uint32_t slip_murmur3(struct slip_str text)
{
    uint32_t h = 0;
    size_t i = 0;
    for (; text.len - i >= 4; i += 4)
        h = rotate(h ^ mix_word(little_endian(text.ptr + i, 4)), 13) * 5 + 0xe6546b64u;
    if (i < text.len)
        h ^= mix_word(little_endian(text.ptr + i, text.len - i));
    return finish(h ^ (uint32_t)text.len);
}

void slip_murmur3_hex(struct slip_str text, char out[SLIP_MURMUR3_HEX + 1])
{
    snprintf(out, SLIP_MURMUR3_HEX + 1, "%x", slip_murmur3(text));
}
