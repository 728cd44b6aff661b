/* SPDX-License-Identifier: Apache-2.0 */
/* A temporary directory for one test, and real git in it. Any failure ends the test program. */
#ifndef SLIP_TESTS_SANDBOX_H
#define SLIP_TESTS_SANDBOX_H

#include "base/str.h"

/* Path of a fresh directory, to be given to sandbox_free. */
char *sandbox_new(void);
void sandbox_free(char *dir);

/*
 * Run `git -C dir <words>`; `words` is split at blanks, a word "%" is replaced by the next of `...`
 * (C strings). Identity and date are fixed, the user's own configuration is not read.
 */
void sandbox_git(const char *dir, const char *words, ...);

/* The first line that such a command prints; freed with slip_free. */
char *sandbox_git_line(const char *dir, const char *words, ...);

/* Write `content` to dir/path, making directories. */
void sandbox_write(const char *dir, const char *path, const char *content);
void sandbox_link(const char *dir, const char *path, const char *target);

#endif
