/* SPDX-License-Identifier: Apache-2.0 */
/* Stapel images and artifacts (werf-config.md A.8), all but what they copy: convert_copy.c. */
#include "werf/convert.h"

#include "base/limits.h"
#include "base/path.h"
#include "value/json.h"

/* --- base image --- */

static int check_base(struct slip_convert *c, const struct slip_draft *draft)
{
    const struct slip_raw_stapel *raw = draft->stapel;
    if (raw->from_artifact.len && (raw->from.len || raw->from_image.len))
        return slip_decode_fail(&c->d, raw->where,
                                "conflict between `from`, `fromImage` and `fromArtifact` "
                                "directives!");
    if (raw->from_image.len && slip_str_eq(raw->from_image, draft->name))
        return slip_decode_fail(&c->d, raw->where, "image cannot reference itself!");
    if (raw->from_latest == SLIP_YES && !c->o->giterminism->from_latest
        && !c->o->giterminism->allow_all) {
        slip_decode_fail(&c->d, raw->where,
                         "the use of the directive 'fromLatest' not allowed by "
                         "giterminism");
        return slip_convert_advise_to_allow(c, "config.stapel.allowFromLatest");
    }
    return 0;
}

static int take_base(struct slip_convert *c, const struct slip_draft *draft,
                     struct slip_stapel *out)
{
    const struct slip_raw_stapel *raw = draft->stapel;
    struct slip_str from = raw->from_artifact.len ? raw->from_artifact
                           : raw->from_image.len  ? raw->from_image
                                                  : raw->from;
    if (check_base(c, draft) < 0)
        return -1;
    /* An image that begins with its own name means one of a registry. */
    if (slip_str_eq(from, draft->name)) {
        out->base = SLIP_NPOS;
        out->from = slip_str_of(slip_arena_printf(&c->set->arena, "%.*s:latest", SLIP_ARG(from)));
        return 0;
    }
    if (!from.len)
        return slip_decode_fail(&c->d, raw->where,
                                "`from: DOCKER_IMAGE`, `fromImage: IMAGE_NAME`, `fromArtifact: "
                                "IMAGE_ARTIFACT_NAME` required!");
    out->base = slip_convert_find(c, from);
    out->from = slip_convert_str(c, from);
    if (raw->from_artifact.len && out->base == SLIP_NPOS)
        return slip_decode_fail(&c->d, raw->where, "no such image artifact `%.*s`!",
                                SLIP_ARG(from));
    return 0;
}

/* --- user stages --- */

static void take_shell(struct slip_convert *c, const struct slip_raw_shell *raw,
                       struct slip_stapel *out)
{
    out->user_cache_version = slip_convert_str(c, raw->cache_version);
    for (size_t i = 0; i < SLIP_USER_STAGES; i++) {
        out->user[i].commands = slip_convert_list(c, &raw->commands[i]);
        out->user[i].cache_version = slip_convert_str(c, raw->stage_cache_version[i]);
    }
}

/* What a task of ansible may do: the modules that werf supports, sorted. */
static const char *const ansible_modules[] = {
    "acl",
    "apk",
    "apt",
    "apt_key",
    "apt_repository",
    "apt_rpm",
    "archive",
    "assemble",
    "assert",
    "blockinfile",
    "bower",
    "bundler",
    "command",
    "composer",
    "copy",
    "cpanm",
    "cron",
    "debconf",
    "debug",
    "dnf",
    "dpkg_selections",
    "easy_install",
    "fail",
    "file",
    "find",
    "gem",
    "get_url",
    "getent",
    "group",
    "homebrew",
    "homebrew_cask",
    "homebrew_tap",
    "ini_file",
    "iso_extract",
    "layman",
    "lineinfile",
    "locale_gen",
    "macports",
    "maven_artifact",
    "meta",
    "npm",
    "openbsd_pkg",
    "openssl_certificate",
    "openssl_csr",
    "openssl_privatekey",
    "openssl_publickey",
    "opkg",
    "package",
    "pacman",
    "pear",
    "pip",
    "pkg5",
    "pkg5_publisher",
    "pkgin",
    "pkgng",
    "pkgutil",
    "portage",
    "portinstall",
    "pulp_repo",
    "raw",
    "redhat_subscription",
    "replace",
    "rhn_channel",
    "rhn_register",
    "rpm_key",
    "script",
    "set_fact",
    "shell",
    "slackpkg",
    "slurp",
    "sorcery",
    "stat",
    "svr4pkg",
    "swdepot",
    "swupd",
    "tempfile",
    "timezone",
    "unarchive",
    "uri",
    "urpmi",
    "user",
    "wait_for",
    "xattr",
    "xbps",
    "yum",
    "yum_repository",
    "zypper",
    "zypper_repository",
};

static bool is_given(const struct slip_value *task, const char *key)
{
    const struct slip_value *v = slip_value_get(task, key);
    return v && v->type != SLIP_VALUE_NULL;
}

/* One module; or a block, whose tasks are tasks as these. */
static int check_task(struct slip_convert *c, const struct slip_value *task)
{
    static const char *const blocks[] = { "block", "rescue", "always" };
    size_t modules = 0, in_blocks = 0;
    if (task->type != SLIP_VALUE_MAP)
        return slip_decode_fail(&c->d, task, "invalid ansible task!");
    for (size_t b = 0; b < SLIP_COUNT(blocks); b++) {
        if (!is_given(task, blocks[b]))
            continue;
        const struct slip_value *list = slip_value_get(task, blocks[b]);
        in_blocks++;
        if (list->type != SLIP_VALUE_LIST)
            return slip_decode_fail(&c->d, list, "a list of ansible tasks is expected");
        for (size_t i = 0; i < list->len; i++)
            if (check_task(c, list->items[i]) < 0)
                return -1;
    }
    for (size_t m = 0; m < SLIP_COUNT(ansible_modules); m++)
        modules += is_given(task, ansible_modules[m]);
    if (in_blocks || modules == 1)
        return 0;
    if (modules)
        return slip_decode_fail(&c->d, task, "invalid ansible task! it has more than one module");
    slip_decode_fail(&c->d, task, "unsupported ansible task!");
    return slip_hint(c->d.err, "a task has one of the modules that werf supports, such as shell, "
                               "command, copy, apt or get_url");
}

static int take_tasks(struct slip_convert *c, const struct slip_value *tasks,
                      struct slip_str_list *out)
{
    if (!tasks || tasks->type == SLIP_VALUE_NULL)
        return 0;
    if (tasks->type != SLIP_VALUE_LIST)
        return slip_decode_fail(&c->d, tasks, "a list of ansible tasks is expected");
    out->at = slip_arena_array(&c->set->arena, tasks->len, sizeof(*out->at));
    for (size_t i = 0; i < tasks->len; i++) {
        SLIP_AUTO(slip_buf) json = SLIP_BUF(SLIP_LIMIT_RENDERED);
        if (check_task(c, tasks->items[i]) < 0)
            return -1;
        if (slip_json_write(tasks->items[i], SLIP_JSON_HTML, &json, c->d.err) < 0)
            return -1;
        out->at[out->len++] = slip_convert_str(c, slip_buf_str(&json));
    }
    return 0;
}

static int take_ansible(struct slip_convert *c, const struct slip_raw_ansible *raw,
                        struct slip_stapel *out)
{
    out->ansible = true;
    out->user_cache_version = slip_convert_str(c, raw->cache_version);
    for (size_t i = 0; i < SLIP_USER_STAGES; i++) {
        if (take_tasks(c, raw->tasks[i], &out->user[i].commands) < 0)
            return -1;
        out->user[i].cache_version = slip_convert_str(c, raw->stage_cache_version[i]);
    }
    return 0;
}

static int take_user_stages(struct slip_convert *c, const struct slip_raw_stapel *raw,
                            struct slip_stapel *out)
{
    if (raw->shell && raw->ansible)
        return slip_decode_fail(&c->d, raw->where,
                                "cannot use shell and ansible builders at the same time!");
    if (raw->shell)
        take_shell(c, raw->shell, out);
    return raw->ansible ? take_ansible(c, raw->ansible, out) : 0;
}

/* --- docker --- */

/* A string as it is, a list as text in brackets with quotes around its elements. */
static int take_command(struct slip_convert *c, const struct slip_value *v, struct slip_str *out)
{
    struct slip_raw_list list = { 0 };
    *out = SLIP_STR("");
    if (!v || v->type == SLIP_VALUE_NULL)
        return 0;
    if (slip_decode_words(&c->d, v, &list) < 0)
        return -1;
    const struct slip_str *at = list.at;
    if (v->type == SLIP_VALUE_STRING) {
        *out = slip_convert_str(c, at[0]);
        return 0;
    }
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SIZE_MAX);
    slip_buf_add_char(&text, '[');
    for (size_t i = 0; i < list.len; i++)
        slip_buf_add_fmt(&text, "%s\"%.*s\"", i ? ", " : "", SLIP_ARG(at[i]));
    slip_buf_add_char(&text, ']');
    *out = slip_convert_str(c, slip_buf_str(&text));
    return 0;
}

static int take_docker(struct slip_convert *c, const struct slip_raw_stapel *image,
                       struct slip_stapel *out)
{
    const struct slip_raw_docker *raw = image->docker;
    struct slip_docker_section *d = &out->docker;
    out->has_docker = raw != NULL;
    if (!raw)
        return 0;
    if (image->image_spec)
        return slip_decode_fail(&c->d, image->where,
                                "`docker` and `imageSpec` cannot be used together");
    if (take_command(c, raw->cmd, &d->cmd) < 0
        || take_command(c, raw->entrypoint, &d->entrypoint) < 0)
        return -1;
    if (d->entrypoint.len && !d->cmd.len)
        d->cmd = SLIP_STR("[]");
    d->exact_values = raw->exact_values == SLIP_YES;
    d->volume = slip_convert_list(c, &raw->volume);
    d->expose = slip_convert_list(c, &raw->expose);
    d->env = slip_convert_map(c, &raw->env);
    d->label = slip_convert_map(c, &raw->label);
    d->workdir = slip_convert_str(c, raw->workdir);
    d->user = slip_convert_str(c, raw->user);
    d->healthcheck = slip_convert_str(c, raw->healthcheck);
    return 0;
}

/* --- mounts --- */

static int check_build_dir(struct slip_convert *c, const struct slip_raw_mount *raw)
{
    if (c->o->giterminism->mount_build_dir || c->o->giterminism->allow_all)
        return 0;
    slip_decode_fail(&c->d, raw->where,
                     "'mount { from: build_dir, ... }' not allowed by giterminism");
    return slip_convert_advise_to_allow(c, "config.stapel.mount.allowBuildDir");
}

static int check_from_path(struct slip_convert *c, const struct slip_raw_mount *raw)
{
    const struct slip_giterminism *g = c->o->giterminism;
    bool accepted;
    if (slip_giterminism_accepts(&g->mount_from_paths, raw->from_path, &accepted, c->d.err) < 0)
        return -1;
    if (accepted || g->allow_all)
        return 0;
    slip_decode_fail(&c->d, raw->where,
                     "'mount { fromPath: %.*s, ... }' not allowed by giterminism",
                     SLIP_ARG(raw->from_path));
    return slip_convert_advise_to_allow(c, "config.stapel.mount.allowFromPaths");
}

static int take_mount_source(struct slip_convert *c, const struct slip_raw_mount *raw,
                             struct slip_mount *out)
{
    bool build_dir = slip_str_is(raw->from, "build_dir");
    out->from = slip_convert_path(c, raw->from_path);
    if (raw->from_path.len) {
        out->type = SLIP_STR("custom_dir");
        if (raw->from.len)
            return slip_decode_fail(&c->d, raw->where,
                                    "cannot use `from` and `fromPath` at the same time");
        return check_from_path(c, raw);
    }
    if (!build_dir && !slip_str_is(raw->from, "tmp_dir"))
        return slip_decode_fail(&c->d, raw->where,
                                "invalid from `%.*s` for mount: expected "
                                "`tmp_dir|build_dir`!",
                                SLIP_ARG(raw->from));
    out->type = slip_convert_str(c, raw->from);
    return build_dir ? check_build_dir(c, raw) : 0;
}

static int take_mounts(struct slip_convert *c, const struct slip_raw_list *raw,
                       struct slip_stapel *out)
{
    const struct slip_raw_mount *at = raw->at;
    out->n_mounts = raw->len;
    out->mounts = slip_arena_array(&c->set->arena, raw->len, sizeof(*out->mounts));
    for (size_t i = 0; i < raw->len; i++) {
        if (!at[i].to.len || at[i].to.ptr[0] != '/')
            return slip_decode_fail(&c->d, at[i].where,
                                    "`to: PATH` absolute path required for mount!");
        if (take_mount_source(c, &at[i], &out->mounts[i]) < 0)
            return -1;
        out->mounts[i].to = slip_convert_path(c, at[i].to);
        for (size_t k = 0; k < i; k++)
            if (slip_str_eq(out->mounts[k].to, out->mounts[i].to))
                return slip_decode_fail(&c->d, at[i].where,
                                        "conflict between mounts: '%.*s' is used twice",
                                        SLIP_ARG(out->mounts[i].to));
    }
    return 0;
}

/* --- the image --- */

static int check_artifact(struct slip_convert *c, const struct slip_raw_stapel *raw)
{
    const char *what = raw->docker                                ? "`docker`"
                       : slip_value_get(raw->where, "final")      ? "`final`"
                       : raw->disable_git_after_patch == SLIP_YES ? "`disableGitAfterPatch`"
                       : raw->dependencies.len                    ? "`dependencies`"
                                                                  : NULL;
    return what ? slip_decode_fail(&c->d, raw->where, "%s cannot be used in an artifact", what) : 0;
}

static void take_plain_fields(struct slip_convert *c, const struct slip_draft *draft,
                              struct slip_image *out)
{
    const struct slip_raw_stapel *raw = draft->stapel;
    out->kind = draft->artifact ? SLIP_IMAGE_ARTIFACT : SLIP_IMAGE_STAPEL;
    out->final = !draft->artifact && raw->final != SLIP_NO;
    out->network = slip_convert_str(c, raw->network);
    slip_convert_defaults(c, raw->cache_version, &raw->platform, out);
    out->stapel = slip_arena_new(&c->set->arena, struct slip_stapel);
    out->stapel->from_latest = raw->from_latest == SLIP_YES;
    out->stapel->from_cache_version = slip_convert_str(c, raw->from_cache_version);
    out->stapel->disable_git_after_patch =
        draft->artifact || raw->disable_git_after_patch == SLIP_YES;
}

int slip_convert_stapel(struct slip_convert *c, const struct slip_draft *draft,
                        struct slip_image *out)
{
    const struct slip_raw_stapel *raw = draft->stapel;
    take_plain_fields(c, draft, out);
    struct slip_stapel *s = out->stapel;
    if ((draft->artifact && check_artifact(c, raw) < 0) || take_base(c, draft, s) < 0
        || take_user_stages(c, raw, s) < 0 || take_docker(c, raw, s) < 0
        || take_mounts(c, &raw->mounts, s) < 0 || slip_convert_copies(c, raw, s) < 0
        || slip_convert_dependencies(c, &raw->dependencies, true, out) < 0
        || slip_convert_secrets(c, &raw->secrets, out) < 0)
        return -1;
    slip_convert_image_spec(c, raw->image_spec, out);
    return 0;
}
