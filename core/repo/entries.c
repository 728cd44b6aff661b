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

void slip_oid_hex(const struct slip_oid *id, char out[SLIP_OID_HEX + 1])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < sizeof(id->bytes); i++) {
        *out++ = digits[id->bytes[i] >> 4];
        *out++ = digits[id->bytes[i] & 15];
    }
    *out = '\0';
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
    while (rest.len) {
        struct slip_entry e;
        if (!take_entry(&rest, &e))
            return slip_fail(err, SLIP_E_REPO, "a damaged tree object");
        slip_vec_push(out, e);
    }
    return 0;
}
