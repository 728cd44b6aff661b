/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "digest/staged.h"
#include "digest/staged_context.h"
#include "support/mem_tree.h"

/* One staged image over a tree in memory. */
struct project {
    struct mem_tree *files;
    struct slip_tree tree;
    struct slip_image image;
    struct slip_image_set set;
    struct slip_digest_source source;
    size_t asked; /* how often for the base */
};

static void project_init(struct project *p, const char *dockerfile, const char *files)
{
    *p = (struct project){ .files = mem_tree_new() };
    for (struct slip_str rest = slip_str_of(files), one; rest.len;) {
        slip_str_cut(rest, ' ', &one, &rest);
        mem_tree_add_short(p->files, one);
    }
    mem_tree_add(p->files, SLIP_STR("Dockerfile"), SLIP_MODE_FILE, slip_str_of(dockerfile));
    p->tree = mem_tree_view(p->files);
    p->image = (struct slip_image){ .name = SLIP_STR("app"),
                                    .kind = SLIP_IMAGE_STAGED,
                                    .dockerfile = SLIP_STR("Dockerfile"),
                                    .context = SLIP_STR("") };
    p->set = (struct slip_image_set){ .project_dir = SLIP_STR(""), .at = &p->image, .len = 1 };
    p->source = (struct slip_digest_source){ .set = &p->set,
                                             .tree = p->tree,
                                             .host_platform = "linux/amd64" };
}

static void project_clear(struct project *p)
{
    mem_tree_free(p->files);
}
SLIP_DEFINE_AUTO(project, project_clear);

/* Every stage is there, named after its digest, and has this environment. */
static const struct slip_str env[] = { { "PATH=/bin", 9 }, { "B=base", 6 } };

static int find_any(void *payload, const char *digest, int64_t not_before_ms, bool with_config,
                    struct slip_arena *a, struct slip_staged_found *out, struct slip_error *err)
{
    (void)payload;
    (void)with_config;
    (void)err;
    *out = (struct slip_staged_found){
        .found = true, .created_ms = not_before_ms + 1, .env = env, .n_env = SLIP_COUNT(env)
    };
    out->name = slip_str_of(slip_arena_printf(a, "r/s:%s-%d", digest, (int)out->created_ms));
    return 0;
}

static int find_none(void *payload, const char *digest, int64_t not_before_ms, bool with_config,
                     struct slip_arena *a, struct slip_staged_found *out, struct slip_error *err)
{
    (void)payload;
    (void)digest;
    (void)not_before_ms;
    (void)with_config;
    (void)a;
    (void)out;
    (void)err;
    return 0;
}

static int tell_base(void *payload, struct slip_str reference, const char *platform,
                     struct slip_arena *a, struct slip_base_env *out, struct slip_error *err)
{
    struct project *p = payload;
    (void)platform;
    (void)a;
    (void)err;
    p->asked++;
    *out = (struct slip_base_env){ env, SLIP_COUNT(env), slip_str_is(reference, "multi") };
    return 0;
}

static int work_out(struct project *p, unsigned version, bool built, struct slip_staged_result *out,
                    struct slip_error *err)
{
    const struct slip_staged_registry registry = { .payload = p,
                                                   .find = built ? find_any : find_none,
                                                   .base_env = tell_base };
    const struct slip_staged_request q = { .platform = "linux/amd64", .registry = &registry };
    SLIP_AUTO_PTR(slip_staged) s = slip_staged_new(&p->source, version);
    return slip_staged_digest(s, &q, out, err);
}

/* ---- what cannot be ---- */

static void what_werf_does_not_build_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *dockerfile;
        unsigned version;
        enum slip_kind kind;
        const char *want;
    } cases[] = {
        { "FROM scratch\nENV A=1\n", 1, SLIP_E_UNSUPPORTED,
          "image 'app': Dockerfile:1: FROM scratch cannot be built by werf" },
        { "FROM scratch\nENV A=1\n", 2, SLIP_E_UNSUPPORTED, "FROM scratch" },
        { "ARG S=scratch\nFROM $S\nENV A=1\n", 1, SLIP_E_UNSUPPORTED, "FROM scratch" },
        { "FROM scratch AS x\nENV A=1\nFROM a\nENV A=1\n", 1, SLIP_OK, NULL },
        { "FROM a AS a\nENV A=1\n", 1, SLIP_E_CONFIG, "Dockerfile:1: the stage rests on itself" },
        { "FROM a AS x\nENV A=1\nFROM b AS y\nCOPY --from=Y q w\n", 1, SLIP_E_CONFIG,
          "Dockerfile:3: the stage rests on itself" },
        { "FROM y AS x\nENV A=1\nFROM x AS y\nENV B=1\n", 1, SLIP_E_CONFIG, "rests on itself" },
        { "FROM a AS x\nENV A=1\nFROM x AS x\nENV B=1\n", 1, SLIP_OK, NULL },
        { "FROM a\nENV A=1\nFROM b\nENV A=1\nFROM c\nCOPY --from=0 a b\nCOPY --from=1 a b\n", 1,
          SLIP_E_UNSUPPORTED, "Dockerfile:3: two stages without a name" },
        { "FROM a\nENV A=1\nFROM b\nENV A=1\nFROM c\nCOPY --from=0 a b\n", 1, SLIP_OK, NULL },
        { "FROM a AS x\nENV A=1\nFROM x AS x\nENV B=1\nFROM c\nCOPY --from=x a b\n", 1,
          SLIP_E_UNSUPPORTED, "Dockerfile:3: two stages of the same name" },
        { "FROM a\n", 1, SLIP_E_CONFIG, "Dockerfile:1: the stage has no instruction but ARG" },
        { "FROM a\nARG X\n", 1, SLIP_E_CONFIG, "no instruction but ARG" },
        { "FROM a\nARG X\n", 2, SLIP_OK, NULL },
        { "FROM a AS x\nFROM b\nENV A=1\n", 1, SLIP_OK, NULL },
        { "FROM a\nCOPY <<E /x\nt\nE\n", 1, SLIP_E_CONFIG,
          "Dockerfile:2: COPY takes no text in place" },
        { "FROM a\nADD b <<E /x\nt\nE\n", 1, SLIP_E_CONFIG, "ADD takes no text in place" },
        { "FROM a\nRUN <<E\nt\nE\n", 1, SLIP_OK, NULL },
        { "FROM $NOTHING\nENV A=1\n", 1, SLIP_E_CONFIG, "the base image '$NOTHING' is empty" },
        { "FROM a\nENV A='x\n", 1, SLIP_E_CONFIG, "Dockerfile:2:" },
        { "FROM a\nENV A=\"it's\"\n", 1, SLIP_E_CONFIG, "no matching single quote" },
        { "FROM a\nARG A=\"it's\"\nUSER u\n", 1, SLIP_E_CONFIG, "no matching single quote" },
        { "FROM a\nRUN --mount=type=cache,uid=$U,target=/c x\n", 1, SLIP_E_CONFIG,
          "Dockerfile:2: uid of --mount cannot be '$U'" },
        { "FROM a\nCOPY none /x\n", 1, SLIP_E_CONFIG,
          "Dockerfile:2: the source 'none' is not in the build context" },
        { "FROM a\nCOPY no* /x\n", 1, SLIP_E_CONFIG, "no source matches" },
        { "FROM a\nCOPY no* Dockerfile /x\n", 1, SLIP_OK, NULL },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(project) p = { 0 };
        SLIP_AUTO(slip_staged_result) r = { 0 };
        struct slip_error err = { 0 };
        print_message("  %s\n", cases[i].dockerfile);
        project_init(&p, cases[i].dockerfile, "");
        int rc = work_out(&p, cases[i].version, true, &r, &err);
        assert_int_equal(err.kind, cases[i].kind);
        assert_int_equal(rc, cases[i].want ? -1 : 0);
        if (cases[i].want)
            assert_non_null(strstr(err.text, cases[i].want));
    }
}

/* ---- what is asked for ---- */

static void the_base_is_asked_where_a_variable_needs_it(void **state)
{
    (void)state;
    static const struct {
        const char *dockerfile;
        size_t asked;
    } cases[] = {
        { "FROM a\nENV A=1\nUSER $A\nLABEL x=${A}y\n", 0 },
        { "FROM a\nARG A=1\nUSER $A\n", 0 },
        { "FROM a\nENV A=$B\nUSER u\n", 1 },
        { "FROM a\nARG A=$B\nUSER u\n", 0 },
        { "FROM a\nARG A=$B\nUSER $A\nUSER $B\n", 1 },
        { "FROM a\nRUN true\nRUN false\n", 1 },
        { "FROM a\nCMD echo $B\n", 0 },
        { "FROM a AS x\nENV A=$B\nFROM c\nENV A=1\n", 0 },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(project) p = { 0 };
        SLIP_AUTO(slip_staged_result) r = { 0 };
        struct slip_error err = { 0 };
        print_message("  %s\n", cases[i].dockerfile);
        project_init(&p, cases[i].dockerfile, "");
        assert_int_equal(work_out(&p, 1, true, &r, &err), 0);
        assert_int_equal(p.asked, cases[i].asked);
    }
}

static void a_base_of_several_environments_leaves_it_open(void **state)
{
    (void)state;
    SLIP_AUTO(project) p = { 0 };
    SLIP_AUTO(slip_staged_result) r = { 0 };
    struct slip_error err = { 0 };
    project_init(&p, "FROM multi\nRUN true\n", "");
    assert_int_equal(work_out(&p, 1, true, &r, &err), 0);
    assert_true(slip_str_is(r.unsure, "multi"));
}

static void without_a_registry_only_some_are_worked_out(void **state)
{
    (void)state;
    static const struct {
        const char *dockerfile, *want;
    } cases[] = {
        { "FROM a\nENV A=1\n", NULL },
        { "FROM a\nRUN true\n", "the environment of 'a', which a registry knows" },
        { "FROM a AS x\nENV A=1\nFROM x\nENV B=1\n", "'app/stage/x', which a registry knows" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(project) p = { 0 };
        SLIP_AUTO(slip_staged_result) r = { 0 };
        struct slip_error err = { 0 };
        const struct slip_staged_request q = { .platform = "linux/amd64" };
        project_init(&p, cases[i].dockerfile, "");
        SLIP_AUTO_PTR(slip_staged) s = slip_staged_new(&p.source, 1);
        assert_int_equal(slip_staged_digest(s, &q, &r, &err), cases[i].want ? -1 : 0);
        assert_int_equal(err.kind, cases[i].want ? SLIP_E_UNSUPPORTED : SLIP_OK);
        if (cases[i].want)
            assert_non_null(strstr(err.text, cases[i].want));
    }
}

static void a_stage_that_is_missing_is_named(void **state)
{
    (void)state;
    SLIP_AUTO(project) p = { 0 };
    SLIP_AUTO(project) q = { 0 };
    SLIP_AUTO(slip_staged_result) r = { 0 };
    struct slip_error err = { 0 };
    project_init(&p, "FROM a AS x\nENV A=1\nFROM x\nENV B=1\n", "");
    assert_int_equal(work_out(&p, 1, false, &r, &err), -1);
    assert_int_equal(err.kind, SLIP_E_NOT_BUILT);
    assert_non_null(strstr(err.text, "'app/stage/x' is not built: there is no stage "));
    slip_error_clear(&err);
    project_init(&q, "FROM a\nENV A=1\nENV B=1\n", "");
    assert_int_equal(work_out(&q, 1, false, &r, &err), 0);
    assert_false(r.earlier_found);
    assert_string_equal(r.missing, r.digest.stages[0].digest);
}

/* ---- the build context ---- */

static int checksum(const char *files, const char *ignore, const char *source, bool path,
                    char out[SLIP_SHA256_HEX + 1], struct slip_error *err)
{
    SLIP_AUTO(project) p = { 0 };
    SLIP_AUTO(slip_arena) a = { 0 };
    SLIP_AUTO_PTR(slip_staged_context) c = NULL;
    struct slip_str words[8], rest = slip_str_of(source);
    struct slip_image_files of = { .context = SLIP_STR(""), .dockerfile = SLIP_STR("FROM a\n") };
    size_t n = 0, entries;
    project_init(&p, "FROM a\n", files);
    if (slip_ignore_file_read(slip_str_of(ignore), "ignore", &a, &of.ignore, err) < 0)
        return -1;
    while (n < SLIP_COUNT(words) && rest.len)
        slip_str_cut(rest, ' ', &words[n++], &rest);
    if (slip_staged_context_new(&p.tree, &p.image, &of, NULL, &c, err) < 0)
        return -1;
    return path ? slip_staged_context_paths(c, words, n, out, err)
                : slip_staged_context_globs(c, words, n, out, &entries, err);
}

static void equal_selections_have_equal_checksums(void **state)
{
    (void)state;
    static const struct {
        const char *files, *ignore, *a, *b; /* b NULL: a is an error of this kind */
        bool equal;
    } cases[] = {
        { "a d/b d/c", "", "d", "d/", true },
        { "a d/b d/c", "", "d", "/d/../d/.", true },
        { "a d/b d/c", "", "../../d", "d", true },
        { "a d/b d/c", "", ".", "/", true },
        { "a d/b d/c", "", "d", "d/*", false },
        { "a d/b d/c", "", "d/b d/c", "d/?", true },
        { "a d/b d/c", "", "d/c d/b d/c", "d/[bc]", true },
        { "a d/b d/c", "", "d/b", "d/[!b]", true },
        { "a d/b d/c", "", "d/c", "d/[^b]", true },
        { "a d/b d/c", "", "*/b", "d/b", true },
        { "a d/b d/c", "", "**/b", "d/b", true },
        { ".h a", "", "?h", ".h", true },
        { "a d/b d/c", "d/c\n", "d", "d/b", false },
        { "a d/b", "", "l", NULL, false },
        { "a d/b l->d", "", "l", NULL, false },
        { "a l->none", "", "l", NULL, false },
        { "a l->../a", "", "l", NULL, false },
        { "a l->/a", "", "l", NULL, false },
        { "a l->l", "", "l", NULL, false },
        { "a l->a/", "", "l", NULL, false },
        { "a d/b l->m m->d/", "", "l/b", "d/b", true },
        { "a d/b l->d", "", "l/b", "d/b", true },
        { "a d/b l->d", "", "l/*", "d/*", true },
        { "a d/b l->d/", "", "l/b", "d/b", true },
        { "e/d/b e/l->../e/d", "", "e/l/b", "e/d/b", true },
        { "a d/b l->d", "l\n", "l/b", NULL, false },
        { "a d/b", "", "d/b/c", NULL, false },
        { "a", "", "[", NULL, false },
        { "a", "", "a[", NULL, false },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        char a[SLIP_SHA256_HEX + 1] = "", b[SLIP_SHA256_HEX + 1] = "";
        struct slip_error err = { 0 };
        print_message("  %s: %s\n", cases[i].files, cases[i].a);
        int rc = checksum(cases[i].files, cases[i].ignore, cases[i].a, false, a, &err);
        assert_int_equal(rc, cases[i].b ? 0 : -1);
        if (!cases[i].b)
            continue;
        assert_int_equal(checksum(cases[i].files, cases[i].ignore, cases[i].b, false, b, &err), 0);
        assert_int_equal(strcmp(a, b) == 0, cases[i].equal);
    }
}

static void mounts_take_paths_as_they_are(void **state)
{
    (void)state;
    char a[SLIP_SHA256_HEX + 1], b[SLIP_SHA256_HEX + 1];
    struct slip_error err = { 0 };
    assert_int_equal(checksum("a d/b", "", "/d", true, a, &err), 0);
    assert_int_equal(checksum("a d/b", "", "d/", true, b, &err), 0);
    assert_string_equal(a, b);
    assert_int_equal(checksum("a d/b", "", "d ./d", true, b, &err), 0);
    assert_string_not_equal(a, b); /* twice */
    assert_int_equal(checksum("a d/b", "", "*", true, a, &err), -1);
    slip_error_clear(&err);
    assert_int_equal(checksum("a d/b", "", "../d", true, a, &err), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_werf_does_not_build_is_refused),
        cmocka_unit_test(the_base_is_asked_where_a_variable_needs_it),
        cmocka_unit_test(a_base_of_several_environments_leaves_it_open),
        cmocka_unit_test(without_a_registry_only_some_are_worked_out),
        cmocka_unit_test(a_stage_that_is_missing_is_named),
        cmocka_unit_test(equal_selections_have_equal_checksums),
        cmocka_unit_test(mounts_take_paths_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
