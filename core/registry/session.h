/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests to registries as the protocol wants them made: signed in, redirected, tried again.
 *
 * A host is what we know of one registry: scheme, challenge, tokens. A repo is one repository at a
 * host. A call is one request of a repo, with all the exchanges that it takes to get a final
 * answer. No ping: the first call to a host meets its challenge while the others wait for it.
 */
#ifndef SLIP_REGISTRY_SESSION_H
#define SLIP_REGISTRY_SESSION_H

#include "base/map.h"
#include "base/vec.h"
#include "net/http.h"
#include "registry/credentials.h"
#include "registry/protocol.h"
#include "registry/store.h"

struct slip_call;

/* A token for a set of scopes. */
struct slip_token {
    char *scopes; /* as asked, separated by blanks */
    struct slip_secret secret;
    uint64_t expires; /* on the transport's clock */
    unsigned serial;  /* grows with each new secret */
    char *granted;    /* "pull", "": the rights in it for our repository; NULL: it does not say */
    bool proved;      /* some request with this secret was not refused */
    struct slip_call *fetch;
    struct slip_call *waiting; /* a list */
};

struct slip_host {
    struct slip_registry *registry;
    char *name; /* as in references */
    bool http_allowed;
    enum slip_host_state { SLIP_HOST_NEW, SLIP_HOST_PROBING, SLIP_HOST_KNOWN } state;
    bool https, switched; /* the scheme in use; the other one has been tried */
    bool private_peer;    /* it lives in a private network: then it may point there */
    struct slip_http_trust trust;
    struct slip_buf ca_pem; /* these three are what `trust` points to */
    char *cert_file, *key_file;
    bool by_patch, by_put; /* how uploads have to be sent: it refused the other way */
    uint64_t part;         /* the largest body it takes; 0: any */
    bool mounts;           /* it has done so */
    bool forgets;          /* it does not know how far a broken upload got */
    bool no_referrers;     /* it does not list what hangs on a manifest */
    enum slip_auth_scheme auth;
    char *realm, *service;
    struct slip_map *tokens;   /* by scopes */
    struct slip_call *waiting; /* a list, while probing */
};

/* One repository at a host. */
struct slip_repo {
    struct slip_host *host;
    const char *path; /* borrowed from the store */
    bool credential_known;
    struct slip_credential credential;
};

enum slip_scope { SLIP_SCOPE_PULL, SLIP_SCOPE_PUSH };

struct slip_registry {
    struct slip_registry_options options;
    struct slip_http *http;
    struct slip_map *hosts;
    struct slip_credentials_options credentials;
    struct slip_http_trust trust; /* for other hosts than registries */
};

/* Where a layout is on disk; the caller's. */
char *slip_layout_path(const struct slip_registry *r, const struct slip_reference *where);

/* The host of a reference; the registry's, and the same one each time. Nothing is asked. */
struct slip_host *slip_host_get(struct slip_registry *r, const struct slip_reference *where);
void slip_repo_clear(struct slip_repo *repo);

/*
 * Fill in, begin, and wait for `done`. Then either `err` says why there is no final answer, or
 * `answer` holds one: of any status that trying again would not change.
 */
struct slip_call {
    /* in */
    struct slip_repo *repo;
    const char *method;
    char *target; /* "/v2/...", or an address that the registry gave; owned by the call */
    char *what;   /* "read manifest 'v1'": for messages; owned by the call */
    enum slip_scope scope;
    const char *mount_from;   /* a further repository to be read, or NULL */
    const char *accept;       /* or NULL */
    const char *content_type; /* or NULL */
    char range[64];           /* a whole header line, or "" */
    struct slip_str body;
    uint64_t body_size; /* with `produce` */
    size_t answer_limit;
    bool bulk;
    unsigned attempts;              /* how often it may be tried; 0: 6 */
    bool missing_may_pass;          /* 404 may be a delay of the registry: try again twice */
    bool to_token_service;          /* `target` is one: no challenge is met there */
    struct slip_buf *authorization; /* then: what to say, or NULL; owned by the caller */
    /* Streams, as in net/http.h. `take` sees bodies of answers 200 and 206 only; a call with
     * `produce` is never tried again. */
    int (*begin_take)(void *payload, const struct slip_http_answer *a, struct slip_error *err);
    int (*take)(void *payload, struct slip_str bytes, struct slip_error *err);
    int (*produce)(void *payload, char *buf, size_t size, size_t *len, struct slip_error *err);
    void (*done)(void *payload, struct slip_call *c);
    void *payload;

    /* out */
    struct slip_http_answer answer;
    struct slip_buf url; /* where the answer came from */
    struct slip_error err;

    bool running; /* begun and not done */

    /* inside */
    struct slip_call *next; /* in a list of waiting ones */
    struct slip_http_exchange *exchange;
    char *redirect;
    char *extra_scope; /* of the last challenge */
    struct slip_token *token;
    unsigned serial, tried, redirects, refusals, renewals;
    bool probe, taken, signed_in, form_sent;
    uint64_t begun, waited;
};

#define SLIP_CALL_INIT                                                                             \
    {                                                                                              \
        .answer = { .header = SLIP_BUF(0), .body = SLIP_BUF(0) }, .url = SLIP_BUF(1u << 16)        \
    }

void slip_call_begin(struct slip_call *c);
void slip_call_clear(struct slip_call *c); /* not while it runs */
SLIP_DEFINE_AUTO(slip_call, slip_call_clear);

/* Stop a running call without `done`. */
void slip_call_cancel(struct slip_call *c);

/* Go on with a stream that paused. */
void slip_call_resume(struct slip_call *c);

/* The address in the answer's Location, resolved and checked: never from https to http. */
SLIP_MUST_USE int slip_call_location(const struct slip_call *c, struct slip_buf *out,
                                     struct slip_error *err);

/* Record what a final answer other than success means. Always -1. */
int slip_call_refused(const struct slip_call *c, struct slip_error *err);

/* Did a web page come in place of what a registry answers? Say so. */
bool slip_is_web_page(const struct slip_http_answer *a);
void slip_hint_web_page(const struct slip_http_answer *a, struct slip_error *err);

/* How long to wait before what the call was part of is begun for the n-th time; false when the
 * registry asks for more patience than we have. */
bool slip_call_pause(const struct slip_call *c, unsigned n, uint64_t *ms);

/* The registry's first error code is `code`. */
bool slip_call_complains(const struct slip_call *c, const char *code);

/* For whoever keeps lists of waiting calls: add one, begin them, or fail them all. */
void slip_call_wait(struct slip_call **list, struct slip_call *c);
void slip_calls_go(struct slip_call *list);
void slip_calls_fail(struct slip_call *list, const struct slip_error *err);

/* auth.c: the token for this call, being fetched when there is none: then the call is in its list
 * of waiting ones and is begun again afterwards. */
bool slip_token_ready(struct slip_call *c);

/* Learn from a 401. False when it is final. */
bool slip_auth_challenged(struct slip_call *c);

/* Append the "Authorization: ..." line for this call; nothing when anonymous. */
void slip_auth_add_header(struct slip_call *c, struct slip_buf *line);
void slip_token_free(void *token);

/* Load the credential of a repository when it is needed for the first time. */
int slip_repo_sign_in(struct slip_repo *repo, struct slip_error *err);

#endif
