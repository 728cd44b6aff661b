/* SPDX-License-Identifier: Apache-2.0 */
/* The wish to end early. */
#include "base/stop.h"

#include "base/clock.h"
#include "base/macro.h"

#include <signal.h>
#include <time.h>

enum { LATE_MS = 10000, PIECE_MS = 50 /* of a wait: a signal may come just before it */ };

static volatile sig_atomic_t raised;
static int64_t deadline_ms, asked_ms; /* 0: none, not yet */
static const char *limit = "";

static void on_signal(int number)
{
    raised = number;
}

void slip_stop_on_signals(void)
{
    static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
    for (size_t i = 0; i < SLIP_COUNT(numbers); i++) {
        struct sigaction old, own = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };
        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(numbers[i], &own, NULL);
    }
}

int slip_stop_signal(void)
{
    return raised;
}

void slip_stop_after(unsigned seconds, const char *what)
{
    deadline_ms = seconds ? slip_clock_ms() + (int64_t)seconds * 1000 : 0;
    asked_ms = 0;
    limit = what;
}

bool slip_stop_asked(struct slip_error *err)
{
    int64_t now = deadline_ms || raised ? slip_clock_ms() : 0;
    if (!raised && (deadline_ms == 0 || now < deadline_ms))
        return false;
    if (asked_ms == 0)
        asked_ms = now;
    if (raised)
        slip_fail(err, SLIP_E_TEMPORARY, "stopped by %s",
                  raised == SIGINT    ? "SIGINT"
                  : raised == SIGTERM ? "SIGTERM"
                                      : "SIGHUP");
    else
        slip_fail(err, SLIP_E_TEMPORARY, "its time is over (%s)", limit);
    return true;
}

int slip_stop_or_wait(int64_t ms, struct slip_error *err)
{
    const int64_t until = slip_clock_ms() + ms;
    for (int64_t left = ms; left > 0; left = until - slip_clock_ms()) {
        if (slip_stop_asked(err))
            return -1;
        if (left > PIECE_MS)
            left = PIECE_MS;
        nanosleep(&(struct timespec){ .tv_nsec = (long)left * 1000000 }, NULL);
    }
    return slip_stop_asked(err) ? -1 : 0;
}

int slip_stop_patience(void)
{
    if (raised || deadline_ms == 0)
        return raised ? 0 : -1;
    int64_t left = deadline_ms - slip_clock_ms();
    return left < 0 ? 0 : left > 60000 ? 60000 : (int)left;
}

bool slip_stop_is_late(void)
{
    return asked_ms && slip_clock_ms() - asked_ms > LATE_MS;
}
