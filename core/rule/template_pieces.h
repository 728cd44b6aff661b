/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts with placeholders, as pieces. Reading them stands apart from filling them in, so that a
 * hook which only checks needs no hashes.
 */
#ifndef SLIP_RULE_TEMPLATE_PIECES_H
#define SLIP_RULE_TEMPLATE_PIECES_H

#include "rule/template.h"

enum template_word {
    WORD_IMAGE,
    WORD_IMAGE_SLUG,
    WORD_IMAGE_SAFE_SLUG,
    WORD_IMAGE_CONTENT_BASED_TAG,
    WORD_REF,
    WORD_REF_NAME,
    WORD_REF_TYPE,
    WORD_TAG,
    WORD_TAG_SLUG,
    WORD_TAG_SAFE_SLUG,
    WORD_BRANCH,
    WORD_BRANCH_SLUG,
    WORD_BRANCH_SAFE_SLUG,
    WORD_SHA,
    WORD_SHA_SHORT,
    WORD_COMMIT_DATE,
    WORD_COMMIT_DATETIME,
    WORD_COMMIT_TIMESTAMP,
    WORD_VERSION,
    WORD_VERSION_CORE,
    WORD_MAJOR,
    WORD_MINOR,
    WORD_PATCH,
    WORD_PRERELEASE,
    WORD_BUILD,
    WORD_PROJECT,
    WORD_REPO_PATH,
    WORD_REPO_NAME,
    WORD_REPO_OWNER,
    WORD_CI_RUN_ID,
    WORD_CI_RUN_NUMBER,
    WORDS
};

struct template_word_info {
    const char *name;
    unsigned uses; /* enum slip_template_uses */
};
extern const struct template_word_info template_words[WORDS];

enum template_filter {
    FILTER_LOWER,
    FILTER_UPPER,
    FILTER_SLUG,
    FILTER_SAFE_SLUG,
    FILTER_TRUNC,
    FILTER_REPLACE,
    FILTER_DEFAULT,
    FILTERS
};

enum piece_kind { PIECE_LITERAL, PIECE_WORD, PIECE_CAPTURE, PIECE_ENV };

struct piece {
    enum piece_kind kind;
    struct slip_str text;    /* literal, or the name of the variable */
    enum template_word word; /* PIECE_WORD */
    unsigned capture;        /* PIECE_CAPTURE */
    struct slip_str name;    /* of a placeholder, as written */
    struct slip_str filters; /* all of them, "a|b:c", or empty */
};

/* The next piece of a template; `*more` false: there is none. */
int template_next_piece(struct slip_str *rest, enum slip_template_kind kind, struct piece *out,
                        bool *more, struct slip_error *err);

/* The next filter of a piece with its arguments; `*more` false: there is none. */
int template_next_filter(struct slip_str *filters, enum template_filter *out,
                         struct slip_str args[2], bool *more, struct slip_error *err);

unsigned template_uses(const struct piece *p);

#endif
