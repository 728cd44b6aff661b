/* SPDX-License-Identifier: Apache-2.0 */
/* slipway check: are the rules and werf.yaml of a commit, or of a file, right? */
#include "commands.h"

#include "base/file.h"
#include "base/limits.h"
#include "digest/digest.h"
#include "digest/files.h"
#include "document.h"
#include "flow/check.h"
#include "flow/rules_file.h"
#include "flow/run_rules.h"
#include "ref/url.h"
#include "settings.h"

struct check_args {
    struct slip_commit_options commit;
    const char *rules_file;
    bool schema;
};

/* clang-format off */
static const struct slip_option options_table[] = {
    SLIP_COMMIT_OPTIONS(struct check_args, commit),
    { "rules-file", 0, SLIP_OPTION_TEXT, offsetof(struct check_args, rules_file), "FILE",
      "SLIPWAY_RULES_FILE", "another name for .slipway.yaml, inside the commit" },
    { "schema", 0, SLIP_OPTION_FLAG, offsetof(struct check_args, schema), NULL, NULL,
      "print a JSON schema of the rules file, for editors" },
    { .name = NULL },
};
/* clang-format on */

/* What was looked at, and what is wrong with it. */
struct findings {
    struct slip_rules rules;
    bool has_rules;
    size_t n_images;
    char *file; /* of the rules, for messages */
    struct slip_rule_issues issues;
    struct {
        SLIP_VEC(struct slip_error);
    } images;                /* what is wrong with werf.yaml, each with its place */
    struct slip_error other; /* what has no place in a file */
};

enum { MAX_ERRORS = 100 };

static void keep_error(void *payload, const struct slip_error *err)
{
    struct findings *f = payload;
    if (f->images.len < MAX_ERRORS)
        slip_vec_push(&f->images, *err);
}

static bool is_file(const char *name)
{
    return strchr(name, '/') ? access(name, R_OK) == 0
                             : strstr(name, ".y") != NULL && access(name, R_OK) == 0;
}

static void name_file(struct findings *f, const char *path)
{
    slip_free(f->file);
    f->file = slip_strdup(path);
}

static void check_file(const char *path, struct findings *f)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_RULES + 1);
    name_file(f, path);
    if (slip_file_read(path, &text, &f->other) < 0)
        return;
    if (slip_rules_read(slip_buf_str(&text), path, &f->rules, &f->issues, &f->other) == 0)
        f->has_rules = true;
    else if (f->issues.len)
        slip_error_clear(&f->other);
}

/* One commit, its rules, and what this machine says to them. */
struct checking {
    struct slip_cli *cli;
    const struct check_args *o;
    struct findings *f;
    struct slip_git git;
    struct slip_git_config config;
    struct slip_project project;
};

static void checking_clear(struct checking *c)
{
    slip_project_clear(&c->project);
    slip_git_config_clear(&c->config);
}

static void keep_first(struct findings *f, const struct slip_error *err)
{
    if (f->other.kind == SLIP_OK)
        f->other = *err;
}

static void check_rules_of(const struct checking *c)
{
    struct findings *f = c->f;
    const char *configured = slip_git_config_get(&c->config, SLIP_KEY_RULES_FILE);
    bool found = false;
    if (!c->o->rules_file && configured && configured[0])
        name_file(f, configured);
    if (slip_rules_as_told(&c->project.tree, c->o->rules_file, configured, &f->rules, &found,
                           &f->issues, &f->other)
        == 0)
        f->has_rules = found;
    else if (f->issues.len)
        slip_error_clear(&f->other);
}

static int check_dockerfile(struct checking *c, struct slip_str project_dir,
                            const struct slip_image *image, struct slip_error *err)
{
    if (image->kind > SLIP_IMAGE_STAGED
        || slip_image_files_check(&c->project.tree, project_dir, image, err) == 0)
        return 0;
    return slip_while(err, "image '%.*s'", SLIP_ARG(image->name));
}

/* Every image has its Dockerfile and platforms that there can be, also those that nothing asks for
 * yet. */
static bool check_each_image(struct checking *c, struct slip_str project_dir)
{
    bool good = true;
    for (size_t i = 0; i < c->project.set.len; i++) {
        const struct slip_image *image = &c->project.set.at[i];
        SLIP_AUTO(slip_platforms) platforms = { 0 };
        struct slip_error err = { 0 };
        if (check_dockerfile(c, project_dir, image, &err) == 0
            && slip_image_platforms(image, NULL, 0, "linux/amd64", &platforms, &err) == 0)
            continue;
        keep_error(c->f, &err);
        good = false;
    }
    return good;
}

static bool read_images(struct checking *c)
{
    struct findings *f = c->f;
    struct slip_error err = { 0 };
    struct slip_commit_options options = c->o->commit;
    struct slip_config_options settings;
    SLIP_AUTO(slip_files_read) read = SLIP_FILES_READ;
    SLIP_AUTO(slip_buf) clean_dir = SLIP_BUF(4096);
    slip_follow_rules(&f->rules, &options);
    if (slip_prepare_config(c->cli, &options, c->project.repo, &settings, &clean_dir, &err) < 0) {
        keep_first(f, &err);
        return false;
    }
    settings.on_error = keep_error;
    settings.on_error_payload = f;
    slip_files_read_watch(&read, &settings);
    if (slip_project_read_images(&c->project, &settings, &err) == 0) {
        f->n_images = c->project.set.len;
        return check_each_image(c, settings.project_dir);
    }
    if (f->images.len) {
        slip_hint_at_work_tree(&c->project, &settings, &read, &f->images.at[f->images.len - 1]);
    } else {
        slip_hint_at_work_tree(&c->project, &settings, &read, &err);
        keep_first(f, &err);
    }
    return false;
}

/* As far as it is known here, without asking the remote. */
static void default_branch(const struct checking *c, struct slip_buf *out)
{
    static const char *const words[] = { "symbolic-ref", "--quiet", "refs/remotes/origin/HEAD",
                                         NULL };
    static const char start[] = "refs/remotes/origin/";
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    struct slip_error none = { 0 };
    int status = 0;
    if (slip_git_run(&c->git, words, &text, &status, &none) == 0 && status == 0
        && slip_str_starts(slip_buf_str(&text), slip_str_of(start)))
        slip_buf_add_str(out, slip_str_skip(slip_buf_str(&text), strlen(start)));
}

/* When a tag or a branch was named: the names that a push of it asks for. */
static void check_ref(struct checking *c, const char *rev)
{
    struct findings *f = c->f;
    struct slip_error none = { 0 };
    struct slip_series series = { .known = true };
    SLIP_AUTO(slip_buf) ref = SLIP_BUF(4096);
    SLIP_AUTO(slip_buf) url = SLIP_BUF(SLIP_LIMIT_TEXT);
    SLIP_AUTO(slip_ref_updates) one = { 0 };
    SLIP_AUTO(slip_decisions) decisions = { 0 };
    const char *remote = slip_git_config_get(&c->config, "remote.origin.url");
    if (!rev || slip_full_ref(c->project.repo, rev, &ref, &none) < 0)
        return;
    slip_vec_push(&one, slip_ref_update_make(slip_buf_str(&ref), slip_str_of(c->project.commit_hex),
                                             SLIP_STR("")));
    slip_rules_decide(&f->rules, &one, SLIP_TRIGGER_MANUAL, NULL, SLIP_STR(""), &decisions);
    if (decisions.len == 0)
        slip_cli_say(c->cli, "no rule asks for %s", ref.ptr);
    slip_url_without_secrets(slip_str_of(remote), &url);
    struct slip_rules_run run = { .rules = &f->rules,
                                  .decisions = decisions.at,
                                  .n = decisions.len,
                                  .series = &series,
                                  .source_url = slip_buf_str(&url),
                                  .git = &c->git,
                                  .env = slip_cli_variable,
                                  .env_payload = c->cli,
                                  .release = { .watch = &c->cli->watch } };
    slip_check_names(&c->project, &run, keep_error, f);
}

static bool pushes_over_ssh(const struct checking *c)
{
    const char *url = slip_git_config_get(&c->config, "remote.origin.pushurl");
    if (!url)
        url = slip_git_config_get(&c->config, "remote.origin.url");
    return slip_url_is_ssh(slip_str_of(url));
}

static void check_opened(struct checking *c, const char *rev)
{
    struct findings *f = c->f;
    SLIP_AUTO(slip_buf) branch = SLIP_BUF(SLIP_LIMIT_TEXT);
    check_rules_of(c);
    if (!read_images(c) || !f->has_rules)
        return;
    default_branch(c, &branch);
    char rev_text[13];
    struct slip_policy policy = { .config = &c->config,
                                  .top = slip_project_base_dir(&c->project),
                                  .rev = slip_project_rev(&c->project, rev_text) };
    slip_check_rules(&f->rules,
                     &(struct slip_check){ .images = &c->project.set,
                                           .policy = &policy,
                                           .default_branch = slip_buf_str(&branch),
                                           .over_ssh = pushes_over_ssh(c) },
                     &f->issues);
    if (f->issues.len == 0)
        check_ref(c, rev);
}

static void check_commit(struct slip_cli *cli, const struct check_args *o, const char *rev,
                         struct findings *f)
{
    struct checking c = {
        .cli = cli, .o = o, .f = f, .git = { .env = cli->env, .dir = cli->common.git_dir }
    };
    name_file(f, o->rules_file ? o->rules_file : slip_rules_names[0]);
    if (slip_git_config_read(&c.git, &c.config, &f->other) == 0
        && slip_project_open(cli->common.git_dir, cli->env, o->commit.commit, &c.project, &f->other)
               == 0)
        check_opened(&c, rev);
    checking_clear(&c);
}

static json_t *issue_json(const struct findings *f, const struct slip_rule_issue *issue)
{
    return json_pack("{s:s,s:o,s:i,s:i,s:o,s:o,s:n,s:b}", "id", issue->id, "file",
                     slip_json_text_or_null(f->file), "line", (int)issue->place.line, "column",
                     (int)issue->place.col, "message", slip_json_text(slip_str_of(issue->text)),
                     "hint", slip_json_text_or_null(issue->hint), "excerpt", "of_machine",
                     (int)issue->of_machine);
}

/* The place of an error of werf.yaml stands in its message. */
static json_t *error_json(const struct slip_error *err)
{
    struct slip_str text = slip_str_of(err->text), id = SLIP_STR("]"), rest;
    bool has_id = slip_str_ends(text, SLIP_STR("]")) && slip_str_rcut(text, '[', &rest, &id)
                  && slip_str_starts(id, SLIP_STR("E-"));
    return json_pack("{s:o,s:n,s:n,s:n,s:o,s:o,s:o,s:b}", "id",
                     has_id ? json_stringn(id.ptr, id.len - 1) : json_null(), "file", "line",
                     "column", "message", slip_json_text(text), "hint",
                     slip_json_text_or_null(err->hint), "excerpt",
                     slip_json_text_or_null(err->excerpt), "of_machine", 0);
}

static void print_json(const struct findings *f)
{
    json_t *issues = json_array();
    for (size_t i = 0; i < f->issues.len; i++)
        json_array_append_new(issues, issue_json(f, &f->issues.at[i]));
    for (size_t i = 0; i < f->images.len; i++)
        json_array_append_new(issues, error_json(&f->images.at[i]));
    if (f->other.kind != SLIP_OK)
        json_array_append_new(issues, error_json(&f->other));
    slip_json_print(json_pack("{s:i,s:i,s:i,s:o}", "schema", 1, "rules", (int)f->rules.len,
                              "images", (int)f->n_images, "issues", issues));
}

static void print_issues(struct slip_cli *cli, const struct findings *f)
{
    for (size_t i = 0; i < f->issues.len; i++) {
        const struct slip_rule_issue *one = &f->issues.at[i];
        struct slip_error err = { 0 };
        if (one->id[0] == 'W') {
            slip_cli_warn(cli, "%s:%u:%u: %s [%s]", f->file, one->place.line, one->place.col,
                          one->text, one->id);
            if (one->hint && !cli->common.quiet)
                slip_cli_hint(cli, "%s", one->hint);
            continue;
        }
        slip_fail(&err, SLIP_E_CONFIG, "%s:%u:%u: %s [%s]", f->file, one->place.line,
                  one->place.col, one->text, one->id);
        if (one->hint)
            slip_hint(&err, "%s", one->hint);
        slip_cli_error(cli, &err);
    }
    for (size_t i = 0; i < f->images.len; i++)
        slip_cli_error(cli, &f->images.at[i]);
    if (f->other.kind != SLIP_OK)
        slip_cli_error(cli, &f->other);
}

/* Warnings ("W-...") change nothing. What only this machine does not allow is no mistake of the
 * files, but a push from here would be refused. */
static int status_of(const struct findings *f)
{
    bool wrong = f->images.len > 0, refused = false;
    for (size_t i = 0; i < f->issues.len; i++) {
        wrong |= f->issues.at[i].id[0] != 'W' && !f->issues.at[i].of_machine;
        refused |= f->issues.at[i].of_machine;
    }
    return slip_kind_exit(wrong           ? SLIP_E_CONFIG
                          : f->other.kind ? f->other.kind
                          : refused       ? SLIP_E_POLICY
                                          : SLIP_OK);
}

static void say_no_rules(struct slip_cli *cli, size_t n_images)
{
    struct slip_git git = { .env = cli->env, .dir = cli->common.git_dir };
    const char *file = slip_rules_in_work_tree(&git);
    if (file)
        slip_cli_say(cli, "no rules file, %zu images: " SLIP_UNCOMMITTED, n_images, file, file);
    else
        slip_cli_say(cli, "no rules file, %zu images: slipway init writes one", n_images);
}

static int check(struct slip_cli *cli, struct check_args *o, const struct slip_words *args)
{
    struct findings f = { 0 };
    if (args->len && is_file(args->at[0])) {
        check_file(args->at[0], &f);
    } else {
        if (args->len)
            o->commit.commit = args->at[0];
        check_commit(cli, o, o->commit.commit, &f);
    }
    int status = status_of(&f);
    if (cli->common.json)
        print_json(&f);
    else
        print_issues(cli, &f);
    if (cli->common.json || status != 0)
        ;
    else if (!f.has_rules)
        say_no_rules(cli, f.n_images);
    else
        slip_cli_say(cli, "%s: no mistakes (rules: %zu, images: %zu)", f.file, f.rules.len,
                     f.n_images);
    slip_rules_clear(&f.rules);
    slip_rule_issues_clear(&f.issues);
    slip_vec_clear(&f.images);
    slip_free(f.file);
    return status;
}

static int run(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    struct check_args *o = options;
    if (args->len > 1)
        return slip_cli_usage(cli, "one file or commit at most");
    if (!o->schema)
        return check(cli, o, args);
    SLIP_AUTO(slip_buf) schema = SLIP_BUF(SLIP_LIMIT_OUTPUT);
    slip_rules_print_schema(&schema);
    fputs(schema.ptr, stdout);
    return 0;
}

const struct slip_command slip_command_check = {
    .name = "check",
    .trade = "look",
    .synopsis = "check [FILE|REV] [--schema]",
    .summary = "validate the rules and werf.yaml of a commit",
    .details = "With the name of a tag or branch, the names that a push of it asks for as well.",
    .options = options_table,
    .size = sizeof(struct check_args),
    .json = true,
    .run = run,
};
