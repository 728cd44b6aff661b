/* SPDX-License-Identifier: Apache-2.0 */
/* slipway audit: which tags of the remote lack their images, or have others. */
#include "commands.h"

#include "audit.h"

#include "report/table.h"

struct audit_args {
    struct slip_audit_options audit;
    const char *limit;
};

/* clang-format off */
#define AT(field) SLIP_AT(struct audit_args, audit, field)
static const struct slip_option options_table[] = {
    { "remote", 0, SLIP_OPTION_TEXT, AT(remote), "NAME", NULL,
      "the remote whose tags are looked at (origin)" },
    { "tags", 0, SLIP_OPTION_TEXT, AT(tags), "PATTERN", NULL,
      "only these tags: a glob, or a regular expression between slashes" },
    { "rule", 0, SLIP_OPTION_LIST, AT(rules), "NAME", NULL, "only this rule, may be repeated" },
    { "limit", 0, SLIP_OPTION_TEXT, offsetof(struct audit_args, limit), "N", NULL,
      "only the N newest tags" },
    SLIP_SESSION_MORE_OPTIONS(struct audit_args, audit.session),
    { .name = NULL },
};
/* clang-format on */

static bool is_news(const struct slip_outcome_row *row)
{
    return row->action != SLIP_OUTCOME_EQUAL && row->action != SLIP_OUTCOME_SKIPPED
           && row->action != SLIP_OUTCOME_NOT_BUILT;
}

/* "refs/tags/v1" -> "v1" */
static const char *short_name(const char *ref)
{
    return ref + strlen("refs/tags/");
}

static void add_row(struct slip_table *t, const struct slip_outcome_row *row)
{
    const char *reason = row->err ? row->err->text : row->reason;
    slip_table_add(t, short_name(row->git_ref));
    slip_table_add(t, row->image);
    slip_table_add(t, slip_outcome_action_name(row->action));
    slip_table_add(t, row->ref);
    slip_table_add(t, row->optional ? "(optional)" : reason);
}

static void print_rows(struct slip_cli *cli, const struct slip_outcome *o)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_OUTPUT);
    SLIP_AUTO(slip_table) t = { 0 };
    slip_table_init(&t, 5);
    for (size_t i = 0; i < o->rows.len; i++)
        if (cli->common.verbose || is_news(&o->rows.at[i]))
            add_row(&t, &o->rows.at[i]);
    slip_table_print(&t, &text);
    fputs(text.ptr, stdout);
    fflush(stdout);
}

/* Each failure once, with its hint: a registry that is down fails for every tag. */
static void print_errors(struct slip_cli *cli, const struct slip_outcome *o)
{
    const char *last = "";
    for (size_t i = 0; i < o->rows.len; i++) {
        const struct slip_outcome_row *row = &o->rows.at[i];
        if (!row->err || row->optional || strcmp(row->err->text, last) == 0)
            continue;
        last = row->err->text;
        slip_cli_error(cli, row->err);
    }
}

static void print_totals(struct slip_cli *cli, const struct audit_args *c,
                         const struct slip_outcome *o, const struct slip_audit_totals *totals)
{
    size_t counts[SLIP_OUTCOMES] = { 0 };
    for (size_t i = 0; i < o->rows.len; i++)
        counts[o->rows.at[i].action]++;
    SLIP_AUTO(slip_buf) text = SLIP_BUF(1000);
    slip_buf_add_fmt(&text, "tags: %zu, with rules: %zu, names: %zu", totals->tags, totals->ruled,
                     o->rows.len);
    for (size_t i = 0; i < SLIP_OUTCOMES; i++)
        if (counts[i])
            slip_buf_add_fmt(&text, "%s%s: %zu", i ? ", " : "",
                             slip_outcome_action_name((enum slip_outcome_action)i), counts[i]);
    slip_cli_say(cli, "%s", text.ptr);
    if (totals->left_out)
        slip_cli_say(cli, "%zu older tags were not looked at (--limit)", totals->left_out);
    if (counts[SLIP_OUTCOME_MISSING])
        slip_cli_hint(cli, "to write what is missing: slipway sync%s%s",
                      c->audit.remote ? " --remote " : "", c->audit.remote ? c->audit.remote : "");
    if (counts[SLIP_OUTCOME_DIFFERS])
        slip_cli_hint(cli, "what differs, and in what: slipway audit --json");
}

static int run(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    struct audit_args *o = options;
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_outcome) outcome = { 0 };
    struct slip_audit_totals totals;
    if (args->len)
        return slip_cli_usage(cli, "audit takes no arguments; choose tags with --tags PATTERN");
    if (!slip_read_limit(o->limit, &o->audit.limit))
        return slip_cli_usage(cli, "'--limit' is a number above zero, not '%s'", o->limit);
    if (slip_audit(cli, &o->audit, &outcome, &totals, &err) < 0)
        return slip_outcome_fail(cli, &outcome, &err);
    outcome.finished_at = slip_now_ms() / 1000;
    if (!cli->common.json)
        print_rows(cli, &outcome);
    print_errors(cli, &outcome);
    print_totals(cli, o, &outcome, &totals);
    int rc = slip_outcome_documents(cli, &outcome);
    enum slip_kind kind = slip_outcome_kind(&outcome);
    return kind ? slip_kind_exit(kind) : rc;
}

const struct slip_command slip_command_audit = {
    .name = "audit",
    .trade = "repair",
    .synopsis = "audit [--remote NAME] [--tags PATTERN] [--rule NAME]... [--limit N]",
    .summary = "which tags of the remote lack their images, or have others",
    .details = "For every tag, the rules of its own commit say which names it should have; they "
               "are looked\nfor in their registries. Nothing is written. Exit status 10: names are "
               "missing, 8: names have\nanother content, 0: none of that.",
    .options = options_table,
    .size = sizeof(struct audit_args),
    .ends_gently = true,
    .json = true,
    .report = true,
    .run = run,
};
