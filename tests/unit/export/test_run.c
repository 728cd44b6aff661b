/* SPDX-License-Identifier: Apache-2.0 */
/* Plans, and what becomes of them between image layouts in a temporary directory. */
#include "unit/cmocka_all.h"

#include "base/file.h"
#include "base/mem.h"
#include "export/compare.h"
#include "export/run.h"
#include "registry/index.h"
#include "registry/layout.h"
#include "registry/media.h"
#include "support/sandbox.h"

#include <sys/stat.h>

static char *top;
static struct slip_registry *registry;
static struct slip_store *stages;
static struct slip_stored a, b; /* two of them */

static struct slip_reference reference(const char *text)
{
    struct slip_reference r = { 0 };
    struct slip_error err = { 0 };
    if (slip_reference_parse(slip_str_of(text), &r, &err) < 0)
        fail_msg("%s", err.text);
    return r;
}

static struct slip_store *open_store(const char *text)
{
    SLIP_AUTO(slip_reference) r = reference(text);
    struct slip_store *s = NULL;
    struct slip_error err = { 0 };
    assert_int_equal(slip_store_open(registry, &r, &s, &err), 0);
    return s;
}

/* --- stages --- */

static void put_blob(const char *text, char digest[SLIP_DIGEST_LEN + 1])
{
    struct slip_layout_write *w = NULL;
    struct slip_error err = { 0 };
    slip_digest_of(slip_str_of(text), digest);
    assert_int_equal(slip_layout_begin(stages, digest, &w, &err), 0);
    assert_int_equal(slip_layout_append(w, text, strlen(text), &err), 0);
    assert_int_equal(slip_layout_commit(w, &err), 0);
}

/* An image with one layer among the stages, and the same as it is read back. */
static void make_stage(const char *tag, const char *arch, struct slip_stored *out)
{
    char config_digest[SLIP_DIGEST_LEN + 1], layer_digest[SLIP_DIGEST_LEN + 1];
    struct slip_error err = { 0 };
    SLIP_AUTO_FREE char *config =
        slip_printf("{\"architecture\":\"%s\",\"os\":\"linux\",\"author\":\"%s\","
                    "\"config\":{\"Labels\":{\"werf\":\"p\"}}}",
                    arch, tag);
    SLIP_AUTO_FREE char *layer = slip_printf("layer of %s", tag);
    put_blob(config, config_digest);
    put_blob(layer, layer_digest);
    SLIP_AUTO_FREE char *manifest = slip_printf(
        "{\"schemaVersion\":2,\"mediaType\":\"" SLIP_MEDIA_OCI_MANIFEST
        "\",\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"size\":%zu,"
        "\"digest\":\"%s\"},\"layers\":[{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\","
        "\"size\":%zu,\"digest\":\"%s\"}]}",
        strlen(config), config_digest, strlen(layer), layer_digest);
    struct slip_manifest_put put = { .identifier = tag,
                                     .media_type = SLIP_MEDIA_OCI_MANIFEST,
                                     .body = slip_str_of(manifest) };
    assert_int_equal(stages->ops->put_manifests(stages, &put, 1), 0);
    struct slip_stored_get get = { .identifier = tag };
    if (slip_stored_read(stages, &get, 1) < 0)
        fail_msg("%s", get.err.text);
    *out = get.source;
    (void)err;
}

static int set_up(void **state)
{
    (void)state;
    top = sandbox_new();
    const struct slip_registry_options options = { .base_dir = top };
    registry = slip_registry_new(&options);
    stages = open_store("oci:stages");
    make_stage("a", "amd64", &a);
    make_stage("b", "amd64", &b);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    slip_stored_clear(&a);
    slip_stored_clear(&b);
    slip_store_free(stages);
    slip_registry_free(registry);
    sandbox_free(top);
    return 0;
}

/* --- wishes --- */

struct wishes {
    struct slip_export_wish at[16];
    struct slip_reference to[16];
    size_t n;
    struct slip_export_plan plan;
};

static struct slip_export_wish *wish(struct wishes *w, const char *image,
                                     const struct slip_stored *stored, const char *to)
{
    struct slip_export_wish *x = &w->at[w->n];
    w->to[w->n] = reference(to);
    *x = (struct slip_export_wish){ .image = image,
                                    .from = stages,
                                    .stored = stored,
                                    .to = &w->to[w->n],
                                    .if_exists = SLIP_IF_EXISTS_SKIP_IF_SAME,
                                    .required = true };
    w->n++;
    return x;
}

static void wishes_clear(struct wishes *w)
{
    for (size_t i = 0; i < w->n; i++)
        slip_reference_clear(&w->to[i]);
    slip_export_plan_clear(&w->plan);
}
SLIP_DEFINE_AUTO(wishes, wishes_clear);

static void make_plan(struct wishes *w)
{
    struct slip_error err = { 0 };
    must(slip_export_plan_make(w->at, w->n, NULL, 0, &w->plan, &err), &err);
}

static int plan_error(const struct wishes *w, struct slip_error *err)
{
    SLIP_AUTO(slip_export_plan) plan = { 0 };
    SLIP_AUTO(slip_reference) repo = { 0 };
    if (slip_repository_parse(SLIP_STR("oci:./stages"), &repo, err) < 0)
        return -1;
    const struct slip_reference *const all[] = { &repo };
    return slip_export_plan_make(w->at, w->n, all, 1, &plan, err);
}

/* --- plans --- */

static void names_are_ordered_by_rank(void **state)
{
    (void)state;
    SLIP_AUTO(wishes) w = { .n = 0 };
    static const char *const want[] = { "oci:out:1.2.3", "oci:more:1.2.3", "oci:mirror:1.2.3",
                                        "oci:out:1.2", "oci:out:latest" };
    wish(&w, "a", &a, "oci:out:latest")->latest = true;
    wish(&w, "a", &a, "oci:mirror:1.2.3")->required = false;
    wish(&w, "a", &a, "oci:out:1.2.3");
    wish(&w, "a", &a, "oci:out:1.2")->floating = true;
    wish(&w, "a", &a, "oci:more:1.2.3");
    wish(&w, "a", &a, "oci:out:1.2.3"); /* once more */
    make_plan(&w);
    assert_int_equal(w.plan.names.len, SLIP_COUNT(want));
    for (size_t i = 0; i < w.plan.names.len; i++)
        assert_string_equal(w.plan.names.at[i].reference, want[i]);
    assert_int_equal(w.plan.contents.len, 1);
    assert_int_equal(w.plan.places.len, 3);
    assert_false(w.plan.places.at[1].required); /* the mirror */
}

static void bad_plans_are_refused(void **state)
{
    (void)state;

    SLIP_AUTO(wishes) same = { .n = 0 };
    struct slip_error err = { 0 };
    wish(&same, "a", &a, "oci:out:1");
    wish(&same, "b", &b, "oci:./out:1");
    assert_int_equal(plan_error(&same, &err), -1);
    assert_non_null(strstr(err.text, "'a' and 'b' would both get the name"));

    SLIP_AUTO(wishes) reserved = { .n = 0 };
    slip_error_clear(&err);
    wish(&reserved, "a", &a, "oci:stages:managed-image-x");
    assert_int_equal(plan_error(&reserved, &err), -1);
    assert_non_null(strstr(err.text, "among the stages"));

    SLIP_AUTO(wishes) fine = { .n = 0 };
    slip_error_clear(&err);
    wish(&fine, "a", &a, "oci:stages:v1");
    wish(&fine, "a", &a, "oci:elsewhere:managed-image-x");
    assert_int_equal(plan_error(&fine, &err), 0);

    SLIP_AUTO(wishes) platform = { .n = 0 };
    const struct slip_str arm = SLIP_STR("linux/arm64");
    struct slip_export_wish *x = wish(&platform, "a", &a, "oci:out:1");
    x->how.platforms = &arm;
    x->how.n_platforms = 1;
    assert_int_equal(plan_error(&platform, &err), -1);
    assert_non_null(strstr(err.text, "no platform 'linux/arm64'"));
}

/* --- runs --- */

static struct slip_export *begin(const struct slip_export_plan *plan, bool by_digest,
                                 struct slip_locks *locks)
{
    const struct slip_export_options options = { .by_digest = by_digest, .locks = locks };
    struct slip_export *x = NULL;
    struct slip_error err = { 0 };
    assert_int_equal(slip_export_new(registry, plan, &options, &x, &err), 0);
    return x;
}

/* Upload and write all names; the states by name, one letter each. */
static int run_under(const struct slip_export_plan *plan, struct slip_locks *locks, char states[17])
{
    static const char letters[] = "PUWM=SFN";
    SLIP_AUTO_PTR(slip_export) x = begin(plan, false, locks);
    int result = slip_export_upload(x);
    if (result == 0)
        result = slip_export_names(x);
    for (size_t i = 0; i < plan->names.len; i++)
        states[i] = letters[slip_export_results(x)[i].state];
    states[plan->names.len] = '\0';
    return result;
}

static int run(const struct slip_export_plan *plan, char states[17])
{
    return run_under(plan, NULL, states);
}

static void assert_exported(const char *repository, const char *tag, const char *digest)
{
    SLIP_AUTO_PTR(slip_store) s = open_store(repository);
    struct slip_stored_get get = { .identifier = tag };
    if (digest) {
        if (slip_stored_read(s, &get, 1) < 0)
            fail_msg("%s", get.err.text);
        assert_string_equal(get.source.digest, digest);
    } else {
        assert_int_equal(slip_stored_read(s, &get, 1), -1);
        assert_int_equal(get.err.kind, SLIP_E_NOT_BUILT);
    }
    slip_stored_clear(&get.source);
}

static void a_second_run_changes_nothing(void **state)
{
    (void)state;
    SLIP_AUTO(wishes) w = { .n = 0 };
    char states[17];
    wish(&w, "a", &a, "oci:out:a-1");
    wish(&w, "b", &b, "oci:out:b-1");
    wish(&w, "a", &a, "oci:other:a-1");
    wish(&w, "a", &a, "oci:stages:a-1"); /* beside the stages themselves */
    make_plan(&w);
    assert_int_equal(run(&w.plan, states), 0);
    assert_string_equal(states, "WWWW");
    assert_exported("oci:out", "a-1", w.plan.contents.at[0].content.digest);
    assert_exported("oci:out", "b-1", w.plan.contents.at[1].content.digest);
    assert_exported("oci:stages", "a-1", w.plan.contents.at[0].content.digest);
    assert_int_equal(run(&w.plan, states), 0);
    assert_string_equal(states, "====");
}

static void policies_decide_about_names_that_are_there(void **state)
{
    (void)state;
    static const struct {
        enum slip_if_exists policy;
        const char *states;
        int result;
    } cases[] = {
        { SLIP_IF_EXISTS_SKIP_IF_SAME, "=MW", 0 },
        { SLIP_IF_EXISTS_OVERWRITE, "MMW", 0 },
        { SLIP_IF_EXISTS_SKIP_IF_EXISTS, "=SW", 0 },
        { SLIP_IF_EXISTS_FAIL_IF_DIFFERENT, "=FN", -1 },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO_FREE char *repo = slip_printf("oci:out%zu", i);
        SLIP_AUTO_FREE char *same = slip_printf("%s:same", repo);
        SLIP_AUTO_FREE char *other = slip_printf("%s:other", repo);
        SLIP_AUTO_FREE char *absent = slip_printf("%s:absent", repo);
        SLIP_AUTO(wishes) first = { .n = 0 };
        SLIP_AUTO(wishes) second = { .n = 0 };
        char states[17];
        wish(&first, "a", &a, same);
        wish(&first, "b", &b, other);
        make_plan(&first);
        assert_int_equal(run(&first.plan, states), 0);

        wish(&second, "a", &a, same)->if_exists = cases[i].policy;
        wish(&second, "a", &a, other)->if_exists = cases[i].policy;
        wish(&second, "a", &a, absent)->if_exists = cases[i].policy;
        make_plan(&second);
        assert_int_equal(run(&second.plan, states), cases[i].result);
        assert_string_equal(states, cases[i].states);
        if (cases[i].result < 0)
            assert_exported(repo, "absent", NULL);
    }
}

/* An old job that was slow: what is there says of itself that it is newer. */
static void names_of_versions_are_left_to_newer_ones(void **state)
{
    (void)state;
    static const struct {
        const char *there, *ours;
        const char *states; /* of 1.2 and latest */
    } rows[] = {
        { "1.3.0", "1.2.9", "SS" },      { "1.2.0", "1.2.9", "MM" },
        { "1.3.0-rc.1", "1.2.9", "MM" }, { "no version", "1.2.9", "MM" },
        { "v2.0", "1.2.9", "SS" },       { "1.3.0", "", "MM" },
    };
    for (size_t i = 0; i < SLIP_COUNT(rows); i++) {
        SLIP_AUTO(wishes) first = { .n = 0 };
        SLIP_AUTO(wishes) second = { .n = 0 };
        SLIP_AUTO(slip_labels) labels = { 0 };
        char states[17];
        SLIP_AUTO_FREE char *floating = slip_printf("oci:newer%zu:1.2", i);
        SLIP_AUTO_FREE char *latest = slip_printf("oci:newer%zu:latest", i);
        slip_vec_push(&labels, (struct slip_label){ SLIP_STR("org.opencontainers.image.version"),
                                                    slip_str_of(rows[i].there) });
        wish(&first, "a", &a, floating)->how.labels = &labels;
        wish(&first, "a", &a, latest)->how.annotations = &labels;
        make_plan(&first);
        assert_int_equal(run(&first.plan, states), 0);
        struct slip_export_wish *w = wish(&second, "b", &b, floating);
        w->version = slip_str_of(rows[i].ours);
        w->floating = true;
        w = wish(&second, "b", &b, latest);
        w->version = slip_str_of(rows[i].ours);
        w->floating = w->latest = true;
        make_plan(&second);
        print_message("  %s over %s\n", rows[i].ours, rows[i].there);
        assert_int_equal(run(&second.plan, states), 0);
        assert_string_equal(states, rows[i].states);
    }
}

/* A destination that cannot be written: it holds other files. */
static void spoil(const char *name)
{
    SLIP_AUTO_FREE char *dir = slip_printf("%s/%s", top, name);
    struct slip_error err = { 0 };
    assert_int_equal(slip_dir_make(dir, 0777, &err), 0);
    SLIP_AUTO_FREE char *file = slip_printf("%s/Makefile", name);
    sandbox_write(top, file, "all:\n");
}

static void a_mirror_that_fails_stops_nobody(void **state)
{
    (void)state;
    SLIP_AUTO(wishes) w = { .n = 0 };
    char states[17];
    spoil("mirror");
    wish(&w, "a", &a, "oci:out:1");
    wish(&w, "a", &a, "oci:mirror:1")->required = false;
    wish(&w, "a", &a, "oci:out:latest")->latest = true;
    make_plan(&w);
    assert_int_equal(run(&w.plan, states), 0);
    assert_string_equal(states, "WFW");
}

static void a_required_destination_that_fails_keeps_all_names_from_being_written(void **state)
{
    (void)state;
    SLIP_AUTO(wishes) w = { .n = 0 };
    char states[17];
    spoil("bad");
    wish(&w, "a", &a, "oci:out:1");
    wish(&w, "a", &a, "oci:bad:1");
    make_plan(&w);
    assert_int_equal(run(&w.plan, states), -1);
    assert_string_equal(states, "NF");
    assert_exported("oci:out", "1", NULL);
}

/* Locks that note who is held and when; `busy` is not to be had, none are when `broken`. */
struct noted_locks {
    struct slip_locks base;
    const char *busy;
    bool broken;
    struct slip_buf text;
    void (*on_first)(void); /* what another process did until we got the lock */
};

struct noted_lock {
    struct slip_lock base;
    struct noted_locks *locks;
};

static void release_noted(struct slip_lock *l)
{
    struct noted_lock *lock = (struct noted_lock *)l;
    slip_buf_add_c(&lock->locks->text, "-");
    slip_free(lock);
}

static int acquire_noted(struct slip_locks *s, const char *name, struct slip_lock **out,
                         struct slip_error *err)
{
    static const struct slip_lock_ops ops = { .release = release_noted };
    struct noted_locks *locks = (struct noted_locks *)s;
    const char *base = strrchr(name, '/');
    if (locks->broken)
        return slip_fail(err, SLIP_E_INTERNAL, "no place for locks");
    if (locks->busy && strcmp(base + 1, locks->busy) == 0)
        return slip_fail(err, SLIP_E_TEMPORARY, "busy");
    slip_buf_add_c(&locks->text, base);
    if (locks->on_first)
        locks->on_first();
    locks->on_first = NULL;
    struct noted_lock *lock = slip_new(struct noted_lock);
    *lock = (struct noted_lock){ .base.ops = &ops, .locks = locks };
    *out = &lock->base;
    return 0;
}

static struct noted_locks noted_locks(void)
{
    static const struct slip_locks_ops ops = { .acquire = acquire_noted };
    return (struct noted_locks){ .base = { .ops = &ops, .optional = true }, .text = SLIP_BUF(512) };
}

static void noted_locks_clear(struct noted_locks *l)
{
    slip_buf_clear(&l->text);
}
SLIP_DEFINE_AUTO(noted_locks, noted_locks_clear);

static void repositories_are_held_in_order_while_names_are_written(void **state)
{
    (void)state;
    SLIP_AUTO(wishes) w = { .n = 0 };
    SLIP_AUTO(noted_locks) locks = noted_locks();
    char states[17];
    wish(&w, "a", &a, "oci:held-z:1");
    wish(&w, "a", &a, "oci:held-b:1");
    wish(&w, "a", &a, "oci:held-z:latest")->latest = true;
    wish(&w, "a", &a, "oci:held-m:1")->required = false;
    make_plan(&w);
    locks.busy = "held-m";
    assert_int_equal(run_under(&w.plan, &locks.base, states), 0);
    assert_string_equal(states, "WWFW"); /* one that is busy for too long fails */
    assert_string_equal(locks.text.ptr, "/held-b/held-z--");

    /* Where names are there already nobody is kept waiting. */
    slip_buf_reset(&locks.text);
    locks.busy = NULL;
    assert_int_equal(run_under(&w.plan, &locks.base, states), 0);
    assert_string_equal(states, "==W=");
    assert_string_equal(locks.text.ptr, "/held-m-");
}

static void without_a_place_for_locks_names_are_written_all_the_same(void **state)
{
    (void)state;
    SLIP_AUTO(wishes) w = { .n = 0 };
    SLIP_AUTO(noted_locks) locks = noted_locks();
    char states[17];
    wish(&w, "a", &a, "oci:unheld:1");
    make_plan(&w);
    locks.broken = true;
    assert_int_equal(run_under(&w.plan, &locks.base, states), 0);
    assert_string_equal(states, "W");
    assert_true(locks.base.given_up);
}

static struct slip_export_plan *of_another;

static void another_writes(void)
{
    char states[17];
    assert_int_equal(run(of_another, states), 0);
}

/* All content is there already, so that names were looked at once, before the lock was had. */
static void a_full_name_that_came_while_we_waited_is_not_replaced(void **state)
{
    (void)state;
    SLIP_AUTO(wishes) first = { .n = 0 };
    SLIP_AUTO(wishes) w = { .n = 0 };
    SLIP_AUTO(wishes) other = { .n = 0 };
    SLIP_AUTO(noted_locks) locks = noted_locks();
    char states[17];
    wish(&first, "a", &a, "oci:raced:0");
    make_plan(&first);
    assert_int_equal(run(&first.plan, states), 0);

    wish(&w, "a", &a, "oci:raced:1")->if_exists = SLIP_IF_EXISTS_FAIL_IF_DIFFERENT;
    wish(&other, "b", &b, "oci:raced:1");
    make_plan(&w);
    make_plan(&other);
    of_another = &other.plan;
    locks.on_first = another_writes;
    SLIP_AUTO_PTR(slip_export) x = NULL;
    struct slip_error err = { 0 };
    const struct slip_export_options options = { .locks = &locks.base };
    assert_int_equal(slip_export_new(registry, &w.plan, &options, &x, &err), 0);
    assert_int_equal(slip_export_check(x), 0);
    assert_int_equal(slip_export_names(x), -1);
    assert_int_equal(slip_export_results(x)[0].state, SLIP_EXPORT_FAILED);
    assert_int_equal(slip_export_results(x)[0].err->kind, SLIP_E_CONFLICT);
    assert_exported("oci:raced", "1", other.plan.contents.at[0].content.digest);
}

/* What was seen a moment ago is the first look, and never the last one at a full name. */
static void what_was_seen_is_the_first_look(void **state)
{
    (void)state;
    SLIP_AUTO(wishes) first = { .n = 0 };
    SLIP_AUTO(wishes) w = { .n = 0 };
    char states[17];
    wish(&first, "b", &b, "oci:seen:came");
    make_plan(&first);
    assert_int_equal(run(&first.plan, states), 0);

    wish(&w, "a", &a, "oci:seen:came")->if_exists = SLIP_IF_EXISTS_FAIL_IF_DIFFERENT;
    wish(&w, "a", &a, "oci:seen:equal");
    make_plan(&w);
    SLIP_AUTO_PTR(slip_store) store = open_store("oci:seen");
    struct slip_manifest_head seen[] = {
        { .identifier = "came", .store = store },
        { .identifier = "equal", .store = store, .found = true },
    };
    snprintf(seen[1].digest, sizeof(seen[1].digest), "%s", w.plan.contents.at[0].content.digest);
    SLIP_AUTO_PTR(slip_export) x = NULL;
    struct slip_error err = { 0 };
    const struct slip_export_options options = {
        .open = &store, .n_open = 1, .seen = seen, .n_seen = SLIP_COUNT(seen), .keep_going = true
    };
    assert_int_equal(slip_export_new(registry, &w.plan, &options, &x, &err), 0);
    assert_int_equal(slip_export_check(x), 0);
    assert_int_equal(slip_export_results(x)[0].state, SLIP_EXPORT_PENDING);
    assert_int_equal(slip_export_results(x)[1].state, SLIP_EXPORT_UNCHANGED);
    assert_int_equal(slip_export_upload(x), 0);
    assert_int_equal(slip_export_names(x), -1);
    assert_int_equal(slip_export_results(x)[0].err->kind, SLIP_E_CONFLICT);
    assert_exported("oci:seen", "came", first.plan.contents.at[0].content.digest);
}

static void names_may_be_written_by_another_process_after_an_upload(void **state)
{
    (void)state;
    SLIP_AUTO(wishes) w = { .n = 0 };
    wish(&w, "a", &a, "oci:out:1");
    wish(&w, "a", &a, "oci:gone:1");
    make_plan(&w);
    struct slip_export *x = begin(&w.plan, true, NULL);
    assert_int_equal(slip_export_upload(x), 0);
    assert_int_equal(slip_export_results(x)[0].state, SLIP_EXPORT_UPLOADED);
    assert_true(slip_export_results(x)[0].bytes_sent > 0);
    slip_export_free(x);
    assert_exported("oci:out", "1", NULL);
    assert_exported("oci:out", w.plan.contents.at[0].content.digest,
                    w.plan.contents.at[0].content.digest);

    /* What was uploaded to the other place is gone by then. */
    SLIP_AUTO_FREE char *gone = slip_printf("%s/gone", top);
    slip_dir_remove(gone);
    x = begin(&w.plan, true, NULL);
    assert_int_equal(slip_export_names(x), 0);
    assert_int_equal(slip_export_results(x)[0].state, SLIP_EXPORT_WRITTEN);
    assert_int_equal(slip_export_results(x)[1].state, SLIP_EXPORT_WRITTEN);
    slip_export_free(x);
    assert_exported("oci:gone", "1", w.plan.contents.at[0].content.digest);
}

static void an_index_is_exported_with_its_images(void **state)
{
    (void)state;
    struct slip_stored children[2] = { 0 };
    SLIP_AUTO(slip_stored) both = { 0 };
    SLIP_AUTO(wishes) w = { .n = 0 };
    struct slip_error err = { 0 };
    char states[17];
    const struct slip_str arm = SLIP_STR("linux/arm64");
    make_stage("a", "amd64", &children[0]);
    make_stage("b", "arm64", &children[1]);
    assert_int_equal(slip_stored_join(children, 2, &both, &err), 0);
    wish(&w, "x", &both, "oci:out:1");
    struct slip_export_wish *one = wish(&w, "x", &both, "oci:out:arm");
    one->how.platforms = &arm;
    one->how.n_platforms = 1;
    wish(&w, "x", &both,
         "oci:byid@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789"
         "abcdef");
    make_plan(&w);
    assert_int_equal(run(&w.plan, states), 0);
    assert_string_equal(states, "WWW");
    assert_int_equal(w.plan.contents.len, 2);
    assert_exported("oci:out", "1", w.plan.contents.at[0].content.digest);
    assert_string_equal(w.plan.contents.at[1].content.media_type, SLIP_MEDIA_OCI_MANIFEST);
    assert_exported("oci:out", "arm", w.plan.contents.at[0].content.children[1].digest);
    assert_exported("oci:byid", w.plan.contents.at[0].content.digest,
                    w.plan.contents.at[0].content.digest);
    slip_stored_clear(&children[0]);
    slip_stored_clear(&children[1]);
}

static void a_comparison_names_what_differs(void **state)
{
    (void)state;
    SLIP_AUTO(slip_labels) labels = { 0 };
    SLIP_AUTO(wishes) first = { .n = 0 };
    SLIP_AUTO(wishes) second = { .n = 0 };
    struct slip_comparison c[3];
    char states[17];
    struct slip_error err = { 0 };
    wish(&first, "a", &a, "oci:out:same");
    wish(&first, "a", &a, "oci:out:other");
    make_plan(&first);
    assert_int_equal(run(&first.plan, states), 0);

    assert_int_equal(slip_labels_parse(SLIP_STR("x=1"), SLIP_STR("\n"), &labels, &err), 0);
    wish(&second, "a", &a, "oci:out:same");
    wish(&second, "a", &a, "oci:out:other")->how.labels = &labels;
    wish(&second, "a", &a, "oci:out:absent");
    make_plan(&second);
    assert_int_equal(slip_export_compare(registry, &second.plan, NULL, c), 0);
    assert_int_equal(c[0].state, SLIP_COMPARE_EQUAL);
    assert_int_equal(c[1].state, SLIP_COMPARE_DIFFERS);
    assert_non_null(strstr(c[1].differences, "config.config.Labels: (nothing) -> {\"x\":\"1\"}\n"));
    assert_non_null(strstr(c[1].differences, "manifest.config.digest: \"sha256:"));
    assert_int_equal(c[2].state, SLIP_COMPARE_MISSING);
    slip_comparisons_clear(c, 3);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(names_are_ordered_by_rank),
        TEST(bad_plans_are_refused),
        TEST(a_second_run_changes_nothing),
        TEST(names_of_versions_are_left_to_newer_ones),
        TEST(policies_decide_about_names_that_are_there),
        TEST(a_mirror_that_fails_stops_nobody),
        TEST(a_required_destination_that_fails_keeps_all_names_from_being_written),
        TEST(repositories_are_held_in_order_while_names_are_written),
        TEST(without_a_place_for_locks_names_are_written_all_the_same),
        TEST(a_full_name_that_came_while_we_waited_is_not_replaced),
        TEST(what_was_seen_is_the_first_look),
        TEST(names_may_be_written_by_another_process_after_an_upload),
        TEST(an_index_is_exported_with_its_images),
        TEST(a_comparison_names_what_differs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
