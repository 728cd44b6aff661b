/* SPDX-License-Identifier: Apache-2.0 */
/* slipway run: what the rules ask for a ref, done by hand. */
#include "commands.h"

#include "session.h"

#include "base/limits.h"
#include "flow/rules_file.h"
#include "registry/reference.h"

struct run_args {
    struct slip_session_flags session;
    const char *ref, *remote;
    struct slip_words rules, force;
};

/* clang-format off */
static const struct slip_option options_table[] = {
    { "ref", 0, SLIP_OPTION_TEXT, offsetof(struct run_args, ref), "REF", NULL,
      "the tag or branch, by its short or full name" },
    { "rule", 0, SLIP_OPTION_LIST, offsetof(struct run_args, rules), "NAME", NULL,
      "only this rule, may be repeated" },
    { "remote", 0, SLIP_OPTION_TEXT, offsetof(struct run_args, remote), "NAME", NULL,
      "the remote whose tags decide about latest (origin)" },
    { "force-overwrite", 0, SLIP_OPTION_LIST, offsetof(struct run_args, force), "NAME", NULL,
      "replace what stands under exactly this name, whatever if-exists says; may be repeated" },
    SLIP_SESSION_OPTIONS(struct run_args, session),
    { .name = NULL },
};
/* clang-format on */

/* "NAME *" a line, the names as reports have them. */
static int read_forced(const struct slip_words *names, struct slip_buf *out, struct slip_error *err)
{
    for (size_t i = 0; i < names->len; i++) {
        SLIP_AUTO(slip_reference) reference = { 0 };
        SLIP_AUTO(slip_buf) printed = SLIP_BUF(8192);
        if (slip_reference_parse(slip_str_of(names->at[i]), &reference, err) < 0) {
            err->kind = SLIP_E_USAGE;
            return slip_while(err, "--force-overwrite");
        }
        slip_reference_print(&reference, &printed);
        slip_buf_add_fmt(out, "%s *\n", printed.ptr);
    }
    return 0;
}

static int run_ref(struct slip_cli *cli, const struct run_args *o, struct slip_outcome *outcome,
                   struct slip_error *err)
{
    SLIP_AUTO(slip_session) s = { 0 };
    SLIP_AUTO(slip_buf) ref = SLIP_BUF(4096);
    SLIP_AUTO(slip_buf) url = SLIP_BUF(1 << 16);
    SLIP_AUTO(slip_ref_updates) updates = { 0 };
    SLIP_AUTO(slip_decisions) decisions = { 0 };
    SLIP_AUTO(slip_buf) forced = SLIP_BUF(SLIP_LIMIT_TEXT);
    const char *remote = o->remote ? o->remote : "origin";
    const char *rev = o->session.commit.commit ? o->session.commit.commit : o->ref;
    if (read_forced(&o->force, &forced, err) < 0
        || slip_session_open(cli, &o->session, rev, false, &s, err) < 0)
        return -1;
    if (!s.has_rules) {
        slip_fail(err, SLIP_E_CONFIG, "there is no .slipway.yaml in commit %.12s",
                  s.project.commit_hex);
        const char *file = slip_rules_in_work_tree(&s.git);
        if (file)
            return slip_hint(err, SLIP_UNCOMMITTED, file, file);
        return slip_hint(err, "without rules: slipway export --repo ... --tag ...");
    }
    if (slip_full_ref(s.project.repo, o->ref, &ref, err) < 0
        || slip_check_rule_names(&o->rules, &s.rules, err) < 0)
        return -1;
    slip_outcome_begin(outcome, "command", ref.ptr, s.project.commit_hex);
    slip_vec_push(&updates, slip_ref_update_make(slip_buf_str(&ref),
                                                 slip_str_of(s.project.commit_hex), SLIP_STR("")));
    slip_rules_decide(&s.rules, &updates, SLIP_TRIGGER_MANUAL, NULL, SLIP_STR(""), &decisions);
    slip_choose_rules(&o->rules, &decisions);
    if (decisions.len == 0) {
        slip_cli_say(cli, "no rule asks for %s", ref.ptr);
        return 0;
    }
    slip_session_remote_url(&s, remote, &url);
    struct slip_session_run run = { .decisions = decisions.at,
                                    .n = decisions.len,
                                    .phase =
                                        cli->common.dry_run ? SLIP_PHASE_PLAN : SLIP_PHASE_NAMES,
                                    .remote = url.len ? remote : NULL,
                                    .source_url = slip_buf_str(&url),
                                    .replaceable = forced.ptr };
    return slip_session_run(&s, &run, outcome, err);
}

static int run(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    const struct run_args *o = options;
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_outcome) outcome = { 0 };
    if (args->len || !o->ref)
        return slip_cli_usage(cli, "say for which ref: --ref REF");
    if (run_ref(cli, o, &outcome, &err) < 0)
        return slip_outcome_fail(cli, &outcome, &err);
    return slip_outcome_show(cli, &outcome);
}

const struct slip_command slip_command_run = {
    .name = "run",
    .trade = "release",
    .synopsis = "run --ref REF [--commit REV] [--rule NAME]... [--dry-run]",
    .summary = "do what the rules ask for a ref, as a push of it would",
    .options = options_table,
    .size = sizeof(struct run_args),
    .ends_gently = true,
    .json = true,
    .dry_run = true,
    .report = true,
    .run = run,
};
