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
    web_is_released env DOCKER_AUTH_CONFIG="$(cat "$top/auth.json")" TMPDIR="$top" SLIPWAY_TRACE="$top/trace" \
        slipway run "${first[@]}"
    grep -q ' run buildah build .* --build-arg BASE=[.][.][.] ' "$top/trace"
    run grep horse "$top/trace"
    [ "$status" -eq 1 ]
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

@test "stages in a directory: the builder gets them in a form that it reads" {
    for form in 'FROM $BASE' 'FROM $REPO:$TAG'; do
        printf 'ARG BASE\nARG REPO\nARG TAG\n%s\nCOPY web/site /srv/www\n' "$form" >web/Dockerfile
        cat >>werf.yaml <<'END'
  - type: ImageRepo
    targetBuildArg: REPO
  - type: ImageTag
    targetBuildArg: TAG
END
        git commit -qam "$form"
        rm -rf "$top/release"
        web_is_released slipway run --repo "oci:$top/stages" "${first[@]}"
        layers=$(layout_blob "$top/release/web" "$(layout_digest "$top/release/web" v1)" | grep -o '"layers":.*' | grep -o sha256: | wc -l)
        [ "$layers" -gt 1 ]
        run grep -rlF "$top" "$top/release/web/blobs"
        [ "$status" -eq 1 ]
        sed -i '/ImageRepo/,$d' werf.yaml
        sed -i '/ImageTag/,$d' werf.yaml
    done
    rm -rf "$top/release"
    run slipway run --repo "oci-archive:$top/stages.tar" "${first[@]}"
    [ "$status" -eq 4 ] || { echo "$status: $output" && return 1; }
    has "no builder reads the images it depends on out of 'oci-archive:$top/stages.tar'"
    has "hint: take a registry or oci:DIR as stage repository"
}

@test "what the builder says of a base image that it cannot get, or of files it cannot find" {
    told() { # DOCKERFILE HINT [OPTION...]
        printf '%b\n' "$1" >api/Dockerfile
        git commit -qam "$1" --allow-empty
        run slipway export api --repo "oci:$top/stages" --tag "oci:$top/o:v1" "${@:3}"
        [ "$status" -eq 9 ]
        has "hint: $2"
    }
    told "FROM $host/nosuch:1" "the registry of the base image speaks plain HTTP: --insecure-registry"
    told "FROM $host/nosuch:1" "the registry of the base image knows no such image, or wants credentials: docker login" --insecure-registry
    auth=$(printf shop:right:horse | base64)
    printf '{"auths":{"%s":{"auth":"%s"}}}' "$host" "$auth" >"$DOCKER_CONFIG/config.json"
    told "FROM $host/nosuch:1" "is the name of the base image right? its registry has none" --insecure-registry
    told 'FROM nosuch.invalid/x:1' "is the name of the base image's registry right, and the network there?"
    told 'FROM scratch\nCOPY nosuch /' 'COPY and ADD find what is committed, less what an ignore file names'
    # A name without a host is one of Docker Hub, as everywhere.
    printf 'FROM nosuch-name:1\n' >api/Dockerfile
    git commit -qam short
    https_proxy=http://127.0.0.1:9 run slipway export api --repo "oci:$top/stages" --tag "oci:$top/o:v1"
    [ "$status" -eq 9 ]
    has 'docker.io/library/nosuch-name:1'
}

@test "a Dockerfile that only says FROM: no word about the base image" {
    printf 'ARG BASE\nFROM $BASE\n' >web/Dockerfile
    git commit -qam 'only FROM'
    run slipway run --repo "oci:$top/stages" "${first[@]}"
    [ "$status" -eq 0 ]
    lacks warning
    is_whole "$top/release/web" v1
}
