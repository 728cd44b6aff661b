/* SPDX-License-Identifier: Apache-2.0 */
/* The functions that the evaluator knows itself; inside this room only. */
#ifndef SLIP_TMPL_BUILTIN_H
#define SLIP_TMPL_BUILTIN_H

#include "tmpl/func.h"

/* Never called: the evaluator stops at the first argument that decides. */
slip_tmpl_fn slip_tmpl_fn_and, slip_tmpl_fn_or;

#endif
