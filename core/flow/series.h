/* SPDX-License-Identifier: Apache-2.0 */
/* What a remote says about versions: its tags and its default branch, asked for once. */
#ifndef SLIP_FLOW_SERIES_H
#define SLIP_FLOW_SERIES_H

#include "base/buf.h"
#include "base/vec.h"
#include "repo/git.h"
#include "rule/decide.h"
#include "rule/expand.h"

struct slip_remote_series {
    bool asked;
    struct slip_series series; /* points into the rest */
    struct slip_buf tags, default_branch;
    struct {
        SLIP_VEC(struct slip_str);
    } names;
};

void slip_remote_series_clear(struct slip_remote_series *s);
SLIP_DEFINE_AUTO(slip_remote_series, slip_remote_series_clear);

/*
 * Ask the remote (a name or an address; NULL: there is none), once, if one of these decisions has
 * names that move. What stays unknown holds such names back, with a notice; it is no error.
 */
void slip_remote_series_ask(struct slip_remote_series *s, const struct slip_git *git,
                            const char *remote, const struct slip_decision *decisions, size_t n);

#endif
