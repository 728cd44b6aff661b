/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One tree for YAML and JSON text. Every node keeps the place where it stood and the text it was
 * written with. Nodes live in the arena of their document and never change.
 */
#ifndef SLIP_VALUE_VALUE_H
#define SLIP_VALUE_VALUE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

enum slip_value_type {
    SLIP_VALUE_NULL,
    SLIP_VALUE_BOOL,
    SLIP_VALUE_INT,  /* fits int64 */
    SLIP_VALUE_UINT, /* only what does not fit int64 */
    SLIP_VALUE_FLOAT,
    SLIP_VALUE_STRING,
    SLIP_VALUE_LIST,
    SLIP_VALUE_MAP,
};

struct slip_value;
struct slip_pair {
    struct slip_value *key, *value;
};

struct slip_value {
    enum slip_value_type type;
    unsigned line, col;   /* of the first character, from 1 */
    bool plain;           /* YAML: a scalar without quotes and tag */
    bool time;            /* YAML: a string that the resolver recognised as a timestamp */
    bool verbatim;        /* YAML, writing: a string that stands there without quotes */
    bool escaped;         /* JSON: a string that was written with an escape */
    struct slip_str text; /* scalars: text as written ("0x1F", "yes"); strings: the value */
    union {
        bool boolean;
        int64_t i;
        uint64_t u;
        double f;
    };
    size_t len;                /* of list or map */
    size_t before_merge;       /* YAML map: how many pairs stood before the last "<<" */
    struct slip_value **items; /* list */
    struct slip_pair *pairs;   /* map, in the order of the text; duplicates as the reader allows */
};

/* A parsed text and everything its nodes point to. */
struct slip_doc {
    struct slip_arena arena;
    struct slip_value *root;   /* NULL when the text holds nothing */
    const char *root_tag;      /* YAML: the tag of a root that is a scalar, NULL without one */
    struct slip_str root_text; /* with a tag: the scalar as it was written (!!binary is decoded) */
};

void slip_doc_clear(struct slip_doc *doc);
void slip_doc_move(struct slip_doc *to, struct slip_doc *from); /* `to` is cleared first */
SLIP_DEFINE_AUTO(slip_doc, slip_doc_clear);

/* The value under a string key of a map (exact bytes; of equal keys the last); NULL when absent or
 * `v` is no map. */
struct slip_value *slip_value_get(const struct slip_value *v, const char *key);

/* The text under such a key, or the empty one when there is none. */
struct slip_str slip_value_text(const struct slip_value *v, const char *key);

/* A number of any of the three types as a double, rounded; false for other values. */
bool slip_value_to_double(const struct slip_value *v, double *out);

/* "null", "bool", "number", "string", "list", "map": for messages. */
const char *slip_value_type_name(const struct slip_value *v);

/* Append the value as Go's fmt prints it with %v: "map[a:1 b:[x true]]", "<nil>", "1e+06". */
void slip_value_print_go(const struct slip_value *v, struct slip_buf *out);

#endif
