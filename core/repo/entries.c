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

#include <string.h>

/* Two digits at once: ids are printed by the million. */
static const char pairs[513] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
                               "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
                               "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f"
                               "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f"
                               "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
                               "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
                               "c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf"
                               "e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff";

void slip_oid_hex(const struct slip_oid *id, char out[SLIP_OID_HEX + 1])
{
    for (size_t i = 0; i < sizeof(id->bytes); i++)
        memcpy(out + 2 * i, pairs + 2 * id->bytes[i], 2);
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

static bool take_mode(struct slip_str *rest, unsigned *mode)
{
    unsigned value = 0;
    size_t n = 0;
    while (n < rest->len && n <= 6 && rest->ptr[n] >= '0' && rest->ptr[n] <= '7')
        value = value << 3 | (unsigned)(rest->ptr[n++] - '0');
    if (n == 0 || n > 6 || n == rest->len || rest->ptr[n] != ' ')
        return false;
    *rest = slip_str_skip(*rest, n + 1);
    *mode = value;
    return true;
}

/* A name that could not stand for one component of a path never comes from git itself. */
static bool take_name(struct slip_str *rest, struct slip_str *name)
{
    if (!slip_str_cut(*rest, '\0', name, rest))
        return false;
    return name->len && !memchr(name->ptr, '/', name->len) && !slip_str_is(*name, ".")
           && !slip_str_is(*name, "..");
}

static bool take_entry(struct slip_str *rest, struct slip_entry *e)
{
    if (!take_mode(rest, &e->mode) || !take_name(rest, &e->name) || rest->len < sizeof(e->id.bytes))
        return false;
    memcpy(e->id.bytes, rest->ptr, sizeof(e->id.bytes));
    *rest = slip_str_skip(*rest, sizeof(e->id.bytes));
    return true;
}

int slip_entries_parse(struct slip_str raw, struct slip_entries *out, struct slip_error *err)
{
    out->raw.limit = SLIP_LIMIT_TREE;
    slip_buf_reset(&out->raw);
    out->len = 0;
    if (!slip_buf_add_str(&out->raw, raw))
        return slip_fail(err, SLIP_E_REPO, "a directory with more than %u bytes of entries",
                         SLIP_LIMIT_TREE);
    struct slip_str rest = slip_buf_str(&out->raw);
    slip_vec_reserve(out, rest.len / 32 + 1);
    while (rest.len) {
        struct slip_entry e;
        if (!take_entry(&rest, &e))
            return slip_fail(err, SLIP_E_REPO, "a damaged tree object");
        slip_vec_push(out, e);
    }
    return 0;
}
