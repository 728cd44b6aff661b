/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that own the hooks of a repository, and how people add one to theirs. */
#ifndef SLIP_FLOW_HOOK_MANAGER_H
#define SLIP_FLOW_HOOK_MANAGER_H

#include "base/str.h"

struct slip_hook_manager {
    const char *name;
    const char *in_hook;  /* text found in the hook files it writes, or NULL */
    const char *dir;      /* last components of the hook directory it sets up, or NULL */
    const char *files[4]; /* at the top of the work tree: where people say what runs */
    bool own_script;      /* people write the hook for it as a file for sh: our lines go there */
    bool chains;          /* its hook still works after it was renamed, and is not written anew
                             whenever it pleases */
    const char *snippet;  /* what to add to the first of `files`; NULL: nothing that would work */
    const char *note;     /* what else people need to know, or NULL */
};

/* The one that wrote this hook, or NULL. `hook` may be empty, `dir` is the hook directory. */
const struct slip_hook_manager *slip_hook_manager_of(struct slip_str hook, struct slip_str dir);

/* The whole table, ended by a row without a name. */
extern const struct slip_hook_manager slip_hook_managers[];

/* Does a file of a manager start slipway? */
bool slip_hook_manager_runs_slipway(struct slip_str file);

#endif
