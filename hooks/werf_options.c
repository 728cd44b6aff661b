/* SPDX-License-Identifier: Apache-2.0 */
/* What of werf's options is taken, and what is refused. */
#include "werf_options.h"

/* clang-format off */
#define REPOSITORY_OPTIONS(repo)                                                                   \
    { repo "-container-registry", true, NULL }, { repo "-docker-hub-username", true, NULL },       \
    { repo "-docker-hub-password", true, NULL }, { repo "-docker-hub-token", true, NULL },         \
    { repo "-github-token", true, NULL }, { repo "-harbor-username", true, NULL },                 \
    { repo "-harbor-password", true, NULL }, { repo "-quay-token", true, NULL }

#define COMMITS_ONLY "slipway reads commits only: commit, and give --commit REV"
#define NO_INTROSPECTION "there is no introspection: build this image with werf"

static const struct slip_werf_option table[] = {
    REPOSITORY_OPTIONS("repo"), /* for deletion */
    REPOSITORY_OPTIONS("final-repo"),
    { "parallel",                   false, NULL }, /* always */
    { "allow-includes-update",      false, NULL },
    { "debug-templates",            false, NULL },
    { "config-render-path",         true,  NULL },
    { "tmp-dir",                    true,  NULL },
    { "kube-config",                true,  NULL },
    { "kube-config-base64",         true,  NULL },
    { "kube-context",               true,  NULL },
    { "insecure-helm-dependencies", false, NULL },
    { "ssh-key",                    true,  "load the key into an agent (ssh-add)" },
    { "log-color-mode",             true,  NULL },
    { "log-debug",                  false, NULL },
    { "log-pretty",                 false, NULL },
    { "log-project-dir",            false, NULL },
    { "log-quiet",                  false, NULL },
    { "log-terminal-width",         true,  NULL },
    { "log-time",                   false, NULL },
    { "log-time-format",            true,  NULL },
    { "log-verbose",                false, NULL },
    { "git-work-tree",              true,  "give the repository with -C DIR or --git-dir DIR" },
    { "loose-giterminism",          false, COMMITS_ONLY },
    { "dev",                        false, COMMITS_ONLY },
    { "dev-branch",                 true,  COMMITS_ONLY },
    { "dev-ignore",                 true,  COMMITS_ONLY },
    { "virtual-merge",              false, "give the commit of the merge with --commit REV" },
    { "introspect-error",           false, NO_INTROSPECTION },
    { "introspect-before-error",    false, NO_INTROSPECTION },
    { "introspect-stage",           true,  NO_INTROSPECTION },
};
/* clang-format on */

const struct slip_werf_option *slip_werf_option_find(struct slip_str name)
{
    for (size_t i = 0; i < SLIP_COUNT(table); i++)
        if (slip_str_is(name, table[i].name))
            return &table[i];
    return NULL;
}
