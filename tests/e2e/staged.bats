# SPDX-License-Identifier: Apache-2.0
# labels: registry
# Staged Dockerfile images: each instruction makes a stage. The stages are made up under the digests
# that `slipway tags` tells; "798e6f97" is what werf calls an image with the name "app" in records.

load helper

setup() {
    own_registry
    isolate "$top"
    export SLIPWAY_INSECURE_REGISTRY=1
    stages=$host/shop/stages
    git init -q "$top/work"
    cd "$top/work"
    printf 'configVersion: 1\nproject: bench\n---\nimage: app\ndockerfile: Dockerfile\nstaged: true\n' >werf.yaml
    number=1700000000000
}

teardown() {
    stop_registry
}

# dockerfile LINE...: what the image is made of, committed.
dockerfile() {
    printf '%s\n' "$@" >Dockerfile
    git add -A
    git commit -qm Dockerfile
}

# image REPOSITORY TAG... : images with these names; their environment is in $env.
image() {
    "$SLIPWAY_BUILD/tests/registry/make_images" -i -l 1 -s 64 ${env:+-e "$env"} "$@"
}

# build [STAGE...]: put the stages into the repository that the image has by now, but for those named.
build() {
    local digest
    for digest in $(slipway tags --repo "$stages" --explain app 2>/dev/null | sed -n 's/^stage .*: digest //p'); do
        [[ " $* " = *" $digest "* ]] && continue
        number=$((number + 1))
        image "$stages" "$digest-$number"
    done
    last=$digest-$number
}

# record STAGE: a record of it for the commit.
record() {
    image "$stages" "meta-798e6f97_$(git rev-parse HEAD)_$1"
}

requests() {
    grep -acE "\"($1)" "$top/registry/log" || true
}

export_app() {
    : >"$top/registry/log"
    run slipway export app --repo "$stages" --tag "oci:$top/out:v1" "$@"
}

@test "a staged image is found stage by stage and exported, with one listing" {
    dockerfile "FROM $host/base:v1" 'ENV A=1' 'COPY werf.yaml /' 'CMD ["a"]'
    run slipway tags
    [[ "$output" =~ app\ +([0-9a-f]{56})$ ]]
    digest=${BASH_REMATCH[1]}
    export_app
    [ "$status" -eq 5 ]
    has "image 'app' is not built: $stages has no stage"
    has "only werf can build a staged Dockerfile image: check out this commit and run werf build --repo $stages 'app'"
    [ ! -e "$top/out" ]
    build
    [ "${last%-*}" = "$digest" ]
    export_app
    [ "$status" -eq 0 ]
    [ "$(layout_names "$top/out")" = v1 ]
    ! grep -r '"werf"' "$top/out/blobs"
    [ "$(requests 'GET /v2/shop/stages/tags/list')" -eq 1 ]
    [ "$(requests 'GET /v2/shop/stages/manifests')" -eq 1 ]
    [ "$(requests 'GET /v2/base')" -eq 0 ]
    run slipway tags --repo "$stages" --json
    has "\"digest\":\"$digest\",\"tag\":\"$last\",\"found\":true"
}

@test "a stage in between that is not there is the one that is named" {
    dockerfile "FROM $host/base:v1" 'ENV A=1' 'ENV B=1'
    first=$(slipway tags --explain app | sed -n 's/^stage .*: digest //p' | head -n 1)
    build "$first"
    export_app
    [ "$status" -eq 5 ]
    has "has no stage $first-*"
}

@test "where a variable of the base counts, its registry is asked" {
    env=B=old image "$host/base" v1
    dockerfile "FROM $host/base:v1" 'RUN true'
    run slipway tags
    [ "$status" -eq 0 ]
    has "the environment of '$host/base:v1', which a registry knows"
    has "(staged: give the stage repository, --repo)"
    build
    before=$last
    export_app
    [ "$status" -eq 0 ]
    [ "$(requests 'GET /v2/base/manifests')" -eq 1 ]
    [ "$(requests 'GET /v2/shop/stages/tags/list')" -eq 1 ]
    run slipway tags --repo "$stages" --explain app
    has "B=old"
    env=B=new image "$host/base" v1
    export_app
    [ "$status" -eq 5 ]
    record "$before"
    export_app
    [ "$status" -eq 0 ]
    has "werf recorded $before for this commit"
    [ "$(requests 'GET /v2/base')" -eq 0 ]
}

@test "a base of several images is asked for once" {
    printf -- '---\nimage: other\ndockerfile: Dockerfile\nstaged: true\nargs: {A: x}\n' >>werf.yaml
    env=B=old image "$host/base" v1
    dockerfile "FROM $host/base:v1 AS one" 'RUN true' "FROM $host/base:v1" 'ARG A' 'RUN false'
    : >"$top/registry/log"
    run slipway tags --repo "$stages"
    [ "$status" -eq 0 ]
    [[ "$output" =~ other\ +[0-9a-f]{56} ]]
    [ "$(requests 'GET /v2/base/manifests')" -eq 1 ]
    [ "$(requests 'GET /v2/shop/stages/tags/list')" -eq 1 ]
}

@test "without the base image nothing can be told" {
    dockerfile "FROM $host/base:v1" 'RUN true'
    export_app
    [ "$status" -ne 0 ]
    has "base image '$host/base:v1'"
}

@test "other stages of the Dockerfile count with their names" {
    dockerfile "FROM $host/base:v1 AS build" 'ENV A=1' "FROM $host/base:v1" 'COPY --from=build /a /b' 'ENV C=1'
    export_app
    [ "$status" -eq 5 ]
    has "'app/stage/build' is not built: there is no stage"
    has "only werf can build a staged Dockerfile image"
    run slipway tags --repo "$stages"
    [ "$status" -eq 0 ]
    has "(staged: it rests on what is not built, or only werf can tell)"
    sub=$(sed -n "s/.*there is no stage \([0-9a-f]*\)-.*/\1/p" <<<"$output" | head -n 1)
    image "$stages" "$sub-1690000000000"
    build
    record "$last"
    export_app
    [ "$status" -eq 0 ]
    [ "$(requests 'GET /v2/shop/stages/tags/list')" -eq 1 ]
    run slipway tags --repo "$stages" --explain app
    has "$stages:$sub-1690000000000"
    image "$stages" "$sub-1680000000000"
    build
    export_app
    [ "$status" -eq 4 ]
    has "but by its digest it is $last now"
}

@test "an image that rests on a staged one, and one that it rests on" {
    cat >>werf.yaml <<'END'
dependencies:
- image: plain
  imports: [{type: ImageName, targetBuildArg: PLAIN}]
---
image: plain
dockerfile: plain.df
---
image: front
dockerfile: front.df
dependencies:
- image: app
  imports: [{type: ImageName, targetBuildArg: APP}]
END
    printf 'FROM scratch\nCOPY werf.yaml /\n' >plain.df
    printf 'FROM scratch\nARG APP\nENV A=$APP\n' >front.df
    dockerfile "FROM $host/base:v1" 'ARG PLAIN' 'LABEL plain=$PLAIN'
    run slipway tags --repo "$stages"
    [ "$status" -eq 0 ]
    [[ "$output" =~ plain\ +([0-9a-f]{56}) ]]
    image "$stages" "${BASH_REMATCH[1]}-1690000000000"
    build
    run slipway tags --repo "$stages"
    [[ "$output" =~ app\ +$last ]]
    [[ "$output" =~ front\ +[0-9a-f]{56} ]]
    run slipway tags --repo "$stages" --explain app
    has "$stages:${BASH_REMATCH[1]}"
}

@test "what werf cannot build is refused, and so is an unknown version" {
    dockerfile 'FROM scratch' 'ENV A=1'
    export_app
    [ "$status" -eq 4 ]
    has "Dockerfile:1: FROM scratch cannot be built by werf in a staged Dockerfile"
    dockerfile "FROM $host/base:v1"
    export_app
    [ "$status" -eq 3 ]
    has "WERF_STAGED_DOCKERFILE_VERSION=v2"
    WERF_STAGED_DOCKERFILE_VERSION=v2 export_app
    [ "$status" -eq 5 ]
    WERF_STAGED_DOCKERFILE_VERSION=v3 export_app
    [ "$status" -eq 2 ]
}

@test "rules release staged images as others" {
    cat >.slipway.yaml <<END
version: 1
repo: $stages
rules:
  - name: release
    match: {tags: "v*"}
    to: ["oci:$top/release:%tag%"]
END
    dockerfile "FROM $host/base:v1" 'ENV A=1'
    git tag v1
    run slipway check
    [ "$status" -eq 0 ]
    build
    run slipway run --ref v1
    [ "$status" -eq 0 ]
    [ "$(layout_names "$top/release")" = v1 ]
    run slipway why --repo "$stages" app
    [ "$status" -ne 0 ]
    has "staged Dockerfile image"
}
