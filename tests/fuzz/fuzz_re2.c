/* SPDX-License-Identifier: Apache-2.0 */
/* Regular expressions: the first line is the expression, the second a template, the rest text. */
#include "fuzz/fuzz.h"

#include <stdlib.h>

#include "match/re2.h"

enum { MOST_WORK = 5000000, MOST_SPANS = 8 };

static void must(bool good)
{
    if (!good)
        abort();
}

/* Matches stand one behind the other, in the text, with their groups inside them or nowhere. */
static size_t walk(struct slip_re2 *re, struct slip_str text)
{
    struct slip_re2_span spans[MOST_SPANS];
    struct slip_re2_walk w = { .re = re, .text = text };
    size_t count = 0, end = 0;
    for (; slip_re2_next(&w, spans, MOST_SPANS); count++) {
        must(spans[0].start >= end && spans[0].end >= spans[0].start && spans[0].end <= text.len);
        for (size_t i = 1; i < MOST_SPANS; i++)
            must(spans[i].start == SLIP_NPOS
                 || (spans[i].start >= spans[0].start && spans[i].end <= spans[0].end
                     && spans[i].start <= spans[i].end));
        end = spans[0].end;
    }
    return count;
}

/* The parts of a text are in it, in their order. */
static void split(struct slip_re2 *re, struct slip_str text)
{
    struct slip_re2_split s = { .walk = { .re = re, .text = text }, .limit = -1 };
    struct slip_str part;
    const char *at = text.ptr;
    while (slip_re2_next_part(&s, &part)) {
        must(part.ptr >= at && part.ptr + part.len <= text.ptr + text.len);
        at = part.ptr + part.len;
    }
}

static void quote(struct slip_str text)
{
    SLIP_AUTO(slip_buf) quoted = SLIP_BUF(SLIP_NPOS);
    SLIP_AUTO_PTR(slip_re2) re = NULL;
    struct slip_re2_span span;
    struct slip_error err = { 0 };
    slip_re2_quote(text, &quoted);
    if (slip_re2_compile(slip_buf_str(&quoted), &re, &err) == 0) /* not when it is no UTF-8 */
        must(slip_re2_find(re, text, 0, &span, 1) && span.start == 0 && span.end == text.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slip_str text = slip_str_make((const char *)data, size), pattern, template;
    if (!slip_str_line(&text, &pattern) || !slip_str_line(&text, &template))
        return 0;
    struct slip_error err = { 0 };
    SLIP_AUTO_PTR(slip_re2) re = NULL;
    if (slip_re2_compile(pattern, &re, &err) < 0) {
        must(err.kind == SLIP_E_CONFIG && !re);
        return 0;
    }
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1 << 20);
    slip_re2_limit_work(re, MOST_WORK);
    bool matches = slip_re2_match(re, text);
    size_t count = walk(re, text);
    if (!slip_re2_exhausted(re))
        must(matches == (count > 0));
    split(re, text);
    slip_re2_replace_all(re, text, template, &out);
    slip_re2_replace_all_literal(re, text, template, &out);
    quote(pattern);
    return 0;
}
