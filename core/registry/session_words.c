/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of a request that was not answered, or refused. */
#include "registry/session_impl.h"

#include "net/url.h"

int call_name(const struct slip_call *c, struct slip_error *err)
{
    return slip_while(err, "%s/%s: cannot %s", c->repo->host->name, c->repo->path, c->what);
}

/* Who gave the last answer, for messages. Never a whole address: its query may hold a secret. */
static void add_who(const struct slip_call *c, struct slip_buf *out)
{
    struct slip_url u;
    if (call_is_home(c))
        slip_buf_add_c(out, "the registry");
    else if (slip_url_parse(slip_buf_str(&c->url), &u))
        slip_buf_add_fmt(out, "'%.*s'", SLIP_ARG(u.host));
}

/* The registry may be fine. */
#define TOKEN_SERVICE_HINT                                                                         \
    "the registry sends there for tokens: is that service down, or a proxy in the way "            \
    "(HTTPS_PROXY, NO_PROXY)?"

/* What is wrong with a certificate only the TLS library's words tell. */
static void hint_at_certificate(struct slip_call *c)
{
    const char *said = c->answer.err.text;
    if (strstr(said, "not yet valid") || strstr(said, "expired"))
        slip_hint(&c->err, "is the clock of this machine right? else the registry needs a new "
                           "certificate");
    else if (strstr(said, "no alternative certificate subject name"))
        slip_hint(&c->err, "the certificate is for another host: is the name right?");
    else
        slip_hint(&c->err, "add the authority that signed its certificate to the trusted ones "
                           "(SSL_CERT_FILE), or use --skip-tls-verify-registry");
}

static void hint_without_answer(struct slip_call *c)
{
    static const char *const hints[] = {
        [SLIP_HTTP_NO_HOST] = "is the name of the host right, and known to this machine?",
        [SLIP_HTTP_NO_CONNECT] = "does a registry listen there? look at host and port, firewalls "
                                 "and proxies (HTTPS_PROXY, NO_PROXY)",
        [SLIP_HTTP_NO_TLS] = "if it speaks plain HTTP: --insecure-registry",
    };
    size_t failure = c->answer.failure;
    if (failure == SLIP_HTTP_UNTRUSTED)
        hint_at_certificate(c);
    else if (c->to_token_service)
        slip_hint(&c->err, TOKEN_SERVICE_HINT);
    else if (failure < SLIP_COUNT(hints) && hints[failure])
        slip_hint(&c->err, "%s", hints[failure]);
}

void call_fail_without_answer(struct slip_call *c)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(sizeof(c->err.text));
    enum slip_kind kind = SLIP_E_TEMPORARY;
    if (c->answer.failure == SLIP_HTTP_GIVEN_UP) {
        c->err = c->answer.err;
        return;
    }
    if (c->answer.failure == SLIP_HTTP_UNTRUSTED || c->answer.failure == SLIP_HTTP_TOO_LARGE
        || c->answer.failure == SLIP_HTTP_FORBIDDEN)
        kind = SLIP_E_REGISTRY;
    if (!call_is_home(c)) {
        add_who(c, &text);
        slip_buf_add_c(&text, ": ");
    }
    slip_buf_add_c(&text, c->answer.err.text);
    if (c->tried > 1)
        slip_buf_add_fmt(&text, " (%u attempts)", c->tried);
    slip_fail(&c->err, kind, "%s", text.ptr);
    call_name(c, &c->err);
    hint_without_answer(c);
}

bool slip_call_complains(const struct slip_call *c, const char *code)
{
    struct slip_complaint said;
    slip_complaint_parse(slip_buf_str(&c->answer.body), &said);
    return strcmp(said.code, code) == 0;
}

/* What was asked for, what was granted, and the usual cause. */
static void hint_denied(const struct slip_call *c, struct slip_error *err)
{
    const struct slip_repo *repo = c->repo;
    SLIP_AUTO(slip_buf) text = SLIP_BUF(sizeof(err->hint));
    slip_buf_add_fmt(&text, "asked for repository:%s:%s", repo->path,
                     c->scope == SLIP_SCOPE_PUSH ? "push,pull" : "pull");
    if (c->token && c->token->granted)
        slip_buf_add_fmt(&text, ", granted %s",
                         c->token->granted[0] ? c->token->granted : "nothing");
    if (!slip_credential_is_set(&repo->credential))
        slip_buf_add_fmt(&text, "; no credentials for '%s' were found: docker login %s",
                         repo->host->name, repo->host->name);
    else if (c->answer.status == 401 && !(c->token && c->token->granted))
        slip_buf_add_fmt(&text,
                         "; the credentials from %s were not accepted: they may be wrong or "
                         "have expired",
                         repo->credential.source);
    else
        slip_buf_add_fmt(&text,
                         "; the account in %s lacks this right, or the repository has to be "
                         "created first",
                         repo->credential.source);
    slip_hint(err, "%s", text.ptr);
}

bool slip_is_web_page(const struct slip_http_answer *a)
{
    return slip_str_starts(slip_http_header(a, "Content-Type", 0), SLIP_STR("text/html"));
}

void slip_hint_web_page(const struct slip_http_answer *a, struct slip_error *err)
{
    if (slip_is_web_page(a))
        slip_hint(err, "a web page answers there, not a registry: look at host, port and proxies");
}

int slip_call_refused(const struct slip_call *c, struct slip_error *err)
{
    struct slip_complaint said;
    uint64_t wait = 0;
    unsigned status = c->answer.status;
    if (c->err.kind != SLIP_OK) {
        *err = c->err;
        return -1;
    }
    slip_complaint_parse(slip_buf_str(&c->answer.body), &said);
    enum slip_kind kind = SLIP_E_REGISTRY;
    if (call_answer_may_pass(c))
        kind = SLIP_E_TEMPORARY;
    else if (status == 401 || status == 403)
        kind = SLIP_E_DENIED;

    SLIP_AUTO(slip_buf) text = SLIP_BUF(sizeof(err->text));
    add_who(c, &text);
    slip_buf_add_fmt(&text, " answered %u", status);
    if (said.code[0])
        slip_buf_add_fmt(&text, " %s", said.code);
    if (said.message[0])
        slip_buf_add_fmt(&text, " '%s'", said.message);
    if (kind == SLIP_E_TEMPORARY && slip_retry_after(&c->answer, &wait)
        && wait > call_wait_max_ms(c))
        slip_buf_add_fmt(&text, " and asks to wait for %llu s", (unsigned long long)wait / 1000);
    else if (c->tried > 1 && kind == SLIP_E_TEMPORARY)
        slip_buf_add_fmt(&text, " (%u attempts)", c->tried);
    slip_fail(err, kind, "%s", text.ptr);
    if (kind == SLIP_E_DENIED)
        hint_denied(c, err);
    else if (c->to_token_service)
        slip_hint(err, TOKEN_SERVICE_HINT);
    else if (kind == SLIP_E_REGISTRY)
        slip_hint_web_page(&c->answer, err);
    return call_name(c, err);
}
