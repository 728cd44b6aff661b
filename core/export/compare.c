/* SPDX-License-Identifier: Apache-2.0 */
/* Compare what stands under names with what a plan would write. */
#include "export/compare.h"

#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "value/json.h"

#define LINES_MAX 60     /* differences that are told */
#define VALUE_MAX 100    /* bytes of a value that are told */
#define DEPTH_MAX 64     /* deeper values are compared as text */
#define PATH_MAX_LEN 512 /* bytes of a place */

/* --- differences of JSON --- */

struct diff {
    struct slip_buf *out;
    size_t lines;
    struct slip_buf path;
};

static void print_value(const struct slip_value *v, struct slip_buf *out)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_FILE);
    struct slip_error err = { 0 };
    if (!v || slip_json_write(v, 0, &text, &err) < 0) {
        slip_buf_add_c(out, "(nothing)");
        return;
    }
    slip_buf_add_str(out, slip_str_first(slip_buf_str(&text), VALUE_MAX));
    if (text.len > VALUE_MAX)
        slip_buf_add_c(out, "...");
}

static void tell(struct diff *d, const struct slip_value *there, const struct slip_value *here)
{
    if (d->lines++ >= LINES_MAX)
        return;
    slip_buf_add_fmt(d->out, "%s: ", d->path.len ? d->path.ptr : "(all)");
    print_value(there, d->out);
    slip_buf_add_c(d->out, " -> ");
    print_value(here, d->out);
    slip_buf_add_char(d->out, '\n');
}

static bool same_text(const struct slip_value *a, const struct slip_value *b)
{
    SLIP_AUTO(slip_buf) x = SLIP_BUF(SLIP_LIMIT_FILE);
    SLIP_AUTO(slip_buf) y = SLIP_BUF(SLIP_LIMIT_FILE);
    struct slip_error err = { 0 };
    return slip_json_write(a, 0, &x, &err) == 0 && slip_json_write(b, 0, &y, &err) == 0
           && slip_str_eq(slip_buf_str(&x), slip_buf_str(&y));
}

/* Members by name; of equal names the last. */
static struct slip_map *members_of(const struct slip_value *map)
{
    struct slip_map *members = slip_map_new(NULL);
    for (size_t i = 0; i < map->len; i++)
        slip_map_set(members, map->pairs[i].key->text, map->pairs[i].value);
    return members;
}

static void compare(struct diff *d, const struct slip_value *there, const struct slip_value *here,
                    int depth);

static void compare_member(struct diff *d, struct slip_str key, const struct slip_value *there,
                           const struct slip_value *here, int depth)
{
    size_t len = d->path.len;
    slip_buf_add_fmt(&d->path, "%s%.*s", len ? "." : "", SLIP_ARG(key));
    compare(d, there, here, depth);
    slip_buf_cut(&d->path, len);
}

static void compare_maps(struct diff *d, const struct slip_value *there,
                         const struct slip_value *here, int depth)
{
    SLIP_AUTO_PTR(slip_map) old = members_of(there);
    SLIP_AUTO_PTR(slip_map) new = members_of(here);
    for (struct slip_map_entry *e = slip_map_next(old, NULL); e; e = slip_map_next(old, e))
        compare_member(d, slip_map_key(e), slip_map_value(e), slip_map_get(new, slip_map_key(e)),
                       depth);
    for (struct slip_map_entry *e = slip_map_next(new, NULL); e; e = slip_map_next(new, e))
        if (!slip_map_get(old, slip_map_key(e)))
            compare_member(d, slip_map_key(e), NULL, slip_map_value(e), depth);
}

static void compare_lists(struct diff *d, const struct slip_value *there,
                          const struct slip_value *here, int depth)
{
    size_t len = d->path.len;
    for (size_t i = 0; i < there->len || i < here->len; i++) {
        slip_buf_add_fmt(&d->path, "[%zu]", i);
        compare(d, i < there->len ? there->items[i] : NULL, i < here->len ? here->items[i] : NULL,
                depth);
        slip_buf_cut(&d->path, len);
    }
}

static void compare(struct diff *d, const struct slip_value *there, const struct slip_value *here,
                    int depth)
{
    bool both = there && here && there->type == here->type && depth < DEPTH_MAX;
    if (both && there->type == SLIP_VALUE_MAP)
        compare_maps(d, there, here, depth + 1);
    else if (both && there->type == SLIP_VALUE_LIST)
        compare_lists(d, there, here, depth + 1);
    else if (!there || !here || !same_text(there, here))
        tell(d, there, here);
}

static void compare_texts(struct slip_str there, struct slip_str here, const char *name,
                          struct slip_buf *out)
{
    SLIP_AUTO(slip_doc) a = { 0 };
    SLIP_AUTO(slip_doc) b = { 0 };
    struct diff d = { .out = out, .path = SLIP_BUF(PATH_MAX_LEN) };
    struct slip_error err = { 0 };
    slip_buf_add_c(&d.path, name);
    if (slip_json_read(there, NULL, SLIP_JSON_FIRST_VALUE, &a, &err) < 0
        || slip_json_read(here, NULL, SLIP_JSON_FIRST_VALUE, &b, &err) < 0)
        slip_buf_add_fmt(out, "%s: what is there cannot be read\n", name);
    else
        compare(&d, a.root, b.root, 0);
    if (d.lines > LINES_MAX)
        slip_buf_add_fmt(out, "%s: %zu more differences\n", name, d.lines - LINES_MAX);
    if (d.lines == 0 && !slip_str_eq(there, here))
        slip_buf_add_fmt(out, "%s: the same values, written in another way\n", name);
    slip_buf_clear(&d.path);
}

/* --- differences of images --- */

static void differences(const struct slip_stored *there, const struct slip_content *here,
                        const char *prefix, struct slip_buf *out)
{
    SLIP_AUTO_FREE char *manifest = slip_printf("%smanifest", prefix);
    SLIP_AUTO_FREE char *config = slip_printf("%sconfig", prefix);
    if (strcmp(there->media_type, here->media_type) != 0)
        slip_buf_add_fmt(out, "%smedia type: %s -> %s\n", prefix, there->media_type,
                         here->media_type);
    if (strcmp(there->digest, here->digest) != 0)
        compare_texts(slip_buf_str(&there->manifest), here->manifest, manifest, out);
    if (there->config.len && here->config.len
        && !slip_str_eq(slip_buf_str(&there->config), here->config))
        compare_texts(slip_buf_str(&there->config), here->config, config, out);
    for (size_t i = 0; i < there->n_children && i < here->n_children; i++) {
        SLIP_AUTO_FREE char *below = slip_printf("%smanifests[%zu].", prefix, i);
        differences(&there->children[i], &here->children[i], below, out);
    }
}

/* --- all names of a plan --- */

void slip_comparisons_clear(struct slip_comparison *c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        slip_free(c[i].differences);
}

struct indexes {
    SLIP_VEC(size_t);
};

static void indexes_clear(struct indexes *v)
{
    slip_vec_clear(v);
}
SLIP_DEFINE_AUTO(indexes, indexes_clear);

/* Look at the heads of one place; `differ` gets the names that have to be read. */
static void look(struct slip_store *store, const struct slip_export_plan *plan, size_t place,
                 const bool *absent, struct slip_comparison *out, struct indexes *differ)
{
    SLIP_AUTO(indexes) names = { 0 };
    for (size_t i = 0; i < plan->names.len; i++) {
        if (plan->names.at[i].place != place)
            continue;
        if (absent && absent[i])
            out[i].state = SLIP_COMPARE_MISSING;
        else
            slip_vec_push(&names, i);
    }
    if (names.len == 0)
        return;
    SLIP_AUTO_FREE struct slip_manifest_head *heads = slip_alloc_array(names.len, sizeof(*heads));
    for (size_t i = 0; i < names.len; i++)
        heads[i].identifier = plan->names.at[names.at[i]].identifier;
    int failed = store->ops->head_manifests(store, heads, names.len);
    for (size_t i = 0; i < names.len; i++) {
        struct slip_comparison *c = &out[names.at[i]];
        const char *want = slip_export_name_digest(plan, &plan->names.at[names.at[i]]);
        if (failed < 0 && heads[i].err.kind) {
            c->state = SLIP_COMPARE_FAILED;
            c->err = heads[i].err;
        } else if (!heads[i].found) {
            c->state = SLIP_COMPARE_MISSING;
        } else {
            memcpy(c->there, heads[i].digest, sizeof(c->there));
            bool same = strcmp(want, c->there) == 0;
            c->state = same ? SLIP_COMPARE_EQUAL : SLIP_COMPARE_DIFFERS;
            if (!same)
                slip_vec_push(differ, names.at[i]);
        }
    }
}

/* Read what differs. What cannot be read as an image differs all the same. */
static void explain(struct slip_store *store, const struct slip_export_plan *plan,
                    const struct indexes *differ, struct slip_comparison *out)
{
    SLIP_AUTO_FREE struct slip_stored_get *items = slip_alloc_array(differ->len, sizeof(*items));
    for (size_t i = 0; i < differ->len; i++)
        items[i].identifier = out[differ->at[i]].there;
    int failed = slip_stored_read(store, items, differ->len);
    for (size_t i = 0; i < differ->len; i++) {
        SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
        const struct slip_export_name *name = &plan->names.at[differ->at[i]];
        if (failed < 0 && items[i].err.kind)
            slip_buf_add_fmt(&text, "(all): %s\n", items[i].err.text);
        else
            differences(&items[i].source, &plan->contents.at[name->content].content, "", &text);
        out[differ->at[i]].differences = slip_buf_detach(&text);
        slip_stored_clear(&items[i].source);
    }
}

static int compare_place(struct slip_registry *registry, const struct slip_export_plan *plan,
                         size_t place, const bool *absent, struct slip_comparison *out,
                         struct slip_error *err)
{
    SLIP_AUTO_PTR(slip_store) store = NULL;
    SLIP_AUTO(indexes) differ = { 0 };
    if (slip_store_open(registry, plan->places.at[place].where, &store, err) < 0)
        return -1;
    look(store, plan, place, absent, out, &differ);
    if (differ.len)
        explain(store, plan, &differ, out);
    return 0;
}

int slip_export_compare(struct slip_registry *registry, const struct slip_export_plan *plan,
                        const bool *absent, struct slip_comparison *out)
{
    int result = 0;
    memset(out, 0, plan->names.len * sizeof(*out));
    for (size_t place = 0; place < plan->places.len; place++) {
        struct slip_error err = { 0 };
        if (compare_place(registry, plan, place, absent, out, &err) == 0)
            continue;
        for (size_t i = 0; i < plan->names.len; i++)
            if (plan->names.at[i].place == place)
                out[i] = (struct slip_comparison){ .state = SLIP_COMPARE_FAILED, .err = err };
    }
    for (size_t i = 0; i < plan->names.len; i++)
        if (out[i].state == SLIP_COMPARE_FAILED)
            result = -1;
    return result;
}
