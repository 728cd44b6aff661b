/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs that build images. An engine gets a context and a Dockerfile from a commit and gives an
 * image on disk; it publishes nothing and names nothing (that is publish.h).
 */
#ifndef SLIP_BUILD_ENGINE_H
#define SLIP_BUILD_ENGINE_H

#include "base/watch.h"
#include "build/context.h"

struct slip_build_arg {
    struct slip_str key, value;
};

struct slip_build_secret {
    struct slip_str id;
    struct slip_str path;  /* a file of this machine that holds it; empty: `value` is it */
    struct slip_str value; /* goes into a private file while the build runs */
};

/* What to build. Everything is borrowed. */
struct slip_build_request {
    const char *subject; /* the image, for events and messages */
    struct slip_context_source context;
    struct slip_str dockerfile;  /* content */
    struct slip_str ignore_file; /* content; empty: nothing is ignored */
    struct slip_str target;      /* stage; empty: the last */
    struct slip_str platform;    /* empty: the builder's own */
    const struct slip_build_arg *args;
    size_t n_args;
    const struct slip_str *add_hosts; /* "name:address" */
    size_t n_add_hosts;
    struct slip_str network; /* of RUN: "host", "none", or empty for the builder's own way */
    struct slip_str ssh;     /* "default" or "ID=SOCKET"; empty: none */
    const struct slip_build_secret *secrets;
    size_t n_secrets;
    /* "host:port" of the stage repository when it answers in plain HTTP, allowed or not: images it
     * depends on come from there. Empty otherwise. */
    struct slip_str plain_registry;
};

/* Where and how it is built. */
struct slip_build_host {
    const char *const *env; /* of the builder: it has variables of its own (BUILDAH_ISOLATION,
                               STORAGE_*, proxies, credentials) */
    const char *tmpdir;     /* or NULL */
    const char *docker_config_dir; /* where we look for docker's config.json, or NULL */
    bool insecure_registry; /* base images may come over plain HTTP, or with a bad certificate */
    const char *const *mirrors; /* of Docker Hub, for base images; read by slip_mirror_parse */
    size_t n_mirrors;
    const char *network; /* for images that name none, as in a request; NULL: the builder's own */
    unsigned timeout_ms; /* 0: none */
    const struct slip_watch *watch; /* hears the builder's lines as SLIP_EVENT_OUTPUT */
};

/* An image as it was built. */
struct slip_built {
    struct slip_temp_dir *dir; /* holds everything; removed by slip_built_clear */
    char *layout;              /* an image layout in it with all blobs and no names: a source for
                                  registry/copy.h through slip_layout_store_new */
    char media_type[256];
    struct slip_buf manifest, config;
};

void slip_built_clear(struct slip_built *b);
SLIP_DEFINE_AUTO(slip_built, slip_built_clear);

struct slip_engine {
    const char *name;
    const char *summary; /* for the manual page */
    bool refuses;        /* it never builds: what is missing is an error at once */
    int (*build)(const struct slip_build_host *host, const struct slip_build_request *request,
                 struct slip_built *out, struct slip_error *err);
};

extern const struct slip_engine slip_engine_buildah;

/* NULL when there is none of that name. */
const struct slip_engine *slip_engine_find(const char *name);

/* The engine after `e` (NULL: the first), or NULL. */
const struct slip_engine *slip_engine_next(const struct slip_engine *e);

/*
 * Build. Kinds of errors: SLIP_E_BUILD when the builder is missing or failed (with its last lines),
 * SLIP_E_UNSUPPORTED for what this engine cannot do.
 */
SLIP_MUST_USE int slip_engine_build(const struct slip_engine *engine,
                                    const struct slip_build_host *host,
                                    const struct slip_build_request *request,
                                    struct slip_built *out, struct slip_error *err);

#endif
