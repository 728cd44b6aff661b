/* SPDX-License-Identifier: Apache-2.0 */
/*
 * go-template.jsonl: templates with what Go 1.23, sprig and werf make of them. An error has to
 * occur, at the right place, with the right text; advice that werf adds behind the reason (from an
 * empty line on, or a line about its own flags) is not compared.
 */
#include "golden/golden.h"

#include "support/mem_tree.h"
#include "werf/files.h"

struct world {
    json_t *env;
};

static const char *variable(void *payload, const char *name)
{
    const struct world *w = payload;
    return json_string_value(json_object_get(w->env, name));
}

/* The clock of the vectors: a second in 2026. */
static void now(void *payload, int64_t *seconds, int32_t *nanoseconds)
{
    (void)payload;
    *seconds = 1787234640;
    *nanoseconds = 0;
}

/* Numbers of any kind: the vectors hold no result that depends on them. */
static void random_bytes(void *payload, void *bytes, size_t len)
{
    static uint64_t state = 1;
    (void)payload;
    for (size_t i = 0; i < len; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        ((unsigned char *)bytes)[i] = (unsigned char)(state >> 56);
    }
}

/* ---- the error as the vectors have it ---- */

static struct slip_str without_advice(struct slip_arena *a, struct slip_str text)
{
    static const struct slip_str advice = { "\nUse --debug --debug-templates", 30 };
    size_t at = slip_str_find_str(text, SLIP_STR("\n\nThe use of the function env"));
    if (at == SLIP_NPOS)
        at = slip_str_find_str(text, SLIP_STR("\n\nTo provide a strong guarantee"));
    text = slip_str_first(text, at);
    at = slip_str_find_str(text, advice);
    return slip_arena_str(a, slip_str_first(text, at));
}

/* NAME:LINE or NAME:LINE:COL behind "template: ". */
static bool has_place(struct slip_str text, struct slip_str place)
{
    struct slip_str rest = slip_str_skip(text, strlen("template: "));
    return slip_str_starts(rest, place) && rest.len > place.len && rest.ptr[place.len] == ':';
}

static enum golden_result check_error(json_t *c, struct slip_str got, struct slip_buf *why)
{
    SLIP_AUTO(slip_arena) arena = { 0 };
    struct slip_str want = golden_text(c, "error"), at = golden_text(c, "at");
    if (at.ptr && !has_place(got, at))
        return golden_bad(why, "place differs, want %.*s:\n  got  %.*s\n  want %.*s", SLIP_ARG(at),
                          SLIP_ARG(got), SLIP_ARG(want));
    return golden_same(why, "error", without_advice(&arena, got), without_advice(&arena, want));
}

/* ---- the commit ---- */

static struct slip_str text_of(json_t *v)
{
    return slip_str_make(json_string_value(v), json_string_length(v));
}

static void add_files(struct mem_tree *m, json_t *files, const char *dir, unsigned mode)
{
    const char *name;
    json_t *content;
    json_object_foreach(files, name, content)
    {
        SLIP_AUTO(slip_buf) path = SLIP_BUF(4096);
        slip_buf_add_c(&path, dir);
        slip_buf_add_c(&path, name);
        mem_tree_add(m, slip_buf_str(&path), mode, text_of(content));
    }
}

static struct mem_tree *commit(json_t *c)
{
    struct mem_tree *m = mem_tree_new();
    add_files(m, json_object_get(c, "files"), "", SLIP_MODE_FILE);
    add_files(m, json_object_get(c, "templates"), ".werf/", SLIP_MODE_FILE);
    add_files(m, json_object_get(c, "symlinks"), "", SLIP_MODE_LINK);
    mem_tree_add(m, SLIP_STR("werf.yaml"), SLIP_MODE_FILE, golden_text(c, "template"));
    return m;
}

/* ---- a case ---- */

static int add_template(void *payload, struct slip_str path, struct slip_str content,
                        struct slip_error *err)
{
    return slip_tmpl_add(payload, slip_str_skip(path, strlen(".werf/")), content, err);
}

static int add_texts(struct slip_tmpl *t, const struct slip_tmpl_files *files, json_t *c,
                     struct slip_error *err)
{
    if (files->glob(files->payload, SLIP_STR(".werf/**/*.tmpl"), add_template, t, err) < 0)
        return -1;
    return slip_tmpl_add(t, SLIP_STR("werfConfig"), golden_text(c, "template"), err);
}

static int render(struct slip_tmpl *t, const struct slip_tmpl_files *files, json_t *c,
                  struct slip_buf *out, struct slip_error *err)
{
    struct slip_str env = golden_text(c, "werf_env");
    struct slip_tmpl_root root = {
        .env = env.ptr ? env : SLIP_STR("dev"),
        .commit_hash = SLIP_STR("73d8d4ac99352a6b05189cfcfa598ad6e0868197"),
        .author_seconds = 1787234640,
        .author_offset = 180,
    };
    if (add_texts(t, files, c, err) < 0)
        return -1;
    struct slip_tv value = slip_tmpl_root_value(t, &root);
    return slip_tmpl_render(t, &value, out, err);
}

static enum golden_result run(json_t *c, struct slip_buf *why)
{
    struct world w = { .env = json_object_get(c, "env") };
    json_t *allowed = json_object_get(c, "allow_env");
    struct slip_str names[16];
    struct slip_tmpl_host host = { .payload = &w,
                                   .variable = variable,
                                   .any_variable = !allowed,
                                   .now = now,
                                   .random = random_bytes };
    for (size_t i = 0; i < json_array_size(allowed) && i < SLIP_COUNT(names); i++)
        names[host.n_allowed_variables++] =
            slip_str_of(json_string_value(json_array_get(allowed, i)));
    host.allowed_variables = names;
    host.unset_is_empty = json_is_true(json_object_get(c, "loose"));
    host.any_variable |= host.unset_is_empty;

    SLIP_AUTO_PTR(mem_tree) tree = commit(c);
    struct slip_tree view = mem_tree_view(tree);
    struct slip_werf_files files = { .tree = &view, .project_dir = SLIP_STR("") };
    slip_werf_files_table(&files, &host.files);

    SLIP_AUTO_PTR(slip_tmpl) t = slip_tmpl_new("werfConfig", &host);
    SLIP_AUTO(slip_buf) out = SLIP_BUF(SLIP_NPOS);
    struct slip_error err = { 0 };
    bool good = render(t, &host.files, c, &out, &err) == 0,
         want_good = !json_object_get(c, "error");
    if (good != want_good) {
        struct slip_str got = good ? slip_buf_str(&out) : slip_tmpl_error(t);
        return golden_bad(why,
                          "%s where %s is expected:\n  template %.*s\n  got  %.*s\n  want %.*s",
                          good ? "output" : "an error", good ? "an error" : "output",
                          SLIP_ARG(golden_text(c, "template")), SLIP_ARG(got),
                          SLIP_ARG(golden_text(c, good ? "error" : "output")));
    }
    if (good)
        return golden_same(why, "output", slip_buf_str(&out), golden_text(c, "output"));
    return check_error(c, slip_tmpl_error(t), why);
}

int main(int argc, char **argv)
{
    /* The second file: what comparing with Go on random cases brought to light, and some of them.
     */
    int rc = golden_main(argc, argv, "go-template.jsonl", run);
    return golden_main(argc, argv, "go-template-more.jsonl", run) | rc;
}
