/* SPDX-License-Identifier: Apache-2.0 */
/* What COPY and ADD select from a tree, and its checksum. */
#include "golden/golden.h"

#include "base/path.h"
#include "base/vec.h"
#include "digest/files.h"
#include "digest/select.h"
#include "match/filter.h"
#include "support/mem_tree.h"

struct sources {
    SLIP_VEC(struct slip_str);
    struct slip_arena arena;
};

static void read_sources(json_t *c, struct sources *out)
{
    json_t *list = json_object_get(c, "sources");
    for (size_t i = 0; i < json_array_size(list); i++) {
        SLIP_AUTO(slip_buf) clean = SLIP_BUF(SLIP_LIMIT_FILE);
        slip_source_clean(golden_text_of(json_array_get(list, i)), &clean);
        slip_vec_push(out, slip_arena_str(&out->arena, slip_buf_str(&clean)));
    }
}

static void sources_clear(struct sources *s)
{
    slip_vec_clear(s);
    slip_arena_clear(&s->arena);
}
SLIP_DEFINE_AUTO(sources, sources_clear);

/* ---- kind "tree" ---- */

static void note_entry(void *payload, struct slip_str path, const struct slip_entry *e)
{
    char hex[SLIP_OID_HEX + 1];
    slip_oid_hex(&e->id, hex);
    slip_buf_add_fmt(payload, "%06o %s %.*s\n", e->mode, hex, SLIP_ARG(path));
}

static void list_entries(json_t *list, struct slip_buf *out)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *e = json_array_get(list, i);
        slip_buf_add_fmt(out, "%s %s %.*s\n", json_string_value(json_array_get(e, 0)),
                         json_string_value(json_array_get(e, 1)),
                         SLIP_ARG(golden_text_of(json_array_get(e, 2))));
    }
}

static int read_ignore(json_t *c, struct slip_arena *a, struct slip_ignore_patterns *out,
                       struct slip_error *err)
{
    struct slip_str text = golden_text(c, "ignore");
    if (!text.ptr)
        return 0;
    if (slip_ignore_file_read(text, "ignore", a, out, err) < 0)
        return -1;
    return slip_ignore_except(out, golden_text(c, "dockerfile"), a, err);
}

static int select_one(json_t *c, const struct slip_tree *tree, struct slip_select_memo *memo,
                      struct slip_file_selection *s, struct slip_error *err)
{
    SLIP_AUTO(slip_arena) arena = { 0 };
    SLIP_AUTO(sources) sources = { 0 };
    SLIP_AUTO(slip_buf) context = SLIP_BUF(SLIP_LIMIT_PATH);
    slip_path_clean(golden_text(c, "context"), &context);
    s->context = slip_str_is(slip_buf_str(&context), ".") ? SLIP_STR("") : slip_buf_str(&context);
    read_sources(c, &sources);
    s->sources = sources.at;
    s->n_sources = sources.len;
    if (read_ignore(c, &arena, &s->ignore, err) < 0)
        return -1;
    if (slip_select_files(tree, memo, &s, 1) < 0) {
        *err = s->err;
        return -1;
    }
    return 0;
}

static void make_tree(json_t *c, struct mem_tree *m)
{
    json_t *files = json_object_get(c, "files");
    for (size_t i = 0; i < json_array_size(files); i++)
        mem_tree_add_short(m, golden_text_of(json_array_get(files, i)));
}

/* With a memo that saw a tree before which has all directories but the top in common, and then
 * this one, the result is the same. */
static enum golden_result run_again(json_t *c, const struct slip_tree *tree, struct slip_buf *why)
{
    SLIP_AUTO_PTR(mem_tree) m = mem_tree_new();
    make_tree(c, m);
    mem_tree_add_short(m, SLIP_STR("zz-new"));
    const struct slip_tree before = mem_tree_view(m), *const trees[] = { &before, tree, tree };
    SLIP_AUTO_PTR(slip_select_memo) memo = slip_select_memo_new();
    for (size_t i = 0; i < SLIP_COUNT(trees); i++) {
        struct slip_file_selection s = { .unlisted_submodules = true, .key = SLIP_STR("rules") };
        struct slip_error err = { 0 };
        if (select_one(c, trees[i], memo, &s, &err) < 0)
            return golden_bad(why, "error with a memo: '%s'", err.text);
        if (i > 0
            && golden_same(why, "g", slip_str_of(s.group), golden_text(c, "g")) != GOLDEN_GOOD)
            return GOLDEN_BAD;
        if (i > 0 && s.entries != json_array_size(json_object_get(c, "entries")))
            return golden_bad(why, "%zu entries with a memo", s.entries);
    }
    return GOLDEN_GOOD;
}

static enum golden_result run_tree(json_t *c, struct slip_buf *why)
{
    SLIP_AUTO_PTR(mem_tree) m = mem_tree_new();
    make_tree(c, m);
    struct slip_tree tree = mem_tree_view(m);

    SLIP_AUTO(slip_buf) got = SLIP_BUF(SLIP_LIMIT_FILE), want = SLIP_BUF(SLIP_LIMIT_FILE);
    struct slip_file_selection s = { .unlisted_submodules = true,
                                     .on_entry = note_entry,
                                     .payload = &got };
    struct slip_error err = { 0 };
    int rc = select_one(c, &tree, NULL, &s, &err);
    bool fails = json_object_get(c, "err") || json_object_get(c, "crash");
    if (rc < 0 || fails)
        return rc < 0 && fails ? GOLDEN_GOOD : golden_bad(why, "error: '%s'", err.text);

    char root[SLIP_OID_HEX + 1];
    slip_oid_hex(&tree.root, root);
    list_entries(json_object_get(c, "entries"), &want);
    if (golden_same(why, "root", slip_str_of(root), golden_text(c, "root")) != GOLDEN_GOOD
        || golden_same(why, "entries", slip_buf_str(&got), slip_buf_str(&want)) != GOLDEN_GOOD
        || golden_same(why, "g", slip_str_of(s.group), golden_text(c, "g")) != GOLDEN_GOOD)
        return GOLDEN_BAD;
    if (golden_same(why, "checksum", slip_str_of(s.checksum), golden_text(c, "checksum"))
        != GOLDEN_GOOD)
        return GOLDEN_BAD;
    return run_again(c, &tree, why);
}

/* ---- kind "match" ---- */

static enum golden_result run_match(json_t *c, struct slip_buf *why)
{
    SLIP_AUTO(sources) sources = { 0 };
    read_sources(c, &sources);
    json_t *want = json_object_get(c, "normalized");
    for (size_t i = 0; i < sources.len; i++)
        if (golden_same(why, "source", sources.at[i], golden_text_of(json_array_get(want, i)))
            != GOLDEN_GOOD)
            return GOLDEN_BAD;
    SLIP_AUTO_PTR(slip_filter) f = slip_filter_new(golden_text(c, "base"));
    slip_filter_include(f, sources.at, sources.len);
    json_t *rows = json_object_get(c, "checks");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        json_t *row = json_array_get(rows, i);
        struct slip_str path = golden_text_of(json_array_get(row, 0));
        struct slip_error err = { 0 };
        bool match, through;
        if (slip_filter_match(f, path, &match, &err) < 0
            || slip_filter_through(f, path, &through, &err) < 0)
            return golden_bad(why, "%s", err.text);
        if (match != json_is_true(json_array_get(row, 1))
            || through != json_is_true(json_array_get(row, 2)))
            return golden_bad(why, "'%.*s': match %d through %d", SLIP_ARG(path), match, through);
    }
    return GOLDEN_GOOD;
}

static enum golden_result run(json_t *c, struct slip_buf *why)
{
    return slip_str_is(golden_text(c, "kind"), "tree") ? run_tree(c, why) : run_match(c, why);
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, "copy-sources.jsonl", run);
}
