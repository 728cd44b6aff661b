/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a text around the place of an error. */
#include "base/excerpt.h"

#include "base/utf8.h"

enum {
    TAB = 4,            /* columns; what prints the text may not let a tab through */
    LINES_AROUND = 2,   /* before and behind the line of the error */
    RUNES_SHOWN = 72,   /* of one line */
    RUNES_BEFORE = 40,  /* of them before the mark, when the line is cut in front */
    BYTES_OF_LINE = 160 /* five lines of that fit */
};

/* A line without its CR, cut to what is shown. */
struct window {
    struct slip_str text;
    size_t skipped; /* runes cut in front */
    bool cut;       /* at the end */
};

static struct slip_str skip_runes(struct slip_str s, size_t n)
{
    size_t width;
    while (n-- && s.len) {
        slip_utf8_decode(s, &width);
        s = slip_str_skip(s, width);
    }
    return s;
}

/* The line as far as it may be shown, without its CR, with blanks for tabs. Gives the column that
 * `col` (0: none) has there. */
static unsigned expand_tabs(struct slip_str line, unsigned col, struct slip_buf *out)
{
    unsigned column = 0, at = 0, i = 1;
    size_t width;
    if (line.len && line.ptr[line.len - 1] == '\r')
        line.len--;
    for (; line.len && i <= col + RUNES_SHOWN + 1; i++) {
        if (i == col)
            at = column + 1;
        slip_utf8_decode(line, &width);
        if (line.ptr[0] != '\t')
            slip_buf_add_str(out, slip_str_first(line, width));
        for (unsigned n = line.ptr[0] == '\t' ? TAB - column % TAB : 0; n > 0; n--)
            column += slip_buf_add_char(out, ' ');
        column += line.ptr[0] != '\t';
        line = slip_str_skip(line, width);
    }
    return col && !at ? column + 1 + (col - i) : at;
}

static struct window cut_line(struct slip_str line, unsigned col)
{
    struct window w = { .text = line };
    if (col > RUNES_SHOWN) {
        w.skipped = col - RUNES_BEFORE;
        w.text = skip_runes(w.text, w.skipped);
    }
    size_t most = w.text.len - skip_runes(w.text, RUNES_SHOWN).len;
    /* Not inside a character; a line of nothing but their ends has no better place. */
    while (most > 0
           && (most > BYTES_OF_LINE || (most < w.text.len && (w.text.ptr[most] & 0xC0) == 0x80)))
        most--;
    w.cut = most < w.text.len;
    w.text.len = most;
    return w;
}

static void add_mark(const struct window *w, size_t col, struct slip_buf *out)
{
    slip_buf_add_fmt(out, "  %*s | %s%*s^\n", 5, "", w->skipped ? "   " : "",
                     (int)(col - 1 - w->skipped), "");
}

static void add_line(struct slip_str line, unsigned number, unsigned wanted, unsigned col,
                     struct slip_buf *out)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SIZE_MAX);
    col = expand_tabs(line, number == wanted ? col : 0, &text);
    struct window w = cut_line(slip_buf_str(&text), col);
    slip_buf_add_fmt(out, "%c %5u | %s%.*s%s\n", number == wanted ? '>' : ' ', number,
                     w.skipped ? "..." : "", SLIP_ARG(w.text), w.cut ? "..." : "");
    if (col)
        add_mark(&w, col, out);
}

void slip_error_show(struct slip_error *err, struct slip_str text, unsigned first_line,
                     unsigned line, unsigned col)
{
    SLIP_AUTO(slip_buf) out = SLIP_BUF(sizeof(err->excerpt) - 1);
    struct slip_str rest = text, one;
    unsigned number = first_line;
    if (err->kind == SLIP_OK || err->excerpt[0] || line < first_line)
        return;
    for (; number <= line + LINES_AROUND && slip_str_line(&rest, &one); number++)
        if (number + LINES_AROUND >= line)
            add_line(one, number, line, col, &out);
    if (number >= line) /* just behind the last line: what is missing there */
        memcpy(err->excerpt, out.ptr, out.len + 1);
}
