#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# No two rooms define the same name: the linker would take either without a word.
# usage: symbols.sh TOP CC BUILD
library=$3/core/libslipway.a
command -v nm >/dev/null || { echo "skipped: nm missing"; exit 77; }
twice=$(nm --defined-only "$library" 2>/dev/null | awk '$2 ~ /^[TDBR]$/ { print $3 }' | sort | uniq -d)
[ -z "$twice" ] || { echo "defined twice: $twice"; exit 1; }
