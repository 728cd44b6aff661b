/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of a .dockerignore. */
#include "dockerfile/ignore_file.h"

#include "base/limits.h"
#include "base/path.h"
#include "base/unicode.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "dockerfile/text.h"

enum { PATTERNS_MAX = 100000 }; /* as many as one selection may have */

struct patterns {
    SLIP_VEC(struct slip_str);
};

/* Clean one pattern into `out`: exceptions keep their "!", a leading slash goes. */
static void clean_pattern(struct slip_str line, struct slip_buf *out)
{
    bool exception = line.ptr[0] == '!';
    if (exception) {
        slip_buf_add_char(out, '!');
        line = slip_unicode_trim(slip_str_skip(line, 1));
    }
    if (line.len == 0)
        return;
    SLIP_AUTO(slip_buf) path = SLIP_BUF(SLIP_DOCKERFILE_LINE_MAX + 1);
    slip_path_clean(line, &path);
    struct slip_str cleaned = slip_buf_str(&path);
    if (cleaned.len > 1 && cleaned.ptr[0] == '/')
        cleaned = slip_str_skip(cleaned, 1);
    slip_buf_add_str(out, cleaned);
}

static int read_lines(struct slip_str text, const char *name, struct slip_arena *a,
                      struct patterns *out, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) pattern = SLIP_BUF(SLIP_DOCKERFILE_LINE_MAX + 2);
    struct slip_str rest = slip_text_skip_bom(text), line;
    for (unsigned number = 1; slip_str_line(&rest, &line); number++) {
        if (line.len > SLIP_DOCKERFILE_LINE_MAX)
            return slip_fail(err, SLIP_E_CONFIG, "%s:%u: line is longer than %d bytes", name,
                             number, SLIP_DOCKERFILE_LINE_MAX);
        if (line.len && line.ptr[0] == '#')
            continue;
        line = slip_unicode_trim(line);
        if (line.len == 0)
            continue;
        if (out->len == PATTERNS_MAX)
            return slip_fail(err, SLIP_E_CONFIG, "%s:%u: more than %d patterns", name, number,
                             PATTERNS_MAX);
        slip_buf_reset(&pattern);
        clean_pattern(line, &pattern);
        slip_vec_push(out, slip_arena_str(a, slip_buf_str(&pattern)));
    }
    return 0;
}

int slip_ignore_file_read(struct slip_str text, const char *name, struct slip_arena *a,
                          struct slip_ignore_patterns *out, struct slip_error *err)
{
    struct patterns patterns = { 0 };
    int rc = read_lines(text, name, a, &patterns, err);
    if (rc == 0) {
        out->at = slip_arena_array(a, patterns.len, sizeof(*out->at));
        out->len = patterns.len;
        if (patterns.len)
            memcpy(out->at, patterns.at, patterns.len * sizeof(*out->at));
    }
    slip_vec_clear(&patterns);
    return rc;
}
