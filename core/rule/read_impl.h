/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the rules file is read: tables of keys, and one reader per kind of value. Reading goes on
 * behind a mistake, so that a person sees all of them at once. The JSON schema is printed from the
 * same tables.
 */
#ifndef SLIP_RULE_READ_IMPL_H
#define SLIP_RULE_READ_IMPL_H

#include "rule/rules.h"
#include "rule/template.h"
#include "value/value.h"

struct reader {
    struct slip_rules *rules;
    struct slip_rule_issues *issues;
    struct slip_rule defaults;
    bool version_seen;
};

struct key;
struct kind {
    void (*read)(struct reader *r, const struct slip_value *v, void *field, const struct key *key);
    void (*schema)(const struct key *key, struct slip_buf *out);
};

struct key {
    const char *name;
    const struct kind *kind;
    size_t offset;  /* of the field, from the base of the table */
    const void *of; /* words of an enumeration (ends with NULL), keys of a map */
    const char *about;
};

struct table {
    const struct key *keys; /* ends with a NULL name */
    void *base;
};

/* ---- what is wrong ---- */

struct slip_place rules_place_of(const struct slip_value *v);
struct slip_rule_issue *rules_complain(struct reader *r, struct slip_place place, const char *id,
                                       const char *fmt, ...) SLIP_PRINTF(4, 5);
/* Say what to do where nobody did yet, of issues from this one on. */
void rules_advise(struct slip_rule_issues *issues, size_t from);

/* ---- tables ---- */

/* In the order of the tables, whatever the order of the file: defaults stand before rules, and what
 * a rule says for its destinations before these. */
void rules_read_map(struct reader *r, const struct slip_value *v, const struct table *tables,
                    size_t n);
void rules_schema_of_maps(const struct key *const *tables, size_t n, const char *required,
                          struct slip_buf *out);

/* ---- kinds of values ---- */

extern const struct kind kind_bool;
extern const struct kind kind_enum;
extern const struct kind kind_text;
extern const struct kind kind_str;
extern const struct kind kind_struct;
extern const struct kind kind_duration;
extern const struct kind kind_count;
extern const struct kind kind_reference;
extern const struct kind kind_template;
extern const struct kind kind_created;
extern const struct kind kind_variables;
extern const struct kind kind_platforms;
extern const struct kind kind_references;
extern const struct kind kind_image_patterns;
extern const struct kind kind_patterns;
extern const struct kind kind_labels;

/* Pieces for kinds that stand elsewhere. */
bool rules_is_text(struct reader *r, const struct slip_value *v);
struct slip_rule_text rules_text_of(struct reader *r, const struct slip_value *v);
void rules_read_str(struct reader *r, const struct slip_value *v, void *field,
                    const struct key *key);
bool rules_check_reference(struct reader *r, const struct slip_value *v);
bool rules_is_allowed_variable(const void *payload, struct slip_str name);
void rules_schema_reference(const struct key *key, struct slip_buf *out);
void rules_schema_struct(const struct key *key, struct slip_buf *out);

/* One value, or a list of them: how many, and which. */
size_t rules_list_len(const struct slip_value *v);
const struct slip_value *rules_list_at(const struct slip_value *v, size_t i);

#endif
