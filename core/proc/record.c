/* SPDX-License-Identifier: Apache-2.0 */
/* Settings behind the last byte of an executable; the grammar stands in record.h. */
#include "proc/record.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>

#define FIRST_LINE "\nslipway-hook v2\n"

bool slip_record_add(struct slip_str worker, struct slip_str remote, struct slip_str rules,
                     struct slip_buf *out)
{
    if (slip_str_find(worker, '\n') != SLIP_NPOS || slip_str_find(remote, '\n') != SLIP_NPOS
        || slip_str_find(rules, '\n') != SLIP_NPOS
        || worker.len + remote.len + rules.len > SLIP_RECORD_MAX - 256)
        return false;
    if (!slip_buf_add_fmt(out, FIRST_LINE "worker=%.*s\nremote=%.*s\n", SLIP_ARG(worker),
                          SLIP_ARG(remote)))
        return false;
    return rules.len == 0 || slip_buf_add_fmt(out, "rules=%.*s\n", SLIP_ARG(rules));
}

/* The last occurrence: an executable that knows this text holds it too. */
static size_t last_start(struct slip_str text)
{
    const struct slip_str first = SLIP_STR(FIRST_LINE);
    for (size_t at = text.len; at >= first.len; at--)
        if (slip_str_ends(slip_str_first(text, at), first))
            return at;
    return SLIP_NPOS;
}

static bool take_line(struct slip_str *rest, struct slip_str key, struct slip_str *value)
{
    struct slip_str line;
    if (!slip_str_line(rest, &line) || !slip_str_starts(line, key))
        return false;
    *value = slip_str_skip(line, key.len);
    return true;
}

bool slip_record_find(struct slip_str text, struct slip_record *out)
{
    struct slip_record r = { 0 };
    struct slip_str tail = text;
    if (text.len > SLIP_RECORD_MAX)
        tail = slip_str_skip(text, text.len - SLIP_RECORD_MAX);
    size_t at = last_start(tail);
    if (at == SLIP_NPOS)
        return false;
    struct slip_str rest = slip_str_skip(tail, at);
    if (!take_line(&rest, SLIP_STR("worker="), &r.worker)
        || !take_line(&rest, SLIP_STR("remote="), &r.remote))
        return false;
    if (slip_str_starts(rest, SLIP_STR("rules=")))
        take_line(&rest, SLIP_STR("rules="), &r.rules);
    r.hashed = slip_str_first(text, text.len - rest.len);
    if (!take_line(&rest, SLIP_STR("sha256:"), &r.hash) || r.hash.len != 64)
        return false;
    if (rest.len != 0) /* somebody added to it */
        r.hash = SLIP_STR("");
    *out = r;
    return true;
}

int slip_record_read_own(const char *self, struct slip_buf *out, struct slip_error *err)
{
    SLIP_AUTO_FD fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (fd < 0) /* /proc is not there */
        fd = open(self, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return slip_fail(err, SLIP_E_INTERNAL, "%s: %s", self, strerror(errno));
    off_t size = lseek(fd, 0, SEEK_END);
    if (size < 0 || lseek(fd, size > SLIP_RECORD_MAX ? size - SLIP_RECORD_MAX : 0, SEEK_SET) < 0)
        return slip_fail(err, SLIP_E_INTERNAL, "%s: %s", self, strerror(errno));
    return slip_fd_read(fd, self, out, err);
}
