/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `slipway install` writes, in four forms, and how to know it again (hooks-and-ci.md section
 * 3.3). All carry a hash of themselves, so that what was edited by hand is never overwritten or
 * removed without being asked.
 */
#ifndef SLIP_FLOW_HOOK_TEXT_H
#define SLIP_FLOW_HOOK_TEXT_H

#include "base/buf.h"
#include "base/error.h"

/* How a hook finds slipway again. Paths are absolute. */
struct slip_hook_target {
    const char *program;  /* the pre-push executable */
    const char *worker;   /* `slipway`, by a path that an upgrade leaves alone */
    const char *from_bin; /* the way from the directory of `slipway` to `program` */
    const char *remote;   /* the one that rules mean when they name none */
    const char *rules;    /* slipway.rulesFile, or NULL */
};

enum slip_hook_state {
    SLIP_HOOK_ABSENT,
    SLIP_HOOK_CURRENT,
    SLIP_HOOK_OLDER,  /* written by slipway, with other text than it would be now */
    SLIP_HOOK_EDITED, /* written by slipway, changed by hand */
    SLIP_HOOK_FOREIGN,
};

/* The hook file as a copy of the executable with its record (proc/record.h). */
#define SLIP_HOOK_FILE_MAX (16u << 20)
SLIP_MUST_USE int slip_hook_copy(const struct slip_hook_target *t, struct slip_buf *out,
                                 struct slip_error *err);

/* The hook file as a text for sh, for builds without a static executable and for repositories that
 * systems of several kinds share. */
void slip_hook_script(const struct slip_hook_target *t, struct slip_buf *out);

/* `hook.slipway-pre-push.command` of git's configuration: one line for sh. */
void slip_hook_command(const struct slip_hook_target *t, struct slip_buf *out);

/*
 * Lines for a hook file that belongs to people and is shared by them: without paths of this
 * machine, harmless where slipway is not installed, and later lines get the same stdin.
 */
void slip_hook_lines(struct slip_buf *out);

/* What a hook file, or the command in the configuration, is. */
enum slip_hook_state slip_hook_state_of(struct slip_str found, struct slip_str wanted);

/*
 * Our lines inside another text: ABSENT, CURRENT, OLDER or EDITED. `before` and `after` are what
 * stands around them.
 */
enum slip_hook_state slip_hook_lines_find(struct slip_str text, struct slip_str *before,
                                          struct slip_str *after);

/*
 * The text with our lines in it, behind its "#!" line: later lines may read stdin, and would leave
 * nothing for us. False: it is not for sh.
 */
bool slip_hook_lines_add(struct slip_str text, struct slip_buf *out);

#endif
