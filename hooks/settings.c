/* SPDX-License-Identifier: Apache-2.0 */
/* The environment's word on registries. */
#include "settings.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"
#include "build/mirrors.h"
#include "flow/policy.h"
#include "flow/rules_file.h"
#include "flow/work_tree.h"
#include "proc/run.h"
#include "version.h"
#include "werf/select.h"

#include <errno.h>
#include <limits.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <time.h>

const char slip_version[] = SLIPWAY_VERSION;

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
    else
        s->auth_files[n++] = slip_printf("/run/containers/%lu/auth.json", (unsigned long)geteuid());
    if (config)
        s->auth_files[n++] = slip_printf("%s/containers/auth.json", config);
    else if (home)
        s->auth_files[n++] = slip_printf("%s/.config/containers/auth.json", home);
}

/* A place that all runs of this user find, whichever repository they are for; a home that cannot be
 * written to, as that of some CI jobs, is no reason to do without. */
static void find_lock_dirs(struct slip_settings *s, const struct slip_cli *cli)
{
    size_t n = 0;
    const char *state = slip_cli_env(cli, "XDG_STATE_HOME");
    const char *home = slip_cli_env(cli, "HOME");
    if (state && state[0] == '/')
        s->lock_dirs[n++] = slip_printf("%s/slipway/locks", state);
    else if (home)
        s->lock_dirs[n++] = slip_printf("%s/.local/state/slipway/locks", home);
    s->lock_dirs[n++] = slip_printf("/tmp/slipway-locks-%lu", (unsigned long)geteuid());
    s->name_lock_settings =
        (struct slip_own_locks){ .dirs = (const char *const *)s->lock_dirs, .watch = &cli->watch };
    s->name_locks = slip_own_locks_new(&s->name_lock_settings);
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
    find_lock_dirs(s, cli);
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
    s->registry.trace_fd = cli->trace_fd;
    if (!s->registry.http_proxy)
        s->registry.http_proxy = all;
    if (!s->registry.https_proxy)
        s->registry.https_proxy = all;
}

void slip_settings_clear(struct slip_settings *s)
{
    slip_free(s->user_agent);
    slip_free(s->docker_dir);
    slip_free(s->werf_home);
    slip_locks_free(s->name_locks);
    for (size_t i = 0; i < SLIP_COUNT(s->auth_files); i++)
        slip_free(s->auth_files[i]);
    for (size_t i = 0; i < SLIP_COUNT(s->lock_dirs); i++)
        slip_free(s->lock_dirs[i]);
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

/* ---- werf.yaml ---- */

static const char *variable(void *payload, const char *name)
{
    const struct slip_cli *cli = payload;
    return slip_env_get(cli->env, name); /* set but empty is not unset here */
}

static void now(void *payload, int64_t *seconds, int32_t *nanoseconds)
{
    (void)payload;
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    *seconds = t.tv_sec;
    *nanoseconds = (int32_t)t.tv_nsec;
}

static void random_bytes(void *payload, void *bytes, size_t len)
{
    (void)payload;
    char *p = bytes;
    while (len) {
        ssize_t n = getrandom(p, len, 0);
        if (n > 0) {
            p += n;
            len -= (size_t)n;
        }
    }
}

/* The file of the local zone as Go finds it: TZ is a name or a path, maybe behind a colon; unset
 * means /etc/localtime. NULL: UTC. */
static char *local_zone_path(const struct slip_cli *cli)
{
    const char *tz = slip_env_get(cli->env, "TZ");
    if (!tz)
        return slip_strdup("/etc/localtime");
    if (tz[0] == ':')
        tz++;
    if (tz[0] == '\0' || strcmp(tz, "UTC") == 0 || strstr(tz, ".."))
        return NULL;
    return tz[0] == '/' ? slip_strdup(tz) : slip_printf("/usr/share/zoneinfo/%s", tz);
}

/* How Go calls the local zone when TZ names one. */
static struct slip_str local_zone_name(const struct slip_cli *cli)
{
    const char *tz = slip_env_get(cli->env, "TZ");
    if (!tz)
        return SLIP_STR("");
    tz += tz[0] == ':';
    return strcmp(tz, "/etc/localtime") == 0 ? SLIP_STR("") : slip_str_of(tz);
}

/* The zone database of this machine; a name cannot leave its directory. */
static bool zone(void *payload, struct slip_str name, struct slip_buf *tzif)
{
    struct slip_error err = { 0 };
    bool found = false;
    SLIP_AUTO_FREE char *path = NULL;
    if (slip_str_is(name, "Local"))
        path = local_zone_path(payload);
    else if (name.len && name.ptr[0] != '/' && slip_str_find_str(name, SLIP_STR("..")) == SLIP_NPOS)
        path = slip_printf("/usr/share/zoneinfo/%.*s", SLIP_ARG(name));
    return path && slip_file_read_if_there(path, tzif, &found, &err) == 0 && found;
}

/* ---- switches ---- */

static struct slip_config_options config_settings(struct slip_cli *cli,
                                                  const struct slip_commit_options *c)
{
    return (struct slip_config_options){
        .project_dir = slip_str_of(c->werf_dir),
        .config = slip_str_of(c->config),
        .templates_dir = slip_str_of(c->templates_dir),
        .giterminism = slip_str_of(c->giterminism),
        .env = slip_str_of(c->env),
        .project_name = slip_str_of(slip_cli_env(cli, "WERF_PROJECT_NAME")),
        .force_staged = slip_cli_is_on(cli, "WERF_FORCE_STAGED_DOCKERFILE"),
        .skip_image_spec = c->skip_image_spec,
        .platform = slip_str_of(slip_host_platform()),
        .commit_only = c->commit_only,
        .payload = cli,
        .variable = variable,
        .now = now,
        .random = random_bytes,
        .zone = zone,
        .local_zone = local_zone_name(cli),
        .watch = &cli->watch,
    };
}

/* Modes of werf in which its result would be another one than that of the commit. */
static int refuse_modes(const struct slip_cli *cli, struct slip_error *err)
{
    static const struct {
        const char *name, *why;
    } modes[] = {
        { "WERF_DEV", "werf then reads more than the commit, slipway never does" },
        { "WERF_LOOSE_GITERMINISM", "werf then reads more than the commit, slipway never does" },
        { "WERF_VIRTUAL_MERGE",
          "werf then works on a merge, slipway on the commit that it is given" },
    };
    for (size_t i = 0; i < SLIP_COUNT(modes); i++)
        if (slip_cli_is_on(cli, modes[i].name)) {
            slip_fail(err, SLIP_E_UNSUPPORTED, "%s is set: %s", modes[i].name, modes[i].why);
            return slip_hint(err, "unset %s", modes[i].name);
        }
    return 0;
}

/* werf would work on the repository that $WERF_GIT_WORK_TREE names: so must we, or say no. */
static int refuse_other_tree(const struct slip_cli *cli, const struct slip_project *p,
                             struct slip_error *err)
{
    char named[PATH_MAX], ours[PATH_MAX];
    const char *tree = slip_cli_env(cli, "WERF_GIT_WORK_TREE");
    if (!tree
        || (realpath(tree, named) && realpath(slip_project_base_dir(p), ours)
            && strcmp(named, ours) == 0))
        return 0;
    slip_fail(err, SLIP_E_UNSUPPORTED, "WERF_GIT_WORK_TREE is set, to another directory than %s",
              slip_project_base_dir(p));
    return slip_hint(err, "give the repository with -C DIR or --git-dir DIR, and unset it");
}

static int fail_outside(const char *option, const char *path, struct slip_error *err)
{
    slip_fail(err, SLIP_E_USAGE, "%s: '%s' is not in the commit", option, path);
    return slip_hint(err, "give the path from the top of the repository");
}

/* A path of this machine that lies in the work tree, as one of the commit. */
static bool inside_work_tree(const struct slip_repo *repo, const char *path, struct slip_buf *out)
{
    const char *top = slip_repo_work_tree(repo);
    SLIP_AUTO_FREE char *real = realpath(path, NULL);
    SLIP_AUTO_FREE char *real_top = top ? realpath(top, NULL) : NULL;
    if (!real || !real_top || !slip_path_is_below(slip_str_of(real), slip_str_of(real_top)))
        return false;
    struct slip_str rest = slip_str_skip(slip_str_of(real), strlen(real_top));
    while (rest.len && rest.ptr[0] == '/')
        rest = slip_str_skip(rest, 1);
    return slip_buf_add_str(out, rest);
}

/* The directory of werf.yaml, into `dir`. As with werf it may be an absolute path. */
static int take_project_dir(const struct slip_repo *repo, const char *given, struct slip_buf *dir,
                            struct slip_error *err)
{
    bool absolute = given && given[0] == '/';
    if (!given || !given[0])
        return 0;
    if (!absolute)
        slip_path_clean(slip_str_of(given), dir);
    if (absolute ? !inside_work_tree(repo, given, dir) : !slip_path_is_inside(slip_buf_str(dir)))
        return fail_outside("--dir", given, err);
    if (slip_str_is(slip_buf_str(dir), "."))
        slip_buf_reset(dir);
    return 0;
}

/* A commit has no other paths than those from its top. */
static int refuse_outside(const struct slip_commit_options *c, struct slip_error *err)
{
    const char *const paths[][2] = {
        { "--config", c->config },
        { "--config-templates-dir", c->templates_dir },
        { "--giterminism-config", c->giterminism },
    };
    for (size_t i = 0; i < SLIP_COUNT(paths); i++) {
        SLIP_AUTO(slip_buf) clean = SLIP_BUF(SLIP_LIMIT_PATH);
        if (!paths[i][1] || !paths[i][1][0])
            continue;
        slip_path_clean(slip_str_of(paths[i][1]), &clean);
        if (slip_path_is_inside(slip_buf_str(&clean)))
            continue;
        return fail_outside(paths[i][0], paths[i][1], err);
    }
    return 0;
}

int slip_prepare_config(struct slip_cli *cli, const struct slip_commit_options *c,
                        const struct slip_repo *repo, struct slip_config_options *o,
                        struct slip_buf *dir, struct slip_error *err)
{
    *o = config_settings(cli, c);
    if (refuse_modes(cli, err) < 0 || take_project_dir(repo, c->werf_dir, dir, err) < 0
        || refuse_outside(c, err) < 0)
        return -1;
    o->project_dir = slip_buf_str(dir);
    return 0;
}

#define WORK_TREE_DIFFERS "only the commit counts, and the work tree differs from it: %s"

int slip_hint_at_work_tree(const struct slip_project *p, const struct slip_config_options *o,
                           const struct slip_files_read *read, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) files = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_work_tree_differences(p, o, read, err->text, &files);
    if (files.len && strstr(err->text, "is not in the commit")) /* then it need not be written */
        slip_hint_instead(err, WORK_TREE_DIFFERS, files.ptr);
    else if (files.len)
        slip_hint_also(err, WORK_TREE_DIFFERS, files.ptr);
    return -1;
}

/* Whoever names a commit knows what is read. */
static void tell_of_work_tree(struct slip_cli *cli, const struct slip_commit_options *c,
                              const struct slip_project *p, const struct slip_config_options *o,
                              const struct slip_files_read *read)
{
    SLIP_AUTO(slip_buf) files = SLIP_BUF(SLIP_LIMIT_TEXT);
    if (cli->common.quiet || c->commit)
        return;
    slip_work_tree_differences(p, o, read, NULL, &files);
    if (files.len)
        slip_cli_hint(cli, WORK_TREE_DIFFERS, files.ptr);
}

int slip_read_images(struct slip_cli *cli, const struct slip_commit_options *c,
                     struct slip_project *p, struct slip_error *err)
{
    struct slip_config_options o;
    SLIP_AUTO(slip_files_read) read = SLIP_FILES_READ;
    SLIP_AUTO(slip_buf) dir = SLIP_BUF(4096);
    if (slip_prepare_config(cli, c, p->repo, &o, &dir, err) < 0
        || refuse_other_tree(cli, p, err) < 0)
        return -1;
    slip_files_read_watch(&read, &o);
    return slip_project_read_images(p, &o, err) < 0 ? slip_hint_at_work_tree(p, &o, &read, err) : 0;
}

void slip_follow_rules(const struct slip_rules *rules, struct slip_commit_options *c)
{
    if (!c->werf_dir && rules->dir.text.len)
        c->werf_dir = rules->dir.text.ptr;
    if (!c->env && rules->env.text.len)
        c->env = rules->env.text.ptr;
}

void slip_told_clear(struct slip_told *t)
{
    slip_git_config_clear(&t->config);
    slip_rules_clear(&t->rules);
}

int slip_told_read(struct slip_cli *cli, const struct slip_project *p, struct slip_told *out,
                   struct slip_error *err)
{
    const struct slip_git git = { .env = cli->env, .dir = cli->common.git_dir };
    struct slip_error wrong = { 0 };
    bool found;
    if (slip_git_config_read(&git, &out->config, err) < 0)
        return -1;
    if (slip_rules_as_told(&p->tree, slip_cli_env(cli, "SLIPWAY_RULES_FILE"),
                           slip_git_config_get(&out->config, SLIP_KEY_RULES_FILE), &out->rules,
                           &found, NULL, &wrong)
        < 0)
        slip_cli_warn(cli, "the rules of the commit are not followed: %s", wrong.text);
    return 0;
}

/* A commit, and how its werf.yaml is read. */
struct opening {
    struct slip_project project;
    struct slip_commit_options c;
    struct slip_config_options config;
    struct slip_buf dir;
    struct slip_files_read read;
};

static void opening_clear(struct opening *o)
{
    slip_project_clear(&o->project);
    slip_buf_clear(&o->dir);
    slip_files_read_clear(&o->read);
}
SLIP_DEFINE_AUTO(opening, opening_clear);

static int open_commit(struct slip_cli *cli, struct slip_told *told, struct opening *o,
                       struct slip_error *err)
{
    if (slip_project_open(cli->common.git_dir, cli->env, o->c.commit, &o->project, err) < 0
        || (told && slip_told_read(cli, &o->project, told, err) < 0))
        return -1;
    if (told)
        slip_follow_rules(&told->rules, &o->c);
    if (slip_prepare_config(cli, &o->c, o->project.repo, &o->config, &o->dir, err) < 0
        || refuse_other_tree(cli, &o->project, err) < 0)
        return -1;
    slip_files_read_watch(&o->read, &o->config);
    return 0;
}

static void hand_over(struct slip_cli *cli, struct opening *o, struct slip_project *out)
{
    tell_of_work_tree(cli, &o->c, &o->project, &o->config, &o->read);
    *out = o->project;
    o->project = (struct slip_project){ 0 };
}

int slip_open_project(struct slip_cli *cli, const struct slip_commit_options *c,
                      struct slip_told *told, struct slip_project *out, struct slip_error *err)
{
    SLIP_AUTO(opening) o = { .c = *c, .dir = SLIP_BUF(4096), .read = SLIP_FILES_READ };
    if (open_commit(cli, told, &o, err) < 0)
        return -1;
    if (slip_project_read_images(&o.project, &o.config, err) < 0)
        return slip_hint_at_work_tree(&o.project, &o.config, &o.read, err);
    hand_over(cli, &o, out);
    return 0;
}

int slip_render_config(struct slip_cli *cli, const struct slip_commit_options *c,
                       struct slip_project *out, struct slip_buf *text, struct slip_error *err)
{
    SLIP_AUTO(opening) o = { .c = *c, .dir = SLIP_BUF(4096), .read = SLIP_FILES_READ };
    if (open_commit(cli, NULL, &o, err) < 0)
        return -1;
    if (slip_config_render(&o.project.tree, &o.project.commit, &o.config, text, NULL, err) < 0)
        return slip_hint_at_work_tree(&o.project, &o.config, &o.read, err);
    hand_over(cli, &o, out);
    return 0;
}

int slip_select_words(struct slip_cli *cli, const struct slip_project *p,
                      const struct slip_words *words, bool *wanted, struct slip_error *err)
{
    SLIP_AUTO(slip_selection) selection = { 0 };
    SLIP_AUTO_FREE struct slip_str *patterns = slip_alloc_array(words->len + 1, sizeof(*patterns));
    size_t skipped = 0;
    for (size_t i = 0; i < words->len; i++)
        patterns[i] = slip_str_of(words->at[i]);
    if (slip_images_select(&p->set, patterns, words->len, true, &selection, &skipped, err) < 0)
        return -1;
    for (size_t i = 0; i < selection.len; i++)
        wanted[selection.at[i]] = true;
    if (skipped && words->len)
        slip_cli_warn(cli, "%zu of the named images are not final and are never exported", skipped);
    return 0;
}

int slip_check_repository(const char *option, const char *text, struct slip_error *err)
{
    SLIP_AUTO(slip_reference) where = { 0 };
    if (!text || slip_repository_parse(slip_str_of(text), &where, err) == 0)
        return 0;
    err->kind = SLIP_E_USAGE;
    return slip_while(err, "%s", option);
}

int slip_stage_repository(const struct slip_told *told, const char *given, const char **out,
                          struct slip_error *err)
{
    const char *recorded = slip_git_config_get(&told->config, SLIP_KEY_REPO);
    if (slip_check_repository("--repo", given, err) < 0)
        return -1;
    *out = given                       ? given
           : recorded                  ? recorded
           : told->rules.repo.text.len ? told->rules.repo.text.ptr
                                       : NULL;
    return 0;
}

int slip_open_store(struct slip_registry *r, const char *repository, struct slip_store **out,
                    struct slip_error *err)
{
    SLIP_AUTO(slip_reference) where = { 0 };
    if (slip_repository_parse(slip_str_of(repository), &where, err) < 0)
        return slip_while(err, "--repo");
    return slip_store_open(r, &where, out, err);
}

bool slip_read_duration(const char *text, int64_t *seconds)
{
    struct slip_str s = slip_str_of(text);
    uint64_t n, unit = 1;
    char last = s.len ? s.ptr[s.len - 1] : '\0';
    if (last == 's' || last == 'm' || last == 'h') {
        unit = last == 'h' ? 3600 : last == 'm' ? 60 : 1;
        s.len--;
    }
    if (!slip_str_to_u64(s, &n) || n > 1000000)
        return false;
    *seconds = (int64_t)(n * unit);
    return true;
}

int64_t slip_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void wait_ms(int64_t ms)
{
    struct timespec left = { .tv_sec = (time_t)(ms / 1000),
                             .tv_nsec = (long)(ms % 1000) * 1000000 };
    while (nanosleep(&left, &left) < 0 && errno == EINTR)
        ;
}

/* ---- builds ---- */

static int find_engine(const struct slip_build_flags *flags, const struct slip_engine **out,
                       struct slip_error *err)
{
    const char *name = flags->engine ? flags->engine : "buildah";
    const struct slip_engine *engine = slip_engine_find(name);
    if (engine) {
        *out = engine;
        return 0;
    }
    SLIP_AUTO(slip_buf) all = SLIP_BUF(1024);
    for (engine = slip_engine_next(NULL); engine; engine = slip_engine_next(engine))
        slip_buf_add_fmt(&all, "%s%s", all.len ? ", " : "", engine->name);
    slip_fail(err, SLIP_E_USAGE, "there is no build engine '%s'", name);
    return slip_hint(err, "engines: %s", all.ptr);
}

/* Nonsense is told at once, not when something is built. */
static int check_mirrors(const struct slip_build_flags *flags, struct slip_error *err)
{
    for (size_t i = 0; i < flags->mirrors.len; i++) {
        struct slip_str location;
        if (slip_mirror_parse(slip_str_of(flags->mirrors.at[i]), &location, err) < 0)
            return slip_while(err, "--container-registry-mirror");
    }
    return 0;
}

static int find_locks(struct slip_settings *s, const struct slip_cli *cli,
                      const struct slip_build_flags *flags, struct slip_error *err)
{
    enum slip_lock_kind kind;
    const char *home = slip_cli_env(cli, "HOME"), *werf_home = slip_cli_env(cli, "WERF_HOME");
    slip_free(s->werf_home);
    if (!werf_home) /* with werf the variable wins */
        werf_home = flags->home_dir;
    s->werf_home = werf_home ? slip_strdup(werf_home) : home ? slip_printf("%s/.werf", home) : NULL;
    s->locks = (struct slip_lock_settings){
        .synchronization = flags->synchronization,
        .werf_home = s->werf_home,
        .http = { .user_agent = s->user_agent,
                  .http_proxy = s->registry.http_proxy,
                  .https_proxy = s->registry.https_proxy,
                  .no_proxy = s->registry.no_proxy,
                  .trace_fd = cli->trace_fd },
        .trust = { .ca_file = s->registry.ca_file },
    };
    return slip_lock_kind_parse(flags->synchronization, &kind, err); /* nonsense is told at once */
}

struct slip_stapel_switches slip_stapel_settings(const struct slip_cli *cli)
{
    return (struct slip_stapel_switches){
        .import_permissions = slip_cli_is_on(cli, "WERF_EXPERIMENTAL_STAPEL_IMPORT_PERMISSIONS"),
        .import_by_source = slip_cli_is_on(cli, "WERF_EXPERIMENTAL_IMPORT_BY_SOURCE_IMAGE_TAG"),
        .any_commit = slip_cli_is_on(cli, "WERF_DISABLE_GIT_COMMIT_ANCESTRY_CHECK"),
    };
}

int slip_staged_settings(const struct slip_cli *cli, unsigned *out, struct slip_error *err)
{
    return slip_staged_version(slip_cli_env(cli, "WERF_STAGED_DOCKERFILE_VERSION"), out, err);
}

int slip_resolve_settings(struct slip_settings *s, const struct slip_cli *cli,
                          const struct slip_registry_flags *registry_flags,
                          const struct slip_build_flags *flags, struct slip_registry *registry,
                          struct slip_resolve_options *out, struct slip_error *err)
{
    s->host = (struct slip_build_host){ .env = cli->env,
                                        .tmpdir = slip_cli_env(cli, "TMPDIR"),
                                        .docker_config_dir = s->docker_dir,
                                        .insecure_registry = registry_flags->insecure
                                                             || registry_flags->skip_tls_verify,
                                        .mirrors = flags->mirrors.at,
                                        .n_mirrors = flags->mirrors.len,
                                        .network = flags->network,
                                        .watch = &cli->watch };
    *out = (struct slip_resolve_options){ .host_platform = slip_host_platform(),
                                          .host = &s->host,
                                          .locks = &s->locks,
                                          .registry = registry,
                                          .stapel = slip_stapel_settings(cli),
                                          .asks_bases = true,
                                          .now_ms = slip_now_ms,
                                          .wait_ms = wait_ms,
                                          .tool_version = slip_version,
                                          .watch = &cli->watch };
    if (slip_check_repository("--repo", registry_flags->repo, err) < 0
        || slip_staged_settings(cli, &out->staged_version, err) < 0 || check_mirrors(flags, err) < 0
        || find_engine(flags, &out->engine, err) < 0)
        return -1;
    return find_locks(s, cli, flags, err);
}

int slip_full_ref(struct slip_repo *repo, const char *name, struct slip_buf *out,
                  struct slip_error *err)
{
    static const char *const places[] = { "refs/tags/", "refs/heads/" };
    if (strncmp(name, "refs/", 5) == 0) {
        slip_buf_add_c(out, name);
        return 0;
    }
    for (size_t i = 0; i < SLIP_COUNT(places); i++) {
        struct slip_commit commit;
        struct slip_error none = { 0 };
        slip_buf_reset(out);
        slip_buf_add_fmt(out, "%s%s", places[i], name);
        if (slip_repo_resolve(repo, out->ptr, &commit, &none) == 0)
            return 0;
    }
    slip_fail(err, SLIP_E_REPO, "there is no tag or branch '%s' here", name);
    return slip_hint(
        err, "git fetch --tags, or give the full name with --commit: --ref refs/tags/%s", name);
}

bool slip_read_limit(const char *text, size_t *out)
{
    uint64_t limit = 0;
    if (text && (!slip_str_to_u64(slip_str_of(text), &limit) || limit == 0 || limit > SIZE_MAX))
        return false;
    *out = (size_t)limit;
    return true;
}
