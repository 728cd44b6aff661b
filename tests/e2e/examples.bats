# labels: builder
# The three complete examples of rules that the documentation of the format gives (they are kept as
# inputs of the fuzzer, too), carried out with image layouts in the place of their registries.

load helper

setup() {
    prepare
    git rm -rq --cached . && rm -rf api web rootfs
    mkdir app
    echo x >app/x
    printf 'FROM scratch\nCOPY app/ /\n' >Dockerfile
    export BUILDAH_LAYERS=false
}

# images NAME...: a werf.yaml with these.
images() {
    printf 'configVersion: 1\nproject: shop\n' >werf.yaml
    for image in "$@"; do
        printf -- '---\nimage: %s\ndockerfile: Dockerfile\n' "$image" >>werf.yaml
    done
}

# example NUMBER HOST...: its rules, with oci:$top/HOST for every HOST.
example() {
    local file=$BATS_TEST_DIRNAME/../fuzz/corpus/rules/example-$1 script='s#/stages$#-stages#;' host # a layout is a directory of its own
    shift
    for host in "$@"; do
        script+="s#\\b$host/#oci:$top/$host/#;"
    done
    sed "$script" "$file" >.slipway.yaml
    git add -A
    git commit -qm example
    git push -q origin HEAD:main
    run slipway check
    [ "$status" -eq 0 ]
}

release() { # REF
    git push -q origin "$1"
    slipway run --ref "$1" >/dev/null
}

names() { # DIR
    layout_names "$top/$1" | tr '\n' ' '
}

@test "one service in two registries: releases, series, prereleases, the edge of a branch" {
    images shop
    example 1 ghcr.io index.docker.io
    git tag v1.4.0
    release v1.4.0
    [ "$(names ghcr.io/acme/shop)" = "1 1.4 1.4.0 latest " ]
    [ "$(names index.docker.io/acme/shop)" = "1 1.4 1.4.0 latest " ]
    latest=$(layout_digest "$top/ghcr.io/acme/shop" latest)
    git commit -q --allow-empty -m fix
    git tag v1.3.9
    release v1.3.9
    git tag v2.0.0-rc.1
    release v2.0.0-rc.1
    [ "$(names ghcr.io/acme/shop)" = "1 1.3 1.3.9 1.4 1.4.0 2.0.0-rc.1 latest " ]
    [ "$(layout_digest "$top/ghcr.io/acme/shop" latest)" = "$latest" ]
    slipway run --ref main >/dev/null
    names ghcr.io/acme/shop | grep -q "edge latest sha-$(git rev-parse --short=12 HEAD) "
    layout_blob "$top/ghcr.io/acme/shop" "$latest" | grep -q '"org.opencontainers.image.licenses":"Apache-2.0"' ||
        layout_blob "$top/ghcr.io/acme/shop" "$(layout_blob "$top/ghcr.io/acme/shop" "$latest" |
            grep -o '"digest":"sha256:[0-9a-f]*"' | head -n 1 | cut -d'"' -f4)" | grep -q 'licenses":"Apache-2.0"'
}

@test "a monorepo: a tag releases its component's images, a hotfix branch the frontend" {
    images frontend frontend/admin frontend/test-ui backend
    example 2 registry.example.org mirror.example.net
    git tag frontend/v1.2.0
    release frontend/v1.2.0
    for place in registry.example.org mirror.example.net; do
        [ "$(find "$top/$place/release" -name index.json | wc -l)" -eq 2 ]
        [ "$(names "$place/release/frontend")" = "1.2.0 " ]
    done
    ! find "$top/registry.example.org/release" -path '*test*' -o -path '*backend*' | grep -q .
    git tag frontend/v1
    git push -q origin frontend/v1
    run slipway run --ref frontend/v1
    [ "$status" -eq 3 ]
    has E-SEMVER
    git checkout -qb hotfix/login
    slipway run --ref hotfix/login >/dev/null
    [[ "$(names registry.example.org/hotfix/frontend)" =~ ^hotfix-login-[0-9a-f]{8}\ $ ]]
    git checkout -qb hotfix/tmp-1
    run slipway run --ref hotfix/tmp-1
    [ "$status" -eq 0 ]
    has "no rule asks"
}

@test "snapshots from machines, releases from CI: names by branch, version and content" {
    images app
    example 3 registry.gitlab.example.com
    git checkout -qb feature/cart
    slipway run --ref feature/cart >/dev/null
    [ "$(names registry.gitlab.example.com/team/app/dev/app)" = "feature-cart " ]
    git tag v1.0.0
    release v1.0.0
    [[ "$(names registry.gitlab.example.com/team/app/app)" =~ ^1\.0\.0\ [0-9a-f]{56}-[0-9]{13}\ $ ]]
    layout_blob "$top/registry.gitlab.example.com/team/app/app" \
        "$(layout_digest "$top/registry.gitlab.example.com/team/app/app" 1.0.0)" |
        grep -q '"com.example.channel":"stable"'
    git tag v1.1.0-rc.1
    run slipway run --ref v1.1.0-rc.1
    [ "$status" -eq 0 ]
    has "is not for version 1.1.0-rc.1"
}
