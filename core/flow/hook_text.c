/* SPDX-License-Identifier: Apache-2.0 */
/* The forms of the hook, and knowing them again. */
#include "flow/hook_text.h"

#include "base/file.h"
#include "base/path.h"
#include "hash/hash.h"
#include "proc/record.h"

#define TEXT_MAX (64u << 10)
#define FILE_MARK "# slipway-hook v"
#define COMMAND_MARK ": slipway-hook v"
#define FIRST_LINE "# >>> slipway-hook v"
#define LAST_LINE "# <<< slipway-hook <<<\n"
#define VERSION "2 sha256:"

/* ---- words of sh ---- */

/* 'it'\''s' */
static void add_quoted(struct slip_buf *out, const char *s)
{
    slip_buf_add_char(out, '\'');
    for (; *s; s++) {
        if (*s == '\'')
            slip_buf_add_c(out, "'\\''");
        else
            slip_buf_add_char(out, *s);
    }
    slip_buf_add_char(out, '\'');
}

static void add_hash(struct slip_str of, struct slip_buf *out)
{
    char hex[SLIP_SHA256_HEX + 1];
    slip_hash_hex(SLIP_HASH_SHA256, of, hex);
    slip_buf_add_c(out, hex);
}

/*
 * The statements that both texts for sh consist of, each ended by `end`. The executable is looked
 * for where it was, beside the `slipway` that outlives upgrades or that is on PATH, and where that
 * one's links lead. `chained`: how to find a hook that was there before, or NULL.
 */
static void add_statements(const struct slip_hook_target *t, const char *chained, const char *end,
                           struct slip_buf *out)
{
    static const char gone[] =
        "[ \"${SLIPWAY-}\" = 0 ] || echo 'slipway: warning: slipway is not installed any more, "
        "nothing is released by this push' >&2";
    static const char hint_file[] = "[ \"${SLIPWAY-}\" = 0 ] || echo \"slipway: hint: install it, "
                                    "or remove this hook: $0\" >&2";
    static const char hint_config[] =
        "[ \"${SLIPWAY-}\" = 0 ] || echo 'slipway: hint: install it, or remove this hook: git "
        "config --remove-section hook.slipway-pre-push' >&2";
    static const char required[] = "[ \"${SLIPWAY-}\" = 0 ] || [ \"$(git config --bool "
                                   "slipway.required)\" != true ] || exit 1";
    slip_buf_add_c(out, "hook=");
    add_quoted(out, t->program);
    slip_buf_add_fmt(out, "%sslipway=", end);
    add_quoted(out, t->worker);
    slip_buf_add_fmt(out, "%schained=%s%s", end, chained ? chained : "", end);
    if (chained)
        slip_buf_add_fmt(out, "[ -x \"$chained\" ] || chained=%s", end);
    slip_buf_add_fmt(out, "[ -x \"$slipway\" ] || slipway=$(command -v slipway)%s", end);
    slip_buf_add_c(out, "[ -x \"$hook\" ] || hook=${slipway%/*}/");
    add_quoted(out, t->from_bin);
    slip_buf_add_fmt(out,
                     "%s[ -x \"$hook\" ] || { hook=$(readlink -f \"$slipway\") && "
                     "hook=${hook%%/*}/",
                     end);
    add_quoted(out, t->from_bin);
    slip_buf_add_fmt(out,
                     "; }%s[ ! -x \"$hook\" ] || exec \"$hook\" ${chained:+--chained "
                     "\"$chained\"} --remote ",
                     end);
    add_quoted(out, t->remote);
    if (t->rules && t->rules[0]) {
        slip_buf_add_c(out, " --rules-file ");
        add_quoted(out, t->rules);
    }
    slip_buf_add_fmt(out, " \"$@\"%s%s%s%s%s%s%s", end, gone, end,
                     chained ? hint_file : hint_config, end, required, end);
    if (chained)
        slip_buf_add_fmt(out, "[ -z \"$chained\" ] || exec \"$chained\" \"$@\"%s", end);
    slip_buf_add_fmt(out, "exit 0%s", end);
}

void slip_hook_script(const struct slip_hook_target *t, struct slip_buf *out)
{
    SLIP_AUTO(slip_buf) body = SLIP_BUF(TEXT_MAX);
    slip_buf_add_c(&body, "# Written by 'slipway install', taken away by 'slipway uninstall': "
                          "see slipway-hooks(7).\n");
    add_statements(t, "$0.pre-slipway", "\n", &body);
    slip_buf_add_c(out, "#!/bin/sh\n" FILE_MARK VERSION);
    add_hash(slip_buf_str(&body), out);
    slip_buf_add_char(out, '\n');
    slip_buf_add_str(out, slip_buf_str(&body));
}

/* git runs it as: sh -c 'COMMAND "$@"' COMMAND REMOTE URL */
void slip_hook_command(const struct slip_hook_target *t, struct slip_buf *out)
{
    SLIP_AUTO(slip_buf) body = SLIP_BUF(TEXT_MAX);
    slip_buf_add_c(&body, "slipway_hook() { ");
    add_statements(t, NULL, "; ", &body);
    slip_buf_add_c(&body, "}; slipway_hook");
    slip_buf_add_c(out, COMMAND_MARK VERSION);
    add_hash(slip_buf_str(&body), out);
    slip_buf_add_c(out, "; ");
    slip_buf_add_str(out, slip_buf_str(&body));
}

int slip_hook_copy(const struct slip_hook_target *t, struct slip_buf *out, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_HOOK_FILE_MAX);
    if (slip_file_read(t->program, &text, err) < 0)
        return -1;
    if (!slip_record_add(slip_str_of(t->worker), slip_str_of(t->remote), slip_str_of(t->rules),
                         &text))
        return slip_fail(err, SLIP_E_CONFIG, "cannot write down '%s' and '%s' in a hook", t->worker,
                         t->remote);
    SLIP_AUTO(slip_buf) last = SLIP_BUF(128);
    slip_buf_add_c(&last, "sha256:");
    add_hash(slip_buf_str(&text), &last);
    slip_buf_add_char(&last, '\n');
    slip_buf_add_str(&text, slip_buf_str(&last));
    slip_buf_move(out, &text);
    return 0;
}

/* ---- knowing them again ---- */

static bool hash_is(struct slip_str text, struct slip_str hex)
{
    char is[SLIP_SHA256_HEX + 1];
    slip_hash_hex(SLIP_HASH_SHA256, text, is);
    return slip_str_is(hex, is);
}

static enum slip_hook_state by_hash(struct slip_str text, struct slip_str hex)
{
    return hash_is(text, hex) ? SLIP_HOOK_OLDER : SLIP_HOOK_EDITED;
}

/* "...sha256:HEX": the hash of a line with our mark. */
static struct slip_str hash_in(struct slip_str line)
{
    size_t at = slip_str_find_str(line, SLIP_STR("sha256:"));
    return at == SLIP_NPOS ? SLIP_STR("") : slip_str_first(slip_str_skip(line, at + 7), 64);
}

enum slip_hook_state slip_hook_state_of(struct slip_str found, struct slip_str wanted)
{
    struct slip_str rest = found, line;
    struct slip_record record;
    if (slip_str_eq(found, wanted))
        return SLIP_HOOK_CURRENT;
    if (slip_record_find(found, &record))
        return by_hash(record.hashed, record.hash);
    if (slip_str_starts(found, SLIP_STR(COMMAND_MARK))) {
        slip_str_cut(found, ';', &line, &rest);
        return by_hash(slip_str_skip(rest, 1), hash_in(line));
    }
    bool second = slip_str_line(&rest, &line);
    second = second && slip_str_line(&rest, &line);
    return second && slip_str_starts(line, SLIP_STR(FILE_MARK)) ? by_hash(rest, hash_in(line))
                                                                : SLIP_HOOK_FOREIGN;
}

/* ---- lines in a file of others ---- */

static const char shared_lines[] =
    "if command -v slipway >/dev/null 2>&1; then\n"
    "    slipway_refs=$(cat)\n"
    "    [ -z \"$slipway_refs\" ] || printf '%s\\n' \"$slipway_refs\" |\n"
    "        slipway hook pre-push \"$@\" || exit\n"
    "    [ -z \"$slipway_refs\" ] || exec <<SLIPWAY\n"
    "$slipway_refs\n"
    "SLIPWAY\n"
    "fi\n";

void slip_hook_lines(struct slip_buf *out)
{
    slip_buf_add_c(out, FIRST_LINE VERSION);
    add_hash(slip_str_of(shared_lines), out);
    slip_buf_add_fmt(out, "\n%s" LAST_LINE, shared_lines);
}

enum slip_hook_state slip_hook_lines_find(struct slip_str text, struct slip_str *before,
                                          struct slip_str *after)
{
    struct slip_str inside, line;
    size_t from = slip_str_find_str(text, SLIP_STR(FIRST_LINE));
    *before = slip_str_first(text, from);
    *after = SLIP_STR("");
    if (from == SLIP_NPOS)
        return SLIP_HOOK_ABSENT;
    struct slip_str ours = slip_str_skip(text, from);
    size_t to = slip_str_find_str(ours, SLIP_STR(LAST_LINE));
    if (to == SLIP_NPOS)
        return SLIP_HOOK_EDITED;
    *after = slip_str_skip(ours, to + strlen(LAST_LINE));
    inside = slip_str_first(ours, to);
    slip_str_line(&inside, &line);
    if (slip_str_is(inside, shared_lines))
        return hash_is(inside, hash_in(line)) ? SLIP_HOOK_CURRENT : SLIP_HOOK_EDITED;
    return by_hash(inside, hash_in(line));
}

bool slip_hook_lines_add(struct slip_str text, struct slip_buf *out)
{
    struct slip_str rest = text, first = { "", 0 };
    if (slip_str_starts(text, SLIP_STR("#!"))) {
        slip_str_line(&rest, &first);
        struct slip_str name = slip_path_base(slip_str_trim(first));
        static const char *const shells[] = { "sh", "env sh", "bash", "env bash", "dash", "sh -e" };
        bool known = false;
        for (size_t i = 0; i < SLIP_COUNT(shells); i++)
            known |= slip_str_is(name, shells[i]);
        if (!known)
            return false;
        slip_buf_add_fmt(out, "%.*s\n", SLIP_ARG(first));
    } else if (text.len == 0) {
        slip_buf_add_c(out, "#!/bin/sh\n");
    }
    slip_hook_lines(out);
    slip_buf_add_str(out, rest);
    return true;
}
