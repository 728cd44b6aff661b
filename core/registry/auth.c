/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signing in: challenges, and tokens from token services (registry-export.md sections 4.2, 4.3).
 *
 * Tokens belong to a host and a set of scopes. One request fetches a token; the calls that need it
 * wait meanwhile.
 */
#include "registry/session.h"

#include "base/limits.h"
#include "net/url.h"
#include "value/base64.h"
#include "value/json.h"

#include <ctype.h>

#define LIFE_LEAST_S 60u
#define SCOPES_LIMIT 8192
#define REFUSALS 2  /* of tokens that never worked */
#define RENEWALS 30 /* of tokens that worked for others: they die young here */

int slip_repo_sign_in(struct slip_repo *repo, struct slip_error *err)
{
    struct slip_host *host = repo->host;
    if (repo->credential_known)
        return 0;
    if (slip_credentials_find(&host->registry->credentials, host->name, repo->path,
                              &repo->credential, err)
        < 0)
        return -1;
    repo->credential_known = true;
    return 0;
}

void slip_repo_clear(struct slip_repo *repo)
{
    slip_credential_clear(&repo->credential);
    repo->credential_known = false;
}

void slip_token_free(void *p)
{
    struct slip_token *token = p;
    slip_secret_clear(&token->secret);
    slip_free(token->scopes);
    slip_free(token->granted);
    slip_free(token);
}

/* "repository:a/b:pull" grants nothing that "repository:a/b:push,pull" does not. */
static bool scope_is_covered(struct slip_str scope, struct slip_str by)
{
    struct slip_str name, actions, by_name, by_actions, action;
    if (!slip_str_rcut(scope, ':', &name, &actions)
        || !slip_str_rcut(by, ':', &by_name, &by_actions) || !slip_str_eq(name, by_name))
        return false;
    while (actions.len > 0) {
        slip_str_cut(actions, ',', &action, &actions);
        struct slip_str rest = by_actions, have = { 0 };
        bool found = false;
        while (rest.len > 0 && !found) {
            slip_str_cut(rest, ',', &have, &rest);
            found = slip_str_eq(have, action);
        }
        if (!found)
            return false;
    }
    return true;
}

static void add_scope(struct slip_buf *out, struct slip_str scope)
{
    if (out->len > 0)
        slip_buf_add_char(out, ' ');
    slip_buf_add_str(out, scope);
}

/* All scopes of a call, the most important first: some registries look at the first only. */
static void add_scopes(const struct slip_call *c, enum slip_scope right, struct slip_buf *out)
{
    SLIP_AUTO(slip_buf) own = SLIP_BUF(SCOPES_LIMIT);
    slip_buf_add_fmt(&own, "repository:%s:%s", c->repo->path,
                     right == SLIP_SCOPE_PUSH ? "push,pull" : "pull");
    struct slip_str rest = slip_str_of(c->extra_scope), scope;
    while (rest.len > 0) {
        slip_str_cut(rest, ' ', &scope, &rest);
        if (scope.len > 0 && !scope_is_covered(scope, slip_buf_str(&own)))
            add_scope(out, scope);
    }
    add_scope(out, slip_buf_str(&own));
    if (c->mount_from && strcmp(c->mount_from, c->repo->path) != 0) {
        slip_buf_reset(&own);
        slip_buf_add_fmt(&own, "repository:%s:pull", c->mount_from);
        add_scope(out, slip_buf_str(&own));
    }
}

static bool is_fresh(const struct slip_token *t, uint64_t now)
{
    return slip_secret_is_set(&t->secret) && now < t->expires;
}

/* The token for the call's scopes; one with more rights is as good for reading. */
static struct slip_token *choose_token(const struct slip_call *c, uint64_t now)
{
    struct slip_map *tokens = c->repo->host->tokens;
    for (int right = SLIP_SCOPE_PUSH; right >= (int)c->scope; right--) {
        SLIP_AUTO(slip_buf) scopes = SLIP_BUF(2 * SCOPES_LIMIT);
        add_scopes(c, (enum slip_scope)right, &scopes);
        struct slip_token *t = slip_map_get(tokens, slip_buf_str(&scopes));
        if (t && (right == (int)c->scope || t->fetch || is_fresh(t, now)))
            return t;
        if (right != (int)c->scope)
            continue;
        t = slip_new(struct slip_token);
        t->scopes = slip_memdup(scopes.ptr, scopes.len);
        slip_map_set(tokens, slip_buf_str(&scopes), t);
        return t;
    }
    return NULL;
}

static void fetch_by_get(struct slip_call *fetch, struct slip_token *t)
{
    const struct slip_host *host = fetch->repo->host;
    SLIP_AUTO(slip_buf) url = SLIP_BUF(1u << 16);
    slip_buf_add_c(&url, host->realm);
    if (host->service)
        slip_url_add_query(&url, "service", slip_str_of(host->service));
    struct slip_str rest = slip_str_of(t->scopes), scope;
    while (rest.len > 0) {
        slip_str_cut(rest, ' ', &scope, &rest);
        slip_url_add_query(&url, "scope", scope);
    }
    fetch->method = "GET";
    fetch->content_type = NULL;
    slip_free(fetch->target);
    fetch->target = slip_buf_detach(&url);
}

/* One pair of a form. */
static void add_field(struct slip_buf *form, const char *name, const char *value)
{
    if (form->len > 0)
        slip_buf_add_char(form, '&');
    slip_buf_add_fmt(form, "%s=", name);
    slip_url_encode(slip_str_of(value), form);
}

/* What a token request says about us. Wiped when it is over. */
struct fetch {
    struct slip_token *token;
    struct slip_buf authorization, form;
    struct slip_call call;
};

static void fetch_by_post(struct fetch *f)
{
    const struct slip_repo *repo = f->call.repo;
    add_field(&f->form, "grant_type", "refresh_token");
    add_field(&f->form, "refresh_token", slip_secret_reveal(&repo->credential.identity));
    add_field(&f->form, "service", repo->host->service ? repo->host->service : "");
    add_field(&f->form, "client_id", "slipway");
    add_field(&f->form, "scope", f->token->scopes);
    f->call.method = "POST";
    f->call.target = slip_strdup(repo->host->realm);
    f->call.content_type = "application/x-www-form-urlencoded";
    f->call.body = slip_buf_str(&f->form);
}

static void add_basic(const struct slip_credential *cred, struct slip_buf *line)
{
    const struct slip_secret *password =
        slip_secret_is_set(&cred->password) ? &cred->password : &cred->identity;
    SLIP_AUTO(slip_buf) plain = SLIP_BUF(SLIP_LIMIT_TOKEN_BODY);
    slip_buf_add_fmt(&plain, "%s:", cred->user ? cred->user : "");
    slip_buf_add_c(&plain, slip_secret_reveal(password));
    slip_buf_add_c(line, "Authorization: Basic ");
    slip_base64_encode(slip_buf_str(&plain), line);
    slip_wipe(plain.ptr, plain.len);
}

static void fetch_free(struct fetch *f)
{
    slip_wipe(f->authorization.ptr, f->authorization.len);
    slip_wipe(f->form.ptr, f->form.len);
    slip_buf_clear(&f->authorization);
    slip_buf_clear(&f->form);
    slip_call_clear(&f->call);
    slip_free(f);
}

static struct slip_str secret_of(const struct slip_value *root)
{
    static const char *const names[] = { "access_token", "token" };
    for (size_t i = 0; i < SLIP_COUNT(names); i++) {
        struct slip_str secret = slip_value_text(root, names[i]);
        if (secret.len > 0)
            return secret;
    }
    return (struct slip_str){ 0 };
}

/* It goes into a header line: nothing that could end the line. */
static bool is_header_text(struct slip_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < ' ' || s.ptr[i] > '~')
            return false;
    return s.len > 0;
}

/* The rights for `name` in the "access" list of a token's claims, joined with commas. */
static char *rights_in(const struct slip_value *claims, const char *name)
{
    const struct slip_value *access = slip_value_get(claims, "access");
    SLIP_AUTO(slip_buf) rights = SLIP_BUF(256);
    if (!access || access->type != SLIP_VALUE_LIST)
        return NULL;
    for (size_t i = 0; i < access->len; i++) {
        const struct slip_value *n = slip_value_get(access->items[i], "name");
        const struct slip_value *actions = slip_value_get(access->items[i], "actions");
        if (!n || !actions || actions->type != SLIP_VALUE_LIST || !slip_str_is(n->text, name))
            continue;
        for (size_t k = 0; k < actions->len; k++) {
            slip_buf_add_c(&rights, rights.len ? "," : "");
            slip_printable_add(actions->items[k]->text, 32, &rights);
        }
    }
    return slip_buf_detach(&rights);
}

/* What a token grants, where it is one that says so (RFC 7519: three parts, the second are claims);
 * only for messages, so it is not verified. */
static char *granted_by(struct slip_str token, const char *name)
{
    struct slip_str head, claims, signature;
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TOKEN_BODY);
    SLIP_AUTO(slip_buf) json = SLIP_BUF(SLIP_LIMIT_TOKEN_BODY);
    SLIP_AUTO(slip_doc) doc = { 0 };
    struct slip_error ignored = { 0 };
    if (!slip_str_cut(token, '.', &head, &claims)
        || !slip_str_cut(claims, '.', &claims, &signature))
        return NULL;
    for (size_t i = 0; i < claims.len; i++) {
        char c = claims.ptr[i];
        slip_buf_add_char(&text, (char)(c == '-' ? '+' : c == '_' ? '/' : c));
    }
    while (text.len % 4 != 0 && !text.full)
        slip_buf_add_char(&text, '=');
    if (!slip_base64_decode(slip_buf_str(&text), &json)
        || slip_json_read(slip_buf_str(&json), NULL, 0, &doc, &ignored) < 0)
        return NULL;
    return rights_in(doc.root, name);
}

/* {"token":..,"expires_in":..}; the rest of its life is used but for the last tenth (or 10 s). */
static int read_token(struct slip_token *t, struct slip_call *c, uint64_t now,
                      struct slip_error *err)
{
    SLIP_AUTO(slip_doc) doc = { 0 };
    if (slip_json_read(slip_buf_str(&c->answer.body), "its answer", 0, &doc, err) < 0) {
        err->kind = SLIP_E_REGISTRY;
        return -1;
    }
    struct slip_str secret = secret_of(doc.root);
    if (!is_header_text(secret))
        return slip_fail(err, SLIP_E_REGISTRY, "its answer holds no token");
    const struct slip_value *life = slip_value_get(doc.root, "expires_in");
    uint64_t seconds = LIFE_LEAST_S;
    if (life && life->type == SLIP_VALUE_INT && life->i > (int64_t)seconds)
        seconds = life->i < 86400 ? (uint64_t)life->i : 86400;
    uint64_t margin = seconds / 10 > 10 ? seconds / 10 : 10;
    slip_secret_set(&t->secret, secret);
    slip_free(t->granted);
    t->granted = granted_by(secret, c->repo->path);
    slip_wipe((char *)(uintptr_t)secret.ptr, secret.len);
    t->expires = now + (seconds - margin) * 1000;
    t->serial++;
    t->proved = false;
    return 0;
}

static void on_token(void *payload, struct slip_call *c)
{
    struct fetch *f = payload;
    struct slip_token *t = f->token;
    struct slip_error err = { 0 };
    bool by_post = c->form_sent;
    unsigned status = c->answer.status;
    if (c->err.kind == SLIP_OK && by_post && (status == 404 || status == 405)) {
        c->form_sent = false;
        c->body = SLIP_STR("");
        add_basic(&c->repo->credential, &f->authorization);
        c->authorization = &f->authorization;
        fetch_by_get(c, t);
        slip_call_begin(c);
        return;
    }
    if (c->err.kind != SLIP_OK || status != 200)
        (void)slip_call_refused(c, &err);
    else if (read_token(t, c, slip_http_now(c->repo->host->registry->http), &err) < 0)
        slip_while(&err, "%s/%s: token service", c->repo->host->name, c->repo->path);
    slip_wipe(c->answer.body.ptr, c->answer.body.len);
    struct slip_call *waiting = slip_take(t->waiting);
    t->fetch = NULL;
    fetch_free(f);
    if (err.kind == SLIP_OK)
        slip_calls_go(waiting);
    else
        slip_calls_fail(waiting, &err);
}

static void start_fetch(struct slip_token *t, const struct slip_call *c)
{
    const struct slip_credential *cred = &c->repo->credential;
    struct fetch *f = slip_new(struct fetch);
    f->token = t;
    f->call = (struct slip_call)SLIP_CALL_INIT;
    slip_buf_init(&f->authorization, 2 * SLIP_LIMIT_TOKEN_BODY);
    slip_buf_init(&f->form, 4 * SLIP_LIMIT_TOKEN_BODY);
    f->call.repo = c->repo;
    f->call.what = slip_strdup("get a token");
    f->call.scope = c->scope;
    f->call.to_token_service = true;
    f->call.answer_limit = SLIP_LIMIT_TOKEN_BODY;
    f->call.done = on_token;
    f->call.payload = f;
    f->call.form_sent = slip_secret_is_set(&cred->identity);
    if (f->call.form_sent) {
        fetch_by_post(f);
    } else {
        if (slip_secret_is_set(&cred->password))
            add_basic(cred, &f->authorization);
        f->call.authorization = &f->authorization;
        fetch_by_get(&f->call, t);
    }
    t->fetch = &f->call;
    slip_call_begin(&f->call);
}

bool slip_token_ready(struct slip_call *c)
{
    if (slip_secret_is_set(&c->repo->credential.token))
        return true;
    uint64_t now = slip_http_now(c->repo->host->registry->http);
    struct slip_token *t = choose_token(c, now);
    c->token = t;
    c->serial = t->serial;
    if (is_fresh(t, now))
        return true;
    slip_call_wait(&t->waiting, c);
    if (!t->fetch)
        start_fetch(t, c);
    return false;
}

void slip_auth_add_header(struct slip_call *c, struct slip_buf *line)
{
    const struct slip_credential *cred = &c->repo->credential;
    const struct slip_secret *bearer = &cred->token;
    if (c->repo->host->auth == SLIP_AUTH_NONE)
        return;
    if (c->repo->host->auth == SLIP_AUTH_BASIC) {
        c->signed_in = slip_secret_is_set(&cred->password);
        if (c->signed_in)
            add_basic(cred, line);
        return;
    }
    if (!slip_secret_is_set(bearer))
        bearer = &c->token->secret;
    c->signed_in = true;
    slip_buf_add_c(line, "Authorization: Bearer ");
    slip_buf_add_c(line, slip_secret_reveal(bearer));
}

/* The token service must be as well protected as the registry, or our password would leak. */
static bool realm_is_fine(const struct slip_host *host, struct slip_str realm)
{
    struct slip_url u;
    return slip_url_parse(realm, &u) && (u.https || !host->https);
}

static void replace(char **place, const struct slip_buf *text)
{
    slip_free(*place);
    *place = text->len ? slip_memdup(text->ptr, text->len) : NULL;
}

/* The refused token is not used again; how often may a call be refused? */
static bool renew(struct slip_call *c)
{
    if (!c->token)
        return true;
    bool proved = c->token->proved || c->serial != c->token->serial;
    if (c->serial == c->token->serial)
        c->token->expires = 0;
    return proved ? ++c->renewals <= RENEWALS : ++c->refusals < REFUSALS;
}

static bool learn_bearer(struct slip_call *c, struct slip_challenge *challenge)
{
    struct slip_host *host = c->repo->host;
    if (!realm_is_fine(host, slip_buf_str(&challenge->realm))) {
        slip_fail(&c->err, SLIP_E_REGISTRY,
                  "%s/%s: cannot %s: the registry names a token service without TLS, or none",
                  host->name, c->repo->path, c->what);
        return false;
    }
    bool was_bearer = host->auth == SLIP_AUTH_BEARER;
    host->auth = SLIP_AUTH_BEARER;
    replace(&host->realm, &challenge->realm);
    replace(&host->service, &challenge->service);
    if (slip_secret_is_set(&c->repo->credential.token))
        return !c->signed_in;
    replace(&c->extra_scope, &challenge->scope);
    return !was_bearer || !c->signed_in || renew(c);
}

bool slip_auth_challenged(struct slip_call *c)
{
    struct slip_host *host = c->repo->host;
    SLIP_AUTO(slip_challenge) challenge = { 0 };
    slip_challenge_parse(&c->answer, &challenge);
    if (challenge.scheme == SLIP_AUTH_NONE || slip_repo_sign_in(c->repo, &c->err) < 0)
        return false;
    if (challenge.scheme == SLIP_AUTH_BEARER)
        return learn_bearer(c, &challenge);
    host->auth = SLIP_AUTH_BASIC;
    return !c->signed_in && slip_secret_is_set(&c->repo->credential.password);
}
