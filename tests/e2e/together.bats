# labels: registry
# Two processes of one machine that write names in the same repositories at the same moment.

load helper

setup() {
    command -v docker-registry >/dev/null || skip "docker-registry missing"
    prepare
    git push -q origin main
    start_registry "$top/registry"
    host=127.0.0.1:$registry_port
    "$SLIPWAY_BUILD/tests/registry/fault_proxy" -l "$top/proxy.log" 0 "$registry_port" \
        'PUT~release/api/manifests/latest#1='"until:$top/go" >"$top/proxy.out" 2>&1 3>&- &
    proxy=$!
    until_there "$top/proxy.out"
    until grep -q ready "$top/proxy.out"; do sleep 0.02; done
    slow=127.0.0.1:$(sed -n 's/^ready //p' "$top/proxy.out")
    git config slipway.insecureRegistry true
    stages=$host/shop/stages
    # shellcheck disable=SC2046
    "$SLIPWAY_BUILD/tests/registry/make_images" -i -l 1 "$stages" $(slipway tags | awk '{ print $2 "-1700000000000" }')
    cat >.slipway.yaml <<END
version: 1
repo: $stages
rules:
  - name: release
    match: {tags: "v*"}
    images: api
    tags: [latest, "%version%"]
    to:
      - repo: $slow/release/%image%
END
    git commit -qam rules
}

teardown() {
    touch "$top/go"
    [ -z "${proxy:-}" ] || kill "$proxy"
    stop_registry
}

# The version that an image says it is of.
version_at() { # TAG
    skopeo inspect --tls-verify=false --format '{{ index .Labels "org.opencontainers.image.version" }}' \
        "docker://$host/release/api:$1"
}

# An old release that has decided to write `latest`, and whose request is on its way.
begin_old() {
    git tag v1.3.9
    git push -q origin v1.3.9
    slipway run --ref v1.3.9 -Z >"$top/old" 2>&1 3>&- &
    old=$!
    until grep -q 'PUT /v2/release/api/manifests/latest' "$top/proxy.log"; do sleep 0.02; done
    git tag v1.4.0
    git push -q origin v1.4.0
}

@test "an older release that is slow does not take latest from a newer one" {
    command -v skopeo >/dev/null || skip "skopeo missing"
    begin_old
    slipway run --ref v1.4.0 -Z >"$top/new" 2>&1 3>&- &
    new=$!
    until grep -q 'waiting for another slipway' "$top/new"; do
        kill -0 "$new"
        sleep 0.1
    done
    grep -q "$slow/release/api: waiting for another slipway (process $old) that writes names there" "$top/new"
    touch "$top/go"
    wait "$old"
    wait "$new"
    cat "$top/new"
    [ "$(version_at latest)" = 1.4.0 ]
    [ "$(version_at 1.3.9)" = 1.3.9 ]
    [ "$(version_at 1.4.0)" = 1.4.0 ]
    # The directory is nobody else's, and the files in it have nothing to tell.
    [ "$(stat -c %a "$HOME/.local/state/slipway/locks")" = 700 ]
    [ "$(find "$HOME/.local/state/slipway/locks" -type f | wc -l)" -eq 1 ]
}

@test "what was killed while it wrote names keeps nobody waiting" {
    begin_old
    kill -KILL "$old"
    wait "$old" || true
    SECONDS=0
    slipway run --ref v1.4.0 -Z
    [ "$SECONDS" -lt 30 ]
}

@test "Ctrl-C ends the wait, and no name was written" {
    begin_old
    slipway run --ref v1.4.0 -Z >"$top/new" 2>&1 3>&- &
    new=$!
    until grep -q 'waiting for another slipway' "$top/new"; do sleep 0.1; done
    kill -TERM "$new"
    status=0
    wait "$new" || status=$?
    [ "$status" -eq 143 ]
    ! grep -q 'manifests/1.4.0 201' "$top/proxy.log"
}

# held COMMAND...: what does COMMAND do while somebody holds the repository? It must not write before
# that ends.
held() {
    local file
    rm -f "$top/held" "$top/let"
    mkdir -p -m 700 "$HOME/.local/state/slipway/locks"
    file=$HOME/.local/state/slipway/locks/$(printf %s "$slow/release/api" | sha256sum | cut -d' ' -f1)
    # shellcheck disable=SC2016
    flock "$file" sh -c 'touch "$1/held"; until [ -e "$1/let" ]; do sleep 0.05; done' sh "$top" 3>&- &
    local holder=$!
    until_there "$top/held"
    "$@" >"$top/out" 2>&1 3>&- &
    local pid=$!
    sleep 1
    ! grep -qE 'PUT /v2/release/api/manifests/[^s].* 201' "$top/proxy.log"
    touch "$top/let"
    wait "$pid"
    wait "$holder"
    until grep -qE 'PUT /v2/release/api/manifests/[^s].* 201' "$top/proxy.log"; do sleep 0.05; done
    : >"$top/proxy.log"
}

@test "every command that writes names waits its turn" {
    touch "$top/go"
    held slipway export api --insecure-registry --repo "$stages" --tag "$slow/release/api:by-hand"
    git tag v1.0.0
    git push -q origin v1.0.0
    held slipway run --ref v1.0.0 -Z
    git tag v1.1.0
    git push -q origin v1.1.0
    held env SLIPWAY_REF=refs/tags/v1.1.0 SLIPWAY_COMMIT="$(git rev-parse HEAD)" SLIPWAY_EVENT=push slipway ci -Z
    git tag v1.2.0
    git push -q origin v1.2.0
    held slipway sync
    slipway install >/dev/null
    git tag v1.3.0
    # The finisher: the push itself does not wait.
    held git push origin v1.3.0
}
