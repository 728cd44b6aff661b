/* SPDX-License-Identifier: Apache-2.0 */
/* One request and its answer over libcurl. */
#include "net/curl_impl.h"

#include "net/address.h"

#include <strings.h>

#define HEADER_LIMIT (64u << 10)
#define SEND_BUFFER (128L << 10)
#define SMALL_BUFFER (16L << 10) /* the least there is; libcurl's own choice is four times that */

/* libcurl only reads such a list, so it may be ours. */
static struct curl_slist *header_line(const char *text)
{
    struct curl_slist *line = slip_new(struct curl_slist);
    line->data = slip_strdup(text);
    return line;
}

static void free_headers(struct curl_slist *line)
{
    while (line) {
        struct curl_slist *next = line->next;
        slip_wipe(line->data, strlen(line->data)); /* it may hold a password or token */
        slip_free(line->data);
        slip_free(line);
        line = next;
    }
}

struct slip_http_exchange *slip_exchange_new(const struct slip_http_request *r,
                                             const struct slip_http_handler *h, void *payload)
{
    struct slip_http_exchange *x = slip_new(struct slip_http_exchange);
    x->method = slip_strdup(r->method);
    x->url = slip_strdup(r->url);
    struct curl_slist **end = &x->headers;
    for (const char *const *line = r->headers; line && *line; line++, end = &(*end)->next)
        *end = header_line(*line);
    *end = header_line("Expect:"); /* no waiting for "100 Continue" */
    x->request = *r;
    x->request.method = x->method;
    x->request.url = x->url;
    x->request.headers = NULL;
    if (!h->produce)
        x->request.body_size = r->body.len;
    x->handler = *h;
    x->payload = payload;
    slip_buf_init(&x->answer.header, HEADER_LIMIT);
    slip_buf_init(&x->answer.body, r->answer_limit);
    return x;
}

void slip_exchange_free(struct slip_http_exchange *x)
{
    free_headers(x->headers);
    slip_free(x->method);
    slip_free(x->url);
    slip_buf_clear(&x->answer.header);
    slip_buf_clear(&x->answer.body);
    slip_free(x);
}

static int give_up(struct slip_http_exchange *x)
{
    x->answer.failure = SLIP_HTTP_GIVEN_UP;
    return -1;
}

static int fail(struct slip_http_exchange *x, enum slip_http_failure failure, const char *text)
{
    if (x->answer.failure == SLIP_HTTP_FINE) {
        x->answer.failure = failure;
        slip_fail(&x->answer.err, SLIP_E_TEMPORARY, "%s", text);
    }
    return -1;
}

/* The empty line after the header. */
static int end_header(struct slip_http_exchange *x)
{
    if (x->answer.status < 200)
        return 0;
    x->head_done = true;
    x->window_bytes = x->window_begin = 0;
    x->keep = !x->handler.take;
    if (!x->handler.head)
        return 0;
    int flow = x->handler.head(x->payload, &x->answer, &x->answer.err);
    if (flow < 0)
        return give_up(x);
    x->keep |= flow == SLIP_HTTP_KEEP;
    return 0;
}

/* libcurl takes more for a status line than HTTP does: "HTTP 200", "HTTP/1.1 200<tab>OK", 099. */
static int no_answer(struct slip_http_exchange *x)
{
    return fail(x, SLIP_HTTP_CUT, "the answer does not begin as one of HTTP does");
}

/* "HTTP/1.1 200 OK": a new header begins, the one of an interim answer is forgotten. */
static int begin_header(struct slip_http_exchange *x, struct slip_str line)
{
    struct slip_str version, rest, status;
    uint64_t n = 0;
    slip_str_cut(line, ' ', &version, &rest);
    slip_str_cut(slip_str_trim(rest), ' ', &status, &rest);
    if (!slip_str_to_u64(status, &n) || n < 100 || n > 999)
        return no_answer(x);
    x->answer.status = (unsigned)n;
    slip_buf_reset(&x->answer.header);
    return 0;
}

static size_t on_header(char *data, size_t size, size_t n, void *payload)
{
    struct slip_http_exchange *x = payload;
    struct slip_str line = { data, size * n };
    if (x->cancelled)
        return 0;
    x->window_bytes += line.len;
    if (x->head_done) /* trailers */
        return line.len;
    if (slip_str_starts(line, SLIP_STR("HTTP/")))
        return begin_header(x, line) < 0 ? 0 : line.len;
    if (x->answer.status == 0)
        return no_answer(x) < 0 ? 0 : line.len;
    if (slip_str_trim(line).len == 0)
        return end_header(x) < 0 ? 0 : line.len;
    if (!slip_buf_add_str(&x->answer.header, line))
        return fail(x, SLIP_HTTP_TOO_LARGE, "the answer's header is too large") < 0 ? 0 : line.len;
    return line.len;
}

static size_t on_body(char *data, size_t size, size_t n, void *payload)
{
    struct slip_http_exchange *x = payload;
    struct slip_str bytes = { data, size * n };
    if (x->cancelled || (!x->head_done && no_answer(x) < 0))
        return 0;
    if (x->keep) {
        x->window_bytes += bytes.len;
        if (slip_buf_add_str(&x->answer.body, bytes))
            return bytes.len;
        fail(x, SLIP_HTTP_TOO_LARGE, "the answer is too large");
        return 0;
    }
    int flow = x->handler.take(x->payload, bytes, &x->answer.err);
    if (flow == SLIP_HTTP_PAUSE) {
        x->take_paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    if (flow < 0) {
        give_up(x);
        return 0;
    }
    x->window_bytes += bytes.len;
    if (flow == SLIP_HTTP_FULL) {
        x->take_paused = true;
        curl_easy_pause(x->easy, CURLPAUSE_RECV);
    }
    return bytes.len;
}

static int produce(struct slip_http_exchange *x, char *buf, size_t size, size_t *len)
{
    uint64_t left = x->request.body_size - x->sent;
    if (size > left)
        size = (size_t)left;
    if (x->handler.produce)
        return size ? x->handler.produce(x->payload, buf, size, len, &x->answer.err) : SLIP_HTTP_GO;
    memcpy(buf, x->request.body.ptr + x->sent, size);
    *len = size;
    return SLIP_HTTP_GO;
}

static size_t on_read(char *buf, size_t size, size_t n, void *payload)
{
    struct slip_http_exchange *x = payload;
    size_t len = 0;
    if (x->cancelled)
        return CURL_READFUNC_ABORT;
    int flow = produce(x, buf, size * n, &len);
    if (flow == SLIP_HTTP_PAUSE) {
        x->make_paused = true;
        return CURL_READFUNC_PAUSE;
    }
    if (flow < 0) {
        give_up(x);
        return CURL_READFUNC_ABORT;
    }
    x->sent += len;
    x->window_bytes += len;
    return len;
}

/* libcurl sends a body again when a kept connection turns out to be closed. */
static int on_seek(void *payload, curl_off_t offset, int origin)
{
    struct slip_http_exchange *x = payload;
    if (x->handler.produce ? offset != (curl_off_t)x->sent : origin != SEEK_SET)
        return CURL_SEEKFUNC_FAIL;
    x->sent = (uint64_t)offset;
    return CURL_SEEKFUNC_OK;
}

static int on_connected(void *payload, char *peer, char *local, int peer_port, int local_port)
{
    struct slip_http_exchange *x = payload;
    (void)local, (void)peer_port, (void)local_port;
    if (!x->request.public_only || !slip_address_is_private(peer))
        return CURL_PREREQFUNC_OK;
    fail(x, SLIP_HTTP_FORBIDDEN, "refused to follow a public registry to a private address");
    return CURL_PREREQFUNC_ABORT;
}

/*
 * The authorities of the system stand in one bundle and, on many systems, once more in a directory
 * where each is found by its name. To read the bundle takes longer than everything else in a short
 * run, so it is left out while the directory is enough (slip_exchange_wants_bundle).
 */
static void set_system_trust(struct slip_http_exchange *x, const struct slip_curl_settings *s)
{
    if (s->lean && !x->full_trust)
        curl_easy_setopt(x->easy, CURLOPT_CAINFO, NULL);
}

bool slip_exchange_wants_bundle(struct slip_http_exchange *x, const struct slip_curl_settings *s,
                                CURLcode code)
{
    const struct slip_http_trust *t = x->request.trust;
    if (code != CURLE_PEER_FAILED_VERIFICATION || !s->lean || x->full_trust || x->cancelled
        || (t && (t->ca_pem || t->ca_file)))
        return false;
    x->full_trust = true;
    return true;
}

static void set_trust(struct slip_http_exchange *x, const struct slip_curl_settings *s)
{
    CURL *e = x->easy;
    const struct slip_http_trust *t = x->request.trust;
    set_system_trust(x, s);
    if (!t)
        return;
    if (t->unverified) {
        curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    struct curl_blob pem = { .data = (void *)(uintptr_t)t->ca_pem, .flags = CURL_BLOB_COPY };
    if (t->ca_pem) {
        pem.len = strlen(t->ca_pem);
        curl_easy_setopt(e, CURLOPT_CAINFO_BLOB, &pem);
    } else if (t->ca_file) {
        curl_easy_setopt(e, CURLOPT_CAINFO, t->ca_file);
    }
    if (t->cert_file) {
        curl_easy_setopt(e, CURLOPT_SSLCERT, t->cert_file);
        curl_easy_setopt(e, CURLOPT_SSLKEY, t->key_file ? t->key_file : t->cert_file);
    }
}

static void set_method(struct slip_http_exchange *x)
{
    bool body = x->request.body_size > 0 || x->request.has_body;
    if (body) {
        curl_easy_setopt(x->easy, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(x->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)x->request.body_size);
        curl_easy_setopt(x->easy, CURLOPT_READFUNCTION, on_read);
        curl_easy_setopt(x->easy, CURLOPT_READDATA, x);
        curl_easy_setopt(x->easy, CURLOPT_SEEKFUNCTION, on_seek);
        curl_easy_setopt(x->easy, CURLOPT_SEEKDATA, x);
    }
    if (strcmp(x->method, "HEAD") == 0)
        curl_easy_setopt(x->easy, CURLOPT_NOBODY, 1L);
    else if (body || strcmp(x->method, "GET") != 0)
        curl_easy_setopt(x->easy, CURLOPT_CUSTOMREQUEST, x->method);
}

/* The environment is not asked: an empty text says "none". True when a proxy may stand between. */
static bool set_proxy(struct slip_http_exchange *x, const struct slip_curl_settings *s)
{
    const char *proxy = strncasecmp(x->url, "https:", 6) == 0 ? s->https_proxy : s->http_proxy;
    curl_easy_setopt(x->easy, CURLOPT_PROXY, proxy ? proxy : "");
    curl_easy_setopt(x->easy, CURLOPT_NOPROXY, s->no_proxy ? s->no_proxy : "");
    curl_easy_setopt(x->easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    return proxy && *proxy;
}

void slip_exchange_prepare(struct slip_http_exchange *x, const struct slip_curl_settings *s,
                           CURLSH *share, uint64_t now)
{
    CURL *e = x->easy;
    x->window_begin = now;
    curl_easy_setopt(e, CURLOPT_PRIVATE, x);
    curl_easy_setopt(e, CURLOPT_SHARE, share);
    curl_easy_setopt(e, CURLOPT_URL, x->url);
    curl_easy_setopt(e, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, x->reason);
    curl_easy_setopt(e, CURLOPT_USERAGENT, s->user_agent);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)s->connect_ms);
    curl_easy_setopt(e, CURLOPT_HTTPHEADER, x->headers);
    curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(e, CURLOPT_HEADERDATA, x);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, x);
    if (x->request.bulk && !x->handler.produce)
        curl_easy_setopt(e, CURLOPT_BUFFERSIZE, (long)SLIP_HTTP_PIECE);
    curl_easy_setopt(e, CURLOPT_UPLOAD_BUFFERSIZE, x->request.bulk ? SEND_BUFFER : SMALL_BUFFER);
    set_method(x);
    set_trust(x, s);
    if (!set_proxy(x, s)) {
        curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, on_connected);
        curl_easy_setopt(e, CURLOPT_PREREQDATA, x);
    }
}

bool slip_exchange_is_stuck(struct slip_http_exchange *x, const struct slip_curl_settings *s,
                            uint64_t now)
{
    if (x->take_paused || x->make_paused) {
        x->window_begin = 0;
        return false;
    }
    if (!x->head_done && x->sent == x->request.body_size) {
        if (x->asked_at == 0)
            x->asked_at = now;
        return now - x->asked_at > (uint64_t)s->connect_ms + s->answer_ms
               && fail(x, SLIP_HTTP_SLOW, "no answer in time") < 0;
    }
    if (x->window_begin == 0) {
        x->window_begin = now;
        x->window_bytes = 0;
    }
    if (now - x->window_begin < s->idle_ms)
        return false;
    if (x->window_bytes * 1000 < (uint64_t)s->least_bytes_per_s * s->idle_ms)
        return fail(x, SLIP_HTTP_SLOW, "the transfer stood still or was too slow") < 0;
    x->window_begin = 0;
    return false;
}

static const struct {
    CURLcode code;
    enum slip_http_failure failure;
} failures[] = {
    { CURLE_COULDNT_RESOLVE_HOST, SLIP_HTTP_NO_HOST },
    { CURLE_COULDNT_RESOLVE_PROXY, SLIP_HTTP_NO_HOST },
    { CURLE_COULDNT_CONNECT, SLIP_HTTP_NO_CONNECT },
    { CURLE_OPERATION_TIMEDOUT, SLIP_HTTP_NO_CONNECT }, /* the only time-out libcurl watches */
    { CURLE_SSL_CONNECT_ERROR, SLIP_HTTP_NO_TLS },
    { CURLE_PEER_FAILED_VERIFICATION, SLIP_HTTP_UNTRUSTED },
    { CURLE_SSL_CACERT_BADFILE, SLIP_HTTP_UNTRUSTED },
    { CURLE_SSL_CERTPROBLEM, SLIP_HTTP_UNTRUSTED },
    { CURLE_SSL_ISSUER_ERROR, SLIP_HTTP_UNTRUSTED },
};

/* libcurl's reason in one line of printable text. */
static void add_reason(const struct slip_http_exchange *x, CURLcode code, char *out, size_t size)
{
    snprintf(out, size, "%s", x->reason[0] ? x->reason : curl_easy_strerror(code));
    for (char *p = out; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            *p = ' ';
    for (size_t len = strlen(out); len > 0 && out[len - 1] == ' '; len--)
        out[len - 1] = '\0';
}

void slip_exchange_conclude(struct slip_http_exchange *x, CURLcode code)
{
    char *peer = NULL;
    curl_easy_getinfo(x->easy, CURLINFO_PRIMARY_IP, &peer);
    x->answer.private_peer = peer && slip_address_is_private(peer);
    if (code == CURLE_OK || x->answer.failure != SLIP_HTTP_FINE)
        return;
    enum slip_http_failure failure = SLIP_HTTP_CUT;
    for (size_t i = 0; i < SLIP_COUNT(failures); i++)
        if (failures[i].code == code)
            failure = failures[i].failure;
    char reason[CURL_ERROR_SIZE];
    add_reason(x, code, reason, sizeof(reason));
    fail(x, failure, reason);
}
