/* SPDX-License-Identifier: Apache-2.0 */
/* A job as JSON. */
#include "flow/job_file.h"

#include "base/mem.h"
#include "base/utf8.h"

#include <jansson.h>
#include <stdlib.h>

static const char *const state_names[SLIP_JOB_STATES] = {
    [SLIP_JOB_WAITING] = "waiting",
    [SLIP_JOB_RUNNING] = "running",
    [SLIP_JOB_DONE] = "done",
    [SLIP_JOB_FAILED] = "failed",
    [SLIP_JOB_NOT_ACCEPTED] = "not-accepted",
    [SLIP_JOB_SUPERSEDED] = "superseded",
};

const char *slip_job_state_name(enum slip_job_state s)
{
    return state_names[s];
}

void slip_job_clear(struct slip_job *j)
{
    slip_arena_clear(&j->arena);
    *j = (struct slip_job){ 0 };
}

static const struct field {
    const char *name;
    size_t offset;
} texts[] = {
    { "id", offsetof(struct slip_job, id) },
    { "action", offsetof(struct slip_job, action) },
    { "ref", offsetof(struct slip_job, ref) },
    { "oid", offsetof(struct slip_job, oid) },
    { "commit", offsetof(struct slip_job, commit) },
    { "remote_name", offsetof(struct slip_job, remote_name) },
    { "remote_url", offsetof(struct slip_job, remote_url) },
    { "rules", offsetof(struct slip_job, rules) },
    { "prepared", offsetof(struct slip_job, prepared) },
    { "wrote", offsetof(struct slip_job, wrote) },
    { "replaceable", offsetof(struct slip_job, replaceable) },
    { "message", offsetof(struct slip_job, message) },
    { "hint", offsetof(struct slip_job, hint) },
    { "text", offsetof(struct slip_job, text) },
    { "report", offsetof(struct slip_job, report) },
}, numbers[] = {
    { "enqueued_at", offsetof(struct slip_job, enqueued_at) },
    { "not_before", offsetof(struct slip_job, not_before) },
    { "finished_at", offsetof(struct slip_job, finished_at) },
    { "push_pid", offsetof(struct slip_job, push_pid) },
    { "push_started", offsetof(struct slip_job, push_started) },
    { "builder_pid", offsetof(struct slip_job, builder_pid) },
    { "builder_started", offsetof(struct slip_job, builder_started) },
};

static const char **text_field(const struct slip_job *j, const struct field *f)
{
    return (const char **)((char *)j + f->offset);
}

static int64_t *number_field(const struct slip_job *j, const struct field *f)
{
    return (int64_t *)((char *)j + f->offset);
}

/* A ref or path may be any bytes, JSON holds only UTF-8: beside a text for people their hex digits
 * stand as "NAME_hex". */
static void set_text(json_t *o, const char *name, const char *text)
{
    struct slip_str bytes = slip_str_of(text);
    SLIP_AUTO(slip_buf) readable = SLIP_BUF(SLIP_JOB_MAX);
    if (slip_utf8_valid(bytes)) {
        json_object_set_new(o, name, json_string(text));
        return;
    }
    SLIP_AUTO(slip_buf) hex = SLIP_BUF(SLIP_JOB_MAX);
    SLIP_AUTO_FREE char *hex_name = slip_printf("%s_hex", name);
    slip_buf_add_valid_utf8(&readable, bytes);
    slip_buf_add_hex(&hex, bytes.ptr, bytes.len);
    json_object_set_new(o, name, json_string(readable.ptr));
    json_object_set_new(o, hex_name, json_string(hex.ptr));
}

static const char *get_text(struct slip_job *j, const json_t *o, const char *name)
{
    SLIP_AUTO_FREE char *hex_name = slip_printf("%s_hex", name);
    const char *text = json_string_value(json_object_get(o, name));
    const char *hex = json_string_value(json_object_get(o, hex_name));
    if (!hex)
        return text ? slip_arena_strdup(&j->arena, slip_str_of(text)) : NULL;
    SLIP_AUTO(slip_buf) bytes = SLIP_BUF(SLIP_JOB_MAX);
    for (; hex[0] && hex[1]; hex += 2) {
        const char digits[] = { hex[0], hex[1], '\0' };
        slip_buf_add_char(&bytes, (char)strtoul(digits, NULL, 16));
    }
    return slip_arena_strdup(&j->arena, slip_buf_str(&bytes));
}

char *slip_job_print(const struct slip_job *j)
{
    json_t *o = json_object();
    json_object_set_new(o, "schema", json_integer(1));
    json_object_set_new(o, "state", json_string(state_names[j->state]));
    json_object_set_new(o, "attempt", json_integer(j->attempt));
    json_object_set_new(o, "exit", json_integer(j->exit));
    for (size_t i = 0; i < SLIP_COUNT(texts); i++) {
        const char *text = *text_field(j, &texts[i]);
        if (text)
            set_text(o, texts[i].name, text);
    }
    for (size_t i = 0; i < SLIP_COUNT(numbers); i++)
        json_object_set_new(o, numbers[i].name, json_integer(*number_field(j, &numbers[i])));
    char *text = json_dumps(o, JSON_INDENT(1));
    json_decref(o);
    return text;
}

bool slip_job_parse(struct slip_str text, struct slip_job *out)
{
    json_error_t at;
    json_t *o = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, &at);
    const char *state = json_string_value(json_object_get(o, "state"));
    struct slip_job j = { .state = SLIP_JOB_STATES };
    for (unsigned s = 0; state && s < SLIP_JOB_STATES; s++)
        if (strcmp(state, state_names[s]) == 0)
            j.state = (enum slip_job_state)s;
    for (size_t i = 0; i < SLIP_COUNT(texts); i++)
        *text_field(&j, &texts[i]) = get_text(&j, o, texts[i].name);
    for (size_t i = 0; i < SLIP_COUNT(numbers); i++)
        *number_field(&j, &numbers[i]) = json_integer_value(json_object_get(o, numbers[i].name));
    j.attempt = (unsigned)json_integer_value(json_object_get(o, "attempt"));
    j.exit = (int)json_integer_value(json_object_get(o, "exit"));
    json_decref(o);
    if (j.state == SLIP_JOB_STATES || !j.id || !j.ref || !j.oid || !j.commit || !j.remote_name
        || !j.remote_url) {
        slip_job_clear(&j);
        return false;
    }
    slip_job_clear(out);
    *out = j;
    return true;
}
