/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slipway completion: the text for a shell, and, for that text, the words that may come next. They
 * come from the tables that commands are parsed by, so that there is no second list of anything.
 */
#include "commands.h"

#include "base/mem.h"
#include "completions.h"
#include "proc/run.h"
#include "repo/git.h"

/* What a value or an argument is. */
enum kind { REFS, REMOTES, IMAGES, JOBS, COMMANDS, FILES, DIRECTORIES };

/* clang-format off */
static const struct {
    const char *option;
    enum kind kind;
} values[] = {
    { "chdir",         DIRECTORIES },
    { "commit",        REFS },
    { "dir",           DIRECTORIES },
    { "docker-config", DIRECTORIES },
    { "git-dir",       DIRECTORIES },
    { "output-file",   FILES },
    { "ref",           REFS },
    { "remote",        REMOTES },
    { "report",        FILES },
    { "rules-file",    FILES },
    { "rules-from",    REFS },
    { "template-dir",  DIRECTORIES },
};

/* How a synopsis calls an argument. */
static const struct {
    const char *word;
    enum kind kind;
} arguments[] = {
    { "IMAGE", IMAGES }, { "REF", REFS }, { "REV", REFS }, { "ID", JOBS },
    { "COMMAND", COMMANDS }, { "FILE", FILES }, { "stages", COMMANDS },
};
/* clang-format on */

/* ---- the words of one kind ---- */

static void print_lines(struct slip_str text)
{
    struct slip_str line;
    while (slip_str_line(&text, &line))
        if (line.len && line.ptr[0] != ':')
            printf("%.*s\n", SLIP_ARG(line));
}

static void print_git(struct slip_cli *cli, const char *const *words)
{
    struct slip_git git = { .env = cli->env, .dir = cli->common.git_dir, .timeout_ms = 2000 };
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1 << 20);
    struct slip_error err = { 0 };
    int status = 0;
    if (slip_git_run(&git, words, &out, &status, &err) == 0 && status == 0)
        print_lines(slip_buf_str(&out));
}

/* The first word of each line that another command of ours prints; it has two seconds. */
static void print_ours(struct slip_cli *cli, const char *first, const char *second)
{
    SLIP_AUTO_FREE char *self = slip_own_path(cli);
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1 << 20);
    const char *const argv[] = { self, first, second, NULL };
    struct slip_child child = { .argv = argv, .env = cli->env, .timeout_ms = 2000, .out = &out };
    struct slip_error err = { 0 };
    struct slip_str rest, line, word, tail;
    int status = 0;
    if (slip_child_run(&child, &status, &err) < 0 || status != 0)
        return;
    rest = slip_buf_str(&out);
    while (slip_str_line(&rest, &line)) {
        slip_str_cut(line, ' ', &word, &tail);
        if (word.len)
            printf("%.*s\n", SLIP_ARG(word));
    }
}

/* Commands by their first word, once each; with `group` the second words of that one. */
static void print_commands(struct slip_str group)
{
    struct slip_str last = { "", 0 };
    for (size_t i = 0; slip_commands[i]; i++) {
        const struct slip_command *c = slip_commands[i];
        struct slip_str first, second;
        bool two = slip_str_cut(slip_str_of(c->name), ' ', &first, &second);
        if (!c->trade)
            continue;
        if (group.len) {
            if (two && slip_str_eq(first, group))
                printf("%.*s\t%s\n", SLIP_ARG(second), c->summary);
        } else if (!slip_str_eq(first, last)) {
            printf("%.*s\t%s\n", SLIP_ARG(first), two ? c->trade : c->summary);
            last = first;
        }
    }
}

/* "a|b|c" */
static void print_words(const char *words)
{
    struct slip_str rest = slip_str_of(words), word;
    while (rest.len) {
        slip_str_cut(rest, '|', &word, &rest);
        printf("%.*s\n", SLIP_ARG(word));
    }
}

static void print_kind(struct slip_cli *cli, enum kind kind)
{
    static const char *const refs[] = { "for-each-ref",
                                        "--count=1000",
                                        "--sort=-creatordate",
                                        "--format=%(refname:short)",
                                        "refs/tags",
                                        "refs/heads",
                                        NULL };
    static const char *const remotes[] = { "remote", NULL };
    switch (kind) {
    case REFS:
        print_git(cli, refs);
        break;
    case REMOTES:
        print_git(cli, remotes);
        break;
    case IMAGES:
        print_ours(cli, "config", "list");
        break;
    case JOBS:
        print_ours(cli, "jobs", "list");
        break;
    case COMMANDS:
        print_commands(SLIP_STR(""));
        break;
    case FILES:
        puts(":files");
        break;
    case DIRECTORIES:
        puts(":directories");
        break;
    }
}

/* ---- where on the command line we are ---- */

static void print_options(const struct slip_command *c)
{
    for (const struct slip_option *o = c->options; o && o->name; o++)
        printf("--%s\t%s\n", o->name, o->help);
    for (const struct slip_option *o = slip_common_options; o->name; o++)
        if (slip_command_takes(c, o))
            printf("--%s\t%s\n", o->name, o->help);
}

static const struct slip_option *option_of(const struct slip_command *c, const char *word)
{
    const struct slip_option *const tables[] = { c->options, slip_common_options };
    for (size_t i = 0; i < SLIP_COUNT(tables); i++)
        for (const struct slip_option *o = tables[i]; o && o->name; o++)
            if ((word[0] == '-' && word[1] == '-' && strcmp(word + 2, o->name) == 0)
                || (word[0] == '-' && word[1] && word[1] == o->letter && !word[2]))
                return o;
    return NULL;
}

static void print_value(struct slip_cli *cli, const struct slip_option *o)
{
    if (strchr(o->value, '|'))
        print_words(o->value);
    for (size_t i = 0; i < SLIP_COUNT(values); i++)
        if (strcmp(values[i].option, o->name) == 0)
            print_kind(cli, values[i].kind);
}

static bool has_word(const char *text, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = strstr(text, word); at; at = strstr(at + 1, word)) {
        char before = at == text ? ' ' : at[-1], after = at[len];
        if (strchr(" [|", before) && strchr(" ]|.", after)) /* the NUL at the end counts too */
            return true;
    }
    return false;
}

/* An upper-case word behind an option is that option's value, not an argument. */
static void print_arguments(struct slip_cli *cli, const struct slip_command *c)
{
    SLIP_AUTO(slip_buf) plain = SLIP_BUF(1 << 12);
    struct slip_str rest = slip_str_of(c->synopsis), word;
    bool value = false;
    while (rest.len) {
        slip_str_cut(rest, ' ', &word, &rest);
        bool option = slip_str_find_str(word, SLIP_STR("--")) != SLIP_NPOS;
        if (!value && !option)
            slip_buf_add_fmt(&plain, "%.*s ", SLIP_ARG(word));
        value = option && !slip_str_ends(word, SLIP_STR("]"));
    }
    for (size_t i = 0; i < SLIP_COUNT(arguments); i++)
        if (has_word(plain.ptr, arguments[i].word)
            && (arguments[i].kind != COMMANDS || strcmp(arguments[i].word, "stages") != 0))
            print_kind(cli, arguments[i].kind);
    if (has_word(plain.ptr, "stages"))
        puts("stages\twhat a stage repository is");
    if (has_word(plain.ptr, "bash|zsh|fish"))
        print_words("bash|zsh|fish");
}

static const struct slip_command *command_of(const struct slip_words *words, size_t *used)
{
    for (size_t i = 0; slip_commands[i]; i++) {
        const struct slip_command *c = slip_commands[i];
        struct slip_str first, second;
        bool two = slip_str_cut(slip_str_of(c->name), ' ', &first, &second);
        *used = two ? 2 : 1;
        if (words->len > *used && slip_str_is(first, words->at[0])
            && (!two || slip_str_is(second, words->at[1])))
            return c;
    }
    return NULL;
}

/* What stands before the command belongs to all of them. */
static const struct slip_command none = { .json = true, .dry_run = true, .report = true };

/* Common options and their values that stand before the command. */
static size_t count_before(const struct slip_words *words)
{
    size_t n = 0;
    while (n + 1 < words->len && words->at[n][0] == '-') {
        const struct slip_option *o = option_of(&none, words->at[n]);
        n += o && o->kind != SLIP_OPTION_FLAG ? 2 : 1;
    }
    return n;
}

/* The first word, or what belongs to an option before it. */
static void print_first(struct slip_cli *cli, const struct slip_words *all, size_t before)
{
    if (before >= all->len)
        print_value(cli, option_of(&none, all->at[all->len - 2]));
    else if (all->at[before][0] == '-')
        print_options(&none);
    else
        print_commands(SLIP_STR(""));
}

/* `all` is what stands behind "slipway"; the last one is being typed. */
static void print_next(struct slip_cli *cli, const struct slip_words *all)
{
    size_t used, skip = count_before(all);
    struct slip_words words = { .at = all->at + skip, .len = all->len - skip };
    if (skip >= all->len || words.len == 1) {
        print_first(cli, all, skip);
        return;
    }
    const struct slip_command *c = command_of(&words, &used);
    const char *typed = words.at[words.len - 1];
    if (!c) {
        if (words.len == 2)
            print_commands(slip_str_of(words.at[0]));
        return;
    }
    const char *before = words.len - 1 > used ? words.at[words.len - 2] : "";
    const struct slip_option *o = option_of(c, before);
    if (o && o->kind != SLIP_OPTION_FLAG)
        print_value(cli, o);
    else if (typed[0] == '-')
        print_options(c);
    else
        print_arguments(cli, c);
}

static int run(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    static const struct {
        const char *shell;
        const unsigned char *text;
    } texts[] = {
        { "bash", completion_slipway_bash },
        { "zsh", completion_slipway_zsh },
        { "fish", completion_slipway_fish },
    };
    (void)options;
    for (size_t i = 0; args->len == 1 && i < SLIP_COUNT(texts); i++) {
        if (strcmp(args->at[0], texts[i].shell) != 0)
            continue;
        fputs((const char *)texts[i].text, stdout);
        return 0;
    }
    if (args->len > 1 && strcmp(args->at[0], "words") == 0) {
        struct slip_words words = { .at = args->at + 1, .len = args->len - 1 };
        print_next(cli, &words);
        return 0;
    }
    return slip_cli_usage(cli, "a shell is needed: bash, zsh or fish");
}

const struct slip_command slip_command_completion = {
    .name = "completion",
    .trade = "set up",
    .synopsis = "completion bash|zsh|fish",
    .summary = "print the completions for a shell, as installed",
    .run = run,
};
