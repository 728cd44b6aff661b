/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that make lists and take from them. None changes a list: results are new ones. */
#include "tmpl/fn.h"

#include <math.h>

/* `complaint` has one %s for the kind of what is no list. */
static int need_list(struct slip_tmpl_call *c, const struct slip_tv *v, const char *complaint)
{
    if (slip_tv_is_list(v))
        return 0;
    if (slip_tv_is_nil(v))
        return slip_tmpl_fail(c, SLIP_TMPL_NIL_POINTER);
    return slip_tmpl_fail(c, complaint, slip_tv_kind_name(v));
}

/* A []interface {} of `len` elements, to be filled. */
static struct slip_tv *new_list_with_room(struct slip_tmpl_call *c, size_t len, size_t capacity,
                                          struct slip_tv *out)
{
    if (slip_tmpl_room(c, len, sizeof(struct slip_tv)) < 0)
        return NULL;
    struct slip_tv *at = slip_arena_array(c->arena, len, sizeof(*at));
    *out = slip_tv_list_with_room(c->arena, SLIP_TV_LIST, at, len, capacity);
    return at;
}

static struct slip_tv *new_list(struct slip_tmpl_call *c, size_t len, struct slip_tv *out)
{
    return new_list_with_room(c, len, len, out);
}

static void copy_items(struct slip_tv *to, const struct slip_tv *list, size_t from, size_t len)
{
    if (len)
        memcpy(to, list->list->at + from, len * sizeof(*to));
}

/* Elements [from, from + len) as a []interface {}. */
static int give_part(struct slip_tmpl_call *c, const struct slip_tv *list, size_t from, size_t len,
                     struct slip_tv *out)
{
    struct slip_tv *at = new_list(c, len, out);
    if (!at)
        return -1;
    copy_items(at, list, from, len);
    return 0;
}

SLIP_TMPL_FN(fn_list)
{
    struct slip_tv *at = new_list(c, n, out);
    if (!at)
        return -1;
    if (n)
        memcpy(at, a, n * sizeof(*at));
    return 0;
}

SLIP_TMPL_FN(fn_append)
{
    if (need_list(c, &a[0], "Cannot push on type %s") < 0)
        return -1;
    size_t len = slip_tv_list_len(&a[0]);
    size_t capacity = slip_tmpl_capacity(SLIP_TV_LIST, len, len + 1);
    struct slip_tv *at = new_list_with_room(c, len + 1, capacity, out);
    if (!at)
        return -1;
    copy_items(at, &a[0], 0, len);
    at[len] = a[1];
    return 0;
}

SLIP_TMPL_FN(fn_prepend)
{
    if (need_list(c, &a[0], "Cannot prepend on type %s") < 0)
        return -1;
    size_t len = slip_tv_list_len(&a[0]);
    size_t capacity = slip_tmpl_capacity(SLIP_TV_LIST, 1, len + 1);
    struct slip_tv *at = new_list_with_room(c, len + 1, capacity, out);
    if (!at)
        return -1;
    at[0] = a[1];
    copy_items(at + 1, &a[0], 0, len);
    return 0;
}

/* No element at all gives a nil list. */
SLIP_TMPL_FN(fn_concat)
{
    size_t total = 0;
    for (size_t i = 0; i < n; i++) {
        if (need_list(c, &a[i], "Cannot concat type %s as list") < 0)
            return -1;
        total += slip_tv_list_len(&a[i]);
    }
    *out = slip_tv_null_of(SLIP_TV_LIST);
    size_t capacity = slip_tmpl_capacity_of_each(SLIP_TV_LIST, 0, total);
    struct slip_tv *at = total ? new_list_with_room(c, total, capacity, out) : NULL;
    if (total && !at)
        return -1;
    for (size_t i = 0; i < n; i++) {
        copy_items(at, &a[i], 0, slip_tv_list_len(&a[i]));
        at = at ? at + slip_tv_list_len(&a[i]) : NULL;
    }
    return 0;
}

SLIP_TMPL_FN(fn_first)
{
    if (need_list(c, &a[0], "Cannot find first on type %s") < 0)
        return -1;
    if (slip_tv_list_len(&a[0]))
        *out = a[0].list->at[0];
    return 0;
}

SLIP_TMPL_FN(fn_last)
{
    if (need_list(c, &a[0], "Cannot find last on type %s") < 0)
        return -1;
    if (slip_tv_list_len(&a[0]))
        *out = a[0].list->at[a[0].list->len - 1];
    return 0;
}

SLIP_TMPL_FN(fn_rest)
{
    if (need_list(c, &a[0], "Cannot find rest on type %s") < 0)
        return -1;
    *out = slip_tv_null_of(SLIP_TV_LIST);
    size_t len = slip_tv_list_len(&a[0]);
    return len ? give_part(c, &a[0], 1, len - 1, out) : 0;
}

SLIP_TMPL_FN(fn_initial)
{
    if (need_list(c, &a[0], "Cannot find initial on type %s") < 0)
        return -1;
    *out = slip_tv_null_of(SLIP_TV_LIST);
    size_t len = slip_tv_list_len(&a[0]);
    return len ? give_part(c, &a[0], 0, len - 1, out) : 0;
}

SLIP_TMPL_FN(fn_reverse)
{
    if (need_list(c, &a[0], "Cannot find reverse on type %s") < 0)
        return -1;
    size_t len = slip_tv_list_len(&a[0]);
    struct slip_tv *at = new_list(c, len, out);
    if (!at)
        return -1;
    for (size_t i = 0; i < len; i++)
        at[i] = a[0].list->at[len - 1 - i];
    return 0;
}

/* ---- lists by content ---- */

/* Whether `v` is one of these; -1: the work became too much. */
static int is_among(struct slip_tmpl_call *c, const struct slip_tv *v, const struct slip_tv *list,
                    size_t len)
{
    uint64_t steps = 0;
    size_t i = 0;
    while (i < len && !slip_tv_deep_equal_counted(v, &list[i], &steps)
           && steps <= SLIP_TMPL_LIMIT_STEPS)
        i++;
    return slip_tmpl_spend(c, steps + i) < 0 ? -1 : i < len;
}

SLIP_TMPL_FN(fn_has)
{
    if (!slip_tv_is_nil(&a[1]) && need_list(c, &a[1], "Cannot find has on type %s") < 0)
        return -1;
    int found = 0;
    if (!slip_tv_is_nil(&a[1]) && slip_tv_list_len(&a[1]))
        found = is_among(c, &a[0], a[1].list->at, a[1].list->len);
    *out = slip_tv_bool(found == 1);
    return found < 0 ? -1 : 0;
}

SLIP_TMPL_FN(fn_compact)
{
    struct slip_tmpl_items kept = { 0 };
    if (need_list(c, &a[0], "Cannot compact on type %s") < 0)
        return -1;
    for (size_t i = 0; i < slip_tv_list_len(&a[0]); i++)
        if (slip_tv_truth(&a[0].list->at[i]))
            slip_vec_push(&kept, a[0].list->at[i]);
    return slip_tmpl_give_list(c, SLIP_TV_LIST, &kept, 0, out);
}

/* The elements of `list` that are not among the others; with `once` not among those kept so far. */
static int give_others(struct slip_tmpl_call *c, const struct slip_tv *list,
                       const struct slip_tv *others, size_t n, bool once, struct slip_tv *out)
{
    struct slip_tmpl_items kept = { 0 };
    for (size_t i = 0; i < slip_tv_list_len(list); i++) {
        const struct slip_tv *v = &list->list->at[i];
        int among = once ? is_among(c, v, kept.at, kept.len) : is_among(c, v, others, n);
        if (among < 0) {
            slip_vec_clear(&kept);
            return -1;
        }
        if (!among)
            slip_vec_push(&kept, *v);
    }
    return slip_tmpl_give_list(c, SLIP_TV_LIST, &kept, 0, out);
}

SLIP_TMPL_FN(fn_uniq)
{
    if (need_list(c, &a[0], "Cannot find uniq on type %s") < 0)
        return -1;
    return give_others(c, &a[0], NULL, 0, true, out);
}

SLIP_TMPL_FN(fn_without)
{
    if (need_list(c, &a[0], "Cannot find without on type %s") < 0)
        return -1;
    return give_others(c, &a[0], a + 1, n - 1, false, out);
}

/* ---- parts ---- */

/* The elements stay where they are: the part is of the same type, and shares them. It may reach
 * beyond the end of the list, as far as Go has room there. */
SLIP_TMPL_FN(fn_slice)
{
    if (need_list(c, &a[0], "list should be type of slice or array but %s") < 0)
        return -1;
    int64_t len = (int64_t)slip_tv_list_len(&a[0]);
    if (len == 0)
        return 0;
    int64_t start = n > 1 ? slip_tmpl_int64(&a[1]) : 0;
    int64_t end = n > 2 ? slip_tmpl_int64(&a[2]) : len;
    if (start < 0 || end < start || end > (int64_t)a[0].list->capacity)
        return slip_tmpl_fail(c, "reflect.Value.Slice: slice index out of bounds");
    if (slip_tmpl_room(c, (uint64_t)(end - start), sizeof(struct slip_tv)) < 0)
        return -1;
    *out = slip_tv_list_part(c->arena, &a[0], (size_t)start, (size_t)end);
    return 0;
}

/* What Go's arithmetic makes of a size that makes no sense. */
static int chunk_nonsense(struct slip_tmpl_call *c, const struct slip_tv *list, int64_t size,
                          struct slip_tv *out)
{
    struct slip_tmpl_items chunks = { 0 };
    size_t len = slip_tv_list_len(list);
    double count = floor(((double)len - 1) / (double)size) + 1;
    if (len == 1 && size < -1)
        slip_vec_push(&chunks, slip_tv_list(c->arena, SLIP_TV_LIST, list->list->at, 1));
    else if (count != 0)
        return slip_tmpl_fail(c, "runtime error: makeslice: len out of range");
    return slip_tmpl_give_list(c, SLIP_TV_LISTS, &chunks, chunks.len, out);
}

SLIP_TMPL_FN(fn_chunk)
{
    if (need_list(c, &a[1], "Cannot chunk type %s") < 0)
        return -1;
    size_t len = slip_tv_list_len(&a[1]);
    if (a[0].i <= 0)
        return chunk_nonsense(c, &a[1], a[0].i, out);
    struct slip_tmpl_items chunks = { 0 };
    for (size_t from = 0, take; from < len; from += take) {
        struct slip_tv part;
        take = len - from < (size_t)a[0].i ? len - from : (size_t)a[0].i;
        if (give_part(c, &a[1], from, take, &part) < 0 || slip_tmpl_push(c, &chunks, part) < 0) {
            slip_vec_clear(&chunks);
            return -1;
        }
    }
    return slip_tmpl_give_list(c, SLIP_TV_LISTS, &chunks, chunks.len, out);
}

static const struct slip_tmpl_func table[] = {
    { "append", "aa", fn_append, "the list with one more element at the end" },
    { "chunk", "ia", fn_chunk, "the list cut into lists of N elements" },
    { "compact", "a", fn_compact, "the list without empty elements" },
    { "concat", "a.", fn_concat, "one list from several" },
    { "first", "a", fn_first, "the first element, nil when there is none" },
    { "has", "aa", fn_has, "whether the second, a list, holds the first" },
    { "initial", "a", fn_initial, "the list without its last element" },
    { "last", "a", fn_last, "the last element, nil when there is none" },
    { "list", "a.", fn_list, "a list of the values" },
    { "mustAppend", "aa", fn_append, "as append" },
    { "mustChunk", "ia", fn_chunk, "as chunk" },
    { "mustCompact", "a", fn_compact, "as compact" },
    { "mustFirst", "a", fn_first, "as first" },
    { "mustHas", "aa", fn_has, "as has" },
    { "mustInitial", "a", fn_initial, "as initial" },
    { "mustLast", "a", fn_last, "as last" },
    { "mustPrepend", "aa", fn_prepend, "as prepend" },
    { "mustPush", "aa", fn_append, "as append" },
    { "mustRest", "a", fn_rest, "as rest" },
    { "mustReverse", "a", fn_reverse, "as reverse" },
    { "mustSlice", "aa.", fn_slice, "as slice" },
    { "mustUniq", "a", fn_uniq, "as uniq" },
    { "mustWithout", "aa.", fn_without, "as without" },
    { "prepend", "aa", fn_prepend, "the list with one more element at the start" },
    { "push", "aa", fn_append, "as append" },
    { "rest", "a", fn_rest, "the list without its first element" },
    { "reverse", "a", fn_reverse, "the list from its end to its start" },
    { "slice", "aa.", fn_slice, "the elements from the second place to before the third" },
    { "tuple", "a.", fn_list, "as list" },
    { "uniq", "a", fn_uniq, "the list with every element once" },
    { "without", "aa.", fn_without, "the list without the other values" },
};
const struct slip_tmpl_funcs slip_tmpl_funcs_list = SLIP_TMPL_FUNCS(table);
