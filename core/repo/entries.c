/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Object ids and the content of tree objects.
 *
 *     tree  := entry*
 *     entry := mode SP name NUL id
 *     mode  := 1 to 6 octal digits        id := 20 bytes
 */
#include "repo/tree.h"

#include "base/mem.h"

#include <endian.h>
#include <string.h>

enum {
    MODE_DIGITS = 6,  /* at most */
    ENTRY_BYTES = 32, /* of an entry with a short name */
};

/* Four bytes as eight digits, the first one in the highest byte: ids are printed by the million. */
static uint64_t hex_digits(uint32_t bytes)
{
    const uint64_t ones = 0x0101010101010101;
    uint64_t x = bytes;
    x = (x | x << 16) & 0x0000ffff0000ffff;
    x = (x | x << 8) & 0x00ff00ff00ff00ff;
    x = (x | x << 4) & 0x0f0f0f0f0f0f0f0f;
    uint64_t letters = (x + 6 * ones) >> 4 & ones; /* 1 for each of a to f */
    return x + '0' * ones + letters * ('a' - '9' - 1);
}

void slip_oid_hex(const struct slip_oid *id, char out[SLIP_OID_HEX + 1])
{
    for (size_t i = 0; i < sizeof(id->bytes); i += 4) {
        uint32_t bytes;
        memcpy(&bytes, id->bytes + i, sizeof(bytes));
        uint64_t digits = htobe64(hex_digits(be32toh(bytes)));
        memcpy(out + 2 * i, &digits, sizeof(digits));
    }
    out[SLIP_OID_HEX] = '\0';
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool slip_oid_parse(struct slip_str hex, struct slip_oid *out)
{
    struct slip_oid id;
    if (hex.len != SLIP_OID_HEX)
        return false;
    for (size_t i = 0; i < sizeof(id.bytes); i++) {
        int high = hex_value(hex.ptr[2 * i]), low = hex_value(hex.ptr[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        id.bytes[i] = (unsigned char)(high << 4 | low);
    }
    *out = id;
    return true;
}

bool slip_oid_eq(const struct slip_oid *a, const struct slip_oid *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool slip_oid_is_zero(const struct slip_oid *id)
{
    static const struct slip_oid zero;
    return slip_oid_eq(id, &zero);
}

void slip_entries_clear(struct slip_entries *e)
{
    slip_free(e->at);
    e->at = NULL;
    e->len = e->cap = 0;
    slip_buf_clear(&e->raw);
}

/* Behind the mode, or NULL. */
static const char *take_mode(const char *p, const char *end, unsigned *mode)
{
    const char *last = end - p > MODE_DIGITS ? p + MODE_DIGITS : end;
    const char *from = p;
    unsigned value = 0;
    for (; p < last && *p >= '0' && *p <= '7'; p++)
        value = value << 3 | (unsigned)(*p - '0');
    *mode = value;
    return p > from && p < end && *p == ' ' ? p + 1 : NULL;
}

/* A name that could not stand for one component of a path never comes from git itself. */
static bool is_component(struct slip_str name)
{
    if (name.len == 0
        || (name.ptr[0] == '.' && (slip_str_is(name, ".") || slip_str_is(name, ".."))))
        return false;
    return !memchr(name.ptr, '/', name.len);
}

/* Behind the entry, or NULL when it is damaged. */
static const char *take_entry(const char *p, const char *end, struct slip_entry *e)
{
    const char *name = take_mode(p, end, &e->mode);
    const char *nul = name ? memchr(name, '\0', (size_t)(end - name)) : NULL;
    if (!nul)
        return NULL;
    e->name = slip_str_make(name, (size_t)(nul - name));
    if ((size_t)(end - nul - 1) < sizeof(e->id.bytes) || !is_component(e->name))
        return NULL;
    memcpy(e->id.bytes, nul + 1, sizeof(e->id.bytes));
    return nul + 1 + sizeof(e->id.bytes);
}

static int damaged(struct slip_error *err)
{
    return slip_fail(err, SLIP_E_REPO, "a damaged tree object");
}

int slip_entries_parse(struct slip_str raw, struct slip_entries *out, struct slip_error *err)
{
    out->raw.limit = SLIP_LIMIT_TREE;
    slip_buf_reset(&out->raw);
    out->len = 0;
    if (!slip_buf_add_str(&out->raw, raw))
        return slip_fail(err, SLIP_E_REPO, "a directory with more than %u bytes of entries",
                         SLIP_LIMIT_TREE);
    const char *p = out->raw.ptr, *end = p + out->raw.len;
    slip_vec_reserve(out, raw.len / ENTRY_BYTES + 1);
    while (p < end) {
        slip_vec_reserve(out, out->len + 1);
        p = take_entry(p, end, &out->at[out->len]);
        if (!p)
            return damaged(err);
        out->len++;
    }
    return 0;
}

int slip_entries_find(struct slip_str raw, struct slip_str name, struct slip_entry *out,
                      bool *found, struct slip_error *err)
{
    const char *p = raw.ptr, *end = p + raw.len;
    struct slip_entry e;
    *found = false;
    while (p < end && !*found) {
        p = take_entry(p, end, &e);
        if (!p)
            return damaged(err);
        *found = slip_str_eq(e.name, name);
    }
    if (*found) {
        *out = e;
        out->name = name;
    }
    return 0;
}
