/* SPDX-License-Identifier: Apache-2.0 */
/* Command line: find the command, fill its options from argv and environment, run it. */
#include "cli.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/trace.h"
#include "base/vec.h"
#include "help.h"
#include "proc/run.h"
#include "term.h"
#include "werf_options.h"

#include <errno.h>

#include <unistd.h>

#define COMMON(member) offsetof(struct slip_common, member)

/* clang-format off */
const struct slip_option slip_common_options[] = {
    { "help",     'h', SLIP_OPTION_FLAG, COMMON(help),     NULL,   NULL, "show this help" },
    { "quiet",    'q', SLIP_OPTION_FLAG, COMMON(quiet),    NULL,   NULL, "print errors only" },
    { "verbose",  'v', SLIP_OPTION_FLAG, COMMON(verbose),  NULL,   "SLIPWAY_VERBOSE", "print more, the builder's output too" },
    { "json",     0,   SLIP_OPTION_FLAG, COMMON(json),     NULL,   NULL, "stdout is one JSON document" },
    { "dry-run",  'n', SLIP_OPTION_FLAG, COMMON(dry_run),  NULL,   NULL, "read only: print what would be done" },
    { "color",    0,   SLIP_OPTION_TEXT, COMMON(color),    "auto|always|never", NULL, "when stderr is coloured (auto)" },
    { "progress", 0,   SLIP_OPTION_TEXT, COMMON(progress), "auto|plain|none",   NULL, "how progress is shown (auto)" },
    { "chdir",    'C', SLIP_OPTION_TEXT, COMMON(dir),      "DIR",  NULL, "work as if started there" },
    { "git-dir",  0,   SLIP_OPTION_TEXT, COMMON(git_dir),  "DIR",  NULL, "the repository, when it is not around the current directory" },
    { "report",   0,   SLIP_OPTION_TEXT, COMMON(report),   "FILE", NULL, "write the JSON document there" },
    { .name = NULL },
};
/* clang-format on */

const char *slip_cli_env(const struct slip_cli *cli, const char *name)
{
    const char *value = slip_env_get(cli->env, name);
    return value && value[0] ? value : NULL;
}

const char *slip_cli_variable(void *cli, const char *name)
{
    return slip_cli_env(cli, name);
}

char *slip_own_path(const struct slip_cli *cli)
{
    char path[4096];
    ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
    if (len <= 0)
        return slip_strdup(cli->program);
    return slip_memdup(path, (size_t)len);
}

static const struct slip_option *find_option(const struct slip_option *table, struct slip_str name,
                                             char letter)
{
    for (; table && table->name; table++)
        if (letter ? table->letter == letter : slip_str_is(name, table->name))
            return table;
    return NULL;
}

static void add_word(struct slip_words *words, const char *word)
{
    if (words->defaults)
        words->len = 0;
    words->defaults = false;
    words->at = slip_realloc_array(words->at, words->len + 1, sizeof(*words->at));
    words->at[words->len++] = word;
}

static void set_option(const struct slip_option *o, void *base, const char *value, bool on)
{
    void *member = (char *)base + o->offset;
    switch (o->kind) {
    case SLIP_OPTION_FLAG:
        *(bool *)member = on;
        break;
    case SLIP_OPTION_TEXT:
        *(const char **)member = value;
        break;
    case SLIP_OPTION_LIST:
        add_word(member, value);
        break;
    }
}

/* What the words before the command are read by. */
static const struct slip_option before_options[] = {
    { "version", 0, SLIP_OPTION_FLAG, 0, NULL, NULL, "as the command version" },
    { .name = NULL },
};
static const struct slip_command no_command = {
    .options = before_options, .json = true, .dry_run = true, .report = true
};

/* Where the words of one command line go. */
struct parse {
    struct slip_cli *cli;
    const struct slip_command *command;
    void *options;
    struct slip_words args;
};

bool slip_command_takes(const struct slip_command *c, const struct slip_option *common)
{
    switch (common->offset) {
    case COMMON(json):
        return c->json;
    case COMMON(dry_run):
        return c->dry_run;
    case COMMON(report):
        return c->report;
    default:
        return true;
    }
}

/* Before the command stands only what every command takes. */
static bool belongs_behind(const struct parse *p, struct slip_str name)
{
    if (p->command != &no_command)
        return false;
    for (size_t i = 0; slip_commands[i]; i++)
        if (find_option(slip_commands[i]->options, name, 0))
            return true;
    return false;
}

static int unknown_option(struct parse *p, struct slip_str name)
{
    struct {
        SLIP_VEC(const char *);
    } names = { 0 };
    if (belongs_behind(p, name))
        return slip_cli_usage(p->cli, "'--%.*s' stands behind the command that takes it",
                              SLIP_ARG(name));
    for (const struct slip_option *o = p->command->options; o && o->name; o++)
        slip_vec_push(&names, o->name);
    for (const struct slip_option *o = slip_common_options; o->name; o++)
        if (slip_command_takes(p->command, o))
            slip_vec_push(&names, o->name);
    const char *near = slip_str_closest(name, names.at, names.len);
    int status = near ? slip_cli_usage(p->cli, "unknown option '--%.*s'; did you mean '--%s'?",
                                       SLIP_ARG(name), near)
                      : slip_cli_usage(p->cli, "unknown option '--%.*s'", SLIP_ARG(name));
    slip_vec_clear(&names);
    return status;
}

/* The table row and the struct that its offset is in. */
static const struct slip_option *lookup(struct parse *p, struct slip_str name, char letter,
                                        void **base)
{
    const struct slip_option *o = find_option(p->command->options, name, letter);
    *base = p->options;
    if (!o) {
        o = find_option(slip_common_options, name, letter);
        *base = &p->cli->common;
    }
    return o;
}

/* The words that werf takes after a switch. */
static bool read_switch(struct slip_str word, bool *on)
{
    static const char *const words[] = { "true",  "True",  "TRUE",  "t", "T", "1",
                                         "false", "False", "FALSE", "f", "F", "0" };
    for (size_t i = 0; i < SLIP_COUNT(words); i++)
        if (slip_str_is(word, words[i])) {
            *on = i < SLIP_COUNT(words) / 2;
            return true;
        }
    return false;
}

/* A switch, and the word that is given with it. */
static int set_switch(struct parse *p, const struct slip_option *o, void *base, const char *word,
                      bool on)
{
    bool said = true;
    if (word && !read_switch(slip_str_of(word), &said)) {
        slip_cli_usage(p->cli, "option '--%s' takes true or false, not '%s'", o->name, word);
        return -1;
    }
    set_option(o, base, NULL, on == said);
    return 1;
}

/* "a|b|c" -> "a, b or c" */
static void add_choice(struct slip_str words, struct slip_buf *out)
{
    struct slip_str word;
    while (words.len) {
        slip_str_cut(words, '|', &word, &words);
        bool last = words.len > 0 && slip_str_find(words, '|') == SLIP_NPOS;
        slip_buf_add_fmt(out, "%.*s%s", SLIP_ARG(word), last ? " or " : words.len ? ", " : "");
    }
}

/* The words that a value is one of stand in the table with '|' between them. */
static int set_value(struct parse *p, const struct slip_option *o, void *base, const char *value)
{
    SLIP_AUTO(slip_buf) choice = SLIP_BUF(SLIP_LIMIT_HELP);
    struct slip_str words = slip_str_of(o->value), word;
    bool known = slip_str_find(words, '|') == SLIP_NPOS;
    while (!known && words.len) {
        slip_str_cut(words, '|', &word, &words);
        known = slip_str_is(word, value);
    }
    if (known) {
        set_option(o, base, value, true);
        return 0;
    }
    add_choice(slip_str_of(o->value), &choice);
    slip_cli_usage(p->cli, "option '--%s' takes %s, not '%s'", o->name, choice.ptr, value);
    return -1;
}

/* An option that only werf has. */
static int parse_werf(struct parse *p, struct slip_str name, const struct slip_str *value,
                      const char *next)
{
    const struct slip_werf_option *w = p->command->like_werf ? slip_werf_option_find(name) : NULL;
    if (!w) {
        unknown_option(p, name);
        return -1;
    }
    bool on = true;
    if (!w->takes_value && value && !read_switch(*value, &on)) {
        slip_cli_usage(p->cli, "option '--%s' takes true or false, not '%.*s'", w->name,
                       SLIP_ARG(*value));
        return -1;
    }
    if (w->instead && on) {
        slip_cli_usage(p->cli, "option '--%s' of werf is not there: %s", w->name, w->instead);
        return -1;
    }
    if (w->takes_value && !value && !next) {
        slip_cli_usage(p->cli, "option '--%s' needs a value", w->name);
        return -1;
    }
    return w->takes_value && !value ? 2 : 1;
}

/* One "--name[=value]"; `next` is the following word or NULL. Gives words used, or -1. */
static int parse_long(struct parse *p, const char *word, const char *next)
{
    struct slip_str name, value;
    bool inline_value = slip_str_cut(slip_str_of(word), '=', &name, &value);
    void *base;
    const struct slip_option *o = lookup(p, name, 0, &base);
    bool on = true;
    if (!o && slip_str_starts(name, SLIP_STR("no-"))) {
        o = lookup(p, slip_str_skip(name, 3), 0, &base);
        on = false;
        if (o && o->kind != SLIP_OPTION_FLAG)
            o = NULL;
    }
    if (!o)
        return parse_werf(p, name, inline_value ? &value : NULL, next);
    if (o->kind == SLIP_OPTION_FLAG)
        return set_switch(p, o, base, inline_value ? value.ptr : NULL, on);
    if (!inline_value && !next) {
        slip_cli_usage(p->cli, "option '--%s' needs a value: %s", o->name, o->value);
        return -1;
    }
    if (set_value(p, o, base, inline_value ? value.ptr : next) < 0)
        return -1;
    return inline_value ? 1 : 2;
}

static int unknown_letter(struct parse *p, const char *whole, const char *letter)
{
    struct slip_str name, value;
    void *base;
    slip_str_cut(slip_str_of(whole), '=', &name, &value);
    if (lookup(p, name, 0, &base))
        slip_cli_usage(p->cli, "unknown option '-%c'; did you mean '--%.*s'?", *letter,
                       SLIP_ARG(name));
    else
        slip_cli_usage(p->cli, "unknown option '-%c'", *letter);
    return -1;
}

/* A bundle of short options, the last of which may take a value. */
static int parse_short(struct parse *p, const char *letters, const char *next)
{
    const char *whole = letters;
    for (; *letters; letters++) {
        void *base;
        const struct slip_option *o = lookup(p, SLIP_STR(""), *letters, &base);
        if (!o)
            return unknown_letter(p, whole, letters);
        bool inline_value = letters[1] == '=';
        if (o->kind == SLIP_OPTION_FLAG && inline_value)
            return set_switch(p, o, base, letters + 2, true);
        if (o->kind == SLIP_OPTION_FLAG) {
            set_option(o, base, NULL, true);
            continue;
        }
        if (!letters[1] && !next) {
            slip_cli_usage(p->cli, "option '-%c' needs a value: %s", *letters, o->value);
            return -1;
        }
        if (set_value(p, o, base, letters[1] ? letters + 1 + inline_value : next) < 0)
            return -1;
        return letters[1] ? 1 : 2;
    }
    return 1;
}

static int parse_option(struct parse *p, const char *word, const char *next)
{
    return word[1] == '-' ? parse_long(p, word + 2, next) : parse_short(p, word + 1, next);
}

static bool is_option(const char *word)
{
    return word[0] == '-' && word[1];
}

/* Options that stand before the command; moves `*words` to it. */
static int parse_before(struct parse *p, char ***words)
{
    while (**words && is_option(**words)) {
        if (strcmp(**words, "--") == 0) {
            ++*words;
            return 0;
        }
        int used = parse_option(p, **words, (*words)[1]);
        if (used < 0)
            return -1;
        *words += used;
    }
    return 0;
}

static int parse_words(struct parse *p, char **words)
{
    while (*words) {
        const char *word = *words;
        if (strcmp(word, "--") == 0) {
            for (words++; *words; words++)
                add_word(&p->args, *words);
            break;
        }
        int used = 1;
        if (is_option(word))
            used = parse_option(p, word, words[1]);
        else
            add_word(&p->args, word);
        if (used < 0)
            return -1;
        words += used;
    }
    return 0;
}

/* What a command does not know it must not pass over: -n may be all that keeps it from writing. */
static int refuse_common(struct parse *p)
{
    const bool given[] = { p->cli->common.json, p->cli->common.dry_run, p->cli->common.report };
    const bool taken[] = { p->command->json, p->command->dry_run, p->command->report };
    static const char *const names[] = { "json", "dry-run", "report" };
    for (size_t i = 0; i < SLIP_COUNT(names); i++)
        if (given[i] && !taken[i]) {
            slip_cli_usage(p->cli, "'%s' has no option '--%s'", p->command->name, names[i]);
            return -1;
        }
    return 0;
}

/* The first set variable of a space-separated list. */
static const char *first_variable(const struct slip_cli *cli, const char *names)
{
    struct slip_str rest = slip_str_of(names), name;
    while (rest.len) {
        slip_str_cut(rest, ' ', &name, &rest);
        SLIP_AUTO_FREE char *key = slip_memdup(name.ptr, name.len);
        const char *value = slip_cli_env(cli, key);
        if (value)
            return value;
    }
    return NULL;
}

static int by_bytes(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

/* The values of all variables whose names begin so. */
static void add_variables(const struct slip_cli *cli, struct slip_str prefix,
                          struct slip_words *words)
{
    struct {
        SLIP_VEC(const char *);
    } found = { 0 };
    for (const char *const *e = cli->env; *e; e++)
        if (slip_str_starts(slip_str_of(*e), prefix) && strchr(*e, '='))
            slip_vec_push(&found, *e);
    if (found.len)
        qsort(found.at, found.len, sizeof(*found.at), by_bytes);
    for (size_t i = 0; i < found.len; i++)
        add_word(words, strchr(found.at[i], '=') + 1);
    slip_vec_clear(&found);
}

/* "A_* B_*": all that begins with A_, then with B_. */
static void add_all_variables(const struct slip_cli *cli, struct slip_str patterns,
                              struct slip_words *words)
{
    struct slip_str pattern;
    while (patterns.len) {
        slip_str_cut(patterns, ' ', &pattern, &patterns);
        add_variables(cli, slip_str_first(pattern, pattern.len - 1), words);
    }
}

void slip_cli_read_variables(const struct slip_cli *cli, const struct slip_option *table,
                             void *options)
{
    for (const struct slip_option *o = table; o && o->name; o++) {
        struct slip_str names = slip_str_of(o->variables);
        struct slip_words *words = (struct slip_words *)((char *)options + o->offset);
        if (slip_str_ends(names, SLIP_STR("_*"))) {
            add_all_variables(cli, names, words);
            continue;
        }
        const char *value = o->variables ? first_variable(cli, o->variables) : NULL;
        if (!value)
            continue;
        set_option(o, options, value, slip_str_switch(slip_str_of(value)) == SLIP_SWITCH_ON);
        if (o->kind == SLIP_OPTION_LIST)
            words->defaults = true;
    }
}

bool slip_cli_is_on(const struct slip_cli *cli, const char *name)
{
    return slip_str_switch(slip_str_of(slip_cli_env(cli, name))) == SLIP_SWITCH_ON;
}

bool slip_cli_is_off(const struct slip_cli *cli, const char *name)
{
    return slip_str_switch(slip_str_of(slip_cli_env(cli, name))) == SLIP_SWITCH_OFF;
}

static const struct slip_command *find_command(char **words, int *used)
{
    for (size_t i = 0; slip_commands[i]; i++) {
        const struct slip_command *c = slip_commands[i];
        struct slip_str first, second;
        slip_str_cut(slip_str_of(c->name), ' ', &first, &second);
        if (!words[0] || !slip_str_is(first, words[0]))
            continue;
        if (second.len && (!words[1] || !slip_str_is(second, words[1])))
            continue;
        *used = second.len ? 2 : 1;
        return c;
    }
    return NULL;
}

/* SLIPWAY_TRACE: 1 is stderr, else a file of our own. */
static int open_trace(const struct slip_cli *cli)
{
    const char *where = slip_cli_env(cli, "SLIPWAY_TRACE");
    struct slip_error err = { 0 };
    enum slip_switch on = slip_str_switch(slip_str_of(where));
    if (!where || !where[0] || on == SLIP_SWITCH_OFF)
        return 0;
    if (on == SLIP_SWITCH_ON)
        return STDERR_FILENO;
    int fd = slip_log_open(where, &err);
    if (fd < 0)
        slip_watch_warn(&cli->watch, "SLIPWAY_TRACE", "%s", err.text);
    return fd < 0 ? 0 : fd;
}

/* The command with its options: everything that was said is in `p`. */
static int run_command(struct parse *p)
{
    struct slip_cli *cli = p->cli;
    if (cli->common.help)
        return slip_cli_command_help(p->command);
    if (refuse_common(p) < 0)
        return 2;
    slip_term_setup(cli);
    if (cli->common.dir && chdir(cli->common.dir) < 0)
        return slip_cli_usage(cli, "cannot enter '%s': %s", cli->common.dir, strerror(errno));
    if (p->command->ends_gently)
        slip_stop_on_signals();
    cli->trace_fd = open_trace(cli);
    slip_trace_to(cli->trace_fd);
    int status = p->command->run(cli, p->options, &p->args);
    slip_term_end(cli);
    slip_trace("exit %d", status);
    return status;
}

static int parse_and_run(struct parse *p, char **words)
{
    const struct slip_command *c = p->command;
    SLIP_AUTO_FREE void *options = slip_alloc(c->size);
    p->options = options;
    slip_cli_read_variables(p->cli, c->options, options);
    int status = parse_words(p, words) < 0 ? 2 : run_command(p);
    for (const struct slip_option *o = c->options; o && o->name; o++)
        if (o->kind == SLIP_OPTION_LIST)
            slip_free(((struct slip_words *)((char *)options + o->offset))->at);
    slip_free(p->args.at);
    return status;
}

int slip_cli_main(int argc, char **argv, char **env)
{
    (void)argc;
    struct slip_cli cli = { .program = argv[0], .env = (const char *const *)env, .prefix = "" };
    bool version = false;
    struct parse p = { .cli = &cli, .command = &no_command, .options = &version };
    char *version_words[] = { (char[]){ "version" }, NULL };
    char **words = argv + 1;
    int used = 0;
    slip_term_setup(&cli);
    slip_cli_read_variables(&cli, slip_common_options, &cli.common);
    if (parse_before(&p, &words) < 0)
        return 2;
    if (version)
        words = version_words;
    if (!words[0]) {
        slip_cli_overview(cli.common.help ? stdout : stderr);
        return cli.common.help ? 0 : 2;
    }
    p.command = find_command(words, &used);
    if (!p.command)
        return slip_cli_no_command(&cli, words[0], words[1]);
    cli.command = p.command;
    int status = parse_and_run(&p, words + used);
    if (fflush(stdout) != 0 && status == 0)
        status = 1;
    return slip_stop_signal() ? 128 + slip_stop_signal() : status;
}
