/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process that may be left behind.
 *
 * It leads a session of its own, so that the terminal's Ctrl-C reaches it through us while we wait
 * and not at all later. Should we be killed, the kernel ends it (PR_SET_PDEATHSIG). SIGUSR1 tells
 * it that it is on its own now: it lets go of our terminal and says so on a pipe, and only then do
 * we go on.
 */
#include "proc/handover.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/macro.h"
#include "proc/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>

#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

enum {
    GRACE_MS = 15000, /* between a signal and SIGKILL; its own children get less */
    LET_GO_MS = 5000, /* for the answer to SIGUSR1 */
    FD_MAX = 1024,
};

static const int passed_on[] = { SIGINT, SIGTERM, SIGHUP };

struct wait {
    const struct slip_handover *h;
    struct slip_buf *answer;
    struct slip_error *err;
    pid_t pid;
    int result, told; /* read ends: of the answer, and of the word that it let go */
    int signals;
    sigset_t old_mask;
    int raised; /* signal to raise again, or 0 */
    int64_t begun_ms, kill_at_ms, next_tick_ms;
    bool expired, over;
};

/* ---- in the other process ---- */

static volatile int let_go_log = -1, let_go_told = -1;

/* What others opened and we inherited: whoever waits for its end must not wait for us. Our own
 * descriptors are all close-on-exec. */
static void close_inherited(void)
{
    for (int fd = 3; fd < FD_MAX; fd++) {
        int flags = fcntl(fd, F_GETFD);
        if (flags >= 0 && !(flags & FD_CLOEXEC))
            close(fd);
    }
}

/* Only calls that are safe in a signal handler. */
static void let_go(int sig)
{
    int saved = errno;
    (void)sig;
    if (let_go_log >= 0) {
        (void)!dup2(let_go_log, 1);
        (void)!dup2(let_go_log, 2);
        close_inherited();
        prctl(PR_SET_PDEATHSIG, 0);
        (void)!write(let_go_told, "x", 1);
    }
    errno = saved;
}

static void become_other(const struct wait *w, pid_t parent, int log, int told)
{
    struct sigaction on_usr1 = { .sa_handler = let_go, .sa_flags = SA_RESTART };
    sigset_t usr1;
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(1);
    if (null >= 0)
        (void)!dup2(null, 0);
    let_go_log = log;
    let_go_told = told;
    sigaction(SIGUSR1, &on_usr1, NULL);
    pthread_sigmask(SIG_SETMASK, &w->old_mask, NULL);
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    pthread_sigmask(SIG_UNBLOCK, &usr1, NULL);
}

static _Noreturn void do_work(const struct wait *w, int result)
{
    SLIP_AUTO(slip_buf) answer = SLIP_BUF(w->answer->limit);
    struct slip_error err = { 0 };
    w->h->work(w->h->payload, &answer);
    fflush(stdout);
    fflush(stderr);
    /* Nobody listens any more after a hand-over. */
    signal(SIGPIPE, SIG_IGN);
    int rc = slip_fd_write(result, "answer", slip_buf_str(&answer), &err);
    _exit(rc < 0 ? 1 : 0);
}

/* ---- here ---- */

static void take_signals(struct wait *w)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < SLIP_COUNT(passed_on); i++) {
        struct sigaction old;
        if (sigaction(passed_on[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaddset(&set, passed_on[i]);
    }
    sigset_t all = set;
    sigaddset(&all, SIGUSR1); /* for the other one, until it has its handler */
    pthread_sigmask(SIG_BLOCK, &all, &w->old_mask);
    w->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void give_signals_back(struct wait *w)
{
    slip_fd_close(&w->signals);
    pthread_sigmask(SIG_SETMASK, &w->old_mask, NULL);
    if (w->raised && w->h->before_signal)
        w->h->before_signal(w->h->signal_payload);
    if (w->raised)
        raise(w->raised);
}

static int start(struct wait *w)
{
    int result[2] = { -1, -1 }, told[2] = { -1, -1 };
    pid_t parent = getpid();
    SLIP_AUTO_FD log = w->h->log ? slip_log_open(w->h->log, w->err) : -1;
    if (w->h->log && log < 0)
        return -1;
    if (pipe2(result, O_CLOEXEC) < 0 || pipe2(told, O_CLOEXEC) < 0) {
        slip_fd_close(&result[0]);
        slip_fd_close(&result[1]);
        return slip_fail(w->err, SLIP_E_INTERNAL, "pipe: %s", strerror(errno));
    }
    fflush(stdout);
    w->pid = fork();
    if (w->pid == 0) {
        slip_fd_close(&result[0]);
        slip_fd_close(&told[0]);
        slip_fd_close(&w->signals);
        become_other(w, parent, log, told[1]);
        do_work(w, result[1]);
    }
    slip_fd_close(&result[1]);
    slip_fd_close(&told[1]);
    w->result = result[0];
    w->told = told[0];
    if (w->pid < 0)
        return slip_fail(w->err, SLIP_E_INTERNAL, "fork: %s", strerror(errno));
    return 0;
}

static void end_it(struct wait *w, int sig)
{
    kill(w->pid, sig);
    w->kill_at_ms = slip_clock_ms() + GRACE_MS;
}

static void pass_signals_on(struct wait *w)
{
    struct signalfd_siginfo info;
    while (read(w->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        w->raised = (int)info.ssi_signo;
        end_it(w, w->raised);
    }
}

static void read_answer(struct wait *w)
{
    char data[16384];
    ssize_t n = read(w->result, data, sizeof(data));
    if (n > 0)
        (void)slip_buf_add_str(w->answer, slip_str_make(data, (size_t)n)); /* as limited there */
    else if (n == 0 || errno != EINTR)
        w->over = true;
}

/* Tell it to go on alone. False when it did not answer: then it is ended. */
static bool leave(struct wait *w)
{
    struct pollfd fd = { w->told, POLLIN, 0 };
    kill(w->pid, SIGUSR1);
    int n;
    while ((n = poll(&fd, 1, LET_GO_MS)) < 0 && errno == EINTR)
        ;
    return n > 0 && (fd.revents & POLLIN);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

static int64_t deadline_of(const struct wait *w)
{
    return w->h->timeout_ms && !w->expired && !w->raised ? w->begun_ms + w->h->timeout_ms : 0;
}

static int poll_timeout(const struct wait *w)
{
    int64_t at = earlier(earlier(deadline_of(w), w->kill_at_ms), w->next_tick_ms);
    int64_t left = at - slip_clock_ms();
    return at == 0 ? -1 : left < 0 ? 0 : left > 3600000 ? 3600000 : (int)left;
}

/* True when it was left behind. */
static bool look_at_the_clock(struct wait *w)
{
    int64_t now = slip_clock_ms(), deadline = deadline_of(w);
    if (w->kill_at_ms && now >= w->kill_at_ms) {
        w->kill_at_ms = 0;
        kill(w->pid, SIGKILL);
    }
    if (w->next_tick_ms && now >= w->next_tick_ms) {
        w->next_tick_ms = now + w->h->tick_ms;
        w->h->on_tick(w->h->tick_payload, (unsigned)((now - w->begun_ms) / 1000));
    }
    if (deadline == 0 || now < deadline)
        return false;
    w->expired = true;
    if (w->h->log && leave(w))
        return true;
    end_it(w, SIGTERM);
    return false;
}

/* True when it was left behind, false when it has ended. */
static bool wait_for_it(struct wait *w)
{
    while (!w->over) {
        struct pollfd fds[] = { { w->result, POLLIN, 0 }, { w->signals, POLLIN, 0 } };
        int n = poll(fds, SLIP_COUNT(fds), poll_timeout(w));
        if (n > 0 && fds[1].revents)
            pass_signals_on(w);
        if (n > 0 && fds[0].revents)
            read_answer(w);
        else if (look_at_the_clock(w))
            return true;
    }
    return false;
}

static int judge(struct wait *w, struct slip_handover_result *out)
{
    int status = 0;
    while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (w->raised)
        return slip_fail(w->err, SLIP_E_INTERNAL, "interrupted");
    if (w->expired) {
        out->end = SLIP_HANDOVER_EXPIRED;
        return 0;
    }
    if (WIFSIGNALED(status))
        return slip_fail(w->err, SLIP_E_INTERNAL, "ended by signal %d", WTERMSIG(status));
    if (status != 0)
        return slip_fail(w->err, SLIP_E_INTERNAL, "no whole answer came from the working process");
    out->end = SLIP_HANDOVER_DONE;
    return 0;
}

int slip_handover_run(const struct slip_handover *h, struct slip_buf *answer,
                      struct slip_handover_result *out, struct slip_error *err)
{
    struct wait w = { .h = h,
                      .answer = answer,
                      .err = err,
                      .result = -1,
                      .told = -1,
                      .signals = -1,
                      .begun_ms = slip_clock_ms() };
    w.next_tick_ms = h->tick_ms ? w.begun_ms + h->tick_ms : 0;
    *out = (struct slip_handover_result){ 0 };
    take_signals(&w);
    int rc = start(&w);
    if (rc == 0 && wait_for_it(&w)) {
        out->end = SLIP_HANDOVER_LEFT;
        out->pid = w.pid;
        out->started = slip_process_started(w.pid);
    } else if (rc == 0) {
        rc = judge(&w, out);
    }
    slip_fd_close(&w.result);
    slip_fd_close(&w.told);
    give_signals_back(&w);
    return rc;
}
