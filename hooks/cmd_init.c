/* SPDX-License-Identifier: Apache-2.0 */
/* slipway init: first files for a project. Shows each, never overwrites one. */
#include "commands.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/vec.h"
#include "flow/starter.h"
#include "ref/url.h"
#include "repo/git.h"
#include "rule/rules.h"
#include "templates.h"

struct init_args {
    const char *ci, *command;
    bool print;
};

/* clang-format off */
static const struct slip_option options_table[] = {
    { "ci", 0, SLIP_OPTION_TEXT, offsetof(struct init_args, ci),
      "github|gitlab|gitea|forgejo|woodpecker|jenkins", NULL, "write the job of that CI system too" },
    { "from-command", 0, SLIP_OPTION_TEXT, offsetof(struct init_args, command), "COMMAND", NULL,
      "make the rule from a command line: 'werf export --repo ... --tag ...'" },
    { "print", 0, SLIP_OPTION_FLAG, offsetof(struct init_args, print), NULL, NULL,
      "print the files only" },
    { 0 },
};
/* clang-format on */

struct init {
    struct slip_cli *cli;
    const struct init_args *o;
    struct slip_git git;
    struct slip_buf top;     /* of the work tree */
    struct slip_buf written; /* files, each behind a blank */
    size_t images;
};

static char *in_top(const struct init *x, const char *name)
{
    return slip_printf("%s/%s", x->top.ptr, name);
}

static bool is_there(const struct init *x, const char *name)
{
    SLIP_AUTO_FREE char *path = in_top(x, name);
    return access(path, F_OK) == 0;
}

/* Show a file, and write it unless it is there or only printing was asked for. */
static int give_file(struct init *x, const char *name, struct slip_str content,
                     struct slip_error *err)
{
    bool only_print = x->o->print || x->cli->common.dry_run;
    if (is_there(x, name)) {
        slip_cli_say(x->cli, "%s is there already, left as it is", name);
        return 0;
    }
    printf("--- %s\n%.*s\n", name, SLIP_ARG(content));
    if (only_print)
        return 0;
    SLIP_AUTO_FREE char *path = in_top(x, name);
    struct slip_str dir = slip_path_dir(slip_str_of(path));
    SLIP_AUTO_FREE char *above = slip_memdup(dir.ptr, dir.len);
    if (slip_dir_make(above, 0777, err) < 0 || slip_file_write(path, content, 0644, err) < 0)
        return -1;
    slip_buf_add_fmt(&x->written, " %s", name);
    return 0;
}

static void remote_url(const struct init *x, struct slip_buf *out)
{
    static const char *const words[] = { "ls-remote", "--get-url", "origin", NULL };
    struct slip_error err = { 0 };
    int status = 0;
    if (slip_git_run(&x->git, words, out, &status, &err) < 0 || status != 0)
        slip_buf_reset(out);
}

/* ---- werf.yaml ---- */

struct paths {
    SLIP_VEC(struct slip_str);
};
struct images {
    SLIP_VEC(struct slip_starter_image);
};

/* What others wrote has its own releases. */
static bool is_foreign(struct slip_str path)
{
    static const char *const names[] = { "vendor", "node_modules", "third_party", "testdata" };
    struct slip_str component;
    while (slip_path_next(&path, &component))
        for (size_t i = 0; i < SLIP_COUNT(names); i++)
            if (slip_str_is(component, names[i]))
                return true;
    return false;
}

static int list_files(struct init *x, struct slip_buf *text, struct paths *out,
                      struct slip_error *err)
{
    static const char *const words[] = { "ls-files", "--cached", "--others", "--exclude-standard",
                                         NULL };
    struct slip_git git = x->git;
    git.dir = x->top.ptr;
    if (slip_git_run(&git, words, text, NULL, err) < 0)
        return -1;
    struct slip_str rest = slip_buf_str(text), line;
    while (slip_str_line(&rest, &line))
        if (line.len && line.ptr[0] != '"')
            slip_vec_push(out, line);
    return 0;
}

static bool has_own_context(const struct init *x, struct slip_str dockerfile,
                            const struct paths *files)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_DOCKERFILE);
    SLIP_AUTO_FREE char *name = slip_memdup(dockerfile.ptr, dockerfile.len);
    SLIP_AUTO_FREE char *path = in_top(x, name);
    struct slip_error unreadable = { 0 };
    bool found = false;
    return slip_file_read_if_there(path, &text, &found, &unreadable) == 0
           && slip_starter_has_own_context(dockerfile, slip_buf_str(&text), files->at, files->len);
}

static void find_images(struct init *x, const struct paths *files, struct images *out)
{
    for (size_t i = 0; i < files->len; i++) {
        struct slip_str path = files->at[i];
        if (!slip_starter_is_dockerfile(path))
            continue;
        if (is_foreign(path)) {
            slip_cli_say(x->cli, "%.*s is left out", SLIP_ARG(path));
            continue;
        }
        slip_vec_push(out, (struct slip_starter_image){ path, has_own_context(x, path, files) });
    }
    x->images = out->len;
}

/* As the remote calls it, else the directory. */
static void add_project(struct init *x, struct slip_buf *out)
{
    SLIP_AUTO(slip_buf) url = SLIP_BUF(SLIP_LIMIT_TEXT);
    SLIP_AUTO(slip_buf) path = SLIP_BUF(SLIP_LIMIT_TEXT);
    remote_url(x, &url);
    bool known = slip_url_repository_path(slip_buf_str(&url), &path) && path.len;
    slip_buf_add_str(out, slip_path_base(slip_buf_str(known ? &path : &x->top)));
}

static int give_werf(struct init *x, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) list = SLIP_BUF(SLIP_LIMIT_CHILD_OUTPUT);
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    SLIP_AUTO(slip_buf) project = SLIP_BUF(SLIP_LIMIT_TEXT);
    struct paths files = { 0 };
    struct images images = { 0 };
    if (is_there(x, "werf.yaml") || is_there(x, "werf.yml"))
        return 0;
    int rc = list_files(x, &list, &files, err);
    if (rc == 0)
        find_images(x, &files, &images);
    if (rc == 0 && images.len == 0) {
        slip_fail(err, SLIP_E_CONFIG, "there is no werf.yaml in %s and no Dockerfile", x->top.ptr);
        rc = slip_hint(err, "write a Dockerfile first, and run this again; nothing was written");
    } else if (rc == 0) {
        add_project(x, &project);
        slip_starter_werf(slip_buf_str(&project), images.at, images.len, &text);
        rc = give_file(x, "werf.yaml", slip_buf_str(&text), err);
    }
    slip_vec_clear(&files);
    slip_vec_clear(&images);
    return rc;
}

/* A guess that needs no template to be carried out: lines that begin with "image:". */
static void count_images(struct init *x)
{
    SLIP_AUTO_FREE char *path = in_top(x, "werf.yaml");
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_FILE);
    struct slip_error err = { 0 };
    bool found = false;
    if (x->images || slip_file_read_if_there(path, &text, &found, &err) < 0)
        return;
    struct slip_str rest = slip_buf_str(&text), line;
    while (slip_str_line(&rest, &line))
        x->images += slip_str_starts(line, SLIP_STR("image:"));
}

/* ---- rules ---- */

static int give_rules(struct init *x, struct slip_error *err)
{
    bool there = is_there(x, slip_rules_names[0]) || is_there(x, slip_rules_names[1]);
    if (there)
        slip_cli_say(x->cli, "the rules are there already, left as they are");
    if (there && !x->o->command)
        return 0;
    SLIP_AUTO(slip_buf) url = SLIP_BUF(SLIP_LIMIT_TEXT);
    SLIP_AUTO(slip_buf) registry = SLIP_BUF(SLIP_LIMIT_TEXT);
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    if (x->o->command) {
        if (slip_starter_from_command(slip_str_of(x->o->command), &text, err) < 0)
            return slip_while(err, "--from-command");
    } else {
        remote_url(x, &url);
        if (slip_starter_registry(slip_buf_str(&url), &registry))
            slip_cli_say(x->cli,
                         "a guess from the remote: images go to %s; put another registry "
                         "in its place in %s if that is none",
                         registry.ptr, slip_rules_names[0]);
        else
            slip_cli_say(x->cli, "the remote does not say which registry: put yours in the place "
                                 "of registry.example.com");
        count_images(x);
        slip_starter_rules(slip_buf_str(&registry), x->images > 1, &text);
    }
    if (!there)
        return give_file(x, slip_rules_names[0], slip_buf_str(&text), err);
    printf("--- to be added to the rules by hand\n%s\n", text.ptr);
    return 0;
}

/* ---- the job ---- */

static const struct job {
    const char *provider, *file;
    const unsigned char *text;
} jobs[] = {
    { "github", ".github/workflows/release-images.yml", template_github_yml },
    { "gitlab", ".gitlab-ci.yml", template_gitlab_yml },
    { "gitea", ".gitea/workflows/release-images.yml", template_gitea_yml },
    { "forgejo", ".forgejo/workflows/release-images.yml", template_gitea_yml },
    { "woodpecker", ".woodpecker/release-images.yaml", template_woodpecker_yaml },
    { "jenkins", "Jenkinsfile", template_Jenkinsfile },
};

static const struct job *find_job(const char *provider)
{
    for (size_t i = 0; i < SLIP_COUNT(jobs); i++)
        if (strcmp(provider, jobs[i].provider) == 0)
            return &jobs[i];
    return NULL;
}

static int give_job(struct init *x, struct slip_error *err)
{
    const struct job *job = x->o->ci ? find_job(x->o->ci) : NULL;
    return job ? give_file(x, job->file, slip_str_of((const char *)job->text), err) : 0;
}

static int give_all(struct init *x, struct slip_error *err)
{
    static const char *const words[] = { "rev-parse", "--show-toplevel", NULL };
    if (slip_git_run(&x->git, words, &x->top, NULL, err) < 0)
        return slip_hint(err, "start in a work tree: git init");
    if (give_werf(x, err) < 0 || give_rules(x, err) < 0 || give_job(x, err) < 0)
        return -1;
    if (x->written.len)
        slip_cli_say(x->cli,
                     "next:\n  git add%s && git commit -m 'release images with slipway'\n"
                     "  slipway check\n  slipway install",
                     x->written.ptr);
    else if (!x->o->print && !x->cli->common.dry_run)
        slip_cli_say(x->cli, "nothing was written; next:\n  slipway check\n  slipway install");
    return 0;
}

static int run(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    struct slip_error err = { 0 };
    struct init x = { .cli = cli, .o = options, .git = { .env = cli->env } };
    if (args->len)
        return slip_cli_usage(cli, "init takes no arguments");
    slip_buf_init(&x.top, 4096);
    slip_buf_init(&x.written, 4096);
    int rc = give_all(&x, &err);
    slip_buf_clear(&x.top);
    slip_buf_clear(&x.written);
    return rc < 0 ? slip_cli_fail(cli, &err) : 0;
}

const struct slip_command slip_command_init = {
    .name = "init",
    .trade = "set up",
    .synopsis = "init [--ci PROVIDER] [--from-command COMMAND] [--print]",
    .summary = "write first rules, and werf.yaml from Dockerfiles",
    .options = options_table,
    .size = sizeof(struct init_args),
    .dry_run = true,
    .run = run,
};
