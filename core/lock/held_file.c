/* SPDX-License-Identifier: Apache-2.0 */
#include "lock/held_file.h"

#include <errno.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/stop.h"

#define POLL_MS 50

/* flock has no limit of time of its own, and goes on waiting through signals. */
int slip_flock_try(int fd, unsigned ms, bool *ours, struct slip_error *err)
{
    const int64_t begun = slip_clock_ms();
    *ours = false;
    for (;;) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
            *ours = true;
            return 0;
        }
        if (errno != EWOULDBLOCK && errno != EINTR)
            return slip_fail(err, SLIP_E_INTERNAL, "%s", strerror(errno));
        if (slip_clock_ms() - begun >= ms)
            return slip_stop_asked(err) ? -1 : 0;
        if (slip_stop_or_wait(POLL_MS, err) < 0)
            return -1;
    }
}

struct held_file {
    struct slip_lock base;
    int fd;
};

static int check(struct slip_lock *l, struct slip_error *err)
{
    (void)l;
    (void)err;
    return 0;
}

static void release(struct slip_lock *l)
{
    struct held_file *f = (struct held_file *)l;
    close(f->fd);
    slip_free(f);
}

struct slip_lock *slip_held_file_new(int fd)
{
    static const struct slip_lock_ops ops = { .check = check, .release = release };
    struct held_file *f = slip_new(struct held_file);
    *f = (struct held_file){ .base.ops = &ops, .fd = fd };
    return &f->base;
}
