/* SPDX-License-Identifier: Apache-2.0 */
/* Build reports of werf as a source of stages, and out of stages (werf-config.md section F). */
#ifndef SLIP_FLOW_BUILD_REPORTS_H
#define SLIP_FLOW_BUILD_REPORTS_H

#include "flow/resolve.h"
#include "report/build_report.h"

/*
 * The wanted images as a report tells them, in place of working out digests: each is read from the
 * repository of its record, by digest when the record has one, so that it is the image of that
 * build whatever stands under the tag now. An image that the report does not have, or has as not
 * final, is an error, where werf exports the others without a word. `path` is for messages.
 */
SLIP_MUST_USE int slip_resolve_report(const struct slip_project *p, const bool *wanted,
                                      const struct slip_build_report *report, const char *path,
                                      struct slip_registry *registry, struct slip_resolution *out,
                                      struct slip_error *err);

/*
 * The report of images that are complete, those that others only need among them. `indexes` has the
 * index of each resolved image of several platforms, with the images of the platforms as its
 * children.
 */
void slip_report_of_resolution(const struct slip_project *p, const struct slip_resolution *r,
                               const struct slip_stored *indexes, const char *backend,
                               struct slip_build_report *out);

#endif
