/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Included before everything else by the compiler (-include). Calls that are easy to get wrong
 * become compile errors. System headers come first, so that their own declarations survive.
 */
#ifndef SLIP_BASE_BANNED_H
#define SLIP_BASE_BANNED_H

#define _GNU_SOURCE

#ifndef __cplusplus

#pragma GCC system_header
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok gets atoi atol atof
#pragma GCC poison gmtime localtime asctime ctime system popen

#endif
#endif
