/* SPDX-License-Identifier: Apache-2.0 */
/* Paths as text. */
#include "base/path.h"

bool slip_path_next(struct slip_str *rest, struct slip_str *component)
{
    while (rest->len && rest->ptr[0] == '/')
        *rest = slip_str_skip(*rest, 1);
    if (rest->len == 0)
        return false;
    slip_str_cut(*rest, '/', component, rest);
    return true;
}

void slip_path_clean(struct slip_str path, struct slip_buf *out)
{
    size_t start = out->len, floor;
    bool rooted = path.len && path.ptr[0] == '/';
    if (rooted)
        slip_buf_add_char(out, '/');
    floor = out->len; /* ".." does not go below this */

    struct slip_str part;
    while (slip_path_next(&path, &part)) {
        if (slip_str_is(part, "."))
            continue;
        if (slip_str_is(part, "..")) {
            if (out->len > floor) {
                size_t slash = slip_str_rfind(slip_str_skip(slip_buf_str(out), floor), '/');
                slip_buf_cut(out, slash == SLIP_NPOS ? floor : floor + slash);
                continue;
            }
            if (rooted)
                continue;
        }
        if (out->len > start + (rooted ? 1 : 0))
            slip_buf_add_char(out, '/');
        slip_buf_add_str(out, part);
        if (slip_str_is(part, ".."))
            floor = out->len;
    }
    if (out->len == start)
        slip_buf_add_char(out, '.');
}

void slip_path_join(struct slip_str a, struct slip_str b, struct slip_buf *out)
{
    if (a.len == 0 && b.len == 0)
        return;
    if (a.len == 0 || b.len == 0) {
        slip_path_clean(a.len ? a : b, out);
        return;
    }
    SLIP_AUTO(slip_buf) both = SLIP_BUF(out->limit);
    slip_buf_add_str(&both, a);
    slip_buf_add_char(&both, '/');
    slip_buf_add_str(&both, b);
    slip_path_clean(slip_buf_str(&both), out);
}

bool slip_path_is_inside(struct slip_str path)
{
    if (path.len && path.ptr[0] == '/')
        return false;
    size_t depth = 0;
    struct slip_str part;
    while (slip_path_next(&path, &part)) {
        if (slip_str_is(part, ".."))
            if (depth-- == 0)
                return false;
        if (!slip_str_is(part, ".") && !slip_str_is(part, ".."))
            depth++;
    }
    return true;
}

bool slip_path_is_below(struct slip_str path, struct slip_str dir)
{
    if (dir.len == 0 || slip_str_is(dir, "."))
        return true;
    if (!slip_str_starts(path, dir))
        return false;
    return path.len == dir.len || path.ptr[dir.len] == '/' || dir.ptr[dir.len - 1] == '/';
}

struct slip_str slip_path_base(struct slip_str path)
{
    size_t slash = slip_str_rfind(path, '/');
    return slash == SLIP_NPOS ? path : slip_str_skip(path, slash + 1);
}

struct slip_str slip_path_dir(struct slip_str path)
{
    size_t slash = slip_str_rfind(path, '/');
    return slip_str_first(path, slash == SLIP_NPOS ? 0 : slash);
}
