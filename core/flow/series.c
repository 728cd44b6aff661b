/* SPDX-License-Identifier: Apache-2.0 */
/* Tags and default branch of a remote. */
#include "flow/series.h"

#include "base/limits.h"
#include "base/mem.h"

void slip_remote_series_clear(struct slip_remote_series *s)
{
    slip_buf_clear(&s->tags);
    slip_buf_clear(&s->default_branch);
    slip_vec_clear(&s->names);
    slip_map_free(s->series.memory);
    *s = (struct slip_remote_series){ 0 };
}

static bool speaks_of_latest(const struct slip_rule *rule)
{
    struct slip_str latest = SLIP_STR("latest");
    for (size_t i = 0; i < rule->tag_names.len; i++)
        if (slip_str_find_str(rule->tag_names.at[i].text, latest) != SLIP_NPOS)
            return true;
    for (size_t i = 0; i < rule->n_to; i++) {
        if (slip_str_find_str(rule->to[i].ref.text, latest) != SLIP_NPOS)
            return true;
        for (size_t k = 0; k < rule->to[i].tags.len; k++)
            if (slip_str_find_str(rule->to[i].tags.at[k].text, latest) != SLIP_NPOS)
                return true;
    }
    return false;
}

static bool has_names_that_move(const struct slip_decision *decisions, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!decisions[i].skipped
            && (decisions[i].rule->uses_semver || speaks_of_latest(decisions[i].rule)))
            return true;
    return false;
}

static void ask_tags(struct slip_remote_series *s, const struct slip_git *git, const char *remote)
{
    struct slip_error unknown = { 0 };
    s->tags = (struct slip_buf)SLIP_BUF(SLIP_LIMIT_CHILD_OUTPUT);
    if (slip_git_remote_tags(git, remote, &s->tags, &unknown) < 0)
        return;
    struct slip_str rest = slip_buf_str(&s->tags), line;
    while (slip_str_line(&rest, &line))
        slip_vec_push(&s->names, line);
    s->series.known = true;
    s->series.memory = slip_holders_memory();
    s->series.tags = s->names.at;
    s->series.len = s->names.len;
}

/* "ref: refs/heads/main\tHEAD" in the answer of ls-remote --symref. */
static void read_default_branch(struct slip_remote_series *s, struct slip_str answer)
{
    struct slip_str line, start = SLIP_STR("ref: refs/heads/");
    while (slip_str_line(&answer, &line)) {
        if (!slip_str_starts(line, start))
            continue;
        slip_str_cut(slip_str_skip(line, start.len), '\t', &line, &(struct slip_str){ 0 });
        slip_buf_add_str(&s->default_branch, line);
        s->series.default_branch = slip_buf_str(&s->default_branch);
        return;
    }
}

static void ask_default_branch(struct slip_remote_series *s, const struct slip_git *git,
                               const char *remote)
{
    struct slip_error unknown = { 0 };
    SLIP_AUTO(slip_buf) answer = SLIP_BUF(SLIP_LIMIT_TEXT);
    const char *words[] = { "ls-remote", "--symref", remote, "HEAD", NULL };
    const char **env = slip_git_env_quiet(git, false);
    struct slip_git quiet = *git;
    quiet.env = env;
    s->default_branch = (struct slip_buf)SLIP_BUF(SLIP_LIMIT_TEXT);
    if (slip_git_run(&quiet, words, &answer, NULL, &unknown) == 0)
        read_default_branch(s, slip_buf_str(&answer));
    slip_git_env_free(env);
}

void slip_remote_series_ask(struct slip_remote_series *s, const struct slip_git *git,
                            const char *remote, const struct slip_decision *decisions, size_t n)
{
    if (s->asked || !remote || !has_names_that_move(decisions, n))
        return;
    s->asked = true;
    ask_tags(s, git, remote);
    ask_default_branch(s, git, remote);
}
