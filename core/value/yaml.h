/* SPDX-License-Identifier: Apache-2.0 */
/* YAML text to a value tree. libyaml finds the events; what they mean is decided here. */
#ifndef SLIP_VALUE_YAML_H
#define SLIP_VALUE_YAML_H

#include "value/value.h"

enum slip_yaml_schema {
    /* As gopkg.in/yaml.v2: YAML 1.1 booleans, octal and binary numbers, "<<" merges. Keys that
     * resolve to the same value are refused, merged ones too (werf-config.md A.5). */
    SLIP_YAML_GO_STRICT,
    /* The same, but of equal keys the later value counts. */
    SLIP_YAML_GO,
    /* As that, and keys may be lists and maps: fromYaml refuses them in Go's words and order. */
    SLIP_YAML_GO_LOOSE,
    /* Our own files: YAML 1.2 core, only true and false are booleans, no merge keys, no tags,
     * duplicate keys refused (hooks-and-ci.md 5.1). */
    SLIP_YAML_CORE,
};

/*
 * Read the first document of `text`. Merges are carried out and aliases replaced by copies of what
 * they name, so the tree is a tree; at most SLIP_LIMIT_YAML_NODES nodes and SLIP_LIMIT_YAML_DEPTH
 * levels. Keys are scalars, unless the schema says otherwise.
 *
 * `name` and `first_line` (1 normally) are used in messages and places: "name:line:col: ...", with
 * the lines around. With `name` NULL a message is worded as yaml.v2 words it: "yaml: line 2: ...".
 * `more` (may be NULL) says whether anything follows the first document. `out` stays when this
 * fails.
 */
SLIP_MUST_USE
int slip_yaml_read(struct slip_str text, const char *name, unsigned first_line,
                   enum slip_yaml_schema schema, struct slip_doc *out, bool *more,
                   struct slip_error *err);

/* What YAML calls the type of a value: "str", "int", "float", "bool", "null", "timestamp", "seq",
 * "map". */
const char *slip_yaml_tag(const struct slip_value *v);

/*
 * Append `v` as yaml.v2 marshals it, with the last line break: blocks of two blanks, keys sorted
 * as a person would (numbers in text count as numbers), long strings folded at 80 columns.
 */
SLIP_MUST_USE
int slip_yaml_write(const struct slip_value *v, struct slip_buf *out, struct slip_error *err);

#endif
