/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the YAML reader hand to each other: events -> nodes -> maps, and the places
 * where yaml.v2 sees something else than libyaml. */
#ifndef SLIP_VALUE_YAML_IMPL_H
#define SLIP_VALUE_YAML_IMPL_H

#include "value/yaml.h"

#include <yaml.h>

#include "base/map.h"
#include "value/build.h"

struct reader {
    yaml_parser_t parser;
    struct slip_str text, original; /* see yaml_quirks.c */
    const char *name;
    unsigned first_line;
    enum slip_yaml_schema schema;
    bool escaped_slash;      /* the text holds a backslash before a slash */
    size_t at_rune, at_byte; /* a place in the text, by characters and by bytes */
    size_t replaced;         /* characters, see yaml_quirks.c */
    size_t tag_comma;        /* where one was found, see yaml_quirks.c; 0: none */
    size_t aliased;          /* nodes that aliases stand for */
    size_t flow;             /* open containers up to the outermost in brackets; 0: none */
    const char *root_tag;    /* as in struct slip_doc */
    struct slip_str root_text;
    bool bare; /* the latest container has neither tag nor anchor */
    struct slip_value_build build;
    struct slip_map *anchors; /* name -> node */
    struct slip_error late;   /* the first mistake that is none of syntax: those come first */
    struct slip_error *err;
};

/* ---- messages: yaml_fail.c ---- */

/* `line` and `col` count from 0. */
int reader_fail_line(struct reader *r, size_t line, size_t col, const char *what);
int reader_fail_at(struct reader *r, const struct slip_value *v, const char *fmt, ...)
    SLIP_PRINTF(3, 4);

/*
 * yaml.v2 gives values a meaning when it has parsed all of them: what is wrong with one is told
 * only when the syntax of the rest is right. Gives 0, reading goes on.
 */
int reader_fail_late(struct reader *r, const struct slip_value *v, const char *fmt, ...)
    SLIP_PRINTF(3, 4);

/* A mistake for yaml.v2 alone, which counts the lines of such ones from 0; `v` is near. */
int reader_fail_as_go(struct reader *r, const struct slip_value *v, size_t line, const char *what);

/* libyaml could not go on. */
int reader_fail_parser(struct reader *r);

/* Move on to the character with that index; places come in the order of the text. */
void reader_seek(struct reader *r, size_t index);

/* ---- where libyaml and yaml.v2 differ: yaml_quirks.c ---- */

/* A scalar that libyaml takes and yaml.v2 does not, or not so. */
int reader_check_scalar(struct reader *r, const yaml_event_t *e, const struct slip_value *v);

/* {} or [] before a colon, that was closed just now; and what yaml.v2 makes of it. `*done`: the
 * text ends with it. */
bool reader_is_lost_key(struct reader *r, const yaml_event_t *end, const struct slip_value *v);
int reader_take_lost_key(struct reader *r, struct slip_value *v, bool *done);

/* After an error: a character that only libyaml refuses. False: the text is wrong for yaml.v2, too.
 */
bool reader_find_refused(struct reader *r, size_t *at);

/* Put another in its place, for libyaml; `text` may be what `out` holds. In scalars the first one
 * is restored. */
void reader_replace(struct slip_str text, size_t at, struct slip_buf *out);
struct slip_str reader_restored(struct reader *r, struct slip_str s);

/* After an error inside of a quoted scalar: an escaped slash that comes before it is the one that
 * yaml.v2 meets. */
int reader_check_unfinished(struct reader *r);

/* ---- merge keys and equal keys: yaml_map.c ---- */

int reader_finish_map(struct reader *r, struct slip_value *map);

#endif
