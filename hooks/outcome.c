/* SPDX-License-Identifier: Apache-2.0 */
/* Showing an outcome. */
#include "outcome.h"

#include "settings.h"

#include "base/file.h"

void slip_outcome_begin(struct slip_outcome *o, const char *trigger, const char *ref,
                        const char *commit)
{
    o->trigger = trigger;
    o->started_at = slip_now_ms() / 1000;
    slip_vec_push(&o->updates,
                  (struct slip_outcome_update){
                      .ref = ref ? slip_arena_strdup(&o->arena, slip_str_of(ref)) : NULL,
                      .commit = slip_arena_strdup(&o->arena, slip_str_of(commit)) });
}

int slip_outcome_documents(struct slip_cli *cli, struct slip_outcome *o)
{
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_buf) json = SLIP_BUF(SLIP_LIMIT_OUTPUT);
    slip_outcome_json(o, slip_version, &json);
    if (cli->common.json)
        fputs(json.ptr, stdout);
    if (cli->common.report
        && slip_file_write(cli->common.report, slip_buf_str(&json), 0644, &err) < 0) {
        slip_while(&err, "--report");
        return slip_cli_fail(cli, &err);
    }
    return 0;
}

/* The failure after this row that is told next, or NULL. */
static const struct slip_outcome_row *next_error(const struct slip_outcome *o, size_t i)
{
    const char *last = o->rows.at[i].err->text;
    while (++i < o->rows.len)
        if (o->rows.at[i].action == SLIP_OUTCOME_FAILED
            && strcmp(o->rows.at[i].err->text, last) != 0)
            return &o->rows.at[i];
    return NULL;
}

/* Each failure once, in the order of the rows; what they advise alike behind the last of them. */
static void show_errors(struct slip_cli *cli, const struct slip_outcome *o)
{
    const char *last = "";
    for (size_t i = 0; i < o->rows.len; i++) {
        const struct slip_outcome_row *row = &o->rows.at[i];
        if (row->action != SLIP_OUTCOME_FAILED || strcmp(row->err->text, last) == 0)
            continue;
        last = row->err->text;
        const struct slip_outcome_row *next = next_error(o, i);
        struct slip_error err = *row->err;
        if (next && !next->optional && strcmp(next->err->hint, err.hint) == 0)
            err.hint[0] = '\0';
        if (row->optional)
            slip_cli_warn(cli, "%s", row->err->text);
        else
            slip_cli_error(cli, &err);
    }
}

/* In a hook: what there is room for, above it counts and what changed; two more lines say so. */
static void show_relayed(struct slip_cli *cli, const struct slip_outcome *o)
{
    SLIP_AUTO(slip_buf) table = SLIP_BUF(SLIP_LIMIT_OUTPUT);
    size_t max_rows = 0;
    if (cli->limited && o->rows.len > cli->room) {
        if (cli->room < 3) {
            cli->left_out += o->rows.len;
            cli->room = 0;
            return;
        }
        max_rows = cli->room - 2;
    }
    slip_outcome_print(o, max_rows, &table);
    slip_cli_say(cli, "%s", table.ptr);
}

int slip_outcome_show(struct slip_cli *cli, struct slip_outcome *o)
{
    SLIP_AUTO(slip_buf) table = SLIP_BUF(SLIP_LIMIT_OUTPUT);
    o->finished_at = slip_now_ms() / 1000;
    bool in_hook = cli->prefix[0] != '\0';
    if (in_hook && o->rows.len) {
        show_relayed(cli, o);
    } else if (!cli->common.quiet && o->rows.len) {
        slip_outcome_print(o, 0, &table);
        if (cli->common.json)
            slip_cli_say(cli, "%s", table.ptr);
        else
            slip_cli_data(cli, table.ptr);
    }
    show_errors(cli, o);
    enum slip_kind kind = slip_outcome_kind(o);
    if (kind == SLIP_E_PARTIAL && strcmp(slip_outcome_status(o), "partial") == 0)
        slip_cli_hint(cli, "some names were written; running it again finishes the rest");
    int rc = slip_outcome_documents(cli, o);
    return kind ? slip_kind_exit(kind) : rc;
}

int slip_outcome_fail(struct slip_cli *cli, struct slip_outcome *o, const struct slip_error *err)
{
    o->finished_at = slip_now_ms() / 1000;
    if (!o->started_at) { /* it failed before it knew a commit */
        o->started_at = o->finished_at;
        o->trigger = "command";
    }
    slip_vec_push(&o->rows, (struct slip_outcome_row){ .action = SLIP_OUTCOME_FAILED,
                                                       .err = slip_outcome_error(o, err) });
    (void)slip_outcome_documents(cli, o);
    return slip_cli_fail(cli, err);
}
