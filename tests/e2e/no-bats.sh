#!/bin/sh
echo "skipped: bats missing"
exit 77
