/* SPDX-License-Identifier: Apache-2.0 */
/* The hook file that `slipway install` writes (hooks-and-ci.md section 3). */
#ifndef SLIP_FLOW_INSTALL_H
#define SLIP_FLOW_INSTALL_H

#include "repo/git.h"

struct slip_install {
    struct slip_git git;
    const char *hook_program; /* absolute path of the pre-push executable */
    const char *from_bin;     /* how to get there from the directory of `slipway` on PATH */
    const char *remote;       /* the one that rules mean when they name none */
    bool force;
};

enum slip_hook_state {
    SLIP_HOOK_ABSENT,
    SLIP_HOOK_CURRENT,
    SLIP_HOOK_OLDER,  /* written by slipway, with other text than it would be now */
    SLIP_HOOK_EDITED, /* written by slipway, changed by hand */
    SLIP_HOOK_FOREIGN,
};

/* Where the hook is, and what is there. */
struct slip_hook_place {
    char *dir;     /* absolute */
    char *path;    /* of the hook */
    char *chained; /* where a hook that was there before is kept */
    bool has_chained, executable;
    enum slip_hook_state state;
};
void slip_hook_place_clear(struct slip_hook_place *p);
SLIP_DEFINE_AUTO(slip_hook_place, slip_hook_place_clear);

SLIP_MUST_USE int slip_hook_look(const struct slip_install *in, struct slip_hook_place *out,
                                 struct slip_error *err);

/*
 * Write the hook, or bring it up to date. A hook of somebody else is renamed and runs first. A hook
 * of ours that was edited is an error unless forced. `before` tells what had been there.
 */
SLIP_MUST_USE int slip_hook_install(const struct slip_install *in, struct slip_hook_place *before,
                                    struct slip_error *err);

/* Take the hook away and put back what was there before it. Not there: no error. */
SLIP_MUST_USE int slip_hook_uninstall(const struct slip_install *in, struct slip_hook_place *before,
                                      struct slip_error *err);

/* Append the text of the hook file. */
void slip_hook_text(const struct slip_install *in, struct slip_buf *out);

/*
 * The pre-push executable that belongs to a `slipway` executable, absolute; NULL when there is
 * none. `program` is how slipway was called, with a slash or found in `path_variable`. Links are
 * followed only if need be: a link may outlive an upgrade, what it points to may not.
 */
char *slip_hook_program(const char *program, const char *path_variable, const char *from_bin);

#endif
