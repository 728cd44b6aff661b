/* SPDX-License-Identifier: Apache-2.0 */
/* YAML text to a value tree. libyaml finds the events; what they mean is decided here. */
#ifndef SLIP_VALUE_YAML_H
#define SLIP_VALUE_YAML_H

#include "value/value.h"

enum slip_yaml_schema {
    /* As gopkg.in/yaml.v2: YAML 1.1 booleans, octal and binary numbers, "<<" merges, duplicate keys
     * refused (werf-config.md A.5). */
    SLIP_YAML_GO,
    /* Our own files: YAML 1.2 core, only true and false are booleans, no merge keys, no tags,
     * duplicate keys refused (hooks-and-ci.md 5.1). */
    SLIP_YAML_CORE,
};

/*
 * Read the first document of `text`. `name` and `first_line` (1 normally) are used in messages and
 * places: "name:line:col: ...". `more` (may be NULL) says whether a second document follows.
 */
SLIP_MUST_USE
int slip_yaml_read(struct slip_str text, const char *name, unsigned first_line,
                   enum slip_yaml_schema schema, struct slip_doc *out, bool *more,
                   struct slip_error *err);

#endif
