/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as what git or a CI system says of refs: parts stand in the text, slugs are tags. */
#include "fuzz/fuzz.h"

#include "base/limits.h"
#include "ci/log.h"
#include "ci/properties.h"
#include "ref/slug.h"
#include "ref/update.h"

static bool is_inside(struct slip_str part, struct slip_str text)
{
    return part.len == 0 || (part.ptr >= text.ptr && part.ptr + part.len <= text.ptr + text.len);
}

static void check_update(const struct slip_ref_update *u, struct slip_str text)
{
    if (!slip_ref_is_id(u->new_id) || !slip_ref_is_id(u->old_id) || u->ref.len == 0
        || !is_inside(u->local_ref, text) || !is_inside(u->ref, text) || !is_inside(u->name, text)
        || (u->change == SLIP_REF_DELETE) != slip_ref_is_zero_id(u->new_id))
        __builtin_trap();
}

/* What was read says the same when it is written down again. */
static void read_write_read(const struct slip_ref_update *u)
{
    SLIP_AUTO(slip_buf) line = SLIP_BUF(SLIP_LIMIT_HOOK_STDIN);
    struct slip_ref_update again;
    struct slip_error err = { 0 };
    slip_buf_add_fmt(&line, "%.*s %.*s %.*s %.*s", SLIP_ARG(u->local_ref), SLIP_ARG(u->new_id),
                     SLIP_ARG(u->ref), SLIP_ARG(u->old_id));
    if (slip_ref_parse_push(slip_buf_str(&line), &again, &err) < 0
        || !slip_str_eq(again.local_ref, u->local_ref) || !slip_str_eq(again.ref, u->ref)
        || again.kind != u->kind || again.change != u->change)
        __builtin_trap();
}

static void slugs_are_tags(struct slip_str name)
{
    SLIP_AUTO(slip_buf) slug = SLIP_BUF(1024);
    SLIP_AUTO(slip_buf) safe = SLIP_BUF(1024);
    slip_ref_slug(name, &slug);
    slip_ref_safe_slug(name, &safe);
    if (slug.len && !slip_ref_is_tag(slip_buf_str(&slug)))
        __builtin_trap();
    if (slug.len && !slip_ref_is_tag(slip_buf_str(&safe)))
        __builtin_trap();
}

static void log_lines_are_inert(struct slip_str text)
{
    SLIP_AUTO(slip_buf) plain = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_ci_log_plain(text, &plain);
    if (plain.len
        && (strpbrk(plain.ptr, "\r\n\033") || strstr(plain.ptr, "##")
            || slip_str_starts(slip_str_trim(slip_buf_str(&plain)), SLIP_STR("::"))))
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slip_str text = slip_str_make((const char *)data, size);
    SLIP_AUTO(slip_ref_updates) updates = { 0 };
    SLIP_AUTO(slip_buf) value = SLIP_BUF(SLIP_LIMIT_TEXT);
    struct slip_error err = { 0 };
    bool cut = false;
    if (size > 65536)
        return 0;
    if (slip_ref_read_push(text, &updates, &cut, &err) == 0) {
        for (size_t i = 0; i < updates.len; i++) {
            check_update(&updates.at[i], text);
            read_write_read(&updates.at[i]);
        }
    } else if (err.kind == SLIP_OK) {
        __builtin_trap();
    }
    (void)slip_ref_is_valid_name(text);
    slugs_are_tags(text);
    log_lines_are_inert(text);
    (void)slip_ci_property(text, "teamcity.build.branch", &value);
    return 0;
}
