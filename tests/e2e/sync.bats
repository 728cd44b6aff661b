# labels: builder
# Work that a push left behind: who finishes it, and how one sees it. slipway sync, jobs, wait.

load helper

setup() {
    prepare_pushed "oci:$BATS_FILE_TMPDIR/stages" # built once
}

# Pushing works, asking the remote only once $HOME/may-ask is there: so nothing is finished before,
# as when the machine was switched off right after the push.
mute_remote() {
    cat >"$top/ssh" <<'END'
#!/bin/sh
for command in "$@"; do :; done
case $command in
*upload-pack*) [ -e "$HOME/may-ask" ] || { echo 'Permission denied (publickey).' >&2; exit 255; } ;;
esac
exec sh -c "$command"
END
    chmod +x "$top/ssh"
    export GIT_SSH_COMMAND="$top/ssh" GIT_SSH_VARIANT=simple
    git remote set-url origin "ssh://example.com$remote"
}

until_named() { # NAME
    for _ in $(seq 600); do
        [ "$(layout_names "$top/release/api")" = "$1" ] && return 0
        sleep 0.1
    done
    layout_names "$top/release/api" >&2
    return 1
}

@test "sync finishes what a push left behind" {
    mute_remote
    git tag v1.0.0
    run git push origin v1.0.0
    [ "$status" -eq 0 ]
    has "slipway wait v1.0.0"
    [ ! -e "$top/release/api/index.json" ]
    # Nobody can be asked: it stays, and it is said why.
    run slipway sync --jobs-only --timeout 1s
    [ "$status" -eq 75 ]
    has "refs/tags/v1.0.0: not finished yet"
    touch "$HOME/may-ask"
    run slipway sync --jobs-only --dry-run
    [ "$status" -eq 0 ]
    has "still to be written: 1"
    [ ! -e "$top/release/api/index.json" ]
    run slipway sync
    [ "$status" -eq 0 ]
    has "written"
    [ "$(layout_names "$top/release/api")" = v1.0.0 ]
    run slipway sync
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "the next push finishes it, even one that no rule matches, and says nothing of it" {
    mute_remote
    git tag v1.0.0
    git push origin v1.0.0
    touch "$HOME/may-ask"
    git switch -q -c feature
    run git push origin feature 3>&-
    [ "$status" -eq 0 ]
    lacks slipway
    until_named v1.0.0
    run slipway wait v1.0.0 --timeout 60s
    [ "$status" -eq 0 ]
    # From another work tree, too.
    rm "$HOME/may-ask"
    git tag v1.1.0
    git push origin v1.1.0
    touch "$HOME/may-ask"
    git worktree add -q "$top/other" -b other
    cd "$top/other"
    git push origin other 3>&-
    run slipway wait v1.1.0 --timeout 60s
    [ "$status" -eq 0 ]
    has v1.1.0
}

@test "sync writes what tags of the remote lack, and replaces nothing" {
    git tag v1.0.0
    git push -q --no-verify origin v1.0.0
    echo more >>web/site/index.html
    git commit -qam more
    git tag v1.1.0
    git push -q --no-verify origin v1.1.0
    run slipway sync --dry-run
    [ "$status" -eq 10 ]
    has "missing"
    [ ! -e "$top/release" ]
    run slipway sync --tags v1.0.0
    [ "$status" -eq 0 ]
    [ "$(layout_names "$top/release/web")" = v1.0.0 ]
    # A name that holds something else stays, whatever the rule says.
    slipway export web --repo "oci:$BATS_FILE_TMPDIR/stages" --commit v1.1.0 --add-label a=b \
        --tag "oci:$top/release/%image%:v1.1.0"
    before=$(layout_digest "$top/release/web" v1.1.0)
    run slipway sync
    [ "$status" -eq 0 ]
    has "another content"
    has "slipway audit"
    [ "$(layout_names "$top/release/api" | tr '\n' ' ')" = "v1.0.0 v1.1.0 " ]
    [ "$(layout_digest "$top/release/web" v1.1.0)" = "$before" ]
}

@test "jobs: list, show, drop and retry, for people and as JSON" {
    run slipway jobs list
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    run slipway jobs list --json
    [ "$output" = '{"schema":1,"jobs":[],"unreadable":[]}' ]
    run slipway jobs show v1.0.0
    [ "$status" -eq 2 ]
    has "no job 'v1.0.0'"
    has "hint: slipway jobs list"
    run slipway wait v1.0.0
    [ "$status" -eq 2 ]
    has "slipway run --ref v1.0.0"
    mute_remote
    git tag v1.0.0
    git push origin v1.0.0
    run slipway jobs list
    has "waiting"
    has "refs/tags/v1.0.0"
    run slipway jobs show v1.0.0
    [ "$status" -eq 0 ]
    has "commit   $(git rev-parse HEAD)"
    has "remote   ssh://example.com$remote"
    has "rules    release"
    has "follows  slipway sync"
    run slipway jobs show v1.0.0 --json
    python3 -c 'import json,sys; j=json.loads(sys.argv[1]); assert j["job"]["state"] == "waiting" and j["job"]["git_ref"] == "refs/tags/v1.0.0", j' "$output"
    run slipway jobs retry v1.0.0
    [ "$status" -eq 2 ]
    has "is waiting already"
    run slipway jobs drop v1.0.0
    [ "$status" -eq 0 ]
    has "forgotten"
    run slipway jobs list
    [ -z "$output" ]
    run slipway wait v1.0.0
    [ "$status" -eq 2 ]
}

@test "a job that failed says why, is tried again, and ends well" {
    git tag v1.0.0
    # The destination is not trusted any more when the names follow.
    mute_remote
    git push origin v1.0.0
    touch "$HOME/may-ask"
    git config --unset-all slipway.allowDestination
    run slipway wait v1.0.0 --timeout 60s
    [ "$status" -eq 11 ]
    has "not allowed here"
    has "slipway trust"
    run slipway jobs list
    has "failed"
    has "not allowed here"
    slipway trust
    run slipway jobs retry v1.0.0
    [ "$status" -eq 0 ]
    has "slipway wait"
    run slipway wait v1.0.0 --timeout 60s
    [ "$status" -eq 0 ]
    [ "$(layout_names "$top/release/api")" = v1.0.0 ]
}

@test "two finishers and a waiting person at once: everything once" {
    mute_remote
    for i in 1 2 3 4; do git tag "v1.0.$i"; done
    git push origin --tags
    touch "$HOME/may-ask"
    slipway hook finish >/dev/null 2>&1 3>&- &
    first=$!
    slipway hook finish >/dev/null 2>&1 3>&- &
    second=$!
    run slipway wait v1.0.4 --timeout 120s
    [ "$status" -eq 0 ]
    wait "$first" "$second"
    run slipway sync --jobs-only
    [ "$status" -eq 0 ]
    [ "$(slipway jobs list | grep -c ' done ')" -eq 4 ]
    [ "$(layout_names "$top/release/api" | wc -l)" -eq 4 ]
    # Each name was written by one of them: no job found its names there already.
    [ "$(slipway jobs show v1.0.1 | grep -c written)" -eq 2 ]
}

@test "a finisher that is killed while it writes loses nothing" {
    mute_remote
    git tag v1.0.0
    git push origin v1.0.0
    job=$(basename "$(ls .git/slipway/jobs/new/*.json)")
    # As it is left by SIGKILL: claimed by nobody who lives.
    sed 's/"state": "waiting"/"state": "running"/' ".git/slipway/jobs/new/$job" >".git/slipway/jobs/cur/$job"
    rm ".git/slipway/jobs/new/$job"
    touch "$HOME/may-ask"
    run slipway sync --jobs-only
    [ "$status" -eq 0 ]
    [ "$(layout_names "$top/release/api")" = v1.0.0 ]
}
