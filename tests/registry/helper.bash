# SPDX-License-Identifier: Apache-2.0
# For tests with real registries: start and stop them, make images. Every server listens on a
# loopback port that the system gave it, so that two runs on one machine do not meet.
# shellcheck shell=bash

top=$BATS_TEST_TMPDIR
export BACKOFF_MS=10 # the first wait before another attempt
export GOGC=400       # small registries would spend half their time on collecting garbage
tool=${TOOLS:?}/copy_tool
exporter=$TOOLS/export_tool
source "$BATS_TEST_DIRNAME/../support/output.bash"

need() {
    local program
    for program; do
        command -v "$program" >/dev/null || skip "$program is missing"
    done
}

# remember PID: to be ended by end_all.
remember() {
    echo "$1" >>"$top/pids"
}

end_all() {
    [ -f "$top/pids" ] || return 0
    local pid
    while read -r pid; do
        kill "$pid" 2>/dev/null || true
    done <"$top/pids"
}

# listening_port PID: the port that the process listens on; nothing while it does not.
listening_port() {
    local sockets hex
    sockets=$(readlink "/proc/$1"/fd/* 2>/dev/null | sed -n 's/^socket:\[\(.*\)\]$/\1/p')
    # Columns: 2 is the local address, 4 the state (0A: it listens), 10 the number of the socket.
    hex=$(awk -v sockets="$sockets" '
        BEGIN { n = split(sockets, list, "\n"); for (i = 1; i <= n; i++) ours[list[i]] = 1 }
        $4 == "0A" && $10 in ours { sub(/.*:/, "", $2); print $2; exit }' /proc/net/tcp /proc/net/tcp6)
    [ -z "$hex" ] || printf '%d\n' "0x$hex"
}

# wait_for PID: until it listens; sets $port.
wait_for() {
    local i
    for i in $(seq 1200); do
        port=$(listening_port "$1")
        [ -z "$port" ] || return 0
        kill -0 "$1" 2>/dev/null || break
        sleep 0.05
    done
    echo "process $1 does not listen" >&2
    return 1
}

# start_registry NAME [MORE LINES OF CONFIGURATION]: its address is in the variable NAME, its log in
# $top/NAME.log. Which program is in $REGISTRY: docker-registry (Debian), or distribution3,
# ggcr-registry, olareg when installed.
start_registry() {
    local name=$1 port
    shift
    {
        printf 'version: 0.1\nlog: {level: info, accesslog: {disabled: false}, formatter: text}\n'
        printf 'storage: {filesystem: {rootdirectory: %s}, delete: {enabled: true}}\n' "$top/$name"
        printf '%s\n' "$@"
        [[ "$*" == *"http: {"* ]] || printf 'http: {addr: "127.0.0.1:0"}\n'
    } >"$top/$name.yml"
    case ${REGISTRY:=docker-registry} in
    ggcr-registry) ggcr-registry -port 0 >"$top/$name.log" 2>&1 3>&- & ;;
    olareg) olareg serve --addr 127.0.0.1 --port 0 --dir "$top/$name" >"$top/$name.log" 2>&1 3>&- & ;;
    *) "$REGISTRY" serve "$top/$name.yml" >"$top/$name.log" 2>&1 3>&- & ;;
    esac
    remember $!
    echo $! >"$top/$name.pid"
    wait_for $! || { cat "$top/$name.log" && return 1; }
    declare -g "$name=127.0.0.1:$port"
}

stop_registry() {
    kill "$(cat "$top/$1.pid")"
    while kill -0 "$(cat "$top/$1.pid")" 2>/dev/null; do sleep 0.02; done
}

# start_proxy ADDRESS ARGUMENTS: in front of a registry; its address is in $proxied, its log in
# $top/proxy.log.
start_proxy() {
    local port upstream=${1#*:}
    shift
    "$TOOLS/fault_proxy" -l "$top/proxy.log" 0 "$upstream" "$@" >"$top/proxy.out" 2>&1 3>&- &
    proxy=$!
    remember "$proxy"
    wait_for "$proxy"
    proxied=127.0.0.1:$port
}

stop_proxy() {
    kill "$proxy"
    wait "$proxy" 2>/dev/null || true
}

# at_once FUNCTION WORD...: the function for each word, eight at a time: most of a case is waiting.
# What a case that fails has said is shown.
at_once() {
    local case=$1 i n status failed=0 pids=""
    shift
    for i in 0 1 2 3 4 5 6 7; do
        (
            set +e
            for ((n = i + 1; n <= $#; n += 8)); do
                (
                    set -e
                    "$case" "${!n}"
                ) >"$top/case.$i" 2>&1
                status=$?
                [ $status = 0 ] || { echo "--- ${!n}: status $status" && cat "$top/case.$i"; } >>"$top/failed.$i"
            done
        ) 3>&- &
        pids="$pids $!"
    done
    for i in $pids; do wait "$i" || true; done
    for i in 0 1 2 3 4 5 6 7; do
        [ ! -f "$top/failed.$i" ] || { cat "$top/failed.$i" && failed=1; }
    done
    return $failed
}

# kill_when_it_hangs NAME PROGRAM...: run it, and kill it once a request of it that names NAME hangs.
# A program, not a function: of that only the shell would die.
kill_when_it_hangs() {
    local name=$1 pid
    shift
    "$@" &
    pid=$!
    until grep -q "/$name/.* 0\$" "$top/proxy.log" || ! kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
    kill -9 "$pid" 2>/dev/null || true
    wait "$pid" || true
}

# sweep FUNCTION ADDRESS N ACTION...: the function, for every action of the proxy in front of ADDRESS
# and each of N requests, with the name of a repository in which that is done to that request.
sweep() {
    local case=$1 address=$2 total=$3 action n name names=() rules=()
    shift 3
    for action; do
        for n in $(seq "$total"); do
            name=case-$n-${action//[:@]/-}
            names+=("$name")
            rules+=("*~/$name/#$n=$action")
        done
    done
    start_proxy "$address" "${rules[@]}"
    at_once "$case" "${names[@]}"
    stop_proxy
}

# each_met N STATUS: so many requests were answered so by the proxy; 0: they hung.
each_met() {
    [ "$(grep -c " $2\$" "$top/proxy.log")" = "$1" ]
}

# add_blob LAYOUT FILE: moves the file to its place, prints its digest.
add_blob() {
    local digest
    digest=$(sha256sum "$2" | cut -d' ' -f1)
    mv "$2" "$1/blobs/sha256/$digest"
    echo "sha256:$digest"
}

# make_image LAYOUT LAYERS SIZE [ARCHITECTURE]: an image named v1 with random layers.
make_image() {
    local dir=$1 n=$2 size=$3 i digest layers="" ids="" config
    mkdir -p "$dir/blobs/sha256"
    echo '{"imageLayoutVersion":"1.0.0"}' >"$dir/oci-layout"
    for i in $(seq "$n"); do
        head -c "$size" /dev/urandom >"$dir/new"
        digest=$(add_blob "$dir" "$dir/new")
        layers="$layers${layers:+,}{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"size\":$size,\"digest\":\"$digest\"}"
        ids="$ids${ids:+,}\"$digest\""
    done
    printf '{"architecture":"%s","os":"linux","rootfs":{"type":"layers","diff_ids":[%s]}}' "${4:-amd64}" "$ids" >"$dir/new"
    size=$(stat -c %s "$dir/new")
    config=$(add_blob "$dir" "$dir/new")
    printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","size":%s,"digest":"%s"},"layers":[%s]}' "$size" "$config" "$layers" >"$dir/new"
    size=$(stat -c %s "$dir/new")
    digest=$(add_blob "$dir" "$dir/new")
    printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":%s,"digest":"%s","annotations":{"org.opencontainers.image.ref.name":"v1"}}]}' "$size" "$digest" >"$dir/index.json"
    echo "$digest" >"$dir.digest"
}

# Registries one and two; the image $top/image is stages:v1 of the first.
start_two_with_a_stage() {
    need docker-registry
    make_image "$top/image" 3 100000
    start_registry one
    start_registry two
    "$tool" "oci:$top/image:v1" "$one/stages:v1" >/dev/null
}

# content_digest CONTENT: of what an export with that label writes.
content_digest() {
    "$exporter" -L "a=$1" "$one/stages" "v1=oci:$top/nowhere.$1:1" | cut -d' ' -f3
}

# make_certificate NAME [SUBJECT-ALTERNATIVE]: $top/NAME.crt and .key, signed by itself.
make_certificate() {
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$1" \
        -addext "subjectAltName=${2:-IP:127.0.0.1}" \
        -keyout "$top/$1.key" -out "$top/$1.crt" 2>/dev/null
}

# requests NAME PATTERN: how many lines of a registry's log hold "METHOD /path.. HTTP" like PATTERN.
requests() {
    grep -cE "\"$2[^\"]*HTTP" "$top/$1.log" || true
}
