/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 with the alphabet of RFC 4648 section 4 and padding. */
#ifndef SLIP_VALUE_BASE64_H
#define SLIP_VALUE_BASE64_H

#include "base/buf.h"

void slip_base64_encode(struct slip_str data, struct slip_buf *out);

/* Append what `text` stands for; CR and LF in it are skipped. False (and nothing appended) when it
 * is not base64 with its padding. */
bool slip_base64_decode(struct slip_str text, struct slip_buf *out);

#endif
