/* SPDX-License-Identifier: Apache-2.0 */
/* What a harness defines: one input, no files, no clock; gives 0. */
#ifndef SLIP_TESTS_FUZZ_H
#define SLIP_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
