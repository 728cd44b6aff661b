/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Headers of tar members. Names that do not fit into the old header, and sizes of 8 GiB and more,
 * stand in an extended header in front of it, as "LENGTH KEY=VALUE\n" records.
 */
#include "build/tar.h"

#include <stdio.h>

struct header { /* one block, as POSIX lays it out */
    char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8];
    char type, link[100], magic[6], version[2], user[32], group[32], major[8], minor[8];
    char prefix[155], unused[12];
};
_Static_assert(sizeof(struct header) == SLIP_TAR_BLOCK, "a tar header is one block");

#define OLD_SIZE_MAX ((uint64_t)1 << 33)

static void set_octal(char *field, size_t size, uint64_t value)
{
    field[size - 1] = '\0';
    for (size_t i = size - 1; i-- > 0; value >>= 3)
        field[i] = (char)('0' + (value & 7));
}

/* The sum of all bytes, the sum's own place counted as blanks. */
static void set_checksum(struct header *h)
{
    memset(h->checksum, ' ', sizeof(h->checksum));
    unsigned sum = 0;
    for (size_t i = 0; i < sizeof(*h); i++)
        sum += ((const unsigned char *)h)[i];
    set_octal(h->checksum, 7, sum);
    h->checksum[7] = ' ';
}

static void set_text(char *field, size_t size, struct slip_str text)
{
    if (text.len)
        memcpy(field, text.ptr, text.len < size ? text.len : size);
}

static bool add_block(struct slip_buf *out, char type, struct slip_str path, unsigned mode,
                      uint64_t size, int64_t mtime, struct slip_str link)
{
    struct header h = { .magic = "ustar", .version = "00", .user = "root", .group = "root" };
    set_text(h.name, sizeof(h.name), path);
    set_text(h.link, sizeof(h.link), link);
    set_octal(h.mode, sizeof(h.mode), mode);
    set_octal(h.uid, sizeof(h.uid), 0);
    set_octal(h.gid, sizeof(h.gid), 0);
    set_octal(h.size, sizeof(h.size), size < OLD_SIZE_MAX ? size : 0);
    set_octal(h.mtime, sizeof(h.mtime), mtime > 0 ? (uint64_t)mtime : 0);
    set_octal(h.major, sizeof(h.major), 0);
    set_octal(h.minor, sizeof(h.minor), 0);
    h.type = type;
    set_checksum(&h);
    return slip_buf_add(out, &h, sizeof(h));
}

/* The length counts its own digits. */
static void add_record(struct slip_buf *out, const char *key, struct slip_str value)
{
    size_t rest = 1 + strlen(key) + 1 + value.len + 1, len = rest;
    for (size_t before = 0; before != len;) {
        before = len;
        len = rest + (size_t)snprintf(NULL, 0, "%zu", len);
    }
    slip_buf_add_fmt(out, "%zu %s=", len, key);
    slip_buf_add_str(out, value);
    slip_buf_add_char(out, '\n');
}

static bool add_padding(struct slip_buf *out, uint64_t size)
{
    static const char zeros[SLIP_TAR_BLOCK];
    return slip_buf_add(out, zeros, slip_tar_padding(size));
}

static bool add_extended(struct slip_buf *out, const struct slip_tar_member *m,
                         struct slip_str path)
{
    SLIP_AUTO(slip_buf) records = SLIP_BUF(path.len + m->link.len + 256);
    if (path.len > sizeof(((struct header *)0)->name))
        add_record(&records, "path", path);
    if (m->link.len > sizeof(((struct header *)0)->link))
        add_record(&records, "linkpath", m->link);
    if (m->size >= OLD_SIZE_MAX) {
        char digits[24];
        snprintf(digits, sizeof(digits), "%llu", (unsigned long long)m->size);
        add_record(&records, "size", slip_str_of(digits));
    }
    if (records.len == 0)
        return true;
    return add_block(out, 'x', SLIP_STR("PaxHeaders/member"), 0644, records.len, 0, SLIP_STR(""))
           && slip_buf_add_str(out, slip_buf_str(&records)) && add_padding(out, records.len);
}

bool slip_tar_add_header(struct slip_buf *out, const struct slip_tar_member *m)
{
    SLIP_AUTO(slip_buf) path = SLIP_BUF(m->path.len + 1);
    slip_buf_add_str(&path, m->path);
    if (m->type == SLIP_TAR_DIR)
        slip_buf_add_char(&path, '/');
    struct slip_str name = slip_buf_str(&path);
    return add_extended(out, m, name)
           && add_block(out, (char)m->type, name, m->mode, m->size, m->mtime, m->link);
}

size_t slip_tar_padding(uint64_t size)
{
    return (size_t)(-size % SLIP_TAR_BLOCK);
}

bool slip_tar_add_end(struct slip_buf *out)
{
    static const char zeros[2 * SLIP_TAR_BLOCK];
    return slip_buf_add(out, zeros, sizeof(zeros));
}
