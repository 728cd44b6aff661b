/* SPDX-License-Identifier: Apache-2.0 */
/* The hook file. */
#include "flow/install.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/path.h"
#include "hash/hash.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

#define HOOK_MAX (64u << 10)
#define MARKER "# slipway-hook v1 sha256:"

void slip_hook_place_clear(struct slip_hook_place *p)
{
    slip_free(p->dir);
    slip_free(p->path);
    slip_free(p->chained);
    *p = (struct slip_hook_place){ 0 };
}

/* ---- the text ---- */

/* As a word of sh: 'it'\''s' */
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

static void add_body(const struct slip_install *in, struct slip_buf *out)
{
    slip_buf_add_c(out, "# Written by 'slipway install', taken away by 'slipway uninstall': "
                        "see slipway-hooks(7).\n"
                        "hook=");
    add_quoted(out, in->hook_program);
    slip_buf_add_c(out, "\nif [ ! -x \"$hook\" ]; then\n"
                        "    hook=$(command -v slipway) && hook=${hook%/*}/");
    add_quoted(out, in->from_bin);
    slip_buf_add_c(out, "\nfi\n"
                        "chained=$0.pre-slipway\n"
                        "[ -x \"$chained\" ] || chained=\n"
                        "if [ -x \"$hook\" ]; then\n"
                        "    exec \"$hook\" ${chained:+--chained \"$chained\"} --remote ");
    add_quoted(out, in->remote);
    slip_buf_add_c(out, " \"$@\"\n"
                        "fi\n"
                        "if [ \"${SLIPWAY-}\" != 0 ]; then\n"
                        "    echo \"slipway: warning: slipway is not installed any more, nothing "
                        "is released by this push\" >&2\n"
                        "    echo \"slipway: hint: install it, or remove this hook: $0\" >&2\n"
                        "    [ \"$(git config --bool slipway.required)\" != true ] || exit 1\n"
                        "fi\n"
                        "[ -z \"$chained\" ] || exec \"$chained\" \"$@\"\n"
                        "exit 0\n");
}

void slip_hook_text(const struct slip_install *in, struct slip_buf *out)
{
    SLIP_AUTO(slip_buf) body = SLIP_BUF(HOOK_MAX);
    char hex[SLIP_SHA256_HEX + 1];
    add_body(in, &body);
    slip_hash_hex(SLIP_HASH_SHA256, slip_buf_str(&body), hex);
    slip_buf_add_fmt(out, "#!/bin/sh\n" MARKER "%s\n", hex);
    slip_buf_add_str(out, slip_buf_str(&body));
}

static enum slip_hook_state state_of(struct slip_str found, struct slip_str wanted)
{
    struct slip_str rest = found, line;
    char hex[SLIP_SHA256_HEX + 1];
    if (slip_str_eq(found, wanted))
        return SLIP_HOOK_CURRENT;
    bool second = slip_str_line(&rest, &line);
    second = second && slip_str_line(&rest, &line);
    if (!second || !slip_str_starts(line, SLIP_STR("# slipway-hook v")))
        return SLIP_HOOK_FOREIGN;
    size_t colon = slip_str_rfind(line, ':');
    slip_hash_hex(SLIP_HASH_SHA256, rest, hex);
    return colon != SLIP_NPOS && slip_str_is(slip_str_skip(line, colon + 1), hex)
               ? SLIP_HOOK_OLDER
               : SLIP_HOOK_EDITED;
}

/* ---- the place ---- */

static int absolute(const struct slip_git *git, const char *path, char **out,
                    struct slip_error *err)
{
    char here[PATH_MAX];
    if (path[0] == '/') {
        *out = slip_strdup(path);
        return 0;
    }
    if (!git->dir && !getcwd(here, sizeof(here)))
        return slip_fail(err, SLIP_E_REPO, "getcwd: %s", strerror(errno));
    SLIP_AUTO(slip_buf) joined = SLIP_BUF(2 * PATH_MAX);
    slip_path_join(slip_str_of(git->dir ? git->dir : here), slip_str_of(path), &joined);
    *out = slip_buf_detach(&joined);
    return 0;
}

static bool is_tracked(const struct slip_git *git, const char *dir)
{
    const char *const words[] = { "ls-files", "--", dir, NULL };
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_buf) out = SLIP_BUF(SLIP_LIMIT_CHILD_OUTPUT);
    int status = 0;
    return slip_git_run(git, words, &out, &status, &err) == 0 && status == 0 && out.len > 0;
}

/*
 * A directory that core.hooksPath names may belong to many repositories, or to the files of this
 * one: then it is not ours to write to.
 */
static int check_hooks_path(const struct slip_install *in, const struct slip_hook_place *p,
                            struct slip_error *err)
{
    static const char *const words[] = { "config", "--show-scope", "--get", "core.hooksPath",
                                         NULL };
    SLIP_AUTO(slip_buf) out = SLIP_BUF(PATH_MAX + 64);
    int status = 0;
    if (slip_git_run(&in->git, words, &out, &status, err) < 0)
        return -1;
    if (status != 0 || in->force || p->state == SLIP_HOOK_CURRENT || p->state == SLIP_HOOK_OLDER)
        return 0;
    bool own = slip_str_starts(slip_buf_str(&out), SLIP_STR("local"))
               || slip_str_starts(slip_buf_str(&out), SLIP_STR("worktree"));
    if (own && !is_tracked(&in->git, p->dir))
        return 0;
    slip_fail(err, SLIP_E_CONFIG, "core.hooksPath names '%s', which %s", p->dir,
              own ? "is part of this repository" : "other repositories use too");
    return slip_hint(err,
                     "add this line to %s/pre-push (it reads stdin): %s \"$@\"; or use "
                     "--force to write there",
                     p->dir, in->hook_program);
}

int slip_hook_look(const struct slip_install *in, struct slip_hook_place *out,
                   struct slip_error *err)
{
    static const char *const words[] = { "rev-parse", "--git-path", "hooks", NULL };
    SLIP_AUTO(slip_hook_place) p = { 0 };
    SLIP_AUTO(slip_buf) dir = SLIP_BUF(PATH_MAX);
    SLIP_AUTO(slip_buf) found = SLIP_BUF(HOOK_MAX);
    SLIP_AUTO(slip_buf) wanted = SLIP_BUF(HOOK_MAX);
    bool there = false;
    if (slip_git_run(&in->git, words, &dir, NULL, err) < 0
        || absolute(&in->git, dir.ptr, &p.dir, err) < 0)
        return -1;
    p.path = slip_printf("%s/pre-push", p.dir);
    p.chained = slip_printf("%s.pre-slipway", p.path);
    p.has_chained = access(p.chained, F_OK) == 0;
    p.executable = access(p.path, X_OK) == 0;
    if (slip_file_read_if_there(p.path, &found, &there, err) < 0)
        return -1;
    slip_hook_text(in, &wanted);
    p.state = there ? state_of(slip_buf_str(&found), slip_buf_str(&wanted)) : SLIP_HOOK_ABSENT;
    *out = p;
    p = (struct slip_hook_place){ 0 };
    return 0;
}

/* ---- writing and taking away ---- */

static int edited(const struct slip_hook_place *p, struct slip_error *err)
{
    slip_fail(err, SLIP_E_CONFLICT, "'%s' was edited since slipway wrote it", p->path);
    return slip_hint(err, "save what you need of it and use --force");
}

static int move_file(const char *from, const char *to, struct slip_error *err)
{
    if (rename(from, to) < 0)
        return slip_fail(err, SLIP_E_REPO, "cannot rename '%s' to '%s': %s", from, to,
                         strerror(errno));
    return 0;
}

static int put_aside(const struct slip_hook_place *p, struct slip_error *err)
{
    if (p->has_chained) {
        slip_fail(err, SLIP_E_CONFLICT, "there is a hook that is not slipway's, and '%s' too",
                  p->chained);
        return slip_hint(err, "make one hook of the two, then install again");
    }
    return move_file(p->path, p->chained, err);
}

int slip_hook_install(const struct slip_install *in, struct slip_hook_place *before,
                      struct slip_error *err)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(HOOK_MAX);
    if (slip_hook_look(in, before, err) < 0 || check_hooks_path(in, before, err) < 0)
        return -1;
    if (before->state == SLIP_HOOK_CURRENT && before->executable)
        return 0;
    if (before->state == SLIP_HOOK_EDITED && !in->force)
        return edited(before, err);
    if (slip_dir_make(before->dir, 0777, err) < 0)
        return -1;
    if (before->state == SLIP_HOOK_FOREIGN && put_aside(before, err) < 0)
        return -1;
    slip_hook_text(in, &text);
    if (slip_file_write(before->path, slip_buf_str(&text), 0755, err) == 0)
        return 0;
    if (before->state == SLIP_HOOK_FOREIGN)
        rename(before->chained, before->path);
    return -1;
}

int slip_hook_uninstall(const struct slip_install *in, struct slip_hook_place *before,
                        struct slip_error *err)
{
    if (slip_hook_look(in, before, err) < 0)
        return -1;
    if (before->state == SLIP_HOOK_ABSENT || before->state == SLIP_HOOK_FOREIGN)
        return 0;
    if (before->state == SLIP_HOOK_EDITED && !in->force)
        return edited(before, err);
    if (before->has_chained)
        return move_file(before->chained, before->path, err);
    if (unlink(before->path) < 0)
        return slip_fail(err, SLIP_E_REPO, "cannot remove '%s': %s", before->path, strerror(errno));
    return 0;
}

/* ---- finding the executable ---- */

static char *found_on_path(const char *program, const char *path_variable)
{
    struct slip_str rest = slip_str_of(path_variable), dir;
    bool more = rest.len > 0;
    while (more) {
        more = slip_str_cut(rest, ':', &dir, &rest);
        if (dir.len == 0)
            continue;
        char *path = slip_printf("%.*s/%s", SLIP_ARG(dir), program);
        if (access(path, X_OK) == 0)
            return path;
        slip_free(path);
    }
    return NULL;
}

/* The executable as seen from `slipway`: installed, or beside it in a build directory. */
static char *near(const char *slipway, const char *from_bin)
{
    const char *const places[] = { from_bin, "pre-push" };
    SLIP_AUTO(slip_buf) clean = SLIP_BUF(2 * PATH_MAX);
    struct slip_str dir = slip_path_dir(slip_str_of(slipway));
    for (size_t i = 0; i < SLIP_COUNT(places); i++) {
        slip_buf_reset(&clean);
        slip_path_join(dir, slip_str_of(places[i]), &clean);
        if (access(clean.ptr, X_OK) == 0)
            return slip_buf_detach(&clean);
    }
    return NULL;
}

char *slip_hook_program(const char *program, const char *path_variable, const char *from_bin)
{
    struct slip_git here = { 0 };
    struct slip_error err = { 0 };
    SLIP_AUTO_FREE char *called =
        strchr(program, '/') ? slip_strdup(program) : found_on_path(program, path_variable);
    SLIP_AUTO_FREE char *slipway = NULL;
    char real[PATH_MAX];
    if (!called || absolute(&here, called, &slipway, &err) < 0)
        return NULL;
    char *hook = near(slipway, from_bin);
    if (!hook && realpath(slipway, real))
        hook = near(real, from_bin);
    return hook;
}
