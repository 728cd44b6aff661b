/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Run a child process and talk with it over pipes, all in one poll loop.
 *
 * The child leads a process group of its own, so that everything it starts can be ended with it.
 * While it runs, the signals that would end us are taken from a descriptor and passed on to that
 * group; once the child is gone they are raised again, for us.
 */
#include "proc/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/trace.h"

enum {
    CHUNK = 64 << 10,
    LINE_MAX_BYTES = 64 << 10, /* a longer line is told in pieces */
    GRACE_MS = 2000,           /* between TERM and KILL */
    SIGNAL_GRACE_MS = 10000,   /* between a signal that was passed on and KILL */
    DRAIN_MS = 200,            /* how long a pipe may be silent once the child has ended */
};

static const int passed_on[] = { SIGINT, SIGTERM, SIGHUP };

/* One output of the child. */
struct stream {
    int fd; /* -1: at its end, or not wanted */
    bool is_stderr;
    struct slip_buf *keep; /* or NULL */
    struct slip_buf line;  /* what came since the last line end */
};

enum phase { RUNNING, ASKED_TO_END, KILLED };

struct run {
    const struct slip_child *child;
    struct slip_error *err; /* holds a cause once we gave up */
    pid_t pid;
    int status;
    bool ended, gave_up;
    enum phase phase;
    int64_t deadline_ms; /* of this phase; 0: none */

    int in; /* write end of its stdin, or -1 */
    char *chunk;
    struct slip_str pending; /* to be written; points into chunk or the caller's input */
    struct stream out, errors;

    int signals; /* signalfd */
    sigset_t old_mask;
    bool sigpipe_was_pending;
    struct sigaction old_sigchld;
    int raised; /* signal to raise again, or 0 */
};

/* Finding the program. */

const char *slip_env_get(const char *const *env, const char *name)
{
    size_t len = strlen(name);
    for (; *env; env++)
        if (strncmp(*env, name, len) == 0 && (*env)[len] == '=')
            return *env + len + 1;
    return NULL;
}

static bool is_program(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

char *slip_program_find(const char *const *env, const char *name)
{
    if (strchr(name, '/'))
        return slip_strdup(name);
    const char *path = slip_env_get(env, "PATH");
    struct slip_str rest = slip_str_of(path ? path : "/usr/local/bin:/usr/bin:/bin"), dir;
    for (bool more = true; more;) {
        more = slip_str_cut(rest, ':', &dir, &rest);
        if (dir.len == 0 || dir.ptr[0] != '/')
            continue;
        char *candidate = slip_printf("%.*s/%s", SLIP_ARG(dir), name);
        if (is_program(candidate))
            return candidate;
        slip_free(candidate);
    }
    return NULL;
}

/* Starting. */

/* Above the three standard descriptors, so that none is in the way when the child gets its own. */
static int move_up(int fd)
{
    if (fd < 0 || fd > 2)
        return fd;
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    close(fd);
    return moved;
}

/* `ours` and `theirs` are the two ends; `read_end` says which is ours. */
static bool open_pipe(bool ours_reads, int *ours, int *theirs)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return false;
    *ours = move_up(ends[ours_reads ? 0 : 1]);
    *theirs = move_up(ends[ours_reads ? 1 : 0]);
    return *ours >= 0 && *theirs >= 0 && fcntl(*ours, F_SETFL, O_NONBLOCK) == 0;
}

static bool open_null(int *theirs)
{
    *theirs = move_up(open("/dev/null", O_RDWR | O_CLOEXEC));
    return *theirs >= 0;
}

static bool open_streams(struct run *r, int theirs[3])
{
    const struct slip_child *c = r->child;
    bool input = c->input.len || c->more_input;
    bool out = c->out || c->take_out || c->on_line, errors = c->errors || c->on_line;
    return (input ? open_pipe(false, &r->in, &theirs[0]) : open_null(&theirs[0]))
           && (out ? open_pipe(true, &r->out.fd, &theirs[1]) : open_null(&theirs[1]))
           && (errors ? open_pipe(true, &r->errors.fd, &theirs[2]) : open_null(&theirs[2]));
}

/* In the child: only calls that are safe after a fork, whatever other threads did at that moment.
 */
static void become_child(const struct run *r, pid_t parent)
{
    struct sigaction by_default = { .sa_handler = SIG_DFL };
    setpgid(0, 0);
    /* A builder that outlives us would work for nobody; TERM lets it tidy up. */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(1);
    sigaction(SIGPIPE, &by_default, NULL);
    sigaction(SIGCHLD, &by_default, NULL);
    for (size_t i = 0; i < SLIP_COUNT(passed_on); i++) {
        struct sigaction old;
        if (sigaction(passed_on[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(passed_on[i], &by_default, NULL);
    }
    pthread_sigmask(SIG_SETMASK, &r->old_mask, NULL);
}

static _Noreturn void exec_child(const struct run *r, pid_t parent, const char *program,
                                 const int theirs[3], int report)
{
    bool ready = true;
    become_child(r, parent);
    for (int fd = 0; fd < 3; fd++)
        ready = ready && dup2(theirs[fd], fd) == fd;
    if (ready && (!r->child->cwd || chdir(r->child->cwd) == 0))
        execve(program, (char *const *)r->child->argv, (char *const *)r->child->env);
    int why = errno;
    (void)!write(report, &why, sizeof(why));
    _exit(127);
}

/* The errno of what went wrong, or 0. */
static int spawn(struct run *r, const char *program, const int theirs[3])
{
    int report[2], why = 0; /* closed without a word once the program runs */
    pid_t parent = getpid();
    if (pipe2(report, O_CLOEXEC) < 0)
        return errno;
    report[0] = move_up(report[0]);
    report[1] = move_up(report[1]);
    r->pid = fork();
    if (r->pid == 0)
        exec_child(r, parent, program, theirs, report[1]);
    if (r->pid < 0)
        why = errno;
    close(report[1]);
    while (r->pid > 0 && read(report[0], &why, sizeof(why)) < 0 && errno == EINTR)
        ;
    close(report[0]);
    if (r->pid > 0 && why)
        (void)waitpid(r->pid, NULL, 0);
    return why;
}

static int start(struct run *r)
{
    int theirs[3] = { -1, -1, -1 };
    SLIP_AUTO_FREE char *program = slip_program_find(r->child->env, r->child->argv[0]);
    if (!program)
        return slip_fail(r->err, SLIP_E_INTERNAL, "cannot run '%s': not found in PATH",
                         r->child->argv[0]);
    int rc = open_streams(r, theirs) ? spawn(r, program, theirs) : errno;
    for (int fd = 0; fd < 3; fd++)
        slip_fd_close(&theirs[fd]);
    if (rc != 0)
        return slip_fail(r->err, SLIP_E_INTERNAL, "cannot run '%s': %s", program, strerror(rc));
    return 0;
}

/* Ending. */

static void signal_group(const struct run *r, int sig)
{
    if (!r->ended)
        kill(-r->pid, sig);
}

/* A cause has been recorded: end the child, in two steps. */
static void give_up(struct run *r)
{
    if (r->gave_up)
        return;
    r->gave_up = true;
    signal_group(r, SIGTERM);
    r->phase = ASKED_TO_END;
    r->deadline_ms = slip_clock_ms() + GRACE_MS;
    slip_fd_close(&r->in);
}

static void check_deadline(struct run *r)
{
    if (r->ended || r->deadline_ms == 0 || slip_clock_ms() < r->deadline_ms)
        return;
    r->deadline_ms = 0;
    if (r->phase == ASKED_TO_END) {
        signal_group(r, SIGKILL);
        r->phase = KILLED;
        return;
    }
    slip_fail(r->err, SLIP_E_TEMPORARY, "'%s' did not end within %u ms", r->child->argv[0],
              r->child->timeout_ms);
    give_up(r);
}

static void check_ended(struct run *r)
{
    siginfo_t info = { 0 };
    if (r->ended || waitid(P_PID, (id_t)r->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0
        || info.si_pid != r->pid)
        return;
    if (r->gave_up || r->raised) /* what it left; until it is waited for, the number stays ours */
        signal_group(r, SIGKILL);
    int status = 0;
    waitpid(r->pid, &status, 0);
    r->ended = true;
    r->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    slip_fd_close(&r->in);
}

/* Input. */

/* False when there is nothing left to write. */
static bool fill_pending(struct run *r)
{
    if (r->pending.len)
        return true;
    size_t len = 0;
    if (r->child->more_input
        && r->child->more_input(r->child->payload, r->chunk, CHUNK, &len, r->err) < 0) {
        give_up(r);
        return false;
    }
    r->pending = slip_str_make(r->chunk, len);
    return len > 0;
}

/* A child that does not want its input is no failure: its exit status decides. */
static void write_some(struct run *r)
{
    if (!fill_pending(r)) {
        slip_fd_close(&r->in);
        return;
    }
    ssize_t n = write(r->in, r->pending.ptr, r->pending.len);
    if (n >= 0)
        r->pending = slip_str_skip(r->pending, (size_t)n);
    else if (errno != EAGAIN && errno != EINTR)
        slip_fd_close(&r->in);
}

/* Output. */

static void tell_line(struct run *r, struct stream *s)
{
    struct slip_str line = slip_buf_str(&s->line);
    if (line.len && line.ptr[line.len - 1] == '\r')
        line.len--;
    r->child->on_line(r->child->line_payload, s->is_stderr, line);
    slip_buf_reset(&s->line);
}

static void tell_lines(struct run *r, struct stream *s, struct slip_str data)
{
    struct slip_str piece;
    while (r->child->on_line && data.len) {
        bool whole = slip_str_cut(data, '\n', &piece, &data);
        while (piece.len > LINE_MAX_BYTES - s->line.len) {
            size_t fits = LINE_MAX_BYTES - s->line.len;
            slip_buf_add_str(&s->line, slip_str_first(piece, fits));
            piece = slip_str_skip(piece, fits);
            tell_line(r, s);
        }
        slip_buf_add_str(&s->line, piece);
        if (whole)
            tell_line(r, s);
    }
}

/* Make room for `len` bytes at the end by forgetting the oldest. */
static void forget_oldest(struct slip_buf *b, size_t len)
{
    size_t keep = len < b->limit ? b->limit - len : 0;
    if (b->len <= keep)
        return;
    memmove(b->ptr, b->ptr + b->len - keep, keep);
    slip_buf_cut(b, keep);
}

static void hand_on(struct run *r, const struct stream *s, struct slip_str data)
{
    const struct slip_child *c = r->child;
    if (c->take_out && !s->is_stderr && !r->gave_up
        && c->take_out(c->take_payload, data, r->err) < 0)
        give_up(r);
}

static void keep_output(struct run *r, struct stream *s, struct slip_str data)
{
    if (!s->keep || r->gave_up)
        return;
    if (s->is_stderr) {
        if (data.len > s->keep->limit)
            data = slip_str_skip(data, data.len - s->keep->limit);
        forget_oldest(s->keep, data.len);
    }
    if (slip_buf_add_str(s->keep, data))
        return;
    slip_fail(r->err, SLIP_E_INTERNAL, "'%s' wrote more than %zu bytes", r->child->argv[0],
              s->keep->limit);
    give_up(r);
}

static void read_some(struct run *r, struct stream *s)
{
    char data[CHUNK];
    ssize_t n = read(s->fd, data, sizeof(data));
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        slip_fd_close(&s->fd);
        return;
    }
    hand_on(r, s, slip_str_make(data, (size_t)n));
    keep_output(r, s, slip_str_make(data, (size_t)n));
    tell_lines(r, s, slip_str_make(data, (size_t)n));
}

/* Signals. */

static void take_signals(struct run *r)
{
    sigset_t set, pending;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGPIPE);
    for (size_t i = 0; i < SLIP_COUNT(passed_on); i++) {
        struct sigaction old;
        if (sigaction(passed_on[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaddset(&set, passed_on[i]);
    }
    sigpending(&pending);
    r->sigpipe_was_pending = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &set, &r->old_mask);
    struct sigaction by_default = { .sa_handler = SIG_DFL };
    sigaction(SIGCHLD, &by_default, &r->old_sigchld); /* ignored: no status to wait for */
    sigdelset(&set, SIGPIPE);
    r->signals = move_up(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

static void give_signals_back(struct run *r)
{
    sigset_t sigpipe;
    sigemptyset(&sigpipe);
    sigaddset(&sigpipe, SIGPIPE);
    if (!r->sigpipe_was_pending)
        while (sigtimedwait(&sigpipe, NULL, &(struct timespec){ 0, 0 }) < 0 && errno == EINTR)
            ;
    slip_fd_close(&r->signals);
    sigaction(SIGCHLD, &r->old_sigchld, NULL);
    pthread_sigmask(SIG_SETMASK, &r->old_mask, NULL);
    if (r->raised && r->child->before_signal)
        r->child->before_signal(r->child->signal_payload);
    if (r->raised)
        raise(r->raised);
}

static void pass_signals_on(struct run *r)
{
    struct signalfd_siginfo info;
    while (read(r->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        if (info.ssi_signo == SIGCHLD)
            continue;
        r->raised = (int)info.ssi_signo;
        signal_group(r, r->raised);
        if (r->phase == RUNNING) {
            r->phase = ASKED_TO_END;
            r->deadline_ms = slip_clock_ms() + SIGNAL_GRACE_MS;
        }
    }
}

/* The loop. */

static int poll_timeout(const struct run *r)
{
    if (r->ended)
        return DRAIN_MS;
    int64_t most = r->child->on_idle ? r->child->idle_ms : 3600000;
    if (r->deadline_ms == 0)
        return r->child->on_idle ? (int)most : -1;
    int64_t left = r->deadline_ms - slip_clock_ms();
    return left < 0 ? 0 : left > most ? (int)most : (int)left;
}

static void step(struct run *r)
{
    struct pollfd fds[] = {
        { r->in, POLLOUT, 0 },
        { r->out.fd, POLLIN, 0 },
        { r->errors.fd, POLLIN, 0 },
        { r->signals, POLLIN, 0 },
    };
    int n = poll(fds, SLIP_COUNT(fds), poll_timeout(r));
    if (n == 0 && r->ended) { /* a grandchild holds the pipes: not our business */
        slip_fd_close(&r->out.fd);
        slip_fd_close(&r->errors.fd);
    } else if (n == 0 && r->child->on_idle) {
        r->child->on_idle(r->child->line_payload);
    }
    if (n > 0 && fds[3].revents)
        pass_signals_on(r);
    if (n > 0 && fds[1].revents)
        read_some(r, &r->out);
    if (n > 0 && fds[2].revents)
        read_some(r, &r->errors);
    if (n > 0 && fds[0].revents && r->in >= 0)
        write_some(r);
    check_ended(r);
    check_deadline(r);
}

static void tell_last_line(struct run *r, struct stream *s)
{
    if (s->line.len)
        tell_line(r, s);
    slip_buf_clear(&s->line);
    slip_fd_close(&s->fd);
}

/* The words of the command, but for what stands behind "=": that may be a value of a person's. */
static void trace_start(const struct run *r, int rc)
{
    SLIP_AUTO(slip_buf) words = SLIP_BUF(8192);
    for (const char *const *word = r->child->argv; *word; word++) {
        const char *value = strchr(*word, '=');
        int len = value ? (int)(value + 1 - *word) : (int)strlen(*word);
        slip_buf_add_fmt(&words, " %.*s%s", len, *word, value && value[1] ? "..." : "");
    }
    if (rc == 0)
        slip_trace("run%s (%d)", words.ptr, (int)r->pid);
    else
        slip_trace("run%s: %s", words.ptr, r->err->text);
}

int slip_child_run(const struct slip_child *c, int *status, struct slip_error *err)
{
    struct run r = {
        .child = c,
        .err = err,
        .in = -1,
        .pending = c->input,
        .out = { .fd = -1, .keep = c->out, .line = SLIP_BUF(LINE_MAX_BYTES) },
        .errors = { .fd = -1,
                    .is_stderr = true,
                    .keep = c->errors,
                    .line = SLIP_BUF(LINE_MAX_BYTES) },
    };
    int64_t begun_ms = slip_clock_ms();
    take_signals(&r);
    int rc = start(&r);
    if (slip_trace_is_on())
        trace_start(&r, rc);
    if (rc == 0) {
        r.chunk = slip_alloc(CHUNK);
        r.deadline_ms = c->timeout_ms ? slip_clock_ms() + c->timeout_ms : 0;
        while (!r.ended || r.out.fd >= 0 || r.errors.fd >= 0)
            step(&r);
    }
    tell_last_line(&r, &r.out);
    tell_last_line(&r, &r.errors);
    slip_fd_close(&r.in);
    slip_free(r.chunk);
    give_signals_back(&r);
    if (rc == 0)
        slip_trace("end %s %d: %s %d, %jd ms", c->argv[0], (int)r.pid,
                   r.gave_up ? "given up, status" : "status", r.status,
                   (intmax_t)(slip_clock_ms() - begun_ms));
    if (rc < 0 || r.gave_up)
        return -1;
    *status = r.status;
    return 0;
}
