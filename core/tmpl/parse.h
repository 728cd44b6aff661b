/* SPDX-License-Identifier: Apache-2.0 */
/* Template text to trees; inside this room only. */
#ifndef SLIP_TMPL_PARSE_H
#define SLIP_TMPL_PARSE_H

#include "base/error.h"
#include "base/map.h"
#include "tmpl/func.h"
#include "tmpl/node.h"

/*
 * Parse `source`, which may call the functions of `names`. `trees` (name -> struct slip_tmpl_tree,
 * of the arena) gets each template it defines and, under the name of the source, what stands
 * outside of them. On failure `message` is Go's text, in the arena.
 */
SLIP_MUST_USE int slip_tmpl_parse(const struct slip_source *source,
                                  const struct slip_tmpl_names *names, struct slip_arena *arena,
                                  struct slip_map *trees, struct slip_str *message);

#endif
