/* SPDX-License-Identifier: Apache-2.0 */
/* First files for a project. */
#include "flow/starter.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/vec.h"
#include "ref/url.h"

/* ---- rules ---- */

bool slip_starter_registry(struct slip_str remote_url, struct slip_buf *out)
{
    static const struct {
        const char *git, *registry;
    } hosts[] = { { "github.com", "ghcr.io" }, { "gitlab.com", "registry.gitlab.com" } };
    SLIP_AUTO(slip_buf) web = SLIP_BUF(SLIP_LIMIT_TEXT);
    SLIP_AUTO(slip_buf) path = SLIP_BUF(SLIP_LIMIT_TEXT);
    if (!slip_url_web(remote_url, &web) || !slip_url_repository_path(remote_url, &path)) {
        slip_buf_add_c(out, "registry.example.com/project");
        return false;
    }
    struct slip_str host, rest;
    slip_str_cut(slip_str_skip(slip_buf_str(&web), strlen("https://")), '/', &host, &rest);
    for (size_t i = 0; i < SLIP_COUNT(hosts); i++)
        if (slip_str_is(host, hosts[i].git))
            host = slip_str_of(hosts[i].registry);
    slip_buf_add_fmt(out, "%.*s/%s", SLIP_ARG(host), path.ptr);
    return true;
}

static void add_yaml_text(const char *text, struct slip_buf *out);

/* `env` and `dir` may be NULL. */
static void add_head(struct slip_str repo, const char *env, const char *dir, struct slip_buf *out)
{
    slip_buf_add_c(out, "# What slipway releases when a tag is pushed: see slipway.yaml(5).\n"
                        "version: 1\nrepo: ");
    slip_buf_add_str(out, repo);
    if (env) {
        slip_buf_add_c(out, "\nenv: ");
        add_yaml_text(env, out);
    }
    if (dir) {
        slip_buf_add_c(out, "\ndir: ");
        add_yaml_text(dir, out);
    }
    slip_buf_add_c(out, "\nrules:\n  - name: release\n    match:\n      tags: \"v*\"\n");
}

void slip_starter_rules(struct slip_str registry, bool many, struct slip_buf *out)
{
    SLIP_AUTO(slip_buf) stages = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_buf_add_fmt(&stages, "%.*s/stages", SLIP_ARG(registry));
    add_head(slip_buf_str(&stages), NULL, NULL, out);
    slip_buf_add_c(out, "    tags: [\"%version%\", \"%major%.%minor%\", latest]\n    to:\n");
    slip_buf_add_fmt(out, "      - repo: %.*s%s\n", SLIP_ARG(registry),
                     many ? "/%image_slug%" : "");
}

/* ---- from a command line ---- */

struct words {
    SLIP_VEC(char *);
};

static void words_clear(struct words *w)
{
    for (size_t i = 0; i < w->len; i++)
        slip_free(w->at[i]);
    slip_vec_clear(w);
}

/* Variables of CI systems that hold the tag. */
static bool is_tag_variable(struct slip_str name)
{
    static const char *const names[] = { "CI_COMMIT_TAG",   "CI_COMMIT_REF_NAME",
                                         "GITHUB_REF_NAME", "TAG_NAME",
                                         "DRONE_TAG",       "CIRCLE_TAG",
                                         "BITBUCKET_TAG",   "TAG" };
    for (size_t i = 0; i < SLIP_COUNT(names); i++)
        if (slip_str_is(name, names[i]))
            return true;
    return false;
}

/* After the "$": NAME or {NAME}. */
static int take_variable(struct slip_str *rest, struct slip_buf *word, struct slip_error *err)
{
    size_t n = 0;
    bool braces = rest->len && rest->ptr[0] == '{';
    if (braces)
        *rest = slip_str_skip(*rest, 1);
    while (n < rest->len
           && (rest->ptr[n] == '_' || (rest->ptr[n] >= '0' && rest->ptr[n] <= '9')
               || (rest->ptr[n] >= 'A' && rest->ptr[n] <= 'Z')
               || (rest->ptr[n] >= 'a' && rest->ptr[n] <= 'z')))
        n++;
    struct slip_str name = slip_str_first(*rest, n);
    *rest = slip_str_skip(*rest, n);
    if (braces && (rest->len == 0 || rest->ptr[0] != '}'))
        return slip_fail(err, SLIP_E_USAGE, "more than a plain variable in the command");
    *rest = slip_str_skip(*rest, braces);
    if (!is_tag_variable(name)) {
        slip_fail(err, SLIP_E_USAGE, "what is $%.*s in the command?", SLIP_ARG(name));
        return slip_hint(err, "put its value there, or %%tag%% if it is the tag");
    }
    slip_buf_add_c(word, "%tag%");
    return 0;
}

/* One character of a word outside or inside double quotes. */
static int take_plain(struct slip_str *rest, struct slip_buf *word, struct slip_error *err)
{
    char c = rest->ptr[0];
    *rest = slip_str_skip(*rest, 1);
    if (c == '$')
        return take_variable(rest, word, err);
    if (c == '`')
        return slip_fail(err, SLIP_E_USAGE, "the command runs another one (`)");
    if (c == '\\' && rest->len) {
        c = rest->ptr[0];
        *rest = slip_str_skip(*rest, 1);
        if (c == '\n')
            return 0;
    }
    slip_buf_add_char(word, c);
    return 0;
}

static int take_quoted(struct slip_str *rest, struct slip_buf *word, struct slip_error *err)
{
    char quote = rest->ptr[0];
    *rest = slip_str_skip(*rest, 1);
    while (rest->len && rest->ptr[0] != quote) {
        if (quote == '"') {
            if (take_plain(rest, word, err) < 0)
                return -1;
        } else {
            slip_buf_add_char(word, rest->ptr[0]);
            *rest = slip_str_skip(*rest, 1);
        }
    }
    if (rest->len == 0)
        return slip_fail(err, SLIP_E_USAGE, "a quote in the command is not closed");
    *rest = slip_str_skip(*rest, 1);
    return 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

static int split_words(struct slip_str rest, struct words *out, struct slip_error *err)
{
    while ((rest = slip_str_trim(rest)).len) {
        SLIP_AUTO(slip_buf) word = SLIP_BUF(SLIP_LIMIT_TEXT);
        while (rest.len && !is_blank(rest.ptr[0])) {
            bool quoted = rest.ptr[0] == '"' || rest.ptr[0] == '\'';
            if ((quoted ? take_quoted(&rest, &word, err) : take_plain(&rest, &word, err)) < 0)
                return -1;
        }
        if (word.len)
            slip_vec_push(out, slip_buf_detach(&word));
    }
    return 0;
}

struct flag;
struct export_command {
    const char *repo, *env, *dir;
    bool require_built;
    struct {
        SLIP_VEC(const char *);
    } tags, images, labels, platforms;
    struct {
        SLIP_VEC(const struct flag *);
    } notes;
};

/* What an option of `werf export` is in the rules. */
enum meaning {
    IS_TAG,
    IS_REPO,
    IS_ENV,
    IS_DIR,
    IS_LABEL,
    IS_PLATFORM,
    IS_REQUIRE_BUILT,
    IS_NOTHING, /* so anyway, or of no use to slipway */
    IS_NOTE,    /* left out: `note` says why, or what to do instead */
};

static const struct flag {
    const char *name;
    bool takes_value;
    enum meaning meaning;
    const char *note;
} flags[] = {
    { "--tag", true, IS_TAG, NULL },
    { "--repo", true, IS_REPO, NULL },
    { "--env", true, IS_ENV, NULL },
    { "--dir", true, IS_DIR, NULL },
    { "--add-label", true, IS_LABEL, NULL },
    { "--platform", true, IS_PLATFORM, NULL },
    { "--require-built-images", false, IS_REQUIRE_BUILT, NULL },
    { "-Z", false, IS_REQUIRE_BUILT, NULL },
    { "--final-images-only", false, IS_NOTHING, NULL },
    { "--log-color-mode", true, IS_NOTHING, NULL },
    { "--log-debug", false, IS_NOTHING, NULL },
    { "--log-pretty", false, IS_NOTHING, NULL },
    { "--log-project-dir", false, IS_NOTHING, NULL },
    { "--log-quiet", false, IS_NOTHING, NULL },
    { "--log-terminal-width", true, IS_NOTHING, NULL },
    { "--log-time", false, IS_NOTHING, NULL },
    { "--log-time-format", true, IS_NOTHING, NULL },
    { "--log-verbose", false, IS_NOTHING, NULL },
    { "--parallel", false, IS_NOTHING, NULL },
    { "-p", false, IS_NOTHING, NULL },
    { "--parallel-tasks-limit", true, IS_NOTHING, NULL },
    { "--tmp-dir", true, IS_NOTHING, NULL },
    { "--home-dir", true, IS_NOTHING, NULL },
    { "--allow-includes-update", false, IS_NOTHING, NULL },
    { "--debug-templates", false, IS_NOTHING, NULL },
    { "--config-render-path", true, IS_NOTHING, NULL },
    { "--insecure-helm-dependencies", false, IS_NOTHING, NULL },
    { "--kube-config", true, IS_NOTHING, NULL },
    { "--kube-config-base64", true, IS_NOTHING, NULL },
    { "--kube-context", true, IS_NOTHING, NULL },
    { "--disable-auto-host-cleanup", false, IS_NOTHING, NULL },
    { "--backend-storage-path", true, IS_NOTHING, NULL },
    { "--docker-server-storage-path", true, IS_NOTHING, NULL },
    { "--allowed-backend-storage-volume-usage", true, IS_NOTHING, NULL },
    { "--allowed-backend-storage-volume-usage-margin", true, IS_NOTHING, NULL },
    { "--allowed-docker-storage-volume-usage", true, IS_NOTHING, NULL },
    { "--allowed-docker-storage-volume-usage-margin", true, IS_NOTHING, NULL },
    { "--allowed-local-cache-volume-usage", true, IS_NOTHING, NULL },
    { "--allowed-local-cache-volume-usage-margin", true, IS_NOTHING, NULL },
    { "--insecure-registry", false, IS_NOTE, "git config slipway.insecureRegistry true" },
    { "--skip-tls-verify-registry", false, IS_NOTE,
      "set WERF_SKIP_TLS_VERIFY_REGISTRY=1 where it is needed" },
    { "--docker-config", true, IS_NOTE, "set DOCKER_CONFIG" },
    { "--config", true, IS_NOTE, "set WERF_CONFIG" },
    { "--config-templates-dir", true, IS_NOTE, "set WERF_CONFIG_TEMPLATES_DIR" },
    { "--giterminism-config", true, IS_NOTE, "set WERF_GITERMINISM_CONFIG" },
    { "--synchronization", true, IS_NOTE, "set WERF_SYNCHRONIZATION" },
    { "--container-registry-mirror", true, IS_NOTE, "set WERF_CONTAINER_REGISTRY_MIRROR_1" },
    { "--backend-network", true, IS_NOTE,
      "say it in werf.yaml (network), or set WERF_BACKEND_NETWORK" },
    { "--ssh-key", true, IS_NOTE, "load the key into an agent (ssh-add)" },
    { "--final-repo", true, IS_NOTE, "nothing of rules goes there unless a destination names it" },
    { "--secondary-repo", true, IS_NOTE, "rules look for stages in 'repo' only" },
    { "--cache-repo", true, IS_NOTE, "rules look for stages in 'repo' only" },
    { "--add-label-separator", true, IS_NOTE, "labels stand one by one; look at those above" },
    { "--virtual-merge", false, IS_NOTE, "a rule releases the commit that was pushed" },
    { "--git-work-tree", true, IS_NOTE, "rules are for the repository they stand in" },
    { "--loose-giterminism", false, IS_NOTE, "only commits are read" },
    { "--dev", false, IS_NOTE, "only commits are read" },
    { "--dev-branch", true, IS_NOTE, "only commits are read" },
    { "--dev-ignore", true, IS_NOTE, "only commits are read" },
    { "--skip-image-spec-stage", false, IS_NOTE,
      "it gives other digests: take imageSpec out of werf.yaml, or set "
      "WERF_SKIP_IMAGE_SPEC_STAGE=1" },
    { "--introspect-error", false, IS_NOTE, "there is nothing to look on in a hook or a job" },
    { "--introspect-before-error", false, IS_NOTE,
      "there is nothing to look on in a hook or a job" },
    { "--introspect-stage", true, IS_NOTE, "there is nothing to look on in a hook or a job" },
    { "--use-build-report", false, IS_NOTE,
      "stages are found in 'repo' by the digests of the commit" },
    { "--save-build-report", false, IS_NOTE, "slipway run and slipway ci write --report FILE" },
    { "--build-report-path", true, IS_NOTE, "slipway run and slipway ci write --report FILE" },
    { "--use-custom-tag", true, IS_NOTE, "stages are found by their digests" },
};

/* "--name=value" or "--name value"; NULL with `err` when there is none. */
static const char *flag_value(const struct words *w, size_t *i, const struct flag *flag,
                              struct slip_error *err)
{
    const char *equals = strchr(w->at[*i], '=');
    if (equals)
        return equals + 1;
    if (*i + 1 < w->len)
        return w->at[++*i];
    slip_fail(err, SLIP_E_USAGE, "the option '%s' of the command has no value", flag->name);
    return NULL;
}

/* --repo-harbor-password and its kin: credentials, which are found where docker keeps them. */
static const struct flag *find_credentials(const char *word)
{
    static const struct flag flag = { "--repo-... and --final-repo-...", true, IS_NOTE,
                                      "credentials come from docker login; nothing is deleted" };
    return strncmp(word, "--repo-", 7) == 0 || strncmp(word, "--final-repo-", 13) == 0 ? &flag
                                                                                       : NULL;
}

static const struct flag *find_flag(const char *word)
{
    size_t len = strcspn(word, "=");
    for (size_t i = 0; i < SLIP_COUNT(flags); i++)
        if (strlen(flags[i].name) == len && strncmp(flags[i].name, word, len) == 0)
            return &flags[i];
    return find_credentials(word);
}

static int take_flag(const struct words *w, size_t *i, struct export_command *out,
                     struct slip_error *err)
{
    const struct flag *flag = find_flag(w->at[*i]);
    const char *value = "";
    if (!flag) {
        slip_fail(err, SLIP_E_USAGE, "'werf export' has no option '%.*s'",
                  (int)strcspn(w->at[*i], "="), w->at[*i]);
        return slip_hint(err, "leave it out here; the rules' keys: man slipway.yaml");
    }
    if (flag->takes_value && !(value = flag_value(w, i, flag, err)))
        return -1;
    switch (flag->meaning) {
    case IS_TAG:
        slip_vec_push(&out->tags, value);
        break;
    case IS_REPO:
        out->repo = value;
        break;
    case IS_ENV:
        out->env = value;
        break;
    case IS_DIR:
        out->dir = value;
        break;
    case IS_LABEL:
        if (!strchr(value, '=') || value[0] == '=')
            return slip_fail(err, SLIP_E_USAGE, "'%s' is no label: KEY=VALUE", value);
        slip_vec_push(&out->labels, value);
        break;
    case IS_PLATFORM:
        slip_vec_push(&out->platforms, value);
        break;
    case IS_REQUIRE_BUILT:
        out->require_built = true;
        break;
    case IS_NOTE:
        slip_vec_push(&out->notes, flag);
        break;
    case IS_NOTHING:
        break;
    }
    return 0;
}

static int read_command(const struct words *w, struct export_command *out, struct slip_error *err)
{
    size_t i = 0;
    if (i < w->len && (strcmp(w->at[i], "werf") == 0 || strcmp(w->at[i], "slipway") == 0))
        i++;
    if (i >= w->len || strcmp(w->at[i], "export") != 0)
        return slip_fail(err, SLIP_E_USAGE, "the command is not 'werf export ...'");
    for (i++; i < w->len; i++) {
        if (w->at[i][0] != '-')
            slip_vec_push(&out->images, w->at[i]);
        else if (take_flag(w, &i, out, err) < 0)
            return -1;
    }
    if (!out->repo || out->tags.len == 0)
        return slip_fail(err, SLIP_E_USAGE, "the command has no %s",
                         out->repo ? "--tag" : "--repo");
    return 0;
}

/* In double quotes of YAML: a backslash and a quote are the only ones that need care. */
static void add_yaml_text(const char *text, struct slip_buf *out)
{
    slip_buf_add_char(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            slip_buf_add_char(out, '\\');
        slip_buf_add_char(out, *text);
    }
    slip_buf_add_char(out, '"');
}

static void print_list(const char *key, const char *const *at, size_t n, struct slip_buf *out)
{
    for (size_t i = 0; i < n; i++) {
        slip_buf_add_fmt(out, i == 0 ? "    %s: [" : ", ", key);
        add_yaml_text(at[i], out);
    }
    slip_buf_add_c(out, n ? "]\n" : "");
}

/* A label's value is a template in rules: "%" stands there as "%%". */
static void print_labels(const struct export_command *c, struct slip_buf *out)
{
    slip_buf_add_c(out, c->labels.len ? "    labels:\n" : "");
    for (size_t i = 0; i < c->labels.len; i++) {
        struct slip_str key, value;
        SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
        slip_str_cut(slip_str_of(c->labels.at[i]), '=', &key, &value);
        slip_buf_add_str(&text, key);
        slip_buf_add_c(out, "      ");
        add_yaml_text(text.ptr, out);
        slip_buf_add_c(out, ": ");
        slip_buf_reset(&text);
        for (size_t k = 0; k < value.len; k++)
            slip_buf_add_fmt(&text, value.ptr[k] == '%' ? "%%%c" : "%c", value.ptr[k]);
        add_yaml_text(text.ptr ? text.ptr : "", out);
        slip_buf_add_char(out, '\n');
    }
}

static void print_command(const struct export_command *c, struct slip_buf *out)
{
    for (size_t i = 0; i < c->notes.len; i++)
        slip_buf_add_fmt(out, "# left out: %s: %s\n", c->notes.at[i]->name, c->notes.at[i]->note);
    add_head(slip_str_of(c->repo), c->env, c->dir, out);
    print_list("images", c->images.at, c->images.len, out);
    print_list("platforms", c->platforms.at, c->platforms.len, out);
    slip_buf_add_c(out, c->require_built ? "    require-built: true\n" : "");
    print_labels(c, out);
    slip_buf_add_c(out, "    metadata: {auto: false}\n    to:\n");
    for (size_t i = 0; i < c->tags.len; i++) {
        slip_buf_add_c(out, "      - ");
        add_yaml_text(c->tags.at[i], out);
        slip_buf_add_char(out, '\n');
    }
}

int slip_starter_from_command(struct slip_str command, struct slip_buf *out, struct slip_error *err)
{
    struct words w = { 0 };
    struct export_command c = { 0 };
    int rc = split_words(command, &w, err);
    if (rc == 0)
        rc = read_command(&w, &c, err);
    if (rc == 0)
        print_command(&c, out);
    slip_vec_clear(&c.tags);
    slip_vec_clear(&c.images);
    slip_vec_clear(&c.labels);
    slip_vec_clear(&c.platforms);
    slip_vec_clear(&c.notes);
    words_clear(&w);
    return rc;
}

/* ---- werf.yaml ---- */

bool slip_starter_is_dockerfile(struct slip_str path)
{
    struct slip_str base = slip_path_base(path);
    return slip_str_is(base, "Dockerfile") || slip_str_ends(base, SLIP_STR(".Dockerfile"))
           || slip_str_starts(base, SLIP_STR("Dockerfile."));
}

/* Letters, digits and dashes, beginning with a letter. */
static void add_name(struct slip_str text, const char *otherwise, struct slip_buf *out)
{
    size_t before = out->len;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        bool letter = c >= 'a' && c <= 'z', digit = c >= '0' && c <= '9';
        if (letter || (digit && out->len > before))
            slip_buf_add_char(out, c);
        else if (out->len > before && out->ptr[out->len - 1] != '-')
            slip_buf_add_char(out, '-');
    }
    while (out->len > before && out->ptr[out->len - 1] == '-')
        slip_buf_cut(out, out->len - 1);
    if (out->len == before)
        slip_buf_add_c(out, otherwise);
}

/* "services/web/Dockerfile" -> "services/web"; "api.Dockerfile", "Dockerfile.api" -> "api";
 * "Dockerfile" -> "". */
static struct slip_str whole_name(struct slip_str path)
{
    struct slip_str base = slip_path_base(path);
    if (slip_str_starts(base, SLIP_STR("Dockerfile.")))
        return slip_str_skip(base, strlen("Dockerfile."));
    if (slip_str_ends(base, SLIP_STR(".Dockerfile")))
        return slip_str_first(base, base.len - strlen(".Dockerfile"));
    return slip_path_dir(path);
}

static void add_image_name(struct slip_str path, struct slip_buf *out)
{
    add_name(slip_path_base(whole_name(path)), "app", out);
}

/* The last directory where that is the name of no other image, else all of them. */
static void add_own_name(const struct slip_starter_image *images, size_t n, size_t i,
                         struct slip_buf *out)
{
    SLIP_AUTO(slip_buf) own = SLIP_BUF(SLIP_LIMIT_TEXT);
    add_image_name(images[i].dockerfile, &own);
    for (size_t k = 0; k < n; k++) {
        SLIP_AUTO(slip_buf) other = SLIP_BUF(SLIP_LIMIT_TEXT);
        add_image_name(images[k].dockerfile, &other);
        if (k == i || strcmp(own.ptr, other.ptr) != 0)
            continue;
        add_name(whole_name(images[i].dockerfile), "app", out);
        return;
    }
    slip_buf_add_str(out, slip_buf_str(&own));
}

void slip_starter_werf(struct slip_str project, const struct slip_starter_image *images, size_t n,
                       struct slip_buf *out)
{
    slip_buf_add_c(out, "configVersion: 1\nproject: ");
    add_name(project, "project", out);
    slip_buf_add_char(out, '\n');
    for (size_t i = 0; i < n; i++) {
        struct slip_str path = images[i].dockerfile;
        slip_buf_add_c(out, "---\nimage: ");
        add_own_name(images, n, i, out);
        if (images[i].own_context)
            slip_buf_add_fmt(out, "\ncontext: %.*s\ndockerfile: %.*s\n",
                             SLIP_ARG(slip_path_dir(path)), SLIP_ARG(slip_path_base(path)));
        else
            slip_buf_add_fmt(out, "\ndockerfile: %.*s\n", SLIP_ARG(path));
    }
}

/* ---- what a Dockerfile copies ---- */

static bool is_word(struct slip_str word, const char *name)
{
    return word.len == strlen(name) && strncasecmp(word.ptr, name, word.len) == 0;
}

/* Is there a file at `dir`/`source`, or below it? Of a pattern the part before it counts. */
static bool is_in(struct slip_str dir, struct slip_str source, const struct slip_str *files,
                  size_t n)
{
    SLIP_AUTO(slip_buf) path = SLIP_BUF(SLIP_LIMIT_TEXT);
    bool whole = source.len == strcspn(source.ptr, "*?[");
    source = slip_str_first(source, strcspn(source.ptr, "*?["));
    slip_buf_add_fmt(&path, "%.*s%s%.*s", SLIP_ARG(dir), dir.len ? "/" : "", SLIP_ARG(source));
    while (whole && path.len && path.ptr[path.len - 1] == '/')
        slip_buf_cut(&path, path.len - 1);
    for (size_t i = 0; i < n; i++)
        if (slip_str_starts(files[i], slip_buf_str(&path))
            && (!whole || files[i].len == path.len || files[i].ptr[path.len] == '/'))
            return true;
    return false;
}

/* Does the line copy something that is at the top and not in `dir`? */
static bool copies_from_top(struct slip_str line, struct slip_str dir, const struct slip_str *files,
                            size_t n)
{
    struct slip_str word, rest, next;
    slip_str_cut(slip_str_trim(line), ' ', &word, &rest);
    if (!is_word(word, "COPY") && !is_word(word, "ADD"))
        return false;
    for (;;) { /* the last word is where it goes */
        bool more = slip_str_cut(slip_str_trim(rest), ' ', &word, &next);
        if (!more || slip_str_starts(word, SLIP_STR("--from")))
            return false;
        while (slip_str_starts(word, SLIP_STR("./")) || slip_str_starts(word, SLIP_STR("/")))
            word = slip_str_skip(word, word.ptr[0] == '.' ? 2 : 1);
        SLIP_AUTO_FREE char *source = slip_memdup(word.ptr, word.len);
        struct slip_str name = slip_str_of(source);
        if (name.len && !strpbrk(source, "$[\"") && strcmp(source, ".") != 0
            && !slip_str_starts(name, SLIP_STR("--")) && is_in(SLIP_STR(""), name, files, n)
            && !is_in(dir, name, files, n))
            return true;
        rest = next;
    }
}

static bool has_more_than_dockerfiles(struct slip_str dir, const struct slip_str *files, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (slip_path_is_below(files[i], dir) && !slip_starter_is_dockerfile(files[i])
            && !slip_str_ends(files[i], SLIP_STR(".dockerignore")))
            return true;
    return false;
}

bool slip_starter_has_own_context(struct slip_str dockerfile, struct slip_str content,
                                  const struct slip_str *files, size_t n)
{
    struct slip_str dir = slip_path_dir(dockerfile), line;
    if (dir.len == 0 || !has_more_than_dockerfiles(dir, files, n))
        return false;
    while (slip_str_line(&content, &line))
        if (copies_from_top(line, dir, files, n))
            return false;
    return true;
}
