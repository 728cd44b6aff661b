/* SPDX-License-Identifier: Apache-2.0 */
/* slipway why: what made the digest of an image another one, and who brought it. */
#include "commands.h"

#include "document.h"
#include "flow/why.h"
#include "report/table.h"
#include "settings.h"

struct why_args {
    struct slip_commit_options commit;
    struct slip_registry_flags registry;
    struct slip_words platforms;
    const char *depth;
};

/* clang-format off */
static const struct slip_option options_table[] = {
    SLIP_COMMIT_OPTIONS(struct why_args, commit),
    SLIP_REGISTRY_OPTIONS(struct why_args, registry),
    { "platform", 0, SLIP_OPTION_LIST, offsetof(struct why_args, platforms), "PLATFORM",
      "SLIPWAY_PLATFORM WERF_PLATFORM DOCKER_DEFAULT_PLATFORM", "of all images, may be repeated" },
    { "depth", 0, SLIP_OPTION_TEXT, offsetof(struct why_args, depth), "N", NULL,
      "how many earlier commits to look through (200)" },
    { .name = NULL },
};
/* clang-format on */

enum { DEPTH_MAX = 100000, SHORT_ID = 12 };

/* What is printed: the answer, and what it is about. */
struct answer {
    const struct slip_why *why;
    const char *image, *commit; /* its id */
    const char *repository;     /* or NULL */
};

/* ---- text ---- */

static void add_ingredient(char sign, struct slip_str origin, const struct slip_str *text,
                           const char *margin, struct slip_buf *out)
{
    if (!text)
        return;
    slip_buf_add_fmt(out, "%s%c %-24.*s  ", margin, sign, SLIP_ARG(origin));
    slip_cli_escape(*text, out);
    slip_buf_add_char(out, '\n');
}

static void add_changes(const struct slip_why_changes *changes, const char *margin,
                        struct slip_buf *out)
{
    for (size_t i = 0; i < changes->len; i++) {
        const struct slip_why_change *c = &changes->at[i];
        add_ingredient('-', c->origin, c->before, margin, out);
        add_ingredient('+', c->origin, c->after, margin, out);
        for (size_t k = 0; k < c->files.len; k++) {
            slip_buf_add_fmt(out, "%s    %c ", margin, c->files.at[k].sign);
            slip_cli_escape(slip_str_of(c->files.at[k].path), out);
            slip_buf_add_char(out, '\n');
        }
        if (c->more_files)
            slip_buf_add_fmt(out, "%s    and %zu more\n", margin, c->more_files);
    }
}

static void add_commit(const struct slip_why_commit *c, struct slip_buf *out)
{
    char hex[SLIP_OID_HEX + 1];
    slip_oid_hex(&c->id, hex);
    slip_buf_add_fmt(out, "    %.*s  ", SHORT_ID, hex);
    slip_cli_escape(slip_str_of(c->subject), out);
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

/* There is no earlier commit to compare with. */
static void add_nothing_found(const struct answer *a, struct slip_buf *out)
{
    const struct slip_why *w = a->why;
    slip_buf_add_fmt(out, "  no earlier commit with another digest%s among %zu commit%s\n",
                     a->repository ? " whose stage is there" : "", w->searched,
                     plural(w->searched));
    if (w->shallow)
        slip_buf_add_c(out, "  the history is cut off behind them: `git fetch --unshallow`\n");
    else if (w->history_ends)
        slip_buf_add_c(out, "  that is all of the history\n");
    else if (w->searched)
        slip_buf_add_c(out, "  `--depth` looks further back\n");
}

static void add_earlier(const struct answer *a, const struct slip_why_platform *p,
                        struct slip_buf *out)
{
    slip_buf_add_fmt(out, "  nearest earlier commit with another digest%s, %zu commit%s back:\n",
                     a->repository ? " whose stage is there" : "", p->distance,
                     plural(p->distance));
    add_commit(&p->earlier, out);
    slip_buf_add_fmt(out, "\n    %s %s\n  what differs from it:\n",
                     p->earlier_tag ? "stage" : "digest",
                     p->earlier_tag ? p->earlier_tag : p->earlier_digest);
    add_changes(&p->changes, "    ", out);
    slip_buf_add_c(out, "  brought by:\n");
    for (size_t i = 0; i < p->brought.len; i++) {
        add_commit(&p->brought.at[i], out);
        slip_buf_add_char(out, '\n');
        add_changes(&p->brought.at[i].changes, "      ", out);
    }
    if (p->more_commits)
        slip_buf_add_fmt(out, "    and %zu more\n", p->more_commits);
}

static void add_platform(const struct answer *a, const struct slip_why_platform *p,
                         struct slip_buf *out)
{
    slip_buf_add_fmt(out, "image %s, %s\n", a->image[0] ? a->image : "(nameless)", p->name);
    if (!p->known) {
        slip_buf_add_fmt(out, "  its digest rests on image '%.*s', which is not built%s\n",
                         SLIP_ARG(p->waits_for),
                         a->repository ? "" : ": no stage repository was asked");
        return;
    }
    slip_buf_add_fmt(out, "  digest %s\n", p->digest);
    if (!a->repository)
        slip_buf_add_c(out, "  not looked for: no stage repository is known, name one with "
                            "--repo\n");
    else if (p->tag)
        slip_buf_add_fmt(out, "  looked for in %s: found %s\n", a->repository, p->tag);
    else
        slip_buf_add_fmt(out, "  looked for in %s: not there\n", a->repository);
    if (p->has_earlier)
        add_earlier(a, p, out);
    else
        add_nothing_found(a, out);
    for (size_t i = 0; i < p->bases.len; i++) {
        slip_buf_add_c(out, "  FROM ");
        slip_cli_escape(p->bases.at[i], out);
        slip_buf_add_c(out, " enters by its name alone: new content under that name changes "
                            "nothing\n");
    }
}

static void add_reads(struct slip_cli *cli, const struct slip_why *w, struct slip_buf *out)
{
    slip_buf_add_c(out, "werf.yaml was made from:\n");
    for (size_t i = 0; i < w->reads.len; i++) {
        const struct slip_why_read *r = &w->reads.at[i];
        static const char *const kinds[] = { [SLIP_READ_FILE] = "file",
                                             [SLIP_READ_GLOB] = "files like",
                                             [SLIP_READ_VARIABLE] = "environment variable" };
        slip_buf_add_fmt(out, "  %s ", kinds[r->kind]);
        slip_cli_escape(slip_str_of(r->name), out);
        if (r->kind == SLIP_READ_VARIABLE)
            slip_buf_add_c(out, slip_cli_env(cli, r->name) ? " (set)" : " (not set)");
        slip_buf_add_char(out, '\n');
    }
}

static void print_text(struct slip_cli *cli, const struct answer *a)
{
    SLIP_AUTO(slip_buf) out = SLIP_BUF(SLIP_LIMIT_OUTPUT);
    for (size_t i = 0; i < a->why->len; i++)
        add_platform(a, &a->why->at[i], &out);
    add_reads(cli, a->why, &out);
    if (a->why->unreadable)
        slip_buf_add_fmt(&out, "%zu of the earlier commits have no digest of this image: %s\n",
                         a->why->unreadable, a->why->reason);
    fputs(out.ptr, stdout);
}

/* ---- JSON ---- */

/* Texts of a commit may be anything. */
static json_t *changes_json(const struct slip_why_changes *changes)
{
    json_t *list = json_array();
    for (size_t i = 0; i < changes->len; i++) {
        const struct slip_why_change *c = &changes->at[i];
        json_t *files = json_array();
        for (size_t k = 0; k < c->files.len; k++) {
            const char sign[] = { c->files.at[k].sign, '\0' };
            json_array_append_new(files, json_pack("{s:o,s:s}", "path",
                                                   slip_json_text(slip_str_of(c->files.at[k].path)),
                                                   "change", sign));
        }
        json_array_append_new(
            list, json_pack("{s:o,s:o,s:o,s:o,s:I}", "origin", slip_json_text(c->origin), "before",
                            c->before ? slip_json_text(*c->before) : json_null(), "after",
                            c->after ? slip_json_text(*c->after) : json_null(), "files", files,
                            "more_files", (json_int_t)c->more_files));
    }
    return list;
}

static json_t *commit_json(const struct slip_why_commit *c)
{
    char hex[SLIP_OID_HEX + 1];
    slip_oid_hex(&c->id, hex);
    return json_pack("{s:s,s:o}", "commit", hex, "subject",
                     slip_json_text(slip_str_of(c->subject)));
}

static json_t *earlier_json(const struct slip_why_platform *p)
{
    if (!p->has_earlier)
        return json_null();
    json_t *brought = json_array();
    for (size_t i = 0; i < p->brought.len; i++) {
        json_t *one = commit_json(&p->brought.at[i]);
        json_object_set_new(one, "changes", changes_json(&p->brought.at[i].changes));
        json_array_append_new(brought, one);
    }
    json_t *earlier = commit_json(&p->earlier);
    json_t *rest =
        json_pack("{s:I,s:s,s:s?,s:o,s:o,s:I}", "distance", (json_int_t)p->distance, "digest",
                  p->earlier_digest, "tag", p->earlier_tag, "changes", changes_json(&p->changes),
                  "brought_by", brought, "more_commits", (json_int_t)p->more_commits);
    json_object_update(earlier, rest);
    json_decref(rest);
    return earlier;
}

static json_t *platform_json(const struct slip_why_platform *p)
{
    json_t *bases = json_array();
    for (size_t i = 0; i < p->bases.len; i++)
        json_array_append_new(bases, slip_json_text(p->bases.at[i]));
    return json_pack("{s:s,s:s?,s:s?,s:b,s:o,s:o,s:o}", "platform", p->name, "digest", p->digest,
                     "tag", p->tag, "found", p->tag != NULL, "waits_for",
                     p->known ? json_null() : slip_json_text(p->waits_for), "earlier",
                     earlier_json(p), "bases", bases);
}

static json_t *reads_json(struct slip_cli *cli, const struct slip_why *w)
{
    json_t *files = json_array(), *globs = json_array(), *variables = json_array();
    for (size_t i = 0; i < w->reads.len; i++) {
        const struct slip_why_read *r = &w->reads.at[i];
        json_t *name = slip_json_text(slip_str_of(r->name));
        if (r->kind == SLIP_READ_VARIABLE)
            json_array_append_new(variables, json_pack("{s:o,s:b}", "name", name, "set",
                                                       slip_cli_env(cli, r->name) != NULL));
        else
            json_array_append_new(r->kind == SLIP_READ_FILE ? files : globs, name);
    }
    return json_pack("{s:o,s:o,s:o}", "files", files, "globs", globs, "variables", variables);
}

static void print_json(struct slip_cli *cli, const struct answer *a)
{
    json_t *platforms = json_array();
    for (size_t i = 0; i < a->why->len; i++)
        json_array_append_new(platforms, platform_json(&a->why->at[i]));
    json_t *doc = json_pack("{s:i,s:s,s:o,s:s?,s:o,s:o,s:{s:I,s:I,s:b,s:b}}", "schema", 1, "commit",
                            a->commit, "image", slip_json_text(slip_str_of(a->image)), "repository",
                            a->repository, "platforms", platforms, "read", reads_json(cli, a->why),
                            "search", "commits", (json_int_t)a->why->searched, "unreadable",
                            (json_int_t)a->why->unreadable, "all", a->why->history_ends, "shallow",
                            a->why->shallow);
    slip_json_print(doc);
}

/* ---- the command ---- */

static bool read_depth(const char *text, size_t *out)
{
    uint64_t n = SLIP_WHY_DEPTH;
    if (text && (!slip_str_to_u64(slip_str_of(text), &n) || n > DEPTH_MAX))
        return false;
    *out = (size_t)n;
    return true;
}

static int answer(struct slip_cli *cli, const struct why_args *o, const struct slip_project *p,
                  const struct slip_why_options *asked, struct slip_error *err)
{
    struct slip_why_options w = *asked;
    struct answer a = { .image = w.image.ptr, .commit = p->commit_hex };
    struct slip_commit_options c = o->commit;
    struct slip_config_options config;
    SLIP_AUTO(slip_told) told = { 0 };
    SLIP_AUTO(slip_buf) dir = SLIP_BUF(4096);
    SLIP_AUTO(slip_settings) settings = { 0 };
    slip_settings_init(&settings, cli, &o->registry, slip_project_base_dir(p));
    SLIP_AUTO_PTR(slip_registry) registry = slip_registry_new(&settings.registry);
    SLIP_AUTO_PTR(slip_store) store = NULL;
    const char *repository = NULL;
    SLIP_AUTO(slip_why) why = { 0 };
    if (slip_told_read(cli, p, &told, err) < 0)
        return -1;
    slip_follow_rules(&told.rules, &c);
    if (slip_prepare_config(cli, &c, p->repo, &config, &dir, err) < 0
        || slip_stage_repository(&told, o->registry.repo, &repository, err) < 0
        || (repository && slip_open_store(registry, repository, &store, err) < 0))
        return -1;
    w.config = &config;
    w.store = store;
    if (slip_why(p->repo, &p->commit, &w, &why, err) < 0)
        return -1;
    a.why = &why;
    a.repository = repository;
    if (cli->common.json)
        print_json(cli, &a);
    else
        print_text(cli, &a);
    return 0;
}

static int run(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    struct why_args *o = options;
    struct slip_error err = { 0 };
    struct slip_why_options w = { .platforms = o->platforms.at,
                                  .n_platforms = o->platforms.len,
                                  .host_platform = slip_host_platform(),
                                  .watch = &cli->watch };
    if (args->len < 1 || args->len > 2)
        return slip_cli_usage(cli, "'why' is followed by an image and, maybe, a revision");
    if (!read_depth(o->depth, &w.depth))
        return slip_cli_usage(cli, "'--depth %s' is not a number up to %d", o->depth, DEPTH_MAX);
    w.image = slip_str_of(args->at[0]);
    SLIP_AUTO(slip_project) project = { 0 };
    if (slip_project_open(cli->common.git_dir, cli->env,
                          args->len == 2 ? args->at[1] : o->commit.commit, &project, &err)
            < 0
        || answer(cli, o, &project, &w, &err) < 0)
        return slip_cli_fail(cli, &err);
    return 0;
}

const struct slip_command slip_command_why = {
    .name = "why",
    .trade = "look",
    .synopsis = "why IMAGE [REV] [--repo REPOSITORY]",
    .summary = "say what made the digest of an image another one, and who brought it",
    .details =
        "Looks back for the nearest commit with another digest of the image whose stage is in the "
        "stage repository, and prints what differs: ingredients, files, and the commits between. "
        "Every commit is looked at with the environment and options of this run, and as 'dir' and "
        "'env' of the rules of the named commit say.",
    .options = options_table,
    .size = sizeof(struct why_args),
    .json = true,
    .run = run,
};
