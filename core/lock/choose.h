/* SPDX-License-Identifier: Apache-2.0 */
/* Where the locks of a run are kept: what `--synchronization` says (registry-export.md 1.8). */
#ifndef SLIP_LOCK_CHOOSE_H
#define SLIP_LOCK_CHOOSE_H

#include "lock/lock.h"

#define SLIP_LOCK_SERVER_OF_WERF "https://synchronization.werf.io"

enum slip_lock_kind {
    SLIP_LOCK_UNSAID,     /* nothing was said */
    SLIP_LOCK_NONE,       /* "none": publish and look again */
    SLIP_LOCK_FILES,      /* ":local" */
    SLIP_LOCK_SERVER,     /* "http://..." or "https://..." */
    SLIP_LOCK_KUBERNETES, /* known, and not there */
};

/* `text` may be NULL. Anything else is an error of usage. */
SLIP_MUST_USE int slip_lock_kind_parse(const char *text, enum slip_lock_kind *out,
                                       struct slip_error *err);

/*
 * Of which kind they are when it has not been said: a repository in which a werf has left a
 * `client-id-*` record is locked by the server that every werf uses by default; any other by none.
 * No outside host hears of a project that has not told it its name before.
 */
enum slip_lock_kind slip_lock_kind_of_repository(enum slip_lock_kind said, bool has_client_id);

#endif
