/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON with the rules of Go's encoding/json, for text that is compared byte for byte
 * (registry-export.md 2.3). Our own documents are made with jansson.
 *
 * Reading: an invalid byte of a string and a lone surrogate escape become U+FFFD; all pairs of an
 * object stand in the tree in the order of the text, equal keys too; the text of a number is kept
 * as written, INT and UINT only when it has neither fraction nor exponent, else FLOAT (`f` is
 * infinite when it is out of range); at most 10000 levels.
 */
#ifndef SLIP_VALUE_JSON_H
#define SLIP_VALUE_JSON_H

#include "value/value.h"

enum slip_json_read_flag {
    SLIP_JSON_FIRST_VALUE = 1, /* ignore what follows the first value, whatever it is */
};

/* `name` (may be NULL) and the place stand in front of messages. `out` stays when this fails. */
SLIP_MUST_USE int slip_json_read(struct slip_str text, const char *name, unsigned flags,
                                 struct slip_doc *out, struct slip_error *err);

enum slip_json_write_flag {
    SLIP_JSON_HTML = 1,   /* < > & as \u003c \u003e \u0026, as json.Marshal does */
    SLIP_JSON_PRETTY = 2, /* two blanks a level, as json.MarshalIndent with "" and "  " */
};

/* Append a string with its quotes. An invalid byte becomes the six characters \ufffd. */
void slip_json_add_string(struct slip_buf *out, struct slip_str s, unsigned flags);

/*
 * Append a value as json.Marshal does: compact, keys sorted by bytes, of equal keys the last value.
 * Fails for NaN and infinities, which JSON lacks.
 */
SLIP_MUST_USE int slip_json_write(const struct slip_value *v, unsigned flags, struct slip_buf *out,
                                  struct slip_error *err);

#endif
