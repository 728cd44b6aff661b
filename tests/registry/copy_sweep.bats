# SPDX-License-Identifier: Apache-2.0
# Copies between two registries with a proxy that does harm in front of the target, at each request
# in turn.
# shellcheck shell=bash

load helper

setup() {
    need "${REGISTRY:-docker-registry}"
    start_registry a
    start_registry b
}

teardown() {
    end_all
}

# Copies beside each other, each to a repository of its own, by which the proxy knows what to do to
# it. Their layers are small, but streamed.
small_image() {
    make_image "$top/small" 4 150000
    "$tool" "oci:$top/small:v1" "$a/small:v1"
}

# How many requests a copy makes of its target.
count_requests() {
    start_proxy "$b"
    "$tool" -i "$a/small:v1" "$proxied/measure:v1" >/dev/null
    stop_proxy
    wc -l <"$top/proxy.log"
}

# what_arrived NAME: the digest, once every byte was read back.
what_arrived() {
    "$tool" "$b/$1:v1" "oci:$top/back.$1:v1" | cut -d' ' -f1
    rm -rf "$top/back.$1"
}

# fault_case NAME: success, or an error and success the next time.
fault_case() {
    local status=0
    timeout 60 "$tool" -i "$a/small:v1" "$proxied/$1:v1" || status=$?
    [ "$status" = 0 ] || "$tool" "$a/small:v1" "$b/$1:v1"
    [ "$(what_arrived "$1")" = "$(cat "$top/small.digest")" ]
}

@test "a fault at each request of a copy ends in success, or in an error and success the next time" {
    local all
    small_image
    all=$(count_requests)
    [ "$all" -gt 10 ] || [ "${REGISTRY:-}" = ggcr-registry ]
    sweep fault_case "$b" "$all" lose reset@200 status:503 status:404 status:401
    each_met "$all" 503
}

# kill_case NAME: the old name or the new one, and the next one completes.
kill_case() {
    "$tool" "$a/other:v1" "$b/$1:v1"
    kill_when_it_hangs "$1" "$tool" -i "$a/small:v1" "$proxied/$1:v1"
    what_arrived "$1" | grep -qxF -f "$top/other.digest" -f "$top/small.digest"
    "$tool" "$a/small:v1" "$b/$1:v1"
    [ "$(what_arrived "$1")" = "$(cat "$top/small.digest")" ]
}

@test "killed at any request, a copy leaves the old name or the new one, and the next one completes" {
    local all
    small_image
    make_image "$top/other" 2 150000
    "$tool" "oci:$top/other:v1" "$a/other:v1"
    all=$(count_requests)
    sweep kill_case "$b" "$all" hang
    each_met "$all" 0
}
