/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials from docker's configuration files.
 *
 * In one file a name is looked for from the longest to the shortest: host/a/b, host/a, host. For
 * each: the helper in "credHelpers", then the one in "credsStore" (only for the bare host), then
 * the entry in "auths", where old files write addresses ("https://host/v1/").
 */
#include "registry/credentials.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "proc/run.h"
#include "value/base64.h"
#include "value/json.h"

#define HUB_HOST "index.docker.io"
#define HUB_KEY "https://index.docker.io/v1/"
#define HELPER_MS 10000

void slip_credential_clear(struct slip_credential *c)
{
    slip_free(c->user);
    slip_free(c->source);
    slip_secret_clear(&c->password);
    slip_secret_clear(&c->identity);
    slip_secret_clear(&c->token);
    *c = (struct slip_credential){ 0 };
}

bool slip_credential_is_set(const struct slip_credential *c)
{
    return slip_secret_is_set(&c->password) || slip_secret_is_set(&c->identity)
           || slip_secret_is_set(&c->token);
}

static void set_user(struct slip_credential *c, struct slip_str user)
{
    slip_free(c->user);
    c->user = slip_memdup(user.ptr, user.len);
}

/* With or without padding. */
static bool decode_base64(struct slip_str text, struct slip_buf *out)
{
    SLIP_AUTO(slip_buf) padded = SLIP_BUF(SLIP_LIMIT_TOKEN_BODY);
    slip_buf_add_str(&padded, text);
    while (padded.len % 4 != 0 && !padded.full)
        slip_buf_add_char(&padded, '=');
    bool ok = slip_base64_decode(slip_buf_str(&padded), out);
    slip_wipe(padded.ptr, padded.len);
    return ok;
}

/* "auth": base64 of user:password; some writers leave NULs after the password. */
static bool read_auth(struct slip_str auth, struct slip_credential *out)
{
    SLIP_AUTO(slip_buf) plain = SLIP_BUF(SLIP_LIMIT_TOKEN_BODY);
    struct slip_str user, password;
    bool ok = decode_base64(slip_str_trim(auth), &plain)
              && slip_str_cut(slip_buf_str(&plain), ':', &user, &password);
    if (ok) {
        while (password.len > 0 && password.ptr[password.len - 1] == '\0')
            password.len--;
        set_user(out, user);
        slip_secret_set(&out->password, password);
    }
    slip_wipe(plain.ptr, plain.len);
    return ok;
}

static void set_secret(struct slip_secret *s, struct slip_str value)
{
    if (value.len > 0)
        slip_secret_set(s, value);
}

/* One entry of "auths". */
static void read_entry(const struct slip_value *entry, struct slip_credential *out)
{
    struct slip_str auth = slip_value_text(entry, "auth");
    if (auth.len == 0 || !read_auth(auth, out)) {
        set_user(out, slip_value_text(entry, "username"));
        set_secret(&out->password, slip_value_text(entry, "password"));
    }
    set_secret(&out->identity, slip_value_text(entry, "identitytoken"));
    set_secret(&out->token, slip_value_text(entry, "registrytoken"));
}

/* The host and path in a key: without scheme, without "/v1/" or "/v2/" behind it. */
static struct slip_str plain_key(struct slip_str key)
{
    size_t scheme = slip_str_find_str(key, SLIP_STR("://"));
    if (scheme != SLIP_NPOS)
        key = slip_str_skip(key, scheme + 3);
    while (key.len > 0 && key.ptr[key.len - 1] == '/')
        key.len--;
    if (slip_str_ends(key, SLIP_STR("/v1")) || slip_str_ends(key, SLIP_STR("/v2")))
        key.len -= 3;
    return key;
}

static bool is_hub(struct slip_str host)
{
    return slip_str_is(host, HUB_HOST) || slip_str_is(host, "docker.io")
           || slip_str_is(host, "registry-1.docker.io");
}

/* Does a key of the file mean the name we look for? */
static bool key_means(struct slip_str key, struct slip_str name)
{
    key = plain_key(key);
    return slip_str_eq(key, name) || (is_hub(key) && is_hub(name));
}

static const struct slip_value *find_key(const struct slip_value *map, struct slip_str name)
{
    if (!map || map->type != SLIP_VALUE_MAP)
        return NULL;
    for (size_t i = 0; i < map->len; i++)
        if (key_means(map->pairs[i].key->text, name))
            return map->pairs[i].value;
    return NULL;
}

static void warn(const struct slip_credentials_options *o, const char *source, const char *text)
{
    slip_watch_warn(o->watch, NULL, "%s: %s; going on without it", source, text);
}

/* What a helper said: {"ServerURL":..,"Username":..,"Secret":..}. */
static bool read_helper_answer(struct slip_str text, struct slip_credential *out)
{
    SLIP_AUTO(slip_doc) doc = { 0 };
    struct slip_error ignored = { 0 };
    if (slip_json_read(text, NULL, 0, &doc, &ignored) < 0)
        return false;
    struct slip_str user = slip_value_text(doc.root, "Username"),
                    secret = slip_value_text(doc.root, "Secret");
    set_user(out, user);
    set_secret(slip_str_is(user, "<token>") ? &out->identity : &out->password, secret);
    for (size_t i = 0; doc.root->type == SLIP_VALUE_MAP && i < doc.root->len; i++)
        slip_wipe((char *)(uintptr_t)doc.root->pairs[i].value->text.ptr,
                  doc.root->pairs[i].value->text.len);
    return slip_credential_is_set(out);
}

/* docker-credential-NAME get, with the server on its input. Its name is a word, never a path. */
static void ask_helper(const struct slip_credentials_options *o, struct slip_str helper,
                       struct slip_str name, struct slip_credential *out)
{
    SLIP_AUTO_FREE char *program = slip_printf("docker-credential-%.*s", SLIP_ARG(helper));
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TOKEN_BODY);
    struct slip_error err = { 0 };
    int status = 0;
    if (!o->env || slip_str_find(helper, '/') != SLIP_NPOS) {
        warn(o, program, "not a credential helper that can be run");
        return;
    }
    struct slip_child child = {
        .argv = (const char *const[]){ program, "get", NULL },
        .env = o->env,
        .input = is_hub(name) ? SLIP_STR(HUB_KEY) : name,
        .timeout_ms = o->helper_ms ? o->helper_ms : HELPER_MS,
        .out = &text,
    };
    if (slip_child_run(&child, &status, &err) < 0) {
        warn(o, program, err.text);
    } else if (status == 0) {
        if (read_helper_answer(slip_buf_str(&text), out))
            out->source = slip_take(program);
        else
            warn(o, program, "its answer holds no secret");
    } else if (slip_str_find_str(slip_buf_str(&text), SLIP_STR("credentials not found"))
               == SLIP_NPOS) {
        warn(o, program, "failed");
    }
    slip_wipe(text.ptr, text.len);
}

/* One name in one file. */
static void find_name(const struct slip_credentials_options *o, const struct slip_value *root,
                      struct slip_str name, bool is_host, struct slip_credential *out)
{
    const struct slip_value *helper = find_key(slip_value_get(root, "credHelpers"), name);
    struct slip_str store = slip_value_text(root, "credsStore");
    if (helper && helper->type == SLIP_VALUE_STRING)
        ask_helper(o, helper->text, name, out);
    else if (is_host && store.len > 0)
        ask_helper(o, store, name, out);
    if (slip_credential_is_set(out))
        return;
    const struct slip_value *entry = find_key(slip_value_get(root, "auths"), name);
    if (entry)
        read_entry(entry, out);
}

static void find_in_text(const struct slip_credentials_options *o, const char *source,
                         struct slip_str text, const char *host, const char *repository,
                         struct slip_credential *out)
{
    SLIP_AUTO(slip_doc) doc = { 0 };
    struct slip_error err = { 0 };
    if (slip_str_trim(text).len == 0)
        return;
    if (slip_json_read(text, source, 0, &doc, &err) < 0) {
        slip_watch_warn(o->watch, NULL, "%s; going on without it", err.text);
        return;
    }
    SLIP_AUTO_FREE char *whole = slip_printf("%s/%s", host, repository);
    struct slip_str name = slip_str_of(whole), rest;
    do {
        bool is_host = slip_str_find(name, '/') == SLIP_NPOS;
        find_name(o, doc.root, name, is_host, out);
        if (is_host)
            break;
        slip_str_rcut(name, '/', &name, &rest);
    } while (!slip_credential_is_set(out));
    if (slip_credential_is_set(out) && !out->source)
        out->source = slip_strdup(source);
}

/* An unreadable file is an error: without it everything that needs credentials would be refused
 * for a reason that nobody sees. */
static int find_in_file(const struct slip_credentials_options *o, const char *path,
                        const char *host, const char *repository, struct slip_credential *out,
                        struct slip_error *err)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_FILE);
    bool found;
    if (slip_file_read_if_there(path, &text, &found, err) < 0)
        return slip_while(err, "credentials");
    if (found)
        find_in_text(o, path, slip_buf_str(&text), host, repository, out);
    slip_wipe(text.ptr, text.len);
    return 0;
}

int slip_credentials_find(const struct slip_credentials_options *o, const char *host,
                          const char *repository, struct slip_credential *out,
                          struct slip_error *err)
{
    SLIP_AUTO(slip_credential) c = { 0 };
    if (o->docker_config_dir) {
        SLIP_AUTO_FREE char *path = slip_printf("%s/config.json", o->docker_config_dir);
        if (find_in_file(o, path, host, repository, &c, err) < 0)
            return -1;
    }
    if (!slip_credential_is_set(&c) && o->docker_auth_config)
        find_in_text(o, "DOCKER_AUTH_CONFIG", slip_str_of(o->docker_auth_config), host, repository,
                     &c);
    for (const char *const *file = o->auth_files; file && *file && !slip_credential_is_set(&c);
         file++)
        if (find_in_file(o, *file, host, repository, &c, err) < 0)
            return -1;
    *out = c;
    c = (struct slip_credential){ 0 };
    return 0;
}
