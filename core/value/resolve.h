/* SPDX-License-Identifier: Apache-2.0 */
/* What a plain YAML scalar means; inside this room only. */
#ifndef SLIP_VALUE_RESOLVE_H
#define SLIP_VALUE_RESOLVE_H

#include "value/value.h"

/* Set type and content of `v` from v->text, as gopkg.in/yaml.v2 does for an untagged plain scalar
 * (werf-config.md A.5). Timestamps stay strings with `time` set when `times` is true. */
void slip_yaml_resolve_go(struct slip_value *v, bool times);

/* As the core schema of YAML 1.2 does. */
void slip_yaml_resolve_core(struct slip_value *v);

#endif
