/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "base/mem.h"
#include "registry/index.h"
#include "registry/media.h"
#include "registry/stages.h"
#include "support/mem_store.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

static struct slip_store *store;

static int make_store(void **state)
{
    (void)state;
    store = mem_store_new("stages");
    return 0;
}

static int free_store(void **state)
{
    (void)state;
    mem_store_free(store);
    return 0;
}

static void add_config(const char *tag, const char *config, bool whole)
{
    char digest[SLIP_DIGEST_LEN + 1];
    slip_digest_of(slip_str_of(config), digest);
    SLIP_AUTO_FREE char *manifest =
        slip_printf("{\"schemaVersion\":2,\"config\":{\"mediaType\":\"c\",\"size\":%zu,"
                    "\"digest\":\"%s\"},\"layers\":[]}",
                    strlen(config), digest);
    if (whole)
        mem_store_add_blob(store, digest, slip_str_of(config));
    mem_store_add_manifest(store, tag, SLIP_MEDIA_OCI_MANIFEST, slip_str_of(manifest));
}

static void add_stage(const char *tag)
{
    SLIP_AUTO_FREE char *config =
        slip_printf("{\"author\":\"%s\",\"config\":{\"Env\":[\"K=v\"],\"Labels\":{\"werf\":\"p\","
                    "\"" SLIP_LABEL_CONTENT_DIGEST "\":\"" C "\"}}}",
                    tag);
    add_config(tag, config, true);
}

static void many_are_found_in_three_rounds(void **state)
{
    (void)state;
    add_stage(A "-1700000000002");
    add_stage(A "-1700000000001");
    add_stage(B "-1700000000003");
    SLIP_AUTO_PTR(slip_stages) stages = slip_stages_new(store, NULL);
    struct slip_stage_find items[] = { { .digest = A }, { .digest = B }, { .digest = C } };
    assert_int_equal(slip_stages_find(stages, items, 3), 0);
    assert_string_equal(items[0].stage.tag, A "-1700000000001");
    assert_string_equal(items[0].stage.content_digest, C);
    assert_str(slip_config_label(&items[0].stage.config, "werf"), "p");
    assert_str(items[0].stage.config.env[0], "K=v");
    assert_true(items[1].found);
    assert_false(items[2].found);
    assert_int_equal(mem_store_counts(store)->rounds, 3); /* tags, manifests, configs */

    struct slip_stage_find again = { .digest = C };
    assert_int_equal(slip_stages_find(stages, &again, 1), 0);
    assert_int_equal(mem_store_counts(store)->lists, 1);
    add_stage(C "-5");
    slip_stages_forget(stages);
    assert_int_equal(slip_stages_find(stages, &again, 1), 0);
    assert_string_equal(again.stage.tag, C "-5");
    slip_stage_clear(&again.stage);
    slip_stage_clear(&items[0].stage);
    slip_stage_clear(&items[1].stage);
}

static void broken_stages_are_passed_over(void **state)
{
    (void)state;
    add_config(A "-1", "{\"no\":\"blob\"}", false);
    add_config(A "-2", "no json", true);
    mem_store_add_manifest(store, A "-3", SLIP_MEDIA_OCI_MANIFEST, SLIP_STR("{"));
    add_stage(A "-4");
    SLIP_AUTO_PTR(slip_stages) stages = slip_stages_new(store, NULL);
    struct slip_stage_find item = { .digest = A };
    assert_int_equal(slip_stages_find(stages, &item, 1), 0);
    assert_string_equal(item.stage.tag, A "-4");
    slip_stage_clear(&item.stage);
}

static void what_werf_crashes_on_is_an_error(void **state)
{
    (void)state;
    add_config(A "-1", "{\"config\":{\"Labels\":{\"werf\":\"p\"}}}", true);
    mem_store_add_manifest(store, B "-1", SLIP_MEDIA_OCI_INDEX, SLIP_STR("{\"manifests\":[]}"));
    SLIP_AUTO_PTR(slip_stages) stages = slip_stages_new(store, NULL);
    struct slip_stage_find items[] = { { .digest = A }, { .digest = B } };
    assert_int_equal(slip_stages_find(stages, items, 2), -1);
    assert_non_null(strstr(items[0].err.text, "no label"));
    assert_non_null(strstr(items[1].err.text, "index"));
}

static int add_time(void *payload, int64_t created_ms, struct slip_error *err)
{
    (void)err;
    slip_buf_add_fmt(payload, "%lld ", (long long)created_ms);
    return 0;
}

static void candidates_come_oldest_first_without_the_rejected(void **state)
{
    (void)state;
    static const char *const tags[] = { A "-30", A "-10", A "-20", A "-20-rejected",
                                        A,       A "-5",  A "-x",  A "--7",
                                        B "-1",  "v1",    A "-010" };
    for (size_t i = 0; i < SLIP_COUNT(tags); i++)
        add_stage(tags[i]);
    SLIP_AUTO_PTR(slip_stages) stages = slip_stages_new(store, NULL);
    SLIP_AUTO(slip_buf) all = SLIP_BUF(4096);
    SLIP_AUTO(slip_buf) later = SLIP_BUF(4096);
    struct slip_error err = { 0 };
    assert_int_equal(slip_stages_candidates(stages, A, 0, add_time, &all, &err), 0);
    assert_string_equal(all.ptr, "0 5 10 30 ");
    assert_int_equal(slip_stages_candidates(stages, A, 10, add_time, &later, &err), 0);
    assert_string_equal(later.ptr, "10 30 ");

    SLIP_AUTO(slip_stage) stage = { 0 };
    bool found;
    assert_int_equal(slip_stages_read(stages, A, 10, &found, &stage, &err), 0);
    assert_true(found);
    slip_stage_clear(&stage);
    assert_int_equal(slip_stages_read(stages, A, 11, &found, &stage, &err), 0);
    assert_false(found);
}

static int add_tag(void *payload, struct slip_str tag, struct slip_error *err)
{
    (void)err;
    slip_buf_add_fmt(payload, "%.*s ", SLIP_ARG(tag));
    return 0;
}

static void records_are_kept_when_they_were_asked_for(void **state)
{
    (void)state;
    add_stage("client-id-x-5");
    add_stage("meta-1_2_3");
    SLIP_AUTO_PTR(slip_stages) stages = slip_stages_new(store, NULL);
    SLIP_AUTO(slip_buf) records = SLIP_BUF(4096);
    struct slip_error err = { 0 };
    slip_stages_keep(stages, "client-id-");
    assert_int_equal(slip_stages_records(stages, "client-id-", add_tag, &records, &err), 0);
    assert_int_equal(slip_stages_records(stages, "meta-", add_tag, &records, &err), 0);
    assert_string_equal(records.ptr, "client-id-x-5 ");
}

static void join_event(void *payload, const struct slip_event *e)
{
    slip_buf_add_fmt(payload, "%s: %.22s\n", e->subject, e->text);
}

static void what_hangs_on_a_stage_is_told(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) heard = SLIP_BUF(4096);
    struct slip_watch watch = { .on_event = join_event, .payload = &heard };
    struct slip_manifest_head head = { .identifier = A "-1" };
    add_stage(A "-1");
    add_stage(B "-1");
    assert_int_equal(store->ops->head_manifests(store, &head, 1), 0);
    SLIP_AUTO_FREE char *tag = slip_printf("sha256-%s.sig", head.digest + 7);
    mem_store_add_manifest(store, tag, SLIP_MEDIA_OCI_MANIFEST, SLIP_STR("{}"));
    SLIP_AUTO_PTR(slip_stages) stages = slip_stages_new(store, &watch);
    struct slip_stage_find items[] = { { .digest = A }, { .digest = B } };
    assert_int_equal(slip_stages_find(stages, items, 2), 0);
    assert_string_equal(heard.ptr, A "-1: signatures or attestat\n");
    slip_stage_clear(&items[0].stage);
    slip_stage_clear(&items[1].stage);
}

/* A listing of more tags than are read to the end. */
static unsigned listings;
static int list_many(struct slip_store *s, slip_tag_fn *fn, void *payload, struct slip_error *err)
{
    (void)s;
    listings++;
    for (unsigned i = 0; i < 150000; i++) {
        char tag[128];
        snprintf(tag, sizeof(tag), "%056x-1700000000000", i);
        if (fn(payload, slip_str_of(tag), err) < 0)
            return -1;
    }
    return 0;
}

static void of_a_huge_repository_only_the_wanted_is_looked_for(void **state)
{
    (void)state;
    struct slip_store_ops ops = *store->ops;
    const struct slip_store_ops *old = store->ops;
    ops.list_tags = list_many;
    store->ops = &ops;
    SLIP_AUTO_PTR(slip_stages) stages = slip_stages_new(store, NULL);
    struct slip_error err = { 0 };
    listings = 0;
    for (unsigned i = 1; i < 150000; i += 100000) {
        SLIP_AUTO(slip_buf) times = SLIP_BUF(4096);
        char digest[SLIP_STAGE_DIGEST_LEN + 1];
        snprintf(digest, sizeof(digest), "%056x", i);
        assert_int_equal(slip_stages_candidates(stages, digest, 0, add_time, &times, &err), 0);
        assert_string_equal(times.ptr, "1700000000000 ");
    }
    assert_int_equal(listings, 3); /* how large it is, then twice for some */
    store->ops = old;
}

static void add_version(void *payload, const struct slip_config_info *config)
{
    slip_buf_add_fmt(payload, "%.*s ", SLIP_ARG(slip_config_label(config, SLIP_LABEL_VERSION)));
}

static void the_newest_stages_can_be_looked_at(void **state)
{
    (void)state;
    SLIP_AUTO_PTR(slip_stages) stages = slip_stages_new(store, NULL);
    SLIP_AUTO(slip_buf) seen = SLIP_BUF(4096);
    SLIP_AUTO(slip_buf) times = SLIP_BUF(4096);
    struct slip_error err = { 0 };
    for (unsigned i = 0; i < 6; i++) {
        char tag[128], config[256];
        snprintf(tag, sizeof(tag), "%056x-190000000000%u", 0xabc0 + (i * 5) % 6, i);
        snprintf(config, sizeof(config), "{\"config\":{\"Labels\":{\"werf-version\":\"v%u\"}}}", i);
        add_config(tag, config, i != 4);
    }
    slip_stages_sample(stages, add_version, &seen);
    assert_string_equal(seen.ptr, "");
    char digest[SLIP_STAGE_DIGEST_LEN + 1];
    snprintf(digest, sizeof(digest), "%056x", 0xabc0);
    assert_int_equal(slip_stages_candidates(stages, digest, 0, add_time, &times, &err), 0);
    slip_stages_sample(stages, add_version, &seen);
    assert_string_equal(seen.ptr, "v5 v3 v2 "); /* the fourth cannot be read */
}

static void a_huge_repository_can_be_listed_once_for_many_questions(void **state)
{
    (void)state;
    struct slip_store_ops ops = *store->ops;
    const struct slip_store_ops *old = store->ops;
    ops.list_tags = list_many;
    store->ops = &ops;
    SLIP_AUTO_PTR(slip_stages) stages = slip_stages_new(store, NULL);
    struct slip_error err = { 0 };
    slip_stages_list_whole(stages);
    listings = 0;
    for (unsigned i = 1; i <= 200001; i += 50000) {
        SLIP_AUTO(slip_buf) times = SLIP_BUF(4096);
        char digest[SLIP_STAGE_DIGEST_LEN + 1];
        snprintf(digest, sizeof(digest), "%056x", i);
        assert_int_equal(slip_stages_candidates(stages, digest, 0, add_time, &times, &err), 0);
        assert_string_equal(times.ptr, i < 150000 ? "1700000000000 " : "");
    }
    assert_int_equal(listings, 1);
    store->ops = old;
}

static void add_child(struct slip_stored *s, const char *type, const char *manifest,
                      const char *config)
{
    snprintf(s->media_type, sizeof(s->media_type), "%s", type);
    slip_buf_init(&s->manifest, 4096);
    slip_buf_init(&s->config, 4096);
    slip_buf_add_c(&s->manifest, manifest);
    slip_buf_add_c(&s->config, config);
    snprintf(s->digest, sizeof(s->digest), "sha256:%s", manifest);
}

static void an_index_of_stages_takes_platforms_from_configs(void **state)
{
    (void)state;
    struct slip_stored children[3] = { 0 };
    SLIP_AUTO(slip_stored) out = { 0 };
    struct slip_error err = { 0 };
    add_child(&children[0], SLIP_MEDIA_DOCKER_MANIFEST, "aa",
              "{\"architecture\":\"amd64\",\"os\":\"linux\"}");
    add_child(&children[1], SLIP_MEDIA_OCI_MANIFEST, "b",
              "{\"architecture\":\"arm64\",\"os\":\"linux\",\"variant\":\"v8\"}");
    add_child(&children[2], SLIP_MEDIA_OCI_MANIFEST, "c", "{}");
    assert_int_equal(slip_stored_join(children, 3, &out, &err), 0);
    assert_int_equal(out.n_children, 3);
    assert_string_equal(out.media_type, SLIP_MEDIA_DOCKER_LIST);
    assert_string_equal(
        out.manifest.ptr,
        "{\"schemaVersion\":2,\"mediaType\":\"" SLIP_MEDIA_DOCKER_LIST "\",\"manifests\":["
        "{\"mediaType\":\"" SLIP_MEDIA_DOCKER_MANIFEST "\",\"size\":2,\"digest\":"
        "\"sha256:aa\",\"platform\":{\"architecture\":\"amd64\",\"os\":\"linux\"}},"
        "{\"mediaType\":\"" SLIP_MEDIA_OCI_MANIFEST "\",\"size\":1,\"digest\":"
        "\"sha256:b\",\"platform\":{\"architecture\":\"arm64\",\"os\":\"linux\","
        "\"variant\":\"v8\"}},"
        "{\"mediaType\":\"" SLIP_MEDIA_OCI_MANIFEST "\",\"size\":1,\"digest\":\"sha256:c\"}]}");
}

/* Takes what is as old as `payload` says. */
static int accept_time(void *payload, const struct slip_stage *stage, bool *yes,
                       struct slip_error *err)
{
    *yes = stage->created_ms == *(int64_t *)payload;
    return stage->created_ms > 2 ? slip_fail(err, SLIP_E_UNSUPPORTED, "too young") : 0;
}

static void a_candidate_may_be_refused_and_is_read_once(void **state)
{
    (void)state;
    static int64_t second = 2, none = 4;
    add_stage(A "-1");
    add_stage(A "-2");
    add_stage(B "-1");
    add_stage(B "-3");
    SLIP_AUTO_PTR(slip_stages) stages = slip_stages_new(store, NULL);
    struct slip_stage_find items[] = {
        { .digest = A, .accept = accept_time, .payload = &second },
        { .digest = A },
        { .digest = A, .accept = accept_time, .payload = &none },
        { .digest = B, .accept = accept_time, .payload = &none },
    };
    assert_int_equal(slip_stages_find(stages, items, 4), -1);
    assert_string_equal(items[0].stage.tag, A "-2");
    assert_string_equal(items[1].stage.tag, A "-1");
    assert_false(items[2].found);
    assert_int_equal(items[2].err.kind, SLIP_OK);
    assert_false(items[3].found);
    assert_string_equal(items[3].err.text, "too young");
    assert_int_equal(mem_store_counts(store)->reads, 4);
    slip_stage_clear(&items[0].stage);
    slip_stage_clear(&items[1].stage);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_store, free_store)
    const struct CMUnitTest tests[] = {
        TEST(many_are_found_in_three_rounds),
        TEST(broken_stages_are_passed_over),
        TEST(what_werf_crashes_on_is_an_error),
        TEST(candidates_come_oldest_first_without_the_rejected),
        TEST(records_are_kept_when_they_were_asked_for),
        TEST(what_hangs_on_a_stage_is_told),
        TEST(the_newest_stages_can_be_looked_at),
        TEST(a_huge_repository_can_be_listed_once_for_many_questions),
        TEST(of_a_huge_repository_only_the_wanted_is_looked_for),
        TEST(a_candidate_may_be_refused_and_is_read_once),
        cmocka_unit_test(an_index_of_stages_takes_platforms_from_configs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
