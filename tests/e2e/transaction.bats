# labels: registry
# The export of rules as one transaction. Its states, and what may be under names in each:
#
#   planned    nothing is written
#   uploading  content by digest, in every destination; no name
#   naming     full names of required destinations, of mirrors, names that move, latest: in this order
#   done       all of them; or some, and the report says which: running it again writes the others
#
# A proxy in front of the registry does harm, and its log has the order of requests.

load helper

setup() {
    command -v docker-registry >/dev/null || skip "docker-registry missing"
    prepare
    start_registry "$top/registry"
    at=127.0.0.1:0
    host=127.0.0.1:$registry_port
    proxied
    git config slipway.insecureRegistry true
    stages=$host/shop/stages
    # shellcheck disable=SC2046
    "$SLIPWAY_BUILD/tests/registry/make_images" -i -l 3 "$stages" $(slipway tags | awk '{ print $2 "-1700000000000" }')
    git tag v1.0.0
}

teardown() {
    stop_proxy
    stop_registry
}

# proxied FAULT...: a new proxy, at the same address $at as the one before.
proxied() {
    stop_proxy
    : >"$top/proxy.log"
    "$SLIPWAY_BUILD/tests/registry/fault_proxy" -l "$top/proxy.log" "${at##*:}" "$registry_port" "$@" >"$top/proxy.out" 2>&1 3>&- &
    proxy=$!
    for _ in $(seq 500); do
        at=127.0.0.1:$(sed -n 's/^ready //p' "$top/proxy.out")
        [ "$at" = 127.0.0.1: ] || return 0
        kill -0 "$proxy" || return 1
        sleep 0.02
    done
    return 1
}

stop_proxy() {
    [ -z "${proxy:-}" ] || kill "$proxy"
    [ -z "${proxy:-}" ] || wait "$proxy" || true
    proxy=
}

# rules [KEYS OF THE FIRST RULE]: two rules, several names, a mirror; and the tag on them.
rules() {
    cat >.slipway.yaml <<END
version: 1
repo: $stages
rules:
  - name: release
    match: {tags: "v*"}
    ${1:-enabled: true}
    tags: [latest, "%major%", "%version%"]
    to:
      - repo: ${mirror:-$at}/mirror/%image%
        required: false
      - repo: $at/release/%image%
  - name: record
    match: {tags: "v*"}
    images: api
    to: $at/record:%tag%
END
    git commit -qam rules
    git tag -f v1.0.0 >/dev/null
}

release() {
    run slipway run --ref v1.0.0 -Z --report "$top/report.json" "$@"
}

# Names that were asked to be written, in order.
named() {
    sed -n 's#.* PUT /v2/\([^ ]*\)/manifests/\([^s][^ ]*\) 201.*#\1:\2#p; s#.* PUT /v2/\([^ ]*\)/manifests/\(s[^h][^ ]*\) 201.*#\1:\2#p' "$top/proxy.log"
}

# how many results of the report have this action
count() {
    grep -o "\"action\":\"$1\"" "$top/report.json" | wc -l
}

@test "content everywhere first, then full names, mirrors, names that move, latest" {
    rules
    release
    [ "$status" -eq 0 ]
    # Nothing that is content comes behind the first name.
    last=$(grep -nE 'PUT /v2/[^ ]*/(blobs/|manifests/sha256:)|POST /v2/' "$top/proxy.log" | tail -n 1 | cut -d: -f1)
    first=$(grep -nE 'PUT /v2/[^ ]*/manifests/[^s]' "$top/proxy.log" | head -n 1 | cut -d: -f1)
    [ "$last" -lt "$first" ]
    # Within a rank several are on their way at once.
    ranks=$(named | sed 's/^release.*:1\.0\.0$/1/; s/^record.*/1/; s/^mirror.*:1\.0\.0$/2/; s/.*:1$/3/; s/.*:latest$/4/')
    [ "$(wc -l <<<"$ranks")" -eq 13 ]
    [ "$ranks" = "$(sort -n <<<"$ranks")" ]
}

@test "content that cannot be brought to a required destination: no name anywhere" {
    proxied 'PUT~release/web/manifests/sha256=status:500' 'POST~release/web/blobs=status:500'
    rules 'retry: {attempts: 2, max-time: 2s}'
    release
    [ "$status" -eq 75 ]
    [ -z "$(named)" ]
    [ "$(count written)" -eq 0 ]
    [ "$(count failed)" -eq 3 ]
    [ "$(count not-attempted)" -eq 10 ]
    # Twice for each, and no more: the rule says so.
    [ "$(grep -c 'POST /v2/release/web/blobs.* 500' "$top/proxy.log")" -le 12 ]
    # The next run completes.
    proxied
    release
    [ "$status" -eq 0 ]
    [ "$(count written)" -eq 13 ]
}

@test "a mirror that is down is a warning, and the names of the others are complete" {
    mirror=127.0.0.1:1
    rules
    release
    [ "$status" -eq 0 ]
    has "warning: "
    has 127.0.0.1:1
    [ "$(named | wc -l)" -eq 7 ]
    [ "$(count written)" -eq 7 ]
    [ "$(count failed)" -eq 6 ]
    grep -q '"status":"exported"' "$top/report.json"
}

@test "a name of a mirror that is refused is a warning" {
    proxied 'PUT~mirror/api/manifests/1.0.0=status:403'
    rules
    release
    [ "$status" -eq 0 ]
    has "warning: "
    [ "$(count written)" -eq 12 ]
    [ "$(count failed)" -eq 1 ]
    named | grep -qx mirror/api:latest
}

@test "a failure among the names: what was written stays, the rest is told, the next run completes" {
    proxied 'PUT~release/web/manifests/1.0.0=status:403'
    rules
    release
    [ "$status" -eq 10 ]
    has "running it again finishes the rest"
    # No name that moves is newer than a full one that is missing.
    ! named | grep -E ':(1|latest)$'
    [ "$(count failed)" -eq 1 ]
    [ "$(count written)" -ge 2 ]
    [ $(($(count written) + $(count not-attempted))) -eq 12 ]
    grep -q '"status":"partial"' "$top/report.json"
    before=$(count written)
    proxied
    release
    [ "$status" -eq 0 ]
    [ "$(count unchanged)" -eq "$before" ]
    [ "$(count written)" -eq $((13 - before)) ]
}

@test "retry and timeout of a rule hold" {
    proxied 'HEAD~release/web/manifests/1.0.0=status:503'
    rules 'retry: {attempts: 1}'
    sed -i 's/^  - name: record/&\n    retry: {attempts: 1}/' .slipway.yaml
    git commit -qam retry
    git tag -f v1.0.0 >/dev/null
    release
    [ "$status" -eq 75 ]
    [ "$(grep -c 'HEAD /v2/release/web/manifests/1.0.0 503' "$top/proxy.log")" -eq 1 ]

    proxied 'POST~release/web/blobs=hang'
    rules 'timeout: 1s'
    sed -i 's/^  - name: record/&\n    timeout: 1s/' .slipway.yaml
    git commit -qam timeout
    git tag -f v1.0.0 >/dev/null
    release
    [ "$status" -eq 75 ]
    has "its time is over (the rules' timeout)"
    [ -z "$(named)" ]
}

@test "a signal: nothing more begins, the report is written, the status says so" {
    proxied "POST~release/web/blobs=until:$top/go"
    rules
    slipway run --ref v1.0.0 -Z --report "$top/report.json" >"$top/out" 2>&1 3>&- &
    pid=$!
    until grep -q 'POST /v2/release/web' "$top/proxy.log"; do sleep 0.02; done
    kill -TERM "$pid"
    touch "$top/go"
    status=0
    wait "$pid" || status=$?
    [ "$status" -eq 143 ]
    grep -q 'stopped by SIGTERM' "$top/out"
    [ -z "$(named)" ]
    [ "$(count written)" -eq 0 ]
    # The next run does it all.
    proxied
    release
    [ "$status" -eq 0 ]
    [ "$(count written)" -eq 13 ]
}
