# labels: registry builder
# Images built on others of the project: the builder fetches those from the stage repository, as
# slipway itself could.

load helper

setup() {
    own_registry "auth: {htpasswd: {realm: test, path: $BATS_TEST_TMPDIR/htpasswd}}"
    htpasswd -Bbn shop 'right:horse' >"$top/htpasswd"
    prepare "$host/shop/stages" "oci:$top/release"
    cat >web/Dockerfile <<'END'
ARG BASE
FROM $BASE
COPY web/site /srv/www
END
    cat >>werf.yaml <<'END'
dependencies:
- image: api
  imports:
  - type: ImageName
    targetBuildArg: BASE
END
    git commit -qam 'web on api'
    printf '{"auths":{"%s":{"username":"shop","password":"right:horse"}}}' "$host" >"$top/auth.json"
}

teardown() {
    stop_registry
}

# web_is_released COMMAND...: it ends well, and the image has both layers.
web_is_released() {
    run "$@"
    [ "$status" -eq 0 ] || { echo "$output" && return 1; }
    lacks horse
    is_whole "$top/release/web" v1
}

first=(--ref refs/tags/v1 --commit HEAD)

@test "a registry on loopback that speaks plain HTTP, with nothing said about it" {
    auth=$(printf shop:right:horse | base64)
    printf '{"auths":{"%s":{"auth":"%s"}}}' "$host" "$auth" >"$DOCKER_CONFIG/config.json"
    web_is_released slipway run "${first[@]}"
}

@test "credentials from the environment, and from a directory that is named" {
    web_is_released env DOCKER_AUTH_CONFIG="$(cat "$top/auth.json")" TMPDIR="$top" slipway run "${first[@]}"
    [ -z "$(find "$top" -name 'slipway-tmp-*')" ]
    rm -rf "$top/release"
    mkdir "$top/named"
    mv "$top/auth.json" "$top/named/config.json"
    echo more >>web/site/index.html
    git commit -qam more
    buildah rmi -a >/dev/null
    web_is_released slipway run --docker-config "$top/named" "${first[@]}"
}

@test "credentials that 'podman login' keeps where there is no runtime directory" {
    unshare -m true 2>/dev/null || skip "no right to mount"
    mkdir -p /run/containers
    auth=$(printf shop:right:horse | base64)
    cat >"$top/with-login" <<END
mount -t tmpfs none /run/containers
mkdir -p /run/containers/$(id -u)
echo '{"auths":{"$host":{"auth":"$auth"}}}' >/run/containers/$(id -u)/auth.json
exec "\$@"
END
    unset XDG_RUNTIME_DIR
    web_is_released unshare -m sh "$top/with-login" slipway run "${first[@]}"
}
