/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing lists of ingredients: the longest common part stays, the rest is paired by what it is.
 */
#include "digest/compare.h"

#include "match/filter.h"

enum { TABLE_MAX = 1 << 22 }; /* cells; longer lists are compared at their ends alone */

struct part { /* of a list */
    const struct slip_ingredient *at;
    size_t len;
};

static bool same(const struct slip_ingredient *a, const struct slip_ingredient *b)
{
    return a->kind == b->kind && slip_str_eq(a->text, b->text) && slip_str_eq(a->detail, b->detail);
}

/* The same thing with another value. */
static bool is_counterpart(const struct slip_ingredient *a, const struct slip_ingredient *b)
{
    return a->kind == b->kind && slip_str_eq(a->detail, b->detail);
}

/* A stretch without anything in common. Counterparts are taken in order. */
static void add_gap(struct part before, struct part after, struct slip_digest_changes *out)
{
    size_t next = 0;
    for (size_t i = 0; i < before.len; i++) {
        size_t k = next;
        while (k < after.len && !is_counterpart(&before.at[i], &after.at[k]))
            k++;
        if (k == after.len) {
            slip_vec_push(out, (struct slip_ingredient_change){ &before.at[i], NULL });
            continue;
        }
        for (; next < k; next++)
            slip_vec_push(out, (struct slip_ingredient_change){ NULL, &after.at[next] });
        slip_vec_push(out, (struct slip_ingredient_change){ &before.at[i], &after.at[next++] });
    }
    for (; next < after.len; next++)
        slip_vec_push(out, (struct slip_ingredient_change){ NULL, &after.at[next] });
}

/* table[i * (m + 1) + k]: how much before[i..] and after[k..] have in common. */
static unsigned *common_lengths(struct part before, struct part after)
{
    size_t n = before.len, m = after.len;
    unsigned *table = slip_alloc_array((n + 1) * (m + 1), sizeof(*table));
    for (size_t i = n; i-- > 0;) {
        unsigned *row = table + i * (m + 1), *below = row + m + 1;
        for (size_t k = m; k-- > 0;) {
            if (same(&before.at[i], &after.at[k]))
                row[k] = below[k + 1] + 1;
            else
                row[k] = below[k] > row[k + 1] ? below[k] : row[k + 1];
        }
    }
    return table;
}

static struct part slice(struct part p, size_t from, size_t to)
{
    return (struct part){ p.at + from, to - from };
}

static void compare_middle(struct part before, struct part after, struct slip_digest_changes *out)
{
    if ((before.len + 1) > TABLE_MAX / (after.len + 1)) {
        add_gap(before, after, out);
        return;
    }
    SLIP_AUTO_FREE unsigned *table = common_lengths(before, after);
    size_t width = after.len + 1, i = 0, k = 0, gap_i = 0, gap_k = 0;
    while (i < before.len && k < after.len) {
        const unsigned *cell = table + i * width + k;
        if (same(&before.at[i], &after.at[k])) {
            add_gap(slice(before, gap_i, i), slice(after, gap_k, k), out);
            gap_i = ++i;
            gap_k = ++k;
        } else if (cell[width] >= cell[1]) {
            i++;
        } else {
            k++;
        }
    }
    add_gap(slice(before, gap_i, before.len), slice(after, gap_k, after.len), out);
}

static void compare_lists(struct part before, struct part after, struct slip_digest_changes *out)
{
    while (before.len && after.len && same(before.at, after.at)) {
        before = slice(before, 1, before.len);
        after = slice(after, 1, after.len);
    }
    while (before.len && after.len && same(&before.at[before.len - 1], &after.at[after.len - 1])) {
        before.len--;
        after.len--;
    }
    compare_middle(before, after, out);
}

static struct part list_of(const struct slip_image_digest *d, size_t stage)
{
    if (stage >= d->n_stages)
        return (struct part){ NULL, 0 };
    return (struct part){ d->stages[stage].ingredients, d->stages[stage].n_ingredients };
}

void slip_digest_compare(const struct slip_image_digest *before,
                         const struct slip_image_digest *after, struct slip_digest_changes *out)
{
    for (size_t i = 0; i < before->n_stages || i < after->n_stages; i++)
        compare_lists(list_of(before, i), list_of(after, i), out);
}

void slip_digest_changes_clear(struct slip_digest_changes *c)
{
    slip_vec_clear(c);
}

/* ---- files ---- */

struct files_compare {
    struct slip_filter *before, *after; /* or NULL */
    slip_compare_visit *visit;
    void *payload;
};

static int counts(struct slip_filter *f, struct slip_str path, const struct slip_entry *e,
                  bool *yes, struct slip_error *err)
{
    *yes = false;
    return f && e ? slip_filter_selects(f, path, yes, err) : 0;
}

static int visit_if_selected(void *payload, struct slip_str path, const struct slip_entry *before,
                             const struct slip_entry *after, struct slip_error *err)
{
    struct files_compare *c = payload;
    bool was, is;
    if (counts(c->before, path, before, &was, err) < 0
        || counts(c->after, path, after, &is, err) < 0)
        return -1;
    if (!was && !is)
        return 0;
    return c->visit(c->payload, path, was ? before : NULL, is ? after : NULL, err);
}

int slip_selection_compare(const struct slip_tree *tree_before,
                           const struct slip_file_selection *before,
                           const struct slip_tree *tree_after,
                           const struct slip_file_selection *after, slip_compare_visit *visit,
                           void *payload, struct slip_error *err)
{
    SLIP_AUTO_PTR(slip_filter) was = NULL;
    SLIP_AUTO_PTR(slip_filter) is = NULL;
    if ((before && slip_selection_filter(before, &was, err) < 0)
        || (after && slip_selection_filter(after, &is, err) < 0))
        return -1;
    struct files_compare c = { was, is, visit, payload };
    return slip_tree_compare(tree_before, tree_after, visit_if_selected, &c, err);
}
