/* SPDX-License-Identifier: Apache-2.0 */
/* What documents are made of. */
#include "document.h"

#include "base/limits.h"
#include "base/utf8.h"

#include <time.h>

json_t *slip_json_text(struct slip_str s)
{
    SLIP_AUTO(slip_buf) valid = SLIP_BUF(SLIP_LIMIT_TEXT);
    json_t *j = json_stringn(s.ptr ? s.ptr : "", s.len);
    if (j)
        return j;
    slip_buf_add_valid_utf8(&valid, s);
    return json_stringn(valid.ptr, valid.len);
}

json_t *slip_json_text_or_null(const char *s)
{
    return s && s[0] ? slip_json_text(slip_str_of(s)) : json_null();
}

json_t *slip_json_time(int64_t seconds)
{
    char text[32];
    struct tm utc;
    time_t t = (time_t)seconds;
    if (seconds == 0 || !gmtime_r(&t, &utc)
        || strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
        return json_null();
    return json_string(text);
}

json_t *slip_json_number_or_null(int64_t n)
{
    return n ? json_integer(n) : json_null();
}

json_t *slip_json_error(const struct slip_error *err)
{
    if (err->kind == SLIP_OK)
        return json_null();
    return json_pack("{s:s,s:i,s:o,s:o,s:o}", "class", slip_kind_name(err->kind), "code",
                     slip_kind_exit(err->kind), "message", slip_json_text(slip_str_of(err->text)),
                     "hint", slip_json_text_or_null(err->hint), "excerpt",
                     slip_json_text_or_null(err->excerpt));
}

void slip_json_print(json_t *doc)
{
    json_dumpf(doc, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(doc);
}
