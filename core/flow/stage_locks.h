/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The locks under which stages of one repository are published: those that were asked for, those
 * that a werf uses with this repository, and the repository's own when it is an image layout.
 */
#ifndef SLIP_FLOW_STAGE_LOCKS_H
#define SLIP_FLOW_STAGE_LOCKS_H

#include "lock/choose.h"
#include "lock/server.h"
#include "registry/stages.h"

/* What a person and the environment say. Borrowed. */
struct slip_lock_settings {
    const char *synchronization; /* --synchronization, or NULL */
    const char *werf_home;       /* $WERF_HOME or ~/.werf; NULL when neither is known */
    struct slip_http_options http;
    struct slip_http_trust trust;
};

struct slip_stage_locks {
    const struct slip_lock_settings *settings;
    struct slip_registry *registry;
    struct slip_store *store;
    struct slip_stages *stages; /* of the same; "client-id-" is among what is kept of the tags */
    struct slip_str project;
    int64_t (*now_ms)(void);
    void (*wait_ms)(int64_t ms);
    const struct slip_watch *watch;
};

#define SLIP_CLIENT_ID_PREFIX "client-id-"

/*
 * `*out` is NULL when there is no lock to take. May ask a lock server for an id and leave a record
 * of it in the repository; what `o` points to must live as long as the locks.
 */
SLIP_MUST_USE int slip_stage_locks_open(const struct slip_stage_locks *o, struct slip_locks **out,
                                        struct slip_error *err);

/*
 * The number that stands behind a client id. It is about twice the Unix time in milliseconds, as
 * werf works it out: the record with the smallest number counts, and one with the right time would
 * take the locks away from every werf that is running.
 */
int64_t slip_client_id_number(int64_t now_ms);

#endif
