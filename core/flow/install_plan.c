/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the hook goes. In this order: where it is already; what was asked for; the hook file when
 * nobody else is there; git's configuration, which leaves everything of others alone; a hook of
 * others made ours with theirs behind it; and when that would break something, lines to add.
 */
#include "flow/install_plan.h"

static bool is_ours(enum slip_hook_state s)
{
    return s == SLIP_HOOK_CURRENT || s == SLIP_HOOK_OLDER || s == SLIP_HOOK_EDITED;
}

static bool has_config_hooks(const struct slip_install_facts *f)
{
    return f->git >= SLIP_GIT_WITH_CONFIG_HOOKS;
}

static int go(struct slip_install_plan *out, enum slip_install_way way, const char *note)
{
    *out = (struct slip_install_plan){ way, note };
    return 0;
}

#define CONFIG_NOTE                                                                                \
    "git before 2.54, and clients that are not git's own (JGit, libgit2), pass this hook over"

static int by_config(const struct slip_install_facts *f, struct slip_install_plan *out,
                     struct slip_error *err)
{
    if (has_config_hooks(f))
        return go(out, SLIP_WAY_CONFIG, CONFIG_NOTE);
    slip_fail(err, SLIP_E_CONFIG,
              "git %u.%u does not run hooks from its configuration, git 2.54 does", f->git / 1000,
              f->git % 1000);
    return slip_hint(err, f->scope == SLIP_SCOPE_LOCAL
                              ? "slipway install --mode file"
                              : "for repositories to come: slipway install --template-dir DIR");
}

/* ---- somebody else owns the hooks ---- */

static int refuse_shared(const struct slip_install_facts *f, struct slip_install_plan *out,
                         struct slip_error *err)
{
    if (f->force)
        return go(out, SLIP_WAY_FILE, NULL);
    out->way = SLIP_WAY_PRINT;
    slip_fail(err, SLIP_E_CONFIG, "core.hooksPath names '%s', which other repositories use too",
              f->dir);
    return slip_hint(err,
                     "add these lines there (slipway install --mode print), let --force do it, or "
                     "give this repository hooks of its own: git config core.hooksPath DIR");
}

/* A file that people share, or one that a manager makes from such a file. */
static int refuse_owned(const struct slip_install_facts *f, struct slip_install_plan *out,
                        struct slip_error *err)
{
    bool own_script = f->owner == SLIP_HOOKS_TRACKED || (f->manager && f->manager->own_script);
    if (f->force && own_script)
        return go(out, SLIP_WAY_LINES, NULL);
    if (f->force && f->manager && f->manager->chains)
        return go(out, SLIP_WAY_FILE, f->manager->note);
    out->way = SLIP_WAY_PRINT;
    if (!f->manager)
        slip_fail(err, SLIP_E_CONFIG, "core.hooksPath names '%s', which is part of this repository",
                  f->dir);
    else
        slip_fail(err, SLIP_E_CONFIG, "%s writes the hooks of this repository%s%s",
                  f->manager->name, f->manager->note ? "; " : "",
                  f->manager->note ? f->manager->note : "");
    if (own_script)
        return slip_hint(err, "add these lines to %s, or let --force do it; then install again",
                         f->shared_file);
    if (f->manager->snippet)
        return slip_hint(err, "add these lines to %s, then install again", f->manager->files[0]);
    return slip_hint(err, "use git 2.54 or newer: slipway install --mode config");
}

/* In the hook directory of this repository alone. */
static int in_own_directory(const struct slip_install_facts *f, struct slip_install_plan *out,
                            struct slip_error *err)
{
    if (f->file != SLIP_HOOK_FOREIGN)
        return go(out, SLIP_WAY_FILE, NULL);
    if (f->has_dot_d)
        return go(out, SLIP_WAY_DOT_D, NULL);
    if (f->manager && !f->manager->chains)
        return refuse_owned(f, out, err);
    return go(out, SLIP_WAY_FILE, f->manager ? f->manager->note : NULL);
}

static int by_file(const struct slip_install_facts *f, struct slip_install_plan *out,
                   struct slip_error *err)
{
    if (is_ours(f->file))
        return go(out, SLIP_WAY_FILE, NULL);
    if (f->owner == SLIP_HOOKS_TRACKED || (f->manager && f->manager->own_script))
        return refuse_owned(f, out, err);
    if (f->owner == SLIP_HOOKS_SHARED)
        return refuse_shared(f, out, err);
    return in_own_directory(f, out, err);
}

static int as_it_is_best(const struct slip_install_facts *f, struct slip_install_plan *out,
                         struct slip_error *err)
{
    bool nobody_else = f->owner == SLIP_HOOKS_OWN && f->file == SLIP_HOOK_ABSENT
                       && !(f->manager && f->manager->own_script);
    if (is_ours(f->file))
        return go(out, SLIP_WAY_FILE, NULL);
    if (is_ours(f->local))
        return go(out, SLIP_WAY_CONFIG, NULL);
    if (is_ours(f->lines))
        return go(out, SLIP_WAY_LINES, NULL);
    if (f->manager_runs_us)
        return go(out, SLIP_WAY_MANAGED, NULL);
    if (is_ours(f->everywhere) && has_config_hooks(f))
        return go(out, SLIP_WAY_MANAGED, NULL);
    if (nobody_else || f->has_dot_d)
        return by_file(f, out, err);
    if (has_config_hooks(f))
        return go(out, SLIP_WAY_CONFIG, CONFIG_NOTE);
    return by_file(f, out, err);
}

int slip_install_decide(const struct slip_install_facts *f, struct slip_install_plan *out,
                        struct slip_error *err)
{
    *out = (struct slip_install_plan){ SLIP_WAY_FILE, NULL };
    if (f->template_dir)
        return 0;
    if (f->mode == SLIP_INSTALL_PRINT)
        return go(out, SLIP_WAY_PRINT, f->manager ? f->manager->note : NULL);
    if (f->mode == SLIP_INSTALL_CONFIG || f->scope != SLIP_SCOPE_LOCAL)
        return by_config(f, out, err);
    return f->mode == SLIP_INSTALL_FILE ? by_file(f, out, err) : as_it_is_best(f, out, err);
}

void slip_install_lines(const struct slip_install_facts *f, struct slip_buf *file,
                        struct slip_buf *out)
{
    if (f->manager && !f->manager->own_script) {
        if (!f->manager->snippet)
            return;
        slip_buf_add_c(file, f->manager->files[0]);
        slip_buf_add_c(out, f->manager->snippet);
        return;
    }
    slip_buf_add_c(file, f->shared_file);
    slip_hook_lines(out);
}
