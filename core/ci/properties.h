/* SPDX-License-Identifier: Apache-2.0 */
/* Java's properties files, in which TeamCity says what a build is. */
#ifndef SLIP_CI_PROPERTIES_H
#define SLIP_CI_PROPERTIES_H

#include "base/buf.h"

#define SLIP_CI_PROPERTIES_MAX (4u << 20)

/* Append the value of `name`, the last one when there are several; false when there is none. Lines
 * that go on with a backslash at their end and characters written as \uXXXX are understood. */
bool slip_ci_property(struct slip_str text, const char *name, struct slip_buf *out);

#endif
