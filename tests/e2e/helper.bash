# SPDX-License-Identifier: Apache-2.0
# Loaded at the top of every bats file: a private directory, an installed slipway, a project with a
# remote. A file that needs something else has a setup_file or setup of its own.
# shellcheck shell=bash

source "$BATS_TEST_DIRNAME/project.sh"
source "$BATS_TEST_DIRNAME/../support/output.bash"

# One installation per file, so that executables find each other as they do for users.
install_slipway() {
    local prefix=$BATS_FILE_TMPDIR/prefix
    cmake --install "${SLIPWAY_BUILD:?}" --prefix "$prefix" >/dev/null
    export PATH=$prefix/bin:$PATH
}

# prepare [STAGES RELEASE]: isolation, project in $work, bare remote in $remote.
prepare() {
    top=${BATS_TEST_TMPDIR:?}
    isolate "$top"
    work=$top/work
    remote=$top/remote.git
    stages=${1:-oci:$top/stages}
    release=${2:-oci:$top/release}
    make_project "$work" "$stages" "$release"
    git init -q --bare "$remote"
    git -C "$work" remote add origin "$remote"
    cd "$work" || return 1
}

# layout_names DIR: the names in an image layout, sorted.
layout_names() {
    [ -f "$1/index.json" ] || return 0
    grep -o '"org.opencontainers.image.ref.name":"[^"]*"' "$1/index.json" | cut -d'"' -f4 | sort
}

# layout_digest DIR NAME: the digest under a name.
layout_digest() {
    tr '{' '\n' <"$1/index.json" | tr -d '\n' | sed 's/"mediaType"/\n"mediaType"/g' |
        grep "\"org.opencontainers.image.ref.name\":\"$2\"" | grep -o 'sha256:[0-9a-f]*' | head -n 1
}

# layout_blob DIR DIGEST: content of a blob.
layout_blob() {
    cat "$1/blobs/sha256/${2#sha256:}"
}

# is_whole DIR NAME: all that the name leads to in a layout is there, and is what it should be.
is_whole() {
    local dir=$1 digest blob
    digest=$(layout_digest "$dir" "$2")
    [ "$(layout_blob "$dir" "$digest" | sha256sum)" = "${digest#sha256:}  -" ]
    for blob in $(layout_blob "$dir" "$digest" | grep -o 'sha256:[0-9a-f]*'); do
        [ "$(layout_blob "$dir" "$blob" | sha256sum)" = "${blob#sha256:}  -" ] || return 1
    done
}

setup_file() {
    install_slipway
}

setup() {
    prepare
}

# prepare_pushed [STAGES]: the same with the hook installed and main on the remote.
prepare_pushed() {
    prepare "$@"
    slipway install
    git push -q origin main
}

# own_registry [CONFIG-LINE...]: a registry of this test's own; sets top, host.
own_registry() {
    command -v docker-registry >/dev/null || skip "docker-registry missing"
    top=$BATS_TEST_TMPDIR
    registry_pid=
    start_registry "$top/registry" "$@"
    host=127.0.0.1:$registry_port
}

# Is git one that reads hooks in its configuration? `slipway install` prefers them then.
has_config_hooks() {
    local minor
    minor=$(git version | sed -n 's/^git version 2\.\([0-9]*\).*/\1/p')
    [ "${minor:-0}" -ge 54 ]
}

need_older_git() {
    ! has_config_hooks || skip "git 2.54 and newer have the hook in their configuration (managers.bats)"
}

# wait_for REF: until its names are written.
wait_for() {
    slipway wait "$1" --timeout 60s
}

# slow_builder: buildah says that it began, in $top/began, and waits for $top/go.
slow_builder() {
    mkdir -p "$top/bin"
    cat >"$top/bin/buildah" <<END
#!/bin/sh
echo \$\$ >"$top/began.part"
mv "$top/began.part" "$top/began"
for i in \$(seq 3000); do
    [ -e "$top/go" ] && exec "$(command -v buildah)" "\$@"
    sleep 0.1
done
exit 1
END
    chmod +x "$top/bin/buildah"
    export PATH=$top/bin:$PATH
}

until_there() { # FILE
    for _ in $(seq 600); do
        [ -e "$1" ] && return 0
        sleep 0.1
    done
    echo "'$1' never came" >&2
    return 1
}

until_gone() { # PID
    for _ in $(seq 600); do
        kill -0 "$1" 2>/dev/null || return 0
        sleep 0.1
    done
    echo "process $1 is still there" >&2
    return 1
}

# local_ssh: SSH without a server: the command runs here. Commands are noted in $top/connections;
# while $top/no-questions is there, pushes get through and questions do not, as when a person typed a
# password. Then `over_ssh` makes it the way to the remote.
local_ssh() {
    cat >"$top/ssh" <<END
#!/bin/sh
for command in "\$@"; do :; done
echo "\$command" >>"$top/connections"
case \$command in
*upload-pack*) [ ! -e "$top/no-questions" ] || { echo 'Permission denied (publickey).' >&2; exit 255; } ;;
esac
exec sh -c "\$command"
END
    chmod +x "$top/ssh"
    export GIT_SSH_COMMAND="$top/ssh" GIT_SSH_VARIANT=simple
}

over_ssh() {
    git remote set-url origin "ssh://example.com$remote"
}

# put_blob DIR FILE: move a file into an image layout; prints its digest.
put_blob() {
    local hex
    hex=$(sha256sum "$2" | cut -d' ' -f1)
    mkdir -p "$1/blobs/sha256"
    mv "$2" "$1/blobs/sha256/$hex"
    echo "sha256:$hex"
}

# put_stage DIR TAG [VERSION]: an empty image under the tag of a stage, as werf VERSION labels it.
put_stage() {
    local dir=$1 tag=$2 version=${3:-v2.10.0} file=$BATS_TEST_TMPDIR/blob config manifest size
    mkdir -p "$dir"
    echo '{"imageLayoutVersion":"1.0.0"}' >"$dir/oci-layout"
    printf '{"architecture":"amd64","os":"linux","config":{"Labels":{"werf":"shop","werf-version":"%s","werf-stage-content-digest":"%s"}},"rootfs":{"type":"layers","diff_ids":[]}}' \
        "$version" "${tag%-*}" >"$file"
    size=$(wc -c <"$file")
    config=$(put_blob "$dir" "$file")
    printf '{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":%d,"digest":"%s"},"layers":[]}' \
        "$size" "$config" >"$file"
    size=$(wc -c <"$file")
    manifest=$(put_blob "$dir" "$file")
    [ -f "$dir/index.json" ] || echo '{"schemaVersion":2,"manifests":[]}' >"$dir/index.json"
    sed -i "s#\"manifests\":\[#&{\"mediaType\":\"application/vnd.docker.distribution.manifest.v2+json\",\"digest\":\"$manifest\",\"size\":$size,\"annotations\":{\"org.opencontainers.image.ref.name\":\"$tag\"}},#; s#},\]#}]#" "$dir/index.json"
}
