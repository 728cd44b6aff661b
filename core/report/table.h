/* SPDX-License-Identifier: Apache-2.0 */
/* Columns of text: as wide as their widest cell, two blanks between, nothing behind the last. */
#ifndef SLIP_REPORT_TABLE_H
#define SLIP_REPORT_TABLE_H

#include "base/buf.h"
#include "base/vec.h"

enum { SLIP_TABLE_COLUMNS = 8 };

struct slip_table {
    size_t columns;
    struct {
        SLIP_VEC(char *);
    } cells;
};

void slip_table_init(struct slip_table *t, size_t columns); /* at most SLIP_TABLE_COLUMNS */
void slip_table_clear(struct slip_table *t);
SLIP_DEFINE_AUTO(slip_table, slip_table_clear);

/* The next cell, from left to right; copied; NULL is empty. Control characters become '?'. */
void slip_table_add(struct slip_table *t, const char *text);

void slip_table_print(const struct slip_table *t, struct slip_buf *out);

#endif
