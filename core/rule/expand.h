/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a decision to the names it asks for: placeholders filled in, but for the four words of an
 * image; versions read; names that move kept back when a newer version holds them.
 */
#ifndef SLIP_RULE_EXPAND_H
#define SLIP_RULE_EXPAND_H

#include "rule/decide.h"
#include "rule/holders.h"
#include "rule/template.h"

/* A name that the rule wants. */
struct slip_wish {
    const struct slip_rule_to *to;
    struct slip_place place;
    struct slip_str reference;     /* with %image%, %image_slug%, ... still in it */
    enum slip_if_exists if_exists; /* never AUTO */
    bool floating;                 /* meant to move: written after the others */
    bool latest;                   /* the tag `latest`: written last */
    bool filters_image;            /* words of an image in `reference` have filters */
    struct slip_str version;       /* of a name that only the newest version moves; else empty */
};

struct slip_wish_image {
    struct slip_pattern pattern;
    struct slip_place place;
    bool negated;
    bool plain; /* without placeholders */
};

struct slip_wishes {
    struct slip_arena arena;
    bool applies;            /* false: the rule does not ask for this version; `notices` say why */
    struct slip_facts facts; /* as given, with captures and version, for labels */
    struct slip_captures captures;
    struct slip_semver version;
    struct {
        SLIP_VEC(struct slip_wish);
    } names;
    struct {
        SLIP_VEC(struct slip_wish_image);
    } images; /* none: all final images */
    struct {
        SLIP_VEC(const char *);
    } notices; /* for a person: what was left out */
};

void slip_wishes_clear(struct slip_wishes *w);
SLIP_DEFINE_AUTO(slip_wishes, slip_wishes_clear);

/*
 * `facts` without captures, version and image; all it borrows must outlive `out`. `out` must not be
 * moved afterwards. Errors name file, place and rule.
 */
SLIP_MUST_USE int slip_rule_expand(const struct slip_rules *rules, const struct slip_decision *d,
                                   const struct slip_facts *facts, const struct slip_series *series,
                                   struct slip_wishes *out, struct slip_error *err);

/* Append the version that a tag has for its rule: of a semver rule, without the prefix, else the
 * tag as it is. Nothing for branches, and for tags that are no version where one is asked for. */
void slip_rule_version(const struct slip_decision *d, struct slip_buf *out);

/*
 * Which of the `n` final images are wanted. A plain name that is none of them is an error, and so
 * is no image at all. `notices` gets patterns that match nothing.
 */
SLIP_MUST_USE int slip_wishes_select(const struct slip_rules *rules, const struct slip_decision *d,
                                     struct slip_wishes *w, const struct slip_str *names, size_t n,
                                     bool *wanted, struct slip_error *err);

#endif
