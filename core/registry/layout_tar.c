/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A layout in one file ("oci-archive:"): unpacked beside the file while it is open, packed again
 * after each change, so that the file is the old or the new one at any time. Plain tar; only the
 * files of a layout are taken from it and put into it.
 */
#include "base/file.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"
#include "registry/layout_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define BLOCK 512
#define CHUNK (64u << 10)

struct header {
    char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100];
    char magic[6], version[2], user[32], group[32], major[8], minor[8], prefix[155], rest[12];
};
_Static_assert(sizeof(struct header) == BLOCK, "a tar header is one block");

/* The files that belong to a layout. */
static bool is_ours(const char *name)
{
    static const char blobs[] = SLIP_LAYOUT_BLOBS "/";
    const char *hex = name + sizeof(blobs) - 1;
    return strcmp(name, "oci-layout") == 0 || strcmp(name, SLIP_LAYOUT_INDEX) == 0
           || (strncmp(name, blobs, sizeof(blobs) - 1) == 0 && strlen(hex) == 64
               && strspn(hex, "0123456789abcdef") == 64);
}

/* --- reading --- */

/* Exactly `len` bytes; false at the end of the file. */
static bool read_all(int fd, void *data, size_t len)
{
    for (char *p = data; len;) {
        ssize_t n = read(fd, p, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

/* Octal digits, or big-endian bytes behind a byte with its highest bit set. */
static bool read_size(const char *field, size_t len, uint64_t *out)
{
    const unsigned char *p = (const unsigned char *)field;
    uint64_t value = 0;
    if (p[0] & 0x80) {
        for (size_t i = len - 8; i < len; i++)
            value = value << 8 | p[i];
        for (size_t i = 1; i < len - 8; i++)
            if (p[i])
                return false;
    } else {
        size_t i = 0;
        while (i < len && field[i] == ' ')
            i++;
        for (; i < len && field[i] >= '0' && field[i] <= '7'; i++)
            value = value << 3 | (uint64_t)(field[i] - '0');
        if (i < len && field[i] != ' ' && field[i] != '\0')
            return false;
    }
    *out = value;
    return value < (uint64_t)INT64_MAX;
}

static unsigned checksum_of(const struct header *h)
{
    const unsigned char *p = (const unsigned char *)h;
    unsigned sum = 0;
    for (size_t i = 0; i < BLOCK; i++) {
        bool own = i >= offsetof(struct header, checksum) && i < offsetof(struct header, type);
        sum += own ? ' ' : p[i];
    }
    return sum;
}

static bool is_header(const struct header *h)
{
    uint64_t sum;
    return read_size(h->checksum, sizeof(h->checksum), &sum) && sum == checksum_of(h);
}

/* The name without "./" in front. */
static void name_of(const struct header *h, char name[101])
{
    const char *start = strncmp(h->name, "./", 2) == 0 ? h->name + 2 : h->name;
    snprintf(name, 101, "%.*s", (int)(sizeof(h->name) - (size_t)(start - h->name)), start);
}

static int copy_bytes(int from, int to, uint64_t size, const char *name, struct slip_error *err)
{
    SLIP_AUTO_FREE char *chunk = slip_alloc(CHUNK);
    while (size) {
        size_t n = size < CHUNK ? (size_t)size : CHUNK;
        if (!read_all(from, chunk, n))
            return slip_fail(err, SLIP_E_REGISTRY, "%s: ends too early", name);
        if (slip_fd_write(to, name, slip_str_make(chunk, n), err) < 0)
            return -1;
        size -= n;
    }
    return 0;
}

static int unpack_file(struct slip_layout_dir *d, int fd, const char *name, uint64_t size,
                       struct slip_error *err)
{
    char temp[SLIP_LAYOUT_NAME_MAX];
    SLIP_AUTO_FD out = -1;
    if (slip_layout_temp(d, temp, &out, err) < 0 || copy_bytes(fd, out, size, name, err) < 0)
        return -1;
    return renameat(d->fd, temp, d->fd, name) < 0 ? slip_layout_fail(d, name, err) : 0;
}

static int unpack_all(struct slip_layout_dir *d, int fd, struct slip_error *err)
{
    struct header h;
    struct stat st;
    char name[101];
    uint64_t size;
    if (fstat(fd, &st) == 0 && st.st_size == 0)
        return 0;
    for (;;) {
        if (!read_all(fd, &h, BLOCK))
            return slip_fail(err, SLIP_E_REGISTRY, "the archive ends too early");
        if (!h.name[0])
            return 0;
        if (!is_header(&h) || !read_size(h.size, sizeof(h.size), &size))
            return slip_fail(err, SLIP_E_REGISTRY, "not an uncompressed tar archive");
        uint64_t padded = (size + BLOCK - 1) / BLOCK * BLOCK;
        name_of(&h, name);
        bool file = h.type == '0' || h.type == '\0';
        if (file && is_ours(name) && h.prefix[0] == '\0') {
            if (unpack_file(d, fd, name, size, err) < 0)
                return -1;
            padded -= size;
        }
        if (lseek(fd, (off_t)padded, SEEK_CUR) < 0)
            return slip_fail(err, SLIP_E_REGISTRY, "%s", strerror(errno));
    }
}

int slip_layout_unpack(struct slip_layout_dir *d, const char *archive, struct slip_error *err)
{
    if (slip_layout_dir_prepare(d, err) < 0)
        return -1;
    SLIP_AUTO_FD fd = open(archive, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT
                   ? 0
                   : slip_fail(err, SLIP_E_REGISTRY, "%s: %s", archive, strerror(errno));
    return unpack_all(d, fd, err) < 0 ? slip_while(err, "%s", archive) : 0;
}

/* --- writing --- */

static void make_header(struct header *h, const char *name, uint64_t size)
{
    *h = (struct header){ .type = '0' };
    snprintf(h->name, sizeof(h->name), "%s", name);
    snprintf(h->mode, sizeof(h->mode), "%07o", 0644u);
    snprintf(h->uid, sizeof(h->uid), "%07o", 0u);
    snprintf(h->gid, sizeof(h->gid), "%07o", 0u);
    snprintf(h->mtime, sizeof(h->mtime), "%011o", 0u);
    if (size < (uint64_t)1 << 33) {
        snprintf(h->size, sizeof(h->size), "%011llo", (unsigned long long)size);
    } else {
        h->size[0] = (char)0x80;
        for (size_t i = 0; i < 8; i++)
            h->size[4 + i] = (char)(size >> (56 - 8 * i) & 0xFF);
    }
    memcpy(h->magic, "ustar", 6);
    memcpy(h->version, "00", 2);
    snprintf(h->checksum, sizeof(h->checksum), "%06o", checksum_of(h));
    h->checksum[7] = ' ';
}

static int pack_file(struct slip_layout_dir *d, int out, const char *name, struct slip_error *err)
{
    static const char zeros[BLOCK];
    SLIP_AUTO_FD fd = openat(d->fd, name, O_RDONLY | O_CLOEXEC);
    struct header h;
    struct stat st;
    if (fd < 0 && errno == ENOENT) /* an entry without content, of another tool */
        return 0;
    if (fd < 0 || fstat(fd, &st) < 0)
        return slip_layout_fail(d, name, err);
    make_header(&h, name, (uint64_t)st.st_size);
    size_t padding = (size_t)(-st.st_size & (BLOCK - 1));
    if (slip_fd_write(out, name, slip_str_make((const char *)&h, BLOCK), err) < 0
        || copy_bytes(fd, out, (uint64_t)st.st_size, name, err) < 0)
        return -1;
    return slip_fd_write(out, name, slip_str_make(zeros, padding), err);
}

static int by_text(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

static int pack_blobs(struct slip_layout_dir *d, int out, const struct slip_map *used,
                      struct slip_error *err)
{
    SLIP_AUTO(slip_arena) arena = { 0 };
    size_t n = 0;
    const char **digests = slip_arena_array(&arena, slip_map_size(used) + 1, sizeof(*digests));
    for (struct slip_map_entry *e = slip_map_next(used, NULL); e; e = slip_map_next(used, e))
        digests[n++] = slip_arena_strdup(&arena, slip_map_key(e));
    qsort(digests, n, sizeof(*digests), by_text);
    for (size_t i = 0; i < n; i++) {
        char name[SLIP_LAYOUT_NAME_MAX];
        if (slip_layout_blob_name(digests[i], name, err) < 0 || pack_file(d, out, name, err) < 0)
            return -1;
    }
    return 0;
}

static int pack_all(struct slip_layout_dir *d, int out, struct slip_error *err)
{
    static const char end[2 * BLOCK];
    SLIP_AUTO_PTR(slip_map) used = slip_map_new(NULL);
    if (slip_layout_mark(d, used, err) < 0 || pack_file(d, out, "oci-layout", err) < 0
        || pack_file(d, out, SLIP_LAYOUT_INDEX, err) < 0 || pack_blobs(d, out, used, err) < 0)
        return -1;
    return slip_fd_write(out, "archive", slip_str_make(end, sizeof(end)), err);
}

/* Who may read the old archive may read the new one; of a first one the umask has decided. */
static bool keep_mode(const char *archive, int fd)
{
    struct stat st;
    return stat(archive, &st) < 0 ? errno == ENOENT : fchmod(fd, st.st_mode & 0777) == 0;
}

/* Written inside the directory, so that a sweep takes both when we are killed. */
int slip_layout_pack(struct slip_layout_dir *d, const char *archive, struct slip_error *err)
{
    char temp[SLIP_LAYOUT_NAME_MAX];
    SLIP_AUTO_FD out = -1;
    if (slip_layout_temp(d, temp, &out, err) < 0)
        return -1;
    if (pack_all(d, out, err) < 0) {
        (void)unlinkat(d->fd, temp, 0);
        return slip_while(err, "%s", archive);
    }
    if (!keep_mode(archive, out) || fsync(out) < 0
        || renameat(d->fd, temp, AT_FDCWD, archive) < 0) {
        slip_fail(err, SLIP_E_REGISTRY, "%s: %s", archive, strerror(errno));
        (void)unlinkat(d->fd, temp, 0);
        return -1;
    }
    return 0;
}
