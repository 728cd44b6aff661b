/* SPDX-License-Identifier: Apache-2.0 */
/* Hook managers: how each is known, and what has to stand in its file for pushes to reach us. */
#include "flow/hook_manager.h"

#include "base/path.h"

#define GUARDED "command -v slipway >/dev/null || exit 0; slipway hook pre-push"

/* clang-format off */
const struct slip_hook_manager slip_hook_managers[] = {
    /* Version 9 points core.hooksPath to .husky/_ and runs .husky/pre-push from there with sh -e;
     * versions 5 to 8 point it to .husky itself. */
    { .name = "husky", .dir = ".husky/_", .files = { ".husky/pre-push" }, .own_script = true },
    { .name = "husky", .dir = ".husky", .files = { ".husky/pre-push" }, .own_script = true },
    /* Renames and rewrites hooks whenever its file changes. */
    { .name = "lefthook", .in_hook = "lefthook",
      .files = { "lefthook.yml", "lefthook.yaml", ".lefthook.yml", ".lefthook.yaml" },
      .snippet = "pre-push:\n"
                 "  commands:\n"
                 "    slipway:\n"
                 "      run: " GUARDED " {1} {2}\n"
                 "      use_stdin: true\n" },
    /* Its own hook gets one pair of refs, and none for a tag whose commit the remote has. */
    { .name = "pre-commit", .in_hook = "pre-commit.com", .files = { ".pre-commit-config.yaml" },
      .chains = true,
      .note = "pre-commit runs first; a hook inside its own file would not hear of most tags" },
    /* Its hook goes by the name it is called by; what it runs gets no stdin. */
    { .name = "overcommit", .in_hook = "overcommit", .files = { ".overcommit.yml" },
      .note = "hooks inside overcommit do not get what git tells them on stdin" },
    { .name = "simple-git-hooks", .in_hook = "SIMPLE_GIT_HOOKS", .files = { "package.json" },
      .snippet = "\"simple-git-hooks\": {\n"
                 "  \"pre-push\": \"" GUARDED " \\\"$@\\\"\"\n"
                 "}\n" },
    { .name = "hk", .in_hook = "hk run", .files = { "hk.pkl" }, .chains = true,
      .note = "after 'hk install' run 'slipway install' again" },
    { .name = NULL },
};
/* clang-format on */

static bool dir_ends(struct slip_str dir, const char *with)
{
    struct slip_str end = slip_str_of(with);
    return slip_str_ends(dir, end) && (dir.len == end.len || dir.ptr[dir.len - end.len - 1] == '/');
}

const struct slip_hook_manager *slip_hook_manager_of(struct slip_str hook, struct slip_str dir)
{
    for (const struct slip_hook_manager *m = slip_hook_managers; m->name; m++)
        if ((m->dir && dir_ends(dir, m->dir))
            || (m->in_hook && slip_str_find_str(hook, slip_str_of(m->in_hook)) != SLIP_NPOS))
            return m;
    return NULL;
}

bool slip_hook_manager_runs_slipway(struct slip_str file)
{
    return slip_str_find_str(file, SLIP_STR("slipway hook pre-push")) != SLIP_NPOS;
}
