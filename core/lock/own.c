/* SPDX-License-Identifier: Apache-2.0 */
/* Locks between our own processes. */
#include "lock/own.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "hash/hash.h"
#include "lock/held_file.h"

enum { TELL_MS = 3000, LIMIT_MS = 300 * 1000, PID_MAX_LEN = 16 };

struct own_locks {
    struct slip_locks base;
    struct slip_own_locks how;
    char *dir; /* NULL until one was found */
};

/* ---- the directory ---- */

/* Elsewhere somebody could hold a lock for ever, or lead us to another file. */
static int make_private(const char *dir, struct slip_error *err)
{
    struct stat st;
    if (slip_dir_make(dir, 0700, err) < 0)
        return -1;
    if (lstat(dir, &st) < 0)
        return slip_fail(err, SLIP_E_INTERNAL, "%s: %s", dir, strerror(errno));
    if (S_ISDIR(st.st_mode) && st.st_uid == geteuid() && !(st.st_mode & 022))
        return 0;
    return slip_fail(err, SLIP_E_POLICY, "'%s' could be written to by somebody else", dir);
}

static int find_dir(struct own_locks *locks, struct slip_error *err)
{
    struct slip_error first = { 0 };
    for (size_t i = 0; !locks->dir && locks->how.dirs[i]; i++) {
        struct slip_error why = { 0 };
        if (make_private(locks->how.dirs[i], &why) == 0)
            locks->dir = slip_strdup(locks->how.dirs[i]);
        else if (!first.kind)
            first = why;
    }
    if (locks->dir)
        return 0;
    if (!first.kind)
        return slip_fail(err, SLIP_E_INTERNAL, "there is no directory for locks");
    *err = first;
    return -1;
}

/* ---- one lock ---- */

/* Who holds it says so in the file, for those who wait. */
static void write_holder(int fd)
{
    char text[PID_MAX_LEN];
    int len = snprintf(text, sizeof(text), "%-10ld\n", (long)getpid());
    (void)!pwrite(fd, text, (size_t)len, 0);
}

/* " (process N)", or nothing when the file says nothing. */
static void name_holder(int fd, char out[PID_MAX_LEN + 16])
{
    char text[PID_MAX_LEN] = "";
    long pid = 0;
    out[0] = '\0';
    if (pread(fd, text, sizeof(text) - 1, 0) > 0 && sscanf(text, "%ld", &pid) == 1 && pid > 0)
        snprintf(out, PID_MAX_LEN + 16, " (process %ld)", pid);
}

static int give_up(int fd, const char *name, unsigned limit_ms, struct slip_error *err)
{
    char holder[PID_MAX_LEN + 16];
    name_holder(fd, holder);
    slip_fail(err, SLIP_E_TEMPORARY, "%s: another slipway%s has been writing names there for %u s",
              name, holder, limit_ms / 1000);
    return slip_hint(err, "does it hang? end it, and run this again");
}

static int wait_for(const struct own_locks *locks, const char *name, int fd, struct slip_error *err)
{
    unsigned tell_ms = locks->how.tell_ms, limit_ms = locks->how.limit_ms;
    char holder[PID_MAX_LEN + 16];
    bool ours;
    if (slip_flock_try(fd, tell_ms < limit_ms ? tell_ms : limit_ms, &ours, err) < 0)
        return -1;
    if (!ours && tell_ms < limit_ms) {
        name_holder(fd, holder);
        slip_watch_step(locks->how.watch, name,
                        "waiting for another slipway%s that writes names there", holder);
        if (slip_flock_try(fd, limit_ms - tell_ms, &ours, err) < 0)
            return -1;
    }
    return ours ? 0 : give_up(fd, name, limit_ms, err);
}

static int acquire(struct slip_locks *s, const char *name, struct slip_lock **out,
                   struct slip_error *err)
{
    struct own_locks *locks = (struct own_locks *)s;
    char hex[SLIP_SHA256_HEX + 1];
    if (find_dir(locks, err) < 0)
        return -1;
    slip_hash_hex(SLIP_HASH_SHA256, slip_str_of(name), hex);
    SLIP_AUTO_FREE char *path = slip_printf("%s/%s", locks->dir, hex);
    SLIP_AUTO_FD fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return slip_fail(err, SLIP_E_INTERNAL, "%s: %s", path, strerror(errno));
    if (wait_for(locks, name, fd, err) < 0)
        return -1;
    write_holder(fd);
    *out = slip_held_file_new(fd);
    fd = -1;
    return 0;
}

static void free_locks(struct slip_locks *s)
{
    struct own_locks *locks = (struct own_locks *)s;
    slip_free(locks->dir);
    slip_free(locks);
}

struct slip_locks *slip_own_locks_new(const struct slip_own_locks *o)
{
    static const struct slip_locks_ops ops = { .acquire = acquire, .free = free_locks };
    struct own_locks *locks = slip_new(struct own_locks);
    *locks = (struct own_locks){ .base = { .ops = &ops, .optional = true }, .how = *o };
    if (locks->how.tell_ms == 0)
        locks->how.tell_ms = TELL_MS;
    if (locks->how.limit_ms == 0)
        locks->how.limit_ms = LIMIT_MS;
    return &locks->base;
}
