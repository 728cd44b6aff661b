/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of this room share: long lines, marks. */
#ifndef SLIP_DOCKERFILE_TEXT_H
#define SLIP_DOCKERFILE_TEXT_H

#include "base/str.h"

#define SLIP_DOCKERFILE_LINE_MAX 65535 /* bytes before the LF; a longer line is an error */

/* Without a byte order mark at the start. */
struct slip_str slip_text_skip_bom(struct slip_str s);

#endif
