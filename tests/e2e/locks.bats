# labels: registry builder
# Many builders of one commit at once: with a lock server, with the lock files of werf, with nothing.

load helper

setup() {
    locks_pid=
    own_registry
    prepare "$host/shop/stages" "$host/shop/release"
}

teardown() {
    [ -z "$locks_pid" ] || kill "$locks_pid"
    stop_registry
}

# start_locks [OPTION...]: a lock server at $locks.
start_locks() {
    "$SLIPWAY_BUILD/tests/lock_server" -l "$top/locks.log" "$@" >"$top/locks.out" 3>&- &
    locks_pid=$!
    for _ in $(seq 600); do
        [ -s "$top/locks.out" ] && break
        sleep 0.1
    done
    locks=http://127.0.0.1:$(cut -d' ' -f2 "$top/locks.out")
}

export_to() {
    slipway export --insecure-registry --repo "$stages" --tag "oci:$top/$1/%image%:v1" "${@:2}"
}

# Two runs at the same time; both must have used the same stages.
both() {
    export_to one "$@" 3>&- 2>"$top/one.err" &
    local first=$!
    export_to two "$@" 2>"$top/two.err" || {
        cat "$top/two.err"
        return 1
    }
    wait "$first" || {
        cat "$top/one.err"
        return 1
    }
    local image
    for image in api web; do
        [ "$(layout_digest "$top/one/$image" v1)" = "$(layout_digest "$top/two/$image" v1)" ]
    done
}

stage_tags() {
    skopeo list-tags --tls-verify=false "docker://$stages" | grep -oE '[0-9a-f]{56}-[0-9]{13}(-rejected)?'
}

@test "two builders under a lock server publish one stage of each image" {
    start_locks
    both --synchronization "$locks"
    [ "$(stage_tags | wc -l)" -eq 2 ]
    grep -qE '^/client[12]/locker/acquire shop\.[0-9a-f]{56} -> ok$' "$top/locks.log"
    # Both use the id of the smaller record, and everything was given back.
    [ "$(grep -o '^/client[0-9]*/locker' "$top/locks.log" | sort -u | wc -l)" -eq 1 ]
    [ "$(grep -c 'acquire.* -> ok' "$top/locks.log")" -eq "$(grep -c 'release.* -> ok' "$top/locks.log")" ]
    # What is there already needs no lock, nor a server.
    kill "$locks_pid"
    locks_pid=
    export_to one --synchronization "$locks"
}

@test "two builders with the lock files of werf publish one stage of each image" {
    export WERF_HOME=$top/werf WERF_SYNCHRONIZATION=:local
    both
    [ "$(stage_tags | wc -l)" -eq 2 ]
    [ "$(find "$top/werf/service/locks" -type f | wc -l)" -eq 2 ]
}

@test "two builders without a lock use the same stages" {
    both
    export_to three -Z
    for image in api web; do
        [ "$(layout_digest "$top/one/$image" v1)" = "$(layout_digest "$top/three/$image" v1)" ]
    done
}

@test "a record of werf in the repository is told in a line, and can be overruled" {
    command -v skopeo >/dev/null || skip "skopeo missing"
    slipway export web --insecure-registry --repo "$stages" --tag "$release/%image%:v1"
    skopeo copy -q --insecure-policy --src-tls-verify=false --dest-tls-verify=false \
        "docker://$release/web:v1" "docker://$stages:client-id-1111-2222-3591068802178"
    # The way to the server of werf leads nowhere here.
    export https_proxy=http://127.0.0.1:9 no_proxy=127.0.0.1
    printf 'LABEL x=y\n' >>web/Dockerfile
    git commit -qam more
    run slipway export --insecure-registry --repo "$stages" --tag "$release/%image%:v2"
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$(grep -c 'builders lock at https://synchronization.werf.io' <<<"$output")" -eq 1 ]
    [ "$(grep -c 'published without a lock' <<<"$output")" -eq 1 ]
    printf 'LABEL x=z\n' >>web/Dockerfile
    git commit -qam more
    run slipway export --insecure-registry --repo "$stages" --tag "$release/%image%:v3" -S none
    [ "$status" -eq 0 ]
    lacks synchronization.werf.io
}

@test "places for locks that cannot be used: one error before anything is built" {
    run export_to one --synchronization kubernetes://ns
    [ "$status" -eq 4 ]
    has "kubernetes://ns"
    has "--require-built-images"
    run export_to one --synchronization nonsense
    [ "$status" -eq 2 ]
    has "nonsense"
    run export_to one --synchronization http://127.0.0.1:1
    [ "$status" -eq 75 ]
    has "lock server http://127.0.0.1:1"
    [ ! -e "$top/one" ]
    [ ! -e "$top/containers/graph" ]
}
