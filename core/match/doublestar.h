/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Path patterns with `**`, with the results and the refusals of doublestar 4.9
 * (dockerfile-digest.md 6.7):
 *
 *     *  any run without '/'       **  as a whole component: any number of components
 *     ?  one character but '/'     [a-z] [!a] [^a]  one of a set (it may hold '/')
 *     {a,b}  alternatives, nested, with slashes      \x  literal
 */
#ifndef SLIP_MATCH_DOUBLESTAR_H
#define SLIP_MATCH_DOUBLESTAR_H

#include "base/str.h"

enum slip_doublestar {
    SLIP_DOUBLESTAR_NO,
    SLIP_DOUBLESTAR_YES,
    SLIP_DOUBLESTAR_BAD, /* malformed, and that was noticed: it may depend on the name */
};

/* Braces inside each other beyond 64 levels, or an absurd number of alternatives, count as bad. */
enum slip_doublestar slip_doublestar_match(struct slip_str pattern, struct slip_str name);

/* Malformed whatever the name is: unbalanced brackets or braces, an escape with nothing behind. */
bool slip_doublestar_is_valid(struct slip_str pattern);

#endif
