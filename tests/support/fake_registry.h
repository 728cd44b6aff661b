/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registries in memory behind a transport that does harm to one request: what a small registry and
 * tests/support/fault_proxy.c do together, without a process. Time stands still but for timers.
 *
 * Every host is a registry, every path a repository. A manifest is taken when all it names is in
 * its repository; uploads, resumed ones too, and mounts are as the specification has them.
 */
#ifndef SLIP_TESTS_FAKE_REGISTRY_H
#define SLIP_TESTS_FAKE_REGISTRY_H

#include "base/str.h"
#include "net/http.h"

struct fake_registry;

struct fake_registry *fake_registry_new(void);
void fake_registry_free(struct fake_registry *r);

/* Put something in; `repository` is "HOST/PATH". A manifest is there under its digest, too. */
void fake_registry_add_blob(struct fake_registry *r, const char *repository, struct slip_str blob);
void fake_registry_add_manifest(struct fake_registry *r, const char *repository, const char *name,
                                const char *media_type, struct slip_str body);

/* The digest under a name, NULL when it is not there; and whether all that it leads to is. */
const char *fake_registry_digest(struct fake_registry *r, const char *repository, const char *name);
bool fake_registry_is_whole(struct fake_registry *r, const char *repository, const char *name);

/* How many names a repository has; is everything whole that its names and digests lead to? */
size_t fake_registry_count(struct fake_registry *r, const char *repository, bool *whole);

enum fake_harm {
    FAKE_NONE,
    FAKE_500,
    FAKE_503,
    FAKE_429,
    FAKE_401,
    FAKE_404,
    FAKE_LOSE,       /* the registry does its work, the answer is lost */
    FAKE_CUT,        /* the connection breaks in the middle of the request's body */
    FAKE_TRUNCATE,   /* ... of the answer's body */
    FAKE_DELAY,      /* all others are faster */
    FAKE_DIE_BEFORE, /* the process is gone: this request and all later ones do not arrive */
    FAKE_DIE_DURING, /* ... half of this one does */
    FAKE_DIE_AFTER,  /* ... this one does */
    FAKE_HARMS
};

/* A transport to all hosts; request number `at` (from 1) is harmed. */
struct slip_http *fake_transport_new(struct fake_registry *r, enum fake_harm harm, unsigned at);
/* How many requests were made of all of them so far. */
unsigned fake_registry_requests(const struct fake_registry *r);

#endif
