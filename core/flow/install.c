/* SPDX-License-Identifier: Apache-2.0 */
/* Installing: what is there, and the few changes that a decision needs. */
#include "flow/install.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/path.h"
#include "proc/record.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

/* Ours in git's configuration. */
#define KEY_COMMAND "hook.slipway-pre-push.command"
#define KEY_EVENT "hook.slipway-pre-push.event"
#define KEY_ENABLED "hook.slipway-pre-push.enabled"

void slip_hook_place_clear(struct slip_hook_place *p)
{
    slip_free(p->dir);
    slip_free(p->usual_dir);
    slip_free(p->top);
    slip_free(p->path);
    slip_free(p->chained);
    slip_free(p->shared_file);
    slip_free(p->wanted);
    *p = (struct slip_hook_place){ 0 };
}

/* ---- asking git ---- */

/* One line of git, or NULL when it has no answer. */
static int ask(const struct slip_git *git, const char *const *words, char **out,
               struct slip_error *err)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    int status = 0;
    if (slip_git_run(git, words, &text, &status, err) < 0)
        return -1;
    *out = status == 0 ? slip_buf_detach(&text) : NULL;
    return 0;
}

static int absolute(const struct slip_git *git, const char *path, char **out,
                    struct slip_error *err)
{
    char here[PATH_MAX];
    SLIP_AUTO(slip_buf) joined = SLIP_BUF(2 * PATH_MAX);
    if (path[0] == '/') {
        slip_path_clean(slip_str_of(path), &joined);
    } else {
        if (!getcwd(here, sizeof(here)))
            return slip_fail(err, SLIP_E_REPO, "getcwd: %s", strerror(errno));
        SLIP_AUTO(slip_buf) base = SLIP_BUF(2 * PATH_MAX);
        if (git->dir && git->dir[0] == '/')
            slip_buf_add_c(&base, git->dir);
        else
            slip_path_join(slip_str_of(here), slip_str_of(git->dir), &base);
        slip_path_join(slip_buf_str(&base), slip_str_of(path), &joined);
    }
    *out = slip_buf_detach(&joined);
    return 0;
}

/* "git version 2.54.1.windows.1" -> 2054 */
static unsigned version_of(const char *text)
{
    unsigned major = 0, minor = 0;
    while (text && *text && !isdigit((unsigned char)*text))
        text++;
    if (!text || sscanf(text, "%u.%u", &major, &minor) != 2 || minor > 999)
        return 0;
    return major * 1000 + minor;
}

static int look_at_git(const struct slip_git *git, unsigned *version, struct slip_error *err)
{
    static const char *const words[] = { "version", NULL };
    SLIP_AUTO_FREE char *text = NULL;
    if (ask(git, words, &text, err) < 0)
        return -1;
    *version = version_of(text);
    return 0;
}

/* ---- the hook directory ---- */

static bool is_tracked(const struct slip_git *git, const char *dir)
{
    const char *const words[] = { "ls-files", "--", dir, NULL };
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_buf) out = SLIP_BUF(SLIP_LIMIT_CHILD_OUTPUT);
    int status = 0;
    return slip_git_run(git, words, &out, &status, &err) == 0 && status == 0 && out.len > 0;
}

/* Whose the directory is: core.hooksPath counts only where it names another than the default. */
static int look_at_owner(const struct slip_install *in, struct slip_hook_place *p,
                         struct slip_error *err)
{
    static const char *const common_words[] = { "rev-parse", "--git-common-dir", NULL };
    static const char *const scope_words[] = { "config", "--show-scope", "--get", "core.hooksPath",
                                               NULL };
    SLIP_AUTO_FREE char *common = NULL, *scope = NULL;
    if (ask(&in->git, common_words, &common, err) < 0 || ask(&in->git, scope_words, &scope, err) < 0
        || !common)
        return -1;
    SLIP_AUTO_FREE char *hooks = slip_printf("%s/hooks", common);
    if (absolute(&in->git, hooks, &p->usual_dir, err) < 0)
        return -1;
    struct slip_str s = slip_str_of(scope);
    if (!scope || strcmp(p->usual_dir, p->dir) == 0)
        p->facts.owner = SLIP_HOOKS_OWN;
    else if (!slip_str_starts(s, SLIP_STR("local")) && !slip_str_starts(s, SLIP_STR("worktree")))
        p->facts.owner = SLIP_HOOKS_SHARED;
    else if (p->top && is_tracked(&in->git, p->dir))
        p->facts.owner = SLIP_HOOKS_TRACKED;
    return 0;
}

static int look_at_directory(const struct slip_install *in, struct slip_hook_place *p,
                             struct slip_error *err)
{
    static const char *const dir_words[] = { "rev-parse", "--git-path", "hooks", NULL };
    static const char *const top_words[] = { "rev-parse", "--show-toplevel", NULL };
    SLIP_AUTO(slip_buf) dir = SLIP_BUF(PATH_MAX);
    if (in->template_dir) {
        SLIP_AUTO_FREE char *hooks = slip_printf("%s/hooks", in->template_dir);
        return absolute(&(struct slip_git){ 0 }, hooks, &p->dir, err);
    }
    if (slip_git_run(&in->git, dir_words, &dir, NULL, err) < 0
        || absolute(&in->git, dir.ptr, &p->dir, err) < 0
        || ask(&in->git, top_words, &p->top, err) < 0)
        return -1;
    return look_at_owner(in, p, err);
}

/* ---- what is there ---- */

/* The text of a file that is no larger than a hook of ours; empty when there is none. */
static int read_hook(const char *path, struct slip_buf *out, bool *there, struct slip_error *err)
{
    struct stat st;
    *there = stat(path, &st) == 0;
    if (!*there || st.st_size > (off_t)SLIP_HOOK_FILE_MAX)
        return 0;
    return slip_file_read_if_there(path, out, there, err);
}

/* The form that is there already is kept: it was chosen for a reason. */
static bool keeps_script(const struct slip_install *in, struct slip_str found)
{
    struct slip_record record;
    return in->copy && slip_str_starts(found, SLIP_STR("#!"))
           && slip_hook_state_of(found, SLIP_STR("")) != SLIP_HOOK_FOREIGN
           && !slip_record_find(found, &record);
}

static int look_at_file(const struct slip_install *in, struct slip_hook_place *p,
                        struct slip_buf *found, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) wanted = SLIP_BUF(SLIP_HOOK_FILE_MAX);
    struct stat st;
    bool there;
    SLIP_AUTO_FREE char *file = slip_printf("%s/pre-push", p->dir);
    SLIP_AUTO_FREE char *dot_d = slip_printf("%s.d", file);
    p->chained = slip_printf("%s.pre-slipway", file);
    p->has_chained = access(p->chained, F_OK) == 0;
    if (read_hook(file, found, &there, err) < 0)
        return -1;
    p->facts.file =
        there ? slip_hook_state_of(slip_buf_str(found), SLIP_STR("")) : SLIP_HOOK_ABSENT;
    p->facts.manager = slip_hook_manager_of(p->facts.file == SLIP_HOOK_FOREIGN ? slip_buf_str(found)
                                                                               : SLIP_STR(""),
                                            slip_str_of(p->dir));
    p->facts.has_dot_d = p->facts.file == SLIP_HOOK_FOREIGN && stat(dot_d, &st) == 0
                         && S_ISDIR(st.st_mode) && !p->facts.manager;
    p->path = p->facts.has_dot_d ? slip_printf("%s/50-slipway", dot_d) : slip_strdup(file);

    SLIP_AUTO(slip_buf) ours = SLIP_BUF(SLIP_HOOK_FILE_MAX);
    if (p->facts.has_dot_d && read_hook(p->path, &ours, &there, err) < 0)
        return -1;
    const struct slip_buf *now = p->facts.has_dot_d ? &ours : found;
    p->copy = in->copy && !keeps_script(in, slip_buf_str(now));
    if (!p->copy)
        slip_hook_script(&in->target, &wanted);
    else if (in->target.program[0] && slip_hook_copy(&in->target, &wanted, err) < 0)
        return -1;
    p->facts.file = there ? slip_hook_state_of(slip_buf_str(now), slip_buf_str(&wanted))
                    : p->facts.has_dot_d ? SLIP_HOOK_FOREIGN
                                         : SLIP_HOOK_ABSENT;
    if (p->facts.has_dot_d && there && p->facts.file == SLIP_HOOK_FOREIGN)
        return slip_fail(err, SLIP_E_CONFLICT, "'%s' is not slipway's", p->path);
    p->executable = access(p->path, X_OK) == 0;
    p->wanted_len = wanted.len;
    p->wanted = slip_buf_detach(&wanted);
    return 0;
}

/* The file of people: of a manager, or the hook itself when it is tracked. */
static int look_at_shared_file(struct slip_hook_place *p, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_HOOK_FILE_MAX);
    struct slip_str before, after;
    bool there;
    const struct slip_hook_manager *m = p->facts.manager;
    if (m && m->own_script && p->top)
        p->shared_file = slip_printf("%s/%s", p->top, m->files[0]);
    else
        p->shared_file = slip_printf("%s/pre-push", p->dir);
    if (read_hook(p->shared_file, &text, &there, err) < 0)
        return -1;
    p->facts.lines = slip_hook_lines_find(slip_buf_str(&text), &before, &after);
    if (p->facts.lines == SLIP_HOOK_ABSENT)
        p->facts.manager_runs_us = slip_hook_manager_runs_slipway(slip_buf_str(&text))
                                   && p->facts.file == SLIP_HOOK_FOREIGN;
    for (size_t i = 0; m && p->top && i < SLIP_COUNT(m->files) && m->files[i]; i++) {
        SLIP_AUTO_FREE char *file = slip_printf("%s/%s", p->top, m->files[i]);
        slip_buf_reset(&text);
        if (p->facts.lines == SLIP_HOOK_ABSENT && read_hook(file, &text, &there, err) == 0)
            p->facts.manager_runs_us |= slip_hook_manager_runs_slipway(slip_buf_str(&text));
    }
    return 0;
}

/* ---- the configuration ---- */

static const char *const scope_flags[] = { "--local", "--global", "--system" };

static int look_at_scope(const struct slip_install *in, enum slip_install_scope scope,
                         enum slip_hook_state *out, struct slip_error *err)
{
    const char *const words[] = { "config", scope_flags[scope], "--get", KEY_COMMAND, NULL };
    SLIP_AUTO(slip_buf) wanted = SLIP_BUF(SLIP_LIMIT_TEXT);
    SLIP_AUTO_FREE char *found = NULL;
    if (ask(&in->git, words, &found, err) < 0)
        return -1;
    slip_hook_command(&in->target, &wanted);
    *out = found ? slip_hook_state_of(slip_str_of(found), slip_buf_str(&wanted)) : SLIP_HOOK_ABSENT;
    if (*out == SLIP_HOOK_FOREIGN) /* the name is ours, the command was written by hand */
        *out = SLIP_HOOK_EDITED;
    return 0;
}

static int look_at_config(const struct slip_install *in, struct slip_hook_place *p,
                          struct slip_error *err)
{
    enum slip_hook_state global, everywhere;
    SLIP_AUTO(slip_git_config) config = { 0 };
    if ((in->scope == SLIP_SCOPE_LOCAL
         && look_at_scope(in, SLIP_SCOPE_LOCAL, &p->facts.local, err) < 0)
        || look_at_scope(in, SLIP_SCOPE_GLOBAL, &global, err) < 0
        || look_at_scope(in, SLIP_SCOPE_SYSTEM, &everywhere, err) < 0
        || slip_git_config_read(&in->git, &config, err) < 0)
        return -1;
    p->facts.everywhere = global != SLIP_HOOK_ABSENT ? global : everywhere;
    p->disabled = !slip_git_config_bool(&config, KEY_ENABLED, true)
                  || !slip_git_config_bool(&config, "hook.pre-push.enabled", true);
    return 0;
}

int slip_hook_look(const struct slip_install *in, struct slip_hook_place *out,
                   struct slip_error *err)
{
    SLIP_AUTO(slip_hook_place) p = { 0 };
    SLIP_AUTO(slip_buf) found = SLIP_BUF(SLIP_HOOK_FILE_MAX);
    p.facts.mode = in->mode;
    p.facts.scope = in->scope;
    p.facts.force = in->force;
    p.facts.template_dir = in->template_dir != NULL;
    bool files = in->scope == SLIP_SCOPE_LOCAL; /* else there need not be a repository here */
    if (look_at_git(&in->git, &p.facts.git, err) < 0
        || (files
            && (look_at_directory(in, &p, err) < 0 || look_at_file(in, &p, &found, err) < 0
                || look_at_shared_file(&p, err) < 0))
        || (!in->template_dir && look_at_config(in, &p, err) < 0))
        return -1;
    p.facts.dir = p.dir;
    p.facts.shared_file = p.shared_file;
    *out = p;
    p = (struct slip_hook_place){ 0 };
    return 0;
}

static bool is_ours(enum slip_hook_state s)
{
    return s == SLIP_HOOK_CURRENT || s == SLIP_HOOK_OLDER || s == SLIP_HOOK_EDITED;
}

/* The word behind "slipway=" of a text for sh. */
static struct slip_str worker_of_script(struct slip_str text)
{
    size_t at = slip_str_find_str(text, SLIP_STR("\nslipway='"));
    if (at == SLIP_NPOS)
        return SLIP_STR("");
    struct slip_str rest = slip_str_skip(text, at + strlen("\nslipway='"));
    return slip_str_first(rest, slip_str_find(rest, '\''));
}

char *slip_hook_dead_path(const struct slip_hook_place *p)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_HOOK_FILE_MAX);
    struct slip_record record = { 0 };
    struct slip_error err = { 0 };
    bool there;
    if (!is_ours(p->facts.file) || read_hook(p->path, &text, &there, &err) < 0)
        return NULL;
    if (!slip_record_find(slip_buf_str(&text), &record))
        record.worker = worker_of_script(slip_buf_str(&text));
    char *worker = slip_memdup(record.worker.ptr, record.worker.len);
    if (worker[0] && access(worker, X_OK) < 0)
        return worker;
    slip_free(worker);
    return NULL;
}

unsigned slip_hook_count(const struct slip_hook_place *p)
{
    bool config = p->facts.git >= SLIP_GIT_WITH_CONFIG_HOOKS
                  && (is_ours(p->facts.local) || is_ours(p->facts.everywhere)) && !p->disabled;
    return (unsigned)is_ours(p->facts.file) + (unsigned)is_ours(p->facts.lines)
           + (unsigned)p->facts.manager_runs_us + (unsigned)config;
}

bool slip_hook_is_in_place(const struct slip_hook_place *p)
{
    const struct slip_install_facts *f = &p->facts;
    bool config = f->git >= SLIP_GIT_WITH_CONFIG_HOOKS && !p->disabled;
    return (f->file == SLIP_HOOK_CURRENT && p->executable) || f->lines == SLIP_HOOK_CURRENT
           || f->manager_runs_us || (config && f->local == SLIP_HOOK_CURRENT)
           || (config && f->local == SLIP_HOOK_ABSENT && f->everywhere == SLIP_HOOK_CURRENT);
}

/* ---- writing ---- */

static int edited(const char *what, struct slip_error *err)
{
    slip_fail(err, SLIP_E_CONFLICT, "'%s' was edited since slipway wrote it", what);
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

static int write_file(const struct slip_install *in, const struct slip_hook_place *p,
                      struct slip_error *err)
{
    struct slip_str text = { p->wanted, p->wanted_len };
    SLIP_AUTO_FREE char *dir = slip_memdup(p->path, (size_t)(strrchr(p->path, '/') - p->path));
    bool aside = p->facts.file == SLIP_HOOK_FOREIGN && !p->facts.has_dot_d;
    if (p->facts.file == SLIP_HOOK_CURRENT && p->executable)
        return 0;
    if (p->facts.file == SLIP_HOOK_EDITED && !in->force)
        return edited(p->path, err);
    if (slip_dir_make(dir, 0777, err) < 0 || (aside && put_aside(p, err) < 0))
        return -1;
    if (slip_file_write(p->path, text, 0755, err) == 0)
        return 0;
    if (aside && rename(p->chained, p->path) < 0)
        return slip_hint(err, "the hook that was there is '%s' now", p->chained);
    return slip_hint(err, "lines for a hook elsewhere: slipway install --mode print; another "
                          "directory for hooks: git config core.hooksPath DIR");
}

static int set_config(const struct slip_install *in, const char *key, const char *value,
                      struct slip_error *err)
{
    const char *const words[] = { "config", scope_flags[in->scope], "--replace-all", key, value,
                                  NULL };
    return slip_git_run(&in->git, words, NULL, NULL, err);
}

static int write_config(const struct slip_install *in, const struct slip_hook_place *p,
                        struct slip_error *err)
{
    SLIP_AUTO(slip_buf) command = SLIP_BUF(SLIP_LIMIT_TEXT);
    bool here = in->scope == SLIP_SCOPE_LOCAL;
    if ((here ? p->facts.local : p->facts.everywhere) == SLIP_HOOK_EDITED && !in->force)
        return edited(KEY_COMMAND, err);
    slip_hook_command(&in->target, &command);
    if (set_config(in, KEY_COMMAND, command.ptr, err) < 0)
        return -1;
    return set_config(in, KEY_EVENT, "pre-push", err);
}

static int write_lines(const struct slip_install *in, const struct slip_hook_place *p,
                       struct slip_error *err)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_HOOK_FILE_MAX);
    SLIP_AUTO(slip_buf) rest = SLIP_BUF(SLIP_HOOK_FILE_MAX);
    SLIP_AUTO(slip_buf) out = SLIP_BUF(SLIP_HOOK_FILE_MAX);
    struct slip_str before, after;
    bool there;
    if (p->facts.lines == SLIP_HOOK_CURRENT)
        return 0;
    if (p->facts.lines == SLIP_HOOK_EDITED && !in->force)
        return edited(p->shared_file, err);
    if (read_hook(p->shared_file, &text, &there, err) < 0)
        return -1;
    slip_hook_lines_find(slip_buf_str(&text), &before, &after);
    slip_buf_add_str(&rest, before);
    slip_buf_add_str(&rest, after);
    if (!slip_hook_lines_add(slip_buf_str(&rest), &out))
        return slip_fail(err, SLIP_E_CONFIG, "'%s' is not for sh, start slipway from it by hand",
                         p->shared_file);
    return slip_file_write(p->shared_file, slip_buf_str(&out), 0755, err);
}

int slip_hook_install(const struct slip_install *in, const struct slip_hook_place *p,
                      enum slip_install_way way, struct slip_error *err)
{
    switch (way) {
    case SLIP_WAY_FILE:
    case SLIP_WAY_DOT_D:
        return write_file(in, p, err);
    case SLIP_WAY_CONFIG:
        return write_config(in, p, err);
    case SLIP_WAY_LINES:
        return write_lines(in, p, err);
    case SLIP_WAY_MANAGED:
    case SLIP_WAY_PRINT:
        break;
    }
    return 0;
}

/* ---- taking away ---- */

static int remove_file(const struct slip_install *in, const struct slip_hook_place *p,
                       struct slip_error *err)
{
    if (!is_ours(p->facts.file))
        return 0;
    if (p->facts.file == SLIP_HOOK_EDITED && !in->force)
        return edited(p->path, err);
    if (p->has_chained && !p->facts.has_dot_d)
        return move_file(p->chained, p->path, err);
    if (unlink(p->path) < 0)
        return slip_fail(err, SLIP_E_REPO, "cannot remove '%s': %s", p->path, strerror(errno));
    return 0;
}

static int remove_config(const struct slip_install *in, const struct slip_hook_place *p,
                         struct slip_error *err)
{
    static const char *const keys[] = { KEY_COMMAND, KEY_EVENT, KEY_ENABLED };
    enum slip_hook_state state =
        in->scope == SLIP_SCOPE_LOCAL ? p->facts.local : p->facts.everywhere;
    if (!is_ours(state))
        return 0;
    if (state == SLIP_HOOK_EDITED && !in->force)
        return edited(KEY_COMMAND, err);
    for (size_t i = 0; i < SLIP_COUNT(keys); i++) {
        const char *const words[] = { "config", scope_flags[in->scope], "--unset-all", keys[i],
                                      NULL };
        int status = 0; /* 5: it was not there */
        if (slip_git_run(&in->git, words, NULL, &status, err) < 0)
            return -1;
        if (status != 0 && status != 5)
            return slip_fail(err, SLIP_E_REPO, "git config could not remove '%s'", keys[i]);
    }
    return 0;
}

/* A file that held nothing but our lines goes with them. */
static int remove_lines(const struct slip_install *in, const struct slip_hook_place *p,
                        struct slip_error *err)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_HOOK_FILE_MAX);
    SLIP_AUTO(slip_buf) rest = SLIP_BUF(SLIP_HOOK_FILE_MAX);
    struct slip_str before, after;
    struct stat st;
    bool there;
    if (!is_ours(p->facts.lines))
        return 0;
    if (p->facts.lines == SLIP_HOOK_EDITED)
        return edited(p->shared_file, err);
    (void)in;
    if (read_hook(p->shared_file, &text, &there, err) < 0 || stat(p->shared_file, &st) < 0)
        return -1;
    slip_hook_lines_find(slip_buf_str(&text), &before, &after);
    slip_buf_add_str(&rest, before);
    slip_buf_add_str(&rest, after);
    if (slip_str_is(slip_buf_str(&rest), "#!/bin/sh\n")) {
        if (unlink(p->shared_file) < 0)
            return slip_fail(err, SLIP_E_REPO, "cannot remove '%s': %s", p->shared_file,
                             strerror(errno));
        return 0;
    }
    return slip_file_write(p->shared_file, slip_buf_str(&rest), st.st_mode & 0777, err);
}

int slip_hook_uninstall(const struct slip_install *in, const struct slip_hook_place *p,
                        struct slip_error *err)
{
    if (in->scope != SLIP_SCOPE_LOCAL)
        return remove_config(in, p, err);
    if (remove_file(in, p, err) < 0)
        return -1;
    if (in->template_dir)
        return 0;
    return remove_lines(in, p, err) < 0 || remove_config(in, p, err) < 0 ? -1 : 0;
}

/* ---- finding the executables ---- */

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

bool slip_path_has_version(struct slip_str path)
{
    struct slip_str part;
    while (slip_path_next(&path, &part)) {
        if (slip_str_is(part, "Cellar") || slip_str_is(part, "store"))
            return true;
        for (size_t i = 1; i + 1 < part.len; i++)
            if (part.ptr[i] == '.' && isdigit((unsigned char)part.ptr[i - 1])
                && isdigit((unsigned char)part.ptr[i + 1]))
                return true;
    }
    return false;
}

static bool is_same_file(const char *a, const char *b)
{
    char x[PATH_MAX], y[PATH_MAX];
    return realpath(a, x) && realpath(b, y) && strcmp(x, y) == 0;
}

char *slip_hook_worker(const char *program, const char *path_variable)
{
    struct slip_error err = { 0 };
    SLIP_AUTO_FREE char *on_path = found_on_path("slipway", path_variable);
    SLIP_AUTO_FREE char *called =
        strchr(program, '/') ? slip_strdup(program) : found_on_path(program, path_variable);
    SLIP_AUTO_FREE char *path = NULL;
    if (!called || absolute(&(struct slip_git){ 0 }, called, &path, &err) < 0)
        return NULL;
    bool better = on_path && on_path[0] == '/' && slip_path_has_version(slip_str_of(path))
                  && !slip_path_has_version(slip_str_of(on_path)) && is_same_file(on_path, path);
    return slip_strdup(better ? on_path : path);
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

char *slip_hook_program(const char *worker, const char *from_bin)
{
    char real[PATH_MAX];
    char *hook = near(worker, from_bin);
    if (!hook && realpath(worker, real))
        hook = near(real, from_bin);
    return hook;
}
