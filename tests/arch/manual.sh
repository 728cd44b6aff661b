#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Manual pages are clean. usage: manual.sh TOP
cd "$1" || exit 1
command -v mandoc >/dev/null || { echo "skipped: mandoc missing"; exit 77; }
mandoc -Tlint -Werror hooks/*.[1-8]
