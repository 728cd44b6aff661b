/* SPDX-License-Identifier: Apache-2.0 */
/* Real builds with buildah, on a base of nothing and the machine's busybox. */
#include "unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/temp_dir.h"
#include "build/engine.h"
#include "proc/run.h"
#include "support/mem_tree.h"
#include "support/sandbox.h"
#include "value/json.h"

static char *dir;
static char *conf, *isolation, *path, *home;
static const char *env[5];
static struct mem_tree *tree;

static int make(void **state)
{
    (void)state;
    dir = sandbox_new();
    SLIP_AUTO_FREE char *text = slip_printf(
        "[storage]\ndriver = \"vfs\"\ngraphroot = \"%s/root\"\nrunroot = \"%s/run\"\n", dir, dir);
    sandbox_write(dir, "storage.conf", text);
    conf = slip_printf("CONTAINERS_STORAGE_CONF=%s/storage.conf", dir);
    isolation = slip_strdup("BUILDAH_ISOLATION=chroot");
    path = slip_strdup("PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin");
    home = slip_printf("HOME=%s", dir);
    env[0] = conf, env[1] = isolation, env[2] = path, env[3] = home;

    SLIP_AUTO(slip_buf) busybox = SLIP_BUF(16 << 20);
    struct slip_error err = { 0 };
    if (slip_file_read("/bin/busybox", &busybox, &err) < 0)
        return -1;
    tree = mem_tree_new();
    mem_tree_add(tree, SLIP_STR("app/busybox"), SLIP_MODE_EXEC, slip_buf_str(&busybox));
    mem_tree_add_short(tree, SLIP_STR("app/hello"));
    mem_tree_add_short(tree, SLIP_STR("app/ignored"));
    mem_tree_add_short(tree, SLIP_STR("app/link->hello"));
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    mem_tree_free(tree);
    sandbox_free(dir);
    slip_free(conf);
    slip_free(isolation);
    slip_free(path);
    slip_free(home);
    return 0;
}

static void note(void *payload, const struct slip_event *e)
{
    if (e->kind == SLIP_EVENT_OUTPUT)
        slip_buf_add_fmt(payload, "%s\n", e->text);
}

static struct slip_build_request request_for(const char *dockerfile)
{
    return (struct slip_build_request){
        .subject = "app",
        .context = { .tree = mem_tree_view(tree), .dir = SLIP_STR("app"), .mtime = 86400 },
        .dockerfile = slip_str_of(dockerfile),
        .ignore_file = SLIP_STR("ignored\n"),
    };
}

static int build(const struct slip_build_request *q, struct slip_buf *lines, struct slip_built *out,
                 struct slip_error *err)
{
    struct slip_watch watch = { note, lines };
    struct slip_build_host host = { .env = env, .tmpdir = dir, .watch = &watch };
    return slip_engine_build(slip_engine_find("buildah"), &host, q, out, err);
}

static const struct slip_value *member(const struct slip_doc *doc, const char *name)
{
    return slip_value_get(slip_value_get(doc->root, "config"), name);
}

static void the_image_is_what_the_dockerfile_says(void **state)
{
    (void)state;
    static const struct slip_build_arg args[] = { { SLIP_STR("GREETING"), SLIP_STR("a=b c") } };
    struct slip_build_request q =
        request_for("FROM scratch AS base\n"
                    "COPY busybox /bin/busybox\n"
                    "RUN [\"/bin/busybox\", \"ln\", \"-s\", \"busybox\", \"/bin/sh\"]\n"
                    "FROM Base AS App\n"
                    "COPY --from=BASE /bin/busybox /copy\n"
                    "ARG GREETING\n"
                    "COPY . /app/\n"
                    "RUN test -L /app/link && test ! -e /app/ignored && echo \"said $GREETING\"\n"
                    "ENV GREETING=$GREETING\n"
                    "HEALTHCHECK --interval=5s CMD true\n"
                    "SHELL [\"/bin/sh\", \"-ec\"]\n"
                    "FROM scratch AS unused\n");
    q.args = args;
    q.n_args = SLIP_COUNT(args);
    q.target = SLIP_STR("app");
    q.platform = SLIP_STR("linux/amd64");
    SLIP_AUTO(slip_buf) lines = SLIP_BUF(1 << 20);
    SLIP_AUTO(slip_built) built = { 0 };
    struct slip_error err = { 0 };
    if (build(&q, &lines, &built, &err) < 0)
        fail_msg("%s", err.text);

    assert_string_equal(built.media_type, "application/vnd.docker.distribution.manifest.v2+json");
    assert_int_not_equal(slip_str_find_str(slip_buf_str(&lines), SLIP_STR("said a=b c\n")),
                         SLIP_NPOS);
    SLIP_AUTO(slip_doc) config = { 0 };
    assert_int_equal(slip_json_read(slip_buf_str(&built.config), NULL, 0, &config, &err), 0);
    assert_non_null(member(&config, "Healthcheck"));
    assert_int_equal(member(&config, "Shell")->len, 2);
    struct slip_value *labels = slip_value_get(slip_value_get(config.root, "config"), "Labels");
    assert_true(!labels || labels->len == 0);

    /* Every blob is where an image layout has it. */
    SLIP_AUTO(slip_doc) manifest = { 0 };
    assert_int_equal(slip_json_read(slip_buf_str(&built.manifest), NULL, 0, &manifest, &err), 0);
    const struct slip_value *layers = slip_value_get(manifest.root, "layers");
    assert_true(layers->len >= 2);
    for (size_t i = 0; i < layers->len; i++) {
        struct slip_str digest = slip_value_get(layers->items[i], "digest")->text;
        SLIP_AUTO_FREE char *blob =
            slip_printf("%s/blobs/sha256/%.*s", built.layout, SLIP_ARG(slip_str_skip(digest, 7)));
        assert_int_equal(access(blob, R_OK), 0);
    }
    SLIP_AUTO_FREE char *gone = slip_strdup(built.dir->path);
    slip_built_clear(&built);
    assert_int_not_equal(access(gone, F_OK), 0);
}

static void a_secret_is_there_and_leaves_no_trace(void **state)
{
    (void)state;
    static const struct slip_build_secret secrets[] = {
        { .id = SLIP_STR("token"), .value = SLIP_STR("s3cret") },
    };
    struct slip_build_request q =
        request_for("FROM scratch\nCOPY busybox /bin/sh\n"
                    "RUN --mount=type=secret,id=token test $(wc -c </run/secrets/token) -eq 6\n");
    q.secrets = secrets;
    q.n_secrets = 1;
    SLIP_AUTO(slip_buf) lines = SLIP_BUF(1 << 20);
    SLIP_AUTO(slip_built) built = { 0 };
    struct slip_error err = { 0 };
    if (build(&q, &lines, &built, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(slip_str_find_str(slip_buf_str(&built.config), SLIP_STR("s3cret")), SLIP_NPOS);
    SLIP_AUTO_FREE char *file = slip_printf("%s/secret-0", built.dir->path);
    assert_int_not_equal(access(file, F_OK), 0);
}

static void a_failed_build_shows_its_last_lines(void **state)
{
    (void)state;
    struct slip_build_request q = request_for("FROM scratch\nCOPY busybox /bin/sh\n"
                                              "RUN echo the reason; exit 3\n");
    SLIP_AUTO(slip_buf) lines = SLIP_BUF(1 << 20);
    SLIP_AUTO(slip_built) built = { 0 };
    struct slip_error err = { 0 };
    assert_int_equal(build(&q, &lines, &built, &err), -1);
    assert_int_equal(err.kind, SLIP_E_BUILD);
    assert_int_not_equal(slip_str_find_str(slip_str_of(err.text), SLIP_STR("the reason")),
                         SLIP_NPOS);
    assert_null(built.dir);
}

static void syntax_that_buildah_may_lack_is_a_hint(void **state)
{
    (void)state;
    struct slip_build_request q =
        request_for("FROM scratch\nCOPY busybox /bin/sh\nRUN <<EOF\nexit 3\nEOF\n");
    SLIP_AUTO(slip_buf) lines = SLIP_BUF(1 << 20);
    SLIP_AUTO(slip_built) built = { 0 };
    struct slip_error err = { 0 };
    assert_int_equal(build(&q, &lines, &built, &err), -1);
    assert_string_equal(err.hint,
                        "the Dockerfile uses heredocs, which older versions of buildah do "
                        "not know");
}

static void a_network_that_buildah_lacks_is_said(void **state)
{
    (void)state;
    struct slip_build_request q = request_for("FROM scratch\n");
    q.network = SLIP_STR("container:x");
    SLIP_AUTO(slip_buf) lines = SLIP_BUF(1 << 20);
    SLIP_AUTO(slip_built) built = { 0 };
    struct slip_error err = { 0 };
    assert_int_equal(build(&q, &lines, &built, &err), -1);
    assert_int_equal(err.kind, SLIP_E_UNSUPPORTED);
}

static void without_buildah_there_is_a_hint(void **state)
{
    (void)state;
    static const char *const bare[] = { "PATH=/nowhere", NULL };
    struct slip_build_host host = { .env = bare };
    struct slip_build_request q = request_for("FROM scratch\n");
    SLIP_AUTO(slip_built) built = { 0 };
    struct slip_error err = { 0 };
    assert_int_equal(slip_engine_build(slip_engine_find("buildah"), &host, &q, &built, &err), -1);
    assert_int_equal(err.kind, SLIP_E_BUILD);
    assert_int_not_equal(err.hint[0], '\0');
}

int main(void)
{
    static const char *const usual[] = { "PATH=/usr/local/bin:/usr/bin:/bin", NULL };
    SLIP_AUTO_FREE char *buildah = slip_program_find(usual, "buildah");
    if (!buildah || access("/bin/busybox", X_OK) != 0 || geteuid() != 0) {
        printf("skipped: needs buildah, a static busybox and root\n");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_image_is_what_the_dockerfile_says),
        cmocka_unit_test(a_secret_is_there_and_leaves_no_trace),
        cmocka_unit_test(a_failed_build_shows_its_last_lines),
        cmocka_unit_test(syntax_that_buildah_may_lack_is_a_hint),
        cmocka_unit_test(a_network_that_buildah_lacks_is_said),
        cmocka_unit_test(without_buildah_there_is_a_hint),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
