# labels:
# Where commands are started: no repository, somebody else's, one whose files are not committed yet.

load helper

# each COMMAND: all those that look at the repository, one after the other.
each() {
    local command
    for command in 'run --ref main' tags check 'why api' doctor 'jobs list' 'wait v1' install uninstall trust \
        'export --repo a/b --tag c/d:1' audit sync ci init; do
        # shellcheck disable=SC2086 # words
        run slipway $command
        "$@" "$command"
    done
}

refused() { # TEXT HINT COMMAND
    [ "$status" -eq 12 ] || { echo "$3: exit $status: $output" && return 1; }
    has "error: $1"
    has "hint: $2"
    [ "${#lines[@]}" -eq 2 ] || { echo "$3: $output" && return 1; }
}

@test "no repository: every command says so, and what to do" {
    mkdir "$top/none"
    cd "$top/none"
    export GIT_CEILING_DIRECTORIES=$top
    each refused "no git repository at or above '.'" 'start in a directory of the repository, or name one: -C DIR'
}

@test "somebody else's repository: every command says how to trust it" {
    [ "$(id -u)" = 0 ] || skip "only root gives files away"
    chown -R 65534 "$work" "$remote"
    sed -i '/^\[safe\]/,$d' "$GIT_CONFIG_GLOBAL"
    mkdir below
    cd below
    each refused "the repository at '$work' belongs to another user" \
        "if you trust it: git config --global --add safe.directory '$work'"
    run env GITHUB_ACTIONS=true GITHUB_REF=refs/tags/v1 GITHUB_SHA="$(printf '%040d' 1)" slipway ci
    [ "$status" -eq 12 ]
    has "safe.directory '$work'"
    lacks fetch-depth
    git config --global --add safe.directory "$work"
    run slipway tags
    [ "$status" -eq 0 ]
    for value in "$(dirname "$work")/*" '*'; do
        git config --global --replace-all safe.directory "$value"
        git status >/dev/null || continue # an older git knows no such pattern
        run slipway tags
        [ "$status" -eq 0 ]
    done
    git config --global --replace-all safe.directory "$work"
    # The remote is another one.
    run slipway audit
    [ "$status" -eq 12 ]
    has "safe.directory '$remote'"
    cd "$remote"
    run slipway doctor
    has "safe.directory '$remote'"
    # Another entry does not count for this one.
    git config --global --replace-all safe.directory /elsewhere
    cd "$work"
    run slipway tags
    [ "$status" -eq 12 ]
    has "safe.directory '$work'"
}

@test "a repository without a commit" {
    git init -q "$top/new"
    cd "$top/new"
    for command in check tags trust 'export --repo a/b --tag c/d:1'; do
        # shellcheck disable=SC2086 # words
        run slipway $command
        refused 'there is no commit yet' 'only what is committed counts: git add, then git commit' "$command"
    done
    run slipway check v1
    [ "$status" -eq 12 ]
    has "no commit 'v1' in this repository"
}

@test "no remote of that name" {
    git remote remove origin
    for command in audit sync 'audit --remote origin'; do
        # shellcheck disable=SC2086 # words
        run slipway $command
        refused "there is no remote 'origin'" 'git remote add origin URL; or name another one: --remote NAME' "$command"
    done
    git remote add origin "$top/not-there"
    run slipway audit
    [ "$status" -eq 7 ]
    has "'$top/not-there' does not appear to be a git repository"
}

@test "rules and werf.yaml that are written, but not committed" {
    advice="'.slipway.yaml' is in the work tree, but not in the commit: git add .slipway.yaml && git commit"
    git rm -q --cached .slipway.yaml
    git commit -qm 'no rules'
    run slipway run --ref main
    [ "$status" -eq 3 ]
    has "hint: $advice"
    for command in install trust check doctor; do
        run slipway "$command"
        [ "$status" -eq 0 ]
        has "$advice"
        lacks 'slipway init'
    done
    git rm -q --cached werf.yaml
    git commit -qm 'no images either'
    run slipway check
    [ "$status" -eq 3 ]
    has 'the file "werf.yaml" is not in the commit'
    has "the work tree differs from it: 'werf.yaml'"
    lacks 'slipway init'
    rm werf.yaml .slipway.yaml
    run slipway check
    has "'slipway init' writes one"
    run slipway trust
    [ "$output" = 'no rules in that commit, nothing to allow' ]
}
