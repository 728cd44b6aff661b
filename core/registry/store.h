/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A repository of images: in a registry over HTTP, or an OCI image layout on disk. Callers do not
 * know which. Every operation takes a batch, so that a registry can be asked many things at once
 * on few connections; results stand in the batch, one error per item.
 *
 * Blobs are moved with registry/copy.h. Digests are "sha256:" and 64 hex digits everywhere.
 */
#ifndef SLIP_REGISTRY_STORE_H
#define SLIP_REGISTRY_STORE_H

#include "base/buf.h"
#include "base/error.h"
#include "base/watch.h"
#include "registry/reference.h"

struct slip_store;

#define SLIP_DIGEST_LEN (7 + 64)

struct slip_manifest_get {
    const char *identifier; /* in: tag or digest */
    const char *accept;     /* in: media types, or NULL for all that werf accepts */
    bool found;             /* out; the rest only when found */
    char media_type[256];   /* out: as served, without parameters only when there were none */
    char digest[SLIP_DIGEST_LEN + 1]; /* out: of the bytes, verified */
    struct slip_buf body;             /* out: cleared by the caller */
    struct slip_error err;
};

struct slip_manifest_head {
    const char *identifier;
    struct slip_store *store; /* in: for slip_heads_everywhere alone */
    bool found;
    char digest[SLIP_DIGEST_LEN + 1];
    struct slip_error err;
};

#define SLIP_LACKING_MAX 8

struct slip_manifest_put {
    const char *identifier; /* in: a tag, or the digest of `body` for a manifest without a name */
    const char *media_type;
    struct slip_str body;
    struct slip_store *store;         /* in: for slip_puts_everywhere alone */
    char digest[SLIP_DIGEST_LEN + 1]; /* out: of what was written, verified */
    /* out, with `err`: refused because of what it names. Which of that is not there, as far as the
     * registry says; nothing when it does not say, or when there is more. */
    bool lacks;
    unsigned n_lacking;
    char lacking[SLIP_LACKING_MAX][SLIP_DIGEST_LEN + 1];
    struct slip_error err;
};

struct slip_blob_get { /* small blobs: configs */
    const char *digest;
    uint64_t size; /* from the descriptor; UINT64_MAX when it is not known */
    bool found;
    struct slip_buf body; /* verified against the digest */
    struct slip_error err;
};

/* Called once per tag in any order; -1 (with err) stops the listing. */
typedef int slip_tag_fn(void *payload, struct slip_str tag, struct slip_error *err);

struct slip_store_ops {
    /* Every tag. A repository that does not exist has none. */
    int (*list_tags)(struct slip_store *s, slip_tag_fn *fn, void *payload, struct slip_error *err);
    /* These return -1 when any item failed; the item's err says why. Each item is tried. */
    int (*get_manifests)(struct slip_store *s, struct slip_manifest_get *items, size_t n);
    int (*head_manifests)(struct slip_store *s, struct slip_manifest_head *items, size_t n);
    int (*put_manifests)(struct slip_store *s, struct slip_manifest_put *items, size_t n);
    int (*get_blobs)(struct slip_store *s, struct slip_blob_get *items, size_t n);
    void (*free)(struct slip_store *s);
};

/* Common head of every kind of store. */
struct slip_store {
    const struct slip_store_ops *ops;
    struct slip_reference where; /* identifier is "" */
    char *name;                  /* "host/path" or "oci:DIR", for messages */
};

/*
 * What all stores of one run share: connections, tokens, credentials, TLS settings. One per
 * process; made in hooks/, where the environment is known. What the options point to must live as
 * long as the registry.
 */
struct slip_registry_options {
    bool insecure;        /* --insecure-registry: plain HTTP may be used */
    bool skip_tls_verify; /* --skip-tls-verify-registry */
    const char *user_agent;
    const char *docker_config_dir;  /* $DOCKER_CONFIG or ~/.docker, or NULL */
    const char *const *auth_files;  /* further files in docker's format ($REGISTRY_AUTH_FILE,
                                       podman's), NULL-terminated, or NULL */
    const char *docker_auth_config; /* content of $DOCKER_AUTH_CONFIG, or NULL */
    const char *ca_file,
        *cert_dir;          /* extra CAs ($SSL_CERT_FILE); docker's certs.d directory; or NULL */
    const char *const *env; /* the environment credential helpers run in; NULL: they are not run */
    const char *http_proxy, *https_proxy, *no_proxy; /* as curl reads them, or NULL */
    int trace_fd;                                    /* as in struct slip_http_options */
    unsigned backoff_ms;  /* before the second attempt of a request, then doubling; 0: 250 */
    unsigned attempts;    /* of each request; 0: 6 */
    unsigned wait_max_s;  /* between all attempts of one; 0: 300 */
    const char *base_dir; /* what a relative "oci:" path is relative to */
    unsigned tasks;       /* requests, and blobs, at a time for one host; 0: as many as is good */
    const struct slip_watch *watch;
};

struct slip_registry; /* the shared part */
struct slip_registry *slip_registry_new(const struct slip_registry_options *o);

/* The same over another transport, which it owns from then on: for tests. */
struct slip_http;
struct slip_registry *slip_registry_new_over(const struct slip_registry_options *o,
                                             struct slip_http *http);
void slip_registry_free(struct slip_registry *r);

/* Change `attempts` and `wait_max_s` of the options for the requests that follow. */
void slip_registry_be_patient(struct slip_registry *r, unsigned attempts, unsigned wait_max_s);
SLIP_DEFINE_AUTO_PTR(slip_registry, slip_registry_free);

/* Open (no request yet). `where` is a repository of either kind; the store borrows `r`. */
SLIP_MUST_USE int slip_store_open(struct slip_registry *r, const struct slip_reference *where,
                                  struct slip_store **out, struct slip_error *err);
/* Has it answered, and in plain HTTP? */
bool slip_store_is_plain_http(const struct slip_store *s);

void slip_store_free(struct slip_store *s);
SLIP_DEFINE_AUTO_PTR(slip_store, slip_store_free);

/* The repository in one form for all who mean it: the host in lower case, of a layout the real
 * path. The caller's. */
char *slip_store_place(const struct slip_store *s);

/*
 * The same as head_manifests and put_manifests for items that each name their store: those in
 * registries go in one batch, whatever their repositories and hosts.
 */
SLIP_MUST_USE int slip_heads_everywhere(struct slip_manifest_head *items, size_t n);
SLIP_MUST_USE int slip_puts_everywhere(struct slip_manifest_put *items, size_t n);

/*
 * HEADs beside other work: they run with the next batch. Items, one at least, each name their
 * store, which is in a registry; they are borrowed until the end.
 */
struct slip_heads;
struct slip_heads *slip_heads_begin(struct slip_manifest_head *items, size_t n);
void slip_heads_wait(struct slip_heads *h); /* until each has its answer */
void slip_heads_free(struct slip_heads *h); /* what still runs is left; NULL is fine */

/* The two kinds, behind slip_store_open: registry/http_store.c and registry/layout.c. */
struct slip_store *slip_http_store_new(struct slip_registry *r, const struct slip_reference *where);
SLIP_MUST_USE int slip_layout_store_new(const char *dir, const struct slip_reference *where,
                                        struct slip_store **out, struct slip_error *err);

#endif
