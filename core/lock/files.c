/* SPDX-License-Identifier: Apache-2.0 */
/* Locks that are files. */
#include "lock/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "hash/hash.h"
#include "lock/held_file.h"

#define WAIT_MS 60000 /* at a time */

struct file_locks {
    struct slip_locks base;
    char *dir;
    const struct slip_watch *watch;
};

void slip_file_lock_name(const char *name, char out[16])
{
    slip_murmur3_hex(slip_str_of(name), out);
}

static int hint(struct slip_error *err)
{
    return slip_hint(err, "the locks of --synchronization :local are in $WERF_HOME/service/locks "
                          "(WERF_HOME is ~/.werf unless it is set)");
}

static int fail(const char *path, struct slip_error *err)
{
    slip_fail(err, errno == EACCES || errno == EROFS ? SLIP_E_DENIED : SLIP_E_INTERNAL, "%s: %s",
              path, strerror(errno));
    return hint(err);
}

/* However long that builder takes. */
static int wait_for(const struct file_locks *locks, const char *name, int fd,
                    struct slip_error *err)
{
    bool ours;
    if (slip_flock_try(fd, 0, &ours, err) < 0)
        return -1;
    if (!ours)
        slip_watch_step(locks->watch, name, "waiting for the lock of another builder");
    while (!ours)
        if (slip_flock_try(fd, WAIT_MS, &ours, err) < 0)
            return -1;
    return 0;
}

static int acquire(struct slip_locks *s, const char *name, struct slip_lock **out,
                   struct slip_error *err)
{
    struct file_locks *locks = (struct file_locks *)s;
    char file[16];
    slip_file_lock_name(name, file);
    SLIP_AUTO_FREE char *path = slip_printf("%s/%s", locks->dir, file);
    if (slip_dir_make(locks->dir, 0755, err) < 0)
        return hint(err);
    SLIP_AUTO_FD fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
        return fail(path, err);
    if (wait_for(locks, name, fd, err) < 0)
        return slip_while(err, "%s", path);
    *out = slip_held_file_new(fd);
    fd = -1;
    return 0;
}

static void free_locks(struct slip_locks *s)
{
    struct file_locks *locks = (struct file_locks *)s;
    slip_free(locks->dir);
    slip_free(locks);
}

struct slip_locks *slip_file_locks_new(const char *dir, const struct slip_watch *watch)
{
    static const struct slip_locks_ops ops = { .acquire = acquire, .free = free_locks };
    struct file_locks *locks = slip_new(struct file_locks);
    *locks = (struct file_locks){ .base.ops = &ops, .dir = slip_strdup(dir), .watch = watch };
    return &locks->base;
}
