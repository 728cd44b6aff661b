/* SPDX-License-Identifier: Apache-2.0 */
/* What all stores of a run share, and the hosts among it. */
#include "base/file.h"
#include "base/limits.h"
#include "registry/layout.h"
#include "registry/session.h"

#include <dirent.h>

static void free_host(void *p)
{
    struct slip_host *h = p;
    slip_map_free(h->tokens);
    slip_buf_clear(&h->ca_pem);
    slip_free(h->cert_file);
    slip_free(h->key_file);
    slip_free(h->name);
    slip_free(h->realm);
    slip_free(h->service);
    slip_free(h);
}

struct slip_registry *slip_registry_new_over(const struct slip_registry_options *o,
                                             struct slip_http *http)
{
    struct slip_registry *r = slip_new(struct slip_registry);
    r->options = *o;
    r->http = http;
    r->hosts = slip_map_new(free_host);
    r->credentials = (struct slip_credentials_options){
        .docker_config_dir = o->docker_config_dir,
        .docker_auth_config = o->docker_auth_config,
        .auth_files = o->auth_files,
        .env = o->env,
        .watch = o->watch,
    };
    r->trust = (struct slip_http_trust){
        .unverified = o->skip_tls_verify,
        .ca_file = o->ca_file,
    };
    return r;
}

struct slip_registry *slip_registry_new(const struct slip_registry_options *o)
{
    const struct slip_http_options http = {
        .user_agent = o->user_agent,
        .http_proxy = o->http_proxy,
        .https_proxy = o->https_proxy,
        .no_proxy = o->no_proxy,
        .small_per_host = o->tasks,
        .trace_fd = o->trace_fd,
    };
    return slip_registry_new_over(o, slip_http_curl_new(&http));
}

void slip_registry_be_patient(struct slip_registry *r, unsigned attempts, unsigned wait_max_s)
{
    r->options.attempts = attempts;
    r->options.wait_max_s = wait_max_s;
}

void slip_registry_free(struct slip_registry *r)
{
    if (!r)
        return;
    slip_http_free(r->http);
    slip_map_free(r->hosts);
    slip_free(r);
}

/* One file of a host's certificate directory: authorities end in .crt, our certificate in .cert,
 * its key in .key. */
static void use_certificate(struct slip_host *h, const char *dir, const char *name)
{
    struct slip_str file = slip_str_of(name);
    SLIP_AUTO_FREE char *path = slip_printf("%s/%.*s", dir, SLIP_ARG(file));
    struct slip_error err = { 0 };
    if (slip_str_ends(file, SLIP_STR(".crt"))) {
        SLIP_AUTO(slip_buf) pem = SLIP_BUF(SLIP_LIMIT_FILE);
        if (slip_file_read(path, &pem, &err) < 0)
            slip_watch_warn(h->registry->options.watch, h->name, "%s", err.text);
        slip_buf_add_str(&h->ca_pem, slip_buf_str(&pem));
        slip_buf_add_char(&h->ca_pem, '\n');
    } else if (slip_str_ends(file, SLIP_STR(".cert")) && !h->cert_file) {
        h->cert_file = slip_take(path);
    } else if (slip_str_ends(file, SLIP_STR(".key")) && !h->key_file) {
        h->key_file = slip_take(path);
    }
}

/* docker's certs.d/HOST:PORT: for this host alone. */
static void read_certificates(struct slip_host *h, const char *certs)
{
    SLIP_AUTO_FREE char *dir = slip_printf("%s/%s", certs, h->name);
    struct dirent **names;
    int n = scandir(dir, &names, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        use_certificate(h, dir, names[i]->d_name);
        slip_free(names[i]);
    }
    if (n >= 0)
        slip_free(names);
}

struct slip_host *slip_host_get(struct slip_registry *r, const struct slip_reference *where)
{
    struct slip_host *h = slip_map_get(r->hosts, slip_str_of(where->registry));
    if (h)
        return h;
    h = slip_new(struct slip_host);
    h->registry = r;
    h->name = slip_strdup(where->registry);
    h->http_allowed = where->http_allowed || r->options.insecure;
    h->https = !r->options.insecure;
    h->tokens = slip_map_new(slip_token_free);
    slip_buf_init(&h->ca_pem, SLIP_LIMIT_FILE);
    if (r->options.cert_dir)
        read_certificates(h, r->options.cert_dir);
    h->trust = r->trust;
    h->trust.ca_pem = h->ca_pem.len ? h->ca_pem.ptr : NULL;
    h->trust.cert_file = h->cert_file;
    h->trust.key_file = h->key_file;
    slip_map_set(r->hosts, slip_str_of(h->name), h);
    return h;
}

char *slip_layout_path(const struct slip_registry *r, const struct slip_reference *where)
{
    if (where->repository[0] == '/' || !r->options.base_dir)
        return slip_strdup(where->repository);
    return slip_printf("%s/%s", r->options.base_dir, where->repository);
}

int slip_store_open(struct slip_registry *r, const struct slip_reference *where,
                    struct slip_store **out, struct slip_error *err)
{
    if (where->kind == SLIP_STORE_REGISTRY) {
        *out = slip_http_store_new(r, where);
        return 0;
    }
    SLIP_AUTO_FREE char *dir = slip_layout_path(r, where);
    return slip_layout_store_new(dir, where, out, err);
}

char *slip_store_place(const struct slip_store *s)
{
    if (s->where.kind == SLIP_STORE_LAYOUT)
        return slip_layout_place(s);
    char *place = slip_printf("%s/%s", s->where.registry, s->where.repository);
    for (char *c = place; *c && *c != '/'; c++)
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
    return place;
}

void slip_store_free(struct slip_store *s)
{
    if (s)
        s->ops->free(s);
}
