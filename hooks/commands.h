/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of slipway: each stands with its options in hooks/cmd_<name>.c. */
#ifndef SLIP_HOOKS_COMMANDS_H
#define SLIP_HOOKS_COMMANDS_H

#include "cli.h"

extern const struct slip_command slip_command_export, slip_command_run, slip_command_tags;
extern const struct slip_command slip_command_install, slip_command_uninstall, slip_command_trust;
extern const struct slip_command slip_command_hook_pre_push, slip_command_hook_finish;
extern const struct slip_command slip_command_wait, slip_command_version;
extern const struct slip_command slip_command_check, slip_command_ci, slip_command_doctor;
extern const struct slip_command slip_command_config_render, slip_command_config_list;
extern const struct slip_command slip_command_config_graph;
extern const struct slip_command slip_command_init;
extern const struct slip_command slip_command_jobs_list, slip_command_jobs_show;
extern const struct slip_command slip_command_jobs_retry, slip_command_jobs_drop;
extern const struct slip_command slip_command_audit, slip_command_sync;
extern const struct slip_command slip_command_help, slip_command_why;
extern const struct slip_command slip_command_completion;

#endif
