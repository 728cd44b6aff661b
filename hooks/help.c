/* SPDX-License-Identifier: Apache-2.0 */
/* What people are told about commands and options. */
#include "help.h"

#include "base/arena.h"
#include "base/vec.h"

enum { COLUMN = 32 }; /* of what an option means */

static void print_option(const struct slip_option *o, struct slip_buf *out)
{
    size_t start = out->len;
    slip_buf_add_fmt(out, "  %s%c%s--%s", o->letter ? "-" : " ", o->letter ? o->letter : ' ',
                     o->letter ? ", " : "  ", o->name);
    if (o->value)
        slip_buf_add_fmt(out, " %s", o->value);
    if (out->len - start > COLUMN) {
        slip_buf_add_char(out, '\n');
        start = out->len;
    }
    slip_buf_add_fmt(out, "%*s %s", COLUMN - (int)(out->len - start), "", o->help);
    if (o->variables)
        slip_buf_add_fmt(out, " [$%s]", o->variables);
    slip_buf_add_char(out, '\n');
}

int slip_cli_command_help(const struct slip_command *c)
{
    SLIP_AUTO(slip_buf) out = SLIP_BUF(SLIP_LIMIT_HELP);
    slip_buf_add_fmt(&out, "usage: slipway %s\n\n%s\n", c->synopsis, c->summary);
    if (c->details)
        slip_buf_add_fmt(&out, "\n%s\n", c->details);
    if (c->options)
        slip_buf_add_c(&out, "\noptions:\n");
    for (const struct slip_option *o = c->options; o && o->name; o++)
        print_option(o, &out);
    slip_buf_add_c(&out, "\ncommon options:\n");
    for (const struct slip_option *o = slip_common_options; o->name; o++)
        if (slip_command_takes(c, o))
            print_option(o, &out);
    fputs(out.ptr, stdout);
    return 0;
}

static void print_command(const struct slip_command *c, FILE *to)
{
    fprintf(to, "  %-16s %s\n", c->name, c->summary);
}

void slip_cli_overview(FILE *to)
{
    static const char *const trades[] = { "release", "repair", "set up", "look" };
    fputs("usage: slipway COMMAND [OPTION...] [ARGUMENT...]\n"
          "\n"
          "Releases container images from git: what werf.yaml describes in a commit appears under\n"
          "release names, equal to what werf export writes.\n",
          to);
    for (size_t i = 0; i < SLIP_COUNT(trades); i++) {
        fprintf(to, "\n%s\n", trades[i]);
        for (size_t k = 0; slip_commands[k]; k++)
            if (slip_commands[k]->trade && strcmp(slip_commands[k]->trade, trades[i]) == 0)
                print_command(slip_commands[k], to);
    }
    fputs("\n'slipway COMMAND -h' explains a command, 'man slipway' all of them.\n", to);
}

/* ---- names of two words, such as "jobs list" ---- */

static bool is_in_group(const struct slip_command *c, const char *group)
{
    struct slip_str first, second;
    return c->trade && slip_str_cut(slip_str_of(c->name), ' ', &first, &second)
           && slip_str_is(first, group);
}

bool slip_cli_group_help(const char *group)
{
    bool found = false;
    for (size_t i = 0; slip_commands[i]; i++) {
        if (!is_in_group(slip_commands[i], group))
            continue;
        if (!found)
            printf("usage: slipway %s COMMAND [OPTION...]\n\n", group);
        found = true;
        print_command(slip_commands[i], stdout);
    }
    return found;
}

/* ---- words that name no command ---- */

struct words {
    SLIP_VEC(const char *);
};

static int suggest(struct slip_cli *cli, const char *word, const struct words *names)
{
    const char *near = slip_str_closest(slip_str_of(word), names->at, names->len);
    return near ? slip_cli_usage(cli, "unknown command '%s'; did you mean '%s'?", word, near)
                : slip_cli_usage(cli, "unknown command '%s'", word);
}

static int no_second_word(struct slip_cli *cli, const char *first, const char *second)
{
    SLIP_AUTO(slip_buf) list = SLIP_BUF(SLIP_LIMIT_HELP);
    struct words names = { 0 };
    for (size_t i = 0; slip_commands[i]; i++)
        if (is_in_group(slip_commands[i], first)) {
            slip_vec_push(&names, slip_commands[i]->name);
            slip_buf_add_fmt(&list, "%s%s", list.len ? ", " : "",
                             slip_commands[i]->name + strlen(first) + 1);
        }
    SLIP_AUTO_FREE char *both = second ? slip_printf("%s %s", first, second) : NULL;
    struct slip_error err = { 0 };
    int status = 0;
    if (second && second[0] != '-') {
        status = suggest(cli, both, &names);
    } else {
        slip_fail(&err, SLIP_E_USAGE, "'%s' needs a second word: %s", first, list.ptr);
        slip_hint(&err, "slipway %s -h", first);
        status = slip_cli_fail(cli, &err);
    }
    slip_vec_clear(&names);
    return status;
}

int slip_cli_no_command(struct slip_cli *cli, const char *first, const char *second)
{
    SLIP_AUTO(slip_arena) arena = { 0 };
    struct words names = { 0 };
    bool asks = second && (strcmp(second, "-h") == 0 || strcmp(second, "--help") == 0);
    if ((asks || cli->common.help) && slip_cli_group_help(first))
        return 0;
    for (size_t i = 0; slip_commands[i]; i++) {
        if (is_in_group(slip_commands[i], first)) {
            slip_vec_clear(&names);
            return no_second_word(cli, first, second);
        }
        struct slip_str word, rest;
        slip_str_cut(slip_str_of(slip_commands[i]->name), ' ', &word, &rest);
        if (slip_commands[i]->trade)
            slip_vec_push(&names, slip_arena_strdup(&arena, word));
    }
    int status = suggest(cli, first, &names);
    slip_vec_clear(&names);
    return status;
}
