/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents of --json: one object on one line, "schema" first. A member that is not known is null
 * and never left out, so that every document of a command has the same members.
 * slipway-json(5) lists them, and a test holds the list.
 */
#ifndef SLIP_HOOKS_DOCUMENT_H
#define SLIP_HOOKS_DOCUMENT_H

#include "base/error.h"
#include "base/str.h"

#include <jansson.h>

/* Names and messages may be any bytes: what is not UTF-8 is replaced. */
json_t *slip_json_text(struct slip_str s);
/* null for NULL or nothing. */
json_t *slip_json_text_or_null(const char *s);
/* As 2026-01-02T03:04:05Z; null for 0. */
json_t *slip_json_time(int64_t seconds);
/* A number; null for 0. */
json_t *slip_json_number_or_null(int64_t n);
/* {class, code, message, hint, excerpt}; null when nothing is recorded. */
json_t *slip_json_error(const struct slip_error *err);

/* Print it on stdout, and free it. */
void slip_json_print(json_t *doc);

#endif
