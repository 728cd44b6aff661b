/* SPDX-License-Identifier: Apache-2.0 */
/* Putting the hook where it belongs, taking it away, and looking at what is there. */
#ifndef SLIP_FLOW_INSTALL_H
#define SLIP_FLOW_INSTALL_H

#include "flow/install_plan.h"
#include "repo/git.h"

struct slip_install {
    struct slip_git git;
    struct slip_hook_target target;
    enum slip_install_mode mode;
    enum slip_install_scope scope;
    const char *template_dir; /* its hooks/ instead of a repository's, or NULL */
    bool copy;                /* the hook file is a copy of the executable, else a text for sh */
    bool force;
};

/* Where the hook is or would be, and what is there. Paths are absolute. */
struct slip_hook_place {
    char *dir;         /* of hook files */
    char *usual_dir;   /* the same when core.hooksPath is not set; NULL for a template directory */
    char *top;         /* of the work tree, or NULL */
    char *path;        /* of the hook file: pre-push, or pre-push.d/50-slipway */
    char *chained;     /* where a hook that was there before is kept */
    char *shared_file; /* the one that people edit, or NULL */
    char *wanted;      /* what the hook file should hold */
    size_t wanted_len;
    bool has_chained, executable, copy;
    bool disabled; /* git is told not to run the hook of its configuration */
    struct slip_install_facts facts;
};
void slip_hook_place_clear(struct slip_hook_place *p);
SLIP_DEFINE_AUTO(slip_hook_place, slip_hook_place_clear);

/*
 * Look at the repository where git would run; nothing is changed. A hook file of ours keeps its
 * form (`copy`) unless that was asked for otherwise.
 */
SLIP_MUST_USE int slip_hook_look(const struct slip_install *in, struct slip_hook_place *out,
                                 struct slip_error *err);

/* The `slipway` that the hook file of ours starts, when that is not there any more; else NULL. */
char *slip_hook_dead_path(const struct slip_hook_place *p);

/* How many of our hooks git would run for one push. More than one: the work is done twice. */
unsigned slip_hook_count(const struct slip_hook_place *p);

/* Our hook is there, as it would be written now, and git runs it. */
bool slip_hook_is_in_place(const struct slip_hook_place *p);

/*
 * Write the hook by the way that was decided. A hook of ours that was edited is an error unless
 * forced, and so is a hook of others where another one is kept already.
 */
SLIP_MUST_USE int slip_hook_install(const struct slip_install *in, const struct slip_hook_place *p,
                                    enum slip_install_way way, struct slip_error *err);

/*
 * Take away what is ours: the hook file, lines in the shared one, settings of `in->scope`. What was
 * there before comes back. Nothing there: no error.
 */
SLIP_MUST_USE int slip_hook_uninstall(const struct slip_install *in,
                                      const struct slip_hook_place *p, struct slip_error *err);

/* ---- finding the executables ---- */

/*
 * The `slipway` to write down for later: absolute, and of the paths that lead to this one the one
 * that an upgrade leaves alone. `program` is how it was called, with a slash or found in
 * `path_variable`. NULL: not found.
 */
char *slip_hook_worker(const char *program, const char *path_variable);

/* Does the path hold a version, so that it will be gone after an upgrade? */
bool slip_path_has_version(struct slip_str path);

/* The pre-push executable that belongs to it; links are followed only if need be. NULL: none. */
char *slip_hook_program(const char *worker, const char *from_bin);

#endif
