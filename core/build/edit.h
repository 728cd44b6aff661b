/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changing a JSON document that is ours alone: the config or manifest of an image that was just
 * built. New nodes live in the document's arena; text that is given must outlive the document.
 */
#ifndef SLIP_BUILD_EDIT_H
#define SLIP_BUILD_EDIT_H

#include "value/value.h"

struct slip_value *slip_edit_string(struct slip_doc *d, struct slip_str text);
struct slip_value *slip_edit_int(struct slip_doc *d, int64_t number);
struct slip_value *slip_edit_list(struct slip_doc *d, size_t len); /* items to be filled in */
struct slip_value *slip_edit_strings(struct slip_doc *d, const struct slip_str *texts, size_t n);
struct slip_value *slip_edit_map(struct slip_doc *d); /* empty */

/* Set or add a member. Of equal keys that stand there already, all are gone afterwards. */
void slip_edit_set(struct slip_doc *d, struct slip_value *map, struct slip_str key,
                   struct slip_value *value);

/* True when it was there. */
bool slip_edit_remove(struct slip_value *map, struct slip_str key);

/* The member of that name, an empty map put there when there is none or null. */
SLIP_MUST_USE int slip_edit_map_at(struct slip_doc *d, struct slip_value *map, const char *key,
                                   struct slip_value **out, struct slip_error *err);

/* Read a JSON object. `what` stands in messages. */
SLIP_MUST_USE int slip_edit_read(struct slip_str text, const char *what, struct slip_doc *out,
                                 struct slip_error *err);

#endif
