/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the hook goes: a decision from what was found, without looking at anything itself
 * (hooks-and-ci.md section 3.2).
 */
#ifndef SLIP_FLOW_INSTALL_PLAN_H
#define SLIP_FLOW_INSTALL_PLAN_H

#include "flow/hook_manager.h"
#include "flow/hook_text.h"

enum slip_install_mode {
    SLIP_INSTALL_AUTO,
    SLIP_INSTALL_FILE,   /* a hook file, whatever else git could do */
    SLIP_INSTALL_CONFIG, /* git's own configuration, from git 2.54 on */
    SLIP_INSTALL_PRINT,  /* nothing is written, the lines to add are printed */
};

enum slip_install_scope { SLIP_SCOPE_LOCAL, SLIP_SCOPE_GLOBAL, SLIP_SCOPE_SYSTEM };

/* Who else core.hooksPath concerns. */
enum slip_hooks_owner {
    SLIP_HOOKS_OWN,     /* the repository's own directory, tracked by nobody */
    SLIP_HOOKS_TRACKED, /* files of the commits: shared by all who work on it */
    SLIP_HOOKS_SHARED,  /* set for all repositories of a person or a machine */
};

struct slip_install_facts {
    enum slip_install_mode mode;
    enum slip_install_scope scope;
    bool force, template_dir;
    unsigned git; /* its version, 2054 for 2.54 */
    enum slip_hooks_owner owner;
    enum slip_hook_state file;               /* what stands where the hook file belongs */
    enum slip_hook_state lines;              /* ours in a file of people: `shared_file` */
    enum slip_hook_state local;              /* ours in the configuration, by scope */
    enum slip_hook_state everywhere;         /* the same, global or system */
    const struct slip_hook_manager *manager; /* or NULL */
    bool manager_runs_us;                    /* its file starts slipway */
    bool has_dot_d;                          /* there is pre-push.d beside a hook of others */
    const char *dir, *shared_file;           /* for messages */
};

enum slip_install_way {
    SLIP_WAY_FILE,    /* the hook file; a hook of others is renamed and runs first */
    SLIP_WAY_DOT_D,   /* 50-slipway in pre-push.d */
    SLIP_WAY_CONFIG,  /* the configuration of `scope` */
    SLIP_WAY_LINES,   /* lines in the shared file */
    SLIP_WAY_MANAGED, /* a manager runs us already, or all repositories have us: nothing to write */
    SLIP_WAY_PRINT,   /* print what to add; with an error, unless it was asked for */
};

struct slip_install_plan {
    enum slip_install_way way;
    const char *note; /* one more line to say, or NULL */
};

/* SLIP_E_CONFIG when it has to be refused; `way` is SLIP_WAY_PRINT then if there are lines to add.
 */
SLIP_MUST_USE int slip_install_decide(const struct slip_install_facts *f,
                                      struct slip_install_plan *out, struct slip_error *err);

/* What people can add, and where ("" when there is nothing). */
void slip_install_lines(const struct slip_install_facts *f, struct slip_buf *file,
                        struct slip_buf *out);

#define SLIP_GIT_WITH_CONFIG_HOOKS 2054

#endif
