/* SPDX-License-Identifier: Apache-2.0 */
/* Columns of text. */
#include "report/table.h"

#include "base/utf8.h"

void slip_table_init(struct slip_table *t, size_t columns)
{
    *t = (struct slip_table){ .columns = columns };
}

void slip_table_clear(struct slip_table *t)
{
    for (size_t i = 0; i < t->cells.len; i++)
        slip_free(t->cells.at[i]);
    slip_vec_clear(&t->cells);
}

void slip_table_add(struct slip_table *t, const char *text)
{
    char *cell = slip_strdup(text ? text : "");
    for (char *p = cell; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7F)
            *p = '?';
    slip_vec_push(&t->cells, cell);
}

static size_t width_of(const char *cell)
{
    return slip_utf8_count(slip_str_of(cell));
}

void slip_table_print(const struct slip_table *t, struct slip_buf *out)
{
    size_t widths[SLIP_TABLE_COLUMNS] = { 0 };
    for (size_t i = 0; i < t->cells.len; i++) {
        size_t width = width_of(t->cells.at[i]);
        if (width > widths[i % t->columns])
            widths[i % t->columns] = width;
    }
    size_t blanks = 0; /* owed, written only when something follows */
    for (size_t i = 0; i < t->cells.len; i++) {
        size_t column = i % t->columns;
        const char *cell = t->cells.at[i];
        if (cell[0]) {
            for (; blanks; blanks--)
                slip_buf_add_char(out, ' ');
            slip_buf_add_c(out, cell);
        }
        blanks += widths[column] - width_of(cell) + (widths[column] ? 2 : 0);
        if (column + 1 == t->columns) {
            slip_buf_add_char(out, '\n');
            blanks = 0;
        }
    }
}
