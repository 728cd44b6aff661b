/* SPDX-License-Identifier: Apache-2.0 */
/* Other processes. */
#include "proc/process.h"

#include "base/file.h"

#define ANCESTORS 8 /* managers of hooks put up to four processes in between */
#define ARGV_MAX (1u << 20)

/* ---- argument vectors ---- */

static bool next_word(struct slip_str *rest, struct slip_str *word)
{
    if (rest->len == 0)
        return false;
    slip_str_cut(*rest, '\0', word, rest);
    return true;
}

static bool is_one_of(struct slip_str word, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (slip_str_is(word, words[i]))
            return true;
    return false;
}

static bool is_git(struct slip_str word)
{
    struct slip_str dir, base = word;
    if (slip_str_rcut(word, '/', &dir, &base))
        word = base;
    return slip_str_is(word, "git") || slip_str_is(word, "git.exe");
}

/* "-nf": letters of options without a value, among them n. */
static bool is_short_dry_run(struct slip_str word)
{
    bool found = false;
    for (size_t i = 1; i < word.len; i++) {
        if (!strchr("vqnfdu46", word.ptr[i]))
            return false;
        found = found || word.ptr[i] == 'n';
    }
    return found && word.ptr[0] == '-';
}

/* git takes a beginning of an option that no other begins with. */
static bool is_long_dry_run(struct slip_str word)
{
    return word.len >= 4 && slip_str_starts(SLIP_STR("--dry-run"), word);
}

/* "-oVALUE", "--push-option=VALUE", or the word before says that this one is the value. */
static bool is_skip(struct slip_str word, bool is_value)
{
    static const char *const ways[] = { "-o", "--push-option=" };
    for (size_t i = 0; !is_value && i < SLIP_COUNT(ways); i++) {
        struct slip_str way = slip_str_of(ways[i]);
        if (slip_str_starts(word, way) && slip_str_is(slip_str_skip(word, way.len), "slipway.skip"))
            return true;
    }
    return is_value && slip_str_is(word, "slipway.skip");
}

static void read_push_options(struct slip_str rest, struct slip_push_process *out)
{
    static const char *const push_option[] = { "-o", "--push-option" };
    static const char *const with_value[] = { "--repo", "--receive-pack", "--exec" };
    struct slip_str word;
    while (next_word(&rest, &word) && !slip_str_is(word, "--")) {
        if (is_one_of(word, push_option, SLIP_COUNT(push_option)))
            out->skip |= next_word(&rest, &word) && is_skip(word, true);
        else if (is_one_of(word, with_value, SLIP_COUNT(with_value)))
            next_word(&rest, &word);
        else if (slip_str_is(word, "--no-dry-run"))
            out->dry_run = false;
        else if (is_short_dry_run(word) || is_long_dry_run(word))
            out->dry_run = true;
        else
            out->skip |= is_skip(word, false);
    }
}

bool slip_argv_is_push(struct slip_str argv, struct slip_push_process *out)
{
    static const char *const with_value[] = { "-C",          "-c",          "--git-dir",
                                              "--work-tree", "--namespace", "--exec-path",
                                              "--config-env" };
    struct slip_str word;
    if (!next_word(&argv, &word) || !is_git(word))
        return false;
    while (next_word(&argv, &word)) {
        if (is_one_of(word, with_value, SLIP_COUNT(with_value))) {
            next_word(&argv, &word);
        } else if (slip_str_is(word, "push")) {
            read_push_options(argv, out);
            return true;
        } else if (word.len == 0 || word.ptr[0] != '-') {
            return false;
        }
    }
    return false;
}

/* ---- /proc ---- */

static bool read_proc(int64_t pid, const char *file, struct slip_buf *out)
{
    char path[64];
    struct slip_error err = { 0 };
    bool found = false;
    snprintf(path, sizeof(path), "/proc/%jd/%s", (intmax_t)pid, file);
    return slip_file_read_if_there(path, out, &found, &err) == 0 && found;
}

/* Field of /proc/PID/stat, counted from 1 as proc(5) does; those behind the name in parentheses.
 * A process that has ended and only waits for its parent to notice is none. */
static int64_t stat_field(int64_t pid, unsigned field)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(4096);
    struct slip_str name, rest, word = { "", 0 };
    uint64_t value;
    if (!read_proc(pid, "stat", &text) || !slip_str_rcut(slip_buf_str(&text), ')', &name, &rest))
        return 0;
    rest = slip_str_trim(rest);
    if (slip_str_starts(rest, SLIP_STR("Z")) || slip_str_starts(rest, SLIP_STR("X")))
        return 0;
    for (unsigned i = 3; i <= field; i++)
        slip_str_cut(rest, ' ', &word, &rest);
    return slip_str_to_u64(word, &value) && value <= INT64_MAX ? (int64_t)value : 0;
}

int64_t slip_process_started(int64_t pid)
{
    return pid > 0 ? stat_field(pid, 22) : 0;
}

void slip_push_process_find(struct slip_push_process *out)
{
    int64_t pid = getppid();
    *out = (struct slip_push_process){ 0 };
    for (int i = 0; i < ANCESTORS && pid > 1; i++) {
        SLIP_AUTO(slip_buf) argv = SLIP_BUF(ARGV_MAX);
        if (!read_proc(pid, "cmdline", &argv))
            return;
        if (slip_argv_is_push(slip_buf_str(&argv), out)) {
            out->pid = pid;
            out->started = slip_process_started(pid);
            return;
        }
        pid = stat_field(pid, 4);
    }
}
