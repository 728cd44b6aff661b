/* SPDX-License-Identifier: Apache-2.0 */
/* Names that move: what stands there may be of a newer version. */
#include "export/run_impl.h"

#include "base/limits.h"
#include "base/mem.h"
#include "rule/semver.h"
#include "value/json.h"

#define VERSION_KEY "org.opencontainers.image.version"

/* The version that an image or an index says it is of: annotation or label; appended. */
static void find_version(const struct slip_stored *s, struct slip_buf *out)
{
    SLIP_AUTO(slip_doc) doc = { 0 };
    SLIP_AUTO(slip_config_info) info = { 0 };
    struct slip_error none = { 0 };
    struct slip_str noted = { 0 };
    if (slip_json_read(slip_buf_str(&s->manifest), NULL, SLIP_JSON_FIRST_VALUE, &doc, &none) == 0)
        noted = slip_value_text(slip_value_get(doc.root, "annotations"), VERSION_KEY);
    if (noted.len)
        slip_buf_add_str(out, noted);
    else if (s->config.len && slip_config_info_read(slip_buf_str(&s->config), &info, &none) == 0)
        slip_buf_add_str(out, slip_config_label(&info, VERSION_KEY));
    for (size_t i = 0; i < s->n_children && out->len == 0; i++)
        find_version(&s->children[i], out);
}

static void compare_version(struct slip_export *x, size_t i, const struct slip_stored *there)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    struct slip_semver ours, theirs;
    struct slip_error none = { 0 };
    struct slip_export_result *r = &x->results[i];
    find_version(there, &text);
    if (slip_semver_parse(export_name(x, i)->wish->version, SLIP_STR("auto"), true, &ours, &none)
            < 0
        || slip_semver_parse(slip_buf_str(&text), SLIP_STR("auto"), true, &theirs, &none) < 0
        || !slip_semver_is_stable(&theirs) || slip_semver_cmp(&theirs, &ours) <= 0)
        return;
    snprintf(r->newer, sizeof(r->newer), "%s", text.ptr);
    r->state = SLIP_EXPORT_SKIPPED;
    slip_watch_step(x->options.watch, export_name(x, i)->reference, "left to the newer %s",
                    r->newer);
}

/* What stands under the open names of one place, read once per digest. What cannot be read says
 * nothing of its version. */
static void compare_versions_at(struct slip_export *x, const struct export_indexes *names,
                                size_t place)
{
    SLIP_AUTO_FREE struct slip_stored_get *items = slip_alloc_array(names->len + 1, sizeof(*items));
    struct slip_store *store = x->places[place].store;
    size_t n = 0;
    for (size_t i = 0; i < names->len; i++) {
        size_t k = 0;
        if (export_name(x, names->at[i])->place != place)
            continue;
        while (k < n && strcmp(items[k].identifier, x->results[names->at[i]].before) != 0)
            k++;
        if (k == n)
            items[n++].identifier = x->results[names->at[i]].before;
    }
    if (n == 0)
        return;
    (void)!slip_stored_read(store, items, n);
    for (size_t i = 0; i < names->len; i++)
        for (size_t k = 0; k < n; k++)
            if (export_name(x, names->at[i])->place == place && !items[k].err.kind
                && strcmp(items[k].identifier, x->results[names->at[i]].before) == 0)
                compare_version(x, names->at[i], &items[k].source);
    for (size_t k = 0; k < n; k++)
        slip_stored_clear(&items[k].source);
}

void export_leave_to_newer(struct slip_export *x, unsigned rank)
{
    SLIP_AUTO(export_indexes) open = { 0 };
    SLIP_AUTO(export_indexes) names = { 0 };
    if (rank != SLIP_RANK_FLOATING && rank != SLIP_RANK_LATEST)
        return;
    export_open_names(x, rank, &open);
    for (size_t i = 0; i < open.len; i++)
        if (export_name(x, open.at[i])->wish->version.len
            && export_name(x, open.at[i])->if_exists != SLIP_IF_EXISTS_OVERWRITE)
            slip_vec_push(&names, open.at[i]);
    if (names.len == 0)
        return;
    export_look_at(x, &names);
    size_t n = 0;
    for (size_t i = 0; i < names.len; i++)
        if (export_is_open(x, names.at[i]) && x->results[names.at[i]].before[0])
            names.at[n++] = names.at[i];
    names.len = n;
    for (size_t place = 0; names.len && place < x->plan->places.len; place++)
        compare_versions_at(x, &names, place);
}
