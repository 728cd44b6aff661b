/* SPDX-License-Identifier: Apache-2.0 */
/* Marks in the texts of this room. */
#include "dockerfile/text.h"

struct slip_str slip_text_skip_bom(struct slip_str s)
{
    return slip_str_starts(s, SLIP_STR("\xEF\xBB\xBF")) ? slip_str_skip(s, 3) : s;
}
