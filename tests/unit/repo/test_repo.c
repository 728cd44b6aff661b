/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "base/mem.h"
#include "repo/repo.h"
#include "support/sandbox.h"

#include <stdlib.h>
#include <unistd.h>

static char *dir; /* holds the repository "r" with two commits and some names */

static const char *in(const char *name)
{
    static char path[4][4096];
    static unsigned turn;
    char *p = path[turn++ % 4];
    snprintf(p, sizeof(path[0]), "%s/%s", dir, name);
    return p;
}

static int make(void **state)
{
    (void)state;
    char *raw = sandbox_new();
    dir = realpath(raw, NULL);
    slip_free(raw);
    sandbox_git(dir, "init -q r");
    sandbox_write(dir, "r/a/b.txt", "one\n");
    sandbox_git(in("r"), "add -A");
    sandbox_git(in("r"), "commit -qm c0");
    sandbox_git(in("r"), "tag light");
    sandbox_git(in("r"), "tag -am x annotated");
    sandbox_git(in("r"), "-c advice.nestedTag=false tag -am x outer annotated");
    sandbox_write(dir, "r/a/b.txt", "two\n");
    sandbox_git(in("r"), "commit -qam c1");
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    sandbox_free(dir);
    return 0;
}

static struct slip_repo *open_good(const char *path, const char *const *env)
{
    struct slip_error err = { 0 };
    struct slip_repo *r = NULL;
    if (slip_repo_open(path, env, &r, &err) < 0)
        fail_msg("%s: %s", path, err.text);
    return r;
}

/* The content of a/b.txt at `rev`. */
static void assert_content(struct slip_repo *r, const char *rev, const char *want)
{
    struct slip_error err = { 0 };
    struct slip_commit c;
    SLIP_AUTO(slip_buf) text = SLIP_BUF(1000);
    bool found = false;
    if (slip_repo_resolve(r, rev, &c, &err) < 0)
        fail_msg("%s: %s", rev, err.text);
    struct slip_tree t = slip_repo_tree(r, &c);
    if (slip_tree_read_file(&t, SLIP_STR("a/b.txt"), &text, &found, &err) < 0 || !found)
        fail_msg("%s: %s", rev, err.text);
    assert_string_equal(text.ptr, want);
}

static void names_lead_to_commits(void **state)
{
    (void)state;
    SLIP_AUTO_PTR(slip_repo) r = open_good(in("r"), NULL);
    SLIP_AUTO_FREE char *full = sandbox_git_line(in("r"), "rev-parse HEAD");
    char brief[9] = { 0 };
    memcpy(brief, full, 8);
    static const char *const old[] = { "light",           "annotated", "outer",       "HEAD~1",
                                       "refs/tags/outer", "main^",     "light^{tree}" };
    for (size_t i = 0; i < SLIP_COUNT(old); i++)
        assert_content(r, old[i], "one\n");
    const char *const new[] = {
        "HEAD", "main", "refs/heads/main", full, brief, "HEAD^{tree}", "@"
    };
    for (size_t i = 0; i < SLIP_COUNT(new); i++)
        assert_content(r, new[i], "two\n");

    sandbox_git(in("r"), "pack-refs --all");
    sandbox_git(in("r"), "gc -q");
    SLIP_AUTO_PTR(slip_repo) packed = open_good(in("r"), NULL);
    assert_content(packed, "outer", "one\n");
}

static void a_commit_knows_its_times(void **state)
{
    (void)state;
    SLIP_AUTO_PTR(slip_repo) r = open_good(in("r"), NULL);
    struct slip_error err = { 0 };
    struct slip_commit c;
    assert_int_equal(slip_repo_resolve(r, "HEAD", &c, &err), 0);
    assert_int_equal(c.author.seconds, 1700000000);
    assert_int_equal(c.author.offset_minutes, 90);
    assert_int_equal(c.committer.seconds, 1700000001);
    assert_int_equal(c.committer.offset_minutes, -120);
}

static void unknown_names_and_blobs_are_errors(void **state)
{
    (void)state;
    SLIP_AUTO_PTR(slip_repo) r = open_good(in("r"), NULL);
    static const char *const cases[][2] = {
        { "nothing", "no commit 'nothing' in this repository" },
        { "HEAD:a/b.txt", "'HEAD:a/b.txt' names neither a commit nor a tree" },
        { "HEAD~7", "no commit 'HEAD~7' in this repository" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_error err = { 0 };
        struct slip_commit c;
        assert_int_equal(slip_repo_resolve(r, cases[i][0], &c, &err), -1);
        assert_int_equal(err.kind, SLIP_E_REPO);
        assert_string_equal(err.text, cases[i][1]);
    }
}

static void assert_place(const struct slip_repo *r, const char *tree, const char *git,
                         const char *common)
{
    if (tree)
        assert_string_equal(slip_repo_work_tree(r), in(tree));
    else
        assert_null(slip_repo_work_tree(r));
    assert_string_equal(slip_repo_git_dir(r), in(git));
    assert_string_equal(slip_repo_common_dir(r), in(common));
}

static void every_layout_opens(void **state)
{
    (void)state;
    sandbox_git(dir, "clone -q --bare r bare");
    sandbox_git(in("r"), "worktree add -q ../linked light");
    sandbox_git(dir, "clone -q --shared r shared");
    SLIP_AUTO_FREE char *url = slip_printf("file://%s", in("r"));
    sandbox_git(dir, "clone -q --depth 1 % shallow", url);

    SLIP_AUTO_PTR(slip_repo) sub = open_good(in("r/a"), NULL);
    assert_place(sub, "r", "r/.git", "r/.git");
    SLIP_AUTO_PTR(slip_repo) bare = open_good(in("bare"), NULL);
    assert_place(bare, NULL, "bare", "bare");
    assert_content(bare, "HEAD", "two\n");
    SLIP_AUTO_PTR(slip_repo) linked = open_good(in("linked"), NULL);
    assert_place(linked, "linked", "r/.git/worktrees/linked", "r/.git");
    assert_content(linked, "HEAD", "one\n");
    SLIP_AUTO_PTR(slip_repo) shared = open_good(in("shared"), NULL);
    assert_content(shared, "outer", "one\n");
    SLIP_AUTO_PTR(slip_repo) shallow = open_good(in("shallow"), NULL);
    assert_content(shallow, "HEAD", "two\n");
    struct slip_error err = { 0 };
    struct slip_commit c;
    assert_int_equal(slip_repo_resolve(shallow, "light", &c, &err), -1);
    assert_string_equal(err.hint,
                        "this is a shallow clone: fetch the commit, or `git fetch --unshallow`");
}

static void worktree_config_is_read(void **state)
{
    (void)state;
    sandbox_git(dir, "clone -q --bare r wb");
    sandbox_git(in("wb"), "config extensions.worktreeConfig true");
    sandbox_git(in("wb"), "config core.repositoryformatversion 1");
    sandbox_git(in("wb"), "config --unset core.bare");
    sandbox_git(in("wb"), "config --worktree core.bare true");
    sandbox_git(in("wb"), "worktree add -q ../wl light");
    SLIP_AUTO_PTR(slip_repo) wb = open_good(in("wb"), NULL);
    assert_place(wb, NULL, "wb", "wb");
    SLIP_AUTO_PTR(slip_repo) wl = open_good(in("wl"), NULL);
    assert_place(wl, "wl", "wb/worktrees/wl", "wb");
    assert_content(wl, "HEAD", "one\n");
}

static void the_environment_decides_as_in_git(void **state)
{
    (void)state;
    sandbox_git(dir, "clone -q --bare r eb");
    assert_int_equal(chdir(in("eb")), 0);
    const char *const bare[] = { "GIT_DIR=.", NULL };
    SLIP_AUTO_PTR(slip_repo) eb = open_good(NULL, bare);
    assert_place(eb, NULL, "eb", "eb");

    assert_int_equal(chdir(in("r/a")), 0);
    SLIP_AUTO_PTR(slip_repo) here = open_good(NULL, NULL);
    assert_place(here, "r", "r/.git", "r/.git");

    SLIP_AUTO_FREE char *git_dir = slip_printf("GIT_DIR=%s", in("r/.git"));
    SLIP_AUTO_FREE char *work_tree = slip_printf("GIT_WORK_TREE=%s", in("eb"));
    const char *const both[] = { git_dir, work_tree, NULL };
    SLIP_AUTO_PTR(slip_repo) two = open_good(NULL, both);
    assert_place(two, "eb", "r/.git", "r/.git");
    const char *const alone[] = { git_dir, NULL };
    SLIP_AUTO_PTR(slip_repo) one = open_good(NULL, alone);
    assert_place(one, "r/a", "r/.git", "r/.git");
    assert_int_equal(chdir("/"), 0);
}

static void submodules_are_found_where_git_keeps_them(void **state)
{
    (void)state;
    sandbox_git(dir, "init -q super");
    sandbox_git(in("super"), "submodule --quiet add --name other/name ../r lib/sub");
    sandbox_git(in("super"), "commit -qm s");
    SLIP_AUTO_PTR(slip_repo) r = open_good(in("super"), NULL);
    struct slip_error err = { 0 };
    struct slip_commit c;
    struct slip_entry e;
    struct slip_tree sub;
    bool found;
    assert_int_equal(slip_repo_resolve(r, "HEAD", &c, &err), 0);
    struct slip_tree t = slip_repo_tree(r, &c);
    assert_int_equal(slip_tree_find(&t, SLIP_STR("lib/sub"), &e, &found, &err), 0);
    assert_true(found && slip_entry_is_submodule(&e));
    assert_int_equal(t.ops->submodule(&t, SLIP_STR("lib/sub"), &e.id, &sub, &err), 0);
    SLIP_AUTO(slip_buf) text = SLIP_BUF(1000);
    assert_int_equal(slip_tree_read_file(&sub, SLIP_STR("a/b.txt"), &text, &found, &err), 0);
    assert_string_equal(text.ptr, "two\n");

    sandbox_git(dir, "clone -q --bare super superbare");
    SLIP_AUTO_PTR(slip_repo) bare = open_good(in("superbare"), NULL);
    t = slip_repo_tree(bare, &c);
    assert_int_equal(t.ops->submodule(&t, SLIP_STR("lib/sub"), &e.id, &sub, &err), -1);
    assert_string_equal(err.text, "the objects of submodule 'lib/sub' are not in this repository");
}

static void assert_kind(const struct slip_tree *t, const char *path, unsigned mode)
{
    struct slip_error err = { 0 };
    struct slip_entry e;
    bool found;
    assert_int_equal(slip_tree_find(t, slip_str_of(path), &e, &found, &err), 0);
    if (found != (mode != 0) || (found && e.mode != mode))
        fail_msg("%s: found %d, mode %o", path, found, found ? e.mode : 0);
}

/* In the tree "n5-x" stands before the directory "n5", whose name comes before it. */
static void all_names_of_a_large_directory_are_found(void **state)
{
    (void)state;
    enum { FILES = 1000 };
    SLIP_AUTO(slip_buf) path = SLIP_BUF(4096);
    for (int i = 0; i < FILES; i++) {
        slip_buf_reset(&path);
        slip_buf_add_fmt(&path, i % 5 ? "large/n%d" : "large/n%d/in", i);
        sandbox_write(in("r"), path.ptr, "");
    }
    sandbox_write(in("r"), "large/n5-x", "");
    sandbox_git(in("r"), "add large");
    sandbox_git(in("r"), "commit -qm large");
    sandbox_git(in("r"), "tag large");
    sandbox_git(in("r"), "reset -q --hard HEAD^");
    SLIP_AUTO_PTR(slip_repo) r = open_good(in("r"), NULL);
    struct slip_error err = { 0 };
    struct slip_commit c;
    assert_int_equal(slip_repo_resolve(r, "large", &c, &err), 0);
    struct slip_tree t = slip_repo_tree(r, &c);
    for (int i = FILES - 1; i >= 0; i--) {
        slip_buf_reset(&path);
        slip_buf_add_fmt(&path, "large/n%d", i);
        assert_kind(&t, path.ptr, i % 5 ? SLIP_MODE_FILE : SLIP_MODE_TREE);
    }
    assert_kind(&t, "large/n5-x", SLIP_MODE_FILE);
    assert_kind(&t, "large/n5/in", SLIP_MODE_FILE);
    static const char *const absent[] = { "large/a", "large/n", "large/n5-", "large/n50000",
                                          "large/z" };
    for (size_t i = 0; i < SLIP_COUNT(absent); i++)
        assert_kind(&t, absent[i], 0);
}

static void partial_clones_fetch_what_they_lack(void **state)
{
    (void)state;
    sandbox_git(in("r"), "config uploadpack.allowFilter true");
    sandbox_git(in("r"), "config uploadpack.allowAnySHA1InWant true");
    SLIP_AUTO_FREE char *url = slip_printf("file://%s", in("r"));
    sandbox_git(dir, "clone -q --bare --filter=tree:0 % treeless", url);
    SLIP_AUTO_FREE char *path = slip_printf("PATH=%s", getenv("PATH"));
    const char *const env[] = { path, "GIT_CONFIG_GLOBAL=/dev/null", NULL };
    struct slip_error err = { 0 };
    struct slip_commit c;
    struct slip_entry e;
    bool found;

    SLIP_AUTO_PTR(slip_repo) alone = open_good(in("treeless"), NULL);
    assert_int_equal(slip_repo_resolve(alone, "HEAD", &c, &err), 0);
    struct slip_tree t = slip_repo_tree(alone, &c);
    assert_int_equal(slip_tree_find(&t, SLIP_STR("a"), &e, &found, &err), -1);
    assert_string_equal(err.hint, "this is a partial clone: `git fetch --refetch --no-filter`");
    SLIP_AUTO_PTR(slip_repo) fetching = open_good(in("treeless"), env);
    assert_content(fetching, "HEAD", "two\n");
    assert_content(fetching, "light", "one\n");
}

static void what_cannot_be_read_says_so(void **state)
{
    (void)state;
    sandbox_git(dir, "init -q --object-format=sha256 sha");
    struct slip_error err = { 0 };
    struct slip_repo *r = NULL;
    assert_int_equal(slip_repo_open(in("sha"), NULL, &r, &err), -1);
    assert_int_equal(err.kind, SLIP_E_UNSUPPORTED);
    assert_string_equal(err.text, "a repository with object format 'sha256' "
                                  "(extensions.objectformat) cannot be read");
    sandbox_write(dir, "plain/x", "");
    struct slip_error none = { 0 };
    assert_int_equal(slip_repo_open(in("plain"), NULL, &r, &none), -1);
    assert_int_equal(none.kind, SLIP_E_REPO);
}

/* A file that was read is at hand for the next who asks, under the limit of that one. */
static void a_file_is_read_again(void **state)
{
    (void)state;
    SLIP_AUTO_PTR(slip_repo) r = open_good(in("r"), NULL);
    SLIP_AUTO(slip_buf) small = SLIP_BUF(2);
    struct slip_error err = { 0 };
    struct slip_commit c;
    bool found;
    for (int i = 0; i < 3; i++) {
        assert_content(r, "HEAD", "two\n");
        assert_content(r, "light", "one\n");
    }
    assert_int_equal(slip_repo_resolve(r, "HEAD", &c, &err), 0);
    struct slip_tree t = slip_repo_tree(r, &c);
    assert_int_equal(slip_tree_read_file(&t, SLIP_STR("a/b.txt"), &small, &found, &err), -1);
    assert_non_null(strstr(err.text, "larger than 2 bytes"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_lead_to_commits),
        cmocka_unit_test(a_commit_knows_its_times),
        cmocka_unit_test(unknown_names_and_blobs_are_errors),
        cmocka_unit_test(every_layout_opens),
        cmocka_unit_test(worktree_config_is_read),
        cmocka_unit_test(the_environment_decides_as_in_git),
        cmocka_unit_test(submodules_are_found_where_git_keeps_them),
        cmocka_unit_test(all_names_of_a_large_directory_are_found),
        cmocka_unit_test(partial_clones_fetch_what_they_lack),
        cmocka_unit_test(what_cannot_be_read_says_so),
        cmocka_unit_test(a_file_is_read_again),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
