# SPDX-License-Identifier: Apache-2.0
# Shell functions shared by the demo, the end-to-end tests and the benchmark: a work repository with
# two images made from busybox, private builder storage, a registry of one's own.
# shellcheck shell=sh

# isolate DIR: git, buildah and skopeo read and write below DIR only.
isolate() {
    : "${1:?}"
    mkdir -p "$1/home" "$1/containers"
    export HOME="$1/home" XDG_RUNTIME_DIR="$1/home" XDG_CONFIG_HOME="$1/home/.config"
    export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL="$1/home/gitconfig"
    export DOCKER_CONFIG="$1/home/.docker"
    mkdir -p "$DOCKER_CONFIG"
    echo "{}" >"$DOCKER_CONFIG/config.json"
    unset XDG_STATE_HOME REGISTRY_AUTH_FILE DOCKER_AUTH_CONFIG GIT_DIR GIT_WORK_TREE CI
    cat >"$GIT_CONFIG_GLOBAL" <<END
[user]
    name = Demo
    email = demo@example.com
[init]
    defaultBranch = main
[advice]
    detachedHead = false
[safe]
    directory = *
END
    # Builder storage of our own; chroot needs no daemon and no privileges beyond root's.
    cat >"$1/containers/storage.conf" <<END
[storage]
driver = "vfs"
graphroot = "$1/containers/graph"
runroot = "$1/containers/run"
END
    export CONTAINERS_STORAGE_CONF="$1/containers/storage.conf" BUILDAH_ISOLATION=chroot
    mkdir -p "$HOME/.config/containers"
    echo '{"default":[{"type":"insecureAcceptAnything"}]}' >"$HOME/.config/containers/policy.json"
}

# busybox_path: a statically linked busybox of this machine.
busybox_path() {
    for candidate in /bin/busybox.static /usr/bin/busybox.static /bin/busybox /usr/bin/busybox; do
        [ -x "$candidate" ] && echo "$candidate" && return 0
    done
    echo "busybox is not installed" >&2
    return 1
}

# make_project DIR STAGES RELEASE: a git repository with two images and rules; nothing is pushed.
make_project() {
    git init -q "$1"
    mkdir -p "$1/api" "$1/web/site" "$1/rootfs/bin"
    cp "$(busybox_path)" "$1/rootfs/bin/busybox"
    chmod 755 "$1/rootfs/bin/busybox"
    cat >"$1/werf.yaml" <<'END'
configVersion: 1
project: shop
---
image: api
dockerfile: api/Dockerfile
args:
  GREETING: hello
---
image: web
dockerfile: web/Dockerfile
END
    cat >"$1/api/Dockerfile" <<'END'
FROM scratch
ARG GREETING
COPY rootfs/ /
COPY api/server.sh /srv/server.sh
RUN ["/bin/busybox", "--install", "-s", "/bin"]
RUN echo "$GREETING" > /srv/greeting
HEALTHCHECK CMD ["/bin/busybox", "true"]
CMD ["/bin/sh", "/srv/server.sh"]
END
    cat >"$1/api/server.sh" <<'END'
exec busybox httpd -f -p 8080
END
    cat >"$1/web/Dockerfile" <<'END'
FROM scratch
COPY rootfs/ /
COPY web/site /srv/www
CMD ["/bin/busybox", "httpd", "-f", "-h", "/srv/www"]
END
    echo '<h1>shop</h1>' >"$1/web/site/index.html"
    printf '%s\n' '.git' 'README*' >"$1/.dockerignore"
    cat >"$1/.slipway.yaml" <<END
version: 1
repo: $2
rules:
  - name: release
    match:
      tags: "v*"
    to:
      - $3/%image%:%tag%
END
    git -C "$1" add -A
    git -C "$1" commit -q -m 'shop: two images'
}

# start_registry DIR [CONFIG-LINE...]: docker-registry on a free loopback port; sets registry_port
# and registry_pid. Further lines are appended to its
# configuration, which ends inside the section "http".
start_registry() {
    registry_dir=$1
    shift
    mkdir -p "$registry_dir/data"
    {
        printf '%s\n' 'version: 0.1' 'log: {level: info, formatter: text, accesslog: {disabled: false}}' \
            'storage:' "  filesystem: {rootdirectory: $registry_dir/data}" '  delete: {enabled: true}' \
            'http:' '  addr: "127.0.0.1:0"'
        for line in "$@"; do printf '%s\n' "$line"; done
    } >"$registry_dir/config.yml"
    docker-registry serve "$registry_dir/config.yml" >"$registry_dir/log" 2>&1 3>&- &
    registry_pid=$!
    registry_port=
    for _ in $(seq 100); do
        registry_port=$(sed -n 's/.*listening on 127\.0\.0\.1:\([0-9]*\).*/\1/p' "$registry_dir/log" | head -n 1)
        [ -n "$registry_port" ] && return 0
        kill -0 "$registry_pid" 2>/dev/null || break
        sleep 0.1
    done
    cat "$registry_dir/log" >&2
    echo "docker-registry did not start" >&2
    return 1
}

stop_registry() {
    [ -z "${registry_pid:-}" ] || kill "$registry_pid" 2>/dev/null || true
    [ -z "${registry_pid:-}" ] || wait "$registry_pid" 2>/dev/null || true
    registry_pid=
}
