# labels: builder
# A push that must not wait for a build any longer, and one that is interrupted.

load helper

setup() {
    prepare_pushed
    slow_builder
    local_ssh
    export TMPDIR=$top/tmp
    mkdir "$TMPDIR"
}

teardown() {
    touch "$top/go" # nothing waits for a test that has failed
}

builder_of_job() {
    slipway jobs list --json | grep -o '"builder_pid": *[0-9]*' | grep -o '[0-9]*$'
}

@test "over SSH a push waits for slipway.pushTimeout, then it goes on and the builder with it" {
    over_ssh
    git config slipway.pushTimeout 1
    git tag v1.0.0
    run git push origin v1.0.0 3>&-
    [ "$status" -eq 0 ]
    has "the push goes on"
    has "ServerAliveInterval"
    has "slipway wait v1.0.0"
    [ "$(git -C "$remote" rev-parse v1.0.0)" = "$(git rev-parse v1.0.0)" ]
    [ ! -e "$top/release" ]
    until_there "$top/began"
    # Whoever asks is told what it waits for.
    run slipway wait v1.0.0 --timeout 1s
    [ "$status" -eq 75 ]
    has "still being built"
    touch "$top/go"
    run slipway wait v1.0.0 --timeout 120s
    [ "$status" -eq 0 ]
    [ "$(layout_names "$top/release/api")" = v1.0.0 ]
    [ "$(layout_names "$top/release/web")" = v1.0.0 ]
    [ -z "$(ls "$TMPDIR")" ]
}

@test "a builder that was left behind and killed is no loss: the names follow all the same" {
    over_ssh
    git config slipway.pushTimeout 1
    git tag v1.0.0
    git push origin v1.0.0 3>&-
    until_there "$top/began"
    kill -9 "$(builder_of_job)" "$(cat "$top/began")"
    touch "$top/go"
    run slipway wait v1.0.0 --timeout 120s
    [ "$status" -eq 0 ]
    [ "$(layout_names "$top/release/api")" = v1.0.0 ]
}

@test "export that takes too long becomes defer: no name before the remote has the ref" {
    sed -i 's/^  - name: release/&\n    when: {pre-push: export}/' .slipway.yaml
    git commit -qam export
    over_ssh
    git config slipway.pushTimeout 1
    printf '#!/bin/sh\nexit 1\n' >"$remote/hooks/pre-receive"
    chmod +x "$remote/hooks/pre-receive"
    git tag v1.0.0
    run git push origin v1.0.0 3>&-
    [ "$status" -ne 0 ]
    builder=$(builder_of_job)
    touch "$top/go"
    until_gone "$builder"
    run slipway wait v1.0.0 --timeout 1s
    [ "$status" -ne 0 ]
    [ -z "$(layout_names "$top/release/api")" ]
}

@test "Ctrl-C, SIGTERM and SIGHUP end the builder and leave nothing; the next push works" {
    git tag v1.0.0
    for signal in INT TERM HUP; do
        rm -f "$top/began"
        setsid env --default-signal=INT,HUP git push origin v1.0.0 >"$top/out" 2>&1 3>&- &
        push=$!
        until_there "$top/began"
        builder=$(cat "$top/began")
        kill "-$signal" -- "-$push" # as the terminal does: all of them
        wait "$push" || true
        until_gone "$builder"
        for _ in $(seq 600); do # the hook has ended when its directory is gone
            [ -n "$(ls "$TMPDIR")" ] || break
            sleep 0.1
        done
        [ -z "$(ls "$TMPDIR")" ]
        run git ls-remote origin v1.0.0
        [ -z "$output" ]
        [ ! -e "$top/release" ]
    done
    touch "$top/go"
    git push origin v1.0.0 3>&-
    run slipway wait v1.0.0 --timeout 120s
    [ "$status" -eq 0 ]
    [ "$(layout_names "$top/release/api")" = v1.0.0 ]
}

@test "a hook that is killed takes the builder with it" {
    git tag v1.0.0
    git push origin v1.0.0 >"$top/out" 2>&1 3>&- &
    push=$!
    until_there "$top/began"
    builder=$(cat "$top/began")
    kill -9 "$(pgrep -P "$push" -f 'hook pre-push')"
    run wait "$push"
    [ "$status" -ne 0 ]
    until_gone "$builder"
}
