/* SPDX-License-Identifier: Apache-2.0 */
/* What a template may use up before it is stopped. A template comes from a commit: not trusted. */
#ifndef SLIP_TMPL_LIMITS_H
#define SLIP_TMPL_LIMITS_H

#include "base/limits.h"

#define SLIP_TMPL_LIMIT_OUTPUT SLIP_LIMIT_RENDERED
#define SLIP_TMPL_LIMIT_MEMORY (512u << 20) /* bytes of all values made in one rendering */
#define SLIP_TMPL_LIMIT_STEPS 50000000u     /* commands, iterations, elements given to functions */
#define SLIP_TMPL_LIMIT_TEMPLATES 100000    /* depth of {{template}}, as Go; needs no C stack */
#define SLIP_TMPL_LIMIT_EXPRESSIONS                                                                \
    2000                                 /* pipelines inside each other, through include and tpl   \
                                            too: these use the C stack */
#define SLIP_TMPL_LIMIT_NESTING 1000     /* parentheses, and blocks, inside each other */
#define SLIP_TMPL_LIMIT_VALUE_DEPTH 1000 /* lists and maps inside each other */
#define SLIP_TMPL_LIMIT_MESSAGE (32u << 10)  /* of a reason that is given on by include */
#define SLIP_TMPL_LIMIT_FORMAT_WIDTH 1000000 /* width or precision of a verb, as Go */

#endif
