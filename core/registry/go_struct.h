/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON to a Go struct and back, as encoding/json does it: a table describes the struct, unknown
 * members vanish, members come out in the order of the table. The bytes of exported images rest on
 * these rules (registry-export.md 2.3): case-folded names, equal members one after the other, what
 * null does to each type.
 */
#ifndef SLIP_REGISTRY_GO_STRUCT_H
#define SLIP_REGISTRY_GO_STRUCT_H

#include "registry/go_time.h"
#include "value/value.h"

enum slip_go_kind {
    SLIP_GO_STRING,
    SLIP_GO_BOOL,
    SLIP_GO_INT, /* int64 */
    SLIP_GO_TIME,
    SLIP_GO_HASH,   /* "sha256:" and 64 hex digits */
    SLIP_GO_BASE64, /* []byte: standard alphabet with padding; kept decoded */
    SLIP_GO_LIST,
    SLIP_GO_MAP, /* map[string]string */
    SLIP_GO_SET, /* map[string]struct{} */
    SLIP_GO_STRUCT,
    SLIP_GO_POINTER, /* to a struct */
};

struct slip_go_field;
struct slip_go_type {
    enum slip_go_kind kind;
    const struct slip_go_type *element; /* of list and pointer */
    const struct slip_go_field *fields; /* of a struct */
    size_t n_fields;
};

enum slip_go_flag {
    SLIP_GO_OMIT_EMPTY = 1,
    SLIP_GO_READ_ONLY = 2, /* must have its type, is not written */
};

struct slip_go_field {
    const char *name;
    const struct slip_go_type *type;
    unsigned flags;
};

struct slip_go_pair {
    struct slip_str key, value;
};

/* A value of a type. All zeros is Go's zero value. Memory belongs to the arena. */
struct slip_go {
    bool set; /* not nil: list, map, set, pointer, base64; a time that was given */
    union {
        struct slip_str text; /* string, hash, base64 */
        bool boolean;
        int64_t number;
        struct slip_go_time time;
        struct slip_go_list {
            struct slip_go *at;
            size_t len, cap; /* elements beyond `len` keep their old content, as in Go */
        } list;
        struct slip_go_pairs {
            struct slip_go_pair *at; /* in the order of the text; of equal keys the last counts */
            size_t len, cap;
        } map;
        struct slip_go *fields; /* of struct and pointer; NULL: all zero */
    };
};

/* Read `v` over `out`. The strings point into the document of `v`. */
SLIP_MUST_USE int slip_go_read(struct slip_arena *arena, const struct slip_go_type *type,
                               const struct slip_value *v, struct slip_go *out,
                               struct slip_error *err);

/* Append as json.Marshal does. Sorts maps in place. */
SLIP_MUST_USE int slip_go_write(const struct slip_go_type *type, struct slip_go *v,
                                struct slip_buf *out, struct slip_error *err);

/* A field of a struct or a pointer that is not nil, by its place in the table; made when the struct
 * is still all zero. */
struct slip_go *slip_go_field(struct slip_arena *arena, const struct slip_go_type *type,
                              struct slip_go *v, size_t index);

/* By key, of equal keys the last pair alone. */
void slip_go_map_sort(struct slip_go *map);

/* Add to a map or set; a later pair wins. */
void slip_go_map_add(struct slip_arena *arena, struct slip_go *map, struct slip_str key,
                     struct slip_str value);

#endif
