/* SPDX-License-Identifier: Apache-2.0 */
/* What the stages of a regular expression hand to each other: text -> nodes -> program -> match. */
#ifndef SLIP_MATCH_RE2_IMPL_H
#define SLIP_MATCH_RE2_IMPL_H

#include "base/arena.h"
#include "base/utf8.h"
#include "match/re2.h"

/* ---- sets of runes: re2_class.c ---- */

struct re2_range {
    uint32_t lo, hi;
};

/* Under construction: ranges in any order; after re2_set_clean sorted and apart. */
struct re2_set {
    SLIP_VEC(struct re2_range);
};

void re2_set_add(struct re2_set *s, uint32_t lo, uint32_t hi);
void re2_set_add_folded(struct re2_set *s, uint32_t lo, uint32_t hi); /* with all other cases */
void re2_set_clean(struct re2_set *s);
void re2_set_negate(struct re2_set *s); /* `s` must be clean */

/* The class \d \s \w or [:name:] or \p{name}; false when there is none of that name. */
bool re2_set_add_perl(struct re2_set *s, char letter, bool fold);
bool re2_set_add_posix(struct re2_set *s, struct slip_str name, bool fold);
bool re2_set_add_unicode(struct re2_set *s, struct slip_str name, bool negated, bool fold);

/* ---- nodes: re2_parse.c ---- */

enum re2_op {
    RE2_EMPTY,
    RE2_LITERAL, /* runes in a row */
    RE2_CLASS,
    RE2_ANY,
    RE2_ANY_NOT_NL,
    RE2_ASSERT,
    RE2_CAPTURE,
    RE2_REPEAT,
    RE2_CONCAT,
    RE2_ALTERNATE,
};

enum re2_assertion { /* bits */
                     RE2_BEGIN_LINE = 1,
                     RE2_END_LINE = 2,
                     RE2_BEGIN_TEXT = 4,
                     RE2_END_TEXT = 8,
                     RE2_WORD_BOUNDARY = 16,
                     RE2_NO_WORD_BOUNDARY = 32,
};

struct re2_node {
    enum re2_op op;
    bool fold;     /* LITERAL: case does not count; runes are fold keys */
    bool lazy;     /* REPEAT: as few as possible */
    bool nullable; /* may match the empty text */
    int min, max;  /* REPEAT; max -1: no end */
    unsigned arg;  /* ASSERT: which; CAPTURE: number of the group */
    int height;    /* levels down to the leaves, at most 1000 */
    int copies;    /* of the innermost part that nested counts make */
    int64_t size;  /* instructions at most */
    size_t len;    /* of what follows */
    union {
        uint32_t *runes;          /* LITERAL */
        struct re2_range *ranges; /* CLASS */
        struct re2_node **subs;   /* CAPTURE, REPEAT (one); CONCAT, ALTERNATE */
    };
};

struct re2_tree {
    struct re2_node *root;
    SLIP_VEC(struct slip_str); /* names of groups, the first for group 1 */
};

int re2_parse(struct slip_str pattern, struct slip_arena *arena, struct re2_tree *out,
              struct slip_error *err);

/* ---- program: re2_program.c ---- */

enum re2_code {
    RE2_I_MATCH,
    RE2_I_RUNE,       /* arg: the rune */
    RE2_I_FOLD,       /* arg: the fold key */
    RE2_I_CLASS,      /* arg: index of the class */
    RE2_I_ANY,        /* any rune */
    RE2_I_ANY_NOT_NL, /* any but line feed */
    RE2_I_SPLIT,      /* first next, then arg */
    RE2_I_SAVE,       /* arg: slot 2n begins group n, 2n+1 ends it */
    RE2_I_ASSERT,     /* arg: bits of enum re2_assertion */
};

struct re2_inst {
    enum re2_code code;
    uint32_t next, arg;
};

struct re2_class {
    uint64_t ascii[2]; /* one bit per rune below 128 */
    const struct re2_range *ranges;
    size_t len;
};

struct re2_program {
    SLIP_VEC(struct re2_inst);
    struct {
        SLIP_VEC(struct re2_class);
    } classes;
    uint32_t start;
    bool begins_text; /* every match begins at the start of the text */
    char *prefix;     /* what every match begins with, or NULL */
    size_t prefix_len;
    bool any_first;  /* a match may begin with any byte, or be empty */
    bool first[256]; /* otherwise: with these */
};

/* Classes point into the tree's arena. */
void re2_program_make(const struct re2_tree *tree, struct re2_program *out);
void re2_program_clear(struct re2_program *p);

/* ---- running: re2_run.c ---- */

struct re2_machine;
struct re2_machine *re2_machine_new(const struct re2_program *p);
void re2_machine_free(struct re2_machine *m);

/* See slip_re2_work and its like. */
uint64_t re2_machine_work(const struct re2_machine *m);
void re2_machine_limit(struct re2_machine *m, uint64_t limit);
bool re2_machine_exhausted(const struct re2_machine *m);

/* The leftmost match from `from` on; writes `n` slots (0: only whether). */
bool re2_machine_run(struct re2_machine *m, struct slip_str text, size_t from, size_t *slots,
                     size_t n);

#endif
