/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commits by git fast-import.
 *
 *     stream := commit*
 *     commit := "commit " ref LF author LF committer LF data ("from " id LF)? ("merge " id LF)*
 *               "deleteall" LF ("M " mode " inline " quoted-path LF data)* LF
 *     data   := "data " size LF bytes LF
 */
#include "golden/commits.h"

#include "base/mem.h"
#include "golden/trees.h"
#include "proc/run.h"
#include "support/sandbox.h"

#include <stdlib.h>

extern char **environ;

static const char *string_of(json_t *c, const char *key)
{
    return json_string_value(json_object_get(c, key));
}

static void add_data(struct slip_str text, struct slip_buf *out)
{
    slip_buf_add_fmt(out, "data %zu\n", text.len);
    slip_buf_add_str(out, text);
    slip_buf_add_char(out, '\n');
}

static void add_file(json_t *file, struct slip_buf *out)
{
    SLIP_AUTO(slip_buf) content = SLIP_BUF(1u << 24);
    struct slip_str path = golden_text(file, "path");
    slip_buf_add_fmt(out, "M %s inline \"", string_of(file, "mode"));
    for (size_t i = 0; i < path.len; i++) {
        if (path.ptr[i] == '"' || path.ptr[i] == '\\')
            slip_buf_add_char(out, '\\');
        slip_buf_add_char(out, path.ptr[i]);
    }
    slip_buf_add_c(out, "\"\n");
    golden_add_content(file, &content);
    add_data(slip_buf_str(&content), out);
}

static void add_commit(json_t *commit, struct slip_buf *out)
{
    static const char *const roles[] = { "author", "committer" };
    json_int_t time = json_integer_value(json_object_get(commit, "time"));
    json_t *parents = json_object_get(commit, "parents"), *file;
    SLIP_AUTO_FREE char *message = slip_printf("%s\n", string_of(commit, "message"));
    size_t i;
    slip_buf_add_fmt(out, "reset refs/heads/%s\ncommit refs/heads/%s\n", string_of(commit, "id"),
                     string_of(commit, "id"));
    for (i = 0; i < SLIP_COUNT(roles); i++)
        slip_buf_add_fmt(out, "%s t <t@example.com> %lld +0000\n", roles[i], (long long)time);
    add_data(slip_str_of(message), out);
    for (i = 0; i < json_array_size(parents); i++)
        slip_buf_add_fmt(out, "%s refs/heads/%s\n", i ? "merge" : "from",
                         json_string_value(json_array_get(parents, i)));
    slip_buf_add_c(out, "deleteall\n");
    json_array_foreach(json_object_get(commit, "tree"), i, file) add_file(file, out);
    slip_buf_add_char(out, '\n');
}

static enum golden_result import(const char *dir, struct slip_str stream, struct slip_buf *why)
{
    const char *const argv[] = { "git", "-C", dir, "fast-import", "--quiet", NULL };
    SLIP_AUTO(slip_buf) errors = SLIP_BUF(4096);
    const struct slip_child child = {
        .argv = argv, .env = (const char *const *)environ, .input = stream, .errors = &errors
    };
    struct slip_error err = { 0 };
    int status = 1;
    if (slip_child_run(&child, &status, &err) < 0)
        return golden_bad(why, "%s", err.text);
    return status == 0 ? GOLDEN_GOOD : golden_bad(why, "git fast-import: %s", errors.ptr);
}

enum golden_result golden_make_commits(json_t *list, const char *dir, struct slip_buf *why)
{
    SLIP_AUTO(slip_buf) stream = SLIP_BUF(1u << 26);
    size_t i;
    json_t *commit;
    sandbox_git(dir, "init -q --bare");
    json_array_foreach(list, i, commit) add_commit(commit, &stream);
    if (import(dir, slip_buf_str(&stream), why) != GOLDEN_GOOD)
        return GOLDEN_BAD;
    json_array_foreach(list, i, commit)
    {
        const char *want = string_of(commit, "id");
        SLIP_AUTO_FREE char *ref = slip_printf("refs/heads/%s", want);
        SLIP_AUTO_FREE char *id = sandbox_git_line(dir, "rev-parse %", ref);
        if (golden_same(why, "commit", slip_str_of(id), slip_str_of(want)) != GOLDEN_GOOD)
            return GOLDEN_BAD;
    }
    return GOLDEN_GOOD;
}
