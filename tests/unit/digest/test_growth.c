/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much is read of a repository: twice as many images or files, at most twice as many objects.
 * What is counted is the reading itself, so no machine makes these tests flicker.
 */
#include "unit/cmocka_all.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/vec.h"
#include "digest/digest.h"
#include "repo/repo.h"
#include "support/sandbox.h"

#include <dlfcn.h>

static size_t objects_read;

/* Stands before the function of libgit2 with that name; the types do not matter here. */
int git_odb_read(void **out, void *db, const void *id);

int git_odb_read(void **out, void *db, const void *id)
{
    static int (*next)(void **, void *, const void *);
    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "git_odb_read");
    objects_read++;
    return next(out, db, id);
}

enum shape {
    OWN,    /* each image walks its own directory */
    SELECT, /* each selects other files of all */
    WHOLE,  /* each takes its own directory whole */
    PART,   /* each takes one directory whole out of the root */
};

struct project {
    char *dir;
    struct slip_buf commit; /* for git fast-import */
    struct slip_arena arena;
    struct slip_image_set set;
};

static void project_clear(struct project *p)
{
    sandbox_free(p->dir);
    slip_buf_clear(&p->commit);
    slip_arena_clear(&p->arena);
}
SLIP_DEFINE_AUTO(project, project_clear);

static void add_file(struct project *p, const char *path, const char *content)
{
    slip_buf_add_fmt(&p->commit, "M 644 inline %s\ndata %zu\n%s\n", path, strlen(content), content);
}

static void add_image(struct project *p, enum shape shape, size_t i)
{
    static const char *const instructions[] = { "FROM a\nCOPY . /\n", "FROM a\nCOPY **/f*%zu /\n",
                                                "FROM a\nCOPY . /\n# %zu\n",
                                                "FROM a\nCOPY svc%02zu/d0 /\n" };
    struct slip_image *image = &p->set.at[p->set.len++];
    bool rooted = shape == SELECT || shape == PART;
    const char *dir = slip_arena_printf(&p->arena, "svc%02zu", i);
    const char *file = rooted ? slip_arena_printf(&p->arena, "Dockerfile%zu", i) : "Dockerfile";
    const char *path = rooted ? file : slip_arena_printf(&p->arena, "%s/%s", dir, file);
    image->name = slip_str_of(dir);
    image->dockerfile = slip_str_of(file);
    image->context = slip_str_of(rooted ? "" : dir);
    add_file(p, path, slip_arena_printf(&p->arena, instructions[shape], i));
    if (shape == OWN)
        add_file(p, slip_arena_printf(&p->arena, "%s/.dockerignore", dir), "**/*.md\n");
}

static void make_project(struct project *p, enum shape shape, size_t images, size_t files)
{
    p->set = (struct slip_image_set){
        .project_dir = SLIP_STR(""),
        .at = slip_arena_array(&p->arena, images, sizeof(*p->set.at)),
    };
    slip_buf_init(&p->commit, SLIP_LIMIT_FILE);
    slip_buf_add_c(&p->commit, "commit refs/heads/main\n"
                               "committer t <t@example.com> 1700000000 +0000\ndata 1\nc\n");
    for (size_t i = 0; i < images; i++) {
        add_image(p, shape, i);
        for (size_t k = 0; k < files; k++)
            add_file(p, slip_arena_printf(&p->arena, "svc%02zu/d%zu/f%zu", i, k / 4, k),
                     p->set.at[i].name.ptr);
    }
    p->dir = sandbox_new();
    sandbox_write(p->dir, "commit", p->commit.ptr);
    sandbox_git(p->dir, "init -q");
    sandbox_git(p->dir, "-c % import", "alias.import=!git fast-import --quiet <commit");
}

/* How many objects are read to have the digests of all images. */
static size_t count(enum shape shape, size_t images, size_t files)
{
    SLIP_AUTO(project) p = { 0 };
    struct slip_error err = { 0 };
    struct slip_repo *repo = NULL;
    struct slip_commit commit;
    make_project(&p, shape, images, files);
    assert_int_equal(slip_repo_open(p.dir, NULL, &repo, &err), 0);
    assert_int_equal(slip_repo_resolve(repo, "HEAD", &commit, &err), 0);
    struct slip_digest_source source = { .set = &p.set,
                                         .tree = slip_repo_tree(repo, &commit),
                                         .host_platform = "linux/amd64" };
    SLIP_AUTO_PTR(slip_digester) d = slip_digester_new(&source);
    struct slip_digest_request *requests = slip_alloc_array(images, sizeof(*requests));
    for (size_t i = 0; i < images; i++)
        requests[i] = (struct slip_digest_request){ .image = i, .platform = "" };
    objects_read = 0;
    if (slip_digest_images(d, requests, images) < 0)
        fail_msg("%s", requests[0].err.text);
    size_t read = objects_read;
    for (size_t i = 0; i < images; i++)
        slip_image_digest_clear(&requests[i].result);
    slip_free(requests);
    slip_repo_free(repo);
    return read;
}

static void objects_grow_with_images(void **state)
{
    (void)state;
    for (enum shape shape = OWN; shape <= PART; shape++) {
        size_t few = count(shape, 8, 16), many = count(shape, 16, 16);
        if (few < 8 || many > 2 * few)
            fail_msg("shape %d: %zu, then %zu", shape, few, many);
    }
}

static void objects_grow_with_files(void **state)
{
    (void)state;
    for (enum shape shape = OWN; shape <= PART; shape++) {
        size_t few = count(shape, 8, 16), many = count(shape, 8, 32);
        if (many > 2 * few)
            fail_msg("shape %d: %zu, then %zu", shape, few, many);
    }
}

/* Nothing is read twice: 8 services with 4 directories each, and what belongs to the images. */
static void each_object_is_read_once(void **state)
{
    (void)state;
    enum { IMAGES = 8, DIRS = 4, TREES = 1 + IMAGES * (1 + DIRS) };
    assert_int_equal(count(OWN, IMAGES, 4 * DIRS), TREES + 2); /* equal files of all images */
    assert_int_equal(count(SELECT, IMAGES, 4 * DIRS), TREES + IMAGES);
    assert_int_equal(count(WHOLE, IMAGES, 4 * DIRS), 1 + IMAGES + IMAGES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_grow_with_images),
        cmocka_unit_test(objects_grow_with_files),
        cmocka_unit_test(each_object_is_read_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
