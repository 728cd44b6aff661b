/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the process keeps resident.
 *
 * Starting takes more pages than running: the tables of symbols and relocations of some forty
 * libraries, and the code that gets them, git and the command line ready, are looked at once. They
 * stay resident next to the buffers of a transfer, and would be most of what an export is seen to
 * take. They only mirror files, so they can be given back at any time.
 */
#ifndef SLIP_BASE_FOOTPRINT_H
#define SLIP_BASE_FOOTPRINT_H

#include "base/macro.h"

/* Once, at the start: large allocations always go back to the system when they are freed. (glibc
 * keeps the room of those that are like one it saw before, and batches of requests are alike.) */
void slip_footprint_begin(void);

/* Of the program and its libraries. */
enum slip_footprint {
    SLIP_FOOTPRINT_LOADER, /* what the loader read: symbols, relocations */
    SLIP_FOOTPRINT_FILES,  /* this, and all code and constants */
};

/*
 * Give these pages back. What is still used comes back from the page cache when it is touched, at
 * microseconds per 64 KiB: fifty times after LOADER, two hundred times after FILES, which is a
 * tenth of what the shortest command takes. So call this only where a large part of the work
 * begins.
 */
void slip_footprint_shrink(enum slip_footprint what);

#endif
