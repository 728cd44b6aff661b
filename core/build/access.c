/* SPDX-License-Identifier: Apache-2.0 */
/* Registries and credentials, in files of the builder's. */
#include "build/access.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/secret.h"
#include "build/mirrors.h"
#include "proc/run.h"
#include "value/base64.h"
#include "value/json.h"

#include <string.h>

enum { TEXTS_MAX = 3 };

/* --- registries --------------------------------------------------------------------------------
 */

/* Where buildah would find the registries.conf of this machine. */
static const char *machine_registries(const char *const *env, struct slip_arena *arena)
{
    const char *named = slip_env_get(env, "CONTAINERS_REGISTRIES_CONF");
    const char *home = slip_env_get(env, "HOME");
    if (named && named[0])
        return named;
    const char *own =
        home ? slip_arena_printf(arena, "%s/.config/containers/registries.conf", home) : NULL;
    return own && access(own, R_OK) == 0 ? own : "/etc/containers/registries.conf";
}

static int write_registries(const struct slip_build_host *h, struct slip_str plain_registry,
                            char *file, struct slip_arena *arena, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) machine = SLIP_BUF(SLIP_LIMIT_FILE);
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_FILE);
    bool found;
    struct slip_str *mirrors = slip_arena_array(arena, h->n_mirrors + 1, sizeof(*mirrors));
    for (size_t i = 0; i < h->n_mirrors; i++)
        if (slip_mirror_parse(slip_str_of(h->mirrors[i]), &mirrors[i], err) < 0)
            return -1;
    if (slip_file_read_if_there(machine_registries(h->env, arena), &machine, &found, err) < 0)
        return -1;
    slip_short_names_print(slip_buf_str(&machine), &text);
    if (h->n_mirrors)
        slip_mirrors_print(slip_buf_str(&machine), mirrors, h->n_mirrors, h->insecure_registry,
                           &text);
    else
        slip_buf_add_str(&text, slip_buf_str(&machine));
    if (plain_registry.len)
        slip_plain_registry_print(slip_buf_str(&machine), plain_registry, &text);
    return slip_file_write(file, slip_buf_str(&text), 0600, err);
}

/* --- credentials -------------------------------------------------------------------------------
 */

/* "key":{"auth":..} as the containers project reads it: it knows no "username". False: it says
 * nothing, as the entries that docker leaves beside a credential helper. */
static bool print_entry(const struct slip_pair *pair, struct slip_buf *out)
{
    const struct slip_value *entry = pair->value;
    struct slip_str auth = slip_value_text(entry, "auth"),
                    user = slip_value_text(entry, "username");
    struct slip_str password = slip_value_text(entry, "password");
    struct slip_str identity = slip_value_text(entry, "identitytoken");
    SLIP_AUTO(slip_buf) both = SLIP_BUF(SLIP_LIMIT_TOKEN_BODY);
    SLIP_AUTO(slip_buf) encoded = SLIP_BUF(SLIP_LIMIT_FILE);
    if (auth.len == 0 && user.len && password.len) {
        slip_buf_add_fmt(&both, "%.*s:", SLIP_ARG(user));
        slip_buf_add_str(&both, password);
        slip_base64_encode(slip_buf_str(&both), &encoded);
        auth = slip_buf_str(&encoded);
    }
    if (auth.len || identity.len) {
        slip_json_add_string(out, pair->key->text, 0);
        slip_buf_add_c(out, ":{\"auth\":");
        slip_json_add_string(out, auth, 0);
        if (identity.len) {
            slip_buf_add_c(out, ",\"identitytoken\":");
            slip_json_add_string(out, identity, 0);
        }
        slip_buf_add_char(out, '}');
    }
    slip_wipe(both.ptr, both.len);
    slip_wipe(encoded.ptr, encoded.len);
    return auth.len || identity.len;
}

/* "key":"name of a helper" */
static bool print_helper(const struct slip_pair *pair, struct slip_buf *out)
{
    if (pair->value->type != SLIP_VALUE_STRING)
        return false;
    slip_json_add_string(out, pair->key->text, 0);
    slip_buf_add_char(out, ':');
    slip_json_add_string(out, pair->value->text, 0);
    return true;
}

typedef bool print_fn(const struct slip_pair *pair, struct slip_buf *out);

/* Has one of the texts before this one told this key? */
static bool is_told(const struct slip_doc *docs, size_t n, const char *section, struct slip_str key,
                    print_fn *print)
{
    for (size_t i = 0; i < n; i++) {
        const struct slip_value *map = slip_value_get(docs[i].root, section);
        for (size_t k = 0; map && map->type == SLIP_VALUE_MAP && k < map->len; k++) {
            SLIP_AUTO(slip_buf) scratch = SLIP_BUF(SLIP_LIMIT_FILE);
            bool says =
                slip_str_eq(map->pairs[k].key->text, key) && print(&map->pairs[k], &scratch);
            slip_wipe(scratch.ptr, scratch.len);
            if (says)
                return true;
        }
    }
    return false;
}

static void print_section(const struct slip_doc *docs, size_t n, const char *section,
                          print_fn *print, struct slip_buf *out)
{
    bool any = false;
    slip_buf_add_fmt(out, "\"%s\":{", section);
    for (size_t i = 0; i < n; i++) {
        const struct slip_value *map = slip_value_get(docs[i].root, section);
        for (size_t k = 0; map && map->type == SLIP_VALUE_MAP && k < map->len; k++) {
            size_t before = out->len;
            if (is_told(docs, i, section, map->pairs[k].key->text, print))
                continue;
            if (any)
                slip_buf_add_char(out, ',');
            if (print(&map->pairs[k], out))
                any = true;
            else
                slip_buf_cut(out, before);
        }
    }
    slip_buf_add_char(out, '}');
}

void slip_auth_merge(const struct slip_str *texts, size_t n, struct slip_buf *out)
{
    struct slip_doc docs[TEXTS_MAX] = { 0 };
    size_t n_docs = 0;
    for (size_t i = 0; i < n && n_docs < TEXTS_MAX; i++) {
        struct slip_error ignored = { 0 }; /* told by who looked for credentials */
        if (slip_json_read(texts[i], NULL, 0, &docs[n_docs], &ignored) == 0)
            n_docs++;
    }
    slip_buf_add_char(out, '{');
    print_section(docs, n_docs, "auths", print_entry, out);
    slip_buf_add_char(out, ',');
    print_section(docs, n_docs, "credHelpers", print_helper, out);
    slip_buf_add_char(out, '}');
    for (size_t i = 0; i < n_docs; i++)
        slip_doc_clear(&docs[i]);
}

/* The file that buildah asks first; with one of ours it does not. */
static const char *first_auth_file(const char *const *env, struct slip_arena *arena)
{
    const char *named = slip_env_get(env, "REGISTRY_AUTH_FILE");
    const char *runtime = slip_env_get(env, "XDG_RUNTIME_DIR");
    if (named && named[0])
        return named;
    if (runtime && runtime[0])
        return slip_arena_printf(arena, "%s/containers/auth.json", runtime);
    return slip_arena_printf(arena, "/run/containers/%lu/auth.json", (unsigned long)geteuid());
}

static bool is_builders_docker_dir(const struct slip_build_host *h, struct slip_arena *arena)
{
    const char *named = slip_env_get(h->env, "DOCKER_CONFIG");
    const char *home = slip_env_get(h->env, "HOME");
    if (!h->docker_config_dir)
        return true;
    if (named && named[0])
        return strcmp(h->docker_config_dir, named) == 0;
    return home && strcmp(h->docker_config_dir, slip_arena_printf(arena, "%s/.docker", home)) == 0;
}

/* In the order in which we ask for credentials ourselves (registry/credentials.h). */
static int write_auth(const struct slip_build_host *h, char *file, struct slip_arena *arena,
                      struct slip_error *err)
{
    SLIP_AUTO(slip_buf) docker = SLIP_BUF(SLIP_LIMIT_FILE);
    SLIP_AUTO(slip_buf) first = SLIP_BUF(SLIP_LIMIT_FILE);
    SLIP_AUTO(slip_buf) text = SLIP_BUF(3 * SLIP_LIMIT_FILE);
    const char *variable = slip_env_get(h->env, "DOCKER_AUTH_CONFIG");
    bool found;
    if (h->docker_config_dir
        && slip_file_read_if_there(slip_arena_printf(arena, "%s/config.json", h->docker_config_dir),
                                   &docker, &found, err)
               < 0)
        return -1;
    if (slip_file_read_if_there(first_auth_file(h->env, arena), &first, &found, err) < 0)
        return -1;
    const struct slip_str texts[TEXTS_MAX] = { slip_buf_str(&docker),
                                               slip_str_of(variable ? variable : ""),
                                               slip_buf_str(&first) };
    slip_auth_merge(texts, TEXTS_MAX, &text);
    int rc = slip_file_write(file, slip_buf_str(&text), 0600, err);
    slip_wipe(docker.ptr, docker.len);
    slip_wipe(first.ptr, first.len);
    slip_wipe(text.ptr, text.len);
    return rc;
}

int slip_access_write(const struct slip_build_host *host, const struct slip_build_request *request,
                      const char *dir, struct slip_arena *arena, struct slip_access *out,
                      struct slip_error *err)
{
    const char *variable = slip_env_get(host->env, "DOCKER_AUTH_CONFIG");
    *out = (struct slip_access){ 0 };
    struct slip_str plain = host->insecure_registry ? SLIP_STR("") : request->plain_registry;
    out->registries = slip_arena_printf(arena, "%s/registries.conf", dir);
    if (write_registries(host, plain, out->registries, arena, err) < 0)
        return -1;
    if ((variable && variable[0]) || !is_builders_docker_dir(host, arena)) {
        out->auth = slip_arena_printf(arena, "%s/auth.json", dir);
        if (write_auth(host, out->auth, arena, err) < 0)
            return -1;
    }
    return 0;
}
