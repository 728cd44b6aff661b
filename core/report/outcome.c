/* SPDX-License-Identifier: Apache-2.0 */
/* What a run did, as text, JSON and exit status. */
#include "report/outcome.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "report/table.h"

#include <jansson.h>

static const char *const action_names[SLIP_OUTCOMES] = {
    [SLIP_OUTCOME_WRITTEN] = "written",
    [SLIP_OUTCOME_MOVED] = "moved",
    [SLIP_OUTCOME_UNCHANGED] = "unchanged",
    [SLIP_OUTCOME_SKIPPED] = "skipped",
    [SLIP_OUTCOME_UPLOADED] = "uploaded",
    [SLIP_OUTCOME_PLANNED] = "planned",
    [SLIP_OUTCOME_NOT_BUILT] = "to-build",
    [SLIP_OUTCOME_FAILED] = "failed",
    [SLIP_OUTCOME_NOT_ATTEMPTED] = "not-attempted",
    [SLIP_OUTCOME_EQUAL] = "equal",
    [SLIP_OUTCOME_MISSING] = "missing",
    [SLIP_OUTCOME_DIFFERS] = "differs",
};

const char *slip_outcome_action_name(enum slip_outcome_action a)
{
    return action_names[a];
}

void slip_outcome_clear(struct slip_outcome *o)
{
    slip_vec_clear(&o->updates);
    slip_vec_clear(&o->rows);
    slip_arena_clear(&o->arena);
    *o = (struct slip_outcome){ 0 };
}

struct slip_error *slip_outcome_error(struct slip_outcome *o, const struct slip_error *err)
{
    if (err->kind == SLIP_OK)
        return NULL;
    struct slip_error *copy = slip_arena_new(&o->arena, struct slip_error);
    *copy = *err;
    return copy;
}

/* Rows by action; optional ones count only when `optional` is set. */
static void count(const struct slip_outcome *o, bool optional, size_t counts[SLIP_OUTCOMES])
{
    memset(counts, 0, SLIP_OUTCOMES * sizeof(counts[0]));
    for (size_t i = 0; i < o->rows.len; i++)
        if (optional || !o->rows.at[i].optional)
            counts[o->rows.at[i].action]++;
}

enum slip_kind slip_outcome_kind(const struct slip_outcome *o)
{
    size_t counts[SLIP_OUTCOMES];
    count(o, false, counts);
    if (counts[SLIP_OUTCOME_MISSING])
        return SLIP_E_PARTIAL;
    if (counts[SLIP_OUTCOME_DIFFERS])
        return SLIP_E_CONFLICT;
    if (counts[SLIP_OUTCOME_FAILED] == 0 && counts[SLIP_OUTCOME_NOT_ATTEMPTED] == 0)
        return SLIP_OK;
    if (counts[SLIP_OUTCOME_WRITTEN] || counts[SLIP_OUTCOME_MOVED])
        return SLIP_E_PARTIAL;
    enum slip_kind worst = SLIP_OK;
    for (size_t i = 0; i < o->rows.len; i++)
        if (!o->rows.at[i].optional && o->rows.at[i].err)
            worst = slip_kind_worse(worst, o->rows.at[i].err->kind);
    return worst ? worst : SLIP_E_INTERNAL;
}

const char *slip_outcome_status(const struct slip_outcome *o)
{
    size_t counts[SLIP_OUTCOMES];
    enum slip_kind kind = slip_outcome_kind(o);
    count(o, true, counts);
    if (counts[SLIP_OUTCOME_MISSING])
        return "missing";
    if (counts[SLIP_OUTCOME_DIFFERS])
        return "differs";
    if (kind == SLIP_E_PARTIAL)
        return "partial";
    if (kind != SLIP_OK)
        return "failed";
    if (counts[SLIP_OUTCOME_EQUAL])
        return "equal";
    if (counts[SLIP_OUTCOME_WRITTEN] || counts[SLIP_OUTCOME_MOVED])
        return "exported";
    if (counts[SLIP_OUTCOME_UPLOADED])
        return "prepared";
    if (counts[SLIP_OUTCOME_PLANNED] || counts[SLIP_OUTCOME_NOT_BUILT])
        return "planned";
    if (counts[SLIP_OUTCOME_UNCHANGED])
        return "unchanged";
    return "nothing";
}

static void print_bytes(uint64_t n, struct slip_buf *out)
{
    if (n < 1024)
        slip_buf_add_fmt(out, "%u B", (unsigned)n);
    else if (n < 1024 * 1024)
        slip_buf_add_fmt(out, "%.1f KiB", (double)n / 1024);
    else
        slip_buf_add_fmt(out, "%.1f MiB", (double)n / (1024 * 1024));
}

static bool is_news(enum slip_outcome_action a)
{
    return a != SLIP_OUTCOME_UNCHANGED && a != SLIP_OUTCOME_SKIPPED && a != SLIP_OUTCOME_EQUAL;
}

/* Counts instead of rows. */
static void print_counts(const struct slip_outcome *o, struct slip_buf *out)
{
    size_t counts[SLIP_OUTCOMES];
    count(o, true, counts);
    const char *separator = "";
    slip_buf_add_fmt(out, "%zu names: ", o->rows.len);
    for (size_t a = 0; a < SLIP_OUTCOMES; a++) {
        if (counts[a] == 0)
            continue;
        slip_buf_add_fmt(out, "%s%zu %s", separator, counts[a], action_names[a]);
        separator = ", ";
    }
    slip_buf_add_char(out, '\n');
}

static void add_row(struct slip_table *t, const struct slip_outcome_row *row)
{
    SLIP_AUTO(slip_buf) note = SLIP_BUF(4096);
    if (row->built)
        slip_buf_add_c(&note, "built");
    if (row->bytes_sent) {
        slip_buf_add_c(&note, note.len ? ", sent " : "sent ");
        print_bytes(row->bytes_sent, &note);
    }
    if (row->attached)
        slip_buf_add_c(&note, note.len ? ", signatures stay behind" : "signatures stay behind");
    if (row->reason)
        slip_buf_add_fmt(&note, "%s%s", note.len ? ", " : "", row->reason);

    slip_table_add(t, row->image && row->image[0] ? row->image : "(nameless)");
    slip_table_add(t, action_names[row->action]);
    slip_table_add(t, row->ref);
    /* As much of a digest as people compare by eye. */
    SLIP_AUTO_FREE char *digest = row->digest ? slip_printf("%.19s", row->digest) : slip_strdup("");
    slip_table_add(t, digest);
    slip_table_add(t, note.ptr);
}

/* Differences, each under the name it belongs to. */
static void print_details(const struct slip_outcome *o, struct slip_buf *out)
{
    for (size_t i = 0; i < o->rows.len; i++) {
        struct slip_str rest = slip_str_of(o->rows.at[i].details), line;
        if (rest.len)
            slip_buf_add_fmt(out, "%s\n", o->rows.at[i].ref);
        while (slip_str_line(&rest, &line))
            slip_buf_add_fmt(out, "  %.*s\n", SLIP_ARG(line));
    }
}

void slip_outcome_print(const struct slip_outcome *o, size_t max_rows, struct slip_buf *out)
{
    bool all = max_rows == 0 || o->rows.len <= max_rows;
    if (!all)
        print_counts(o, out);
    SLIP_AUTO(slip_table) t = { 0 };
    slip_table_init(&t, 5);
    size_t shown = 0, left_out = 0;
    for (size_t i = 0; i < o->rows.len; i++) {
        if (!o->rows.at[i].ref) /* a failure of its own, told with the errors */
            continue;
        if (!all && !is_news(o->rows.at[i].action))
            continue;
        if (!all && shown == max_rows) {
            left_out++;
            continue;
        }
        shown++;
        add_row(&t, &o->rows.at[i]);
    }
    slip_table_print(&t, out);
    print_details(o, out);
    if (left_out)
        slip_buf_add_fmt(out, "... and %zu more: --report FILE has all\n", left_out);
}

/* Names from git may be any bytes; what is not UTF-8 cannot stand in JSON. */
static json_t *valid_text(const char *s)
{
    json_t *j = json_string(s);
    if (j)
        return j;
    SLIP_AUTO(slip_buf) valid = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_buf_add_valid_utf8(&valid, slip_str_of(s));
    return json_string(valid.ptr);
}

static json_t *text(const struct slip_outcome *o, const char *s)
{
    if (!s)
        return json_null();
    if (!o->veil || o->veil->secrets.len == 0)
        return valid_text(s);
    SLIP_AUTO(slip_buf) veiled = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_veil_apply(o->veil, slip_str_of(s), &veiled);
    return valid_text(veiled.ptr ? veiled.ptr : "");
}

static json_t *time_text(int64_t seconds)
{
    char buf[32];
    struct tm tm;
    time_t t = (time_t)seconds;
    if (!gmtime_r(&t, &tm) || strftime(buf, sizeof(buf), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        return json_null();
    return json_string(buf);
}

static json_t *error_json(const struct slip_outcome *o, const struct slip_error *err)
{
    if (!err)
        return json_null();
    return json_pack("{s:s,s:i,s:o,s:o,s:o}", "class", slip_kind_name(err->kind), "code",
                     slip_kind_exit(err->kind), "message", text(o, err->text), "hint",
                     text(o, err->hint[0] ? err->hint : NULL), "excerpt",
                     text(o, err->excerpt[0] ? err->excerpt : NULL));
}

static json_t *lines_json(const struct slip_outcome *o, const char *lines)
{
    json_t *list = json_array();
    struct slip_str rest = slip_str_of(lines), line;
    while (slip_str_line(&rest, &line)) {
        SLIP_AUTO_FREE char *one = slip_memdup(line.ptr, line.len);
        json_array_append_new(list, text(o, one));
    }
    return list;
}

static json_t *row_json(const struct slip_outcome *o, const struct slip_outcome_row *row)
{
    const char *git_ref = row->git_ref;
    if (!git_ref && o->updates.len == 1)
        git_ref = o->updates.at[0].ref;
    json_t *source =
        json_pack("{s:o,s:o,s:b,s:b}", "ref", text(o, row->source), "digest",
                  text(o, row->source_digest), "built", row->built, "attached", row->attached);
    return json_pack("{s:o,s:o,s:b,s:o,s:o,s:o,s:o,s:s,s:o,s:o,s:I,s:o}", "git_ref",
                     text(o, git_ref), "rule", text(o, row->rule), "required", !row->optional,
                     "image", text(o, row->image), "source", source, "ref", text(o, row->ref),
                     "digest", text(o, row->digest), "action", action_names[row->action], "reason",
                     text(o, row->reason), "differences", lines_json(o, row->details), "bytes_sent",
                     (json_int_t)row->bytes_sent, "error", error_json(o, row->err));
}

void slip_outcome_json(const struct slip_outcome *o, const char *tool_version, struct slip_buf *out)
{
    json_t *updates = json_array(), *results = json_array();
    for (size_t i = 0; i < o->updates.len; i++)
        json_array_append_new(updates,
                              json_pack("{s:o,s:o}", "git_ref", text(o, o->updates.at[i].ref),
                                        "commit", text(o, o->updates.at[i].commit)));
    for (size_t i = 0; i < o->rows.len; i++)
        json_array_append_new(results, row_json(o, &o->rows.at[i]));
    json_t *doc = json_pack("{s:i,s:s,s:o,s:o,s:o,s:s,s:o,s:o}", "schema", 1, "tool_version",
                            tool_version, "started_at", time_text(o->started_at), "finished_at",
                            time_text(o->finished_at), "trigger", text(o, o->trigger), "status",
                            slip_outcome_status(o), "updates", updates, "results", results);
    char *line = doc ? json_dumps(doc, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
    slip_buf_add_c(out, line ? line : "{}");
    slip_buf_add_char(out, '\n');
    free(line);
    json_decref(doc);
}

/* ---- reading one ---- */

static const char *get_text(struct slip_outcome *o, const json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));
    return value ? slip_arena_strdup(&o->arena, slip_str_of(value)) : NULL;
}

static enum slip_outcome_action action_of(const char *name)
{
    for (size_t i = 0; name && i < SLIP_OUTCOMES; i++)
        if (strcmp(name, action_names[i]) == 0)
            return (enum slip_outcome_action)i;
    return SLIP_OUTCOMES;
}

static struct slip_outcome_row row_of(struct slip_outcome *o, const json_t *j)
{
    const json_t *source = json_object_get(j, "source"), *error = json_object_get(j, "error");
    struct slip_outcome_row row = {
        .git_ref = get_text(o, j, "git_ref"),
        .rule = get_text(o, j, "rule"),
        .image = get_text(o, j, "image"),
        .source = get_text(o, source, "ref"),
        .source_digest = get_text(o, source, "digest"),
        .built = json_is_true(json_object_get(source, "built")),
        .attached = json_is_true(json_object_get(source, "attached")),
        .ref = get_text(o, j, "ref"),
        .digest = get_text(o, j, "digest"),
        .action = action_of(json_string_value(json_object_get(j, "action"))),
        .reason = get_text(o, j, "reason"),
        .optional = json_is_false(json_object_get(j, "required")),
        .bytes_sent = (uint64_t)json_integer_value(json_object_get(j, "bytes_sent")),
    };
    const char *message = json_string_value(json_object_get(error, "message"));
    const char *hint = json_string_value(json_object_get(error, "hint"));
    int code = (int)json_integer_value(json_object_get(error, "code"));
    struct slip_error err = { 0 };
    if (!message)
        return row;
    slip_fail(&err, slip_kind_of_exit(code), "%s", message);
    if (hint)
        slip_hint(&err, "%s", hint);
    row.err = slip_outcome_error(o, &err);
    return row;
}

void slip_outcome_add_json(struct slip_outcome *o, const char *json)
{
    json_t *doc = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
    const json_t *results = json_object_get(doc, "results"), *one;
    size_t i;
    json_array_foreach(results, i, one)
    {
        struct slip_outcome_row row = row_of(o, one);
        if (row.action != SLIP_OUTCOMES)
            slip_vec_push(&o->rows, row);
    }
    json_decref(doc);
}
