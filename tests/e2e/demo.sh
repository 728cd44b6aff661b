#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The demo: a repository with two images, a pushed tag, and what becomes of it.
# usage: demo.sh BUILD-DIR [--registry] [--keep]
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/e2e/project.sh
. "$here/project.sh"

build=$1
shift
registry=no keep=no
for argument in "$@"; do
    case $argument in
    --registry) registry=yes ;;
    --keep) keep=yes ;;
    *)
        echo "usage: ./install.sh demo [--registry] [--keep]" >&2
        exit 2
        ;;
    esac
done

dir=$(mktemp -d /tmp/slipway-demo.XXXXXX)
registry_pid=
finish() {
    status=$?
    [ -z "$registry_pid" ] || kill "$registry_pid" 2>/dev/null || true
    if [ "$keep" = yes ]; then
        printf '\nkept: %s\n' "$dir"
    else
        rm -rf "$dir"
    fi
    exit $status
}
trap finish EXIT
trap 'exit 130' INT TERM

cmake --install "$build" --prefix "$dir/prefix" >/dev/null
isolate "$dir"
export PATH="$dir/prefix/bin:$PATH"

stages=oci:$dir/store/stages
release=oci:$dir/store/release
if [ "$registry" = yes ]; then
    start_registry "$dir/registry"
    stages=127.0.0.1:$registry_port/shop/stages
    release=127.0.0.1:$registry_port/shop/release
fi
make_project "$dir/work" "$stages" "$release"
git init -q --bare "$dir/remote.git"
cd "$dir/work"
git remote add origin "$dir/remote.git"

title() {
    printf '\n== %s\n' "$1"
}
# Show a command as typed, then run it.
run() {
    printf '$ %s\n' "$*"
    "$@" 2>&1 || {
        echo "(exit status $?)"
        return 1
    }
}

title 'a repository with two images and one rule'
run cat werf.yaml
run cat .slipway.yaml
title 'set up once'
run slipway install
title 'a branch that no rule matches: nothing happens'
run git push -q origin main
title 'a tag is pushed: content goes up before the push, names follow it'
run git tag v1.0.0
run git push origin v1.0.0
run slipway wait v1.0.0
title 'the content-based tags, the same that werf derives'
run slipway tags
title 'what is in the store'
if [ "$registry" = yes ]; then
    run skopeo inspect --tls-verify=false --format '{{.Digest}} {{.Labels}}' "docker://$release/api:v1.0.0"
else
    run ls "$dir/store/release/api/blobs/sha256"
    run cat "$dir/store/release/api/index.json"
    echo
fi
title 'the same tag once more: everything is there already'
run git push -q origin :v1.0.0
run git push origin v1.0.0
run slipway wait v1.0.0
