/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "hash/hash.h"
#include "registry/layout.h"
#include "registry/media.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char *top; /* a fresh directory per test */

static int make_top(void **state)
{
    (void)state;
    top = slip_strdup("/tmp/slipway-test-XXXXXX");
    return mkdtemp(top) ? 0 : -1;
}

static int remove_top(void **state)
{
    (void)state;
    slip_dir_remove(top);
    slip_free(top);
    return 0;
}

static void close_layout(struct slip_store **s)
{
    (*s)->ops->free(*s);
}
#define LAYOUT __attribute__((cleanup(close_layout))) struct slip_store *

static struct slip_store *open_layout(const char *name)
{
    SLIP_AUTO_FREE char *dir = slip_printf("%s/%s", top, name);
    SLIP_AUTO(slip_reference)
    where = { .kind = SLIP_STORE_LAYOUT,
              .registry = slip_strdup(""),
              .repository = slip_strdup(name),
              .identifier = slip_strdup("v1") };
    struct slip_error err = { 0 };
    struct slip_store *s = NULL;
    assert_int_equal(slip_layout_store_new(dir, &where, &s, &err), 0);
    return s;
}

static void digest_of(const char *text, char digest[SLIP_DIGEST_LEN + 1])
{
    memcpy(digest, "sha256:", 8);
    slip_hash_hex(SLIP_HASH_SHA256, slip_str_of(text), digest + 7);
}

static int write_blob(struct slip_store *s, const char *digest, const char *text,
                      struct slip_error *err)
{
    struct slip_layout_write *w = NULL;
    if (slip_layout_begin(s, digest, &w, err) < 0)
        return -1;
    if (slip_layout_append(w, text, strlen(text), err) < 0) {
        slip_layout_abort(w);
        return -1;
    }
    return slip_layout_commit(w, err);
}

static void put_blob(struct slip_store *s, const char *text)
{
    char digest[SLIP_DIGEST_LEN + 1];
    struct slip_error err = { 0 };
    digest_of(text, digest);
    assert_int_equal(write_blob(s, digest, text, &err), 0);
}

static bool has_blob(struct slip_store *s, const char *text)
{
    char digest[SLIP_DIGEST_LEN + 1];
    struct slip_error err = { 0 };
    bool found;
    digest_of(text, digest);
    assert_int_equal(slip_layout_has_blob(s, digest, strlen(text), &found, &err), 0);
    return found;
}

/* A manifest whose config and only layer are the two texts. */
static char *manifest_of(const char *config, const char *layer)
{
    char c[SLIP_DIGEST_LEN + 1], l[SLIP_DIGEST_LEN + 1];
    digest_of(config, c);
    digest_of(layer, l);
    return slip_printf("{\"schemaVersion\":2,\"mediaType\":\"" SLIP_MEDIA_OCI_MANIFEST
                       "\",\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\","
                       "\"size\":%zu,\"digest\":\"%s\"},\"layers\":[{\"mediaType\":\"application/"
                       "vnd.oci.image.layer.v1.tar\",\"size\":%zu,\"digest\":\"%s\"}]}",
                       strlen(config), c, strlen(layer), l);
}

static int put_named(struct slip_store *s, const char *tag, const char *body,
                     struct slip_error *err)
{
    struct slip_manifest_put item = { .identifier = tag,
                                      .media_type = SLIP_MEDIA_OCI_MANIFEST,
                                      .body = slip_str_of(body) };
    int rc = s->ops->put_manifests(s, &item, 1);
    *err = item.err;
    return rc;
}

/* A whole image: blobs, then the name. */
static void put_image(struct slip_store *s, const char *tag, const char *config, const char *layer)
{
    SLIP_AUTO_FREE char *body = manifest_of(config, layer);
    struct slip_error err = { 0 };
    put_blob(s, config);
    put_blob(s, layer);
    assert_int_equal(put_named(s, tag, body, &err), 0);
}

static int join_tag(void *payload, struct slip_str tag, struct slip_error *err)
{
    (void)err;
    struct slip_buf *out = payload;
    slip_buf_add_fmt(out, "%s%.*s", out->len ? " " : "", SLIP_ARG(tag));
    return 0;
}

static void assert_tags(struct slip_store *s, const char *want)
{
    SLIP_AUTO(slip_buf) tags = SLIP_BUF(1u << 20);
    struct slip_error err = { 0 };
    assert_int_equal(s->ops->list_tags(s, join_tag, &tags, &err), 0);
    assert_string_equal(tags.ptr, want);
}

static void assert_manifest(struct slip_store *s, const char *identifier, const char *body)
{
    struct slip_manifest_get get = { .identifier = identifier };
    struct slip_manifest_head head = { .identifier = identifier };
    assert_int_equal(s->ops->get_manifests(s, &get, 1), 0);
    assert_int_equal(s->ops->head_manifests(s, &head, 1), 0);
    assert_int_equal(get.found, body != NULL);
    assert_int_equal(head.found, body != NULL);
    if (body) {
        assert_string_equal(get.body.ptr, body);
        assert_string_equal(get.media_type, SLIP_MEDIA_OCI_MANIFEST);
        assert_string_equal(head.digest, get.digest);
    }
    slip_buf_clear(&get.body);
}

static void what_was_written_is_read_back(void **state)
{
    (void)state;
    LAYOUT s = open_layout("out");
    SLIP_AUTO_FREE char *body = manifest_of("{}", "layer");
    char digest[SLIP_DIGEST_LEN + 1];
    assert_tags(s, "");
    assert_manifest(s, "v1", NULL);
    put_image(s, "v1", "{}", "layer");
    put_image(s, "v2", "{}", "layer");

    LAYOUT again = open_layout("out");
    digest_of(body, digest);
    assert_tags(again, "v1 v2");
    assert_manifest(again, "v1", body);
    assert_manifest(again, digest, body);
    assert_manifest(again, "v3", NULL);
    assert_string_equal(again->name, "oci:out");

    digest_of("{}", digest);
    struct slip_blob_get get = { .digest = digest, .size = 2 };
    assert_int_equal(again->ops->get_blobs(again, &get, 1), 0);
    assert_true(get.found);
    assert_string_equal(get.body.ptr, "{}");
    slip_buf_clear(&get.body);
}

static void a_blob_is_whole_or_absent(void **state)
{
    (void)state;
    LAYOUT s = open_layout("out");
    struct slip_error err = { 0 };
    char digest[SLIP_DIGEST_LEN + 1];
    digest_of("right", digest);

    assert_int_equal(write_blob(s, digest, "wrong", &err), -1);
    assert_non_null(strstr(err.text, "another digest"));
    assert_false(has_blob(s, "right"));

    slip_error_clear(&err);
    struct slip_layout_write *w = NULL;
    assert_int_equal(slip_layout_begin(s, digest, &w, &err), 0);
    assert_int_equal(slip_layout_append(w, "ri", 2, &err), 0);
    assert_false(has_blob(s, "right"));
    slip_layout_abort(w);
    assert_false(has_blob(s, "right"));
    put_blob(s, "right");
    assert_true(has_blob(s, "right"));

    int fd;
    uint64_t size;
    assert_int_equal(slip_layout_open_blob(s, digest, &fd, &size, &err), 0);
    assert_int_equal(size, 5);
    assert_true(fd >= 0);
    close(fd);
    digest_of("other", digest);
    assert_int_equal(slip_layout_open_blob(s, digest, &fd, &size, &err), 0);
    assert_int_equal(fd, -1);
    assert_int_equal(slip_layout_open_blob(s, "sha256:../../x", &fd, &size, &err), -1);
}

static void a_manifest_needs_its_content(void **state)
{
    (void)state;
    LAYOUT s = open_layout("out");
    SLIP_AUTO_FREE char *body = manifest_of("{}", "layer");
    struct slip_error err = { 0 };
    put_blob(s, "{}");
    assert_int_equal(put_named(s, "v1", body, &err), -1);
    assert_non_null(strstr(err.text, "is missing"));
    assert_tags(s, "");
    put_blob(s, "layer");
    assert_int_equal(put_named(s, "sha256:0123", body, &err), -1);
    assert_non_null(strstr(err.text, "another digest"));
    assert_int_equal(put_named(s, "v1", "no json", &err), -1);
}

static void age(const char *layout, const char *text)
{
    char digest[SLIP_DIGEST_LEN + 1];
    digest_of(text, digest);
    SLIP_AUTO_FREE char *path = slip_printf("%s/%s/blobs/sha256/%s", top, layout, digest + 7);
    struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
    assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
}

static void what_no_name_needs_goes_when_it_is_old(void **state)
{
    (void)state;
    struct slip_store *s = open_layout("out");
    put_image(s, "latest", "{\"a\":1}", "shared");
    put_image(s, "latest", "{\"a\":2}", "shared");
    put_blob(s, "just uploaded by another run");
    put_blob(s, "left by a killed run");
    s->ops->free(s);

    s = open_layout("out");
    assert_true(has_blob(s, "{\"a\":1}")); /* young */
    SLIP_AUTO_FREE char *old = manifest_of("{\"a\":1}", "shared");
    age("out", old);
    age("out", "{\"a\":1}");
    age("out", "{\"a\":2}");
    age("out", "shared");
    age("out", "left by a killed run");
    put_image(s, "latest", "{\"a\":3}", "other");
    put_image(s, "v2", "{\"a\":2}", "shared");
    s->ops->free(s);

    s = open_layout("out");
    assert_tags(s, "latest v2");
    assert_false(has_blob(s, old));
    assert_false(has_blob(s, "{\"a\":1}"));
    assert_false(has_blob(s, "left by a killed run"));
    assert_true(has_blob(s, "just uploaded by another run"));
    assert_true(has_blob(s, "{\"a\":2}"));
    assert_true(has_blob(s, "shared"));
    s->ops->free(s);
}

static void write_text(const char *name, const char *text)
{
    SLIP_AUTO_FREE char *path = slip_printf("%s/%s", top, name);
    struct slip_error err = { 0 };
    assert_int_equal(slip_file_write(path, slip_str_of(text), 0644, &err), 0);
}

static void what_others_wrote_into_the_index_stays(void **state)
{
    (void)state;
    LAYOUT s = open_layout("out");
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_FILE);
    struct slip_error err = { 0 };
    put_image(s, "v1", "{}", "layer");
    write_text("out/index.json",
               "{\"schemaVersion\":2,\"annotations\":{\"a\":\"b\"},\"manifests\":["
               "{\"mediaType\":\"x/y\",\"digest\":\"sha256:00\",\"size\":1},"
               "{\"digest\":\"sha256:11\",\"annotations\":{\"org.opencontainers.image.ref.name\":"
               "\"v1\"}}]}");
    put_image(s, "v1", "{}", "layer");
    SLIP_AUTO_FREE char *path = slip_printf("%s/out/index.json", top);
    assert_int_equal(slip_file_read(path, &text, &err), 0);
    SLIP_AUTO_FREE char *body = manifest_of("{}", "layer");
    char digest[SLIP_DIGEST_LEN + 1];
    digest_of(body, digest);
    SLIP_AUTO_FREE char *want =
        slip_printf("{\"schemaVersion\":2,\"manifests\":["
                    "{\"digest\":\"sha256:00\",\"mediaType\":\"x/y\",\"size\":1},"
                    "{\"mediaType\":\"" SLIP_MEDIA_OCI_MANIFEST "\",\"digest\":\"%s\",\"size\":%zu,"
                    "\"annotations\":{\"org.opencontainers.image.ref.name\":\"v1\"}}],"
                    "\"annotations\":{\"a\":\"b\"}}",
                    digest, strlen(body));
    assert_string_equal(text.ptr, want);
}

static void a_directory_of_other_files_is_refused(void **state)
{
    (void)state;
    LAYOUT s = open_layout(".");
    struct slip_error err = { 0 };
    char digest[SLIP_DIGEST_LEN + 1];
    write_text("Makefile", "all:\n");
    digest_of("x", digest);
    assert_int_equal(write_blob(s, digest, "x", &err), -1);
    assert_int_equal(err.kind, SLIP_E_CONFIG);
    assert_non_null(strstr(err.text, "not an image layout"));
}

static void broken_content_is_an_error_not_an_answer(void **state)
{
    (void)state;
    LAYOUT s = open_layout("out");
    char digest[SLIP_DIGEST_LEN + 1];
    put_image(s, "v1", "{}", "layer");
    digest_of("{}", digest);
    SLIP_AUTO_FREE char *name = slip_printf("out/blobs/sha256/%s", digest + 7);
    write_text(name, "[]");
    struct slip_blob_get get = { .digest = digest, .size = 2 };
    assert_int_equal(s->ops->get_blobs(s, &get, 1), -1);
    assert_non_null(strstr(get.err.text, "another digest"));

    write_text("out/index.json", "{");
    struct slip_manifest_head head = { .identifier = "v1" };
    assert_int_equal(s->ops->head_manifests(s, &head, 1), -1);
    struct slip_error err = { 0 };
    SLIP_AUTO_FREE char *body = manifest_of("{}", "layer");
    assert_int_equal(put_named(s, "v2", body, &err), -1);
}

static struct slip_store *open_archive(const char *name, struct slip_error *err)
{
    SLIP_AUTO_FREE char *file = slip_printf("%s/%s", top, name);
    SLIP_AUTO(slip_reference)
    where = { .kind = SLIP_STORE_LAYOUT,
              .is_archive = true,
              .registry = slip_strdup(""),
              .repository = slip_strdup(name),
              .identifier = slip_strdup("v1") };
    struct slip_store *s = NULL;
    return slip_layout_store_new(file, &where, &s, err) < 0 ? NULL : s;
}

static void assert_only_file(const char *name)
{
    DIR *dir = opendir(top);
    struct dirent *e;
    assert_non_null(dir);
    while ((e = readdir(dir)))
        if (e->d_name[0] != '.')
            assert_string_equal(e->d_name, name);
    closedir(dir);
}

static void an_archive_holds_the_layout_in_one_file(void **state)
{
    (void)state;
    struct slip_error err = { 0 };
    SLIP_AUTO_FREE char *one = manifest_of("{\"a\":1}", "layer");
    SLIP_AUTO_FREE char *two = manifest_of("{\"a\":2}", "another layer");
    struct slip_store *s = open_archive("out.tar", &err);
    assert_string_equal(s->name, "oci-archive:out.tar");
    put_image(s, "v1", "{\"a\":1}", "layer");
    s->ops->free(s);
    assert_only_file("out.tar");

    s = open_archive("out.tar", &err);
    assert_manifest(s, "v1", one);
    put_image(s, "v2", "{\"a\":2}", "another layer");
    put_image(s, "v1", "{\"a\":2}", "another layer");
    s->ops->free(s);

    s = open_archive("out.tar", &err);
    assert_tags(s, "v1 v2");
    assert_manifest(s, "v1", two);
    assert_false(has_blob(s, "layer")); /* no name needs it */
    s->ops->free(s);
    assert_only_file("out.tar");

    SLIP_AUTO_FREE char *file = slip_printf("%s/out.tar", top);
    assert_int_equal(truncate(file, 1024), 0);
    assert_null(open_archive("out.tar", &err));
    assert_non_null(strstr(err.text, "too early"));
    slip_error_clear(&err);
    char text[1025] = "";
    memset(text, 'x', 1024);
    write_text("out.tar", text);
    assert_null(open_archive("out.tar", &err));
    assert_non_null(strstr(err.text, "not an uncompressed tar archive"));
    assert_only_file("out.tar");
}

static mode_t mode_of(const char *name)
{
    SLIP_AUTO_FREE char *path = slip_printf("%s/%s", top, name);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 07777;
}

static void an_archive_is_as_private_as_its_owner_wants(void **state)
{
    (void)state;
    struct slip_error err = { 0 };
    SLIP_AUTO_FREE char *path = slip_printf("%s/out.tar", top);
    mode_t before = umask(077);
    struct slip_store *s = open_archive("out.tar", &err);
    put_image(s, "v1", "{\"a\":1}", "layer");
    s->ops->free(s);
    assert_int_equal(mode_of("out.tar"), 0600);

    umask(before);
    assert_int_equal(chmod(path, 0640), 0);
    s = open_archive("out.tar", &err);
    put_image(s, "v2", "{\"a\":2}", "another layer");
    s->ops->free(s);
    assert_int_equal(mode_of("out.tar"), 0640);
}

/* How many files are being written in a layout, or how many directories stand beside an archive. */
static size_t count_begun(const char *dir, const char *prefix)
{
    SLIP_AUTO_FREE char *path = slip_printf("%s/%s", top, dir);
    DIR *d = opendir(path);
    size_t n = 0;
    assert_non_null(d);
    for (struct dirent *e = readdir(d); e; e = readdir(d))
        n += strncmp(e->d_name, prefix, strlen(prefix)) == 0;
    closedir(d);
    return n;
}

/* Begin a blob, and an archive, in a process that ends in the middle. */
static void be_killed(void)
{
    pid_t pid = fork();
    int status;
    assert_true(pid >= 0);
    if (pid == 0) {
        char digest[SLIP_DIGEST_LEN + 1];
        struct slip_error err = { 0 };
        struct slip_layout_write *w;
        digest_of("begun", digest);
        if (slip_layout_begin(open_layout("out"), digest, &w, &err) == 0)
            (void)!slip_layout_append(w, "beg", 3, &err);
        (void)open_archive("out.tar", &err);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
}

static void what_a_killed_run_began_goes_with_the_next_one(void **state)
{
    (void)state;
    char digest[SLIP_DIGEST_LEN + 1];
    struct slip_error err = { 0 };
    struct slip_layout_write *w;
    LAYOUT other = open_layout("out"); /* a run that is under way keeps what it began */
    digest_of("mine", digest);
    assert_int_equal(slip_layout_begin(other, digest, &w, &err), 0);
    struct slip_store *archive = open_archive("out.tar", &err);
    SLIP_AUTO_FREE char *not_ours = slip_printf("%s/out.tar.sourcs", top);
    assert_int_equal(mkdir(not_ours, 0700), 0);
    write_text("out.tar.sourcs/main.c", "int x;");

    be_killed();
    assert_int_equal(count_begun("out/.slipway", "tmp-"), 2);
    assert_int_equal(count_begun("", "out.tar."), 3);

    struct slip_store *s = open_layout("out");
    put_image(s, "v1", "{}", "layer");
    s->ops->free(s);
    s = open_archive("out.tar", &err);
    put_image(s, "v1", "{}", "layer");
    s->ops->free(s);
    assert_int_equal(count_begun("out/.slipway", "tmp-"), 1);
    assert_int_equal(count_begun("", "out.tar."), 2);

    assert_int_equal(slip_layout_append(w, "mine", 4, &err), 0);
    assert_int_equal(slip_layout_commit(w, &err), 0);
    archive->ops->free(archive);
    assert_int_equal(count_begun("out/.slipway", "tmp-"), 0);
    assert_int_equal(count_begun("", "out.tar."), 1);
    slip_dir_remove(not_ours);
}

#define WRITERS 6
#define TAGS 8

static void write_many(int writer)
{
    struct slip_store *s = open_layout("out");
    for (int i = 0; i < TAGS; i++) {
        SLIP_AUTO_FREE char *tag = slip_printf("w%d-%d", writer, i);
        SLIP_AUTO_FREE char *config = slip_printf("{\"w\":%d,\"i\":%d}", writer, i);
        put_image(s, tag, config, "shared layer");
        put_image(s, "latest", config, "shared layer");
    }
    s->ops->free(s);
    _exit(0);
}

static void writers_at_the_same_time_lose_nothing(void **state)
{
    (void)state;
    pid_t pids[WRITERS];
    for (int w = 0; w < WRITERS; w++) {
        pids[w] = fork();
        assert_true(pids[w] >= 0);
        if (pids[w] == 0)
            write_many(w);
    }
    for (int w = 0; w < WRITERS; w++) {
        int status;
        assert_int_equal(waitpid(pids[w], &status, 0), pids[w]);
        assert_int_equal(status, 0);
    }
    LAYOUT s = open_layout("out");
    for (int w = 0; w < WRITERS; w++)
        for (int i = 0; i < TAGS; i++) {
            SLIP_AUTO_FREE char *tag = slip_printf("w%d-%d", w, i);
            SLIP_AUTO_FREE char *config = slip_printf("{\"w\":%d,\"i\":%d}", w, i);
            SLIP_AUTO_FREE char *body = manifest_of(config, "shared layer");
            assert_manifest(s, tag, body);
        }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_top, remove_top)
    const struct CMUnitTest tests[] = {
        TEST(what_was_written_is_read_back),
        TEST(a_blob_is_whole_or_absent),
        TEST(a_manifest_needs_its_content),
        TEST(what_no_name_needs_goes_when_it_is_old),
        TEST(what_others_wrote_into_the_index_stays),
        TEST(a_directory_of_other_files_is_refused),
        TEST(broken_content_is_an_error_not_an_answer),
        TEST(an_archive_holds_the_layout_in_one_file),
        TEST(an_archive_is_as_private_as_its_owner_wants),
        TEST(what_a_killed_run_began_goes_with_the_next_one),
        TEST(writers_at_the_same_time_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
