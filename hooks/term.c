/* SPDX-License-Identifier: Apache-2.0 */
/* What people see on stderr. Lines are written whole, so that git can relay them. */
#include "term.h"

#include "settings.h"

#include "base/trace.h"
#include "base/utf8.h"
#include "repo/git.h"

#include <stdarg.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool line_open; /* a progress line stands on the terminal, not ended yet */

static bool is_word(const char *s, const char *word)
{
    return s && strcmp(s, word) == 0;
}

/* slipway.color, else color.ui, in git's words. Hooks do not ask: they shall cost nothing. */
static bool git_wants_color(const struct slip_cli *cli, bool terminal)
{
    const char *const words[] = { "config", "--get-colorbool", "slipway.color",
                                  terminal ? "true" : "false", NULL };
    struct slip_git git = { .env = cli->env, .dir = cli->common.git_dir, .timeout_ms = 2000 };
    struct slip_error none = { 0 };
    SLIP_AUTO(slip_buf) answer = SLIP_BUF(4096);
    int status;
    if (!cli->command || !cli->command->trade || is_word(cli->common.color, "auto")
        || slip_git_run(&git, words, &answer, &status, &none) < 0)
        return terminal;
    return is_word(answer.ptr, "true");
}

static bool want_color(const struct slip_cli *cli)
{
    const char *option = cli->common.color;
    if (is_word(option, "always"))
        return true;
    if (is_word(option, "never") || slip_cli_env(cli, "NO_COLOR"))
        return false;
    const char *force = slip_cli_env(cli, "CLICOLOR_FORCE");
    if (!force)
        force = slip_cli_env(cli, "FORCE_COLOR");
    if (force && strcmp(force, "0") != 0)
        return true;
    if (is_word(slip_cli_env(cli, "TERM"), "dumb") || is_word(slip_cli_env(cli, "CLICOLOR"), "0"))
        return false;
    return git_wants_color(cli, isatty(STDERR_FILENO));
}

/* Of a line on the terminal that shall not wrap: what wrapped could not be taken back. */
static size_t columns(void)
{
    struct winsize size;
    bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    return known ? size.ws_col - 1u : 79;
}

static bool want_live(const struct slip_cli *cli)
{
    if (cli->common.progress && !is_word(cli->common.progress, "auto"))
        return false;
    return isatty(STDERR_FILENO) && !slip_cli_env(cli, "CI") && cli->prefix[0] == '\0'
           && !is_word(slip_cli_env(cli, "TERM"), "dumb");
}

void slip_cli_escape(struct slip_str s, struct slip_buf *out)
{
    while (s.len) {
        size_t width;
        uint32_t rune = slip_utf8_decode(s, &width);
        if (slip_utf8_is_control(rune))
            slip_buf_add_fmt(out, rune < 0x100 ? "\\x%02x" : "\\u%04x", rune);
        else
            slip_buf_add_str(out, slip_str_first(s, width));
        s = slip_str_skip(s, width);
    }
}

static void clear_line(const struct slip_cli *cli)
{
    if (line_open && cli->live)
        fputs("\r\033[K", stderr);
    line_open = false;
}

/* The same through the voice of a CI job, which escapes and redacts. */
static void speak_lines(struct slip_cli *cli, const char *heading, const char *text, FILE *to)
{
    SLIP_AUTO(slip_buf) out = SLIP_BUF(SLIP_LIMIT_OUTPUT);
    struct slip_str rest = slip_str_of(text), line;
    while (slip_str_line(&rest, &line)) {
        SLIP_AUTO(slip_buf) whole = SLIP_BUF(SLIP_LIMIT_TEXT);
        slip_buf_add_fmt(&whole, "%s%s%.*s", heading, heading[0] ? ": " : "", SLIP_ARG(line));
        slip_ci_voice_line(cli->voice, slip_now_ms(), slip_buf_str(&whole), &out);
        heading = "";
    }
    fflush(stdout); /* one log: the order of lines is theirs */
    fputs(out.ptr, to);
    fflush(to);
}

void slip_cli_data(struct slip_cli *cli, const char *text)
{
    clear_line(cli);
    if (cli->voice)
        speak_lines(cli, "", text, stdout);
    else
        fputs(text, stdout);
    fflush(stdout);
}

void slip_cli_log_command(struct slip_cli *cli, struct slip_str command)
{
    SLIP_AUTO(slip_buf) out = SLIP_BUF(SLIP_LIMIT_TEXT);
    if (!cli->voice)
        return;
    slip_ci_voice_command(cli->voice, slip_now_ms(), command, &out);
    fputs(out.ptr, stderr);
}

/* Asked for late: most runs print no heading, and git is a child process. */
static bool colors(struct slip_cli *cli)
{
    if (!cli->color_known)
        cli->color = want_color(cli);
    cli->color_known = true;
    return cli->color;
}

/* Each line of `text` with prefix and heading; control characters escaped. */
static void print_lines(struct slip_cli *cli, const char *color, const char *heading,
                        const char *text)
{
    SLIP_AUTO(slip_buf) out = SLIP_BUF(SLIP_LIMIT_HELP);
    struct slip_str rest = slip_str_of(text), line;
    bool first = true;
    (void)fflush(stdout); /* in a pipe or a log of both, what was printed before comes before */
    if (cli->voice) {
        speak_lines(cli, heading, text, stderr);
        return;
    }
    while (slip_str_line(&rest, &line)) {
        slip_buf_add_c(&out, cli->prefix);
        if (first && heading[0])
            slip_buf_add_fmt(&out, "%s%s:%s ", colors(cli) ? color : "", heading,
                             colors(cli) ? "\033[0m" : "");
        slip_cli_escape(line, &out);
        slip_buf_add_char(&out, '\n');
        first = false;
    }
    clear_line(cli);
    fputs(out.ptr, stderr);
}

/* Is there room for this text? */
static bool fits(struct slip_cli *cli, size_t *room, const char *text)
{
    struct slip_str rest = slip_str_of(text), line;
    size_t lines = 0;
    while (slip_str_line(&rest, &line))
        lines++;
    size_t bytes = strlen(text);
    if (!cli->limited)
        return true;
    if (lines > *room || bytes > cli->room_bytes) {
        cli->left_out += lines;
        *room = 0; /* what follows belongs to it */
        return false;
    }
    *room -= lines;
    cli->room_bytes -= bytes;
    return true;
}

void slip_cli_limit(struct slip_cli *cli, size_t lines)
{
    cli->limited = true;
    cli->room = cli->error_room = lines;
    cli->room_bytes = SLIP_HOOK_BYTES;
}

static void print_fmt(struct slip_cli *cli, const char *color, const char *heading, const char *fmt,
                      va_list args)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_HELP);
    slip_buf_add_vfmt(&text, fmt, args);
    print_lines(cli, color, heading, text.ptr);
}

static void print_if_fits(struct slip_cli *cli, const char *color, const char *heading,
                          const char *fmt, va_list args)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_HELP);
    slip_buf_add_vfmt(&text, fmt, args);
    if (fits(cli, &cli->room, text.ptr))
        print_lines(cli, color, heading, text.ptr);
}

void slip_cli_warn(struct slip_cli *cli, const char *fmt, ...)
{
    if (cli->common.quiet)
        return;
    va_list args;
    va_start(args, fmt);
    print_if_fits(cli, "\033[33m", "warning", fmt, args);
    va_end(args);
}

void slip_cli_hint(struct slip_cli *cli, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    print_fmt(cli, "\033[36m", "hint", fmt, args);
    va_end(args);
}

void slip_cli_say(struct slip_cli *cli, const char *fmt, ...)
{
    if (cli->common.quiet)
        return;
    va_list args;
    va_start(args, fmt);
    print_if_fits(cli, "", "", fmt, args);
    va_end(args);
}

void slip_cli_conclude(struct slip_cli *cli, const char *fmt, ...)
{
    if (cli->common.quiet)
        return;
    va_list args;
    va_start(args, fmt);
    print_fmt(cli, "", "", fmt, args);
    va_end(args);
}

void slip_cli_error(struct slip_cli *cli, const struct slip_error *err)
{
    if (!fits(cli, &cli->error_room, err->text))
        return;
    print_lines(cli, "\033[1;31m", "error", err->text);
    print_lines(cli, "", "", err->excerpt);
    struct slip_str rest = slip_str_of(err->hint), line;
    while (slip_str_line(&rest, &line))
        slip_cli_hint(cli, "%.*s", SLIP_ARG(line));
}

int slip_cli_fail(struct slip_cli *cli, const struct slip_error *err)
{
    slip_cli_error(cli, err);
    return slip_kind_exit(err->kind);
}

int slip_cli_usage(struct slip_cli *cli, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    print_fmt(cli, "\033[1;31m", "error", fmt, args);
    va_end(args);
    if (cli->command)
        slip_cli_hint(cli, "slipway %s -h", cli->command->name);
    else
        slip_cli_hint(cli, "slipway -h");
    return 2;
}

static void add_bytes(struct slip_buf *out, uint64_t n)
{
    static const char *const units[] = { "B", "KiB", "MiB", "GiB" };
    double value = (double)n;
    size_t unit = 0;
    while (value >= 1024 && unit + 1 < SLIP_COUNT(units)) {
        value /= 1024;
        unit++;
    }
    slip_buf_add_fmt(out, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

static void show_progress(struct slip_cli *cli, const struct slip_event *e)
{
    if (!cli->live)
        return;
    SLIP_AUTO(slip_buf) out = SLIP_BUF(4096);
    slip_cli_escape(slip_str_of(e->subject), &out);
    slip_buf_add_c(&out, ": ");
    add_bytes(&out, e->done);
    if (e->total) {
        slip_buf_add_c(&out, " of ");
        add_bytes(&out, e->total);
    }
    struct slip_str line = slip_buf_str(&out), rest = line;
    for (size_t n = columns(); n > 0 && rest.len; n--) {
        size_t width;
        (void)slip_utf8_decode(rest, &width);
        rest = slip_str_skip(rest, width);
    }
    fprintf(stderr, "\r\033[K%.*s", (int)(line.len - rest.len), line.ptr);
    line_open = true;
}

static void show_alive(struct slip_cli *cli, const struct slip_event *e)
{
    SLIP_AUTO(slip_buf) out = SLIP_BUF(SLIP_LIMIT_TEXT);
    if (!cli->voice || cli->common.quiet)
        return;
    slip_ci_voice_alive(cli->voice, slip_now_ms(), e->subject, e->done, e->total, &out);
    fputs(out.ptr ? out.ptr : "", stderr);
}

static void show_output(struct slip_cli *cli, const struct slip_event *e)
{
    SLIP_AUTO(slip_buf) out = SLIP_BUF(SLIP_LIMIT_TEXT);
    if (!cli->common.verbose) {
        show_alive(cli, e);
    } else if (cli->voice) {
        slip_ci_voice_child(cli->voice, slip_now_ms(), slip_str_of(e->text), &out);
        fputs(out.ptr, stderr);
    } else {
        slip_cli_say(cli, "  | %s", e->text);
    }
}

static void on_event(void *payload, const struct slip_event *e)
{
    struct slip_cli *cli = payload;
    switch (e->kind) {
    case SLIP_EVENT_PROGRESS:
        show_progress(cli, e);
        show_alive(cli, e);
        break;
    case SLIP_EVENT_ALIVE:
        show_alive(cli, e);
        break;
    case SLIP_EVENT_WARNING:
        if (e->subject)
            slip_cli_warn(cli, "%s: %s", e->subject, e->text);
        else
            slip_cli_warn(cli, "%s", e->text);
        break;
    case SLIP_EVENT_OUTPUT:
        show_output(cli, e);
        break;
    case SLIP_EVENT_STEP:
        if (cli->trace_fd != STDERR_FILENO) /* where the line itself will stand */
            slip_trace("%s%s%s", e->subject ? e->subject : "", e->subject ? ": " : "", e->text);
        if (e->subject)
            slip_cli_say(cli, "%s: %s", e->subject, e->text);
        else
            slip_cli_say(cli, "%s", e->text);
        break;
    }
}

void slip_term_setup(struct slip_cli *cli)
{
    cli->color = cli->color_known = false;
    cli->live = want_live(cli);
    cli->watch = (struct slip_watch){ 0 };
    if (!is_word(cli->common.progress, "none"))
        cli->watch = (struct slip_watch){ .on_event = on_event, .payload = cli };
}

void slip_term_end(struct slip_cli *cli)
{
    clear_line(cli);
}
