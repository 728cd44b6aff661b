/* SPDX-License-Identifier: Apache-2.0 */
/* The environment's word on registries. */
#include "settings.h"

#include "base/mem.h"
#include "version.h"

#include <sys/utsname.h>

/* Lower case wins, as curl has it; HTTP_PROXY in upper case is not read (httpoxy). */
static const char *either(const struct slip_cli *cli, const char *lower, const char *upper)
{
    const char *value = slip_cli_env(cli, lower);
    return value || !upper ? value : slip_cli_env(cli, upper);
}

/* Files in docker's format besides docker's own: podman's, in the order in which podman looks. */
static void find_auth_files(struct slip_settings *s, const struct slip_cli *cli)
{
    size_t n = 0;
    const char *named = slip_cli_env(cli, "REGISTRY_AUTH_FILE");
    const char *runtime = slip_cli_env(cli, "XDG_RUNTIME_DIR");
    const char *config = slip_cli_env(cli, "XDG_CONFIG_HOME");
    const char *home = slip_cli_env(cli, "HOME");
    if (named)
        s->auth_files[n++] = slip_strdup(named);
    if (runtime)
        s->auth_files[n++] = slip_printf("%s/containers/auth.json", runtime);
    if (config)
        s->auth_files[n++] = slip_printf("%s/containers/auth.json", config);
    else if (home)
        s->auth_files[n++] = slip_printf("%s/.config/containers/auth.json", home);
}

void slip_settings_init(struct slip_settings *s, const struct slip_cli *cli,
                        const struct slip_registry_flags *flags, const char *base_dir)
{
    *s = (struct slip_settings){ 0 };
    const char *home = slip_cli_env(cli, "HOME");
    const char *all = either(cli, "all_proxy", "ALL_PROXY");
    s->user_agent = slip_printf("slipway/%s", SLIPWAY_VERSION);
    if (flags->docker_config)
        s->docker_dir = slip_strdup(flags->docker_config);
    else if (home)
        s->docker_dir = slip_printf("%s/.docker", home);
    find_auth_files(s, cli);
    s->registry = (struct slip_registry_options){
        .insecure = flags->insecure,
        .skip_tls_verify = flags->skip_tls_verify,
        .user_agent = s->user_agent,
        .docker_config_dir = s->docker_dir,
        .auth_files = (const char *const *)s->auth_files,
        .docker_auth_config = slip_cli_env(cli, "DOCKER_AUTH_CONFIG"),
        .ca_file = slip_cli_env(cli, "SSL_CERT_FILE"),
        .cert_dir = "/etc/docker/certs.d",
        .env = cli->env,
        .http_proxy = slip_cli_env(cli, "http_proxy"),
        .https_proxy = either(cli, "https_proxy", "HTTPS_PROXY"),
        .no_proxy = either(cli, "no_proxy", "NO_PROXY"),
        .base_dir = base_dir,
        .watch = &cli->watch,
    };
    if (!s->registry.http_proxy)
        s->registry.http_proxy = all;
    if (!s->registry.https_proxy)
        s->registry.https_proxy = all;
}

void slip_settings_clear(struct slip_settings *s)
{
    slip_free(s->user_agent);
    slip_free(s->docker_dir);
    for (size_t i = 0; i < SLIP_COUNT(s->auth_files); i++)
        slip_free(s->auth_files[i]);
    *s = (struct slip_settings){ 0 };
}

const char *slip_host_platform(void)
{
    static const char *const machines[][2] = {
        { "x86_64", "linux/amd64" },    { "aarch64", "linux/arm64/v8" },
        { "armv7l", "linux/arm/v7" },   { "i686", "linux/386" },
        { "ppc64le", "linux/ppc64le" }, { "s390x", "linux/s390x" },
        { "riscv64", "linux/riscv64" },
    };
    struct utsname host;
    if (uname(&host) == 0)
        for (size_t i = 0; i < SLIP_COUNT(machines); i++)
            if (strcmp(host.machine, machines[i][0]) == 0)
                return machines[i][1];
    return "linux/amd64";
}
