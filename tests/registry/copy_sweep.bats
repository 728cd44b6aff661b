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
    local all n action name rules=() names=()
    small_image
    all=$(count_requests)
    [ "$all" -gt 10 ] || [ "${REGISTRY:-}" = ggcr-registry ]
    for action in lose reset@200 status:503 status:404 status:401; do
        for n in $(seq "$all"); do
            name=fault-$n-${action//[:@]/-}
            names+=("$name")
            rules+=("*~/$name/#$n=$action")
        done
    done
    start_proxy "$b" "${rules[@]}"
    at_once fault_case "${names[@]}"
    stop_proxy
    [ "$(grep -c ' 503$' "$top/proxy.log")" = "$all" ] # each met its fault
}

# kill_case NAME: the old name or the new one, and the next one completes.
kill_case() {
    local pid
    "$tool" "$a/other:v1" "$b/$1:v1"
    "$tool" -i "$a/small:v1" "$proxied/$1:v1" &
    pid=$!
    wait_for_hang "$1" $pid
    kill -9 "$pid" 2>/dev/null || true
    wait "$pid" || true
    what_arrived "$1" | grep -qxF -f "$top/other.digest" -f "$top/small.digest"
    "$tool" "$a/small:v1" "$b/$1:v1"
    [ "$(what_arrived "$1")" = "$(cat "$top/small.digest")" ]
}

@test "killed at any request, a copy leaves the old name or the new one, and the next one completes" {
    local all n rules=() names=()
    small_image
    make_image "$top/other" 2 150000
    "$tool" "oci:$top/other:v1" "$a/other:v1"
    all=$(count_requests)
    for n in $(seq "$all"); do
        names+=("kill-$n")
        rules+=("*~/kill-$n/#$n=hang")
    done
    start_proxy "$b" "${rules[@]}"
    at_once kill_case "${names[@]}"
    stop_proxy
    [ "$(grep -c ' 0$' "$top/proxy.log")" = "$all" ]
}
