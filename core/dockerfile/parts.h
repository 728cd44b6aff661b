/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of this room: from lines to the parts of one instruction. */
#ifndef SLIP_DOCKERFILE_PARTS_H
#define SLIP_DOCKERFILE_PARTS_H

#include "base/vec.h"
#include "dockerfile/dockerfile.h"

/* A Dockerfile being read line by line; messages are about `line`. */
struct slip_dockerfile_reader {
    const char *name;     /* of the file, for messages */
    struct slip_str rest; /* what was not read yet */
    unsigned line;        /* the one read last, from 1 */
    char escape;
    bool directives_done, seen_syntax, seen_escape;
    struct slip_arena *arena;
};

/* The next line with its line end; false at the end. A line that is too long is an error. */
SLIP_MUST_USE int slip_reader_line(struct slip_dockerfile_reader *r, struct slip_str *line,
                                   bool *more, struct slip_error *err);

/*
 * The next instruction, continuation lines joined, in `r->arena`. `*first` is the line it began
 * on. `*more` is false at the end of the file.
 */
SLIP_MUST_USE int slip_reader_instruction(struct slip_dockerfile_reader *r, struct slip_str *text,
                                          unsigned *first, bool *more, struct slip_error *err);

/* Record a mistake on line `line`. Always returns -1. */
int slip_reader_fail(const struct slip_dockerfile_reader *r, unsigned line, struct slip_error *err,
                     const char *fmt, ...) SLIP_PRINTF(4, 5);

struct slip_word_vec {
    SLIP_VEC(struct slip_str);
};

/* How the text behind the command name and its flags is cut. */
enum slip_shape {
    SLIP_SHAPE_LIST,         /* JSON array, else words */
    SLIP_SHAPE_COMMAND_LINE, /* JSON array, else one text */
    SLIP_SHAPE_HEALTH,       /* a word, then a command line */
    SLIP_SHAPE_PAIRS,        /* name=value ..., or name value */
    SLIP_SHAPE_NAMES,        /* name or name=value ... */
    SLIP_SHAPE_WORDS,
    SLIP_SHAPE_TEXT,
    SLIP_SHAPE_NESTED, /* an instruction */
};

/* One instruction, cut but not understood. */
struct slip_instruction_parts {
    enum slip_instruction kind;
    struct slip_str original; /* joined lines */
    unsigned line;
    struct slip_word_vec flags, args;
    bool json; /* args came from a JSON array */
    struct {
        SLIP_VEC(struct slip_dockerfile_pair);
    } pairs;
    enum slip_instruction nested; /* ONBUILD: of the trigger; SLIP_INSTR_COUNT: unknown */
    bool nested_json;
    struct {
        SLIP_VEC(struct slip_dockerfile_heredoc);
    } heredocs;
};

void slip_instruction_parts_clear(struct slip_instruction_parts *p);
SLIP_DEFINE_AUTO(slip_instruction_parts, slip_instruction_parts_clear);

/* Cut one instruction (4.2). Words are slices of `original` or live in the reader's arena. */
SLIP_MUST_USE int slip_instruction_split(const struct slip_dockerfile_reader *r,
                                         struct slip_str original, unsigned line,
                                         struct slip_instruction_parts *out,
                                         struct slip_error *err);

/* The heredoc that `word` announces, without its body; `*found` false when it is none. */
SLIP_MUST_USE int slip_heredoc_parse(struct slip_str word, struct slip_arena *arena,
                                     struct slip_dockerfile_heredoc *out, bool *found,
                                     struct slip_error *err);

/* Read the heredocs that an instruction announces, and their bodies (4.6). */
SLIP_MUST_USE int slip_heredocs_read(struct slip_dockerfile_reader *r,
                                     struct slip_instruction_parts *p, struct slip_error *err);

/* What the parts mean: checks of 4.3 and 4.4. */
SLIP_MUST_USE int slip_command_build(const struct slip_dockerfile_reader *r,
                                     const struct slip_instruction_parts *p,
                                     struct slip_dockerfile_command *out, struct slip_error *err);
SLIP_MUST_USE int slip_stage_build(const struct slip_dockerfile_reader *r,
                                   const struct slip_instruction_parts *p,
                                   struct slip_dockerfile_stage *out, struct slip_error *err);

/* Read, cut and check the one instruction of an ONBUILD trigger. */
SLIP_MUST_USE int slip_trigger_parse(const struct slip_dockerfile_reader *outer, unsigned line,
                                     struct slip_str text, struct slip_dockerfile_command *out,
                                     struct slip_error *err);

/* A copy of the vector in the arena. */
struct slip_dockerfile_words slip_words_keep(struct slip_arena *a, const struct slip_word_vec *v);

/* Whether bytes that are white space when each is taken for a character. */
static inline bool slip_is_byte_space(char c)
{
    unsigned char b = (unsigned char)c;
    return b == ' ' || (b >= '\t' && b <= '\r') || b == 0x85 || b == 0xA0;
}

/* A JSON array in front of `text`. */
enum slip_json_list {
    SLIP_JSON_NO,      /* not valid JSON, or no array */
    SLIP_JSON_STRINGS, /* appended to `out` */
    SLIP_JSON_MIXED,   /* an array, but not of strings alone */
};
enum slip_json_list slip_json_list_read(struct slip_str text, struct slip_arena *arena,
                                        struct slip_word_vec *out);

/* One record of comma-separated values in the manner of RFC 4180; false when it is malformed or
 * there is none. */
bool slip_csv_read(struct slip_str text, struct slip_arena *arena, struct slip_word_vec *out);

/* A duration as Go writes it, "1h2m3.5s", in nanoseconds. */
bool slip_duration_parse(struct slip_str text, int64_t *out);

#endif
