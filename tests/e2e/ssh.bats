# labels: builder network
# A real sshd on loopback: pushes over SSH, an agent, sessions that are cut while they idle.

load helper

setup_file() {
    SSHD=$(command -v sshd || ls /usr/sbin/sshd 2>/dev/null) || skip "sshd missing"
    export SSHD
    # sshd changes its user when it is root; else it serves the user that started it.
    install_slipway
    keys=$BATS_FILE_TMPDIR/keys
    mkdir -m 700 "$keys"
    ssh-keygen -q -t ed25519 -N '' -f "$keys/host"
    ssh-keygen -q -t ed25519 -N '' -f "$keys/user"
    cp "$keys/user.pub" "$keys/authorized_keys"
    chmod 600 "$keys/authorized_keys"
    export keys
}

setup() {
    prepare_pushed "oci:$BATS_FILE_TMPDIR/stages" # built once
    start_sshd
    git remote set-url origin "ssh://$USER_NAME@127.0.0.1:$port$remote"
}

teardown() {
    touch "$top/go"
    [ -z "${sshd_pid:-}" ] || kill "$sshd_pid" 2>/dev/null || true
    [ -z "${SSH_AGENT_PID:-}" ] || kill "$SSH_AGENT_PID" 2>/dev/null || true
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# start_sshd [CONFIG-LINE...]: on a free port; another one when somebody was faster.
start_sshd() {
    USER_NAME=$(id -un)
    for _ in 1 2 3 4 5; do
        port=$(free_port)
        {
            printf '%s\n' "ListenAddress 127.0.0.1" "Port $port" "HostKey $keys/host" \
                "AuthorizedKeysFile $keys/authorized_keys" "PidFile none" "StrictModes no" "UsePAM no" \
                "PasswordAuthentication no" "KbdInteractiveAuthentication no" "PermitRootLogin yes" \
                "MaxStartups 100" "LogLevel VERBOSE"
            for line in "$@"; do printf '%s\n' "$line"; done
        } >"$top/sshd_config"
        mkdir -p /run/sshd 2>/dev/null || true
        "$SSHD" -D -e -f "$top/sshd_config" >"$top/sshd.log" 2>&1 3>&- &
        sshd_pid=$!
        for _ in $(seq 100); do
            grep -q 'Server listening' "$top/sshd.log" && break 2
            kill -0 "$sshd_pid" 2>/dev/null || break
            sleep 0.1
        done
    done
    grep -q 'Server listening' "$top/sshd.log" || {
        cat "$top/sshd.log" >&2
        skip "sshd does not start here"
    }
    ssh-keyscan -p "$port" 127.0.0.1 2>/dev/null >"$top/known_hosts"
    ssh_with=(ssh -F /dev/null -o "UserKnownHostsFile=$top/known_hosts" -o StrictHostKeyChecking=yes)
    export GIT_SSH_COMMAND="${ssh_with[*]} -i $keys/user -o IdentitiesOnly=yes"
}

@test "a tag pushed over SSH: the finisher asks with the same command" {
    git tag v1.0.0
    run git push origin v1.0.0 3>&-
    [ "$status" -eq 0 ]
    has "the names follow"
    run slipway wait v1.0.0 --timeout 60s
    [ "$status" -eq 0 ]
    [ "$(layout_names "$top/release/api")" = v1.0.0 ]
    [ "$(grep -c 'Accepted publickey' "$top/sshd.log")" -ge 3 ] # push, question of the hook, finisher
}

@test "with the key in an agent only" {
    eval "$(ssh-agent)" >/dev/null
    ssh-add -q "$keys/user"
    export GIT_SSH_COMMAND="${ssh_with[*]}"
    git tag v1.0.0
    run git push origin v1.0.0 3>&-
    [ "$status" -eq 0 ]
    run slipway wait v1.0.0 --timeout 60s
    [ "$status" -eq 0 ]
    [ "$(layout_names "$top/release/api")" = v1.0.0 ]
}

@test "core.sshCommand and an address as people write it" {
    git config core.sshCommand "$GIT_SSH_COMMAND -p $port"
    unset GIT_SSH_COMMAND
    git remote set-url origin "$USER_NAME@127.0.0.1:$remote"
    git tag v1.0.0
    run git push origin v1.0.0 3>&-
    [ "$status" -eq 0 ]
    run slipway wait v1.0.0 --timeout 60s
    [ "$status" -eq 0 ]
}

@test "a build that takes longer than slipway.pushTimeout: the connection is not lost" {
    slow_builder
    echo "$RANDOM" >>web/site/index.html
    git commit -qam 'to be built'
    git config slipway.pushTimeout 1
    git tag v1.0.0
    run git push origin v1.0.0 3>&-
    [ "$status" -eq 0 ]
    has "the push goes on"
    [ "$(git -C "$remote" rev-parse v1.0.0)" = "$(git rev-parse v1.0.0)" ]
    touch "$top/go"
    run slipway wait v1.0.0 --timeout 120s
    [ "$status" -eq 0 ]
    [ "$(layout_names "$top/release/web")" = v1.0.0 ]
}

@test "a server that cuts idle sessions: nothing is pushed, no name is written, the next push works" {
    kill "$sshd_pid"
    start_sshd "ChannelTimeout session:*=5s"
    git remote set-url origin "ssh://$USER_NAME@127.0.0.1:$port$remote"
    slow_builder
    echo "$RANDOM" >>web/site/index.html
    git commit -qam 'to be built'
    git tag v1.0.0
    git push origin v1.0.0 >"$top/out" 2>&1 3>&- &
    push=$!
    for _ in $(seq 600); do # cut while the hook builds
        [ -e "$top/began" ] && grep -q 'inactivity' "$top/sshd.log" && break
        sleep 0.1
    done
    [ -e "$top/began" ]
    touch "$top/go"
    run wait "$push"
    [ "$status" -ne 0 ]
    [ -z "$(git -C "$remote" tag)" ]
    [ -z "$(layout_names "$top/release/web")" ]
    kill "$sshd_pid"
    start_sshd
    git remote set-url origin "ssh://$USER_NAME@127.0.0.1:$port$remote"
    run git push origin v1.0.0 3>&-
    [ "$status" -eq 0 ]
    run slipway wait v1.0.0 --timeout 60s
    [ "$status" -eq 0 ]
    [ "$(layout_names "$top/release/web")" = v1.0.0 ]
}
