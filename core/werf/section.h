/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sections of werf.yaml as tables: a section is a map whose keys are fields, each with a kind of
 * value and a member of a C struct to go to. Inside this room only.
 */
#ifndef SLIP_WERF_SECTION_H
#define SLIP_WERF_SECTION_H

#include "value/value.h"

enum slip_tri { SLIP_UNSET, SLIP_NO, SLIP_YES };

/* A list as it was read; the elements are structs of a section, strings or values. */
struct slip_raw_list {
    void *at;
    size_t len;
};

enum slip_field_kind {
    SLIP_FIELD_STRING,     /* struct slip_str; `ptr` NULL: not given */
    SLIP_FIELD_BOOL,       /* enum slip_tri */
    SLIP_FIELD_INT,        /* int64_t */
    SLIP_FIELD_STRINGS,    /* struct slip_raw_list of struct slip_str: a list only */
    SLIP_FIELD_WORDS,      /* the same: one string or a list of them */
    SLIP_FIELD_STRING_MAP, /* struct slip_raw_list of struct slip_raw_pair, values are strings */
    SLIP_FIELD_ANY_MAP,    /* the same, values as they are */
    SLIP_FIELD_ANY,        /* const struct slip_value *, NULL: not given */
    SLIP_FIELD_SECTION,    /* pointer to the section's struct, NULL: not given or null */
    SLIP_FIELD_SECTIONS,   /* struct slip_raw_list of such structs */
};

struct slip_raw_pair {
    struct slip_str key;
    const struct slip_value *value;
};

struct slip_section;
struct slip_field {
    const char *name;
    enum slip_field_kind kind;
    size_t offset;
    const struct slip_section *section;
};

/* The first member of every section's struct is `const struct slip_value *where`. */
struct slip_section {
    const char *type; /* for messages */
    const struct slip_field *fields;
    size_t n_fields;
    size_t size;
    bool open;             /* other keys are allowed */
    const char *elsewhere; /* a key that would make it another section, or NULL */
    /* Sections whose keys people write into this one, and what to say then: "... belongs in". */
    struct slip_apart {
        const struct slip_section *section;
        const char *advice;
    } apart[2];
};

/* Where raw sections live, and how the text is called in messages. */
struct slip_decoder {
    struct slip_arena *arena;
    const char *name;
    struct slip_str text; /* all of it: errors show lines of it */
    struct slip_error *err;
};

/* Fails with "name:line:col: ..." and the lines around. Always -1. */
int slip_decode_fail(struct slip_decoder *d, const struct slip_value *where, const char *fmt, ...)
    SLIP_PRINTF(3, 4);

/* Reads a map into `out`, which is zeroed before. What it points to lives in the arena or in `v`.
 */
SLIP_MUST_USE int slip_section_decode(struct slip_decoder *d, const struct slip_value *v,
                                      const struct slip_section *section, void *out);

/* The text of a value in a place for strings, as yaml.v2 gives it; false for lists and maps. */
bool slip_value_as_string(const struct slip_value *v, struct slip_str *out);

/* One string or a list of strings; null is the empty list. */
SLIP_MUST_USE int slip_decode_words(struct slip_decoder *d, const struct slip_value *v,
                                    struct slip_raw_list *out);

#endif
