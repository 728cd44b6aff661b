/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line: commands and options are tables; parsing, help and completions read them.
 * Only hooks/ prints and only hooks/ knows the environment.
 */
#ifndef SLIP_HOOKS_CLI_H
#define SLIP_HOOKS_CLI_H

#include "base/buf.h"
#include "base/error.h"
#include "base/watch.h"
#include "ci/voice.h"

#include <stdio.h>

struct slip_words { /* values of a repeatable option, or positional arguments */
    const char **at;
    size_t len;
    bool defaults; /* they come from a variable, which the first word of a command line replaces */
};

enum slip_option_kind {
    SLIP_OPTION_FLAG, /* bool; --no-NAME sets false */
    SLIP_OPTION_TEXT, /* const char *; the last one wins */
    SLIP_OPTION_LIST, /* struct slip_words; may be repeated */
};

struct slip_option {
    const char *name; /* without "--"; NULL ends a table */
    char letter;      /* short form, or 0 */
    enum slip_option_kind kind;
    size_t offset;     /* of the member that takes the value */
    const char *value; /* how help calls the value ("REPO"), or all it may be ("auto|none") */
    /* Environment variables that give a default, the first that is set wins: "A B". Of a list,
     * "A_* B_*" means all whose names begin with A_, in the order of their bytes, then with B_;
     * words of the command line come after them. */
    const char *variables;
    const char *help;
};

/* Options that every command takes, and three that only some do (slip_command_takes). */
struct slip_common {
    bool help, quiet, verbose, json, dry_run;
    const char *color, *progress, *dir, *git_dir, *report;
};

struct slip_cli;

struct slip_command {
    const char *name;     /* "export", or "jobs list" */
    const char *trade;    /* heading in help: "release", "repair", "set up", "look"; NULL: hidden */
    const char *synopsis; /* after "slipway " */
    const char *summary;  /* one line */
    const struct slip_option *options; /* may be NULL */
    size_t size;                       /* of the struct that the offsets are in */
    int (*run)(struct slip_cli *cli, void *options, const struct slip_words *args);
    const char *details;        /* more text for -h, or NULL */
    bool json, dry_run, report; /* it takes --json, --dry-run, --report */
    bool ends_gently;           /* a signal lets it report what was done; a second one kills it */
    bool like_werf; /* options of werf without a meaning here are taken (werf_options.h) */
};

struct slip_cli {
    const char *program;    /* path of this executable */
    const char *const *env; /* the whole environment */
    struct slip_common common;
    const struct slip_command *command;
    const char *prefix;      /* before every line for people: "" or "slipway: " in hooks */
    bool color, color_known; /* stderr; asked for with the first heading */
    bool live;               /* stderr is a terminal where lines may be rewritten */
    struct slip_watch watch; /* shows progress as the options say */
    /* In hooks, whose lines git relays or a log gets: how many may still come, how many did not for
     * that. Errors have a room of their own. See slip_cli_limit. */
    bool limited;
    size_t room, error_room, left_out, room_bytes;
    int trace_fd;                /* $SLIPWAY_TRACE; 0: none */
    struct slip_ci_voice *voice; /* of a CI job: all lines go through it; else NULL */
};

#define SLIP_LIMIT_HELP (64u << 10)

enum { SLIP_HOOK_LINES = 20, SLIP_HOOK_BYTES = 4 << 20 };

extern const struct slip_command *const slip_commands[]; /* ends with NULL */
extern const struct slip_option slip_common_options[];

/* Does the command take this one of the common options? */
bool slip_command_takes(const struct slip_command *c, const struct slip_option *common);

/* Parse and run; gives the exit status. */
int slip_cli_main(int argc, char **argv, char **env);

/* Lines for people, on stderr: "PREFIXerror: ...", "PREFIXhint: ..." and plain ones. */
void slip_cli_error(struct slip_cli *cli, const struct slip_error *err);
void slip_cli_warn(struct slip_cli *cli, const char *fmt, ...) SLIP_PRINTF(2, 3);
void slip_cli_hint(struct slip_cli *cli, const char *fmt, ...) SLIP_PRINTF(2, 3);
void slip_cli_say(struct slip_cli *cli, const char *fmt, ...) SLIP_PRINTF(2, 3);
/* From now on at most so many lines, and as many errors, and SLIP_HOOK_BYTES of both. */
void slip_cli_limit(struct slip_cli *cli, size_t lines);
/* As slip_cli_say, however many lines there were before: how it ends. */
void slip_cli_conclude(struct slip_cli *cli, const char *fmt, ...) SLIP_PRINTF(2, 3);

/* Lines of data, on stdout; control characters must be escaped already. */
void slip_cli_data(struct slip_cli *cli, const char *text);

/* A command for the log of a CI job, made with ci/log.h; nothing without a voice. */
void slip_cli_log_command(struct slip_cli *cli, struct slip_str command);

/* Print an error and give its exit status: `return slip_cli_fail(cli, &err);` */
int slip_cli_fail(struct slip_cli *cli, const struct slip_error *err);

/* A usage error: "error: TEXT" and a hint to -h. Gives 2. */
int slip_cli_usage(struct slip_cli *cli, const char *fmt, ...) SLIP_PRINTF(2, 3);

const char *slip_cli_env(const struct slip_cli *cli,
                         const char *name); /* NULL when unset or empty */
/* The same for those who take a callback; `cli` is the payload. */
const char *slip_cli_variable(void *cli, const char *name);

/* Is a switch of the environment on, or off? One that says neither is as if it were not set. */
bool slip_cli_is_on(const struct slip_cli *cli, const char *name);
bool slip_cli_is_off(const struct slip_cli *cli, const char *name);

/* What the environment says about the options of a table: for what has no command line of its own.
 * Lists are the caller's to free. */
void slip_cli_read_variables(const struct slip_cli *cli, const struct slip_option *table,
                             void *options);

/* The absolute path of this executable, to start it again; to be freed. */
char *slip_own_path(const struct slip_cli *cli);

/* Text of untrusted origin as it may be shown: control characters are escaped. */
void slip_cli_escape(struct slip_str s, struct slip_buf *out);

#endif
