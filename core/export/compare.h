/* SPDX-License-Identifier: Apache-2.0 */
/* Compare what stands under the names of a plan with what the plan would write. Writes nothing. */
#ifndef SLIP_EXPORT_COMPARE_H
#define SLIP_EXPORT_COMPARE_H

#include "export/plan.h"

enum slip_compare_state {
    SLIP_COMPARE_EQUAL,
    SLIP_COMPARE_MISSING,
    SLIP_COMPARE_DIFFERS,
    SLIP_COMPARE_FAILED,
};

/* Of plan->names.at[i]. */
struct slip_comparison {
    enum slip_compare_state state;
    char there[SLIP_DIGEST_LEN + 1]; /* digest of what stands there, or "" */
    char *differences;               /* DIFFERS: lines "place: what is there -> what would be" */
    struct slip_error err;           /* FAILED */
};

/* `out` has one element per name of the plan; give them to slip_comparisons_clear. `absent` (may be
 * NULL) has a flag for each that is known to be missing: it is not asked for. -1 when a name could
 * not be looked at. */
SLIP_MUST_USE int slip_export_compare(struct slip_registry *registry,
                                      const struct slip_export_plan *plan, const bool *absent,
                                      struct slip_comparison *out);
void slip_comparisons_clear(struct slip_comparison *c, size_t n);

#endif
