/* SPDX-License-Identifier: Apache-2.0 */
/* Log commands of CI systems. */
#include "ci/log.h"

#include "base/utf8.h"

#define SECTION "slipway"

static const char *const level_names[] = { "error", "warning", "notice" };

void slip_ci_log_plain(struct slip_str text, struct slip_buf *out)
{
    bool begins = true; /* only blanks so far: "::error" would be one of GitHub's commands */
    while (text.len) {
        size_t width;
        uint32_t rune = slip_utf8_decode(text, &width);
        bool twice = text.len > 1 && text.ptr[0] == text.ptr[1];
        if (slip_utf8_is_control(rune))
            slip_buf_add_fmt(out, rune < 0x100 ? "\\x%02x" : "\\u%04x", rune);
        else if (twice && (rune == '#' || (rune == ':' && begins))) /* "##vso[", "##teamcity[" */
            slip_buf_add_fmt(out, "\\x%02x", rune);
        else
            slip_buf_add_str(out, slip_str_first(text, width));
        begins = begins && (rune == ' ' || rune > 0x7E); /* all kinds of blanks are trimmed */
        text = slip_str_skip(text, width);
    }
}

/* GitHub's escapes for the text of a command. */
static void add_github(struct slip_str text, struct slip_buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == '%' || c == '\r' || c == '\n')
            slip_buf_add_fmt(out, "%%%02X", c);
        else if (c < ' ' || c == 0x7F)
            slip_buf_add_fmt(out, "\\x%02x", c);
        else
            slip_buf_add_char(out, (char)c);
    }
}

void slip_ci_log_line(enum slip_ci_dialect dialect, enum slip_ci_level level, struct slip_str text,
                      struct slip_buf *out)
{
    if (dialect == SLIP_CI_LOG_GITHUB) {
        slip_buf_add_fmt(out, "::%s title=slipway::", level_names[level]);
        add_github(text, out);
    } else {
        slip_buf_add_fmt(out, "%s: ", level_names[level]);
        slip_ci_log_plain(text, out);
    }
    slip_buf_add_char(out, '\n');
}

void slip_ci_log_group(enum slip_ci_dialect dialect, struct slip_str title, int64_t now,
                       struct slip_buf *out)
{
    if (dialect == SLIP_CI_LOG_GITHUB) {
        slip_buf_add_c(out, "::group::");
        add_github(title, out);
    } else {
        if (dialect == SLIP_CI_LOG_GITLAB)
            slip_buf_add_fmt(out, "\033[0Ksection_start:%jd:" SECTION "\r\033[0K", (intmax_t)now);
        slip_ci_log_plain(title, out);
    }
    slip_buf_add_char(out, '\n');
}

void slip_ci_log_group_end(enum slip_ci_dialect dialect, int64_t now, struct slip_buf *out)
{
    if (dialect == SLIP_CI_LOG_GITHUB)
        slip_buf_add_c(out, "::endgroup::\n");
    else if (dialect == SLIP_CI_LOG_GITLAB)
        slip_buf_add_fmt(out, "\033[0Ksection_end:%jd:" SECTION "\r\033[0K\n", (intmax_t)now);
}

void slip_ci_log_stop(enum slip_ci_dialect dialect, struct slip_str token, struct slip_buf *out)
{
    if (dialect == SLIP_CI_LOG_GITHUB)
        slip_buf_add_fmt(out, "::stop-commands::%.*s\n", SLIP_ARG(token));
}

void slip_ci_log_resume(enum slip_ci_dialect dialect, struct slip_str token, struct slip_buf *out)
{
    if (dialect == SLIP_CI_LOG_GITHUB)
        slip_buf_add_fmt(out, "::%.*s::\n", SLIP_ARG(token));
}
