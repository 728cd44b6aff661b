/* SPDX-License-Identifier: Apache-2.0 */
/* Time that only goes on, for how long something takes: not the time of day. */
#ifndef SLIP_BASE_CLOCK_H
#define SLIP_BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds since some moment of this boot. */
int64_t slip_clock_ms(void);

#endif
