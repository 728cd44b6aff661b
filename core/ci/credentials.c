/* SPDX-License-Identifier: Apache-2.0 */
/* A job's own registry. */
#include "ci/credentials.h"

#include "value/json.h"

/* A source is a list of variables, or "=" and the text itself. The first row of a provider whose
 * sources all give something counts. */
static const struct row {
    const char *provider, *host, *user, *password;
} rows[] = {
    { "github", "=ghcr.io", "GITHUB_ACTOR", "GITHUB_TOKEN" },
    { "gitlab", "CI_REGISTRY", "CI_REGISTRY_USER", "CI_REGISTRY_PASSWORD" },
    { "gitlab", "CI_REGISTRY", "=gitlab-ci-token", "CI_JOB_TOKEN" },
    { "gitea", "GITHUB_SERVER_URL", "GITHUB_ACTOR", "GITEA_TOKEN GITHUB_TOKEN" },
    { "forgejo", "FORGEJO_SERVER_URL GITHUB_SERVER_URL", "FORGEJO_ACTOR GITHUB_ACTOR",
      "FORGEJO_TOKEN GITEA_TOKEN GITHUB_TOKEN" },
};

static struct slip_str source(struct slip_ci_env env, const char *from)
{
    return slip_str_of(from[0] == '=' ? from + 1 : slip_ci_get(env, from));
}

/* "https://host:3000/x" -> "host:3000" */
static struct slip_str host_of(struct slip_str text)
{
    size_t scheme = slip_str_find_str(text, SLIP_STR("://"));
    struct slip_str host, path;
    slip_str_cut(scheme == SLIP_NPOS ? text : slip_str_skip(text, scheme + 3), '/', &host, &path);
    return host;
}

bool slip_ci_credentials(const struct slip_ci_provider *provider, struct slip_ci_env env,
                         struct slip_buf *out)
{
    for (size_t i = 0; i < SLIP_COUNT(rows); i++) {
        if (strcmp(rows[i].provider, provider->name) != 0)
            continue;
        struct slip_str host = host_of(source(env, rows[i].host));
        struct slip_str user = source(env, rows[i].user);
        struct slip_str password = source(env, rows[i].password);
        if (host.len == 0 || user.len == 0 || password.len == 0)
            continue;
        slip_buf_add_c(out, "{\"auths\":{");
        slip_json_add_string(out, host, 0);
        slip_buf_add_c(out, ":{\"username\":");
        slip_json_add_string(out, user, 0);
        slip_buf_add_c(out, ",\"password\":");
        slip_json_add_string(out, password, 0);
        slip_buf_add_c(out, "}}}");
        return true;
    }
    return false;
}

static void add_lower(struct slip_buf *out, struct slip_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        slip_buf_add_char(out, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
    }
}

bool slip_ci_stage_repository(const struct slip_ci_provider *provider, struct slip_ci_env env,
                              struct slip_str project, struct slip_buf *out)
{
    if (strcmp(provider->name, "gitlab") == 0) {
        const char *image = slip_ci_get(env, "CI_REGISTRY_IMAGE");
        return image && slip_buf_add_c(out, image);
    }
    const char *repository = slip_ci_get(env, "GITHUB_REPOSITORY");
    if (strcmp(provider->name, "github") != 0 || !repository || project.len == 0)
        return false;
    slip_buf_add_c(out, "ghcr.io/");
    add_lower(out, slip_str_of(repository));
    slip_buf_add_fmt(out, "/%.*s", SLIP_ARG(project));
    return true;
}
