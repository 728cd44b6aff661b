# SPDX-License-Identifier: Apache-2.0
# The library against Debian's docker-registry: plain, with passwords, with tokens, over TLS.
# shellcheck shell=bash

load helper

setup() {
    need docker-registry openssl htpasswd
    make_image "$top/image" 3 300000
}

teardown() {
    end_all
}

@test "images go in, across, and out again with the same digest" {
    start_registry a 5651
    start_registry b 5652
    "$tool" "oci:$top/image:v1" 127.0.0.1:5651/one:v1
    "$tool" 127.0.0.1:5651/one:v1 127.0.0.1:5652/two/deep:v2
    "$tool" 127.0.0.1:5652/two/deep:v2 "oci:$top/out:v1"
    run "$tool" "oci:$top/out:v1" 127.0.0.1:5651/one:v1
    [ "$output" = "$(cat "$top/image.digest") equal" ]
}

@test "inside one registry layers are mounted, and no blob is asked for before" {
    start_registry a 5651
    "$tool" "oci:$top/image:v1" 127.0.0.1:5651/one:v1
    : >"$top/a.log"
    "$tool" 127.0.0.1:5651/one:v1 127.0.0.1:5651/two:v1
    [ "$(requests a 'POST .*mount=')" = 4 ]
    [ "$(requests a 'HEAD .*/blobs/')" = 0 ]
    [ "$(requests a '(PUT|PATCH) .*/blobs/')" = 0 ]
}

@test "what is there already costs one GET and one HEAD" {
    start_registry a 5651
    "$tool" "oci:$top/image:v1" 127.0.0.1:5651/one:v1
    : >"$top/a.log"
    "$tool" 127.0.0.1:5651/one:v1 127.0.0.1:5651/one:v1
    [ "$(requests a '[A-Z]+ ')" = 2 ]
}

@test "a password from docker's configuration is used, and only where it belongs" {
    htpasswd -Bbn robot secret >"$top/htpasswd"
    start_registry a 5651 "auth: {htpasswd: {realm: r, path: $top/htpasswd}}"
    mkdir "$top/docker"
    printf '{"auths":{"127.0.0.1:5651":{"auth":"%s"}}}' "$(printf robot:secret | base64)" >"$top/docker/config.json"
    "$tool" -a "$top/docker" "oci:$top/image:v1" 127.0.0.1:5651/one:v1

    run "$tool" "oci:$top/image:v1" 127.0.0.1:5651/one:v2
    [ "$status" = 7 ]
    has "answered 401"
    has "docker login 127.0.0.1:5651"

    printf '{"auths":{"127.0.0.1:5651":{"auth":"%s"}}}' "$(printf robot:pa55word | base64)" >"$top/docker/config.json"
    run "$tool" -a "$top/docker" "oci:$top/image:v1" 127.0.0.1:5651/one:v2
    [ "$status" = 7 ]
    has "were not accepted"
    lacks pa55word
}

@test "a credential helper is asked, without a shell" {
    htpasswd -Bbn robot secret >"$top/htpasswd"
    start_registry a 5651 "auth: {htpasswd: {realm: r, path: $top/htpasswd}}"
    mkdir "$top/docker" "$top/bin"
    printf '#!/bin/sh\nread -r server\necho "$1 $server" >"%s"\nprintf "{\\"Username\\":\\"robot\\",\\"Secret\\":\\"secret\\"}"\n' "$top/asked" >"$top/bin/docker-credential-test"
    chmod 755 "$top/bin/docker-credential-test"
    printf '{"credHelpers":{"127.0.0.1:5651":"test"}}' >"$top/docker/config.json"
    PATH=$top/bin:$PATH "$tool" -a "$top/docker" "oci:$top/image:v1" 127.0.0.1:5651/one:v1
    [ "$(cat "$top/asked")" = "get 127.0.0.1:5651" ]
    printf '{"credHelpers":{"127.0.0.1:5651":"../bin/x"},"credsStore":"gone"}' >"$top/docker/config.json"
    run "$tool" -a "$top/docker" "oci:$top/image:v1" 127.0.0.1:5651/one:v2
    [ "$status" = 7 ]
    has "not a credential helper that can be run"
}

# start_token_registry ACCOUNTS...: registry on 5651, its token service on 5653.
start_token_registry() {
    make_certificate tokens
    "$TOOLS/token_service" -l "$top/tokens.log" 5653 "$top/tokens.crt" "$top/tokens.key" reg "$@" >/dev/null 3>&- &
    remember $!
    wait_for 5653
    start_registry a 5651 "auth: {token: {realm: 'http://127.0.0.1:5653/token', service: reg, issuer: test, rootcertbundle: $top/tokens.crt}}"
}

@test "tokens: one for all requests to a repository, write scope first" {
    start_token_registry robot:secret:push,pull
    mkdir "$top/docker"
    printf '{"auths":{"127.0.0.1:5651":{"username":"robot","password":"secret"}}}' >"$top/docker/config.json"
    "$tool" -a "$top/docker" "oci:$top/image:v1" 127.0.0.1:5651/one:v1
    [ "$(cat "$top/tokens.log")" = "GET robot repository:one:push,pull" ]
    "$tool" -a "$top/docker" 127.0.0.1:5651/one:v1 127.0.0.1:5651/two:v1
    grep -qx "GET robot repository:two:push,pull repository:one:pull" "$top/tokens.log"
}

@test "tokens: an identity token is posted, with GET where the service has no POST" {
    start_token_registry robot:secret:push,pull
    mkdir "$top/docker"
    printf '{"auths":{"127.0.0.1:5651":{"identitytoken":"refresh-secret"}}}' >"$top/docker/config.json"
    "$tool" -a "$top/docker" "oci:$top/image:v1" 127.0.0.1:5651/one:v1
    grep -qx "POST - repository:one:push,pull" "$top/tokens.log"
}

@test "tokens: anonymous may read but not write, and the message says what was asked" {
    start_token_registry ::pull robot:secret:push,pull
    mkdir "$top/docker"
    printf '{"auths":{"127.0.0.1:5651":{"username":"robot","password":"secret"}}}' >"$top/docker/config.json"
    "$tool" -a "$top/docker" "oci:$top/image:v1" 127.0.0.1:5651/one:v1
    "$tool" 127.0.0.1:5651/one:v1 "oci:$top/out:v1"
    run "$tool" "oci:$top/image:v1" 127.0.0.1:5651/one:v2
    [ "$status" = 7 ]
    has "repository:one:push,pull"
    printf '{"auths":{"127.0.0.1:5651":{"username":"robot","password":"bad"}}}' >"$top/docker/config.json"
    run "$tool" -a "$top/docker" "oci:$top/image:v1" 127.0.0.1:5651/one:v2
    [ "$status" = 7 ]
    has "incorrect username or password"
    lacks bad
}

@test "an export asks everywhere first, and tells all refusals together" {
    local exporter=$TOOLS/export_tool
    start_token_registry ::pull robot:secret:push,pull
    mkdir "$top/docker"
    printf '{"auths":{"127.0.0.1:5651":{"username":"robot","password":"secret"}}}' >"$top/docker/config.json"
    "$tool" -a "$top/docker" "oci:$top/image:v1" 127.0.0.1:5651/stages:v1
    : >"$top/a.log"
    run "$exporter" 127.0.0.1:5651/stages v1=127.0.0.1:5651/xx:1 v1=127.0.0.1:5651/yy:1 v1=127.0.0.1:5659/zz:1 "v1=oci:$top/out:1"
    echo "$output"
    [ "$status" = 7 ]
    has "127.0.0.1:5651/xx: cannot write there"
    has "asked for repository:xx:push,pull, granted pull; no credentials for '127.0.0.1:5651' were found: docker login"
    has "127.0.0.1:5651/yy: cannot write there"
    has "127.0.0.1:5659"
    has "oci:$top/out:1 not-attempted"
    [ ! -e "$top/out" ]
    [ "$(requests a '(PUT|PATCH) ')" = 0 ]
    run "$exporter" -a "$top/docker" 127.0.0.1:5651/stages v1=127.0.0.1:5651/xx:1
    [ "$status" = 0 ]
}

@test "TLS: trusted by a CA file, by certs.d, by nobody" {
    make_certificate tls
    start_registry a 5651 "http: {addr: '127.0.0.1:5651', tls: {certificate: $top/tls.crt, key: $top/tls.key}}"
    "$tool" -c "$top/tls.crt" "oci:$top/image:v1" 127.0.0.1:5651/one:v1
    mkdir -p "$top/certs/127.0.0.1:5651"
    cp "$top/tls.crt" "$top/certs/127.0.0.1:5651/ca.crt"
    "$tool" -d "$top/certs" "oci:$top/image:v1" 127.0.0.1:5651/two:v1
    "$tool" -k "oci:$top/image:v1" 127.0.0.1:5651/three:v1
    "$tool" -ik "oci:$top/image:v1" 127.0.0.1:5651/four:v1
    run "$tool" "oci:$top/image:v1" 127.0.0.1:5651/five:v1
    [ "$status" = 6 ]
    has "SSL_CERT_FILE"
}

@test "TLS: a client certificate from certs.d is shown" {
    make_certificate tls
    make_certificate client DNS:client
    start_registry a 5651 "http: {addr: '127.0.0.1:5651', tls: {certificate: $top/tls.crt, key: $top/tls.key, clientcas: [$top/client.crt]}}"
    mkdir -p "$top/certs/127.0.0.1:5651"
    cp "$top/tls.crt" "$top/certs/127.0.0.1:5651/ca.crt"
    run "$tool" -d "$top/certs" "oci:$top/image:v1" 127.0.0.1:5651/one:v1
    [ "$status" != 0 ]
    cp "$top/client.crt" "$top/certs/127.0.0.1:5651/client.cert"
    cp "$top/client.key" "$top/certs/127.0.0.1:5651/client.key"
    "$tool" -d "$top/certs" "oci:$top/image:v1" 127.0.0.1:5651/one:v1
}

@test "a listing: all tags, none for a repository that is not there" {
    start_registry a 5651
    "$tool" "oci:$top/image:v1" 127.0.0.1:5651/one:v1
    "$tool" "oci:$top/image:v1" 127.0.0.1:5651/one:v2
    run "$tool" -l 127.0.0.1:5651/one
    [ "$(sort <<<"$output")" = $'v1\nv2' ]
    run "$tool" -l 127.0.0.1:5651/nothing
    [ "$status" = 0 ]
    [ "$output" = "" ]
}

@test "what is not there: manifest, host, port" {
    start_registry a 5651
    run "$tool" 127.0.0.1:5651/one:v1 "oci:$top/out:v1"
    [ "$status" = 6 ]
    run "$tool" 127.0.0.1:5659/one:v1 "oci:$top/out:v1"
    [ "$status" = 75 ]
    has "127.0.0.1:5659/one: cannot read manifest 'v1'"
    run "$tool" no-such-host.invalid/one:v1 "oci:$top/out:v1"
    [ "$status" = 75 ]
    has "no-such-host.invalid"
}
