# labels: registry builder
# The same export with real registries: plain, with a password, over TLS; and mixed with layouts.

load helper

setup() {
    command -v docker-registry >/dev/null || skip "docker-registry missing"
    top=$BATS_TEST_TMPDIR
    registry_pid=
}

teardown() {
    stop_registry
}

plain() {
    start_registry "$top/registry" "$@"
    host=127.0.0.1:$registry_port
    prepare "$host/shop/stages" "$host/shop/release"
}

# requests PATTERN: how many requests the registry's log holds.
requests() {
    grep -cE "\"$1 " "$top/registry/log" || true
}

with_password() {
    htpasswd -Bbn shop 'right horse' >"$top/htpasswd"
    plain "auth: {htpasswd: {realm: test, path: $top/htpasswd}}"
}

login() {
    printf '{"auths":{"%s":{"auth":"%s"}}}' "$host" "$(printf '%s:%s' shop "$1" | base64 -w0)" >"$DOCKER_CONFIG/config.json"
}

@test "inside one registry no layer moves, and the names are readable by skopeo" {
    plain
    slipway export --insecure-registry --repo "$stages" --tag "$release/%image%:v1"
    run skopeo inspect --tls-verify=false "docker://$release/api:v1"
    [ "$status" -eq 0 ]
    lacks '"werf'
    # The layer was uploaded once per image for the stage, and mounted for the release.
    [ "$(requests 'PATCH|PUT /v2/shop/release/api/blobs')" -le 4 ]
}

@test "a repeated export sends no write" {
    plain
    slipway export --insecure-registry --repo "$stages" --tag "$release/%image%:v1"
    before=$(requests '(PUT|POST|PATCH)')
    run slipway export --insecure-registry --repo "$stages" --tag "$release/%image%:v1"
    [ "$status" -eq 0 ]
    has unchanged
    [ "$(requests '(PUT|POST|PATCH)')" -eq "$before" ]
}

@test "registry to layout and layout to registry give the same digests" {
    plain
    slipway export --insecure-registry --repo "$stages" --tag "$release/%image%:v1" --tag "oci:$top/disk/%image%:v1"
    want=$(skopeo inspect --tls-verify=false --format '{{.Digest}}' "docker://$release/api:v1")
    [ "$(layout_digest "$top/disk/api" v1)" = "$want" ]

    slipway export --insecure-registry --repo "oci:$top/stages" --tag "oci:$top/d2/%image%:v1"
    slipway export --insecure-registry --repo "oci:$top/stages" --tag "$host/other/%image%:v1"
    [ "$(layout_digest "$top/d2/web" v1)" = "$(skopeo inspect --tls-verify=false --format '{{.Digest}}' "docker://$host/other/web:v1")" ]
}

@test "a base image of Docker Hub comes from a mirror that is named" {
    command -v buildah skopeo >/dev/null || skip "buildah or skopeo missing"
    plain
    slipway export web --insecure-registry --repo "$stages" --tag "$host/library/base:1"
    printf 'FROM docker.io/library/base:1\nENV a=b\n' >web/Dockerfile
    git commit -qam mirror
    WERF_CONTAINER_REGISTRY_MIRROR_1=$host run slipway export web --insecure-registry --repo "$stages" --tag "$release/%image%:v1"
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$(requests 'GET /v2/library/base/manifests/1')" -ge 1 ]
    # No word of it in the image.
    run skopeo inspect --config --tls-verify=false "docker://$release/web:v1"
    lacks "$host"
}

@test "what hangs on a stage stays behind, and that is told" {
    plain
    slipway export --insecure-registry --repo "$stages" --tag "$release/%image%:v1" api
    tag=$(slipway tags --insecure-registry --repo "$stages" api | grep -oE '[0-9a-f]{56}-[0-9]{13}')
    digest=$(skopeo inspect --tls-verify=false --format '{{.Digest}}' "docker://$stages:$tag")
    skopeo copy --insecure-policy --src-tls-verify=false --dest-tls-verify=false \
        "docker://$stages:$tag" "docker://$stages:sha256-${digest#sha256:}.sig" >/dev/null
    run slipway export --insecure-registry --repo "$stages" --tag "$release/%image%:v2" --report "$top/report" api
    [ "$status" -eq 0 ]
    has "signatures stay behind"
    grep -q '"attached":true' "$top/report"
    run skopeo list-tags --tls-verify=false "docker://$release/api"
    lacks .sig
}

@test "a right password works, a wrong one is exit 7 and names the host, not the password" {
    with_password
    login 'right horse'
    slipway export --insecure-registry --repo "$stages" --tag "$release/%image%:v1"
    login 'wrong battery'
    run slipway export --insecure-registry --repo "$stages" --tag "$release/%image%:v2"
    [ "$status" -eq 7 ]
    has "$host"
    lacks battery
    lacks "$(printf '%s' 'shop:wrong battery' | base64 -w0)"
    login 'right horse'
    run skopeo inspect --tls-verify=false --authfile "$DOCKER_CONFIG/config.json" "docker://$release/api:v2"
    [ "$status" -ne 0 ]
}

@test "TLS is verified unless told otherwise" {
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext 'subjectAltName=IP:127.0.0.1' \
        -keyout "$top/key.pem" -out "$top/cert.pem" 2>/dev/null
    start_registry "$top/registry" "  tls: {certificate: $top/cert.pem, key: $top/key.pem}"
    host=127.0.0.1:$registry_port
    prepare "$host/shop/stages" "$host/shop/release"
    run slipway export --repo "$stages" --tag "$release/%image%:v1"
    [ "$status" -ne 0 ]
    has certificate
    slipway export --skip-tls-verify-registry --repo "$stages" --tag "$release/%image%:v1"
    run env SSL_CERT_FILE="$top/cert.pem" slipway export --repo "$stages" --tag "$release/%image%:v1"
    [ "$status" -eq 0 ]
    has unchanged
}

@test "a registry that is not there is exit 75 and says which" {
    prepare 127.0.0.1:9/shop/stages 127.0.0.1:9/shop/release
    run timeout 100 slipway export --insecure-registry --repo "$stages" --tag "$release/%image%:v1"
    [ "$status" -eq 75 ]
    has 127.0.0.1:9
}

@test "killed at any moment and run again: the same names, nothing broken" {
    plain
    for delay in 0.02 0.1 0.2 0.4 0.8 1.5; do
        slipway export --insecure-registry --repo "$stages" --tag "$release/%image%:v1" >/dev/null 2>&1 3>&- &
        pid=$!
        sleep "$delay"
        kill -9 "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    slipway export --insecure-registry --repo "$stages" --tag "$release/%image%:v1"
    skopeo copy --insecure-policy --src-tls-verify=false "docker://$release/api:v1" "dir:$top/copy" >/dev/null
    skopeo copy --insecure-policy --src-tls-verify=false "docker://$release/web:v1" "dir:$top/copy2" >/dev/null
}

@test "audit lists each repository once and asks for no name that is not listed" {
    plain
    git push -q origin main
    for tag in v1 v2 v3 v4; do
        git commit -q --allow-empty -m "$tag"
        git tag "$tag"
        git push -q origin "$tag"
    done
    slipway run --insecure-registry --ref v1
    : >"$top/registry/log"
    run slipway audit --insecure-registry
    [ "$status" -eq 10 ]
    has "tags: 4, with rules: 4, names: 8, equal: 2, missing: 6"
    for repository in stages release/api release/web; do
        [ "$(requests "GET /v2/shop/$repository/tags/list[^ ]*")" -eq 1 ]
    done
    [ "$(requests 'HEAD [^ ]*/manifests/v1')" -eq 2 ]
    [ "$(requests 'HEAD [^ ]*/manifests/v[2-4]')" -eq 0 ]
}

# A cleanup that runs beside us: the stage repository is emptied while a request is held.
# lose_at SELECT ARGUMENT...: slipway export with that request held until all stages are gone; in the
# arguments PROXY is the address of the registry behind which that happens.
lose_at() {
    local select=$1 lost=$top/lost.$RANDOM proxy port waited
    shift
    "$SLIPWAY_BUILD/tests/registry/fault_proxy" -l "$lost.log" 0 "$registry_port" "$select=until:$lost" >"$lost.out" 2>&1 3>&- &
    proxy=$!
    until grep -q ready "$lost.out"; do sleep 0.02; done
    port=$(cut -d' ' -f2 "$lost.out")
    slipway export --insecure-registry --repo "127.0.0.1:$port/shop/stages" "${@/PROXY/127.0.0.1:$port}" >"$lost.said" 2>&1 3>&- &
    waited=$!
    until grep -q ' 0$' "$lost.log" || ! kill -0 "$waited" 2>/dev/null; do sleep 0.02; done
    grep ' 0$' "$lost.log"
    rm -rf "$top/registry/data/docker/registry/v2/repositories/shop/stages"
    touch "$lost"
    status=0
    wait "$waited" || status=$?
    kill "$proxy"
    output=$(cat "$lost.said")
    echo "$status: $output"
}

@test "a stage that disappears between lookup and export is built again, once" {
    plain
    slipway export --insecure-registry --repo "$stages" --tag "$host/shop/first/%image%:v1"
    # Read from the stage repository, mounted from it, and named in the index over platforms.
    lose_at 'GET~blobs#3' --tag "oci:$top/disk/%image%:v1"
    [ "$status" -eq 0 ]
    has "disappeared while it was exported; it is built again"
    [[ "$output" =~ (web|api)\ +written.*built ]]
    [ "$(layout_names "$top/disk/api")" = v1 ]
    lose_at 'POST~mount' web --tag "PROXY/shop/again/%image%:v1"
    [ "$status" -eq 0 ]
    has "it is built again"
}

@test "several platforms: stages that disappear before their index is written are built again" {
    plain
    printf 'FROM scratch\nCOPY web/site /site\n' >web/Dockerfile
    git commit -qam static
    local two=(--platform linux/amd64 --platform linux/arm64)
    slipway export web "${two[@]}" --insecure-registry --repo "$stages" --tag "$release/%image%:v1"
    find "$top/registry/data" -path '*/shop/stages/_manifests/tags/*' -prune -name '*[0-9a-f]' ! -name '*-*' -exec rm -r {} +
    lose_at 'PUT~manifests' web "${two[@]}" --tag "$release/%image%:v2"
    [ "$status" -eq 0 ]
    has "it is built again"
    skopeo inspect --raw --tls-verify=false "docker://$release/web:v2" | grep -q arm64
}

@test "a stage that disappears where nothing may be built is told as such" {
    with_password
    slipway export web --repo "oci:$top/stages" --tag "oci:$top/before:v1"
    # The helper is asked once the stage is found and the destination is met.
    mkdir "$top/bin"
    printf '#!/bin/sh\nrm -rf "%s"\nprintf '"'"'{"Username":"shop","Secret":"right horse"}'"'"'\n' "$top/stages" >"$top/bin/docker-credential-gone"
    chmod +x "$top/bin/docker-credential-gone"
    printf '{"credHelpers":{"%s":"gone"}}' "$host" >"$DOCKER_CONFIG/config.json"
    PATH=$top/bin:$PATH run slipway export web -Z --insecure-registry --repo "oci:$top/stages" --tag "$release/%image%:v1"
    [ "$status" -eq 5 ]
    has "disappeared"
    has "without --require-built-images"
    login 'right horse'
    slipway export web --insecure-registry --repo "oci:$top/stages" --tag "$release/%image%:v1"
}
