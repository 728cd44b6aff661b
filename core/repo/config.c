/* SPDX-License-Identifier: Apache-2.0 */
/* git's configuration, as `git config -z --list` tells it: "key LF value NUL", "key NUL". */
#include "repo/git.h"

#include "base/limits.h"

void slip_git_config_clear(struct slip_git_config *c)
{
    slip_vec_clear(&c->list);
    if (c->raw.ptr)
        slip_buf_clear(&c->raw);
    *c = (struct slip_git_config){ 0 };
}

void slip_git_config_parse(struct slip_buf *raw, struct slip_git_config *out)
{
    slip_git_config_clear(out);
    slip_buf_init(&out->raw, raw->limit);
    slip_buf_move(&out->raw, raw);
    char *p = out->raw.ptr, *end = p + out->raw.len;
    while (p < end) {
        size_t len = strlen(p); /* the buffer ends in a NUL of its own */
        char *value = memchr(p, '\n', len);
        if (value)
            *value++ = '\0';
        slip_vec_push(&out->list, (struct slip_git_setting){ p, value ? value : "true" });
        p += len + 1;
    }
}

int slip_git_config_read(const struct slip_git *git, struct slip_git_config *out,
                         struct slip_error *err)
{
    static const char *const words[] = { "config", "-z", "--list", NULL };
    SLIP_AUTO(slip_buf) raw = SLIP_BUF(SLIP_LIMIT_CHILD_OUTPUT);
    if (slip_git_run(git, words, &raw, NULL, err) < 0)
        return -1;
    slip_git_config_parse(&raw, out);
    return 0;
}

const char *slip_git_config_get(const struct slip_git_config *c, const char *key)
{
    for (size_t i = c->list.len; i > 0; i--)
        if (strcmp(c->list.at[i - 1].key, key) == 0)
            return c->list.at[i - 1].value;
    return NULL;
}

bool slip_git_config_bool(const struct slip_git_config *c, const char *key, bool fallback)
{
    static const struct {
        const char *word;
        bool value;
    } words[] = { { "true", true }, { "yes", true },    { "on", true },
                  { "1", true },    { "false", false }, { "no", false },
                  { "off", false }, { "0", false },     { "", false } };
    const char *value = slip_git_config_get(c, key);
    for (size_t i = 0; value && i < SLIP_COUNT(words); i++)
        if (strcasecmp(value, words[i].word) == 0)
            return words[i].value;
    return fallback;
}

static int change(const struct slip_git *git, const char *how, const char *key, const char *value,
                  bool may_be_absent, struct slip_error *err)
{
    const char *const words[] = { "config", "--local", how, key, value, NULL };
    int status = 0;
    if (slip_git_run(git, words, NULL, may_be_absent ? &status : NULL, err) < 0)
        return -1;
    if (status != 0 && status != 5) /* 5: there was no such key */
        return slip_fail(err, SLIP_E_REPO, "git config %s %s: exit status %d", how, key, status);
    return 0;
}

int slip_git_config_set(const struct slip_git *git, const char *key, const char *value,
                        struct slip_error *err)
{
    return value ? change(git, "--replace-all", key, value, false, err)
                 : change(git, "--unset-all", key, NULL, true, err);
}

int slip_git_config_add(const struct slip_git *git, const char *key, const char *value,
                        struct slip_error *err)
{
    return change(git, "--add", key, value, false, err);
}
