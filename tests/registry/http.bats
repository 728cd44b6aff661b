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
    start_registry a
    start_registry b
    "$tool" "oci:$top/image:v1" "$a/one:v1"
    "$tool" "$a/one:v1" "$b/two/deep:v2"
    "$tool" "$b/two/deep:v2" "oci:$top/out:v1"
    run "$tool" "oci:$top/out:v1" "$a/one:v1"
    [ "$output" = "$(cat "$top/image.digest") equal" ]
}

@test "inside one registry layers are mounted, and no blob is asked for before" {
    start_registry a
    "$tool" "oci:$top/image:v1" "$a/one:v1"
    : >"$top/a.log"
    "$tool" "$a/one:v1" "$a/two:v1"
    [ "$(requests a 'POST .*mount=')" = 4 ]
    [ "$(requests a 'HEAD .*/blobs/')" = 0 ]
    [ "$(requests a '(PUT|PATCH) .*/blobs/')" = 0 ]
}

@test "what is there already costs one GET and one HEAD" {
    start_registry a
    "$tool" "oci:$top/image:v1" "$a/one:v1"
    : >"$top/a.log"
    "$tool" "$a/one:v1" "$a/one:v1"
    [ "$(requests a '[A-Z]+ ')" = 2 ]
}

@test "a password from docker's configuration is used, and only where it belongs" {
    htpasswd -Bbn robot secret >"$top/htpasswd"
    start_registry a "auth: {htpasswd: {realm: r, path: $top/htpasswd}}"
    mkdir "$top/docker"
    printf '{"auths":{"%s":{"auth":"%s"}}}' "$a" "$(printf robot:secret | base64)" >"$top/docker/config.json"
    "$tool" -a "$top/docker" "oci:$top/image:v1" "$a/one:v1"

    run "$tool" "oci:$top/image:v1" "$a/one:v2"
    [ "$status" = 7 ]
    has "answered 401"
    has "docker login $a"

    printf '{"auths":{"%s":{"auth":"%s"}}}' "$a" "$(printf robot:pa55word | base64)" >"$top/docker/config.json"
    run "$tool" -a "$top/docker" "oci:$top/image:v1" "$a/one:v2"
    [ "$status" = 7 ]
    has "were not accepted"
    lacks pa55word
}

@test "a credential helper is asked, without a shell" {
    htpasswd -Bbn robot secret >"$top/htpasswd"
    start_registry a "auth: {htpasswd: {realm: r, path: $top/htpasswd}}"
    mkdir "$top/docker" "$top/bin"
    printf '#!/bin/sh\nread -r server\necho "$1 $server" >"%s"\nprintf "{\\"Username\\":\\"robot\\",\\"Secret\\":\\"secret\\"}"\n' "$top/asked" >"$top/bin/docker-credential-test"
    chmod 755 "$top/bin/docker-credential-test"
    printf '{"credHelpers":{"%s":"test"}}' "$a" >"$top/docker/config.json"
    PATH=$top/bin:$PATH "$tool" -a "$top/docker" "oci:$top/image:v1" "$a/one:v1"
    [ "$(cat "$top/asked")" = "get $a" ]
    printf '{"credHelpers":{"%s":"../bin/x"},"credsStore":"gone"}' "$a" >"$top/docker/config.json"
    run "$tool" -a "$top/docker" "oci:$top/image:v1" "$a/one:v2"
    [ "$status" = 7 ]
    has "not a credential helper that can be run"
}

# start_token_registry ACCOUNTS...: registry a, with a token service.
start_token_registry() {
    make_certificate tokens
    "$TOOLS/token_service" -l "$top/tokens.log" 0 "$top/tokens.crt" "$top/tokens.key" reg "$@" >/dev/null 3>&- &
    remember $!
    wait_for $!
    start_registry a "auth: {token: {realm: 'http://127.0.0.1:$port/token', service: reg, issuer: test, rootcertbundle: $top/tokens.crt}}"
}

@test "tokens: one for all requests to a repository, write scope first" {
    start_token_registry robot:secret:push,pull
    mkdir "$top/docker"
    printf '{"auths":{"%s":{"username":"robot","password":"secret"}}}' "$a" >"$top/docker/config.json"
    "$tool" -a "$top/docker" "oci:$top/image:v1" "$a/one:v1"
    [ "$(cat "$top/tokens.log")" = "GET robot repository:one:push,pull" ]
    "$tool" -a "$top/docker" "$a/one:v1" "$a/two:v1"
    grep -qx "GET robot repository:two:push,pull repository:one:pull" "$top/tokens.log"
}

@test "tokens: an identity token is posted, with GET where the service has no POST" {
    start_token_registry robot:secret:push,pull
    mkdir "$top/docker"
    printf '{"auths":{"%s":{"identitytoken":"refresh-secret"}}}' "$a" >"$top/docker/config.json"
    "$tool" -a "$top/docker" "oci:$top/image:v1" "$a/one:v1"
    grep -qx "POST - repository:one:push,pull" "$top/tokens.log"
}

@test "tokens: anonymous may read but not write, and the message says what was asked" {
    start_token_registry ::pull robot:secret:push,pull
    mkdir "$top/docker"
    printf '{"auths":{"%s":{"username":"robot","password":"secret"}}}' "$a" >"$top/docker/config.json"
    "$tool" -a "$top/docker" "oci:$top/image:v1" "$a/one:v1"
    "$tool" "$a/one:v1" "oci:$top/out:v1"
    run "$tool" "oci:$top/image:v1" "$a/one:v2"
    [ "$status" = 7 ]
    has "repository:one:push,pull"
    printf '{"auths":{"%s":{"username":"robot","password":"bad"}}}' "$a" >"$top/docker/config.json"
    run "$tool" -a "$top/docker" "oci:$top/image:v1" "$a/one:v2"
    [ "$status" = 7 ]
    has "incorrect username or password"
    lacks bad
}

@test "an export asks everywhere first, and tells all refusals together" {
    start_token_registry ::pull robot:secret:push,pull
    mkdir "$top/docker"
    printf '{"auths":{"%s":{"username":"robot","password":"secret"}}}' "$a" >"$top/docker/config.json"
    "$tool" -a "$top/docker" "oci:$top/image:v1" "$a/stages:v1"
    : >"$top/a.log"
    run "$exporter" "$a/stages" "v1=$a/xx:1" "v1=$a/yy:1" v1=127.0.0.1:9/zz:1 "v1=oci:$top/out:1"
    echo "$output"
    [ "$status" = 7 ]
    has "$a/xx: cannot write there"
    has "asked for repository:xx:push,pull, granted pull; no credentials for '$a' were found: docker login"
    has "$a/yy: cannot write there"
    has "127.0.0.1:9"
    has "oci:$top/out:1 not-attempted"
    [ ! -e "$top/out" ]
    [ "$(requests a '(PUT|PATCH) ')" = 0 ]
    run "$exporter" -a "$top/docker" "$a/stages" "v1=$a/xx:1"
    [ "$status" = 0 ]
}

@test "TLS: trusted by a CA file, by certs.d, by nobody" {
    make_certificate tls
    start_registry a "http: {addr: '127.0.0.1:0', tls: {certificate: $top/tls.crt, key: $top/tls.key}}"
    "$tool" -c "$top/tls.crt" "oci:$top/image:v1" "$a/one:v1"
    mkdir -p "$top/certs/$a"
    cp "$top/tls.crt" "$top/certs/$a/ca.crt"
    "$tool" -d "$top/certs" "oci:$top/image:v1" "$a/two:v1"
    "$tool" -k "oci:$top/image:v1" "$a/three:v1"
    "$tool" -ik "oci:$top/image:v1" "$a/four:v1"
    run "$tool" "oci:$top/image:v1" "$a/five:v1"
    [ "$status" = 6 ]
    has "SSL_CERT_FILE"
}

@test "TLS: a client certificate from certs.d is shown" {
    make_certificate tls
    make_certificate client DNS:client
    start_registry a "http: {addr: '127.0.0.1:0', tls: {certificate: $top/tls.crt, key: $top/tls.key, clientcas: [$top/client.crt]}}"
    mkdir -p "$top/certs/$a"
    cp "$top/tls.crt" "$top/certs/$a/ca.crt"
    run "$tool" -d "$top/certs" "oci:$top/image:v1" "$a/one:v1"
    [ "$status" != 0 ]
    cp "$top/client.crt" "$top/certs/$a/client.cert"
    cp "$top/client.key" "$top/certs/$a/client.key"
    "$tool" -d "$top/certs" "oci:$top/image:v1" "$a/one:v1"
}

@test "a listing: all tags, none for a repository that is not there" {
    start_registry a
    "$tool" "oci:$top/image:v1" "$a/one:v1"
    "$tool" "oci:$top/image:v1" "$a/one:v2"
    run "$tool" -l "$a/one"
    [ "$(sort <<<"$output")" = $'v1\nv2' ]
    run "$tool" -l "$a/nothing"
    [ "$status" = 0 ]
    [ "$output" = "" ]
}

@test "what is not there: manifest, host, port" {
    start_registry a
    run "$tool" "$a/one:v1" "oci:$top/out:v1"
    [ "$status" = 6 ]
    run "$tool" 127.0.0.1:9/one:v1 "oci:$top/out:v1"
    [ "$status" = 75 ]
    has "127.0.0.1:9/one: cannot read manifest 'v1'"
    run "$tool" no-such-host.invalid/one:v1 "oci:$top/out:v1"
    [ "$status" = 75 ]
    has "no-such-host.invalid"
}
