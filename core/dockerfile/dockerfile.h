/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Dockerfile language as BuildKit 0.13.1 reads it (dockerfile-digest.md section 4): lines,
 * instructions, stages. Text in, a tree out; nothing here knows where the text came from.
 *
 * Parsing does no variable expansion: that is shell.h, with whatever variables the caller has.
 */
#ifndef SLIP_DOCKERFILE_DOCKERFILE_H
#define SLIP_DOCKERFILE_DOCKERFILE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

enum slip_instruction {
    SLIP_INSTR_ADD,
    SLIP_INSTR_ARG,
    SLIP_INSTR_CMD,
    SLIP_INSTR_COPY,
    SLIP_INSTR_ENTRYPOINT,
    SLIP_INSTR_ENV,
    SLIP_INSTR_EXPOSE,
    SLIP_INSTR_FROM, /* a stage; never the kind of a command */
    SLIP_INSTR_HEALTHCHECK,
    SLIP_INSTR_LABEL,
    SLIP_INSTR_MAINTAINER,
    SLIP_INSTR_ONBUILD,
    SLIP_INSTR_RUN,
    SLIP_INSTR_SHELL,
    SLIP_INSTR_STOPSIGNAL,
    SLIP_INSTR_USER,
    SLIP_INSTR_VOLUME,
    SLIP_INSTR_WORKDIR,
    SLIP_INSTR_COUNT
};

/* "ADD", "ARG" ... */
const char *slip_instruction_name(enum slip_instruction kind);

struct slip_dockerfile_words {
    struct slip_str *at;
    size_t len;
};

struct slip_dockerfile_pair { /* of ARG, ENV, LABEL; quotes and escapes as written */
    struct slip_str key, value;
    bool has_value; /* false only for `ARG name` */
};

struct slip_dockerfile_heredoc {
    struct slip_str name; /* without quotes */
    struct slip_str body; /* lines of the file, line ends included; ADD, COPY: chomped */
    bool chomp;           /* <<- : leading tabs do not count */
    bool expand;          /* the name was not quoted */
};

struct slip_dockerfile_health {
    struct slip_dockerfile_words test; /* {"NONE"}, {"CMD", ...} or {"CMD-SHELL", text} */
    int64_t interval, timeout, start_period, start_interval; /* ns; 0: not given */
    int retries;                                             /* 0: not given */
};

struct slip_dockerfile_command {
    enum slip_instruction kind;
    unsigned line;        /* of its first character, from 1 */
    struct slip_str text; /* the instruction text of a digest (4.5) */

    /*
     * ADD and COPY: sources; EXPOSE: ports, sorted; VOLUME: paths; CMD, ENTRYPOINT, RUN, SHELL: the
     * command line, one word when `json` is false. Not expanded.
     */
    struct slip_dockerfile_words args;
    bool json;
    struct slip_str word; /* ADD, COPY: destination; MAINTAINER, STOPSIGNAL, USER, WORKDIR: it */
    struct slip_dockerfile_pair *pairs; /* ARG, ENV, LABEL */
    size_t n_pairs;

    struct slip_str from; /* COPY --from as written; empty: none */
    struct slip_str chown, chmod, checksum;
    bool link, keep_git_dir;
    struct slip_dockerfile_words mounts_from; /* RUN: `from` of each --mount in order, "" none */
    struct slip_dockerfile_words mounts;      /* RUN: each --mount as written */
    struct slip_str network, security;        /* RUN; empty: not given */
    struct slip_dockerfile_heredoc *heredocs; /* of RUN; those among the sources of ADD, COPY */
    size_t n_heredocs;

    struct slip_dockerfile_health health; /* HEALTHCHECK */

    struct slip_str expression;              /* ONBUILD: trigger text (4.6) */
    struct slip_dockerfile_command *trigger; /* ONBUILD: that text, parsed again (3.5) */
};

struct slip_dockerfile_stage {
    struct slip_str name; /* lower case; empty: none */
    struct slip_str base; /* as written, not expanded */
    struct slip_str platform;
    struct slip_str text; /* of the FROM instruction */
    unsigned line;
    struct slip_dockerfile_command *commands;
    size_t n_commands;
};

struct slip_dockerfile {
    struct slip_arena arena;
    char escape;                               /* backslash or backtick */
    struct slip_dockerfile_command *meta_args; /* ARG before the first FROM */
    size_t n_meta_args;
    struct slip_dockerfile_stage *stages;
    size_t n_stages; /* 0 when there are only ARGs: then slip_dockerfile_target fails */
};

void slip_dockerfile_clear(struct slip_dockerfile *d);
SLIP_DEFINE_AUTO(slip_dockerfile, slip_dockerfile_clear);

/*
 * Parse a whole Dockerfile. `name` stands in messages, "name:line: ...". The result keeps nothing
 * of `text`. Errors are SLIP_E_CONFIG. At most SLIP_LIMIT_DOCKERFILE bytes.
 */
SLIP_MUST_USE int slip_dockerfile_parse(struct slip_str text, const char *name,
                                        struct slip_dockerfile *out, struct slip_error *err);

/* Index of the stage to build: the first of that exact name, or the last stage when `target` is
 * empty. */
SLIP_MUST_USE int slip_dockerfile_target(const struct slip_dockerfile *d, struct slip_str target,
                                         size_t *index, struct slip_error *err);

/*
 * What a `from` of COPY or RUN --mount means (3.4): the index of a stage, whether by name (any
 * case; the last stage of a name counts) or number. `*external` is true when it is neither, or the
 * number of no stage. A negative number is an error.
 */
SLIP_MUST_USE int slip_dockerfile_from(const struct slip_dockerfile *d, struct slip_str from,
                                       size_t *index, bool *external, struct slip_error *err);

/* Append a duration of HEALTHCHECK, in nanoseconds, as Go prints it: "1m30s", "1.5ms", "0s". */
void slip_duration_print(int64_t duration, struct slip_buf *out);

#endif
