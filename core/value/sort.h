/* SPDX-License-Identifier: Apache-2.0 */
/* Pairs of a map in an order that does not depend on the text; inside this room only. */
#ifndef SLIP_VALUE_SORT_H
#define SLIP_VALUE_SORT_H

#include "base/mem.h"
#include "value/value.h"

/* Addresses of the pairs, sorted by the bytes of their keys' text, equal keys in the order of the
 * map. Free with slip_free. */
struct slip_pair **slip_pairs_sorted(const struct slip_value *map);

#endif
