/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of slipway, one file each: hooks/cmd_<name>.c. */
#ifndef SLIP_HOOKS_COMMANDS_H
#define SLIP_HOOKS_COMMANDS_H

#include "cli.h"

#endif
